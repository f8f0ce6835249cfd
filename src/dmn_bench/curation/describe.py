"""What a reference set holds: cases, exams, patients, truth, strata and what is missing, as counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..reference_set import MaskRow, ReferenceSet, units
from ..reference_set.card import Card, as_number
from ..statistics.proportions import proportion_interval
from ..vocabulary import NOT_RECORDED, Grid, Interval, Language, NotEstimable
from ..wordings import say
from ..wordings.numbers import between, percent, whole

LEVELS = ("case", "exam", "patient")
MISSING = "missing"
"""The reference value of a case or unit of which truth.csv says nothing for the finding."""
STATED = "stated"
"""Any number of a finding that has a unit: a count of each would be a column of each."""


@dataclass(frozen=True, kw_only=True)
class FindingCounts:
    """One finding, counted in the coarsest unit for which truth.csv states it."""

    finding: str
    unit: str  # "case", "exam" or "patient"
    references: Mapping[str, int]  # value -> units; MISSING where nothing is stated
    prevalence: float | NotEstimable  # share of positives among positives and negatives
    interval: Interval | NotEstimable  # 95 %, clustered where a patient has several units


@dataclass(frozen=True, kw_only=True)
class LevelCounts:
    """One level of one field; field and level are "" for the whole set."""

    field: str
    level: str
    n_cases: int
    n_patients: int
    references: Mapping[str, Mapping[str, int]]  # finding -> reference value -> cases


@dataclass(frozen=True, kw_only=True)
class StructureCounts:
    """One structure that masks.csv delineates."""

    structure: str
    n_cases: int
    n_masks: int
    readers: tuple[str, ...]  # in the order of masks.csv, "" where it names none


@dataclass(frozen=True, kw_only=True)
class Composition:
    """The counts of a set. ``units_per_patient``: unit -> number of units -> patients with so many."""

    n_cases: int
    n_exams: int
    n_patients: int
    patients_known: bool
    units_per_patient: Mapping[str, Mapping[int, int]]
    findings: tuple[FindingCounts, ...]
    levels: tuple[LevelCounts, ...]  # the whole set first, then each field's levels in their order, not recorded last
    missing: Mapping[str, int]  # column of cases.csv -> empty cells
    structures: tuple[StructureCounts, ...] = ()  # in the order of masks.csv


def describe(reference_set: ReferenceSet) -> Composition:
    """The composition of a loaded set."""
    cases = reference_set.cases
    by_finding = {name: _case_values(reference_set, name) for name in reference_set.card.finding_names}
    return Composition(
        n_cases=len(cases),
        n_exams=len({case.exam_id for case in cases}),
        n_patients=len(reference_set.patient_codes),
        patients_known=reference_set.patients_known,
        units_per_patient={
            "case": _per_patient((case.patient_id, case.case_id) for case in cases),
            "exam": _per_patient((case.patient_id, case.exam_id) for case in cases),
        },
        findings=tuple(_finding(reference_set, name) for name in reference_set.card.finding_names),
        levels=tuple(_levels(reference_set, by_finding)),
        missing=dict(reference_set.missing),
        structures=_structures(reference_set),
    )


def composition_rows(composition: Composition) -> list[dict[str, object]]:
    """The levels as the record keeps them: field, level, n_cases, n_patients, references."""
    return [
        {
            "field": level.field,
            "level": level.level,
            "n_cases": level.n_cases,
            "n_patients": level.n_patients,
            "references": {finding: dict(counts) for finding, counts in level.references.items()},
        }
        for level in composition.levels
    ]


def grids(composition: Composition, card: Card, language: Language) -> tuple[Grid, ...]:
    """The composition as worded tables, with titles of the card: totals, findings, strata, missing values."""

    def words(*names: str) -> tuple[str, ...]:
        return tuple(say(f"refset.describe_{name}", language) for name in names)

    def count(n: float) -> str:
        return whole(n, language)

    totals = (composition.n_cases, composition.n_exams, composition.n_patients)
    n_several = sum(n for many, n in composition.units_per_patient["case"].items() if many > 1)
    finding_rows = tuple(
        (
            card.called(each.finding, language),
            say(f"refset.describe_unit_{each.unit}", language),
            _counts_in_words(each.references, language),
            "—" if isinstance(each.prevalence, NotEstimable) else percent(each.prevalence, language),
            _interval_in_words(each.interval, language),
        )
        for each in composition.findings
    )
    level_rows = tuple(
        (
            card.called(level.field, language),
            level_called(card, level.field, level.level, language),
            count(level.n_cases),
            count(level.n_patients),
            *(_counts_in_words(counts, language) for counts in level.references.values()),
        )
        for level in composition.levels
        if level.field
    )
    findings = tuple(card.called(each.finding, language) for each in composition.findings)
    missing_rows = tuple((column, count(n)) for column, n in composition.missing.items() if n)
    return (
        Grid(
            header=words("cases", "exams", "patients", "patients_with_several"),
            rows=((*map(count, totals), count(n_several)),),
            numeric=(True,) * 4,
        ),
        Grid(header=words("finding", "unit", "reference", "prevalence", "interval"), rows=finding_rows),
        Grid(
            header=(*words("field", "level", "cases", "patients"), *findings),
            rows=level_rows,
            numeric=(False, False, True, True),
        ),
        *([Grid(header=words("column", "empty"), rows=missing_rows, numeric=(False, True))] if missing_rows else []),
        *_structure_grids(composition, card, language),
    )


def level_called(card: Card, field: str, level: str, language: Language) -> str:
    """A level of a stratum of cases or lesions by its title, or in words where none is recorded."""
    if level == NOT_RECORDED and card.level_called(field, level, language) == level:
        return say("refset.describe_not_recorded", language)
    return card.level_called(field, level, language)


def _structure_grids(composition: Composition, card: Card, language: Language) -> Iterator[Grid]:
    if composition.structures:
        yield Grid(
            header=tuple(
                say(f"masks.describe_{name}", language) for name in ("structure", "cases", "masks", "readers")
            ),
            rows=tuple(
                (
                    card.called(each.structure, language),
                    whole(each.n_cases, language),
                    whole(each.n_masks, language),
                    ", ".join(reader or "—" for reader in each.readers),
                )
                for each in composition.structures
            ),
            numeric=(False, True, True, False),
        )


def _structures(reference_set: ReferenceSet) -> tuple[StructureCounts, ...]:
    rows: dict[str, list[MaskRow]] = {}
    for row in reference_set.masks:
        rows.setdefault(row.structure, []).append(row)
    return tuple(
        StructureCounts(
            structure=structure,
            n_cases=len({row.case_id for row in of_one}),
            n_masks=len(of_one),
            readers=tuple(dict.fromkeys(row.reader for row in of_one)),
        )
        for structure, of_one in rows.items()
    )


def _counts_in_words(counts: Mapping[str, int], language: Language) -> str:
    known = ("positive", "negative", "indeterminate", "unverified", MISSING, STATED)
    return ", ".join(
        f"{say(f'refset.describe_{value}', language)} {whole(n, language)}"
        if value in known
        else f"{value}{say('report.colon', language)}{whole(n, language)}"
        for value, n in counts.items()
    )


def _interval_in_words(interval: Interval | NotEstimable, language: Language) -> str:
    if isinstance(interval, NotEstimable):
        return "—"
    return between(percent(interval.low, language), percent(interval.high, language), language)


def _stated_unit(reference_set: ReferenceSet, finding: str) -> str:
    stated = {row.level for row in reference_set.truth_by_finding.get(finding, ())}
    return max(stated, key=LEVELS.index, default="case")


def _case_values(reference_set: ReferenceSet, finding: str) -> Mapping[str, str]:
    """case_id -> its own reference, or that of the smallest unit above it that has one."""
    values: dict[str, str] = {}
    has_unit = _has_unit(reference_set, finding)
    for level in LEVELS:
        for unit in units(reference_set, finding=finding, unit=level):
            if unit.reference is not None:
                for case in unit.cases:
                    values.setdefault(case.case_id, _counted_as(unit.reference, has_unit=has_unit))
    return values


def _has_unit(reference_set: ReferenceSet, finding: str) -> bool:
    return any(each.unit is not None for each in reference_set.card.findings if each.name == finding)


def _counted_as(value: str, *, has_unit: bool) -> str:
    return STATED if has_unit and as_number(value) is not None else value


def _finding(reference_set: ReferenceSet, finding: str) -> FindingCounts:
    unit, has_unit = _stated_unit(reference_set, finding), _has_unit(reference_set, finding)
    counted = units(reference_set, finding=finding, unit=unit)
    verified = [each for each in counted if each.reference in ("positive", "negative")]
    positive = np.array([each.reference == "positive" for each in verified], dtype=np.float64)
    codes = np.array([reference_set.patient_codes[each.patient_id] for each in verified], dtype=np.int64)
    clustered = len({each.patient_id for each in counted}) < len(counted)
    interval = proportion_interval(positive, np.ones(len(verified)), codes, clustered=clustered)
    return FindingCounts(
        finding=finding,
        unit=unit,
        references=_counted(_counted_as(each.reference or MISSING, has_unit=has_unit) for each in counted),
        prevalence=float(positive.mean()) if verified else NotEstimable(reason="no_denominator"),
        interval=interval,
    )


def _levels(reference_set: ReferenceSet, by_finding: Mapping[str, Mapping[str, str]]) -> Sequence[LevelCounts]:
    found = []
    for field in ("", *reference_set.card.strata):
        members = defaultdict(list)
        for case in reference_set.cases:
            members[case.strata[field] if field else ""].append(case)
        for level in _in_order(reference_set, field, members):
            cases = members[level]
            found.append(
                LevelCounts(
                    field=field,
                    level=level,
                    n_cases=len(cases),
                    n_patients=len({case.patient_id for case in cases}),
                    references={
                        finding: _counted(values.get(case.case_id, MISSING) for case in cases)
                        for finding, values in by_finding.items()
                    },
                )
            )
    return found


def _in_order(reference_set: ReferenceSet, field: str, present: Mapping[str, object]) -> Sequence[str]:
    """Levels present or listed by the card, in the card's order, the others sorted, not recorded last."""
    listed = reference_set.card.strata[field].ordered_levels() if field else ()
    others = sorted(level for level in present if level not in listed and level != NOT_RECORDED)
    # an outermost level below or above all edges is only worth a line when a case lies in it
    shown = [level for level in listed if level in present or level[0] not in "<>"]
    return [*shown, *others, *([NOT_RECORDED] if NOT_RECORDED in present else [])]


def _counted(values: Iterable[str]) -> Mapping[str, int]:
    """Value -> count: labels in their usual order, then grades by size, then what is missing."""
    counts = Counter(values)
    labels = ("positive", "negative", STATED, "indeterminate", "unverified", MISSING)
    grades = sorted((value for value in counts if value not in labels), key=float)
    return {value: counts[value] for value in (*labels[:2], *grades, *labels[2:]) if value in counts}


def _per_patient(pairs: Iterable[tuple[str, str]]) -> Mapping[int, int]:
    """Number of different units -> number of patients with so many, ascending."""
    n_units = Counter(patient for patient, _ in set(pairs))
    return dict(sorted(Counter(n_units.values()).items()))
