"""What annotation files say of pictures, whatever their format: one record for a picture, one for each thing drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..errors import Fact, InputFileError, Problem
from ..files import plain_text
from ..polygons import Outline
from .json_nodes import JsonError, Node, parsed

MOST_BYTES = 1 << 28
"""Of one annotation file; of an XML file ``safe_xml`` allows less."""
MOST_POINTS = 1_000_000
NAME_CHARACTERS = 200  # of a category, a reader or an id
ROOM = "annotations"

Corners = Literal["edges", "pixels-from-0", "pixels-from-1"]
"""What two corners of a box are: its edges, counted from 0; or its first and last pixel, counted from 0 or from 1."""

Box = tuple[float, float, float, float]
"""x, y, width, height."""


class Noted(list[Problem]):
    """Problems of an annotation file as they are found."""

    def add(self, key: str, where: str, **facts: Fact) -> None:
        """Note one problem."""
        self.append(Problem(key=key, where=where, facts=facts))

    def since(self, n: int) -> tuple[Problem, ...]:
        """The problems after the first n, which are taken out: they are of one thing drawn."""
        found = tuple(self[n:])
        del self[n:]
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """One thing drawn: a box, an outline (of several parts), a mask, a circle or a point; or ``faults`` say why not.

    Without a place it is said of the whole picture.
    Places are in px, (0, 0) the outer corner of the first pixel; with ``shares`` in shares of the picture's size.
    ``says_nothing``: the file says with it that nothing was found. ``ignore``: a crowd, or difficult by its own mark.
    """

    category: str
    where: str
    box: Box | None = None
    outlines: tuple[Outline, ...] = ()
    mask: tuple[int, int, tuple[int, ...]] | None = None  # rows, columns, runs as of ``Mask``
    point: tuple[float, float] | None = None  # with a diameter the centre of a circle
    diameter: float | None = None
    shares: bool = False
    ignore: bool = False
    says_nothing: bool = False
    reader: str = ""
    id: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[Problem, ...] = ()

    @property
    def place(self) -> tuple[object, ...]:
        """What tells it from another thing drawn."""
        said = (self.category, self.reader, self.says_nothing, self.ignore)
        return (*said, self.box, self.outlines, self.mask, self.point, self.diameter)


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawnPicture:
    """One picture. ``names``: what may name it, the file's word first. ``size``: columns and rows, where stated."""

    names: tuple[str, ...]
    where: str
    size: tuple[float, float] | None = None
    drawn: tuple[Drawn, ...] = ()
    faults: tuple[Problem, ...] = ()


def refused(name: str, key: str, **facts: Fact) -> InputFileError:
    """What is wrong with an annotation file as a whole, ready to be raised."""
    return InputFileError(Problem(key=f"{ROOM}.{key}", where=name, facts=facts))


def text_in(path: Path, name: str) -> str:
    """The text of a file, in UTF-8. Raises InputFileError if it is none, cannot be read or is too large."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise refused(name, "too_large", limit=MOST_BYTES >> 20)
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputFileError(
            Problem(key="files.cannot_read", where=name, facts={"found": error.strerror or ""})
        ) from None
    except UnicodeDecodeError:
        raise refused(name, "not_utf8") from None


def json_in(path: Path, name: str, noted: Noted) -> Node:
    """A JSON file. Raises InputFileError if it is none, is nested too deeply or gives a key twice."""
    try:
        root = parsed(text_in(path, name), name, noted, ROOM)
    except JsonError as error:
        raise refused(error.where, "json_malformed", found=error.found) from None
    if doubled := noted.since(0):
        raise InputFileError(*doubled[:20])
    return root


def box_between(corners: Sequence[float], how: Corners) -> Box:
    """The box between two corners x, y, x, y; a negative or zero width or height stays one.

    >>> box_between((10, 20, 13, 22), "edges"), box_between((1, 1, 4, 2), "pixels-from-1")
    ((10, 20, 3, 2), (0, 0, 4, 2))
    """
    left, top, right, bottom = corners
    if how == "edges":
        return left, top, right - left, bottom - top
    first = 1 if how == "pixels-from-1" else 0
    return left - first, top - first, right - left + 1, bottom - top + 1


def pairs(numbers: Sequence[float]) -> Outline:
    """x1, y1, x2, y2 … as points, the last left out where it is the first again.

    >>> pairs((0, 0, 4, 0, 4, 3, 0, 0))
    ((0, 0), (4, 0), (4, 3))
    """
    points = tuple(zip(numbers[::2], numbers[1::2], strict=True))
    return points[:-1] if len(points) > 1 and points[0] == points[-1] else points


def word(text: str) -> str:
    r"""A category or an id as it is told from others: one line of so many characters that can be printed.

    >>> word(" old \n fracture ")
    'old fracture'
    """
    return plain_text(" ".join(text.split()), NAME_CHARACTERS)


def number_in(text: str | None) -> float:
    """A finite number as XML writes it, NaN if it is none.

    >>> number_in(" 12.5 "), number_in("1e999"), number_in("1_0")
    (12.5, nan, nan)
    """
    written = (text or "").strip()
    try:
        number = float(written) if written.isascii() and "_" not in written else math.nan
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan


def all_finite(numbers: Iterable[float]) -> bool:
    """Whether every number is one."""
    return all(map(math.isfinite, numbers))
