"""LUNA16 with the published candidates of DeepLung: nodules of CT in millimetres, no pictures."""

from __future__ import annotations

import sys
from pathlib import Path

from building import RecipeError, begin, command, label, read_table, write_table

NAME = "luna16_deeplung"
UNKNOWN_DIAMETER_MM = 10.0  # what the challenge's own program takes where a diameter is negative
LESIONS = ("case_id", "lesion_id", "finding", "x_mm", "y_mm", "z_mm", "diameter_mm", "weight", "ignore")


def build(source: Path, target: Path) -> None:
    """One case for each scan of seriesuids.csv; excluded findings are lesions to ignore.

    Raises RecipeError if a table is missing, or names a scan that seriesuids.csv does not.
    """
    path = source / "seriesuids.csv"
    if not path.is_file():
        raise RecipeError(f"seriesuids.csv is missing in {source}. Fetch the public files first (fetch.py).")
    scans = [line.strip() for line in path.read_text(encoding="ascii").splitlines() if line.strip()]
    lesions = [
        {
            "case_id": row["seriesuid"],
            "lesion_id": f"{prefix}{number}",
            "finding": "nodule",
            "x_mm": row["coordX"],
            "y_mm": row["coordY"],
            "z_mm": row["coordZ"],
            "diameter_mm": _diameter(row["diameter_mm"]),
            "weight": "1",
            "ignore": ignore,
        }
        for table, prefix, ignore in (("annotations.csv", "n", "no"), ("annotations_excluded.csv", "x", "yes"))
        for number, row in enumerate(read_table(source / table), start=1)
    ]
    unknown = sorted({str(row["case_id"]) for row in lesions} - set(scans))
    if unknown:
        raise RecipeError(f"seriesuids.csv lacks {len(unknown)} scans that have findings: {', '.join(unknown[:10])} …")
    begin(NAME, target)
    cases = [{"case_id": scan} for scan in scans]
    write_table(target / "cases.csv", ("case_id", "patient_id", "exam_id", "laterality", "files"), cases)
    diseased = {row["case_id"] for row in lesions if row["ignore"] == "no"}
    truth = [{"case_id": scan, "finding": "nodule", "value": label(scan in diseased)} for scan in scans]
    write_table(target / "truth.csv", ("case_id", "finding", "value"), truth)
    write_table(target / "lesions.csv", LESIONS, lesions)


def _diameter(cell: str) -> str:
    return cell if float(cell) >= 0 else f"{UNKNOWN_DIAMETER_MM:g}"


if __name__ == "__main__":
    sys.exit(command(NAME, build))
