"""DICOM pixel data -> stored values: the one decoder for each transfer syntax, recorded, never a second try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import MachineError, Problem
from .codestream import FrameHeader, frame_header, is_whole
from .decoding_apart import decode_apart
from .dicom_file import parsing
from .faults import MOST_DECODED_BYTES, fault
from .packages import package_version

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pydicom import Dataset

_J = "1.2.840.10008.1.2.4."


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedDecoder:
    """The decoder for a transfer syntax: pydicom's plugin, the package that does the work, the extra that has it."""

    plugin: str  # "" where nothing is compressed
    package: str
    extra: str = ""  # "" where it is always installed
    processes: tuple[str, ...] = ()  # what a codestream must declare itself to be; () where there is no codestream
    apart: bool = False  # it is run in a process of its own: damaged files have made it end the process
    fills_up: bool = False  # it gives an image for a cut codestream, so that we must look whether it is whole


NATIVE = PlannedDecoder(plugin="", package="pydicom")
RLE = PlannedDecoder(plugin="pydicom", package="pydicom")
JPEG_8_BIT = PlannedDecoder(plugin="pillow", package="pillow", processes=("jpeg-c0", "jpeg-c1", "jpeg-c2"))
JPEG_12_BIT = PlannedDecoder(
    plugin="pylibjpeg", package="pylibjpeg-libjpeg", extra="codecs-gpl", processes=("jpeg-c0", "jpeg-c1")
)
JPEG_LOSSLESS = PlannedDecoder(
    plugin="gdcm",
    package="python-gdcm",
    extra="codecs",
    processes=("jpeg-c3", "jpeg-c1", "jpeg-c0"),
    apart=True,
    fills_up=True,
)
JPEG_LS = PlannedDecoder(plugin="pyjpegls", package="pyjpegls", extra="codecs", processes=("jpeg-ls",))
JPEG_2000 = PlannedDecoder(
    plugin="pylibjpeg", package="pylibjpeg-openjpeg", extra="codecs", processes=("jpeg-2000",), fills_up=True
)

JPEG_EXTENDED = _J + "51"
DECODERS: Mapping[str, PlannedDecoder] = {
    "1.2.840.10008.1.2": NATIVE,
    "1.2.840.10008.1.2.1": NATIVE,
    "1.2.840.10008.1.2.1.99": NATIVE,
    "1.2.840.10008.1.2.2": NATIVE,
    "1.2.840.10008.1.2.5": RLE,
    _J + "50": JPEG_8_BIT,
    JPEG_EXTENDED: JPEG_12_BIT,  # with 8 bits stored: JPEG_8_BIT
    _J + "57": JPEG_LOSSLESS,
    _J + "70": JPEG_LOSSLESS,
    _J + "80": JPEG_LS,
    _J + "81": JPEG_LS,
    _J + "90": JPEG_2000,
    _J + "91": JPEG_2000,
    _J + "201": JPEG_2000,
    _J + "202": JPEG_2000,
    _J + "203": JPEG_2000,
}


class Geometry(NamedTuple):
    """How many values the pixel data must hold, as the attributes say."""

    frames: int
    rows: int
    columns: int
    samples: int
    bits_allocated: int
    bits_stored: int


class StoredPixels(NamedTuple):
    """Decoded but otherwise untouched values."""

    values: NDArray[np.generic]  # [frames, rows, columns] or [frames, rows, columns, 3]
    photometric: str  # after decoding: YBR has become RGB
    decoder: str  # "1.2.840.10008.1.2.4.90 pylibjpeg-openjpeg 2.6.0"


def geometry(dataset: Dataset, path: Path) -> Geometry:
    """The size of the decoded pixels. Raises InputFileError if it is missing, senseless or beyond the memory limit."""
    if "PixelData" not in dataset and "Rows" not in dataset:
        raise fault(path, "dicom_no_pixels")
    with parsing(path, "dicom_bad_geometry"):
        found = Geometry(
            int(dataset.get("NumberOfFrames") or 1),
            int(dataset.Rows),
            int(dataset.Columns),
            int(dataset.get("SamplesPerPixel") or 1),
            int(dataset.BitsAllocated),
            int(dataset.get("BitsStored") or dataset.BitsAllocated),
        )
        high_bit = int(dataset.get("HighBit", found.bits_stored - 1))
    if min(found) < 1 or found.samples not in (1, 3) or not _bits_make_sense(found, high_bit):
        raise fault(path, "dicom_bad_geometry", found=str(tuple(found)))
    # YBR and palette conversions hold a second copy for a moment; the limit is on one.
    n_bytes = found.frames * found.rows * found.columns * found.samples * max(found.bits_allocated, 8) // 8
    if n_bytes > MOST_DECODED_BYTES:
        raise fault(path, "too_large", found=n_bytes)
    return found


def _bits_make_sense(found: Geometry, high_bit: int) -> bool:
    # PS3.5 8.1.1: the stored bits are the low ones. Other places are retired, and the library reads over them.
    fits = found.bits_stored <= found.bits_allocated and high_bit == found.bits_stored - 1
    return found.bits_allocated in (1, 8, 16, 32) and fits


def syntax_name(uid: str) -> str:
    """The name that the standard gives a transfer syntax; the UID itself of an unknown one.

    >>> syntax_name("1.2.840.10008.1.2.5")
    'RLE Lossless'
    """
    from pydicom.uid import UID

    return UID(uid).name


def planned_decoder(dataset: Dataset, path: Path) -> PlannedDecoder:
    """The decoder that the table names for this file.

    Raises InputFileError if none is planned for its transfer syntax, MachineError if the one planned is not installed.
    """
    from pydicom.pixels.decoders.base import get_decoder

    syntax = str(dataset.file_meta.TransferSyntaxUID)
    planned = DECODERS.get(syntax)
    if planned is None:
        raise fault(path, "dicom_no_decoder_planned", found=syntax)
    if syntax == JPEG_EXTENDED and dataset.get("BitsStored") == 8:
        planned = JPEG_8_BIT
    if planned.plugin and planned.plugin not in get_decoder(syntax).available_plugins:
        facts = {"syntax": syntax, "package": planned.package, "extra": planned.extra}
        raise MachineError(Problem(key="inputs.decoder_not_installed", where=str(path), facts=facts))
    return planned


def stored_pixels(dataset: Dataset, path: Path, *, apart: bool = False) -> StoredPixels:
    """Decode every frame with the planned decoder; colours become RGB, bit-packed data one value per pixel.

    ``apart``: a decoder that is no Python is run in a process of its own, for a file that nobody vouches for.
    Raises InputFileError if the data are cut, damaged, of another size than the attributes say, or too large;
    MachineError if the planned decoder is not installed.
    """
    size = geometry(dataset, path)
    if "PixelData" not in dataset:
        raise fault(path, "dicom_no_pixels")
    planned = planned_decoder(dataset, path)
    _check_frame_headers(dataset, size, planned, path)
    if planned.apart or (apart and planned not in (NATIVE, RLE)):
        values, photometric = decode_apart(path, planned.plugin)
    else:
        values, photometric = decoded_frames(dataset, planned.plugin, path)
    shape = (size.frames, size.rows, size.columns) + ((3,) if size.samples == 3 else ())
    with parsing(path, "dicom_pixels_damaged"):
        values = values.reshape(shape)
    decoder = f"{dataset.file_meta.TransferSyntaxUID} {planned.package} {package_version(planned.package)}"
    return StoredPixels(values, photometric, decoder)


def decoded_frames(dataset: Dataset, plugin: str, path: Path) -> tuple[NDArray[np.generic], str]:
    """Values as pydicom decodes them with this plugin, in the machine's byte order, and their photometric meaning."""
    from pydicom.pixels.decoders.base import get_decoder

    with parsing(path, "dicom_pixels_damaged"):
        # Frames beyond NumberOfFrames are not decoded.
        options: Any = {"allow_excess_frames": False}
        decoder = get_decoder(str(dataset.file_meta.TransferSyntaxUID))
        values, properties = decoder.as_array(dataset, decoding_plugin=plugin, **options)
        values = values.astype(values.dtype.newbyteorder("="), copy=False)
        return values, str(properties["photometric_interpretation"])


def coded_frames(dataset: Dataset, n_frames: int) -> list[bytes]:
    """The compressed frames of encapsulated pixel data, without offset tables. Use inside ``parsing``."""
    from pydicom.encaps import generate_frames

    extended = None
    if "ExtendedOffsetTable" in dataset and "ExtendedOffsetTableLengths" in dataset:
        extended = (dataset.ExtendedOffsetTable, dataset.ExtendedOffsetTableLengths)
    frames = generate_frames(dataset.PixelData, number_of_frames=n_frames, extended_offsets=extended)
    return [frame for _, frame in zip(range(n_frames), frames, strict=False)]


def _check_frame_headers(dataset: Dataset, size: Geometry, planned: PlannedDecoder, path: Path) -> None:
    """A decoder believes the codestream: one that contradicts the attributes could ask it for any amount of memory."""
    if not planned.processes:
        return
    with parsing(path, "dicom_pixels_damaged"):
        frames = coded_frames(dataset, size.frames)
        headers = [frame_header(frame) for frame in frames]
        whole = not planned.fills_up or all(is_whole(frame) for frame in frames)
    if len(frames) < size.frames or not whole:
        raise fault(path, "dicom_pixels_damaged", expected=size.frames, found=len(frames))
    for header in headers:
        if header is None or header.process not in planned.processes or not 2 <= header.bits <= size.bits_allocated:
            raise fault(path, "dicom_pixels_damaged", found="-" if header is None else header.process)
        if _shape(header) != (size.rows, size.columns, size.samples):
            raise fault(path, "dicom_size_differs", found=" x ".join(map(str, _shape(header))))


def _shape(header: FrameHeader) -> tuple[int, int, int]:
    return header.rows, header.columns, header.samples
