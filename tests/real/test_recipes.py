"""Recipes on small made-up folders in the publishers' forms: what becomes of each oddity of the real ones."""

import gzip
import re

import pytest

from dmn_bench import cli
from dmn_bench.protocol import read_protocol
from dmn_bench.reference_set import load
from tests.shared_data import shared_data

from .running import RECIPES, recipe, rows_of, write_rows

building = recipe("building")
NAMES = sorted(path.name.removesuffix(".card.yaml") for path in RECIPES.glob("*.card.yaml"))


def a_record(folder, name, comment="# 69 M 1085 1629 x1"):
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.hea").write_text(f"{name} 1 360 10\n{name}.dat 212 200 11 1024 0 0 0 V5\n{comment}\n")
    for end in ("dat", "atr"):
        (folder / f"{name}.{end}").write_bytes(b"")


def write(folder, name, *lines):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_has_a_card_a_protocol_and_a_list_that_fit(name, tmp_path):
    text = building.protocol_text(name, tmp_path / "set", tmp_path, source=tmp_path / "files")
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
    protocol = read_protocol(tmp_path / "p.yaml")
    assert protocol.reference_set == "set"
    assert (RECIPES / f"{name}.files.csv").is_file()
    assert name == recipe(name).NAME
    assert re.search("^public: true$", (RECIPES / f"{name}.card.yaml").read_text(encoding="utf-8"), re.MULTILINE)


def test_records_201_and_202_are_one_patient(tmp_path):
    for name in ("201", "202", "203", "102"):
        a_record(tmp_path / "in", name)
    recipe("mitdb").build(tmp_path / "in", tmp_path / "set")
    loaded = load(tmp_path / "set")
    assert len(loaded.cases) == 4
    assert len(loaded.patient_codes) == 3
    cases = {case.case_id: case for case in loaded.cases}
    assert cases["201"].patient_id == cases["202"].patient_id
    assert cases["102"].strata == {"sex": "M", "age": ">=65", "paced": "yes", "first_lead": "V5"}


@pytest.mark.parametrize("comment", ["# -1 ? x1", "", "# text"])
def test_an_age_or_sex_that_a_header_does_not_tell_is_not_recorded(tmp_path, comment):
    a_record(tmp_path / "in", "100", comment)
    recipe("mitdb").build(tmp_path / "in", tmp_path / "set")
    strata = load(tmp_path / "set").cases[0].strata
    assert (strata["age"], strata["sex"]) == ("not recorded", "not recorded")


def test_a_record_without_annotations_is_named(tmp_path):
    a_record(tmp_path / "in", "100")
    (tmp_path / "in" / "100.atr").unlink()
    with pytest.raises(building.RecipeError, match=r"100\.atr"):
        recipe("mitdb").build(tmp_path / "in", tmp_path / "set")
    assert not (tmp_path / "set").exists()


def test_a_folder_that_holds_something_is_never_written_over(tmp_path):
    a_record(tmp_path / "in", "100")
    write(tmp_path / "set", "mine.txt", "kept")
    with pytest.raises(building.RecipeError, match="not empty"):
        recipe("mitdb").build(tmp_path / "in", tmp_path / "set")


def test_labels_of_the_nih_are_read_as_published_too(tmp_path):
    table = (
        "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,Width\n"
        "00000001_000.png,Nodule|Mass,0,1,58,M,PA,1\n"
        "00000001_001.png,No Finding,1,1,414,M,AP,1\n"
        "00000002_000.png,Hernia,0,2,81,F,AP,1\n"
    )
    tmp_path.joinpath("Data_Entry_2017_v2020.csv.gz").write_bytes(gzip.compress(table.encode()))
    write(tmp_path, "vendor_predictions.csv", "Image Index,prob_Mass", "00000001_000.png,1", "00000001_001.png,0")
    recipe("nih_chexnet").build(tmp_path, tmp_path / "set")
    loaded = load(tmp_path / "set")
    assert [case.strata["age"] for case in loaded.cases] == ["[40, 65)", "not recorded"]
    assert len(loaded.patient_codes) == 1
    positive = {(row.subject, row.finding) for row in loaded.truth if row.value == "positive"}
    assert positive == {("00000001_000.png", finding) for finding in ("Nodule", "Mass", "nodule_or_mass")}


def test_a_prediction_without_labels_is_named(tmp_path):
    write(tmp_path, "reference_nih.csv", "image,finding_labels,patient_id,age,sex,view_position")
    write(tmp_path, "vendor_predictions.csv", "Image Index", "00000009_000.png")
    with pytest.raises(building.RecipeError, match=r"00000009_000\.png"):
        recipe("nih_chexnet").build(tmp_path, tmp_path / "set")


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path):
    write(tmp_path, "reference_nih.csv", "image,age")
    with pytest.raises(building.RecipeError, match=r"finding_labels / Finding Labels.*image, age"):
        recipe("nih_chexnet").build(tmp_path, tmp_path / "set")


def test_text_files_of_a_detector_become_one_table(tmp_path):
    write(tmp_path, "yolo_txt/0001_a.txt", "3 0.5 0.5 0.1 0.2 0.9", "8 0.1 0.1 0.1 0.1 0.8")
    rows = rows_of(recipe("grazpedwri_yolov7").gather_detections(tmp_path))
    assert [(row["filestem"], row["class"], row["confidence"]) for row in rows] == [
        ("0001_a", "fracture", "0.9"),
        ("0001_a", "text", "0.8"),
    ]
    with pytest.raises(building.RecipeError, match=r"yolo_txt/\*\.txt"):
        recipe("grazpedwri_yolov7").gather_detections(tmp_path / "empty")


def test_a_finding_of_unknown_size_is_ignored_within_ten_millimetres(tmp_path):
    write(tmp_path, "seriesuids.csv", "00001", "00002")
    title = "seriesuid,coordX,coordY,coordZ,diameter_mm"
    write(tmp_path, "annotations.csv", title, "00001,1.5,2,-3,7.25")
    write(tmp_path, "annotations_excluded.csv", title, "00001,9,9,9,-1", "00002,9,9,9,4")
    recipe("luna16_deeplung").build(tmp_path, tmp_path / "set")
    loaded = load(tmp_path / "set")
    sizes = [(row.lesion.diameter_mm, row.lesion.ignore) for row in loaded.lesions]
    assert sizes == [(7.25, False), (10.0, True), (4.0, True)]
    assert {row.subject: row.value for row in loaded.truth} == {"00001": "positive", "00002": "negative"}
    assert not loaded.patients_known


def test_a_lesion_of_a_scan_that_is_not_listed_is_named(tmp_path):
    write(tmp_path, "seriesuids.csv", "00001")
    title = "seriesuid,coordX,coordY,coordZ,diameter_mm"
    write(tmp_path, "annotations.csv", title, "00007,1,2,3,4")
    write(tmp_path, "annotations_excluded.csv", title)
    with pytest.raises(building.RecipeError, match="00007"):
        recipe("luna16_deeplung").build(tmp_path, tmp_path / "set")


def test_boxes_of_a_fracture_become_corner_and_size(tmp_path):
    columns = "image_id,hand,leg,hip,shoulder,mixed,hardware,multiscan,fractured,fracture_count,frontal,lateral,oblique"
    write(tmp_path, "dataset.csv", columns, "A.jpg,1,0,0,0,0,1,0,1,1,1,1,0", "B.jpg,0,0,1,0,0,0,0,0,0,0,0,1")
    for name in "AB":
        (tmp_path / "images").mkdir(exist_ok=True)
        (tmp_path / "images" / f"{name}.jpg").write_bytes(b"\xff\xd8\xff\xd9")
    box = "<bndbox><xmin>10</xmin><ymin>20</ymin><xmax>30</xmax><ymax>50</ymax></bndbox>"
    annotation = write(tmp_path, "annotations/pascal_voc/A.xml", f"<annotation><object>{box}</object></annotation>")
    recipe("fracatlas").build(tmp_path, tmp_path / "set")
    loaded = load(tmp_path / "set")
    lesion = loaded.lesions[0].lesion
    assert (lesion.x, lesion.y, lesion.width, lesion.height) == (10, 20, 20, 30)
    strata = [dict(case.strata) for case in loaded.cases]
    assert strata[0] == {"body_region": "hand", "view": "several", "hardware": "yes", "multiscan": "no"}
    assert strata[1] == {"body_region": "hip", "view": "oblique", "hardware": "no", "multiscan": "no"}
    annotation.unlink()
    with pytest.raises(building.RecipeError, match=r"A\.jpg"):
        recipe("fracatlas").build(tmp_path, tmp_path / "other")


def test_the_two_commands_make_a_set_that_can_be_locked_and_a_protocol_that_can_be_checked(tmp_path, capsys):
    published, models = shared_data("imaging/fundus_idrid"), shared_data("imaging/models")
    source = tmp_path / "public"
    (source / "images").mkdir(parents=True)
    rows = rows_of(published / "labels.csv")[:3]  # pictures of twelve megapixels take their time
    write_rows(source / "labels.csv", rows)
    for row in rows:
        name = f"{row['image']}.jpg"
        (source / "images" / name).write_bytes((published / "images" / name).read_bytes())
    arguments = [str(source), str(tmp_path / "set"), "--models", str(models)]
    assert building.command("idrid", recipe("idrid").build, arguments) == 0
    assert "3 cases" in capsys.readouterr().out
    assert cli.call(["refset", "check", str(tmp_path / "set")]) == 0
    assert cli.call(["refset", "lock", str(tmp_path / "set")]) == 0
    assert cli.call(["protocol", "check", str(tmp_path / "set.yaml")]) == 0
    assert building.command("idrid", recipe("idrid").build, arguments) == 2
    assert "not empty" in capsys.readouterr().err
