"""Two candidates on the same units: pairs by hand, claims decided, one family, everything repeatable."""

import dataclasses

import numpy as np
import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import ProtocolError
from dmn_bench.harness import RunOptions, evaluate
from dmn_bench.harness.comparing import adjusted, claim_verdict, comparison_rows
from dmn_bench.harness.estimating import PlannedMetric
from dmn_bench.harness.pairing import Analysed, paired
from dmn_bench.harness.planning import PlannedComparison
from dmn_bench.metrics.availability import FailureRate
from dmn_bench.metrics.classification import F1, PositivePredictiveValue, Sensitivity
from dmn_bench.metrics.ranking import RocArea
from dmn_bench.protocol import Comparison, MetricEntry, MinimumN, Statistics
from dmn_bench.record import ComparisonRow
from dmn_bench.reporting import view_for
from dmn_bench.statistics.comparison import holm, mcnemar, tango_interval
from dmn_bench.vocabulary import Analysis, Judgements, UnitTable

from . import small_run
from .factories import judged

SETTINGS = Statistics(resamples=400, seed=7)
SENSITIVITY = PlannedMetric(metric=Sensitivity(), parameters={})


def claim(plan=SENSITIVITY, candidate="a", against="b", claim="difference", **more):
    entry = {"endpoint": "exam", "metric": MetricEntry(name=plan.metric.name), "candidate": candidate}
    return PlannedComparison(comparison=Comparison(**entry, against=against, claim=claim, **more), plan=plan)


def answers(calls, references=None, scores=None, statuses=None, patients=None):
    """One candidate: a call for each unit, diseased unless told otherwise."""
    n = len(calls)
    reference = np.ones(n) if references is None else np.array(references, dtype=float)
    table = UnitTable(
        unit_ids=tuple(f"u{i}" for i in range(n)),
        patients=np.arange(n, dtype=np.int64) if patients is None else np.array(patients, dtype=np.int64),
        statuses=("answered",) * n if statuses is None else tuple(statuses),
        references=tuple("positive" if r else "negative" for r in reference),
        reasons=("",) * n,
    )
    ones = np.ones(n)
    score = np.array(calls, dtype=float) if scores is None else np.array(scores, dtype=float)
    columns = {"reference": reference, "call": np.array(calls, dtype=float), "has_call": ones, "score": score}
    columns["has_score"] = ones
    rows = np.arange(n, dtype=np.int64)
    judgements = Judgements(task="classification", units=table, row_units=rows, columns=columns)
    return dataclasses.replace(judged(hits=1, misses=0), judgements=judgements)


def analysed(**candidates):
    found = {}
    for name, one in candidates.items():
        evaluable = dataclasses.replace(one, analysis=Analysis(name="evaluable", treatment={}))
        found[name, "exam"] = Analysed(primary=one, every_unit=one, evaluable=evaluable)
    return found


def rows(planned, settings=SETTINGS, **candidates):
    """The deciding rows."""
    found = comparison_rows(planned, analysed(**candidates), settings)
    return [row for row in found if row.verdict is not None]


def counts(both, only_a, only_b, neither):
    sizes = [both, only_a, only_b, neither]
    return {"a": answers(np.repeat([1, 1, 0, 0], sizes)), "b": answers(np.repeat([1, 0, 1, 0], sizes))}


# ---------------------------------------------------------------------------------------------- one pair of candidates


def test_golden_counts_go_through_to_the_row():
    (row,) = rows([claim(claim="superior")], **counts(60, 12, 2, 26))
    assert (row.both, row.only_candidate, row.only_against, row.neither, row.n_units) == (60, 12, 2, 26, 100)
    assert (row.value_a, row.value_b, row.difference) == (0.72, 0.62, pytest.approx(0.10))
    assert (row.low, row.high) == tango_interval(12, 2, 100)[:2]
    assert (row.method, row.test, row.p) == ("tango", "mcnemar-exact", mcnemar(12, 2).exact)
    assert (row.verdict, row.reason) == ("shown", "interval_above")


def test_units_are_joined_by_id_whatever_their_order():
    a, b = counts(30, 12, 2, 6).values()
    turned = b.judgements
    order = np.arange(50)[::-1]
    table = dataclasses.replace(
        turned.units,
        unit_ids=tuple(turned.units.unit_ids[i] for i in order),
        patients=turned.units.patients[order],
    )
    columns = {name: values[order] for name, values in turned.columns.items()}
    b_turned = dataclasses.replace(b, judgements=dataclasses.replace(turned, units=table, columns=columns))
    assert rows([claim()], a=a, b=b) == rows([claim()], a=a, b=b_turned)


@pytest.mark.parametrize(
    ("discordant", "margin", "expected"),
    [
        ((0, 0), 0.05, "shown"),  # 100 of 100 alike: [-0.037, 0.037]
        ((0, 0), 0.03, "inconclusive"),
        ((2, 30), 0.05, "not_shown"),
        ((5, 9), 0.05, "inconclusive"),
    ],
)
def test_non_inferiority_by_the_lower_limit_against_the_margin(discordant, margin, expected):
    b, c = discordant
    (row,) = rows([claim(claim="non-inferior", margin=margin)], **counts(100 - b - c, b, c, 0))
    assert row.verdict == expected
    assert (row.p <= 0.05) == (row.low > -margin)


def test_less_is_better_turns_the_margin_round():
    plan = PlannedMetric(metric=FailureRate(), parameters={})
    states = ["failed"] * 2 + ["answered"] * 98
    a, b = answers([1] * 100, statuses=["answered"] * 100), answers([1] * 100, statuses=states)
    asked = [claim(plan, claim="non-inferior", margin=0.05), claim(plan, "b", "a", claim="non-inferior", margin=0.05)]
    fewer, more = rows(asked, Statistics(multiplicity="none"), a=a, b=b)
    assert (fewer.difference, more.difference) == (-0.02, 0.02)
    assert (fewer.verdict, more.verdict) == ("shown", "inconclusive")
    assert (more.p <= 0.05) == (more.high < 0.05)
    superior = rows([claim(plan, claim="superior")], a=answers([1] * 100), b=answers([1] * 100, statuses=states * 1))
    assert superior[0].verdict == "inconclusive"


def test_paired_areas_with_their_margin():
    rng = np.random.default_rng(2)
    truth = np.arange(200) % 2
    plan = PlannedMetric(metric=RocArea(), parameters={})
    shared = rng.normal(size=200) + 2 * truth
    a, b = (answers(truth, truth, scores=shared + 0.3 * rng.normal(size=200)) for _ in "ab")
    row, wide = rows([claim(plan), claim(plan, claim="non-inferior", margin=0.1)], a=a, b=b)
    assert (row.method, row.test, row.n_units, row.own_n) == ("delong-paired", "delong-z", 200, 100)
    assert (row.low, row.high) == (wide.low, wide.high)
    assert (row.verdict, wide.verdict) == ("not_shown", "shown")
    (same,) = rows([claim(plan)], a=a, b=a)
    assert (same.difference, same.p, same.verdict, same.test) == (0, 1, "not_shown", "disjoint-pairs")


def test_a_metric_without_a_paired_formula_is_resampled_by_patient():
    plan = PlannedMetric(metric=PositivePredictiveValue(), parameters={})
    references = [1] * 60 + [0] * 60
    a = answers([1] * 55 + [0] * 5 + [1] * 5 + [0] * 55, references)
    b = answers([1] * 50 + [0] * 10 + [1] * 30 + [0] * 30, references)
    (row,) = rows([claim(plan, claim="superior")], a=a, b=b)
    assert (row.value_a, row.value_b) == (55 / 60, 50 / 80)
    assert row.difference == pytest.approx(55 / 60 - 50 / 80)
    assert (row.p, row.test, row.method) == (None, None, "patient-bootstrap-bca")
    assert row.low < row.difference < row.high
    assert row.verdict == "shown"
    assert row.n_units == 85  # called by the one or the other
    (mirror,) = rows([claim(plan, "b", "a", claim="superior")], a=a, b=b)
    assert mirror.difference == -row.difference
    assert mirror.verdict == "not_shown"


def test_the_resampled_difference_of_a_share_is_near_the_score_interval():
    a, b = counts(120, 40, 20, 120).values()
    plan = PlannedMetric(metric=F1(), parameters={})
    (by_draws,) = rows([claim(plan)], a=a, b=b)
    f1 = [2 * k / (300 + k) for k in (160, 140)]
    assert (by_draws.value_a, by_draws.value_b) == pytest.approx(f1)
    assert 0.03 < by_draws.high - by_draws.low < 0.15


@pytest.mark.parametrize(
    ("both", "metric", "reason"),
    [
        ((4, 2, 1, 1), Sensitivity(), "too_few"),
        ((0, 0, 0, 0), Sensitivity(), "no_denominator"),
        ((40, 2, 1, 1), RocArea(), "one_class"),  # no healthy unit
    ],
)
def test_what_is_too_small_is_inconclusive_with_its_reason(both, metric, reason):
    plan = PlannedMetric(metric=metric, parameters={})
    (row,) = rows([claim(plan, claim="superior")], **counts(*both))
    assert (row.not_estimable, row.verdict, row.reason) == (reason, "inconclusive", f"not_estimable:{reason}")
    assert row.difference is None
    assert row.low is None


def test_scores_that_one_candidate_lacks_are_no_comparison():
    a, b = counts(40, 2, 1, 7).values()
    silent = {**b.judgements.columns, "has_score": np.zeros(50)}
    b = dataclasses.replace(b, judgements=dataclasses.replace(b.judgements, columns=silent))
    (row,) = rows([claim(PlannedMetric(metric=RocArea(), parameters={}))], a=a, b=b)
    assert row.not_estimable == "no_scores"


def test_units_that_one_analysis_sets_apart_leave_the_pair_and_are_counted():
    apart = Analysis(name="intention_to_diagnose", treatment={"not_sent": "apart", "failed": "wrong"})
    a, b = counts(40, 4, 2, 4).values()
    states = ["not_sent", "failed"] + ["answered"] * 48
    table = dataclasses.replace(a.judgements.units, statuses=tuple(states))
    a = dataclasses.replace(a, analysis=apart, judgements=dataclasses.replace(a.judgements, units=table))
    b = dataclasses.replace(b, analysis=apart)
    pair = paired(SENSITIVITY, a, b)
    assert (len(pair.rows_a), len(pair.rows_b), pair.n_left_out) == (49, 49, 1)
    (row,) = rows([claim()], a=a, b=b)
    assert (row.both, row.n_units, row.n_left_out) == (39, 49, 1)


# ------------------------------------------------------------------------------------------------- claims and families


def a_row(low, high, **more):
    facts = {"endpoint": "exam", "metric": "sensitivity", "candidate": "a", "against": "b", "scale": "share"}
    facts |= {"analysis": "intention_to_diagnose", "better": "higher", "claim": "difference", "confidence": 0.95}
    facts |= {"own_n": 50, "n_units": 50, "n_patients": 50, "n_positive": 50, "n_negative": 0, "n_left_out": 0}
    return ComparisonRow(**{**facts, "low": low, "high": high, "difference": 0.0, **more})


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (a_row(-0.04, 0.10, claim="non-inferior", margin=0.05, p=0.01), ("shown", "interval_above")),
        (a_row(-0.05, 0.10, claim="non-inferior", margin=0.05, p=0.05), ("inconclusive", "interval_contains_limit")),
        (a_row(-0.20, -0.06, claim="non-inferior", margin=0.05, p=1.0), ("not_shown", "interval_below")),
        (a_row(-0.04, 0.10, claim="non-inferior", margin=0.05, p=0.04, p_holm=0.08), ("inconclusive", "p_above")),
        (a_row(0.01, 0.10, claim="superior", p=0.01), ("shown", "interval_above")),
        (a_row(0.0, 0.10, claim="superior", p=0.04), ("inconclusive", "interval_contains_limit")),
        (a_row(-0.2, -0.1, claim="superior", p=0.001), ("not_shown", "interval_below")),
        (a_row(0.01, 0.10, claim="superior", p=0.06), ("inconclusive", "p_above")),
        (a_row(0.01, 0.10, claim="superior", p=None), ("shown", "interval_above")),
        (a_row(-0.2, -0.1, p=0.001), ("shown", "interval_below")),
        (a_row(-0.2, 0.1, p=0.5), ("not_shown", "interval_contains_limit")),
        (a_row(0.1, 0.2, p=0.01, p_holm=0.07), ("not_shown", "p_above")),
        (a_row(-0.2, -0.1, better="lower", claim="superior", p=0.001), ("shown", "interval_above")),
        (a_row(-0.1, 0.04, better="lower", claim="non-inferior", margin=0.05, p=0.01), ("shown", "interval_above")),
        (a_row(0.06, 0.2, better="lower", claim="non-inferior", margin=0.05, p=1.0), ("not_shown", "interval_below")),
        (a_row(None, None, not_estimable="too_few"), ("inconclusive", "not_estimable:too_few")),
    ],
)
def test_every_way_a_claim_can_end(row, expected):
    assert claim_verdict(row, 0.05) == expected


def test_the_declared_comparisons_are_one_family():
    p_values = [0.01, 0.04, 0.03]
    found = adjusted([a_row(0, 1, p=p) for p in p_values], SETTINGS)
    assert [row.p_holm for row in found] == pytest.approx(holm(p_values))
    assert [row.p_holm for row in adjusted([a_row(0, 1, p=0.01)] * 1, Statistics(multiplicity="none"))] == [None]


def test_a_resampled_comparison_takes_its_share_of_the_error_in_its_interval():
    mixed = adjusted([a_row(0, 1, p=0.01), a_row(0, 1, p=0.02), a_row(0, 1), a_row(0, 1)], SETTINGS)
    assert [row.p_holm for row in mixed] == [pytest.approx(0.04), pytest.approx(0.04), None, None]
    plan = PlannedMetric(metric=F1(), parameters={})
    pair = counts(120, 40, 20, 120)
    alone, first, _ = (*rows([claim(plan)], **pair), *rows([claim(plan), claim()], **pair))
    assert (alone.confidence, first.confidence) == (pytest.approx(0.95), pytest.approx(0.975))
    assert first.high - first.low > alone.high - alone.low
    unadjusted = rows([claim(plan), claim()], Statistics(resamples=400, multiplicity="none"), **pair)
    assert unadjusted[0].confidence == pytest.approx(0.95)


def test_what_cannot_be_tested_keeps_its_place_in_the_family():
    found = adjusted([a_row(0, 1, p=0.01), a_row(None, None, not_estimable="too_few")], SETTINGS)
    assert [row.p_holm for row in found] == [pytest.approx(0.02), None]


def test_three_candidates_are_tested_together_before_one_by_one():
    rng = np.random.default_rng(3)
    three = {
        name: answers((rng.random(80) < share).astype(int)) for name, share in zip("abc", (0.9, 0.6, 0.9), strict=True)
    }
    first, second, other = rows(
        [claim(), claim(candidate="c"), claim(claim="superior", candidate="a", against="c")], **three
    )
    assert first.overall == second.overall
    assert first.overall.candidates == ["b", "a", "c"]
    assert (first.overall.method, first.overall.degrees_of_freedom, first.overall.n_units) == ("cochran-q", 2, 80)
    table = np.array([three[name].judgements.columns["call"] for name in "bac"]).T
    cochrans_q = pytest.importorskip("statsmodels.stats.contingency_tables").cochrans_q
    assert first.overall.p == pytest.approx(cochrans_q(table).pvalue)
    assert other.overall is None


def test_clusters_are_known_from_the_whole_set():
    patients = np.arange(100) // 2
    calls_a, calls_b = np.repeat([1, 1, 0, 0], [60, 12, 2, 26]), np.repeat([1, 0, 1, 0], [60, 12, 2, 26])
    pair = {"a": answers(calls_a, patients=patients), "b": answers(calls_b, patients=patients)}
    three = {**pair, "c": answers(calls_a[::-1], patients=patients)}
    (row,) = rows([claim()], **pair)
    assert (row.method, row.test, row.n_patients) == ("tango-effective-t", "mcnemar-patients-exact", 50)
    assert row.p == pytest.approx(mcnemar(6, 1).exact)  # pairs of units that answer alike
    assert row.effective_n < 60
    together, _ = rows([claim(), claim(candidate="c")], **three)
    assert together.overall.method == "patient-permutation"


# ------------------------------------------------------------------------------------------------------- a whole run

COMPARISONS = """\
comparisons:
  - {endpoint: exam, metric: sensitivity, candidate: live, against: file, margin: 0.1, claim: non-inferior}
  - {endpoint: exam, metric: specificity, candidate: live, against: file, claim: superior}
  - {endpoint: exam, metric: f1, candidate: file, against: live, claim: difference}
  - {endpoint: exam, metric: failure_rate, candidate: live, against: file, margin: 0.2, claim: non-inferior}
"""


def evaluated(path, name="run", **options):
    return evaluate(path, RunOptions(run_dir=path.parent / name, **options), catalogue=build_catalogue())


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = small_run.write(tmp_path_factory.mktemp("compared"))
    path.write_text(path.read_text() + COMPARISONS)
    return path, evaluated(path)


def test_a_run_compares_as_counted_by_hand(run):
    _, record = run
    found = {(row.metric, row.analysis): row for row in record.results.comparisons}
    primary = found["sensitivity", "intention_to_diagnose"]
    # live crashes on the two exams of patient 2; the file has nothing on patient 4 and doubts patient 6
    assert (primary.both, primary.only_candidate, primary.only_against, primary.neither) == (24, 4, 2, 0)
    assert (primary.n_patients, primary.n_left_out) == (15, 0)
    beside = found["sensitivity", "evaluable"]
    assert (beside.both, beside.n_units, beside.n_left_out, beside.verdict) == (24, 24, 6, None)
    assert (beside.p_holm, primary.p_holm) == (None, pytest.approx(min(1, primary.p_holm)))
    specific = found["specificity", "intention_to_diagnose"]
    assert (specific.both, specific.only_candidate, specific.only_against) == (28, 0, 2)
    assert ("failure_rate", "evaluable") not in found
    estimates = {
        (row.candidate, row.metric): row.value
        for row in record.results.estimates
        if row.stratum is None and row.analysis == "intention_to_diagnose"
    }
    for row in record.results.comparisons:
        if row.analysis == "intention_to_diagnose":
            expected = estimates[row.candidate, row.metric], estimates[row.against, row.metric]
            assert (row.value_a, row.value_b) == pytest.approx(expected)


def test_the_same_run_compares_to_the_same_bytes(run):
    path, record = run
    again = evaluated(path, "again", workers=2)
    assert again.results_sha256 == record.results_sha256


def test_a_report_of_one_candidate_holds_no_comparison(run):
    _, record = run
    view = view_for(record, "live")
    assert record.results.comparisons
    assert view.record.results.comparisons == []
    assert "comparisons" not in view.record.protocol.content


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("metric: sensitivity, candidate: live", "metric: sensitivty, candidate: live"), "unknown_part"),
        (("metric: sensitivity, candidate: live", "metric: qrs_sensitivity, candidate: live"), "metric_of_other_task"),
        (("margin: 0.1,", "margin: 5,"), "compare.margin_too_wide"),
    ],
)
def test_a_comparison_that_does_not_fit_is_refused_before_anybody_is_asked(tmp_path, change, key):
    path = small_run.write(tmp_path)
    assert change[0] in COMPARISONS
    path.write_text(path.read_text() + COMPARISONS.replace(*change))
    with pytest.raises(ProtocolError, match=key) as caught:
        evaluated(path)
    assert "squares.yaml:" in caught.value.problems[0].where
    assert not (tmp_path / "answers").exists()


def test_a_minimum_n_holds_for_pairs_too():
    strict = Statistics(minimum_n=MinimumN(estimate=101))
    (row,) = rows([claim()], strict, **counts(60, 12, 2, 26))
    assert row.not_estimable == "too_few"
