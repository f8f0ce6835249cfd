"""MIT-BIH Arrhythmia Database 1.0.0: WFDB records whose ``atr`` annotations are the reference of every beat."""

from __future__ import annotations

import sys
from pathlib import Path

from building import RecipeError, begin, command, place_file, write_table

NAME = "mitdb"
PACED = frozenset({"102", "104", "107", "217"})  # left out by ANSI/AAMI EC57 where pacing cannot be detected
ONE_PATIENT = {"201": "201-202", "202": "201-202"}  # the same person, says the database's directory
STRATA = ("sex", "age_years", "paced", "first_lead")


def build(source: Path, target: Path) -> None:
    """One case for each record that is there with header, signals and annotations.

    Raises RecipeError naming every record that lacks one of them, and if there is none.
    """
    names = sorted(path.stem for path in source.glob("*.hea"))
    lacking = [f"{name}.{end}" for name in names for end in ("dat", "atr") if not (source / f"{name}.{end}").is_file()]
    if lacking or not names:
        raise RecipeError(f"{source} lacks {', '.join(lacking) or 'every record (*.hea, *.dat, *.atr)'}.")
    begin(NAME, target)
    rows = []
    for name in names:
        for end in ("hea", "dat", "atr"):
            place_file(source / f"{name}.{end}", target / "files" / f"{name}.{end}")
        row = {
            "case_id": name,
            "patient_id": ONE_PATIENT.get(name, name),
            "exam_id": name,
            "files": f"files/{name}.hea",
        }
        rows.append({**row, "paced": "yes" if name in PACED else "no", **_told(source / f"{name}.hea")})
    write_table(target / "cases.csv", ("case_id", "patient_id", "exam_id", "laterality", "files", *STRATA), rows)
    drawn = [{"unit_id": row["case_id"], "status": "drawn"} for row in rows]
    write_table(target / "sampling.csv", ("unit_id", "status", "reason"), drawn)


def _told(header: Path) -> dict[str, str]:
    """Age, sex and the first lead as the header tells them; "" where it does not. "# 69 M 1085 1629 x1"."""
    lines = header.read_text(encoding="ascii").splitlines()
    comments = [line[1:].split() for line in lines if line.startswith("#")]
    signals = [line.split() for line in lines if line and not line.startswith("#")][1:]
    age, sex = (comments[0] + ["", ""])[:2] if comments else ("", "")
    return {
        "age_years": age if age.isdigit() else "",
        "sex": sex if sex in ("F", "M") else "",
        "first_lead": signals[0][-1] if signals else "",
    }


if __name__ == "__main__":
    sys.exit(command(NAME, build))
