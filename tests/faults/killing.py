"""Faults that end or hold up processes: the harness, a candidate, its warden, a whole group, a Ctrl-C."""

import contextlib
import os
import signal
import time
from collections import Counter

from .processes import Harness, catches, children_of, left_behind, random_moment, wait_until
from .registry import fault, finish


@fault("kill -9 of the harness", seeds=3)
def kill_the_harness(job, rng):
    """At random moments from start-up to the writing of reports, up to four times in a row on the same run."""
    return _killed_in_a_row(job, rng, lambda harness: harness.send(signal.SIGKILL))


@fault("kill -9 of the harness's process group", seeds=0)
def kill_the_group(job, rng):
    """As a terminal or a batch system does."""
    return _killed_in_a_row(job, rng, lambda harness: _kill_group(harness.pid))


def _killed_in_a_row(job, rng, kill):
    injected = 0
    for _ in range(rng.randint(1, 4)):
        with Harness(job) as harness:
            moment = random_moment(harness, rng)
            if harness.is_over():
                harness.must_finish()
                break
            kill(harness)
            harness.ended()
            alive = left_behind(job)
            assert not alive, f"left behind after {moment}: {alive}"
        job.mark()
        injected += 1
        if (job.run_dir / "record.json").exists():
            break
    finish(job)
    return injected


@fault("SIGINT of the harness", seeds=2)
def interrupt(job, rng):
    """Ctrl-C: exit code 4, a message that says how to go on, nothing left running."""
    return _stopped_by(signal.SIGINT, job, rng)


@fault("SIGTERM of the harness")
def terminate(job, rng):
    """As a batch system announces the end: the same as Ctrl-C."""
    return _stopped_by(signal.SIGTERM, job, rng)


def _stopped_by(number, job, rng):
    injected = 0
    for _ in range(rng.randint(1, 3)):
        with Harness(job) as harness:
            wait_until(lambda: catches(harness.pid, signal.SIGTERM), harness)  # before that Python may not have begun
            moment = random_moment(harness, rng)
            was_asking = not (job.run_dir / "answers.live.jsonl").exists()
            harness.send(number)
            code = harness.ended()
            assert code in (0, 4), f"exit code {code} after {moment}: {harness.words()}"
            assert "Traceback" not in harness.words(), harness.words()
            alive = left_behind(job)
            assert not alive, f"left behind after {moment}: {alive}"
        if code == 0:
            break
        if was_asking and moment.startswith("question"):  # earlier the command may still be starting
            assert "--resume" in harness.words(), harness.words()
        left = [each.name for each in job.scratch.iterdir()]
        assert not left, f"left in the temporary folder after {moment}: {left}"
        job.mark()
        injected += 1
    finish(job)
    return injected


@fault("two SIGINT in a row")
def interrupt_twice(job, rng):
    """An impatient user: the second Ctrl-C may not cost an answer or leave a process."""
    with Harness(job) as harness:
        n = rng.randint(1, 110)
        wait_until(lambda: job.n_questions() >= n, harness)
        harness.send(signal.SIGINT)
        time.sleep(rng.uniform(0, 0.1))
        harness.send(signal.SIGINT)
        code = harness.ended()
        assert code in (0, 4, -signal.SIGINT, 130), harness.words()
        alive = left_behind(job)
        assert not alive, f"left behind: {alive}"
    job.mark()
    finish(job)
    return 1


@fault("kill -9 of a candidate")
def kill_a_candidate(job, rng):
    """The case it was asked goes to a fresh child as a second attempt."""
    return _to_candidates(job, rng, lambda warden, vendor: os.kill(vendor, signal.SIGKILL))


@fault("kill -9 of a warden")
def kill_a_warden(job, rng):
    """The process that guards a candidate, and takes it along."""
    return _to_candidates(job, rng, lambda warden, vendor: os.kill(warden, signal.SIGKILL))


@fault("kill -9 of a candidate's process group", seeds=0)
def kill_the_group_of_a_candidate(job, rng):
    """All that the candidate started in its session."""
    return _to_candidates(job, rng, lambda warden, vendor: _kill_group(vendor))


@fault("SIGTERM of a warden", seeds=0)
def terminate_a_warden(job, rng):
    """As a careful administrator ends a process."""
    return _to_candidates(job, rng, lambda warden, vendor: os.kill(warden, signal.SIGTERM))


@fault("SIGSTOP of a candidate", hangs=True)
def stop_a_candidate(job, rng):
    """It runs into its time limit and is replaced."""
    return _to_candidates(job, rng, lambda warden, vendor: os.kill(vendor, signal.SIGSTOP), at_most=1)


@fault("SIGSTOP of a warden", seeds=0, hangs=True)
def stop_a_warden(job, rng):
    """It guards nothing until it is told to end; then it must still end its candidate."""
    return _to_candidates(job, rng, lambda warden, vendor: os.kill(warden, signal.SIGSTOP), at_most=1)


@fault("SIGSTOP and SIGCONT of the harness", seeds=0)
def suspend_the_harness(job, rng):
    """Ctrl-Z and back: nobody is blamed for the pause."""
    with Harness(job) as harness:
        n = rng.randint(1, 100)
        wait_until(lambda: job.n_questions() >= n, harness)
        harness.send(signal.SIGSTOP)
        time.sleep(rng.uniform(0.5, 2))
        harness.send(signal.SIGCONT)
        harness.must_finish()
    return 1


def _to_candidates(job, rng, do, *, at_most=5):
    """Run to the end while something is done to children at work, each time in the first attempt at a case."""
    injected = 0
    n_times = rng.randint(1, at_most)
    with Harness(job) as harness:
        while injected < n_times and not harness.is_over():
            n = job.n_questions() + rng.randint(1, 25)
            wait_until(lambda n=n: job.n_questions() >= n, harness)
            time.sleep(rng.uniform(0, 0.008))
            injected += _to_one(job, harness, rng, do)
        harness.must_finish()
    return injected


def _to_one(job, harness, rng, do):
    """Do it to a child that has begun at least two cases: the one in hand is then not the last attempt at it.

    The child is held still while that is looked up, so that nothing changes before it is done.
    """
    children = list(children_of(harness).items())
    rng.shuffle(children)
    for warden, vendor in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(vendor, signal.SIGSTOP)
            began = Counter(process for _, process in job.questions())
            if began[vendor] >= 2:
                do(warden, vendor)
                return True
            os.kill(vendor, signal.SIGCONT)
    return False


def _kill_group(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(os.getpgid(process), signal.SIGKILL)
