"""Scores of the PhysioNet and CPSC challenges, on the statements that each of them scores.

The weights of 2020 and 2021 (``cinc2020_weights.csv``, ``cinc2021_weights.csv``) say how much of a point an answer is
worth beside each true statement; they are the challenges' own (evaluation-2020 and evaluation-2021 of PhysioNet, where
statements that are scored as one stand with both their SNOMED CT codes), by the names of ``inputs.ecg_statements``.

References: Perez Alday 2020, Physiol Meas 41:124003; Reyna 2021, CinC 48, doi:10.23919/CinC53138.2021.9662687;
Clifford 2017, CinC 44, doi:10.22489/CinC.2017.065-469; Liu 2018, J Med Imaging Health Inform 8:1368.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import numpy as np

from ..errors import Fact, Problem, ProtocolError
from ..hookspecs import Metric, hookimpl
from ..vocabulary import Columns, NotEstimable, Scale
from .shares import ratio
from .statements import TASKS, MacroRatio, first_rows

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray, Judgements, Totals

MOST_BETA = 1_000
INACTIVE = "sinus_rhythm"
"""What the score of a classifier is compared with that says the same of every record."""


class Weights(NamedTuple):
    """The statements of a challenge and what each is worth beside each: [n, n], symmetric, 1 on the diagonal."""

    names: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]  # SNOMED CT, several where they are scored as one
    values: FloatArray


@cache
def challenge_weights(table: str) -> Weights:
    """The weights of a table of this folder.

    >>> weights = challenge_weights("cinc2021_weights.csv")
    >>> len(weights.names), float(weights.values[0, 1]), weights.codes[4]
    (26, 0.5, ('733534002', '164909002'))
    """
    rows = list(csv.reader((files(__package__) / table).read_text(encoding="utf-8").splitlines()))
    values = np.array([[float(cell) for cell in row[2:]] for row in rows[1:]], dtype=np.float64)
    return Weights(tuple(rows[0][2:]), tuple(tuple(row[1].split("|")) for row in rows[1:]), values)


class Records(NamedTuple):
    """Answers by record and statement, 0 or 1: [records, statements]; ``rows`` [records]: where a record's sums stand.

    ``said``: what the device itself called positive. ``lost``: what it left unanswered and the analysis counts.
    """

    true: FloatArray
    said: FloatArray
    lost: FloatArray
    score: FloatArray
    rows: IntArray


def by_record(judgements: Judgements, names: tuple[str, ...]) -> Records:
    """The judgements of some statements as tables; a statement that was not judged is not true and not said."""
    columns, found = judgements.columns, judgements.row_strata["statement"]
    places = {name: place for place, name in enumerate(names)}
    place = np.array([places.get(name, -1) for name in found], dtype=np.int64)
    kept = np.flatnonzero((place >= 0) & (columns["has_call"] > 0))
    counted, at = np.unique(judgements.row_units[kept], return_inverse=True)

    def table(values: FloatArray) -> FloatArray:
        filled = np.zeros((len(counted), len(names)))
        filled[at, place[kept]] = values[kept]
        return filled

    own = columns["own_score"] > 0
    first = np.flatnonzero(first_rows(judgements, (place >= 0) * columns["has_call"]))
    order = np.argsort(judgements.row_units[first], kind="stable")
    return Records(
        true=table(columns["reference"]),
        said=table(columns["call"] * columns["own_call"]),
        lost=table(1 - columns["own_call"]),
        score=table(np.where(own, columns["score"], 0.0)),
        rows=first[order],
    )


def on_rows(judgements: Judgements, records: Records, values: FloatArray) -> FloatArray:
    """[n] the value of each record on its row, 0 on the others."""
    found = np.zeros(len(judgements.row_units), dtype=np.float64)
    found[records.rows] = values
    return found


class _Challenge:
    """What all scores here have in common."""

    tasks: ClassVar[tuple[str, ...]] = TASKS
    scale: ClassVar[Scale] = "ratio"
    better: ClassVar[Literal["higher", "lower"]] = "higher"
    pools_questions: ClassVar[bool] = True
    needs_calls: ClassVar[bool] = True


class _WeightedScore(_Challenge):
    """Points of every pair of a true and a called statement, between those of always sinus rhythm (0) and of truth (1).

    Of a record, each pair of a true statement j and a called one k earns w[j, k] / (number of statements that are true
    or called). The score may be negative. An unanswered statement earns nothing, and counts as called where it is not
    true: no answer does worse. There is no score where the endpoint leaves out some of the challenge's statements.
    """

    table: ClassVar[str]

    def columns(self, judgements: Judgements) -> Columns:
        """Points above the inactive classifier, of the answers and of the truth, on the first row of each record."""
        weights = challenge_weights(self.table)
        records = by_record(judgements, weights.names)
        inactive = np.zeros_like(records.true)
        inactive[:, weights.names.index(INACTIVE)] = 1
        none = np.zeros_like(records.true)
        least = _points(records.true, inactive, none, weights.values)
        scored = _points(records.true, records.said, records.lost, weights.values) - least
        best = _points(records.true, records.true, none, weights.values) - least
        ones = np.ones(len(records.rows))
        unjudged = len(set(weights.names).difference(judgements.row_strata["statement"]))
        return Columns(
            sums={
                "unjudged": on_rows(judgements, records, unjudged * ones),
                "points": on_rows(judgements, records, scored),
                "best": on_rows(judgements, records, best),
                "records": on_rows(judgements, records, ones),
            },
            own_n=("records",),
        )

    def value(self, totals: Totals) -> FloatArray:
        """The score for each weighting, NaN where the truth earns no more than the inactive classifier."""
        score = ratio(totals.sums["points"], totals.sums["best"])
        return np.where(totals.sums["unjudged"] > 0, np.nan, score)

    def why_undefined(self, columns: Columns) -> NotEstimable:
        """Statements are left out; or the truth is sinus rhythm everywhere, or nothing that the challenge scores."""
        unjudged = int(columns.sums["unjudged"].max(initial=0))
        if unjudged:
            return NotEstimable(reason="statements_left_out", facts={"n": unjudged})
        return NotEstimable(reason="nothing_to_gain")


def _points(true: FloatArray, said: FloatArray, lost: FloatArray, weights: FloatArray) -> FloatArray:
    """[records]; what is ``lost`` is among the called ones that a point is divided by, without a point of its own."""
    together = np.maximum(np.maximum.reduce([true, said, lost]).sum(axis=1), 1)
    found: FloatArray = np.einsum("rj,jk,rk->r", true, weights, said) / together
    return found


@dataclass(frozen=True, kw_only=True)
class Cinc2021Score(_WeightedScore):
    """Score of the PhysioNet/CinC challenge 2021, on its 26 statements."""

    name: ClassVar[str] = "cinc2021_score"
    table: ClassVar[str] = "cinc2021_weights.csv"


@dataclass(frozen=True, kw_only=True)
class Cinc2020Score(_WeightedScore):
    """Score of the PhysioNet/CinC challenge 2020, on its 24 statements."""

    name: ClassVar[str] = "cinc2020_score"
    table: ClassVar[str] = "cinc2020_weights.csv"


@dataclass(frozen=True, kw_only=True)
class _BetaMeasure(MacroRatio):
    """Counts of each statement where a record counts 1 / (number of its true statements), at least 1."""

    beta: float = 2.0  # how many times a missed statement counts as much as a false one, > 0; the challenge says 2

    def __post_init__(self) -> None:
        """Raises ProtocolError for a beta that is no number above 0 and below 1000."""
        if not 0 < self.beta < MOST_BETA:
            facts: dict[str, Fact] = {"option": "beta", "low": 0, "high": MOST_BETA, "found": self.beta}
            raise ProtocolError(Problem(key="tasks.number_out_of_range", facts=facts))

    def _weighted_counts(self, judgements: Judgements) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """(true positive, false positive, false negative, diseased), [n] each; the last unweighted."""
        counts, ill, called = (judgements.columns[key] for key in ("has_call", "reference", "call"))
        true = np.bincount(judgements.row_units, weights=ill * counts, minlength=len(judgements.units.unit_ids))
        share = counts / np.maximum(true, 1)[judgements.row_units]
        return share * ill * called, share * (1 - ill) * called, share * ill * (1 - called), ill * counts


@dataclass(frozen=True, kw_only=True)
class Cinc2020FBeta(_BetaMeasure):
    """Mean over statements of Fβ = (1 + β²)TP / ((1 + β²)TP + FP + β²FN), records weighted by their statements."""

    name: ClassVar[str] = "cinc2020_f_beta"

    def _parts(self, judgements: Judgements) -> tuple[FloatArray, FloatArray, FloatArray]:
        tp, fp, fn, diseased = self._weighted_counts(judgements)
        square = self.beta**2
        return (1 + square) * tp, (1 + square) * tp + fp + square * fn, diseased


@dataclass(frozen=True, kw_only=True)
class Cinc2020GBeta(_BetaMeasure):
    """Mean over statements of Gβ = TP / (TP + FP + βFN), records weighted by their statements."""

    name: ClassVar[str] = "cinc2020_g_beta"

    def _parts(self, judgements: Judgements) -> tuple[FloatArray, FloatArray, FloatArray]:
        tp, fp, fn, diseased = self._weighted_counts(judgements)
        return tp, tp + fp + self.beta * fn, diseased


class _MeanF1(_Challenge):
    """Mean of F1 = 2·agreed / (true + called) over some classes, one class said of each record.

    A record of which a class is unanswered, or none is called, has no label: it is charged to every class that is true
    of it, and counts as called in every other, so that no wrong label does worse.
    """

    scale: ClassVar[Scale] = "agreement"

    def _classes(self) -> tuple[str, ...]:
        raise NotImplementedError

    def _averaged(self) -> tuple[tuple[int, ...], ...]:
        """Which classes make up each of the F1 that the mean is taken of."""
        return tuple((place,) for place in range(len(self._classes())))

    def _charged(self, judgements: Judgements, records: Records, agreed: FloatArray) -> FloatArray:
        """[records, classes] the class of each record that its label is held against; ``agreed``: where it is right."""
        raise NotImplementedError

    def _check_classes(self, n: int) -> None:
        """Raises ProtocolError unless there are ``n`` classes, each once."""
        classes = self._classes()
        if len(classes) != n or len(set(classes)) != n:
            raise ProtocolError(Problem(key="statements.classes_number", facts={"n": n, "found": ", ".join(classes)}))

    def columns(self, judgements: Judgements) -> Columns:
        """Agreed, true and called records of each class, on the first row of each record."""
        records = by_record(judgements, self._classes())
        is_lost = np.logical_or(records.lost.any(axis=1), ~records.said.any(axis=1))
        said = np.where(is_lost.reshape(-1, 1), 1 - records.true, _highest(records))
        charged = self._charged(judgements, records, said * records.true)
        true = np.where(is_lost.reshape(-1, 1), records.true, charged)
        sums = {"records": on_rows(judgements, records, np.ones(len(records.rows)))}
        for place in range(len(self._classes())):
            sums[f"agreed_{place}"] = on_rows(judgements, records, true[:, place] * said[:, place])
            sums[f"true_{place}"] = on_rows(judgements, records, true[:, place])
            sums[f"called_{place}"] = on_rows(judgements, records, said[:, place])
        return Columns(sums=sums, own_n=("records",))

    def value(self, totals: Totals) -> FloatArray:
        """The mean for each weighting; NaN where one of its classes is neither true nor said anywhere."""
        sums, found = totals.sums, []
        for places in self._averaged():
            agreed = np.sum([sums[f"agreed_{place}"] for place in places], axis=0)
            both = np.sum([sums[f"true_{place}"] + sums[f"called_{place}"] for place in places], axis=0)
            found.append(ratio(2 * agreed, both))
        mean: FloatArray = np.mean(found, axis=0)
        return mean

    def why_undefined(self, columns: Columns) -> NotEstimable:
        """A class of the mean is neither true nor called on any of these records."""
        return NotEstimable(reason="class_without_record")


@dataclass(frozen=True, kw_only=True)
class Cinc2017F1(_MeanF1):
    """F1 of the PhysioNet/CinC challenge 2017 on short single-lead recordings.

    Its scoring program takes the mean of normal, atrial fibrillation and other; its web page that of all four.
    """

    name: ClassVar[str] = "cinc2017_f1"

    mean_of: Literal["three", "four"] = "three"  # three: as the scoring program; four: as the web page, with noisy
    classes: tuple[str, ...] = ("normal", "atrial_fibrillation", "other_rhythm", "noisy")  # the set's names, in order

    def __post_init__(self) -> None:
        """Raises ProtocolError unless there are 4 classes, each once."""
        self._check_classes(4)

    def _classes(self) -> tuple[str, ...]:
        return self.classes

    def _averaged(self) -> tuple[tuple[int, ...], ...]:
        return tuple((place,) for place in range(len(self.classes) - (self.mean_of == "three")))

    def _charged(self, judgements: Judgements, records: Records, agreed: FloatArray) -> FloatArray:
        return records.true


@dataclass(frozen=True, kw_only=True)
class Cpsc2018F1(_MeanF1):
    """F1 of the China Physiological Signal Challenge 2018: one statement is said of each record, which may have three.

    It is right if it is one of them, and else charged to the first. ``part``: all nine, or one of its four sub-scores.
    """

    name: ClassVar[str] = "cpsc2018_f1"

    part: Literal["all", "af", "block", "premature", "st"] = "all"  # nine F1; AF; I-AVB, LBBB, RBBB; PAC, PVC; STD, STE
    classes: tuple[str, ...] = (
        "normal_ecg",
        "atrial_fibrillation",
        "first_degree_av_block",
        "left_bundle_branch_block",
        "right_bundle_branch_block",
        "premature_atrial_complex",
        "premature_ventricular_complex",
        "nonspecific_st_depression",
        "nonspecific_st_elevation",
    )  # the set's names, in this order

    def __post_init__(self) -> None:
        """Raises ProtocolError unless there are 9 classes, each once."""
        self._check_classes(9)

    def _classes(self) -> tuple[str, ...]:
        return self.classes

    def _averaged(self) -> tuple[tuple[int, ...], ...]:
        parts = {"af": ((1,),), "block": ((2, 3, 4),), "premature": ((5, 6),), "st": ((7, 8),)}
        return parts.get(self.part) or tuple((place,) for place in range(len(self.classes)))

    def _charged(self, judgements: Judgements, records: Records, agreed: FloatArray) -> FloatArray:
        is_wrong = agreed.sum(axis=1, keepdims=True) == 0
        charged: FloatArray = np.where(is_wrong, self._first(judgements, records), agreed)
        return charged

    def _first(self, judgements: Judgements, records: Records) -> FloatArray:
        """The first statement of each record: as the set names it, else the first true one in the order of classes."""
        names, primary = judgements.row_strata["statement"], judgements.columns["is_primary"]
        of_unit = {
            int(judgements.row_units[row]): self.classes.index(names[row])
            for row in np.flatnonzero(primary > 0).tolist()
            if names[row] in self.classes
        }
        found = np.zeros_like(records.true)
        for at, row in enumerate(records.rows.tolist()):
            true = np.flatnonzero(records.true[at])
            if len(true):
                found[at, of_unit.get(int(judgements.row_units[row]), int(true[0]))] = 1
        return found


def _highest(records: Records) -> FloatArray:
    """[records, classes] the one class that the device said of each record: of several the one of the highest score.

    A record on which it made no positive call has none.
    """
    found = np.zeros_like(records.said)
    ranks = np.where(records.said > 0, records.score, -np.inf)
    if ranks.size:
        found[np.arange(len(found)), np.argmax(ranks, axis=1)] = 1
    return found * records.said


@hookimpl
def register_metrics() -> list[type[Metric]]:
    """The metrics of this file."""
    return [Cinc2021Score, Cinc2020Score, Cinc2020FBeta, Cinc2020GBeta, Cinc2017F1, Cpsc2018F1]
