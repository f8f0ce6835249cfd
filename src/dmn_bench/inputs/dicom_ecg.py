"""Reader `dicom-ecg`: DICOM waveform objects. Reference: DICOM PS3.3 A.34 and C.10.9."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..hookspecs import Reader, hookimpl
from ..vocabulary import Image, Signals
from .dicom_deidentify import allowed_elements, coded, minimal_dataset, place_in_study, write_dataset
from .dicom_file import DicomHeader, is_dicom, is_waveform, open_dicom, parsing
from .faults import MOST_DECODED_BYTES, fault, keys_of
from .leads import neutral_leads, standard_lead
from .new_uids import current_uids, new_uid
from .packages import package_version
from .units import millivolts_per

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset, FileDataset

# Bits and interpretation -> NumPy type; companded audio (MB, AB) is no ECG.
_TYPES = {(8, "SB"): "i1", (8, "UB"): "u1", (16, "SS"): "<i2", (16, "US"): "<u2", (32, "SL"): "<i4", (32, "UL"): "<u4"}
_MOST_CHANNELS = 256


@dataclass(frozen=True, kw_only=True)
class DicomEcgReader:
    """DICOM ECG: the rhythm group. A further group, such as the median beat that carts add, is not read."""

    name: ClassVar[str] = "dicom-ecg"
    gives: ClassVar[Literal["images", "signals"]] = "signals"

    def recognises(self, path: Path) -> bool:
        """Whether it is a DICOM file of a waveform class."""
        return path.is_file() and is_dicom(path) and is_waveform(path)

    def problems(self, path: Path) -> Sequence[str]:
        """Wording keys of everything that ``read`` refuses."""
        return keys_of(lambda: self.read(path))

    def header(self, path: Path) -> Mapping[str, str]:
        """Attributes of the file's root; empty ones are absent."""
        return DicomHeader(open_dicom(path, pixels=False), path)

    def read(self, path: Path) -> tuple[Sequence[Image], Signals | None, Sequence[str]]:
        """The rhythm group in millivolt; NaN where the padding value stands; usual lead names where they are known.

        Raises InputFileError if the group is missing, cut, of an unknown sample type or unit.
        """
        dataset = open_dicom(path, pixels=True)
        group = _rhythm_group(dataset, path)
        raw = _raw(dataset, group, path)
        with parsing(path, "waveform_damaged"):
            samples = raw.astype(np.float64)
            units = [_unit(channel) for channel in group.ChannelDefinitionSequence]
            leads = tuple(_lead(channel, place) for place, channel in enumerate(group.ChannelDefinitionSequence, 1))
            hz = float(group.SamplingFrequency)
            if len(units) != raw.shape[1] or not (np.isfinite(hz) and hz > 0):
                raise ValueError("another number of channel definitions than channels, or no sampling rate")
        for lead, (channel, unit) in enumerate(zip(group.ChannelDefinitionSequence, units, strict=True)):
            factor = millivolts_per(unit)
            if factor is None:
                raise fault(path, "unit_unknown", found=unit)
            with parsing(path, "waveform_damaged"):
                samples[:, lead] = _calibrated(samples[:, lead], channel) * factor
        with parsing(path, "waveform_damaged"):
            samples[_is_padding(group, raw)] = np.nan
        syntax = str(dataset.file_meta.TransferSyntaxUID)
        decoder = f"{syntax} pydicom {package_version('pydicom')}"
        return (), Signals(samples=samples, sampling_hz=hz, leads=leads), (decoder,)

    def deidentified_copy(self, path: Path, folder: Path, name: str) -> Sequence[Path]:
        """``name``.dcm: the rhythm group with its calibration and lead codes, under new UIDs; nothing else."""
        self.read(path)
        original = open_dicom(path, pixels=True)
        group = _rhythm_group(original, path)
        with parsing(path, "waveform_damaged"):
            copy = minimal_dataset(original)
            copy.WaveformSequence = [_minimal_group(original, group, path)]
            place_in_study(copy, original, current_uids(), new_uid())
        target = folder / f"{name}.dcm"
        write_dataset(copy, original, target)
        return (target,)


def _rhythm_group(dataset: FileDataset, path: Path) -> Dataset:
    with parsing(path, "waveform_damaged"):
        groups = list(dataset.get("WaveformSequence") or ())
        if not groups:
            raise fault(path, "waveform_missing")
        named = [group for group in groups if str(group.get("MultiplexGroupLabel", "")).strip().upper() == "RHYTHM"]
        rhythm: Dataset = (named or groups)[0]
        return rhythm


def _raw(dataset: FileDataset, group: Dataset, path: Path) -> NDArray[np.generic]:
    """Encoded values [samples, channels]."""
    with parsing(path, "waveform_damaged"):
        n_samples, n_channels = int(group.NumberOfWaveformSamples), int(group.NumberOfWaveformChannels)
        kind = _TYPES.get((int(group.WaveformBitsAllocated), str(group.WaveformSampleInterpretation)))
        if kind is None or not dataset.file_meta.TransferSyntaxUID.is_little_endian:
            raise fault(path, "waveform_kind_unknown")
        if n_samples < 1 or not 1 <= n_channels <= _MOST_CHANNELS:
            raise ValueError("no samples or no channels")
        if n_samples * n_channels * 8 > MOST_DECODED_BYTES:
            raise fault(path, "too_large")
        n_bytes = n_samples * n_channels * np.dtype(kind).itemsize
        data = group.WaveformData
        if len(data) < n_bytes:
            raise fault(path, "waveform_cut", expected=n_bytes, found=len(data))
        return np.frombuffer(data[:n_bytes], dtype=kind).reshape(n_samples, n_channels)


def _unit(channel: Dataset) -> str:
    units = channel.get("ChannelSensitivityUnitsSequence")
    return str(units[0].CodeValue) if units else ""


def _calibrated(values: NDArray[np.float64], channel: Dataset) -> NDArray[np.float64]:
    if "ChannelSensitivity" not in channel:
        raise ValueError("a channel without sensitivity")
    factor = float(channel.ChannelSensitivity) * float(channel.get("ChannelSensitivityCorrectionFactor") or 1)
    baseline = float(channel.get("ChannelBaseline") or 0)
    if not (np.isfinite(factor) and np.isfinite(baseline)):
        raise ValueError("a sensitivity that is not finite")
    return values * factor + baseline


def _lead(channel: Dataset, place: int) -> str:
    sources = channel.get("ChannelSourceSequence")
    written = str(sources[0].get("CodeMeaning", "")).strip() if sources else ""
    written = written or str(channel.get("ChannelLabel", "")).strip() or f"channel {place}"
    return standard_lead(written) or written


def _is_padding(group: Dataset, raw: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Boolean [samples, channels]: where the group's padding value stands; all False if it has none."""
    value = group.get("WaveformPaddingValue")
    if value is None or value == b"":
        return np.zeros(raw.shape, dtype=bool)
    if isinstance(value, bytes):
        value = np.frombuffer(value[: raw.dtype.itemsize], dtype=raw.dtype)[0]
    found: NDArray[np.bool_] = np.equal(raw, value)
    return found


def _minimal_group(original: FileDataset, group: Dataset, path: Path) -> Dataset:
    raw = _raw(original, group, path)
    copy = allowed_elements(group)
    data = raw.tobytes()
    copy.add_new("WaveformData", "OB" if raw.dtype.itemsize == 1 else "OW", data + b"\0" * (len(data) % 2))
    written = [_lead(channel, place) for place, channel in enumerate(group.ChannelDefinitionSequence, 1)]
    channels = [allowed_elements(channel) for channel in group.ChannelDefinitionSequence]
    for channel, source, lead in zip(channels, group.ChannelDefinitionSequence, neutral_leads(written), strict=True):
        channel.ChannelLabel = lead
        channel.ChannelSourceSequence = [coded(lead, "99DMNBENCH", lead)]
        unit = {1e-3: "uV", 1.0: "mV", 1e3: "V", 1e-6: "nV"}[float(millivolts_per(_unit(source)) or 1)]
        channel.ChannelSensitivityUnitsSequence = [coded(unit, "UCUM", unit)]
    copy.ChannelDefinitionSequence = channels
    return copy


@hookimpl
def register_readers() -> list[type[Reader]]:
    """The reader of this file."""
    return [DicomEcgReader]
