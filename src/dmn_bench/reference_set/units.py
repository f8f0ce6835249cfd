"""What is counted once: cases grouped into units, each with the truth that the tables state for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..errors import Problem, ReferenceSetError, collect
from ..files import unknown_name
from ..vocabulary import Case, Lesion, ReferenceValue, Unit

if TYPE_CHECKING:
    from . import ReferenceSet

GROUPED = ("exam", "eye", "patient")
PER_CASE = ("case", "record", "lesion", "structure", "beat", "episode", "line", "frame_run")
"""Units that are counted within a case: they are judged case by case."""

WITHOUT_LESIONS: Mapping[str, tuple[Lesion, ...]] = MappingProxyType({})
"""Shared by every unit without a lesion."""

COMES_DOWN = frozenset({"negative", "unverified"})
"""What holds for every part when it is stated of the whole: a patient without the finding has no case with it, and of
a patient who was not verified no case was. A positive patient says nothing of one of several cases."""


def units(reference_set: ReferenceSet, *, finding: str, unit: str) -> tuple[Unit, ...]:
    """Every case in exactly one unit, in the order of cases.csv; ``unit_id`` of an eye is "patient_id/L" or "/R".

    The reference of a unit is what truth.csv states at its level. Where it states nothing there, it is the highest of
    its parts (an exam's cases, a patient's exams, an eye's cases), see ``highest``; a part of which nothing is stated
    takes a ``negative`` or ``unverified`` of the nearest level above, and nothing else. Lesions are those of the
    finding, by case. Of no finding ("") nothing is stated: a set may delineate structures alone.

    Raises ReferenceSetError if the finding or the unit is unknown, or for eyes if a case has no side of its own.
    """
    problems = []
    if finding and finding not in reference_set.card.finding_names:
        problems.append(unknown_name("refset.finding_unknown", finding, reference_set.card.finding_names, finding))
    if unit not in GROUPED + PER_CASE:
        problems.append(unknown_name("refset.unit_unknown", unit, GROUPED + PER_CASE, unit))
    if unit == "eye":
        problems += [
            Problem(key="refset.eye_without_side", where=case.case_id)
            for case in reference_set.cases
            if case.laterality not in ("L", "R")
        ]
    collect(problems, ReferenceSetError)
    truth = _Truth(reference_set, finding)
    lesions: dict[str, list[Lesion]] = {}
    for row in reference_set.lesions:
        if row.lesion.finding == finding:
            lesions.setdefault(row.case_id, []).append(row.lesion)
    return tuple(
        Unit(
            unit_id=unit_id,
            patient_id=cases[0].patient_id,
            cases=tuple(cases),
            reference=truth.of(unit, cases),
            lesions={case.case_id: tuple(lesions[case.case_id]) for case in cases if case.case_id in lesions}
            or WITHOUT_LESIONS,
        )
        for unit_id, cases in _grouped(reference_set.cases, _unit_id(unit)).items()
    )


def highest(values: Sequence[ReferenceValue | None]) -> ReferenceValue | None:
    """The value of a whole from those of its parts, none of them guessed.

    Labels: one positive part makes the whole positive; else an indeterminate part leaves it indeterminate, else an
    unverified part unverified, else a part without truth leaves it without truth; all negative is negative.
    Grades: the highest, but only when every part has one, for a part that could not be graded may be the worst.

    >>> highest(["negative", None, "positive"]), highest(["negative", None]), highest(["0", "3"])
    ('positive', None, '3')
    >>> highest(["2", "indeterminate"])
    'indeterminate'
    """
    if "positive" in values:
        return "positive"
    for doubtful in ("indeterminate", "unverified"):
        if doubtful in values:
            return doubtful
    stated = [value for value in values if value is not None]
    if len(stated) < len(values) or not stated:
        return None
    grades = [value for value in stated if value != "negative"]
    return max(grades, key=float) if grades else "negative"


class _Truth:
    """The statements of truth.csv for one finding."""

    def __init__(self, reference_set: ReferenceSet, finding: str) -> None:
        stated = reference_set.truth_by_finding.get(finding, ())
        self.cases, self.exams, self.patients = (
            {row.subject: row.value for row in stated if row.level == level} for level in ("case", "exam", "patient")
        )

    def of(self, unit: str, cases: Sequence[Case]) -> ReferenceValue | None:
        if unit == "exam":
            return self._exam(cases)
        if unit == "patient":
            return self._patient(cases)
        return highest([self._case(case) for case in cases])

    def _case(self, case: Case) -> ReferenceValue | None:
        stated = self.cases.get(case.case_id)
        if stated is not None:
            return stated
        above = self.exams.get(case.exam_id)
        if above is None:
            above = self.patients.get(case.patient_id)
        return above if above in COMES_DOWN else None

    def _exam(self, cases: Sequence[Case]) -> ReferenceValue | None:
        stated = self.exams.get(cases[0].exam_id)
        return stated if stated is not None else highest([self._case(case) for case in cases])

    def _patient(self, cases: Sequence[Case]) -> ReferenceValue | None:
        stated = self.patients.get(cases[0].patient_id)
        if stated is not None:
            return stated
        return highest([self._exam(exam) for exam in _grouped(cases, lambda case: case.exam_id).values()])


def _unit_id(unit: str) -> Callable[[Case], str]:
    if unit == "eye":
        return lambda case: f"{case.patient_id}/{case.laterality}"
    return attrgetter(f"{unit}_id" if unit in GROUPED else "case_id")


def _grouped(cases: Iterable[Case], key: Callable[[Case], str]) -> Mapping[str, list[Case]]:
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(key(case), []).append(case)
    return groups
