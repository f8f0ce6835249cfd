"""The list of errors: counts of a recording are no answers, and reasons are in the language of the report."""

import re

import pytest

from dmn_bench.record import ErrorRowPart
from dmn_bench.reporting.phrases import Phrases
from dmn_bench.reporting.reasons import worded_reason
from dmn_bench.wordings import say

from .page import read_page
from .records import A, a_record
from .shelf import rendered


def errors(rows, language="en"):
    """The lines of the section, for a record with these rows on its first endpoint."""
    record = a_record()
    endpoint = record.results.estimates[0].endpoint
    made = [ErrorRowPart(candidate=A, endpoint=endpoint, **row) for row in rows]
    results = record.results.model_copy(update={"errors": made, "errors_left_out": {}})
    html = rendered(record.model_copy(update={"results": results}), A, language)
    found = re.search(r'<section class="section" data-section="errors">.*?</section>', html, re.DOTALL)[0]
    return read_page(f"<main>{found}</main>").lines


def line(kind, reference, answer, unit_id="201", reason=""):
    return {"unit_id": unit_id, "kind": kind, "reference": reference, "answer": answer, "reason": reason}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (line("episodes_missed", "3", "2"), "201 | missed episodes | 3 | 1 found, 2 missed | – | – |"),
        (line("beats_extra", "1523", "38"), "201 | extra beats | 1,523 | 38 too many | – | – |"),
        (line("veb_false", "13", "610"), "201 | false ventricular ectopic beats | 13 | 610 false | – | – |"),
        (line("ve_runs_false", "30", "4"), "201 | false ventricular runs | – | 30 given, 4 of them false | – | – |"),
    ],
)
def test_a_number_of_errors_is_never_written_as_the_answer(row, said):
    assert said in [one.strip() for one in errors([row])]


def test_beats_and_the_recordings_that_have_them_are_counted_apart():
    rows = [line("beats_missed", "2000", "1500", "101"), line("beats_missed", "900", "34", "102")]
    assert any("missed beats 1,534 (2 recordings)." in one for one in errors(rows))
    assert any("battements manqués 1⍽534 (2 enregistrements)." in one for one in spaced(errors(rows, "fr")))


def spaced(lines):
    return [one.replace("\u202f", "⍽").replace("\xa0", "⍽") for one in lines]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("", ""),
        ("no output", "aucune sortie"),
        ("unit bpm where /min was expected", "unité bpm au lieu de /min"),
        ("invalid output: no file with a report", "sortie non valable : aucun fichier ne contient de compte rendu"),
        ("two answers; no beats", "deux réponses ; aucun battement"),
        ("statements without a finding: a; b", "énoncés non reconnus : a; b"),
        ("atrial_fibrillation", "Fibrillation auriculaire"),
        ("the display was dark", "the display was dark"),
        ("inputs.no_such_key: expected 1", "inputs.no_such_key: expected 1"),
    ],
)
def test_reasons_of_ours_are_in_the_language_of_the_report_and_those_of_a_device_as_they_are(reason, said):
    assert worded_reason(reason, a_record(), Phrases("fr")).replace("\u202f", " ").replace("\xa0", " ") == said


PLACED = [
    {**line("missed_lesion", "positive", "negative", "p1"), "score": 0.4}
    | {"place": {"case_id": "p1", "lesion_id": "L7", "box": [100.4, 20.0, 31.0, 12.0]}},
    {**line("false_positive_mark", "negative", "positive", "p2"), "score": 0.558}
    | {"place": {"case_id": "p2v", "image": 2, "frame": 14, "sphere_mm": [-12.34, 5.0, -80.0, 6.25]}},
]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "p1 | missed lesion | L7 |  | x⍽116, y⍽26⍽px | 31⍽×⍽12⍽px | reference positive | 0.400 |"),
        (
            "en",
            "p2 | false positive mark | – | p2v, image 2, frame 14 | x⍽−12.3, y⍽5.0, z⍽−80.0⍽mm | ⌀⍽6.3⍽mm "
            "| reference negative | 0.558 |",
        ),
        ("fr", "p1 | lésion manquée | L7 |  | x⍽116⍽; y⍽26⍽px | 31⍽×⍽12⍽px | référence positive | 0,400 |"),
    ],
)
def test_an_error_that_lies_somewhere_is_listed_with_its_lesion_place_and_size(language, said):
    assert said in [one.strip() for one in spaced(errors(PLACED, language))]


def test_errors_without_a_place_are_written_as_before_there_were_places_and_those_with_one_come_back():
    whole = ErrorRowPart(candidate=A, endpoint="exam", **line("false_positive", "negative", "positive"))
    assert "place" not in whole.model_dump(mode="json")
    placed = ErrorRowPart(candidate=A, endpoint="exam", **PLACED[1])
    assert ErrorRowPart.model_validate(placed.model_dump(mode="json")) == placed


def test_the_calls_are_listed_worst_first_with_as_many_decimals_each():
    rows = [
        {**line(kind, "", "", name), "score": score}
        for kind, name, score in [
            ("false_negative", "a", 0.41), ("false_negative", "b", 0.058),
            ("false_positive", "c", 0.6), ("false_positive", "d", 0.97),
        ]
    ]  # fmt: skip
    listed = [one.split(" | ") for one in errors(rows) if one.startswith(("a |", "b |", "c |", "d |"))]
    assert [(one[0], one[4]) for one in listed] == [("b", "0.058"), ("a", "0.410"), ("d", "0.970"), ("c", "0.600")]


OTHER_LATTICE = say("masks.other_lattice", "en", expected="5 x 5 x 3", found="5 x 5 x 4")


@pytest.mark.parametrize(
    ("reason", "start"),
    [
        (f"masks/c2/cord.nii.gz: {OTHER_LATTICE}", "masks/c2/cord.nii.gz : les voxels du masque ne sont pas ceux"),
        (f"cord: invalid output: {OTHER_LATTICE}", "cord : sortie non valable : les voxels du masque ne sont pas"),
        ("heart: no output; cord: no output", "heart : aucune sortie ; cord : aucune sortie"),
        (
            f"cord: invalid output: {OTHER_LATTICE}; heart: no output",
            "cord : sortie non valable : les voxels du masque",
        ),
        (f"c1: {say('inputs.raster_damaged', 'en')}", "c1 : l’image est tronquée ou abîmée."),
        ("the mask is upside down", "the mask is upside down"),
    ],
)
def test_a_sentence_of_ours_about_a_mask_is_said_in_the_language_of_the_report(reason, start):
    found = worded_reason(reason, a_record(), Phrases("fr")).replace("\u202f", " ").replace("\xa0", " ")
    assert found.startswith(start)
    assert "voxels of the mask" not in found
    assert worded_reason(reason, a_record(), Phrases("en")).replace("\xa0", " ") == reason
    if "5 x 5 x 4" in reason:
        assert "attendu 5 x 5 x 3, trouvé 5 x 5 x 4 (" in found


def test_the_key_of_a_refused_lead_is_a_sentence_with_what_was_expected_and_found():
    raw = "inputs.form_lead_absent: expected V5, found MLII, V1"
    for language, said in (("fr", ("dérivation", "attendu", "V5", "trouvé", "MLII, V1")), ("en", ("lead", "V5", "V1"))):
        found = worded_reason(raw, a_record(), Phrases(language))
        assert "form_lead_absent" not in found
        assert all(part in found for part in said)


def test_the_facts_that_a_sentence_asks_for_are_put_into_it():
    found = worded_reason("inputs.form_unknown: found zip", a_record(), Phrases("en"))
    assert "zip" in found
    assert "inputs." not in found
