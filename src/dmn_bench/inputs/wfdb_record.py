"""Reader `wfdb`: WFDB records and annotation files."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import numpy as np

from ..files import write_atomically
from ..hookspecs import Reader, hookimpl
from ..vocabulary import Beats, Image, Signals
from .faults import MOST_DECODED_BYTES, fault, keys_of, reading
from .leads import neutral_leads
from .packages import package_version
from .units import millivolts_per
from .wfdb_header import BITS_PER_SAMPLE, WfdbHeader, hea_path, read_header

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ANNOTATOR = re.compile(r"^\w{1,16}$")
_COMMENT = re.compile(r"^(Age|Sex)\s*:\s*(\w+)", re.IGNORECASE)
_SEXES = {"f": "F", "female": "F", "m": "M", "male": "M"}
_INVALID_32 = -(2**31)
_SPARE_BYTES = 3  # formats that pack samples fill up to a whole group
_WHOLE_SAMPLES = {"16": ("<i2", 0), "32": ("<i4", 0), "61": (">i2", 0), "80": ("|u1", 128), "160": ("<u2", 32_768)}
"""Formats of one number for each sample: its type, and what is taken from it. We read these ourselves."""


class RecordInfo(NamedTuple):
    """What the header says of the length of a record."""

    n_samples: int
    sampling_hz: float
    leads: tuple[str, ...]  # as written


@dataclass(frozen=True, kw_only=True)
class WfdbReader:
    """WFDB records of one segment and one sampling rate, given as ``record.hea`` or ``record``."""

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
        """Wording keys of everything that ``read`` refuses, and of signals that differ from the header's checksums."""
        keys = keys_of(lambda: self.read(path))
        return keys or keys_of(lambda: _check_sums(path))

    def header(self, path: Path) -> Mapping[str, str]:
        """SamplingFrequency, NumberOfWaveformSamples, -Channels; PatientAge and PatientSex (F, M) from comments."""
        header = read_header(path)
        found = {
            "SamplingFrequency": f"{header.sampling_hz:g}",
            "NumberOfWaveformSamples": str(header.n_samples),
            "NumberOfWaveformChannels": str(len(header.signals)),
        }
        for comment in header.comments:
            match = _COMMENT.match(comment)
            if match and match[1].lower() == "age" and match[2].isdigit():
                found.setdefault("PatientAge", f"{int(match[2]):03d}Y")  # as DICOM writes an age in years
            elif match and match[2].lower() in _SEXES:
                found.setdefault("PatientSex", _SEXES[match[2].lower()])
        return found

    def read(self, path: Path) -> tuple[Sequence[Image], Signals | None, Sequence[str]]:
        """The signals in millivolt, NaN where the format's mark of an invalid sample stands; leads as written.

        Raises InputFileError if a file is missing, holds more or fewer samples than the header says, or a unit is no
        voltage.
        """
        header = read_header(path)
        factors = [millivolts_per(signal.unit) for signal in header.signals]
        if None in factors:
            raise fault(hea_path(path), "unit_unknown", found=header.signals[factors.index(None)].unit)
        digital = _digital(path, header)
        samples = np.empty(digital.shape)
        for lead, (signal, factor) in enumerate(zip(header.signals, factors, strict=True)):
            values = (digital[:, lead] - float(signal.baseline)) / signal.gain * float(factor or 1)
            values[digital[:, lead] == _invalid(signal.fmt)] = np.nan
            samples[:, lead] = values
        leads = tuple(signal.lead for signal in header.signals)
        formats = "+".join(dict.fromkeys(signal.fmt for signal in header.signals))
        signals = Signals(samples=samples, sampling_hz=header.sampling_hz, leads=leads)
        package = "numpy" if _has_whole_samples(header) else "wfdb"
        return (), signals, (f"WFDB format {formats} {package} {package_version(package)}",)

    def deidentified_copy(self, path: Path, folder: Path, name: str) -> Sequence[Path]:
        """``name``.hea and ``name``.dat: the same digital values, gains and rate; no comment, date nor record name.

        Leads have their standard names, unknown ones a number. All signals are in format 32, whose values are exact.
        """
        header = read_header(path)
        self.read(path)
        digital = _digital(path, header)
        stored = digital.astype("<i4")
        for lead, signal in enumerate(header.signals):
            stored[digital[:, lead] == _invalid(signal.fmt), lead] = _INVALID_32
        lines = [f"{name} {len(header.signals)} {header.sampling_hz!r} {header.n_samples}"]
        leads = neutral_leads([signal.lead for signal in header.signals])
        for lead, signal in enumerate(header.signals):
            unit = {1e-3: "uV", 1.0: "mV", 1e3: "V", 1e-6: "nV"}[float(millivolts_per(signal.unit) or 1)]
            total = int(stored[:, lead].sum(dtype=np.int64)) % 65536
            first = int(stored[0, lead])
            lines.append(
                f"{name}.dat 32 {signal.gain!r}({signal.baseline})/{unit} 32 0 {first} {total} 0 {leads[lead]}"
            )
        hea, dat = folder / f"{name}.hea", folder / f"{name}.dat"
        write_atomically(dat, stored.tobytes())
        write_atomically(hea, "\n".join(lines) + "\n")
        return hea, dat


def rename_record(header: Path, name: str) -> None:
    """Write another name into the header of a ``deidentified_copy``; its files are renamed by whoever asks for it."""
    old = header.stem
    lines = header.read_text(encoding="utf-8").splitlines()
    renamed = (name + line.removeprefix(old) if line.startswith(old) else line for line in lines)
    write_atomically(header, "\n".join(renamed) + "\n")


def record_info(path: Path) -> RecordInfo:
    """Length, rate and lead names of a record, from its header alone."""
    header = read_header(path)
    return RecordInfo(header.n_samples, header.sampling_hz, tuple(signal.lead for signal in header.signals))


def read_annotations(record_path: Path, annotator: str) -> Beats:
    """The annotations ``record.annotator``, ascending in time; ``sampling_hz`` only if the file states its own.

    Notes come without trailing NUL; the literal text "None" that some writers leave is no note.
    Raises InputFileError if the file is missing or cannot be parsed, or an annotation lies before the record.
    """
    stem = record_path.with_suffix("") if record_path.suffix == ".hea" else record_path
    file = record_path if not _ANNOTATOR.match(annotator) else stem.with_name(f"{stem.name}.{annotator}")
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


def _invalid(fmt: str) -> int | None:
    bits = {"8": None, "80": 8, "212": 12, "16": 16, "61": 16, "160": 16, "24": 24, "32": 32, "310": 10, "311": 10}[fmt]
    return None if bits is None else -(2 ** (bits - 1))


def _digital(path: Path, header: WfdbHeader) -> NDArray[np.int64]:
    """ADC values [samples, leads], after the sizes of the files have been checked.

    Formats of whole numbers are read as they stand: the library takes most of its time for a second look at the
    header. What is packed or differenced is the library's to decode.
    """
    hea = hea_path(path)
    if header.n_samples * len(header.signals) * 8 * 2 > MOST_DECODED_BYTES:
        raise fault(hea, "too_large")
    _check_sizes(hea, header)
    if _has_whole_samples(header):
        with reading(hea, "wfdb_damaged"):
            return _whole_samples(hea, header)
    with reading(hea, "wfdb_damaged"):
        import wfdb  # warns when it is imported: inside reading()

        if header.plain and header.name == hea.stem:
            record = wfdb.rdrecord(str(hea.with_suffix("")), physical=False)
        else:
            with tempfile.TemporaryDirectory() as folder:
                record = wfdb.rdrecord(str(_plain_twin(hea, header, Path(folder))), physical=False)
        digital = np.asarray(record.d_signal, dtype=np.int64)
        if digital.shape != (header.n_samples, len(header.signals)):
            raise ValueError("another number of samples than stated")
    return digital


def _has_whole_samples(header: WfdbHeader) -> bool:
    """Whether we read the samples ourselves. A header that goes on after its signals is left to the library's care."""
    return header.tidy and all(signal.fmt in _WHOLE_SAMPLES for signal in header.signals)


def _whole_samples(hea: Path, header: WfdbHeader) -> NDArray[np.int64]:
    """Signals of one file lie side by side there, in the order of their lines in the header."""
    digital = np.empty((header.n_samples, len(header.signals)), dtype=np.int64)
    for name in dict.fromkeys(signal.file for signal in header.signals):
        places = [place for place, signal in enumerate(header.signals) if signal.file == name]
        first = header.signals[places[0]]
        kind, zero = _WHOLE_SAMPLES[first.fmt]
        count = header.n_samples * len(places)
        stored = np.fromfile(hea.with_name(name), dtype=kind, count=count, offset=first.byte_offset)
        digital[:, places] = stored.reshape(header.n_samples, len(places))
        digital[:, places] -= zero
    return digital


def _check_sizes(hea: Path, header: WfdbHeader) -> None:
    for name in dict.fromkeys(signal.file for signal in header.signals):
        inside = [signal for signal in header.signals if signal.file == name]
        file = hea.with_name(name)
        if not file.is_file():
            raise fault(hea, "wfdb_signal_file_missing", found=name)
        if file.resolve().parent != hea.resolve().parent:
            raise fault(hea, "wfdb_file_outside", found=name)
        if len({(signal.fmt, signal.byte_offset) for signal in inside}) > 1:
            raise fault(hea, "wfdb_bad_header", found="signal lines")
        count = header.n_samples * len(inside)
        expected = inside[0].byte_offset + int(np.ceil(count * BITS_PER_SAMPLE[inside[0].fmt] / 8))
        size = file.stat().st_size
        if size < expected:
            raise fault(hea, "wfdb_samples_missing", expected=expected, found=size)
        if size > expected + _SPARE_BYTES:
            raise fault(hea, "wfdb_samples_surplus", expected=expected, found=size)


def _plain_twin(hea: Path, header: WfdbHeader, folder: Path) -> Path:
    """The same record under a header that the library parses."""
    lines = [f"record {len(header.signals)} {header.sampling_hz!r} {header.n_samples}"]
    for signal in header.signals:
        offset = f"+{signal.byte_offset}" if signal.byte_offset else ""
        lines.append(f"{signal.file} {signal.fmt}{offset} {signal.gain!r}({signal.baseline})/mV")
        if not (folder / signal.file).exists():
            shutil.copyfile(hea.with_name(signal.file), folder / signal.file)
    write_atomically(folder / "record.hea", "\n".join(lines) + "\n")
    return folder / "record"


def _check_sums(path: Path) -> None:
    """Header checksums are signed in some collections and unsigned in others: compared modulo 65536."""
    header = read_header(path)
    digital = _digital(path, header)
    for lead, signal in enumerate(header.signals):
        if signal.checksum is not None and (int(digital[:, lead].sum()) - signal.checksum) % 65536:
            raise fault(hea_path(path), "wfdb_checksum_differs", found=lead + 1)


@hookimpl
def register_readers() -> list[type[Reader]]:
    """The reader of this file."""
    return [WfdbReader]
