"""The sections of an SCP-ECG file: where they lie, what section 1 says of the test, what 7, 8 and 11 report.

Reference: EN 1064 (ISO 11073-91064), sections 0, 1, 7, 8 and 11. Little endian throughout.
"""

from __future__ import annotations

import binascii
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..vocabulary import EcgStatement
from .ecg_reports import Source, is_statement, signed, statement
from .faults import fault, reading
from .stored_ecg import dicom_age, dicom_date, dicom_time, facts

MOST_BYTES = 16 << 20
_HEADER = struct.Struct("<HHIBB6x")  # checksum, number, length, version of the section and of the protocol
_POINTER = struct.Struct("<HII")
_RECORD = struct.Struct("<HI")
_LAST_SECTION = 11  # beyond it the manufacturer's own
_NOT_MEASURED = (29999, 999, 0xFFFF, 19999)

_MANUFACTURERS = (
    "",
    "Burdick",
    "Cambridge",
    "Compumed",
    "Datamed",
    "Fukuda",
    "Hewlett-Packard",
    "Marquette Electronics",
    "Mortara Instruments",
    "Nihon Kohden",
    "Okin",
    "Quinton",
    "Siemens",
    "Spacelabs",
    "Telemed",
    "Hellige",
    "ESA-OTE",
    "Schiller",
    "Picker-Schwarzer",
    "et medical devices",
    "Zwonitz",
)
_ENCODINGS = {0x03: "iso8859-2", 0x0B: "iso8859-4", 0x13: "iso8859-5", 0x1B: "iso8859-6", 0x23: "iso8859-7"} | {
    0x2B: "iso8859-8",
    0x33: "iso8859-11",
    0x3B: "iso8859-15",
    0x07: "utf-16-le",
    0x37: "utf-8",
}
_AGE_UNITS = {1: "Y", 2: "M", 3: "W", 4: "D"}
_SEXES = {1: "M", 2: "F"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ScpFile:
    """The bodies of the sections that hold anything, by number, and whether every checksum fits."""

    bodies: Mapping[int, bytes]
    sums_fit: bool
    protocol: int  # tenths of the version of the standard: 13, 20, 30; 0 where it is not stated


def is_scp(path: Path) -> bool:
    """Whether the file begins with a record size and a section 0 that points to itself."""
    try:
        with path.open("rb") as stream:
            start = stream.read(_RECORD.size + _HEADER.size + _POINTER.size)
    except OSError:
        return False
    if len(start) < _RECORD.size + _HEADER.size + _POINTER.size:
        return False
    _, size = _RECORD.unpack_from(start)
    _, number, length, _, _ = _HEADER.unpack_from(start, _RECORD.size)
    first = _POINTER.unpack_from(start, _RECORD.size + _HEADER.size)
    has_pointers = length > _HEADER.size and (length - _HEADER.size) % _POINTER.size == 0
    return number == 0 and has_pointers and length < size and first == (0, length, _RECORD.size + 1)


def read_sections(path: Path) -> ScpFile:
    """Every section that section 0 points to. Raises InputFileError if the file is cut or they lie elsewhere."""
    with reading(path, "scp_damaged"):
        if path.stat().st_size > MOST_BYTES:
            raise fault(path, "too_large")
        if not is_scp(path):
            raise ValueError("no section 0")
        data = path.read_bytes()
        stated, size = _RECORD.unpack_from(data)
        if size > len(data):
            raise ValueError("the file is cut")
        data = data[:size]
        sums_fit = stated == binascii.crc_hqx(data[2:], 0xFFFF)
        bodies: dict[int, bytes] = {}
        _, _, length, _, protocol = _HEADER.unpack_from(data, _RECORD.size)
        for number, n_bytes, index in _POINTER.iter_unpack(data[_RECORD.size + _HEADER.size : _RECORD.size + length]):
            if not n_bytes or not 0 < number <= _LAST_SECTION:
                continue
            section = data[index - 1 : index - 1 + n_bytes] if index else b""
            sum_stated, said, length_said, _, _ = _HEADER.unpack_from(section)
            if said != number or length_said != n_bytes or len(section) != n_bytes or number in bodies:
                raise ValueError("a section is not where section 0 says")
            sums_fit = sums_fit and sum_stated == binascii.crc_hqx(section[2:], 0xFFFF)
            bodies[number] = section[_HEADER.size :]
        return ScpFile(bodies=bodies, sums_fit=sums_fit, protocol=protocol)


# ---------------------------------------------------------------------------------------------------------- section 1


def tags_of(scp: ScpFile) -> Mapping[int, bytes]:
    """The fields of section 1, the first of each; those behind one that overruns the section are not read."""
    body, place = scp.bodies.get(1, b""), 0
    found: dict[int, bytes] = {}
    while place + 3 <= len(body) and body[place] != 255:
        length = int.from_bytes(body[place + 1 : place + 3], "little")
        if place + 3 + length > len(body):
            break
        found.setdefault(body[place], body[place + 3 : place + 3 + length])
        place += 3 + length
    return found


def header_of(scp: ScpFile) -> Mapping[str, str]:
    """Whose test it is and when, sex, age, device, filters in Hz, by DICOM keyword."""
    tags, encoding = tags_of(scp), _encoding(scp)
    machine = tags.get(14, b"")
    names = [_text(part, encoding) for part in machine[36:].split(b"\0")]
    code = machine[7] if len(machine) > 7 else 0
    manufacturer = _MANUFACTURERS[code] if code < len(_MANUFACTURERS) else ""
    day = _date(tags.get(25, b""))
    found = {
        "PatientID": _text(tags.get(2, b""), encoding),
        "PatientSex": _SEXES.get(tags.get(8, b"\0")[:1][0] if tags.get(8) else 0, ""),
        "PatientAge": _age(tags.get(4, b"")),
        "StudyDate": day,
        "AcquisitionDateTime": day + _time(tags.get(26, b"")) if day else "",
        "Manufacturer": (names[4] if len(names) > 4 else "") or manufacturer,
        "ManufacturerModelName": _text(machine[8:14], encoding),
        "FilterLowFrequency": _number(tags.get(27, b""), 100),
        "FilterHighFrequency": _number(tags.get(28, b""), 1),
    }
    return facts(found, born=_date(tags.get(5, b"")))


def persons_of(scp: ScpFile) -> tuple[str, ...]:
    """Last and first name, number, second last name; referring and confirming physician, technician."""
    tags, encoding = tags_of(scp), _encoding(scp)
    return tuple(_text(tags[tag], encoding) for tag in (0, 1, 2, 3, 20, 21, 22) if tag in tags)


def _encoding(scp: ScpFile) -> str:
    machine = tags_of(scp).get(14, b"")
    return _ENCODINGS.get(machine[16] if len(machine) > 16 else 0, "latin-1")


def _text(value: bytes, encoding: str) -> str:
    if encoding == "utf-16-le":
        return value.decode(encoding, "replace").partition("\0")[0].strip()
    return value.partition(b"\0")[0].decode(encoding, "replace").strip()


def _age(value: bytes) -> str:
    if len(value) < 3:
        return ""
    return dicom_age(str(int.from_bytes(value[:2], "little")), _AGE_UNITS.get(value[2], "?"))


def _date(value: bytes) -> str:
    if len(value) < 4:
        return ""
    return dicom_date(f"{int.from_bytes(value[:2], 'little')}-{value[2]}-{value[3]}")


def _time(value: bytes) -> str:
    return dicom_time(":".join(str(part) for part in value[:3])) if len(value) >= 3 else ""


def _number(value: bytes, divisor: int) -> str:
    stated = int.from_bytes(value[:2], "little") if len(value) >= 2 else 0
    return f"{stated / divisor:g}" if stated else ""


# ---------------------------------------------------------------------------------------------- sections 7, 8 and 11


def measured(scp: ScpFile) -> Mapping[str, float | None]:
    """The global measurements of section 7: intervals between the onsets and ends that it states, axes, rate, QTc.

    The rate is the ventricular rate where it is stated, else 60,000 over the mean RR interval.
    """
    body = scp.bodies.get(7, b"")
    if len(body) < 6:
        return {}
    n_beats, n_spikes, mean_rr = body[0], body[1], _given(body, 2)
    found: dict[str, float | None] = {"heart_rate": 60_000 / mean_rr if mean_rr else None}
    if n_beats and len(body) >= 22:
        p_on, qrs_on, qrs_off, t_off = (_given(body, 6 + at) for at in (0, 4, 6, 8))
        found |= {
            "pr_interval": _between(p_on, qrs_on),
            "qrs_duration": _between(qrs_on, qrs_off),
            "qt_interval": _between(qrs_on, t_off),
        }
        axes = struct.unpack_from("<3h", body, 16)
        found |= {
            name: None if abs(axis) in _NOT_MEASURED else float(axis)
            for name, axis in zip(("p_axis", "qrs_axis", "t_axis"), axes, strict=True)
        }
    place = 6 + 16 * n_beats + 10 * n_spikes
    place += 2 + int.from_bytes(body[place : place + 2], "little")
    if place + 6 <= len(body):
        rate, qtc = _given(body, place), _given(body, place + 4)
        found |= {"qtc_interval": qtc} | ({"heart_rate": rate} if rate else {})
    return found


def _given(body: bytes, place: int) -> float | None:
    value = int.from_bytes(body[place : place + 2], "little")
    return None if value in _NOT_MEASURED or not value else float(value)


def _between(first: float | None, last: float | None) -> float | None:
    return None if first is None or last is None or last <= first else last - first


def statements_of(scp: ScpFile) -> tuple[tuple[EcgStatement, ...], bool | None]:
    """Statements of sections 8 (text) and 11 (codes or text), and whether a physician confirmed any of them.

    The first byte of a section says 0: as the machine wrote it, 1: confirmed, 2: read over but not confirmed.
    """
    said: list[EcgStatement] = []
    marks: list[bool] = []
    encoding = _encoding(scp)
    for number in (8, 11):
        body = scp.bodies.get(number, b"")
        if len(body) < 9 or not body[8]:
            continue
        sources: Mapping[int, Source] = {0: "machine", 1: "confirmed"}
        source = sources.get(body[0], "unknown")
        marks.append(body[0] == 1)
        for kind, value in _lines(body, has_kind=number == 11):
            fields = [_text(part, encoding) for part in _fields(value, encoding)]
            for text in fields if kind == 1 else (" ".join(part for part in fields if part),):
                if is_statement(text) and signed(text) is None:
                    is_code = kind == 1
                    code = text if is_code else ""
                    said.append(statement(text, source, code=code, scheme="SCPECG" if is_code else ""))
    return tuple(said), any(marks) if marks else None


def _lines(body: bytes, *, has_kind: bool) -> Iterator[tuple[int, bytes]]:
    """Kind (1: codes, 2: text, 3: logic; 2 in section 8) and content of each statement; a cut one ends them."""
    place = 9
    for _ in range(body[8]):
        length = int.from_bytes(body[place + 1 : place + 3], "little")
        value = body[place + 3 : place + 3 + length]
        if len(value) < length or not value:
            return
        place += 3 + length
        kind = value[0] if has_kind else 2
        if kind in (1, 2):
            yield kind, value[1:] if has_kind else value


def _fields(value: bytes, encoding: str) -> list[bytes]:
    if encoding != "utf-16-le":
        return value.split(b"\0")
    return [part.encode(encoding) for part in value.decode(encoding, "replace").split("\0")]
