"""The comparison document: what it says of each ending, whom it names, and what it never says."""

import os
import re
from pathlib import Path

import pytest

from dmn_bench.cli import call
from dmn_bench.errors import ProtocolError
from dmn_bench.record import ComparisonRow, OverallTest, read_record, results_sha256, write_record
from dmn_bench.reporting import forbidden_words
from dmn_bench.reporting.comparison import render_comparison, write_comparisons
from dmn_bench.statistics.comparison import mcnemar, tango_interval
from dmn_bench.wordings.numbers import NARROW_SPACE, NO_BREAK_SPACE

from ..harness import small_run
from .page import read_page, text_of
from .records import A, B, a_record
from .shelf import rendered

GOLDEN = Path(__file__).parents[1] / "golden"
CLAIM_WORDS = {
    "fr": r"[Nn]on inférieur|[Ss]upérieur\b|[ÉéEe]quivalent",
    "en": r"[Nn]on-inferior\b|[Ss]uperior\b|[Ee]quivalent",
}
QUOTED = {"fr": r"«.*?»", "en": r"“.*?”"}  # where the words are explained


def compared(b, c, n, **more):
    """A share of n pairs, b right by A alone and c by B alone."""
    low, high = tango_interval(b, c, n)[:2]
    facts = {"endpoint": "exam", "metric": "sensitivity", "candidate": A, "against": B, "scale": "share"}
    facts |= {"analysis": "intention_to_diagnose", "better": "higher", "claim": "difference", "confidence": 0.95}
    facts |= {"own_n": n, "n_units": n, "n_patients": n, "n_positive": n, "n_negative": 0, "n_left_out": 0}
    facts |= {"value_a": (n - c) / n, "value_b": (n - b) / n, "difference": (b - c) / n, "low": low, "high": high}
    facts |= {"both": n - b - c, "only_candidate": b, "only_against": c, "neither": 0, "method": "tango"}
    facts |= {"test": "mcnemar-exact", "p": mcnemar(b, c).exact}
    return ComparisonRow(**{**facts, **more})


NUMBERS = ("value_a", "value_b", "difference", "low", "high", "both", "only_candidate", "only_against", "neither")
NOTHING = dict.fromkeys((*NUMBERS, "method", "test", "p"))


def a_comparison():
    """A record with every ending of a claim."""
    margin = {"claim": "non-inferior", "margin": 0.05, "test": "tango-margin"}
    overall = OverallTest(candidates=[B, A], method="cochran-q", q=7.0, degrees_of_freedom=2, p=0.03, n_units=100)
    area = {"metric": "auc", "scale": "agreement", "method": "delong-paired", "test": "delong-z"}
    area |= dict.fromkeys(("both", "only_candidate", "only_against", "neither"))
    too_few = {"claim": "superior", "metric": "specificity", "verdict": "inconclusive", **NOTHING}
    too_few |= {"reason": "not_estimable:too_few", "not_estimable": "too_few"}
    too_few |= {"not_estimable_facts": {"n": 7, "minimum": 10}}
    return a_record(
        comparisons=[
            compared(3, 1, 200, **margin, verdict="shown", reason="interval_above", p_holm=0.01, overall=overall),
            compared(3, 1, 196, analysis="evaluable", **margin, n_left_out=4),
            compared(1, 30, 100, **margin, verdict="not_shown", reason="interval_below", p_holm=1.0),
            compared(6, 8, 100, **margin, verdict="inconclusive", reason="interval_contains_limit", p_holm=0.4),
            compared(12, 2, 100, claim="superior", verdict="shown", reason="interval_above", p_holm=0.04),
            compared(2, 12, 100, claim="superior", verdict="not_shown", reason="interval_below", p_holm=0.04),
            compared(9, 2, 100, claim="superior", verdict="inconclusive", reason="p_above", p_holm=0.13),
            compared(5, 7, 100, verdict="not_shown", reason="interval_contains_limit", p_holm=1.0),
            compared(12, 2, 100, verdict="shown", reason="interval_above", p_holm=0.04, **area),
            compared(0, 0, 7, **too_few),
        ]
    )


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_comparison_reads_as_it_did(language):
    text = text_of(render_comparison(a_comparison(), language, replies={A: "2026-11-22. We do not agree.\nThe team."}))
    text = text.replace(NARROW_SPACE, "⍽").replace(NO_BREAK_SPACE, "␣")
    path = GOLDEN / f"comparison.{language}.txt"
    if os.environ.get("DMN_BENCH_UPDATE_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def only(record, *rows):
    return record.model_copy(update={"results": record.results.model_copy(update={"comparisons": list(rows)})})


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("index", range(10))
def test_a_claim_is_called_by_its_name_only_where_it_is_shown(index, language):
    record = a_comparison()
    row = record.results.comparisons[index]
    text = text_of(render_comparison(only(record, row), language))
    said = re.findall(CLAIM_WORDS[language], re.sub(QUOTED[language], "", text))
    assert bool(said) == (row.verdict == "shown" and row.claim != "difference")
    assert not re.search(r"[ÉéEe]quivalent", text)


def test_a_difference_that_is_not_shown_has_the_words_of_the_bank():
    row = a_comparison().results.comparisons[7]
    text = (
        text_of(render_comparison(only(a_comparison(), row), "fr"))
        .replace(NARROW_SPACE, " ")
        .replace(NO_BREAK_SPACE, " ")
    )
    assert "Différence non démontrée (Δ = −2,0 points ; IC 95 % [−9,6 ; 5,4])." in text


def test_a_limit_beside_its_margin_is_written_out_until_they_differ():
    row = compared(3, 1, 200, claim="non-inferior", margin=0.05, verdict="shown", reason="interval_above", p_holm=0.049)
    close = row.model_copy(update={"low": -0.049984})
    text = text_of(render_comparison(only(a_comparison(), close), "en"))
    assert "[−4.998," in text.replace(NO_BREAK_SPACE, " ")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_forbidden_word_no_rank_and_a_sound_page(language):
    html = render_comparison(a_comparison(), language)
    page = read_page(html)
    assert forbidden_words("\n".join(page.lines), language) == []
    assert "<script" not in html
    assert [level for level, _ in page.headings][:2] == [1, 2]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_masked_candidates_cannot_be_recognised(language):
    record = a_comparison()
    text = render_comparison(record, language, masked=True, replies={A: "ours"})
    for part in record.candidates:
        assert part.id not in text
        assert part.sha256 not in text
        identity = part.device.get("identity", {})
        for value in identity.values():
            shown = value.get("value") if isinstance(value, dict) else value
            assert not shown or str(shown) not in text
    assert "ours" not in text


def test_a_reply_is_printed_unedited_and_cannot_change_the_page():
    reply = "2026-11-22\n<script>alert(1)</script> & we *disagree*"
    html = render_comparison(a_comparison(), "en", replies={A: reply})
    assert "<script>" not in html
    assert "alert(1)" in html
    assert "we *disagree*" in text_of(html)


def test_a_reply_of_nobody_is_refused(tmp_path):
    with pytest.raises(ProtocolError, match="unknown_candidate"):
        write_comparisons(a_comparison(), tmp_path, languages=("en",), replies={"vendor-z": "hello"})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("candidate", [A, B])
def test_a_report_of_one_candidate_never_holds_the_comparison(candidate):
    html = rendered(a_comparison(), candidate, "en")
    other = B if candidate == A else A
    assert other not in html
    assert "Tango" not in html


def test_without_planned_comparisons_there_is_no_document(tmp_path):
    assert write_comparisons(a_record(), tmp_path, languages=("en", "fr")) == []


def saved(tmp_path, record):
    record = record.model_copy(update={"results_sha256": results_sha256(record.results)})
    write_record(record, tmp_path / "record.json")
    assert read_record(tmp_path / "record.json").results.comparisons == record.results.comparisons


def test_the_command_writes_the_documents_again(tmp_path, capsys):
    saved(tmp_path, a_comparison())
    reply = tmp_path / "reply.txt"
    reply.write_text("2026-11-22: noted", encoding="utf-8")
    assert call(["compare", str(tmp_path), "--both-languages", "--reply", f"{A}={reply}"]) == 0
    assert {path.name for path in tmp_path.glob("*.html")} == {"comparison.en.html", "comparison.fr.html"}
    assert "2026-11-22: noted" in (tmp_path / "comparison.fr.html").read_text(encoding="utf-8")
    assert call(["compare", str(tmp_path), "--masked", "--lang", "fr"]) == 0
    assert (tmp_path / "comparison-masked.fr.html").exists()
    assert "comparison-masked.fr.html" in capsys.readouterr().out


@pytest.mark.parametrize("reply", ["vendor-a", "=reply.txt", "vendor-a=", "vendor-a=nowhere.txt", "vendor-z=reply.txt"])
def test_a_reply_that_cannot_be_used_is_an_error(tmp_path, monkeypatch, reply):
    saved(tmp_path, a_comparison())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reply.txt").write_text("ours", encoding="utf-8")
    assert call(["compare", str(tmp_path), "--reply", reply]) == 2
    assert not list(tmp_path.glob("*.html"))


def test_the_command_says_that_nothing_was_planned(tmp_path, capsys):
    saved(tmp_path, a_record())
    assert call(["compare", str(tmp_path), "--lang", "en"]) == 2
    assert "plans no comparison" in capsys.readouterr().err


def test_a_run_with_comparisons_writes_them_beside_the_reports(tmp_path):
    path = small_run.write(tmp_path)
    asked = "{endpoint: exam, metric: sensitivity, candidate: live, against: file, claim: difference}"
    path.write_text(path.read_text() + f"comparisons:\n  - {asked}\n")
    assert call(["run", str(path), "--out", str(tmp_path / "run"), "--lang", "en"]) == 0
    assert {one.name for one in (tmp_path / "run").glob("comparison*")} == {"comparison.en.html", "comparison.fr.html"}
    text = text_of((tmp_path / "run" / "comparison.en.html").read_text(encoding="utf-8"))
    assert "Sensitivity (exam): do live and file differ?\n  No difference shown (Δ = 6.7 points;" in text
    for report in (tmp_path / "run").glob("report.*"):
        assert "No difference shown (Δ" not in report.read_text(encoding="utf-8")
