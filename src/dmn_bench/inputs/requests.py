"""A case becomes a request: neutral names, minimal copies, and the way back kept on our side of the wall."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ..errors import InputFileError, Problem, ReferenceSetError
from ..hookspecs import CaseKeys, Reader, SeveralFilesReader, StreamingReader
from ..vocabulary import Case, Image, Origin, Request, SignalForm, Signals
from .dicom_file import is_dicom
from .dicom_series import series_files
from .faults import fault
from .known_images import IMAGE_KEYWORDS, known_image
from .leads import neutral_leads
from .new_uids import one_study
from .picture_turns import TURN
from .signal_copy import write_millivolts
from .signal_form import check_length, in_millivolts, shaped, shaped_blocks
from .wfdb_header import read_header

READERS_BY_FORM: Mapping[str, tuple[str, ...]] = {"dicom": ("dicom-image", "dicom-ecg"), "wfdb": ("wfdb",)}
"""Which readers' files have this form. Every recording is given as wfdb where that is asked for."""

KEY_KEYWORDS = ("AccessionNumber", TURN, *IMAGE_KEYWORDS)
"""What the names of a case are made of."""
_TABLE_ENDINGS = (".csv", ".json", ".jsonl", ".yaml")


class CaseFile(NamedTuple):
    """One entry of ``Case.files`` found on disk, with the reader that recognises it."""

    written: str  # as in Case.files
    path: Path
    reader: Reader


def case_files(case: Case, root: Path, readers: Sequence[Reader]) -> tuple[CaseFile, ...]:
    """The files of a case with their readers, in the order of cases.csv.

    Raises ReferenceSetError with every problem: a path that is absolute, holds "..", leaves the folder of the set by
    a link, does not exist, or that no reader recognises.
    """
    found: list[CaseFile] = []
    problems: list[Problem] = []
    for written in case.files:
        try:
            path = file_path(written, root)
            found.append(CaseFile(written, path, find_reader(path, readers)))
        except ReferenceSetError as error:
            problems.extend(error.problems)
    if problems:
        raise ReferenceSetError(*problems)
    return tuple(found)


def file_path(written: str, root: Path) -> Path:
    """The place of a file of the set. A WFDB record may be written without its suffix.

    Raises InputFileError if it lies, or leads by a link, outside ``root``, or does not exist.
    """
    parts = PurePosixPath(written)
    if parts.is_absolute() or ".." in parts.parts or "\\" in written or ":" in written or not parts.parts:
        raise fault(Path(written), "path_outside")
    path = root / written
    target = path if path.exists() else path.with_name(f"{path.name}.hea")
    if not target.exists():
        raise fault(Path(written), "file_missing")
    inside = root.resolve()
    linked = [target, *target.iterdir()] if target.is_dir() else [target]
    if not all(one.resolve().is_relative_to(inside) for one in linked):
        raise fault(Path(written), "path_outside")
    return path


def find_reader(path: Path, readers: Sequence[Reader]) -> Reader:
    """The one reader that recognises the file.

    Raises InputFileError if none does, or several do: the order of installation must not decide.
    """
    found = [reader for reader in readers if reader.recognises(path)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(sorted(reader.name for reader in (found or readers)))
    raise fault(path, "several_readers" if found else "no_reader", readers=names)


def load_case(
    case: Case, root: Path, *, receives: str, readers: Sequence[Reader], request_id: str, scratch: Path
) -> tuple[Request, Origin]:
    """What a candidate is asked about a case, and what the request was made from.

    ``receives``: ``array`` (decoded images or signals), ``dicom``, ``wfdb`` (a recording of any format) or ``file``
    (as it is): then minimal de-identified copies are written into ``scratch`` under neutral names and the request
    carries their paths alone.
    The UIDs in ``Origin`` are those of the originals and of the copies, so that an answer may use either.
    Raises ReferenceSetError or InputFileError if a file cannot be given, MachineError if a decoder is missing or the
    disk is full.
    """
    files = case_files(case, root, readers)
    return load_files(case, files, receives=receives, request_id=request_id, scratch=scratch)


def load_files(
    case: Case,
    files: Sequence[CaseFile],
    *,
    receives: str,
    request_id: str,
    scratch: Path,
    form: SignalForm | None = None,
) -> tuple[Request, Origin]:
    """``load_case`` for files that ``case_files`` has found, recordings in the ``form`` that the candidate declares.

    Raises RejectedInputError where a recording cannot be had in that form.
    """
    if not files:
        raise ReferenceSetError(Problem(key="inputs.case_without_files", where=case.case_id))
    if receives not in ("array", "file", *READERS_BY_FORM):
        raise ReferenceSetError(Problem(key="inputs.form_unknown", where=case.case_id, facts={"found": receives}))
    if receives == "array":
        return _as_arrays(case, files, request_id, form)
    with one_study():  # what a vendor receives about one case is one examination
        return _as_copies(case, files, receives, request_id, _Copier(receives, scratch, form))


def case_header(case: Case, root: Path, readers: Sequence[Reader]) -> Mapping[str, str]:
    """Attributes of the first file of a case by DICOM keyword, for strata; empty for a case without files."""
    if not case.files:
        return {}
    path = file_path(case.files[0], root)
    return find_reader(path, readers).header(path)


def case_keys(case: Case, root: Path, readers: Sequence[Reader]) -> CaseKeys:
    """Every name by which a vendor may call a case: UIDs, accession numbers, image sizes. No pixel is decoded."""
    from .voxel_grids import case_grid

    files = case_files(case, root, readers)
    keys = keys_of_headers(
        case, ((written, reader.header(file)) for written, path, reader in files for file in _members(path, reader))
    )
    return replace(keys, grid=partial(case_grid, case, root, readers))


def keys_of_headers(case: Case, headers: Iterable[tuple[str, Mapping[str, str]]]) -> CaseKeys:
    """The names of a case from the headers of its files, each with its entry of ``Case.files``."""
    uids: dict[str, str] = {}
    studies, accessions = [], []
    sizes: dict[str, tuple[int, int]] = {}
    turns: dict[str, int] = {}
    instances = []
    for written, header in headers:
        if TURN in header:
            turns[written] = int(header[TURN])
        if "SOPInstanceUID" in header:
            uids[header["SOPInstanceUID"]] = written
            instances.append(known_image(written, header))
        studies.append(header.get("StudyInstanceUID", ""))
        accessions.append(header.get("AccessionNumber", ""))
        if header.get("Columns", "").isdigit() and header.get("Rows", "").isdigit():
            sizes[written] = (int(header["Columns"]), int(header["Rows"]))
    return CaseKeys(
        case=case,
        sop_instance_uids=uids,
        study_instance_uids=tuple(dict.fromkeys(filter(None, studies))),
        accession_numbers=tuple(dict.fromkeys(filter(None, accessions))),
        image_sizes=sizes or None,
        instances=tuple(instances),
        picture_turns=turns or None,
    )


def files_of(
    case: Case,
    root: Path,
    readers: Sequence[Reader],
    *,
    annotator: str | None = None,
    masks: Collection[str] = (),
) -> tuple[str, ...]:
    """Every file of the set that making the request reads, by its path in the set; what holds truth is never there.

    A file is itself. A folder with a series is its DICOM files, hidden ones and other kinds left out. A WFDB record is
    its header and the signal files that the header names: no annotations, tables or anything else beside them.
    ``annotator``: the ending of reference annotations; ``masks``: files that hold reference masks: both are left out
    wherever a header or a folder brings them in.
    With these files alone, at the same paths under another root, ``load_case`` gives the same request.
    Raises ReferenceSetError as ``case_files`` does: such a case cannot be read anywhere.
    """
    names = names_read(case_files(case, root, readers), annotator=annotator)
    return tuple(name for name in names if name not in masks)


def names_read(files: Sequence[CaseFile], *, annotator: str | None = None) -> tuple[str, ...]:
    """``files_of`` for files that ``case_files`` has found."""
    found: dict[str, None] = {}
    for written, path, reader in files:
        base = PurePosixPath(written)
        if path.is_dir():
            names = [base / file.name for file in sorted(path.iterdir()) if _is_of_series(file, reader)]
        elif isinstance(reader, SeveralFilesReader):
            never = () if annotator is None else (f".{annotator}",)
            if reader.name in READERS_BY_FORM["wfdb"]:  # a header names what it likes, also what holds truth
                never = (*never, *_TABLE_ENDINGS)
            names = [base.with_name(name) for name in _files_beside(path, reader, never)]
        else:
            names = [base]
        found.update(dict.fromkeys(str(name) for name in names))
    return tuple(found)


def _files_beside(path: Path, reader: SeveralFilesReader, never: Collection[str]) -> list[str]:
    """The files of a recording that are there, but for those with an ending that may ``never`` be among them."""
    own = path.name if path.is_file() else f"{path.name}.hea"
    try:
        named = [file.name for file in reader.files(path) if file.parent == path.parent]
    except InputFileError:  # it cannot be read elsewhere either
        named = []
    return [name for name in dict.fromkeys((own, *named)) if name == own or PurePosixPath(name).suffix not in never]


def _is_of_series(file: Path, reader: Reader) -> bool:
    of_dicom = reader.name in READERS_BY_FORM["dicom"] and is_dicom(file)  # a waveform makes the series unreadable
    return not file.name.startswith(".") and file.is_file() and (of_dicom or reader.recognises(file))


def _members(path: Path, reader: Reader) -> Sequence[Path]:
    """The files of a series, or the file itself."""
    if not path.is_dir():
        return [path]
    return [file for file in sorted(path.iterdir()) if not file.name.startswith(".") and reader.recognises(file)]


def _as_arrays(
    case: Case, files: Sequence[CaseFile], request_id: str, form: SignalForm | None
) -> tuple[Request, Origin]:
    images: list[Image] = []
    signals: Signals | None = None
    names: dict[str, str] = {}
    decoders: list[str] = []
    for written, path, reader in files:
        found, recording, used = reader.read(path)
        decoders.extend(used)
        if recording is not None and signals is not None:
            raise ReferenceSetError(Problem(key="inputs.several_recordings", where=case.case_id))
        signals = recording or signals
        for image in found:
            name = f"image-{len(images) + 1}"
            names[name] = written
            images.append(replace(image, name=name))
    if signals is not None:
        signals = replace(signals, leads=neutral_leads(signals.leads)) if form is None else shaped(signals, form)
    request = Request(request_id=request_id, images=tuple(images), signals=signals)
    origin = _origin(case, files, names, decoders, _sizes(images, names))
    return request, replace(
        origin, sampling_hz=None if signals is None else _own_rate(files, form, signals.sampling_hz)
    )


def _as_copies(
    case: Case, files: Sequence[CaseFile], receives: str, request_id: str, copier: _Copier
) -> tuple[Request, Origin]:
    copies: list[Path] = []
    names: dict[str, str] = {}
    uids: dict[str, str] = {}
    originals: dict[str, str] = {}
    for place, (written, path, reader) in enumerate(files, start=1):
        if not _is_given(reader, receives):
            facts = {"expected": receives, "found": reader.name}
            raise ReferenceSetError(Problem(key="inputs.form_not_available", where=written, facts=facts))
        name = f"image-{place}" if reader.gives == "images" else f"record-{place}"
        names[name] = written
        made = copier.copies(path, reader, name)
        copies.extend(made)
        if reader.name in READERS_BY_FORM["dicom"] and made[0].suffix != ".hea":
            sources = series_files(path) if path.is_dir() else (path,)
            for copy, source in zip(made, sources, strict=True):
                uid = reader.header(copy)["SOPInstanceUID"]
                uids[uid] = written
                originals[uid] = reader.header(source).get("SOPInstanceUID", "")
    origin = _origin(case, files, names, (), _header_sizes(files))
    request = Request(request_id=request_id, files=tuple(copies))
    records = [read_header(copy).sampling_hz for copy in copies if copy.suffix == ".hea"]
    return request, replace(
        origin,
        sop_instance_uids={**origin.sop_instance_uids, **uids},
        originals=originals,
        sampling_hz=_own_rate(files, copier.form, records[0]) if len(records) == 1 else None,
    )


class _Copier(NamedTuple):
    """Writes what a candidate may see of a file, in the form it receives."""

    receives: str
    scratch: Path
    form: SignalForm | None

    def copies(self, path: Path, reader: Reader, name: str) -> Sequence[Path]:
        """A recording as WFDB where that is asked for, whatever its format; else as its reader copies it."""
        if self.receives != "wfdb":
            return reader.deidentified_copy(path, self.scratch, name)
        if self.form is None and reader.name not in READERS_BY_FORM["dicom"]:
            made = reader.deidentified_copy(path, self.scratch, name)
            if made and made[0].suffix == ".hea":
                return made
            for file in made:
                file.unlink()
        blocks = self._blocks(path, reader)
        if self.form is not None:
            blocks = shaped_blocks(self._of_length(blocks, path, reader), in_millivolts(self.form))
        return write_millivolts(blocks, self.scratch, name, source=path)

    def _blocks(self, path: Path, reader: Reader) -> Iterator[Signals]:
        if isinstance(reader, StreamingReader):
            yield from reader.blocks(path)
        elif (signals := reader.read(path)[1]) is not None:
            yield signals

    def _of_length(self, blocks: Iterator[Signals], path: Path, reader: Reader) -> Iterator[Signals]:
        """The same blocks, of a recording whose length the candidate takes."""
        form = self.form or SignalForm()
        if form.least_seconds is None and form.most_seconds is None:
            return blocks
        seconds = sum(len(block.samples) / block.sampling_hz for block in self._blocks(path, reader))
        check_length(seconds, form)
        return blocks


def _is_given(reader: Reader, receives: str) -> bool:
    """Whether a candidate that receives this form can be given the files of a reader."""
    if receives == "wfdb":
        return reader.gives == "signals"
    return receives == "file" or reader.name in READERS_BY_FORM[receives]


def _own_rate(files: Sequence[CaseFile], form: SignalForm | None, sampling_hz: float) -> float | None:
    """The rate of the signals of a request where annotations of the recording may be written in another."""
    for _, path, reader in files:
        if reader.name == "wfdb":
            return None if read_header(path).sampling_hz == sampling_hz else sampling_hz
    return None if form is None or form.sampling_hz is None else sampling_hz


def _origin(
    case: Case,
    files: Sequence[CaseFile],
    names: Mapping[str, str],
    decoders: Sequence[str],
    sizes: Mapping[str, tuple[int, int]],
) -> Origin:
    uids = {}
    for written, path, reader in files:
        for file in _members(path, reader):
            if reader.name in READERS_BY_FORM["dicom"]:
                uid = reader.header(file).get("SOPInstanceUID")
                if uid:
                    uids[uid] = written
    return Origin(
        case_id=case.case_id,
        images=names,
        sop_instance_uids=uids,
        decoders=tuple(dict.fromkeys(decoders)),
        image_sizes=sizes,
    )


def _sizes(images: Sequence[Image], names: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    sizes = {}
    for image in images:
        rows, columns = image.pixels.shape[-2:] if image.photometric == "grey" else image.pixels.shape[-3:-1]
        sizes[names[image.name]] = (int(columns), int(rows))
    return sizes


def _header_sizes(files: Sequence[CaseFile]) -> dict[str, tuple[int, int]]:
    sizes = {}
    for written, path, reader in files:
        header = reader.header(path)
        if header.get("Columns", "").isdigit() and header.get("Rows", "").isdigit():
            sizes[written] = (int(header["Columns"]), int(header["Rows"]))
    return sizes
