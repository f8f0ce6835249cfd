"""Looks for dark and bright lines across bone: a small, honest and rather weak fracture detector. NumPy only.

This is a vendor's code: it knows nothing of dmn-bench. It is given pixels and their spacing and gives back a score for
the image and boxes for what it saw.
"""

from __future__ import annotations

import numpy as np

SIGMA_MM = 0.35  # smoothing before anything else
REACH_MM = 1.9  # a line is compared with the bone this far above and below it
RUN_MM = 3.5  # half the length over which a line must run
TILTS = (-0.7, -0.35, 0.0, 0.35, 0.7)
RIDGE_WEIGHT = 0.6  # an impacted break is a bright line, fainter evidence than a dark one
MARGIN_PX = 6
MARKER_PX = (34, 24)  # rows and columns of the corner that holds the side marker
BOX_MM = 9.0  # half the side of a box
MAX_MARKS = 3
SCORE_MIDDLE, SCORE_STEEPNESS = 4.7, 1.1  # set on 140 people drawn for the purpose, none of the reference set


class Candidate:
    """One detector, loaded once and asked image by image."""

    def __init__(self, options: dict) -> None:
        self.min_score = float(options.get("min_score", 0.10))

    def answer(self, request: dict) -> dict:
        """Score of the worst image of the request, and a box for each suspicious line."""
        marks, best = [], 0.0
        for image in request["images"]:
            grey = _normalised(np.asarray(image["pixels"], dtype=np.float64))
            if grey is None:
                return {"status": "rejected_input", "reason": "the image is empty or uniform"}
            spacing = image["spacing_mm"][0] if image["spacing_mm"] else 0.5
            for x, y, score in suspicious_lines(grey, spacing):
                best = max(best, score)
                if score >= self.min_score:
                    half = BOX_MM / spacing
                    marks.append(_box(image["name"], (x, y), half, grey.shape) | {"score": score})
        return {"status": "answered", "findings": {"fracture": {"score": best}}, "marks": marks}


def suspicious_lines(grey: np.ndarray, spacing_mm: float) -> list[tuple[float, float, float]]:
    """(x, y, score) of up to MAX_MARKS places where a short line crosses bone, best first; pixels, score 0 to 1."""
    response = line_response(grey, spacing_mm)
    found = []
    reach = round(BOX_MM / spacing_mm)
    for _ in range(MAX_MARKS):
        row, column = np.unravel_index(int(np.argmax(response)), response.shape)
        strength = float(response[row, column])
        if strength <= 0:
            break
        found.append((float(column) + 0.5, float(row) + 0.5, _score(strength)))
        response[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1] = 0.0
    return found


def line_response(grey: np.ndarray, spacing_mm: float) -> np.ndarray:
    """How deep a valley (or high a ridge) runs across bone at each pixel, in units of the image's own noise.

    A valley is darker than the bone on both of its sides, so that the edge of a bone, dark on one side only, is none;
    a joint is wider than the reach and escapes as well. A growth plate does not: children cost false alarms.
    """
    smooth = _blur(grey, SIGMA_MM / spacing_mm)
    reach = max(2, round(REACH_MM / spacing_mm))
    above, below = np.roll(smooth, reach, axis=0), np.roll(smooth, -reach, axis=0)
    depth = np.maximum(np.minimum(above, below) - smooth, RIDGE_WEIGHT * (smooth - np.maximum(above, below)))
    bone = _bone(grey)
    both_sides = bone & np.roll(bone, reach, axis=0) & np.roll(bone, -reach, axis=0)
    noise = float(np.std(depth[both_sides])) if both_sides.any() else 1.0
    run = np.max([_along(np.maximum(depth, -noise), tilt, round(RUN_MM / spacing_mm)) for tilt in TILTS], axis=0)
    return np.where(_inside(both_sides), run / max(noise, 1e-9), 0.0)


def _along(values: np.ndarray, tilt: float, half_length: int) -> np.ndarray:
    """Mean along a short line that falls by ``tilt`` pixels for each column."""
    steps = range(-half_length, half_length + 1)
    return np.mean([np.roll(values, (round(k * tilt), k), axis=(0, 1)) for k in steps], axis=0)


def _normalised(pixels: np.ndarray) -> np.ndarray | None:
    low, high = np.percentile(pixels, (1, 99.7))
    return None if high <= low else np.clip((pixels - low) / (high - low), 0, 1)


def _bone(grey: np.ndarray) -> np.ndarray:
    """Pixels brighter than the soft tissue round them."""
    local = _blur(grey, 14.0)
    return (grey > local + 0.02) & (grey > 0.25)


def _inside(mask: np.ndarray) -> np.ndarray:
    near = _blur(mask.astype(np.float64), 1.5) > 0.5
    near[:MARGIN_PX], near[-MARGIN_PX:], near[:, :MARGIN_PX], near[:, -MARGIN_PX:] = False, False, False, False
    near[: MARKER_PX[0], : MARKER_PX[1]] = False
    return near


def _score(strength: float) -> float:
    return float(1 / (1 + np.exp(-SCORE_STEEPNESS * (strength - SCORE_MIDDLE))))


def _box(name: str, centre: tuple[float, float], half: float, shape: tuple[int, int]) -> dict:
    x, y = max(centre[0] - half, 0.0), max(centre[1] - half, 0.0)
    width, height = min(2 * half, shape[1] - x), min(2 * half, shape[0] - y)
    return {"finding": "fracture", "image": name, "x": x, "y": y, "width": width, "height": height}


def _kernel(sigma: float) -> np.ndarray:
    radius = max(1, int(np.ceil(3 * sigma)))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    return kernel / kernel.sum()


def _blur(image: np.ndarray, sigma: float) -> np.ndarray:
    return _blur_columns(_blur_columns(image, sigma).T, sigma).T


def _blur_columns(image: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur from left to right, edges repeated."""
    kernel = _kernel(sigma)
    radius = len(kernel) // 2
    padded = np.pad(image, ((0, 0), (radius, radius)), mode="edge")
    return np.sum([k * padded[:, i : i + image.shape[1]] for i, k in enumerate(kernel)], axis=0)
