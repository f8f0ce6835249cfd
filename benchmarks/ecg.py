"""Matching the beats of 24 hours: ours, with the whole table of classes, beside wfdb-python's comparison of times.

Both are in memory and take turns in one process; each is run once just before it is timed, so that it is warm, and the
median of the turns is printed. Ours is timed in two
parts: symbols of both files to classes, and the match with its table. wfdb-python has no classes: it is given times.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dmn_bench.tasks.beat_labels import BeatLabels, beat_labels
from dmn_bench.tasks.beat_matching import Period, match
from dmn_bench.tasks.beat_record import counts_of
from dmn_bench.vocabulary import Beats

HZ, SEED = 360.0, 20_261_121
WINDOW = 54
MISSED, EXTRA, MISNAMED = 0.01, 0.009, 0.03  # shares of the beats
SYMBOLS, FREQUENCIES = list("NVAFQ"), [0.88, 0.07, 0.03, 0.01, 0.01]
C_PROGRAM_MS = 12.3  # bxb in C, with its start and reading the files: docs/benchmarks.md says where it was measured


@dataclass(frozen=True, kw_only=True)
class Day:
    """Two files of the same recording, and the period that is compared."""

    reference: Beats
    test: Beats
    period: Period


def generated(hours: float) -> Day:
    """Beats with a wandering rate, and a device that misses, adds, misnames and moves some by up to 90 ms."""
    rng = np.random.default_rng(SEED)
    n = round(hours * 3600 / 0.785)
    intervals = np.clip(rng.normal(0.785, 0.08, n) + 0.1 * np.sin(np.arange(n) / 900), 0.3, 2.0)
    times = np.cumsum(np.rint(intervals * HZ)).astype(np.int64)
    symbols = rng.choice(SYMBOLS, size=n, p=FREQUENCIES)
    kept = np.flatnonzero(rng.random(n) >= MISSED)
    moved = times[kept] + np.clip(np.rint(rng.normal(0, 5, kept.size)), -32, 32).astype(np.int64)
    called = np.where(rng.random(kept.size) < MISNAMED, rng.choice(SYMBOLS, size=kept.size), symbols[kept])
    extra = rng.integers(0, times[-1], round(EXTRA * n))
    both = np.concatenate([moved, extra])
    order = np.argsort(both, kind="stable")
    names = np.concatenate([called, np.full(extra.size, "N")])[order]
    return Day(
        reference=Beats(samples=times, symbols=tuple(symbols.tolist())),
        test=Beats(samples=both[order], symbols=tuple(names.tolist())),
        period=Period(0, int(times[-1]) + WINDOW, WINDOW, HZ),
    )


def in_turns(jobs: dict[str, Callable[[], object]], turns: int) -> dict[str, float]:
    """Median milliseconds of each job, warm."""
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(turns):
        for name, job in jobs.items():
            job()
            begun = time.perf_counter()
            job()
            seconds[name].append(time.perf_counter() - begun)
    return {name: 1000 * float(np.median(values)) for name, values in seconds.items()}


def rival(day: Day) -> tuple[str, Callable[[], object]] | None:
    """wfdb-python's comparison of the same times, where it is installed."""
    try:
        import wfdb
        from wfdb.processing import compare_annotations
    except ImportError:
        return None
    times = np.asarray(day.reference.samples), np.asarray(day.test.samples)
    return str(wfdb.__version__), lambda: compare_annotations(*times, day.period.window)


def main() -> None:
    """Print the table in Markdown."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true", help="one hour and three turns, to see that it runs")
    options = asked.parse_args()
    day, turns = (generated(1), 3) if options.quick else (generated(24), 21)

    def labels() -> list[BeatLabels]:
        return [beat_labels(side, day.period.window, "S") for side in (day.reference, day.test)]

    sides = labels()
    matched = match(*sides, day.period)
    table = matched.counts()
    jobs: dict[str, Callable[[], object]] = {
        "labels": labels,
        "match": lambda: match(*sides, day.period).counts(),
        "everything": lambda: counts_of(match(*labels(), day.period), day.period),
    }
    other = rival(day)
    if other is not None:
        jobs["rival"] = other[1]
    medians = in_turns(jobs, turns)
    print(f"{len(day.reference.samples):,} reference beats, {len(day.test.samples):,} of the test; {turns} turns\n")
    print("| job | ms | × match |\n|---|---:|---:|")
    names = {
        "labels": "dmn-bench: symbols of both files to classes",
        "match": "dmn-bench: match, with the table of classes",
        "everything": "dmn-bench: both, with intervals, rates and contexts",
        "rival": f"wfdb-python {other[0] if other else ''}: compare_annotations, times only",
    }
    for name, median in medians.items():
        print(f"| {names[name]} | {median:.1f} | {median / medians['match']:.2f} |")
    if other is None:
        print("| wfdb-python | not installed | |")
    print(f"| bxb in C, with its start and reading the files (quoted) | {C_PROGRAM_MS} | |\n")
    print(f"Ours: {table[:5, :5].sum():,} found, {table[:5, 5:].sum():,} missed, {table[5:, :5].sum():,} extra.")
    if other is not None:
        found = other[1]()
        print(f"wfdb-python: {found.tp:,} found, {found.fn:,} missed, {found.fp:,} extra.")  # type: ignore[attr-defined]
    print(f"\nPython {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()
