"""The curves of a detection: FROC and AFROC, from the columns of its judgements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..vocabulary import Curve
from .binary import MOST_CURVE_POINTS
from .detection_rows import CHARGED, FALSE_POSITIVE, LESION, SILENT_IMAGE, UNIT

if TYPE_CHECKING:
    from ..vocabulary import FloatArray


def froc(columns: Mapping[str, FloatArray]) -> tuple[Curve, ...]:
    """Lesion sensitivity against false positives per image, when there are lesions and images."""
    from ..statistics.localisation import froc_curve

    lesions = columns["kind"] == LESION
    alarms = np.isin(columns["kind"], (FALSE_POSITIVE, SILENT_IMAGE, CHARGED))
    n_lesions, n_images = float(lesions.sum()), float(columns["images"].sum())
    if not n_lesions or not n_images:
        return ()
    marked = (lesions & np.isfinite(columns["score"])) | alarms
    scores, place = np.unique(columns["score"][marked], return_inverse=True)
    found = froc_curve(
        np.bincount(place, weights=lesions[marked], minlength=len(scores)).astype(np.float64),
        np.bincount(place, weights=alarms[marked], minlength=len(scores)).astype(np.float64),
        scores,
        n_lesions=n_lesions,
        n_images=n_images,
        max_points=MOST_CURVE_POINTS,
    )
    x, y = tuple(found.false_positives_per_image.tolist()), tuple(found.sensitivity.tolist())
    return (Curve(name="froc", x=x, y=y, thresholds=found.thresholds),)


def afroc(columns: Mapping[str, FloatArray]) -> tuple[Curve, ...]:
    """Lesion sensitivity against the share of normal units with a false positive, when there are both."""
    from ..statistics.localisation import afroc_curve

    lesions = columns["kind"] == LESION
    normal = (columns["kind"] == UNIT) & (columns["normal"] > 0)
    if not lesions.any() or not normal.any():
        return ()
    x, y = afroc_curve(columns["score"][lesions], columns["score"][normal], max_points=MOST_CURVE_POINTS)
    return (Curve(name="afroc", x=tuple(x.tolist()), y=tuple(y.tolist())),)
