"""Classes of pixels in an output of a model made into masks on the grid of the original image. Runs inside the child.

A pixel is a square; its centre lies half a pixel from its edges, in the image, in the model's input and in its output.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .answer_masks import runs_of
from .onnx_description import Masks, Output
from .onnx_input import Plane
from .onnx_places import known_classes, numbers_of
from .onnx_values import Outputs, activated, named

Numbers = NDArray[np.float64]
Inside = NDArray[np.bool_]

MOST_VALUES = 1 << 28
"""Of one output: a larger one is not laid out as numbers of 64 bits."""
BYTES_OF_A_RUN = 8
"""Roughly, of a mask that is sent as runs."""
TIE = 1e-9
"""Px: a centre that lies on the edge of two pixels of the output belongs to the later one, whatever the last digit."""


def masks_of(outputs: Outputs, described: Output, plane: Plane | None) -> list[dict[str, Any]]:
    """The masks of every declared structure, on the pixels of the original image; an empty one where there is none.

    What the model did not see, because the image was cropped, is outside of every structure.
    Raises ValueError where the output is not as declared or holds anything that is not finite.
    """
    if plane is None or described.masks is None:
        raise ValueError("masks need an image")
    declared = described.masks
    classes = _Classes(declared)
    values = _laid_out(named(outputs, described.name), described, plane)
    classes.check(values, described.pick)
    back = _Back(plane, values.shape[1], values.shape[2])
    found: list[dict[str, Any]] = []
    for number, of_plane in enumerate(values, start=1):
        frame = plane.frame if plane.n_planes is None else number if plane.n_planes > 1 else None
        regions = _regions(of_plane, described, classes, back)
        found += [_mask(structure, inside, plane.image, frame) for structure, inside in regions]
    return found if plane.n_planes is None else without_needless(found)


def without_needless(masks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The masks but those with nothing inside, of which one is left for a structure that has no other on its image."""
    kept: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for mask in masks:
        of_structure = kept.setdefault((mask["structure"], mask["image"]), [])
        if not of_structure or not _is_empty(mask):
            if of_structure and _is_empty(of_structure[0]):
                of_structure.clear()
            of_structure.append(mask)
    return [mask for of_structure in kept.values() for mask in of_structure]


class _Classes:
    """What each class number stands for."""

    def __init__(self, declared: Masks) -> None:
        self.of_structure: Mapping[str, tuple[int, ...]] = {
            structure: numbers_of(classes) for structure, classes in declared.structures.items()
        }
        self.known = known_classes(declared)

    def check(self, values: Numbers, pick: str) -> None:
        """Raises ValueError where an output [planes, rows, columns, classes] has other classes than are declared."""
        if pick == "value":
            unknown = np.setdiff1d(values, np.asarray(self.known, dtype=np.float64))
            if len(unknown):
                shown = ", ".join(f"{number:g}" for number in unknown[:5])
                raise ValueError(f"classes {self.known} are declared, the output holds {shown}")
        elif self.known != list(range(values.shape[3])):
            raise ValueError(f"classes {self.known} are declared, the output has {values.shape[3]}")


def _laid_out(output: NDArray[Any], described: Output, plane: Plane) -> Numbers:
    """[planes, rows, columns, classes], what is declared applied to the classes of each pixel; class numbers as one."""
    if output.dtype.kind not in "buif":
        raise ValueError(f"the output is of {output.dtype}, not of numbers")
    if output.size > MOST_VALUES:
        raise ValueError(f"the output has {output.size} elements, at most {MOST_VALUES}")
    last = "channels_last" if described.masks is None else described.masks.layout
    values = _in_order(output, 2 if plane.n_planes is None else 3, described.pick, last)
    values = values[np.newaxis] if plane.n_planes is None else values
    if len(values) != (plane.n_planes or 1):
        raise ValueError(f"the output has {len(values)} planes, the image {plane.n_planes}")
    with np.errstate(invalid="ignore", over="ignore"):
        values = activated(np.asarray(values, dtype=np.float64), described.activation)
    if not np.isfinite(values).all():
        raise ValueError("the output is not finite")
    return values


def _in_order(output: NDArray[Any], n_axes: int, pick: str, layout: str) -> NDArray[Any]:
    """The axes of the image, then that of the classes; the axis of the batch, which has one row, is left out."""
    values, shape = output, list(output.shape)
    is_number = pick == "value"
    if values.ndim == n_axes + 2 or (is_number and values.ndim == n_axes + 1):
        if len(values) != 1:
            raise ValueError(f"the output has shape {shape}: {len(values)} answers to one image")
        values = values[0]
    if is_number and values.ndim == n_axes:
        values = values[..., np.newaxis]
    elif values.ndim == n_axes + 1 and layout == "channels_first":
        values = np.moveaxis(values, 0, -1)
    if values.ndim != n_axes + 1 or (is_number and values.shape[-1] != 1) or not values.size:
        raise ValueError(f"the output has shape {shape}, which is no mask of the image")
    return values


class _Steps(NamedTuple):
    """Along one axis, for each pixel of the image: pixels of the output, and whether the model saw it.

    ``nearest``: the one that it lies in. ``low``, ``high``: those whose centres lie before and behind, ``share``: of
    the second.
    """

    nearest: NDArray[np.int64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    share: Numbers
    is_seen: Inside


class _Back:
    """The way from the pixels of an output to those of the original image."""

    def __init__(self, plane: Plane, rows: int, columns: int) -> None:
        """Raises ValueError unless the output is as large as the model's input, or a whole multiple or fraction."""
        shares = (rows / plane.size[1], columns / plane.size[0])
        whole = max(shares[0], 1 / shares[0])
        if shares[0] != shares[1] or abs(whole - round(whole)) > TIE:
            size = f"{plane.size[1]} rows and {plane.size[0]} columns"
            raise ValueError(f"the output has {rows} rows and {columns} columns, the model's input {size}")
        x, y = (
            _steps(plane.original[axis], length, plane.stretch[axis] * share, plane.offset[axis] * share)
            for axis, length, share in ((0, columns, shares[1]), (1, rows, shares[0]))
        )
        self._x, self._y = x, y
        self.is_seen: Inside = y.is_seen[:, np.newaxis] & x.is_seen

    def nearest(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values [rows, columns] of the pixel of the output that each pixel of the image lies in."""
        return values[self._y.nearest][:, self._x.nearest]

    def linear(self, values: Numbers) -> Numbers:
        """Values at the centre of each pixel of the image, between the centres of the output; no smoothing."""
        x, y = self._x, self._y
        down = values[y.low] * (1.0 - y.share)[:, np.newaxis] + values[y.high] * y.share[:, np.newaxis]
        return np.asarray(down[:, x.low] * (1.0 - x.share) + down[:, x.high] * x.share)


def _steps(n_original: int, n_output: int, stretch: float, offset: float) -> _Steps:
    """For output = original * stretch + offset; beyond the image, on what it was padded with, nothing is looked at."""
    at = (np.arange(n_original) + 0.5) * stretch + offset
    edges = np.clip([offset, offset + n_original * stretch], 0.0, n_output)
    first, last = (int(np.ceil(edge - 0.5 - TIE)) for edge in edges)  # centres between the edges: first, after the last
    if last <= first:
        first = min(int(edges.mean()), n_output - 1)
        last = first + 1
    between = np.clip(at - 0.5, first, last - 1)
    low = np.floor(between).astype(np.int64)
    return _Steps(
        nearest=np.clip(np.floor(at + TIE).astype(np.int64), first, last - 1),
        low=low,
        high=np.minimum(low + 1, last - 1),
        share=between - low,
        is_seen=(at > -TIE) & (at < n_output + TIE),
    )


def _regions(values: Numbers, described: Output, classes: _Classes, back: _Back) -> Iterator[tuple[str, Inside]]:
    """Each structure with its pixels of the image, of an output [rows, columns, classes]."""
    declared = described.masks or Masks()
    is_nearest = described.pick == "value" or declared.back == "nearest"
    brought = back.nearest if is_nearest else back.linear
    if declared.score_at_least is None:
        numbers = brought(values[..., 0]) if described.pick == "value" else _highest(values, brought)
        for structure, of_structure in classes.of_structure.items():
            yield structure, np.isin(numbers, of_structure) & back.is_seen
        return
    for structure, of_structure in classes.of_structure.items():
        score = brought(values[..., list(of_structure)].sum(axis=-1))
        yield structure, (score >= declared.score_at_least) & back.is_seen


def _highest(values: Numbers, brought: Any) -> NDArray[np.int64]:
    """The class with the highest value at each pixel of the image, of equal ones the first; one class at a time."""
    best: Numbers = brought(values[..., 0])
    numbers = np.zeros(best.shape, dtype=np.int64)
    for number in range(1, values.shape[-1]):
        score = brought(values[..., number])
        is_higher = score > best
        numbers[is_higher], best = number, np.maximum(best, score)
    return numbers


def _mask(structure: str, inside: Inside, image: str, frame: int | None) -> dict[str, Any]:
    """As an answer says it: in runs, or as an array where these would be longer."""
    rows, columns = inside.shape
    runs = runs_of(inside)
    mask: dict[str, Any] = {"structure": structure, "image": image}
    if frame is not None:
        mask["frame"] = frame
    if len(runs) * BYTES_OF_A_RUN > inside.size:
        return {**mask, "array": inside.astype(np.uint8)}
    return {**mask, "rows": rows, "columns": columns, "runs": list(runs)}


def _is_empty(mask: Mapping[str, Any]) -> bool:
    return len(mask["runs"]) == 1 if "runs" in mask else not mask["array"].any()
