"""Reader `ishne`: Holter recordings in the standard output format of ISHNE, and their annotation files.

Reference: Badilini 1998, Ann Noninvasive Electrocardiol 3:263; the annotation file as the THEW project describes it.
"""

from __future__ import annotations

import binascii
import struct
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..hookspecs import Reader, hookimpl
from ..vocabulary import Beats, Image, Signals
from .faults import MOST_DECODED_BYTES, fault, keys_of, reading
from .packages import package_version
from .signal_copy import INVALID, CopiedSignals, write_blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAGIC, ANNOTATION_MAGIC = b"ISHNE1.0", b"ANN  1.0"
FIXED_BYTES = 522  # magic, checksum and the fixed block; comments of any length follow
_LEAD_CODES = "unknown bipolar X Y Z I II III aVR aVL aVF V1 V2 V3 V4 V5 V6 ES AS AI"  # from code 0
_LEADS = _LEAD_CODES.split()
_FAULT = -32768  # what a recorder writes while a lead is off
_MOST_LEADS = 12
_BLOCK_ROWS = 1 << 17
_SEXES = {1: "M", 2: "F"}
_LABELS = {"N": "N", "V": "V", "S": "S", "B": "B", "P": "/", "X": "|", "U": "Q"}
"""Labels of beats -> WFDB codes: B a bundle branch block, P paced, X an artefact, U one that nobody could label."""


@dataclass(frozen=True, kw_only=True, slots=True)
class IshneHeader:
    """What a header says, without a name."""

    begin: int  # of the samples or annotations, in bytes
    stated_samples: int
    sampling_hz: int
    leads: tuple[str, ...]
    nanovolts: tuple[int, ...]  # per step of each lead
    has_pacemaker: bool | None  # None: not recorded
    facts: Mapping[str, str]  # PatientID, -Sex, -Age, day and time, recorder where stated
    is_checksum_right: bool


@dataclass(frozen=True, kw_only=True)
class IshneReader:
    """ISHNE Holter recordings of 1 to 12 leads; NaN where the recorder marked a lead as off."""

    name: ClassVar[str] = "ishne"
    gives: ClassVar[Literal["images", "signals"]] = "signals"

    def recognises(self, path: Path) -> bool:
        """Whether the file begins as an ISHNE recording."""
        return path.is_file() and _start(path, len(MAGIC)) == MAGIC

    def problems(self, path: Path) -> Sequence[str]:
        """Wording keys of everything that ``blocks`` refuses, and of a header that differs from its checksum."""
        keys = keys_of(lambda: deque(self.blocks(path), maxlen=0))
        if not keys and not _header(path, MAGIC).is_checksum_right:
            return ("inputs.ishne_checksum_differs",)
        return keys

    def header(self, path: Path) -> Mapping[str, str]:
        """SamplingFrequency, NumberOfWaveformSamples, -Channels, and where stated number, sex, age, day and recorder.

        Beside the DICOM keywords: ``Pacemaker``, YES or NO, where the recording says so.
        """
        header = _header(path, MAGIC)
        paced = {} if header.has_pacemaker is None else {"Pacemaker": "YES" if header.has_pacemaker else "NO"}
        return {
            **header.facts,
            **paced,
            "SamplingFrequency": str(header.sampling_hz),
            "NumberOfWaveformSamples": str(_n_samples(path, header)),
            "NumberOfWaveformChannels": str(len(header.leads)),
        }

    def persons(self, path: Path) -> Sequence[str]:
        """First name, last name and number of the patient."""
        fixed = _start(path, FIXED_BYTES)
        parts = (fixed[28:68], fixed[68:108], fixed[108:128])
        return tuple(part.split(b"\0")[0].decode("latin-1") for part in parts)

    def read(self, path: Path) -> tuple[Sequence[Image], Signals | None, Sequence[str]]:
        """The signals in millivolt, NaN where a lead is marked as off.

        Raises InputFileError if the file is cut or damaged, or a lead has no resolution.
        """
        header = _header(path, MAGIC)
        n_samples = _n_samples(path, header)
        if n_samples * len(header.leads) * 8 > MOST_DECODED_BYTES:
            raise fault(path, "recording_too_long")
        samples = np.empty((n_samples, len(header.leads)))
        begin = 0
        for block in self.blocks(path):
            samples[begin : begin + len(block.samples)] = block.samples
            begin += len(block.samples)
        signals = Signals(samples=samples, sampling_hz=float(header.sampling_hz), leads=header.leads)
        return (), signals, (f"ISHNE numpy {package_version('numpy')}",)

    def blocks(self, path: Path) -> Iterator[Signals]:
        """The same piece by piece."""
        header = _header(path, MAGIC)
        n_samples = _n_samples(path, header)
        for stored in _blocks(path, header, n_samples):
            samples = np.where(stored == _FAULT, np.nan, stored / np.array(_gains(header)))
            yield Signals(samples=samples, sampling_hz=float(header.sampling_hz), leads=header.leads)

    def deidentified_copy(self, path: Path, folder: Path, name: str) -> Sequence[Path]:
        """A WFDB record ``name``.hea and ``name``.dat of the same values, block by block; nothing else."""
        header = _header(path, MAGIC)
        n_samples = _n_samples(path, header)
        about = CopiedSignals(
            sampling_hz=float(header.sampling_hz),
            leads=header.leads,
            gains=_gains(header),
            baselines=(0,) * len(header.leads),
            units=("mV",) * len(header.leads),
        )
        marked = (np.where(stored == _FAULT, INVALID, stored) for stored in _blocks(path, header, n_samples))
        return write_blocks(marked, about, folder, name)


def read_ishne_annotations(path: Path) -> Beats:
    """The beats of an annotation file, given by itself or by its recording (same name, ending in .ann).

    N, V, S and B are the WFDB codes of that letter, P (paced) is "/", X (artefact) "|", U (not labelled) Q. C
    (calibration) is no beat. After ! (time out) the place of what follows is not known, and the file is refused.
    The format keeps the first location apart, without a label: it is Q, unless the first label is of the same place.
    Raises InputFileError if the file is missing, cut or damaged, or holds a label that is not of the format.
    """
    file = path.with_suffix(".ann") if path.suffix.lower() != ".ann" else path
    upper = file.with_suffix(".ANN")
    file = upper if not file.is_file() and upper.is_file() else file
    if not file.is_file():
        raise fault(file, "annotations_missing")
    header = _header(file, ANNOTATION_MAGIC, "annotations_damaged")
    with reading(file, "annotations_damaged"):
        data = file.read_bytes()[header.begin :]
        if len(data) < 4 or len(data) % 4:
            raise ValueError("a file that ends in the middle of an annotation")
        first = struct.unpack_from("<I", data)[0]
        rows = np.frombuffer(data, dtype=[("label", "S1"), ("internal", "S1"), ("step", "<u2")], offset=4)
        labels = [bytes(label).decode("latin-1") for label in rows["label"]]
        if unknown := set(labels) - {*_LABELS, "C"}:
            raise ValueError(f"{len(unknown)} labels that are not of the format")
        samples = first + np.cumsum(rows["step"], dtype=np.int64)
    found = [(int(sample), _LABELS[label]) for sample, label in zip(samples, labels, strict=True) if label != "C"]
    if not len(samples) or samples[0] != first:
        found.insert(0, (first, "Q"))
    return Beats(
        samples=np.array([sample for sample, _ in found], dtype=np.int64),
        symbols=tuple(symbol for _, symbol in found),
        subtypes=(0,) * len(found),
        notes=("",) * len(found),
        sampling_hz=float(header.sampling_hz),
    )


def _start(path: Path, n_bytes: int) -> bytes:
    with path.open("rb") as stream:
        return stream.read(n_bytes)


def _header(path: Path, magic: bytes, key: str = "ishne_bad_header") -> IshneHeader:
    """Raises InputFileError under ``key`` if the header is cut or makes no sense."""
    with reading(path, key):
        fixed = _start(path, FIXED_BYTES)
        if len(fixed) < FIXED_BYTES or fixed[: len(magic)] != magic:
            raise ValueError("not the beginning of such a file")
        checksum, comment_bytes, stated, _, begin = struct.unpack_from("<Hiiii", fixed, 8)
        if magic == ANNOTATION_MAGIC:  # its writers leave the offsets of the recording in it
            begin = FIXED_BYTES + comment_bytes
        n_leads, hz = _short(fixed, 156), _short(fixed, 272)
        if comment_bytes < 0 or not FIXED_BYTES <= begin <= path.stat().st_size:
            raise ValueError("offsets outside the file")
        if not 1 <= n_leads <= _MOST_LEADS or hz < 1 or stated < 0:
            raise ValueError("no leads or no rate")
        header_bytes = _start(path, min(begin, FIXED_BYTES + (1 << 20)))[10:]
        return IshneHeader(
            begin=begin,
            stated_samples=stated,
            sampling_hz=hz,
            leads=tuple(_lead(_short(fixed, 158 + 2 * place), place + 1) for place in range(n_leads)),
            nanovolts=tuple(_short(fixed, 206 + 2 * place) for place in range(n_leads)),
            has_pacemaker={0: False, **dict.fromkeys(range(1, 6), True)}.get(_short(fixed, 230)),
            facts=_facts(fixed),
            is_checksum_right=binascii.crc_hqx(header_bytes, 0xFFFF) == checksum,  # CRC-CCITT
        )


def _short(fixed: bytes, offset: int) -> int:
    return int(struct.unpack_from("<h", fixed, offset)[0])


def _lead(code: int, place: int) -> str:
    return _LEADS[code] if 2 <= code < len(_LEADS) else f"lead {place}"


def _facts(fixed: bytes) -> Mapping[str, str]:
    found: dict[str, str] = {}
    sex = _SEXES.get(_short(fixed, 128))
    if sex is not None:
        found["PatientSex"] = sex
    born, recorded = _day(fixed, 132), _day(fixed, 138)
    if born is not None and recorded is not None and born <= recorded:
        years = recorded.year - born.year - ((recorded.month, recorded.day) < (born.month, born.day))
        found["PatientAge"] = f"{years:03d}Y"
    if recorded is not None:
        found["StudyDate"] = f"{recorded.year:04d}{recorded.month:02d}{recorded.day:02d}"
        hour, minute, second = struct.unpack_from("<3h", fixed, 150)
        if 0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60:
            found["AcquisitionDateTime"] = f"{found['StudyDate']}{hour:02d}{minute:02d}{second:02d}"
    for keyword, begin, end in (("PatientID", 108, 128), ("ManufacturerModelName", 232, 272)):
        text = fixed[begin:end].split(b"\0")[0].decode("latin-1").strip()
        if text and text.isprintable():
            found[keyword] = text
    return found


def _day(fixed: bytes, offset: int) -> date | None:
    day, month, year = struct.unpack_from("<3h", fixed, offset)
    try:
        return date(year, month, day)
    except ValueError:  # zeros or -9 where it is not stated
        return None


def _n_samples(path: Path, header: IshneHeader) -> int:
    """Samples of each lead. The header counts them by lead or, as some programs write it, all together."""
    n_leads, available = len(header.leads), path.stat().st_size - header.begin
    by_lead, together = 2 * n_leads * header.stated_samples, 2 * header.stated_samples
    if not header.stated_samples:
        raise fault(path, "ishne_bad_header", found="0")
    if available == by_lead:
        return header.stated_samples
    if available == together and header.stated_samples % n_leads == 0:
        return header.stated_samples // n_leads
    if available < by_lead:
        raise fault(path, "ishne_cut", expected=by_lead, found=available)
    raise fault(path, "ishne_surplus", expected=by_lead, found=available)


def _gains(header: IshneHeader) -> tuple[float, ...]:
    """Steps per millivolt."""
    return tuple(1e6 / nanovolts for nanovolts in header.nanovolts)


def _blocks(path: Path, header: IshneHeader, n_samples: int) -> Iterator[NDArray[np.int64]]:
    """Stored values [samples, leads], read from the disk one piece after the other."""
    if any(nanovolts <= 0 for nanovolts in header.nanovolts):
        raise fault(path, "ishne_not_calibrated")
    stored = np.memmap(path, dtype="<i2", mode="r", offset=header.begin, shape=(n_samples, len(header.leads)))
    for begin in range(0, n_samples, _BLOCK_ROWS):
        yield stored[begin : begin + _BLOCK_ROWS].astype(np.int64)


@hookimpl
def register_readers() -> list[type[Reader]]:
    """The reader of this file."""
    return [IshneReader]
