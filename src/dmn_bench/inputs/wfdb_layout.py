"""Which signals of a WFDB record are its leads, segment by segment, and at what rate they are given.

Reference: WFDB Applications Guide, header(5), on records of several segments and several samples per frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .faults import fault
from .leads import standard_lead, usual_leads
from .units import millivolts_per
from .wfdb_header import GAP, SignalLine, WfdbHeader, hea_path, read_header
from .wfdb_signals import FRAMES_PER_BLOCK, NOT_THERE, check_sizes, is_invalid, n_frames_of, signal_blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_SAMPLES = 1 << 32
"""Of all leads of a record together: three leads of 1 kHz for more than two weeks. A header that says more is wrong."""
_NO_VOLTAGES = frozenset(
    ("mmhg", "cmh2o", "kpa", "nu", "%", "bpm", "1/min", "degc", "degf", "l", "l/min", "ml", "ohm", "ohms", "pm")
)
"""Units of what monitors record beside the ECG: pressures, pleth waves, respiration, temperatures."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A stretch of a record: a segment, or all of it. ``places``: of each lead among its signals, None where absent.

    ``header`` is None for a gap.
    """

    hea: Path
    header: WfdbHeader | None
    n_frames: int
    places: tuple[int | None, ...]

    def line(self, lead: int) -> SignalLine | None:
        """What the header of this part says of a lead."""
        place = self.places[lead]
        return None if self.header is None or place is None else self.header.signals[place]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A record ready to be read. ``per_frame``: samples that each lead is given with for each frame."""

    hea: Path
    header: WfdbHeader
    leads: tuple[str, ...]  # as written
    per_frame: int
    n_frames: int
    parts: tuple[Part, ...]

    @property
    def sampling_hz(self) -> float:
        """Of the samples, not of the frames."""
        return self.header.sampling_hz * self.per_frame

    @property
    def n_samples(self) -> int:
        """Of one lead."""
        return self.n_frames * self.per_frame

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats of the leads, each once."""
        lines = (part.line(lead) for part in self.parts for lead in range(len(self.leads)))
        return tuple(dict.fromkeys(line.fmt for line in lines if line is not None))

    def calibration(self) -> list[SignalLine] | None:
        """A signal line for each lead whose gain, baseline and unit hold in every part; None where they differ."""
        found = []
        for lead in range(len(self.leads)):
            lines = [line for part in self.parts if (line := part.line(lead)) is not None]
            if len({(line.gain, line.baseline, line.unit) for line in lines}) != 1:
                return None
            found.append(lines[0])
        return found

    def digital(self) -> Iterator[tuple[Part, NDArray[np.int64]]]:
        """ADC values [samples, leads] in order, block by block, NOT_THERE where there is none or it is invalid."""
        for part in self.parts:
            for n, block in _blocks(part):
                yield part, np.stack([self._lead(part, lead, n, block) for lead in range(len(self.leads))], axis=1)

    def millivolts(self) -> Iterator[NDArray[np.float64]]:
        """The same in millivolt, NaN where there is no value."""
        for part, digital in self.digital():
            samples = np.full(digital.shape, np.nan)
            for lead in range(len(self.leads)):
                line = part.line(lead)
                if line is not None:
                    factor = float(millivolts_per(line.unit) or 1)
                    values = (digital[:, lead] - float(line.baseline)) / line.gain * factor
                    samples[:, lead] = np.where(digital[:, lead] == NOT_THERE, np.nan, values)
            yield samples

    def _lead(self, part: Part, lead: int, n: int, block: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
        line, place = part.line(lead), part.places[lead]
        if line is None or place is None:
            return np.full(n * self.per_frame, NOT_THERE, dtype=np.int64)
        values = np.where(is_invalid(line, block[place]), NOT_THERE, block[place])
        return np.repeat(values, self.per_frame // line.per_frame)


def layout_of(path: Path) -> Layout:
    """How a record is to be read, after its headers and the sizes of its files have been checked.

    Of several segments: in a layout that varies, leads are those of the layout segment, matched by name, and absent
    where a segment has none of that name; else those of the first segment, which all segments have, in whatever order.
    Signals that are no voltage by their unit (a blood pressure) are left out, unless they bear the name of an ECG lead
    or nothing would be left. Signals with fewer samples per frame than others are given with each sample repeated, as
    the WFDB library does in its mode of high resolution.

    Raises InputFileError if a file is missing, outside the folder, holds more or fewer samples than the header says, a
    unit is no voltage, a segment is a record of segments, or leads or rates do not fit each other.
    """
    hea = hea_path(path)
    header = read_header(path)
    n_frames = header.n_frames if header.segments else n_frames_of(hea, header)
    if n_frames is None or n_frames < 1:
        raise fault(hea, "wfdb_bad_header", found="record line")
    if n_frames * header.n_leads > MOST_SAMPLES:
        raise fault(hea, "too_large")
    if header.segments:
        leads, parts = _of_segments(hea, header)
    else:
        chosen = _voltages(hea, header)
        leads = tuple(header.signals[place].lead for place in chosen)
        parts = (Part(hea=hea, header=header, n_frames=n_frames, places=chosen),)
    for part in parts:
        if part.header is not None:
            check_sizes(part.hea, part.header, part.n_frames)
    lines = [line for part in parts for lead in range(len(leads)) if (line := part.line(lead)) is not None]
    per_frame = max((line.per_frame for line in lines), default=1)
    if any(per_frame % line.per_frame for line in lines):
        raise fault(hea, "wfdb_several_rates")
    if n_frames * per_frame * len(leads) > MOST_SAMPLES:
        raise fault(hea, "too_large")
    return Layout(hea=hea, header=header, leads=leads, per_frame=per_frame, n_frames=n_frames, parts=parts)


def segment_headers(hea: Path, header: WfdbHeader) -> list[Path]:
    """The header files of the segments of a record, each once; whether they are there is not looked at."""
    names = dict.fromkeys(segment.name for segment in header.segments if segment.name != GAP)
    return [hea.with_name(f"{name}.hea") for name in names]


def leads_of(path: Path) -> tuple[str, ...]:
    """The leads of a record as ``layout_of`` names them, from headers alone."""
    hea, header = hea_path(path), read_header(path)
    if header.segments:
        return _leads_of_segments(hea, header, _segment_headers(hea, header))[0]
    return tuple(header.signals[place].lead for place in _voltages(hea, header))


def _segment_headers(hea: Path, header: WfdbHeader) -> dict[str, WfdbHeader]:
    found = {}
    for path in segment_headers(hea, header):
        if not path.is_file():
            raise fault(hea, "wfdb_signal_file_missing", found=path.name)
        if path.resolve().parent != hea.resolve().parent:
            raise fault(hea, "wfdb_file_outside", found=path.name)
        segment = read_header(path)
        if segment.segments:
            raise fault(hea, "wfdb_bad_header", found="segment of segments")
        if segment.sampling_hz != header.sampling_hz:
            raise fault(hea, "wfdb_several_rates")
        found[path.stem] = segment
    return found


def _leads_of_segments(
    hea: Path, header: WfdbHeader, headers: dict[str, WfdbHeader]
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The leads of a record of segments, and their places in the segment that names them."""
    named = next((segment.name for segment in header.segments if segment.name != GAP), None)
    if named is None:
        raise fault(hea, "wfdb_bad_header", found="segments")
    chosen = _voltages(hea, headers[named])
    return tuple(headers[named].signals[place].lead for place in chosen), chosen


def _of_segments(hea: Path, header: WfdbHeader) -> tuple[tuple[str, ...], tuple[Part, ...]]:
    headers = _segment_headers(hea, header)
    leads, chosen = _leads_of_segments(hea, header, headers)
    varies = header.segments[0].n_frames == 0
    parts = []
    for segment in header.segments[1:] if varies else header.segments:
        if segment.name == GAP or not segment.n_frames:
            places: tuple[int | None, ...] = (None,) * len(leads)
            parts.append(Part(hea=hea, header=None, n_frames=segment.n_frames, places=places))
            continue
        own, own_hea = headers[segment.name], hea.with_name(f"{segment.name}.hea")
        if n_frames_of(own_hea, own) != segment.n_frames:
            raise fault(own_hea, "wfdb_bad_header", found="length of a segment")
        if varies:
            places = _by_name(leads, own)
        elif len(own.signals) != header.n_leads:
            raise fault(own_hea, "wfdb_bad_header", found="signals of a segment")
        else:
            places = _as_ordered(own_hea, own, next(iter(headers.values())), chosen)
        _check_units(own_hea, own, [place for place in places if place is not None])
        parts.append(Part(hea=own_hea, header=own, n_frames=segment.n_frames, places=places))
    return leads, tuple(parts)


def _by_name(leads: Sequence[str], header: WfdbHeader) -> tuple[int | None, ...]:
    """The place of each lead among the signals of a segment; of several of one name, each is taken once."""
    free = [line.lead for line in header.signals]
    places: list[int | None] = []
    for lead in leads:
        place = free.index(lead) if lead in free else None
        if place is not None:
            free[place] = ""
        places.append(place)
    return tuple(places)


def _as_ordered(hea: Path, own: WfdbHeader, first: WfdbHeader, chosen: tuple[int, ...]) -> tuple[int, ...]:
    """The places of the leads in a segment that may hold them in another order than the first.

    Raises InputFileError if it has other leads, or another order of leads that share a name.
    """
    wanted, there = (usual_leads([line.lead for line in each.signals]) for each in (first, own))
    if wanted == there:
        return chosen
    if sorted(wanted) != sorted(there) or len(set(there)) < len(there):
        raise fault(hea, "wfdb_other_leads")
    return tuple(there.index(wanted[place]) for place in chosen)


def _voltages(hea: Path, header: WfdbHeader) -> tuple[int, ...]:
    """The places of the signals that are voltages. Raises InputFileError for a unit that is not known."""
    lines = header.signals
    others = [
        place
        for place, line in enumerate(lines)
        if line.unit.lower() in _NO_VOLTAGES and standard_lead(line.lead) is None
    ]
    chosen = tuple(place for place in range(len(lines)) if place not in others) or tuple(range(len(lines)))
    _check_units(hea, header, chosen)
    return chosen


def _check_units(hea: Path, header: WfdbHeader, places: Sequence[int]) -> None:
    for place in places:
        if millivolts_per(header.signals[place].unit) is None:
            raise fault(hea, "unit_unknown", found=header.signals[place].unit)


def _blocks(part: Part) -> Iterator[tuple[int, list[NDArray[np.int64]]]]:
    """Numbers of frames, with the values of each signal in them."""
    if part.header is None:
        for start in range(0, part.n_frames, FRAMES_PER_BLOCK):
            yield min(FRAMES_PER_BLOCK, part.n_frames - start), []
        return
    for block in signal_blocks(part.hea, part.header, part.n_frames):
        yield len(block[0]) // part.header.signals[0].per_frame, block
