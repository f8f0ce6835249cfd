"""One recording of a hospital: what its file says of it, what makes it the same as another, and its copy in the set."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputFileError, Problem
from ..hookspecs import Reader, ReportingReader, SeveralFilesReader, StreamingReader
from ..inputs.annotation_copy import write_annotations
from ..inputs.leads import STANDARD_12, neutral_leads, standard_lead
from ..inputs.recordings import annotations_of, recording_info
from ..vocabulary import EcgReport, Signals
from .ecg_labels import Collection, Said, header_says
from .ecg_walk import FoundFile, cell
from .import_cases import strata_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOLTER_SECONDS, RESTING_SECONDS = 3600.0, 60.0  # from an hour on; up to a minute
MOST_SECONDS_AT_ONCE = 1800.0  # of a longer recording the samples are not held at once
FEW_LEADS = 3
_TENTHS_OF_MICROVOLTS = 1e4
_INVALID = np.iinfo(np.int64).min
_OWN_COLUMNS = ("sex", "age_years", "manufacturer", "model", "study_quarter")


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """What is known of one recording. ``columns``: its cells of cases.csv; ``waveform``: "" where no lead moves.

    ``patient``: the hospital's id, "" where none is stated; ``record``: its name in its collection, or who and when.
    """

    found: FoundFile
    header: Mapping[str, str]
    report: EcgReport
    said: Said
    columns: Mapping[str, str]
    patient: str
    record: str
    waveform: str
    sampling_hz: float


def looked_at(found: FoundFile, collection: Collection | None, *, site: str = "") -> Recording:
    """Read a recording from its first sample to its last. ``site``: of which patient ids are ids.

    Raises InputFileError if it cannot be read, or a file that belongs to it is a link or missing.
    """
    path, reader = found.path, found.reader
    _refuse_links(path, reader)
    said = _said(found, collection)
    header = {**reader.header(path), **said.attributes}
    report = said.report or (reader.report(path) if isinstance(reader, ReportingReader) else EcgReport())
    traced = _traced(path, reader)
    patient = cell(header.get("PatientID", "").strip())
    patient = f"{site}/{patient}" if patient and site else patient
    return Recording(
        found=found,
        header=header,
        report=report,
        said=said,
        columns={**_columns(header, traced, reader.name), **said.columns, **({"site": site} if site else {})},
        patient=patient,
        record=cell(said.record) or _who_and_when(patient, header, traced.n_samples / traced.sampling_hz),
        waveform=traced.waveform,
        sampling_hz=traced.sampling_hz,
    )


def copy_into(recording: Recording, root: Path, case_id: str) -> str:
    """Write the de-identified copy below ``root/files``; its entry of ``Case.files``."""
    found = recording.found
    paths = found.reader.deidentified_copy(found.path, root / "files", case_id)
    header = next((path for path in paths if path.suffix == ".hea"), paths[0])
    return f"files/{header.name}"


def copy_annotations(recording: Recording, root: Path, entry: str, source: str, annotator: str) -> tuple[bool, int]:
    """Write the reference annotations ``source`` of a recording beside its copy, as annotator ``annotator``.

    Whether there are any, and how many notes were left out. Raises InputFileError if they cannot be understood.
    """
    found = recording.found
    try:
        beats = annotations_of(found.path, source, [found.reader])
    except InputFileError as error:
        if any(problem.key == "inputs.annotations_missing" for problem in error.problems):
            return False, 0
        raise
    copy = root / entry
    clock = beats.sampling_hz or recording_info(found.path, [found.reader]).sampling_hz
    _, n_left_out = write_annotations(
        replace(beats, sampling_hz=clock), copy.with_name(f"{copy.stem}.{annotator}"), sampling_hz=recording.sampling_hz
    )
    return True, n_left_out


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
    """Two recordings of one person that begin in the same second and last as long are one, in whatever formats."""
    moment = header.get("AcquisitionDateTime", "")[:14]
    is_moment = moment.isdigit() and len(moment) == 14 and not moment.endswith("000000")
    return f"{patient} {moment} {seconds:.0f} s" if patient and is_moment else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Traced:
    """What was seen in the samples. ``signals``: all of them, None for a recording too long for that."""

    sampling_hz: float
    n_samples: int
    leads: tuple[str, ...]
    waveform: str
    signals: Signals | None


def _traced(path: Path, reader: Reader) -> _Traced:
    digests: list[_LeadDigest] = []
    blocks: list[Signals] = []
    leads: tuple[str, ...] = ()
    hz, n_samples = 0.0, 0
    for block in _blocks(path, reader):
        hz, leads = block.sampling_hz, block.leads
        digests = digests or [_LeadDigest() for _ in leads]
        for place, digest in enumerate(digests):
            digest.update(block.samples[:, place])
        n_samples += len(block.samples)
        if n_samples <= MOST_SECONDS_AT_ONCE * hz:
            blocks.append(block)
    if not n_samples:
        raise InputFileError(Problem(key="inputs.ecg_waveform_missing", where=path.name))
    named = {standard_lead(lead) or lead: digest for lead, digest in zip(leads, digests, strict=True)}
    order = sorted(named, key=lambda lead: (lead != "II", lead != "I", lead != "V5", lead))
    moving = next((lead for lead in order if named[lead].moves), "")
    is_whole = n_samples <= MOST_SECONDS_AT_ONCE * hz
    return _Traced(
        sampling_hz=hz,
        n_samples=n_samples,
        leads=leads,
        waveform=f"{moving} {hz:g} {n_samples} {named[moving].hex()}" if moving else "",
        signals=Signals(samples=np.concatenate([b.samples for b in blocks]), sampling_hz=hz, leads=leads)
        if is_whole
        else None,
    )


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


def _columns(header: Mapping[str, str], traced: _Traced, reader_name: str) -> dict[str, str]:
    strata = strata_of(header)
    seconds = traced.n_samples / traced.sampling_hz
    return {
        **{name: strata[name] for name in _OWN_COLUMNS},
        "recording_hz": f"{traced.sampling_hz:.6g}",
        "recording_seconds": f"{seconds:.6g}",
        "lead_set": _lead_set(traced.leads),
        "setting": _setting(seconds, reader_name),
    }


def _setting(seconds: float, reader_name: str) -> str:
    """``resting`` up to a minute, ``holter`` from an hour on or in a recorder's format, ``ward`` between."""
    if seconds >= HOLTER_SECONDS or reader_name == "ishne":
        return "holter"
    return "resting" if seconds <= RESTING_SECONDS else "ward"


def _lead_set(leads: tuple[str, ...]) -> str:
    names = neutral_leads(leads)
    if set(STANDARD_12) <= set(names):
        return "12" if len(names) == len(STANDARD_12) else f"12 + {len(names) - len(STANDARD_12)}"
    return " + ".join(names) if len(names) <= FEW_LEADS else f"{len(names)}"
