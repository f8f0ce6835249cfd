"""Masks and outlines as COCO writes them: run lengths down the columns, as numbers or packed into text; polygons."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TypeGuard

import numpy as np

from ..polygons import Outline, box_around
from .mask_runs import box_of_runs, runs_of

MAX_PIXELS = 1 << 28
MAX_TEXT = 1 << 26
BITS = 5  # of a number in each character, the sixth says that more follow
LONGEST = 7  # characters of one number


class MaskError(ValueError):
    """A segmentation that is no mask of its size."""


def runs_of_columns(size: object, counts: object) -> tuple[int, int, tuple[int, ...]]:
    """Rows, columns and runs (row by row, see ``Mask``) of a segmentation {size: [rows, columns], counts}.

    Raises MaskError if the counts do not add up to the size, or there is none.
    """
    if not _are_whole(size) or len(size) != 2 or min(size) < 1 or size[0] * size[1] > MAX_PIXELS:
        raise MaskError("a mask without its size")
    rows, columns = size
    lengths = unpacked(counts) if isinstance(counts, str) else counts
    if not _are_whole(lengths):
        raise MaskError("a mask without its counts")
    if any(n < 0 for n in lengths) or sum(lengths) != rows * columns:
        raise MaskError(f"a mask whose counts do not add up to {rows} rows of {columns}")
    is_inside = np.arange(len(lengths)) % 2 == 1
    down_the_columns = np.repeat(is_inside, lengths).reshape(columns, rows)
    return rows, columns, runs_of(down_the_columns.T)


def unpacked(text: str) -> list[int]:
    """Counts from COCO's text: base 48 characters of 5 bits each; from the third on the difference to the last but one.

    Raises MaskError where the text is no such thing.
    Reference: cocoapi, maskApi.c, rleFrString.

    >>> unpacked("52203")
    [5, 2, 2, 2, 5]
    """
    if len(text) > MAX_TEXT:
        raise MaskError("a mask of too many counts")
    counts: list[int] = []
    value = shift = n_characters = 0
    for character in text:
        bits = ord(character) - 48
        if not 0 <= bits < 1 << (BITS + 1) or n_characters == LONGEST:
            raise MaskError("a mask whose counts cannot be unpacked")
        value |= (bits & 31) << shift
        shift, n_characters = shift + BITS, n_characters + 1
        if bits & 32:
            continue
        if bits & 16:  # the sign
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        value = shift = n_characters = 0
    if n_characters:
        raise MaskError("a mask whose counts are cut off")
    return counts


def box_of_mask_runs(columns: int, runs: Sequence[int]) -> tuple[float, float, float, float]:
    """x, y, width, height of the pixels inside. Raises MaskError where there is none."""
    if len(runs) < 2:
        raise MaskError("an empty mask")
    return box_of_runs(columns, runs)


def one_outline(polygons: Sequence[Outline]) -> Outline:
    """The polygons of one region as one outline: its parts joined by lines that are walked to and fro.

    Such a line encloses nothing, so that the outline encloses what its parts do; of parts that overlap that would not
    be so. Raises MaskError where their boxes do.

    >>> one_outline([((0, 0), (1, 0), (0, 1)), ((5, 5), (6, 5), (5, 6))])
    ((0, 0), (1, 0), (0, 1), (0, 0), (5, 5), (6, 5), (5, 6), (5, 5))
    """
    if len(polygons) == 1:
        return polygons[0]
    boxes = [box_around(polygon) for polygon in polygons]
    for one, other in itertools.combinations(boxes, 2):
        if all(
            one[axis] < other[axis] + other[axis + 2] and other[axis] < one[axis] + one[axis + 2] for axis in (0, 1)
        ):
            raise MaskError("a segmentation of several polygons whose boxes overlap: its mask would say what is inside")
    there = [point for polygon in polygons for point in (*polygon, polygon[0])]
    back = [polygon[0] for polygon in polygons[-2:0:-1]]
    return (*there, *back)


def _are_whole(value: object) -> TypeGuard[list[int]]:
    return isinstance(value, list) and all(isinstance(n, int) and not isinstance(n, bool) for n in value)
