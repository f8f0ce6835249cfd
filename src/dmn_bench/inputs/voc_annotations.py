"""Pascal VOC annotation files: one XML file for each picture, with boxes between two corners."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .drawn_pictures import Corners, Drawn, DrawnPicture, Noted, all_finite, box_between, number_in, refused, word
from .safe_xml import read_xml, text_at

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

CORNERS = ("xmin", "ymin", "xmax", "ymax")


def read_voc(path: Path, name: str, corners: Corners) -> DrawnPicture:
    """The picture of a file; an object marked ``difficult`` is to be ignored, as VOC scores it.

    Raises InputFileError if the file is no such XML.
    """
    root = read_xml(path)
    if root.tag != "annotation":
        raise refused(name, "not_voc", found=root.tag)
    width, height = number_in(root.findtext("size/width")), number_in(root.findtext("size/height"))
    noted = Noted()
    objects = enumerate(root.findall("object"), start=1)
    return DrawnPicture(
        names=tuple(dict.fromkeys(filter(None, (text_at(root, "filename"), path.stem)))),
        where=name,
        size=(width, height) if width > 0 and height > 0 else None,
        drawn=tuple(_drawn(each, f"{name}: object {number}", str(number), corners, noted) for number, each in objects),
    )


def _drawn(element: Element, where: str, number: str, corners: Corners, noted: Noted) -> Drawn:
    box = [number_in(element.findtext(f"bndbox/{edge}")) for edge in CORNERS]
    if not all_finite(box):
        noted.add("annotations.without_place", where)
    category = word(text_at(element, "name"))
    if not category:
        noted.add("annotations.without_category", where)
    told = {"pose": text_at(element, "pose"), "truncated": text_at(element, "truncated")}
    return Drawn(
        category=category,
        where=where,
        box=box_between(box, corners),
        ignore=text_at(element, "difficult") == "1",
        id=number,
        attributes={key: word(value) for key, value in told.items() if value},
        faults=noted.since(0),
    )
