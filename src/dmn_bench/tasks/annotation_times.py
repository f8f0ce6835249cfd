"""Annotations of a record as a sequence in time: whether they are in order, and on whose clock."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..vocabulary import Beats

NOT_IN_ORDER = "beats not in order of time"


def is_in_order(beats: Beats) -> bool:
    """Whether annotations ascend in time; several at one sample do."""
    samples = np.asarray(beats.samples)
    return bool((samples[1:] >= samples[:-1]).all())


def on_clock(beats: Beats, sampling_hz: float) -> Beats:
    """The same annotations as samples of a rate in hertz; those that state no rate of their own are on it already."""
    own_hz = beats.sampling_hz or sampling_hz
    if own_hz == sampling_hz:
        return beats
    scaled = np.rint(np.asarray(beats.samples) * (sampling_hz / own_hz)).astype(np.int64)
    return dataclasses.replace(beats, samples=scaled, sampling_hz=sampling_hz)
