"""The pictures of a hospital's folder: what becomes a case, whose it is, and by which names it is found again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ..errors import DmnBenchError, Fact, Problem, ReferenceSetError, collect
from ..hookspecs import Reader
from ..inputs.dicom_file import is_dicom
from ..reference_set.csv_rows import Problems
from .ecg_foreign import foreign_rows
from .ecg_walk import cell, files_below, name_in_table, shown
from .import_cases import COLUMNS, FoundCase, laterality_of, sorted_out, strata_of

_KEPT = (
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SOPInstanceUID",
    "FrameOfReferenceUID",
    "PatientID",
    "AccessionNumber",
)
ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".dcm", ".dicom", ".ima"})
"""Endings of names of pictures: a name that ends so may mean a picture of another ending."""
FILE, PATIENT, EXAM, SIDE = "file", "patient", "exam", "laterality"
"""The columns of a table of pictures; further ones are strata."""
SIDES = {
    "": "",
    "L": "L",
    "OS": "L",
    "G": "L",
    "OG": "L",
    "R": "R",
    "OD": "R",
    "D": "R",
    "B": "B",
    "OU": "B",
    "ODG": "B",
}
"""Words of a table for a side of the body or an eye, English and French."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A file or a series that becomes a case. ``name``: as a cell of identity.csv; ``stated``: of DICOM."""

    name: str
    case: FoundCase
    stated: Mapping[str, str] = field(default_factory=dict)  # of _KEPT
    strata: Mapping[str, str] = field(default_factory=dict)  # columns of cases.csv
    patient: str = ""  # the hospital's id, as a cell
    exam: str = ""  # likewise; "" where the picture is its own

    @property
    def path(self) -> Path:
        """The file; of a series its first."""
        return self.case.sources[0]


@dataclass(frozen=True, kw_only=True)
class PictureTable:
    """A table of pictures: file -> row."""

    name: str
    rows: Mapping[str, Mapping[str, str]]
    strata: tuple[str, ...]

    @classmethod
    def read(cls, path: Path, strata: Collection[str]) -> PictureTable:
        """A CSV with the columns file and patient; of ``strata`` those that it has. Raises ReferenceSetError."""
        problems = Problems()
        columns, rows = foreign_rows(path)
        for missing in (name for name in (FILE, PATIENT) if name not in columns):
            problems.add("refset.csv_column_missing", f"{path.name}:1", found=missing)
        collect(problems.all(), ReferenceSetError)
        found: dict[str, Mapping[str, str]] = {}
        for line, row in rows:
            if not row[FILE] or row[FILE] in found:
                problems.add("annotations.table_file", f"{path.name}:{line}", found=cell(row[FILE])[:60])
            elif row.get(SIDE, "").upper() not in SIDES:
                problems.add("annotations.table_side", f"{path.name}:{line}", found=cell(row[SIDE])[:60])
            found[row[FILE]] = row
        collect(problems.all(), ReferenceSetError)
        named = tuple(name for name in columns if name in strata and name not in (FILE, PATIENT, EXAM, SIDE))
        return cls(name=path.name, rows=found, strata=named)


class Index:
    """Pictures by what may name them: the path from the folder, its end, its name with or without ending, its UID."""

    def __init__(self, pictures: Iterable[Picture]) -> None:
        self._by_name: dict[str, dict[str, Picture]] = defaultdict(dict)
        self._by_path: dict[str, Picture] = {}
        for picture in pictures:
            self._by_path[picture.name.removeprefix("./")] = picture
            for name in _names_of(picture):
                self._by_name[name][picture.name] = picture

    def find(self, written: str) -> Sequence[Picture]:
        """The pictures that a name may mean: none, one, or several if it is ambiguous.

        One whose folders are others than those written with the name is not meant.
        """
        path = _path_of(written)
        if str(path) in self._by_path and not self._by_path[str(path)].case.is_series:
            return (self._by_path[str(path)],)
        for name in _ends_of(path):
            if found := [each for each in self._by_name.get(name, {}).values() if _agree(each, name, path)]:
                return found
        return ()

    def elsewhere(self, written: str) -> Sequence[Picture]:
        """The pictures of the name that lie in other folders than those written with it."""
        path = _path_of(written)
        found = {
            each.name: each
            for name in _ends_of(path)
            for each in self._by_name.get(name, {}).values()
            if not _agree(each, name, path)
        }
        return tuple(found.values())


class Found(NamedTuple):
    """What a folder holds. ``left_out``: how many files are no pictures, by reason; ``not_images``: names of some."""

    pictures: list[Picture]
    left_out: Counter[str]
    not_images: list[str]
    problems: Problems


def found_in(
    folder: Path, readers: Sequence[Reader], modality: str, *, burned_in: bool, aside: Collection[Path]
) -> Found:
    """Pictures of a folder in an order that does not depend on the disk, the files that are none, and what is wrong.

    ``aside``: files that are annotations, resolved.
    """
    problems, left_out = Problems(), Counter[str]()
    images = [reader for reader in readers if reader.gives == "images"]
    found: list[Picture] = []
    not_images: list[str] = []
    for of_folder in _by_folder(files_below(folder, problems)):
        dicom = [path for path in of_folder if is_dicom(path) and path.resolve() not in aside]
        if dicom:
            sorted_cases = sorted_out(dicom, images, modality=modality, burned_in=burned_in)
            left_out.update(sorted_cases.left_out)
            found += [_of_dicom(case, folder) for case in sorted_cases.cases]
        known = {*dicom}
        for path in of_folder:
            if path in known or path.resolve() in aside:
                continue
            reader = _reader_of(path, images, shown(path, folder), problems)
            if reader is None:
                left_out["not_an_image"] += 1
                not_images.append(shown(path, folder))
                continue
            case = FoundCase(sources=(path,), reader=reader, header={}, is_series=False)
            found.append(Picture(name=name_in_table(path, folder), case=case))
    return Found(sorted(found, key=lambda picture: picture.name), left_out, not_images, problems)


def with_table(pictures: Sequence[Picture], table: PictureTable) -> tuple[list[Picture], list[Problem]]:
    """The pictures with what a table says of them; names that mean none or several are problems."""
    index, problems, said = Index(pictures), list[Problem](), dict[str, Picture]()
    for written, row in table.rows.items():
        found = index.find(written)
        if len(found) != 1:
            key = "annotations.name_ambiguous" if found else "annotations.table_no_picture"
            facts: dict[str, Fact] = {"found": cell(written)[:120], "n": len(found)}
            problems.append(Problem(key=key, where=table.name, facts=facts))
            continue
        side = {"laterality": SIDES[row[SIDE].upper()]} if row.get(SIDE) else {}
        strata = {name: cell(row[name]) for name in table.strata}
        said[found[0].name] = Picture(
            name=found[0].name,
            case=found[0].case,
            stated=found[0].stated,
            strata={**found[0].strata, **strata, **side},
            patient=cell(row[PATIENT]) or found[0].patient,
            exam=cell(row.get(EXAM, "")) or found[0].exam,
        )
    return [said.get(picture.name, picture) for picture in pictures], problems


def uids_of(picture: Picture) -> frozenset[str]:
    """The SOP Instance UIDs of a picture's objects; () of a file that is none."""
    if "SOPInstanceUID" not in picture.stated:
        return frozenset()
    headers = (picture.case.reader.header(path) for path in picture.case.sources)
    return frozenset(header.get("SOPInstanceUID", "") for header in headers) - {""}


def _of_dicom(case: FoundCase, folder: Path) -> Picture:
    header = case.header
    stated = {name: header.get(name, "").strip() for name in _KEPT}
    strata = {name: value for name, value in strata_of(header).items() if name in COLUMNS}
    return Picture(
        name=name_in_table(case.sources[0], folder),
        case=FoundCase(sources=case.sources, reader=case.reader, header={}, is_series=case.is_series),
        stated=stated,
        strata={**strata, "laterality": laterality_of(header)},
        patient=cell(stated["PatientID"]),
        exam=cell(stated["StudyInstanceUID"]),
    )


def _names_of(picture: Picture) -> Iterator[str]:
    """Of a series neither the names of its slices nor theirs without endings: a box names a slice, not the series."""
    path = PurePosixPath(picture.name.removeprefix("./"))
    if not picture.case.is_series:
        yield from dict.fromkeys((str(path), path.name, path.stem))
        parts = path.parts
        yield from ("/".join(parts[start:]) for start in range(1, len(parts) - 1))
        if uid := picture.stated.get("SOPInstanceUID"):
            yield uid
    elif uid := picture.stated.get("SeriesInstanceUID"):
        yield uid
        yield path.parent.name


def _path_of(written: str) -> PurePosixPath:
    """A written name as a path, from the last step upwards on."""
    parts = PurePosixPath(written.replace("\\", "/").removeprefix("./")).parts
    upwards = max((place for place, part in enumerate(parts) if part == ".."), default=-1)
    return PurePosixPath(*parts[upwards + 1 :])


def _ends_of(path: PurePosixPath) -> Iterator[str]:
    """A path, its ends from the longest to the name, and the name without an ending of pictures."""
    yield from ("/".join(path.parts[start:]) for start in range(len(path.parts)))
    if path.suffix.lower() in ENDINGS:
        yield path.stem


def _agree(picture: Picture, name: str, written: PurePosixPath) -> bool:
    """Whether the folders of a picture are those written with its name, as far as both go; a UID needs none."""
    if picture.case.is_series or name == picture.stated.get("SOPInstanceUID"):
        return True
    own = PurePosixPath(picture.name.removeprefix("./")).parts[-2::-1]
    return all(one == other for one, other in zip(own, written.parts[-2::-1], strict=False))


def _by_folder(paths: Iterable[Path]) -> Iterator[list[Path]]:
    gathered: list[Path] = []
    for path in paths:
        if gathered and path.parent != gathered[0].parent:
            yield gathered
            gathered = []
        gathered.append(path)
    if gathered:
        yield gathered


def _reader_of(path: Path, readers: Sequence[Reader], where: str, problems: Problems) -> Reader | None:
    try:
        return next((reader for reader in readers if reader.recognises(path)), None)
    except DmnBenchError as error:
        for problem in error.problems:
            problems.note(Problem(key=problem.key, where=where, facts=problem.facts))
    except OSError as error:
        problems.add("files.cannot_read", where, found=error.strerror or "")
    return None
