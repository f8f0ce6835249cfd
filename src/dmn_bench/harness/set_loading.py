"""A reference set with the strata that the headers of its files give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, cast

from ..catalogue import Catalogue
from ..hookspecs import Reader
from ..inputs.header_index import HeaderIndex
from ..reference_set import ReferenceSet, load, read_card
from ..reference_set.csv_rows import Problems, Table
from ..reference_set.rows import SHAPES
from .lesion_masks import drawn_in

OnWork = Callable[[Literal["verifying", "headers", "masks", "comparing"], int, int], None]
"""Told how much of how much is done: bytes verified, files opened for their headers, cases whose masks were opened
before a run begins, and cases whose regions were compared when all are answered."""


def load_set(folder: Path, catalogue: Catalogue, headers: HeaderIndex | None = None) -> ReferenceSet:
    """A reference set with its strata, those from DICOM attributes read by the installed readers.

    ``headers``: of the verified set; without it every header is read anew.
    """
    if headers is None:
        headers = HeaderIndex(folder, format_readers(catalogue), {})
    elif dicom_strata(folder):
        headers.fill(_listed_files(folder), first_only=True)
    drawn = drawn_in(folder, headers)
    return load(folder, header=headers.header_of_case, drawn=drawn, spacing=headers.spacing_of)


def dicom_strata(folder: Path) -> tuple[str, ...]:
    """The DICOM attributes that strata are taken from."""
    return tuple(stratum.dicom for stratum in read_card(folder).strata.values() if stratum.dicom is not None)


def _listed_files(folder: Path) -> Iterator[tuple[str, ...]]:
    """The files of every case as cases.csv has them; what is wrong with the table is for ``load`` to say."""
    for _, row in Table(folder / "cases.csv", SHAPES["cases.csv"], Problems()).rows():
        if row["files"]:
            yield tuple(part.strip() for part in row["files"].split(";"))


def format_readers(catalogue: Catalogue) -> tuple[Reader, ...]:
    """Every installed reader, with its default options."""
    return cast("tuple[Reader, ...]", catalogue.make_all("reader"))
