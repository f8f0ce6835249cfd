"""`dmn-bench plan` as a person uses it: both languages, commas and points, mistakes, figures, the stored plan."""

import json
import re

import pytest

from dmn_bench.cli.plan_file import spliced
from dmn_bench.protocol import read_protocol
from dmn_bench.wordings import LANGUAGES

from ..harness import small_run
from .test_cli import english, run  # noqa: F401 - a fixture


def words(text):
    return " ".join(text.replace("\u202f", " ").replace("\u00a0", " ").split())


def test_a_width_is_planned_with_commas_in_french_and_points_in_english(capsys):
    asked = {"en": ("0.9", "0.05", "0.05"), "fr": ("0,9", "5 %", "5%")}
    for language in LANGUAGES:
        value, half, prevalence = asked[language]
        code, out, err = run(
            capsys,
            *("plan", "precision", "--sensitivity", value, "--half-width", half, "--prevalence", prevalence),
            *("--lang", language),
        )
        assert (code, err) == (0, "")
        found = words(out)
        assert "141" in found
        assert "139" in found
        assert {"en": "2,820 consecutive exams", "fr": "2 820 examens consécutifs"}[language] in found


def test_a_goal_is_planned_with_the_number_from_which_the_power_stays(capsys):
    code, out, _ = run(capsys, "plan", "goal", "--true", "0.95", "--goal", "0.85")
    assert code == 0
    assert "collect 84 units, or any larger number." in words(out)
    assert "75" in out


def test_units_of_a_patient_are_copies_for_a_goal_and_what_the_icc_says_for_a_width(capsys):
    clusters = ("--units-per-patient", "2", "--icc", "0,5")
    _, goal, _ = run(capsys, "plan", "goal", "--true", "0.95", "--goal", "0.85", *clusters)
    assert "collect 168 units" in words(goal)
    assert "126" in goal
    _, width, _ = run(capsys, "plan", "precision", "--specificity", "0.8", "--half-width", "0.1", *clusters)
    assert "collect 90 healthy units" in words(width)


def test_non_answers_and_strata_raise_the_number(capsys):
    code, out, _ = run(
        capsys,
        *("plan", "precision", "--sensitivity", "90%", "--half-width", "5%", "--non-answers", "10%"),
        *("--stratum", "children=0.25", "--stratum", "adults=75 %"),
    )
    assert code == 0
    assert "collect 157 diseased units" in words(out)  # 141 / 0.9
    assert re.search(r"children\s+25%\s+39\s+628", out)


def test_non_inferiority_and_superiority_are_planned_in_both_languages(capsys):
    for language in LANGUAGES:
        shares = ("--only-new", "0.05", "--only-reference", "0,05", "--lang", language)
        code, out, _ = run(capsys, "plan", "non-inferiority", "--margin", "5%", *shares)
        assert code == 0
        assert re.search(r"34\d (pairs|paires)", words(out))
        assert "20261121" in out
        code, out, _ = run(
            capsys, "plan", "superiority", "--only-new", "0.15", "--only-reference", "0.05", "--lang", language
        )
        assert code == 0
        assert re.search(r"155 (pairs|paires)", words(out))


def test_calibration_is_a_rule_of_thumb(capsys):
    code, out, _ = run(capsys, "plan", "calibration", "--prevalence", "10%")
    assert code == 0
    assert "2,000 consecutive exams" in words(out)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("precision", "--sensitivity", "1.2", "--half-width", "0.6"), ["--sensitivity", "--half-width"]),
        (("precision", "--sensitivity", "1.234,5", "--half-width", "5%"), ["--sensitivity"]),
        (("precision", "--half-width", "5%"), ["--sensitivity"]),
        (("precision", "--auc", "abc", "--half-width", "nan"), ["--auc", "--half-width"]),
        (("goal", "--true", "0.9", "--goal", "0.9"), ["--true"]),
        (("goal", "--true", "0.9", "--goal", "0.90001"), ["--true"]),
        (("goal", "--true", "0.9", "--goal", "0.8", "--units-per-patient", "2"), ["--icc"]),
        (("goal", "--true", "0.9", "--goal", "0.8", "--units-per-patient", "0.5"), ["--units-per-patient"]),
        (("goal", "--true", "0.9", "--goal", "0.8", "--non-answers", "100%"), ["--non-answers"]),
        (("goal", "--true", "0.9", "--goal", "0.8", "--stratum", "0.2", "--stratum", "a=0"), ["--stratum"]),
        (("goal", "--true", "0.9", "--goal", "0.8", "--out", "figure.png"), ["--out"]),
        (("goal", "--true", "0.9", "--goal", "0.8", "--power", "1", "--confidence", "0"), ["--power", "--confidence"]),
        (("superiority", "--only-new", "0.1", "--only-reference", "0.1"), ["--only-new"]),
        (("superiority", "--only-new", "0.7", "--only-reference", "0.6"), ["--only-new"]),
        (("non-inferiority", "--margin", "0.05", "--only-new", "0", "--only-reference", "0.1"), ["--margin"]),
        (("calibration", "--prevalence", "0"), ["--prevalence"]),
        (("goal", "--goal", "0.8"), ["true"]),
    ],
)
def test_mistakes_are_told_together_in_both_languages(capsys, arguments, told):
    errors = set()
    for language in LANGUAGES:
        code, out, err = run(capsys, "plan", *arguments, "--lang", language)
        assert (code, out) == (2, "")
        assert [option for option in told if option not in err] == []
        errors.add(err)
    assert len(errors) == len(LANGUAGES)


@pytest.mark.parametrize("kind", ["svg", "html"])
def test_a_figure_is_drawn_where_it_is_asked_for(capsys, tmp_path, kind):
    for language in LANGUAGES:
        path = tmp_path / f"{language}.{kind}"
        asked = ("plan", "goal", "--true", "0.95", "--goal", "0.9", "--out", str(path), "--lang", language)
        assert run(capsys, *asked)[0] == 0
        text = path.read_text(encoding="utf-8")
        assert "<svg" in text
        assert "n = 255" in text
        assert "://" not in text.replace("http://www.w3.org/2000/svg", "")


@pytest.fixture
def protocol(tmp_path):
    return small_run.write(tmp_path)


def test_the_cases_at_hand_are_judged_without_any_candidate(capsys, protocol, tmp_path):
    (tmp_path / "candidate").rename(tmp_path / "elsewhere")
    for language in LANGUAGES:
        path = tmp_path / f"{language}.html"
        code, out, err = run(
            capsys,
            *("plan", "protocol", str(protocol), "--expected", "0,9", "--icc", "0.5", "--out", str(path)),
            *("--lang", language),
        )
        assert (code, err) == (0, "")
        found = words(out)
        expected = {
            "en": "with probability 80% that the rule is met from a true value of",
            "fr": "avec une probabilité de 80 % que la règle est satisfaite à partir d’une valeur vraie de",
        }
        assert expected[language] in found
        assert path.read_text(encoding="utf-8").count("<polyline") == 3


def test_true_values_are_those_asked_for(capsys, protocol):
    _, out, _ = run(capsys, "plan", "protocol", str(protocol), "--true", "0.77", "--true", "88 %")
    assert re.search(r"77%.*\n.*88%", out)


def test_mistakes_about_a_protocol_are_told(capsys, protocol):
    assert "--expected" in run(capsys, "plan", "protocol", str(protocol), "--expected", "see=0.9")[2]
    assert "--expected" in run(capsys, "plan", "protocol", str(protocol), "--expected", "se=0.3")[2]
    assert run(capsys, "plan", "protocol", str(protocol), "--icc", "2")[0] == 2
    text = protocol.read_text(encoding="utf-8").replace(
        "metric: sensitivity, at_least: 0.5", "metric: auc, at_least: 0.5"
    )
    protocol.write_text(text, encoding="utf-8")
    code, _, err = run(capsys, "plan", "protocol", str(protocol))
    assert code == 2
    assert "se" in err


def test_the_plan_is_stored_and_every_other_line_stays(capsys, protocol):
    before = "# a comment at the head\n" + protocol.read_text(encoding="utf-8") + "# a comment at the end\n"
    protocol.write_text(before, encoding="utf-8")
    for expected in ("0.9", "0.8"):  # the second replaces the first
        code, out, _ = run(capsys, "plan", "protocol", str(protocol), "--expected", expected, "--write")
        assert code == 0
        assert str(protocol) in out
    after = protocol.read_text(encoding="utf-8")
    assert set(before.splitlines()) <= set(after.splitlines())
    plan = read_protocol(protocol).plan
    assert plan["assumptions"]["expected"] == {"*": 0.8}
    assert plan["rules"][0]["n_units"] == 30


def test_a_locked_protocol_keeps_its_plan(capsys, protocol):
    assert run(capsys, "protocol", "lock", str(protocol))[0] == 0
    before = protocol.read_bytes()
    for language in LANGUAGES:
        code, out, err = run(capsys, "plan", "protocol", str(protocol), "--write", "--lang", language)
        assert (code, out) == (2, "")
        assert str(protocol) in err
    assert protocol.read_bytes() == before
    assert run(capsys, "plan", "protocol", str(protocol))[0] == 0


def test_keys_of_a_plan_that_somebody_wrote_are_kept(capsys, protocol):
    protocol.write_text(protocol.read_text(encoding="utf-8") + "plan: {diseased_exams: 30}\n", encoding="utf-8")
    assert run(capsys, "plan", "protocol", str(protocol), "--write")[0] == 0
    plan = read_protocol(protocol).plan
    assert plan["diseased_exams"] == 30
    assert plan["rules"]


def test_the_report_prints_planned_beside_obtained(capsys, protocol, tmp_path):
    run(capsys, "plan", "protocol", str(protocol), "--expected", "0.9", "--write")
    assert run(capsys, "run", str(protocol), "--out", str(tmp_path / "run"))[0] == 0
    record = json.loads((tmp_path / "run" / "record.json").read_text(encoding="utf-8"))
    assert record["protocol"]["content"]["plan"]["rules"][0]["n_units"] == 30
    for language, title in (("en", "Planned and obtained"), ("fr", "Prévu et obtenu")):
        text = (tmp_path / "run" / f"report.live.{language}.html").read_text(encoding="utf-8")
        table = text[text.index(title) :]
        cells = re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", table[: table.index("</table>")])
        assert [words(cell) for cell in cells[7:9]] == ["se", {"en": "whole set", "fr": "ensemble du jeu"}[language]]
        assert cells[-2:] == ["30", "30"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id: a\n", "id: a\nplan:\n  n: 2\n"),
        ("id: a", "id: a\nplan:\n  n: 2\n"),
        ("plan:\n  n: 1\n  # old\nid: a\n", "plan:\n  n: 2\nid: a\n"),
        ("id: a\nplan: {n: 1}\n# end\n", "id: a\nplan:\n  n: 2\n# end\n"),
    ],
)
def test_only_the_plan_is_replaced(text, expected):
    assert spliced(text, {"n": 2}) == expected


@pytest.mark.parametrize("text", ["{id: a}\n", "", "- a\n"])
def test_a_file_without_lines_of_its_own_for_keys_is_left_alone(text):
    assert spliced(text, {"n": 2}) is None


def test_a_group_without_a_command_explains_itself(capsys):
    for language in LANGUAGES:
        code, out, _ = run(capsys, "plan", "--lang", language)
        assert code == 0
        for command in ("precision", "goal", "non-inferiority", "superiority", "calibration", "protocol"):
            assert command in out
            assert run(capsys, "plan", command, "--help", "--lang", language)[0] == 0
