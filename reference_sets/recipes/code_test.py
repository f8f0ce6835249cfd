"""CODE-test: 827 twelve-lead ECGs with six abnormalities, the answers of a network and of five groups of people."""

from __future__ import annotations

import sys
from pathlib import Path

from building import begin, command, label, read_table, write_table

NAME = "code_test"
FINDINGS = {
    "1dAVb": "first_degree_av_block",
    "RBBB": "right_bundle_branch_block",
    "LBBB": "left_bundle_branch_block",
    "SB": "sinus_bradycardia",
    "AF": "atrial_fibrillation",
    "ST": "sinus_tachycardia",
}
STRATA = ("sex", "age_years")


def build(source: Path, target: Path) -> None:
    """One case for each ECG, all of different patients. Raises RecipeError if a table or a column is missing."""
    gold = read_table(source / "gold_standard.csv", {name: (name,) for name in ("record_id", *FINDINGS)})
    told = {row["record_id"]: row for row in read_table(source / "attributes.csv")}
    begin(NAME, target)
    cases = [
        {
            "case_id": row["record_id"],
            "sex": told.get(row["record_id"], {}).get("sex", ""),
            "age_years": told.get(row["record_id"], {}).get("age", ""),
        }
        for row in gold
    ]
    write_table(target / "cases.csv", ("case_id", "patient_id", "exam_id", "laterality", "files", *STRATA), cases)
    truth = [
        {"case_id": row["record_id"], "finding": name, "value": label(row[code] == "1"), "evidence": "consensus"}
        for row in gold
        for code, name in FINDINGS.items()
    ]
    write_table(target / "truth.csv", ("case_id", "finding", "value", "evidence"), truth)


if __name__ == "__main__":
    sys.exit(command(NAME, build))
