"""Regions of several readers made into one by the STAPLE algorithm, as SimpleITK has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import MachineError, Problem

if TYPE_CHECKING:
    from ..vocabulary import BoolArray

EXTRA = {"package": "SimpleITK", "extra": "readers"}
INSIDE_FROM = 0.5
"""A voxel is inside when it is so with this probability or more."""


def staple(stack: BoolArray) -> BoolArray:
    """The region that the readings of ``stack`` [readers, …] most probably are of, […].

    STAPLE weighs each reader by the sensitivity and specificity that it estimates for him from all readings together.
    Both depend on how much background is looked at, so that this is fixed here: the box around what any reader has
    inside, grown on each side by its own length (as far as the grid goes). On the whole grid of a CT or on a box cut
    close, the same readings may give another region. A reader who has nothing inside gets the sensitivity 0 and his
    vote does not count: what two of four readers drew is then drawn, whatever the other two meant by drawing nothing.

    Readings that are all alike are returned as they are. One thread, so that the sums are the same on every machine.
    Raises MachineError where SimpleITK is not installed, ValueError without a reader.
    Reference: Warfield, Zou & Wells 2004, IEEE Trans Med Imaging 23:903.
    """
    if not len(stack):
        raise ValueError("needs a reader")
    union: BoolArray = np.logical_or.reduce(stack, axis=0)
    if np.array_equal(union, np.logical_and.reduce(stack, axis=0)):
        return union
    around = _grown_box(union)
    found = np.zeros_like(union)
    found[around] = _probability(stack[(slice(None), *around)]) >= INSIDE_FROM
    return found


def _grown_box(union: BoolArray) -> tuple[slice, ...]:
    """The box around what is inside, grown on each side by its own length and cut at the grid."""
    box = []
    for axis, length in enumerate(union.shape):
        others = tuple(other for other in range(union.ndim) if other != axis)
        at = np.flatnonzero(union.any(axis=others))
        low, high = int(at[0]), int(at[-1]) + 1
        box.append(slice(max(low - (high - low), 0), min(high + (high - low), length)))
    return tuple(box)


def _probability(stack: BoolArray) -> np.ndarray[Any, np.dtype[np.float64]]:
    itk = _simple_itk()
    algorithm = itk.STAPLEImageFilter()
    algorithm.SetForegroundValue(1.0)
    algorithm.SetNumberOfThreads(1)
    # It looks at every voxel by itself, so that the shape is free; images of one dimension it does not take.
    flat = stack.reshape(len(stack), -1, stack.shape[-1]).astype(np.uint8)
    probability = itk.GetArrayFromImage(algorithm.Execute([itk.GetImageFromArray(reading) for reading in flat]))
    return np.asarray(probability, dtype=np.float64).reshape(stack.shape[1:])


def _simple_itk() -> Any:
    try:
        import SimpleITK
    except ImportError as error:
        raise MachineError(Problem(key="consensus.missing_extra", facts=EXTRA)) from error
    return SimpleITK
