"""Adapter ``mask-files``: answers from a folder of mask files, for each case, image or structure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import ClassVar

from ..errors import Fact
from ..files import sha256_of, sha256_of_json
from ..hookspecs import CaseKeys, FileAdapter, LiveAdapter, hookimpl
from ..vocabulary import AskedAnswer
from .delivered_folder import files_in
from .mask_file_answers import Naming
from .mask_file_cases import CaseReader
from .mask_file_names import Pattern, Target, sorted_files
from .prediction_tables import Faults
from .record_files import listed, record_name


@dataclass(frozen=True, kw_only=True)
class MaskFiles:
    """Reads PNG, TIFF, NIfTI, DICOM segmentations and RT structure sets that lie on the voxels of their case."""

    name: ClassVar[str] = "mask-files"

    folder: str  # from the folder of the protocol or candidate; searched with its subfolders
    pattern: str = (
        "{case_id}.nii.gz"  # of the path in it: {case_id}, {file_name} or {source_file}, {image}, {structure}
    )
    structure: str = ""  # what a file holds where neither its path nor anything in it names a structure
    structures: Mapping[str, str] = field(default_factory=dict)  # the vendor's word -> the set's; {} if they are one
    ignore_structures: tuple[str, ...] = ()  # the vendor's words for what the set does not ask for
    values: Mapping[int, str] = field(default_factory=dict)  # of a label map: value -> structure
    at_least: float | None = None  # of shares: from which on a voxel is inside
    ignore_files: tuple[str, ...] = ()  # patterns of file names that are no results, as *.txt

    def __post_init__(self) -> None:
        """Raises ValueError if options contradict each other."""
        names_structure = Pattern(self.pattern).names_structure
        if self.values and (names_structure or self.structure or self.at_least is not None):
            raise ValueError("values are of label maps: without {structure} in pattern, structure and at_least")
        if 0 in self.values:
            raise ValueError("value 0 is outside of every structure")
        if names_structure and self.structure:
            raise ValueError("structure is for files whose path names none, and pattern has {structure}")

    def answers(self, cases: Sequence[CaseKeys], base: Path) -> Iterable[AskedAnswer]:
        """The regions of every case, one case at a time; see ``FileAdapter.answers``."""
        faults, pattern = Faults(), Pattern(self.pattern)
        if pattern.by_source_file and not any(keys.source_files for keys in cases):
            faults.add("masks.no_source_files", self.folder, pattern=self.pattern)
            faults.stop_if_any()
        wanted = [target for keys in cases for target in _targets(keys, pattern) if any(target)]
        if len(set(wanted)) < len(wanted):
            key = "images_doubled" if pattern.names_image else "names_doubled"
            faults.add(f"masks.{key}", self.folder, n=len(wanted) - len(set(wanted)), pattern=self.pattern)
        paths = dict(self._files(base))
        words = (*self.structures, *self.ignore_structures) if self.structures else ()
        found = sorted_files(list(paths), pattern, set(wanted), words)
        by_source = self._by_source(found.unknown, cases, words)
        unknown = "files_unknown" if by_source is None else "files_of_sources"
        for key, names in ((unknown, found.unknown), ("files_unclear", found.unclear)):
            if names:
                facts: dict[str, Fact] = {
                    "n": len(names),
                    "found": listed(names),
                    "pattern": self.pattern,
                    "other": by_source or "",
                }
                faults.add(f"masks.{key}", self.folder, **facts)
        faults.stop_if_any()
        expected = list(dict.fromkeys(word for of_one in found.of.values() for word in sorted(of_one)))
        expected = [word for word in expected if word not in self.ignore_structures]
        placed = {path: f"{self.folder}/{name}" for name, path in paths.items()}
        reader = CaseReader(names=placed, pattern=self.pattern, naming=self.naming, expected=expected, faults=faults)
        asked = []
        for keys in cases:
            files = [found.of.get(target, {}) for target in _targets(keys, pattern)]
            of_images = [{word: paths[each[word]] for word in expected if word in each} for each in files]
            asked.append(AskedAnswer(answer=reader.answer(keys, of_images)))
        faults.stop_if_any()
        return asked

    def identity(self, base: Path) -> Mapping[str, str]:
        """sha256 of every file of the folder that is not ignored; where they are named after the hospital's, of all."""
        found = {f"{self.folder}/{name}": sha256_of(path) for name, path in self._files(base)}
        is_named_apart = not Pattern(self.pattern).by_source_file
        return found if is_named_apart else {self.folder: sha256_of_json(found)}

    @property
    def naming(self) -> Naming:
        """How the structures of a file are called."""
        return Naming(
            structures=self.structures,
            ignored=self.ignore_structures,
            values=self.values,
            only=self.structure,
            at_least=self.at_least,
        )

    def _by_source(self, unknown: Sequence[str], cases: Sequence[CaseKeys], words: Sequence[str]) -> str | None:
        """The pattern by which files of no case are named after the hospital's; None where none is."""
        other = self.pattern.replace("{case_id}", "{source_file}").replace("{file_name}", "{source_file}")
        if other == self.pattern or not unknown or Pattern(self.pattern).names_image:
            return None
        targets = {target for keys in cases for target in _targets(keys, Pattern(other)) if any(target)}
        return other if sorted_files(unknown, Pattern(other), targets, words).of else None

    def _files(self, base: Path) -> list[tuple[str, Path]]:
        return files_in(base, self.folder, self.ignore_files, no_folder="masks.no_folder")


def _targets(keys: CaseKeys, pattern: Pattern) -> list[Target]:
    """What the files of a case are called: once, or for each of its images where the pattern names them."""
    case = ""
    if pattern.names_case:
        case = record_name(keys, "file_name" if pattern.by_file_name else "case_id")
    if pattern.by_source_file:
        case = next((_plain(source, path) for source, path in (keys.source_files or {}).items()), "")
    if pattern.by_file_name:
        case = case.removesuffix(".nii")  # of .nii.gz
    if not pattern.names_image:
        return [(case, "")]
    return [(case, PurePosixPath(file).stem.removesuffix(".nii")) for file in keys.case.files]


def _plain(source: str, path: str) -> str:
    """The name of the hospital's file without its ending, that of a series' folder as it is."""
    of = PurePosixPath(source)
    return of.stem.removesuffix(".nii") if path else of.name


@hookimpl
def register_adapters() -> list[type[LiveAdapter] | type[FileAdapter]]:
    """The adapter of mask files."""
    return [MaskFiles]
