"""Average precision of marks: the area under precision against recall, as detection challenges compute it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from .roc import running_totals

if TYPE_CHECKING:
    from ..vocabulary import FloatArray

COCO_RECALLS = np.linspace(0.0, 1.0, 101)
"""The recalls at which COCO reads the precision."""


def average_precision(
    lesion_hits: FloatArray,
    false_positives: FloatArray,
    n_lesions: FloatArray,
    *,
    interpolation: Literal["coco", "all_points"] = "coco",
) -> FloatArray:
    """Average precision for b weightings at once.

    ``lesion_hits``, ``false_positives`` [b, c]: weight of lesions found and of other marks at each of the c distinct
    scores, ascending (``Totals.ranked``); ``n_lesions`` [b]: all lesions, found or not. Marks of equal score are taken
    together, so that no order of files decides; programs that take them one by one differ there. The precision at a
    recall is the highest at that recall or beyond. ``coco``: its mean at the recalls 0, 0.01 … 1; ``all_points``: the
    area beneath its steps, as Pascal VOC has it since 2010. Result [b], 0 to 1, NaN without lesions.
    Reference: Lin et al. 2014, ECCV 740 (COCO); Everingham et al. 2015, Int J Comput Vis 111:98 (VOC).

    >>> hits, alarms, two = np.array([[1.0, 0.0, 1.0]]), np.array([[0.0, 1.0, 0.0]]), np.array([2.0])
    >>> average_precision(hits, alarms, two, interpolation="all_points").round(4).tolist()
    [0.8333]
    >>> average_precision(hits, alarms, two).round(4).tolist()
    [0.835]
    """
    found = np.asarray(running_totals(np.asarray(lesion_hits, dtype=float)[:, ::-1]), dtype=float)
    marks = found + running_totals(np.asarray(false_positives, dtype=float)[:, ::-1])
    lesions = np.asarray(n_lesions, dtype=float)
    precision = np.divide(found, marks, out=np.zeros(marks.shape), where=marks > 0)
    highest = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    recall = np.divide(found, lesions[:, None], out=np.zeros(found.shape), where=lesions[:, None] > 0)
    if interpolation == "coco":
        # how many of the recalls lie between each point of the curve and the one before
        reached = np.searchsorted(COCO_RECALLS, recall, side="right") / len(COCO_RECALLS)
    else:
        reached = recall
    steps = np.diff(reached, axis=1, prepend=0.0)
    return np.where(lesions > 0, np.einsum("bc,bc->b", steps, highest), np.nan)
