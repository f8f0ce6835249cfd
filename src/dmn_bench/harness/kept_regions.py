"""Regions and grids that were opened in a run, so that readers and rules that share a file do not read it again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..hookspecs import VoxelGrid
    from ..vocabulary import BoolArray

BYTES_AT_MOST = 1 << 29
GRIDS_AT_MOST = 4096  # each a few hundred bytes for each of its planes


class _Packed(NamedTuple):
    shape: tuple[int, ...]
    bits: NDArray[np.uint8]


class KeptRegions:
    """What was opened, a voxel in a bit; what was used longest ago goes first when ``most_bytes`` are reached."""

    def __init__(self, most_bytes: int = BYTES_AT_MOST) -> None:
        self._most_bytes = most_bytes
        self._n_bytes = 0
        self._regions: OrderedDict[Hashable, _Packed] = OrderedDict()
        self._grids: OrderedDict[Hashable, VoxelGrid] = OrderedDict()

    def region(self, key: Hashable) -> BoolArray | None:
        """The region that was put under ``key``, an array of the caller's own; None if it is not kept."""
        found = self._regions.get(key)
        if found is None:
            return None
        self._regions.move_to_end(key)
        flat = np.unpackbits(found.bits, count=int(np.prod(found.shape)))
        return flat.reshape(found.shape).view(np.bool_)

    def put(self, key: Hashable, region: BoolArray) -> None:
        """Keep a region, unless it alone is larger than everything may be."""
        packed = _Packed(region.shape, np.packbits(region))
        if key in self._regions or packed.bits.nbytes > self._most_bytes:
            return
        self._regions[key] = packed
        self._n_bytes += packed.bits.nbytes
        while self._n_bytes > self._most_bytes:
            _, gone = self._regions.popitem(last=False)
            self._n_bytes -= gone.bits.nbytes

    def grid(self, key: Hashable, make: Callable[[], VoxelGrid]) -> VoxelGrid:
        """The grid under ``key``, made if it is not kept; what ``make`` raises is raised."""
        if key not in self._grids:
            self._grids[key] = make()
            if len(self._grids) > GRIDS_AT_MOST:
                self._grids.popitem(last=False)
        return self._grids[key]
