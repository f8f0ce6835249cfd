"""The section on detection: counts first, rules in words, no area under FROC, technical figures elsewhere."""

import itertools
import re

import pytest

from dmn_bench.record import CurveRow, TableRow
from dmn_bench.reporting.drawings.curve import CurvePlot, curve_plot
from dmn_bench.reporting.sections.annex import Annex
from dmn_bench.reporting.sections.curves import Curves
from dmn_bench.reporting.sections.detection import DetectionSection
from dmn_bench.reporting.sections.results import MainResults
from dmn_bench.reporting.sections.strata import Strata
from dmn_bench.reporting.sections.tables import TaskTables
from dmn_bench.reporting.view import view_for
from dmn_bench.vocabulary import Facts, Figure, Grid, Heading, Paragraph

from .records import A, a_record, figure, share

OF_LESIONS = {"candidate": A, "endpoint": "lesion"}
COUNTS = {
    "lesion": (105, 62),
    "false_positive": (34, 3),
    "second_hit": (4, 0),
    "ignored": (7, 0),
    "image": (112, 0),
    "normal_image": (44, 0),
    "silent_image": (9, 0),
    "unit": (112, 0),
    "normal": (44, 0),
}


def at(rate, value, **more):
    parameters = {"at_false_positives_per_image": rate}
    return figure("lesion_sensitivity", value, value - 0.1, value + 0.1, scale="share", parameters=parameters, **more)


def estimates():
    by_size = [
        share("lesion_sensitivity", 56, 80, stratum={"size": "large"}, **OF_LESIONS),
        share("lesion_sensitivity", 6, 25, stratum={"size": "small"}, **OF_LESIONS),
        at(0.5, 0.85, stratum={"size": "large"}, n=80, **OF_LESIONS),
        at(0.5, 0.44, stratum={"size": "small"}, n=25, **OF_LESIONS),
        share("lesion_sensitivity", 30, 50, stratum={"sex": "F"}, **OF_LESIONS),
    ]
    return [
        at(1.0, 0.85, **OF_LESIONS),
        at(0.5, 0.75, **OF_LESIONS),
        share("lesion_sensitivity", 62, 105, **OF_LESIONS),
        figure("false_positives_per_image", 0.107, 0.06, 0.17, scale="ratio", **OF_LESIONS),
        figure("afroc", 0.8, 0.7, 0.88, **OF_LESIONS),
        figure("wafroc", 0.79, 0.69, 0.87, parameters={"all_units": True}, **OF_LESIONS),
        figure("map", 0.61, 0.5, 0.7, **OF_LESIONS),
        *by_size,
    ]


def shown(language="en", section=None, plan=None, **results):
    record = a_record()
    table = TableRow(
        candidate=A, endpoint="lesion", name="marks", rows=list(COUNTS), columns=["all", "called"],
        counts=[list(map(float, one)) for one in COUNTS.values()],
    )  # fmt: skip
    curves = [
        CurveRow(candidate=A, endpoint="lesion", name=name, x=[0, 0.1, 0.3], y=[0, 0.5, 0.85])
        for name in ("froc", "afroc")
    ]
    results = record.results.model_copy(
        update={"estimates": estimates(), "tables": [table], "curves": curves, **results}
    )
    content = dict(record.protocol.content)
    content["endpoints"] = [{**one, **(plan or {})} if one["name"] == "lesion" else one for one in content["endpoints"]]
    protocol = record.protocol.model_copy(update={"content": content})
    view = view_for(record.model_copy(update={"results": results, "protocol": protocol}), A)
    return (section or DetectionSection()).blocks(view, A, language)


def grids(blocks):
    return {block.caption: block for block in blocks if isinstance(block, Grid)}


def texts(blocks):
    return [block.text for block in blocks if isinstance(block, Paragraph)]


def test_counts_come_first_with_lesions_to_ignore_among_them_and_no_sum():
    blocks = shown()
    first = next(block for block in blocks if isinstance(block, Grid))
    assert first.caption == "What was counted"
    counted = {row[0].partition(":")[0]: row[1:] for row in first.rows}
    assert counted["Lesions to ignore"] == ("7", "")
    assert counted["False positive marks"] == ("34", "3")
    assert ("Images", "112", "") in first.rows
    assert len(first.rows) == len(COUNTS)


def test_what_there_is_none_of_is_not_listed_but_lesions_to_ignore_are():
    none = {name: (0, 0) if name in ("second_hit", "silent_image", "ignored") else n for name, n in COUNTS.items()}
    table = TableRow(
        candidate=A, endpoint="lesion", name="marks", rows=list(none), columns=["all", "called"],
        counts=[list(map(float, one)) for one in none.values()],
    )  # fmt: skip
    blocks = shown(tables=[table])
    rows = {row[0].partition(":")[0] for row in grids(blocks)["What was counted"].rows}
    assert "Lesions to ignore" in rows
    assert len(rows) == len(COUNTS) - 2
    froc = next(block for block in blocks if isinstance(block, Figure))
    assert "without an answer" not in froc.caption


def test_the_operating_point_stands_before_the_rates_and_these_rise():
    lines = grids(shown())["Lesions found, and the false marks that it costs"].rows
    assert [row[2] for row in lines] == ["59.0%", "0.11", "75.0%", "85.0%"]
    assert lines[0][1] == "62/105"


def test_the_curve_marks_the_operating_point_by_a_square_and_the_rates_by_discs():
    froc, afroc = [block for block in shown() if isinstance(block, Figure)]
    assert froc.svg.count("<circle") == 2
    assert froc.svg.count("<rect") == 2  # the frame and the operating point
    assert "operating point" in froc.svg
    assert "Images without an answer" in froc.caption
    assert "AFROC" in afroc.title


def test_the_afroc_curve_speaks_of_areas_only_where_the_protocol_asks_for_them():
    afroc = [block for block in shown() if isinstance(block, Figure)][1]
    assert "areas above" in afroc.caption
    without = [row for row in estimates() if row.metric not in ("afroc", "wafroc")]
    for language, areas in (("en", "area"), ("fr", "aire")):
        found = [block for block in shown(language, estimates=without) if isinstance(block, Figure)]
        assert areas not in found[1].caption.lower()
        assert found[1].caption.endswith(".")


def test_the_area_under_froc_is_named_only_to_say_that_it_is_not_used():
    blocks = shown()
    assert any("area under the FROC curve is never used" in text for text in texts(blocks))
    areas = grids(blocks)["Areas under AFROC curves"].rows
    assert [row[1] for row in areas] == ["0.80", "0.79"]
    assert "any unit" in areas[1][3]
    assert "any unit" not in areas[0][3]


def test_lesions_have_strata_of_their_own_with_their_number_and_cases_have_not():
    found = grids(shown())
    (caption,) = [name for name in found if "stratum of the lesions" in name]
    rows = found[caption].rows
    assert [row[:2] for row in rows] == [("large", "80"), ("small", "25")]
    assert rows[1][3].startswith("24%")
    assert "imprecise" in rows[1][3]
    assert not any("Sex" in name for name in found)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"iou_at_least": 0.2}, "the boxes' intersection over union (IoU) is at least 0.2"),
        ({"iou_at_least": 0.2, "iou_of": "region"}, "the regions' intersection over union (IoU) is at least 0.2"),
        ({"iou_at_least": None, "centre_in_region": True}, "the centre of the mark lies within the lesion"),
        ({"distance_mm_at_most": 5}, "the two centres are at most 5\u202fmm apart"),
        ({"distance_px_at_most": 12.5}, "the two centres are at most 12.5\u202fpx apart"),
        ({"luna16": True}, "the rule of the LUNA16 challenge"),
    ],
)
def test_every_hit_rule_is_said_in_words(rule, said):
    (facts,) = [block for block in shown(plan={"hit_rule": rule}) if isinstance(block, Facts)]
    assert dict(facts.items)["A mark is on a lesion when"].startswith(said)
    assert ("Marks and lesions are paired" in dict(facts.items)) == ("luna16" not in rule)


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("matching", "optimal", "as many lesions as possible"),
        ("second_hits", "false_positive", "are false positives"),
        ("lesions", "by_id", "found on any of them"),
        ("no_marks", "failed", "is a failure"),
    ],
)
def test_every_option_is_said_in_words_whether_written_or_not(option, value, said):
    for plan, expected in (({option: value}, True), ({}, False)):
        (facts,) = [block for block in shown(plan=plan) if isinstance(block, Facts)]
        assert any(said in text for _, text in facts.items) is expected
        assert len(facts.items) == 6


def test_average_precision_is_in_the_annex_and_nowhere_else():
    for section in (DetectionSection(), MainResults(), Curves()):
        blocks = shown(section=section)
        assert not any("recision" in " ".join(row) for grid in grids(blocks).values() for row in grid.rows)
    technical = grids(shown(section=Annex()))["Technical figures, no basis for a decision on care"]
    assert technical.rows[0][2:] == ("0.61", "[0.50,\u00a00.70]")


def test_curves_and_counts_of_detection_are_in_this_section_alone():
    assert shown(section=Curves()) == ()
    assert shown(section=TaskTables()) == ()


def test_without_figures_counts_or_curves_the_rest_is_shown():
    few = [row for row in estimates() if row.metric == "map"]
    blocks = shown(estimates=few, tables=[], curves=[])
    assert [type(block) for block in blocks] == [Heading, Paragraph, Heading, Facts, Paragraph]
    assert shown(estimates=[], tables=[], curves=[]) == ()


def test_a_record_without_detection_has_no_such_section():
    record = a_record(curves=[])
    content = {**record.protocol.content, "endpoints": []}
    protocol = record.protocol.model_copy(update={"content": content})
    view = view_for(record.model_copy(update={"protocol": protocol}), A)
    assert DetectionSection().blocks(view, A, "en") == ()


def test_french_says_the_same():
    english, french = shown(), shown("fr")
    assert [type(block) for block in english] == [type(block) for block in french]
    assert any("n’est jamais utilisée" in text for text in texts(french))
    (facts,) = [block for block in french if isinstance(block, Facts)]
    assert dict(facts.items)["Une marque est sur une lésion quand"].endswith("d’au moins 0,2")


@pytest.mark.parametrize(("end", "is_said"), [(0.3, True), (0.6, True), (1.0, False), (2.0, False)])
def test_a_rate_beyond_the_last_mark_is_said_and_drawn_as_one_that_is_never_reached(end, is_said):
    curve = CurveRow(candidate=A, endpoint="lesion", name="froc", x=[0, 0.1, end], y=[0, 0.5, 0.85])
    [drawn] = [block for block in shown(curves=[curve]) if isinstance(block, Figure) and "FROC" in block.title]
    assert ("not a rate that it reaches" in drawn.caption) is is_said
    assert ('stroke-dasharray="2 3"' in drawn.svg) is is_said
    if end == 0.6:
        assert "never gives more than 0.6 false marks per image: what stands at 1 is" in drawn.caption


RATES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


def froc_of(rates, x=(0.0, 0.05, 0.5, 12.0)):
    curve = CurveRow(candidate=A, endpoint="lesion", name="froc", x=list(x), y=[0, 0.4, 0.7, 0.95])
    found = shown(curves=[curve], estimates=[at(rate, 0.7, **OF_LESIONS) for rate in rates])
    return next(block for block in found if isinstance(block, Figure))


def test_rates_that_double_have_a_logarithmic_axis_with_a_tick_at_each():
    drawn = froc_of(RATES)
    assert re.findall(r">(⅛|¼|½|1|2|4|8)</text>", drawn.svg)[:7] == ["⅛", "¼", "½", "1", "2", "4", "8"]
    discs = [float(x) for x in re.findall(r'<circle cx="([0-9.]+)"', drawn.svg)]
    gaps = [round(right - left, 1) for left, right in itertools.pairwise(discs)]
    assert gaps == [60.0] * 6  # of 360 px
    assert "logarithmic" in drawn.caption


@pytest.mark.parametrize("rates", [(0.5, 1.0), (0.1, 0.2, 0.4, 0.8), (0.125, 0.25, 0.5)])
def test_other_rates_keep_a_plain_axis(rates):
    assert "logarithmic" not in froc_of(rates).caption


def test_a_straight_line_of_the_curve_is_bent_where_the_axis_is_logarithmic():
    plot = CurvePlot(title="t", description="d", x=(0, 8), y=(0, 1), x_label="x", y_label="y", x_tick=str, y_tick=str,
                     x_least=0.125, x_most=8.0)  # fmt: skip
    [line] = re.findall(r'<polyline points="([^"]+)"', curve_plot(plot))
    points = [tuple(map(float, point.split(","))) for point in line.split()]
    middle = min(points, key=lambda point: abs(point[0] - (70 + 180)))  # a rate of 1, half way of ⅛ to 8
    assert middle[1] == pytest.approx(16 + 360 * (1 - 1 / 8), abs=0.2)


@pytest.mark.parametrize(("language", "title"), [("en", "Lesion size (area of the region, px²)"), ("fr", "px²)")])
def test_levels_of_a_measured_size_say_what_was_measured_and_its_unit(language, title):
    record = a_record(card={"lesion_strata": {"size": {"from": "area_px", "edges": [1024.0]}}})
    view = view_for(
        record.model_copy(update={"results": record.results.model_copy(update={"estimates": estimates()})}), A
    )
    for section in (DetectionSection(), Strata()):
        lines = [
            line for grid in grids(section.blocks(view, A, language)).values() for line in (grid.header, *grid.rows)
        ]
        cells = [text for line in lines for text in line]
        assert any(title in text for text in cells)
