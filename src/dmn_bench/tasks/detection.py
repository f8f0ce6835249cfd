"""Lesions found and marks put where nothing is, under a hit rule.

Columns of its judgements; the rows are of four kinds, told apart by ``kind``:

=================  ==========================  ==========================  ========================================
column             0: a reference lesion       1: a false positive mark    2: a unit
=================  ==========================  ==========================  ========================================
``score``          of the mark that counts     of the mark                 highest false positive, −∞ without one
                   for it, −∞ without one                                  (+∞: some image charged as unanswered)
``called``         1: found at the operating   1: at the operating point   0
                   point
``weight``         share of its unit's         0                           0
                   weights; they sum to 1
``images``         0                           0                           images that count for the rate of false
                                                                           positives
``normal``         0                           0                           1: the reference is negative and there is
                                                                           no lesion but ones to ignore
=================  ==========================  ==========================  ========================================

3: an image left unanswered that is charged to the device, as wrong or as a positive call. It counts like one false
positive above every score (``score`` +∞, ``called`` 1, the rest 0), so that at up to one false positive per image
silence costs no less than the images that stand in its denominator allow. More than one, let alone the infinity that
the worst rank would mean, would bring every sensitivity at a rate to 0 by a few failures, and tell nothing of the
device; a flood of marks may therefore cost more than silence, which the failure rate shows.

``row_strata`` holds the fields of the lesions; rows of other kinds count in every level.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import numpy as np

from ..errors import Problem, ReferenceSetError, collect
from ..hookspecs import JudgingContext, Task, hookimpl
from ..strata import EVERY_LEVEL
from ..vocabulary import NOT_RECORDED, Curve, ErrorRow, Judgements, Status, Table
from .binary import MOST_CURVE_POINTS, unanswered
from .combining import (
    MISSING_REFERENCE,
    NO_CASES,
    NO_OUTPUT,
    NOT_COUNTED_REFERENCES,
    NOT_FINITE,
    check_references,
    unit_table,
    worst,
)
from .hit_rules import HitRule
from .mark_matching import match_marks

if TYPE_CHECKING:
    from ..vocabulary import Answer, Case, Lesion, Mark, OperatingPoint, Treatment, Unit

NO_MARKS = "no marks"
LESION, FALSE_POSITIVE, UNIT, SILENT_IMAGE = 0.0, 1.0, 2.0, 3.0
COLUMN_NAMES = ("kind", "score", "called", "weight", "images", "normal")


class _Said(NamedTuple):
    """What was said of one case: its marks of the finding, () when it looked and found none."""

    status: Status
    marks: tuple[Mark, ...]
    reason: str


class _Row(NamedTuple):
    """One row to be: COLUMN_NAMES, then what it is about."""

    kind: float
    score: float
    called: bool
    weight: float = 0.0
    images: int = 0
    normal: bool = False
    lesion: Lesion | None = None


@dataclass(frozen=True, kw_only=True)
class Detection:
    """Marks on images or volumes against reference lesions, one mark for one lesion, taken by falling score.

    Lesions to ignore make no row, and marks on them neither. A mark without a score is called; among scored marks it
    ranks worst, and where no mark of a candidate has a score all rank alike.
    """

    name: ClassVar[str] = "detection"

    finding: str  # name of the finding in the reference set
    hit_rule: HitRule  # when a mark is on a lesion
    no_marks: Literal["negative", "failed"] = "negative"  # what an answer that says nothing of marks means
    second_hits: Literal["ignored", "false_positive"] = "ignored"  # further marks on a lesion already found

    def judge(self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext) -> Judgements:
        """Rows for every unit with a reference that the analysis does not set apart.

        A unit without truth but with lesions is positive; without either it has no rows, like a doubtful one. Where
        a unit has several cases each is treated by its own state.
        Raises ReferenceSetError naming every lesion that lacks what the hit rule needs, or whose image, in a case of
        several, is none of its files: a SOP Instance UID must have been turned into the path before.
        """
        check_references(units, ("positive", "negative"))
        self._check_lesions(units)
        said = {case.case_id: self._said(answers.get(case.case_id)) for unit in units for case in unit.cases}
        judge = _CaseJudge(self, context, any(mark.score is not None for one in said.values() for mark in one.marks))
        rows: list[_Row] = []
        row_units: list[int] = []
        for index, unit in enumerate(units):
            found = judge.rows_of_unit(unit, said)
            rows += found
            row_units += [index] * len(found)
        statuses = [worst(said[case.case_id].status for case in unit.cases) for unit in units]
        reasons = [_reason(unit, status, said) for unit, status in zip(units, statuses, strict=True)]
        table = unit_table(units, context.patients, statuses, reasons)
        values = np.array([row[: len(COLUMN_NAMES)] for row in rows], dtype=np.float64)
        values = values.reshape(len(rows), len(COLUMN_NAMES))
        return Judgements(
            task=self.name,
            units=dataclasses.replace(table, references=tuple(_reference(unit) for unit in units)),
            row_units=np.array(row_units, dtype=np.int64),
            columns={name: values[:, at] for at, name in enumerate(COLUMN_NAMES)},
            row_strata=_lesion_strata(units, rows),
        )

    def tables(self, judgements: Judgements) -> Sequence[Table]:
        """Lesions and false positive marks: how many, and how many at the operating point."""
        columns = judgements.columns
        lesions, alarms = columns["kind"] == LESION, columns["kind"] == FALSE_POSITIVE
        counts = [
            (lesions.sum(), (lesions & (columns["called"] > 0)).sum()),
            (alarms.sum(), (alarms & (columns["called"] > 0)).sum()),
        ]
        return [
            Table(
                name="marks",
                rows=("lesion", "false_positive"),
                columns=("all", "called"),
                counts=tuple(tuple(float(count) for count in row) for row in counts),
            )
        ]

    def curves(self, judgements: Judgements) -> Sequence[Curve]:
        """The FROC curve: lesion sensitivity against false positives per image, when there are lesions and images."""
        from ..statistics.localisation import froc_curve

        columns = judgements.columns
        lesions = columns["kind"] == LESION
        alarms = (columns["kind"] == FALSE_POSITIVE) | (columns["kind"] == SILENT_IMAGE)
        n_lesions, n_images = float(lesions.sum()), float(columns["images"].sum())
        if not n_lesions or not n_images:
            return ()
        marked = (lesions & np.isfinite(columns["score"])) | alarms
        scores, place = np.unique(columns["score"][marked], return_inverse=True)
        found = froc_curve(
            np.bincount(place, weights=lesions[marked], minlength=len(scores)).astype(np.float64),
            np.bincount(place, weights=alarms[marked], minlength=len(scores)).astype(np.float64),
            scores,
            n_lesions=n_lesions,
            n_images=n_images,
            max_points=MOST_CURVE_POINTS,
        )
        x, y = tuple(found.false_positives_per_image.tolist()), tuple(found.sensitivity.tolist())
        return (Curve(name="froc", x=x, y=y, thresholds=found.thresholds),)

    def errors(self, judgements: Judgements) -> Sequence[ErrorRow]:
        """Lesions missed and false positives at the operating point, then the device's non-answers, in unit order."""
        units, columns = judgements.units, judgements.columns
        refused = unanswered(units)
        errors: list[tuple[int, ErrorRow]] = list(refused.items())
        for row, index in enumerate(judgements.row_units.tolist()):
            kind, is_called = columns["kind"][row], columns["called"][row] > 0
            if index in refused or kind in (UNIT, SILENT_IMAGE) or (kind == LESION) == is_called:
                continue
            score = float(columns["score"][row])
            line = ErrorRow(
                unit_id=units.unit_ids[index],
                kind="missed_lesion" if kind == LESION else "false_positive_mark",
                reference=units.references[index],
                answer="negative" if kind == LESION else "positive",
                score=score if math.isfinite(score) else None,
            )
            errors.append((index, line))
        return [line for _, line in sorted(errors, key=lambda pair: pair[0])]

    def _check_lesions(self, units: Sequence[Unit]) -> None:
        problems = [
            Problem(key=key, where=f"{case.case_id}: {lesion.lesion_id}", facts=facts)
            for unit in units
            for case in unit.cases
            for lesion in unit.lesions.get(case.case_id, ())
            for key, facts in self._faults(case, lesion)
        ]
        collect(problems, ReferenceSetError)

    def _faults(self, case: Case, lesion: Lesion) -> Iterator[tuple[str, Mapping[str, str]]]:
        """What keeps marks from ever being on a lesion: no geometry for the rule, or an image no mark can name."""
        if not self.hit_rule.fits(lesion):
            yield "tasks.lesion_without_geometry", {"needs": self.hit_rule.needs}
        in_pixels = lesion.x is not None and not self.hit_rule.in_millimetres
        if in_pixels and len(case.files) > 1 and not _names_an_image(case, lesion.image):
            yield "tasks.lesion_image_unknown", {"found": lesion.image or "–", "known": ", ".join(case.files)}

    def _said(self, answer: Answer | None) -> _Said:
        if answer is None:
            return _Said("failed", (), NO_OUTPUT)
        status = answer.finding_statuses.get(self.finding, answer.status)
        if answer.marks is None:
            if status == "answered" and self.no_marks == "failed":
                return _Said("failed", (), NO_MARKS)
            return _Said(status, (), answer.reason)
        marks = tuple(mark for mark in answer.marks if mark.finding == self.finding)
        if any(mark.score is not None and not math.isfinite(mark.score) for mark in marks):
            return _Said("failed", (), NOT_FINITE)
        return _Said(status, marks, answer.reason)


@dataclass(frozen=True, slots=True)
class _CaseJudge:
    """Rows of units under one analysis."""

    task: Detection
    context: JudgingContext
    scores_exist: bool

    def rows_of_unit(self, unit: Unit, said: Mapping[str, _Said]) -> list[_Row]:
        """Lesions, false positives, silent images and the unit itself; none where the unit does not count."""
        if _reference(unit) in NOT_COUNTED_REFERENCES:
            return []
        normal = _reference(unit) == "negative" and not _has_lesion(unit)
        rows: list[_Row] = []
        counted = 0
        for case in unit.cases:
            one = said[case.case_id]
            treatment = None if one.status == "answered" else self.context.analysis.treatment[one.status]
            if treatment != "apart":
                counted += 1
                rows += self._rows_of_case(case, unit.lesions.get(case.case_id, ()), one, treatment)
        if not counted:
            return []
        lesions = [row for row in rows if row.kind == LESION]
        total = sum(row.weight for row in lesions)
        shares = [row._replace(weight=row.weight / total if total else 1 / len(lesions)) for row in lesions]
        alarms = [row for row in rows if row.kind in (FALSE_POSITIVE, SILENT_IMAGE)]
        highest = max((row.score for row in alarms), default=-math.inf)
        images = sum(row.images for row in rows if row.kind == UNIT)
        return [*shares, *alarms, _Row(UNIT, highest, False, images=images, normal=normal)]

    def _rows_of_case(
        self, case: Case, lesions: Sequence[Lesion], said: _Said, treatment: Treatment | None
    ) -> list[_Row]:
        """Rows of one case, its own UNIT row with the number of its images to be merged."""
        keeps_own = treatment in (None, "negative") or (
            bool(said.marks) and (said.status == "indeterminate" or treatment == "positive")
        )
        marks = said.marks if keeps_own else ()
        matched = match_marks(case, lesions, marks, self.task.hit_rule, self.task.second_hits)
        counted = [lesion for lesion in lesions if not lesion.ignore]
        rows = [
            _Row(
                LESION,
                self._score(hit, -math.inf),
                self._is_called(hit, treatment, LESION),
                lesion.weight,
                lesion=lesion,
            )
            for lesion, hit in zip(counted, matched.hits, strict=True)
        ]
        rows += [
            _Row(FALSE_POSITIVE, self._score(mark, math.inf), self._is_called(mark, treatment, FALSE_POSITIVE))
            for mark in matched.false_positives
        ]
        images = max(len(case.files), 1)
        if not keeps_own:
            rows += [_Row(SILENT_IMAGE, math.inf, True)] * images
        return [*rows, _Row(UNIT, -math.inf, False, images=images)]

    def _score(self, mark: Mark | None, unscored: float) -> float:
        if mark is None:
            return -math.inf
        if mark.score is not None:
            return mark.score
        return unscored if self.scores_exist else 0.0

    def _is_called(self, mark: Mark | None, treatment: Treatment | None, kind: float) -> bool:
        if mark is None or treatment == "negative":
            return False
        if treatment == "wrong":
            return kind == FALSE_POSITIVE
        return _reaches(mark, self.context.operating_point)


def _reaches(mark: Mark, point: OperatingPoint | None) -> bool:
    return point is None or mark.score is None or mark.score >= point.score_at_least


def _reference(unit: Unit) -> str:
    """What the set says of a unit; lesions speak for a unit of which truth.csv says nothing."""
    if unit.reference is None:
        return "positive" if _has_lesion(unit) else MISSING_REFERENCE
    return unit.reference


def _names_an_image(case: Case, image: str | None) -> bool:
    """Whether a name is a file of the case, or lies in a folder of it."""
    return image is not None and any(image == file or image.startswith(f"{file}/") for file in case.files)


def _has_lesion(unit: Unit) -> bool:
    return any(not lesion.ignore for lesions in unit.lesions.values() for lesion in lesions)


def _reason(unit: Unit, status: Status, said: Mapping[str, _Said]) -> str:
    if status == "answered":
        return ""
    cases = (said[case.case_id] for case in unit.cases)
    return next((case.reason for case in cases if case.status == status), NO_CASES)


def _lesion_strata(units: Sequence[Unit], rows: Sequence[_Row]) -> Mapping[str, tuple[str, ...]]:
    """Levels of the lesions' own fields, those of the cases left out."""
    of_cases = {name for unit in units for case in unit.cases for name in case.strata}
    lesions = [lesion for unit in units for group in unit.lesions.values() for lesion in group]
    fields = sorted({name for lesion in lesions for name in lesion.strata} - of_cases)
    return {
        name: tuple(EVERY_LEVEL if row.lesion is None else row.lesion.strata.get(name, NOT_RECORDED) for row in rows)
        for name in fields
    }


@hookimpl
def register_tasks() -> list[type[Task]]:
    """The tasks of this file."""
    return [Detection]
