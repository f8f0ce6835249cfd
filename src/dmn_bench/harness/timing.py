"""What the answers of a device cost in time and memory, from what was kept while it was asked.

Cases are grouped by what a device has to work through, the size of the images and the length of the recording, and not
by the planned strata: sex or age make no request longer, and a table of times by them would only invite reading
meaning into chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..record import Spread, TimingClassRow, TimingRow
from ..statistics.order_statistics import quantile_interval, sample_quantile
from ..vocabulary import NOT_RECORDED, AskedAnswer, Interval

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, FloatArray, IntArray

FEWEST_FOR_P95 = 20  # with fewer the 95th percentile is little else than the maximum
PIXEL_EDGES = (1e6, 4e6, 16e6, 64e6)  # a class holds its lower edge
PIXEL_CLASSES = (
    "below_1_megapixel",
    "1_to_4_megapixels",
    "4_to_16_megapixels",
    "16_to_64_megapixels",
    "64_megapixels_or_more",
)
SECOND_EDGES = (15.0, 60.0, 600.0, 3600.0, 86400.0)  # a class holds its upper edge
SECOND_CLASSES = ("up_to_15_s", "up_to_1_min", "up_to_10_min", "up_to_1_h", "up_to_24_h", "above_24_h")
UNKNOWN = -1  # no class: the size of the case is not known
KINDS = {  # how the reason of a failed attempt begins -> its kind
    "timed out": "timed_out",
    "raised ": "raised",
    "died ": "ended",
    "exited ": "ended",
    "closed its channel": "ended",
    "broke the wire protocol": "broke_protocol",
    "answered with more than": "broke_protocol",
    "the worker was lost": "worker_lost",
    "no heartbeat": "silent",
    "in a batch": "in_batch",
    "sent again": "sent_again",
    "late result unlike the answer": "late_and_unlike",
    "late result": "late_result",
    "result set aside": "set_aside",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """How the asking of one candidate went, beside its answers.

    ``load_seconds``: every load of the model, over all runs that wrote to the ledger. ``failed_attempts``: (case_id,
    attempt from 1, reason, printed) likewise. ``n_asked``: cases taken up in this run, ``n_put`` of them put
    to the candidate: the others were unreadable or not to be had in the form that it declares. ``n_kept``: cases whose
    answers were there already. ``wall_seconds``: from the start of the asking in this run to its last answer, starting,
    loading and reading of files within it. ``workers``: children at work together in this
    run. ``on_cluster``: at work on other machines, of which nothing is recorded.
    ``batch``: cases put together in one message at most.
    """

    load_seconds: Sequence[float] = ()
    failed_attempts: Sequence[tuple[str, int, str, str]] = ()
    n_asked: int = 0
    n_put: int = 0
    n_kept: int = 0
    wall_seconds: float = 0.0
    workers: int = 1
    on_cluster: bool = False
    batch: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class TimingRules:
    """What the protocol says about figures: ``minimum_n`` of a class, ``confidence`` of limits, ``threads`` allowed."""

    minimum_n: int = 10
    confidence: float = 0.95
    threads: int = 1


def timing(candidate: str, asked: Mapping[str, AskedAnswer], asking: Asking, rules: TimingRules) -> TimingRow:
    """Load, warm-up and per-case times and memory of a candidate that was asked.

    The first request of every child after loading is warm-up: it is told apart and is in no other time. What has no
    time (a time-out, a crash, a file that could not be read) is counted by status. A time is that of one request inside
    the candidate's process, without the way there and back and without the reading of files. Memory is the highest that
    the process had held when it answered, since its start: it grows only, and warm-up is not apart. Quantiles are
    straight between ordered values (``sample_quantile``); the 95th percentile needs 20 values; the limits of the median
    are two of the values (``quantile_interval``) and take requests as independent draws.
    """
    columns = _columns(asked)
    steady = columns.is_timed & ~columns.is_warm_up
    statuses = [each.answer.status for each in asked.values()]
    untimed = [status for status, timed in zip(statuses, columns.is_timed, strict=True) if not timed]
    kinds = Counter(kind_of(reason) for case_id, _, reason, _ in asking.failed_attempts if case_id in asked)
    return TimingRow(
        candidate=candidate,
        load_seconds=spread(np.asarray(asking.load_seconds, dtype=np.float64), rules),
        warm_up_seconds=spread(columns.seconds[columns.is_timed & columns.is_warm_up], rules),
        seconds_per_case=spread(columns.seconds[steady], rules),
        cpu_seconds_per_case=spread(columns.cpu_seconds[steady], rules),
        peak_memory_mb=spread(columns.peak_memory_mb, rules, is_level=True),
        not_timed=dict(sorted(Counter(untimed).items())),
        failed_attempts=dict(sorted(kinds.items())),
        by_class=[
            *_by_class("image_size", columns, columns.pixel_class, rules),
            *_by_class("recording_length", columns, columns.length_class, rules),
        ],
        n_asked=asking.n_asked,
        n_kept=asking.n_kept,
        wall_seconds=asking.wall_seconds if asking.n_asked else None,
        cases_per_hour=3600 * asking.n_put / asking.wall_seconds if asking.n_put and asking.wall_seconds else None,
        workers=asking.workers,
        on_cluster=asking.on_cluster,
        batch=asking.batch,
        threads=rules.threads,
        confidence=rules.confidence,
    )


def spread(values: FloatArray, rules: TimingRules, *, is_level: bool = False) -> Spread:
    """How the finite ones of ``values`` spread.

    ``is_level``: they are heights of something that stays, as memory in a process: without a sum, and each depends on
    the one before, so that their median has no limits.

    >>> found = spread(np.array([3.0, 1.0, np.nan, 2.0]), TimingRules())
    >>> found.n, found.total, found.median, found.largest, found.low, found.p95
    (3, 6.0, 2.0, 3.0, None, None)
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return Spread(n=0)
    limits = None if is_level else quantile_interval(known, 0.5, rules.confidence)
    return Spread(
        n=len(known),
        total=None if is_level else float(known.sum()),
        smallest=float(known.min()),
        lower_quartile=sample_quantile(known, 0.25),
        median=sample_quantile(known, 0.5),
        low=limits.low if isinstance(limits, Interval) else None,
        high=limits.high if isinstance(limits, Interval) else None,
        upper_quartile=sample_quantile(known, 0.75),
        p95=sample_quantile(known, 0.95) if len(known) >= FEWEST_FOR_P95 else None,
        largest=float(known.max()),
    )


def kind_of(reason: str) -> str:
    """The kind of a failed attempt: invalid_answer where the reason begins like none of the others (KINDS).

    >>> kind_of("timed out after 60 s"), kind_of("died with signal 11"), kind_of("status: expected a word")
    ('timed_out', 'ended', 'invalid_answer')
    """
    return next((kind for start, kind in KINDS.items() if reason.startswith(start)), "invalid_answer")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Columns:
    """One row for each case asked; NaN where nothing was measured. Classes are places in their names, from 0."""

    seconds: FloatArray
    cpu_seconds: FloatArray
    peak_memory_mb: FloatArray
    is_timed: BoolArray
    is_warm_up: BoolArray
    pixel_class: IntArray  # UNKNOWN where the size is not known
    length_class: IntArray


def _columns(asked: Mapping[str, AskedAnswer]) -> _Columns:
    rows = list(asked.values())
    seconds = _measured([each.seconds for each in rows])
    pixels = _measured([each.n_pixels for each in rows])
    lengths = _measured([each.record_seconds for each in rows])
    return _Columns(
        seconds=seconds,
        cpu_seconds=_measured([each.cpu_seconds for each in rows]),
        peak_memory_mb=_measured([each.peak_memory_mb for each in rows]),
        is_timed=np.isfinite(seconds),
        is_warm_up=np.array([each.is_warm_up for each in rows], dtype=np.bool_),
        pixel_class=np.where(np.isnan(pixels), UNKNOWN, np.searchsorted(PIXEL_EDGES, pixels, side="right")),
        length_class=np.where(np.isnan(lengths), UNKNOWN, np.searchsorted(SECOND_EDGES, lengths, side="left")),
    )


def _measured(values: Sequence[float | None]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _by_class(
    kind: Literal["image_size", "recording_length"], columns: _Columns, codes: IntArray, rules: TimingRules
) -> list[TimingClassRow]:
    """One row for each class that holds a case, in order of size; none where no case has a size of this kind."""
    present = set(codes.tolist())
    if present <= {UNKNOWN}:
        return []
    names = PIXEL_CLASSES if kind == "image_size" else SECOND_CLASSES
    levels = [(code, name) for code, name in (*enumerate(names), (UNKNOWN, NOT_RECORDED)) if code in present]
    return [_class_row(kind, name, codes == code, columns, rules) for code, name in levels]


def _class_row(
    kind: Literal["image_size", "recording_length"],
    level: str,
    inside: BoolArray,
    columns: _Columns,
    rules: TimingRules,
) -> TimingClassRow:
    steady = inside & columns.is_timed & ~columns.is_warm_up
    n = int(steady.sum())
    enough = n >= rules.minimum_n
    return TimingClassRow(
        kind=kind,
        level=level,
        n_warm_up=int((inside & columns.is_timed & columns.is_warm_up).sum()),
        n_not_timed=int((inside & ~columns.is_timed).sum()),
        seconds_per_case=spread(columns.seconds[steady], rules) if enough else Spread(n=n),
        cpu_seconds_per_case=spread(columns.cpu_seconds[steady], rules) if enough else Spread(n=n),
        peak_memory_mb=spread(columns.peak_memory_mb[inside], rules, is_level=True) if enough else Spread(n=n),
    )
