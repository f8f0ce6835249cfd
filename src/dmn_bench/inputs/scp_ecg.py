"""Reader `scp-ecg`: SCP-ECG files, the rhythm of section 6.

Reference: EN 1064 (ISO 11073-91064), sections 2 to 6.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..hookspecs import Reader, hookimpl
from ..vocabulary import EcgReport, Image, Signals
from .ecg_reports import measurements_of, without_repeats
from .faults import fault, reading
from .packages import package_version
from .scp_huffman import Table, decoded, tables_of, undifferenced
from .scp_sections import ScpFile, header_of, is_scp, measured, persons_of, read_sections, statements_of
from .stored_ecg import (
    StoredEcg,
    check_size,
    checked,
    computed_in_words,
    copy_of,
    facts,
    keys_of_both,
    lack_limb_leads,
    signals_of,
    with_limb_leads,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NANOVOLT_PER_MILLIVOLT = 1e6
_MICROSECONDS = 1e6
_MOST_CODED = 5_000_000  # samples of all leads: ten minutes of twelve leads
_MOST_SPREAD = 100  # lengths of a lead from the first sample of any to the last
_BIMODAL_UNTIL = 30  # tenths of the protocol's version from which the byte means nothing

_LEADS = (
    *("", "I", "II", "V1", "V2", "V3", "V4", "V5", "V6", "V7", "V2R", "V3R", "V4R", "V5R", "V6R", "V7R"),
    *("X", "Y", "Z", "CC5", "CM5", "LA", "RA", "LL", "fI", "fE", "fC", "fA", "fM", "fF", "fH"),
)
"""Lead codes from 0 on; from 31 to 60 come those with calibration pulses, then the ones below."""
_LATER_LEADS = {61: "III", 62: "aVR", 63: "aVL", 64: "aVF", 65: "-aVR", 66: "V8", 67: "V9", 68: "V8R", 69: "V9R"} | {
    70: "D",
    71: "A",
    72: "J",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Lead:
    """One entry of section 3; samples count from 1."""

    name: str
    start: int
    end: int

    @property
    def n_samples(self) -> int:
        return self.end - self.start + 1


@dataclass(frozen=True, kw_only=True, slots=True)
class _Coded:
    """Section 5 or 6 decoded: one row of values for each lead."""

    nanovolts: int  # per step
    interval_us: int
    values: tuple[NDArray[np.int64], ...]


@dataclass(frozen=True, kw_only=True)
class ScpEcgReader:
    """SCP-ECG, versions 1 and 2: section 6 with Huffman tables, differences and reference beats put back.

    Where I and II are stored without III, aVR, aVL and aVF, these are computed. A lead that was recorded for a part of
    the time only is NaN in the rest. Bimodal compression loses samples and is refused.
    """

    name: ClassVar[str] = "scp-ecg"
    gives: ClassVar[Literal["images", "signals"]] = "signals"

    def recognises(self, path: Path) -> bool:
        """Whether the file begins with a section 0 that points to itself."""
        return path.is_file() and is_scp(path)

    def problems(self, path: Path) -> Sequence[str]:
        """Wording keys of everything that ``read`` refuses, and of sections that differ from their checksum."""
        return keys_of_both(lambda: self.read(path), lambda: _check_sums(path))

    def header(self, path: Path) -> Mapping[str, str]:
        """Whose test it is and when, sex, age, device, filters in Hz, size of the recording."""
        scp = read_sections(path)
        leads, names = _leads(scp, path), {lead.name for lead in _leads(scp, path)}
        interval = _interval(scp, path)
        size = {
            "SamplingFrequency": f"{_MICROSECONDS / interval:g}",
            "NumberOfWaveformSamples": str(max(lead.end for lead in leads) - min(lead.start for lead in leads) + 1),
            "NumberOfWaveformChannels": str(len(leads) + (4 if lack_limb_leads(names) else 0)),
        }
        return facts({**header_of(scp), **size})

    def persons(self, path: Path) -> Sequence[str]:
        """Names and number of the patient, and the names of physicians and technicians."""
        return persons_of(read_sections(path))

    def read(self, path: Path) -> tuple[Sequence[Image], Signals | None, Sequence[str]]:
        """The rhythm in millivolt, leads in the order of the file, computed ones behind II.

        Raises InputFileError if sections are missing or cut, or hold other samples than they say.
        """
        as_stored, stored = _stored(path)
        how = computed_in_words(as_stored, stored)
        return (), signals_of(stored), (f"SCP-ECG section 6{how} numpy {package_version('numpy')}",)

    def report(self, path: Path) -> EcgReport:
        """Statements of sections 8 and 11, the global measurements of section 7."""
        scp = read_sections(path)
        said, is_confirmed = statements_of(scp)
        return EcgReport(
            statements=without_repeats(said), measurements=measurements_of(measured(scp)), is_confirmed=is_confirmed
        )

    def deidentified_copy(self, path: Path, folder: Path, name: str) -> Sequence[Path]:
        """A WFDB record of what ``read`` gives: whole numbers, gains, rate and leads, nothing else."""
        return copy_of(_stored(path)[1], folder, name)


def _check_sums(path: Path) -> None:
    if not read_sections(path).sums_fit:
        raise fault(path, "ecg_checksum_differs")


def _body(scp: ScpFile, number: int, least_bytes: int, path: Path) -> bytes:
    body = scp.bodies.get(number, b"")
    if len(body) < least_bytes:
        raise fault(path, "scp_damaged" if body else "ecg_waveform_missing")
    return body


def _interval(scp: ScpFile, path: Path) -> int:
    """Microseconds between samples of section 6."""
    interval = int.from_bytes(_body(scp, 6, 6, path)[2:4], "little")
    if not interval:
        raise fault(path, "ecg_rate_unknown")
    return interval


def _leads(scp: ScpFile, path: Path) -> tuple[_Lead, ...]:
    """Section 3."""
    body = _body(scp, 3, 2, path)
    count, found = body[0], []
    if len(body) < 2 + 9 * count:
        raise fault(path, "scp_damaged")
    for place in range(count):
        start, end, code = struct.unpack_from("<IIB", body, 2 + 9 * place)
        known = _LEADS[code] if code < len(_LEADS) else _LATER_LEADS.get(code, "")
        if not 1 <= start <= end:
            raise fault(path, "ecg_counts_differ")
        found.append(_Lead(name=known or f"channel {place + 1}", start=start, end=end))
    if not found:
        raise fault(path, "ecg_waveform_missing")
    n_samples = max(lead.end for lead in found) - min(lead.start for lead in found) + 1
    check_size(n_samples, count, path)
    if n_samples > _MOST_SPREAD * max(lead.n_samples for lead in found):
        raise fault(path, "ecg_counts_differ")
    return tuple(found)


def _stored(path: Path) -> tuple[StoredEcg, StoredEcg]:
    """The recording as stored, and with the limb leads that follow from it."""
    scp = read_sections(path)
    leads, interval = _leads(scp, path), _interval(scp, path)
    if _body(scp, 6, 6, path)[5] and scp.protocol < _BIMODAL_UNTIL:
        raise fault(path, "scp_bimodal")
    with reading(path, "ecg_samples_damaged"):
        coded = _coded(scp, 6, [lead.n_samples for lead in leads], path)
        if scp.bodies[3][1] & 1:
            coded = _with_reference_beats(coded, scp, leads, path)
    if not coded.nanovolts:
        raise fault(path, "ecg_scale_unknown")
    first = min(lead.start for lead in leads)
    n_samples = max(lead.end for lead in leads) - first + 1
    digital = np.zeros((n_samples, len(leads)), dtype=np.int64)
    is_valid = np.zeros(digital.shape, dtype=bool)
    for place, (lead, values) in enumerate(zip(leads, coded.values, strict=True)):
        there = slice(lead.start - first, lead.end - first + 1)
        digital[there, place], is_valid[there, place] = values, True
    stored = StoredEcg(
        digital=digital,
        is_valid=is_valid,
        gains=(_NANOVOLT_PER_MILLIVOLT / coded.nanovolts,) * len(leads),
        baselines=(0,) * len(leads),
        sampling_hz=_MICROSECONDS / interval,
        leads=tuple(lead.name for lead in leads),
    )
    stored = checked(stored, path)
    return stored, with_limb_leads(stored)


def _coded(scp: ScpFile, number: int, counts: Sequence[int], path: Path) -> _Coded:
    """Section 5 or 6 with ``counts`` samples for each lead. Raises ValueError or struct.error where it is damaged."""
    body = scp.bodies[number]
    nanovolts, interval, order, _ = struct.unpack_from("<HHBB", body)
    sizes = struct.unpack_from(f"<{len(counts)}H", body, 6)
    tables: Sequence[Table] = tables_of(scp.bodies[2]) if 2 in scp.bodies else ()
    if sum(counts) > _MOST_CODED:
        raise fault(path, "too_large")
    values: list[NDArray[np.int64]] = []
    place = 6 + 2 * len(counts)
    for size, count in zip(sizes, counts, strict=True):
        data = body[place : place + size]
        place += size
        if len(data) < size:
            raise ValueError("a lead is cut")
        if tables:
            found = decoded(data, count, tables)
        else:
            found = np.frombuffer(data, dtype="<i2", count=count).astype(np.int64)
        values.append(undifferenced(found, order))
    return _Coded(nanovolts=nanovolts, interval_us=interval, values=tuple(values))


def _with_reference_beats(rest: _Coded, scp: ScpFile, leads: Sequence[_Lead], path: Path) -> _Coded:
    """The rhythm from what remained after the reference beat was taken from every beat of type 0.

    Both are brought to the finest step that divides theirs. Sample ``fiducial`` of the reference beat lies on that of
    each beat, from the first to the last sample of the beat that section 4 states.
    """
    if 4 not in scp.bodies or 5 not in scp.bodies:
        raise ValueError("reference beats without sections 4 and 5")
    length_ms, fiducial, n_beats = struct.unpack_from("<HHH", scp.bodies[4])
    interval = int.from_bytes(scp.bodies[5][2:4], "little")
    if interval != rest.interval_us:
        raise fault(path, "ecg_compression_unknown")
    n_reference = round(length_ms * 1000 / interval)
    reference = _coded(scp, 5, [n_reference] * len(leads), path)
    if not reference.nanovolts or not rest.nanovolts:
        raise fault(path, "ecg_scale_unknown")
    step = gcd(reference.nanovolts, rest.nanovolts)
    beats = [struct.unpack_from("<HIII", scp.bodies[4], 6 + 14 * at) for at in range(n_beats)]
    values: list[NDArray[np.int64]] = []
    for lead, remained, beat in zip(leads, rest.values, reference.values, strict=True):
        whole = remained * (rest.nanovolts // step)
        for kind, begin, middle, end in beats:
            shift = middle - fiducial  # sample n of the reference beat lies on sample n + shift of the rhythm
            low, high = max(begin, lead.start, 1 + shift), min(end, lead.end, n_reference + shift)
            if kind == 0 and low <= high:
                part = beat[low - shift - 1 : high - shift] * (reference.nanovolts // step)
                whole[low - lead.start : high - lead.start + 1] += part
        values.append(whole)
    return _Coded(nanovolts=step, interval_us=interval, values=tuple(values))


@hookimpl
def register_readers() -> list[type[Reader]]:
    """The reader of this file."""
    return [ScpEcgReader]
