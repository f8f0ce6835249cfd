"""A finding is certain only in a sentence of which every word is known, and that nothing in it denies or doubts."""

from __future__ import annotations

import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.inputs.ecg_language import goes_on, tokens
from dmn_bench.inputs.ecg_statements import (
    Understood,
    all_names,
    all_understood,
    is_known_code,
    is_known_text,
    reading,
    table,
    understood,
)
from dmn_bench.inputs.ecg_words import phrases
from dmn_bench.vocabulary import EcgStatement

AF, RBBB, LVH, MI, PVC = (
    "atrial_fibrillation",
    "right_bundle_branch_block",
    "left_ventricular_hypertrophy",
    "myocardial_infarction",
    "premature_ventricular_complex",
)


def read(text: str) -> dict[str, str]:
    return dict(reading(EcgStatement(text=text)))


def of(text: str) -> Understood:
    return understood(EcgStatement(text=text))


NOT_STATED = """
Fibrillation auriculaire : absente|Flutter auriculaire (absence)|ISCHEMIE ABSENTE|Absence FA|abs de FA
Ischémie : absence|Sinus rhythm, h/o AF|Hx of AF|ATCD de FA|antécédents de fibrillation auriculaire|AF excluded
Old MI excluded|STEMI excluded|Atrial fibrillation: negative|Neg for AF|AF: none|FA (-)|FA -|FA : 0|0 ESV|ESV : 0
ESV : 0 /min|AF episodes: 0|FA disparue|Nombre de salves de TV : 0|rythme sinusal, plus de FA|FA réduite
Sinus rhythm instead of AF|Sinus rhythm rather than AF|Neither AF nor flutter|AF isn't present|doesn't show AF
don’t see AF|Atrial fibrillation was not confirmed by cardiologist|Previously atrial fibrillation, now sinus rhythm
Known AF, now sinus rhythm|FA connue, en rythme sinusal ce jour|Since last tracing, atrial fibrillation is gone
atrial fibrillation disappeared|Recherche de FA|Indication : bilan de FA|suivi de FA|risque de FA
pseudo-infarct pattern|artefact mimicking atrial flutter|Almost normal ECG|Near normal ECG|LVH and RBBB not seen
LVH, RBBB, AF not seen|FA, flutter, TV éliminés|FA/flutter éliminé|HVG, BBD : non|HVG et BBD absents
Atrial fibrillation, flutter: not present|AF with RVR ruled out|RBBB, incomplete|LBBB, incomplete|AF if present
AF terminated|AF converted to sinus rhythm|Mobitz II AV block excluded|AF [ ] RBBB [x]|☐ AF ☑ RBBB|A̶F̶|~AF|!AF
AF < 1 %|AF: n/a|AF N|Disregard AF|Diagnosis of AF is wrong|AF, disproved|AF. Disproved.|AF. Absent.|AF but resolved
RBBB - AF absent|TV non soutenue|Rythme sinusal, fibrillo-flutter|Sinus rhythm with runs of auricular fib
Sinus rhythm, then AFib with RVR resolved|nonAF|minus AF|father with AF|post AF ablation
Normal ECG except for atrial fibrillation|AF unless artefact
"""


@pytest.mark.parametrize("text", [text for text in NOT_STATED.replace("\n", "|").split("|") if text])
def test_what_is_denied_past_or_beside_unknown_words_is_never_stated(text: str) -> None:
    assert read(text) == {}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("R/O inferior infarct", "inferior_myocardial_infarction"),
        ("r/o MI", MI),
        ("AF can't be excluded", AF),
        ("AF can’t be excluded", AF),
        ("unable to exclude AF", AF),
        ("Atrial fibrillation cannot be confirmed", AF),
        ("éliminer FA", AF),
        ("à éliminer : FA", AF),
        ("FA improbable", AF),
        ("doute sur FA", AF),
        ("Doubtful AF", AF),
        ("poss. FA", AF),
        ("prob. FA", AF),
        ("susp. FA", AF),
        ("presumed AF", AF),
        ("Question of AF", AF),
        ("AF. Possible.", AF),
        ("Infarct, inferior, possible", MI),
        ("Atrial fibrillation with slow response possible", AF),
        ("AF +/-", AF),
    ],
)
def test_a_doubt_in_other_words_is_a_doubt(text: str, name: str) -> None:
    assert read(text) == {name: "indeterminate"}


@pytest.mark.parametrize(
    "text", ["FA, BBD possibles", "AF or RBBB", "possible AF, RBBB", "possible AF with RBBB", "FA et BBD probables"]
)
def test_a_doubt_about_a_list_is_about_each_of_it(text: str) -> None:
    assert read(text) == {AF: "indeterminate", RBBB: "indeterminate"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("FA à réponse ventriculaire rapide à 130 bpm", [AF]),
        ("Arythmie complète par fibrillation auriculaire à 90/min", [AF]),
        ("Atrial fibrillation with rapid ventricular response", [AF]),
        ("Rythme sinusal, fréquence 75, PR 160 ms, pas de trouble de la repolarisation", ["sinus_rhythm"]),
        ("Rythme sinusal à 75/min, axe normal, BBD", ["sinus_rhythm", RBBB]),
        ("Inferior infarct (cited on or before 12-MAR-2001)", ["inferior_myocardial_infarction"]),
        ("Left ventricular hypertrophy with repolarization abnormality", [LVH]),
        ("Ondes T négatives en V1-V3", ["t_wave_inversion"]),
        ("Atrial flutter with 2:1 A-V conduction", ["atrial_flutter"]),
        ("No AF, but RBBB", [RBBB]),
        ("AF absent. RBBB", [RBBB]),
        ("RBBB; no AF", [RBBB]),
        ("AF (+)", [AF]),
        ("- ABNORMAL ECG -", ["abnormal_ecg"]),
        ("incomplet BBD", ["incomplete_right_bundle_branch_block"]),
    ],
)
def test_rate_place_severity_and_what_is_plainly_absent_leave_a_finding_certain(text: str, names: list[str]) -> None:
    assert read(text) == dict.fromkeys(names, "positive")
    assert of(text).is_whole


def test_what_is_named_without_being_said_is_told_apart_from_what_is_denied() -> None:
    assert of("Sinus rhythm, fibrillo-flutter").unclear == ("sinus_rhythm",)
    assert not of("Sinus rhythm. Zigzag zigzag zigzag.").is_whole
    assert of("No AF, nor RBBB").denied == (AF,)
    assert of("No AF or RBBB").denied == (AF, RBBB)
    assert of("Without AF RBBB").unclear == (RBBB,)
    assert of("RBBB, AF absent").unclear == (RBBB, AF)
    assert of("AF. No AF.").unclear == (AF,)


@pytest.mark.parametrize("lines", [("No", "AF"), ("AF", "no longer present"), ("Cannot rule out", "AF"), ("AF", "?")])
def test_a_line_that_is_only_a_cue_speaks_of_the_lines_beside(lines: tuple[str, ...]) -> None:
    heard = all_understood([EcgStatement(text=line) for line in (*lines, "Zigzag", "RBBB")])
    assert (AF, "positive") not in [found for each in heard for found in each.findings]
    assert heard[-1].findings == ((RBBB, "positive"),)


@pytest.mark.parametrize(
    ("text", "modifiers", "expected"),
    [
        ("No atrial fibrillation", (), {}),
        ("Pas de FA", (), {}),
        ("no longer present", (), {}),
        ("Possible AF", (), {AF: "indeterminate"}),
        ("Vorhofflimmern", (), {AF: "positive"}),
        ("", ("excluded",), {}),
        ("", ("absente",), {}),
        ("", ("zigzag",), {}),
        ("", ("possible",), {AF: "indeterminate"}),
        ("", ("acute",), {AF: "positive"}),
    ],
)
def test_words_and_modifiers_beside_a_code_may_take_from_it(
    text: str, modifiers: tuple[str, ...], expected: dict[str, str]
) -> None:
    coded = EcgStatement(text=text, code="164889003", scheme="SCT", modifiers=modifiers)
    assert dict(reading(coded)) == expected
    assert understood(coded).is_whole == bool(expected)


@functools.cache
def known() -> frozenset[str]:
    return frozenset(word for each in table().values() for wording in each.wordings for word in tokens(wording))


words = st.sampled_from(sorted({word for phrase in phrases()[0] for word in phrase}))


@given(st.lists(words, max_size=4), st.text("bcdghjkqwxz", min_size=3, max_size=9), st.lists(words, max_size=4))
def test_no_sentence_with_an_unknown_word_states_a_finding(before: list[str], odd: str, after: list[str]) -> None:
    if odd not in known() and (odd,) not in phrases()[0]:
        assert read(" ".join([*before, "fibrillation auriculaire", *after, odd])) == {}
        assert read(" ".join([odd, *before, "fibrillation auriculaire", *after])) == {}


@given(
    st.sampled_from(all_names()),
    st.sampled_from(["absent", "exclue", "ruled out", ": non", "(-)", "no longer present"]),
)
def test_a_denial_behind_any_wording_leaves_nothing(name: str, denial: str) -> None:
    for wording in table()[name].wordings:
        assert read(f"{wording} {denial}") == {}, wording


def test_only_the_harmless_of_the_lists_leave_a_finding_certain() -> None:
    for phrase, kind in phrases()[0].items():
        text = " ".join(phrase)
        if "left_anterior_fascicular_block" in (found := read(f"{text} lafb")) and not read(text):
            certain = kind in ("plain", "with", "and", "but")
            assert found == {"left_anterior_fascicular_block": "positive" if certain else "indeterminate"}, text


def test_only_texts_of_known_words_and_short_codes_may_be_repeated() -> None:
    assert is_known_text("No atrial fibrillation")
    for text in ("Vu avec Dr Doe", "Mme Doe, chambre 214", "rate 0612345678", "RITMO SINUSALE", "FA 1234"):
        assert not is_known_text(text)
    assert is_known_code("MUSE", "22")
    assert not is_known_code("MUSE", "DOE")
    assert not is_known_code("", "0612345678")


def test_a_piece_of_a_line_goes_on_where_it_ends_in_a_cue() -> None:
    assert [goes_on(text) for text in ("No", "Cannot rule out", "with", "Sinus rhythm", "")] == [
        True,
        True,
        True,
        False,
        False,
    ]
