"""Fold 10 of PTB-XL 1.0.1 with the published scores of a network: 71 statements, no recordings."""

from __future__ import annotations

import sys
from pathlib import Path

from building import RecipeError, begin, command, label, read_table, write_table

from dmn_bench.inputs.ecg_statements import code_names

NAME = "ptbxl_fold10"
LABELS, SCORES = "labels.csv.gz", "scores_xresnet1d101.csv.gz"


def build(source: Path, target: Path) -> None:
    """One case for each row of the labels; the columns are SCP-ECG statements as PTB-XL writes them.

    The files do not say which records are of one patient: PTB-XL puts all records of a patient into one fold, so that a
    patient with several counts several times here.

    Raises RecipeError if a table is missing, or names a statement that is unknown.
    """
    rows = read_table(source / LABELS)
    codes = [title for title in rows[0] if title != "record_id"] if rows else []
    findings = {code: next(iter(code_names("SCPECG", code)), "") for code in codes}
    unknown = [code for code, name in findings.items() if not name]
    if unknown or not codes:
        raise RecipeError(f"{LABELS} names no known statement, or unknown ones: {', '.join(unknown)}.")
    begin(NAME, target)
    cases = [{"case_id": row["record_id"]} for row in rows]
    write_table(target / "cases.csv", ("case_id", "patient_id", "exam_id", "laterality", "files"), cases)
    truth = [
        {"case_id": row["record_id"], "finding": findings[code], "value": label(float(row[code]) > 0)}
        for row in rows
        for code in codes
    ]
    write_table(target / "truth.csv", ("case_id", "finding", "value", "evidence"), truth)


if __name__ == "__main__":
    sys.exit(command(NAME, build))
