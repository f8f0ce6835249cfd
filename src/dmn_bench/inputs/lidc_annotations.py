"""LIDC-IDRI's XML: what four readers drew on the slices of one CT, each reader for himself.

Readers outlined nodules of 3 mm and more slice by slice, and marked the middle of smaller ones and the place of what
is no nodule. Outlines run through the first pixels outside of a nodule, those of a hole through its first pixels.
Reference: Armato et al. 2011, Med Phys 38:915; McNitt-Gray et al. 2007, Acad Radiol 14:1464.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..errors import InputFileError
from .drawn_pictures import Noted, refused, word
from .safe_xml import read_xml, text_at

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from ..vocabulary import BoolArray, IntArray

ROOT = "LidcReadMessage"
NODULE, SMALL, NON_NODULE = "nodule", "nodule < 3 mm", "non-nodule"
CATEGORIES = (NODULE, SMALL, NON_NODULE)
MOST_TOLD = 50
FARTHEST = 1 << 15  # px: no slice is larger


class Line(NamedTuple):
    """One closed line on one slice: its pixels (column, row) from 0, and whether it bounds a hole."""

    points: tuple[tuple[int, int], ...]
    is_hole: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Marked:
    """What one reader marked as one thing. ``slices``: SOP Instance UID -> lines; of a place a line of one point."""

    category: str
    id: str
    slices: Mapping[str, tuple[Line, ...]]
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class LidcReading:
    """One XML file: of which series, and what each reader marked; who marked nothing is there.

    In the order of the file readers are ``reader1``, ``reader2`` …: it does not tell who read, nor that two scans had
    one reader.
    """

    where: str
    study_uid: str
    series_uid: str
    readers: Mapping[str, tuple[Marked, ...]]


def read_lidc(path: Path, name: str) -> LidcReading:
    """What the file holds of the last reading. Raises InputFileError with everything in it that cannot be read."""
    root = read_xml(path)
    sessions = root.findall("readingSession")
    if root.tag != ROOT or not sessions:
        raise refused(name, "not_lidc", found=root.tag)
    noted = Noted()
    numbered = ((f"reader{number}", session) for number, session in enumerate(sessions, start=1))
    readers = {reader: _session(session, f"{name}: {reader}", noted) for reader, session in numbered}
    if noted:
        raise InputFileError(*noted[:MOST_TOLD])
    return LidcReading(
        where=name,
        study_uid=text_at(root, "ResponseHeader/StudyInstanceUID"),
        series_uid=text_at(root, "ResponseHeader/SeriesInstanceUid", "ResponseHeader/SeriesInstanceUID"),
        readers=readers,
    )


def pixels_within(lines: Sequence[Line], rows: int, columns: int) -> BoolArray:
    """What the lines on one slice enclose, without the lines themselves: [rows, columns], holes taken out.

    Raises ValueError if a point lies outside of the slice.

    >>> square = Line(points=((1, 1), (3, 1), (3, 3), (1, 3)), is_hole=False)
    >>> int(pixels_within([square], 5, 5).sum())
    1
    """
    inside = np.zeros((rows, columns), dtype=bool)
    for line in sorted(lines, key=lambda line: line.is_hole):
        region = enclosed(line.points, rows, columns)
        inside = inside & ~region if line.is_hole else inside | region
    return inside


def _session(session: Element, where: str, noted: Noted) -> tuple[Marked, ...]:
    found: list[Marked] = []
    names: set[str] = set()
    for number, nodule in enumerate(session.findall("unblindedReadNodule"), start=1):
        here = f"{where}: nodule {number}"
        slices: dict[str, tuple[Line, ...]] = {}
        for uid, line in _lines(nodule, here, noted):
            slices[uid] = (*slices.get(uid, ()), line)
        given = word(text_at(nodule, "noduleID")) or str(number)
        name = given if given not in names else f"{given} ({number})"
        names.add(name)
        is_small = all(len(line.points) == 1 for lines in slices.values() for line in lines)
        told = {each.tag: word(each.text or "") for each in nodule.findall("characteristics/*")}
        attributes = {key: value for key, value in told.items() if value}
        category = SMALL if is_small else NODULE
        found.append(Marked(category=category, id=name, slices=slices, attributes=attributes))
    for number, other in enumerate(session.findall("nonNodule"), start=1):
        here = f"{where}: nonNodule {number}"
        uid, point = text_at(other, "imageSOP_UID"), _point(other.find("locus"), here, noted)
        if not uid:
            noted.add("annotations.without_place", here)
        elif point is not None:
            given = word(text_at(other, "nonNoduleID")) or str(number)
            slices = {uid: (Line((point,), is_hole=False),)}
            found.append(Marked(category=NON_NODULE, id=f"non-nodule {given} ({number})", slices=slices))
    return tuple(found)


def _lines(nodule: Element, where: str, noted: Noted) -> Iterator[tuple[str, Line]]:
    rois = nodule.findall("roi")
    if not rois:
        noted.add("annotations.without_place", where)
    for roi in rois:
        uid = text_at(roi, "imageSOP_UID")
        points = [_point(edge, where, noted) for edge in roi.findall("edgeMap")]
        if not uid or not points:
            noted.add("annotations.without_place", where)
        whole = tuple(point for point in points if point is not None)
        yield uid, Line(points=whole, is_hole=text_at(roi, "inclusion").upper() == "FALSE")


def _point(element: Element | None, where: str, noted: Noted) -> tuple[int, int] | None:
    texts = [] if element is None else [text_at(element, "xCoord"), text_at(element, "yCoord")]
    numbers = [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 6]
    if len(numbers) != 2 or max(numbers) > FARTHEST:
        noted.add("annotations.without_place", where)
        return None
    return numbers[0], numbers[1]


def enclosed(points: Sequence[tuple[int, int]], rows: int, columns: int, *, with_outline: bool = False) -> BoolArray:
    """The pixels [rows, columns] within a closed line of pixels (column, row) from 0: inside by even-odd.

    ``with_outline``: those of the line itself, too. LIDC's readers drew it on the first pixels outside of the nodule,
    so that without them is what they meant; other programs count them.
    Raises ValueError if the line leaves its slice. No point encloses nothing.
    """
    corners: IntArray = np.asarray(points, dtype=np.int64).reshape(-1, 2)
    if not len(corners):
        return np.zeros((rows, columns), dtype=bool)
    if corners.min() < 0 or corners[:, 0].max() >= columns or corners[:, 1].max() >= rows:
        raise ValueError(f"a line leaves its slice of {columns} by {rows} px")
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    row, column = np.ogrid[top : bottom + 1, left : right + 1]
    inside = np.zeros((bottom + 1 - top, right + 1 - left), dtype=bool)
    line = np.zeros_like(inside)
    for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y1 != y2:
            inside ^= ((row < y1) != (row < y2)) & (column < x1 + (row - y1) * (x2 - x1) / (y2 - y1))
        stride = max(abs(x2 - x1), abs(y2 - y1))  # 1 between the neighbours that LIDC lists
        walked = np.rint(np.linspace((x1, y1), (x2, y2), stride + 1)).astype(np.int64)
        line[walked[:, 1] - top, walked[:, 0] - left] = True
    whole = np.zeros((rows, columns), dtype=bool)
    whole[top : bottom + 1, left : right + 1] = inside | line if with_outline else inside & ~line
    return whole
