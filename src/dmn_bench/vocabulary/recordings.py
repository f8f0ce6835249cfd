"""Recordings of the heart, and what is said of them: statements, measurements, beats and episodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .arrays import IntArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Signals:
    """One ECG recording. ``samples``: [samples, leads] in millivolt, float64; NaN where the file says invalid."""

    samples: NDArray[np.float64]
    sampling_hz: float
    leads: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SignalForm:
    """How a candidate declares that it wants its recordings; what it does not declare comes as recorded.

    ``leads``: their usual names in the order wanted, () for all as recorded. ``sampling_hz``: resampled to this rate.
    ``unit``: "mV" or "uV". ``least_seconds``, ``most_seconds``: lengths that it takes. ``invalid``: whether it takes
    samples that are marked invalid (as NaN) or refuses the recording.
    """

    leads: tuple[str, ...] = ()
    sampling_hz: float | None = None
    unit: Literal["mV", "uV"] = "mV"
    least_seconds: float | None = None
    most_seconds: float | None = None
    invalid: Literal["keep", "refuse"] = "keep"


@dataclass(frozen=True, kw_only=True, slots=True)
class EcgStatement:
    """One statement of an ECG report: its text, its code where it has one, and who made it.

    ``scheme`` names what the code belongs to: "SCPECG", "SCT", "MDC", "AHA", "MUSE" or "" for free text.
    """

    text: str
    code: str = ""
    scheme: str = ""
    modifiers: tuple[str, ...] = ()
    source: Literal["machine", "confirmed", "unknown"] = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class EcgReport:
    """What a file says of its recording beside the samples, and nothing of who was recorded.

    ``measurements`` by name: heart_rate (/min), pr_interval, qrs_duration, qt_interval, qtc_interval (ms), p_axis,
    qrs_axis, t_axis (deg). ``is_confirmed``: whether a physician signed it; None where the file does not say.
    """

    statements: tuple[EcgStatement, ...] = ()
    measurements: Mapping[str, Measurement] = field(default_factory=dict)
    is_confirmed: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Beats:
    """Beat annotations of one record, by either side. ``samples``: index of the fiducial point from 0, ascending."""

    samples: IntArray
    symbols: tuple[str, ...]  # WFDB annotation codes: N, V, S …
    subtypes: tuple[int, ...] = ()  # WFDB subtype, for noise marks
    notes: tuple[str, ...] = ()  # WFDB aux_note without trailing NUL
    sampling_hz: float | None = None  # of ``samples``; None: that of the record


@dataclass(frozen=True, kw_only=True, slots=True)
class Episode:
    """A stretch of a recording with one rhythm or event, in seconds from its start; ``end_s`` is after ``start_s``.

    ``label`` is that of a WFDB rhythm annotation without its parenthesis: AFIB, AFL, VT, VFIB …; or ST.
    """

    start_s: float
    end_s: float
    label: str
    score: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Measurement:
    """One measured value with its unit as UCUM code, "" where the candidate states none."""

    value: float
    unit: str = ""
