"""Where the errors of a recording lie close together: stretches short enough to be drawn, the fullest first."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence

import numpy as np

from ..vocabulary import ErrorPlace

STRIP_SECONDS = 10.0
EDGE_SECONDS = 0.5  # shown before the first and after the last error of a stretch
PLACES_AT_MOST = 200  # of one kind in one case


def stretches(case_id: str, kind: str, moments_s: Sequence[float], *, record_s: float) -> list[ErrorPlace]:
    """Stretches of ten seconds from whole seconds on that hold these errors, without overlap, the fullest first.

    ``moments_s``: seconds from the start of the recording, in any order; ``record_s``: its length. Among stretches
    with equally many errors the earliest comes first.

    >>> [(p.start_s, p.end_s, p.here) for p in stretches("c1", "beats_missed", [31.0, 3.0, 33.5], record_s=60.0)]
    [(27.0, 37.0, 2.0), (0.0, 10.0, 1.0)]
    """
    times = np.sort(np.asarray(moments_s, dtype=np.float64))
    after = np.searchsorted(times, times + (STRIP_SECONDS - 2 * EDGE_SECONDS), side="right")
    here = after - np.arange(len(times))
    taken: list[float] = []  # starts, ascending
    places: list[ErrorPlace] = []
    for at in np.lexsort((times, -here)).tolist():
        inside = times[at : after[at]]
        middle = (inside[0] + inside[-1]) / 2
        # a whole second, which moves the stretch by no more than its edge
        start = float(min(max(round(middle - STRIP_SECONDS / 2), 0.0), max(record_s - STRIP_SECONDS, 0.0)))
        if _is_free(start, taken):
            insort(taken, start)
            end = min(start + STRIP_SECONDS, record_s)
            shown = times[(times >= start) & (times <= end)]
            places.append(
                ErrorPlace(
                    case_id=case_id,
                    kind=kind,
                    in_case=float(len(times)),
                    here=float(len(shown)),
                    start_s=start,
                    end_s=end,
                    moments_s=tuple(shown.tolist()),
                )
            )
        if len(places) == PLACES_AT_MOST:
            break
    return places


def _is_free(start: float, taken: Sequence[float]) -> bool:
    at = bisect_left(taken, start)
    return all(abs(start - other) >= STRIP_SECONDS for other in taken[max(at - 1, 0) : at + 1])
