"""Masks as runs of pixels: small enough to be kept with an answer, and exact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..inputs.mask_runs import array_of, box_of_mask, box_of_runs, runs_of
from ..vocabulary import Mask
from .answer_values import InvalidError, object_of, sequence, whole_number

if TYPE_CHECKING:
    from ..hookspecs import VoxelGrid
    from ..vocabulary import BoolArray

__all__ = ["array_of", "box_of_mask", "box_of_runs", "masks_of", "read_mask", "runs_of"]

MASK_KEYS = ("array", "rows", "columns", "runs")
MAX_PIXELS = 1 << 28


def read_mask(value: object, field: str, size: tuple[int, int] | None) -> tuple[int, int, tuple[int, ...]]:
    """Rows, columns and runs of a mask that a candidate sent: an ``array`` of 0 and 1, or ``rows, columns, runs``.

    ``size``: columns and rows of its image where they are known. Raises InvalidError where it is no mask of that size.
    """
    raw = {"array": value} if isinstance(value, np.ndarray) else object_of(value, field, MASK_KEYS)
    rows, columns, runs = _from_array(raw.get("array"), field) if "runs" not in raw else _from_runs(raw, field)
    if size is not None and (columns, rows) != size:
        key = "array" if "runs" not in raw else "rows"
        raise InvalidError(f"{field}.{key}", f"{size[1]} rows and {size[0]} columns", f"{rows} and {columns}")
    return rows, columns, runs


def _from_array(array: object, field: str) -> tuple[int, int, tuple[int, ...]]:
    if not isinstance(array, np.ndarray) or array.ndim != 2 or not array.size:
        raise InvalidError(f"{field}.array", "an array [rows, columns]", array)
    if not np.isin(array, (0, 1)).all():
        raise InvalidError(f"{field}.array", "nothing but 0 and 1", "other values")
    return array.shape[0], array.shape[1], runs_of(array.astype(bool))


def _from_runs(raw: Mapping[str, object], field: str) -> tuple[int, int, tuple[int, ...]]:
    if "array" in raw:
        raise InvalidError(field, "an array or runs", "both")
    rows, columns = (whole_number(raw.get(key), f"{field}.{key}", least=1) for key in ("rows", "columns"))
    if rows * columns > MAX_PIXELS:
        raise InvalidError(field, f"at most {MAX_PIXELS} pixels", rows * columns)
    listed = sequence(raw["runs"], f"{field}.runs", rows * columns + 1)
    runs = tuple(whole_number(run, f"{field}.runs[{i}]", least=min(i, 1)) for i, run in enumerate(listed))
    if sum(runs) != rows * columns:
        raise InvalidError(f"{field}.runs", f"{rows * columns} pixels in all", sum(runs))
    return rows, columns, runs


def masks_of(region: BoolArray, grid: VoxelGrid, structure: str) -> list[Mask]:
    """A region [planes, rows, columns] on the grid of its case, as masks: of every plane with a pixel inside.

    A region without any is one mask with nothing inside: looked for, and not found.
    """
    planes = [int(index) for index in np.flatnonzero(region.any(axis=(1, 2)))] or [0]
    return [
        Mask(
            structure=structure,
            rows=grid.rows,
            columns=grid.columns,
            runs=runs_of(region[index]),
            frame=grid.planes[index].frame,
            instance=grid.planes[index].instance or None,
        )
        for index in planes
    ]
