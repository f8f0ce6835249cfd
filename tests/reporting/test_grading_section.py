"""The section on grades: matrix, each grade, agreement, cuts and what was ungradable, in both languages."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.record import ErrorRowPart, EstimateRow, TableRow
from dmn_bench.reporting.drawings.heat import SHADES, HeatCell, HeatTable, heat_table, shade
from dmn_bench.reporting.sections.errors import Errors
from dmn_bench.reporting.sections.limits import Limits
from dmn_bench.reporting.view import view_for
from dmn_bench.vocabulary import Figure, Grid

from .page import read_page
from .records import A, a_record, flow
from .shelf import rendered

ITD = "intention_to_diagnose"
ENDPOINTS = [
    {"name": "grade", "task": "grading", "finding": "dr", "unit": "eye", "scale": "icdr", "positive_when": ">= 2"},
    {"name": "severe", "task": "grading", "finding": "dr", "unit": "eye", "scale": "icdr", "positive_when": "> 2"},
    {
        "name": "refer",
        "task": "referral",
        "unit": "eye",
        "positive_when": {"dr": ">= 2", "dme": ">= 1"},
        "scales": {"dr": "icdr", "dme": "dme"},
    },
    {"name": "quality", "task": "ungradable", "finding": "ungradable", "graded": "dr", "unit": "eye"},
]
COUNTS = [[40, 2, 1, 0, 0, 3], [5, 9, 2, 0, 0, 0], [1, 3, 20, 2, 0, 0], [0, 0, 2, 11, 1, 0], [0, 0, 0, 1, 8, 0]]


def row(endpoint, metric, value=0.9, **more):
    counted = {"numerator": 45.0, "denominator": 50.0, "scale": "share"} if "kappa" not in metric else {}
    return EstimateRow(
        **{
            "candidate": A, "endpoint": endpoint, "metric": metric, "analysis": ITD, "stratum": None,
            "scale": "agreement", "better": "higher", "own_n": 50.0, "imprecise": False, "n_units": 50,
            "n_patients": 25, "n_positive": 30, "n_negative": 20, "n_unanswered": 3, "value": value, "low": 0.8,
            "high": 0.95, "confidence": 0.95, "method": "wilson", **counted, **more,
        }
    )  # fmt: skip


def table(endpoint, counts=COUNTS, columns=("0", "1", "2", "3", "4", "abstained")):
    return TableRow(
        candidate=A, endpoint=endpoint, name="grades", rows=["0", "1", "2", "3", "4"], columns=list(columns),
        counts=[[float(n) for n in line] for line in counts],
    )  # fmt: skip


def graded(endpoints=ENDPOINTS, tables=None, estimates=None, as_used=None):
    record = a_record()
    content = {**record.protocol.content, "endpoints": endpoints}
    if as_used is not None:
        content["as_used"] = as_used
    rows = estimates or [
        row("grade", "kappa_quadratic", 0.81),
        *(row("grade", "grade_sensitivity", 0.5 + grade / 10, parameters={"grade": grade}) for grade in range(5)),
        row("grade", "exact_agreement", 0.8),
        row("grade", "gradability", 0.97),
        *(
            row(name, metric)
            for name in ("grade", "severe", "refer", "quality")
            for metric in ("sensitivity", "specificity")
        ),
    ]
    results = record.results.model_copy(
        update={"tables": tables or [table("grade"), table("severe")], "estimates": rows, "flow": [], "errors": []}
    )
    protocol = record.protocol.model_copy(update={"content": content})
    return record.model_copy(update={"protocol": protocol, "results": results})


def section(record, language="en"):
    found = re.search(
        r'<section class="section" data-section="grading">.*?</section>', rendered(record, A, language), re.DOTALL
    )
    return "" if found is None else found[0]


def lines(record, language="en"):
    found = read_page(f"<main>{section(record, language)}</main>").lines
    return [line.replace("\u00a0", " ").replace("\u202f", " ") for line in found]


@pytest.mark.parametrize(
    ("language", "title", "moderate"),
    [("en", "International Clinical Diabetic Retinopathy severity scale", "2: moderate non-proliferative"),
     ("fr", "Échelle internationale ICDR", "non proliférante modérée")],
)  # fmt: skip
def test_scale_and_grades_are_called_by_their_titles(language, title, moderate):
    text = "\n".join(lines(graded(), language))
    assert title in text
    assert moderate in text
    assert "report_grading." not in text


def test_the_matrix_has_every_count_and_its_totals():
    found = lines(graded())
    assert "0: no apparent retinopathy | 40 | 2 | 1 | 0 | 0 | 3 | 46" in found
    assert "Total | 46 | 14 | 25 | 14 | 9 | 3 | 111" in found
    assert any(line.startswith("Reference | 0 | 1 | 2 | 3 | 4 | abstention | Total") for line in found)


def test_each_grade_has_its_sensitivity_with_counts_and_interval():
    found = lines(graded())
    assert sum("45/50" in line and ("proliferative" in line or "retinopathy" in line) for line in found) == 5


def test_cuts_of_one_and_of_several_findings_stand_in_one_table():
    text = "\n".join(lines(graded()))
    assert "grade | ≥ 2 |" in text
    assert "severe | > 2 |" in text
    assert "refer | dr ≥ 2 or dme ≥ 1 |" in text


def test_two_endpoints_with_the_same_grades_show_them_once():
    html = section(graded())
    assert html.count("<svg") == 1
    assert "only the cut differs" in html
    other = graded(tables=[table("grade"), table("severe", [[1] * 6] * 5)])
    assert section(other).count("<svg") == 2


@pytest.mark.parametrize(
    ("treatment", "said"),
    [
        ("positive", "is referred"),
        ("negative", "is not referred"),
        ("wrong", "counts as wrong."),
        ("apart", "set apart"),
    ],
)
def test_what_becomes_of_a_declined_eye_as_used_is_said(treatment, said):
    assert said in section(graded(as_used={"abstained": treatment}))


def test_ungradable_pictures_have_names_of_their_own():
    text = "\n".join(lines(graded()))
    assert "Ungradable by the reference, and declined by the device (quality)" in text
    assert "Gradable by the reference, and not declined by the device (quality)" in text


def test_a_record_without_grades_has_no_such_section():
    record = graded(endpoints=[ENDPOINTS[0] | {"task": "classification"}])
    assert section(record.model_copy(update={"results": record.results.model_copy(update={"tables": []})})) == ""


def test_a_scale_of_many_grades_is_printed_and_not_drawn():
    names = [str(grade) for grade in range(20)]
    wide = TableRow(
        candidate=A, endpoint="grade", name="grades", rows=names, columns=names, counts=[[1.0] * 20 for _ in names]
    )
    own = {**ENDPOINTS[0], "scale": None, "grades": list(range(20))}
    html = section(graded(endpoints=[own], tables=[wide], estimates=[row("grade", "kappa_quadratic")]))
    assert "<svg" not in html
    assert "Scale of the protocol, mildest first: 0, 1, 2" in html


# -------------------------------------------------------------------------------------------------------- the drawing


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_shade_can_be_read_and_grows_darker_for_every_eye():
    for _, fill, ink in SHADES:
        light, dark = sorted((luminance(fill), luminance(ink)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, fill
    fills = [luminance(fill) for _, fill, _ in SHADES]
    assert all(later < earlier - 0.02 for earlier, later in pairwise(fills))


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_is_never_lighter(one, other):
    low, high = sorted((one, other))
    assert luminance(shade(high)[0]) <= luminance(shade(low)[0])


@given(st.integers(2, 12), st.integers(0, 3), st.data())
def test_everything_lies_within_the_frame(n_grades, n_apart, data):
    names = [f"a grade with quite a long name {n}" for n in range(n_grades)]
    cells = [[HeatCell(count="1 234", share_text="100%", share=0.5) for _ in range(n_grades + n_apart)] for _ in names]
    svg = heat_table(
        HeatTable(
            title="t", description="d", corner=("a", "b"), rows=names,
            columns=[*names, *("technical failure",) * n_apart], cells=cells,
            totals=["9"] * n_grades, total="n", n_agreeing=n_grades,
            cut=data.draw(st.integers(0, n_grades)),
        )
    )  # fmt: skip
    width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups())
    assert width <= 900.5
    for x, y, w, h in re.findall(r'<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.-]+)" height="([\d.-]+)"', svg):
        assert 0 <= float(x) <= float(x) + float(w) <= width
        assert 0 <= float(y) <= float(y) + float(h) <= height
    assert svg.count('stroke-width="2.2"') == n_grades  # one frame for every agreement


def test_a_hostile_name_is_escaped():
    cell = HeatCell(count="<b>", share_text="", share=0.0)
    svg = heat_table(
        HeatTable(title="<t>", description="d", corner=("a", "b"), rows=["<script>"], columns=["&"], cells=[[cell]],
                  totals=["1"], total="n", n_agreeing=1)
    )  # fmt: skip
    assert "<script>" not in svg
    assert "&lt;script&gt;" in svg


def test_the_drawing_is_described_for_who_cannot_see_it():
    from dmn_bench.reporting.sections.grading import Grades

    figures = [one for one in Grades().blocks(graded().model_dump(mode="json"), A, "en") if isinstance(one, Figure)]
    assert "grade 0, 40 of 46; grade 1, 9 of 16" in figures[0].description


WRONG = [
    {"unit_id": "e1", "kind": "grade_off_by_2", "reference": "0", "answer": "2"},
    {"unit_id": "e2", "kind": "unanswered", "reference": "1", "answer": "abstained"},
]


def listed(other, language="en"):
    """The sections on errors and on limits of a record whose first two endpoints differ by their cut alone."""
    record = graded()
    wrong = {"grade": WRONG, "severe": other}
    rows = [ErrorRowPart(candidate=A, endpoint=name, **one) for name, ones in wrong.items() for one in ones]
    eyes = [flow("0", endpoint=name, unit="eye", eligible=109, answered=108, abstained=1) for name in wrong]
    results = record.results.model_copy(update={"errors": rows, "flow": eyes})
    view = view_for(record.model_copy(update={"results": results}), A)
    said = [block for section in (Errors(), Limits()) for block in section.blocks(view, A, language)]
    return said, [cell for block in said if isinstance(block, Grid) for line in block.rows for cell in line]


def test_an_endpoint_that_differs_by_its_cut_alone_does_not_repeat_the_errors_nor_count_a_refusal_twice():
    for language, sentence in (
        ("en", "2 errors are listed at endpoint “grade”"),
        ("fr", "2 erreurs figurent au critère"),
    ):
        blocks, cells = listed(WRONG, language)
        assert cells.count("e1") == 1
        assert sum(sentence in getattr(block, "text", "") for block in blocks) == 1
    _, cells = listed(WRONG)
    assert any("1 of 109 without an evaluable result" in cell for cell in cells)


def test_a_wrong_call_of_a_cut_is_listed_at_it_and_a_wrong_grade_once():
    called = [
        {**WRONG[0], "kind": "false_positive"},
        {"unit_id": "e3", "kind": "false_negative", "reference": "3", "answer": "2"},
    ]
    _, cells = listed(called)
    assert (cells.count("e1"), cells.count("e3")) == (2, 1)
