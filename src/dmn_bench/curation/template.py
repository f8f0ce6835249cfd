"""The commented beginnings of a reference set: a card to fill in, empty tables, a folder for the files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ..errors import Problem, ReferenceSetError, collect
from ..files import write_atomically
from ..reference_set.card import CARD, FORMAT
from ..vocabulary import Language
from ..wordings import say

HEADERS = {
    "cases.csv": "case_id,patient_id,exam_id,laterality,files,sex,age_years",
    "truth.csv": "case_id,exam_id,patient_id,finding,value,evidence,read_at",
    "lesions.csv": "case_id,lesion_id,finding,image,frame,x,y,width,height,weight,ignore,reader",
    "readings.csv": "case_id,reader_id,finding,value,read_at",
    "masks.csv": "case_id,structure,file,reader",
    "sampling.csv": "unit_id,patient_id,status,reason",
}
WITHOUT_IMAGES = {"lesions.csv", "masks.csv"}
_ID = re.compile(r"[^A-Za-z0-9_.-]+")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_MODALITY = re.compile(r"[A-Z][A-Z0-9_]{1,15}")


def new(
    folder: Path, *, modality: str, findings: Sequence[str], structures_only: bool = False, language: Language = "en"
) -> Path:
    """Start a reference set in ``folder`` and return the path of its card, commented in the language.

    ``modality``: a DICOM modality code, or ECG. What only a person can say is left empty, and ``check`` asks for it.
    ``structures_only``: the set has masks and no finding.
    Raises ReferenceSetError if the folder already holds a file, or a finding or the modality has not the right form.
    """
    problems = [
        Problem(key="refset.new_name", where=name, facts={"found": name})
        for name in findings
        if not _NAME.fullmatch(name)
    ]
    if bool(findings) == structures_only:
        key = "refset.new_structures_and_findings" if structures_only else "refset.new_no_finding"
        problems.append(Problem(key=key))
    if len(set(findings)) < len(findings):
        problems.append(Problem(key="refset.finding_doubled", facts={"found": ", ".join(findings)}))
    if not _MODALITY.fullmatch(modality):
        problems.append(Problem(key="refset.new_modality", facts={"found": modality}))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        problems.append(Problem(key="refset.new_folder_not_empty", where=str(folder)))
    collect(problems, ReferenceSetError)
    (folder / "files").mkdir(parents=True, exist_ok=True)
    for name, header in HEADERS.items():
        if not (modality == "ECG" and name in WITHOUT_IMAGES):
            write_atomically(folder / name, header + "\n")
    write_atomically(folder / CARD, _card(folder.resolve().name, modality, findings, language))
    return folder / CARD


def _card(folder_name: str, modality: str, findings: Sequence[str], language: Language) -> str:
    set_id = _ID.sub("-", folder_name).strip("-._")[:64] or "reference-set"
    is_ecg = modality == "ECG"
    parts: list[tuple[str, str]] = [
        ("id", f"id: {_quoted(set_id)}\nversion: 1.0.0"),
        ("title", f"title: {{{language}: }}"),
        ("modality", f"modality: {modality}"),
        ("findings", _findings(findings)) if findings else ("no_findings", "findings: []"),
        ("sampling", "sampling: "),
        (
            "prevalence",
            "local_prevalence: []"
            + "".join(
                f"\n  # - {{finding: {_quoted(name)}, value: 0.18, low: 0.12, high: 0.25, source: ...}}"
                for name in findings[:1]
            ),
        ),
        (
            "standard",
            "reference_standard:\n  method: \n  rule: \n  readers: \n  blinded_to_device: "
            + (f"\n  # wfdb_annotator: atr  # {say('refset.template_annotator', language)}" if is_ecg else ""),
        ),
        (
            "strata",
            "strata:\n  sex: {column: sex}\n  age: {column: age_years, edges: [18, 40, 65, 80]}"
            + ("" if is_ecg else "\n  manufacturer: {dicom: Manufacturer}"),
        ),
        ("public", "public: false"),
        ("protection", "data_protection:\n  route: \n  register_ref: \n  decided_by: \n  date: "),
        ("review", "# reidentification_review: {date: 2026-01-15, method: ..., next_due: 2027-01-15}"),
    ]
    blocks = [_comment(say("refset.template_top", language)), f"format: {FORMAT}"]
    blocks += [f"{_comment(say(f'refset.template_{name}', language))}\n{yaml}" for name, yaml in parts]
    return "\n".join(line.rstrip() for line in "\n\n".join(blocks).splitlines()) + "\n"


def _findings(names: Sequence[str]) -> str:
    return "findings:\n" + "\n".join(f"  - {{name: {_quoted(name)}}}" for name in names)


def _comment(text: str) -> str:
    return "\n".join(f"# {line}" for line in text.splitlines())


def _quoted(text: str) -> str:
    """A name in quotation marks when YAML would read it as something else (a number, true, null)."""
    return text if re.fullmatch(r"[A-Za-z][A-Za-z_-]*", text) and text.lower() not in _NOT_TEXT else f'"{text}"'


_NOT_TEXT = frozenset({"true", "false", "null"})
