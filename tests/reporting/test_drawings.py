"""Drawings: everything inside the frame, nothing drawn for what has no estimate."""

import re

from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.reporting.drawings.curve import CurvePlot, MarkedPoint, curve_plot
from dmn_bench.reporting.drawings.flow import FlowStep, flow_diagram
from dmn_bench.reporting.drawings.forest import PLOT_LEFT, PLOT_RIGHT, ForestPlot, ForestRow, forest_plot

SHARES = st.lists(st.floats(0, 1), min_size=3, max_size=3).map(sorted)


def forest(rows, **more):
    options = {"title": "t", "description": "d", "tick": str, "bounded": True, "columns": ("a", "b", "c")}
    return forest_plot(ForestPlot(rows=rows, **{**options, **more}))


def whiskers(svg):
    """x1, y1, x2, y2 of every line of an interval."""
    found = re.findall(r'<line x1="([\d.-]+)" y1="([\d.-]+)" x2="([\d.-]+)" y2="([\d.-]+)" stroke="#0b5394"', svg)
    return [tuple(map(float, one)) for one in found]


@given(st.lists(SHARES, min_size=1, max_size=12), st.none() | st.floats(0, 1))
def test_every_interval_lies_within_the_axis(intervals, limit):
    rows = [ForestRow(label="x", low=low, value=value, high=high) for low, value, high in intervals]
    svg = forest(rows, limit=limit, limit_label="limit")
    drawn = whiskers(svg)
    assert len(drawn) == 3 * len(rows)
    assert all(PLOT_LEFT - 0.1 <= x <= PLOT_RIGHT + 0.1 for x1, _, x2, _ in drawn for x in (x1, x2))


@given(SHARES)
def test_the_mark_lies_between_the_ends_of_its_interval(ordered):
    low, value, high = ordered
    svg = forest([ForestRow(label="x", low=low, value=value, high=high)])
    left, _, right, _ = whiskers(svg)[0]
    corner = float(re.search(r'<rect x="([\d.-]+)" y="[\d.-]+" width="9"', svg)[1])
    assert left - 0.2 <= corner + 4.5 <= right + 0.2


def test_a_stratum_without_an_estimate_is_listed_but_not_drawn():
    svg = forest([ForestRow(label="small", note="no case tested"), ForestRow(label="x", low=0.4, value=0.5, high=0.6)])
    assert "small" in svg
    assert "no case tested" in svg
    assert svg.count('width="9"') == 1


def test_an_imprecise_stratum_differs_in_shape_and_not_in_colour_alone():
    precise = forest([ForestRow(label="x", low=0.4, value=0.5, high=0.6)])
    imprecise = forest([ForestRow(label="x", low=0.4, value=0.5, high=0.6, imprecise=True)])
    assert 'width="9" height="9" fill="#0b5394"' in precise
    assert 'width="9" height="9" fill="#ffffff"' in imprecise


def test_ratios_beyond_one_have_their_own_axis():
    svg = forest(
        [ForestRow(label="x", low=2.0, value=5.0, high=19.0)], bounded=False, tick=lambda value: f"[{value:g}]"
    )
    assert "[20]" in svg


def test_all_equal_estimates_still_have_an_axis():
    assert forest([ForestRow(label="x", low=1.0, value=1.0, high=1.0)]).count("<line") > 3
    assert forest([ForestRow(label="x", low=0.0, value=0.0, high=0.0)]).count("<line") > 3
    assert forest([ForestRow(label="nothing", note="no case tested")]).count("<line") > 1


def test_long_lines_of_the_flow_are_broken_and_never_lost():
    words = "reference positive: 12 · " * 8
    svg = flow_diagram(
        [FlowStep(title="a", side_title="b", side_lines=[words]), FlowStep(title="c")], title="t", description="d"
    )
    assert svg.count("reference") == 8


@given(st.lists(st.floats(0, 50), min_size=2, max_size=20))
def test_a_curve_never_leaves_its_frame(values):
    xs = sorted(values)
    plot = CurvePlot(
        title="t",
        description="d",
        x=xs,
        y=[0.5] * len(xs),
        x_label="x",
        y_label="y",
        x_tick=str,
        y_tick=str,
        x_most=8.0,
        points=[MarkedPoint(x=x, y=0.5, label="p", y_limits=(0.4, 0.6)) for x in xs],
    )
    svg = curve_plot(plot)
    assert all(70 <= float(x) <= 430.1 for x in re.findall(r'<circle cx="([\d.-]+)"', svg))
    points = re.search(r'<polyline points="([^"]*)"', svg)[1].split()
    assert all(70 <= float(point.split(",")[0]) <= 430.1 for point in points)
