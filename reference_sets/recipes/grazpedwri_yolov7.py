"""GRAZPEDWRI-DX, validation part of a published YOLOv7 study: wrists of children, labels and boxes, no pictures."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from building import RecipeError, begin, command, label, read_table, write_table

NAME = "grazpedwri_yolov7"
REFERENCES = ("reference_cases.csv", "valid_data.csv")
DETECTIONS = "vendor_detections.csv"
TEXT_FILES = "yolo_txt"
CLASSES = (
    "boneanomaly", "bonelesion", "foreignbody", "fracture", "metal", "periostealreaction", "pronatorsign", "softtissue",
    "text",
)  # fmt: skip
PROJECTIONS = {"1": "frontal", "2": "lateral", "3": "oblique"}
YES_NO = ("cast", "osteopenia", "diagnosis_uncertain", "metal", "initial_exam")
STRATA = ("sex", "age_years", "projection", *YES_NO, "manufacturer")


def build(source: Path, target: Path) -> None:
    """One case for each picture of the table. Raises RecipeError if the table is missing."""
    reference = next((name for name in REFERENCES if (source / name).is_file()), REFERENCES[0])
    rows = read_table(source / reference, {"sex": ("gender",), "manufacturer": ("device_manufacturer",)})
    begin(NAME, target)
    cases = [_case(row) for row in rows]
    write_table(target / "cases.csv", ("case_id", "patient_id", "exam_id", "laterality", "files", *STRATA), cases)
    truth = [
        {"case_id": row["filestem"], "finding": "fracture", "value": label(_is_one(row["fracture_visible"]))}
        for row in rows
    ]
    write_table(target / "truth.csv", ("case_id", "finding", "value"), truth)


def gather_detections(source: Path) -> Path:
    """Put the model's text files, one for each picture with a detection, into one table; the path of the table.

    A picture without a text file is one without a detection, so the files must be complete.
    Raises RecipeError if there are neither text files nor the table.
    """
    table = source / DETECTIONS
    if table.is_file():
        return table
    files = sorted((source / TEXT_FILES).glob("*.txt"))
    if not files:
        raise RecipeError(f"{source} has neither {DETECTIONS} nor {TEXT_FILES}/*.txt.")
    names = ("class", "xc", "yc", "w", "h", "confidence")
    rows = []
    for path in files:
        for line in path.read_text(encoding="ascii").splitlines():
            number, *rest = line.split()
            rows.append({"filestem": path.stem, **dict(zip(names, (CLASSES[int(number)], *rest), strict=True))})
    write_table(table, ("filestem", *names), rows)
    return table


def build_with_detections(source: Path, target: Path) -> None:
    """The set, and the table of detections beside the public files."""
    gather_detections(source)
    build(source, target)


def _case(row: Mapping[str, str]) -> dict[str, str]:
    return {
        "case_id": row["filestem"],
        "patient_id": f"p{row['patient_id']}",
        "exam_id": f"p{row['patient_id']}-{row['study_number']}",
        "laterality": row["laterality"],
        "sex": row["sex"] if row["sex"] in ("F", "M") else "other",
        "age_years": row["age"],
        "projection": PROJECTIONS.get(row["projection"].removesuffix(".0"), ""),
        **{name: "yes" if _is_one(row[name]) else "no" for name in YES_NO},
        "manufacturer": row["manufacturer"],
    }


def _is_one(cell: str) -> bool:
    return cell in ("1", "1.0")  # the publishers write 1 for yes and nothing for no


if __name__ == "__main__":
    sys.exit(command(NAME, build_with_detections))
