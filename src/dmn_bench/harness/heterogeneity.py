"""Whether the primary estimates differ over the levels of a field: Q or permuted patients, Holm in a family."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..protocol import Statistics
from ..record import HeterogeneityRow
from ..statistics import comparison
from ..statistics.proportions import effective_count
from ..strata import Stratum
from ..vocabulary import Columns, NotEstimable
from .estimating import Group, Judged, PlannedMetric, is_clustered, rows_of, weighted

SMALLEST_EXPECTED = 5.0  # below, the χ² distribution of Q is not trusted: whole patients are permuted
DRAWS = 2000


def heterogeneity_rows(
    judged: Judged, planned: Sequence[PlannedMetric], settings: Statistics
) -> list[HeterogeneityRow]:
    """One row for each field and each metric that is a proportion, unadjusted: ``adjusted`` comes last.

    Q on effective counts where every expected count is at least 5, else Pearson's χ² with whole patients permuted.
    There is no test unless two levels have the protocol's minimum of own n. Then the smaller ones take part, too: the
    test is of the field, not of a level.
    Questions that are never pooled are tested one by one, in the fields that are cut within them.
    """
    rows = []
    for plan in planned:
        columns = plan.metric.columns(judged.judgements)
        if judged.weights is not None:
            columns = weighted(columns, judged.weights)
        if plan.metric.scale == "share" and {"numerator", "denominator"} <= columns.sums.keys():
            families = _families(judged, plan)
            rows += [_row(judged, plan, columns, family, settings) for family in families]
    return rows


def adjusted(rows: Sequence[HeterogeneityRow], settings: Statistics) -> list[HeterogeneityRow]:
    """The rows with Holm's p over the family, which is one candidate at one endpoint."""
    tested = [row for row in rows if row.p is not None]
    if settings.multiplicity != "holm" or not tested:
        return list(rows)
    holm = comparison.holm([row.p for row in tested if row.p is not None])
    by_row = {id(row): float(p) for row, p in zip(tested, holm, strict=True)}
    return [row.model_copy(update={"p_holm": by_row[id(row)]}) if id(row) in by_row else row for row in rows]


class _Family(NamedTuple):
    """The groups of one field, of everything or within one question; ``within`` names it as a stratum."""

    field: str
    within: Stratum | None
    groups: Sequence[Group]


def _families(judged: Judged, plan: PlannedMetric) -> list[_Family]:
    """The groups of each field that is no question: every unit answers them all, so that they are no strata of it."""
    question = judged.judgements.questions
    is_asked = bool(question) and not plan.pools_questions
    if is_asked and not judged.cuts_questions:
        return []
    is_within = is_asked and judged.holds_several_questions(judged.groups[0].rows)
    by_field: dict[tuple[str, str | None], list[Group]] = {}
    for group in judged.groups:
        stratum = dict(group.stratum or {})
        asked = stratum.pop(question, None) if is_within else None
        if len(stratum) == 1 and question not in stratum and (asked is not None) == is_within:
            by_field.setdefault((next(iter(stratum)), asked), []).append(group)
    return [
        _Family(field, None if asked is None else {question: asked}, groups)
        for (field, asked), groups in by_field.items()
    ]


def _row(
    judged: Judged, plan: PlannedMetric, columns: Columns, family: _Family, settings: Statistics
) -> HeterogeneityRow:
    filled = [g for g in family.groups if columns.sums["denominator"][g.rows].sum() > 0]
    row = HeterogeneityRow(
        candidate=judged.candidate,
        endpoint=judged.endpoint,
        metric=plan.metric.name,
        parameters=dict(plan.parameters),
        analysis=judged.analysis.name,
        within=None if family.within is None else dict(family.within),
        field=family.field,
        levels=[(g.stratum or {})[family.field] for g in filled],
    )
    if plan.unavailable is not None:
        return row.model_copy(update={"not_estimable": plan.unavailable.reason})
    own_n = columns.sums["denominator"] / (1.0 if judged.weights is None else judged.weights)
    if sum(own_n[group.rows].sum() >= settings.minimum_n.estimate for group in filled) < 2:
        return row.model_copy(update={"not_estimable": "fewer_than_two_strata"})
    tested = _by_q(judged, columns, filled)
    if tested is None:
        tested = _by_permutation(judged, columns, filled, settings.seed)
    return row.model_copy(update=tested)


def _by_q(judged: Judged, columns: Columns, groups: Sequence[Group]) -> dict[str, object] | None:
    """The Q test on effective counts; None where an expected count is too small for it."""
    together = Group(stratum=None, rows=np.concatenate([group.rows for group in groups]))
    clustered = is_clustered(judged, columns, together)
    counts = []
    for group in groups:
        part = rows_of(columns, group.rows)
        patients = judged.patients[group.rows]
        found = effective_count(part.sums["numerator"], part.sums["denominator"], patients, clustered=clustered)
        if isinstance(found, NotEstimable):
            return None
        counts.append(found)
    share = sum(c.k for c in counts) / sum(c.n for c in counts)
    if min(min(c.n * share, c.n * (1 - share)) for c in counts) < SMALLEST_EXPECTED:
        return None
    result = comparison.heterogeneity([c.k for c in counts], [c.n for c in counts])
    if isinstance(result, NotEstimable):
        return {"not_estimable": result.reason}
    return {
        "method": "cochran-q",
        "q": result.q,
        "degrees_of_freedom": result.degrees_of_freedom,
        "p": result.p,
        "i_squared": result.i_squared,
    }


def _by_permutation(judged: Judged, columns: Columns, groups: Sequence[Group], seed: int) -> dict[str, object]:
    rows = np.concatenate([group.rows for group in groups])
    levels = np.repeat(np.arange(len(groups)), [group.rows.size for group in groups])
    if np.unique(rows).size < rows.size:  # a row that counts at every level (an image, when lesions are cut by size)
        return {"not_estimable": "levels_within_patients"}
    p = comparison.permutation_heterogeneity(
        columns.sums["numerator"][rows],
        columns.sums["denominator"][rows],
        judged.patients[rows],
        levels,
        draws=DRAWS,
        seed=seed,
    )
    if isinstance(p, NotEstimable):
        return {"not_estimable": p.reason}
    return {"method": "patient-permutation", "p": p}
