"""The device beside the readers: what is printed, in which words, and of whom."""

import pytest

from dmn_bench.record import ReaderRow, ReferenceRuleRow
from dmn_bench.reporting.sections.reference_readers import ReferenceReaders
from dmn_bench.reporting.view import view_for
from dmn_bench.vocabulary import Figure, Grid, Paragraph
from dmn_bench.wordings import LANGUAGES, words

from .page import text_of
from .records import A, B, a_record, share
from .shelf import rendered


def reader(name, k, n, *, candidate="", metric="sensitivity", n_others=2, **more):
    estimate = share(metric, k, n, candidate=candidate or name)
    return ReaderRow(
        candidate=candidate, endpoint="exam", reader=name, against=more.pop("against", ""), rule="majority",
        n_others=n_others, n_units=n + 4, estimate=estimate, **more,
    )  # fmt: skip


def beside(name, k, n, candidate, **more):
    return reader(name, k, n, candidate=candidate, difference=-0.05, low=-0.15, high=0.05, **more)


def ruled(rule, k, n, *, at_least=None, is_of_run=False, candidate=A, **more):
    return ReferenceRuleRow(
        candidate=candidate, endpoint="exam", rule=rule, at_least=at_least, is_of_run=is_of_run, n_changed=3,
        n_without=1, estimate=share("sensitivity", k, n, candidate=candidate), **more,
    )  # fmt: skip


READERS = [
    reader("r1", 95, 100), beside("r1", 90, 100, A), beside("r1", 40, 100, B),
    reader("r2", 93, 100), beside("r2", 91, 100, A), beside("r2", 41, 100, B),
]  # fmt: skip
RULES = [
    ruled("majority", 90, 100, is_of_run=True), ruled("at_least", 80, 90, at_least=3),
    ruled("union", 11, 100, candidate=B),
    ReferenceRuleRow(candidate=A, endpoint="exam", rule="staple", is_of_run=False, not_applicable="masks_only"),
]  # fmt: skip


def blocks(language="en", **results):
    record = a_record(**results)
    return ReferenceReaders().blocks(view_for(record, A), A, language)


def test_readers_and_device_stand_beside_each_other_with_their_difference():
    [grid] = [block for block in blocks(readers=READERS) if isinstance(block, Grid)]
    assert [row[1] for row in grid.rows] == ["r1", "r2"]
    assert grid.rows[0][2] == "104"
    assert grid.rows[0][3].startswith("95.0")
    assert grid.rows[0][4].startswith("90.0")
    assert grid.rows[0][5] == "−5.0 [−15.0,\xa05.0]"


def test_no_other_candidate_is_in_the_section():
    told = str(blocks(readers=READERS, reference_rules=RULES))
    assert "40.0" not in told
    assert "11.0" not in told


def test_one_line_of_the_drawing_for_each_reader_and_one_for_the_device_beside_him():
    [figure] = [block for block in blocks(readers=READERS) if isinstance(block, Figure)]
    assert figure.svg.count("reader r1") == 1
    assert figure.svg.count("device, same reference") == 2


def test_one_other_reader_makes_percent_agreement_of_sensitivity():
    alone = [reader("r1", 95, 100, n_others=1), reader("r2", 95, 100, n_others=1)]
    said = [block.text for block in blocks(readers=alone) if isinstance(block, Paragraph)]
    assert any("positive and negative percent agreement" in text for text in said)
    both = [block.text for block in blocks(readers=READERS) if isinstance(block, Paragraph)]
    assert not any("percent agreement" in text for text in both)


def test_each_rule_has_its_line_and_one_that_says_nothing_its_reason():
    [grid] = [block for block in blocks(reference_rules=RULES) if isinstance(block, Grid)]
    assert [row[1] for row in grid.rows] == ["more than half of the readers (this run)", "at least 3 readers", "STAPLE"]
    assert [row[4:] for row in grid.rows] == [("3", "1"), ("3", "1"), ("–", "–")]
    assert grid.rows[2][2] == "a rule of masks only"


def test_pairs_of_readers_show_single_cases():
    pair = reader("r1", 9, 10, against="r2", smallest=0.61, middle=0.85, largest=0.9)
    [grid] = [block for block in blocks(readers=[pair]) if isinstance(block, Grid)]
    assert grid.rows[0][1] == "r1 and r2"
    assert grid.rows[0][3] == "0.610 · 0.850 · 0.900"


def test_nothing_is_said_where_nobody_read():
    assert blocks() == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_section_stands_in_a_whole_report_and_banners_say_why_a_reference_is_weak(language):
    keys = ("weak_reference", "reference_from_reports", "readers_agree_little", "discrepant_resolution")
    record = a_record(readers=READERS, reference_rules=RULES, banners=keys)
    text = text_of(rendered(record, A, language))
    assert words("report_readers", language)["report_readers.title"] in text
    for key in keys:
        assert words("report_frame", language)[f"report_frame.banner.{key}"][:40] in text
