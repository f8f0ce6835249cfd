"""Units with several questions in a run: cuts by question, operating points, what may not be pooled, comparisons."""

import json

import pytest

from dmn_bench import reference_set
from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import ProtocolError
from dmn_bench.harness import RunOptions, evaluate, prepare

N = 40
CARD = {
    "format": "dmn-bench/reference-set/1",
    "id": "statements",
    "version": "1.0.0",
    "title": {"en": "Statements"},
    "modality": "ECG",
    "findings": [{"name": "af"}, {"name": "rbbb"}, {"name": "rare"}],
    "sampling": "consecutive",
    "reference_standard": {"method": "made up", "readers": 1},
    "strata": {"sex": {"column": "sex", "levels": ["F", "M"]}},
    "data_protection": {"route": "not_applicable"},
}


def truth(n):
    return {"af": n % 2 == 0, "rbbb": n % 4 == 0, "rare": n < 2}


def write(folder, *, patients=N, strata=("statement", "sex"), points=True, **endpoint):
    root = folder / "set"
    root.mkdir()
    (root / "reference_set.yaml").write_text(json.dumps(CARD), encoding="utf-8")
    cases = [f"r{n:02d},p{n % patients:02d},,{'FM'[n % 3 == 0]}" for n in range(N)]
    (root / "cases.csv").write_text("\n".join(["case_id,patient_id,files,sex", *cases, ""]), encoding="utf-8")
    rows = [
        f"r{n:02d},{name},{'positive' if there else 'negative'}" for n in range(N) for name, there in truth(n).items()
    ]
    (root / "truth.csv").write_text("\n".join(["case_id,finding,value", *rows, ""]), encoding="utf-8")
    reference_set.lock(root)
    said = [
        f"r{n:02d},{0.6 + n / 1000 if truth(n)['af'] else 0.3},{0.4 if truth(n)['rbbb'] else 0.1},0.1"
        for n in range(N)
        if n != 4
    ]
    (folder / "said.csv").write_text("\n".join(["case_id,af,rbbb,rare", *said, ""]), encoding="utf-8")
    cuts = {"af": {"score_at_least": 0.5}, "rbbb": {"score_at_least": 0.2}, "rare": {"score_at_least": 0.5}}
    protocol = {
        "format": "dmn-bench/protocol/1",
        "id": "p",
        "reference_set": "set",
        "candidates": [
            {
                "id": name,
                "adapter": "predictions",
                "options": {"path": "said.csv", "wide": {each: each for each in ("af", "rbbb", "rare")}},
                "operating_points": cuts if points else {"af": cuts["af"]},
            }
            for name in ("a", "b")
        ],
        "endpoints": [
            {
                "name": "all",
                "task": "statements",
                "unit": "case",
                "metrics": [
                    "sensitivity",
                    "specificity",
                    "auc",
                    "macro_sensitivity",
                    "micro_sensitivity",
                    "exact_match",
                ],
                **endpoint,
            }
        ],
        "comparisons": [
            {"endpoint": "all", "metric": name, "candidate": "a", "against": "b", "claim": "difference"}
            for name in ("sensitivity", "micro_sensitivity")
        ],
        "strata": list(strata),
        "statistics": {"resamples": 200},
    }
    path = folder / "p.yaml"
    path.write_text(json.dumps(protocol), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("questions")
    record = evaluate(write(folder), RunOptions(run_dir=folder / "out"), catalogue=build_catalogue())
    return record.results


def row(results, metric, stratum=None):
    (found,) = (
        each
        for each in results.estimates
        if (each.candidate, each.metric, each.stratum, each.analysis) == ("a", metric, stratum, "intention_to_diagnose")
    )
    return found


def test_each_statement_has_its_own_figure_with_its_own_operating_point_and_n(results):
    af, rbbb = (row(results, "sensitivity", {"statement": name}) for name in ("af", "rbbb"))
    assert (af.numerator, af.denominator, af.method) == (19, 20, "wilson")
    assert (rbbb.numerator, rbbb.denominator) == (9, 10)
    assert (af.n_positive, af.n_negative, af.n_units, af.n_unanswered) == (20, 0, 20, 1)
    assert row(results, "auc", {"statement": "af"}).method == "delong-logit"


def test_a_rare_statement_is_shown_with_its_n_and_without_a_number(results):
    rare = row(results, "sensitivity", {"statement": "rare"})
    assert (rare.value, rare.not_estimable, rare.own_n) == (None, "too_few", 2)


def test_over_all_statements_a_plain_metric_has_no_value_and_an_average_has(results):
    for stratum in (None, {"sex": "F"}):
        assert row(results, "sensitivity", stratum).not_estimable == "several_questions"
        assert row(results, "macro_sensitivity", stratum).value is not None
    micro = row(results, "micro_sensitivity")
    assert (micro.numerator, micro.denominator) == (28, 32)
    assert micro.method == "rao-scott-wilson-t"
    assert row(results, "exact_match").method == "wilson"


def test_an_average_is_not_asked_of_one_statement(results):
    assert not [
        each for each in results.estimates if each.metric.startswith("m") and "statement" in (each.stratum or {})
    ]


def test_statements_are_not_tested_against_each_other(results):
    assert {each.field for each in results.heterogeneity} == {"sex"}
    assert {each.metric for each in results.heterogeneity} == {"micro_sensitivity", "exact_match"}


def test_a_comparison_of_pooled_statements_is_made_for_averages_alone(results):
    reasons = {each.metric: each.not_estimable for each in results.comparisons if each.analysis != "evaluable"}
    assert reasons == {"sensitivity": "several_questions", "micro_sensitivity": "degenerate"}


def test_patients_with_several_records_are_clusters_in_each_statement(tmp_path):
    path = write(tmp_path, patients=25)
    record = evaluate(path, RunOptions(run_dir=tmp_path / "out"), catalogue=build_catalogue())
    assert row(record.results, "sensitivity", {"statement": "af"}).method == "rao-scott-wilson-t"


def test_every_finding_with_scores_alone_needs_an_operating_point(tmp_path):
    with pytest.raises(ProtocolError) as caught:
        evaluate(write(tmp_path, points=False), RunOptions(run_dir=tmp_path / "out"), catalogue=build_catalogue())
    problems = caught.value.problems
    assert {problem.key for problem in problems} == {"protocol.no_operating_point"}
    assert {problem.facts["finding"] for problem in problems} == {"rbbb", "rare"}


def test_ranking_alone_needs_none(tmp_path):
    path = write(tmp_path, points=False, metrics=["auc", "macro_auc"])
    text = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**text, "comparisons": []}), encoding="utf-8")
    record = evaluate(path, RunOptions(run_dir=tmp_path / "out"), catalogue=build_catalogue())
    assert row(record.results, "auc", {"statement": "rbbb"}).value is not None


@pytest.mark.parametrize("options", [{"statements": ["af", "none"]}, {"groups": {"g": ["af", "none"]}}])
def test_a_statement_that_the_card_lacks_is_found_before_the_run(tmp_path, options):
    with pytest.raises(ProtocolError) as caught:
        prepare(write(tmp_path, **options), catalogue=build_catalogue())
    assert "protocol.unknown_finding" in {problem.key for problem in caught.value.problems}


def test_the_field_of_the_rows_is_known_only_to_the_task_that_has_it(tmp_path):
    path = write(tmp_path, task="classification", finding="af", metrics=["sensitivity"])
    text = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**text, "comparisons": []}), encoding="utf-8")
    with pytest.raises(ProtocolError) as caught:
        prepare(path, catalogue=build_catalogue())
    assert {problem.key for problem in caught.value.problems} == {"protocol.unknown_stratum"}
