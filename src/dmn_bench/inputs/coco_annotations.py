"""COCO annotation files: pictures, categories, and boxes, polygons or run-length masks.

Reference: cocodataset.org, format of data; boxes are x, y, width, height in px from 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..errors import InputFileError
from ..polygons import Outline
from .coco_runs import MaskError, runs_of_columns
from .drawn_pictures import MOST_POINTS, Box, Drawn, DrawnPicture, Noted, all_finite, json_in, pairs, refused, word
from .json_nodes import Node

MOST_TOLD = 100  # problems of a file as a whole
_TOLD = ("id", "image_id", "category_id", "bbox", "segmentation", "area", "iscrowd", "ignore", "attributes")


def read_coco(path: Path, name: str) -> tuple[list[DrawnPicture], dict[str, int]]:
    """The pictures of a file with what is drawn on each, and the categories that it lists.

    A crowd (``iscrowd``) is a region to ignore. The count of a category is 0 here: it is what the file may draw.
    Raises InputFileError if it is no COCO file, an id stands twice, or an annotation is of no listed image or category.
    """
    noted = Noted()
    root = json_in(path, name, noted)
    if not {"images", "annotations", "categories"} <= set(root.value if isinstance(root.value, dict) else ()):
        raise refused(name, "not_coco")
    images = _by_id(root.at("images"), noted, "image_doubled")
    categories = {
        key: word(node.at("name").identifier())
        for key, node in _by_id(root.at("categories"), noted, "category_doubled").items()
    }
    of_image: dict[str, list[Drawn]] = {key: [] for key in images}
    for node in root.at("annotations").objects():
        key, category = node.at("image_id").identifier(), node.at("category_id").identifier()
        if key not in images:
            noted.add("annotations.image_unknown", node.where, found=word(key))
        elif category not in categories:
            noted.add("annotations.category_unknown", node.where, found=word(category))
        else:
            of_image[key].append(_drawn(node, categories[category], noted))
    if noted:
        raise InputFileError(*noted[:MOST_TOLD])
    pictures = [_picture(node, of_image[key], noted) for key, node in images.items()]
    if noted:
        raise InputFileError(*noted[:MOST_TOLD])
    return pictures, dict.fromkeys(categories.values(), 0)


def _by_id(table: Node, noted: Noted, doubled: str) -> Mapping[str, Node]:
    found: dict[str, Node] = {}
    for node in table.objects():
        key = node.at("id").identifier()
        if not key or key in found:
            noted.add(f"annotations.{doubled}", node.where, found=word(key))
        found[key] = node
    return found


def _picture(node: Node, drawn: list[Drawn], noted: Noted) -> DrawnPicture:
    written = node.at("file_name").identifier()
    if not written:
        noted.add("annotations.image_without_name", node.where)
    width, height = node.at("width").number(), node.at("height").number()
    size = (width, height) if width and height else None
    return DrawnPicture(names=(written,), where=node.where, size=size, drawn=tuple(drawn))


def _drawn(node: Node, category: str, noted: Noted) -> Drawn:
    """One annotation; what is wrong with it is kept with it."""
    before = len(noted)
    box = _box(node, noted)
    outlines: tuple[Outline, ...] = ()
    mask: tuple[int, int, tuple[int, ...]] | None = None
    segmentation = node.at("segmentation")
    try:
        if isinstance(segmentation.value, dict):
            mask = runs_of_columns(segmentation.at("size").value, segmentation.at("counts").value)
            if len(mask[2]) < 2:
                noted.add("annotations.bad_mask", segmentation.where, found="0 px")
        elif segmentation.value:
            outlines = tuple(_polygons(segmentation))
    except MaskError as error:
        noted.add("annotations.bad_mask", segmentation.where, found=str(error))
    if box is None and mask is None and not outlines:
        noted.add("annotations.without_place", node.where)
    flags = [node.at(key).number() for key in ("iscrowd", "ignore")]
    return Drawn(
        category=category,
        where=node.where,
        box=box,
        outlines=outlines,
        mask=mask,
        ignore=any(flag for flag in flags),
        id=word(node.at("id").identifier()),
        attributes=_attributes(node),
        faults=noted.since(before),
    )


def _box(node: Node, noted: Noted) -> Box | None:
    numbers = node.at("bbox").numbers(4)
    if numbers is None:
        return None
    if not all_finite(numbers):
        noted.add("annotations.not_finite", node.at("bbox").where)
        return None
    x, y, width, height = numbers
    return x, y, width, height


def _polygons(segmentation: Node) -> Iterator[Outline]:
    for node in segmentation.items():
        numbers = node.numbers()
        if numbers is None:
            continue
        if len(numbers) < 6 or len(numbers) % 2 or len(numbers) > MOST_POINTS or not all_finite(numbers):
            raise MaskError(f"a polygon of {len(numbers)} numbers, or of some that are none")
        yield pairs(numbers)


def _attributes(node: Node) -> Mapping[str, str]:
    """Further keys, and those below ``attributes``, as far as they are texts or numbers."""
    value = node.value | (node.at("attributes").value if isinstance(node.at("attributes").value, dict) else {})
    return {
        key: word(f"{each:g}" if isinstance(each, float) and math.isfinite(each) else str(each))
        for key, each in value.items()
        if key not in _TOLD and isinstance(each, str | int | float)
    }
