"""The faults by name, and what is proved after each of them."""

import random
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .kit import Job, undisturbed
from .processes import Harness, TooLate, left_behind

FAULTS = {}


@dataclass(frozen=True)
class Fault:
    """``inflict(job, rng)`` damages a run, brings it to its end and returns how often the damage was done.

    ``seeds``: how many are tried in the normal suite; 0: only when more are asked for. ``needs``: why it cannot be
    inflicted here, "" where it can. ``may_lose``: the damage itself takes answers from the disk, which may then be
    asked again.
    """

    name: str
    inflict: Callable
    seeds: int = 1
    slow: bool = False
    hangs: bool = False
    copies: bool = False
    may_lose: bool = False
    needs: Callable[[], str] = lambda: ""


@dataclass
class Tally:
    """One line of the fault table."""

    runs: int = 0
    injected: int = 0
    lost: int = 0
    asked_twice: int = 0
    counted_twice: int = 0
    equal: int = 0

    def __add__(self, other):
        return Tally(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


class FaultFound(AssertionError):
    """A damaged run that did not come out as it should; ``tally``: what was counted, nothing if it never ended."""

    def __init__(self, message, tally):
        super().__init__(message)
        self.tally = tally


def fault(name, **options):
    """Register a function ``(job, rng) -> times injected`` under the name that the table shows."""

    def register(inflict):
        FAULTS[name] = Fault(name=name, inflict=inflict, **options)
        return inflict

    return register


def inflict(fault, seed, folder=None):
    """One damaged run, brought to its end and compared with the undisturbed one.

    Raises FaultFound, with the name and the seed that repeat it and what was counted until then.
    """
    tally = Tally(runs=1)
    expected = undisturbed(hangs=fault.hangs, copies=fault.copies)
    with tempfile.TemporaryDirectory(prefix="dmn-bench-faults-", ignore_cleanup_errors=True) as made:
        job = Job(Path(folder or made) / "job", hangs=fault.hangs, copies=fault.copies)
        try:
            tally.injected = _inflicted(fault, job, seed)
            lost, twice = job.lost(), job.counted_twice()
            again = set() if fault.may_lose else job.asked_though_kept()
            different, alive = expected.differs_from(job), left_behind(job)
            tally.lost, tally.counted_twice, tally.equal = len(lost | again), len(twice), int(not different)
            tally.asked_twice = len(job.asked_again())
            assert not lost, f"lost or changed: {sorted(lost)}"
            assert not again, f"asked again though kept: {sorted(again)}"
            assert not twice, f"counted twice: {sorted(twice)}"
            assert not different, different
            assert not alive, f"left behind: {alive}"
            assert len(list(job.run_dir.glob("*.html"))) >= 2, "reports are missing"
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            message = f"fault {fault.name!r}, seed {seed}, {Path(where.filename).name}:{where.lineno}: {error!r}"
            raise FaultFound(message, tally) from error
        return tally


def _inflicted(fault, job, seed):
    """How often the damage was done; 0 where the machine was so busy that the run was over before."""
    try:
        return fault.inflict(job, random.Random(f"{fault.name}/{seed}"))
    except TooLate:
        finish(job)
        return 0


def finish(job):
    """Bring an interrupted run to its end, as its user would."""
    with Harness(job) as harness:
        harness.must_finish()
