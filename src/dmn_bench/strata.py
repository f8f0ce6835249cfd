"""How judgements are cut: which rows belong to which level of a planned field or interaction of fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .vocabulary import NOT_RECORDED, SEVERAL_VALUES

if TYPE_CHECKING:
    from .vocabulary import IntArray, Judgements, Unit

EVERY_LEVEL = "*"
"""In ``Judgements.row_strata``: the row counts in every level, as an image does when lesions are cut by their size."""

Stratum = Mapping[str, str]
"""One or more fields, each with one level: {"sex": "F", "age": ">=65"}."""


class Cut(NamedTuple):
    """One stratum and its rows; ``stratum`` is None for all rows together."""

    stratum: Stratum | None
    rows: IntArray  # indices into the rows of the judgements, ascending


class FieldLevels(NamedTuple):
    """The level of every unit in one field: ``names`` of the levels and, of each unit, the position of its own."""

    names: tuple[str, ...]
    codes: IntArray  # [u]


class UnitLevels:
    """The level of each of some units in every field asked for, worked out once for all judgements of these units."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self.units = units
        self.unit_ids = tuple(unit.unit_id for unit in units)
        self._fields: dict[str, FieldLevels] = {}

    def of(self, field: str) -> FieldLevels:
        """The levels met in a field, in the order in which they are met."""
        if field not in self._fields:
            codes: dict[str, int] = {}
            found = [codes.setdefault(unit_level(unit, field), len(codes)) for unit in self.units]
            self._fields[field] = FieldLevels(tuple(codes), np.array(found, dtype=np.int64))
        return self._fields[field]

    def in_order(self, fields: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """Every level met in each field, in the order to print: what ``split`` takes as ``levels``."""
        return {field: tuple(sorted(self.of(field).names, key=_printed_order)) for field in fields}

    def of_rows(self, judgements: Judgements, field: str) -> FieldLevels:
        """The same for the rows of judgements, whose units are joined by unit_id."""
        names, codes = self.of(field)
        if judgements.units.unit_ids != self.unit_ids:
            places = {unit_id: place for place, unit_id in enumerate(self.unit_ids)}
            codes = codes[[places[unit_id] for unit_id in judgements.units.unit_ids]]
        return FieldLevels(names, codes[judgements.row_units])


def split(
    judgements: Judgements,
    units: Sequence[Unit] | UnitLevels,
    fields: Sequence[str | Sequence[str]],
    levels: Mapping[str, Sequence[str]] | None = None,
) -> Sequence[Cut]:
    """All rows first, then every level of every planned field, empty ones too.

    ``units`` are joined by unit_id and must hold every unit of the judgements; whoever splits several judgements of the
    same units gives their ``UnitLevels``. ``fields`` are names, or lists of names for interactions, whose strata are
    every combination of levels. ``levels`` gives the levels of a field in the order to print, as known from the whole
    set; those met here beside it are added after, so that no row is lost. A row lies in one level of each field, save
    rows marked EVERY_LEVEL.
    """
    known = levels or {}
    of_units = units if isinstance(units, UnitLevels) else UnitLevels(units)
    cuts = [Cut(None, np.arange(len(judgements.row_units), dtype=np.int64))]
    by_field: dict[str, Mapping[str, IntArray]] = {}
    for planned in fields:
        names = (planned,) if isinstance(planned, str) else tuple(planned)
        for name in names:
            if name not in by_field:
                by_field[name] = _rows_of_levels(_levels_of_rows(judgements, of_units, name), known.get(name, ()))
        for combination in product(*(by_field[name] for name in names)):
            rows = cuts[0].rows
            for name, level in zip(names, combination, strict=True):
                rows = rows[np.isin(rows, by_field[name][level], assume_unique=True, kind="table")]
            cuts.append(Cut(dict(zip(names, combination, strict=True)), rows))
    return cuts


def unit_level(unit: Unit, field: str) -> str:
    """The level of a unit: that of its cases, or SEVERAL_VALUES where they differ; NOT_RECORDED where none says it."""
    if len(unit.cases) == 1:
        return unit.cases[0].strata.get(field, NOT_RECORDED)
    found = {case.strata.get(field, NOT_RECORDED) for case in unit.cases}
    if not found:
        return NOT_RECORDED
    return found.pop() if len(found) == 1 else SEVERAL_VALUES


def levels_of(units: Sequence[Unit], fields: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Every level of each field among some units, in the order to print: what ``split`` takes as ``levels``."""
    return UnitLevels(units).in_order(fields)


def _rows_of_levels(of_rows: FieldLevels, known: Sequence[str]) -> Mapping[str, IntArray]:
    present = np.bincount(of_rows.codes, minlength=len(of_rows.names)) > 0
    met = {name: code for code, name in enumerate(of_rows.names) if present[code]}
    more = sorted(met.keys() - {*known, EVERY_LEVEL}, key=_printed_order)
    everywhere = of_rows.codes == met.get(EVERY_LEVEL, -1)
    return {
        level: np.flatnonzero((of_rows.codes == met.get(level, -1)) | everywhere).astype(np.int64, copy=False)
        for level in (*known, *more)
    }


def _levels_of_rows(judgements: Judgements, units: UnitLevels, field: str) -> FieldLevels:
    if field not in judgements.row_strata:
        return units.of_rows(judgements, field)
    codes: dict[str, int] = {}
    found = [codes.setdefault(level, len(codes)) for level in judgements.row_strata[field]]
    return FieldLevels(tuple(codes), np.array(found, dtype=np.int64))


def _printed_order(level: str) -> tuple[bool, str]:
    """Levels by name, then the two that say what is not known."""
    return (level in (NOT_RECORDED, SEVERAL_VALUES), level)
