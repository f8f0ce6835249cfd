"""What somebody says of one case by drawing, in the terms of the tables: of a picture in px, of a volume in mm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .image_places import Placed, Shown

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, FloatArray

Region = Callable[[], "BoolArray | None"]
"""The voxels inside, [planes, rows, columns]; None where what was drawn encloses none (a point)."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """One thing drawn by one reader. ``cells``: its place as cells of lesions.csv; {} where its region is to be stored.

    ``has_place``: False of a finding of the whole case.
    """

    category: str
    where: str
    id: str = ""
    reader: str = ""
    ignore: bool = False
    says_nothing: bool = False
    has_place: bool = True
    cells: Mapping[str, str] = field(default_factory=dict)
    region: Region = lambda: None
    attributes: Mapping[str, str] = field(default_factory=dict)


def said_of(placed: Iterable[Placed], shown: Shown) -> list[Said]:
    """What was drawn on one picture."""
    return [
        Said(
            category=each.drawn.category,
            where=each.drawn.where,
            id=each.drawn.id,
            reader=each.drawn.reader,
            ignore=each.drawn.ignore,
            says_nothing=each.drawn.says_nothing,
            has_place=bool(each.box or each.outline or each.point or each.mask is not None),
            cells=_cells(each),
            region=_region(each, shown),
            attributes=each.drawn.attributes,
        )
        for each in placed
    ]


def sphere(inside: BoolArray, affine: FloatArray) -> Mapping[str, str]:
    """The sphere of the same volume round the middle of voxels [planes, rows, columns], as cells; {} of none.

    ``affine`` [4, 4]: index (column, row, plane) of a voxel to its place in mm (LPS).
    """
    voxels = np.argwhere(inside)
    if not len(voxels):
        return {}
    volume_mm3 = len(voxels) * abs(float(np.linalg.det(affine[:3, :3])))
    return ball(voxels[:, ::-1].mean(axis=0), affine, float((6 * volume_mm3 / np.pi) ** (1 / 3)))


def ball(index: FloatArray, affine: FloatArray, diameter_mm: float) -> Mapping[str, str]:
    """A sphere around a place given as index (column, row, plane), as cells of lesions.csv."""
    middle = affine @ [*index, 1.0]
    places = zip(("x_mm", "y_mm", "z_mm"), middle[:3], strict=True)
    return {**{axis: f"{value:.2f}" for axis, value in places}, "diameter_mm": f"{diameter_mm:.2f}"}


def number(value: float) -> str:
    """A number as a cell, exactly: in as few digits as read back as the same number.

    >>> number(12.0), number(202.60472972972974), number(-0.0)
    ('12', '202.60472972972974', '0')
    """
    text = repr(float(value)).removesuffix(".0")
    return "0" if text == "-0" else text


def _cells(placed: Placed) -> Mapping[str, str]:
    cells: dict[str, str] = {}
    if placed.mask is not None:
        return cells
    if placed.box is not None:
        cells.update(zip(("x", "y", "width", "height"), map(number, placed.box), strict=True))
    if placed.outline:
        cells["outline"] = " ".join(number(value) for point in placed.outline for value in point)
    if placed.point is not None:
        cells.update(x=number(placed.point[0]), y=number(placed.point[1]))
        if placed.diameter is not None:
            cells["diameter"] = number(placed.diameter)
    return cells


def _region(placed: Placed, shown: Shown) -> Region:
    def region() -> BoolArray | None:
        pixels = placed.pixels(shown)
        return None if pixels is None else pixels[None]

    return region
