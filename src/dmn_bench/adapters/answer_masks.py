"""Masks as runs of pixels: small enough to be kept with an answer, and exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..vocabulary import Mask
from .answer_values import InvalidError, object_of, sequence, whole_number

if TYPE_CHECKING:
    from ..hookspecs import VoxelGrid
    from ..vocabulary import BoolArray

MASK_KEYS = ("array", "rows", "columns", "runs")
MAX_PIXELS = 1 << 28


def runs_of(inside: BoolArray) -> tuple[int, ...]:
    """Lengths of the runs outside and inside by turns, row by row, the first outside; see ``Mask``.

    ``inside``: [rows, columns]. ``array_of`` gives it back.

    >>> runs_of(np.array([[False, True], [True, False]]))
    (1, 2, 1)
    >>> runs_of(np.array([[True, True]]))
    (0, 2)
    """
    flat = np.concatenate(([False], np.asarray(inside, dtype=bool).ravel()))
    starts = np.flatnonzero(flat[1:] != flat[:-1])
    return tuple(int(n) for n in np.diff(np.concatenate(([0], starts, [flat.size - 1]))))


def array_of(mask: Mask) -> BoolArray:
    """The pixels of a mask, [rows, columns]. Raises ValueError if its runs do not add up to its size.

    >>> from dmn_bench.vocabulary import Mask
    >>> array_of(Mask(structure="heart", rows=2, columns=2, runs=(1, 2, 1))).astype(int).tolist()
    [[0, 1], [1, 0]]
    """
    if sum(mask.runs) != mask.rows * mask.columns:
        raise ValueError(f"runs of {sum(mask.runs)} pixels for {mask.rows} rows of {mask.columns}")
    is_inside = np.arange(len(mask.runs)) % 2 == 1
    return np.repeat(is_inside, mask.runs).reshape(mask.rows, mask.columns)


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


def box_of_mask(mask: Mask) -> tuple[float, float, float, float]:
    """x, y, width and height of the box around the pixels inside, of which there is at least one.

    >>> from dmn_bench.vocabulary import Mask
    >>> box_of_mask(Mask(structure="heart", rows=3, columns=4, runs=(5, 2, 5)))
    (1.0, 1.0, 2.0, 1.0)
    """
    return box_of_runs(mask.columns, mask.runs)


def box_of_runs(columns: int, runs: Sequence[int]) -> tuple[float, float, float, float]:
    """x, y, width and height of the box around the pixels inside, without laying out the pixels."""
    ends = np.cumsum(np.asarray(runs, dtype=np.int64))
    first, last = ends[0::2][: len(runs) // 2], ends[1::2] - 1  # of each run inside, as places row by row
    top, bottom = int(first[0]) // columns, int(last[-1]) // columns
    wraps = first // columns != last // columns
    left = 0 if wraps.any() else int((first % columns).min())
    right = columns - 1 if wraps.any() else int((last % columns).max())
    return float(left), float(top), float(right - left + 1), float(bottom - top + 1)


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
