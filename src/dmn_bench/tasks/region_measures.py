"""What is measured of one structure of one case: voxels, volumes, overlap, distances, and the plane that is worst."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..statistics import surfaces

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, RegionPair

DISTANCES = ("hd95", "hd95_voxels", "hd", "assd")
"""Infinite where exactly one side is empty. ``hd95``, ``hd`` and ``assd`` are of surface elements by their size,
``hd95_voxels`` of the outermost voxels of both sides together."""


def measures(pair: RegionPair, sides: Sequence[float] | None, tolerance: float | None) -> dict[str, float]:
    """The numbers of one pair of regions, by name; those that cannot be measured are left out, none is NaN.

    ``sides``: spacing between planes, rows and columns in the unit of the distances; None: not known, then there are
    no distances. ``tolerance`` (in the same unit): without it there is no ``nsd``.

    Always: ``is_answered`` and ``has_spacing`` (1 or 0), ``reference_voxels``. Where the region differs from that of
    the reference, as one that was not given differs from any that is not empty, ``worst_plane`` (from 1, where there
    are several) with the box ``worst_x``, ``worst_y``, ``worst_width``, ``worst_height`` (px) of what differs in the
    plane where most does. Of an answered region also ``answered_voxels``, ``both_voxels``. With a spacing
    ``reference_volume`` and ``answered_volume`` (areas, of one plane), ``DISTANCES`` and ``nsd``.
    """
    found = {
        "is_answered": float(pair.answered is not None),
        "has_spacing": float(sides is not None),
        "reference_voxels": float(np.count_nonzero(pair.reference)),
    }
    size = 0.0 if sides is None else math.prod(sides[1:] if pair.reference.shape[0] == 1 else sides)
    if sides is not None:
        found["reference_volume"] = found["reference_voxels"] * size
    if pair.answered is None:
        shown = _worst_plane(pair.reference, np.zeros_like(pair.reference)) if pair.reference.any() else {}
        return {**found, **shown}
    shared = surfaces.overlap(pair.reference, pair.answered)
    found["answered_voxels"], found["both_voxels"] = float(shared.answered), float(shared.both)
    if not shared.reference == shared.answered == shared.both:
        found.update(_worst_plane(pair.reference, pair.answered))
    if sides is not None:
        found["answered_volume"] = found["answered_voxels"] * size
        found.update(_distances(pair.reference, pair.answered, sides, tolerance))
    return found


def usable(spacing_mm: Sequence[float] | None) -> tuple[float, float, float] | None:
    """A spacing that distances can be measured with; None where it is not stated, or is not above 0.

    >>> usable((1.0, 0.5, 0.5)), usable((1.0, 0.0, 0.5)), usable(None)
    ((1.0, 0.5, 0.5), None, None)
    """
    if spacing_mm is None or len(spacing_mm) != 3 or not all(math.isfinite(s) and s > 0 for s in spacing_mm):
        return None
    planes, rows, columns = spacing_mm
    return float(planes), float(rows), float(columns)


def _distances(
    reference: BoolArray, answered: BoolArray, sides: Sequence[float], tolerance: float | None
) -> dict[str, float]:
    elements = surfaces.surface_distances(reference, answered, sides)
    voxels = surfaces.voxel_distances(reference, answered, sides)
    found = {
        "hd95": surfaces.percentile_distance(elements),
        "hd95_voxels": surfaces.pooled_percentile_distance(voxels),
        "hd": surfaces.percentile_distance(elements, 1.0),
        "assd": surfaces.mean_distance(elements),
    }
    if tolerance is not None:
        found["nsd"] = surfaces.surface_dice(elements, tolerance)
    return found


def _worst_plane(reference: BoolArray, answered: BoolArray) -> dict[str, float]:
    differing = np.array([np.count_nonzero(one ^ other) for one, other in zip(reference, answered, strict=True)])
    plane = int(differing.argmax())
    unlike = reference[plane] ^ answered[plane]
    rows, columns = np.flatnonzero(unlike.any(axis=1)), np.flatnonzero(unlike.any(axis=0))
    several = {"worst_plane": float(plane + 1)} if len(reference) > 1 else {}
    return {
        **several,
        "worst_x": float(columns[0]),
        "worst_y": float(rows[0]),
        "worst_width": float(columns[-1] + 1 - columns[0]),
        "worst_height": float(rows[-1] + 1 - rows[0]),
    }
