"""`dmn-bench refset import --files` into a set of images: options, what is printed, exit codes, in both languages."""

import json

import numpy as np
import pytest

from dmn_bench.cli import call
from tests.curation.ecg_kit import a_card
from tests.inputs.factories import a_picture
from tests.set_factory import card_with


@pytest.fixture
def root(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "reference_set.yaml").write_text(card_with(strata="{}"))
    return tmp_path / "set"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    for place, name in enumerate(("a", "b")):
        a_picture(tmp_path / "in" / f"{name}.png", np.full((20, 30), place, np.uint8))
    boxes = [{"id": n, "image_id": 1, "category_id": n, "bbox": [1, 1, 5, 5]} for n in (1, 2)]
    coco = {
        "images": [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "elsewhere.png"}],
        "annotations": boxes,
        "categories": [{"id": 1, "name": "fracture"}, {"id": 2, "name": "cast"}],
    }
    (tmp_path / "coco.json").write_text(json.dumps(coco))
    return tmp_path


def imported(language, root, folder, *options):
    arguments = ["refset", "import", str(root), "--files", str(folder / "in"), *options]
    return call(["--lang", language, *arguments])


def test_what_was_made_and_what_has_no_meaning_is_said(root, folder, capsys):
    assert imported("en", root, folder, "--annotations", str(folder / "coco.json")) == 0
    said = " ".join(capsys.readouterr().out.split())
    for sentence in (
        "Annotations read as coco.",
        "2 pictures entered into",
        "with 1 lesion and 0 masks",
        "1 annotation names a picture that the folder does not have: elsewhere.png",
        "1 picture is named by no annotation file",
        "Category “cast” has no meaning: 1 drawn on 1 picture",
        "fracture: 1 positive, 0 negative, 0 indeterminate, 1 unverified",
    ):
        assert sentence in said, sentence


def test_in_french_too_and_the_options_reach_the_import(root, folder, capsys):
    (folder / "c.csv").write_text("category,finding,use\nfracture,fracture,\ncast,,left-out\n")
    options = ("--annotations", str(folder / "coco.json"), "--categories", str(folder / "c.csv"), "--reader", "dr_a")
    assert imported("fr", root, folder, *options, "--format", "coco", "--unlisted", "left-out") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "1 image inscrite dans" in said
    assert "1 image laissée de côté : aucun fichier d’annotations ne la nomme." in said
    assert "fracture, lectures : 1 positive, 0 négative" in said
    assert "sens" not in said.partition("Ensuite")[0].replace("dessins", "")


def test_what_cannot_be_used_is_exit_code_2(root, folder, capsys):
    text = (folder / "coco.json").read_text().replace("[1, 1, 5, 5]", "[1, 1, 0, 5]")
    (folder / "coco.json").write_text(text)
    assert imported("en", root, folder, "--annotations", str(folder / "coco.json")) == 2
    said = capsys.readouterr()
    assert "coco.json#/annotations/0: what was drawn has no area (0 x 5)" in " ".join(said.err.split())
    assert "1 picture was left out: what was drawn on it cannot be used" in " ".join(said.out.split())


def test_what_stays_and_what_no_file_has_is_said_and_findings_are_none_of_structures(root, folder, capsys):
    (folder / "c.csv").write_text("category,finding,use\nfracture,bone,structure\nFractur,,left-out\n")
    (folder / "in" / "notes.txt").write_text("x")
    annotations, table = ("--annotations", str(folder / "coco.json")), folder / "t.csv"
    assert imported("en", root, folder, *annotations, "--categories", str(folder / "c.csv")) == 0
    said = " ".join(capsys.readouterr().out.split())
    for sentence in (
        "No pictures: notes.txt",
        "as no annotation can state a finding, truth.csv says nothing of it",
        "No annotation file has the categories of --categories that are called: Fractur",
        "Category “cast” has no meaning: 1 drawn on 1 picture, not entered. Say what it means",
        "Next: look at what was left out",
    ):
        assert sentence in said, sentence
    table.write_text("file,patient\nb,H1\n")
    assert imported("fr", root, folder, *annotations, "--table", str(table), "--unlisted", "negative") == 2
    said = " ".join(capsys.readouterr().out.split())
    assert "1 image qui était déjà là n’est nommée par aucun fichier d’annotations : ce qui avait été inscrit" in said
    assert "1 cas qui était déjà là garde son patient, son examen et ses colonnes, dont --table dit autre chose" in said


def test_nothing_is_negative_as_long_as_a_drawing_has_no_picture(root, folder, capsys):
    text = (folder / "coco.json").read_text().replace('"image_id": 1', '"image_id": 2')
    (folder / "coco.json").write_text(text)
    assert imported("fr", root, folder, "--annotations", str(folder / "coco.json"), "--unlisted", "negative") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "1 image n’est nommée par aucun fichier d’annotations : les anomalies y sont non vérifiées, et non" in said


@pytest.mark.parametrize("options", [("--statements", "a.csv"), ("--hospitals",), ("--corners", "edges")])
def test_options_of_ecgs_and_options_without_annotations_are_refused(root, folder, capsys, options):
    assert imported("en", root, folder, *options) == 2
    assert options[0] in capsys.readouterr().err


def test_options_of_pictures_are_refused_for_ecgs(tmp_path, folder, capsys):
    root = a_card(tmp_path / "ecg")
    assert imported("en", root, folder, "--pictures", "stored") == 2
    assert "--pictures is for pictures" in " ".join(capsys.readouterr().err.split())
