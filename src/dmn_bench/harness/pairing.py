"""Two candidates' judgements joined by unit: which rows stand for the same unit, and which units count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..vocabulary import Columns
from .estimating import Judged, PlannedMetric, diseased_units
from .judging import OUT_OF_REFERENCE

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray


class Analysed(NamedTuple):
    """One candidate at one endpoint, as far as comparisons and rules look at it."""

    primary: Judged
    every_unit: Judged  # for metrics of availability
    evaluable: Judged

    def primary_of(self, plan: PlannedMetric) -> Judged:
        """The primary analysis that a metric is computed on."""
        return self.every_unit if plan.counts_every_unit else self.primary


class Pair(NamedTuple):
    """Two candidates in one analysis, the rows of the units that both have in it."""

    plan: PlannedMetric
    a: Judged
    b: Judged
    rows_a: IntArray
    rows_b: IntArray
    n_left_out: int


def paired(plan: PlannedMetric, a: Judged, b: Judged) -> Pair:
    """The rows of both candidates on the units that neither analysis sets apart, joined by unit id."""
    kept_a, kept_b = units_in_analysis(a), units_in_analysis(b)
    common = kept_a & kept_b
    return Pair(
        plan=plan,
        a=a,
        b=b,
        rows_a=_rows_in(a, common),
        rows_b=_rows_in(b, common),
        n_left_out=len(_counted(a) - common),
    )


def units_in_analysis(judged: Judged) -> set[str]:
    """Ids of the units that the analysis does not set apart."""
    table, treatment = judged.judgements.units, judged.analysis.treatment
    return {
        unit
        for unit, status in zip(table.unit_ids, table.statuses, strict=True)
        if status == "answered" or treatment.get(status) != "apart"
    }


def _counted(judged: Judged) -> set[str]:
    """Ids of the units whose reference counts."""
    table = judged.judgements.units
    return {unit for unit, said in zip(table.unit_ids, table.references, strict=True) if said not in OUT_OF_REFERENCE}


def _rows_in(judged: Judged, units: set[str]) -> IntArray:
    ids = judged.judgements.units.unit_ids
    inside = np.array([ids[unit] in units for unit in judged.judgements.row_units], dtype=bool)
    return np.flatnonzero(inside)


def positions(pair: Pair, parts: tuple[Columns, Columns], *names: str) -> tuple[IntArray, IntArray]:
    """Positions within the rows of a and of b of the units that count in both, in the order of a: one row per unit."""
    found = []
    for judged, rows, part in ((pair.a, pair.rows_a, parts[0]), (pair.b, pair.rows_b, parts[1])):
        ids, units = judged.judgements.units.unit_ids, judged.judgements.row_units[rows]
        adds = np.any([part.sums[name] > 0 for name in names], axis=0)
        found.append({ids[units[at]]: at for at in np.flatnonzero(adds).tolist()})
    both = [unit for unit in found[0] if unit in found[1]]
    of_a, of_b = (np.array([one[unit] for unit in both], dtype=np.int64) for one in found)
    return of_a, of_b


def matched(pair: Pair, parts: tuple[Columns, Columns]) -> tuple[FloatArray, FloatArray, IntArray]:
    """(right by a, right by b, patient) of each unit that counts for both."""
    rows_a, rows_b = positions(pair, parts, "denominator")
    patients = pair.a.patients[pair.rows_a][rows_a]
    return parts[0].sums["numerator"][rows_a], parts[1].sums["numerator"][rows_b], patients


def units_counted(pair: Pair, parts: tuple[Columns, Columns], *, in_both: bool) -> dict[str, Any]:
    """How many units count in the comparison, by reference.

    ``in_both``: a unit counts when it does for both candidates (pairs), else when it does for one (predictive values,
    whose denominators are the candidates' own calls).
    """
    sides: list[set[str]] = []
    for judged, rows, part in ((pair.a, pair.rows_a, parts[0]), (pair.b, pair.rows_b, parts[1])):
        names = [name for name in {*part.own_n, "denominator"} if name in part.sums]
        adds = np.any([part.sums[name] != 0 for name in names], axis=0) if names else np.ones(rows.size, bool)
        ids = judged.judgements.units.unit_ids
        sides.append({ids[unit] for unit in judged.judgements.row_units[rows[adds]].tolist()})
    counted = sides[0] & sides[1] if in_both else sides[0] | sides[1]
    table = pair.a.judgements.units
    inside = np.array([unit in counted for unit in table.unit_ids], dtype=bool)
    diseased = diseased_units(pair.a.judgements)
    return {
        "n_units": int(inside.sum()),
        "n_patients": int(np.unique(table.patients[inside]).size),
        "n_positive": int((diseased[inside] == 1).sum()),
        "n_negative": int((diseased[inside] == 0).sum()),
    }
