"""What a detector and its post-processing make of an object: dose, blur, edge enhancement, gradation, inversion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .drawing import Array, blur

MU_SOFT_PER_MM = 0.021
MU_BONE_PER_MM = 0.052  # above the soft tissue it displaces


@dataclass(frozen=True, kw_only=True)
class XrayDevice:
    """An invented maker and model with the properties of its images."""

    manufacturer: str
    model: str
    photons: float  # per pixel in air
    blur_px: float
    edge_gain: float  # unsharp masking
    edge_px: float
    gamma: float
    bits_stored: int
    inverted: bool  # MONOCHROME1
    magnification: float | None  # PixelSpacing = ImagerPixelSpacing / magnification where calibrated


DEVICES = {
    "A": XrayDevice(manufacturer="Example Devices A", model="Model A1", photons=26000, blur_px=0.45, edge_gain=0.5,
                    edge_px=2.0, gamma=1.0, bits_stored=10, inverted=False, magnification=None),
    "B": XrayDevice(manufacturer="Example Imaging B", model="Model B2", photons=3200, blur_px=0.85, edge_gain=0.2,
                    edge_px=1.5, gamma=0.9, bits_stored=8, inverted=True, magnification=1.05),
    "C": XrayDevice(manufacturer="Example Systems C", model="Model C3", photons=9000, blur_px=0.6, edge_gain=1.4,
                    edge_px=3.0, gamma=1.15, bits_stored=8, inverted=False, magnification=None),
}  # fmt: skip


def exposed(soft_mm: Array, bone_mm: Array, device: XrayDevice, rng: np.random.Generator) -> Array:
    """Optical-density-like signal (0 in air, larger behind more tissue) with the device's noise and sharpness."""
    depth = blur(soft_mm * MU_SOFT_PER_MM + bone_mm * MU_BONE_PER_MM, device.blur_px)
    photons = device.photons * np.exp(-depth)
    noisy = photons + np.sqrt(photons) * rng.standard_normal(depth.shape)
    signal = np.log(device.photons) - np.log(np.maximum(noisy, 1.0))
    return signal + device.edge_gain * (signal - blur(signal, device.edge_px))


def presented(signal: Array, device: XrayDevice, span: tuple[float, float] = (0.45, 99.8)) -> NDArray[np.uint16]:
    """Stored pixel values: the device finds the span of the tissue and grades it; air saturates to a constant.

    ``span``: the darkest grey as a share of the tissue's median, and the percentile of the tissue that is white.
    """
    tissue = signal[signal > 0.15]
    low, high = span[0] * float(np.median(tissue)), float(np.percentile(tissue, span[1])) * 1.05
    level = np.clip((signal - low) / (high - low), 0.0, 1.0) ** device.gamma
    top = 2**device.bits_stored - 1
    values = np.rint(level * top).astype(np.uint16)
    return (top - values).astype(np.uint16) if device.inverted else values
