"""Resizing of images the way vendors' preprocessing does it: the filters and the arithmetic of Pillow."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Filter = Literal["nearest", "box", "bilinear", "bicubic", "lanczos"]
Pixels = NDArray[np.generic]
Places = NDArray[np.float64]

PRECISION_BITS = 22  # of Pillow's fixed-point weights for 8-bit images: 32 - 8 - 2
OVERSHOOTING = ("bicubic", "lanczos")  # they have negative weights: what they give may lie beyond 0 to 255
LINES_TOGETHER = 8  # of the result: their windows overlap, and one product of matrices makes them all


def _box(x: Places) -> Places:
    return ((x > -0.5) & (x <= 0.5)).astype(np.float64)


def _triangle(x: Places) -> Places:
    return np.maximum(0.0, 1.0 - np.abs(x))


def _cubic(x: Places) -> Places:
    a, x = -0.5, np.abs(x)
    near = ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0
    return np.where(x < 1.0, near, np.where(x < 2.0, (((x - 5.0) * x + 8.0) * x - 4.0) * a, 0.0))


def _lanczos(x: Places) -> Places:
    return np.where((x >= -3.0) & (x < 3.0), _sinc(x) * _sinc(x / 3.0), 0.0)


def _sinc(x: Places) -> Places:
    angle = math.pi * np.where(x == 0.0, 1.0, x)
    # The C library's sine, as Pillow takes it: NumPy's own may differ in the last bit.
    sine = np.array([math.sin(each) for each in angle.ravel().tolist()]).reshape(x.shape)
    return np.where(x == 0.0, 1.0, sine / angle)


KERNELS: dict[str, tuple[Callable[[Places], Places], float]] = {  # filter -> (function, half width in pixels)
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
    result = np.empty((wanted, *lines.shape[1:]), dtype=image.dtype)
    place = 0
    for start, weights in _bands(lines.shape[0], wanted, how, antialias=antialias, in_8_bits=in_8_bits):
        several, reach = weights.shape
        beneath = lines[start : start + reach].astype(np.float64).reshape(reach, -1)
        values = np.dot(weights, beneath).reshape(several, *result.shape[1:])
        if in_8_bits:
            values += 0.5
            if how in OVERSHOOTING:
                values = np.clip(np.floor(values, out=values), 0, 255, out=values)
        result[place : place + several] = values  # of 8 bits, without the fraction
        place += several
    return np.moveaxis(result, 0, axis)


@lru_cache(maxsize=64)  # radiographs of one detector have one size
def _bands(
    size: int, wanted: int, how: Filter, *, antialias: bool, in_8_bits: bool
) -> tuple[tuple[int, NDArray[np.float64]], ...]:
    """For a few output lines each: the first input line, and the weights [output line, input line from there on].

    Weights that are not rounded stand alone, one line at a time: their sum depends on what it is taken with.
    """
    first, last, weights = _windows(size, wanted, how, antialias)
    if in_8_bits:  # multiples of 2**-22: sums of their products are exact in float64, in whatever order
        weights = np.trunc(weights * (1 << PRECISION_BITS) + np.copysign(0.5, weights)) * 2.0**-PRECISION_BITS
    together = LINES_TOGETHER if in_8_bits else 1
    bands = []
    for begin in range(0, wanted, together):
        lines = range(begin, min(begin + together, wanted))
        start = int(first[begin])
        band = np.zeros((len(lines), int(last[lines[-1]]) - start))
        for row, line in zip(band, lines, strict=True):
            count = last[line] - first[line]
            row[first[line] - start :][:count] = weights[line, :count]
        bands.append((start, band))
    return tuple(bands)


def _windows(
    size: int, wanted: int, how: Filter, antialias: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """For each output pixel the first input pixel it looks at, the one after the last, and the weights, summing to 1.

    Neither bound ever falls from one output pixel to the next.
    """
    kernel, half_width = KERNELS[how]
    scale = size / wanted
    widened = max(scale, 1.0) if antialias else 1.0
    reach = half_width * widened
    centres = (np.arange(wanted) + 0.5) * scale
    first = np.maximum(0, (centres - reach + 0.5).astype(np.int64))
    last = np.minimum(size, (centres + reach + 0.5).astype(np.int64))
    weights = np.zeros((wanted, int((last - first).max())))
    for count in np.unique(last - first).tolist():  # sums of as many numbers are rounded alike, zeros beside them not
        chosen = np.flatnonzero(last - first == count)
        offsets = first[chosen, np.newaxis] + np.arange(count) - centres[chosen, np.newaxis] + 0.5
        found = kernel(offsets / widened)
        weights[chosen, :count] = found / found.sum(axis=1, keepdims=True)
    return first, last, weights
