"""Measures that only single statements have: averages are shown first, and nobody reads a table without a number."""

from dmn_bench.reporting.phrases import Phrases
from dmn_bench.reporting.select import pooled_first
from dmn_bench.reporting.terminal import summary_rows

from .page import read_page
from .records import A, a_record
from .shelf import rendered

EMPTY = {"value": None, "low": None, "high": None, "numerator": None, "denominator": None}


def a_row(metric, stratum=None, value=0.8, **changes):
    row = next(one for one in a_record().results.estimates if one.candidate == A and not one.stratum)
    given = {"value": value, "low": 0.7, "high": 0.9, "not_estimable": None, "not_estimable_facts": {}, **changes}
    return row.model_copy(update={"metric": metric, "parameters": {}, "stratum": stratum, **given})


def by_statement_only(metric, stratum=None):
    return a_row(metric, stratum, **EMPTY, not_estimable="several_questions")


def with_rows(rows):
    record = a_record()
    results = record.results.model_copy(update={"estimates": rows, "acceptance": [], "heterogeneity": []})
    return record.model_copy(update={"results": results})


def statements():
    """Two measures by statement only, one pooled, each on the whole set and among women; one statement by itself."""
    strata = (None, {"sex": "F"}, {"sex": "M"})
    rows = [row for cut in strata for row in (by_statement_only("sensitivity", cut), by_statement_only("auc", cut))]
    rows += [a_row("exact_match", cut, 0.5) for cut in strata] + [a_row("macro_f1", cut) for cut in strata]
    return [*rows, a_row("sensitivity", {"statement": "atrial_fibrillation"}, 0.9)]


def lines(record, language="en"):
    return read_page(rendered(record, A, language)).lines


def test_averages_of_the_statements_come_before_other_measures_of_all_of_them():
    found = [row.metric for row in pooled_first([row for row in statements() if not row.stratum])]
    assert found == ["macro_f1", "exact_match"]


def test_measures_without_statements_keep_their_order():
    rows = [a_row("sensitivity"), a_row("macro_f1")]
    assert pooled_first(rows) == rows


def test_the_summary_says_averages_and_where_the_statements_stand():
    text = " ".join(lines(with_rows(statements())))
    assert "F1, mean over statements (macro average) observed 80.0%" in text
    assert "A macro average gives each statement the same weight" in text
    assert "The measures of each statement stand in the section on ECGs." in text


def test_the_summary_names_statements_where_nothing_is_said_of_all_together():
    rows = [by_statement_only("sensitivity"), a_row("sensitivity", {"statement": "atrial_fibrillation"}, 0.9)]
    assert "Atrial fibrillation:\xa0Sensitivity observed 90.0%" in " ".join(lines(with_rows(rows)))


def test_strata_hold_what_has_a_value_and_say_what_has_none():
    found = lines(with_rows(statements()))
    assert not any("By statement or structure only" in line and line.startswith(("female", "male")) for line in found)
    assert any("in the section on ECGs or on structures; not by stratum" in line for line in found)


def test_the_terminal_says_how_many_more_measures_the_report_has():
    names = ["sensitivity", "specificity", "auc", "ppv_local", "npv_local", "brier"]
    for language, said in (("en", "… and 2 more in the report"), ("fr", "… et 2 autres dans le rapport")):
        cells = [row[2] for row in summary_rows(with_rows([a_row(name) for name in names]), language)[0].rows]
        assert cells[:-1] == [Phrases(language).metric(name) for name in names[:4]]
        assert cells[-1] == said
    assert len(summary_rows(with_rows([a_row(name) for name in names[:4]]), "en")[0].rows) == 4
