"""``python -m tests.faults.clock SECONDS [FILE] -- WORDS``: dmn-bench with its clock set back, now or once FILE exists.

Only what tells dmn-bench the time of day is moved; a monotonic clock does not go back on any system, and compiled
libraries that build on ``datetime`` do not bear another class in its place.
"""

import datetime
import importlib
import pkgutil
import sys
import time
import types
from pathlib import Path

import dmn_bench

_time, _time_ns, _datetime = time.time, time.time_ns, datetime.datetime


class _Back:
    """How far back the clock stands at this moment."""

    def __init__(self, seconds, file):
        self.seconds = seconds
        self.file = None if file is None else Path(file)

    def __call__(self):
        if self.file is not None:
            if not self.file.exists():
                return 0
            self.file = None
        return self.seconds


def set_back(seconds, file=None):
    """Replace the clocks of this process."""
    back = _Back(seconds, file)

    class Late(_datetime):
        @classmethod
        def now(cls, tz=None):
            return _datetime.now(tz) - datetime.timedelta(seconds=back())

        @classmethod
        def utcnow(cls):
            return _datetime.now(datetime.UTC).replace(tzinfo=None) - datetime.timedelta(seconds=back())

        @classmethod
        def today(cls):
            return cls.now()

    time.time = lambda: _time() - back()
    time.time_ns = lambda: _time_ns() - back() * 10**9
    late = types.ModuleType("datetime")
    vars(late).update(vars(datetime), datetime=Late)
    if not sum(_replaced(module, {id(datetime): late, id(_datetime): Late}) for module in _modules()):
        raise RuntimeError("nothing of dmn-bench asks for the time: this replaces nothing")


def _modules():
    for found in pkgutil.walk_packages(dmn_bench.__path__, "dmn_bench."):
        if not found.name.endswith(("__main__", "candidate_shim")):
            yield importlib.import_module(found.name)


def _replaced(module, others):
    names = [name for name, value in vars(module).items() if id(value) in others]
    for name in names:
        setattr(module, name, others[id(vars(module)[name])])
    return len(names)


def main():
    """Set the clock back, then do what ``dmn-bench`` does."""
    split = sys.argv.index("--")
    seconds, *file = sys.argv[1:split]
    set_back(int(seconds), *file)
    from dmn_bench.cli import main as run

    run(sys.argv[split + 1 :])


if __name__ == "__main__":
    main()
