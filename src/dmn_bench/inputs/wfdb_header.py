"""WFDB header files (.hea): parsed strictly and without the library, since many are read and some are hostile.

Reference: WFDB Applications Guide, header(5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from .faults import fault, reading

_RECORD = re.compile(
    r"^(?P<name>[\w.\-]+?)(?P<segments>/\d+)?[ \t]+(?P<n_leads>\d+)"
    r"(?:[ \t]+(?P<hz>[\d.]+(?:[eE][+-]?\d+)?)(?:/[\d.]+(?:\([\d.]+\))?)?"
    r"(?:[ \t]+(?P<n_samples>\d+)(?P<rest>(?:[ \t]+.*)?))?)?$"
)
_SIGNAL = re.compile(
    r"^(?P<file>\S+)[ \t]+(?P<fmt>\d+)(?:x(?P<per_frame>\d+))?(?::(?P<skew>\d+))?(?:\+(?P<offset>\d+))?"
    r"(?:[ \t]+(?P<gain>[-+]?[\d.]+(?:[eE][+-]?\d+)?)(?:\((?P<baseline>-?\d+)\))?(?:/(?P<unit>\S+))?"
    r"(?:[ \t]+(?P<resolution>\d+)(?:[ \t]+(?P<zero>-?\d+)(?:[ \t]+(?P<initial>-?\d+)(?:[ \t]+(?P<checksum>-?\d+)"
    r"(?:[ \t]+(?P<block>\d+)(?:[ \t]+(?P<lead>.*))?)?)?)?)?)?)?[ \t]*$"
)
_PLAIN_NAME = re.compile(r"^[\w\-][\w.\-]*$")
_TIME = re.compile(r"^\d{1,2}(:\d{1,2}){0,2}(\.\d+)?([ \t]+\d{1,2}/\d{1,2}/\d{4})?$")

BITS_PER_SAMPLE = {
    "8": 8,
    "16": 16,
    "24": 24,
    "32": 32,
    "61": 16,
    "80": 8,
    "160": 16,
    "212": 12,
    "310": 32 / 3,
    "311": 32 / 3,
}
"""Formats whose file size follows from the number of samples; the compressed ones (508, 516, 524) are not read."""

_MOST_HEADER_BYTES = 1 << 20
_MOST_LEADS = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class SignalLine:
    """What the header says of one signal."""

    file: str
    fmt: str
    byte_offset: int
    gain: float  # adu per unit
    baseline: int
    unit: str
    checksum: int | None
    lead: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WfdbHeader:
    """What a header says, comments apart.

    ``plain``: the library can read it as it stands. ``tidy``: nothing but comments follows the signals.
    """

    name: str
    sampling_hz: float
    n_samples: int
    signals: tuple[SignalLine, ...]
    comments: tuple[str, ...]
    plain: bool
    tidy: bool


def hea_path(path: Path) -> Path:
    """The header file of a record given by its header, or by its name without suffix."""
    return path if path.suffix == ".hea" else path.with_name(f"{path.name}.hea")


def read_header(path: Path) -> WfdbHeader:
    """Parse the header of a record.

    The record line may call the record by a file (``E00271.mat``) and give a date in a form of its own, as a large
    public collection does; time and date are not read. ``baseline`` is the ADC zero where it is not written, as the
    format says. Raises InputFileError for a header that is damaged, of several segments, of signals with different
    rates, without calibration, or that names files outside its own folder.
    """
    hea = hea_path(path)
    with reading(hea, "wfdb_bad_header"):
        if hea.stat().st_size > _MOST_HEADER_BYTES:
            raise fault(hea, "too_large")
        text = hea.read_bytes().decode("utf-8", errors="replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    facts = [line for line in lines if not line.startswith("#")]
    match = _RECORD.match(facts[0]) if facts else None
    if match is None or match["hz"] is None or match["n_samples"] is None:
        raise fault(hea, "wfdb_bad_header", found="record line")
    if match["segments"]:
        raise fault(hea, "wfdb_several_segments")
    with reading(hea, "wfdb_bad_header"):
        n_leads, hz, n_samples = int(match["n_leads"]), float(match["hz"]), int(match["n_samples"])
    if not 1 <= n_leads <= _MOST_LEADS or not hz > 0 or n_samples < 1 or len(facts) < 1 + n_leads:
        raise fault(hea, "wfdb_bad_header", found="record line")
    rest = (match["rest"] or "").strip()
    return WfdbHeader(
        name=match["name"],
        sampling_hz=hz,
        n_samples=n_samples,
        signals=tuple(_signal(hea, line, place) for place, line in enumerate(facts[1 : 1 + n_leads], start=1)),
        comments=tuple(line.lstrip("#").strip() for line in lines if line.startswith("#")),
        plain="." not in match["name"] and (not rest or _TIME.match(rest) is not None),
        tidy=len(facts) == 1 + n_leads,
    )


def _signal(hea: Path, line: str, place: int) -> SignalLine:
    match = _SIGNAL.match(line)
    if match is None:
        raise fault(hea, "wfdb_bad_header", found=f"signal line {place}")
    if not _PLAIN_NAME.match(match["file"]):
        raise fault(hea, "wfdb_file_outside", found=match["file"])
    if match["fmt"] not in BITS_PER_SAMPLE:
        raise fault(hea, "wfdb_format_unknown", found=match["fmt"])
    if int(match["per_frame"] or 1) != 1 or int(match["skew"] or 0) != 0:
        raise fault(hea, "wfdb_several_rates")
    with reading(hea, "wfdb_bad_header"):
        gain = float(match["gain"] or 0)
    if not gain:
        raise fault(hea, "wfdb_not_calibrated")
    zero = int(match["zero"] or 0)
    return SignalLine(
        file=match["file"],
        fmt=match["fmt"],
        byte_offset=int(match["offset"] or 0),
        gain=gain,
        baseline=int(match["baseline"]) if match["baseline"] is not None else zero,
        unit=match["unit"] or "mV",
        checksum=int(match["checksum"]) if match["checksum"] is not None else None,
        lead=(match["lead"] or "").strip() or f"signal {place}",
    )
