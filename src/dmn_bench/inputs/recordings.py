"""Length, rate and reference annotations of a recording, whatever its format; asked often, read once."""

from __future__ import annotations

import hashlib
import math
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..errors import InputFileError
from ..hookspecs import Reader, StreamingReader
from ..vocabulary import Beats
from .edf import read_edf_annotations
from .faults import fault
from .ishne import read_ishne_annotations
from .requests import find_reader
from .wfdb_header import hea_path
from .wfdb_record import ANNOTATOR, RecordInfo, WfdbReader, read_annotations, record_info

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_INFOS = 200_000
MOST_ANNOTATION_BYTES = 256 << 20
"""Annotations kept in memory: about 20 million, those of 2,000 recordings of a day with 10,000 beats each."""

NO_ANNOTATIONS = frozenset(
    ("hea", "dat", "mat", "edf", "bdf", "ecg", "dcm", "xml", "scp", "csv", "h5", "flac", "json", "yaml", "txt", "md")
)
"""Endings of recordings and of what is stated beside them."""


def recording_info(path: Path, readers: Sequence[Reader]) -> RecordInfo:
    """Samples of each lead, samples per second and leads of a recording, from its header where that says them.

    Of a WFDB record whose frames hold several samples, frames are counted: its annotations are written in them.
    Looked up again only if the file has changed. Raises InputFileError if the file cannot be read.
    """
    key = (str(path.absolute()), _state(path))
    with _TURN:
        known = _INFOS.get(key)
    if known is None:
        known = _read_info(path, find_reader(path, readers))
        with _TURN:
            if len(_INFOS) < MOST_INFOS:
                _INFOS[key] = known
    return known


def annotations_of(path: Path, annotator: str, readers: Sequence[Reader]) -> Beats:
    """The annotations of a recording, ascending in time; ``sampling_hz`` only if they have a rate of their own.

    ``NAME.annotator`` beside a recording ``NAME.edf``, ``NAME.dcm`` … is a WFDB annotation file, as it is beside a WFDB
    record. Two annotators are of the format of the recording itself: "ann" beside an ISHNE file is an ISHNE annotation
    file, and "edf" are the annotations within an EDF+ file. What is parsed is kept under the hash of the file's bytes.
    Raises InputFileError if there are none or they cannot be understood.
    """
    file, kind = _annotation_file(path, annotator, readers)
    try:
        key = (kind, hashlib.sha256(file.read_bytes()).hexdigest())
    except OSError as error:
        raise fault(file, "annotations_missing") from error
    with _TURN:
        kept = _ANNOTATIONS.get(key)
    if kept is not None:
        return kept.beats()
    found = _read_annotations(file, kind, annotator)
    _keep(key, _packed(found))
    return found


def has_annotations(path: Path, annotator: str, readers: Sequence[Reader]) -> bool:
    """Whether the annotations that ``annotations_of`` would read are there; only those within a file are read for it.

    Raises InputFileError if the recording has to be looked at and cannot be.
    """
    if not ANNOTATOR.match(annotator):
        return False
    file, kind = _annotation_file(path, annotator, readers)
    if kind != "edf":
        return file.is_file()
    try:
        annotations_of(path, annotator, readers)
    except InputFileError as error:
        if all(problem.key == "inputs.annotations_missing" for problem in error.problems):
            return False
        raise
    return True


def endings_beside(path: Path) -> tuple[str, ...]:
    """What annotation files of a recording may be called by: the endings of files of its name that hold no samples."""
    stem = path.with_suffix("") if path.suffix else path
    names = (stem.name, path.name)
    beside = path.parent.iterdir() if path.parent.is_dir() else ()
    found = {file.suffix[1:] for file in beside if file.stem in names and ANNOTATOR.match(file.suffix[1:])}
    return tuple(sorted(ending for ending in found if ending.lower() not in NO_ANNOTATIONS))


class _Packed(NamedTuple):
    """Annotations in a tenth of the memory that their tuples take."""

    samples: NDArray[np.int64]
    symbols: bytes  # one place in ``alphabet`` for each
    alphabet: tuple[str, ...]
    subtypes: NDArray[np.int32]
    notes: dict[int, str]
    has_notes: bool
    sampling_hz: float | None

    @property
    def n_bytes(self) -> int:
        """Memory taken, about."""
        return self.samples.nbytes + len(self.symbols) + self.subtypes.nbytes + 150 * len(self.notes) + 1000

    def beats(self) -> Beats:
        """The annotations as they were."""
        notes = [""] * len(self.samples) if self.has_notes else []
        for place, note in self.notes.items():
            notes[place] = note
        return Beats(
            samples=self.samples,
            symbols=tuple(map(self.alphabet.__getitem__, self.symbols)),
            subtypes=tuple(self.subtypes.tolist()),
            notes=tuple(notes),
            sampling_hz=self.sampling_hz,
        )


_TURN = threading.Lock()
_INFOS: dict[tuple[str, tuple[int, ...]], RecordInfo] = {}
_ANNOTATIONS: dict[tuple[str, str], _Packed] = {}
_ROOM = [MOST_ANNOTATION_BYTES]  # bytes left


def _state(path: Path) -> tuple[int, ...]:
    """What changes when somebody changes a file, the header of a WFDB record where it is called by its name."""
    file = path if path.exists() else hea_path(path)
    try:
        found = file.stat()
    except OSError as error:
        raise fault(path, "file_missing") from error
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _read_info(path: Path, reader: Reader) -> RecordInfo:
    if isinstance(reader, WfdbReader):
        return record_info(path)
    header = reader.header(path)
    n_samples, hz = header.get("NumberOfWaveformSamples", ""), header.get("SamplingFrequency", "")
    if n_samples.isdigit() and _is_rate(hz):
        return RecordInfo(int(n_samples), float(hz), ())
    if isinstance(reader, StreamingReader):
        info = RecordInfo(0, math.nan, ())
        for block in reader.blocks(path):
            info = RecordInfo(info.n_samples + len(block.samples), block.sampling_hz, block.leads)
        return info
    signals = reader.read(path)[1]
    if signals is None:
        raise fault(path, "ecg_waveform_missing")
    return RecordInfo(len(signals.samples), signals.sampling_hz, signals.leads)


def _is_rate(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and float(text) > 0
    except ValueError:
        return False


def _annotation_file(path: Path, annotator: str, readers: Sequence[Reader]) -> tuple[Path, str]:
    """Where the annotations of a recording are, and in which format."""
    if not ANNOTATOR.match(annotator):
        raise fault(path, "annotations_missing")
    if annotator in ("ann", "edf"):
        name = find_reader(path, readers).name
        if (name, annotator) == ("edf", "edf"):
            return path, "edf"
        if (name, annotator) == ("ishne", "ann"):
            beside = [path.with_suffix(ending) for ending in (".ann", ".ANN")]
            return next((file for file in beside if file.is_file()), beside[0]), "ishne"
    stem = path.with_suffix("") if path.suffix == ".hea" or path.is_file() else path
    named = [file.with_name(f"{file.name}.{annotator}") for file in (stem, path)]
    return next((file for file in named if file.is_file()), named[0]), "wfdb"


def _read_annotations(file: Path, kind: str, annotator: str) -> Beats:
    if kind == "ishne":
        return read_ishne_annotations(file)
    if kind == "edf":
        return read_edf_annotations(file)
    return read_annotations(file.with_name(file.name.removesuffix(f".{annotator}")), annotator)


def _packed(beats: Beats) -> _Packed:
    alphabet = tuple(dict.fromkeys(beats.symbols))
    places = {symbol: place for place, symbol in enumerate(alphabet)}
    return _Packed(
        samples=beats.samples,
        symbols=bytes(places[symbol] for symbol in beats.symbols),
        alphabet=alphabet,
        subtypes=np.asarray(beats.subtypes, dtype=np.int32),
        notes={place: note for place, note in enumerate(beats.notes) if note},
        has_notes=bool(beats.notes),
        sampling_hz=beats.sampling_hz,
    )


def _keep(key: tuple[str, str], packed: _Packed) -> None:
    """Kept while there is room: whoever goes through more recordings than that finds the first ones again."""
    with _TURN:
        if key not in _ANNOTATIONS and packed.n_bytes <= _ROOM[0]:
            _ANNOTATIONS[key] = packed
            _ROOM[0] -= packed.n_bytes
