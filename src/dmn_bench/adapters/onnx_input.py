"""The images of a request made into inputs of an ONNX model, as its description says. Runs inside the child."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .onnx_description import ImageInput
from .onnx_description import NotSuitable as NotSuitable
from .onnx_windows import recording as recording
from .pixel_resize import resized

LUMA = (19595, 38470, 7471)  # ITU-R 601 weights in 1/65536, as Pillow rounds them


class Plane(NamedTuple):
    """One image, frame or volume prepared: input = original * stretch + offset, for x (columns) and y (rows) in px.

    The centre of the first pixel lies at 0.5, 0.5 on both sides; planes of a volume are put to the model as they are.
    """

    tensor: NDArray[Any]
    image: str
    frame: int | None  # from 1; None for an image of one frame, and for a volume
    stretch: tuple[float, float]  # x, y
    offset: tuple[float, float]  # x, y
    size: tuple[int, int]  # of the tensor: columns, rows
    original: tuple[int, int]  # of the image: columns, rows
    n_planes: int | None = None  # of a volume; None: one image


def image_planes(request: Mapping[str, Any], described: ImageInput) -> list[Plane]:
    """Every image and frame of a request, prepared. Raises NotSuitable."""
    images: Sequence[Mapping[str, Any]] = request.get("images") or ()
    frames = [(image, frame) for image in images for frame in _frames(image)]
    if not frames:
        raise NotSuitable("the request holds no image")
    if described.volume:
        if len(images) > 1:
            raise NotSuitable(f"the request holds {len(images)} images, the model takes one volume")
        return [_volume(images[0], described)]
    if len(frames) > 1 and described.several == "refuse":
        raise NotSuitable(f"the request holds {len(frames)} images or frames, the model takes one")
    return [_plane(image, number, pixels, described) for image, (number, pixels) in frames]


def _frames(image: Mapping[str, Any]) -> list[tuple[int | None, NDArray[Any]]]:
    pixels = np.asarray(image["pixels"])
    if image.get("n_frames", 1) > 1:
        return [(number, frame) for number, frame in enumerate(pixels, start=1)]
    return [(None, pixels)]


def _plane(image: Mapping[str, Any], frame: int | None, pixels: NDArray[Any], described: ImageInput) -> Plane:
    values = _with_channels(levelled(pixels, image.get("bits_stored"), described), described)
    rows, columns = values.shape[:2]
    values, stretch, offset = _fitted(values, described)
    return Plane(
        tensor=_tensor(values, described),
        image=str(image["name"]),
        frame=frame,
        stretch=(stretch[1] / columns, stretch[0] / rows),
        offset=offset,
        size=(values.shape[1], values.shape[0]),
        original=(columns, rows),
    )


def _volume(image: Mapping[str, Any], described: ImageInput) -> Plane:
    """All frames of one image with an axis of their own before the rows; of one image, a volume of one plane."""
    pixels = levelled(np.asarray(image["pixels"]), image.get("bits_stored"), described)
    n_planes = int(image.get("n_frames", 1))
    levels = replace(described, levels="as_is")
    planes = [_plane(image, None, frame, levels) for frame in (pixels if n_planes > 1 else pixels[np.newaxis])]
    tensor = np.stack([plane.tensor[0] for plane in planes], axis=0 if described.layout == "nhwc" else 1)
    return planes[0]._replace(tensor=tensor[np.newaxis], n_planes=n_planes)


def _tensor(values: NDArray[Any], described: ImageInput) -> NDArray[Any]:
    """[1, rows, columns, channels] or [1, channels, rows, columns] after the arithmetic."""
    channels = values.shape[2]
    shape = (*values.shape[:2], channels) if described.layout == "nhwc" else (channels, *values.shape[:2])
    tensor = np.empty((1, *shape), dtype=described.dtype)
    by_channel = tensor[0] if described.layout == "nhwc" else np.moveaxis(tensor[0], 0, -1)
    if values.dtype == np.uint8:  # every level there can be, then looked up
        table = _reckoned(np.repeat(np.arange(256)[:, np.newaxis], channels, axis=1), described).astype(described.dtype)
        for channel in range(channels):
            by_channel[:, :, channel] = table[:, channel].take(values[:, :, channel])
    else:
        by_channel[...] = _reckoned(values, described)
    return tensor


def _reckoned(values: NDArray[Any], described: ImageInput) -> NDArray[np.float64]:
    found: NDArray[np.float64] = values.astype(np.float64) * described.scale - np.asarray(described.mean)
    return found / described.std


def levelled(pixels: NDArray[Any], bits_stored: int | None, described: ImageInput) -> NDArray[Any]:
    """Grey values mapped to 0–255: 8-bit, except ``as_is``."""
    levels = described.levels
    if levels == "as_is" or (levels == "full_range" and pixels.dtype == np.uint8):
        return pixels
    if levels == "full_range":
        if bits_stored is None and pixels.dtype.kind != "u":
            raise NotSuitable(f"the range of {pixels.dtype} pixels is not known: declare levels")
        low, high = 0.0, float(2 ** (bits_stored or 8 * pixels.dtype.itemsize) - 1)
    elif levels == "minmax":
        low, high = float(pixels.min()), float(pixels.max())
    else:
        low, high = float(levels[0]), float(levels[1])
    if pixels.dtype in (np.uint8, np.uint16):  # every level there can be, then looked up
        there = np.arange(np.iinfo(pixels.dtype).max + 1)
        return np.asarray(_on_255(there, low, high).take(pixels))
    return _on_255(pixels, low, high)


def _on_255(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    share = (values.astype(np.float64) - low) / (high - low) if high > low else np.zeros(values.shape)
    return np.rint(np.clip(share, 0.0, 1.0) * 255.0).astype(np.uint8)


def _with_channels(pixels: NDArray[Any], described: ImageInput) -> NDArray[Any]:
    """[rows, columns, channels] in the model's order."""
    is_colour = pixels.ndim == 3
    if described.channels == "grey":
        grey = _luma(pixels) if is_colour else pixels
        return grey[:, :, np.newaxis]
    colour = pixels if is_colour else np.repeat(pixels[:, :, np.newaxis], 3, axis=2)
    reversed_order: NDArray[Any] = np.flip(colour, axis=2)
    return reversed_order if described.channels == "bgr" else colour


def _luma(pixels: NDArray[Any]) -> NDArray[Any]:
    weighted = pixels.astype(np.int64) @ np.array(LUMA)
    grey: NDArray[np.uint8] = ((weighted + 0x8000) >> 16).astype(np.uint8)
    return grey


def _fitted(
    values: NDArray[Any], described: ImageInput
) -> tuple[NDArray[Any], tuple[float, float], tuple[float, float]]:
    """The image at the model's size; (rows, columns) that the whole original takes there, (x, y) where it begins."""
    if described.size is None:
        return values, (values.shape[0], values.shape[1]), (0.0, 0.0)
    rows, columns = described.size
    target = (rows, columns)
    if described.fit != "stretch":
        choose = min if described.fit == "pad" else max
        factor = choose(rows / values.shape[0], columns / values.shape[1])
        target = (max(1, round(values.shape[0] * factor)), max(1, round(values.shape[1] * factor)))
    image = resized(values, *target, described.resize, antialias=described.antialias)
    top, left = (rows - target[0]) // 2, (columns - target[1]) // 2
    if described.fit == "pad":
        canvas = np.full((rows, columns, image.shape[2]), described.pad_value, dtype=np.float64)
        canvas[top : top + target[0], left : left + target[1]] = image
        image = canvas
    elif described.fit == "crop":
        image = image[-top : -top + rows, -left : -left + columns]
    return image, target, (float(left), float(top))
