"""Reader `wfdb`: WFDB records and annotation files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

import numpy as np

from ..hookspecs import Reader, hookimpl
from ..vocabulary import Beats, Image, Signals
from .faults import MOST_DECODED_BYTES, fault, keys_of, reading
from .packages import package_version
from .signal_copy import CopiedSignals, rename_record, write_blocks, write_millivolts
from .units import millivolts_per
from .wfdb_header import COMPRESSED, NO_FILE, hea_path, read_header
from .wfdb_layout import Layout, layout_of, leads_of, segment_headers
from .wfdb_signals import NOT_THERE, files_named, n_frames_of, signal_blocks

__all__ = [
    "ANNOTATOR",
    "RecordInfo",
    "WfdbReader",
    "read_annotations",
    "record_info",
    "register_readers",
    "rename_record",
]

ANNOTATOR = re.compile(r"^\w{1,16}$")
_COMMENT = re.compile(r"^(Age|Sex)\s*:\s*(\w+)", re.IGNORECASE)
_SEXES = {"f": "F", "female": "F", "m": "M", "male": "M"}


class RecordInfo(NamedTuple):
    """What the header says of the length of a record, in the clock that its annotations are written in."""

    n_samples: int
    sampling_hz: float
    leads: tuple[str, ...]  # as written


@dataclass(frozen=True, kw_only=True)
class WfdbReader:
    """WFDB records in every signal format, of one segment or several, given as ``record.hea`` or ``record``."""

    name: ClassVar[str] = "wfdb"
    gives: ClassVar[Literal["images", "signals"]] = "signals"

    def recognises(self, path: Path) -> bool:
        """Whether there is a header file whose first line of facts looks like a record line."""
        hea = hea_path(path)
        if path.is_dir() or not hea.is_file():
            return False
        with hea.open("rb") as stream:
            lines = stream.read(4096).decode("utf-8", errors="replace").splitlines()
        facts = [line for line in lines if line.strip() and not line.startswith("#")]
        return bool(facts) and re.match(r"^\S+[ \t]+\d+([ \t]|$)", facts[0].strip()) is not None

    def problems(self, path: Path) -> Sequence[str]:
        """Wording keys of everything that ``blocks`` refuses, and of signals that differ from the header's checksums.

        A recording that is too long for ``read`` alone is no problem of the file.
        """
        return keys_of(lambda: _check(path))

    def header(self, path: Path) -> Mapping[str, str]:
        """SamplingFrequency, NumberOfWaveformSamples, -Channels; PatientAge and PatientSex (F, M) from comments."""
        info = record_info(path)
        found = {
            "SamplingFrequency": f"{info.sampling_hz:g}",
            "NumberOfWaveformSamples": str(info.n_samples),
            "NumberOfWaveformChannels": str(len(info.leads)),
        }
        for comment in read_header(path).comments:
            match = _COMMENT.match(comment)
            if match and match[1].lower() == "age" and match[2].isdigit():
                found.setdefault("PatientAge", f"{int(match[2]):03d}Y")  # as DICOM writes an age in years
            elif match and match[2].lower() in _SEXES:
                found.setdefault("PatientSex", _SEXES[match[2].lower()])
        return found

    def files(self, path: Path) -> Sequence[Path]:
        """The header, the signal files that it names, and those of its segments, as far as they are there."""
        hea = hea_path(path)
        header = read_header(path)
        found = [hea, *(hea.with_name(name) for name in files_named(header))]
        for segment in segment_headers(hea, header):
            if segment.is_file():
                own = read_header(segment)
                found += [segment, *(segment.with_name(name) for name in files_named(own))]
        return tuple(dict.fromkeys(file for file in found if file.is_file()))

    def read(self, path: Path) -> tuple[Sequence[Image], Signals | None, Sequence[str]]:
        """The signals in millivolt, NaN where the format's mark of an invalid sample stands; leads as written.

        Raises InputFileError as ``layout_of`` does, or if the recording is too long to be held in memory.
        """
        layout = layout_of(path)
        shape = (layout.n_samples, len(layout.leads))
        if shape[0] * shape[1] * 8 > MOST_DECODED_BYTES:
            raise fault(hea_path(path), "recording_too_long")
        samples = np.empty(shape)
        start = 0
        for block in layout.millivolts():
            samples[start : start + len(block)] = block
            start += len(block)
        signals = Signals(samples=samples, sampling_hz=layout.sampling_hz, leads=layout.leads)
        return (), signals, _decoders(layout)

    def blocks(self, path: Path) -> Iterator[Signals]:
        """The same piece by piece, in order, whatever the length. Raises InputFileError as ``layout_of`` does."""
        layout = layout_of(path)
        for block in layout.millivolts():
            yield Signals(samples=block, sampling_hz=layout.sampling_hz, leads=layout.leads)

    def deidentified_copy(self, path: Path, folder: Path, name: str) -> Sequence[Path]:
        """``name``.hea and ``name``.dat: the same digital values, gains and rate; no comment, date nor record name.

        Leads have their standard names, unknown ones a number. All signals are in format 32, whose values are exact.
        Where segments are calibrated differently the millivolts are written, rounded to a nanovolt.
        """
        layout = layout_of(path)
        lines = layout.calibration()
        if lines is None:
            return write_millivolts(self.blocks(path), folder, name, source=path)
        about = CopiedSignals(
            sampling_hz=layout.sampling_hz,
            leads=layout.leads,
            gains=tuple(line.gain for line in lines),
            baselines=tuple(line.baseline for line in lines),
            units=tuple(_UNITS[float(millivolts_per(line.unit) or 1)] for line in lines),
        )
        return write_blocks((block for _, block in layout.digital()), about, folder, name)


_UNITS = {1e-3: "uV", 1.0: "mV", 1e3: "V", 1e-6: "nV"}


def record_info(path: Path) -> RecordInfo:
    """Length in frames, frames per second and lead names of a record, from its headers alone.

    Annotations are written in frames. Raises InputFileError for a header that is damaged.
    """
    header = read_header(path)
    n_frames = header.n_frames if header.segments else n_frames_of(hea_path(path), header)
    return RecordInfo(n_frames or 0, header.sampling_hz, leads_of(path))


def read_annotations(record_path: Path, annotator: str) -> Beats:
    """The annotations ``record.annotator``, ascending in time; ``sampling_hz`` only if the file states its own.

    Notes come without trailing NUL; the literal text "None" that some writers leave is no note.
    Raises InputFileError if the file is missing or cannot be parsed, or an annotation lies before the record.
    """
    stem = record_path.with_suffix("") if record_path.suffix == ".hea" else record_path
    file = record_path if not ANNOTATOR.match(annotator) else stem.with_name(f"{stem.name}.{annotator}")
    if file == record_path or not file.is_file():
        raise fault(file, "annotations_missing")
    with reading(file, "annotations_damaged"):
        import wfdb  # warns when it is imported: inside reading()

        found = wfdb.rdann(str(stem), annotator)
        samples = np.asarray(found.sample, dtype=np.int64)
        order = np.argsort(samples, kind="stable")
        symbols = tuple(str(found.symbol[k]) for k in order)
        subtypes = tuple(int(found.subtype[k]) for k in order)
        notes = tuple(_note(found.aux_note[k]) for k in order)
        stated = float(found.fs) if found.fs else None
        if len(samples) and samples.min() < 0:
            raise ValueError("an annotation before the first sample")
    own_rate = stated if _states_rate(file) else None
    return Beats(samples=samples[order], symbols=symbols, subtypes=subtypes, notes=notes, sampling_hz=own_rate)


def _note(text: object) -> str:
    plain = str(text or "").rstrip("\0").strip()
    return "" if plain == "None" else plain


def _states_rate(file: Path) -> bool:
    return b"## time resolution:" in file.read_bytes()[:256]


def _decoders(layout: Layout) -> Sequence[str]:
    packages = dict.fromkeys("soundfile" if fmt in COMPRESSED else "numpy" for fmt in layout.formats)
    formats = "+".join(layout.formats)
    return tuple(f"WFDB format {formats} {package} {package_version(package)}" for package in packages)


def _check(path: Path) -> None:
    """Read all of a record and compare the checksums of its headers.

    They are signed in some collections and unsigned in others, so compared modulo 65536. That of a shifted signal
    cannot be known: samples before its first one are counted by some.
    """
    layout = layout_of(path)
    for part in layout.parts:
        if part.header is None:
            continue
        sums = np.zeros(len(part.header.signals), dtype=np.int64)
        for block in signal_blocks(part.hea, part.header, part.n_frames):
            sums += [int(values[values != NOT_THERE].sum()) for values in block]
        for place, line in enumerate(part.header.signals):
            is_known = line.checksum is not None and not line.skew and line.fmt != NO_FILE
            if is_known and (int(sums[place]) - int(line.checksum or 0)) % 65536:
                raise fault(part.hea, "wfdb_checksum_differs", found=place + 1)


@hookimpl
def register_readers() -> list[type[Reader]]:
    """The reader of this file."""
    return [WfdbReader]
