"""Requests that nobody would send on purpose, made of a good one: what a device must survive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..inputs.dicom_rewriting import is_dicom_copy, with_pixels
from ..vocabulary import Image, Origin, Request, Signals

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENORMOUS_PX = 2048  # rows and columns: more than most devices expect, less than the largest detectors give
LONG_PX = 20_000
LONG_RECORDING_SAMPLES = 500_000  # half an hour at 250 Hz and more
HUGE_MV = 1e6
MANY_LEADS = 24

Pixels = Callable[["NDArray[Any]"], "NDArray[Any]"]


def _filled(pixels: NDArray[Any], value: float) -> NDArray[Any]:
    return np.full_like(pixels, value)


def _largest(pixels: NDArray[Any]) -> float:
    return float(np.iinfo(pixels.dtype).max if pixels.dtype.kind in "ui" else np.finfo(pixels.dtype).max)


def _of_size(pixels: NDArray[Any], rows: int, columns: int) -> NDArray[Any]:
    """The first frame repeated or cut to a size; a colour image stays one."""
    frame = pixels if pixels.ndim == 2 or pixels.shape[-1] == 3 else pixels[0]
    times = (-(-rows // frame.shape[0]), -(-columns // frame.shape[1]))
    return np.ascontiguousarray(np.tile(frame, times + (1,) * (frame.ndim - 2))[:rows, :columns])


IMAGES: Mapping[str, Pixels] = {
    "one_pixel": lambda pixels: _of_size(pixels, 1, 1),
    "one_row": lambda pixels: _of_size(pixels, 1, LONG_PX),
    "enormous": lambda pixels: _of_size(pixels, ENORMOUS_PX, ENORMOUS_PX),
    "constant": lambda pixels: _filled(pixels, 7),
    "zeros": lambda pixels: _filled(pixels, 0),
    "maximum": lambda pixels: _filled(pixels, _largest(pixels)),
    "other_colours": lambda pixels: _other_colours(pixels),
    "several_frames": lambda pixels: np.stack([_of_size(pixels, 32, 32)] * 3),
}
"""Images by what is strange about them; from the pixels of a good one."""


def _other_colours(pixels: NDArray[Any]) -> NDArray[Any]:
    """RGB where grey is expected, grey where RGB is."""
    if pixels.ndim == 3 and pixels.shape[-1] == 3:
        return np.ascontiguousarray(pixels[..., 0])
    frame = pixels if pixels.ndim == 2 else pixels[0]
    grey = (frame.astype(np.float64) / max(float(frame.max()), 1.0) * 255).astype(np.uint8)
    return np.stack([grey] * 3, axis=-1)


SIGNALS: Mapping[str, Callable[[Signals], Signals]] = {
    "one_sample": lambda signals: replace(signals, samples=signals.samples[:1]),
    "no_samples": lambda signals: replace(signals, samples=signals.samples[:0]),
    "constant": lambda signals: replace(signals, samples=np.full_like(signals.samples, 0.5)),
    "zeros": lambda signals: replace(signals, samples=np.zeros_like(signals.samples)),
    "maximum": lambda signals: replace(signals, samples=np.full_like(signals.samples, HUGE_MV)),
    "nan": lambda signals: replace(signals, samples=np.full_like(signals.samples, np.nan)),
    "nan_in_places": lambda signals: replace(signals, samples=_with_gaps(signals.samples)),
    "one_lead": lambda signals: replace(signals, samples=signals.samples[:, :1], leads=signals.leads[:1]),
    "many_leads": lambda signals: _with_leads(signals, MANY_LEADS),
    "unknown_leads": lambda signals: replace(signals, leads=tuple(f"X{i}" for i in range(len(signals.leads)))),
    "slow_sampling": lambda signals: replace(signals, sampling_hz=1.0),
    "enormous": lambda signals: replace(signals, samples=_long(signals.samples)),
}
"""Recordings by what is strange about them."""

FILES: Mapping[str, Callable[[bytes], bytes]] = {
    "empty_file": lambda _: b"",
    "truncated_file": lambda content: content[: len(content) // 2],
    "garbage": lambda content: bytes(255 - byte for byte in content[:65536]),
}
"""Files by what is done to their bytes."""

NO_INPUT = "no_input"


def kinds_for(request: Request) -> tuple[str, ...]:
    """What can be made of a good request; the same names for arrays and for DICOM copies."""
    if request.files:
        images = tuple(IMAGES) if all(is_dicom_copy(path) for path in request.files) else ()
        return (*FILES, *images, NO_INPUT)
    return (*(SIGNALS if request.signals is not None else IMAGES), NO_INPUT)


def made_hostile(kind: str, request: Request, origin: Origin) -> tuple[Request, Origin]:
    """The request with its content replaced by something strange; copies of files are changed in place.

    ``kind``: one of ``kinds_for`` the request.
    """
    if kind == NO_INPUT:
        return replace(request, images=(), signals=None, files=()), origin
    if request.files:
        for path in request.files:
            _spoil(kind, path)
        return request, replace(origin, image_sizes={})
    if request.signals is not None:
        return replace(request, signals=SIGNALS[kind](request.signals)), origin
    images = tuple(_image(image, IMAGES[kind](image.pixels)) for image in request.images)
    return replace(request, images=images), replace(origin, image_sizes={})


def _spoil(kind: str, path: Path) -> None:
    if kind in FILES:
        path.write_bytes(FILES[kind](path.read_bytes()))
    else:
        with_pixels(path, IMAGES[kind])


def _image(image: Image, pixels: NDArray[Any]) -> Image:
    is_rgb = pixels.ndim == 3 and pixels.shape[-1] == 3
    n_frames = pixels.shape[0] if pixels.ndim == 4 or (pixels.ndim == 3 and not is_rgb) else 1
    bits = 8 * pixels.dtype.itemsize
    changed = replace(image, pixels=pixels, n_frames=n_frames, bits_stored=bits)
    return replace(changed, photometric="rgb" if is_rgb or pixels.ndim == 4 else "grey")


def _with_gaps(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    gaps = samples.copy()
    gaps[::7] = np.nan
    return gaps


def _with_leads(signals: Signals, n: int) -> Signals:
    samples = np.tile(signals.samples, (1, -(-n // signals.samples.shape[1])))[:, :n]
    return replace(signals, samples=np.ascontiguousarray(samples), leads=tuple(f"L{i}" for i in range(n)))


def _long(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.ascontiguousarray(np.tile(samples, (-(-LONG_RECORDING_SAMPLES // len(samples)), 1)))
