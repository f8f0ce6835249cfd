"""identity.csv: which hospital identifiers a case has. Kept beside a set, never locked, sealed or sent to anybody."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ..errors import ReferenceSetError, collect
from .csv_rows import Problems, Shape, Table

FILE = "identity.csv"
SHORT_NAME = 4
"""Characters from which on a file's name is told from a number or word of a sentence."""
TURNS = tuple("12345678")
"""The values of the column ``source_turn``: orientation marks (EXIF)."""
_WRITTEN_OUT = re.compile(r"\\(\\|[ntr]|x[0-9a-f]{2}|u[0-9a-f]{4}|U00(?:0[0-9a-f]|10)[0-9a-f]{4})")
_PLAIN = {"\\": "\\", "n": "\n", "t": "\t", "r": "\r"}
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


class SourceFile(NamedTuple):
    """The hospital's file that an entry of ``Case.files`` was copied from, by its path in the folder of the import.

    ``file``: "" of a series, whose ``name`` is that of its folder. ``turn``: the orientation mark of a picture, which
    its copy is turned by and does not have any more; 1 where it lay upright.
    """

    name: str
    file: str
    turn: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """The hospital's names for one case."""

    study_instance_uids: tuple[str, ...]
    accession_numbers: tuple[str, ...]
    objects: tuple[ObjectNames, ...]
    sources: tuple[SourceFile, ...] = ()


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


def without_source_names(text: str, identity: Identity, case_id: str) -> str:
    """A text with the names of the hospital's files replaced by the case's id; a short one only before an ending.

    >>> of_case = SourceFile("ward/Smith.jpg", "c1.png"), SourceFile("7.png", "c2.png")
    >>> case = Identity(study_instance_uids=(), accession_numbers=(), objects=(), sources=of_case)
    >>> without_source_names("7 lines (out/Smith.txt:3, 7.txt:1)", case, "c1")
    '7 lines (out/c1.txt:3, c1.txt:1)'
    """
    for source in identity.sources:
        of = PurePosixPath(source.name)
        for name in dict.fromkeys((source.name, of.name, of.stem if source.file else of.name)):
            after = r"(?!\w)" if len(name) >= SHORT_NAME else r"(?=\.[A-Za-z])"
            text = re.sub(rf"(?<!\w){re.escape(name)}{after}", lambda _: case_id, text)
    return text


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
        sources=tuple(_sources(rows)),
    )


def _sources(rows: list[Mapping[str, str]]) -> Iterator[SourceFile]:
    named: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in rows:
        if row.get("source_file"):
            named[_as_it_was(row["source_file"].removeprefix("./"))].append(row)
    for name, of_file in named.items():
        if len(of_file) == 1:
            turn = of_file[0].get("source_turn", "")
            yield SourceFile(name, of_file[0].get("file", ""), int(turn) if turn in TURNS else 1)
        elif (folder := str(PurePosixPath(name).parent)) != ".":
            yield SourceFile(folder, "")


def _as_it_was(cell: str) -> str:
    r"""A name as it was before what a table cannot hold was written out by the import.

    >>> _as_it_was(r"a\\b\x20"), _as_it_was("é.png")
    ('a\\b ', 'é.png')
    """
    return _WRITTEN_OUT.sub(lambda found: _PLAIN.get(found[1]) or chr(int(found[1][1:], 16)), cell)
