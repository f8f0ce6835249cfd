"""What tests of the import of ECGs need: a set to import into, MUSE files as a hospital has them, tables read back."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dmn_bench.catalogue import build_catalogue
from dmn_bench.curation.ecg_import import import_recordings
from dmn_bench.curation.ecg_options import EcgOptions, EcgSummary
from dmn_bench.curation.ecg_truth import Policy
from tests.inputs.vendor_ecg_factories import a_diagnosis, a_muse, some_samples

CARD = """\
format: dmn-bench/reference-set/1
id: ecg
version: 1.0.0
title: {{en: ECGs, fr: Des ECG}}
modality: ECG
findings:   # what is looked for
{findings}
sampling: convenience
reference_standard:
  method: confirmed reports   # as signed
{standard}
strata: {{sex: {{column: sex}}, device: {{column: model}}}}
data_protection: {{route: not_applicable}}
public: true
"""
FINDINGS = ("{name: atrial_fibrillation}", "{name: MI}", "{name: sinus_rhythm}")
NEGATIVE = EcgOptions(policy=Policy(unmentioned="negative"))


def a_card(folder: Path, *findings: str, standard: str = "") -> Path:
    """A folder with nothing but a card."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = "\n".join(f"  - {finding}" for finding in findings or FINDINGS)
    extra = f"  {standard}" if standard else "  rule: the statement of the report"
    (folder / "reference_set.yaml").write_text(CARD.format(findings=lines, standard=extra), encoding="utf-8")
    return folder


def a_muse_file(
    path: Path,
    *confirmed: str,
    machine: Sequence[str] = (),
    patient: str = "77123",
    time: str = "07:05:09",
    status: str = "Confirmed",
    seed: int = 3,
    intervals: str = "",
) -> Path:
    """A MUSE file of a patient, with the statements of the machine and those of who confirmed them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    diagnoses = a_diagnosis("OriginalDiagnosis", *machine) if machine else ""
    diagnoses += a_diagnosis("Diagnosis", *confirmed) if confirmed else ""
    a_muse(path, some_samples(seed=seed), status=status, diagnoses=diagnoses)
    text = path.read_text(encoding="latin-1")
    text = text.replace(">77123<", f">{patient}<").replace(">07:05:09<", f">{time}<")
    if intervals:
        text = text.replace("<PRInterval>0<", f"<PRInterval>{intervals}<")
    path.write_text(text, encoding="latin-1")
    return path


def imported(root: Path, folder: Path | None, options: EcgOptions = NEGATIVE) -> EcgSummary:
    """Import with every reader that is installed."""
    return import_recordings(root, folder, options, readers=build_catalogue().make_all("reader"))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def truth(root: Path) -> dict[tuple[str, str], tuple[str, str]]:
    """(case, finding) -> (value, evidence)."""
    return {(row["case_id"], row["finding"]): (row["value"], row["evidence"]) for row in rows(root / "truth.csv")}


def texts_of(folder: Path) -> str:
    """Every byte of every file of a folder, by name and by content, hidden ones left out."""
    found = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    return "\n".join(f"{path.name}\n{path.read_bytes().decode('latin-1')}" for path in found)


def waves(seed: int, n_samples: int = 2000, n_leads: int = 2) -> np.ndarray:
    """Stored samples of a recording unlike that of any other seed."""
    return np.random.default_rng(seed).integers(-900, 900, (n_samples, n_leads)).astype(np.int16)
