"""What a wrist or an ankle looks like to X-rays: bones with cortex and spongiosa, breaks, casts, soft tissue.

All lengths are mm of an adult in the image plane, origin in the middle of the image; ``size`` brings them to the
person's own (a child of 0.6 is drawn on a field of 0.6 times the side). Maps are path lengths in mm of soft tissue
and of an equivalent of compact bone; ``devices`` turns them into pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .drawing import Array, Point, blur, chord, ellipse, grid, rotated, smooth_noise, soft_step

SHAPE = (216, 160)
SPACING_MM = 0.5  # of an adult; a child is drawn at the same size on a smaller field


@dataclass(frozen=True, kw_only=True)
class Break:
    """A plane through a bone and how the far fragment has moved; angle in degrees, lengths in mm."""

    at_mm: float  # along the axis from the start of the bone
    tilt: float  # slope of the plane against the cross-section
    gap_mm: float  # negative: impacted
    shift_mm: float = 0.0
    angle_deg: float = 0.0
    roughness_mm: float = 0.6
    seed: int = 0

    def line(self, r: Array) -> Array:
        """Position along the axis of the broken edge at distance ``r`` from the axis."""
        rng = np.random.default_rng(self.seed)
        waves = sum(rng.normal() * np.sin(r * f + rng.uniform(0, 6.28)) / (1 + f) for f in (0.35, 0.8, 1.7, 2.9))
        return np.asarray(self.at_mm + self.tilt * r + self.roughness_mm * waves)


@dataclass(frozen=True, kw_only=True)
class Bone:
    """A long bone from ``start`` to ``end``; widths and cortex are given at fractions of its length."""

    start: Point
    end: Point
    half_widths: tuple[tuple[float, float], ...]  # (fraction of the length, mm)
    cortex_mm: tuple[tuple[float, float], ...]
    depth: float = 1.0  # thickness across the image plane, relative to the width
    bow_mm: float = 0.0
    density: float = 1.0
    breaks: tuple[Break, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Limb:
    """One view of one limb: bones, rounded bones (centre, half axes, turn), outline, cast, and where breaks show."""

    bones: tuple[Bone, ...]
    round_bones: tuple[tuple[Point, Point, float], ...]
    outline: tuple[tuple[float, float, float], ...]  # (y, centre x, half width), from top to bottom
    thickness_mm: float
    density: float = 1.0
    cast: bool = False
    turn_deg: float = 0.0
    move_mm: Point = (0.0, 0.0)
    mirrored: bool = False
    size: float = 1.0  # of the person, 1 for an adult


def attenuation(limb: Limb, rng: np.random.Generator) -> tuple[Array, Array]:
    """Path lengths [216, 160] in mm: soft tissue (with cast), and bone."""
    x, y = _frame(limb)
    texture = smooth_noise(rng, SHAPE, 0.9) + 0.6 * smooth_noise(rng, SHAPE, 2.5)
    bone = np.zeros(SHAPE)
    for one in limb.bones:
        bone = np.maximum(bone, 0.75 * bone) + _long_bone(one, x, y, texture) * one.density
    for centre, half_axes, turn in limb.round_bones:
        bone = np.maximum(bone, _round_bone(x, y, (centre, half_axes, turn), texture)) + 0.0
    return _soft(limb, x, y, rng) * limb.size, bone * limb.density * limb.size


def break_box(
    limb: Limb, bone: Bone, broken: Break, margin_mm: float = 3.0
) -> tuple[float, float, float, float] | None:
    """(x, y, width, height) in px round a break, clipped to the image; None when it lies outside."""
    x, y = _frame(limb)
    s, r, length = _along(bone, x, y)
    width = _profile(bone.half_widths, s / length) + 0.5
    reach = abs(broken.gap_mm) + abs(broken.shift_mm) + 0.7
    near = (np.abs(s - broken.line(r) - max(broken.gap_mm, 0) / 2) < reach) & (np.abs(r) < width)
    rows, columns = np.nonzero(near)
    if rows.size < 6:
        return None
    margin = margin_mm / SPACING_MM
    left, right = max(columns.min() - margin, 0.0), min(columns.max() + 1 + margin, float(SHAPE[1]))
    top, bottom = max(rows.min() - margin, 0.0), min(rows.max() + 1 + margin, float(SHAPE[0]))
    return float(left), float(top), float(right - left), float(bottom - top)


def _frame(limb: Limb) -> tuple[Array, Array]:
    x, y = grid(SHAPE, SPACING_MM)
    if limb.mirrored:
        x = -x
    return rotated(x, y, limb.turn_deg, limb.move_mm)


def _profile(points: tuple[tuple[float, float], ...], fraction: Array) -> Array:
    at, value = zip(*points, strict=True)
    return np.interp(fraction, at, value)


def _along(bone: Bone, x: Array, y: Array) -> tuple[Array, Array, float]:
    dx, dy = bone.end[0] - bone.start[0], bone.end[1] - bone.start[1]
    length = float(np.hypot(dx, dy))
    s = ((x - bone.start[0]) * dx + (y - bone.start[1]) * dy) / length
    r = (-(x - bone.start[0]) * dy + (y - bone.start[1]) * dx) / length
    return s, r - bone.bow_mm * np.sin(np.pi * np.clip(s / length, 0, 1)), length


def _long_bone(bone: Bone, x: Array, y: Array, texture: Array) -> Array:
    s, r, length = _along(bone, x, y)
    near = np.ones(SHAPE)
    total = np.zeros(SHAPE)
    for broken in bone.breaks:
        total += near * soft_step(broken.line(r) - s, 0.3) * _shaft(bone, s, r, length, texture)
        s, r = rotated(s, r, broken.angle_deg, (broken.at_mm, 0.0))
        s, r = s + broken.at_mm - broken.gap_mm, r - broken.shift_mm
        near = near * soft_step(s - broken.line(r), 0.3)
    return total + near * _shaft(bone, s, r, length, texture)


def _shaft(bone: Bone, s: Array, r: Array, length: float, texture: Array) -> Array:
    fraction = s / length
    rounded = np.clip(1 - np.abs(2 * fraction - 1) ** max(4.0, 0.28 * length), 0, None) ** 0.5
    width = np.maximum(_profile(bone.half_widths, fraction) * rounded, 1e-6)
    inner = np.maximum(width - _profile(bone.cortex_mm, fraction), 1e-6)
    inner = np.where(rounded < 0.5, np.minimum(inner, width * 0.85), inner)
    outer_path = 2 * bone.depth * width * chord(r / width)
    inner_path = 2 * bone.depth * inner * chord(r / inner)
    return outer_path - inner_path + inner_path * (0.34 + 0.045 * texture)


def _round_bone(x: Array, y: Array, shape: tuple[Point, Point, float], texture: Array) -> Array:
    centre, half_axes, turn = shape
    outer = ellipse(x, y, centre, half_axes, turn)
    inner = ellipse(x, y, centre, (half_axes[0] - 0.9, half_axes[1] - 0.9), turn)
    depth = 2 * min(half_axes)
    return depth * (chord(outer) - 0.92 * chord(inner)) + depth * chord(inner) * (0.42 + 0.045 * texture)


def _soft(limb: Limb, x: Array, y: Array, rng: np.random.Generator) -> Array:
    at, centres, halves = (np.array(column) for column in zip(*limb.outline, strict=True))
    half = np.interp(y, at, halves)
    offset = x - np.interp(y, at, centres)
    soft = limb.thickness_mm * chord(offset / half) ** 0.8
    soft += 0.02 * soft * smooth_noise(rng, SHAPE, 6)
    if limb.cast:
        distance = np.abs(np.abs(offset) - half - 3.5)
        shell = soft_step(3.0 - distance, 0.7) * 14 + 7 * chord(offset / (half + 6.5))
        wraps = 1 + 0.16 * np.sin(y * 0.9 + 0.25 * offset) + 0.10 * smooth_noise(rng, SHAPE, 1.6)
        soft = soft + blur(shell * wraps, 0.7)
    return soft


# ----------------------------------------------------------------------------------------------------- the wrist


def wrist_front(rng: np.random.Generator) -> Limb:
    """Postero-anterior wrist, forearm down."""
    wide = ((0.0, 6.5), (0.55, 6.8), (0.82, 9.5), (0.95, 14.0), (1.0, 13.5))
    thin = ((0.0, 5.8), (0.7, 5.2), (0.92, 6.8), (1.0, 6.0))
    cortex = ((0.0, 2.4), (0.65, 2.1), (0.9, 0.9), (1.0, 0.8))
    radius = Bone(start=(-8, 82), end=(-10, 4), half_widths=wide, cortex_mm=cortex, depth=0.75, bow_mm=1.2)
    ulna = Bone(start=(12, 82), end=(11, 8), half_widths=thin, cortex_mm=cortex, depth=0.9, bow_mm=-0.8)
    carpals = [
        ((-14.0, -5.0), (6.0, 8.5), 35.0),
        ((-3.5, -3.5), (6.0, 6.5), 0.0),
        ((6.5, -3.0), (5.0, 6.5), -25.0),
        ((12.0, -5.0), (3.6, 4.4), 0.0),
        ((-15.5, -17.0), (5.2, 5.2), 0.0),
        ((-9.0, -17.5), (3.8, 5.2), 0.0),
        ((-1.5, -15.0), (5.4, 8.6), 0.0),
        ((9.0, -14.5), (5.8, 7.6), 15.0),
    ]
    rays = [
        ((-21, -23), (-37, -52), 4.6),
        ((-9.5, -25), (-17, -80), 4.4),
        ((-1.5, -26), (-2, -84), 4.4),
        ((6.0, -24), (11, -80), 3.9),
        ((12.5, -22), (23, -72), 3.6),
    ]
    bones = [radius, ulna, *(_ray(start, end, width) for start, end, width in rays)]
    outline = ((-64.0, -3.0, 42.0), (-30.0, -4.0, 36.0), (-8.0, -1.0, 27.0), (20.0, 1.0, 25.0), (64.0, 1.0, 31.0))
    return _sized(bones, carpals, outline, 22.0, rng)


def wrist_side(rng: np.random.Generator) -> Limb:
    """Lateral wrist: radius and ulna one behind the other."""
    wide = ((0.0, 5.6), (0.6, 5.6), (0.85, 7.6), (0.96, 9.6), (1.0, 9.2))
    thin = ((0.0, 5.0), (0.7, 4.6), (1.0, 5.2))
    cortex = ((0.0, 2.2), (0.65, 1.9), (0.9, 0.9), (1.0, 0.8))
    radius = Bone(start=(1, 82), end=(-1, 4), half_widths=wide, cortex_mm=cortex, depth=1.15, bow_mm=1.5)
    ulna = Bone(start=(5, 82), end=(4, 8), half_widths=thin, cortex_mm=cortex, depth=1.0)
    carpals = [((-3.0, -4.0), (7.0, 5.5), -20.0), ((1.5, -8.0), (6.0, 8.5), 10.0), ((0.0, -16.5), (7.0, 7.5), 0.0)]
    rays = [((-1.0, -24), (-6, -82), 4.6), ((1.5, -24), (1, -84), 4.4), ((4.5, -23), (10, -78), 3.9)]
    bones = [radius, ulna, *(_ray(start, end, width) for start, end, width in rays)]
    outline = ((-64.0, 1.0, 19.0), (-30.0, 0.0, 19.0), (-4.0, 0.0, 19.0), (20.0, 1.0, 20.0), (64.0, 2.0, 27.0))
    return _sized(bones, carpals, outline, 46.0, rng)


def _ray(start: Point, end: Point, width: float) -> Bone:
    half = ((0.0, width * 1.35), (0.2, width), (0.5, width * 0.85), (0.85, width * 1.1), (1.0, width * 1.2))
    return Bone(start=start, end=end, half_widths=half, cortex_mm=((0, 0.8), (0.5, 1.7), (1, 0.8)), depth=0.9)


# ----------------------------------------------------------------------------------------------------- the ankle


def ankle_front(rng: np.random.Generator) -> Limb:
    """Antero-posterior ankle, leg up: tibia, fibula, talus."""
    wide = ((0.0, 10.5), (0.6, 11.0), (0.86, 16.0), (0.97, 19.0), (1.0, 18.5))
    thin = ((0.0, 4.8), (0.7, 4.8), (0.9, 7.0), (1.0, 5.0))
    cortex = ((0.0, 3.6), (0.6, 3.0), (0.9, 1.1), (1.0, 0.9))
    tibia = Bone(start=(4, -84), end=(4, 16), half_widths=wide, cortex_mm=cortex, depth=0.85, bow_mm=0.8)
    fibula = Bone(start=(-17, -84), end=(-18.5, 28), half_widths=thin, cortex_mm=cortex, depth=1.0, bow_mm=1.5)
    malleolus = Bone(start=(17.0, 2), end=(19.5, 25), half_widths=((0, 5.0), (1, 4.5)), cortex_mm=((0, 0.9), (1, 0.9)))
    rounded = [((2.0, 28.0), (16.5, 11.0), 0.0), ((2.0, 46.0), (17.0, 14.0), 0.0)]
    outline = ((-64.0, 0.0, 34.0), (-10.0, 0.0, 31.0), (18.0, 0.0, 33.0), (44.0, 1.0, 31.0), (64.0, 1.0, 29.0))
    return _sized([tibia, fibula, malleolus], rounded, outline, 58.0, rng)


def ankle_side(rng: np.random.Generator) -> Limb:
    """Lateral ankle: fibula behind the tibia, talus, calcaneus, tarsus."""
    wide = ((0.0, 11.0), (0.6, 11.0), (0.88, 15.5), (0.97, 18.0), (1.0, 17.0))
    thin = ((0.0, 4.6), (0.7, 4.6), (0.9, 6.5), (1.0, 5.0))
    cortex = ((0.0, 3.6), (0.6, 3.0), (0.9, 1.1), (1.0, 0.9))
    tibia = Bone(start=(6, -84), end=(8, 8), half_widths=wide, cortex_mm=cortex, depth=0.9, bow_mm=1.0)
    fibula = Bone(start=(13, -84), end=(15, 20), half_widths=thin, cortex_mm=cortex, depth=0.9)
    rounded = [
        ((5.0, 20.0), (19.0, 10.0), 12.0),
        ((20.0, 37.0), (24.0, 11.0), -14.0),
        ((-17.0, 27.0), (9.0, 9.5), 20.0),
        ((-28.0, 36.0), (11.0, 9.0), 30.0),
    ]
    outline = ((-64.0, 6.0, 33.0), (-12.0, 8.0, 33.0), (14.0, 4.0, 40.0), (34.0, 0.0, 48.0), (64.0, 0.0, 50.0))
    return _sized([tibia, fibula], rounded, outline, 52.0, rng)


def _sized(
    bones: list[Bone],
    rounded: list[tuple[Point, Point, float]],
    outline: tuple[tuple[float, float, float], ...],
    thickness_mm: float,
    rng: np.random.Generator,
) -> Limb:
    """The view with a person's own proportions, slightly turned and moved, no two alike."""

    def near(point: Point) -> Point:
        return (point[0] + float(rng.normal(0, 0.4)), point[1] + float(rng.normal(0, 0.4)))

    grown = tuple(
        replace(
            bone,
            start=near(bone.start),
            end=near(bone.end),
            half_widths=tuple((at, w * float(rng.normal(1, 0.03))) for at, w in bone.half_widths),
        )
        for bone in bones
    )
    small = tuple(
        (near(centre), (axes[0] * float(rng.normal(1, 0.04)), axes[1] * float(rng.normal(1, 0.04))), turn)
        for centre, axes, turn in rounded
    )
    fat = float(rng.normal(1.05, 0.07))
    return Limb(
        bones=grown,
        round_bones=small,
        outline=tuple((y, centre, half * fat) for y, centre, half in outline),
        thickness_mm=thickness_mm * fat,
        turn_deg=float(rng.normal(0, 4)),
        move_mm=(float(rng.normal(0, 2.5)), float(rng.normal(0, 4))),
    )


VIEWS = {
    "wrist": (("PA", wrist_front), ("LL", wrist_side)),
    "ankle": (("AP", ankle_front), ("LL", ankle_side)),
}
