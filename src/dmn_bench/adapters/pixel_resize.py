"""Resizing of images the way vendors' preprocessing does it: the filters and the arithmetic of Pillow."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Filter = Literal["nearest", "box", "bilinear", "bicubic", "lanczos"]
Pixels = NDArray[np.generic]

PRECISION_BITS = 22  # of Pillow's fixed-point weights for 8-bit images: 32 - 8 - 2


def _box(x: float) -> float:
    return 1.0 if -0.5 < x <= 0.5 else 0.0


def _triangle(x: float) -> float:
    return max(0.0, 1.0 - abs(x))


def _cubic(x: float) -> float:
    a, x = -0.5, abs(x)
    if x < 1.0:
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0
    return (((x - 5.0) * x + 8.0) * x - 4.0) * a if x < 2.0 else 0.0


def _lanczos(x: float) -> float:
    return _sinc(x) * _sinc(x / 3.0) if -3.0 <= x < 3.0 else 0.0


def _sinc(x: float) -> float:
    return 1.0 if x == 0.0 else math.sin(math.pi * x) / (math.pi * x)


KERNELS: dict[str, tuple[Callable[[float], float], float]] = {  # filter -> (function, half width in pixels)
    "box": (_box, 0.5),
    "bilinear": (_triangle, 1.0),
    "bicubic": (_cubic, 2.0),
    "lanczos": (_lanczos, 3.0),
}


def resized(pixels: Pixels, rows: int, columns: int, how: Filter = "bilinear", *, antialias: bool = True) -> Pixels:
    """An image [rows, columns] or [rows, columns, channels] at another size.

    8-bit images stay 8-bit and equal Pillow's ``Image.resize`` up to version 12, along the rows first; later versions
    go along the columns first where that is cheaper, which may differ by one grey level. Others become float64.
    ``antialias`` widens the filter when shrinking, as Pillow does; without it the result is that of interpolation at
    the pixel centres (OpenCV).

    >>> resized(np.array([[0, 100]], dtype=np.uint8), 1, 4).tolist()
    [[0, 25, 75, 100]]
    """
    if how == "nearest":
        return pixels[_nearest(pixels.shape[0], rows)][:, _nearest(pixels.shape[1], columns)]
    image = pixels if pixels.dtype == np.uint8 else pixels.astype(np.float64)
    if columns != image.shape[1]:
        image = _along(image, 1, columns, how, antialias)
    if rows != image.shape[0]:
        image = _along(image, 0, rows, how, antialias)
    return image


def _nearest(size: int, wanted: int) -> NDArray[np.int64]:
    step = size / wanted
    places = np.cumsum(np.concatenate([[0.5 * step], np.full(wanted - 1, step)]))  # summed one by one, as Pillow does
    return np.minimum(places.astype(np.int64), size - 1)


def _along(image: NDArray[Any], axis: int, wanted: int, how: Filter, antialias: bool) -> NDArray[Any]:
    lines = np.moveaxis(image, axis, 0)
    in_8_bits = image.dtype == np.uint8
    result = np.empty((wanted, *lines.shape[1:]), dtype=np.float64)
    for place, (start, weights) in enumerate(_windows(lines.shape[0], wanted, how, antialias)):
        if in_8_bits:  # whole numbers below 2**53 are exact in float64
            weights = np.trunc(weights * (1 << PRECISION_BITS) + np.copysign(0.5, weights))
        result[place] = np.tensordot(weights, lines[start : start + len(weights)].astype(np.float64), axes=(0, 0))
    if in_8_bits:
        half = 1 << (PRECISION_BITS - 1)
        result = np.clip(np.floor((result + half) / (1 << PRECISION_BITS)), 0, 255).astype(np.uint8)
    return np.moveaxis(result, 0, axis)


def _windows(size: int, wanted: int, how: Filter, antialias: bool) -> list[tuple[int, NDArray[np.float64]]]:
    """For each output pixel the first input pixel it looks at and the weights of those that follow, summing to 1."""
    kernel, half_width = KERNELS[how]
    scale = size / wanted
    widened = max(scale, 1.0) if antialias else 1.0
    reach = half_width * widened
    windows = []
    for place in range(wanted):
        centre = (place + 0.5) * scale
        first = max(0, int(centre - reach + 0.5))
        last = min(size, int(centre + reach + 0.5))
        weights = np.array([kernel((x - centre + 0.5) / widened) for x in range(first, last)])
        windows.append((first, weights / weights.sum()))
    return windows
