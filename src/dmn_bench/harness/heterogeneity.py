"""Whether the primary estimates differ over the levels of a field: Q on effective counts, Holm in a family."""

from __future__ import annotations

from collections.abc import Sequence

from ..protocol import Protocol
from ..record import EstimateRow, HeterogeneityRow
from ..statistics import comparison
from ..vocabulary import NotEstimable
from .estimating import Judged

SMALLEST_EXPECTED = 5.0  # below, the χ² distribution of Q is not trusted and no p-value is given


def heterogeneity_rows(judged: Judged, estimates: Sequence[EstimateRow], protocol: Protocol) -> list[HeterogeneityRow]:
    """One row for each field and each metric that is a proportion; levels without an estimate are left out by name.

    A family of tests is one candidate at one endpoint. Counts are effective: k/d of n/d, with the design effect d of
    the level's interval, so that several units of one patient do not count as several patients.
    """
    fields = [planned for planned in protocol.strata if isinstance(planned, str)]
    metrics = dict.fromkeys(row.metric for row in estimates if _is_proportion(row))
    found = [
        _row(judged, metric, field, [r for r in estimates if r.metric == metric and _is_level(r, field)])
        for metric in metrics
        for field in fields
    ]
    kept = [row for row in found if row is not None]
    return _adjusted(kept) if protocol.statistics.multiplicity == "holm" else kept


def _is_proportion(row: EstimateRow) -> bool:
    return row.numerator is not None and row.scale == "share" and not row.parameters


def _is_level(row: EstimateRow, field: str) -> bool:
    return row.stratum is not None and set(row.stratum) == {field} and row.value is not None


def _row(judged: Judged, metric: str, field: str, levels: Sequence[EstimateRow]) -> HeterogeneityRow | None:
    row = HeterogeneityRow(
        candidate=judged.candidate,
        endpoint=judged.endpoint,
        metric=metric,
        analysis=judged.analysis.name,
        field=field,
        levels=[next(iter((level.stratum or {}).values())) for level in levels],
    )
    if len(levels) < 2:
        return row.model_copy(update={"not_estimable": "fewer_than_two_strata"})
    effective = [level.effective_n or level.denominator or 0.0 for level in levels]
    hits = [(level.value or 0.0) * n for level, n in zip(levels, effective, strict=True)]
    if _smallest_expected(hits, effective) < SMALLEST_EXPECTED:
        return row.model_copy(update={"not_estimable": "small_expected_counts"})
    result = comparison.heterogeneity(hits, effective)
    if isinstance(result, NotEstimable):
        return row.model_copy(update={"not_estimable": result.reason})
    return row.model_copy(
        update={
            "q": result.q,
            "degrees_of_freedom": result.degrees_of_freedom,
            "p": result.p,
            "i_squared": result.i_squared,
        }
    )


def _smallest_expected(hits: Sequence[float], sizes: Sequence[float]) -> float:
    share = sum(hits) / sum(sizes) if sum(sizes) else 0.0
    return min(min(n * share, n * (1 - share)) for n in sizes)


def _adjusted(rows: Sequence[HeterogeneityRow]) -> list[HeterogeneityRow]:
    tested = [row for row in rows if row.p is not None]
    adjusted = dict(zip(map(id, tested), comparison.holm([row.p or 0.0 for row in tested]), strict=True))
    return [row.model_copy(update={"p_holm": float(adjusted[id(row)])}) if id(row) in adjusted else row for row in rows]
