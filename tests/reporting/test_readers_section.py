"""The device beside the readers: what is printed, in which words, and of whom."""

import pytest

from dmn_bench.record import ReaderRow, ReferenceRuleRow
from dmn_bench.reporting.sections.reference import ReferenceStandardSection
from dmn_bench.reporting.sections.reference_readers import ReferenceReaders, ReferenceReadersAnnex
from dmn_bench.reporting.view import view_for
from dmn_bench.vocabulary import Figure, Grid, Paragraph
from dmn_bench.wordings import LANGUAGES, words

from .page import text_of
from .records import A, B, a_record, figure, share
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
    assert grid.rows[0][5] == "−5.0\u202fpoints [−15.0,\xa05.0]"


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


def of_structure(name, value, *, candidate="", metric="nsd", against="", structure="cord", **more):
    """A reader, or the device beside him, at one structure."""
    estimate = figure(metric, value, value - 0.1, value + 0.05, stratum={"structure": structure}, n=24)
    more = {"n_others": 2, "rule": "majority", **more}
    return ReaderRow(
        candidate=candidate, endpoint="exam", reader=name, against=against, n_units=24, estimate=estimate, **more
    )


def one_structure(**more):
    for metric in ("nsd", "dice", "hd95"):
        yield of_structure("r1", 0.91, metric=metric, **more)
        yield of_structure("r1", 0.85, metric=metric, candidate=A, difference=-0.06, low=-0.1, high=-0.02, **more)
        yield of_structure("r2", 0.92, metric=metric, **more)


def annex(language="en", **results):
    return ReferenceReadersAnnex().blocks(view_for(a_record(**results), A), A, language)


def warnings(readers, language="en"):
    found = blocks(language, readers=readers)
    return [block.text for block in found if isinstance(block, Paragraph) and block.tone == "warning"]


def test_two_measures_stand_in_the_section_and_all_others_in_the_annex():
    rows = list(one_structure())
    [grid] = [block for block in blocks(readers=rows) if isinstance(block, Grid)]
    assert [row[2] for row in grid.rows] == ["r1", "r2", "r1", "r2"]
    assert grid.rows[0][4:] == ("0.910 [0.810,\xa00.960]", "0.850 [0.750,\xa00.900]", "−0.060 [−0.100,\xa0−0.020]")
    assert grid.rows[1][5:] == ("–", "–")
    [beyond] = [block for block in annex(readers=rows) if isinstance(block, Grid)]
    assert {row[0] for row in beyond.rows}.isdisjoint(row[0] for row in grid.rows)
    assert [row[2] for row in beyond.rows] == ["r1", "r2"]
    assert annex(readers=READERS) == ()


def test_a_structure_has_the_title_of_its_finding():
    record = a_record(readers=list(one_structure()))
    card = {**record.reference_set.card, "findings": [{"name": "cord", "title": {"en": "Cord", "fr": "Moelle"}}]}
    part = record.reference_set.model_copy(update={"card": card})
    view = view_for(record.model_copy(update={"reference_set": part}), A)
    told = ReferenceReaders().blocks(view, A, "fr")
    [grid] = [block for block in told if isinstance(block, Grid)]
    assert {row[1] for row in grid.rows} == {"Moelle"}
    [drawn] = [block for block in told if isinstance(block, Figure)]
    assert drawn.svg.count("Moelle") == 2
    assert "cord" not in drawn.svg


def test_an_even_number_of_others_is_said_to_leave_what_they_share():
    assert ["2 of 2 other readers" in text for text in warnings(list(one_structure()))] == [True]
    assert warnings(list(one_structure(n_others=3))) == []
    assert len(warnings(list(one_structure(n_others=3, rule="at_least", at_least=3)))) == 1
    assert warnings(list(one_structure(n_others=2, rule="union"))) == []
    assert warnings(READERS) == []


def test_pairs_of_readers_stand_from_the_lowest_to_the_highest_and_one_by_one_in_the_annex():
    more = {"n_others": 1, "rule": "adjudicated"}
    spread = {"smallest": 0.61, "middle": 0.85, "largest": 0.9}
    pairs = [
        of_structure("r1", 0.81, against="r2", **more, **spread), of_structure("r1", 0.91, against="r3", **more),
        of_structure("", 0.71, candidate=A, against="r2", **more),
        of_structure("", 0.77, candidate=A, against="r3", **more),
        of_structure("", 0.3, candidate=B, against="r3", **more),
    ]  # fmt: skip
    [grid] = [block for block in blocks(readers=pairs) if isinstance(block, Grid)]
    assert [row[2:] for row in grid.rows] == [("2", "0.810 to 0.910", "0.710 to 0.770")]
    [single] = [block for block in annex(readers=pairs) if isinstance(block, Grid)]
    assert [row[2:5] for row in single.rows] == [("r1 and r2", "24", "0.610 · 0.850 · 0.900")]


def test_a_difference_without_a_number_says_why_in_a_few_words():
    rows = [reader("r1", 95, 100), reader("r1", 95, 100, candidate=A, not_estimable="degenerate")]
    [grid] = [block for block in blocks(readers=rows) if isinstance(block, Grid)]
    assert grid.rows[0][5] == "all values alike"


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


def test_too_few_cases_for_every_reader_are_one_sentence_and_no_table():
    few = [
        reader(name, 2, 2, candidate=who, **more)
        for name in ("r1", "r2")
        for who in ("", A)
        for more in ({}, {"against": "r9"})
    ]
    told = blocks(readers=few)
    assert [block for block in told if isinstance(block, Grid | Figure)] == []
    assert any("insufficient sample (n = 2)" in block.text for block in told if isinstance(block, Paragraph))
    assert annex(readers=few) == ()
    some = [block for block in blocks(readers=[*few, *READERS]) if isinstance(block, Grid)]
    assert some


def standard(language="en", consensus=None, **results):
    record = a_record(**results)
    card = dict(record.reference_set.card)
    card["reference_standard"] = {"method": "m", "consensus": consensus}
    part = record.reference_set.model_copy(update={"card": card, "agreement": []})
    view = view_for(record.model_copy(update={"reference_set": part}), A)
    return ReferenceStandardSection().blocks(view, A, language)


def test_the_reference_standard_names_the_computed_rule_and_the_agreement_on_regions():
    own = [of_structure("r1", 0.81, against="r2", n_others=1)]
    told = str(standard(consensus={"rule": "majority"}, readers=own))
    assert "more than half of the readers" in told
    assert "how far they agree is in the section" in told
    assert "their agreement is not known" not in told
    adjudicated = str(standard(consensus={"rule": "adjudicated"}, readers=READERS))
    assert "adjudicated" not in adjudicated
    assert "how far they agree is in the section" not in adjudicated
    assert "Sensitivity and specificity are relative" in adjudicated
    assert "Sensitivity and specificity are relative" not in str(standard(estimates=[]))


def test_where_lesions_are_asked_for_the_overlap_that_makes_two_one_is_stated():
    record = a_record(readers=READERS)
    content = {**record.protocol.content, "endpoints": [{"name": "exam", "task": "detection"}]}
    part = record.protocol.model_copy(update={"content": content})
    told = ReferenceReaders().blocks(view_for(record.model_copy(update={"protocol": part}), A), A, "en")
    assert "from an overlap of 0.1 on" in str(told)
    assert "from an overlap" not in str(blocks(readers=READERS))


def test_each_structure_has_a_line_with_the_middle_pair_of_readers_and_of_the_device():
    among = [
        of_structure("r1", 0.90, against="r2"),
        of_structure("r1", 0.94, against="r3"),
        of_structure("r2", 0.91, against="r3"),
        *(of_structure("", value, against=to, candidate=A) for value, to in ((0.80, "r1"), (0.86, "r2"), (0.88, "r3"))),
    ]
    [line] = [block.text for block in blocks(readers=among) if isinstance(block, Paragraph) and "cord" in block.text]
    assert line.endswith(
        "readers among themselves 0.910 (each two, from 0.900 to 0.940), "
        "device with each reader 0.860 (each two, from 0.800 to 0.880)."
    )
    two = [of_structure("r1", 0.90, against="r2"), of_structure("", 0.80, against="r1", candidate=A)]
    [line] = [block.text for block in blocks(readers=two) if isinstance(block, Paragraph) and "cord" in block.text]
    assert line.endswith("readers among themselves 0.900, device with each reader 0.800.")


def test_relative_volumes_stand_in_per_cent_and_their_differences_in_points():
    rows = [
        of_structure("r1", 0.042, metric="volume_error"),
        of_structure("r1", 0.10, metric="volume_error", candidate=A, difference=0.058, low=-0.01, high=1.2),
    ]
    [grid] = [block for block in blocks(readers=rows) if isinstance(block, Grid)]
    assert grid.rows[0][4].startswith("4.2% [−5.8,")
    assert grid.rows[0][5].startswith("10.0%")
    assert grid.rows[0][6] == "5.8\u202fpoints [−1.0,\xa0120.0]"


def test_a_device_that_left_units_without_a_value_says_on_how_many_its_own_is():
    reader, device = (
        of_structure("r1", value, metric="volume_bias", candidate=who) for value, who in ((0.1, ""), (0.2, A))
    )
    fewer = device.model_copy(update={"estimate": device.estimate.model_copy(update={"own_n": 23})})
    [grid] = [block for block in blocks(readers=[reader, fewer]) if isinstance(block, Grid)]
    assert grid.rows[0][3] == "24 (device: 23)"
    [grid] = [block for block in blocks(readers=[reader, device]) if isinstance(block, Grid)]
    assert grid.rows[0][3] == "24"
