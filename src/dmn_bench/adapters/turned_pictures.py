"""Places on a picture as it is stored, brought to the picture as its orientation mark (EXIF) shows it."""

from __future__ import annotations

from dataclasses import replace

from ..inputs.mask_runs import array_of, runs_of
from ..inputs.picture_turns import UPRIGHT, stored_size, turned_box, turned_pixels, turned_points
from ..vocabulary import Contour, Mask

__all__ = ["UPRIGHT", "stored_size", "turned_box", "turned_drawing", "turned_mask", "turned_pixels", "turned_points"]


def turned_mask(mask: Mask, mark: int) -> Mask:
    """A mask of the stored picture as one of the picture as shown."""
    if mark == UPRIGHT:
        return mask
    inside = turned_pixels(mark, array_of(mask))
    rows, columns = inside.shape
    return replace(mask, rows=rows, columns=columns, runs=runs_of(inside))


def turned_drawing(drawn: Mask | Contour, mark: int, stored: tuple[int, int] | None) -> Mask | Contour:
    """A mask or contour of the stored picture as one of the picture as shown."""
    if isinstance(drawn, Mask):
        return turned_mask(drawn, mark)
    if mark == UPRIGHT or stored is None:
        return drawn
    return replace(drawn, points=tuple(turned_points(mark, drawn.points, stored)))
