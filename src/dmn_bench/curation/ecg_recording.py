"""One recording of a hospital: what its file says of it, what makes it the same as another, and its copy in the set."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputFileError, Problem
from ..hookspecs import NamingReader, Reader, ReportingReader, SeveralFilesReader, StreamingReader
from ..inputs.annotation_copy import write_annotations
from ..inputs.leads import usual_leads
from ..inputs.recordings import annotations_of, recording_info
from ..inputs.signal_quality import columns_of_blocks
from ..vocabulary import Beats, EcgReport, Signals
from .ecg_labels import Collection, Said, header_says
from .ecg_walk import FoundFile, cell
from .import_cases import strata_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOLTER_SECONDS, RESTING_SECONDS = 3600.0, 60.0  # from an hour on; up to a minute
_TENTHS_OF_MICROVOLTS = 1e4
_INVALID = np.iinfo(np.int64).min
_OWN_COLUMNS = ("sex", "age_years", "manufacturer", "model", "study_quarter")


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """What is known of one recording. ``columns``: its cells of cases.csv; ``waveform``: "" where no lead moves.

    ``patient``: the hospital's id, "" where none is stated; ``record``: its name in its collection; ``moment``: who was
    recorded when, to the second, and for how long, "" where the file does not say.
    """

    found: FoundFile
    header: Mapping[str, str]
    report: EcgReport
    said: Said
    columns: Mapping[str, str]
    patient: str
    record: str
    moment: str
    waveform: str
    sampling_hz: float
    beats: Beats | None  # its reference annotations, None where there are none


def looked_at(found: FoundFile, collection: Collection | None, *, annotations: str = "", site: str = "") -> Recording:
    """Read a recording from its first sample to its last. ``annotations``: ending of its annotation file, "" for none.

    ``site``: of which patient ids are ids. Raises InputFileError if it cannot be read, or a file that belongs to it is
    a link or missing, or its annotations cannot be understood.
    """
    path, reader = found.path, found.reader
    _refuse_links(path, reader)
    said = _said(found, collection)
    header = {**reader.header(path), **said.attributes}
    report = said.report or (reader.report(path) if isinstance(reader, ReportingReader) else EcgReport())
    beats = _annotations(found, annotations) if annotations else None
    trace = _Trace()
    blocks = _blocks(path, reader)
    first = next(blocks, None)
    if first is None or not len(first.samples):
        raise InputFileError(Problem(key="inputs.ecg_waveform_missing", where=path.name))
    seen = columns_of_blocks(trace.watch(itertools.chain([first], blocks)), beats, header=header)
    strata = strata_of(header, reader.persons(path) if isinstance(reader, NamingReader) else ())
    own = {**{name: strata[name] for name in _OWN_COLUMNS}, "setting": _setting(trace.seconds, reader.name)}
    patient = cell(header.get("PatientID", "").strip())
    patient = f"{site}/{patient}" if patient and site else patient
    return Recording(
        found=found,
        header=header,
        report=report,
        said=said,
        columns={**own, **seen, **said.columns, **({"site": site} if site else {})},
        patient=patient,
        record=cell(said.record),
        moment=_who_and_when(patient, header, trace.seconds),
        waveform=trace.waveform,
        sampling_hz=trace.sampling_hz,
        beats=beats,
    )


def copy_into(recording: Recording, root: Path, case_id: str) -> str:
    """Write the de-identified copy below ``root/files``; its entry of ``Case.files``."""
    found = recording.found
    paths = found.reader.deidentified_copy(found.path, root / "files", case_id)
    header = next((path for path in paths if path.suffix == ".hea"), paths[0])
    return f"files/{header.name}"


def copy_annotations(recording: Recording, root: Path, entry: str, annotator: str) -> int:
    """Write the reference annotations of a recording beside its copy; how many notes were left out."""
    if recording.beats is None:
        return 0
    copy = root / entry
    target = copy.with_name(f"{copy.stem}.{annotator}")
    return write_annotations(recording.beats, target, sampling_hz=recording.sampling_hz)[1]


def _annotations(found: FoundFile, ending: str) -> Beats | None:
    """The annotations of a recording with the rate of their clock; None where there is no such file."""
    try:
        beats = annotations_of(found.path, ending, [found.reader])
    except InputFileError as error:
        if any(problem.key == "inputs.annotations_missing" for problem in error.problems):
            return None
        raise
    clock = beats.sampling_hz or recording_info(found.path, [found.reader]).sampling_hz
    return replace(beats, sampling_hz=clock)


def _said(found: FoundFile, collection: Collection | None) -> Said:
    of_table = collection.rows.get(found.path.stem) if collection is not None else None
    if of_table is not None:
        return of_table
    return header_says(found.path) if found.path.suffix == ".hea" else Said()


def _refuse_links(path: Path, reader: Reader) -> None:
    parts = reader.files(path) if isinstance(reader, SeveralFilesReader) else (path,)
    for part in parts:
        if part.is_symlink() or part.resolve().parent != path.resolve().parent:
            raise InputFileError(Problem(key="ecg_import.link", where=part.name))


def _who_and_when(patient: str, header: Mapping[str, str], seconds: float) -> str:
    """What two recordings of one person share that begin in the same second and last as long."""
    moment = header.get("AcquisitionDateTime", "")[:14]
    is_moment = moment.isdigit() and len(moment) == 14 and not moment.endswith("000000")
    return f"{patient} {moment} {seconds:.0f} s" if patient and is_moment else ""


class _Trace:
    """What a recording's samples are like, seen as they pass by."""

    def __init__(self) -> None:
        self.sampling_hz, self.n_samples = 0.0, 0
        self.leads: dict[str, _LeadDigest] = {}

    def watch(self, blocks: Iterable[Signals]) -> Iterator[Signals]:
        """The same blocks."""
        for block in blocks:
            names = usual_leads(block.leads)
            self.leads = self.leads or {name: _LeadDigest() for name in names}
            for place, name in enumerate(names):
                self.leads[name].update(block.samples[:, place])
            self.sampling_hz = block.sampling_hz
            self.n_samples += len(block.samples)
            yield block

    @property
    def seconds(self) -> float:
        """Length of the recording."""
        return self.n_samples / self.sampling_hz

    @property
    def waveform(self) -> str:
        """What two files of one recording have in common: a lead that moves, rate, length, hash; "" if none moves."""
        order = sorted(self.leads, key=lambda lead: (lead != "II", lead != "I", lead != "V5", lead))
        lead = next((each for each in order if self.leads[each].moves), "")
        return f"{cell(lead)} {self.sampling_hz:g} {self.n_samples} {self.leads[lead].hex()}" if lead else ""


def _blocks(path: Path, reader: Reader) -> Iterator[Signals]:
    if isinstance(reader, StreamingReader):
        yield from reader.blocks(path)
    elif (signals := reader.read(path)[1]) is not None:
        yield signals


class _LeadDigest:
    """The hash of a lead's course in tenths of microvolts, and whether it has one."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.first: int | None = None
        self.moves = False

    def update(self, millivolts: NDArray[np.float64]) -> None:
        # halfway values (of an odd number of half steps) must not fall by the last bit of a product
        steps = np.floor(millivolts * _TENTHS_OF_MICROVOLTS + 0.5 + 1e-3)
        whole = np.full(len(steps), _INVALID)
        sound = np.isfinite(steps) & (np.abs(steps) < 2.0**62)
        whole[sound] = steps[sound].astype(np.int64)
        if len(whole) and not self.moves:
            self.first = int(whole[0]) if self.first is None else self.first
            self.moves = bool((whole != self.first).any())
        self.digest.update(whole.astype("<i8").tobytes())

    def hex(self) -> str:
        return self.digest.hexdigest()[:32]


def _setting(seconds: float, reader_name: str) -> str:
    """``resting`` up to a minute, ``holter`` from an hour on or in a recorder's format, ``ward`` between."""
    if seconds >= HOLTER_SECONDS or reader_name == "ishne":
        return "holter"
    return "resting" if seconds <= RESTING_SECONDS else "ward"
