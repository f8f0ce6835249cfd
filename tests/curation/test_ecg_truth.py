"""From statements to truth: what is certain, what is open, whose statement it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.curation.ecg_truth import (
    LEAVES_OPEN,
    NARROWER,
    Meanings,
    Policy,
    Wanted,
    confirmed_statements,
    machine_statements,
    same_statements,
    truth_of,
)
from dmn_bench.inputs import ecg_statements
from dmn_bench.vocabulary import EcgReport, EcgStatement

NEGATIVE = Policy(unmentioned="negative")


def said(*texts, source="confirmed"):
    return tuple(EcgStatement(text=text, source=source) for text in texts)


def code(code, scheme="SCT"):
    return EcgStatement(text="", code=code, scheme=scheme, source="confirmed")


def values(statements, *findings, policy=NEGATIVE):
    heard = Meanings().heard(statements)
    return {
        name: value for name, (value, _) in truth_of(heard, "confirmed report", Wanted.of(findings), policy).items()
    }


def test_a_certain_statement_beats_a_doubtful_one_of_the_same_finding():
    stated = said("Possible atrial fibrillation", "Atrial fibrillation")
    assert values(stated, "atrial_fibrillation") == {"atrial_fibrillation": "positive"}
    assert values(stated[:1], "atrial_fibrillation") == {"atrial_fibrillation": "indeterminate"}


def test_a_narrow_statement_makes_the_wide_finding_true():
    assert values(said("Inferior infarct"), "myocardial_infarction", "MI") == dict.fromkeys(
        ["myocardial_infarction", "MI"], "positive"
    )


def test_a_code_for_either_of_two_leaves_both_open():
    [either] = ecg_statements.table()["atrial_fibrillation_or_flutter"].codes["SCT"]
    found = values((code(either),), "atrial_fibrillation", "atrial_flutter")
    assert set(found.values()) == {"unverified"}


def test_a_normal_ecg_does_not_deny_sinus_rhythm():
    assert values(said("Normal ECG"), "sinus_rhythm", "atrial_fibrillation") == {
        "sinus_rhythm": "unverified",
        "atrial_fibrillation": "negative",
    }


def test_an_unmapped_code_is_something_else_and_an_unmapped_text_may_be_anything():
    assert values((code("999999999"),), "sinus_rhythm") == {"sinus_rhythm": "negative"}
    assert values(said("Zigzag"), "sinus_rhythm") == {"sinus_rhythm": "unverified"}


@pytest.mark.parametrize(
    "text",
    [
        "Rythme sinusal, fibrillo-flutter",
        "Sinus rhythm with runs of auricular fib",
        "Sinus rhythm.  Something unknown: Afibrillation auric.",
        "Sinus rhythm, atrial fibrillation previously",
        "rythme sinusal, plus de FA",
    ],
)
def test_what_is_left_over_of_a_statement_leaves_the_report_open_and_is_listed(text):
    assert values(said(text), "atrial_fibrillation") == {"atrial_fibrillation": "unverified"}
    assert Meanings().heard(said(text)).unmapped == said(text)


@pytest.mark.parametrize("text", ["Fibrillation auriculaire : absente", "Old MI excluded", "R/O inferior infarct"])
def test_denials_and_doubts_in_other_words_are_no_truth(text):
    assert "positive" not in values(said(text), "atrial_fibrillation", "MI").values()


@pytest.mark.parametrize("scheme", ["PHILIPS", "MUSE", ""])
def test_a_code_of_a_manufacturer_beside_a_text_closes_nothing(scheme):
    odd = EcgStatement(text="PAROXYSMAL AURICULAR FIBRIL.", code="AFX", scheme=scheme, source="confirmed")
    assert values((*said("Sinus rhythm"), odd), "atrial_fibrillation") == {"atrial_fibrillation": "unverified"}


def test_a_finding_that_one_statement_states_and_another_denies_is_in_doubt():
    stated = said("Fibrillation auriculaire", "Pas de fibrillation auriculaire")
    assert values(stated, "atrial_fibrillation") == {"atrial_fibrillation": "indeterminate"}


def test_what_is_plainly_denied_beside_a_finding_is_not_mentioned():
    stated = said("Rythme sinusal, pas de fibrillation auriculaire")
    assert values(stated, "atrial_fibrillation", "sinus_rhythm") == {
        "atrial_fibrillation": "negative",
        "sinus_rhythm": "positive",
    }


def test_a_denial_is_not_taken_for_a_finding():
    assert values(said("No atrial fibrillation"), "atrial_fibrillation") == {"atrial_fibrillation": "unverified"}


@pytest.mark.parametrize("table", [NARROWER, LEAVES_OPEN])
def test_every_finding_of_the_tables_is_one_that_statements_are_mapped_to(table):
    known = set(ecg_statements.all_names())
    assert {name for wide, narrow in table.items() for name in (wide, *narrow)} <= known


class TestWhoseStatements:
    def test_signed_ones_count_and_the_machines_do_not(self):
        report = EcgReport(statements=(*said("a", source="machine"), *said("b")), is_confirmed=True)
        assert confirmed_statements(report, NEGATIVE) == (said("b"), "confirmed report")
        assert machine_statements(report) == said("a", source="machine")

    def test_those_of_nobody_in_particular_count_in_a_confirmed_report(self):
        report = EcgReport(statements=said("a", source="unknown"), is_confirmed=True)
        assert confirmed_statements(report, NEGATIVE)[1] == "confirmed report"
        assert machine_statements(report) == ()

    @pytest.mark.parametrize("confirmed", [False, None])
    def test_without_a_signature_nothing_counts_unless_accepted(self, confirmed):
        report = EcgReport(statements=said("a", source="unknown"), is_confirmed=confirmed)
        assert confirmed_statements(report, NEGATIVE) == ((), "report not confirmed")
        accepting = Policy(accept_unconfirmed=True)
        assert confirmed_statements(report, accepting)[1] == "report accepted without confirmation"

    def test_a_report_that_says_it_is_not_confirmed_overrules_its_statements(self):
        report = EcgReport(statements=said("a"), is_confirmed=False)
        assert confirmed_statements(report, NEGATIVE) == ((), "report not confirmed")

    def test_an_unsigned_report_is_the_machines(self):
        report = EcgReport(statements=said("a", source="unknown"), is_confirmed=False)
        assert machine_statements(report) == report.statements

    def test_case_and_spaces_are_no_edit(self):
        assert same_statements(said("Sinus  Rhythm."), said("sinus rhythm"))
        assert not same_statements(said("a", "b"), said("b", "a"))


@given(
    st.lists(st.sampled_from(["Atrial fibrillation", "Sinus rhythm", "Possible LVH", "Inferior infarct"]), max_size=6)
)
def test_the_order_of_statements_does_not_matter(texts):
    findings = ("atrial_fibrillation", "sinus_rhythm", "MI", "left_ventricular_hypertrophy")
    assert values(said(*texts), *findings) == values(said(*reversed(texts)), *findings)


@given(st.lists(st.text(max_size=60), max_size=4))
def test_any_text_is_either_understood_or_listed(texts):
    heard = Meanings().heard(said(*texts))
    assert len(heard.unmapped) <= len(texts)
    assert set(heard.labels.values()) <= {"positive", "indeterminate"}
