"""labelme annotation files: one JSON file for each picture, with polygons, rectangles, circles, points and masks."""

from __future__ import annotations

import base64
import binascii
import math
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputFileError, Problem
from ..polygons import Outline, box_around
from .coco_runs import MAX_PIXELS
from .drawn_pictures import Drawn, DrawnPicture, Noted, all_finite, json_in, refused, word
from .json_nodes import Node
from .mask_runs import runs_of
from .raster import stored_values

if TYPE_CHECKING:
    from ..vocabulary import BoolArray

SHAPES = ("polygon", "rectangle", "circle", "point", "mask")


def read_labelme(path: Path, name: str) -> DrawnPicture:
    """The picture of a file. Polygons and rectangles of one label and one ``group_id`` are parts of one region.

    Others of a group, and a line, are faults of the picture. A flag of the picture that is set is said of the whole of
    it; one that is not says nothing, for every flag begins so. The copy of the picture within is not looked at.
    Raises InputFileError if it is no such file.
    """
    noted = Noted()
    root = json_in(path, name, noted)
    if not isinstance(root.value, dict) or not isinstance(root.value.get("shapes"), list):
        raise refused(name, "not_labelme")
    width, height = root.at("imageWidth").number(), root.at("imageHeight").number()
    size = (width, height) if width and height else None
    written = root.at("imagePath").identifier().replace("\\", "/")
    shapes = [
        _drawn(node, str(number), size, noted) for number, node in enumerate(root.at("shapes").objects(), start=1)
    ]
    return DrawnPicture(
        names=tuple(dict.fromkeys(filter(None, (written, path.stem)))),
        where=name,
        size=size,
        drawn=(*_grouped(shapes), *_flags(root.at("flags"), noted)),
        faults=noted.since(0),
    )


def _flags(flags: Node, noted: Noted) -> Iterator[Drawn]:
    """What is said of the whole picture."""
    told = flags.value if isinstance(flags.value, dict) else {}
    for key, value in told.items():
        if value is True:
            yield Drawn(category=word(str(key)), where=flags.where)
        elif value is not False and value is not None:
            noted.add("annotations.flag_value", flags.where, found=word(str(key)))


def _grouped(shapes: Sequence[tuple[str, Drawn]]) -> list[Drawn]:
    """Shapes with those of one label and group joined."""
    found: dict[tuple[str, str], Drawn] = {}
    for number, (group, drawn) in enumerate(shapes):
        key = (drawn.category, group or f"#{number}")
        first = found.get(key)
        if first is None:
            found[key] = drawn
            continue
        faults = (*first.faults, *drawn.faults)
        parts = [_outlines(each) for each in (first, drawn)]
        if not faults and not all(parts):
            faults = (Problem(key="annotations.group_shape", where=drawn.where),)
        found[key] = replace(first, box=None, outlines=(*parts[0], *parts[1]), faults=faults)
    return list(found.values())


def _outlines(drawn: Drawn) -> tuple[Outline, ...]:
    """A polygon or a rectangle as outlines, () of anything else."""
    if drawn.box is None:
        return drawn.outlines
    x, y, width, height = drawn.box
    return (((x, y), (x + width, y), (x + width, y + height), (x, y + height)),)


def _drawn(node: Node, number: str, size: tuple[float, float] | None, noted: Noted) -> tuple[str, Drawn]:
    """(group, shape)."""
    before = len(noted)
    kind = node.at("shape_type").text() or "polygon"
    points = [numbers for each in node.at("points").items() if (numbers := each.numbers(2)) is not None]
    corners: Outline = tuple((each[0], each[1]) for each in points)
    category = word(node.at("label").identifier())
    if not category:
        noted.add("annotations.without_category", node.where)
    if not all(map(all_finite, corners)):
        noted.add("annotations.not_finite", node.where)
        corners = ()
    place = _shape(kind, corners, node, size, noted)
    told = node.at("flags").value if isinstance(node.at("flags").value, dict) else {}
    attributes = {word(str(key)): "yes" if value is True else "no" for key, value in told.items()}
    found = Drawn(
        category=category,
        where=node.where,
        id=number,
        attributes=attributes,
        faults=noted.since(before),
        **place,
    )
    return node.at("group_id").identifier(), found


def _shape(kind: str, corners: Outline, node: Node, size: tuple[float, float] | None, noted: Noted) -> dict[str, Any]:
    """The place of a shape as fields of ``Drawn``; what it lacks is noted."""
    needed = {"rectangle": 2, "circle": 2, "point": 1, "mask": 2}.get(kind)
    if kind not in SHAPES:
        noted.add("annotations.shape_unknown", node.where, found=word(kind), known=", ".join(SHAPES))
    elif (len(corners) != needed) if needed else (len(corners) < 3):
        noted.add("annotations.without_place", node.where)
    elif kind == "rectangle":
        return {"box": box_around(corners)}
    elif kind == "circle":
        return {"point": corners[0], "diameter": 2 * math.dist(*corners)}
    elif kind == "point":
        return {"point": corners[0]}
    elif kind == "polygon":
        return {"outlines": (corners,)}
    elif kind == "mask":
        return {"mask": _mask(node, corners, size, noted)}
    return {}


def _mask(
    node: Node, corners: Outline, size: tuple[float, float] | None, noted: Noted
) -> tuple[int, int, tuple[int, ...]] | None:
    """A mask within its box, on the whole picture."""
    left, top = (round(value) for value in corners[0])
    columns, rows = (0, 0) if size is None else (round(size[0]), round(size[1]))
    inside = _pixels(node.at("mask").text())
    if inside is None or rows * columns > MAX_PIXELS or left < 0 or top < 0 or not inside.any():
        noted.add("annotations.bad_mask", node.where, found="mask")
        return None
    height, width = inside.shape
    right, bottom = (round(value) for value in corners[1])
    if (right - left + 1, bottom - top + 1) != (width, height):  # its first and its last pixel
        noted.add("annotations.bad_mask", node.where, found=f"{width} x {height}")
        return None
    if left + width > columns or top + height > rows:
        noted.add("annotations.bad_mask", node.where, found=f"{width} x {height}")
        return None
    whole = np.zeros((rows, columns), dtype=bool)
    whole[top : top + height, left : left + width] = inside
    return rows, columns, runs_of(whole)


def _pixels(text: str) -> BoolArray | None:
    """The picture in a text of base 64 as a mask; None if there is none."""
    try:
        content = base64.b64decode(text, validate=True)
        with tempfile.NamedTemporaryFile(suffix=".png") as file:
            file.write(content)
            file.flush()
            pages = stored_values(Path(file.name))
    except (binascii.Error, ValueError, InputFileError):
        return None
    return pages[0] != 0 if len(pages) == 1 else None
