"""Reader `dicom-image`: one DICOM image file, or a folder holding one series, becomes one Image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, cast

import numpy as np

from ..hookspecs import Reader, hookimpl
from ..vocabulary import Image, Signals, SpacingSource
from .dicom_deidentify import known_term, minimal_image
from .dicom_file import DicomHeader, frame_value, is_dicom, is_waveform, open_dicom, parsing
from .dicom_grey import Voi, applies_voi, grey_rule, grey_values
from .dicom_pixels import StoredPixels, geometry, stored_pixels
from .dicom_series import series_files, series_gap
from .faults import MOST_DECODED_BYTES, fault, keys_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset

_SPACINGS: tuple[tuple[str, SpacingSource], ...] = (
    ("PixelSpacing", "PixelSpacing"),
    ("ImagerPixelSpacing", "ImagerPixelSpacing"),
    ("NominalScannedPixelSpacing", "NominalScannedPixelSpacing"),
)


@dataclass(frozen=True, kw_only=True)
class DicomImageReader:
    """DICOM images: CR, DX, MG, CT, OP and the like, single or multi-frame; a folder is one series."""

    name: ClassVar[str] = "dicom-image"
    gives: ClassVar[Literal["images", "signals"]] = "images"

    voi: Voi = "auto"
    """VOI LUT or window: ``applied``, ``none``, or ``auto``: applied except to CT, MR, PT and NM."""

    def recognises(self, path: Path) -> bool:
        """Whether it is a DICOM file but no waveform, or a folder with such a file in it."""
        if path.is_dir():
            return any(is_dicom(file) for file in path.iterdir() if file.is_file())
        return path.is_file() and is_dicom(path) and not is_waveform(path)

    def problems(self, path: Path) -> Sequence[str]:
        """Wording keys of what is wrong: everything that ``read`` refuses, and what it lives with.

        It lives with a spacing that makes no sense (the image then has none), with a PresentationLUTShape that
        contradicts the photometric interpretation (the latter counts) and with a gap between the slices of a series.
        """
        keys = list(keys_of(lambda: self.read(path)))
        if keys:
            return keys
        files = series_files(path) if path.is_dir() else (path,)
        dataset = open_dicom(files[0], pixels=False)
        with parsing(path, "dicom_unreadable"):
            if _spacing_is_senseless(dataset):
                keys.append("inputs.dicom_bad_spacing")
            shapes = {"MONOCHROME1": "IDENTITY", "MONOCHROME2": "INVERSE"}
            if dataset.get("PresentationLUTShape") == shapes.get(str(dataset.get("PhotometricInterpretation")), "none"):
                keys.append("inputs.dicom_polarity_contradicts")
        if path.is_dir() and series_gap(files):
            keys.append("inputs.series_gap")
        return keys

    def header(self, path: Path) -> Mapping[str, str]:
        """Attributes of the file, or of the first file of the series by name; empty ones are absent."""
        file = path if path.is_file() else _first_dicom(path)
        return DicomHeader(open_dicom(file, pixels=False), file)

    def read(self, path: Path) -> tuple[Sequence[Image], Signals | None, Sequence[str]]:
        """The image, no signals, and the decoders used.

        Grey: what ``dicom_grey`` says, in the type of ``GreyRule.output_type``; CT in Hounsfield units. Colour: RGB,
        uint8. The slices of a series are sorted along their normal, so that they advance towards its positive end.
        Raises InputFileError if a file is damaged, hostile or not an image, or if a folder holds no single series.
        """
        files = series_files(path) if path.is_dir() else (path,)
        images, decoders = [], []
        for file in files:
            image, decoder = self._read_file(file, n_files=len(files))
            images.append(image)
            decoders.append(decoder)
        return (_stacked(images, path),), None, tuple(dict.fromkeys(decoders))

    def deidentified_copy(self, path: Path, folder: Path, name: str) -> Sequence[Path]:
        """``name``.dcm, or for a series ``name``/0001.dcm …: see ``dicom_deidentify``."""
        if path.is_file():
            target = folder / f"{name}.dcm"
            minimal_image((path,), (target,))
            return (target,)
        files = series_files(path)
        targets = tuple(folder / name / f"{number:04d}.dcm" for number in range(1, len(files) + 1))
        minimal_image(files, targets)
        return targets

    def _read_file(self, path: Path, *, n_files: int) -> tuple[Image, str]:
        dataset = open_dicom(path, pixels=True)
        size = geometry(dataset, path)
        n_bytes = n_files * size.frames * size.rows * size.columns * size.samples * max(size.bits_allocated, 8) // 8
        if n_bytes > MOST_DECODED_BYTES:
            raise fault(path, "too_large", found=n_bytes)
        stored = stored_pixels(dataset, path)
        if stored.photometric in ("MONOCHROME1", "MONOCHROME2"):
            pixels, bits = self._grey(dataset, stored, path)
        else:
            with parsing(path, "dicom_pixels_damaged"):
                pixels, bits = _colour(dataset, stored), 8
        with parsing(path, "dicom_unreadable"):
            spacing, source = pixel_spacing(dataset)
            header = DicomHeader(dataset, path)
            image = Image(
                name="image-1",
                pixels=pixels[0] if size.frames == 1 else pixels,
                photometric="rgb" if pixels.ndim == 4 else "grey",
                spacing_mm=spacing,
                spacing_source=source,
                n_frames=size.frames,
                modality=known_term(header, "Modality"),
                view=known_term(header, "ViewPosition"),
                laterality=known_term(header, "ImageLaterality"),
                bits_stored=bits,
            )
        return image, stored.decoder

    def _grey(self, dataset: Dataset, stored: StoredPixels, path: Path) -> tuple[NDArray[np.generic], int]:
        rules = [grey_rule(dataset, frame, voi=self.voi, path=path) for frame in range(len(stored.values))]
        if int(stored.values.min()) < rules[0].low or int(stored.values.max()) > rules[0].high:
            raise fault(path, "dicom_pixels_damaged", found="values beyond BitsStored")
        frames = [grey_values(values, rule) for values, rule in zip(stored.values, rules, strict=True)]
        shown = applies_voi(dataset, self.voi) and rules[0].voi is not None
        bits = rules[0].bits if shown else int(dataset.get("BitsStored") or dataset.BitsAllocated)
        if len(frames) == 1:
            return frames[0][np.newaxis], bits
        kind = np.result_type(*(frame.dtype for frame in frames))
        return np.stack([frame.astype(kind, copy=False) for frame in frames]), bits


def pixel_spacing(dataset: Dataset) -> tuple[tuple[float, float] | None, SpacingSource | None]:
    """(row, column) spacing in mm and the attribute it holds for; (None, None) if the file states no usable one.

    A PixelSpacing equal to ImagerPixelSpacing has not been corrected for magnification: it is named after the latter,
    because that is the plane it holds for. In enhanced objects all frames must agree.
    Reference: DICOM PS3.3 10.7.1.3.
    """
    stated = {source: _spacing(dataset, keyword) for keyword, source in _SPACINGS}
    if stated["PixelSpacing"] is not None and stated["PixelSpacing"] == stated["ImagerPixelSpacing"]:
        return stated["PixelSpacing"], "ImagerPixelSpacing"
    for source, values in stated.items():
        if values is not None:
            return values, source
    return None, None


def _spacing(dataset: Dataset, keyword: str) -> tuple[float, float] | None:
    frames = range(len(dataset.get("PerFrameFunctionalGroupsSequence") or (0,)))
    found = {_pair(frame_value(dataset, frame, "PixelMeasuresSequence", keyword)) for frame in frames}
    return found.pop() if len(found) == 1 else None


def _pair(value: object) -> tuple[float, float] | None:
    if value is None or value == "":
        return None
    numbers = tuple(float(number) for number in cast("Sequence[float]", value))
    if len(numbers) != 2 or not all(np.isfinite(number) and number > 0 for number in numbers):
        return None
    return numbers[0], numbers[1]


def _spacing_is_senseless(dataset: Dataset) -> bool:
    return any(dataset.get(keyword) and _pair(dataset.get(keyword)) is None for keyword, _ in _SPACINGS)


def _colour(dataset: Dataset, stored: StoredPixels) -> NDArray[np.uint8]:
    from pydicom.pixels.processing import apply_color_lut

    values = cast("NDArray[np.unsignedinteger]", stored.values)
    if stored.photometric == "PALETTE COLOR":
        values = apply_color_lut(values, dataset)[..., :3]
        return (values >> 8).astype(np.uint8) if values.dtype.itemsize == 2 else values.astype(np.uint8)
    if stored.photometric != "RGB":
        raise ValueError("a colour space that is neither RGB, YBR nor palette")
    bits = int(dataset.get("BitsStored") or dataset.BitsAllocated)
    return (values >> max(bits - 8, 0)).astype(np.uint8)


def _stacked(images: Sequence[Image], path: Path) -> Image:
    if len(images) == 1:
        return images[0]
    first = images[0]
    if any(image.n_frames > 1 or image.pixels.shape != first.pixels.shape for image in images):
        raise fault(path, "series_mixed")
    kind = np.result_type(*(image.pixels.dtype for image in images))
    return Image(
        name=first.name,
        pixels=np.stack([image.pixels.astype(kind, copy=False) for image in images]),
        photometric=first.photometric,
        spacing_mm=first.spacing_mm,
        spacing_source=first.spacing_source,
        n_frames=len(images),
        modality=first.modality,
        view=first.view,
        laterality=first.laterality,
        bits_stored=first.bits_stored,
    )


def _first_dicom(folder: Path) -> Path:
    for file in sorted(folder.iterdir()):
        if file.is_file() and is_dicom(file):
            return file
    raise fault(folder, "series_empty")


@hookimpl
def register_readers() -> list[type[Reader]]:
    """The reader of this file."""
    return [DicomImageReader]
