"""The masks of a set on the voxels of their cases: which cannot be used or are empty, where no distance is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import DmnBenchError, InputFileError, MachineError, Problem, ReferenceSetError
from ..hookspecs import Reader, VoxelGrid
from ..inputs.mask_files import Inside, MaskFile, open_mask
from ..inputs.voxel_grids import case_grid
from ..reference_set.case_images import images_of
from ..reference_set.rows import MaskRow, Tables
from ..tasks.outlines import filled
from ..vocabulary import Case
from .notes import Notes

_SHOWN_VALUES = 10


class OpenedMasks:
    """Every mask of a set, opened once, one case after the other."""

    def __init__(self, root: Path, readers: Sequence[Reader], notes: Notes) -> None:
        self._root, self._readers, self._notes = root, readers, notes
        self._last: tuple[str, MaskFile | DmnBenchError] | None = None
        self._told: set[str] = set()  # files whose values were noted
        self._without_spacing: dict[str, list[str]] = {}  # why -> cases

    def look_at(self, tables: Tables) -> None:
        """Note what is wrong with the masks, then how many are empty of each structure."""
        rows: dict[str, list[MaskRow]] = {}
        for row in tables.masks:
            rows.setdefault(row.case_id, []).append(row)
        empty, usable = Counter[str](), Counter[str]()
        for case in tables.cases:
            of_case = sorted(rows.get(case.case_id, ()), key=lambda row: row.file)  # stable: each file is read once
            grids = self._grids(case, of_case)
            for row in of_case:
                is_empty = self._look_at(row, grids)
                if is_empty is not None:
                    usable[row.structure] += 1
                    empty[row.structure] += is_empty
        for why, ids in self._without_spacing.items():
            self._notes.warnings.add(f"masks.no_spacing_{why}", "masks.csv", n=len(ids), case=ids[0])
        for structure, n in empty.items():
            if n:
                self._notes.warnings.add("masks.empty", "masks.csv", structure=structure, n=n, total=usable[structure])

    def _grids(self, case: Case, rows: Sequence[MaskRow]) -> dict[str, VoxelGrid]:
        """The voxels of every image of a case that can be had, by its path, "" in a case of one."""
        found = {}
        for one in images_of(case) if rows else ():
            image = "" if one is case else one.files[0]
            of_image = [row for row in rows if row.image == image]
            grid = self._grid(one, of_image)
            if grid is not None:
                found[image] = grid
        return found

    def _grid(self, case: Case, rows: Sequence[MaskRow]) -> VoxelGrid | None:
        """The voxels of an image; None, and noted where masks lie on it, if it has none."""
        try:
            grid = case_grid(case, self._root, self._readers)
        except (ReferenceSetError, MachineError, OSError) as error:
            if rows and isinstance(error, DmnBenchError) and error.problems[0].key.startswith("masks."):
                self._note(error, rows[0])  # what else is wrong with an image is noted where the image is opened
            return None
        if rows and grid.spacing_mm is None:
            self._without_spacing.setdefault(grid.why_no_spacing, []).append(case.case_id)
        return grid

    def _look_at(self, row: MaskRow, grids: Mapping[str, VoxelGrid]) -> bool | None:
        """Whether a mask is empty; None, and noted, where it cannot be used."""
        if not (self._root / row.file).is_file():
            self._notes.errors.add("refset.mask_file_missing", f"masks.csv:{row.line}", found=row.file)
            return None
        file = self._open(row)
        if isinstance(file, DmnBenchError):
            self._note(file, row)
            return None
        grid = grids.get(row.image)
        if grid is None:
            return None
        others = {plane.instance for image, other in grids.items() if image != row.image for plane in other.planes}
        inside = Inside(value=row.value, at_least=row.at_least)
        try:
            region = file.region(row.structure, grid, inside, filled, others - {""})
        except InputFileError as error:
            self._note(error, row)
            return None
        if row.value is None and row.at_least is None and row.file not in self._told and len(file.values) > 1:
            self._told.add(row.file)
            values = file.values
            shown = ", ".join(f"{value:g}" for value in values[:_SHOWN_VALUES])
            found = shown + (", …" if len(values) > _SHOWN_VALUES else "")
            self._notes.warnings.add("masks.several_values", self._where(row), found=found, n=len(values))
        return not bool(region.any())

    def _open(self, row: MaskRow) -> MaskFile | DmnBenchError:
        if self._last is None or self._last[0] != row.file:
            self._last = None  # let go of the one before this one is read
            try:
                self._last = (row.file, open_mask(self._root / row.file, row.file))
            except (InputFileError, MachineError) as error:
                self._last = (row.file, error)
        return self._last[1]

    def _note(self, error: DmnBenchError, row: MaskRow) -> None:
        for problem in error.problems:
            self._notes.errors.note(Problem(key=problem.key, where=self._where(row), facts=problem.facts))

    @staticmethod
    def _where(row: MaskRow) -> str:
        return f"masks.csv:{row.line}: {row.file}"
