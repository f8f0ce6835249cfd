"""What the answers of a device cost in time and memory, from what was kept while it was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..record import TimingRow
from ..vocabulary import AskedAnswer


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """How the asking of one candidate went, beside its answers.

    ``load_seconds``: every load of the model, over all runs that wrote to the ledger. ``failed_attempts``: (case_id,
    attempt from 1, reason, printed) likewise. ``n_asked``: cases put to the candidate in this run; ``n_kept``: cases
    whose answers were there already. ``wall_seconds``: from the first request of this run to its last answer, loading
    and reading of files within it. ``workers``: children at work together in this run.
    """

    load_seconds: Sequence[float] = ()
    failed_attempts: Sequence[tuple[str, int, str, str]] = ()
    n_asked: int = 0
    n_kept: int = 0
    wall_seconds: float = 0.0
    workers: int = 1


def timing(candidate: str, asked: Mapping[str, AskedAnswer], asking: Asking | None) -> TimingRow:
    """Wall and processor time per request, over the requests that were timed; ``asking`` None: read from files."""
    seconds = np.array([a.seconds for a in asked.values() if a.seconds is not None], dtype=np.float64)
    cpu = [a.cpu_seconds for a in asked.values() if a.cpu_seconds is not None]
    memory = [a.peak_memory_mb for a in asked.values() if a.peak_memory_mb is not None]
    return TimingRow(
        candidate=candidate,
        n=len(seconds),
        load_seconds=None if asking is None else min(asking.load_seconds, default=None),
        seconds_median=float(np.median(seconds)) if len(seconds) else None,
        seconds_p95=float(np.quantile(seconds, 0.95)) if len(seconds) else None,
        seconds_max=float(seconds.max()) if len(seconds) else None,
        cpu_seconds_median=float(np.median(cpu)) if cpu else None,
        peak_memory_mb=max(memory, default=None),
    )
