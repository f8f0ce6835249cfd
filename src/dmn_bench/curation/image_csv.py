"""Tables of boxes as CSV: a row for each box, or for a picture on which nothing was found.

Three layouts are known by their columns (VinDr-CXR, RSNA, and the words below themselves); others by a table that says
what its columns are.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..errors import ReferenceSetError, collect
from ..inputs.drawn_pictures import Box, Corners, Drawn, DrawnPicture, Noted, all_finite, box_between, number_in, word
from ..reference_set.csv_rows import Problems
from .ecg_foreign import foreign_rows

CORNERS, SIZED = ("x_min", "y_min", "x_max", "y_max"), ("x", "y", "width", "height")
WORDS = ("picture", "category", "reader", *CORNERS, *SIZED, "found", "attribute")
"""``found``: 0 on a picture on which nothing was found; ``attribute``: kept under the name of the column."""
LAYOUTS: tuple[Mapping[str, str], ...] = (
    {
        "image_id": "picture",
        "class_name": "category",
        "rad_id": "reader",
        **{name: name for name in CORNERS},
    },
    {"patientId": "picture", **{name: name for name in SIZED}, "Target": "found"},
    {"picture": "picture", "category": "category", **{name: name for name in CORNERS}},
    {"picture": "picture", "category": "category", **{name: name for name in SIZED}},
)
FOUND, NOT_FOUND = "1", "0"


def read_columns(path: Path) -> Mapping[str, str]:
    """What the columns of a table are: the rows of a CSV ``column,is``. Raises ReferenceSetError."""
    problems = Problems()
    columns, rows = foreign_rows(path)
    for missing in ("column", "is"):
        if missing not in columns:
            problems.add("refset.csv_column_missing", f"{path.name}:1", found=missing)
    collect(problems.all(), ReferenceSetError)
    found: dict[str, str] = {}
    for line, row in rows:
        where, said = f"{path.name}:{line}", row["is"]
        if said not in WORDS:
            problems.add("annotations.column_word", where, found=word(said), known=", ".join(WORDS))
        elif row["column"] in found or (said != "attribute" and said in found.values()):
            problems.add("annotations.column_twice", where, found=word(row["column"]))
        found[row["column"]] = said
    collect(problems.all(), ReferenceSetError)
    return found


def layout_of(columns: tuple[str, ...]) -> Mapping[str, str] | None:
    """The layout whose columns a table has; None if none is known."""
    return next((layout for layout in LAYOUTS if set(layout) <= set(columns)), None)


def needs_corners(layout: Mapping[str, str]) -> bool:
    """Whether boxes are between corners."""
    return "x_min" in layout.values()


def read_table(path: Path, layout: Mapping[str, str], corners: Corners) -> list[DrawnPicture]:
    """The pictures of a table. A row without any number has no place: its category or ``found`` says what it states.

    Raises ReferenceSetError if it cannot be read or lacks a column.
    """
    columns, rows = foreign_rows(path)
    problems = Problems()
    for missing in (name for name in layout if name not in columns):
        problems.add("refset.csv_column_missing", f"{path.name}:1", found=missing)
    collect(problems.all(), ReferenceSetError)
    by_word = {said: column for column, said in layout.items() if said != "attribute"}
    kept = [column for column, said in layout.items() if said == "attribute"]
    found: dict[str, list[Drawn]] = {}
    for line, row in rows:
        told = {said: row[column] for said, column in by_word.items()}
        picture = told.get("picture", "")
        if not picture:
            problems.add("annotations.image_without_name", f"{path.name}:{line}")
            continue
        attributes = {column: word(row[column]) for column in kept if row[column]}
        found.setdefault(picture, []).append(_drawn(told, attributes, f"{path.name}:{line}", corners))
    collect(problems.all(), ReferenceSetError)
    return [DrawnPicture(names=(name,), where=drawn[0].where, drawn=tuple(drawn)) for name, drawn in found.items()]


def _drawn(told: Mapping[str, str], attributes: Mapping[str, str], where: str, corners: Corners) -> Drawn:
    noted = Noted()
    names = CORNERS if "x_min" in told else SIZED
    texts = [told.get(name, "") for name in names]
    stated = word(told.get("found", FOUND))
    category = word(told.get("category", "")) or stated
    if stated not in (FOUND, NOT_FOUND):
        noted.add("annotations.found_word", where, found=stated)
    box: Box | None = None
    has_place = any(texts)
    if has_place:
        numbers = [number_in(text) for text in texts]
        if all_finite(numbers):
            box = box_between(numbers, corners) if names == CORNERS else _sized(numbers)
        else:
            noted.add("annotations.without_place", where)
        if stated == NOT_FOUND:
            noted.add("annotations.found_and_not", where)
    return Drawn(
        category=category,
        where=where,
        box=box,
        says_nothing=stated == NOT_FOUND,
        reader=word(told.get("reader", "")),
        attributes=attributes,
        faults=noted.since(0),
    )


def _sized(numbers: list[float]) -> Box:
    x, y, width, height = numbers
    return x, y, width, height
