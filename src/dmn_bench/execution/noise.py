"""ECG noise of stated kind and strength, made by a seed, and the same question with it added: the noise stress test.

The signal-to-noise ratio is that of the WFDB program nst, which ANSI/AAMI EC57 names: the power of the signal is that
of a sine as high as its normal QRS complexes, the power of the noise its mean square, both freed of extremes. The noise
itself is generated, not recorded: see ``generated``.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..errors import InputFileError, Problem
from ..inputs.signal_copy import write_wfdb
from ..inputs.wfdb_record import WfdbReader
from ..vocabulary import Beats, Case, Origin, Request, Signals
from .questions import Load

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, FloatArray

NoiseKind = Literal["baseline_wander", "muscle", "electrode_motion", "mains"]

NORMAL = "NLRB"
NORMAL_BEATS = 300  # the first so many give the power of the signal
LEAST_NORMAL_BEATS = 10
QRS_SECONDS = 0.05  # before and after the fiducial point
TRIMMED = 0.05  # of the values, at each end
POWER_SECONDS = 300  # of the noise, in pieces of one second
BANDS = {"baseline_wander": (0.05, 0.5), "muscle": (20.0, 100.0), "electrode_motion": (0.5, 10.0)}  # Hz
MAINS_HZ, HARMONIC, HARMONIC_SHARE = 50.0, 3, 0.1
JUMPS_PER_SECOND, JUMP_SECONDS = 0.3, 0.4


@dataclass(frozen=True, kw_only=True, slots=True)
class NoiseStress:
    """One kind of noise at one signal-to-noise ratio in dB.

    ``clean_s`` without noise at the start of each record, then ``noise_s`` with and ``pause_s`` without it by turns.
    ``beats``: the reference annotations of a case.
    """

    kind: NoiseKind
    snr_db: float
    seed: int
    clean_s: float
    noise_s: float
    pause_s: float
    beats: Callable[[Case], Beats]
    sampling_hz: Callable[[Case], float]  # of the record, for annotations that state no rate of their own


def noisy(load: Load, stress: NoiseStress) -> Load:
    """The same questions with noise added to every lead; what is marked invalid stays invalid.

    The noise of a case depends on the seed, the kind and the case, not on the ratio: at every ratio it is the same
    noise, stronger or weaker. Raises InputFileError for a record in which no strength of the signal can be measured.
    """

    def load_noisy(case: Case, scratch: Path) -> tuple[Request, Origin]:
        request, origin = load(case, scratch)
        if request.signals is not None:
            signals = _stressed(request.signals, case, stress)
            return replace(request, signals=signals), origin
        for path in request.files:
            if path.suffix == ".hea":
                _, copied, _ = WfdbReader().read(path)
                if copied is not None:
                    write_wfdb(_stressed(copied, case, stress), path.parent, path.stem)
        return request, origin

    return load_noisy


def generated(kind: NoiseKind, n_samples: int, sampling_hz: float, rng: np.random.Generator) -> FloatArray:
    """One lead of noise [n_samples] without a unit.

    ``baseline_wander``: Gaussian noise of 0.05–0.5 Hz. ``muscle``: of 20–100 Hz (up to half the sampling rate), in
    bursts of seconds. ``electrode_motion``: of 0.5–10 Hz with sudden jumps (three in ten seconds) that die away.
    ``mains``: a sine of 50 Hz with a tenth of its third harmonic, whose strength drifts.
    """
    t = np.arange(n_samples) / sampling_hz
    if kind == "mains":
        phase = rng.uniform(0, 2 * math.pi)
        strength = 1 + 0.2 * np.sin(2 * math.pi * 0.03 * t + rng.uniform(0, 2 * math.pi))
        third = HARMONIC_SHARE * np.sin(HARMONIC * (2 * math.pi * MAINS_HZ * t + phase))
        found: FloatArray = strength * (np.sin(2 * math.pi * MAINS_HZ * t + phase) + third)
        return found
    noise = _band(n_samples, sampling_hz, BANDS[kind], rng)
    if kind == "muscle":
        noise *= 1 + np.abs(_band(n_samples, sampling_hz, (0.1, 1.0), rng))
    if kind == "electrode_motion":
        jumps = np.zeros(n_samples)
        n_jumps = rng.poisson(JUMPS_PER_SECOND * n_samples / sampling_hz)
        np.add.at(jumps, rng.integers(0, max(n_samples, 1), n_jumps), rng.normal(0, 3, n_jumps))
        noise += _dying_away(jumps, math.exp(-1 / (JUMP_SECONDS * sampling_hz)))
    return noise


def signal_power(lead: FloatArray, qrs: FloatArray, sampling_hz: float) -> float | None:
    """Power of one lead [samples], mV²: an eighth of the squared mean height of its QRS complexes.

    ``qrs``: sample indices of normal beats. The height is from peak to peak within 50 ms of each of the first 300; the
    mean leaves out the lowest and highest 5 %. None with fewer than 10 that can be measured.
    """
    reach = max(round(QRS_SECONDS * sampling_hz), 1)
    places = np.asarray(qrs, dtype=np.int64)
    places = places[(places >= reach) & (places + reach < len(lead))][:NORMAL_BEATS]
    if not len(places):
        return None
    around = lead[places[:, None] + np.arange(-reach, reach + 1)]
    heights = (around.max(axis=1) - around.min(axis=1))[np.isfinite(around).all(axis=1)]
    return _trimmed_mean(heights) ** 2 / 8 if len(heights) >= LEAST_NORMAL_BEATS else None


def noise_power(noise: FloatArray, sampling_hz: float) -> float:
    """Squared mean of the root mean square of each second about its own mean, of the first 300 s.

    The lowest and highest 5 % of the seconds are left out. What is slower than a second counts little here.
    """
    second = max(round(sampling_hz), 1)
    whole = noise[: min(len(noise) // second, POWER_SECONDS) * second]
    pieces = (whole if len(whole) else noise).reshape(-1, second if len(whole) else len(noise))
    deviations = pieces - pieces.mean(axis=1, keepdims=True)
    return _trimmed_mean(np.sqrt((deviations**2).mean(axis=1))) ** 2


def gain(signal: float, noise: float, snr_db: float) -> float:
    """What noise of power ``noise`` is multiplied by, so that 10 log10(signal / (noise · gain²)) is ``snr_db``.

    >>> gain(1.0, 1.0, 20.0)
    0.1
    """
    return math.sqrt(signal / noise / 10 ** (snr_db / 10))


def noise_times(n_samples: int, sampling_hz: float, clean_s: float, noise_s: float, pause_s: float) -> BoolArray:
    """[n_samples] where noise is added: after ``clean_s``, for ``noise_s`` and not for ``pause_s`` by turns.

    >>> noise_times(8, 1.0, 3, 2, 1).tolist()
    [False, False, False, True, True, False, True, True]
    """
    after = np.arange(n_samples) / sampling_hz - clean_s
    found: BoolArray = (after >= 0) & (np.mod(after, noise_s + pause_s) < noise_s)
    return found


def can_be_stressed(beats: Beats) -> bool:
    """Whether there are normal beats enough to measure the strength of the signal by."""
    return sum(symbol in NORMAL for symbol in beats.symbols) >= LEAST_NORMAL_BEATS


def _stressed(signals: Signals, case: Case, stress: NoiseStress) -> Signals:
    beats, hz = stress.beats(case), signals.sampling_hz
    normal = np.array([symbol in NORMAL for symbol in beats.symbols], dtype=bool)
    of_beats = beats.sampling_hz or stress.sampling_hz(case)
    qrs = np.rint(np.asarray(beats.samples)[normal] * (hz / of_beats))
    n_samples, n_leads = signals.samples.shape
    loud = noise_times(n_samples, hz, stress.clean_s, stress.noise_s, stress.pause_s)
    powers = [signal_power(signals.samples[:, lead], qrs, hz) for lead in range(n_leads)]
    measured = [power for power in powers if power]
    if not measured:
        raise InputFileError(Problem(key="execution.no_signal_strength", where=case.case_id))
    samples = signals.samples.copy()
    for lead, power in enumerate(powers):
        # Python's own hash of text differs from run to run.
        rng = np.random.default_rng([stress.seed, zlib.crc32(f"{stress.kind}/{case.case_id}/{lead}".encode())])
        noise = generated(stress.kind, n_samples, hz, rng)
        own = noise_power(noise, hz)
        if not own > 0:  # shorter than the slowest wave of the noise
            raise InputFileError(Problem(key="execution.no_signal_strength", where=case.case_id))
        # No lead stays clean: one that cannot be measured gets what the others get.
        strength = gain(power or float(np.median(measured)), own, stress.snr_db)
        samples[loud, lead] += strength * noise[loud]
    return replace(signals, samples=samples)


def _band(n_samples: int, sampling_hz: float, band: tuple[float, float], rng: np.random.Generator) -> FloatArray:
    """Gaussian noise with nothing outside a band of frequencies, of standard deviation 1."""
    if not n_samples:
        return np.zeros(0)
    spectrum = np.fft.rfft(rng.standard_normal(n_samples))
    frequencies = np.fft.rfftfreq(n_samples, 1 / sampling_hz)
    spectrum[(frequencies < band[0]) | (frequencies > band[1])] = 0
    noise: FloatArray = np.fft.irfft(spectrum, n_samples)
    deviation = float(noise.std())
    return noise / deviation if deviation > 0 else noise


def _dying_away(jumps: FloatArray, kept: float) -> FloatArray:
    from scipy.signal import lfilter

    found: FloatArray = lfilter([1.0], [1.0, -kept], jumps)
    return found


def _trimmed_mean(values: FloatArray) -> float:
    ordered = np.sort(values)
    cut = int(TRIMMED * len(ordered))
    return float(ordered[cut : len(ordered) - cut].mean())
