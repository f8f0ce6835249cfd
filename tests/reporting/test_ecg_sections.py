"""The ECG pages of the report: options, matrix, lines, statements and strips, in both languages, nothing twice."""

import re

import pytest

from dmn_bench.reporting.figures import LEFT_OUT, FigureText

from .page import read_page, text_of
from .records import A, a_record, share
from .shelf import rendered
from .strips import pictures, texts


def section(html, name):
    """The part of a page that one section made."""
    return re.search(rf'<section class="section" data-section="{name}">.*?</section>', html, re.DOTALL)[0]


def lines(html):
    return read_page(f"<main>{html}</main>").lines


def ecg(record=None, language="en"):
    return lines(section(rendered(record or a_record(), A, language), "ecg"))


def strips(record=None, language="en", figures=None):
    return section(rendered(record or a_record(), A, language, figures), "strips")


def with_options(**options):
    """A record whose protocol gives the beats endpoint these options."""
    record = a_record()
    content = dict(record.protocol.content)
    endpoints = [{**one, **options} if one["task"] == "beats" else one for one in content["endpoints"]]
    assert endpoints != content["endpoints"]
    changed = record.protocol.model_copy(update={"content": {**content, "endpoints": endpoints}})
    return record.model_copy(update={"protocol": changed})


def test_every_table_of_ec57_is_printed_once():
    html = rendered(a_record(), A, "en")
    assert html.count("<caption>Beat by beat, after EC57, escape beats (j, e, n) counted as supraventricular") == 2
    assert 'data-section="tables"' not in html  # every table of this record stands in a section of its own


def test_the_recordings_stand_one_below_the_other_and_gross_and_average_last():
    found = [line.split(" | ")[0] for line in ecg()]
    start = found.index("r100")
    assert found[start : start + 4] == ["r100", "r101", "Gross", "Average"]


def test_a_figure_without_cases_is_a_dash_and_no_zero():
    assert "r101 | 100 | – | – | 5.50" in ecg()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"learning_seconds": 0.0}, "0 s – non-standard: the standard says 300 s"),
        ({"window_ms": 100.0}, "100 ms – non-standard: the standard says 150 ms"),
        ({"escape_beats": "N"}, "normal (N), as in de Chazal 2004 and most papers; bxb counts them as S"),
        ({"exclude_paced": True}, "yes"),
        ({"fibrillation": "either"}, "the reference or the device – non-standard: the standard says the reference"),
        ({"scoring": "bxb"}, "lines of figures as the C programs bxb and sumstats print them"),
    ],
)
def test_the_options_in_force_are_printed_and_what_is_not_standard_says_so(options, said):
    page = "\n".join(ecg(with_options(**options)))
    assert said in page
    assert page.count("non-standard") == said.count("non-standard")


def test_the_options_of_the_standard_are_printed_where_the_protocol_says_nothing():
    page = ecg()
    assert {"300 s", "150 ms", "supraventricular (S), as in bxb"} < set(page)
    assert "non-standard" not in "\n".join(page)


def test_a_record_without_ecg_results_has_no_ecg_pages():
    html = rendered(a_record(tables=[], figures=[], figures_left_out={}), A, "en")
    assert '<section class="section" data-section="ecg">' not in html
    assert '<section class="section" data-section="strips">' not in html


# -------------------------------------------------------------------------------------------------------- statements


def of_statements():
    """Two statements of one endpoint, one of them rare."""
    places = {"candidate": A, "endpoint": "exam"}
    many = {"stratum": {"statement": "fracture"}, "n_positive": 40, "n_negative": 260}
    few = {"stratum": {"statement": "rare_block"}, "n_positive": 3, "n_negative": 297}
    return [
        share("sensitivity", 30, 40, **places, **many),
        share("specificity", 250, 260, **places, **many),
        share("f1", 60, 80, **places, **many),
        share("sensitivity", 2, 3, **places, **few),
        share("specificity", 290, 297, **places, **few),
    ]


def test_every_statement_has_its_line_with_n_and_prevalence_however_rare():
    record = a_record(estimates=[*a_record().results.estimates, *of_statements()])
    page = ecg(record)
    rare = next(line for line in page if line.startswith("rare_block | "))
    assert rare.startswith("rare_block | 3 | 297 | 1.0%")
    assert "n = 3" in rare  # too few for an estimate, which says so beside what was counted
    assert "2/3" in rare
    common = next(line for line in page if " | 40 | 260 | 13.3% | 75.0%" in line)
    assert "30/40" in common


def test_statements_are_not_printed_again_among_the_strata():
    record = a_record(estimates=[*a_record().results.estimates, *of_statements()])
    html = rendered(record, A, "en")
    assert "rare_block" in section(html, "ecg")
    assert "rare_block" not in section(html, "strata")


# ------------------------------------------------------------------------------------------------------------ strips


def test_a_strip_is_embedded_with_its_words_in_the_language_of_the_report():
    french, english = strips(language="fr"), strips()
    assert french.count('class="to-scale"') == english.count('class="to-scale"') == 2
    assert "<title>Cas r100, de 1:00 à 1:04\N{NARROW NO-BREAK SPACE}: battements manqués</title>" in french
    assert "<title>Case r100, 1:00 to 1:04: missed beats</title>" in english
    assert "2 in this recording, 1 in this strip." in english


def test_the_section_says_that_it_holds_signals_of_patients_and_by_which_rule_they_were_chosen():
    page = "\n".join(lines(strips()))
    assert "what was recorded of patients" in page
    assert "--without-pictures" in page
    assert "at most 3 recordings, the worst first" in page
    assert "seed 20261121" in page
    assert "25 mm for a second, 10 mm for a millivolt" in page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (FigureText(state="missing"), "2 pictures of the record are not in the folder of the run"),
        (FigureText(state="altered"), "2 pictures are not shown: the file is not the one that the record states"),
        (LEFT_OUT, "2 pictures were left out of this report on request"),
    ],
)
def test_pictures_that_are_not_shown_are_counted(text, said):
    html = strips(figures=dict.fromkeys(texts(a_record()), text))
    assert 'class="to-scale"' not in html
    assert said in "\n".join(lines(html))


def test_pictures_that_did_not_fit_are_counted():
    assert "2 further pictures were left out" in "\n".join(lines(strips()))


def test_no_report_holds_a_picture_of_another_candidate():
    page = text_of(rendered(a_record(), A, "en"))
    assert "figures/vendor-a/" in page
    assert "figures/vendor-b/" not in page


@pytest.mark.parametrize("text", ["</svg><script>alert(1)</script>", "a\u202eb", '"><img src=x>'])
def test_hostile_names_of_cases_and_statements_stay_text(text):
    hostile = [
        one.model_copy(update={"error": one.error.model_copy(update={"case_id": text, "about": text, "kind": text})})
        for one in pictures(A)
    ]
    html = strips(a_record(figures=hostile))
    assert "<script" not in html
    assert "<img" not in html
    assert "\u202e" not in html
    assert html.count("</svg>") == 2


def test_the_legend_explains_letters_rhythms_and_stretches_that_were_not_analysed():
    found = lines(strips(figures=texts(a_record())))
    for sign in ("L, R, A, a, J, V … | ", "~ | ", "bar: AFIB, VT … | ", "|, x, [, ], ! | "):
        assert any(line.startswith(sign) for line in found), sign
