"""Lesions of several readers in terms that can be compared: pictures loaded, the same units, images named alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from ..errors import Fact, Problem
from ..vocabulary import Case, Lesion
from .card import Card
from .consensus import ADJUDICATED_READERS
from .csv_rows import Problems
from .lesion_geometry import is_picture
from .lesions_table import names_uid
from .rows import LesionRow, Tables

Drawn = Callable[[Card, Case, LesionRow], Lesion | Problem]
"""A lesion whose region is a picture, with its pixels and the box around them; or what is wrong with the picture."""


def load_pictures(tables: Tables, card: Card, drawn: Drawn, problems: Problems) -> None:
    """Give the lesions of single readers that are pictures alone their places: without, no two were the same."""
    cases = {case.case_id: case for case in tables.cases}
    for index, row in enumerate(tables.lesions):
        if row.reader not in ADJUDICATED_READERS and is_unplaced(row.lesion):
            _draw(tables, index, drawn(card, cases[row.case_id], row), problems)


def load_volumes(tables: Tables, card: Card, drawn: Drawn, problems: Problems) -> None:
    """Give every lesion its pixels whose mask is a volume or a DICOM object: they lie on the voxels of an image."""
    cases = {case.case_id: case for case in tables.cases}
    for index, row in enumerate(tables.lesions):
        if row.lesion.mask_file and row.lesion.mask is None and not is_picture(row.lesion.mask_file):
            _draw(tables, index, drawn(card, cases[row.case_id], row), problems)


def _draw(tables: Tables, index: int, found: Lesion | Problem, problems: Problems) -> None:
    if isinstance(found, Problem):
        problems.note(found)
    else:
        tables.lesions[index] = replace(tables.lesions[index], lesion=found)


def is_unplaced(lesion: Lesion) -> bool:
    """Whether nothing but a picture that nobody has opened says where a lesion is."""
    return bool(lesion.mask_file) and lesion.x is None and lesion.x_mm is None


def note_incomparable(rows: Iterable[LesionRow], problems: Problems) -> None:
    """Note the lesions that are in other terms than everything that another reader drew of the same finding and case.

    One in pixels and one in millimetres, or one on an image named by its path and one by its UID, are never found to be
    the same, however the readers agree.
    """
    for of_case in _by_case(row for row in rows if row.reader not in ADJUDICATED_READERS):
        for key, terms in (("lesions.readers_units", _units), ("lesions.readers_images", _names)):
            for row, other in _apart(of_case, terms):
                facts: dict[str, Fact] = {
                    "reader": row.reader,
                    "other": other.reader,
                    "case": row.case_id,
                    "line": other.line,
                }
                problems.add(key, f"lesions.csv:{row.line}", **facts)


def _by_case(rows: Iterable[LesionRow]) -> Iterator[Sequence[LesionRow]]:
    found: dict[tuple[str, str], list[LesionRow]] = {}
    for row in rows:
        found.setdefault((row.case_id, row.lesion.finding), []).append(row)
    return iter(found.values())


def _apart(
    rows: Sequence[LesionRow], terms: Callable[[Lesion], frozenset[str]]
) -> Iterator[tuple[LesionRow, LesionRow]]:
    """Each lesion with the first of the first other reader who has none in any of its terms."""
    drawn: dict[str, list[LesionRow]] = {}
    for row in rows:
        drawn.setdefault(row.reader, []).append(row)
    used = {reader: frozenset().union(*(terms(row.lesion) for row in own)) for reader, own in drawn.items()}
    for row in rows:
        own = terms(row.lesion)
        others = (drawn[name][0] for name, theirs in used.items() if theirs and not own & theirs)
        other = next(others, None) if own else None
        if other is not None:
            yield row, other


def _units(lesion: Lesion) -> frozenset[str]:
    in_px = lesion.x is not None or bool(lesion.outline) or bool(lesion.mask_file)
    return frozenset(("px",) * in_px + ("mm",) * (lesion.x_mm is not None))


def _names(lesion: Lesion) -> frozenset[str]:
    """How the image of a lesion is named; nothing where it is not, or where its place in millimetres says it."""
    if lesion.image is None or lesion.x_mm is not None:
        return frozenset()
    return frozenset(("uid" if names_uid(lesion.image) else "path",))
