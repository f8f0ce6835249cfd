"""What a chest looks like to X-rays from behind: lungs, ribs, heart, vessels, and nodules of any size and place.

All lengths are mm in the image plane, origin in the middle of the image. Left of the image is the patient's right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .drawing import Array, Point, blur, chord, ellipse, grid, polyline_distance, rotated, smooth_noise, soft_step

SHAPE = (160, 152)
SPACING_MM = 2.2

LUNGS_DOWN_MM = 24.0  # from the origin of the drawing to the middle of the image

PLACES = ("apical", "hilar", "mid", "basal", "retrocardiac")


@dataclass(frozen=True, kw_only=True)
class Nodule:
    """A solid round lesion: centre, diameter in mm, and density relative to soft tissue."""

    centre: Point
    diameter_mm: float
    density: float
    place: str
    seed: int


@dataclass(frozen=True, kw_only=True)
class Chest:
    """One frontal chest: build, breath and what lies in it."""

    size: float
    heart: float  # relative width
    breath: float  # 1 full inspiration
    breasts: bool
    emphysema: float  # 0 none
    view: str  # PA or AP (AP: larger heart, clavicles higher)
    nodules: tuple[Nodule, ...]
    turn_deg: float = 0.0
    move_mm: Point = (0.0, LUNGS_DOWN_MM)


def attenuation(chest: Chest, rng: np.random.Generator) -> tuple[Array, Array]:
    """Path lengths [160, 152] in mm: soft tissue, and bone."""
    x, y = grid(SHAPE, SPACING_MM)
    x, y = rotated(x / chest.size, y / chest.size, chest.turn_deg, chest.move_mm)
    lungs = _lungs(x, y, chest)
    air = lungs * (95 + 18 * chest.emphysema)
    middle = _mediastinum(x, y, chest)
    soft = 150 * _body(x, y) - air * (1 - 0.93 * middle)
    soft += lungs * _vessels(x, y, rng, chest)
    soft += lungs * 3.0 * smooth_noise(rng, SHAPE, 2.2)
    if chest.breasts:
        for side in (-1, 1):
            soft += 24 * chord(ellipse(x, y, (side * 72.0, 62.0), (52.0, 44.0), side * 12.0)) ** 0.7
    for nodule in chest.nodules:
        soft += nodule_path(nodule, x, y)
    return np.maximum(soft, 0.0), _bones(x, y, chest, rng)


def nodule_path(nodule: Nodule, x: Array, y: Array) -> Array:
    """Path through one nodule in mm of soft tissue; slightly lobed, with a soft rim."""
    rng = np.random.default_rng(nodule.seed)
    angle = np.arctan2(y - nodule.centre[1], x - nodule.centre[0])
    lobes = 1 + 0.10 * np.sin(3 * angle + rng.uniform(0, 6.28)) + 0.05 * np.sin(5 * angle + rng.uniform(0, 6.28))
    half = nodule.diameter_mm / 2
    radius = ellipse(x, y, nodule.centre, (half, half * float(rng.uniform(0.85, 1.0)))) / lobes
    return blur(nodule.diameter_mm * chord(radius) ** 0.8, 0.6) * nodule.density


def nodule_box(chest: Chest, nodule: Nodule) -> tuple[float, float, float, float]:
    """(x, y, width, height) in px round a nodule, clipped to the image."""
    angle, scale = np.deg2rad(chest.turn_deg), chest.size / SPACING_MM
    u, v = nodule.centre
    x = np.cos(angle) * u - np.sin(angle) * v + chest.move_mm[0]
    y = np.sin(angle) * u + np.cos(angle) * v + chest.move_mm[1]
    half = 0.5 * nodule.diameter_mm * scale + 2.0
    left, right = np.clip((x * scale + SHAPE[1] / 2 - half, x * scale + SHAPE[1] / 2 + half), 0, SHAPE[1])
    top, bottom = np.clip((y * scale + SHAPE[0] / 2 - half, y * scale + SHAPE[0] / 2 + half), 0, SHAPE[0])
    return float(left), float(top), float(right - left), float(bottom - top)


def nodule_centre(place: str, rng: np.random.Generator) -> Point:
    """A centre in mm for a nodule at ``place``, on either side; retrocardiac lies on the left of the patient."""
    side = float(rng.choice((-1.0, 1.0)))
    spot = {
        "apical": (side * rng.uniform(36, 66), rng.uniform(-98, -80)),
        "hilar": (side * rng.uniform(40, 54), rng.uniform(-28, 2)),
        "mid": (side * rng.uniform(60, 106), rng.uniform(-60, 10)),
        "basal": (side * rng.uniform(66, 104), rng.uniform(22, 48)),
        "retrocardiac": (rng.uniform(24, 44), rng.uniform(26, 52)),
    }[place]
    return float(spot[0]), float(spot[1])


def _body(x: Array, y: Array) -> Array:
    neck = soft_step(62 + 2.6 * np.clip(y + 150, -20, 60) - np.abs(x), 3.0) * soft_step(160 + y, 3)
    trunk = soft_step(168 - np.abs(x), 4.0) * soft_step(y + 142 - 0.0016 * x**2, 5.0)
    thick = 0.78 + 0.22 * chord(np.clip(np.abs(x) / 172, 0, 1))
    return np.maximum(0.8 * neck, trunk) * thick


def _lungs(x: Array, y: Array, chest: Chest) -> Array:
    total = np.zeros(SHAPE)
    for side in (-1, 1):
        u = side * x / 1.12
        floor = 66 * chest.breath - (8 if side < 0 else 0) - 0.006 * (u - 62) ** 2 + 0.10 * (u - 40)
        outer = 116 - 0.0052 * np.clip(18 - y, 0, None) ** 1.95
        apex = soft_step(y + 116 - 0.011 * (u - 46) ** 2, 4.0)
        inside = soft_step(u - 16, 4.0) * soft_step(outer - u, 3.0)
        depth = 0.62 + 0.38 * chord(np.clip(np.abs(u - 66) / 66, 0, 1))
        total += inside * apex * soft_step(floor - y, 3.0) * depth
    return blur(total, 0.8)


def _mediastinum(x: Array, y: Array, chest: Chest) -> Array:
    wide = chest.heart * (1.13 if chest.view == "AP" else 1.0)
    spine = soft_step(21 - np.abs(x), 4.0)
    upper = soft_step(25 - np.abs(x - 3), 5.0) * soft_step(30 - y, 25.0)
    knob = chord(ellipse(x, y, (22.0, -52.0), (13.0, 15.0))) ** 0.5
    heart = chord(ellipse(x, y, (20.0 * wide, 34.0), (50.0 * wide, 40.0), -32.0)) ** 0.45
    right = chord(ellipse(x, y, (-14.0, 28.0), (24.0 * wide, 36.0))) ** 0.45
    return np.clip(np.maximum.reduce([spine, upper, 0.85 * knob, 0.82 * heart, 0.75 * right]), 0, 1)


def _vessels(x: Array, y: Array, rng: np.random.Generator, chest: Chest) -> Array:
    total = np.zeros(SHAPE)
    for side in (-1, 1):
        hilum = (side * 30.0, -12.0 if side > 0 else -6.0)
        total += 26 * chord(ellipse(x, y, hilum, (14.0, 22.0), side * -15.0))
        for _ in range(13):
            angle = rng.uniform(-1.5, 1.45)
            point, width = hilum, rng.uniform(2.6, 4.6)
            for _step in range(5):
                end = (point[0] + side * 15 * np.cos(angle), point[1] + 15 * np.sin(angle))
                distance = polyline_distance(x, y, [point, end])
                total = np.maximum(total, 2.6 * width * chord(distance / width))
                point, width, angle = end, width * 0.74, angle + rng.normal(0, 0.28)
    return total * (1 - 0.25 * chest.emphysema)


def _bones(x: Array, y: Array, chest: Chest, rng: np.random.Generator) -> Array:
    total = np.zeros(SHAPE)
    turn = rng.normal(0, 0.02)
    for index in range(10):
        at, reach = -112 + 21.0 * index, 84 + 9.5 * min(index, 4)
        for side in (-1, 1):
            u = np.clip(side * x, 0, None)
            back = at + 0.16 * u + turn * x - 26 * chord(np.clip(u / reach, 0, 1)) + 26
            front = at + 46 + 0.55 * (u - 60)
            inside = soft_step(reach - u, 3.0) * soft_step(u - 12, 4.0)
            total += _rib(y - back, 6.2) * inside * 1.0
            total += 0.55 * _rib(y - front, 6.8) * soft_step(reach - 2 - u, 4) * soft_step(u - 44, 9) * (index < 7)
    lift = -14 if chest.view == "AP" else 0
    for side in (-1, 1):
        clavicle = polyline_distance(
            x, y, [(side * 12, -86 + lift), (side * 50, -98 + lift), (side * 100, -112 + lift)]
        )
        total += 1.5 * _rib(clavicle, 6.6)
        blade = polyline_distance(x, y, [(side * 128, -100), (side * 116, -40), (side * 108, 10)])
        total += 0.8 * _rib(blade, 9.0)
        total += 18 * chord(ellipse(x, y, (side * 146, -104), (17, 20)))
    vertebra = soft_step(19 - np.abs(x), 2.5) * (15 + 6 * soft_step(np.sin((y + 5) * 2 * np.pi / 25) + 0.5, 0.5))
    return blur(total + vertebra, 0.5)


def _rib(distance: Array, half: float) -> Array:
    outer, inner = chord(distance / half), chord(distance / (half - 1.6))
    return 7.0 * (outer - 0.85 * inner) + 2.6 * inner
