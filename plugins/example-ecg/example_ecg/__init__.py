"""Finds heart beats (band-pass, energy, adaptive threshold) and names them N, S or V by a trained network.

This is a vendor's code: it knows nothing of dmn-bench. It is given samples in mV and gives back beat positions.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime

REFRACTORY_S = 0.24
ENERGY_WINDOW_S = 0.10
SEARCH_S = 0.08  # round an energy peak, for the fiducial point
SHAPE_S = 0.09  # half the stretch that is compared with the usual beat
WIDE_SHAPE_S = 0.22  # likewise, with the waves around it
P_ENDS_S = 0.08  # before the fiducial point
CODES = ("N", "S", "V")
MODEL = Path(__file__).resolve().parent / "beats.onnx"  # made by train.py


class Candidate:
    """One detector, loaded once and asked recording by recording."""

    def __init__(self, options: dict) -> None:
        self.lead = int(options.get("lead", 0))
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = settings.inter_op_num_threads = 1
        self.names = onnxruntime.InferenceSession(MODEL, settings, providers=["CPUExecutionProvider"])

    def answer(self, request: dict) -> dict:
        """Every beat with its sample number and code."""
        signals, hz = np.asarray(request["signals"], dtype=np.float64), float(request["sampling_hz"])
        lead = np.nan_to_num(signals[:, min(self.lead, signals.shape[1] - 1)])
        if lead.size < 5 * hz:
            return {"status": "rejected_input", "reason": "shorter than five seconds"}
        clean = band_pass(lead, hz, 0.7, min(35.0, 0.45 * hz))
        at = find_beats(lead, clean, hz)
        beats = [{"sample": int(s), "symbol": code} for s, code in zip(at, self.name_beats(clean, at, hz), strict=True)]
        return {"status": "answered", "beats": beats}

    def name_beats(self, clean: np.ndarray, at: np.ndarray, hz: float) -> list[str]:
        """The code of every beat: the likeliest of the network's three; N where there are too few to compare."""
        if at.size < 3:
            return ["N"] * at.size
        [chances] = self.names.run(None, {"features": features(clean, at, hz)})
        return [CODES[place] for place in np.argmax(chances, axis=1)]


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


def features(clean: np.ndarray, at: np.ndarray, hz: float) -> np.ndarray:
    """[beats, FEATURES] of every beat: its intervals against those around it, its shape against the usual beat.

    All are ratios and likenesses within one recording, so that gain, lead and sampling rate matter little.
    """
    half, far = round(SHAPE_S * hz), round(WIDE_SHAPE_S * hz)
    shapes, stretches = (np.array([_cut(clean, int(s), reach) for s in at]) for reach in (half, far))
    usual, usual_far = np.median(shapes, axis=0), np.median(stretches, axis=0)
    heights = np.ptp(shapes, axis=1) + 1e-9
    areas = np.abs(stretches).mean(axis=1) + 1e-9
    widths = np.array([_width(stretch, hz) for stretch in stretches])
    before = np.abs(stretches[:, : max(far - round(P_ENDS_S * hz), 1)]).mean(axis=1) + 1e-9
    usual_interval = float(np.median(np.diff(at))) / hz
    intervals = np.diff(at, prepend=at[0] - usual_interval * hz) / hz
    following = np.append(intervals[1:], usual_interval)
    around = [intervals[max(0, n - 6) : n + 7] for n in range(at.size)]
    near = np.array([np.median(each) for each in around])
    previous = np.concatenate([intervals[:1], intervals[:-1]])
    return np.column_stack(
        [
            intervals / near,
            following / near,
            intervals / previous,
            np.array([each.std() / each.mean() for each in around]),
            np.array([_correlation(shape, usual) for shape in shapes]),
            np.array([_correlation(stretch, usual_far) for stretch in stretches]),
            widths / max(float(np.median(widths)), 1 / hz),
            widths / 0.1,
            np.log(heights / np.median(heights)),
            np.log(areas / np.median(areas)),
            np.log(before / np.median(before)),
        ]
    ).astype(np.float32)


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
