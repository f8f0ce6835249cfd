"""How judgements are cut: which rows belong to which level of a planned field or interaction of fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


def split(
    judgements: Judgements,
    units: Sequence[Unit],
    fields: Sequence[str | Sequence[str]],
    levels: Mapping[str, Sequence[str]] | None = None,
) -> Sequence[Cut]:
    """All rows first, then every level of every planned field, empty ones too.

    ``units`` are joined by unit_id and must hold every unit of the judgements. ``fields`` are names, or lists of names
    for interactions, whose strata are every combination of levels. ``levels`` gives the levels of a field in the order
    to print, as known from the whole set; those met here beside it are added after, so that no row is lost. A row lies
    in one level of each field, save rows marked EVERY_LEVEL.
    """
    known = levels or {}
    cuts = [Cut(None, np.arange(len(judgements.row_units), dtype=np.int64))]
    by_field: dict[str, Mapping[str, IntArray]] = {}
    for planned in fields:
        names = (planned,) if isinstance(planned, str) else tuple(planned)
        for name in names:
            if name not in by_field:
                by_field[name] = _rows_of_levels(judgements, units, name, known.get(name, ()))
        for combination in product(*(by_field[name] for name in names)):
            rows = cuts[0].rows
            for name, level in zip(names, combination, strict=True):
                rows = np.intersect1d(rows, by_field[name][level], assume_unique=True)
            cuts.append(Cut(dict(zip(names, combination, strict=True)), rows))
    return cuts


def unit_level(unit: Unit, field: str) -> str:
    """The level of a unit: that of its cases, or SEVERAL_VALUES where they differ; NOT_RECORDED where none says it."""
    found = {case.strata.get(field, NOT_RECORDED) for case in unit.cases}
    if not found:
        return NOT_RECORDED
    return found.pop() if len(found) == 1 else SEVERAL_VALUES


def levels_of(units: Iterable[Unit], fields: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Every level of each field among some units, in the order to print: what ``split`` takes as ``levels``."""
    found: dict[str, set[str]] = {field: set() for field in fields}
    for unit in units:
        for field in fields:
            found[field].add(unit_level(unit, field))
    return {field: tuple(sorted(levels, key=_printed_order)) for field, levels in found.items()}


def _rows_of_levels(
    judgements: Judgements, units: Sequence[Unit], field: str, known: Sequence[str]
) -> Mapping[str, IntArray]:
    of_rows = np.array(_levels_of_rows(judgements, units, field), dtype=object)
    met = sorted({str(level) for level in of_rows} - {*known, EVERY_LEVEL}, key=_printed_order)
    everywhere = of_rows == EVERY_LEVEL
    return {level: np.flatnonzero((of_rows == level) | everywhere).astype(np.int64) for level in (*known, *met)}


def _levels_of_rows(judgements: Judgements, units: Sequence[Unit], field: str) -> Sequence[str]:
    if field in judgements.row_strata:
        return judgements.row_strata[field]
    by_id = {unit.unit_id: unit_level(unit, field) for unit in units}
    of_units = [by_id[unit_id] for unit_id in judgements.units.unit_ids]
    return [of_units[index] for index in judgements.row_units.tolist()]


def _printed_order(level: str) -> tuple[bool, str]:
    """Levels by name, then the two that say what is not known."""
    return (level in (NOT_RECORDED, SEVERAL_VALUES), level)
