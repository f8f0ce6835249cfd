"""The answer of one case from the mask files that were delivered for it, image by image."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputFileError, Problem
from ..files import MAX_REASON, plain_text
from ..hookspecs import CaseKeys
from ..reference_set.case_images import on_image
from ..vocabulary import Answer, Contour, Mask, Status
from ..wordings import say_problem
from .mask_file_answers import Naming, UnnamedError, drawn_in, is_on
from .prediction_tables import Faults

if TYPE_CHECKING:
    from ..hookspecs import VoxelGrid

NO_OUTPUT = "no output"
OTHER_IMAGES = "it names no image of the case"
_FAILED: Status = "failed"

Files = Mapping[str, Path]
"""The vendor's word for a structure, "" where the path names none -> its file."""


@dataclass(kw_only=True)
class _Drawn:
    """What was found for one case so far; ``failed``: (image, word) -> why."""

    masks: list[Mask] = field(default_factory=list)
    contours: list[Contour] = field(default_factory=list)
    failed: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, image: str, masks: Iterable[Mask], contours: Iterable[Contour]) -> None:
        """Take in what is drawn on an image, "" the only one."""
        self.masks += [dataclasses.replace(mask, image=image or None) for mask in masks]
        self.contours += [dataclasses.replace(contour, image=image or None) for contour in contours]

    def fail(self, images: Iterable[str], word: str, why: str) -> None:
        """Note that a structure cannot be had on these images."""
        self.failed |= {(image, word): why for image in images}


@dataclass(frozen=True, kw_only=True)
class CaseReader:
    """Reads the files of one case after the other; what the buyer has to mend goes to ``faults``."""

    names: Mapping[Path, str]  # of every file, from the folder of all of them on
    pattern: str
    naming: Naming
    expected: Sequence[str]  # the words of structures of which some case has a file
    faults: Faults

    def answer(self, keys: CaseKeys, files: Sequence[Files]) -> Answer:
        """The answer of a case. ``files``: of each of its ``Case.files``, or one entry for all of them together."""
        case_id = keys.case.case_id
        if not any(files):
            return Answer(case_id=case_id, status="failed", reason=NO_OUTPUT)
        try:
            grids = _grids(keys)
        except InputFileError as error:
            return Answer(case_id=case_id, status="unreadable", reason=_in_words(error))
        drawn = _Drawn()
        if len(files) < len(keys.case.files):
            self._read_all(files[0], grids, keys, drawn)
        else:
            for image, grid in grids.items():
                place = keys.case.files.index(image) if image else 0
                self._read_all(files[place], {image: grid}, keys, drawn)
        return self._said(case_id, tuple(grids), drawn)

    def _read_all(self, files: Files, grids: Mapping[str, VoxelGrid], keys: CaseKeys, drawn: _Drawn) -> None:
        """Take in the files that are about these images."""
        for word in self.expected:
            if word not in files:
                drawn.fail(grids, word, NO_OUTPUT)
                continue
            try:
                self._read(files[word], word, grids, keys, drawn)
            except UnnamedError as error:
                self.faults.add("masks.unnamed", self._where(files[word]), found=str(error) or "-")
            except InputFileError as error:
                drawn.fail(grids, word, f"invalid output: {_in_words(error)}")

    def _read(self, path: Path, word: str, grids: Mapping[str, VoxelGrid], keys: CaseKeys, drawn: _Drawn) -> None:
        """Take in what a file delineates on these images. Raises InputFileError and UnnamedError as ``drawn_in``."""
        from ..inputs.mask_files import open_mask

        where = self._where(path)
        file = open_mask(path, where)
        if file.kind != "object" and len(grids) > 1:
            self.faults.add("masks.pattern_without_image", where, case=keys.case.case_id, pattern=self.pattern)
            return
        if file.kind != "object" and not word and not self.naming.values and not self.naming.only:
            raise UnnamedError("")
        is_one_of_several = len(keys.case.files) > 1
        images = [image for image in grids if not is_one_of_several or is_on(file, grids[image], keys)]
        if not images:
            drawn.fail(grids, word, f"invalid output: {OTHER_IMAGES}")
        for image in images:
            try:
                drawn.add(image, *drawn_in(file, word, grids[image], keys, self.naming))
            except InputFileError as error:
                drawn.fail([image], word, f"invalid output: {_in_words(error)}")

    def _where(self, path: Path) -> str:
        return self.names[path]

    def _said(self, case_id: str, images: Sequence[str], drawn: _Drawn) -> Answer:
        """The answer: failed where nothing could be used, or what could not be used has no name."""
        failed, statuses, reasons = drawn.failed, dict[str, Status](), list[str]()
        is_lost = len(failed) == len(images) * len(self.expected)
        for (image, word), why in failed.items():
            names = self.naming.all_of(word)
            is_lost = is_lost or not names
            statuses |= {on_image(name, image): _FAILED for name in names}
            reasons += [f"{on_image(name, image)}: {why}" for name in names]
        if is_lost:
            whole = "; ".join(dict.fromkeys(failed.values()))
            return Answer(case_id=case_id, status="failed", reason=plain_text(whole, MAX_REASON))
        return Answer(
            case_id=case_id,
            status="answered",
            reason=plain_text("; ".join(reasons), MAX_REASON),
            masks=tuple(drawn.masks),
            contours=tuple(drawn.contours) or None,
            finding_statuses=statuses,
        )


def _grids(keys: CaseKeys) -> dict[str, VoxelGrid]:
    """The voxels of each image of a case, by its path, "" in a case of one. Raises InputFileError without any."""
    if keys.grid is None:
        raise InputFileError(Problem(key="masks.size_unknown", where=keys.case.case_id))
    if len(keys.case.files) < 2:
        return {"": keys.grid()}
    found = {}
    for file in keys.case.files:
        try:
            found[file] = keys.grid(file)
        except InputFileError as error:  # a recording beside the images has no voxels
            if [problem.key for problem in error.problems] != ["masks.not_one_image"]:
                raise
    if not found:
        raise InputFileError(Problem(key="masks.not_one_image", where=keys.case.case_id, facts={"found": 0}))
    return found


def _in_words(error: InputFileError) -> str:
    return " ".join(dict.fromkeys(say_problem(problem, "en") for problem in error.problems))
