"""PhysioNet/CinC challenges 2020 and 2021: twelve-lead records whose headers state SNOMED CT codes."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path

from building import RecipeError, begin, command, label, place_file, write_table

from dmn_bench.inputs.ecg_statements import code_names

NAME = "cinc2021"
STATEMENTS = (
    "atrial_fibrillation", "atrial_flutter", "bundle_branch_block", "bradycardia", "left_bundle_branch_block",
    "right_bundle_branch_block", "first_degree_av_block", "incomplete_right_bundle_branch_block",
    "left_axis_deviation", "left_anterior_fascicular_block", "prolonged_pr_interval", "low_qrs_voltage",
    "prolonged_qt_interval", "intraventricular_conduction_delay", "sinus_rhythm", "premature_atrial_complex",
    "paced_rhythm", "poor_r_wave_progression", "premature_ventricular_complex", "q_waves", "right_axis_deviation",
    "sinus_arrhythmia", "sinus_bradycardia", "sinus_tachycardia", "t_wave_abnormality", "t_wave_inversion",
)  # fmt: skip
SEXES = {"Male": "M", "M": "M", "Female": "F", "F": "F"}
STRATA = ("sex", "age_years", "source", "first_statement")


def build(source: Path, target: Path) -> None:
    """One case for each header below the folder, named after it; the folder that holds it is the stratum ``source``.

    Statements beside the 26 that the challenge of 2021 scores are left out. Records with the same samples are one
    patient's: some stand in the data twice, under two names.

    Raises RecipeError without a header, naming every record that lacks its samples or stands in two folders.
    """
    headers = sorted(source.rglob("*.hea"), key=lambda path: path.stem)
    names = [path.stem for path in headers]
    lacking = [f"{path.stem}.mat" for path in headers if not path.with_suffix(".mat").is_file()]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if lacking or doubled or not headers:
        raise RecipeError(f"{source} lacks {', '.join(lacking + doubled) or 'every record (*.hea, *.mat)'}.")
    begin(NAME, target)
    cases, truth, owners = [], [], {}
    for header in headers:
        told = _told(header)
        digest = hashlib.sha256(header.with_suffix(".mat").read_bytes()).hexdigest()
        place_file(header, target / "files" / header.name)
        place_file(header.with_suffix(".mat"), target / "files" / f"{header.stem}.mat")
        stated = [name for code in told["Dx"].split(",") for name in code_names("SCT", code)]
        cases.append(
            {
                "case_id": header.stem,
                "patient_id": owners.setdefault(digest, header.stem),
                "exam_id": header.stem,
                "files": f"files/{header.name}",
                "sex": SEXES.get(told["Sex"], ""),
                "age_years": told["Age"] if told["Age"].isdigit() else "",
                "source": header.parent.name,
                "first_statement": next((name for name in stated if name in STATEMENTS), ""),
            }
        )
        truth += [
            {"case_id": header.stem, "finding": name, "value": label(name in stated), "evidence": "header"}
            for name in STATEMENTS
        ]
    write_table(target / "cases.csv", ("case_id", "patient_id", "exam_id", "laterality", "files", *STRATA), cases)
    write_table(target / "truth.csv", ("case_id", "finding", "value", "evidence"), truth)


def _told(header: Path) -> Mapping[str, str]:
    """What the comments of a header say; both "#Dx: 1,2" and "# Dx: 1,2" occur."""
    lines = header.read_text(encoding="utf-8", errors="replace").splitlines()
    comments = (line[1:].partition(":") for line in lines if line.startswith("#"))
    return {"Dx": "", "Sex": "", "Age": "", **{name.strip(): value.strip() for name, _, value in comments}}


if __name__ == "__main__":
    sys.exit(command(NAME, build))
