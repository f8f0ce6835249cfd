"""The smallest legal files of each format, made on the spot; an argument takes what matters to a test."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from pydicom import Dataset
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

DX = "1.2.840.10008.5.1.4.1.1.1.1"
ECG_12_LEAD = "1.2.840.10008.5.1.4.1.1.9.1.1"
LITTLE = str(ExplicitVRLittleEndian)


def a_dataset(sop_class: str = DX, syntax: str = LITTLE) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = generate_uid(prefix=None)
    meta.TransferSyntaxUID = syntax
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    dataset.StudyInstanceUID = generate_uid(prefix=None)
    dataset.SeriesInstanceUID = generate_uid(prefix=None)
    return dataset


def an_image(pixels: np.ndarray, **attributes: object) -> FileDataset:
    """``pixels``: [rows, columns], [frames, rows, columns] with NumberOfFrames, or [rows, columns, 3] for RGB."""
    colour = pixels.shape[-1] == 3 and pixels.dtype == np.uint8 and attributes.get("SamplesPerPixel") == 3
    size = pixels.shape[-3:-1] if colour else pixels.shape[-2:]
    dataset = a_dataset()
    dataset.Modality = "DX"
    dataset.SamplesPerPixel = 3 if colour else 1
    dataset.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if colour:
        dataset.PlanarConfiguration = 0
    dataset.Rows, dataset.Columns = size
    bits = pixels.dtype.itemsize * 8
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = bits, bits, bits - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    dataset.HighBit = dataset.BitsStored - 1
    data = pixels.tobytes()
    dataset.add_new("PixelData", "OW" if bits > 8 else "OB", data + b"\0" * (len(data) % 2))
    return dataset


def saved(dataset: FileDataset, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


def a_lut(entries: list[int], first: int = 0, bits: int = 16) -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [len(entries), first, bits])
    item.add_new("LUTData", "OW", np.array(entries, dtype="<u2").tobytes())
    return item


def a_slice(values: np.ndarray, z_mm: float, series: str, **attributes: object) -> FileDataset:
    return an_image(
        values,
        **{
            "Modality": "CT",
            "SeriesInstanceUID": series,
            "ImagePositionPatient": [0, 0, z_mm],
            "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
            "PixelSpacing": [0.5, 0.25],
            **attributes,
        },
    )


def an_ecg(
    samples: np.ndarray,
    *,
    unit: str = "uV",
    leads: tuple[str, ...] = ("Lead I (Einthoven)", "Lead II"),
    **group: object,
) -> FileDataset:
    """``samples``: int16 [samples, leads]. One rhythm group; sensitivity 2 units per step."""
    dataset = a_dataset(ECG_12_LEAD)
    dataset.Modality = "ECG"
    item = Dataset()
    item.WaveformOriginality = "ORIGINAL"
    item.NumberOfWaveformChannels = samples.shape[1]
    item.NumberOfWaveformSamples = samples.shape[0]
    item.SamplingFrequency = 500
    item.MultiplexGroupLabel = "RHYTHM"
    item.WaveformBitsAllocated = 16
    item.WaveformSampleInterpretation = "SS"
    item.ChannelDefinitionSequence = [_channel(unit, lead) for lead in leads]
    for keyword, value in group.items():
        setattr(item, keyword, value)
    item.add_new("WaveformData", "OW", samples.astype("<i2").tobytes())
    dataset.WaveformSequence = [item]
    return dataset


def _channel(unit: str, lead: str) -> Dataset:
    channel, units, source = Dataset(), Dataset(), Dataset()
    units.CodeValue, units.CodingSchemeDesignator, units.CodeMeaning = unit, "UCUM", unit
    source.CodeValue, source.CodingSchemeDesignator, source.CodeMeaning = "2:1", "MDC", lead
    channel.ChannelSourceSequence = [source]
    channel.ChannelSensitivity = 2
    channel.ChannelSensitivityUnitsSequence = [units]
    channel.ChannelSensitivityCorrectionFactor = 1
    channel.ChannelBaseline = 0
    channel.WaveformBitsStored = 16
    return channel


def a_record(
    folder: Path,
    samples: np.ndarray,
    *,
    name: str = "r01",
    line: str | None = None,
    gain: str = "200(0)/mV",
    leads: tuple[str, ...] = ("MLII", "V1"),
    checksums: tuple[int, ...] | None = None,
    comments: str = "",
) -> Path:
    """A WFDB record in format 16; ``samples``: int16 [samples, leads]. The path of its header."""
    folder.mkdir(parents=True, exist_ok=True)
    sums = checksums or tuple(int(samples[:, k].astype(int).sum()) % 65536 for k in range(samples.shape[1]))
    lines = [line or f"{name} {samples.shape[1]} 360 {samples.shape[0]}"]
    for lead, label in enumerate(leads):
        lines.append(f"{name}.dat 16 {gain} 16 0 {samples[0, lead]} {sums[lead]} 0 {label}")
    (folder / f"{name}.hea").write_text("\n".join(lines) + "\n" + comments)
    (folder / f"{name}.dat").write_bytes(samples.astype("<i2").tobytes())
    return folder / f"{name}.hea"


def a_picture(path: Path, pixels: np.ndarray, **options: object) -> Path:
    PillowImage.fromarray(pixels).save(path, **options)
    return path


def a_jpeg_frame_header(rows: int, columns: int) -> bytes:
    return b"\xff\xd8\xff\xc0" + struct.pack(">HBHHB", 11, 8, rows, columns, 1) + b"\x01\x11\x00\xff\xd9"


def a_jpeg_lossless(pixels: np.ndarray, path: Path, **attributes: object) -> Path:
    """The same image in JPEG lossless, first-order prediction (1.2.840.10008.1.2.4.70)."""
    import gdcm

    native = saved(an_image(pixels, **attributes), path.with_suffix(".native"))
    reader, change, writer = gdcm.ImageReader(), gdcm.ImageChangeTransferSyntax(), gdcm.ImageWriter()
    reader.SetFileName(str(native))
    assert reader.Read()
    change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGLosslessProcess14_1))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer.SetFileName(str(path))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    return path
