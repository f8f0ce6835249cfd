"""Faults of a Dask cluster, of separate processes on this machine: worker, nanny, scheduler or driver killed."""

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time

from .processes import SECONDS_TO_FINISH, Harness, children, environment, left_behind, read, wait_until
from .registry import fault, finish


def no_dask():
    """Why there can be no cluster here, "" where there can."""
    return (
        "" if importlib.util.find_spec("distributed") else "distributed is not installed (pip install dmn-bench[dask])"
    )


class Cluster:
    """A scheduler and two workers with their nannies, each in its own session; all killed when the block ends."""

    def __init__(self, job):
        self.job = job
        self.folder = job.folder / f"cluster.{len(list(job.folder.glob('cluster.*')))}"
        self.folder.mkdir()
        self.processes = []

    def __enter__(self):
        described = self.folder / "scheduler.json"
        words = ("scheduler", "--host", "tcp://127.0.0.1", "--port", "0", "--scheduler-file", described)
        self.scheduler = self._start(*words)
        deadline = time.monotonic() + 60
        while not (described.exists() and described.read_text()):
            assert time.monotonic() < deadline, "the scheduler does not begin"
            time.sleep(0.05)
        self.address = json.loads(described.read_text())["address"]
        self.nannies = [self.add_nanny() for _ in range(2)]
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def add_nanny(self):
        scratch = self.folder / f"w{len(self.processes)}"
        return self._start("worker", self.address, "--nthreads", "1", "--local-directory", scratch)

    def workers(self):
        """The processes that run tasks: started by the nannies."""
        found = []
        for nanny in self.nannies:
            for process in children(nanny.pid):
                if b"spawn_main" in read(process, "cmdline"):
                    found.append(process)
        return found

    def _start(self, name, *words):
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", name, "--no-dashboard", *map(str, words)],
                env=environment(self.job),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=self.folder,
            )
        self.processes.append(process)
        return process


@fault("kill -9 of a Dask worker", slow=True, needs=no_dask)
def kill_a_worker(job, rng):
    """Its nanny starts another; its cases are asked once more."""
    return _with_a_loss(job, rng, lambda cluster: _kill(rng.choice(cluster.workers())))


@fault("kill -9 of a Dask nanny", seeds=0, needs=no_dask)
def kill_a_nanny(job, rng):
    """Its worker goes with it, and nobody starts another."""
    return _with_a_loss(job, rng, lambda cluster: _kill(rng.choice(cluster.nannies).pid))


@fault("kill -9 of a nanny with its worker", seeds=0, needs=no_dask)
def kill_a_node(job, rng):
    """As a machine is lost; another joins."""

    def lose(cluster):
        lost = rng.choice(cluster.nannies)
        for process in (*cluster.workers(), lost.pid):
            if process == lost.pid or process in children(lost.pid):
                _kill(process)
        cluster.add_nanny()

    return _with_a_loss(job, rng, lose)


@fault("kill -9 of the driver of a cluster, resumed on it", slow=True, needs=no_dask)
def kill_the_driver(job, rng):
    """The workers end what was asked for nobody; the same cluster serves the resumed run."""
    with Cluster(job) as cluster:
        with Harness(job, "--scheduler", cluster.address) as harness:
            _wait_for_questions(job, rng, harness)
            harness.send(signal.SIGKILL)
            harness.ended()
        job.mark()
        with Harness(job, "--scheduler", cluster.address) as harness:
            harness.must_finish()
    _nothing_left(job)
    return 1


@fault("kill -9 of the driver of a cluster, resumed locally", seeds=0, needs=no_dask)
def kill_the_driver_and_leave(job, rng):
    """The cluster goes, its answers stay."""
    with Cluster(job) as cluster, Harness(job, "--scheduler", cluster.address) as harness:
        _wait_for_questions(job, rng, harness)
        harness.send(rng.choice([signal.SIGKILL, signal.SIGINT, signal.SIGTERM]))
        harness.ended()
    _nothing_left(job)
    job.mark()
    finish(job)
    return 1


@fault("kill -9 of the scheduler", slow=True, needs=no_dask)
def kill_the_scheduler(job, rng):
    """Exit code 5 and a way to go on; then on a new cluster or locally."""
    with Cluster(job) as cluster, Harness(job, "--scheduler", cluster.address) as harness:
        _wait_for_questions(job, rng, harness)
        _kill(cluster.scheduler.pid)
        code = harness.ended()
        assert code in (0, 5), f"exit code {code}: {harness.words()}"
        assert "Traceback" not in harness.words(), harness.words()
        if code:
            assert "--resume" in harness.words(), harness.words()
    _nothing_left(job)
    job.mark()
    if code and rng.random() < 0.5:
        with Cluster(job) as cluster, Harness(job, "--scheduler", cluster.address) as harness:
            harness.must_finish()
    elif code:
        finish(job)
    return int(code != 0)


@fault("SIGINT of the driver of a cluster", seeds=0, needs=no_dask)
def interrupt_the_driver(job, rng):
    """Exit code 4; nothing goes on on the workers."""
    with Cluster(job) as cluster:
        with Harness(job, "--scheduler", cluster.address) as harness:
            _wait_for_questions(job, rng, harness)
            harness.send(signal.SIGINT)
            code = harness.ended()
            assert code in (0, 4), f"exit code {code}: {harness.words()}"
            assert code == 0 or "--resume" in harness.words(), harness.words()
        job.mark()
        time.sleep(1.0)
        n = job.n_questions()
        time.sleep(1.0)
        assert job.n_questions() == n, "the workers go on asking for nobody"
    if code:
        finish(job)
    return 1


def _with_a_loss(job, rng, lose):
    """Run to the end on a cluster that loses a part of itself once: no case is then lost with two workers."""
    with Cluster(job) as cluster, Harness(job, "--scheduler", cluster.address) as harness:
        asking = _wait_for_questions(job, rng, harness)
        if asking and cluster.workers():
            lose(cluster)
        harness.must_finish()
    _nothing_left(job)
    return int(asking)


def _wait_for_questions(job, rng, harness):
    n = rng.randint(1, 90)
    asking = wait_until(lambda: job.n_questions() >= n, harness, SECONDS_TO_FINISH)
    time.sleep(rng.uniform(0, 0.02))
    return asking and not harness.is_over()


def _nothing_left(job):
    alive = left_behind(job)
    assert not alive, f"left behind: {alive}"


def _kill(process):
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
