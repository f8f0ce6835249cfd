"""LIDC-IDRI: chest CT as DICOM with the four readers' outlines of nodules, as its XML files hold them."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from building import RecipeError

NAMESPACE = "{http://www.nih.gov}"


class Roi(NamedTuple):
    """One closed line of one reader on one slice: its pixels (column, row) from 0, and whether it bounds a hole."""

    points: tuple[tuple[int, int], ...]
    is_hole: bool


Nodule = Mapping[str, tuple[Roi, ...]]  # SOP Instance UID of the slice -> lines on it; one point: smaller than 3 mm


def readers_of(path: Path) -> dict[str, dict[str, Nodule]]:
    """What each reader drew in the last reading: reader -> nodule -> slice -> lines.

    Readers are named ``reader1`` to ``reader4`` by their order in the file: LIDC does not tell who read, nor that the
    first reader of two scans is one person. Nodules keep each reader's own names, which say nothing of the others'.
    A nodule of less than 3 mm has a single point; marks on what is no nodule are left out. A reader who drew nothing
    is there with no nodule.

    Raises RecipeError if the file is no XML of LIDC's, or lacks a coordinate.
    """
    try:
        root = ElementTree.parse(path).getroot()
    except (ElementTree.ParseError, OSError) as error:
        raise RecipeError(f"{path.name} cannot be read as XML: {error}. Fetch the file again.") from error
    sessions = root.findall(f"{NAMESPACE}readingSession")
    if not sessions:
        raise RecipeError(f"{path.name} has no readingSession: it is not a reading of LIDC-IDRI.")
    return {f"reader{number}": _nodules(session, path) for number, session in enumerate(sessions, start=1)}


def pixels(rois: Sequence[Roi], rows: int, columns: int, *, with_outline: bool) -> np.ndarray:
    """What the lines on one slice enclose: bool [rows, columns], holes taken out.

    ``with_outline``: whether the pixels of a line belong to what it bounds. LIDC's readers drew the line on the first
    pixels outside the nodule (so False is what they meant), and around a hole on the first pixels of the nodule; many
    programs fill the line itself as well.
    Raises RecipeError if a point lies outside the slice.

    >>> square = Roi(points=((1, 1), (3, 1), (3, 3), (1, 3)), is_hole=False)
    >>> int(pixels([square], 5, 5, with_outline=True).sum()), int(pixels([square], 5, 5, with_outline=False).sum())
    (9, 1)
    """
    inside = np.zeros((rows, columns), dtype=bool)
    for roi in sorted(rois, key=lambda roi: roi.is_hole):
        region = _enclosed(roi.points, rows, columns, with_outline=with_outline)
        inside = inside & ~region if roi.is_hole else inside | region
    return inside


def _nodules(session: ElementTree.Element, path: Path) -> dict[str, Nodule]:
    nodules: dict[str, Nodule] = {}
    for number, nodule in enumerate(session.findall(f"{NAMESPACE}unblindedReadNodule"), start=1):
        slices: dict[str, tuple[Roi, ...]] = {}
        for roi in nodule.findall(f"{NAMESPACE}roi"):
            instance = _text(roi, "imageSOP_UID", path)
            edges = roi.findall(f"{NAMESPACE}edgeMap")
            points = tuple((_number(edge, "xCoord", path), _number(edge, "yCoord", path)) for edge in edges)
            is_hole = _text(roi, "inclusion", path).upper() == "FALSE"
            slices[instance] = (*slices.get(instance, ()), Roi(points=points, is_hole=is_hole))
        name = _text(nodule, "noduleID", path)
        nodules[name if name not in nodules else f"{name} ({number})"] = slices
    return nodules


def _text(element: ElementTree.Element, tag: str, path: Path) -> str:
    found = element.findtext(f"{NAMESPACE}{tag}")
    if found is None or not found.strip():
        raise RecipeError(f"{path.name} lacks {tag} in a {element.tag.removeprefix(NAMESPACE)}. Fetch the file again.")
    return found.strip()


def _number(element: ElementTree.Element, tag: str, path: Path) -> int:
    text = _text(element, tag, path)
    if not text.lstrip("-").isdigit():
        raise RecipeError(f"{path.name}: {tag} is {text!r}, not a whole number. Fetch the file again.")
    return int(text)


def _enclosed(points: Sequence[tuple[int, int]], rows: int, columns: int, *, with_outline: bool) -> np.ndarray:
    """Pixels whose centre is inside by even-odd, with those of the line itself or without them."""
    corners = np.asarray(points, dtype=np.int64).reshape(-1, 2)
    if len(corners) == 0:
        return np.zeros((rows, columns), dtype=bool)
    if corners.min() < 0 or corners[:, 0].max() >= columns or corners[:, 1].max() >= rows:
        raise RecipeError(f"a line leaves its slice of {columns} by {rows} pixels. Fetch the file again.")
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
