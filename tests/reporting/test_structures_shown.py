"""Structures in the general parts of a report: summary, main results, strata, terminal; by title, never pooled."""

import re

import pytest

from dmn_bench.record import AcceptanceRow, HeterogeneityRow, ReaderRow
from dmn_bench.reporting.phrases import Phrases, limit_text, phrases_of
from dmn_bench.reporting.sections.flow import Flow
from dmn_bench.reporting.sections.results import STRUCTURE_ROWS, MainResults
from dmn_bench.reporting.sections.segmentation import SegmentationSection
from dmn_bench.reporting.sections.strata import Strata
from dmn_bench.reporting.sections.summary import Summary
from dmn_bench.reporting.sections.verdicts import Verdicts, because, exact_interval
from dmn_bench.reporting.terminal import STRUCTURES, summary_rows
from dmn_bench.vocabulary import Facts, Figure, Grid, Heading, Paragraph

from .declared import ITD, A
from .test_segmentation_section import ENDPOINT, a_segmentation, an_estimate

SUMMARIES = ({}, {"summary": "lower_quartile"})
VALUES = {("heart", ""): 0.93, ("cord", ""): 0.71, ("heart", "F"): 0.95, ("heart", "M"): 0.91, ("cord", "F"): 0.75}


def organs(names=("heart", "cord")):
    """Dice as median and lower quartile: on everything, by structure, by sex, and by sex within each structure."""
    found = []
    for parameters in SUMMARIES:
        less = 0.1 if parameters else 0.0
        pooled = {"parameters": parameters, "not_estimable": "several_questions"}
        found += [an_estimate("dice", "", stratum=cut, **pooled) for cut in (None, {"sex": "F"}, {"sex": "M"})]
        for structure in names:
            for sex in ("", "F", "M"):
                value = VALUES.get((structure, sex))
                absent = {} if value is not None else {"not_estimable": "too_few", "own_n": 3}
                found.append(
                    an_estimate(
                        "dice",
                        structure,
                        None if value is None else value - less,
                        stratum={"sex": sex, "structure": structure} if sex else {"structure": structure},
                        parameters=parameters,
                        **absent,
                    )
                )
    failures = {"scale": "share", "numerator": 2, "denominator": 40, "better": "lower"}
    found.append(an_estimate("failure_rate", "", 0.05, stratum=None, **{**failures, "low": 0.01, "high": 0.17}))
    return found


@pytest.fixture
def record():
    return named(a_segmentation(estimates=organs()))


def named(record):
    titles = [{"name": "cord", "title": {"en": "Spinal cord", "fr": "Moelle épinière"}}]
    card = {**record.reference_set.card, "findings": [*(record.reference_set.card.get("findings") or ()), *titles]}
    tested = [
        HeterogeneityRow(
            candidate=A,
            endpoint=ENDPOINT,
            metric="acceptable_share",
            analysis=ITD,
            within={"structure": "cord"},
            field="sex",
            method="cochran-q",
            p=0.03,
            levels=["F", "M"],
        )
    ]
    return record.model_copy(
        update={
            "reference_set": record.reference_set.model_copy(update={"card": card}),
            "results": record.results.model_copy(update={"heterogeneity": tested}),
        }
    )


def of_endpoint(section, record, language="en"):
    """The blocks of a section that follow the heading of the endpoint."""
    blocks = list(section().blocks(record.model_dump(mode="json"), A, language))
    heading = Phrases(language)("report.endpoint", endpoint=ENDPOINT)
    at = next(place for place, block in enumerate(blocks) if isinstance(block, Heading) and block.text == heading)
    return blocks[at:]


def rows_of(blocks):
    """Their lines, with plain spaces."""
    grids = [block for block in blocks if isinstance(block, Grid)]
    return [tuple(cell.replace("\xa0", " ") for cell in row) for grid in grids for row in grid.rows]


def paragraphs(section, record, language):
    blocks = section().blocks(record.model_dump(mode="json"), A, language)
    return [block.text for block in blocks if isinstance(block, Paragraph)]


def test_the_summary_says_in_plain_words_what_each_structure_reached_and_in_how_many_cases_it_is_missing(record):
    [text] = [text for text in paragraphs(Summary, record, "fr") if "Moelle épinière" in text]
    how, heart, cord, where = text.split("\n")[-4:]
    assert "identiques" in how
    assert re.match(r"heart \(40\scas\)\s: Dice médian 0,930 \(IC 95\s% \[0,830\s;\s1,030\]\)", heart)
    assert "structure manquée dans 1\u202fcas" in heart.replace(" cas", "\u202fcas")
    assert "aucun contour rendu dans 2 cas" in heart
    assert "0,710" in cord
    assert "dessinée dans 3 cas" in cord
    assert "aucun contour" not in cord
    assert "structure" in where


def pair(one, other, value, candidate="", metric="dice", structure="cord"):
    estimate = an_estimate(metric, structure, value)
    return ReaderRow(
        candidate=candidate,
        endpoint=ENDPOINT,
        reader=one,
        against=other,
        n_units=40,
        n_others=1,
        rule="",
        estimate=estimate,
    )


def with_readers(record, *rows):
    return record.model_copy(update={"results": record.results.model_copy(update={"readers": list(rows)})})


BETWEEN = (pair("r1", "r2", 0.911), pair("r1", "r3", 0.954), pair("r2", "r3", 0.946))
OF_DEVICE = tuple(pair("", one, value, A) for one, value in (("r1", 0.957), ("r2", 0.926), ("r3", 0.947)))


def test_a_reader_beside_one_other_stands_beside_the_device_with_each_of_them(record):
    beside = with_readers(record, *BETWEEN, *OF_DEVICE)
    [text] = [text for text in paragraphs(Summary, beside, "en") if "Spinal cord" in text]
    heart, cord = text.split("\n")[-3:-1]
    told = (
        "two by two, median Dice: readers with each other 0.911 to 0.954, the device with each of them 0.926 to 0.957"
    )
    assert told in cord
    assert "two by two" not in heart
    grid = next(block for block in of_endpoint(MainResults, beside) if isinstance(block, Grid))
    row = dict(zip(grid.header, next(row for row in grid.rows if row[0] == "Spinal cord"), strict=True))
    assert row["Two by two, median Dice: readers with each other"] == "0.911 to 0.954"
    assert row["Two by two, median Dice: device with each reader"] == "0.926 to 0.957"
    assert [len(row) for row in grid.rows] == [len(grid.header)] * len(grid.rows)
    assert next(row for row in grid.rows if row[0] == "heart")[3:5] == ("–", "–")


def test_two_readers_have_one_value_and_without_the_device_nothing_is_said_of_it(record):
    [text] = [one for one in paragraphs(Summary, with_readers(record, BETWEEN[0]), "fr") if "Moelle" in one]
    assert "relecteurs entre eux, Dice médian : 0,911" in re.sub(r"\s", " ", text)
    assert "deux à deux" not in text
    plain = next(block for block in of_endpoint(MainResults, record) if isinstance(block, Grid))
    assert not any("Two by two" in name for name in plain.header)


def test_an_answered_case_without_a_structure_is_said_in_summary_and_flow(record):
    [row] = record.results.flow[:1]
    flow = row.model_copy(update={"endpoint": ENDPOINT, "sent": 40, "included": 40, "answered": 40, "unreadable": 0})
    results = record.results.model_copy(update={"flow": [flow]})
    everywhere = record.model_copy(update={"results": results})
    said = " ".join(paragraphs(Summary, everywhere, "en"))
    assert "did not give every structure" in said
    assert "an evaluable result for all" not in said
    for section in (Summary, Flow):
        assert any("No contour given: heart, 2 of 40 cases." in text for text in paragraphs(section, everywhere, "en"))


def test_without_strata_of_structures_the_medians_of_the_spread_stand_by_structure_and_nothing_pooled():
    pooled = {"stratum": None, "not_estimable": "several_questions"}
    share = {"scale": "share", "numerator": 40, "denominator": 80}
    asked = [an_estimate("dice", "", **pooled), an_estimate("acceptable_share", "", **pooled, **share)]
    record = a_segmentation(estimates=asked)
    [summary] = [text for text in paragraphs(Summary, record, "en") if "cord" in text and "Dice" in text]
    assert "cord (40 cases): median Dice 0.710; missed in 2 cases" in summary
    rows = rows_of(of_endpoint(MainResults, record))
    assert [row[:3] for row in rows[:2]] == [("heart", "40", "0.930"), ("cord", "40", "0.710")]
    assert not any("40/80" in cell for row in rows for cell in row)
    [grid] = [grid for grid in summary_rows(record, "en") if "Structure by structure" in grid.caption]
    assert rows_of([grid])[1] == (A, ENDPOINT, "cord", "40", "0.710", "2", "3", "0")


def test_fewer_cases_than_an_estimate_needs_have_no_median():
    asked = [an_estimate("dice", "", stratum=None, not_estimable="several_questions")]
    rows = rows_of(of_endpoint(MainResults, a_segmentation(estimates=asked, n=9)))
    assert "n = 9" in rows[0][2]


def test_main_results_list_each_structure_and_no_line_without_a_number(record):
    whole = rows_of(of_endpoint(MainResults, record))
    assert [row[0] for row in whole[:2]] == ["heart", "Spinal cord"]
    rows = whole[2:]
    titles = [row[0] for row in rows]
    assert titles == [
        "heart: Dice",
        "heart: Dice (lower quartile)",
        "Spinal cord: Dice",
        "Spinal cord: Dice (lower quartile)",
        "Failure rate",
    ]
    assert rows[2][2:4] == ("0.710", rows[2][3])
    assert "0.610" in rows[2][3]
    assert not any("By statement or structure only" in cell for row in rows for cell in row)


def test_of_many_structures_main_results_list_the_first_measure_of_the_first(record):
    many = [f"s{n:02}" for n in range(STRUCTURE_ROWS + 2)]
    blocks = of_endpoint(MainResults, named(a_segmentation(estimates=organs(many))))
    titles = [row[0] for row in rows_of(blocks)][2:]
    assert titles == [*(f"{name}: Dice" for name in many[:STRUCTURE_ROWS]), "Failure rate"]
    assert any("stand in the section on structures" in block.text for block in blocks if isinstance(block, Paragraph))


def test_strata_have_a_part_for_each_structure(record):
    blocks = of_endpoint(Strata, record)
    headings = [block.text for block in blocks if isinstance(block, Heading)]
    assert headings[1:] == ["heart", "Spinal cord"]
    at = blocks.index(next(block for block in blocks if isinstance(block, Heading) and block.text == "heart"))
    assert isinstance(blocks[at + 1], Figure)  # two levels with a value
    assert len(blocks[at + 2].rows) == 4  # the whole, the name of the field, its levels
    cells = [row[3].split("\n")[0] for row in blocks[at + 2].rows]
    assert cells == ["0.930", "", "0.950", "0.910"]
    cord = next(block for block in blocks[at + 3 :] if isinstance(block, Grid))
    assert [row[3].split("\n")[0][:5] for row in cord.rows[:3]] == ["0.710", "", "0.750"]
    assert "n = 3" in cord.rows[3][3]


def test_a_test_within_a_structure_names_it(record):
    assert "Spinal cord: Sex" in [row[1] for row in rows_of(of_endpoint(Strata, record)) if len(row) in (6, 9)]


def test_the_terminal_lists_the_first_measure_of_each_structure(record):
    grid = next(grid for grid in summary_rows(record, "en") if any(row[1] == ENDPOINT for row in grid.rows))
    measures = [row[2] for row in rows_of([grid]) if row[1] == ENDPOINT]
    assert measures == ["heart: Dice", "Spinal cord: Dice", "Failure rate", "… and 2 more in the report"]


def test_the_terminal_lists_no_more_structures_than_it_can_show():
    many = [f"s{n:02}" for n in range(STRUCTURES + 3)]
    grid = next(
        grid
        for grid in summary_rows(a_segmentation(estimates=organs(many)), "en")
        if any(row[1] == ENDPOINT for row in grid.rows)
    )
    lines = [row[2] for row in rows_of([grid]) if row[1] == ENDPOINT and row[2].startswith("s")]
    assert lines == [f"{name}: Dice" for name in many[:STRUCTURES]]


def test_one_structure_that_is_also_the_whole_is_listed_once():
    both = [an_estimate("dice", "", 0.93, stratum=None), an_estimate("dice", "heart", 0.93)]
    record = a_segmentation(estimates=both)
    grid = next(grid for grid in summary_rows(record, "en") if any(row[1] == ENDPOINT for row in grid.rows))
    assert [row[2] for row in rows_of([grid]) if row[1] == ENDPOINT] == ["heart: Dice"]


def test_a_level_that_only_structures_have_a_value_for_is_no_unknown_one(record):
    text = " ".join(
        block.text
        for block in Summary().blocks(record.model_dump(mode="json"), A, "en")
        if isinstance(block, Paragraph)
    )
    assert "Structure" not in text.partition("unknown")[2]


@pytest.mark.parametrize(
    ("language", "shown"), [("en", "−28.9% | [−42.0, 110.0]"), ("fr", "−28,9 % | [−42,0 ; 110,0]")]
)
def test_a_relative_volume_is_written_in_per_cent_wherever_it_stands(language, shown):
    bias = an_estimate("volume_bias", "heart", -0.289, scale="ratio", low=-0.42, high=1.1)
    lines = [" | ".join(row) for row in rows_of(of_endpoint(MainResults, a_segmentation(estimates=[bias]), language))]
    assert any(shown in line.replace("\u202f", " ") for line in lines)


def test_a_rule_on_a_relative_volume_says_limit_and_interval_in_per_cent():
    row = AcceptanceRow(
        id="volumes", candidate=A, endpoint=ENDPOINT, metric="volume_error", stratum={"structure": "heart"},
        direction="at_most", limit=0.1, scale="ratio", value=0.05, low=0.02, high=0.099996, confidence=0.95,
        own_n=40, verdict="met", reason="interval_below", method="order-statistics",
    )  # fmt: skip
    assert limit_text(row, Phrases("en")) == "10%"
    assert exact_interval(row, Phrases("en")) == "[2.0,\xa09.9996]"


def test_a_rule_on_a_measure_without_counts_has_no_dash_in_their_place():
    row = AcceptanceRow(
        id="agrees", candidate=A, endpoint=ENDPOINT, metric="nsd", stratum={"structure": "cord"}, direction="at_least",
        limit=0.75, scale="score", value=0.999, low=0.99, high=1.0, confidence=1 - 0.05 / 3, method="order", own_n=24,
        verdict="met", reason="interval_above",
    )  # fmt: skip
    told = because(row, Phrases("en"))
    assert "limit 0.75 (98.33% interval [" in told
    counted = row.model_copy(update={"numerator": 23, "denominator": 24, "scale": "share", "metric": "sensitivity"})
    assert "(23/24; 98.33% interval [" in because(counted, Phrases("en"))


@pytest.mark.parametrize(
    ("low", "value", "shown", "observed"),
    [
        (4.0, 4.5, "Lower bound 4.00, limit 1 (", "4.50 mm"),
        (None, None, "Lower bound ∞, limit 1 (", "∞"),
    ],
)
def test_a_distance_that_is_infinite_is_shown_as_such(low, value, shown, observed):
    row = AcceptanceRow(
        id="far", candidate=A, endpoint=ENDPOINT, metric="hd95", stratum={"structure": "cord"}, direction="at_most",
        limit=1.0, scale="distance", measured_in="mm", value=value, low=low, confidence=0.95, method="order-statistics",
        own_n=24, verdict="not_met", reason="interval_above",
    )  # fmt: skip
    assert shown in because(row, Phrases("en")), because(row, Phrases("en"))
    assert exact_interval(row, Phrases("en")).replace("\xa0", " ") == ("[4.00, ∞]" if low else "[∞, ∞]")
    record = a_segmentation()
    results = record.results.model_copy(update={"acceptance": [row]})
    table = of_rules(record.model_copy(update={"results": results}))
    assert (table[0][3].replace("\u202f", " "), table[0][4]) == (observed, exact_interval(row, Phrases("en")))


def of_rules(record):
    found = Verdicts().blocks(record.model_dump(mode="json"), A, "en")
    return next(block for block in found if isinstance(block, Grid)).rows


def test_a_rule_without_a_figure_says_of_how_many():
    row = AcceptanceRow(
        id="far", candidate=A, endpoint=ENDPOINT, metric="hd95", stratum=None, direction="at_most", limit=1.0,
        scale="distance", confidence=0.95, own_n=24, verdict="inconclusive", reason="segmentation_infinite",
        reason_facts={"n": 24, "infinite": 18},
    )  # fmt: skip
    assert "infinite in 18 of 24 cases" in because(row, Phrases("en"))
    assert "18" in because(row, Phrases("fr"))


def test_rules_and_tolerances_call_structures_as_the_card_does(record):
    titles = {"heart": {"fr": "Cœur", "en": "Heart"}}
    card = {**record.reference_set.card, "structure_titles": titles}
    of_card = record.model_copy(update={"reference_set": record.reference_set.model_copy(update={"card": card})})
    phrases = phrases_of(of_card, "fr")
    named_so = [
        phrases.stratum({"structure": name}).replace("\u202f", " ").replace("\xa0", " ")
        for name in ("heart", "cord", "lung")
    ]
    assert named_so == ["Structure : Cœur", "Structure : Moelle épinière", "Structure : lung"]
    facts = next(block for block in of_endpoint(SegmentationSection, of_card, "fr") if isinstance(block, Facts))
    assert "Cœur" in facts.items[0][1]
    assert "Moelle épinière" in facts.items[0][1]
