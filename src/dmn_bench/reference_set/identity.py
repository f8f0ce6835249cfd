"""identity.csv: which hospital identifiers a case has. Kept beside a set, never locked, sealed or sent to anybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..errors import ReferenceSetError, collect
from .csv_rows import Problems, Shape, Table

FILE = "identity.csv"
COLUMNS = (
    "case_id",
    "hospital_patient_id",
    "study_instance_uid",
    "accession_number",
    "sop_instance_uid",
    "frame_of_reference_uid",
    "file",
    "copy_sop_instance_uid",
)
SHAPE = Shape(required=COLUMNS[:1], optional=COLUMNS[1:], extra=True)
"""One row for each case, or for each object of a case where ``sop_instance_uid`` is stated."""


class ObjectNames(NamedTuple):
    """The hospital's names for one object, and the set's own: the entry of ``Case.files`` and the UID of the copy."""

    sop_instance_uid: str
    study_instance_uid: str
    frame_of_reference_uid: str
    file: str
    copy_sop_instance_uid: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """The hospital's names for one case."""

    study_instance_uids: tuple[str, ...]
    accession_numbers: tuple[str, ...]
    objects: tuple[ObjectNames, ...]


def read_identity(root: Path) -> Mapping[str, Identity]:
    """The hospital's names by case_id; empty where the set has no identity.csv.

    Raises ReferenceSetError with every row that cannot be read.
    """
    if not (root / FILE).exists():
        return {}
    problems = Problems()
    rows: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for _, row in Table(root / FILE, SHAPE, problems).rows():
        rows[row["case_id"]].append(row)
    collect(problems.all(), ReferenceSetError)
    return {case_id: _identity(of_case) for case_id, of_case in rows.items()}


def _identity(rows: list[Mapping[str, str]]) -> Identity:
    def said(column: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row[column] for row in rows if row.get(column)))

    return Identity(
        study_instance_uids=said("study_instance_uid"),
        accession_numbers=said("accession_number"),
        objects=tuple(
            ObjectNames(*(row.get(name, "") for name in ObjectNames._fields))
            for row in rows
            if row.get("sop_instance_uid")
        ),
    )
