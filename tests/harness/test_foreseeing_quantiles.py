"""A plan of contours: shares and medians of each structure on the cases of the set, before any contour is delivered."""

import json

import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.cli import call
from dmn_bench.harness.foreseeing import Assumptions, foresee, plan_content

from ..cli.test_protocol_new import N, a_set_of_pictures

SHARE = {"name": "acceptable_share", "measure": "dice", "limit": 0.8}


@pytest.fixture
def write(tmp_path):
    """Makes a protocol of these rules on twelve pictures with two structures each."""
    a_set_of_pictures(tmp_path / "set")

    def written(*rules, **statistics):
        content = {
            "format": "dmn-bench/protocol/1",
            "id": "p",
            "reference_set": "set",
            "candidates": [{"id": "a", "adapter": "mask-files", "options": {"folder": "absent"}}],
            "endpoints": [
                {"name": "e", "task": "segmentation", "distances_in": "px", "tolerance_px": 1.0, "metrics": ["dice"]}
            ],
            "strata": ["structure"],
            "statistics": {"minimum_n": {"estimate": 5}, **statistics},
            "acceptance": [
                {"id": f"r{n}", "endpoint": "e", "each_level_of": "structure", **rule} for n, rule in enumerate(rules)
            ],
        }
        path = tmp_path / "p.yaml"
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")
        return path

    return written


def test_shares_and_quantiles_of_each_structure_are_planned_and_means_are_not(write):
    path = write(
        {"metric": SHARE, "at_least": 0.6},
        {"metric": "dice", "at_least": 0.8},
        {"metric": {"name": "hd95", "summary": "worst_decile"}, "at_most": 5},
        {"metric": {"name": "dice", "summary": "mean"}, "at_least": 0.8},
        {"metric": {"name": "volume_bias", "summary": "median"}, "at_least": -0.2},
        {"metric": {"name": "volume_bias", "summary": "median"}, "at_most": 0.2},
    )
    found = foresee(path, Assumptions(), catalogue=build_catalogue())
    assert [(one.rule.id, one.cases.n_units) for one in found.rules] == [("r0", N), ("r0", N)]
    reached = {(one.rule.id, one.stratum["structure"]): one.reach[:4] for one in found.quantiles}
    median = (N, 7, 11, 11)  # 97.5 % for two structures: 2·0.5⁷ <= 0.025; the second and the eleventh of twelve
    decile = (N, 42, None, None)  # 0.9⁴² <= 0.0125
    assert reached == {
        ("r1", "cup"): median,
        ("r1", "disc"): median,
        ("r2", "cup"): decile,
        ("r2", "disc"): decile,
    }
    assert [rule.id for rule in found.left_out] == ["r3", "r4", "r5"]  # of volumes the answers say how many there are
    stored = plan_content(found)["quantiles"]
    assert stored[0]["right_to_meet"] == 11
    assert "right_to_meet" not in stored[2]
    json.dumps(stored, allow_nan=False)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_plan_of_a_median_is_shown_drawn_and_stored(write, tmp_path, capsys, language):
    path = write({"metric": "dice", "at_least": 0.8})
    out = tmp_path / "plan.html"
    assert call(["plan", "protocol", str(path), "--out", str(out), "--lang", language]) == 0
    said = capsys.readouterr().out
    assert "11 / 12" in said.replace("\u00a0", " ").replace("\u202f", " ")
    assert ("of 12 cases 11 must be at least 0.8" if language == "en" else "sur 12 cas, 11 doivent donner") in said
    assert "<svg" in out.read_text(encoding="utf-8")


def test_too_few_cases_are_said_and_nothing_is_drawn(write, tmp_path, capsys):
    path = write({"metric": {"name": "hd95", "summary": "worst_decile"}, "at_most": 5})
    assert call(["plan", "protocol", str(path)]) == 0
    assert "12 cases cannot decide this rule, whatever the device is worth; at least 42" in capsys.readouterr().out
    assert call(["plan", "protocol", str(path), "--out", str(tmp_path / "plan.svg")]) == 2
    assert "no curve to draw" in capsys.readouterr().err


def test_a_rule_on_a_mean_alone_leads_to_the_rules_that_can_be_planned(write, capsys):
    path = write({"metric": {"name": "dice", "summary": "mean"}, "at_least": 0.8})
    assert call(["plan", "protocol", str(path)]) == 2
    assert "acceptable_share or a median" in capsys.readouterr().err
