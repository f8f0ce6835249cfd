"""Which grey values of an image are shown black and white, as one who reads such images would set them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[Any]
    Bytes = NDArray[np.uint8]

WindowName = Literal["as_stored", "file", "lung", "bone", "soft", "spread"]
WINDOWS: dict[WindowName, tuple[float, float]] = {"lung": (-600, 1500), "bone": (400, 1800), "soft": (40, 400)}
"""Centre and width in Hounsfield units."""
SPREAD = (0.5, 99.5)  # percentiles that become black and white where nothing says how values are to be shown
_BY_WORD: tuple[tuple[WindowName, str], ...] = (
    ("lung", r"lung|pulmon|poumon|nodul|emphysema|emphyseme|airway|bronch|pneumo|covid"),
    ("bone", r"bone|fract|rib|cortical|osse|cote|vertebr|spine|skull"),
)
_BAND_ROWS = 256
_LOOKED_AT = 1_000_000  # values, at most, that percentiles are taken from


@dataclass(frozen=True, kw_only=True, slots=True)
class GreyRange:
    """What is shown black and white, ``low`` < ``high``, and why.

    ``stated``: the same for whoever looks, in the ``unit`` of the image before any window; None where nothing is known.
    """

    window: WindowName
    low: float = 0.0
    high: float = 255.0
    stated: tuple[float, float] | None = None
    unit: str = ""

    def bytes_of(self, plane: Plane) -> Bytes:
        """Values as 0 (black) to 255 (white), in the shape of ``plane``; NaN is black."""
        if plane.dtype == np.uint8 and (self.low, self.high) == (0.0, 255.0):
            return plane
        found = np.empty(plane.shape, dtype=np.uint8)
        for begin in range(0, len(plane), _BAND_ROWS):  # never the whole of a large image as floating point
            band = plane[begin : begin + _BAND_ROWS].astype(np.float64)
            share = np.clip((band - self.low) / (self.high - self.low), 0, 1)
            found[begin : begin + _BAND_ROWS] = np.floor(np.nan_to_num(share) * 255 + 0.5).astype(np.uint8)
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Stated:
    """What the file of an image says of its grey values. ``window``: centre and width, where it states them."""

    modality: str = ""
    window: tuple[float, float] | None = None
    bits: int | None = None  # of the values after the window, where one was applied


def grey_range(plane: Plane, stated: Stated, about: str, *, is_structure: bool = False) -> GreyRange:
    """The range for one image [rows, columns] or [rows, columns, 3]. ``about``: finding or structure that is looked at.

    CT is shown in the window for lung or bone where ``about`` names them, else in that of its file, else in that for
    soft tissue; where structures are compared (``is_structure``) in that for soft tissue whatever its file says, so
    that a structure looks the same in every case. Of other images the window of the file is applied, if their reader
    has not done so. Without one, bytes are shown as they are, and other values spread between percentiles.

    >>> grey_range(np.zeros((1, 1), dtype=np.int16), Stated(modality="CT"), "lung nodule").stated
    (-1350.0, 150.0)
    """
    if stated.modality == "CT":
        name = next((name for name, words in _BY_WORD if re.search(words, about.lower())), None)
        if name is not None or is_structure or stated.window is None:
            return _windowed(name or "soft", WINDOWS[name or "soft"], "HU")
        return _windowed("file", stated.window, "HU")
    if stated.window is None or plane.ndim == 3:
        return GreyRange(window="as_stored") if plane.dtype == np.uint8 else _spread(plane)
    of_file = _windowed("file", stated.window, "")
    if stated.bits is None:
        return of_file
    return GreyRange(window="file", low=0.0, high=float(2**stated.bits - 1), stated=of_file.stated)


def _windowed(name: WindowName, window: tuple[float, float], unit: str) -> GreyRange:
    centre, width = window
    low, high = centre - width / 2, centre + width / 2
    return GreyRange(window=name, low=low, high=high, stated=(low, high), unit=unit)


def _spread(plane: Plane) -> GreyRange:
    step = max(1, int(np.sqrt(plane.shape[0] * plane.shape[1] / _LOOKED_AT)))
    values = plane[::step, ::step].astype(np.float64)
    finite = values[np.isfinite(values)]
    low, high = np.percentile(finite, SPREAD).tolist() if len(finite) else (0.0, 1.0)
    if not low < high:  # one value nearly everywhere: then all there is
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    high = high if low < high else low + 1.0
    return GreyRange(window="spread", low=low, high=high, stated=(low, high))
