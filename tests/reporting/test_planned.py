"""Planned beside obtained: what a stored plan says in a report, whoever wrote it."""

import pytest

from dmn_bench.reporting.phrases import Phrases
from dmn_bench.reporting.planned import planned_and_obtained
from dmn_bench.reporting.view import view_for

from .records import A, B, a_record
from .shelf import rendered

PLAN = {
    "assumptions": {"power": 0.8, "icc": 1.0, "expected": {"*": 0.95}, "reference_set": "wrist-demo 1.0.0"},
    "strata": [],
    "left_out": [],
}


def with_plan(plan):
    record = a_record()
    content = {**record.protocol.content, "plan": plan}
    return record.model_copy(update={"protocol": record.protocol.model_copy(update={"content": content})})


def rows(record, candidate):
    blocks = planned_and_obtained(view_for(record, candidate).record, Phrases("en"))
    return [row for block in blocks if hasattr(block, "rows") for row in block.rows]


def a_rule(record):
    return next(row for row in record.results.acceptance if row.id == "sensitivity")


def test_needed_foreseen_and_obtained_stand_in_one_row():
    rule = a_rule(a_record())
    planned = {"rule": rule.id, "expected": 0.95, "needed_n": 1084, "met_from": 0.931, "n_units": 120}
    if rule.stratum:
        planned["stratum"] = rule.stratum
    (row,) = rows(with_plan({**PLAN, "rules": [planned]}), rule.candidate)
    assert row[2:6] == ("95%", "1,084", "93.1%", "120")
    assert row[6] == Phrases("en").whole(rule.own_n)


def test_a_rule_of_another_candidate_is_not_named():
    record = a_record()
    content = dict(record.protocol.content)
    content["acceptance"] = [
        {"id": "for-b-alone", "candidate": B, "endpoint": "exam", "metric": {"name": "sensitivity"}}
    ]
    content["plan"] = {**PLAN, "rules": [{"rule": "for-b-alone", "n_units": 120}]}
    record = record.model_copy(update={"protocol": record.protocol.model_copy(update={"content": content})})
    assert rows(record, A) == []
    assert "for-b-alone" not in rendered(record, A, "en")
    assert len(rows(record, B)) == 1


def test_another_set_than_the_planned_one_is_said():
    rule = a_rule(a_record()).id
    other = {**PLAN, "assumptions": {**PLAN["assumptions"], "reference_set": "elsewhere 2.0.0"}}
    for language in ("en", "fr"):
        assert "elsewhere 2.0.0" in rendered(with_plan({**other, "rules": [{"rule": rule, "n_units": 3}]}), A, language)


@pytest.mark.parametrize(
    "plan",
    [
        {"diseased_exams": 30},
        {"rules": "none"},
        {"rules": [3, None, {}]},
        {"rules": [{"rule": "se", "n_units": "many", "needed_n": 1e300, "met_from": -1, "stratum": 4}]},
        {"assumptions": "few", "rules": [{"rule": "se", "expected": True}]},
    ],
)
def test_a_plan_written_by_hand_never_stops_the_report(plan):
    for language in ("en", "fr"):
        assert rendered(with_plan(plan), A, language).startswith("<!DOCTYPE html>")
