"""Metrics of declared probabilities in a run: the local prevalence of enriched sets, curves, the readers of the set."""

import pytest

from dmn_bench import reference_set
from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import ProtocolError
from dmn_bench.harness import RunOptions, evaluate, prepare

from . import small_run

ASKED = (
    "{name: brier, scores_are: probability}, {name: calibration_slope, scores_are: probability}, "
    "{name: net_benefit, scores_are: probability, at_probability: [0.1, 0.2]}"
)
PREVALENCE = "local_prevalence: [{finding: square, value: 0.2, low: 0.1, high: 0.3, source: counted}]\n"


def a_run(folder, *, sampling="consecutive", prevalence=PREVALENCE, asked=ASKED, readings=()):
    """The protocol of a small run that asks for these metrics, of a set drawn like this."""
    path = small_run.write(folder)
    path.write_text(
        path.read_text(encoding="utf-8").replace("metrics: [sensitivity,", f"metrics: [{asked}, sensitivity,")
    )
    card = folder / "set" / "reference_set.yaml"
    text = card.read_text(encoding="utf-8").replace("consecutive", sampling).replace(PREVALENCE, prevalence)
    card.write_text(text, encoding="utf-8")
    if readings:
        (folder / "set" / "readings.csv").write_text("\n".join(readings) + "\n", encoding="utf-8")
    (folder / "set" / reference_set.LOCK).unlink()
    reference_set.lock(folder / "set")
    return path


def planned(path):
    found = prepare(path, catalogue=build_catalogue()).endpoints[0].metrics
    return [plan for plan in found if "scores_are" in plan.parameters]


def test_a_set_that_was_not_enriched_is_not_weighted(tmp_path):
    assert [plan.metric.prevalence_if_enriched for plan in planned(a_run(tmp_path))] == [None] * 4


def test_an_enriched_set_is_weighted_to_the_local_prevalence(tmp_path):
    found = planned(a_run(tmp_path, sampling="enriched"))
    assert [plan.metric.prevalence_if_enriched.value for plan in found] == [0.2] * 4
    assert all(plan.unavailable is None for plan in found)
    assert found[-1].parameters == {"scores_are": "probability", "at_probability": 0.2}


def test_an_enriched_set_without_a_local_prevalence_has_no_value(tmp_path):
    found = planned(a_run(tmp_path, sampling="enriched", prevalence=""))
    assert [plan.unavailable.reason for plan in found] == ["no_local_prevalence"] * 4


def test_a_score_is_no_probability_unless_the_protocol_says_so(tmp_path):
    with pytest.raises(ProtocolError) as caught:
        prepare(a_run(tmp_path, asked="brier"), catalogue=build_catalogue())
    assert [problem.key for problem in caught.value.problems] == ["catalogue.missing_option"]


def test_a_run_records_values_curves_and_the_agreement_of_readers(tmp_path):
    first = [line.partition(",")[0] for line in (small_run_cases(tmp_path))]
    readings = ["case_id,reader_id,finding,value"]
    for index, case in enumerate(first):
        readings.append(f"{case},r1,square,{'positive' if index % 2 else 'negative'}")
        readings.append(f"{case},r2,square,{'positive' if index % 2 or index % 7 == 0 else 'negative'}")
    path = a_run(tmp_path / "run", readings=readings)
    record = evaluate(path, RunOptions(run_dir=tmp_path / "out"), catalogue=build_catalogue())
    mine = [row for row in record.results.estimates if row.candidate == "live" and not row.stratum]
    briers = {row.analysis: row.value for row in mine if row.metric == "brier"}
    assert briers["intention_to_diagnose"] == briers["evaluable"] == briers["as_used"]
    assert all(row.n_unanswered == 0 for row in mine if row.metric in ("brier", "net_benefit"))
    of_file = [row for row in record.results.estimates if (row.candidate, row.metric) == ("file", "brier")]
    assert {row.not_estimable for row in of_file} <= {"no_denominator"}  # it gives no scores
    drawn = [curve for curve in record.results.curves if curve.candidate == "live"]
    assert [curve.x for curve in drawn if curve.name == "net_benefit_of_all"] == [[0.1], [0.2]]
    assert [row.coefficient for row in record.reference_set.agreement] == ["kappa", "ac1", "pabak"]
    assert record.reference_set.agreement[0].value is not None


def small_run_cases(folder):
    small_run.write(folder / "other")
    return (folder / "other" / "set" / "cases.csv").read_text(encoding="utf-8").splitlines()[1:]
