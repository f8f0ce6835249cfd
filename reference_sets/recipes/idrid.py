"""IDRiD, disease grading: fundus pictures with grades of diabetic retinopathy and of the risk of macular oedema."""

from __future__ import annotations

import sys
from pathlib import Path

from building import RecipeError, begin, command, label, place_file, read_table, write_table

NAME = "idrid"
LABELS = ("labels.csv", "IDRiD_Disease Grading_Testing Labels.csv")
COLUMNS = {
    "image": ("image", "Image name"),
    "retinopathy_grade": ("retinopathy_grade", "Retinopathy grade"),
    "dme_risk": ("dme_risk", "Risk of macular edema", "Risk of macular edema "),
}
REFERABLE_FROM = 2
FINDINGS = {"dr": "retinopathy_grade", "dme_risk": "dme_risk"}


def build(source: Path, target: Path) -> None:
    """One case for each row of the labels whose picture is in ``images``; ``referable_dr`` is grade 2 and above.

    Raises RecipeError if no picture is there.
    """
    table = next((name for name in LABELS if (source / name).is_file()), LABELS[0])
    rows = [row for row in read_table(source / table, COLUMNS) if (source / "images" / f"{row['image']}.jpg").is_file()]
    if not rows:
        raise RecipeError(f"{source / 'images'} holds no picture that {table} names.")
    begin(NAME, target)
    for row in rows:
        place_file(source / "images" / f"{row['image']}.jpg", target / "files" / f"{row['image']}.jpg")
    cases = [{"case_id": row["image"], "files": f"files/{row['image']}.jpg"} for row in rows]
    write_table(target / "cases.csv", ("case_id", "patient_id", "exam_id", "laterality", "files"), cases)
    truth = [
        {"case_id": row["image"], "finding": name, "value": str(int(row[column]))}
        for name, column in FINDINGS.items()
        for row in rows
    ]
    truth += [
        {
            "case_id": row["image"],
            "finding": "referable_dr",
            "value": label(int(row["retinopathy_grade"]) >= REFERABLE_FROM),
        }
        for row in rows
    ]
    write_table(target / "truth.csv", ("case_id", "finding", "value"), truth)


if __name__ == "__main__":
    sys.exit(command(NAME, build))
