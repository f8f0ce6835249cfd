"""A request as a folder that any program can read: request.json, with the pixels, samples or copies beside it."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

FORMAT = "dmn-bench/exchange/1"
REQUEST = "request.json"
FOLDER_MODE, FILE_MODE = 0o755, 0o644  # a program in a container may be another user
PIXEL_KEY, SIGNAL_KEY = "pixels", "signals"
SLICE = "{:04d}.dcm"  # of a series, in its folder, by its place from 1

Arrays = Literal["npy", "png"]


class NotSuitableError(Exception):
    """The request cannot be put as the candidate declares that it receives it."""


def write_request(request: Mapping[str, Any], folder: Path, *, arrays: Arrays) -> None:
    """Write a request, as the wire protocol carries it, into a new folder.

    ``request.json`` holds all that the request says; instead of arrays it names files: ``image-1.npy`` (as decoded), or
    ``image-1.png``, of several frames ``image-1-0001.png`` …; ``signals.npy`` in millivolt; copies under their neutral
    names. Names are relative to the folder.

    Raises NotSuitableError if pixels cannot be written as PNG without changing them; nothing is rescaled.
    """
    folder.mkdir()
    described: dict[str, Any] = {"format": FORMAT, "request_id": request["request_id"]}
    if "images" in request:
        described["images"] = [_image(image, folder, arrays) for image in request["images"]]
    if "signals" in request:
        np.save(folder / "signals.npy", np.asarray(request[SIGNAL_KEY]), allow_pickle=False)
        described["signals"] = {
            "file": "signals.npy",
            "shape": list(request[SIGNAL_KEY].shape),
            "units": "mV",
            "sampling_hz": request["sampling_hz"],
            "leads": request["leads"],
        }
    if "files" in request:
        described["files"] = copied_files(request["files"], folder)
    (folder / REQUEST).write_text(json.dumps(described, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    open_to_read(folder)


def copied_files(files: Sequence[str], folder: Path) -> list[str]:
    """Copy the files of a request below ``folder``; their names from there. A series keeps the folder of its image.

    Raises ValueError if two files have one name there.
    """
    paths = [Path(file) for file in files]
    series = series_folders(paths)
    names = [f"{path.parent.name}/{path.name}" if path.parent in series else path.name for path in paths]
    if len(set(names)) < len(names):
        raise ValueError("two files of a request have one name")
    for path, name in zip(paths, names, strict=True):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(path, folder / name)
    return names


def image_names(files: Sequence[Path]) -> list[str]:
    """The neutral name of the image that each of the copies of a request belongs to.

    >>> image_names([Path("r/image-1.dcm"), Path("r/9a29/0001.dcm"), Path("r/9a29/0002.dcm")])
    ['image-1', '9a29', '9a29']
    """
    series = series_folders(files)
    return [path.parent.name if path.parent in series else path.stem for path in files]


def series_folders(files: Collection[Path]) -> frozenset[Path]:
    """The folders of a request that hold a series: whatever they are called, their files are numbered from 1."""
    members: dict[Path, set[str]] = defaultdict(set)
    for path in files:
        members[path.parent].add(path.name)
    names = [SLICE.format(place) for place in range(1, len(files) + 1)]
    return frozenset(folder for folder, found in members.items() if found == set(names[: len(found)]))


def open_to_read(folder: Path) -> None:
    """Let anybody read a folder of ours, as far as the one above it lets them; they may not write."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(FOLDER_MODE if path.is_dir() else FILE_MODE)


def _image(image: Mapping[str, Any], folder: Path, arrays: Arrays) -> dict[str, Any]:
    pixels = np.asarray(image[PIXEL_KEY])
    described = {key: value for key, value in image.items() if key != PIXEL_KEY}
    if arrays == "npy":
        names = [f"{image['name']}.npy"]
        np.save(folder / names[0], pixels, allow_pickle=False)
    else:
        names = _pictures(image, pixels, folder)
    return {**described, "files": names, "shape": list(pixels.shape), "dtype": pixels.dtype.name}


def _pictures(image: Mapping[str, Any], pixels: np.ndarray[Any, Any], folder: Path) -> list[str]:
    from .picture_png import png_bytes

    name, n_frames = image["name"], image["n_frames"]
    frames = [pixels] if n_frames == 1 else list(pixels)
    names = [f"{name}.png"] if n_frames == 1 else [f"{name}-{k:04d}.png" for k in range(1, n_frames + 1)]
    for file, frame in zip(names, frames, strict=True):
        try:
            (folder / file).write_bytes(png_bytes(frame))
        except ValueError as error:
            raise NotSuitableError(f"{name}: {error}") from error
    return names
