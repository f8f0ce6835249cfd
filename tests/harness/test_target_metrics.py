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
    }
    assert isinstance(catalogue.make("metric", "bias"), TargetMetric)
