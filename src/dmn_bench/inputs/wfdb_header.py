"""WFDB header files (.hea): parsed strictly and without the library, since many are read and some are hostile.

Reference: WFDB Applications Guide, header(5).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

from .faults import fault, reading

_RECORD = re.compile(
    r"^(?P<name>[\w.\-]+?)(?:/(?P<segments>\d+))?[ \t]+(?P<n_leads>\d+)"
    r"(?:[ \t]+(?P<hz>[\d.]+(?:[eE][+-]?\d+)?)(?:/[\d.]+(?:\(-?[\d.]+\))?)?"
    r"(?:[ \t]+(?P<n_samples>\d+)(?P<rest>(?:[ \t]+.*)?))?)?$"
)
_SIGNAL = re.compile(
    r"^(?P<file>\S+)[ \t]+(?P<fmt>\d+)(?:x(?P<per_frame>\d+))?(?::(?P<skew>\d+))?(?:\+(?P<offset>\d+))?"
    r"(?:[ \t]+(?P<gain>[-+]?[\d.]+(?:[eE][+-]?\d+)?)(?:\((?P<baseline>-?\d+)\))?(?:/(?P<unit>\S+))?"
    r"(?:[ \t]+(?P<resolution>\d+)(?:[ \t]+(?P<zero>-?\d+)(?:[ \t]+(?P<initial>-?\d+)(?:[ \t]+(?P<checksum>-?\d+)"
    r"(?:[ \t]+(?P<block>\d+)(?:[ \t]+(?P<lead>.*))?)?)?)?)?)?)?[ \t]*$"
)
_SEGMENT = re.compile(r"^(?P<name>~|[\w\-][\w.\-]*)[ \t]+(?P<n_frames>\d+)[ \t]*$")
_PLAIN_NAME = re.compile(r"^[\w\-][\w.\-]*$")

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
"""Formats whose file size follows from the number of samples."""
COMPRESSED = ("508", "516", "524")
"""Formats in which a signal file is a FLAC file of 8, 16 or 24 bits."""
NO_FILE = "0"
"""The format of a signal without samples: all of them are invalid."""
GAP = "~"
"""In place of a file or segment: there is none."""

_MOST_HEADER_BYTES = 1 << 20
_MOST_LEADS = 256
_GAINS = (1e-9, 1e15)  # adu per unit: outside, 32 bits make no voltage that a body has
_BLANK = " \t\r\n\f\v\0\x1a"  # Ctrl-Z ended files once
_MOST_PER_FRAME = 1 << 12
_MOST_SKEW = 1 << 16


@dataclass(frozen=True, kw_only=True, slots=True)
class SignalLine:
    """What the header says of one signal. ``skew``: frames that lie in the file before its first sample."""

    file: str
    fmt: str
    byte_offset: int
    gain: float  # adu per unit
    baseline: int
    unit: str
    initial: int
    checksum: int | None
    lead: str
    per_frame: int = 1
    skew: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class SegmentLine:
    """One segment of a record: the name of its own record, or "~" for a gap, and its length in frames."""

    name: str
    n_frames: int


@dataclass(frozen=True, kw_only=True, slots=True)
class WfdbHeader:
    """What a header says, comments apart. A frame holds ``per_frame`` samples of each signal.

    ``n_frames``: None where it is not written. ``segments``: of a record of several, whose signals stand in the headers
    of the segments; () for a record with signals of its own. ``n_leads``: as stated, also where there are segments.
    """

    name: str
    sampling_hz: float  # frames per second
    n_frames: int | None
    n_leads: int
    signals: tuple[SignalLine, ...]
    comments: tuple[str, ...]
    segments: tuple[SegmentLine, ...] = ()


def hea_path(path: Path) -> Path:
    """The header file of a record given by its header, or by its name without suffix."""
    return path if path.suffix == ".hea" else path.with_name(f"{path.name}.hea")


def read_header(path: Path) -> WfdbHeader:
    """Parse the header of a record.

    The record line may call the record by a file (``E00271.mat``) and give a date in a form of its own, as a large
    public collection does; time and date are not read. ``baseline`` is the ADC zero where it is not written, as the
    format says. Raises InputFileError for a header that is damaged, without sampling rate or calibration, or that
    names files outside its own folder.
    """
    hea = hea_path(path)
    with reading(hea, "wfdb_bad_header"):
        if hea.stat().st_size > _MOST_HEADER_BYTES:
            raise fault(hea, "too_large")
        text = hea.read_bytes().decode("utf-8", errors="replace")
    lines = [line.strip(_BLANK) for line in text.splitlines() if line.strip(_BLANK)]
    facts = [line for line in lines if not line.startswith("#")]
    match = _RECORD.match(facts[0]) if facts else None
    if match is None or match["hz"] is None:
        raise fault(hea, "wfdb_bad_header", found="record line")
    with reading(hea, "wfdb_bad_header"):
        n_leads, hz = int(match["n_leads"]), float(match["hz"])
        n_frames = int(match["n_samples"] or 0) or None
        n_segments = int(match["segments"] or 0)
    n_lines = n_segments or n_leads
    if not 1 <= n_leads <= _MOST_LEADS or not (math.isfinite(hz) and hz > 0) or len(facts) != 1 + n_lines:
        raise fault(hea, "wfdb_bad_header", found="record line")
    described = facts[1 : 1 + n_lines]
    return WfdbHeader(
        name=match["name"],
        sampling_hz=hz,
        n_frames=n_frames,
        n_leads=n_leads,
        signals=() if n_segments else tuple(_signal(hea, line, place) for place, line in enumerate(described, start=1)),
        comments=tuple(line.lstrip("#").strip() for line in lines if line.startswith("#")),
        segments=_segments(hea, described, n_frames) if n_segments else (),
    )


def _segments(hea: Path, lines: list[str], n_frames: int | None) -> tuple[SegmentLine, ...]:
    found = []
    for place, line in enumerate(lines, start=1):
        match = _SEGMENT.match(line)
        if match is None:
            outside = "/" in line.split()[0] or "\\" in line.split()[0]
            raise fault(hea, "wfdb_file_outside" if outside else "wfdb_bad_header", found=f"segment line {place}")
        with reading(hea, "wfdb_bad_header"):
            found.append(SegmentLine(name=match["name"], n_frames=int(match["n_frames"])))
    if sum(segment.n_frames for segment in found) != n_frames:
        raise fault(hea, "wfdb_bad_header", found="lengths of the segments")
    return tuple(found)


def _signal(hea: Path, line: str, place: int) -> SignalLine:
    match = _SIGNAL.match(line)
    if match is None:
        raise fault(hea, "wfdb_bad_header", found=f"signal line {place}")
    if match["fmt"] not in (*BITS_PER_SAMPLE, *COMPRESSED, NO_FILE):
        raise fault(hea, "wfdb_format_unknown", found=match["fmt"])
    if not _PLAIN_NAME.match(match["file"]) and (match["file"], match["fmt"]) != (GAP, NO_FILE):
        raise fault(hea, "wfdb_file_outside", found=match["file"])
    with reading(hea, "wfdb_bad_header"):
        gain = float(match["gain"] or 0)
        per_frame, skew = int(match["per_frame"] or 1), int(match["skew"] or 0)
        numbers = {name: int(match[name] or 0) for name in ("zero", "initial", "offset")}
    if not 1 <= per_frame <= _MOST_PER_FRAME or skew > _MOST_SKEW:
        raise fault(hea, "wfdb_bad_header", found=f"signal line {place}")
    if not gain:
        raise fault(hea, "wfdb_not_calibrated")
    if not _GAINS[0] <= abs(gain) <= _GAINS[1]:
        raise fault(hea, "wfdb_bad_header", found=f"signal line {place}")
    return SignalLine(
        file=match["file"],
        fmt=match["fmt"],
        byte_offset=numbers["offset"],
        gain=gain,
        baseline=int(match["baseline"]) if match["baseline"] is not None else numbers["zero"],
        unit=match["unit"] or "mV",
        initial=numbers["initial"],
        checksum=int(match["checksum"]) if match["checksum"] is not None else None,
        lead=(match["lead"] or "").strip() or f"signal {place}",
        per_frame=per_frame,
        skew=skew,
    )
