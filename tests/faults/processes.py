"""The harness as a real process, everything it started, and the moment at which something is done to it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from dmn_bench.execution.sealed_start import descendants, processes

ROOT = Path(__file__).parents[2]
SECONDS_TO_FINISH = 240  # of a whole run, on a machine that is busy with other things
SECONDS_TO_VANISH = 20


class Harness:
    """``dmn-bench run`` of a job in its own session; killed with everything it started when the block ends."""

    def __init__(self, job, *options, resume=None, language="en", module="dmn_bench", command=None, tmpdir=None):
        """``resume`` None: where there is something to resume. ``command`` replaces ``run PROTOCOL --out …``."""
        words = command or self.run_words(job, job.run_dir.exists() if resume is None else resume)
        self.job = job
        self._n = len(list(job.folder.glob("out.*")))
        self._out = job.folder / f"out.{self._n}"
        with self._out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, *words, *options],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=environment(job, language, tmpdir),
                cwd=ROOT,
                start_new_session=True,
            )

    @staticmethod
    def run_words(job, resume):
        words = ["run", str(job.protocol), "--out", str(job.run_dir), "--workers", str(job.workers)]
        if job.answers_dir:
            words += ["--answers", str(job.answers_dir)]
        return [*words, *(["--resume"] if resume else [])]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in {self.process.pid} | descendants({self.process.pid}):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.process.wait()

    @property
    def pid(self):
        return self.process.pid

    def is_over(self):
        return self.process.poll() is not None

    def send(self, number):
        """A signal to the harness alone."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    def ended(self, seconds=SECONDS_TO_FINISH):
        """The exit code, or the negative signal, once it has ended."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still at work after {seconds} s: {self.words()}") from None

    def must_finish(self):
        """Raises AssertionError unless it ends with exit code 0."""
        code = self.ended()
        assert code == 0, f"exit code {code}: {self.words()}"

    def words(self):
        """What it wrote on the terminal, the last of it."""
        return self._out.read_text(encoding="utf-8", errors="replace")[-2500:]


class TooLate(Exception):
    """The run was over, or nearly so, before the damage could be done: nothing was done to it."""


@contextlib.contextmanager
def held_still(harness, *, before=110):
    """The harness stopped while the block lasts. Raises TooLate when ``before`` questions have been asked by then."""
    harness.send(signal.SIGSTOP)
    try:
        if harness.is_over() or harness.job.n_questions() >= before:
            raise TooLate
        yield
    finally:
        harness.send(signal.SIGCONT)


def environment(job, language="en", tmpdir=None):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DMN_BENCH_", "LC_"))}
    lang = {"en": "C.UTF-8", "fr": "fr_FR.UTF-8"}[language]
    # the candidate notes what it was asked beside its package, which a sealed one could not
    seals = {"DMN_BENCH_MOST_TIER": "0"}
    return kept | seals | {"TMPDIR": str(tmpdir or job.scratch), "LANG": lang, "OMP_NUM_THREADS": "1"}


def children_of(harness):
    """{warden: vendor's process} of every candidate at work."""
    found = {}
    for warden in children(harness.pid):
        if b"sealed_start" in read(warden, "cmdline"):
            for vendor in children(warden):
                if b"candidate_shim" in read(vendor, "cmdline"):
                    found[warden] = vendor
    return found


def catches(process, number):
    """Whether a process has a handler for a signal."""
    for line in read(process, "status").splitlines():
        if line.startswith(b"SigCgt:"):
            return bool(int(line.split()[1], 16) >> (number - 1) & 1)
    return False


def left_behind(job):
    """Processes that still know the folder of the job, once they have had the time to end."""
    deadline = time.monotonic() + SECONDS_TO_VANISH
    while (found := _of_job(job)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def _of_job(job):
    mine = os.fsencode(str(job.folder)) + b"/"
    found = {}
    for process in processes():
        if process != os.getpid() and (mine in read(process, "environ") or mine in read(process, "cmdline")):
            found[process] = read(process, "cmdline").replace(b"\0", b" ").decode(errors="replace")[:200]
    return found


def children(parent):
    found = []
    for process in processes():
        stat = read(process, "stat")
        if stat and int(stat.rpartition(b")")[2].split()[1]) == parent:
            found.append(process)
    return found


def read(process, what):
    try:
        return Path(f"/proc/{process}/{what}").read_bytes()
    except OSError:
        return b""


def wait_until(true, harness, seconds=SECONDS_TO_FINISH):
    """Wait for ``true()``; False if the harness ended before, or the time is over."""
    deadline = time.monotonic() + seconds
    while not true():
        if harness.is_over() or time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True


def random_moment(harness, rng, *, last=115):
    """Wait for a moment drawn by ``rng``; what it was, "" if the run was over before.

    After a time since the start, after a number of questions, or when the files of the end appear.
    """
    job = harness.job
    kind = rng.choice(["time", "question", "question", "file"])
    if kind == "time":
        seconds = rng.uniform(0, 4)
        deadline = time.monotonic() + seconds
        wait_until(lambda: time.monotonic() > deadline, harness)
        return f"{seconds:.3f} s"
    if kind == "question":
        n = job.n_questions() + rng.randint(1, last)
        delay = rng.uniform(0, 0.01)
        wait_until(lambda: job.n_questions() >= n, harness)
        time.sleep(delay)
        return f"question {n}"
    name = rng.choice([".lock", "answers.live.jsonl", "record.json"])
    delay = rng.uniform(0, 0.3)
    wait_until((job.run_dir / name).exists, harness)
    time.sleep(delay)
    return f"{delay:.3f} s after {name}"
