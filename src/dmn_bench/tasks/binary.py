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
``has_stated`` 1 when there is one: a case without a mark ranks below every score and states none
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..vocabulary import Curve, ErrorRow, Judgements, NotEstimable, Status, Table
from .combining import DEVICE_NON_ANSWERS, NOT_COUNTED_REFERENCES, WORST_LAST

if TYPE_CHECKING:
    from ..vocabulary import Analysis, BoolArray, FloatArray, IntArray, UnitTable

MOST_CURVE_POINTS = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What was said of one case or unit: ``call`` is None when none can be made, ``score`` when none was given.

    ``unranked``: of an answered unit, the states of those of its cases whose score is not known. ``expected``: what the
    device gives on other questions that are judged beside this one; where no unit has it here, it is lacking.
    """

    status: Status
    call: bool | None = None
    score: float | None = None
    reason: str = ""
    unranked: frozenset[Status] = frozenset()
    expected: frozenset[Literal["call", "score"]] = frozenset()


def score_of_answered(cases: Sequence[Outcome]) -> tuple[float | None, frozenset[Status]]:
    """Of the cases of an answered unit: the highest score of answered and doubtful ones, and the states without one.

    An answered case without a score stands there as a failed one: for ranking it has no output.
    """
    heard = [case.score if case.status in ("answered", "indeterminate") else None for case in cases]
    unranked = (case.status for case, score in zip(cases, heard, strict=True) if score is None)
    highest = max((score for score in heard if score is not None), default=None)
    lacking = frozenset("failed" if status == "answered" else status for status in unranked)
    return highest, lacking.union(*(case.unranked for case in cases))


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
    need it; where none has one, and none is expected, no row takes part in those metrics and they are not estimable.
    """
    said = _Said.of(outcomes)
    known = np.array([math.nan if one is None else float(one) for one in diseased], dtype=np.float64)
    # An answered unit reaches the treatment of its status only where its call or its score is lacking: for the metrics
    # that need it there was no output.
    treatments = {status: analysis.treatment["failed" if status == "answered" else status] for status in WORST_LAST}
    apart, positive, wrong = (
        np.array([treatments[status] == name for status in WORST_LAST])[said.status]
        for name in ("apart", "positive", "wrong")
    )
    rows = np.flatnonzero(~np.isnan(known) & ~(apart & ~said.is_answered))
    ill = known == 1
    as_positive = positive | (wrong & ~ill)
    own_call = said.is_answered & (said.call >= 0)
    charged = np.array([any(treatments[status] == "wrong" for status in views) for views in said.views], dtype=bool)
    # A score without one of the views can only be too low: that is what the view costs a diseased unit, and a healthy
    # one ranks as if the view had the highest score of all.
    is_lost = ~ill & charged[said.unranked]
    keeps_own = said.is_answered | said.is_doubt | (~apart & ~wrong)
    own_score = ~is_lost & ~np.isnan(said.score) & keeps_own
    worst = np.where(as_positive, math.inf, -math.inf)
    columns: dict[str, FloatArray | BoolArray] = {
        "reference": ill,
        "call": np.where(own_call, said.call == 1, as_positive),
        "has_call": (own_call | ~apart) & said.calls_exist,
        "own_call": own_call,
        "score": np.where(is_lost, math.inf, np.where(own_score, said.score, np.where(apart, 0.0, worst))),
        "has_score": (is_lost | own_score | ~apart) & said.scores_exist,
        "own_score": own_score,
        "stated": np.where(said.is_answered & np.isfinite(said.score), said.score, 0.0),
        "has_stated": said.is_answered & np.isfinite(said.score),
        **(more or {}),
    }
    units = dataclasses.replace(units, diseased=known)
    found = {name: column[rows].astype(np.float64) for name, column in columns.items()}
    return Judgements(task=task, units=units, row_units=rows.astype(np.int64, copy=False), columns=found)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Said:
    """Outcomes as columns: one entry for each unit."""

    status: IntArray  # [u] position in WORST_LAST
    call: IntArray  # [u] 1, 0, or -1 for none
    score: FloatArray  # [u] NaN for none
    unranked: IntArray  # [u] position in ``views``
    views: tuple[frozenset[Status], ...]
    expected: frozenset[str]

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> _Said:
        n, places = len(outcomes), {status: place for place, status in enumerate(WORST_LAST)}
        views: dict[frozenset[Status], int] = {}
        return cls(
            status=np.fromiter((places[each.status] for each in outcomes), np.int64, n),
            call=np.fromiter((-1 if each.call is None else each.call for each in outcomes), np.int64, n),
            score=np.fromiter((math.nan if each.score is None else each.score for each in outcomes), np.float64, n),
            unranked=np.fromiter((views.setdefault(each.unranked, len(views)) for each in outcomes), np.int64, n),
            views=tuple(views),
            expected=frozenset().union(*(each.expected for each in outcomes)),
        )

    @property
    def is_answered(self) -> BoolArray:
        """[u]."""
        found: BoolArray = self.status == WORST_LAST.index("answered")
        return found

    @property
    def is_doubt(self) -> BoolArray:
        """[u]."""
        found: BoolArray = self.status == WORST_LAST.index("indeterminate")
        return found

    @property
    def calls_exist(self) -> bool:
        """Whether some answered unit has a call, or should have, or none is answered."""
        return "call" in self.expected or not self.is_answered.any() or bool((self.call[self.is_answered] >= 0).any())

    @property
    def scores_exist(self) -> bool:
        """Whether some answered unit has a score, or should have, or none is answered."""
        return (
            "score" in self.expected
            or not self.is_answered.any()
            or not bool(np.isnan(self.score[self.is_answered]).all())
        )


def confusion_table(judgements: Judgements, references: Sequence[str], diseased: Sequence[bool]) -> Table:
    """Counts of what the device said, non-answers included, by reference; ``diseased`` tells which row is which.

    Answered units without a call stand in the column ``no_call``, printed when there is one.
    """
    units = judgements.units
    columns = ["positive", "negative", *(status for status in WORST_LAST[1:]), "no_call"]
    counts = np.zeros((2, len(columns)))
    together = Counter(zip(units.references, units.statuses, _own_calls(judgements).tolist(), strict=True))
    for (reference, status, call), n in together.items():
        if reference not in references:
            continue
        row = 0 if diseased[references.index(reference)] else 1
        said = {1: "positive", 0: "negative", -1: "no_call"}[call]
        counts[row, columns.index(said if status == "answered" else status)] += n
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
    is_wrong = (columns["own_call"] != 0) & (columns["call"] != columns["reference"])
    for row in np.flatnonzero(is_wrong).tolist():
        unit = int(judgements.row_units[row])
        called = bool(columns["call"][row])
        errors[unit] = ErrorRow(
            unit_id=units.unit_ids[unit],
            kind="false_positive" if called else "false_negative",
            reference=units.references[unit],
            answer="positive" if called else "negative",
            score=float(columns["score"][row]) if columns["own_score"][row] and columns["has_stated"][row] else None,
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


def _own_calls(judgements: Judgements) -> IntArray:
    """[u] The device's own call on every unit, 1 or 0, and -1 where it made none or the unit has no row."""
    columns = judgements.columns
    is_own = columns["own_call"] != 0
    calls = np.full(len(judgements.units.unit_ids), -1, dtype=np.int64)
    calls[judgements.row_units[is_own]] = columns["call"][is_own] != 0
    return calls
