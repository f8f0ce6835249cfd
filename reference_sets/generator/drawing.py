"""Drawing primitives on pixel grids: distances, blurs, soft edges and textures. NumPy only."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Point = tuple[float, float]


def grid(shape: tuple[int, int], spacing_mm: float) -> tuple[Array, Array]:
    """(x, y) of every pixel centre in mm; the origin is the middle of the image, x right, y down."""
    rows, columns = shape
    y = (np.arange(rows) + 0.5 - rows / 2) * spacing_mm
    x = (np.arange(columns) + 0.5 - columns / 2) * spacing_mm
    return np.broadcast_to(x, shape).copy(), np.broadcast_to(y[:, None], shape).copy()


def rotated(x: Array, y: Array, degrees: float, centre: Point = (0.0, 0.0)) -> tuple[Array, Array]:
    """Coordinates in a frame turned by ``degrees`` about ``centre``, with its origin there."""
    angle = np.deg2rad(degrees)
    dx, dy = x - centre[0], y - centre[1]
    return np.cos(angle) * dx + np.sin(angle) * dy, -np.sin(angle) * dx + np.cos(angle) * dy


def blur(image: Array, sigma_px: float) -> Array:
    """Gaussian blur of the last two axes of a [rows, columns] image, edges repeated; sigma 0 returns the image."""
    if sigma_px <= 0:
        return image
    radius = int(np.ceil(3 * sigma_px))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma_px) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(image, radius, mode="edge")
    along_rows = sum(k * padded[i : i + image.shape[0], :] for i, k in enumerate(kernel))
    return np.asarray(sum(k * along_rows[:, i : i + image.shape[1]] for i, k in enumerate(kernel)))


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], sigma_px: float) -> Array:
    """Correlated Gaussian noise of mean 0 and standard deviation 1."""
    noise = blur(rng.standard_normal(shape), sigma_px)
    return (noise - noise.mean()) / noise.std()


def soft_step(value: Array, width: float) -> Array:
    """0 below −width, 1 above width, a straight ramp between: an edge without stairs."""
    return np.clip(0.5 + value / (2 * width), 0.0, 1.0)


def segment_distance(x: Array, y: Array, start: Point, end: Point) -> tuple[Array, Array]:
    """Distance of every pixel to a segment, and the position of the foot point along it (0 to 1)."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    t = np.clip(((x - start[0]) * dx + (y - start[1]) * dy) / (dx * dx + dy * dy + 1e-12), 0.0, 1.0)
    return np.hypot(x - start[0] - t * dx, y - start[1] - t * dy), t


def polyline_distance(x: Array, y: Array, points: list[Point]) -> Array:
    """Distance of every pixel to a chain of segments."""
    distance = np.full(x.shape, np.inf)
    for start, end in itertools.pairwise(points):
        distance = np.minimum(distance, segment_distance(x, y, start, end)[0])
    return distance


def ellipse(x: Array, y: Array, centre: Point, half_axes: Point, degrees: float = 0.0) -> Array:
    """Normalised radius of every pixel: below 1 inside the ellipse, 1 on its edge."""
    u, v = rotated(x, y, degrees, centre)
    return np.hypot(u / half_axes[0], v / half_axes[1])


def chord(radius: Array) -> Array:
    """Relative path length through an ellipsoid at normalised ``radius``: 1 in the middle, 0 at the edge."""
    return np.sqrt(np.clip(1 - radius**2, 0.0, None))
