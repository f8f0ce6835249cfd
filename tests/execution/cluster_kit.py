"""A real Dask cluster of separate processes on this machine, and a small set with a candidate to ask."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from unittest import mock

from dmn_bench.catalogue import build_catalogue
from dmn_bench.execution import cluster as engine
from dmn_bench.execution import cluster_address
from dmn_bench.execution.asking import ask
from dmn_bench.execution.cluster import Assignment, DaskCluster
from dmn_bench.execution.crew import LocalCrew
from dmn_bench.execution.launcher import ExecutionSettings
from dmn_bench.execution.ledger import Ledger
from dmn_bench.execution.loading import loader
from dmn_bench.execution.questions import Questions
from dmn_bench.harness.planning import prepare
from dmn_bench.reference_set import lock

from ..harness import small_run
from .kit import PATIENT_SECONDS, until

ROOT = Path(__file__).parents[2]
CONNECT_SECONDS = cluster_address.CONNECT_SECONDS
CANDIDATE = """\
import os
import signal
import time


class Candidate:
    def __init__(self, options):
        self.options = options
        if options.get("does_not_load"):
            raise RuntimeError("no weights")

    def answer(self, request):
        pixels = request["images"][0]["pixels"]
        time.sleep(self.options.get("seconds", 0))
        while os.path.exists(self.options.get("hold", "")):
            time.sleep(0.05)
        if pixels[15, 0] in self.options.get("crashes_at", []):
            os._exit(3)
        marker = self.options.get("once")
        spent = marker is not None and os.path.exists(marker)
        if pixels[15, 0] in self.options.get("poison", []) and not spent:
            if marker is not None:
                open(marker, "w").close()
            warden = os.getppid()
            with open(f"/proc/{warden}/stat") as stream:
                worker = int(stream.read().rpartition(")")[2].split()[1])
            os.kill(worker, signal.SIGKILL)
            time.sleep(600)
        return {"status": "answered", "findings": {"square": {"score": float(pixels.max()) / 255}}}
"""


class Cluster:
    """A scheduler and workers, every one a process with its nanny."""

    def __init__(self, folder, *, workers=2, threads=1, tls=None):
        self.folder, self.n_workers, self.threads, self.tls = folder, workers, threads, tls
        self.processes = []

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        described = self.folder / "scheduler.json"
        protocol = "tls" if self.tls else "tcp"
        self.scheduler = self.start(
            "scheduler", "--host", f"{protocol}://127.0.0.1", "--port", "0", "--scheduler-file", described
        )
        try:
            until(lambda: self.scheduler.poll() is not None or (described.exists() and described.read_text()))
            assert self.scheduler.poll() is None, self.log("scheduler")
            self.address = json.loads(described.read_text())["address"]
            self.workers = [self.add_worker() for _ in range(self.n_workers)]
            if self.workers and not self.tls:
                self.wait_for_workers(self.n_workers)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def add_worker(self):
        name = f"w{len(self.processes)}"
        scratch = self.folder / name
        words = ("--nthreads", self.threads, "--name", name, "--local-directory", scratch)
        return self.start("worker", self.address, *words, log=name)

    def start(self, *words, log=None):
        command = [sys.executable, "-m", "dask", words[0], "--no-dashboard", *map(str, words[1:])]
        environment = {
            **os.environ,
            **(self.tls or {}),
            "OMP_NUM_THREADS": "1",
            "DMN_BENCH_MOST_TIER": "0",  # candidates of these tests note what they did, and kill their worker
            "DASK_DISTRIBUTED__COMM__RETRY__COUNT": "0",
        }
        with (self.folder / f"{log or words[0]}.log").open("wb") as stream:
            process = subprocess.Popen(
                command,
                env=environment,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
                cwd=self.folder,
            )
        self.processes.append(process)
        return process

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")[-3000:]

    def wait_for_workers(self, n):
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(n, timeout=120)

    def worker_pids(self):
        """The processes that run tasks: the children of the nannies."""
        return [pid for nanny in self.workers for pid in children(nanny.pid) if is_worker(pid)]


def in_workers(cluster, do):
    """Have every worker do something."""
    from distributed import Client

    with Client(cluster.address, set_as_default=False) as client:
        client.run(do)


def children(pid):
    with contextlib.suppress(OSError):
        return [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    return []


def is_worker(pid):
    with contextlib.suppress(OSError):
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def is_running(pid):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


class Asked:
    """A small set and a candidate of the kit, to be asked by any engine."""

    def __init__(self, folder, *, n=None, options=None, settings=None, damaged=(), batch=1):
        folder.mkdir(exist_ok=True)
        self.folder = folder
        path = small_run.write(folder)
        for name in damaged:
            file = folder / "set" / "files" / f"{name}.png"
            file.write_bytes(file.read_bytes()[:60])
        if damaged:
            (folder / "set" / "LOCK.json").unlink()
            lock(folder / "set")
        (folder / "candidate" / "squares_live.py").write_text(CANDIDATE)
        manifest = folder / "candidate" / "candidate.yaml"
        text = manifest.read_text()
        manifest.write_text(text.replace("options: {}", f"options: {json.dumps(options or {})}\nbatch: {batch}"))
        self.prepared = prepare(path, catalogue=build_catalogue())
        self.candidate = self.prepared.candidates[0]
        self.cases = self.prepared.reference_set.cases[:n]
        self.settings = ExecutionSettings(**{"seconds_per_case": 600, **(settings or {})})

    def assignment(self):
        root = self.prepared.reference_set.root
        return Assignment(
            adapter=self.candidate.adapter_name,
            options=self.candidate.options,
            candidate_folder=self.candidate.base,
            candidate_files=self.candidate.files,
            set_folder=root,
            set_files=json.loads((root / "LOCK.json").read_text())["files"],
            readers=self.prepared.readers,
            settings=self.settings,
        )

    def locally(self):
        adapter = self.candidate.adapter
        load = loader(self.prepared.reference_set.root, receives=adapter.receives, readers=self.prepared.readers)
        program = adapter.program(self.candidate.base, {})
        return self.by(LocalCrew(Questions(program=program, load=load, settings=self.settings), 2), "local")

    def on(self, cluster, *, name="cluster", on_answer=lambda asked: None, **options):
        """Patient with a scheduler that has other things to do, but where a test has said how long it is waited for."""
        self.engine = DaskCluster(cluster.address, self.assignment(), **options)
        with contextlib.ExitStack() as patience:
            if cluster_address.CONNECT_SECONDS == CONNECT_SECONDS:
                patience.enter_context(mock.patch.object(cluster_address, "CONNECT_SECONDS", PATIENT_SECONDS))
            patience.enter_context(mock.patch.object(engine, "CALL_OFF_SECONDS", PATIENT_SECONDS))
            return self.by(self.engine, name, on_answer)

    def by(self, engine, name, on_answer=lambda asked: None):
        with Ledger(self.folder / f"{name}.sqlite", "asked") as ledger:
            self.summary = ask(self.cases, engine=engine, ledger=ledger, on_answer=on_answer)
            self.answers = ledger.answers()
            self.failed_attempts = ledger.failed_attempts()
        return {case_id: asked.answer for case_id, asked in self.answers.items()}
