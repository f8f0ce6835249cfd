"""What a protocol can find on its set, before any answer: counted as a run counts, nothing of a candidate needed."""

import json

import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import ProtocolError
from dmn_bench.harness import RunOptions, evaluate
from dmn_bench.harness.foreseeing import Assumptions, foresee, plan_content

from . import small_run


@pytest.fixture
def protocol(tmp_path):
    path = small_run.write(tmp_path)
    rules = """\
acceptance:
  - {id: se, candidate: "*", endpoint: exam, metric: sensitivity, at_least: 0.5}
  - {id: fair, candidate: "*", endpoint: exam, metric: specificity, each_level_of: sex, at_least: 0.4}
  - {id: silent, candidate: "*", endpoint: exam, metric: failure_rate, at_most: 0.3}
  - {id: area, candidate: "*", endpoint: exam, metric: auc, at_least: 0.6}
"""
    text = path.read_text(encoding="utf-8")
    start = text.index("acceptance:")
    end = text.index("execution:")
    path.write_text(text[:start] + rules + text[end:], encoding="utf-8")
    return path


def test_the_units_foreseen_are_those_that_the_run_counts(protocol, tmp_path):
    found = foresee(protocol, Assumptions(), catalogue=build_catalogue())
    record = evaluate(protocol, RunOptions(run_dir=tmp_path / "run"), catalogue=build_catalogue())
    obtained = {
        (row.id, json.dumps(row.stratum)): (row.own_n, row.confidence)
        for row in record.results.acceptance
        if row.candidate == "live" and row.id != "area"
    }
    foreseen = {(one.rule.id, json.dumps(one.stratum)): (one.cases.n_units, one.goal.confidence) for one in found.rules}
    assert foreseen == obtained
    assert [rule.id for rule in found.left_out] == ["area"]


def test_no_candidate_has_to_be_there(protocol, tmp_path):
    (tmp_path / "candidate").rename(tmp_path / "elsewhere")
    (tmp_path / "answers.csv").unlink()
    found = foresee(protocol, Assumptions(icc=0.5), catalogue=build_catalogue())
    # 15 positive patients with two exams each: worth 15 to the verdict, 20 to chance
    assert found.rules[0].cases == (30, 15, 15.0, 20, True)


def test_every_planned_stratum_is_looked_at_alone(protocol):
    found = foresee(protocol, Assumptions(), catalogue=build_catalogue())
    of_se = [one for one in found.strata if one.rule.id == "se"]
    assert sum(one.cases.n_units for one in of_se if set(one.stratum) == {"sex"}) == 30
    assert {tuple(one.stratum) for one in of_se} == {("sex",), ("age",), ("sex", "age")}
    assert {one.goal.confidence for one in of_se} == {0.95}
    assert not [one for one in found.strata if one.rule.id == "fair"]


def test_what_is_needed_is_said_for_the_value_hoped_for(protocol):
    said = Assumptions(expected={"*": 0.9, "silent": 0.1})
    found = foresee(protocol, said, catalogue=build_catalogue())
    needed = {one.rule.id: one.needed_n for one in found.rules}
    # without clusters 17 or so; two exams of a patient are copies of each other to the verdict
    assert needed["se"] is not None
    assert needed["se"] % 2 == 0
    assert needed["silent"] is not None


def test_a_value_hoped_for_on_the_wrong_side_and_an_unknown_rule_are_told_together(protocol):
    said = Assumptions(expected={"se": 0.4, "silent": 0.5, "sf": 0.9})
    with pytest.raises(ProtocolError) as caught:
        foresee(protocol, said, catalogue=build_catalogue())
    assert {p.key.removesuffix("_nearest") for p in caught.value.problems} == {
        "plan.unknown_rule",
        "plan.expected_not_at_least",
        "plan.expected_not_at_most",
    }


def test_the_stored_plan_is_json_and_leaves_out_what_is_not_there(protocol):
    plan = plan_content(foresee(protocol, Assumptions(), catalogue=build_catalogue()))
    assert json.loads(json.dumps(plan, allow_nan=False)) == plan
    assert all(None not in one.values() for one in plan["rules"] + plan["strata"])
    assert plan["rules"][0]["rule"] == "se"
    assert "stratum" not in plan["rules"][0]
    assert plan["left_out"] == ["area"]
