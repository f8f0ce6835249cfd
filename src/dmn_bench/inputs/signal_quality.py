r"""What a recording is like, as strata: its length, rate, leads, heart rate, rhythm, pacing and signal quality.

The index of signal quality lies in 0..1 and is made of published ones. For each lead and each stretch of ten seconds

    quality = usable * qrs * baseline * hum

* ``usable``: the share of samples that are neither missing, nor on a flat line (one value for a second), nor clipped
  (the largest or smallest value of the stretch for 20 ms and three samples on end).
* ``qrs``: pSQI, the power in 5-15 Hz by that in 5-40 Hz (Clifford 2012; of its forerunner, 5-14 Hz by 5-50 Hz, Li 2008
  accept 0.5 to 0.8), made 1 from 0.5 on and 0 at 2/7, where it is for white noise (10 Hz by 35 Hz):
  (pSQI - 2/7) / (1/2 - 2/7), held in 0..1.
* ``baseline``: basSQI = 1 - power in 0-1 Hz by power in 0-40 Hz (Clifford 2012).
* ``hum``: 1 - the larger of the powers in 49-51 and 59-61 Hz by power from 1 Hz to 70 Hz, or to half the sampling rate.

A power is the sum of the periodogram of the stretch, mean taken away, under a Hann window, from the lower limit up to
but not including the upper one. Of a lead the index is the mean over its stretches, of a recording that over its leads.
From a clean signal it falls as white noise, a wandering baseline or hum is added. It says how a signal looks, not how
well anybody reads it, and cannot be had below 80 samples per second.

References: Li Q, Mark RG, Clifford GD 2008, Physiol Meas 29:15; Clifford GD, Behar J, Li Q, Rezek I 2012, Physiol Meas
33:1419.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..vocabulary import Beats, Signals
from .annotation_copy import RHYTHMS
from .leads import STANDARD_12, neutral_leads

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS = (
    "recording_hz",
    "recording_seconds",
    "lead_set",
    "heart_rate",
    "rhythm",
    "paced",
    "signal_quality",
)
"""What ``signal_columns`` gives, in this order; "" where it is not known."""

STRETCH_SECONDS = 10
_LEAST_SECONDS = 2
_LEAST_HZ = 80
_WHITE, _ACCEPTED = 2 / 7, 0.5
_VALUES_AT_ONCE = 1 << 21
_BEATS = frozenset("N L R B A a J S V r F e j n E / f Q ?".split())  # noqa: SIM905 - one code beside the other
_EIGHT = frozenset(("I", "II", "V1", "V2", "V3", "V4", "V5", "V6"))
OTHER_RHYTHM = "other"
_SAME_RHYTHM = {"VF": "VFIB", "VFL": "VFIB", "AF": "AFIB"}
"""Spellings that collections use for one rhythm; ventricular flutter and fibrillation are one level."""


def signal_columns(
    signals: Signals, beats: Beats | None = None, *, header: Mapping[str, str] | None = None
) -> Mapping[str, str]:
    """The strata of one recording as cells of cases.csv, by COLUMNS; "" where one is not known.

    ``beats``: the reference annotations, for heart rate (mean over the recording), rhythm (the one that lasts longest)
    and pacing (a beat "/" or "f"). ``header``: that of the file, which may say ``Pacemaker`` where there are no beats.
    """
    return columns_of_blocks([signals], beats, header=header)


def columns_of_blocks(
    blocks: Iterable[Signals], beats: Beats | None = None, *, header: Mapping[str, str] | None = None
) -> Mapping[str, str]:
    """``signal_columns`` of a recording that comes piece by piece, each held no longer than it is looked at.

    Raises ValueError if there is no piece.
    """
    meter: QualityMeter | None = None
    for block in blocks:
        if meter is None:
            meter = QualityMeter(sampling_hz=block.sampling_hz, leads=block.leads)
        meter.add(block.samples)
    if meter is None:
        raise ValueError("a recording without a piece")
    seconds = meter.n_samples / meter.sampling_hz
    quality = meter.quality()
    rate = None if beats is None else heart_rate(beats, meter.sampling_hz, seconds)
    return {
        "recording_hz": f"{meter.sampling_hz:.6g}",
        "recording_seconds": f"{seconds:.1f}".removesuffix(".0"),
        "lead_set": lead_set(meter.leads),
        "heart_rate": "" if rate is None else f"{rate:.0f}",
        "rhythm": "" if beats is None else dominant_rhythm(beats, meter.sampling_hz, seconds),
        "paced": _paced(beats, header or {}),
        "signal_quality": "" if quality is None else f"{quality:.2f}",
    }


def signal_quality(signals: Signals) -> tuple[float, ...] | None:
    """The index of each lead; None for a recording under two seconds or 80 samples per second.

    >>> t = np.arange(5000) / 500
    >>> wave = np.sin(2 * np.pi * 10 * t)
    >>> samples = np.column_stack([wave, wave + np.sin(2 * np.pi * 50 * t), 0 * t])
    >>> [round(x, 2) for x in signal_quality(Signals(samples=samples, sampling_hz=500.0, leads=("I", "II", "III")))]
    [1.0, 0.5, 0.0]
    """
    meter = QualityMeter(sampling_hz=signals.sampling_hz, leads=signals.leads)
    meter.add(signals.samples)
    return meter.lead_qualities()


class QualityMeter:
    """The index of a recording that comes piece by piece."""

    def __init__(self, *, sampling_hz: float, leads: Sequence[str]) -> None:
        self.sampling_hz, self.leads = sampling_hz, tuple(leads)
        self.n_samples = 0
        self._stretch = max(1, round(STRETCH_SECONDS * sampling_hz))
        self._left = np.empty((0, len(self.leads)))
        self._sums, self._n_stretches = np.zeros(len(self.leads)), 0

    def add(self, samples: NDArray[np.float64]) -> None:
        """Take the next samples [samples, leads]."""
        self.n_samples += len(samples)
        if self.sampling_hz < _LEAST_HZ:
            return
        at_once = self._stretch * max(1, _VALUES_AT_ONCE // (self._stretch * max(1, len(self.leads))))
        for begin in range(0, len(samples), at_once):
            held = np.concatenate([self._left, samples[begin : begin + at_once]])
            n_whole = len(held) // self._stretch
            cut = n_whole * self._stretch
            if n_whole:
                self._note(held[:cut].reshape(n_whole, self._stretch, -1))
            self._left = held[cut:].copy()

    def lead_qualities(self) -> tuple[float, ...] | None:
        """Of each lead, 0..1; a last stretch of five seconds or more counts like a whole one."""
        if self.sampling_hz < _LEAST_HZ or self.n_samples < _LEAST_SECONDS * self.sampling_hz:
            return None
        sums, n_stretches = self._sums, self._n_stretches
        if not n_stretches or 2 * len(self._left) >= self._stretch:
            sums, n_stretches = sums + _qualities(self._left[None], self.sampling_hz)[0], n_stretches + 1
        return tuple(float(total) / n_stretches for total in sums)

    def quality(self) -> float | None:
        """Of the recording: the mean over its leads."""
        found = self.lead_qualities()
        return None if not found else sum(found) / len(found)

    def _note(self, stretches: NDArray[np.float64]) -> None:
        self._sums = self._sums + _qualities(stretches, self.sampling_hz).sum(axis=0)
        self._n_stretches += len(stretches)


def _qualities(stretches: NDArray[np.float64], hz: float) -> NDArray[np.float64]:
    """[stretches, leads] from [stretches, samples, leads]."""
    is_there = np.isfinite(stretches)
    n_there = is_there.sum(axis=1, keepdims=True)
    values = np.where(is_there, stretches, 0.0)
    means = values.sum(axis=1, keepdims=True) / np.maximum(n_there, 1)
    n_samples = values.shape[1]
    window = np.hanning(n_samples + 1)[:-1, None]  # periodic: a tone of whole periods stays in three lines
    power = np.abs(np.fft.rfft(np.where(is_there, values - means, 0.0) * window, axis=1)) ** 2
    frequencies = np.fft.rfftfreq(n_samples, 1 / hz)

    def within(low: float, high: float) -> NDArray[np.float64]:
        found: NDArray[np.float64] = power[:, (frequencies >= low) & (frequencies < high)].sum(axis=1)
        return found

    psqi = _share(within(5, 15), within(5, 40), within(0, 40))
    qrs = np.clip((psqi - _WHITE) / (_ACCEPTED - _WHITE), 0, 1)
    baseline = 1 - _share(within(0, 1), within(0, 40), within(0, 40))
    hums = [_share(within(line - 1, line + 1), within(1, 70), within(1, 70)) for line in (50, 60) if line + 1 <= hz / 2]
    hum = 1 - np.max(hums, axis=0) if hums else np.ones_like(qrs)
    return _usable(stretches, hz) * qrs * baseline * hum


def _share(part: NDArray[np.float64], whole: NDArray[np.float64], floor: NDArray[np.float64]) -> NDArray[np.float64]:
    """Part / whole, 0 where the whole is nothing beside ``floor`` but rounding."""
    is_there = whole > 1e-12 * floor
    return np.where(is_there, part / np.where(is_there, whole, 1.0), 0.0)


def _usable(stretches: NDArray[np.float64], hz: float) -> NDArray[np.float64]:
    """[stretches, leads]: the share of samples that are there, and neither flat nor clipped."""
    n_stretches, n_samples, n_leads = stretches.shape
    found = np.empty((n_stretches, n_leads))
    flat, clipped = round(hz), max(3, round(0.02 * hz))
    for stretch in range(n_stretches):
        for lead in range(n_leads):
            values = stretches[stretch, :, lead]
            begins = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))  # NaN differs from itself
            lengths = np.diff(np.append(begins, n_samples))
            of_runs = values[begins]
            is_there = np.isfinite(of_runs)
            if not is_there.any():
                found[stretch, lead] = 0
                continue
            is_extreme = (of_runs == of_runs[is_there].max()) | (of_runs == of_runs[is_there].min())
            is_bad = (lengths >= min(flat, n_samples)) | (is_extreme & (lengths >= clipped))
            found[stretch, lead] = lengths[is_there & ~is_bad].sum() / n_samples
    return found


def lead_set(leads: Sequence[str]) -> str:
    """The leads in a word: "12" for the usual twelve, "8" for those that the others follow from, else their names.

    >>> lead_set(["AVR", "X"]), lead_set(["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"])
    ('aVR,X', '8')
    """
    names = neutral_leads(leads)
    if len(names) == len(set(names)) and set(names) in (set(STANDARD_12), set(_EIGHT)):
        return str(len(names))
    if len(names) > len(STANDARD_12):
        return f"{len(names)} leads"
    return ",".join(name.replace("-aVR", "aVR inverted") for name in names)  # no cell may begin with "-"


def heart_rate(beats: Beats, sampling_hz: float, seconds: float) -> float | None:
    """Beats per minute from the first beat of a recording to its last; None for fewer than two beats.

    Annotations beyond the end of the recording (``seconds``) are not of it.
    """
    hz = beats.sampling_hz or sampling_hz
    marked = zip(beats.samples, beats.symbols, strict=True)
    found = [int(sample) for sample, symbol in marked if symbol in _BEATS and sample <= seconds * hz]
    if len(found) < 2 or found[-1] == found[0]:
        return None
    return 60 * (len(found) - 1) * hz / (found[-1] - found[0])


class _Spell(NamedTuple):
    begin_s: float
    rhythm: str


def dominant_rhythm(beats: Beats, sampling_hz: float, seconds: float) -> str:
    """The rhythm that lasts longest by the rhythm annotations, "" without any; "(NOISE" leaves it as it was.

    One that is no WFDB rhythm counts as "other". Of two that last equally long it is the one that came first.
    """
    hz = beats.sampling_hz or sampling_hz
    notes = beats.notes or ("",) * len(beats.symbols)
    spells: list[_Spell] = []
    for sample, symbol, note in zip(beats.samples, beats.symbols, notes, strict=True):
        rhythm = note.strip().removeprefix("(")
        if symbol == "+" and note.strip().startswith("(") and rhythm and rhythm != "NOISE":
            known = _SAME_RHYTHM.get(rhythm, rhythm)  # a note may hold any text, a name too
            spells.append(_Spell(int(sample) / hz, known if known in RHYTHMS else OTHER_RHYTHM))
    lasting: dict[str, float] = {}
    for place, spell in enumerate(spells):
        end = spells[place + 1].begin_s if place + 1 < len(spells) else seconds
        length = min(end, seconds) - spell.begin_s
        if length > 0 or spell.begin_s < seconds:
            lasting[spell.rhythm] = lasting.get(spell.rhythm, 0.0) + length
    return max(lasting, key=lambda rhythm: lasting[rhythm]) if lasting else ""


def _paced(beats: Beats | None, header: Mapping[str, str]) -> str:
    if beats is not None and any(symbol in _BEATS for symbol in beats.symbols):
        return "yes" if {"/", "f"} & set(beats.symbols) else "no"
    return {"YES": "yes", "NO": "no"}.get(header.get("Pacemaker", ""), "")
