"""Figures of a Holter report table as truth: each cell read strictly, in the unit that the card states."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from ..errors import Fact, Problem, ReferenceSetError, collect
from ..files import MAX_NAME, plain_text
from ..reference_set.card import Card
from ..reference_set.csv_rows import Problems, Shape, Table
from ..tasks.measured_units import factor
from ..vocabulary import ReferenceValue
from .ecg_foreign import foreign_rows

MAPPING = Shape(required=("column", "finding", "unit"))
FILE_COLUMN, PATIENT_COLUMN = "file", "patient"
"""What the mapping calls the columns that say of which recording a row is."""
DECIMAL = "decimal"
"""What the mapping calls the row that says which sign the table puts before decimals; it is of no column."""
YES_NO = "yes_no"
EVIDENCE, EMPTY = "Holter report table", "not stated in the Holter report table"

_YES = frozenset({"oui", "o", "yes", "y", "vrai", "true", "présent", "présente", "present", "positif", "positive"})
_NO = frozenset(
    {"non", "n", "no", "faux", "false", "absent", "absente", "aucun", "aucune", "none", "négatif", "negative"}
)
_DOUBT = frozenset({"douteux", "douteuse", "doubtful", "indéterminé", "indéterminée", "indeterminate", "possible"})
_NOTHING = frozenset({"", "-", "–", "—", "NA", "N/A"})
_NUMBER = re.compile(r"[+-]?\d[\d.,]{0,24}(?<![.,])", re.ASCII)
_PLAIN = re.compile(r"[+-]?\d{1,12}(?:[.,]\d{1,9})?", re.ASCII)
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)  # a thousand, or one point something: who knows
_WITH_SIGN = {  # which sign stands before decimals -> a number so written; the other one may part thousands
    "comma": re.compile(r"[+-]?(?:\d{1,12}|[1-9]\d{0,2}(?:\.\d{3}){1,3})(?:,\d{1,9})?", re.ASCII),
    "point": re.compile(r"[+-]?(?:\d{1,12}|[1-9]\d{0,2}(?:,\d{3}){1,3})(?:\.\d{1,9})?", re.ASCII),
}
_NEVER_NEGATIVE = ("s", "/min", "1", "mL")  # durations, rates, counts and shares, volumes
_PART = re.compile(
    r"(\d{1,6}(?:[.,]\d{1,6})?) ?(jours?|j|days?|d|heures?|hours?|h|minutes?|min|mn|secondes?|sec|s|ms)", re.ASCII
)
_LAST_MINUTES = re.compile(r"(\d{1,4}) ?h ?([0-5]\d)", re.ASCII)
_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d):([0-5]\d(?:[.,]\d+)?)", re.ASCII)
_SECONDS = {"j": 86400.0, "d": 86400.0, "h": 3600.0, "mi": 60.0, "mn": 60.0, "ms": 1e-3, "s": 1.0}
_WRITTEN = {  # how reports write units, beside UCUM
    "bpm": "/min",
    "bat/min": "/min",
    "batt/min": "/min",
    "battements/min": "/min",
    "beats/min": "/min",
    "cpm": "/min",
    "/mn": "/min",
    "°": "deg",
    "µV": "uV",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column of the table: the finding that it states, the unit of its bare numbers, the unit of the finding."""

    title: str
    finding: str
    unit: str
    wanted: str
    decimal: str = ""  # "comma", "point", or "" where the mapping does not say


@dataclass(frozen=True, kw_only=True)
class HolterTable:
    """The rows of a table: what each says of findings, by the recording or the patient that it names."""

    by: str  # FILE_COLUMN or PATIENT_COLUMN
    rows: Mapping[str, tuple[int, Mapping[str, tuple[ReferenceValue, str]]]]  # name -> line, finding -> value, evidence
    problems: tuple[Problem, ...] = ()
    name: str = ""
    findings: tuple[str, ...] = field(default=())


def read_holter(table: Path, mapping: Path, card: Card) -> HolterTable:
    """The table as its mapping describes it; cells that cannot be read are among its problems.

    Raises ReferenceSetError for a mapping that does not fit the table and the card.
    """
    problems = Problems()
    titles, read = foreign_rows(table)
    by, title, columns = _mapped(mapping, titles, card, problems)
    collect(problems.all(), ReferenceSetError)
    found: dict[str, tuple[int, Mapping[str, tuple[ReferenceValue, str]]]] = {}
    for line, row in read:
        where = f"{table.name}:{line}"
        name = _stem(row[title]) if by == FILE_COLUMN else row[title]
        if not name:
            problems.add("ecg_import.holter_names_nothing", where, column=title)
        elif name in found:
            problems.add("ecg_import.holter_twice", where, line=found[name][0])
        else:
            values = {each.finding: _cell(row[each.title], each, where, problems) for each in columns}
            found[name] = (line, {key: value for key, value in values.items() if value is not None})
    return HolterTable(
        by=by,
        rows=found,
        problems=problems.all(),
        name=table.name,
        findings=tuple(each.finding for each in columns),
    )


def _mapped(
    mapping: Path, titles: Sequence[str], card: Card, problems: Problems
) -> tuple[str, str, tuple[Column, ...]]:
    """(by, title of that column, the columns with findings)."""
    units = {finding.name: finding.unit or "" for finding in card.findings}
    keys: dict[str, str] = {}
    columns: list[Column] = []
    signs: list[str] = []
    for line, row in Table(mapping, MAPPING, problems).rows():
        where = f"{mapping.name}:{line}"
        title, finding, unit = row["column"], row["finding"], _ucum(row["unit"])
        if finding == DECIMAL:
            _note_sign(unit, signs, where, problems)
        elif title not in titles:
            problems.add("ecg_import.holter_no_column", where, found=title, known=", ".join(titles))
        elif finding in (FILE_COLUMN, PATIENT_COLUMN):
            keys[finding] = title
        elif any(each.finding == finding for each in columns):
            problems.add("ecg_import.holter_finding_twice", where, found=finding)
        elif (problem := _misfit(finding, unit, units, where)) is not None:
            problems.note(problem)
        else:
            columns.append(Column(title=title, finding=finding, unit=unit, wanted=units[finding]))
    if len(keys) != 1 and not problems:
        problems.add("ecg_import.holter_one_key", mapping.name)
    by, title = next(iter(keys.items()), ("", ""))
    return by, title, tuple(replace(each, decimal="".join(signs)) for each in columns)


def _note_sign(sign: str, signs: list[str], where: str, problems: Problems) -> None:
    if signs or sign not in _WITH_SIGN:
        problems.add("ecg_import.holter_decimal", where, found=plain_text(sign, MAX_NAME))
    else:
        signs.append(sign)


def _misfit(finding: str, unit: str, units: Mapping[str, str], where: str) -> Problem | None:
    """Why a column cannot state a finding of the card, if it cannot."""
    if finding not in units:
        facts: dict[str, Fact] = {"found": finding, "known": ", ".join(units)}
        return Problem(key="ecg_import.finding_unknown", where=where, facts=facts)
    if unit == YES_NO:
        return None
    if not units[finding]:
        return Problem(key="ecg_import.holter_no_unit", where=where, facts={"found": finding})
    if factor(unit, units[finding]) is None:
        facts = {"found": unit, "expected": units[finding]}
        return Problem(key="ecg_import.holter_other_unit", where=where, facts=facts)
    return None


def _cell(text: str, column: Column, where: str, problems: Problems) -> tuple[ReferenceValue, str] | None:
    if text in _NOTHING:
        return "unverified", EMPTY
    found: str | float | None
    if column.unit == YES_NO:
        found, why = yes_or_no(text), "not_yes_no"
    else:
        found, why = read_number(text, column.unit, column.wanted, decimal=column.decimal)
    if found is None:
        facts: dict[str, Fact] = {"found": plain_text(text, MAX_NAME), "column": column.title, "unit": column.unit}
        problems.add(f"ecg_import.holter_{why}", where, **facts)
        return None
    return (found if isinstance(found, str) else f"{found:.12g}"), EVIDENCE  # more digits than any report has


def yes_or_no(text: str) -> ReferenceValue | None:
    """A cell of yes and no, in French or English; a word of doubt is ``indeterminate``; None for any other.

    >>> [yes_or_no(word) for word in ("Oui", "NON", "douteux", "1", "peut-être")]
    ['positive', 'negative', 'indeterminate', None, None]
    """
    word = text.strip().casefold()
    labels: Iterable[tuple[frozenset[str], ReferenceValue]] = (
        (_YES, "positive"),
        (_NO, "negative"),
        (_DOUBT, "indeterminate"),
    )
    return next((label for words, label in labels if word in words), None)


def number_in(text: str, unit: str, wanted: str, *, decimal: str = "") -> float | None:
    """A cell as ``read_number`` reads it, None for one that it refuses.

    >>> number_in("2,4 s", "ms", "s"), number_in("1 h 23 min", "s", "min"), number_in("12,5 %", "%", "%")
    (2.4, 83.0, 12.5)
    >>> number_in("about 5", "1", "1"), number_in("5 km", "s", "s"), number_in("150 %", "%", "%")
    (None, None, None)
    >>> number_in("1,234", "1", "1"), number_in("1.234", "1", "1"), number_in("1.234", "1", "1", decimal="comma")
    (None, None, 1234.0)
    """
    return read_number(text, unit, wanted, decimal=decimal)[0]


def read_number(text: str, unit: str, wanted: str, *, decimal: str = "") -> tuple[float | None, str]:
    """(A cell as a number in the unit ``wanted``, "") or (None, why not): a bare number is in ``unit``.

    A number that brings a unit is in that. Durations may come in parts: "1 h 23 min", "1h23", "2,4 s", "01:23:45".
    ``decimal``: "comma" or "point" stands before decimals, and the other one may part thousands; where it is "", both
    stand before decimals. Why not: "ambiguous" for one of them and three digits ("1.234", for it may be a thousand)
    where ``decimal`` does not say; "impossible" for a duration, rate, count, share or volume below 0 and a share above
    100 %; "not_a_number" for everything else.
    """
    plain = " ".join(text.replace("\u202f", " ").replace("\xa0", " ").split())
    if match := _NUMBER.match(plain):
        own = _ucum(plain[match.end() :].strip()) or unit
        ratio = factor(own, wanted)
        if ratio is not None:
            found, why = _written(match[0], decimal)
            if found is None:
                return None, why
            return (None, "impossible") if _is_impossible(found * ratio, own, wanted) else (found * ratio, "")
    seconds, why = (None, "not_a_number") if factor("s", wanted) is None else _duration(plain.casefold(), decimal)
    return (None, why) if seconds is None else (seconds * (factor("s", wanted) or 1.0), "")


def _written(digits: str, decimal: str) -> tuple[float | None, str]:
    """(A number by the signs that it is written with, "") or (None, why it is none)."""
    if not decimal:
        if _AMBIGUOUS.fullmatch(digits):
            return None, "ambiguous"
        return (_float(digits), "") if _PLAIN.fullmatch(digits) else (None, "not_a_number")
    if not _WITH_SIGN[decimal].fullmatch(digits):
        return None, "not_a_number"
    return _float(digits.replace("." if decimal == "comma" else ",", "")), ""


def _is_impossible(value: float, own: str, wanted: str) -> bool:
    percent = factor(wanted, "%")
    if percent is not None and "%" in (own, wanted) and value * percent > 100 * (1 + 1e-12):
        return True
    return value < 0 and any(factor(wanted, unit) is not None for unit in _NEVER_NEGATIVE)


def _duration(text: str, decimal: str) -> tuple[float | None, str]:
    """(Seconds of a duration in parts, each smaller than the one before, "") or (None, why it is none)."""
    if match := _CLOCK.fullmatch(text):
        return int(match[1]) * 3600.0 + int(match[2]) * 60.0 + _float(match[3]), ""
    if match := _LAST_MINUTES.fullmatch(text):
        return int(match[1]) * 3600.0 + int(match[2]) * 60.0, ""
    total, before, rest = 0.0, float("inf"), text
    while rest:
        match = _PART.match(rest)
        if match is None:
            return None, "not_a_number"
        size = next(seconds for start, seconds in _SECONDS.items() if match[2].startswith(start))
        number, why = _written(match[1], decimal)
        if size >= before or number is None:
            return None, why or "not_a_number"
        total, before, rest = total + number * size, size, rest[match.end() :].lstrip()
    return (total, "") if text else (None, "not_a_number")


def _ucum(text: str) -> str:
    """A unit as UCUM writes it."""
    return _WRITTEN.get(text, _WRITTEN.get(text.casefold(), text))


def _float(text: str) -> float:
    return float(text.replace(",", "."))


def _stem(text: str) -> str:
    r"""The name of a recording as a report may write it: with its folder and ending or without.

    >>> _stem("Export\\H0012.dat"), _stem("H0012")
    ('H0012', 'H0012')
    """
    return PurePosixPath(text.replace("\\", "/")).stem


def _patient(row: Mapping[str, str]) -> str:
    """The hospital's own id of a patient, without the name of the hospital that stands before it."""
    stated = row.get("hospital_patient_id", "")
    return stated.partition("/")[2] if row.get("source_hospital") else stated


Take = Callable[[str, str, ReferenceValue, str], None]
"""Told case_id, finding, value and evidence."""


def match_rows(
    holter: HolterTable, sources: Iterable[tuple[str, Mapping[str, str]]], take: Take
) -> tuple[int, tuple[Problem, ...]]:
    """Give what the table states to the recordings that it names; how many these are, and what fits nothing.

    ``sources``: each case of the set with its row of identity.csv. A name that several cases have is nobody's.
    """
    cases: dict[str, list[str]] = {}
    for case_id, row in sources:
        name = _stem(row["source_file"]) if holter.by == FILE_COLUMN else _patient(row)
        cases.setdefault(name, []).append(case_id)
    problems: list[Problem] = []
    n_matched = 0
    for name, (line, values) in holter.rows.items():
        found = cases.get(name, [])
        if len(found) == 1:
            n_matched += 1
            for finding, (value, evidence) in values.items():
                take(found[0], finding, value, evidence)
            continue
        key = "ecg_import.holter_several" if found else "ecg_import.holter_no_recording"
        problems.append(Problem(key=key, where=f"{holter.name}:{line}", facts={"n": len(found)}))
    return n_matched, tuple(problems)
