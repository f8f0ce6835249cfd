"""Metrics that are best at one value: no claim that one device is better for a higher or a lower one."""

import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import ProtocolError
from dmn_bench.harness import prepare
from dmn_bench.hookspecs import TargetMetric

from . import test_units_of_values as units

TWO = "candidates: [{id: a, adapter: predictions, options: {path: said.csv}}"
SECOND = ", {id: b, adapter: predictions, options: {path: said.csv}}]"


def planned(folder, comparison):
    units.planned(folder, card="ms", protocol="ms")
    path = folder / "p.yaml"
    text = path.read_text(encoding="utf-8").replace(f"{TWO}]", TWO + SECOND)
    path.write_text(
        f"{text}comparisons: [{{endpoint: qt, candidate: a, against: b, {comparison}}}]\n", encoding="utf-8"
    )
    return prepare(path, catalogue=build_catalogue())


@pytest.mark.parametrize("metric", ["bias", "{name: limits_of_agreement, limit: upper}"])
@pytest.mark.parametrize("claim", ["claim: superior", "claim: non-inferior, margin: 5"])
def test_a_claim_on_a_signed_figure_is_refused_where_it_stands(tmp_path, metric, claim):
    with pytest.raises(ProtocolError) as caught:
        planned(tmp_path, f"metric: {metric}, {claim}")
    assert [problem.key for problem in caught.value.problems] == ["compare.claim_on_target"]
    assert "p.yaml" in caught.value.problems[0].where


@pytest.mark.parametrize("asked", ["metric: bias, claim: difference", "metric: mean_absolute_error, claim: superior"])
def test_a_difference_of_biases_and_a_claim_on_their_size_are_planned(tmp_path, asked):
    assert len(planned(tmp_path, asked).comparisons) == 1


def test_signed_metrics_say_what_is_best():
    catalogue = build_catalogue()
    classes = {name: catalogue.part("metric", name).cls for name in catalogue.names("metric")}
    targets = {name: cls.target for name, cls in classes.items() if hasattr(cls, "target")}
    assert targets == {
        "bias": 0.0,
        "limits_of_agreement": 0.0,
        "burden_bias": 0.0,
        "st_deviation_bias": 0.0,
        "calibration_intercept": 0.0,
        "calibration_slope": 1.0,
        "volume_bias": 0.0,
    }
    assert isinstance(catalogue.make("metric", "bias"), TargetMetric)


def with_rules(folder, *rules):
    units.planned(folder, card="ms", protocol="ms")
    path = folder / "p.yaml"
    lines = "".join(f"  - {{id: r{n}, endpoint: qt, {rule}}}\n" for n, rule in enumerate(rules))
    path.write_text(f"{path.read_text(encoding='utf-8')}acceptance:\n{lines}", encoding="utf-8")
    return prepare(path, catalogue=build_catalogue())


@pytest.mark.parametrize(
    "rules",
    [
        ("metric: bias, at_most: 5",),
        ("metric: bias, at_least: -5", "metric: bias, at_least: -6"),
        ("metric: {name: limits_of_agreement, limit: upper}, at_least: -20",),
        ("metric: bias, at_most: 5", "metric: bias, candidate: a, at_least: -5"),
    ],
)
def test_a_rule_on_one_side_of_a_bias_is_refused(tmp_path, rules):
    with pytest.raises(ProtocolError) as caught:
        with_rules(tmp_path, *rules)
    assert {problem.key for problem in caught.value.problems} == {"protocol.rule_on_one_side"}


@pytest.mark.parametrize(
    "rules",
    [
        ("metric: bias, at_most: 5", "metric: bias, at_least: -5"),
        ("metric: {name: limits_of_agreement, limit: upper}, at_most: 20",),
        ("metric: {name: limits_of_agreement, limit: lower}, at_least: -20",),
        ("metric: mean_absolute_error, at_most: 5",),
    ],
)
def test_rules_on_both_sides_or_on_what_they_bound_are_planned(tmp_path, rules):
    assert len(with_rules(tmp_path, *rules).rules) == len(rules)
