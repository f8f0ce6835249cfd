"""Axial slices of invented thoraxes: what is in them as smooth bodies, and how a scanner would show them.

Millimetres of the patient (LPS): x to the left, y to the back, z to the head. A plane cuts a body in one closed line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .drawing import Array, blur, soft_step

ROWS = COLUMNS = 80
SPACING_MM = 4.0
STEP_MM = 6.0
SLICES = 8
CORNERS = 24  # of a drawn line
STRUCTURES = ("heart", "spinal_canal", "tumour")

AIR, LUNG, FAT, SOFT, BONE, CANAL = -1000.0, -820.0, -90.0, 40.0, 420.0, 15.0  # Hounsfield units


@dataclass(frozen=True, kw_only=True)
class Body:
    """An ellipsoid with a wavy outline; ``half_mm[2]`` of infinity makes it a cylinder along z.

    ``waves``: (number, height, phase) of the waves around it, the height as a share of its radius.
    """

    centre_mm: tuple[float, float, float]
    half_mm: tuple[float, float, float]
    waves: tuple[tuple[int, float, float], ...] = ()

    def section(self, z_mm: float) -> float:
        """Size of the cut at ``z_mm`` as a share of the middle one; 0 where the plane misses the body."""
        along = (z_mm - self.centre_mm[2]) / self.half_mm[2]
        return float(np.sqrt(max(1 - along * along, 0.0)))

    def line(self, z_mm: float) -> Array:
        """Corners [n, 2] in mm of the line in which a plane cuts the body; [0, 2] where it misses it."""
        size = self.section(z_mm)
        if size < 0.12:  # nobody draws the last millimetre of a pole
            return np.empty((0, 2))
        angle = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
        radius = size * self._wavy(angle)
        x = self.centre_mm[0] + radius * self.half_mm[0] * np.cos(angle)
        y = self.centre_mm[1] + radius * self.half_mm[1] * np.sin(angle)
        return np.stack([x, y], axis=1)

    def depth(self, x: Array, y: Array, z_mm: float) -> Array:
        """Above 0 inside, about the depth below the surface as a share of the radius."""
        u, v = (x - self.centre_mm[0]) / self.half_mm[0], (y - self.centre_mm[1]) / self.half_mm[1]
        return self.section(z_mm) * self._wavy(np.arctan2(v, u)) - np.hypot(u, v)

    def _wavy(self, angle: Array) -> Array:
        return np.asarray(1 + sum((high * np.cos(n * angle + phase) for n, high, phase in self.waves), np.zeros(())))


@dataclass(frozen=True, kw_only=True)
class Thorax:
    """What is in one invented thorax; ``tumour`` is None in some."""

    trunk: Body
    lungs: tuple[Body, Body]
    heart: Body
    vertebra: Body
    spinal_canal: Body
    tumour: Body | None

    def structure(self, name: str) -> Body | None:
        """One of ``STRUCTURES``."""
        found: Body | None = getattr(self, name)
        return found


def thorax(rng: np.random.Generator, *, build: float, diseased: bool) -> Thorax:
    """An invented thorax. ``build``: its size, 1 for the usual one."""

    def body(centre: tuple[float, float, float], half: tuple[float, float, float], wavy: float = 0.03) -> Body:
        middle = tuple(build * at + float(rng.normal(0, 1.5)) for at in centre)
        sizes = tuple(build * size * float(rng.normal(1, 0.04)) for size in half)
        return Body(centre_mm=middle, half_mm=sizes, waves=_waves(rng, wavy))  # type: ignore[arg-type]

    side = 1 if rng.random() < 0.5 else -1
    size = float(np.clip(rng.lognormal(2.7, 0.3), 9, 26))
    place = (side * float(rng.uniform(62, 82)), float(rng.uniform(-15, 30)), float(rng.uniform(-10, 10)))
    return Thorax(
        trunk=body((0, 0, 0), (138, 100, np.inf), 0.01),
        lungs=(body((72, 0, 0), (42, 68, 90)), body((-72, 0, 0), (44, 70, 90))),
        heart=body((20, -26, -8), (46, 38, 30)),
        vertebra=body((0, 54, 0), (18, 15, np.inf)),
        spinal_canal=body((0, 78, 0), (9, 8, np.inf)),
        tumour=body(place, (size, size * float(rng.uniform(0.8, 1.1)), max(size, 12.0)), 0.07) if diseased else None,
    )


def drawn_by(rng: np.random.Generator, body: Body, *, shift_mm: float, size: float = 1.0, spread: float) -> Body:
    """The body as one hand draws it: a little elsewhere, ``size`` times as large, give or take ``spread``."""
    centre = tuple(at + float(rng.normal(0, shift_mm)) for at in body.centre_mm)
    half = tuple(each * size * float(np.clip(rng.normal(1, spread), 0.6, 1.4)) for each in body.half_mm)
    return replace(body, centre_mm=centre, half_mm=half, waves=(*body.waves, *_waves(rng, spread / 2)))


def planes_mm() -> tuple[float, ...]:
    """Place of every slice along z, ascending."""
    return tuple((at - (SLICES - 1) / 2) * STEP_MM for at in range(SLICES))


def corner_mm() -> tuple[float, float]:
    """Place (x, y) of the centre of the first pixel."""
    return -(COLUMNS - 1) / 2 * SPACING_MM, -(ROWS - 1) / 2 * SPACING_MM


def hounsfield(inside: Thorax, z_mm: float, rng: np.random.Generator) -> NDArray[np.int16]:
    """The slice at ``z_mm`` in Hounsfield units, [rows, columns], with noise in the body."""
    left, top = corner_mm()
    x, y = np.meshgrid(left + np.arange(COLUMNS) * SPACING_MM, top + np.arange(ROWS) * SPACING_MM)
    values = np.full(x.shape, AIR)
    layers = [
        (inside.trunk, FAT, 0.02),
        (replace(inside.trunk, half_mm=tuple(0.93 * half for half in inside.trunk.half_mm)), SOFT, 0.02),
        *((lung, LUNG, 0.04) for lung in inside.lungs),
        (inside.heart, SOFT + 20, 0.05),
        (inside.vertebra, BONE, 0.1),
        (inside.spinal_canal, CANAL, 0.2),
    ]
    if inside.tumour is not None:
        layers.append((inside.tumour, SOFT + 10, 0.15))
    for body, level, edge in layers:
        share = soft_step(body.depth(x, y, z_mm), edge)
        values += share * (level - values)
    noise = 14 * blur(rng.standard_normal(x.shape), 0.5)
    noise[inside.trunk.depth(x, y, z_mm) < -0.04] = 0  # as scanners blank what lies outside
    return np.asarray(np.round((values + noise) / 8) * 8, dtype=np.int16)


def _waves(rng: np.random.Generator, height: float) -> tuple[tuple[int, float, float], ...]:
    return tuple((n, float(rng.normal(0, height)) / n, float(rng.uniform(0, 2 * np.pi))) for n in (2, 3, 5))
