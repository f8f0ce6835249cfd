"""ChestX-Det annotation files: a JSON list of pictures with findings, boxes between corners, and polygons."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from .drawn_pictures import Corners, Drawn, DrawnPicture, Noted, all_finite, box_between, json_in, pairs, refused, word
from .json_nodes import Node


def read_chestxdet(path: Path, name: str, corners: Corners) -> list[DrawnPicture]:
    """The pictures of a file: ``file_name, syms, boxes, polygons``, of which the last three go by place in their list.

    Raises InputFileError if it is no such file.
    """
    noted = Noted()
    root = json_in(path, name, noted)
    if not isinstance(root.value, list):
        raise refused(name, "not_chestxdet")
    pictures = []
    for node in root.objects():
        before = len(noted)
        lists = [list(node.at(key).items()) for key in ("syms", "boxes", "polygons")]
        written = node.at("file_name").identifier()
        if not written:
            noted.add("annotations.image_without_name", node.where)
        if len({len(each) for each in lists}) > 1:
            noted.add("annotations.lists_differ", node.where)
        faults = noted.since(before)
        rows = [] if faults else list(zip(*lists, strict=True))
        drawn = tuple(
            _drawn((row[0], row[1], row[2]), str(number), corners, noted) for number, row in enumerate(rows, start=1)
        )
        pictures.append(DrawnPicture(names=(written,), where=node.where, drawn=drawn, faults=faults))
    if noted:
        raise refused(name, "not_chestxdet")
    return pictures


def _drawn(row: tuple[Node, Node, Node], number: str, corners: Corners, noted: Noted) -> Drawn:
    before, (label, box, polygon) = len(noted), row
    edges = box.numbers(4)
    points = [found for each in polygon.items() if (found := each.numbers(2)) is not None]
    category = word(label.identifier())
    if not category:
        noted.add("annotations.without_category", label.where)
    if edges is None or not all_finite((*edges, *chain(*points))):
        noted.add("annotations.without_place", box.where)
    elif points and len(points) < 3:
        noted.add("annotations.without_place", polygon.where)
    return Drawn(
        category=category,
        where=box.where,
        box=None if edges is None else box_between(edges, corners),
        outlines=(pairs([*chain(*points)]),) if len(points) >= 3 else (),
        id=number,
        faults=noted.since(before),
    )
