"""Which column of an output file holds what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..files import unknown_name
from .prediction_tables import Faults, Table

COLUMNS = (
    "case_id",
    "finding",
    "score",
    "label",
    "grade",
    "value",
    "unit",
    "status",
    "reason",
    "laterality",
    "image",
    "frame",
    "x_mm",
    "y_mm",
    "z_mm",
    "diameter_mm",
    "width_mm",
    "height_mm",
    "depth_mm",
    "diameter",
    "outline",
    "boxes",
)
BOX_COLUMNS: Mapping[str, tuple[str, str, str, str]] = {
    "xywh": ("x", "y", "width", "height"),
    "xyxy": ("x_min", "y_min", "x_max", "y_max"),
    "cxcywh": ("x_centre", "y_centre", "width", "height"),
}


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Places of columns in a table, from 0. ``named``: ours -> place; ``box``: the four of the box form, or x and y.

    ``wide``: finding -> places. ``titles``: what the file calls each place.
    """

    id_place: int
    named: Mapping[str, int]
    box: tuple[int, ...] = ()
    wide: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    grade_scores: tuple[int, ...] = ()
    titles: tuple[str, ...] = ()

    @property
    def has_marks(self) -> bool:
        """Whether the file has places for marks."""
        return bool(self.box) or not {"boxes", "outline", "x_mm"}.isdisjoint(self.named)


@dataclass(frozen=True, kw_only=True)
class Titles:
    """What the options say of columns: by our name, by finding, or all that begin alike."""

    columns: Mapping[str, str]  # our column -> the vendor's
    id_column: str | None
    wide: Mapping[str, Sequence[str]]
    wide_prefix: str | None
    grade_scores: Sequence[str]


def layout_of(table: Table, titles: Titles, boxes: str, faults: Faults) -> Layout:
    """The layout of one table, with every column that is missing noted."""
    columns, id_column, wide_prefix = titles.columns, titles.id_column, titles.wide_prefix
    finder = _Finder(table, columns, faults)
    named = {name: place for name in COLUMNS if (place := finder.ours(name)) is not None}
    id_place = finder.theirs(id_column) if id_column is not None else named.pop("case_id", None)
    if id_place is None and id_column is None:
        finder.theirs(columns.get("case_id", "case_id"))  # notes that it is missing
    named.pop("case_id", None)
    if named.get("image") == id_place:
        named.pop("image", None)
    for name in ("value", "unit"):  # a vendor's column of that title may be mapped to another of ours
        if any(other != name and named.get(name) == place for other, place in named.items()):
            named.pop(name)
    found_wide = {finding: finder.all_theirs(asked) for finding, asked in titles.wide.items()}
    if wide_prefix is not None:
        found_wide.update(finder.prefixed(wide_prefix))
    layout = Layout(
        id_place=id_place or 0,
        named=named,
        box=finder.box(BOX_COLUMNS[boxes]),
        wide=found_wide,
        grade_scores=finder.all_theirs(titles.grade_scores),
        titles=table.columns,
    )
    _check(layout, table.name, boxes, faults)
    return layout


def _check(layout: Layout, name: str, boxes: str, faults: Faults) -> None:
    if layout.box and len(layout.box) not in ((2, 4) if boxes == "xywh" else (4,)):
        faults.add("adapters.box_columns", f"{name}:1", expected=", ".join(BOX_COLUMNS[boxes]))
    in_mm = [key for key in ("x_mm", "y_mm", "z_mm") if key in layout.named]
    if in_mm and len(in_mm) != 3:
        faults.add("adapters.box_columns", f"{name}:1", expected="x_mm, y_mm, z_mm")
    says = {"score", "label", "grade", "value", "status"} & set(layout.named)
    if not says and not layout.wide and not layout.grade_scores and not layout.has_marks:
        found = ", ".join(layout.titles)
        faults.add("adapters.nothing_to_read", f"{name}:1", found=found[:500])


class _Finder:
    def __init__(self, table: Table, columns: Mapping[str, str], faults: Faults) -> None:
        self._places = {title: place for place, title in enumerate(table.columns) if title}
        self._columns = columns
        self._where = f"{table.name}:1"
        self._faults = faults

    def ours(self, name: str) -> int | None:
        """The place of one of our columns; a missing one is noted only if the options name it, "" is never used."""
        if name in self._columns:
            return self.theirs(self._columns[name]) if self._columns[name] else None
        return self._places.get(name)

    def box(self, names: Sequence[str]) -> tuple[int, ...]:
        """The places of a box form; none where its first two columns are missing and the options name no other.

        So the width and height of an image, which many files give, make no box.
        """
        found = {name: place for name in names if (place := self.ours(name)) is not None}
        is_meant = set(names[:2]) <= set(found) or any(name in self._columns for name in found)
        if is_meant and names[0] not in found:
            return tuple(found.values())[:1]  # incomplete, and noted as that
        return tuple(found.values()) if is_meant else ()

    def theirs(self, title: str) -> int | None:
        if title not in self._places:
            self._faults.note(unknown_name("adapters.column_missing", title, self._places, self._where))
        return self._places.get(title)

    def all_theirs(self, titles: Sequence[str]) -> tuple[int, ...]:
        return tuple(place for title in titles if (place := self.theirs(title)) is not None)

    def prefixed(self, prefix: str) -> dict[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {
            title.removeprefix(prefix): (place,)
            for title, place in self._places.items()
            if title.startswith(prefix) and title != prefix
        }
        if not found:
            self._faults.add("adapters.prefix_missing", self._where, found=prefix)
        return found
