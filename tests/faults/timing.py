"""Faults of the clock: set back by a day or ten years, between interruption and resume or while the run is at work."""

import json
import signal

from .processes import Harness, wait_until
from .registry import fault, finish

DAY = 24 * 3600
AMOUNTS = (3600, DAY, 10 * 365 * DAY)


@fault("clock set back between interruption and resume")
def back_between(job, rng):
    """Answers are older than they say: it changes nothing but what is observed."""
    with Harness(job) as harness:
        n = rng.randint(1, 110)
        wait_until(lambda: job.n_questions() >= n, harness)
        harness.send(rng.choice([signal.SIGKILL, signal.SIGINT]))
        harness.ended()
    job.mark()
    _run_late(job, rng.choice(AMOUNTS))
    return 1


@fault("clock set back while running")
def back_while_running(job, rng):
    """In the midst of the questions, or when their files appear; forward again when it is resumed."""
    when = job.folder / rng.choice(["asked.log", "run/.lock", "run/answers.live.jsonl", "now"])
    with _late(job, rng.choice(AMOUNTS), when) as harness:
        n = rng.randint(10, 110)
        wait_until(lambda: job.n_questions() >= n, harness)
        (job.folder / "now").touch()
        if rng.random() < 0.5:
            wait_until(lambda: job.n_questions() >= n + 5, harness)
            harness.send(signal.SIGKILL)
            harness.ended()
        else:
            harness.must_finish()
    job.mark()
    if not (job.run_dir / "record.json").exists():
        finish(job)
    return 1


@fault("clock set forward, then back", seeds=0)
def forward_and_back(job, rng):
    """A run that began in the future."""
    amount = rng.choice(AMOUNTS)
    with _late(job, -amount) as harness:
        n = rng.randint(1, 110)
        wait_until(lambda: job.n_questions() >= n, harness)
        harness.send(signal.SIGKILL)
        harness.ended()
    job.mark()
    finish(job)
    observed = job.results()["observed"]
    assert observed["started"] <= observed["finished"]
    return 1


def _run_late(job, seconds):
    with _late(job, seconds) as harness:
        harness.must_finish()
    observed = json.loads((job.run_dir / "record.json").read_text())["observed"]
    assert observed["started"] <= observed["finished"]


def _late(job, seconds, when=None):
    words = Harness.run_words(job, job.run_dir.exists())
    return Harness(
        job, module="tests.faults.clock", command=[str(seconds), *([str(when)] if when else []), "--", *words]
    )
