"""The units of an endpoint with what a reference set says of each: of this set, or of it under another rule."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial

from ..inputs.header_index import HeaderIndex
from ..protocol import Endpoint
from ..reference_set import ReferenceSet, units
from ..reference_set.lesion_spacings import SpacingOf, with_spacing
from ..vocabulary import ReferenceValue, Unit
from .lesion_images import with_image_paths
from .lesion_masks import with_masks


def units_of(reference_set: ReferenceSet, entry: Endpoint, headers: HeaderIndex) -> tuple[Unit, ...]:
    """The units of an endpoint, with the reference that the set has for them."""
    finding = entry.finding or next(iter(reference_set.card.finding_names), "")
    found = units(reference_set, finding=finding, unit=entry.counted_unit)
    if entry.finding is None:  # what is said of some finding is not the reference of this endpoint
        return tuple(dataclasses.replace(unit, reference=None, lesions={}) for unit in found)
    found = with_masks(with_image_paths(found, headers), reference_set, headers)
    return _with_spacings(found, headers.spacing_of) if _measures_mm(entry) else found


def _measures_mm(entry: Endpoint) -> bool:
    """Whether marks and lesions are compared by a distance in mm, which those in px have by the spacing of an image."""
    rule = entry.task_options.get("hit_rule")
    return isinstance(rule, Mapping) and rule.get("distance_mm_at_most") is not None


def _with_spacings(units: Sequence[Unit], spacing_of: SpacingOf) -> tuple[Unit, ...]:
    """The units; a lesion in px has the spacing of its image, where that states one."""
    found = []
    for unit in units:
        cases = {case.case_id: case for case in unit.cases}
        lesions = {
            case_id: tuple(with_spacing(lesion, cases[case_id], spacing_of) for lesion in of_case)
            for case_id, of_case in unit.lesions.items()
        }
        found.append(dataclasses.replace(unit, lesions=lesions))
    return tuple(found)


def references_of(reference_set: ReferenceSet, entry: Endpoint) -> Callable[[str], Mapping[str, ReferenceValue | None]]:
    """What the set states of any finding, by unit of an endpoint; looked up once for each finding."""
    return cache(partial(_references, reference_set, entry.counted_unit))


def _references(reference_set: ReferenceSet, unit: str, finding: str) -> Mapping[str, ReferenceValue | None]:
    """What the set states of a finding, by unit. Raises ReferenceSetError if the card does not know the finding."""
    return {one.unit_id: one.reference for one in units(reference_set, finding=finding, unit=unit)}
