"""Rows of the tables from what readers drew: lesions, masks, and what is true of each finding."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..adapters.picture_png import png_bytes
from ..errors import Problem
from ..files import write_atomically
from ..inputs.mask_writing import nifti_bytes
from .ecg_walk import cell
from .image_meanings import WITH_FINDING, Categories, Meant
from .image_said import Said

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, FloatArray

Row = dict[str, str]
Value = Literal["negative", "unverified"]
MASKS = "masks"
NOTHING = "0"  # the category of a row that says that nothing was found, of nothing in particular
DRAWN, NOTHING_FOUND, NOT_DRAWN = "drawn", "nothing found, by the annotation file", "not drawn"
ONLY_IGNORED, OPEN, NOT_LISTED = "only regions to ignore drawn", "a category that nobody has mapped", "not annotated"
OURS = frozenset({DRAWN, NOTHING_FOUND, NOT_DRAWN, ONLY_IGNORED, OPEN, NOT_LISTED})
"""Evidence of an import: what a later import may put something more precise in place of, where it is ``unverified``."""
_NO_NAME = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How what is drawn becomes rows. ``targets``: the findings that the annotations can state, in the card's order."""

    findings: tuple[str, ...]  # of the card
    targets: tuple[str, ...]
    categories: Categories
    unmentioned: Value
    strata: tuple[str, ...] = ()  # attributes that become columns of lesions.csv


@dataclass(kw_only=True)
class Volume:
    """The voxels of a case: [planes, rows, columns], and their lattice; of a picture there is none."""

    shape: tuple[int, int, int]
    affine: FloatArray | None = None


@dataclass(kw_only=True)
class Rows:
    """The rows of one case and reader, and the files that they name: path in the set -> content."""

    lesions: list[Row] = field(default_factory=list)
    masks: list[Row] = field(default_factory=list)
    values: dict[str, tuple[str, str]] = field(default_factory=dict)  # finding -> (value, evidence)
    files: dict[str, bytes] = field(default_factory=dict)
    unmapped: Counter[str] = field(default_factory=Counter)  # category -> things drawn
    faults: list[Problem] = field(default_factory=list)


def rows_of(case_id: str, reader: str, said: Sequence[Said], rules: Rules, volume: Volume) -> Rows:
    """What one reader drew on one case, who looked at it."""
    making = _Making(case_id, reader, rules, volume)
    for each in said:
        making.take(each)
    for finding in rules.targets:
        making.rows.values[finding] = making.value(finding)
    for structure in rules.categories.structures():
        making.draw(structure)
    return making.rows


class _Making:
    """The rows of one case and reader while they are made."""

    def __init__(self, case_id: str, reader: str, rules: Rules, volume: Volume) -> None:
        self.rows = Rows()
        self._case_id, self._reader, self._rules, self._volume = case_id, reader, rules, volume
        self._positive, self._ignored = set[str](), set[str]()
        self._found_nothing = False
        self._said = {False: set[tuple[str, Meant]](), True: set[tuple[str, Meant]]()}  # there, and not there
        self._drawn: dict[str, list[Said]] = {}  # structure -> what was drawn of it

    def take(self, said: Said) -> None:
        """Take in one thing drawn, in every meaning of its category."""
        means = self._rules.categories.of(said.category, self._rules.findings)
        is_of_all = said.says_nothing and said.category == NOTHING  # not of a category that nobody has mapped
        if any(mean.use == "nothing" for mean in means) or (is_of_all and not means):
            self._found_nothing = True
        elif not means:
            self.rows.unmapped[said.category] += 1
        for mean in means:
            if mean.use == "structure":
                self._drawn.setdefault(mean.name, []).append(said)
            elif mean.use in WITH_FINDING and mean.name in self._rules.targets:
                self._said[said.says_nothing].add((said.category, mean))
                if not said.says_nothing:
                    self._lesion(said, mean)
        if (self._found_nothing and self._positive) or self._said[True] & self._said[False]:
            self.rows.faults.append(Problem(key="annotations.nothing_and_drawn", where=said.where))

    def value(self, finding: str) -> tuple[str, str]:
        """What is true of a finding, and what that rests on."""
        if finding in self._positive:
            return "positive", DRAWN
        if finding in self._ignored:
            return "unverified", ONLY_IGNORED
        if self.rows.unmapped:
            return "unverified", OPEN
        if self._found_nothing or any(mean == (finding, "lesion") for _, mean in self._said[True]):
            return "negative", NOTHING_FOUND
        return self._rules.unmentioned, NOT_DRAWN

    def draw(self, structure: str) -> None:
        """The mask of a structure: all that was drawn of it; nothing inside where it was looked for and not drawn."""
        drawn = self._drawn.get(structure, ())
        if not drawn and (self._rules.unmentioned != "negative" or self.rows.unmapped):
            return
        inside = np.zeros(self._volume.shape, dtype=bool)
        for each in drawn:
            region = each.region()
            if region is None or each.ignore:  # in a mask there is nothing to ignore
                key = "annotations.structure_ignored" if each.ignore else "annotations.structure_without_region"
                self.rows.faults.append(Problem(key=key, where=each.where, facts={"found": structure}))
                return
            inside |= region
        seen = [each for each in drawn if not each.says_nothing]
        if seen and not inside.any():  # an empty mask would say that nothing was found
            self.rows.faults.append(Problem(key="annotations.no_area", where=seen[0].where, facts={"found": structure}))
            return
        name = self._file(structure, inside)
        row = {"case_id": self._case_id, "structure": structure, "file": name, "reader": self._reader}
        self.rows.masks.append(row)

    def _lesion(self, said: Said, mean: Meant) -> None:
        if mean.use == "lesion":
            (self._ignored if said.ignore else self._positive).add(mean.name)
        if not said.has_place:
            return
        row = {
            "case_id": self._case_id,
            "lesion_id": self._lesion_id(said.id),
            "finding": mean.name,
            **said.cells,
            "ignore": "yes" if said.ignore or mean.use == "ignore" else "",
            "reader": self._reader,
            **{name: cell(said.attributes[name]) for name in self._rules.strata if name in said.attributes},
        }
        if not said.cells:
            region = said.region()
            if region is None or len(region) != 1:
                self.rows.faults.append(Problem(key="annotations.without_place", where=said.where))
                return
            row["mask_file"] = self._file(f"lesion-{row['lesion_id']}", region)
        self.rows.lesions.append(row)

    def _lesion_id(self, stated: str) -> str:
        """The id of the file, another one where it is none or of two: a category of two meanings, say."""
        used = {row["lesion_id"] for row in self.rows.lesions}
        given = cell(stated) or str(len(used) + 1)
        numbered = (f"{given}-{n}" for n in itertools.count(2))
        return given if given not in used else next(each for each in numbered if each not in used)

    def _file(self, what: str, inside: BoolArray) -> str:
        """Keep the pixels of a region for a file; its path in the set."""
        stem = ".".join(_NO_NAME.sub("-", word) for word in (self._case_id, what, self._reader) if word)
        affine = self._volume.affine
        ending = ".png" if affine is None else ".nii.gz"
        tried = (f"{MASKS}/{stem}{'' if n == 1 else f'-{n}'}{ending}" for n in itertools.count(1))
        name = next(each for each in tried if each not in self.rows.files)
        if affine is None:
            self.rows.files[name] = png_bytes(inside[0].astype(np.uint8) * np.uint8(255))
        else:
            self.rows.files[name] = nifti_bytes(inside, affine)
        return name


def write_files(root: Path, rows: Rows) -> None:
    """Write the masks of a case. Raises MachineError if the disk is full."""
    for name, content in rows.files.items():
        (root / MASKS).mkdir(exist_ok=True)
        write_atomically(root / name, content)
