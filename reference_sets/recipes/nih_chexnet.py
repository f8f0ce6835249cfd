"""NIH ChestX-ray14 with the published probabilities of a CheXNet reproduction: labels and boxes, no pictures."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from building import RecipeError, begin, command, label, read_table, write_table

NAME = "nih_chexnet"
LABELS = (
    "Atelectasis", "Cardiomegaly", "Effusion", "Infiltration", "Mass", "Nodule", "Pneumonia", "Pneumothorax",
    "Consolidation", "Edema", "Emphysema", "Fibrosis", "Pleural_Thickening", "Hernia",
)  # fmt: skip
EITHER = {"nodule_or_mass": ("Nodule", "Mass")}
REFERENCES = ("reference_nih.csv", "Data_Entry_2017_v2020.csv", "Data_Entry_2017_v2020.csv.gz")
ADJUDICATED = "reference_adjudicated_google2019.csv"
OF_RADIOLOGISTS = ("nodule_or_mass", "pneumothorax", "airspace_opacity", "fracture")
SAME_PICTURES = "nodule_or_mass_mined"  # the label of the report on the pictures that radiologists adjudicated
BOXES = "reference_bboxes.csv"
BOX_NAMES = {"Infiltrate": "Infiltration"}
LESIONS = ("case_id", "lesion_id", "finding", "x", "y", "width", "height")
PREDICTIONS = "vendor_predictions.csv"
COLUMNS = {
    "image": ("image", "Image Index"),
    "finding_labels": ("finding_labels", "Finding Labels"),
    "patient_id": ("patient_id", "Patient ID"),
    "age": ("age", "Patient Age"),
    "sex": ("sex", "Patient Sex", "Patient Gender"),
    "view_position": ("view_position", "View Position"),
}
OLDEST_YEARS = 110  # the first edition of the table holds ages up to 414


def build(source: Path, target: Path) -> None:
    """One case for each picture that the predictions name: the test part of the reproduction.

    Raises RecipeError if a table is missing, or a picture of the predictions is not in the table of labels.
    """
    reference = next((name for name in REFERENCES if (source / name).is_file()), REFERENCES[0])
    rows = {row["image"]: row for row in read_table(source / reference, COLUMNS)}
    images = [row["image"] for row in read_table(source / PREDICTIONS, {"image": COLUMNS["image"]})]
    unknown = sorted(set(images) - set(rows))
    if unknown:
        raise RecipeError(f"{PREDICTIONS} names {len(unknown)} pictures without labels: {', '.join(unknown[:10])} …")
    begin(NAME, target)
    cases = [_case(rows[image]) for image in images]
    strata = ("sex", "age_years", "view_position")
    write_table(target / "cases.csv", ("case_id", "patient_id", "exam_id", "laterality", "files", *strata), cases)
    truth = [each for image in images for each in _truth(rows[image])]
    if (source / ADJUDICATED).is_file():
        adjudicated = {row["image"]: row for row in read_table(source / ADJUDICATED)}
        both = [image for image in images if image in adjudicated]
        truth += [each for image in both for each in _adjudicated(adjudicated[image])]
        truth += [{**each, "finding": SAME_PICTURES} for each in truth if _is_mined_again(each, adjudicated)]
    write_table(target / "truth.csv", ("case_id", "finding", "value", "evidence"), truth)
    if (source / BOXES).is_file():
        boxes = [row for row in read_table(source / BOXES) if row["image"] in set(images)]
        lesions = [_box(number, row) for number, row in enumerate(boxes, start=1)]
        write_table(target / "lesions.csv", LESIONS, lesions)


def _case(row: Mapping[str, str]) -> dict[str, str]:
    age = int(row["age"].rstrip("Y") or -1)
    return {
        "case_id": row["image"],
        "patient_id": f"p{int(row['patient_id'])}",
        "sex": row["sex"],
        "age_years": str(age) if 0 <= age <= OLDEST_YEARS else "",
        "view_position": row["view_position"],
    }


def _truth(row: Mapping[str, str]) -> list[dict[str, str]]:
    there = set(row["finding_labels"].split("|"))
    named = {name: name in there for name in LABELS}
    named.update({name: any(part in there for part in parts) for name, parts in EITHER.items()})
    evidence = "mined from the report"
    return [
        {"case_id": row["image"], "finding": name, "value": label(positive), "evidence": evidence}
        for name, positive in named.items()
    ]


def _adjudicated(row: Mapping[str, str]) -> list[dict[str, str]]:
    evidence = "adjudicated by radiologists"
    return [
        {
            "case_id": row["image"],
            "finding": f"{name}_adjudicated",
            "value": label(row[name] == "YES"),
            "evidence": evidence,
        }
        for name in OF_RADIOLOGISTS
        if row.get(name)
    ]


def _is_mined_again(row: Mapping[str, str], adjudicated: Mapping[str, object]) -> bool:
    return row["finding"] == "nodule_or_mass" and row["case_id"] in adjudicated


def _box(number: int, row: Mapping[str, str]) -> dict[str, str]:
    """A box in px of the picture of 1024 by 1024 px that NIH published."""
    finding = BOX_NAMES.get(row["finding"], row["finding"])
    place = {"x": row["x"], "y": row["y"], "width": row["w"], "height": row["h"]}
    return {"case_id": row["image"], "lesion_id": f"b{number}", "finding": finding, **place}


if __name__ == "__main__":
    sys.exit(command(NAME, build))
