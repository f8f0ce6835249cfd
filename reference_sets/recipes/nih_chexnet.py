"""NIH ChestX-ray14 with the published probabilities of a CheXNet reproduction: labels, no pictures."""

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
        truth += [_adjudicated(adjudicated[image]) for image in images if image in adjudicated]
    write_table(target / "truth.csv", ("case_id", "finding", "value", "evidence"), truth)


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


def _adjudicated(row: Mapping[str, str]) -> dict[str, str]:
    return {
        "case_id": row["image"],
        "finding": "nodule_or_mass_adjudicated",
        "value": label(row["nodule_or_mass"] == "YES"),
        "evidence": "adjudicated by radiologists",
    }


if __name__ == "__main__":
    sys.exit(command(NAME, build))
