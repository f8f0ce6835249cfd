"""How far the pixels of a lesion's image are apart, for lesions in pixels that are to be measured in millimetres."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from .lesions_table import with_measured_levels

if TYPE_CHECKING:
    from ..vocabulary import Case, Lesion, SpacingSource
    from .card import Card
    from .rows import Tables


class ImageSpacing(NamedTuple):
    """Distances between rows and between columns in mm, above 0, and the attribute that states them."""

    spacing_mm: tuple[float, float]
    source: SpacingSource


SpacingOf = Callable[["Case", str | None], ImageSpacing | None]
"""The spacing of an image of a case (None: the only one); None where it states none, or none above 0."""


def note_spacings(tables: Tables, card: Card, spacing_of: SpacingOf) -> None:
    """Give lesions in pixels the spacing of their images and their levels of size, where the card asks for any in mm.

    Without such strata no image is opened.
    """
    if not any(stratum.measure and stratum.measure.endswith("_mm") for stratum in card.lesion_strata.values()):
        return
    cases = {case.case_id: case for case in tables.cases}
    for index, row in enumerate(tables.lesions):
        lesion = with_spacing(row.lesion, cases[row.case_id], spacing_of)
        if lesion is not row.lesion:
            tables.lesions[index] = dataclasses.replace(row, lesion=with_measured_levels(card, lesion))


def with_spacing(lesion: Lesion, case: Case, spacing_of: SpacingOf) -> Lesion:
    """A lesion that has its place in pixels alone with the spacing of its image; as it is where that is not known."""
    in_px = lesion.x is not None or bool(lesion.outline) or bool(lesion.mask_file) or lesion.mask is not None
    if not in_px or lesion.x_mm is not None or lesion.spacing_mm is not None:
        return lesion
    found = spacing_of(case, lesion.image)
    if found is None:
        return lesion
    return dataclasses.replace(lesion, spacing_mm=found.spacing_mm, spacing_source=found.source)
