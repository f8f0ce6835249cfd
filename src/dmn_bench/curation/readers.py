"""How far the readers of a reference set agree with each other, before any consensus."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..reference_set import Reading, ReferenceSet
from ..reference_set.card import as_number
from ..statistics import reliability
from ..statistics.agreement import Weights, kappa, kappa_interval, kappa_value
from ..statistics.resampling import resample
from ..vocabulary import Columns, Interval, NotEstimable, Totals
from .lesion_readers import LesionAgreement, lesion_agreement

if TYPE_CHECKING:
    from ..statistics.reliability import Reliability
    from ..vocabulary import FloatArray, IntArray

_Found = tuple[float | NotEstimable, Interval | NotEstimable]
LABELS = ("positive", "negative", "indeterminate")
NOT_READ = "unverified"
MOST_GRADES = 20
"""Whole numbers that span no more than this are grades of a scale; others are numbers."""
LITTLE_AGREEMENT = 0.60
"""Chance-corrected agreement below this makes a reference weak. Reference: McHugh 2012, Biochem Med 22:276."""
_FEWEST_RESAMPLES = 200  # where a value is wanted and its interval is not
NOT_CORRECTED: Literal["lesion_agreement"] = "lesion_agreement"
"""The one coefficient that is not corrected for chance."""
Coefficient = Literal[
    "lesion_agreement", "kappa", "kappa_quadratic", "fleiss_kappa", "krippendorff_alpha", "ac1", "pabak", "icc_2_1"
]


@dataclass(frozen=True, kw_only=True)
class Chance:
    """How intervals that have no closed form are made."""

    resamples: int
    seed: int
    confidence: float


@dataclass(frozen=True, kw_only=True)
class ReaderAgreement:
    """One coefficient of the readings of one finding."""

    finding: str
    level: reliability.Level | Literal["lesions"]
    coefficient: Coefficient
    value: float | NotEstimable
    interval: Interval | NotEstimable
    n_readers: int
    n_cases: int  # read by at least two
    n_patients: int  # of these cases
    n_left_out: int  # readings without a place on the scale: doubts among grades, cases a reader did not judge
    observed_agreement: float  # mean share of pairs of readers that agree on a case
    prevalence: float | None  # share of positive among positive and negative readings; None for grades


@dataclass(frozen=True, kw_only=True)
class _Readings:
    """The readings of one finding as a table."""

    finding: str
    level: reliability.Level
    n_categories: int  # at least 2
    numbers: tuple[float, ...]  # what the positions stand for, at level interval
    ratings: IntArray  # [cases, readers] position among the categories, −1 missing; every case read twice or more
    patients: IntArray  # [cases]
    clustered: bool
    n_left_out: int
    prevalence: float | None

    @property
    def counts(self) -> FloatArray:
        """[cases, categories]."""
        return reliability.reading_counts(self.ratings, self.n_categories)

    @property
    def complete(self) -> bool:
        """Whether every reader read every case."""
        return bool((self.ratings >= 0).all())


def reader_agreement(reference_set: ReferenceSet, chance: Chance) -> list[ReaderAgreement]:
    """The coefficients of every finding that two readers or more have read, in the order of the card.

    Yes-or-no readings: Cohen's kappa of two readers who read every case, else Fleiss' kappa and Krippendorff's alpha;
    AC1 and PABAK beside it, as kappa collapses at low prevalence. Whole numbers are grades, every one from the least
    to the greatest a category: kappa with quadratic weights of two such readers, else ordinal alpha; AC1 of exact
    agreement. Other numbers: interval alpha, and ICC(2,1) where every reader read every case and no patient has two.
    Lesions that readers drew: the share of those of two readers that both have, not corrected for chance.
    Where patients have several cases, intervals are linearised by patient, or of resampled patients.
    """
    found: list[ReaderAgreement] = []
    for finding in reference_set.card.finding_names:
        drawn = lesion_agreement(reference_set, finding)
        if drawn is not None:
            found.append(_of_lesions(finding, drawn, chance))
        table = _readings(reference_set, finding)
        if table is not None:
            found.extend(_coefficients(table, chance))
    return found


def agree_little(reference_set: ReferenceSet, confidence: float, *, least_n: int = 1) -> bool:
    """Whether some finding has readers all of whose chance-corrected coefficients lie below LITTLE_AGREEMENT.

    ``least_n``: cases read twice below which nothing is said, as of any estimate. All, since kappa and alpha collapse
    at low prevalence where AC1 and PABAK do not, and the other way round.
    """
    values: dict[str, list[float]] = {}
    for row in reader_agreement(reference_set, Chance(resamples=_FEWEST_RESAMPLES, seed=0, confidence=confidence)):
        if row.n_cases >= least_n and row.coefficient != NOT_CORRECTED and not isinstance(row.value, NotEstimable):
            values.setdefault(row.finding, []).append(row.value)
    return any(max(of_finding) < LITTLE_AGREEMENT for of_finding in values.values())


def agreement_rows(
    agreement: Sequence[ReaderAgreement], confidence: float, *, least_n: int = 1
) -> list[dict[str, object]]:
    """The coefficients as the record keeps them; one without an interval has no value, but a reason.

    ``least_n``: cases read twice below which there is no value either, as of any estimate.
    """
    rows = []
    for one in agreement:
        row: dict[str, object] = {
            "finding": one.finding,
            "level": one.level,
            "coefficient": one.coefficient,
            "n_readers": one.n_readers,
            "n_cases": one.n_cases,
            "n_patients": one.n_patients,
            "n_left_out": one.n_left_out,
            "observed_agreement": one.observed_agreement,
            "prevalence": one.prevalence,
        }
        absent = next((part for part in (one.value, one.interval) if isinstance(part, NotEstimable)), None)
        if one.n_cases < least_n:
            row["not_estimable"] = "too_few"
        elif absent is not None:
            row["not_estimable"] = absent.reason
        elif isinstance(one.interval, Interval):
            low, high, method, _ = one.interval
            row |= {"value": one.value, "low": low, "high": high, "confidence": confidence, "method": method}
        rows.append(row)
    return rows


def _readings(reference_set: ReferenceSet, finding: str) -> _Readings | None:
    """The readings of a finding, or None when no case was read twice."""
    own = [row for row in reference_set.readings if row.finding == finding]
    used, level = _on_a_scale(own)
    of_case: dict[str, dict[str, str]] = {}
    for row in used:
        of_case.setdefault(row.case_id, {})[row.reader_id] = row.value
    cases = [case for case in reference_set.cases if len(of_case.get(case.case_id, {})) >= 2]
    if not cases:
        return None
    readers = sorted({reader for case in cases for reader in of_case[case.case_id]})
    values = {value for case in cases for value in of_case[case.case_id].values()}
    position = _categories(level, values)
    ratings = np.array(
        [[position.get(of_case[case.case_id].get(reader, ""), -1) for reader in readers] for case in cases],
        dtype=np.int64,
    )
    judged = [row.value for row in used if row.value in ("positive", "negative")]
    patients = [case.patient_id for case in reference_set.cases]
    return _Readings(
        finding=finding,
        level=level,
        n_categories=max(max(position.values()) + 1, 2),
        numbers=tuple(sorted({_number(value) for value in values})) if level == "interval" else (),
        ratings=ratings,
        patients=np.array([reference_set.patient_codes[case.patient_id] for case in cases], dtype=np.int64),
        clustered=len(set(patients)) < len(patients),
        n_left_out=len(own) - len(used),
        prevalence=judged.count("positive") / len(judged) if judged and level == "nominal" else None,
    )


def _of_lesions(finding: str, drawn: LesionAgreement, chance: Chance) -> ReaderAgreement:
    cells = np.stack([drawn.both_twice, drawn.drawn], axis=-1)
    interval = _of_patients(cells, _share_of_lesions, drawn.patients, chance)
    return ReaderAgreement(
        finding=finding,
        level="lesions",
        coefficient=NOT_CORRECTED,
        value=drawn.share,
        interval=interval,
        n_readers=drawn.n_readers,
        n_cases=len(drawn.patients),
        n_patients=len(np.unique(drawn.patients)),
        n_left_out=drawn.n_ignored,
        observed_agreement=drawn.share,
        prevalence=None,
    )


def _share_of_lesions(cells: FloatArray) -> FloatArray:
    """NaN in a resample of patients in whom nobody drew any."""
    share = np.full(len(cells), np.nan)
    np.divide(cells[:, 0], cells[:, 1], out=share, where=cells[:, 1] > 0)
    return share


def _on_a_scale(readings: Sequence[Reading]) -> tuple[list[Reading], reliability.Level]:
    """The readings that have a place on the scale, and the scale."""
    judged = [row for row in readings if row.value != NOT_READ]
    numbers = [row for row in judged if row.value not in LABELS]
    if not numbers:
        return judged, "nominal"
    values = [_number(row.value) for row in numbers]
    graded = all(value.is_integer() for value in values) and max(values) - min(values) < MOST_GRADES
    return numbers, "ordinal" if graded else "interval"


def _categories(level: reliability.Level, values: set[str]) -> Mapping[str, int]:
    """The position of each value among the categories; a grade that nobody gave keeps its place between others."""
    if level == "nominal":
        return {value: index for index, value in enumerate(label for label in LABELS if label in values)}
    at = {value: _number(value) for value in values}
    if level == "ordinal":
        return {value: round(number - min(at.values())) for value, number in at.items()}
    in_order = sorted(set(at.values()))
    return {value: in_order.index(number) for value, number in at.items()}


def _number(value: str) -> float:
    return float(as_number(value) or 0.0)


def _coefficients(table: _Readings, chance: Chance) -> Iterator[ReaderAgreement]:
    found = _of_numbers(table, chance) if table.level == "interval" else _of_categories(table, chance)
    pairs = (table.counts * (table.counts - 1)).sum(axis=1)
    readings = table.counts.sum(axis=1)
    for name, (value, interval) in found.items():
        yield ReaderAgreement(
            finding=table.finding,
            level=table.level,
            coefficient=name,
            value=value,
            interval=interval,
            n_readers=table.ratings.shape[1],
            n_cases=len(table.ratings),
            n_patients=len(np.unique(table.patients)),
            n_left_out=table.n_left_out,
            observed_agreement=float((pairs / (readings * (readings - 1))).mean()),
            prevalence=table.prevalence,
        )


def _of_categories(table: _Readings, chance: Chance) -> dict[Coefficient, _Found]:
    found: dict[Coefficient, _Found] = {}
    nominal = table.level == "nominal"
    if table.complete and table.ratings.shape[1] == 2:
        weights: Weights = "none" if nominal else "quadratic"
        found["kappa" if nominal else "kappa_quadratic"] = _kappa(table, weights, chance)
    else:
        if nominal:
            found["fleiss_kappa"] = _with_interval(reliability.fleiss_kappa, table, chance)
        found["krippendorff_alpha"] = _alpha(table, chance)
    found["ac1"] = _with_interval(reliability.gwet_ac1_of_readers, table, chance)
    if nominal:
        found["pabak"] = _with_interval(reliability.pabak_of_readers, table, chance)
    return found


def _of_numbers(table: _Readings, chance: Chance) -> dict[Coefficient, _Found]:
    numbers = np.array([*table.numbers, np.nan])
    values = numbers[table.ratings]  # −1, the missing reading, takes the last: NaN
    sums = reliability.number_sums(values - np.nanmean(values))
    alpha = float(reliability.krippendorff_alpha_of_numbers(sums.sum(axis=0)[None])[0])
    absent = NotEstimable(reason="one_grade")
    found: dict[Coefficient, _Found] = {"krippendorff_alpha": (absent, absent)}
    if not np.isnan(alpha):
        interval = _resampled(sums, reliability.krippendorff_alpha_of_numbers, table, chance)
        found["krippendorff_alpha"] = (alpha, interval)
    if table.complete and not table.clustered:
        icc = reliability.icc_agreement(values, confidence=chance.confidence)
        found["icc_2_1"] = (icc, icc) if isinstance(icc, NotEstimable) else (icc.value, icc.interval)
    return found


def _with_interval(coefficient: Callable[..., Reliability | NotEstimable], table: _Readings, chance: Chance) -> _Found:
    """A coefficient of counts whose variance is summed by patient."""
    patients = table.patients if table.clustered else None
    found = coefficient(table.counts, patients, confidence=chance.confidence)
    return (found, found) if isinstance(found, NotEstimable) else (found.value, found.interval)


def _kappa(table: _Readings, weights: Weights, chance: Chance) -> _Found:
    """Kappa of two readers, with the closed form for independent cases, else with resampled patients."""
    q = table.n_categories
    cells = np.zeros((len(table.ratings), q, q))
    cells[np.arange(len(cells)), table.ratings[:, 0], table.ratings[:, 1]] = 1.0
    matrix = cells.sum(axis=0)
    found = kappa(matrix, weights=weights)
    if isinstance(found, NotEstimable):
        return found, found
    if not table.clustered:
        return found.value, kappa_interval(matrix, weights=weights, confidence=chance.confidence)
    return found.value, _resampled(cells, lambda one: kappa_value(one, weights=weights), table, chance)


def _alpha(table: _Readings, chance: Chance) -> _Found:
    pairs = reliability.coincidences(table.counts)
    found = float(reliability.krippendorff_alpha(pairs.sum(axis=0)[None], table.level)[0])
    if np.isnan(found):
        absent = NotEstimable(reason="one_grade")
        return absent, absent
    return found, _resampled(pairs, lambda one: reliability.krippendorff_alpha(one, table.level), table, chance)


def _resampled(
    cells: FloatArray, value: Callable[[FloatArray], FloatArray], table: _Readings, chance: Chance
) -> Interval | NotEstimable:
    """Interval of a function of summed ``cells`` [cases, …], by resampled patients."""
    return _of_patients(cells, value, table.patients, chance)


def _of_patients(
    cells: FloatArray, value: Callable[[FloatArray], FloatArray], patients: IntArray, chance: Chance
) -> Interval | NotEstimable:
    shape = cells.shape[1:]
    flat = cells.reshape(len(cells), -1)
    sums = {str(index): flat[:, index] for index in range(flat.shape[1])}

    def of_totals(totals: Totals) -> FloatArray:
        return value(np.stack([totals.sums[name] for name in sums], axis=-1).reshape(-1, *shape))

    [[found]] = resample(
        [(Columns(sums=sums, own_n=()), of_totals)],
        patients=patients,
        groups=[np.arange(len(cells))],
        resamples=chance.resamples,
        seed=chance.seed,
        confidence=chance.confidence,
    )
    return found if isinstance(found, NotEstimable) else found.interval
