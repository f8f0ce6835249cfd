"""The template of a set: everything that only a person can say is asked for, and nothing else is wrong."""

import pytest

from dmn_bench.curation import template
from dmn_bench.curation.check import check
from dmn_bench.reference_set import load, read_card

from ..set_factory import problems_of, worded


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("modality", ["DX", "ECG"])
def test_a_new_set_asks_for_what_only_a_person_can_say(tmp_path, modality, language):
    card = template.new(tmp_path / "Poignet été", modality=modality, findings=["fracture", "2"], language=language)
    assert [key for _, key in worded(check(card.parent, ()).errors)] == [
        "files.value_empty",
        "files.value_not_allowed",
        "files.value_empty",
        "files.value_not_allowed",
        "refset.no_cases",
    ]
    filled = card.read_text(encoding="utf-8")
    for empty, full in (
        (f"title: {{{language}: }}", f"title: {{{language}: Un jeu}}"),
        ("sampling:\n", "sampling: random\n"),
        ("method:\n", "method: consensus\n"),
        ("route:\n", "route: not_applicable\n"),
    ):
        assert empty in filled
        filled = filled.replace(empty, full)
    card.write_text(filled, encoding="utf-8")
    with (card.parent / "cases.csv").open("a") as table:
        table.write("c1,p1,,,,F,40\n")
    with (card.parent / "truth.csv").open("a") as table:
        table.write("c1,,,fracture,positive,,\nc1,,,2,negative,,\n")
    assert check(card.parent, ()).errors == ()
    assert load(card.parent).cases[0].strata["age"] == "[40, 65)"


def test_the_comments_are_in_the_language_asked_for(tmp_path):
    texts = {
        language: template.new(tmp_path / language, modality="DX", findings=["f"], language=language).read_text()
        for language in ("en", "fr")
    }
    assert "# The card of a reference set." in texts["en"]
    assert "# La fiche d’un jeu de référence." in texts["fr"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_annotation_files_are_asked_for_only_by_who_has_some(tmp_path, language):
    path = template.new(tmp_path / "s", modality="ECG", findings=["af"], language=language)
    (line,) = [line for line in path.read_text(encoding="utf-8").splitlines() if "wfdb_annotator" in line]
    assert line.startswith("  # wfdb_annotator: atr  #")
    text = (
        path.read_text(encoding="utf-8")
        .replace(f"title: {{{language}: }}", "title: {en: x}")
        .replace("sampling:\n", "sampling: random\n")
    )
    text = text.replace("method:\n", "method: x\n").replace("route:\n", "route: not_applicable\n")
    path.write_text(text, encoding="utf-8")
    assert read_card(path.parent).reference_standard.wfdb_annotator is None
    path.write_text(text.replace("  # wfdb_annotator", "  wfdb_annotator"), encoding="utf-8")
    assert read_card(path.parent).reference_standard.wfdb_annotator == "atr"


def test_nothing_is_written_over(tmp_path):
    (tmp_path / "cases.csv").write_text("mine")
    found = problems_of(lambda: template.new(tmp_path, modality="dx", findings=["a b"]))
    assert {key for _, key in found} == {
        "refset.new_folder_not_empty",
        "refset.new_modality",
        "refset.new_name",
    }
    assert [path.name for path in tmp_path.iterdir()] == ["cases.csv"]


def test_names_that_yaml_would_read_as_something_else_stay_names(tmp_path):
    card = template.new(tmp_path / "s", modality="DX", findings=["true", "1e3", "null"])
    text = card.read_text().replace("{en: }", "{en: x}").replace("sampling:\n", "sampling: random\n")
    card.write_text(text.replace("method:\n", "method: x\n").replace("route:\n", "route: not_applicable\n"))
    assert read_card(card.parent).finding_names == ("true", "1e3", "null")


def test_a_set_of_structures_alone_has_masks_and_no_finding(tmp_path):
    card = template.new(tmp_path / "organs", modality="CT", findings=[], structures_only=True)
    text = card.read_text(encoding="utf-8")
    assert "findings: []" in text
    for empty, full in (("title: {en: }", "title: {en: x}"), ("sampling:\n", "sampling: random\n")):
        text = text.replace(empty, full)
    text = text.replace("method:\n", "method: x\n").replace("route:\n", "route: not_applicable\n")
    card.write_text(text, encoding="utf-8")
    with (card.parent / "cases.csv").open("a") as table:
        table.write("c1,p1,,,,F,40\n")
    assert [key for _, key in worded(check(card.parent, ()).errors)] == ["refset.nothing_to_state"]


def test_a_set_has_findings_or_is_of_structures_alone_and_not_both(tmp_path):
    neither = problems_of(lambda: template.new(tmp_path / "a", modality="CT", findings=[]))
    both = problems_of(lambda: template.new(tmp_path / "b", modality="CT", findings=["f"], structures_only=True))
    assert [key for _, key in (*neither, *both)] == ["refset.new_no_finding", "refset.new_structures_and_findings"]
