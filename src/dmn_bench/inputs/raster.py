"""Reader `raster`: PNG, JPEG and TIFF pictures, turned upright by their own orientation mark."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..files import write_atomically
from ..hookspecs import Reader, hookimpl
from ..vocabulary import Image, Signals
from .faults import MOST_DECODED_BYTES, fault, keys_of, reading
from .packages import package_version
from .picture_turns import TURN

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image as Picture

    Convert = Callable[[Picture, Path], NDArray[np.generic]]

FORMATS = ("PNG", "JPEG", "TIFF")
_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
_SIXTEEN_BIT = frozenset({"I;16", "I;16L", "I;16B", "I;16N", "I"})
_MOST_FRAMES = 10_000
_EXIF_ORIENTATION = 0x0112
_BYTES_PER_PIXEL = 4  # what Pillow needs at most while it converts


@dataclass(frozen=True, kw_only=True)
class RasterReader:
    """PNG, JPEG and TIFF. Such files state no reliable spacing: ``spacing_mm`` is None."""

    name: ClassVar[str] = "raster"
    gives: ClassVar[Literal["images", "signals"]] = "images"

    def recognises(self, path: Path) -> bool:
        """Whether the file begins as one of these formats does, and is no DICOM file with a TIFF in its preamble."""
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            start = stream.read(132)
        return start[128:] != b"DICM" and any(start.startswith(magic) for magic in _MAGIC)

    def problems(self, path: Path) -> Sequence[str]:
        """Wording keys of everything that ``read`` refuses: cut or damaged data, too many pixels."""
        return keys_of(lambda: self.read(path))

    def header(self, path: Path) -> Mapping[str, str]:
        """Rows and Columns as displayed, ``PictureOrientation`` where the file turns what it stores (EXIF, 2 to 8).

        Comments and other EXIF fields are not strata: they are not given.
        """
        with _opened(path) as picture:
            columns, rows = picture.size
            mark = picture.getexif().get(_EXIF_ORIENTATION)
            if picture.format != "TIFF" and mark in (5, 6, 7, 8):
                columns, rows = rows, columns
            size = {"Rows": str(rows), "Columns": str(columns), "NumberOfFrames": str(_n_frames(picture))}
            return {**size, TURN: str(mark)} if mark in range(2, 9) else size

    def read(self, path: Path) -> tuple[Sequence[Image], Signals | None, Sequence[str]]:
        """One image: grey as uint8 or uint16, or RGB as uint8; the pages of a TIFF are its frames.

        Grey of 1 bit becomes 0 and 255. A palette becomes RGB; transparency is dropped, the colours under it are kept.
        Raises InputFileError if the file is cut, damaged, too large, or its pages differ in size or kind.
        """
        frames = _frames(path)
        if any(frame.shape != frames[0].shape or frame.dtype != frames[0].dtype for frame in frames):
            raise fault(path, "raster_pages_differ")
        pixels = frames[0] if len(frames) == 1 else np.stack(frames)
        image = Image(
            name="image-1",
            pixels=pixels,
            photometric="rgb" if frames[0].ndim == 3 else "grey",
            n_frames=len(frames),
            bits_stored=8 * frames[0].dtype.itemsize,
        )
        return (image,), None, (_decoder(path),)

    def deidentified_copy(self, path: Path, folder: Path, name: str) -> Sequence[Path]:
        """``name``.png, or ``name``-0001.png … for several pages: the decoded pixels, nothing else from the file."""
        from PIL import Image as PillowImage

        frames = _frames(path)
        names = [f"{name}.png"] if len(frames) == 1 else [f"{name}-{k:04d}.png" for k in range(1, len(frames) + 1)]
        for frame, file_name in zip(frames, names, strict=True):
            stream = io.BytesIO()
            PillowImage.fromarray(frame).save(stream, format="PNG")
            write_atomically(folder / file_name, stream.getvalue())
        return tuple(folder / file_name for file_name in names)


@contextmanager
def _opened(path: Path) -> Iterator[Picture]:
    from PIL import Image as PillowImage

    with reading(path, "raster_damaged"):
        try:
            # A stream, not a path: Pillow 13 maps uncompressed TIFF files given by path into memory and then turns
            # them twice.
            with path.open("rb") as stream, PillowImage.open(stream, formats=FORMATS) as picture:
                yield picture
        except PillowImage.DecompressionBombError as error:
            raise fault(path, "too_large") from error


def _n_frames(picture: Picture) -> int:
    # Pillow shows the thumbnails of a multi-picture JPEG and the animation of a PNG as frames: only TIFF has pages.
    return int(getattr(picture, "n_frames", 1)) if picture.format == "TIFF" else 1


def stored_values(path: Path) -> list[NDArray[np.generic]]:
    """The pages of a picture that is a mask, as values and not as shades: a palette gives its indices, 1 bit 0 and 1.

    Raises InputFileError as ``RasterReader.read`` does, and if a page has colours that are not grey, pixels that are
    partly transparent, or was compressed with losses, which invents values at every edge.
    """
    with _opened(path) as picture:
        if picture.format == "JPEG":
            raise fault(path, "mask_with_losses")
    return _frames(path, _as_values)


def _frames(
    path: Path, convert: Callable[[Picture, Path], NDArray[np.generic]] | None = None
) -> list[NDArray[np.generic]]:
    from PIL import ImageFile, ImageOps

    frames: list[NDArray[np.generic]] = []
    with _opened(path) as picture:
        if picture.format == "PNG":
            picture.verify()  # a PNG has checksums to its very end; the decoder stops at the last pixel
    with _opened(path) as picture:
        if ImageFile.LOAD_TRUNCATED_IMAGES:
            raise fault(path, "raster_zero_filled")
        count = _n_frames(picture)
        if count > _MOST_FRAMES or count * picture.width * picture.height * _BYTES_PER_PIXEL > MOST_DECODED_BYTES:
            raise fault(path, "too_large")
        total = 0
        for number in range(count):
            if number:
                picture.seek(number)
            total += picture.width * picture.height * _BYTES_PER_PIXEL
            if total > MOST_DECODED_BYTES:
                raise fault(path, "too_large")
            picture.load()
            # A TIFF is turned upright by Pillow while it is loaded, the others are not.
            upright = picture if picture.format == "TIFF" else ImageOps.exif_transpose(picture)
            frames.append((convert or _as_array)(upright, path))
    return frames


def _as_array(picture: Picture, path: Path) -> NDArray[np.generic]:
    if picture.mode == "1":
        picture = picture.convert("L")
    elif picture.mode == "LA":
        picture = picture.getchannel("L")
    elif picture.mode in ("P", "PA", "RGBA", "RGBX", "YCbCr", "CMYK", "LAB", "HSV"):
        picture = picture.convert("RGB")  # of RGBA, the colours as they lie under the transparency
    values: NDArray[np.generic] = np.array(picture)
    if picture.mode in _SIXTEEN_BIT:
        if values.min() < 0 or values.max() > np.iinfo(np.uint16).max:
            raise fault(path, "raster_kind_unknown", found=picture.mode)
        return values.astype(np.uint16)
    if picture.mode not in ("L", "RGB"):
        raise fault(path, "raster_kind_unknown", found=picture.mode)
    return values


def _as_values(picture: Picture, path: Path) -> NDArray[np.generic]:
    if "A" in picture.getbands():
        if np.asarray(picture.getchannel("A")).min() < 255:
            raise fault(path, "mask_transparent")
        picture = picture.convert({"LA": "L", "PA": "P"}.get(picture.mode, "RGB"))
    if picture.mode == "RGB":
        colours = np.asarray(picture)
        if (colours != colours[..., :1]).any():
            raise fault(path, "mask_colours")
        return np.array(colours[..., 0])
    if picture.mode == "1":
        return np.array(picture, dtype=np.uint8)
    return np.array(picture) if picture.mode in ("P", "F") else _as_array(picture, path)


def _decoder(path: Path) -> str:
    with _opened(path) as picture:
        return f"{picture.format} pillow {package_version('pillow')}"


@hookimpl
def register_readers() -> list[type[Reader]]:
    """The reader of this file."""
    return [RasterReader]
