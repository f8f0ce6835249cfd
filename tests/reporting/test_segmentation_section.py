"""The section on delineated structures: definitions in words, counts, spread, figures, in both languages."""

import dataclasses
import re

import pytest

from dmn_bench.metrics.segmentation import AcceptableShare, Dice, HausdorffDistance95
from dmn_bench.record import CurveRow, EstimateRow, TableRow
from dmn_bench.reporting.drawings.overlap import OverlapPlot, OverlapRow, overlap_plot
from dmn_bench.reporting.phrases import Phrases
from dmn_bench.reporting.sections.protocol import ProtocolAsRun
from dmn_bench.reporting.sections.segmentation import SegmentationSection
from dmn_bench.reporting.structures import structure_grid, structure_lines, undelivered
from dmn_bench.tasks.segmentation import Segmentation
from dmn_bench.vocabulary import Facts, Figure, Grid, Heading, Paragraph

from .declared import ITD, A
from .records import a_record
from .shelf import rendered

ENDPOINT = "organs"
PLAN = {
    "name": ENDPOINT,
    "task": "segmentation",
    "unit": "case",
    "structures": ["heart", "cord"],
    "tolerance_mm": {"heart": 2.5, "cord": 1.0},
}
SHARES = [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0]


def an_estimate(metric, structure, value=None, **more):
    facts = {
        "candidate": A,
        "endpoint": ENDPOINT,
        "metric": metric,
        "analysis": ITD,
        "stratum": {"structure": structure},
        "scale": "agreement",
        "better": "higher",
        "own_n": 40,
        "n_units": 40,
        "n_patients": 38,
        "n_positive": 40,
        "n_negative": 0,
        "n_unanswered": 1,
    }
    if value is not None:
        limits = {"low": value - 0.1, "high": value + 0.1, "confidence": 0.95, "method": "order-statistics"}
        facts = {**facts, "value": value, **limits}
    return EstimateRow(**{**facts, **more})


def a_segmentation(plan=PLAN, estimates=None, n=40):
    """The record of the other tests with an endpoint of two structures."""
    record = a_record()
    content = {**record.protocol.content, "endpoints": [*record.protocol.content["endpoints"], plan]}
    results = record.results.model_copy(deep=True)
    results.tables.append(
        TableRow(
            candidate=A,
            endpoint=ENDPOINT,
            name="structures",
            rows=["heart", "cord"],
            columns=["agreeing_or_not", "both_empty", "missed", "invented", "unanswered", "left_out", "missing"],
            counts=[[37, 0, 1, 0, 2, 0, 4], [30, 5, 2, 3, 0, 0, 1]],
        )
    )
    for structure, middle in (("heart", 0.93), ("cord", 0.71)):
        values = [0.0, middle - 0.2, middle - 0.1, middle, middle + 0.02, middle + 0.04, 1.0]
        results.curves.append(
            CurveRow(candidate=A, endpoint=ENDPOINT, name=f"dice_spread/{structure}", x=SHARES, y=values, sizes=[n] * 7)
        )
    results.estimates.extend(
        estimates
        if estimates is not None
        else [
            an_estimate("dice", "heart", 0.93),
            an_estimate("hd95", "heart", 3.1, scale="measured", measured_in="mm", better="lower"),
            an_estimate(
                "hd95",
                "cord",
                scale="measured",
                not_estimable="segmentation_infinite",
                not_estimable_facts={"n": 40, "infinite": 21},
            ),
        ]
    )
    protocol = record.protocol.model_copy(update={"content": content})
    return record.model_copy(update={"protocol": protocol, "results": results})


def blocks_of(record, language="en"):
    return SegmentationSection().blocks(record.model_dump(mode="json"), A, language)


def text_of(blocks):
    parts = []
    for block in blocks:
        if isinstance(block, Heading | Paragraph):
            parts.append(block.text)
        elif isinstance(block, Facts):
            parts += [f"{name}: {value}" for name, value in block.items]
        elif isinstance(block, Grid):
            parts += [block.caption, *(" | ".join(row) for row in (block.header, *block.rows))]
        elif isinstance(block, Figure):
            parts += [block.title, block.caption]
    return "\n".join(parts)


def test_a_record_without_structures_has_no_such_section():
    assert blocks_of(a_record()) == ()


def test_every_structure_has_its_counts_its_spread_and_its_figures():
    text = text_of(blocks_of(a_segmentation()))
    assert "heart | 37 | 0 | 1 | 0 | 2 | 0 | 4" in text
    assert "heart | 40 | 0.000 | 0.730 | 0.830 | 0.930 | 0.950 | 1.000" in text
    assert (
        "heart | Dice | – | 0.930 | [0.830; 1.030]" in text.replace(" to ", "; ") or "heart | Dice | – | 0.930" in text
    )
    assert "3.10\u202fmm" in text
    assert "infinite in 21 of 40 cases" in text


def test_the_definitions_are_said_whether_the_protocol_writes_them_or_not():
    text = text_of(blocks_of(a_segmentation()))
    assert "heart:\xa02.5\u202fmm; cord:\xa01\u202fmm" in text
    assert "Nikolov et al. 2021" in text
    assert "agreement: Dice and surface Dice 1" in text
    assert "no answer: the worst there is" in text
    assert "correlate poorly" in text
    other = {**PLAN, "both_empty": "left_out", "distances_in": "px", "tolerance_px": 2, "unmentioned": "empty"}
    voxels = [an_estimate("hd95", "heart", 3.1, parameters={"definition": "voxels"})]
    text = text_of(blocks_of(a_segmentation(other, voxels)))
    assert "not counted" in text
    assert "2\u202fpx" in text
    assert "MedPy" in text
    assert "Nikolov" not in text
    assert "the device lists what it finds" in text
    assert "none stated" in text_of(blocks_of(a_segmentation({**PLAN, "tolerance_mm": None})))


def test_a_protocol_that_does_not_ask_by_structure_is_told_how():
    pooled = [an_estimate("dice", "", stratum=None, not_estimable="several_questions")]
    assert "Add structure to its strata" in text_of(blocks_of(a_segmentation(estimates=pooled)))
    assert "Add structure to its strata" not in text_of(blocks_of(a_segmentation()))


def with_cases(record, **structures):
    refset = record.reference_set.model_copy(update={"structures": structures})
    return record.model_copy(update={"reference_set": refset})


def test_cases_of_several_images_are_counted_in_images_everywhere():
    record = with_cases(a_segmentation(), heart=20, cord=20)
    headers = [block.header for block in blocks_of(record) if isinstance(block, Grid)]
    assert sum("images" in header for header in headers) == 2
    assert not any("cases" in header for header in headers)
    for language, said in (("en", "heart (40 images)"), ("fr", "heart (40 images)")):
        told = " ".join(structure_lines(record, ENDPOINT, Phrases(language)))
        assert said in told.replace("\u202f", " ").replace("\xa0", " ")
        assert "cas)" not in told
    assert "2 of 40 images" in undelivered(record, ENDPOINT, Phrases("en"))
    assert "images" in structure_grid(record, [("", ENDPOINT)], Phrases("en")).header


@pytest.mark.parametrize("known", [{}, {"heart": 40, "cord": 60}])
def test_one_image_a_case_and_sets_of_old_records_are_counted_in_cases(known):
    record = with_cases(a_segmentation(), **known)
    headers = [block.header for block in blocks_of(record) if isinstance(block, Grid)]
    assert sum("cases" in header for header in headers) == 2
    assert "2 of 40 cases" in undelivered(record, ENDPOINT, Phrases("en"))


def test_figures_of_volumes_say_how_many_cases_without_any_region_are_in_them():
    bias = [an_estimate("volume_bias", name, -0.3, scale="measured") for name in ("heart", "cord")]
    notes = [
        block.text
        for block in blocks_of(a_segmentation(estimates=bias))
        if isinstance(block, Paragraph) and "both sides in" in block.text
    ]
    (note,) = notes
    assert note.startswith("cord: empty on both sides in 5 cases: counted as 0%"), "none of the heart are"
    assert not any("empty on both sides in" in text_of([block]) for block in blocks_of(a_segmentation()))


def test_too_few_cases_have_no_spread():
    text = text_of(blocks_of(a_segmentation(n=9)))
    assert "heart | 9 | – | – | – | – | – | –" in text
    assert "One line for each structure" not in text
    assert "heart | 10 | 0.000 | 0.730" in text_of(blocks_of(a_segmentation(n=10)))


def test_french_is_french():
    text = text_of(blocks_of(a_segmentation(), "fr"))
    assert "Délimitation de structures" in text
    assert "pire décile" in text
    assert "heart | 40 | 0,000 | 0,730" in text
    assert not re.search(r"report_segmentation\.|report\.[a-z]", text)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_shows_the_section_once_and_no_curve_or_table_twice(language):
    page = rendered(a_segmentation(), A, language)
    assert page.count('id="segmentation"') == 1
    assert page.count("dice_spread") == 0
    caption = {"en": "Structures: cases by what became of them", "fr": "Structures"}[language]
    assert caption in page


def test_a_hostile_name_of_a_structure_is_text():
    plan = {**PLAN, "structures": ["<script>alert(1)</script>"]}
    record = a_segmentation(plan, [an_estimate("dice", "<script>alert(1)</script>", 0.5)])
    assert "<script>alert(1)" not in rendered(record, A, "en")


def test_strips_mark_what_they_say():
    row = OverlapRow(
        label="heart",
        counts="40",
        least=0.0,
        worst_decile=0.5,
        lower_quartile=0.6,
        median=0.75,
        upper_quartile=0.9,
        greatest=1.0,
    )
    svg = overlap_plot(
        OverlapPlot(title="T", description="D", rows=[row], tick=lambda value: f"{value:.1f}", columns=("S", "n"))
    )
    assert svg.startswith("<svg")
    assert 'x1="720"' in svg  # the median: 300 + 0.75 × 560
    assert "580,51" in svg  # the top of the diamond at 0.5
    assert 'x1="300"' in svg
    assert 'x2="860"' in svg


def test_every_option_of_the_task_and_its_metrics_is_worded():
    from dmn_bench.wordings import words

    options = {field.name for field in dataclasses.fields(Segmentation)} - {"structures", "finding", "tolerance_px"}
    assert options == {"tolerance_mm", "distances_in", "both_empty", "unmentioned"}
    for language in ("en", "fr"):
        known = words("report", language)
        for metric in (Dice, HausdorffDistance95, AcceptableShare):
            assert f"report.metric.{metric.name}" in known
        for value in ("median", "lower_quartile", "upper_quartile", "worst_decile", "mean"):
            assert f"report.parameter.summary.{value}" in known


@pytest.mark.parametrize(
    ("as_used", "said"),
    [({"abstained": "positive", "failed": "wrong"}, 1), ({"abstained": "apart", "failed": "wrong"}, 0)],
)
def test_a_contour_that_was_not_given_is_never_read_as_a_call(as_used, said):
    record = a_segmentation()
    protocol = record.protocol.model_copy(update={"content": {**record.protocol.content, "as_used": as_used}})
    blocks = ProtocolAsRun().blocks(record.model_copy(update={"protocol": protocol}).model_dump(mode="json"), A, "en")
    notes = [
        block.text for block in blocks if isinstance(block, Paragraph) and "neither positive nor negative" in block.text
    ]
    assert len(notes) == said
    assert all(ENDPOINT in note for note in notes)
