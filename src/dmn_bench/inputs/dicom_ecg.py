"""Reader `dicom-ecg`: DICOM waveform objects (12-lead, general and ambulatory ECG).

Reference: DICOM PS3.3 A.34 and C.10.9.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import numpy as np

from ..hookspecs import Reader, hookimpl
from ..vocabulary import EcgReport, Image, Signals
from .dicom_deidentify import allowed_elements, coded, minimal_dataset, place_in_study, write_dataset
from .dicom_ecg_report import read_report
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


_NO_RHYTHM = re.compile("MEDIAN|AVERAGE|MEAN|TEMPLATE|REPRESENTATIVE|BEAT", re.IGNORECASE)
"""Labels of groups that show no recording, but the one beat that a cart made of it."""


class _Placed(NamedTuple):
    """One multiplex group: its leads, its values in millivolt, and where each lead begins."""

    item: Dataset
    leads: tuple[str, ...]
    samples: NDArray[np.float64]  # [samples, leads]
    begins: tuple[int, ...]  # of each lead, in samples of the recording


@dataclass(frozen=True, kw_only=True)
class DicomEcgReader:
    """DICOM ECG: the rhythm. A group such as the median beat that carts add is not read.

    Groups that follow each other (an ambulatory recording with pauses, leads shown in turn) are one recording, NaN
    where a lead was not recorded.
    """

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

    def report(self, path: Path) -> EcgReport:
        """The statements and measurements of the Waveform Annotation Sequence, without those that name a person."""
        return read_report(open_dicom(path, pixels=True), path)

    def read(self, path: Path) -> tuple[Sequence[Image], Signals | None, Sequence[str]]:
        """The rhythm in millivolt; NaN where the padding value stands; usual lead names where they are known.

        A channel that is skewed by half a sample or more begins so many samples later.
        Raises InputFileError if there is no rhythm, or it is cut, of an unknown sample type or unit, or its groups
        differ in rate or show one lead twice at one time.
        """
        dataset = open_dicom(path, pixels=True)
        groups = _rhythm(dataset, path)
        hz = _rate(groups[0].item, path)
        leads = tuple(dict.fromkeys(lead for group in groups for lead in group.leads))
        first = min(begin for group in groups for begin in group.begins)
        end = max(begin + len(group.samples) for group in groups for begin in group.begins)
        if (end - first) * len(leads) * 8 > MOST_DECODED_BYTES:
            raise fault(path, "too_large")
        samples = np.full((end - first, len(leads)), np.nan)
        for group in groups:
            for column, (lead, begin) in enumerate(zip(group.leads, group.begins, strict=True)):
                place = slice(begin - first, begin - first + len(group.samples))
                samples[place, leads.index(lead)] = group.samples[:, column]
        syntax = str(dataset.file_meta.TransferSyntaxUID)
        decoder = f"{syntax} pydicom {package_version('pydicom')}"
        return (), Signals(samples=samples, sampling_hz=hz, leads=leads), (decoder,)

    def deidentified_copy(self, path: Path, folder: Path, name: str) -> Sequence[Path]:
        """``name``.dcm: the rhythm with its calibration and lead codes, under new UIDs; nothing else."""
        self.read(path)
        original = open_dicom(path, pixels=True)
        groups = _rhythm(original, path)
        with parsing(path, "waveform_damaged"):
            copy = minimal_dataset(original)
            copy.WaveformSequence = [_minimal_group(original, group.item, path) for group in groups]
            place_in_study(copy, original, current_uids(), new_uid())
        target = folder / f"{name}.dcm"
        write_dataset(copy, original, target)
        return (target,)


def _rhythm(dataset: FileDataset, path: Path) -> list[_Placed]:
    """The groups of the rhythm, each lead at most once at one time.

    Those that are called RHYTHM must fit together. Where none is, the first that shows no single beat is read, with
    those that continue it.
    """
    chosen, is_named = _chosen(dataset, path)
    hz = _rate(chosen[0], path)
    found: list[_Placed] = []
    taken: dict[str, list[tuple[int, int]]] = {}
    for item in chosen:
        if _rate(item, path) != hz:
            if is_named:
                raise fault(path, "waveform_several_rates")
            continue
        group = _after(_placed(dataset, item, hz, path), taken)
        if group is not None:
            found.append(group)
        elif is_named:
            raise fault(path, "waveform_groups_overlap")
    return found


def _chosen(dataset: FileDataset, path: Path) -> tuple[list[Dataset], bool]:
    """The groups that may be the rhythm, at least one, and whether they are called so."""
    with parsing(path, "waveform_damaged"):
        items = list(dataset.get("WaveformSequence") or ())
        labels = [str(item.get("MultiplexGroupLabel") or "").strip().upper() for item in items]
        named = [item for item, label in zip(items, labels, strict=True) if label == "RHYTHM"]
        chosen = named or [item for item, label in zip(items, labels, strict=True) if not _NO_RHYTHM.search(label)]
        for item in items:  # of a file that was cut the last group lacks something, perhaps the label itself
            n_values = int(item.NumberOfWaveformSamples) * int(item.NumberOfWaveformChannels)
            is_read = any(item is one for one in chosen)
            if not is_read and len(item.WaveformData) * 8 < n_values * int(item.WaveformBitsAllocated):
                raise fault(path, "waveform_cut")
    if not chosen:
        raise fault(path, "waveform_missing")
    return chosen, bool(named)


def _after(group: _Placed, taken: dict[str, list[tuple[int, int]]]) -> _Placed | None:
    """The group, its times noted as taken; None if a lead has samples there. One sample too early is rounding."""
    begins = []
    for lead, begin in zip(group.leads, group.begins, strict=True):
        starts = [end for low, end in taken.get(lead, ()) if begin < end and low < begin + len(group.samples)]
        if any(end - begin > 1 for end in starts):
            return None
        begins.append(max((begin, *starts)))
    if len(set(group.leads)) < len(group.leads):
        return None
    for lead, begin in zip(group.leads, begins, strict=True):
        taken.setdefault(lead, []).append((begin, begin + len(group.samples)))
    return group._replace(begins=tuple(begins))


def _rate(item: Dataset, path: Path) -> float:
    with parsing(path, "waveform_damaged"):
        hz = float(item.SamplingFrequency)
        if not (np.isfinite(hz) and hz > 0):
            raise ValueError("no sampling rate")
        return hz


def _placed(dataset: FileDataset, item: Dataset, hz: float, path: Path) -> _Placed:
    raw = _raw(dataset, item, path)
    with parsing(path, "waveform_damaged"):
        channels = list(item.ChannelDefinitionSequence)
        units = [_unit(channel) for channel in channels]
        leads = tuple(_lead(channel, place) for place, channel in enumerate(channels, 1))
        if len(units) != raw.shape[1]:
            raise ValueError("another number of channel definitions than channels")
        offset = float(item.get("MultiplexGroupTimeOffset") or 0) / 1000 * hz
        begins = tuple(round(offset + _skew(channel, hz)) for channel in channels)
        if max(map(abs, begins)) > MOST_DECODED_BYTES:
            raise ValueError("a group that begins at no time of a recording")
        samples = raw.astype(np.float64)
        is_padding = _is_padding(item, raw)
    for place, (channel, unit) in enumerate(zip(channels, units, strict=True)):
        factor = millivolts_per(unit)
        if factor is None:
            raise fault(path, "unit_unknown", found=unit)
        with parsing(path, "waveform_damaged"):
            samples[:, place] = _calibrated(samples[:, place], channel) * factor
    samples[is_padding] = np.nan
    return _Placed(item, leads, samples, begins)


def _skew(channel: Dataset, hz: float) -> float:
    """Samples by which a channel begins after its group; channels digitised one after the other differ by parts."""
    samples, seconds = channel.get("ChannelSampleSkew"), channel.get("ChannelTimeSkew")
    if samples not in (None, ""):
        return float(samples)
    return 0.0 if seconds in (None, "") else float(seconds) * hz


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


def _padding(group: Dataset, raw: NDArray[np.generic]) -> bytes:
    """The group's padding value as its samples are stored; b"" if it has none."""
    value = group.get("WaveformPaddingValue")
    if value is None or value == b"":
        return b""
    stored = value if isinstance(value, bytes) else np.array(value).astype(raw.dtype).tobytes()
    return bytes(stored[: raw.dtype.itemsize])


def _is_padding(group: Dataset, raw: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Boolean [samples, channels]: where the group's padding value stands; all False if it has none."""
    padding = _padding(group, raw)
    if not padding:
        return np.zeros(raw.shape, dtype=bool)
    found: NDArray[np.bool_] = np.equal(raw, np.frombuffer(padding, dtype=raw.dtype)[0])
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
    if offset := float(group.get("MultiplexGroupTimeOffset") or 0):
        copy.MultiplexGroupTimeOffset = f"{offset:.10g}"
    if padding := _padding(group, raw):
        copy.add_new("WaveformPaddingValue", copy["WaveformData"].VR, padding + b"\0" * (len(padding) % 2))
    return copy


@hookimpl
def register_readers() -> list[type[Reader]]:
    """The reader of this file."""
    return [DicomEcgReader]
