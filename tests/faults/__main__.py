"""``python -m tests.faults [--seeds N] [NAME …]``: inflict every fault, print the table of what came of it.

NAME: part of the name of a fault. Exit code 1 if any answer was lost, any case counted twice or any result differs.
"""

import argparse
import sys
import time

from . import changing, clustering, damaging, disk, killing, sharding, timing  # noqa: F401 - they register their faults
from .registry import FAULTS, FaultFound, Tally, inflict

HEADER = ("fault", "runs", "injected", "answers lost", "asked twice", "counted twice", "results equal")


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="part of the name of a fault; default: all")
    parser.add_argument(
        "--seeds", type=int, help="seeds of each fault; default: as many as in the test-suite, at least one"
    )
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    said = parser.parse_args()
    begun, n_failed, everything = time.monotonic(), 0, Tally()
    _say(f"| {' | '.join(HEADER)} |")
    _say(f"|{'---|' * len(HEADER)}")
    for fault in FAULTS.values():
        if said.names and not any(name in fault.name for name in said.names):
            continue
        if fault.needs():
            _say(f"| {fault.name} | not done: {fault.needs()} |")
            continue
        tally = Tally()
        for seed in range(said.first, said.first + (said.seeds or max(fault.seeds, 1))):
            try:
                tally += inflict(fault, seed)
            except FaultFound as error:
                tally += error.tally
                n_failed += 1
                sys.stderr.write(f"{error}\n")
        _print(fault.name, tally)
        everything += tally
    _print("all", everything)
    _say(f"\n{time.monotonic() - begun:.0f} s")
    return 1 if n_failed else 0


def _say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _print(name, tally):
    cells = (name, tally.runs, tally.injected, tally.lost, tally.asked_twice, tally.counted_twice)
    _say(f"| {' | '.join(map(str, cells))} | {tally.equal} of {tally.runs} |")


if __name__ == "__main__":
    sys.exit(main())
