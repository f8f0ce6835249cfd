"""Finds heart beats and names them N, V or S: band-pass, energy, adaptive threshold, width and prematurity. NumPy only.

This is a vendor's code: it knows nothing of dmn-bench. It is given samples in mV and gives back beat positions.
"""

from __future__ import annotations

import numpy as np

REFRACTORY_S = 0.24
ENERGY_WINDOW_S = 0.10
SEARCH_S = 0.08  # round an energy peak, for the fiducial point
SHAPE_S = 0.09  # half the stretch that is compared with the usual beat
WIDE_S = 0.105
UNLIKE = 0.80  # correlation with the usual beat below which a beat is another
PREMATURE = 0.86  # of the usual interval


class Candidate:
    """One detector, loaded once and asked recording by recording."""

    def __init__(self, options: dict) -> None:
        self.lead = int(options.get("lead", 0))

    def answer(self, request: dict) -> dict:
        """Every beat with its sample number and code."""
        signals, hz = np.asarray(request["signals"], dtype=np.float64), float(request["sampling_hz"])
        lead = np.nan_to_num(signals[:, min(self.lead, signals.shape[1] - 1)])
        if lead.size < 5 * hz:
            return {"status": "rejected_input", "reason": "shorter than five seconds"}
        clean = band_pass(lead, hz, 0.7, min(35.0, 0.45 * hz))
        at = find_beats(lead, clean, hz)
        return {"status": "answered", "beats": [{"sample": int(s), "symbol": c} for s, c in name_beats(clean, at, hz)]}


def find_beats(lead: np.ndarray, clean: np.ndarray, hz: float) -> np.ndarray:
    """Sample numbers of the beats, ascending."""
    beat_band = band_pass(lead, hz, 4.0, 20.0)
    window = max(1, round(ENERGY_WINDOW_S * hz))
    energy = np.convolve(beat_band**2, np.ones(window) / window, mode="same")
    peaks = np.flatnonzero((energy[1:-1] >= energy[:-2]) & (energy[1:-1] > energy[2:])) + 1
    usual = float(np.median([energy[i : i + int(2 * hz)].max() for i in range(0, energy.size - int(2 * hz), int(hz))]))
    found: list[int] = []
    level = usual
    for peak in peaks:
        value = float(energy[peak])
        if value < 0.20 * level:
            continue
        if found and peak - found[-1] < REFRACTORY_S * hz:
            if value > energy[found[-1]]:
                found[-1] = int(peak)
            continue
        found.append(int(peak))
        level = 0.875 * level + 0.125 * min(value, 2.5 * usual)
    return np.array(sorted({_fiducial(clean, peak, hz) for peak in found}), dtype=np.int64)


def name_beats(clean: np.ndarray, at: np.ndarray, hz: float) -> list[tuple[int, str]]:
    """(sample, code) of every beat: V when wide or unlike the usual beat, S when early and alike, else N."""
    if at.size < 3:
        return [(int(s), "N") for s in at]
    half = round(SHAPE_S * hz)
    shapes = np.array([_cut(clean, int(s), half) for s in at])
    usual = np.median(shapes, axis=0)
    alike = np.array([_correlation(shape, usual) for shape in shapes])
    widths = np.array([_width(_cut(clean, int(s), 2 * half), hz) for s in at])
    wide = widths > max(WIDE_S, 1.35 * float(np.median(widths)))
    intervals = np.diff(at, prepend=at[0] - np.median(np.diff(at))) / hz
    irregular = float(np.std(intervals) / np.mean(intervals)) > 0.14 and float(np.mean(alike > UNLIKE)) > 0.9
    named = []
    for index, sample in enumerate(at):
        near = np.median(intervals[max(0, index - 6) : index + 7])
        early = intervals[index] < PREMATURE * near
        if alike[index] < UNLIKE and (wide[index] or early):
            named.append((int(sample), "V"))
        else:
            named.append((int(sample), "S" if early and not irregular else "N"))
    return named


def band_pass(lead: np.ndarray, hz: float, low_hz: float, high_hz: float) -> np.ndarray:
    """Zero-phase band-pass with soft edges, by Fourier transform."""
    spectrum, f = np.fft.rfft(lead - lead.mean()), np.fft.rfftfreq(lead.size, 1 / hz)
    gain = 1 / np.sqrt(1 + (low_hz / np.maximum(f, 1e-6)) ** 6) / np.sqrt(1 + (f / high_hz) ** 8)
    return np.fft.irfft(spectrum * gain, lead.size)


def _fiducial(clean: np.ndarray, peak: int, hz: float) -> int:
    reach = round(SEARCH_S * hz)
    low = max(0, peak - reach)
    return low + int(np.argmax(np.abs(clean[low : peak + reach + 1])))


def _cut(clean: np.ndarray, middle: int, half: int) -> np.ndarray:
    part = clean[max(0, middle - half) : middle + half + 1]
    return np.pad(part, (max(0, half - middle), max(0, middle + half + 1 - clean.size)))


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    a, b = one - one.mean(), other - other.mean()
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-12))


def _width(stretch: np.ndarray, hz: float) -> float:
    """Seconds during which the deflection stays above a third of its largest."""
    size = np.abs(stretch - np.median(stretch))
    return float(np.count_nonzero(size > size.max() / 3) / hz)
