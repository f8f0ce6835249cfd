"""How far the readers of a set agree: which coefficient, on which cases, with which interval."""

import numpy as np
import pytest

from dmn_bench.curation.readers import Chance, agree_little, agreement_rows, reader_agreement
from dmn_bench.record import AgreementRow
from dmn_bench.reference_set import load
from dmn_bench.statistics.agreement import kappa, kappa_interval
from dmn_bench.statistics.reliability import coincidences, icc_agreement, krippendorff_alpha, reading_counts
from dmn_bench.vocabulary import Interval, NotEstimable

from ..set_factory import a_set, card_with

CHANCE = Chance(resamples=300, seed=1, confidence=0.95)
P, N = "positive", "negative"


def agreement_of(folder, readings, *, per_patient=1):
    """Agreement of readings given as {case: {reader: value}}, ``per_patient`` cases to a patient."""
    cases = ["case_id,patient_id,exam_id,laterality,files,sex,age_years"]
    cases += [f"{case},p{index // per_patient},{case},,,F,40" for index, case in enumerate(readings)]
    lines = ["case_id,reader_id,finding,value"]
    lines += [f"{case},{reader},fracture,{value}" for case, own in readings.items() for reader, value in own.items()]
    truth = ("case_id,finding,value", f"{next(iter(readings))},fracture,positive")
    return reader_agreement(load(a_set(folder, cases=cases, truth=truth, readings=lines)), CHANCE)


def pairs(both, first, second, neither):
    """Readings of two readers from a two-by-two table."""
    said = [(P, P)] * both + [(P, N)] * first + [(N, P)] * second + [(N, N)] * neither
    return {f"c{index:03}": {"r1": a, "r2": b} for index, (a, b) in enumerate(said)}


def test_two_readers_of_every_case_have_cohens_kappa_with_ac1_and_pabak_beside_it(tmp_path):
    found = {row.coefficient: row for row in agreement_of(tmp_path, pairs(40, 5, 8, 47))}
    assert list(found) == ["kappa", "ac1", "pabak"]
    assert found["kappa"].value == pytest.approx(0.73896, abs=5e-6)
    assert found["kappa"].interval[:2] == pytest.approx((0.6069, 0.8711), abs=5e-5)
    assert found["ac1"].value == pytest.approx(0.74127, abs=5e-6)
    assert found["pabak"].value == pytest.approx(0.74)
    row = found["kappa"]
    assert (row.n_readers, row.n_cases, row.n_patients, row.n_left_out) == (2, 100, 100, 0)
    assert row.observed_agreement == pytest.approx(0.87)
    assert row.prevalence == pytest.approx(93 / 200)


def test_cases_of_one_patient_are_kept_together(tmp_path):
    alone = agreement_of(tmp_path / "a", pairs(40, 5, 8, 47))
    together = agreement_of(tmp_path / "b", pairs(40, 5, 8, 47), per_patient=5)
    for first, second in zip(alone, together, strict=True):
        assert second.value == pytest.approx(first.value)
        assert second.interval.high - second.interval.low > first.interval.high - first.interval.low
    assert together[0].interval.method.startswith("patient-bootstrap")
    assert alone[0].interval.method == kappa_interval(np.eye(2) + 1).method


def test_three_readers_and_missing_readings_have_fleiss_kappa_and_alpha(tmp_path):
    readings = pairs(20, 3, 2, 25)
    for index, own in enumerate(readings.values()):
        if index % 2:
            own["r3"] = own["r1"]
    readings["c999"] = {"r1": P}  # read once: no agreement can be seen
    found = {row.coefficient: row for row in agreement_of(tmp_path, readings)}
    assert list(found) == ["fleiss_kappa", "krippendorff_alpha", "ac1", "pabak"]
    assert (found["ac1"].n_readers, found["ac1"].n_cases) == (3, 50)
    ratings = np.array([[own.get(r) == P if r in own else -1 for r in ("r1", "r2", "r3")] for own in readings.values()])
    counts = reading_counts(ratings[:50].astype(int), 2)
    alpha = krippendorff_alpha(coincidences(counts).sum(axis=0)[None])[0]
    assert found["krippendorff_alpha"].value == pytest.approx(alpha)


def test_doubt_is_a_category_of_its_own_and_what_was_not_judged_is_left_out(tmp_path):
    readings = pairs(10, 2, 2, 10)
    readings |= {f"d{n}": {"r1": "indeterminate", "r2": P if n % 2 else "indeterminate"} for n in range(6)}
    readings["u"] = {"r1": "unverified", "r2": P}
    found = agreement_of(tmp_path, readings)
    assert (found[0].n_cases, found[0].n_left_out) == (30, 1)
    assert found[0].observed_agreement == pytest.approx(23 / 30)


def test_grades_are_ordered_and_doubt_has_no_place_among_them(tmp_path):
    said = [(0, 0), (1, 1), (2, 2), (3, 2), (4, 4), (0, 1), (10, 9), (9, 10)] * 4
    readings = {f"c{index:02}": {"r1": a, "r2": b} for index, (a, b) in enumerate(said)}
    readings["x"] = {"r1": "indeterminate", "r2": 3}
    found = agreement_of(tmp_path, readings)
    assert [(row.level, row.coefficient, row.n_left_out) for row in found] == [
        ("ordinal", "kappa_quadratic", 1),
        ("ordinal", "ac1", 1),
    ]
    matrix = np.zeros((11, 11))  # grades that nobody gave keep their place: 4 and 9 are five apart
    np.add.at(matrix, tuple(np.array(said).T), 1)
    assert found[0].value == pytest.approx(kappa(matrix).value)
    assert found[0].observed_agreement == 0.5
    assert found[0].prevalence is None


def test_other_numbers_have_interval_alpha_and_the_intraclass_correlation(tmp_path):
    rng = np.random.default_rng(2)
    values = np.round(rng.normal(400, 20, 30)[:, None] + rng.normal(0, 5, (30, 3)), 1)
    readings = {f"c{n:02}": {f"r{k}": value for k, value in enumerate(row)} for n, row in enumerate(values)}
    alpha, icc = agreement_of(tmp_path / "a", readings)
    assert (alpha.level, alpha.coefficient, icc.coefficient) == ("interval", "krippendorff_alpha", "icc_2_1")
    assert icc.interval == icc_agreement(values).interval
    assert alpha.value == pytest.approx(icc.value, abs=0.03)
    assert alpha.interval.low < alpha.value < alpha.interval.high
    del readings["c00"]["r0"]
    (only,) = agreement_of(tmp_path / "b", readings)  # a reading is missing: alpha alone
    assert only.coefficient == "krippendorff_alpha"


def test_nothing_is_said_without_a_case_that_was_read_twice(tmp_path):
    assert agreement_of(tmp_path, {"c1": {"r1": P}, "c2": {"r2": N}}) == []


def test_perfect_and_empty_agreement_have_no_interval_and_so_no_value_in_the_record(tmp_path):
    same = agreement_of(tmp_path / "a", pairs(10, 0, 0, 10))
    assert same[0].value == 1
    assert same[0].interval == NotEstimable(reason="degenerate")
    one_grade = agreement_of(tmp_path / "b", pairs(0, 0, 0, 20))
    assert one_grade[0].value == NotEstimable(reason="one_grade")
    rows = [AgreementRow.model_validate(row) for row in agreement_rows([*same, *one_grade], 0.95)]
    assert all(row.value is None and row.not_estimable for row in rows)
    assert rows[0].observed_agreement == 1


def test_rows_of_the_record_hold_value_limits_and_method(tmp_path):
    found = agreement_of(tmp_path, pairs(40, 5, 8, 47))
    for one, row in zip(found, agreement_rows(found, 0.95), strict=True):
        kept = AgreementRow.model_validate(row)
        assert isinstance(one.interval, Interval)
        assert (kept.value, kept.low, kept.high) == (one.value, one.interval.low, one.interval.high)
        assert (kept.method, kept.confidence) == (one.interval.method, 0.95)


LESIONS = (
    "case_id,lesion_id,finding,x,y,width,height,ignore,reader",
    "c1,1,fracture,0,0,10,10,,r1",
    "c1,1,fracture,1,0,10,10,,r2",
    "c1,2,fracture,40,40,10,10,,r2",
    "c2,1,fracture,0,0,10,10,,r1",
    "c3,1,fracture,0,0,10,10,yes,r1",
)


def lesions_of(folder, lesions, readings=("case_id,reader_id,finding,value",)):
    card = card_with(reference_standard="{method: reading, consensus: {rule: majority}}")
    found = reader_agreement(load(a_set(folder, card=card, lesions=lesions, readings=readings)), CHANCE)
    return [row for row in found if row.level == "lesions"]


def test_lesions_of_two_readers_agree_as_far_as_both_drew_them(tmp_path):
    [row] = lesions_of(tmp_path, LESIONS)
    assert row.value == pytest.approx(2 * 1 / (2 + 2))  # both drew one; r1 drew two, and r2 two
    assert (row.n_readers, row.n_cases, row.n_patients, row.n_left_out) == (2, 3, 2, 1)
    assert isinstance(row.interval, NotEstimable)  # one patient alone has lesions
    assert AgreementRow.model_validate(agreement_rows([row], 0.95)[0]).coefficient == "lesion_agreement"
    assert agreement_rows([row], 0.95, least_n=4)[0]["not_estimable"] == "too_few"


def test_a_reader_who_read_a_case_and_drew_nothing_disagrees_with_who_drew(tmp_path):
    only = (LESIONS[0], LESIONS[4])
    assert lesions_of(tmp_path / "a", only) == []  # one reader is not compared with anybody
    readings = ("case_id,reader_id,finding,value", "c2,r1,fracture,positive", "c2,r2,fracture,negative")
    [row] = lesions_of(tmp_path / "b", only, readings)
    assert row.value == 0
    assert row.n_cases == 1


@pytest.mark.parametrize(
    ("table", "little"),
    [((40, 5, 8, 47), False), ((20, 15, 15, 20), True), ((1, 3, 3, 93), False)],  # rare: kappa 0.22, AC1 0.93
)
def test_agreement_is_little_where_every_coefficient_says_so(tmp_path, table, little):
    readings = pairs(*table)
    cases = ["case_id,patient_id,exam_id,laterality,files,sex,age_years", *(f"{c},{c},{c},,,F,40" for c in readings)]
    lines = ["case_id,reader_id,finding,value"]
    lines += [f"{case},{who},fracture,{value}" for case, own in readings.items() for who, value in own.items()]
    truth = ("case_id,finding,value", "c000,fracture,positive")
    loaded = load(a_set(tmp_path, cases=cases, truth=truth, readings=lines))
    assert agree_little(loaded, 0.95) is little
    assert agree_little(loaded, 0.95, least_n=sum(table)) is little
    assert not agree_little(loaded, 0.95, least_n=sum(table) + 1)
