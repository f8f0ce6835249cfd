"""YOLO label files: one text file for each picture, a line for each box or polygon in shares of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import InputFileError
from ..files import read_yaml
from ..polygons import Outline
from .drawn_pictures import Box, Drawn, DrawnPicture, Noted, all_finite, number_in, pairs, refused, text_in, word

NAMES_FILES = ("classes.txt", "obj.names", "data.yaml", "dataset.yaml", "data.yml")
_LISTS = ("train.txt", "val.txt", "test.txt", *NAMES_FILES)
MOST_CLASSES = 10_000


def read_names(path: Path, name: str) -> tuple[str, ...]:
    """The names of class 0, 1 …: one a line, or the key ``names`` of a YAML file, a list or a table by number.

    Raises InputFileError if there is none, one is empty, or one stands twice.
    """
    if path.suffix.lower() in (".yaml", ".yml"):
        names = _of_yaml(path, name)
    else:
        names = [word(line) for line in text_in(path, name).rstrip().splitlines()]  # an empty one would number the rest
    if not names or len(set(names)) < len(names) or len(names) > MOST_CLASSES or not all(names):
        raise refused(name, "bad_names")
    return tuple(names)


def read_yolo(path: Path, name: str, names: Sequence[str]) -> DrawnPicture:
    """The picture of a label file: ``class cx cy width height``, or ``class x1 y1 x2 y2 x3 y3 …``.

    A line of six numbers ends in a confidence, which a reference has none of: it is a fault.
    Raises InputFileError if the file is no text.
    """
    drawn: list[Drawn] = []
    for number, line in enumerate(text_in(path, name).splitlines(), start=1):
        if line.strip():
            drawn.append(_drawn(line.split(), f"{name}:{number}", str(number), names))
    return DrawnPicture(names=(path.stem,), where=name, drawn=tuple(drawn))


def is_label_file(path: Path) -> bool:
    """Whether a file may be one of labels: a text file that is no list of names or of pictures."""
    return path.suffix.lower() == ".txt" and path.name.lower() not in _LISTS


def _drawn(words: Sequence[str], where: str, number: str, names: Sequence[str]) -> Drawn:
    noted = Noted()
    numbers = [number_in(each) for each in words[1:]]
    category = names[int(words[0])] if _is_class(words[0], names) else ""
    if not category:
        noted.add("annotations.class_unknown", where, found=word(words[0]), n=len(names))
    box: Box | None = None
    outlines: tuple[Outline, ...] = ()
    if not all_finite(numbers):
        noted.add("annotations.not_finite", where)
    elif len(numbers) == 4:
        x, y, width, height = numbers
        box = (x - width / 2, y - height / 2, width, height)
    elif len(numbers) >= 6 and len(numbers) % 2 == 0:
        outlines = (pairs(numbers),)
    else:
        key = "annotations.confidence" if len(numbers) == 5 else "annotations.line_width"
        noted.add(key, where, found=len(words))
    return Drawn(
        category=category, where=where, box=box, outlines=outlines, shares=True, id=number, faults=noted.since(0)
    )


def _is_class(text: str, names: Sequence[str]) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10 and int(text) < len(names)


def _of_yaml(path: Path, name: str) -> list[str]:
    read, _ = read_yaml(path, InputFileError)
    names = read.get("names") if isinstance(read, dict) else None
    if isinstance(names, dict):
        by_number = {str(key): value for key, value in names.items()}
        names = [by_number.get(str(number)) for number in range(len(names))]
    if not isinstance(names, list) or not all(isinstance(each, str | int) for each in names):
        raise refused(name, "bad_names")
    return [word(str(each)) for each in names]
