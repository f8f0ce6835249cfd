"""Adapter ``mask-files``: answers from a folder of mask files, one for each case, or for each case and structure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from ..errors import InputFileError, Problem
from ..files import MAX_REASON, plain_text, sha256_of
from ..hookspecs import CaseKeys, FileAdapter, LiveAdapter, hookimpl
from ..vocabulary import Answer, AskedAnswer, Contour, Mask, Status
from ..wordings import say_problem
from .delivered_folder import files_in
from .mask_file_answers import Naming, UnnamedError, drawn_in
from .mask_file_names import Pattern, sorted_files
from .prediction_tables import Faults
from .record_files import listed, record_name

if TYPE_CHECKING:
    from ..hookspecs import VoxelGrid

NO_OUTPUT = "no output"


@dataclass(frozen=True, kw_only=True)
class MaskFiles:
    """Reads PNG, TIFF, NIfTI, DICOM segmentations and RT structure sets that lie on the voxels of their case."""

    name: ClassVar[str] = "mask-files"

    folder: str  # from the folder of the protocol or candidate; searched with its subfolders
    pattern: str = "{case_id}.nii.gz"  # of the path in it: {case_id} or {file_name}, with or without {structure}
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
        named = {self._name(keys, pattern): keys.case.case_id for keys in cases}
        if len(named) < len(cases):
            faults.add("masks.names_doubled", self.folder, n=len(cases) - len(named), pattern=self.pattern)
        paths = dict(self._files(base))
        words = (*self.structures, *self.ignore_structures) if self.structures else ()
        found = sorted_files(list(paths), pattern, named, words)
        for key, names in (("files_unknown", found.unknown), ("files_unclear", found.unclear)):
            if names:
                faults.add(f"masks.{key}", self.folder, n=len(names), found=listed(names), pattern=self.pattern)
        faults.stop_if_any()
        expected = list(dict.fromkeys(word for of_case in found.of_case.values() for word in sorted(of_case)))
        expected = [word for word in expected if word not in self.ignore_structures]
        asked = []
        for keys in cases:
            files = found.of_case.get(self._name(keys, pattern), {})
            of_case = {word: paths[files[word]] for word in expected if word in files}
            asked.append(AskedAnswer(answer=self._answer(keys, of_case, expected, faults)))
        faults.stop_if_any()
        return asked

    def identity(self, base: Path) -> Mapping[str, str]:
        """sha256 of every file of the folder that is not ignored."""
        return {f"{self.folder}/{name}": sha256_of(path) for name, path in self._files(base)}

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

    def _answer(self, keys: CaseKeys, files: Mapping[str, Path], expected: Sequence[str], faults: Faults) -> Answer:
        case_id = keys.case.case_id
        if not files:
            return Answer(case_id=case_id, status="failed", reason=NO_OUTPUT)
        try:
            grid = self._grid(keys)
        except InputFileError as error:
            return Answer(case_id=case_id, status="unreadable", reason=_in_words(error))
        masks: list[Mask] = []
        contours: list[Contour] = []
        failed = {word: NO_OUTPUT for word in expected if word not in files}
        for word, path in files.items():
            where = f"{self.folder}/{path.name}"
            try:
                one = self._drawn(path, where, word, grid, keys)
                masks, contours = [*masks, *one[0]], [*contours, *one[1]]
            except UnnamedError as error:
                faults.add("masks.unnamed", where, found=str(error) or "-")
            except InputFileError as error:
                failed[word] = f"invalid output: {_in_words(error)}"
        if len(failed) == len(expected):
            return Answer(case_id=case_id, status="failed", reason=plain_text("; ".join(failed.values()), MAX_REASON))
        names = self.naming
        statuses: dict[str, Status] = {names.ours(word): "failed" for word in failed}
        reason = "; ".join(f"{names.ours(word)}: {why}" for word, why in failed.items())
        return Answer(
            case_id=case_id,
            status="answered",
            reason=plain_text(reason, MAX_REASON),
            masks=tuple(masks),
            contours=tuple(contours) or None,
            finding_statuses=statuses,
        )

    def _drawn(
        self, path: Path, where: str, word: str, grid: VoxelGrid, keys: CaseKeys
    ) -> tuple[list[Mask], list[Contour]]:
        from ..inputs.mask_files import open_mask

        file = open_mask(path, where)
        if file.kind != "object" and not word and not self.values and not self.structure:
            raise UnnamedError("")
        return drawn_in(file, word, grid, keys, self.naming)

    def _grid(self, keys: CaseKeys) -> VoxelGrid:
        if keys.grid is None:
            raise InputFileError(Problem(key="masks.size_unknown", where=keys.case.case_id))
        return keys.grid()

    def _name(self, keys: CaseKeys, pattern: Pattern) -> str:
        name = record_name(keys, "file_name" if pattern.by_file_name else "case_id")
        return name.removesuffix(".nii") if pattern.by_file_name else name  # of .nii.gz

    def _files(self, base: Path) -> list[tuple[str, Path]]:
        return files_in(base, self.folder, self.ignore_files, no_folder="masks.no_folder")


def _in_words(error: InputFileError) -> str:
    return " ".join(dict.fromkeys(say_problem(problem, "en") for problem in error.problems))


@hookimpl
def register_adapters() -> list[type[LiveAdapter] | type[FileAdapter]]:
    """The adapter of mask files."""
    return [MaskFiles]
