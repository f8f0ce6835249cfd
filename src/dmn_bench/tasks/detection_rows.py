"""What becomes of lesions and marks in one analysis, unit by unit: the rows that the task detection judges by."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Literal, NamedTuple

from ..vocabulary import NOT_RECORDED, SEVERAL_VALUES, Lesion, Status
from .combining import MISSING_REFERENCE, NOT_COUNTED_REFERENCES
from .mark_matching import CaseMarks, Matched, Matching, matched_cases

if TYPE_CHECKING:
    from ..hookspecs import JudgingContext
    from ..vocabulary import Case, Mark, OperatingPoint, Treatment, Unit
    from .hit_rules import HitRule

LESION, FALSE_POSITIVE, UNIT, SILENT_IMAGE, SECOND_HIT, CHARGED = 0.0, 1.0, 2.0, 3.0, 4.0, 5.0
MOST_CHARGED = 100
"""False positives that an image without an answer is charged with at most."""
COLUMN_NAMES = ("kind", "score", "called", "weight", "images", "normal", "ignored")


class Said(NamedTuple):
    """What was said of one case: its marks of the finding, () when it looked and found none."""

    status: Status
    marks: tuple[Mark, ...]
    reason: str


class Row(NamedTuple):
    """One row to be: COLUMN_NAMES, then what it is about."""

    kind: float
    score: float
    called: bool
    weight: float = 0.0
    images: int = 0
    normal: bool = False
    ignored: int = 0
    lesion: Lesion | None = None
    mark: tuple[str, Lesion | Mark] | None = None  # the case and what lies there


_NOTHING = Row(CHARGED, -math.inf, False)


class View(NamedTuple):
    """One case that counts, with what was found in it. ``lesions``: those that count, as ``matched.hits`` has them."""

    case: Case
    lesions: tuple[Lesion, ...]
    status: Status
    treatment: Treatment | None
    keeps_own: bool  # its marks count; else it is silent
    matched: Matched


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """Options of the task that say how marks and lesions are counted."""

    hit_rule: HitRule
    matching: Matching
    second_hits: Literal["ignored", "false_positive"]
    lesions: Literal["each", "by_id"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RowMaker:
    """Rows of units under one analysis. ``scores_exist``: some mark of the candidate has a score."""

    rules: Rules
    context: JudgingContext
    scores_exist: bool

    def views(self, units: Sequence[Unit], said: Mapping[str, Said]) -> list[list[View]]:
        """For each unit its cases that count, matched all at once; none where the unit does not count."""
        drafts = [list(self._drafts(unit, said)) for unit in units]
        asked = [asked for of_unit in drafts for _, asked, _ in of_unit]
        found = iter(matched_cases(asked, self.rules.hit_rule, self.rules.second_hits, self.rules.matching))
        return [
            [
                View(
                    case=asked.case,
                    lesions=tuple(lesion for lesion in asked.lesions if not lesion.ignore),
                    status=said[asked.case.case_id].status,
                    treatment=treatment,
                    keeps_own=keeps_own,
                    matched=next(found),
                )
                for treatment, asked, keeps_own in of_unit
            ]
            for of_unit in drafts
        ]

    def _drafts(self, unit: Unit, said: Mapping[str, Said]) -> Iterator[tuple[Treatment | None, CaseMarks, bool]]:
        if reference_of(unit) in NOT_COUNTED_REFERENCES:
            return
        for case in unit.cases:
            one = said[case.case_id]
            treatment = None if one.status == "answered" else self.context.analysis.treatment[one.status]
            if treatment == "apart":
                continue
            keeps_own = treatment in (None, "negative") or (
                bool(one.marks) and (one.status == "indeterminate" or treatment == "positive")
            )
            marks = one.marks if keeps_own else ()
            yield treatment, CaseMarks(case=case, lesions=unit.lesions.get(case.case_id, ()), marks=marks), keeps_own

    def charge(self, views: Iterable[View]) -> list[Row]:
        """What one silent image counts, by falling score: as at every threshold the answered image with most alarms.

        The first is above every score, the k-th has the highest score that the k-th false positive of an image has.
        """
        charged = [Row(SILENT_IMAGE, math.inf, True)]
        for view in views:
            by_image: dict[str | None, list[Row]] = {}
            for mark in view.matched.false_positives if view.keeps_own else ():
                row = Row(CHARGED, self._score(mark, math.inf), self._is_called(mark, view.treatment, FALSE_POSITIVE))
                by_image.setdefault(mark.image if len(view.case.files) > 1 else None, []).append(row)
            for rows in by_image.values():
                further = sorted(rows, key=lambda row: (row.score, row.called), reverse=True)[1:MOST_CHARGED]
                charged[1:] = [max(pair) for pair in zip_longest(charged[1:], further, fillvalue=_NOTHING)]
        return charged

    def rows(self, unit: Unit, views: Sequence[View], charge: Sequence[Row]) -> list[Row]:
        """Lesions, false positives, second hits, silent images and the unit itself; none without a case that counts.

        ``charge``: what one silent image counts.
        """
        if not views:
            return []
        normal = is_normal(unit)
        lesions = [row for row, _ in self.lesion_rows(views)]
        total = sum(row.weight for row in lesions)
        shares = [row._replace(weight=row.weight / total if total else 1 / len(lesions)) for row in lesions]
        others = [row for view in views for row in self._rows_of_marks(view)]
        others += [row for view in views if not view.keeps_own for row in [*charge] * max(len(view.case.files), 1)]
        others = [row if row.kind == SECOND_HIT else row._replace(normal=normal) for row in others]
        alarms = [row.score for row in others if row.kind != SECOND_HIT]
        images = sum(max(len(view.case.files), 1) for view in views)
        ignored = sum(lesion.ignore for view in views for lesion in unit.lesions.get(view.case.case_id, ()))
        highest = max(alarms, default=-math.inf)
        return [*shares, *others, Row(UNIT, highest, False, images=images, normal=normal, ignored=ignored)]

    def lesion_rows(self, views: Sequence[View]) -> list[tuple[Row, list[tuple[View, Lesion]]]]:
        """One row for each lesion, with where it is on the views that show it; its weight is as stated."""
        shown: dict[object, list[tuple[Row, View, Lesion]]] = {}
        for view in views:
            for lesion, hit in zip(view.lesions, view.matched.hits, strict=True):
                row = Row(
                    LESION,
                    self._score(hit, -math.inf),
                    self._is_called(hit, view.treatment, LESION),
                    lesion.weight,
                    lesion=lesion,
                    mark=(view.case.case_id, lesion),
                )
                name = lesion.lesion_id if self.rules.lesions == "by_id" else len(shown)
                shown.setdefault(name, []).append((row, view, lesion))
        return [
            (_on_any_view([row for row, _, _ in seen]), [(view, lesion) for _, view, lesion in seen])
            for seen in shown.values()
        ]

    def _rows_of_marks(self, view: View) -> list[Row]:
        name, treatment = view.case.case_id, view.treatment
        rows = [
            Row(
                FALSE_POSITIVE,
                self._score(mark, math.inf),
                self._is_called(mark, treatment, FALSE_POSITIVE),
                mark=(name, mark),
            )
            for mark in view.matched.false_positives
        ]
        return rows + [Row(SECOND_HIT, self._score(mark, math.inf), False) for mark in view.matched.second_hits]

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
        return reaches(mark, self.context.operating_point)


def reaches(mark: Mark, point: OperatingPoint | None) -> bool:
    """Whether a mark is called: one without a score always is."""
    return point is None or mark.score is None or mark.score >= point.score_at_least


def reference_of(unit: Unit) -> str:
    """What the set says of a unit; lesions speak for a unit of which truth.csv says nothing."""
    if unit.reference is None:
        return "positive" if _has_lesion(unit) else MISSING_REFERENCE
    return unit.reference


def is_normal(unit: Unit) -> bool:
    """Whether the reference is negative and shows no lesion but ones to ignore."""
    return reference_of(unit) == "negative" and not _has_lesion(unit)


def _has_lesion(unit: Unit) -> bool:
    return any(not lesion.ignore for lesions in unit.lesions.values() for lesion in lesions)


def _on_any_view(rows: Sequence[Row]) -> Row:
    """One lesion seen on several views: found where any view has it, with the best mark and the largest weight."""
    if len(rows) == 1:
        return rows[0]
    seen = [row.lesion for row in rows if row.lesion is not None]
    fields = {name for lesion in seen for name in lesion.strata}
    strata = {name: _one_level([lesion.strata.get(name, NOT_RECORDED) for lesion in seen]) for name in sorted(fields)}
    return Row(
        LESION,
        max(row.score for row in rows),
        any(row.called for row in rows),
        max(row.weight for row in rows),
        lesion=dataclasses.replace(seen[0], strata=strata),
        mark=rows[0].mark,
    )


def _one_level(levels: Sequence[str]) -> str:
    known = set(levels) - {NOT_RECORDED}
    if len(known) > 1:
        return SEVERAL_VALUES
    return known.pop() if known else NOT_RECORDED
