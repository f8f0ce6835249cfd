"""Yes-or-no judgements: how an analysis counts each state, as columns, table, curve and list of errors.

Columns, one row for each unit that the analysis counts:

``reference``  1 diseased, 0 not
``call``       1 positive, 0 negative, as the analysis counts it (a non-answer treated as ``wrong`` is 1 − reference)
``has_call``   1 when the row takes part in metrics of calls; 0 everywhere when no answered unit has a call
``own_call``   1 when the device itself made the call
``score``      the unit's score, −∞ and +∞ allowed: worst rank for a non-answer treated as wrong (−∞ diseased, +∞ not),
               but a doubt that has a score keeps it; a healthy unit answered in spite of such a view ranks +∞ too
``has_score``  1 when the row takes part in ranking; 0 everywhere when no answered unit has a score
``own_score``  1 when the score is the device's own
``stated``     the score of an answered unit as the device stated it, under every analysis alike; 0 where there is none
``has_stated`` 1 when there is one
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..vocabulary import Curve, ErrorRow, Judgements, NotEstimable, Status, Table
from .combining import DEVICE_NON_ANSWERS, NOT_COUNTED_REFERENCES, WORST_LAST

if TYPE_CHECKING:
    from ..vocabulary import Analysis, FloatArray, Treatment, UnitTable

MOST_CURVE_POINTS = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What was said of one case or unit: ``call`` is None when none can be made, ``score`` when none was given.

    ``unranked``: of an answered unit, the states of those of its cases whose score is not known.
    """

    status: Status
    call: bool | None = None
    score: float | None = None
    reason: str = ""
    unranked: frozenset[Status] = frozenset()


def score_of_answered(cases: Sequence[Outcome]) -> tuple[float | None, frozenset[Status]]:
    """Of the cases of an answered unit: the highest score of answered and doubtful ones, and the states without one.

    An answered case without a score stands there as a failed one: for ranking it has no output.
    """
    heard = [case.score if case.status in ("answered", "indeterminate") else None for case in cases]
    unranked = (case.status for case, score in zip(cases, heard, strict=True) if score is None)
    highest = max((score for score in heard if score is not None), default=None)
    return highest, frozenset("failed" if status == "answered" else status for status in unranked)


def binary_judgements(
    task: str,
    outcomes: Sequence[Outcome],
    diseased: Sequence[bool | None],
    units: UnitTable,
    analysis: Analysis,
    more: Mapping[str, FloatArray] | None = None,
) -> Judgements:
    """Rows for the units with a reference of yes or no that the analysis does not set apart.

    ``diseased`` [u] is None for a unit without such a reference. ``more``: further columns [u], cut to the same rows.
    An answered unit without a call (or score), where others have one, is counted like a failed one in the metrics that
    need it; where none has one, no row takes part in those metrics and they are not estimable.
    """
    answered = [outcome for outcome in outcomes if outcome.status == "answered"]
    calls_exist = not answered or any(outcome.call is not None for outcome in answered)
    scores_exist = not answered or any(outcome.score is not None for outcome in answered)
    kept: list[int] = []
    rows: list[tuple[float, ...]] = []
    for index, (outcome, is_diseased) in enumerate(zip(outcomes, diseased, strict=True)):
        treatment = analysis.treatment[outcome.status] if outcome.status != "answered" else None
        if is_diseased is None or treatment == "apart":
            continue
        call, has_call = _counted_call(outcome, is_diseased, analysis)
        score, has_score, own_score = _counted_score(outcome, is_diseased, analysis)
        own_call = outcome.status == "answered" and outcome.call is not None
        kept.append(index)
        rows.append(
            (is_diseased, call, has_call and calls_exist, own_call, score, has_score and scores_exist, own_score)
        )
    values = np.array(rows, dtype=np.float64).reshape(len(rows), len(_COLUMNS))
    columns = {name: values[:, position] for position, name in enumerate(_COLUMNS)}
    row_units = np.array(kept, dtype=np.int64)
    stated = [outcomes[index].score if outcomes[index].status == "answered" else None for index in kept]
    columns["stated"] = np.array([score or 0.0 for score in stated], dtype=np.float64)
    columns["has_stated"] = np.array([score is not None for score in stated], dtype=np.float64)
    columns.update({name: column[row_units] for name, column in (more or {}).items()})
    known = np.array([math.nan if one is None else float(one) for one in diseased], dtype=np.float64)
    units = dataclasses.replace(units, diseased=known)
    return Judgements(task=task, units=units, row_units=row_units, columns=columns)


_COLUMNS = ("reference", "call", "has_call", "own_call", "score", "has_score", "own_score")


def _counted_call(outcome: Outcome, diseased: bool, analysis: Analysis) -> tuple[bool, bool]:
    """The call as counted, and whether the row takes part in metrics of calls."""
    if outcome.status == "answered" and outcome.call is not None:
        return outcome.call, True
    treatment = _treatment(outcome, analysis)
    return _call_of(treatment, diseased), treatment != "apart"


def _counted_score(outcome: Outcome, diseased: bool, analysis: Analysis) -> tuple[float, bool, bool]:
    """The score as counted, whether the row takes part in ranking, and whether the score is the device's own.

    The score that an answered unit has without one of its views can only be too low: that is what the view costs a
    diseased unit, and a healthy one ranks as if the view had the highest score of all.
    """
    if not diseased and any(analysis.treatment[status] == "wrong" for status in outcome.unranked):
        return math.inf, True, False
    treatment = _treatment(outcome, analysis)
    keeps_own = outcome.status in ("answered", "indeterminate") or treatment in ("positive", "negative")
    if outcome.score is not None and keeps_own:
        return outcome.score, True, True
    if treatment == "apart":
        return 0.0, False, False
    return (math.inf if _call_of(treatment, diseased) else -math.inf), True, False


def _treatment(outcome: Outcome, analysis: Analysis) -> Treatment:
    # An answered unit reaches this only where its call or its score is lacking: no output, as far as that metric goes.
    return analysis.treatment["failed" if outcome.status == "answered" else outcome.status]


def _call_of(treatment: Treatment, diseased: bool) -> bool:
    return treatment == "positive" or (treatment == "wrong" and not diseased)


def confusion_table(judgements: Judgements, references: Sequence[str], diseased: Sequence[bool]) -> Table:
    """Counts of what the device said, non-answers included, by reference; ``diseased`` tells which row is which.

    Answered units without a call stand in the column ``no_call``, printed when there is one.
    """
    units = judgements.units
    columns = ["positive", "negative", *(status for status in WORST_LAST[1:]), "no_call"]
    counts = np.zeros((2, len(columns)))
    own_calls = _own_calls(judgements)
    for index, status in enumerate(units.statuses):
        reference = units.references[index]
        if reference not in references:
            continue
        row = 0 if diseased[references.index(reference)] else 1
        said = {True: "positive", False: "negative", None: "no_call"}[own_calls.get(index)]
        counts[row, columns.index(said if status == "answered" else status)] += 1
    if not counts[:, -1].any():
        columns, counts = columns[:-1], counts[:, :-1]
    return Table(
        name="confusion",
        rows=("positive", "negative"),
        columns=tuple(columns),
        counts=tuple(tuple(float(count) for count in row) for row in counts),
    )


def binary_errors(judgements: Judgements) -> Sequence[ErrorRow]:
    """False negatives, false positives and the device's non-answers with a yes-or-no reference, in unit order."""
    units, columns = judgements.units, judgements.columns
    errors: dict[int, ErrorRow] = {}
    for row, unit in enumerate(judgements.row_units.tolist()):
        if not columns["own_call"][row] or columns["call"][row] == columns["reference"][row]:
            continue
        called = bool(columns["call"][row])
        errors[unit] = ErrorRow(
            unit_id=units.unit_ids[unit],
            kind="false_positive" if called else "false_negative",
            reference=units.references[unit],
            answer="positive" if called else "negative",
            score=float(columns["score"][row]) if columns["own_score"][row] else None,
        )
    errors.update(unanswered(judgements.units))
    return [errors[index] for index in sorted(errors)]


def unanswered(units: UnitTable) -> Mapping[int, ErrorRow]:
    """The device's own non-answers on units whose reference counts, by index of the unit."""
    return {
        index: ErrorRow(
            unit_id=units.unit_ids[index],
            kind="unanswered",
            reference=units.references[index],
            answer=status,
            reason=units.reasons[index],
        )
        for index, status in enumerate(units.statuses)
        if status in DEVICE_NON_ANSWERS and units.references[index] not in NOT_COUNTED_REFERENCES
    }


def roc_curves(judgements: Judgements) -> Sequence[Curve]:
    """The ROC curve as counted, () without scores or without both classes.

    x = 1 − specificity, y = sensitivity, from (0, 0) to (1, 1). A threshold of None is not a finite score: above every
    score at the start, and where unanswered units rank (+∞, −∞).
    """
    from ..statistics.roc import roc_curve

    columns = judgements.columns
    takes_part = columns["has_score"] > 0
    found = roc_curve(columns["score"][takes_part], columns["reference"][takes_part] > 0, max_points=MOST_CURVE_POINTS)
    if isinstance(found, NotEstimable):
        return ()
    return (Curve(name="roc", x=tuple(found.fpr.tolist()), y=tuple(found.tpr.tolist()), thresholds=found.thresholds),)


def _own_calls(judgements: Judgements) -> Mapping[int, bool]:
    columns = judgements.columns
    return {
        unit: bool(columns["call"][row])
        for row, unit in enumerate(judgements.row_units.tolist())
        if columns["own_call"][row]
    }
