"""What the statements of ECG programs mean, and what a negation or a doubt makes of them."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.inputs import ecg_statements as statements
from dmn_bench.vocabulary import EcgStatement
from tests.shared_data import shared_data


def read(text: str) -> dict[str, str]:
    return dict(statements.reading(EcgStatement(text=text)))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Sinus rhythm", ["sinus_rhythm"]),
        ("NORMAL SINUS RHYTHM", ["sinus_rhythm"]),
        ("Fibrillation auriculaire", ["atrial_fibrillation"]),
        ("FIBRILLATION  AURICULAIRE à réponse ventriculaire rapide", ["atrial_fibrillation"]),
        ("Bloc de branche droit complet", ["right_bundle_branch_block"]),
        ("Bloc incomplet de branche droite", ["incomplete_right_bundle_branch_block"]),
        ("Right bundle-branch block", ["right_bundle_branch_block"]),
        ("Sinus bradycardia with 1st degree A-V block", ["sinus_bradycardia", "first_degree_av_block"]),
        ("B.A.V. du 1er degré", ["first_degree_av_block"]),
        ("Bloc auriculo-ventriculaire du premier degré", ["first_degree_av_block"]),
        ("Rythme sinusal avec ESA", ["sinus_rhythm", "premature_atrial_complex"]),
        ("Otherwise normal ECG", ["otherwise_normal_ecg"]),
        ("Abnormal ECG", ["abnormal_ecg"]),
        ("ECG limite", ["borderline_ecg"]),
        ("Borderline ECG", ["borderline_ecg"]),
        (">>> Acute MI <<<", ["acute_myocardial_infarction"]),
        ("Inferior infarct, acute (LCx)", ["inferior_myocardial_infarction"]),
        ("Inferior infarct, probably old", ["inferior_myocardial_infarction"]),
        ("Anterior infarct, acute (LAD)", ["anterior_myocardial_infarction"]),  # the artery, not left axis deviation
        ("Hypertrophie ventriculaire gauche, axe gauche", ["left_ventricular_hypertrophy", "left_axis_deviation"]),
        ("Sinus rhythm, no ST elevation, but atrial flutter", ["sinus_rhythm", "atrial_flutter"]),
        ("Rythme sinusal, pas de trouble de conduction", ["sinus_rhythm"]),
        ("Sinus rhythm without ectopy", ["sinus_rhythm"]),
        ("Rythme sinusal sans extrasystole", ["sinus_rhythm"]),
        ("Atrial fibrillation with premature ventricular or aberrantly conducted complexes", ["atrial_fibrillation"]),
    ],
)
def test_a_wording_of_either_language_means_its_finding_without_a_doubt(text: str, names: list[str]) -> None:
    assert read(text) == dict.fromkeys(names, "positive")


@pytest.mark.parametrize(
    "text",
    [
        "No atrial fibrillation",
        "no evidence of left bundle branch block",
        "No atrial fibrillation, atrial flutter or AV block",
        "Absence de fibrillation auriculaire",
        "Pas d’hypertrophie ventriculaire gauche",
        "Atrial fibrillation is no longer present",
        "Atrial fibrillation, absent",
        "Infarctus antérieur exclu",
        "When compared with ECG of 12-MAY-2020, sinus rhythm has replaced atrial fibrillation",
        "Atrial fibrillation has replaced sinus rhythm",
        "Diagnostic non confirmé.",
        "",
        "   ",
    ],
)
def test_what_is_negated_or_compared_with_an_earlier_ecg_is_no_finding(text: str) -> None:
    assert read(text) == {}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Cannot rule out Anterior infarct , age undetermined", "anterior_myocardial_infarction"),
        ("Possible Left atrial enlargement", "left_atrial_enlargement"),
        ("FA probable", "atrial_fibrillation"),
        ("Atrial fibrillation?", "atrial_fibrillation"),
        ("Bloc de branche gauche, à confirmer", "left_bundle_branch_block"),
        ("Fibrillation auriculaire ne peut être exclue", "atrial_fibrillation"),
        ("Fibrillation auriculaire non exclue", "atrial_fibrillation"),
        ("Anterior infarct cannot be ruled out", "anterior_myocardial_infarction"),
        ("Minimal voltage criteria for LVH, may be normal variant", "lvh_voltage_criteria"),
        ("Borderline prolonged QT interval", "prolonged_qt_interval"),
    ],
)
def test_what_is_stated_with_a_doubt_is_indeterminate(text: str, name: str) -> None:
    assert read(text) == {name: "indeterminate"}
    assert statements.statement_names(EcgStatement(text=text)) == ()


@pytest.mark.parametrize(
    ("scheme", "code", "modifiers", "expected"),
    [
        ("SCPECG", "AFIB", (), {"atrial_fibrillation": "positive"}),
        ("SCPECG", "LAO/LAE", (), {"left_atrial_enlargement": "positive"}),
        ("SCT", "59118001", (), {"right_bundle_branch_block": "positive"}),
        ("SCT", "713427006", (), {"right_bundle_branch_block": "positive"}),
        ("AHA", "50+346", (), {"atrial_fibrillation": "positive"}),
        ("AHA", "50", ("346",), {"atrial_fibrillation": "positive"}),
        ("AHA", "147", ("367",), {"t_wave_inversion": "positive"}),
        ("AHA", "147", (), {"t_wave_abnormality": "positive"}),
        ("AHA", "82+312", (), {"first_degree_av_block": "indeterminate", "prolonged_pr_interval": "indeterminate"}),
        ("AHA", "226", (), {"nonspecific_ischemia": "indeterminate"}),
        ("MDC", "MDC_ECG_RHY_SINUS_RHY", (), {"sinus_rhythm": "positive"}),
        ("SCPECG", "IMI", ("possible",), {"inferior_myocardial_infarction": "indeterminate"}),
        ("SCT", "1", (), {}),
        ("", "AFIB", (), {}),
    ],
)
def test_a_code_decides_where_the_table_holds_it(
    scheme: str, code: str, modifiers: tuple[str, ...], expected: dict[str, str]
) -> None:
    assert dict(statements.reading(EcgStatement(text="", code=code, scheme=scheme, modifiers=modifiers))) == expected


def test_the_text_is_read_where_the_code_is_unknown() -> None:
    unknown = EcgStatement(text="Sinus rhythm", code="22", scheme="MUSE")
    assert statements.statement_names(unknown) == ("sinus_rhythm",)


def test_every_wording_and_code_of_the_table_is_read_as_its_own_finding() -> None:
    for name, finding in statements.table().items():
        for wording in finding.wordings:
            assert read(wording) == {name: "positive"}, wording
        for scheme, codes in finding.codes.items():
            for code in codes:
                assert name in statements.code_names(scheme, code)


def test_titles_are_there_in_both_languages_and_are_read_back() -> None:
    for name in statements.all_names():
        titles = statements.titles(name)
        assert titles["en"]
        assert titles["fr"]
    assert len({statements.titles(name)["fr"] for name in statements.all_names()}) == len(statements.all_names())


def test_all_codes_of_ptb_xl_are_mapped_in_their_own_class() -> None:
    path = shared_data("ecg/ptbxl/scp_statements.csv")
    with path.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 71
    for row in rows:
        (name,) = statements.code_names("SCPECG", row[""])
        expected = {row["diagnostic_class"]} if row["diagnostic_class"] else {"form", "rhythm"}
        assert statements.group(name) in expected, name


def test_the_codes_of_a_challenge_header_are_all_mapped() -> None:
    folder = shared_data("ecg/cinc2021")
    seen: set[str] = set()
    for header in folder.rglob("*.hea"):
        for line in header.read_text(encoding="latin-1").splitlines():
            found = line.lstrip("# ")
            if line.startswith("#") and found.casefold().startswith("dx"):
                seen.update(filter(None, (code.strip() for code in found.partition(":")[2].split(","))))
    assert len(seen) > 40
    assert [code for code in sorted(seen) if not statements.code_names("SCT", code)] == []


@given(st.text(max_size=300))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    assert all(name in statements.all_names() for name, _ in statements.reading(EcgStatement(text=text)))


@given(st.sampled_from(statements.all_names()), st.sampled_from(["No", "Absence de", "Pas de", "Without", "Sans"]))
def test_a_negation_before_any_wording_leaves_nothing(name: str, negation: str) -> None:
    for wording in statements.table()[name].wordings:
        assert read(f"{negation} {wording}") == {}, wording


@given(
    st.sampled_from(statements.all_names()),
    st.sampled_from(["Possible", "Cannot rule out", "Probable", "Suspicion de"]),
)
def test_a_doubt_before_any_wording_leaves_no_certain_finding(name: str, doubt: str) -> None:
    for wording in statements.table()[name].wordings:
        assert set(read(f"{doubt} {wording}").values()) <= {"indeterminate"}, wording


def test_a_very_long_text_is_read_in_part() -> None:
    assert read("x " * 5_000 + "atrial fibrillation") == {}


@pytest.mark.parametrize(
    ("text", "certain", "doubtful"),
    [
        ("Atrial fibrillation with possible premature ventricular complexes", "atrial_fibrillation",
         "premature_ventricular_complex"),
        ("T wave abnormality, consider lateral ischemia", "t_wave_abnormality", "lateral_ischemia"),
        ("Rythme sinusal avec HVG possible", "sinus_rhythm", "left_ventricular_hypertrophy"),
    ],
)  # fmt: skip
def test_a_doubt_is_of_what_it_stands_beside(text: str, certain: str, doubtful: str) -> None:
    assert read(text) == {certain: "positive", doubtful: "indeterminate"}


def test_an_alternative_makes_both_doubtful() -> None:
    assert read("Atrial fibrillation or sinus rhythm") == {
        "atrial_fibrillation": "indeterminate",
        "sinus_rhythm": "indeterminate",
    }
