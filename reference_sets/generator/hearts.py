"""What a rhythm strip looks like: beats as sums of Gaussians, rhythm, ectopy, and the noise of each recorder.

Times are seconds, amplitudes mV. Beat codes are WFDB's: N normal, L bundle branch block, A atrial premature,
V ventricular premature, F fusion of the two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .drawing import Array


@dataclass(frozen=True, kw_only=True)
class Recorder:
    """An invented recorder: sampling, leads and the disturbances of its signals, in mV."""

    name: str
    sampling_hz: int
    leads: tuple[str, ...]
    gain: float  # amplitude relative to a clean surface lead
    wander: float
    muscle: float
    hum: float
    bursts_per_minute: float


RECORDERS = {
    "A": Recorder(
        name="Example Holter A",
        sampling_hz=200,
        leads=("MLII", "V1"),
        gain=1.0,
        wander=0.08,
        muscle=0.010,
        hum=0.004,
        bursts_per_minute=0.1,
    ),
    "B": Recorder(
        name="Example Telemetry B",
        sampling_hz=128,
        leads=("MLII", "V1"),
        gain=0.9,
        wander=0.15,
        muscle=0.022,
        hum=0.020,
        bursts_per_minute=0.6,
    ),
    "C": Recorder(
        name="Example Patch C",
        sampling_hz=125,
        leads=("MLII",),
        gain=0.55,
        wander=0.20,
        muscle=0.028,
        hum=0.006,
        bursts_per_minute=2.0,
    ),
}

# (seconds from the fiducial point, mV in MLII, mV in V1, width in seconds)
Wave = tuple[float, float, float, float]
SINUS_P: tuple[Wave, ...] = ((-0.17, 0.13, 0.06, 0.024),)
ATRIAL_P: tuple[Wave, ...] = ((-0.13, -0.07, 0.08, 0.018),)
QRS: dict[str, tuple[Wave, ...]] = {
    "N": ((-0.028, -0.10, 0.16, 0.010), (0.0, 1.15, -0.15, 0.012), (0.030, -0.22, -0.75, 0.012)),
    "L": ((-0.022, 0.62, -0.35, 0.020), (0.036, 0.85, -0.95, 0.026)),
    "V": ((-0.010, 1.25, -0.70, 0.036), (0.085, -0.55, 0.75, 0.040)),
}
T_WAVE: dict[str, tuple[Wave, ...]] = {
    "N": ((0.27, 0.26, 0.10, 0.050),),
    "L": ((0.30, -0.22, 0.25, 0.055),),
    "V": ((0.31, -0.42, 0.35, 0.070),),
}


@dataclass(frozen=True, kw_only=True)
class Heart:
    """One rhythm: mean interval, and the chance that a beat is ectopic."""

    rr_s: float
    rhythm: str  # "sinus" | "atrial fibrillation" | "bundle branch block"
    ventricular: float
    atrial: float
    fusion: float = 0.0
    inverted_ectopy: bool = False
    ventricular_rr: tuple[float, float] = (0.55, 0.75)  # of the mean interval, before a ventricular beat


def beats(heart: Heart, seconds: float, rng: np.random.Generator) -> tuple[Array, list[str], Array]:
    """(times in s, codes, preceding intervals in s) of every beat of a strip."""
    plain = "L" if heart.rhythm == "bundle branch block" else "N"
    time, pause = float(rng.uniform(0.25, 0.7)), 1.0
    times, codes, intervals = [time], [plain], [heart.rr_s]
    while True:
        if heart.rhythm == "atrial fibrillation":
            rr = heart.rr_s * float(np.clip(rng.gamma(18, 1 / 18), 0.52, 1.9))
        else:
            rr = heart.rr_s * (1 + 0.04 * np.sin(2 * np.pi * 0.22 * time) + 0.025 * float(rng.standard_normal()))
        draw, code, next_pause = float(rng.random()), plain, 1.0
        if draw < heart.ventricular:
            code, rr, next_pause = (
                "V",
                heart.rr_s * float(rng.uniform(*heart.ventricular_rr)),
                float(rng.uniform(1.2, 1.4)),
            )
        elif draw < heart.ventricular + heart.atrial:
            code, rr, next_pause = "A", heart.rr_s * float(rng.uniform(0.60, 0.80)), float(rng.uniform(1.0, 1.15))
        elif draw < heart.ventricular + heart.atrial + heart.fusion:
            code, rr = "F", heart.rr_s * float(rng.uniform(0.85, 0.97))
        rr *= pause
        time, pause = time + rr, next_pause
        if time > seconds - 0.4:
            return np.array(times), codes, np.array(intervals)
        times.append(time)
        codes.append(code)
        intervals.append(rr)


def signals(heart: Heart, strip: tuple[Array, list[str], Array], recorder: Recorder, seconds: float,
            rng: np.random.Generator) -> Array:  # fmt: skip
    """Samples [n, leads] in mV of a strip as this recorder would write it."""
    n = int(seconds * recorder.sampling_hz)
    t = np.arange(n) / recorder.sampling_hz
    clean = np.zeros((n, 2))
    for at, code, interval in zip(*strip, strict=True):
        strength = float(rng.normal(1, 0.04))
        for wave in _waves(heart, code, interval):
            _add(clean, t, at, wave, strength)
    if heart.rhythm == "atrial fibrillation":
        ripple = np.sin(2 * np.pi * np.cumsum(5.6 + 0.5 * rng.standard_normal(n)) / recorder.sampling_hz)
        clean += ripple[:, None] * np.array([0.035, 0.06])
    noisy = recorder.gain * clean + np.stack([_noise(recorder, t, rng) for _ in range(2)], axis=1)
    return noisy[:, : len(recorder.leads)]


def _waves(heart: Heart, code: str, interval: float) -> list[Wave]:
    base = "L" if heart.rhythm == "bundle branch block" else "N"
    late = min(1.25, max(0.75, float(np.sqrt(interval / 0.8))))

    def shaped(kind: str, weight: float) -> list[Wave]:
        sign = -1.0 if kind == "V" and heart.inverted_ectopy else 1.0
        waves = [*QRS[kind], *((at * late, a, b, w) for at, a, b, w in T_WAVE[kind])]
        return [(at, sign * weight * a, sign * weight * b, w) for at, a, b, w in waves]

    if code == "V":
        return shaped("V", 1.0)
    if code == "F":
        return [*SINUS_P, *shaped(base, 0.55), *shaped("V", 0.45)]
    if code == "A":
        return [*ATRIAL_P, *shaped(base, 1.0)]
    return [*(() if heart.rhythm == "atrial fibrillation" else SINUS_P), *shaped(base, 1.0)]


def _add(clean: Array, t: Array, at: float, wave: Wave, strength: float) -> None:
    offset, first, second, width = wave
    low, high = np.searchsorted(t, (at + offset - 4.5 * width, at + offset + 4.5 * width))
    bump = strength * np.exp(-0.5 * ((t[low:high] - at - offset) / width) ** 2)
    clean[low:high, 0] += first * bump
    clean[low:high, 1] += second * bump


def _noise(recorder: Recorder, t: Array, rng: np.random.Generator) -> Array:
    wander = sum(np.sin(2 * np.pi * f * t + rng.uniform(0, 6.28)) * rng.uniform(0.3, 1) for f in (0.07, 0.15, 0.31))
    noise = recorder.wander * np.asarray(wander) + recorder.muscle * rng.standard_normal(t.size)
    noise += recorder.hum * np.sin(2 * np.pi * 50 * t + rng.uniform(0, 6.28))
    for _ in range(int(rng.poisson(recorder.bursts_per_minute * t[-1] / 60))):
        middle, width = rng.uniform(0, t[-1]), rng.uniform(0.5, 2.5)
        shape = np.exp(-0.5 * ((t - middle) / width) ** 2)
        noise += shape * (0.18 * rng.standard_normal(t.size) + 0.5 * np.sin(2 * np.pi * rng.uniform(1, 4) * t))
    return noise
