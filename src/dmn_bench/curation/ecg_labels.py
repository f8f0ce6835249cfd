"""What collections of ECGs say of their recordings: headers of the PhysioNet challenges, tables of PTB-XL and SPH."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ..errors import Problem, ReferenceSetError, collect
from ..files import MAX_NAME, plain_text
from ..reference_set.card import as_number
from ..reference_set.csv_rows import Problems
from ..vocabulary import EcgReport, EcgStatement
from .ecg_foreign import foreign_rows

LABELLED, ONE_READER, TWO_READERS = "labels of the collection", "validated by one reader", "validated by two readers"
"""Evidence in truth.csv."""
PTBXL_OLDER_THAN_89, OLDER_THAN_89 = 300, "90"
DOUBT = "possible"  # the modifier of a statement of less than the likelihood asked for
HEADER_BYTES = 1 << 20
_COMMENT = re.compile(r"^#\s*(?P<key>Age|Sex|Dx|Rx|Hx|Sx)\s*:\s*(?P<text>.*)$", re.IGNORECASE)
_AGE_SEX = re.compile(r"^#\s*(?P<age>\d{1,3})\s+(?P<sex>[MF])\b")  # as the first comment of MIT-BIH records
_SEXES = {"f": "F", "female": "F", "m": "M", "male": "M"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What a collection says of one recording. ``attributes`` by DICOM keyword go before those of the file.

    ``evidence``: what confirmed statements rest on, "" where the file speaks for itself. ``record``: the recording's
    name in the collection, so that two files of it are one. ``columns``: further columns of cases.csv.
    """

    report: EcgReport | None = None  # None: whatever the file itself reports
    attributes: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    evidence: str = ""
    record: str = ""


def header_says(hea: Path) -> Said:
    """Labels, age and sex in the comments of a WFDB header; ``Dx`` with or without a blank before it.

    Codes that are empty or stand twice are one; an age of NaN, or sex unknown, is not recorded. What is no code is a
    text like any other, which nobody may have mapped: it never falls away.
    """
    with hea.open("rb") as stream:
        lines = stream.read(HEADER_BYTES).decode("utf-8", errors="replace").splitlines()
    comments = [line.strip() for line in lines if line.strip().startswith("#")]
    found = {match["key"].lower(): match["text"].strip() for line in comments if (match := _COMMENT.match(line))}
    age, sex = found.get("age", ""), found.get("sex", "")
    if not found and comments and (match := _AGE_SEX.match(comments[0])):
        age, sex = match["age"], match["sex"]
    codes = [code.strip() for code in found.get("dx", "").split(",")]
    statements = tuple(
        EcgStatement(text="", code=code, scheme="SCT", source="confirmed")
        if code.isascii() and code.isdigit()
        else EcgStatement(text=code, source="confirmed")
        for code in dict.fromkeys(codes)
        if code and code.lower() != "unknown"
    )
    report = EcgReport(statements=statements, is_confirmed=True) if "dx" in found else None
    return Said(report=report, attributes=_person(age, sex), evidence=LABELLED if report else "")


def _person(age: str, sex: str) -> dict[str, str]:
    years = as_number(age)
    found = {"PatientAge": f"{min(int(years), 999):03d}Y"} if years is not None and years > 0 else {}
    return found | ({"PatientSex": _SEXES[sex.lower()]} if sex.lower() in _SEXES else {})


@dataclass(frozen=True, kw_only=True)
class Collection:
    """The table of a collection. ``rows``: name of a file without folder and ending -> what is said of it."""

    name: str
    rows: Mapping[str, Said]
    reads_hdf5: bool = False  # whether its recordings are HDF5 files, which say nothing of themselves


def read_collection(path: Path, *, likelihood_at_least: float) -> Collection:
    """The table of PTB-XL or SPH, told by its columns.

    Raises ReferenceSetError with every row that cannot be read, or if it is neither.
    """
    problems = Problems()
    columns, rows = foreign_rows(path)
    taker = next((known for known in _KNOWN if known.columns <= set(columns)), None)
    if taker is None:
        raise ReferenceSetError(Problem(key="ecg_import.table_unknown", where=path.name))
    found: dict[str, Said] = {}
    for line, row in rows:
        try:
            found.update(taker.take(row, likelihood_at_least))
        except _BadCell as bad:
            problems.add(bad.key, f"{path.name}:{line}", found=plain_text(bad.found, MAX_NAME))
    collect(problems.all(), ReferenceSetError)
    return Collection(name=taker.name, rows=found, reads_hdf5=taker.name == "sph")


class _BadCell(Exception):
    def __init__(self, key: str, found: str) -> None:
        super().__init__(key)
        self.key, self.found = key, found


def _ptbxl(row: Mapping[str, str], likelihood_at_least: float) -> dict[str, Said]:
    """Reference: Wagner 2020, Sci Data 7:154. A likelihood of 0 says that none is known, and not that it is none."""
    codes = _likelihoods(row["scp_codes"])
    if codes is None:
        raise _BadCell("ecg_import.bad_likelihoods", row["scp_codes"])
    human = row.get("validated_by_human", "").lower() == "true"
    source = "confirmed" if human else "machine"
    statements = tuple(
        EcgStatement(
            text="",
            code=code,
            scheme="SCPECG",
            modifiers=(DOUBT,) if 0 < likelihood < likelihood_at_least else (),
            source=source,  # type: ignore[arg-type]  # one of the two
        )
        for code, likelihood in codes.items()
    )
    sex = {"0": "M", "1": "F"}.get(row.get("sex", ""), "")
    age = row.get("age", "")
    age = OLDER_THAN_89 if as_number(age) == PTBXL_OLDER_THAN_89 else age
    attributes = _person(age, sex) | {"PatientID": _whole(row["patient_id"])}
    if row.get("device"):
        attributes["ManufacturerModelName"] = " ".join(row["device"].split())
    columns = {name: _whole(row.get(name, "")) for name in ("strat_fold", "site") if name in row}
    if row.get("pacemaker"):
        columns["paced"] = "yes"
    said = Said(
        report=EcgReport(statements=statements, is_confirmed=human),
        attributes={key: value for key, value in attributes.items() if value},
        columns=columns,
        evidence=TWO_READERS if row.get("second_opinion", "").lower() == "true" else ONE_READER,
        record=f"ptb-xl/{_whole(row['ecg_id'])}",
    )
    return {Path(row[name]).name: said for name in ("filename_lr", "filename_hr") if row[name]}


def _likelihoods(text: str) -> Mapping[str, float] | None:
    """The cell ``{'NORM': 100.0, 'SR': 0.0}``; None for anything else."""
    try:
        found = json.loads(text.replace("'", '"'))
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    is_sound = all(isinstance(share, int | float) and 0 <= share <= 100 for share in found.values())
    return {str(code): float(share) for code, share in found.items()} if is_sound else None


def _sph(row: Mapping[str, str], likelihood_at_least: float) -> dict[str, Said]:
    """Reference: Liu 2022, Sci Data 9:272. Statements ``50+346;22``: primary codes with their modifiers."""
    statements = []
    for written in filter(None, (part.strip() for part in row["AHA_Code"].split(";"))):
        code, *modifiers = written.split("+")
        if not all(part.isascii() and part.isdigit() for part in (code, *modifiers)):
            raise _BadCell("ecg_import.bad_aha_code", written)
        statements.append(
            EcgStatement(text="", code=code, scheme="AHA", modifiers=tuple(modifiers), source="confirmed")
        )
    attributes = _person(row.get("Age", ""), row.get("Sex", "")) | {"PatientID": row["Patient_ID"]}
    stem = row["ECG_ID"].removesuffix(".h5")
    said = Said(
        report=EcgReport(statements=tuple(statements), is_confirmed=True),
        attributes={key: value for key, value in attributes.items() if value},
        evidence=LABELLED,
        record=f"sph/{stem}",
    )
    return {stem: said}


class _Known(NamedTuple):
    name: str
    columns: frozenset[str]
    take: Callable[[Mapping[str, str], float], dict[str, Said]]


_KNOWN = (
    _Known("ptb-xl", frozenset({"ecg_id", "patient_id", "scp_codes", "filename_lr", "filename_hr"}), _ptbxl),
    _Known("sph", frozenset({"ECG_ID", "AHA_Code", "Patient_ID"}), _sph),
)


def _whole(text: str) -> str:
    """A number that pandas has written as 15709.0, as it was.

    >>> _whole("15709.0"), _whole("A7"), _whole("")
    ('15709', 'A7', '')
    """
    return text.removesuffix(".0")
