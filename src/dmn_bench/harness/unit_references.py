"""The units of an endpoint with what a reference set says of each: of this set, or of it under another rule."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import cache, partial

from ..inputs.header_index import HeaderIndex
from ..protocol import Endpoint
from ..reference_set import ReferenceSet, units
from ..vocabulary import ReferenceValue, Unit
from .lesion_images import with_image_paths
from .lesion_masks import with_masks


def units_of(reference_set: ReferenceSet, entry: Endpoint, headers: HeaderIndex) -> tuple[Unit, ...]:
    """The units of an endpoint, with the reference that the set has for them."""
    finding = entry.finding or reference_set.card.finding_names[0]
    found = units(reference_set, finding=finding, unit=entry.counted_unit)
    if entry.finding is None:  # what is said of some finding is not the reference of this endpoint
        return tuple(dataclasses.replace(unit, reference=None, lesions={}) for unit in found)
    return with_masks(with_image_paths(found, headers), reference_set, headers)


def references_of(reference_set: ReferenceSet, entry: Endpoint) -> Callable[[str], Mapping[str, ReferenceValue | None]]:
    """What the set states of any finding, by unit of an endpoint; looked up once for each finding."""
    return cache(partial(_references, reference_set, entry.counted_unit))


def _references(reference_set: ReferenceSet, unit: str, finding: str) -> Mapping[str, ReferenceValue | None]:
    """What the set states of a finding, by unit. Raises ReferenceSetError if the card does not know the finding."""
    return {one.unit_id: one.reference for one in units(reference_set, finding=finding, unit=unit)}
