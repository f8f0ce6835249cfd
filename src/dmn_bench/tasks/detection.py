"""Lesions found and marks put where nothing is, under a hit rule.

Columns of its judgements; the rows are of six kinds, told apart by ``kind``:

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
``normal``         0                           as of its unit              1: the reference is negative and there is
                                                                           no lesion but ones to ignore
``ignored``        0                           0                           its lesions to ignore, each time shown
``spacing``        from 1: place in SPACINGS   0                           0
                   of what it is measured in
                   mm by; 0: by none
=================  ==========================  ==========================  ========================================

3: an image left unanswered that is charged to the device, as wrong or as a positive call. It counts like one false
positive above every score (``score`` +∞, ``called`` 1, ``normal`` as of its unit, the rest 0).

5: a further false positive that such an image is charged with: at every threshold it has as many, one at least, as the
answered image of the candidate that has most of them there. ``score`` of the k-th is the highest that a k-th false
positive of an image has, ``called`` as that one, ``normal`` as of its unit, the rest 0; at most 100 for an image. So
silence costs no less than the false positives of any other image, and no figure is above that of the answered images.
The infinity that the worst rank would mean would bring every sensitivity at a rate to 0 by one failure, and tell
nothing of the device; only a flood on the one image that is left unanswered may cost more than silence.

4: a further mark on a lesion already found, where these are ignored: ``score`` of the mark, the rest 0. The average
precision alone counts it.

``row_strata`` holds the fields of the lesions; rows of other kinds count in every level.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..errors import Problem, ReferenceSetError, collect
from ..hookspecs import JudgingContext, Task, hookimpl
from ..strata import EVERY_LEVEL
from ..vocabulary import NOT_RECORDED, Curve, ErrorPlace, ErrorRow, Judgements, Status, Table
from .binary import unanswered
from .combining import NO_CASES, NO_OUTPUT, NOT_FINITE, check_references, unit_table, worst
from .detection_curves import afroc, froc
from .detection_places import FALSE, MISSED, error_places, place_listed
from .detection_rows import (
    CHARGED,
    COLUMN_NAMES,
    FALSE_POSITIVE,
    LESION,
    SECOND_HIT,
    SILENT_IMAGE,
    UNIT,
    Row,
    RowMaker,
    Rules,
    Said,
    reference_of,
)
from .hit_rules import HitRule
from .mark_places import OTHER_GRID, TOO_MUCH, faults, is_too_much

if TYPE_CHECKING:
    from ..vocabulary import Answer, Case, Lesion, Unit

__all__ = ["CHARGED", "FALSE_POSITIVE", "LESION", "SECOND_HIT", "SILENT_IMAGE", "UNIT", "Detection"]

NO_MARKS = "no marks"
SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing", "file")
"""What may state how far pixels of an image are apart, by which lesions in pixels are measured in mm."""
_WORST = (MISSED, "unanswered", FALSE)  # in this order errors are listed


@dataclass(frozen=True, kw_only=True)
class Detection:
    """Marks on images or volumes against reference lesions, one mark for one lesion.

    Lesions to ignore make no row, and marks on them neither. A mark without a score is called; among scored marks it
    ranks worst, and where no mark of a candidate has a score all rank alike. A case with a mark that cannot be judged
    (a box of negative width, a place that is no number, a mask of another size) is failed.
    """

    name: ClassVar[str] = "detection"

    finding: str  # name of the finding in the reference set
    hit_rule: HitRule  # when a mark is on a lesion
    matching: Literal["by_score", "optimal"] = "by_score"  # which mark counts for which lesion
    no_marks: Literal["negative", "failed"] = "negative"  # what an answer that says nothing of marks means
    second_hits: Literal["ignored", "false_positive"] = "ignored"  # further marks on a lesion already found
    lesions: Literal["each", "by_id"] = "each"  # by_id: rows of one lesion_id in a unit are views of one lesion

    def judge(self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext) -> Judgements:
        """Rows for every unit with a reference that the analysis does not set apart.

        A unit without truth but with lesions is positive; without either it has no rows, like a doubtful one. Where
        a unit has several cases each is treated by its own state. With ``lesions: by_id`` a lesion is found when any
        of its views has a mark on it, and ranks by the best of them; false positives count on every view.
        Raises ReferenceSetError naming every lesion that lacks what the hit rule needs, or whose image, in a case of
        several, is none of its files: a SOP Instance UID must have been turned into the path before.
        """
        said, maker = self._prepared(units, answers, context)
        rows: list[Row] = []
        row_units: list[int] = []
        views = maker.views(units, said)
        charge = maker.charge(view for of_unit in views for view in of_unit)
        for index, (unit, of_unit) in enumerate(zip(units, views, strict=True)):
            found = maker.rows(unit, of_unit, charge)
            rows += found
            row_units += [index] * len(found)
        statuses = [worst(said[case.case_id].status for case in unit.cases) for unit in units]
        reasons = [_reason(unit, status, said) for unit, status in zip(units, statuses, strict=True)]
        table = unit_table(units, context.patients, statuses, reasons)
        values = np.array([row[: len(COLUMN_NAMES)] for row in rows], dtype=np.float64)
        values = values.reshape(len(rows), len(COLUMN_NAMES))
        return Judgements(
            task=self.name,
            units=dataclasses.replace(table, references=tuple(reference_of(unit) for unit in units)),
            row_units=np.array(row_units, dtype=np.int64),
            columns={
                **{name: values[:, at] for at, name in enumerate(COLUMN_NAMES)},
                "spacing": np.array([_spacing(row) for row in rows], dtype=np.float64),
            },
            row_strata=_lesion_strata(units, rows),
            row_marks=tuple(row.mark for row in rows),
        )

    def tables(self, judgements: Judgements) -> Sequence[Table]:
        """What was counted: lesions and marks, how many of them at the operating point, then images and units."""
        columns = judgements.columns
        kind, called, normal = columns["kind"], columns["called"] > 0, columns["normal"] > 0
        of_units = kind == UNIT
        counts = {
            "lesion": ((kind == LESION).sum(), ((kind == LESION) & called).sum()),
            "false_positive": ((kind == FALSE_POSITIVE).sum(), ((kind == FALSE_POSITIVE) & called).sum()),
            "second_hit": ((kind == SECOND_HIT).sum(), 0),
            "ignored": (columns["ignored"].sum(), 0),
            "image": (columns["images"].sum(), 0),
            "normal_image": (columns["images"][normal].sum(), 0),
            "silent_image": ((kind == SILENT_IMAGE).sum(), 0),
            "unit": (of_units.sum(), 0),
            "normal": ((of_units & normal).sum(), 0),
        }
        by = columns["spacing"]
        counts |= {
            f"by_{name}": ((by == place).sum(), 0) for place, name in enumerate(SPACINGS, start=1) if place in by
        }
        return [
            Table(
                name="marks",
                rows=tuple(counts),
                columns=("all", "called"),
                counts=tuple((float(in_all), float(at_point)) for in_all, at_point in counts.values()),
            )
        ]

    def curves(self, judgements: Judgements) -> Sequence[Curve]:
        """The FROC curve, lesion sensitivity against false positives per image, and the AFROC curve.

        Each where there is what it needs: lesions, and images or normal units.
        """
        return (*froc(judgements.columns), *afroc(judgements.columns))

    def errors(self, judgements: Judgements) -> Sequence[ErrorRow]:
        """Lesions missed and false positives at the operating point, with their places, and the device's non-answers.

        The worst first: missed lesions by falling size, then non-answers, then false positives by falling score.
        """
        units, columns = judgements.units, judgements.columns
        refused = unanswered(units)
        errors = [(_WORST.index("unanswered"), 0.0, line) for line in refused.values()]
        for row, index in enumerate(judgements.row_units.tolist()):
            kind, is_called = columns["kind"][row], columns["called"][row] > 0
            if index in refused or kind not in (LESION, FALSE_POSITIVE) or (kind == LESION) == is_called:
                continue
            score = float(columns["score"][row])
            finite = score if math.isfinite(score) else None
            about = judgements.row_marks[row] if judgements.row_marks else None
            place = None if about is None else place_listed(*about, finite)
            line = ErrorRow(
                unit_id=units.unit_ids[index],
                kind=MISSED if kind == LESION else FALSE,
                reference=units.references[index],
                answer="negative" if kind == LESION else "positive",
                score=finite,
                place=place,
            )
            errors.append((_WORST.index(line.kind), 0.0 if place is None else -place.here, line))
        return [line for _, _, line in sorted(errors, key=lambda error: error[:2])]

    def places(
        self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext
    ) -> Sequence[ErrorPlace]:
        """Missed lesions and false positive marks at the operating point, in the answered cases of counted units."""
        said, maker = self._prepared(units, answers, context)
        return error_places(maker, units, maker.views(units, said))

    def _prepared(
        self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext
    ) -> tuple[Mapping[str, Said], RowMaker]:
        check_references(units, ("positive", "negative"))
        collect([problem for _, _, problem in self.lesions_unfit(units)], ReferenceSetError)
        said = {case.case_id: self._said(answers.get(case.case_id)) for unit in units for case in unit.cases}
        said |= _unjudgeable(units, said)
        rules = Rules(
            hit_rule=self.hit_rule, matching=self.matching, second_hits=self.second_hits, lesions=self.lesions
        )
        scores_exist = any(mark.score is not None for one in said.values() for mark in one.marks)
        return said, RowMaker(rules=rules, context=context, scores_exist=scores_exist)

    def lesions_unfit(self, units: Sequence[Unit]) -> list[tuple[Case, Lesion, Problem]]:
        """Every lesion that no mark can ever be on, in the order of units, with what is wrong with it."""
        placed = [
            (case, lesion) for unit in units for case in unit.cases for lesion in unit.lesions.get(case.case_id, ())
        ]
        faulty = faults([lesion for _, lesion in placed])
        return [
            (case, lesion, Problem(key=key, where=f"{case.case_id}: {lesion.lesion_id}", facts=facts))
            for index, (case, lesion) in enumerate(placed)
            for key, facts in self._faults(case, lesion, is_faulty=index in faulty)
        ]

    def _faults(self, case: Case, lesion: Lesion, *, is_faulty: bool) -> Iterator[tuple[str, Mapping[str, str]]]:
        """What keeps marks from ever being on a lesion: no geometry for the rule, or an image no mark can name."""
        if is_faulty or not self.hit_rule.fits(lesion):
            yield "tasks.lesion_without_geometry", {"needs": self.hit_rule.needs}
        in_pixels = self.hit_rule.compares_pixels(lesion)
        if in_pixels and len(case.files) > 1 and not _names_an_image(case, lesion.image):
            yield "tasks.lesion_image_unknown", {"found": lesion.image or "–", "known": ", ".join(case.files)}

    def _said(self, answer: Answer | None) -> Said:
        if answer is None:
            return Said("failed", (), NO_OUTPUT)
        status = answer.finding_statuses.get(self.finding, answer.status)
        if answer.marks is None:
            if status == "answered" and self.no_marks == "failed":
                return Said("failed", (), NO_MARKS)
            return Said(status, (), answer.reason)
        marks = tuple(mark for mark in answer.marks if mark.finding == self.finding)
        if any(mark.score is not None and not math.isfinite(mark.score) for mark in marks):
            return Said("failed", (), NOT_FINITE)
        return Said(status, marks, answer.reason)


def _unjudgeable(units: Sequence[Unit], said: Mapping[str, Said]) -> Mapping[str, Said]:
    """The cases with a mark that cannot be compared with lesions, as failed."""
    marks = [(case_id, mark) for case_id, one in said.items() for mark in one.marks]
    found = {marks[index][0]: fault for index, fault in sorted(faults([mark for _, mark in marks]).items())[::-1]}
    found |= {name: TOO_MUCH for name, one in said.items() if name not in found and is_too_much(one.marks)}
    masked = {case_id for case_id, mark in marks if mark.mask is not None}
    for unit in units:
        for case_id in masked.intersection(unit.lesions):
            masks = [mark.mask for mark in said[case_id].marks if mark.mask is not None]
            sizes = {(lesion.mask.rows, lesion.mask.columns) for lesion in unit.lesions[case_id] if lesion.mask}
            if len(sizes) == 1 and any((mask.rows, mask.columns) not in sizes for mask in masks):
                found.setdefault(case_id, OTHER_GRID)
    return {case_id: Said("failed", (), fault) for case_id, fault in found.items()}


def _spacing(row: Row) -> int:
    source = None if row.lesion is None else row.lesion.spacing_source
    return 1 + SPACINGS.index(source) if source in SPACINGS else 0


def _names_an_image(case: Case, image: str | None) -> bool:
    """Whether a name is a file of the case, or lies in a folder of it."""
    return image is not None and any(image == file or image.startswith(f"{file}/") for file in case.files)


def _reason(unit: Unit, status: Status, said: Mapping[str, Said]) -> str:
    if status == "answered":
        return ""
    cases = (said[case.case_id] for case in unit.cases)
    return next((case.reason for case in cases if case.status == status), NO_CASES)


def _lesion_strata(units: Sequence[Unit], rows: Sequence[Row]) -> Mapping[str, tuple[str, ...]]:
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
