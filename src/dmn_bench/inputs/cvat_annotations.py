"""CVAT annotation files for images (CVAT for images 1.1): one XML file with boxes, polygons, masks and tags."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..polygons import Outline
from .coco_runs import MAX_PIXELS
from .drawn_pictures import MOST_POINTS, Drawn, DrawnPicture, Noted, all_finite, number_in, refused, word
from .mask_runs import runs_of
from .safe_xml import read_xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_ATTRIBUTE = 1 << 24  # characters: of the points of a polygon, of the runs of a mask
SHAPES = ("box", "polygon", "ellipse", "mask", "points")
NOT_REGIONS = ("polyline", "cuboid", "skeleton")
TAG = "tag"  # of the whole picture


def read_cvat(path: Path, name: str) -> list[DrawnPicture]:
    """The pictures of a file. A tag is said of the whole picture and has no place; a line is a fault of its picture.

    Raises InputFileError if the file is no such XML, or one of a video.
    """
    root = read_xml(path, attribute_characters=MOST_ATTRIBUTE)
    if root.tag != "annotations" or root.find("track") is not None:
        raise refused(name, "not_cvat")
    return [_picture(image, f"{name}: image {number}") for number, image in enumerate(root.findall("image"), start=1)]


def _picture(image: Element, where: str) -> DrawnPicture:
    width, height = number_in(image.get("width")), number_in(image.get("height"))
    size = (width, height) if width > 0 and height > 0 else None
    shapes = [each for each in image if each.tag in (*SHAPES, *NOT_REGIONS)]
    shapes += image.findall(TAG)
    noted = Noted()
    written = (image.get("name") or "").strip()
    if not written:
        noted.add("annotations.image_without_name", where)
    faults = noted.since(0)
    drawn = [_drawn(each, f"{where}: {each.tag} {n}", str(n), size, noted) for n, each in enumerate(shapes, start=1)]
    return DrawnPicture(names=(written,) if written else (), where=where, size=size, drawn=tuple(drawn), faults=faults)


def _drawn(shape: Element, where: str, number: str, size: tuple[float, float] | None, noted: Noted) -> Drawn:
    category = word(shape.get("label") or "")
    if not category:
        noted.add("annotations.without_category", where)
    place: dict[str, Any] = {}
    if shape.tag in NOT_REGIONS:
        noted.add("annotations.shape_unknown", where, found=shape.tag, known=", ".join(SHAPES))
    elif shape.tag != TAG:
        place = _place(shape, size)
        if not place:
            noted.add("annotations.without_place", where)
    told = {each.get("name", ""): word(each.text or "") for each in shape.findall("attribute")}
    attributes = {word(key): value for key, value in told.items() if key and value}
    if shape.get("occluded") is not None:
        attributes.setdefault("occluded", "yes" if shape.get("occluded") == "1" else "no")
    return Drawn(category=category, where=where, id=number, attributes=attributes, faults=noted.since(0), **place)


def _place(shape: Element, size: tuple[float, float] | None) -> dict[str, Any]:
    """The place of a shape as a field of ``Drawn``, {} where its numbers are none."""
    if shape.tag == "box":
        x0, y0, x1, y1 = (number_in(shape.get(key)) for key in ("xtl", "ytl", "xbr", "ybr"))
        turned = number_in(shape.get("rotation") or "0")
        if not all_finite((x0, y0, x1, y1, turned)):
            return {}
        if turned % 360:
            return {"outlines": (_turned(((x0, y0), (x1, y0), (x1, y1), (x0, y1)), turned),)}
        return {"box": (x0, y0, x1 - x0, y1 - y0)}
    if shape.tag == "ellipse":
        cx, cy, rx, ry = (number_in(shape.get(key)) for key in ("cx", "cy", "rx", "ry"))
        turned = number_in(shape.get("rotation") or "0")
        if not all_finite((cx, cy, rx, ry, turned)) or min(rx, ry) <= 0:
            return {}
        angles = [2 * math.pi * step / 72 for step in range(72)]
        return {"outlines": (_turned([(cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in angles], turned),)}
    if shape.tag == "mask":
        mask = _mask(shape, size)
        return {} if mask is None else {"mask": mask}
    points = _points(shape.get("points") or "")
    if shape.tag == "points":
        return {"point": points[0]} if len(points) == 1 else {}
    return {"outlines": (points,)} if len(points) >= 3 else {}


def _turned(corners: Outline | list[tuple[float, float]], degrees: float) -> Outline:
    """Corners turned about the middle of their box, clockwise as pictures show it."""
    x, y = [each[0] for each in corners], [each[1] for each in corners]
    mx, my = (min(x) + max(x)) / 2, (min(y) + max(y)) / 2
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    moved = ((u - mx, v - my) for u, v in corners)
    return tuple((mx + u * cosine - v * sine, my + u * sine + v * cosine) for u, v in moved)


def _points(text: str) -> Outline:
    """Pairs "x,y;x,y" as points, () where one is none."""
    if len(text) > MOST_POINTS * 8:
        return ()
    found = [tuple(number_in(number) for number in pair.split(",")) for pair in text.split(";")]
    points = tuple((pair[0], pair[1]) for pair in found if len(pair) == 2 and all_finite(pair))
    return points if len(points) == len(found) else ()


def _mask(shape: Element, size: tuple[float, float] | None) -> tuple[int, int, tuple[int, ...]] | None:
    """Runs outside and inside by turns, row by row within the box of the mask, on the whole picture."""
    left, top, width, height = (number_in(shape.get(key)) for key in ("left", "top", "width", "height"))
    counts = [number_in(each) for each in (shape.get("rle") or "").split(",")]
    if size is None or not all_finite((left, top, width, height, *counts)):
        return None
    numbers = (*size, left, top, width, height, *counts)
    columns, rows, left, top, width, height = (int(each) for each in numbers[:6])
    is_sound = all(each >= 0 and each == int(each) for each in numbers) and rows * columns <= MAX_PIXELS
    if not is_sound or sum(counts) != width * height or left + width > columns or top + height > rows:
        return None
    whole = np.zeros((rows, columns), dtype=bool)
    inside = np.repeat(np.arange(len(counts)) % 2 == 1, np.array(counts, dtype=np.int64))
    whole[top : top + height, left : left + width] = inside.reshape(height, width)
    return (rows, columns, runs_of(whole)) if whole.any() else None
