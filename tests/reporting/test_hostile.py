"""Vendor strings that try to become markup, templates, scripts or another reading direction."""

import pytest

from dmn_bench.reporting.text import shortened, visible

from .page import read_page, text_of
from .records import A, B, a_record, flow, share
from .shelf import rendered

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}{% for x in y %}",
    "</title></svg><svg onload=alert(1)>",
    "</style><style>body{display:none}",
    "' onmouseover='alert(1)",
    "invoice\u202egpj.exe",
    "a\u0000b\u0007c",
    "]]>--><!--",
)


def hostile_record(text):
    """A record in which every foreign string is ``text``."""
    declared = {
        "identity": {
            "manufacturer": {"value": text, "source": text},
            "trade_name": text,
            "version": text,
            "unknown": text,
        },
        "intended_use": {"purpose": text},
        "claims": [{"metric": text, "finding": text, "value": 0.9, "population": text, "source": text}],
        "training_data": {"data_sets": text},
    }
    card = {
        "title": {"en": text, "fr": text},
        "findings": [{"name": text, "code": text}],
        "local_prevalence": [{"finding": "fracture", "value": 0.1, "source": text}],
        "reference_standard": {"method": text},
        "sampling": text,
    }
    base = a_record()
    base_rows = [
        share("sensitivity", 45, 50, stratum={text: text}),
        share("sensitivity", 40, 50, stratum={text: "other"}),
        share(text, 40, 50),
        share("sensitivity", 90, 100),
    ]
    one_flow = flow("positive", eligible=5, answered=5, excluded={text: 0}).model_copy(update={"endpoint": text})
    curves = [one.model_copy(update={"endpoint": text}) for one in base.results.curves if one.candidate == A]
    named = {"name": text, "case_id": text}
    tables = [one.model_copy(update=named) for one in base.results.tables if one.candidate == A]
    wrong = {"unit_id": text, "kind": text, "reason": text, "answer": text}
    errors = [one.model_copy(update=wrong) for one in base.results.errors if one.candidate == A]
    record = a_record(
        card=card,
        devices={A: declared, B: {}},
        banners=(text,),
        estimates=base_rows,
        flow=[*base.results.flow, one_flow],
        curves=curves,
        tables=tables,
        errors=errors,
    )
    observed = record.observed.model_copy(
        update={
            "operator": text,
            "machine": {text: text},
            "isolation": {A: [text]},
            "decoders": [text],
            "software": {text: text},
        }
    )
    return record.model_copy(update={"observed": observed, "run_id": text})


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_stays_text(text):
    page = read_page(rendered(hostile_record(text), A, "en"))
    assert {tag for tag, _ in page.tags} & {"script", "img", "iframe", "object", "form", "base"} == set()
    assert [tag for tag, attributes in page.tags if any(name.startswith("on") for name in attributes)] == []
    assert sum(1 for tag, _ in page.tags if tag == "style") == 1
    assert sum(1 for tag, _ in page.tags if tag == "svg") == sum(1 for tag, _ in page.tags if tag == "figure")


@pytest.mark.parametrize("text", HOSTILE[:6])
def test_foreign_text_is_shown_as_it_was_written(text):
    assert " ".join(text_of(rendered(hostile_record(text), A, "en")).split()).count(text) >= 10


def test_nothing_that_reverses_the_reading_direction_reaches_the_page():
    html = rendered(hostile_record("invoice\u202egpj.exe"), A, "fr")
    assert "\u202e" not in html
    assert "invoice⟨U+202E⟩gpj.exe" in html


def test_control_characters_reach_neither_text_nor_drawing():
    html = rendered(hostile_record("a\u0000b"), A, "fr")
    assert "\u0000" not in html


def test_text_in_other_scripts_is_left_alone():
    for name in ("مستشفى", "医院", "Ελένη", "न\u200dम", "œuvre à l'été"):
        assert visible(name) == name


def test_a_cut_text_says_that_it_is_cut():
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abcde…"


def test_the_policy_of_the_page_forbids_everything_from_outside():
    tags = read_page(rendered(a_record(), A, "en")).tags
    policy = next(
        one["content"] for tag, one in tags if tag == "meta" and one.get("http-equiv") == "Content-Security-Policy"
    )
    assert "default-src 'none'" in policy
    assert "script" not in policy
    links = [one.get("href", "") for tag, one in tags if tag in ("a", "link")]
    assert all(link.startswith(("#", "data:")) for link in links)


def test_a_candidate_id_cannot_leave_the_folder(tmp_path):
    from dmn_bench.reporting import write_reports

    record = a_record()
    part = record.candidates[0].model_copy(update={"id": "../../evil"})
    paths = write_reports(record.model_copy(update={"candidates": [part]}), tmp_path, languages=("en",), sections=[])
    assert [path.parent for path in paths] == [tmp_path]
