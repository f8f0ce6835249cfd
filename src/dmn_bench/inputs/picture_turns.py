"""Orientation marks of pictures (EXIF): how what is stored lies on what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..vocabulary import BoolArray

TURN = "PictureOrientation"
"""The keyword under which a header says that a picture is not stored as it is shown."""

UPRIGHT = 1
Size = tuple[float, float]
Point = tuple[float, float]


def stored_size(mark: int, shown: tuple[int, int]) -> tuple[int, int]:
    """Columns and rows of the stored picture, from those of the picture as shown.

    >>> stored_size(6, (454, 373)), stored_size(3, (454, 373))
    ((373, 454), (454, 373))
    """
    return (shown[1], shown[0]) if mark >= 5 else shown


def turned_points(mark: int, points: Sequence[Point], stored: Size) -> list[Point]:
    """Points of the stored picture on the picture as shown; ``stored``: its width and height in their unit.

    Reference: TIFF 6.0, tag Orientation: the sides of the shown picture where row 0 and column 0 are.

    >>> turned_points(6, [(10.0, 0.0)], (40.0, 30.0)), turned_points(3, [(10.0, 0.0)], (40.0, 30.0))
    ([(30.0, 10.0)], [(30.0, 30.0)])
    """
    width, height = stored
    turned = []
    for x, y in points:
        across, down = (width - x if mark in (2, 3, 7, 8) else x), (height - y if mark in (3, 4, 6, 7) else y)
        turned.append((down, across) if mark >= 5 else (across, down))
    return turned


def turned_box(mark: int, box: tuple[float, float, float, float], stored: Size) -> tuple[float, float, float, float]:
    """x, y, width and height of a box, as ``turned_points``; a negative width or height stays negative.

    >>> turned_box(6, (10.0, 5.0, 4.0, 2.0), (40.0, 30.0))
    (23.0, 10.0, 2.0, 4.0)
    """
    x, y, width, height = box
    [(left, top), (right, bottom)] = turned_points(mark, [(x, y), (x + width, y + height)], stored)
    width, height = (height, width) if mark >= 5 else (width, height)
    return (min(left, right) if width >= 0 else left), (min(top, bottom) if height >= 0 else top), width, height


def turned_pixels(mark: int, inside: BoolArray) -> BoolArray:
    """Pixels of the stored picture, [rows, columns], as the picture is shown.

    >>> import numpy as np
    >>> turned_pixels(6, np.array([[True, False, False]])).astype(int).tolist()
    [[1], [0], [0]]
    """
    if mark in (2, 3, 7, 8):
        inside = inside[:, ::-1]
    if mark in (3, 4, 6, 7):
        inside = inside[::-1]
    return inside.T if mark >= 5 else inside
