"""EDF, EDF+ and BDF files before their samples: the header, the calibration of each signal, and the annotations.

Parsed here and not by a library: of the two that are kept, one refuses recordings with pauses (EDF+D) and the other
joins their parts as if nothing were missing; both fill in for a file that was cut.
Reference: Kemp 1992, Electroencephalogr Clin Neurophysiol 82:391 (EDF); Kemp 2003, Clin Neurophysiol 114:1755 (EDF+).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from .faults import fault, reading

FIXED_BYTES = 256
_SIGNAL_BYTES = 256
_MOST_SIGNALS = 512
_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)  # label, transducer, unit, physical and digital limits, filters, samples
_LABEL, _UNIT, _LOW, _HIGH, _DIGITAL_LOW, _DIGITAL_HIGH, _SAMPLES = 0, 2, 3, 4, 5, 6, 8
_ANNOTATIONS = ("EDF Annotations", "BDF Annotations")
_DATE = re.compile(rb"^\d\d\.\d\d\.\d\d$")
_TIME = re.compile(rb"^([01]\d|2[0-3])\.[0-5]\d\.[0-5]\d$")
_NUMBER = re.compile(r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$")
_DAY = re.compile(r"^(\d{1,2})-([A-Z]{3})-(\d{4})$")
_MONTH_NAMES = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"
_MONTHS = _MONTH_NAMES.split()
_ONSET = re.compile(rb"([-+]\d+(?:\.\d*)?)(?:\x15(\d+(?:\.\d*)?))?\x14([^\0]*)\x14\0")


@dataclass(frozen=True, kw_only=True, slots=True)
class EdfSignal:
    """One signal of the header. A value is ``(stored * multiplier - baseline) / gain`` in ``unit``."""

    label: str
    unit: str
    n_per_record: int
    place: int  # samples of the data record before its own
    gain: float  # per unit, of stored * multiplier
    baseline: int
    multiplier: int

    @property
    def is_annotations(self) -> bool:
        """Whether it holds annotations and no samples."""
        return self.label in _ANNOTATIONS


@dataclass(frozen=True, kw_only=True, slots=True)
class EdfHeader:
    """What a header says, without a name."""

    kind: str  # "EDF", "EDF+C", "EDF+D", "BDF", "BDF+C" or "BDF+D"
    n_bytes: int  # of the header
    sample_bytes: int  # 2, or 3 for BDF
    n_records: int
    record_seconds: Fraction
    signals: tuple[EdfSignal, ...]
    patient: Mapping[str, str]  # PatientID, -Sex, -Age, day, device where EDF+ states them

    @property
    def record_samples(self) -> int:
        """Samples of one data record, those of all signals together."""
        return sum(signal.n_per_record for signal in self.signals)

    def rate(self, signal: EdfSignal) -> Fraction:
        """Samples per second of a signal."""
        return signal.n_per_record / self.record_seconds


class Noted(NamedTuple):
    """One annotation: onset and duration in seconds from the start of the file, and its text."""

    onset_s: Fraction
    duration_s: Fraction | None
    text: str


def looks_like_edf(start: bytes) -> bool:
    """Whether the first 256 bytes are those of an EDF or BDF file.

    >>> looks_like_edf(b"case_id,patient_id")
    False
    """
    if len(start) < FIXED_BYTES or start[:8] not in (b"0       ", b"\xffBIOSEMI"):
        return False
    n_bytes, n_signals = start[184:192].strip(), start[252:256].strip()
    if not (n_bytes.isdigit() and n_signals.isdigit() and _DATE.match(start[168:176])):
        return False
    return int(n_bytes) == FIXED_BYTES + _SIGNAL_BYTES * int(n_signals)


def read_edf_header(path: Path) -> EdfHeader:
    """Parse the header and compare it with the size of the file.

    Raises InputFileError if it is damaged, the recording was never finished, or the file holds fewer or more bytes
    than the header announces.
    """
    with reading(path, "edf_bad_header"), path.open("rb") as stream:
        start = stream.read(FIXED_BYTES)
        if not looks_like_edf(start):
            raise ValueError("not the beginning of an EDF file")
        n_signals = int(start[252:256])
        if not 1 <= n_signals <= _MOST_SIGNALS:
            raise ValueError("no signals, or more than any device has")
        lines = stream.read(_SIGNAL_BYTES * n_signals)
        if len(lines) < _SIGNAL_BYTES * n_signals:
            raise ValueError("a header that ends too early")
        n_records = int(start[236:244])
        if n_records == -1:
            raise fault(path, "edf_not_finished")
        header = _parsed(start, _columns(lines, n_signals), n_records)
    expected = header.n_bytes + header.n_records * header.record_samples * header.sample_bytes
    size = path.stat().st_size
    if size < expected:
        raise fault(path, "edf_cut", expected=expected, found=size)
    if size > expected:
        raise fault(path, "edf_surplus", expected=expected, found=size)
    return header


def _parsed(start: bytes, columns: list[list[str]], n_records: int) -> EdfHeader:
    family = "BDF" if start[:1] == b"\xff" else "EDF"
    reserved = start[192:236].decode("latin-1")
    kind = reserved[:5] if reserved[:5] in (f"{family}+C", f"{family}+D") else family
    seconds = _number(start[244:252].decode("latin-1"))
    signals: list[EdfSignal] = []
    place = 0
    for facts in columns:
        signals.append(_signal(facts, place))
        place += signals[-1].n_per_record
    has_samples = any(not signal.is_annotations for signal in signals)
    if n_records < 1 or seconds < 0 or (seconds == 0 and has_samples):
        raise ValueError("no data records, or records without length")
    return EdfHeader(
        kind=kind,
        n_bytes=FIXED_BYTES + _SIGNAL_BYTES * len(signals),
        sample_bytes=3 if family == "BDF" else 2,
        n_records=n_records,
        record_seconds=seconds,
        signals=tuple(signals),
        patient=_patient(start) if "+" in kind else {},
    )


def _columns(lines: bytes, n_signals: int) -> list[list[str]]:
    """The fields of each signal; the file keeps them field by field."""
    found: list[list[str]] = [[] for _ in range(n_signals)]
    begin = 0
    for width in _WIDTHS:
        for each in found:
            each.append(lines[begin : begin + width].decode("latin-1").strip(" \0"))
            begin += width
    return found


def _signal(facts: list[str], place: int) -> EdfSignal:
    n_per_record = int(facts[_SAMPLES])
    if n_per_record < 1:
        raise ValueError("a signal without samples")
    if facts[_LABEL] in _ANNOTATIONS:
        return EdfSignal(
            label=facts[_LABEL], unit="", n_per_record=n_per_record, place=place, gain=1.0, baseline=0, multiplier=1
        )
    low, high = _number(facts[_LOW]), _number(facts[_HIGH])
    digital_low, digital_high = int(facts[_DIGITAL_LOW]), int(facts[_DIGITAL_HIGH])
    if low == high or digital_low >= digital_high:
        raise ValueError("limits that calibrate nothing")
    step = (high - low) / (digital_high - digital_low)
    multiplier, baseline = whole_baseline(digital_low - low / step)
    return EdfSignal(
        label=facts[_LABEL],
        unit=facts[_UNIT],
        n_per_record=n_per_record,
        place=place,
        gain=float(multiplier / step),
        baseline=baseline,
        multiplier=multiplier,
    )


_MOST_MULTIPLIER = 255  # 24 bits and 8: a stored value times it fits 32 bits


def whole_baseline(zero: Fraction) -> tuple[int, int]:
    """(multiplier, baseline): whole numbers with baseline / multiplier equal to ``zero``, the stored value of 0.

    Where no multiplier up to 255 does, the nearest with 128: 0.004 of a step apart at most.

    >>> whole_baseline(Fraction(-1, 2)), whole_baseline(Fraction(0))
    ((2, -1), (1, 0))
    """
    if zero.denominator <= _MOST_MULTIPLIER:
        return zero.denominator, zero.numerator
    return 128, round(zero * 128)


def _number(text: str) -> Fraction:
    plain = text.strip(" \0")
    if not _NUMBER.match(plain) or abs(float(plain)) > 1e12:  # "1e99999999" would be written out
        raise ValueError("no number")
    return Fraction(plain)


# ----------------------------------------------------------------------------------------- who and when, as facts


def _patient(start: bytes) -> Mapping[str, str]:
    """Hospital number, sex, age, day and device from the two lines that EDF+ divides into words; the name stays."""
    patient = start[8:88].decode("latin-1").split()
    recording = start[88:168].decode("latin-1").split()
    found: dict[str, str] = {}
    if patient and patient[0] != "X":
        found["PatientID"] = patient[0]
    if len(patient) >= 2 and patient[1] in ("F", "M"):
        found["PatientSex"] = patient[1]
    born = _day(patient[2]) if len(patient) >= 3 else None
    on = _day(recording[1]) if len(recording) >= 2 and recording[0] == "Startdate" else None
    if born is not None and on is not None and born <= on:
        years = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
        found["PatientAge"] = f"{years:03d}Y"
    if on is not None:
        found["StudyDate"] = f"{on.year:04d}{on.month:02d}{on.day:02d}"
        if _TIME.match(start[176:184]):
            found["AcquisitionDateTime"] = found["StudyDate"] + start[176:184].decode().replace(".", "")
    if len(recording) >= 5 and recording[4] != "X":
        found["ManufacturerModelName"] = recording[4].replace("_", " ")
    return found


def persons_in(path: Path) -> tuple[str, ...]:
    """The words of the patient's line, and the number and technician of the recording where EDF+ states them."""
    with reading(path, "edf_bad_header"), path.open("rb") as stream:
        start = stream.read(FIXED_BYTES)
    return (*start[8:88].decode("latin-1").split(), *start[88:168].decode("latin-1").split()[2:4])


def _day(text: str) -> date | None:
    match = _DAY.match(text.upper())
    if match is None or match[2] not in _MONTHS:
        return None
    try:
        return date(int(match[3]), _MONTHS.index(match[2]) + 1, int(match[1]))
    except ValueError:  # the 31st of February
        return None


# ------------------------------------------------------------------------------------------------------ annotations


def notes_of_record(data: bytes) -> Iterator[Noted]:
    r"""The annotations in one data record of one annotation signal; the first of a file's first one tells its time.

    >>> list(notes_of_record(b"+2.5\x14\x14\0+3\x151\x14V\x14\0"))[1]
    Noted(onset_s=Fraction(3, 1), duration_s=Fraction(1, 1), text='V')
    """
    for match in _ONSET.finditer(data):
        onset = Fraction(match[1].decode())
        duration = Fraction(match[2].decode()) if match[2] else None
        for text in match[3].split(b"\x14"):
            yield Noted(onset, duration, text.decode("utf-8", errors="replace"))
