"""What the back of an eye looks like to a camera: disc, vessels, macula, and the lesions of each retinopathy grade.

Coordinates are fractions of the field's radius, origin in its middle, x right, y down, for a right eye (disc to the
right of the macula, as in a picture of a right eye); a left eye is its mirror image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .drawing import Array, Point, blur, ellipse, segment_distance, smooth_noise, soft_step

SIDE_PX = 256


@dataclass(frozen=True, kw_only=True)
class Camera:
    """An invented camera: colour, sharpness, noise and compression of its pictures."""

    name: str
    tint: tuple[float, float, float]
    blur_px: float
    noise: float
    vignette: float
    gamma: float
    jpeg_quality: int


CAMERAS = {
    "A": Camera(
        name="Example Camera A",
        tint=(1.0, 1.0, 1.0),
        blur_px=0.5,
        noise=0.010,
        vignette=0.25,
        gamma=1.0,
        jpeg_quality=84,
    ),
    "B": Camera(
        name="Example Camera B",
        tint=(1.06, 0.92, 0.85),
        blur_px=0.7,
        noise=0.016,
        vignette=0.40,
        gamma=1.1,
        jpeg_quality=82,
    ),
    "C": Camera(
        name="Example Handheld C",
        tint=(0.95, 0.80, 0.78),
        blur_px=1.15,
        noise=0.028,
        vignette=0.70,
        gamma=1.25,
        jpeg_quality=75,
    ),
}


@dataclass(frozen=True, kw_only=True)
class Eye:
    """One eye: its ICDR grade (0 none, 1 mild, 2 moderate, 3 severe, 4 proliferative), side and media."""

    grade: int
    right: bool
    pigment: float  # 0 fair, 1 dark
    haze: float  # 0 clear media, 1 dense cataract


def photograph(eye: Eye, camera: Camera, rng: np.random.Generator) -> NDArray[np.uint8]:
    """RGB picture [256, 256, 3] of one eye, black outside the circular field."""
    at = (np.arange(SIDE_PX) + 0.5) / SIDE_PX * 2.08 - 1.04
    x, y = np.broadcast_to(at, (SIDE_PX, SIDE_PX)).copy(), np.broadcast_to(at[:, None], (SIDE_PX, SIDE_PX)).copy()
    field = soft_step(1.0 - np.hypot(x, y), 0.012)
    x, y = (x if eye.right else -x) + float(rng.normal(0, 0.03)), y + float(rng.normal(0, 0.03))
    colours = _background(x, y, eye, rng)
    _draw_vessels(colours, x, y, rng)
    _draw_lesions(colours, x, y, eye.grade, rng)
    radius = np.hypot(x, y)
    shade = 1 - camera.vignette * np.clip(radius, 0, 1) ** 2.5
    planes = []
    for index, plane in enumerate(colours):
        seen = blur(plane, camera.blur_px + 3.2 * eye.haze) * shade * camera.tint[index]
        seen = seen * (1 - 0.35 * eye.haze) + 0.14 * eye.haze
        seen = np.clip(seen + camera.noise * rng.standard_normal(seen.shape), 0, 1) ** camera.gamma
        planes.append(np.rint(255 * seen * field).astype(np.uint8))
    return np.stack(planes, axis=-1)


def _background(x: Array, y: Array, eye: Eye, rng: np.random.Generator) -> list[Array]:
    mottle = smooth_noise(rng, x.shape, 5) * 0.015 + smooth_noise(rng, x.shape, 22) * 0.03
    dark = 1 - 0.38 * eye.pigment
    macula = np.exp(-(((x + 0.12) / 0.16) ** 2 + (y / 0.16) ** 2))
    base = [
        (0.80 + mottle - 0.16 * macula) * dark,
        (0.39 + mottle - 0.13 * macula) * dark,
        (0.17 + 0.6 * mottle - 0.05 * macula) * dark,
    ]
    disc = ellipse(x, y, (0.56, 0.02), (0.155, float(rng.uniform(0.16, 0.185))))
    rim = soft_step(1 - disc, 0.10)
    cup = soft_step(float(rng.uniform(0.35, 0.6)) - disc, 0.16)
    for index, (tissue, pale) in enumerate(((0.95, 0.98), (0.68, 0.88), (0.42, 0.70))):
        base[index] = base[index] * (1 - rim) + rim * (tissue * (1 - cup) + pale * cup)
    return base


def _draw_vessels(colours: list[Array], x: Array, y: Array, rng: np.random.Generator) -> None:
    artery, vein = np.zeros(x.shape), np.zeros(x.shape)
    for up in (-1, 1):
        for layer, shift, width in ((artery, 0.02, 0.015), (vein, -0.015, 0.021)):
            _grow(
                layer,
                x,
                y,
                _Tip((0.55 + shift, 0.02), up * rng.uniform(1.75, 1.95) + rng.normal(0, 0.06), width, up),
                rng,
            )
            _grow(layer, x, y, _Tip((0.57, 0.02), up * rng.uniform(0.85, 1.1), width * 0.7, 0), rng)
    for share, layer in ((0.55, artery), (0.75, vein)):
        for index, weight in enumerate((0.32, 0.72, 0.55)):
            colours[index] *= 1 - share * weight * np.clip(blur(layer, 0.4), 0, 1)


@dataclass(frozen=True)
class _Tip:
    at: Point
    angle: float
    width: float
    arcade: int  # -1 upper, 1 lower arcade bending round the macula, 0 free


def _grow(layer: Array, x: Array, y: Array, tip: _Tip, rng: np.random.Generator, depth: int = 0) -> None:
    """Draw one vessel step by step, bending round the macula, giving off thinner branches."""
    point, angle, width = tip.at, tip.angle, tip.width
    for step in range(22 - 5 * depth):
        bend = 0.085 * tip.arcade * (1 if step < 14 else 0.4)
        angle += bend + rng.normal(0, 0.09)
        end = (point[0] + 0.075 * np.cos(angle), point[1] + 0.075 * np.sin(angle))
        if np.hypot(*end) > 1.05 or width < 0.0035:
            return
        distance, _ = segment_distance(x, y, point, end)
        layer[:] = np.maximum(layer, soft_step(width - distance, 0.006))
        if depth < 3 and step > 1 and rng.random() < 0.30:
            side = rng.choice((-1, 1))
            _grow(layer, x, y, _Tip(end, angle + side * rng.uniform(0.5, 0.9), width * 0.6, 0), rng, depth + 1)
        point, width = end, width * 0.955


# How many of each lesion a grade shows: (low, high), high included.
COUNTS: dict[int, dict[str, tuple[int, int]]] = {
    0: {},
    1: {"aneurysm": (2, 6)},
    2: {"aneurysm": (6, 16), "blot": (2, 7), "exudate": (0, 12)},
    3: {"aneurysm": (14, 28), "blot": (14, 26), "exudate": (4, 22), "cotton": (1, 4)},
    4: {"aneurysm": (10, 26), "blot": (8, 24), "exudate": (2, 22), "cotton": (0, 4), "tangle": (1, 3), "pool": (0, 2)},
}


def _draw_lesions(colours: list[Array], x: Array, y: Array, grade: int, rng: np.random.Generator) -> None:
    for kind, (low, high) in COUNTS[grade].items():
        cluster = (float(rng.uniform(-0.45, 0.25)), float(rng.uniform(-0.4, 0.4)))
        for _ in range(int(rng.integers(low, high + 1))):
            at = _somewhere(rng) if kind != "exudate" else tuple(np.array(cluster) + rng.normal(0, 0.11, 2))
            _DRAW[kind](colours, x, y, (float(at[0]), float(at[1])), rng)


def _somewhere(rng: np.random.Generator) -> Point:
    while True:
        at = rng.uniform(-0.85, 0.85, 2)
        if np.hypot(*at) < 0.85 and np.hypot(at[0] - 0.56, at[1]) > 0.24:
            return float(at[0]), float(at[1])


def _mix(colours: list[Array], mask: Array, colour: tuple[float, float, float]) -> None:
    for index, value in enumerate(colour):
        colours[index] *= 1 - mask
        colours[index] += mask * value


def _aneurysm(colours: list[Array], x: Array, y: Array, at: Point, rng: np.random.Generator) -> None:
    size = float(rng.uniform(0.010, 0.018))
    _mix(colours, 0.85 * soft_step(1 - ellipse(x, y, at, (size, size)), 0.5), (0.50, 0.12, 0.06))


def _blot(colours: list[Array], x: Array, y: Array, at: Point, rng: np.random.Generator) -> None:
    size = float(rng.uniform(0.022, 0.055))
    ragged = ellipse(x, y, at, (size, size * float(rng.uniform(0.55, 1.0))), float(rng.uniform(0, 180)))
    ragged = ragged * (1 + 0.06 * np.sin(3 * np.arctan2(y - at[1], x - at[0]) + rng.uniform(0, 6)))
    _mix(colours, 0.80 * soft_step(1 - ragged, 0.25), (0.42, 0.08, 0.05))


def _exudate(colours: list[Array], x: Array, y: Array, at: Point, rng: np.random.Generator) -> None:
    size = float(rng.uniform(0.012, 0.032))
    shape = ellipse(x, y, at, (size, size * float(rng.uniform(0.6, 1.0))), float(rng.uniform(0, 180)))
    _mix(colours, 0.85 * soft_step(1 - shape, 0.2), (0.96, 0.86, 0.45))


def _cotton(colours: list[Array], x: Array, y: Array, at: Point, rng: np.random.Generator) -> None:
    size = float(rng.uniform(0.045, 0.08))
    radius = ellipse(x, y, at, (size, size * 0.6), float(rng.uniform(0, 180)))
    _mix(colours, 0.6 * np.exp(-(radius**2)), (0.93, 0.82, 0.66))


def _tangle(colours: list[Array], x: Array, y: Array, at: Point, rng: np.random.Generator) -> None:
    layer = np.zeros(x.shape)
    for _ in range(12):
        _grow(layer, x, y, _Tip(at, float(rng.uniform(0, 6.28)), 0.0075, int(rng.choice((-3, 3)))), rng, depth=3)
    _mix(colours, 0.7 * layer, (0.55, 0.13, 0.08))


def _pool(colours: list[Array], x: Array, y: Array, at: Point, rng: np.random.Generator) -> None:
    size = float(rng.uniform(0.12, 0.2))
    level = soft_step(1 - ellipse(x, y, at, (size, size * 0.6)), 0.08) * soft_step(y - at[1] + 0.03, 0.02)
    _mix(colours, 0.85 * level, (0.40, 0.07, 0.04))


_DRAW = {
    "aneurysm": _aneurysm,
    "blot": _blot,
    "exudate": _exudate,
    "cotton": _cotton,
    "tangle": _tangle,
    "pool": _pool,
}
