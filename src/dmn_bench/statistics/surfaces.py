"""How well two regions agree: their overlap, and how far their surfaces are apart, in the units of their spacing.

A region is an array of voxels, true inside, [rows, columns] or [planes, rows, columns]; one plane has no surface
between planes, so [1, rows, columns] is measured as [rows, columns]: lengths and areas then instead of areas and
volumes. Beyond the edge of the array everything is outside. Nothing here draws or chooses: the same arrays and spacing
always give the same numbers.

Empty regions: two empty ones agree wholly (Dice and surface Dice 1, distances 0); one empty region and one that is not
have Dice and surface Dice 0 and are infinitely far apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .surface_elements import Corner, element_sizes, weight

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..vocabulary import BoolArray, FloatArray

    Places = NDArray[np.int32]

ROUNDING = 1e-9
"""Share of a tolerance, or of a whole, by which a number may pass it and still count as on it: 3 × 0.1 is above 0.3."""
DENSE = 30
"""Up to so many voxels for each element it is faster to measure from every voxel of the box than to search a tree."""


class Overlap(NamedTuple):
    """Voxels inside each region, and inside both."""

    reference: int
    answered: int
    both: int

    @property
    def dice(self) -> float:
        """Voxels in both over the mean of those in each (Dice 1945, Ecology 26:297).

        >>> Overlap(6, 4, 3).dice, Overlap(0, 0, 0).dice, Overlap(0, 4, 0).dice
        (0.6, 1.0, 0.0)
        """
        total = self.reference + self.answered
        return 2 * self.both / total if total else 1.0

    @property
    def iou(self) -> float:
        """Voxels in both over those in either (Jaccard).

        >>> Overlap(6, 4, 3).iou, Overlap(0, 0, 0).iou
        (0.42857142857142855, 1.0)
        """
        either = self.reference + self.answered - self.both
        return self.both / either if either else 1.0

    @property
    def volume_error(self) -> float:
        """(answered − reference) over reference: below 0 too small; of an empty reference 0, or infinite.

        >>> Overlap(4, 3, 3).volume_error, Overlap(4, 0, 0).volume_error, Overlap(0, 2, 0).volume_error
        (-0.25, -1.0, inf)
        """
        if self.reference:
            return (self.answered - self.reference) / self.reference
        return math.inf if self.answered else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SurfaceDistances:
    """Of each element of either surface the distance to the nearest of the other's, ascending, and its size.

    Distances are in the unit of the spacing; sizes are lengths or areas in it, or 1 where elements are voxels. Where
    the other region is empty they are infinite; an empty region has no elements.
    """

    reference: FloatArray  # [n] distances from the reference's surface to the answered one
    reference_sizes: FloatArray  # [n]
    answered: FloatArray  # [m] distances from the answered surface to the reference's
    answered_sizes: FloatArray  # [m]

    @property
    def is_empty(self) -> bool:
        """Whether both regions are."""
        return not len(self.reference) and not len(self.answered)


def overlap(reference: BoolArray, answered: BoolArray) -> Overlap:
    """Voxels of two regions on one grid.

    Raises ValueError if their shapes differ.

    >>> overlap(np.array([[True, True, False]]), np.array([[False, True, True]]))
    Overlap(reference=2, answered=2, both=1)
    """
    _check_shapes(reference, answered)
    return Overlap(*(int(np.count_nonzero(region)) for region in (reference, answered, reference & answered)))


def surface_distances(reference: BoolArray, answered: BoolArray, spacing: Sequence[float]) -> SurfaceDistances:
    """Distances between the surfaces of two regions on one grid, element by element.

    An element lies at each corner where voxels inside and outside meet, and is as large as ``element_sizes`` says: all
    together are the area of the surface, which distances are weighted by. ``spacing``: along each axis of the arrays,
    > 0; of an array with one plane the first is not used.
    Raises ValueError if the shapes differ, or without a spacing above 0 for each axis.
    Reference: Nikolov et al. 2021, J Med Internet Res 23:e26151.

    >>> one = np.zeros((5, 9), dtype=bool); one[1:4, 1:4] = True
    >>> found = surface_distances(one, np.roll(one, 4, axis=1), (1.0, 0.5))
    >>> float(found.reference.max()), round(float(found.reference_sizes.sum()), 3)  # the sides without their ends
    (2.0, 8.236)
    """
    (one, other), sides = _in_few_axes(reference, answered, spacing)
    sizes = element_sizes(sides)
    full = len(sizes) - 1

    def elements(region: BoolArray) -> tuple[Places, FloatArray]:
        codes = _codes(region)
        places = np.flatnonzero((codes != 0) & (codes != full))
        return _coordinates(places, codes.shape), sizes[codes.ravel()[places]]

    return _between(one, other, sides, elements)


def voxel_distances(reference: BoolArray, answered: BoolArray, spacing: Sequence[float]) -> SurfaceDistances:
    """The same between the centres of the outermost voxels inside, each of size 1.

    A voxel is outermost when one of the voxels beside it (sharing a side, not only an edge) is outside. This is how
    MedPy and others count: where spacing is unequal along the axes, surfaces across the short one weigh too much.

    >>> one = np.zeros((5, 9), dtype=bool); one[1:4, 1:4] = True
    >>> found = voxel_distances(one, np.roll(one, 4, axis=1), (1.0, 0.5))
    >>> found.reference.tolist(), float(found.reference_sizes.sum())
    ([1.0, 1.0, 1.0, 1.5, 1.5, 2.0, 2.0, 2.0], 8.0)
    """
    (one, other), sides = _in_few_axes(reference, answered, spacing)

    def elements(region: BoolArray) -> tuple[Places, FloatArray]:
        inner = region.copy()
        for axis in range(region.ndim):
            ahead, behind = _along(axis, slice(1, None), region.ndim), _along(axis, slice(None, -1), region.ndim)
            inner[ahead] &= region[behind]
            inner[behind] &= region[ahead]
            for edge in (slice(None, 1), slice(-1, None)):  # what lies beyond is outside
                inner[_along(axis, edge, region.ndim)] = False
        places = np.flatnonzero(region & ~inner)
        return _coordinates(places, region.shape), np.ones(len(places))

    return _between(one, other, sides, elements)


def surface_dice(distances: SurfaceDistances, tolerance: float) -> float:
    """Share of both surfaces that lies within ``tolerance`` (>= 0, in the unit of the spacing) of the other: NSD.

    Raises ValueError for a tolerance below 0 or not finite.
    Reference: Nikolov et al. 2021, J Med Internet Res 23:e26151.

    >>> surface_dice(_example([0.0, 1.0, 3.0], [0.0, 0.0, 2.0]), 1.0)
    0.6666666666666666
    """
    if not (math.isfinite(tolerance) and tolerance >= 0):
        raise ValueError(f"a tolerance is a number of at least 0, not {tolerance}")
    if distances.is_empty:
        return 1.0
    limit = tolerance * (1 + ROUNDING)
    near = float(distances.reference_sizes[distances.reference <= limit].sum())
    near += float(distances.answered_sizes[distances.answered <= limit].sum())
    return near / (float(distances.reference_sizes.sum()) + float(distances.answered_sizes.sum()))


def percentile_distance(distances: SurfaceDistances, share: float = 0.95) -> float:
    """The greater of two distances, one for each direction, within which ``share`` (0–1] of that surface lies.

    Of elements with sizes: the smallest distance up to which they make up that share of the surface. At 0.95 this is
    HD95 as Nikolov et al. 2021 define it, at 1 the Hausdorff distance.
    Raises ValueError unless 0 < share <= 1.

    >>> percentile_distance(_example([0.0, 1.0, 3.0], [0.0, 0.0, 2.0]), 0.5)
    1.0
    """
    if not 0 < share <= 1:
        raise ValueError(f"a share lies above 0 and is at most 1, not {share}")
    if distances.is_empty:
        return 0.0
    if not len(distances.reference) or not len(distances.answered):
        return math.inf
    sides = ((distances.reference, distances.reference_sizes), (distances.answered, distances.answered_sizes))
    found = []
    for lengths, sizes in sides:
        reached = np.cumsum(sizes)
        at = np.searchsorted(reached, (share - ROUNDING) * reached[-1]) if share < 1 else len(lengths) - 1
        found.append(float(lengths[min(int(at), len(lengths) - 1)]))
    return max(found)


def pooled_percentile_distance(distances: SurfaceDistances, share: float = 0.95) -> float:
    """The quantile ``share`` (0–1) of the distances of both directions together, each element counted once.

    Straight between ordered distances. Of ``voxel_distances`` at 0.95 this is HD95 as MedPy computes it.
    Raises ValueError unless 0 <= share <= 1.

    >>> pooled_percentile_distance(_example([0.0, 1.0, 3.0], [0.0, 2.0]), 0.5)
    1.0
    """
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies between 0 and 1, not {share}")
    if distances.is_empty:
        return 0.0
    if not len(distances.reference) or not len(distances.answered):
        return math.inf
    return float(np.quantile(np.concatenate([distances.reference, distances.answered]), share))


def mean_distance(distances: SurfaceDistances) -> float:
    """Average symmetric surface distance (ASSD): the mean over both surfaces together, by size of element.

    Reference: Heimann et al. 2009, IEEE Trans Med Imaging 28:1251.

    >>> mean_distance(_example([0.0, 1.0, 3.0], [0.0, 2.0]))
    1.2
    """
    if distances.is_empty:
        return 0.0
    if not len(distances.reference) or not len(distances.answered):
        return math.inf
    total = distances.reference @ distances.reference_sizes + distances.answered @ distances.answered_sizes
    return float(total / (distances.reference_sizes.sum() + distances.answered_sizes.sum()))


# ------------------------------------------------------------------------------------------------------------ private


def _check_shapes(reference: BoolArray, answered: BoolArray) -> None:
    if reference.shape != answered.shape:
        raise ValueError(f"regions must lie on one grid: {reference.shape} is not {answered.shape}")


def _in_few_axes(
    reference: BoolArray, answered: BoolArray, spacing: Sequence[float]
) -> tuple[tuple[BoolArray, BoolArray], tuple[float, ...]]:
    """Both regions cut to the box that holds them, in two axes where there is one plane, and the spacing along each."""
    _check_shapes(reference, answered)
    sides = tuple(float(side) for side in spacing)
    if reference.ndim not in (2, 3) or len(sides) != reference.ndim:
        raise ValueError(f"two or three axes with a spacing each are needed, not {reference.shape} with {sides}")
    if reference.ndim == 3 and reference.shape[0] == 1:
        reference, answered, sides = reference[0], answered[0], sides[1:]
    if not all(math.isfinite(side) and side > 0 for side in sides):
        raise ValueError(f"every spacing must be above 0, not {sides}")
    for axis in range(reference.ndim):
        others = tuple(at for at in range(reference.ndim) if at != axis)
        used = np.flatnonzero(reference.any(axis=others) | answered.any(axis=others))
        first, last = (int(used[0]), int(used[-1])) if len(used) else (0, -1)
        part = _along(axis, slice(first, last + 1), reference.ndim)
        reference, answered = reference[part], answered[part]
    return (reference, answered), sides


def _along(axis: int, part: slice, n_axes: int) -> tuple[slice, ...]:
    return tuple(part if at == axis else slice(None) for at in range(n_axes))


def _codes(region: BoolArray) -> NDArray[np.uint8]:
    """The pattern of each neighbourhood, one more along each axis than there are voxels."""
    codes = np.zeros([size + 1 for size in region.shape], dtype=np.uint8)
    for index in np.ndindex(*(2,) * region.ndim):
        corner: Corner = tuple(index)
        # In the neighbourhood at place p the voxel p - 1 is the corner 0 and the voxel p the corner 1.
        part = tuple(slice(1 - bit, size + 1 - bit) for bit, size in zip(corner, region.shape, strict=True))
        codes[part] += region.view(np.uint8) * np.uint8(weight(corner))
    return codes


def _coordinates(places: NDArray[np.intp], shape: tuple[int, ...]) -> Places:
    return np.stack(np.unravel_index(places, shape), axis=1).astype(np.int32)


def _between(
    one: BoolArray,
    other: BoolArray,
    sides: tuple[float, ...],
    elements: Callable[[BoolArray], tuple[Places, FloatArray]],
) -> SurfaceDistances:
    places, sizes = elements(one)
    other_places, other_sizes = elements(other)
    room = tuple(size + 1 for size in one.shape)
    reference, reference_sizes = _ascending(_nearest(places, other_places, sides, room), sizes)
    answered, answered_sizes = _ascending(_nearest(other_places, places, sides, room), other_sizes)
    return SurfaceDistances(
        reference=reference, reference_sizes=reference_sizes, answered=answered, answered_sizes=answered_sizes
    )


def _ascending(distances: FloatArray, sizes: FloatArray) -> tuple[FloatArray, FloatArray]:
    order = np.lexsort((sizes, distances))
    return distances[order], sizes[order]


def _nearest(places: Places, others: Places, sides: tuple[float, ...], room: tuple[int, ...]) -> FloatArray:
    """Distance of each of ``places`` [n, axes] to the nearest of ``others`` [m, axes]; infinite without any.

    ``room``: the places lie in 0 … room − 1 along each axis.
    """
    if not len(places) or not len(others):
        return np.full(len(places), np.inf)
    if math.prod(room) <= DENSE * len(places):
        from scipy.ndimage import distance_transform_edt

        free = np.ones(room, dtype=bool)
        free[tuple(others.T)] = False
        found = distance_transform_edt(free, sampling=sides, return_distances=False, return_indices=True)
        nearest = np.stack([found[axis][tuple(places.T)] for axis in range(len(room))], axis=1)
    else:
        from scipy.spatial import KDTree

        _, at = KDTree(others * np.array(sides)).query(places * np.array(sides))
        nearest = others[at]
    # From whole numbers of steps, so that one distance is the same number whichever way it was found.
    distances: FloatArray = np.sqrt((((places - nearest) * np.array(sides)) ** 2).sum(axis=1))
    return distances


def _example(reference: Sequence[float], answered: Sequence[float]) -> SurfaceDistances:
    """Distances of elements of size 1, for the examples."""
    one, other = np.sort(np.array(reference)), np.sort(np.array(answered))
    return SurfaceDistances(
        reference=one, reference_sizes=np.ones(len(one)), answered=other, answered_sizes=np.ones(len(other))
    )
