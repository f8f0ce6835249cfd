"""Reader `edf`: EDF, EDF+ (C and D) and BDF recordings; what each voltage signal holds, on one clock."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import numpy as np

from ..hookspecs import Reader, hookimpl
from ..vocabulary import Beats, Image, Signals
from .edf_header import (
    FIXED_BYTES,
    EdfHeader,
    EdfSignal,
    Noted,
    looks_like_edf,
    notes_of_record,
    persons_in,
    read_edf_header,
)
from .faults import MOST_DECODED_BYTES, fault, keys_of, reading
from .leads import standard_lead, usual_leads
from .packages import package_version
from .signal_copy import INVALID, CopiedSignals, write_blocks
from .units import millivolts_per

if TYPE_CHECKING:
    from numpy.typing import NDArray

_OTHER_KINDS = frozenset({"EEG", "EOG", "EMG", "ERG", "EP", "MEG", "MCG", "ECOG", "SEEG", "STATUS"})
"""First words of labels of voltages that are no ECG (EDF+, additional specification 3)."""
_ECG = ("ECG", "EKG")
_BEATS = "N L R B A a J S V r F e j n E / f Q ?"
_RHYTHMS = "(AB (AFIB (AFL (ASYS (B (BII (IVR (N (NOD (NOISE (P (PREX (SBR (SVTA (T (VF (VFIB (VFL (VT"
_BEAT_CODES, _RHYTHM_CODES = frozenset(_BEATS.split()), frozenset(_RHYTHMS.split())
_BLOCK_BYTES, _PAUSE_ROWS = 1 << 22, 1 << 18
_MOST_SECONDS = 31 * 86_400  # from the first sample to the last: pauses beyond it are damage


class Layout(NamedTuple):
    """What is read of a file: its signals, and the place of each data record on the clock of the recording."""

    header: EdfHeader
    signals: tuple[EdfSignal, ...]
    starts: NDArray[np.int64]

    @property
    def n_samples(self) -> int:
        """Samples of each signal, those of pauses counted."""
        return int(self.starts[-1]) + self.signals[0].n_per_record

    @property
    def sampling_hz(self) -> float:
        """Samples per second."""
        return float(self.header.rate(self.signals[0]))

    @property
    def leads(self) -> tuple[str, ...]:
        """Usual names where they are known."""
        return usual_leads([each.label or f"signal {n}" for n, each in enumerate(self.signals, 1)])


@dataclass(frozen=True, kw_only=True)
class EdfReader:
    """EDF, EDF+C, EDF+D and BDF: its ECG signals, else its voltages of no other kind; pauses of EDF+D are NaN.

    Other signals (oxygen saturation, respiration, EEG …) are not read; ``left_out`` names them. A value at the digital
    limit is a value: amplifiers saturate there, and nothing in the format marks a missing sample.
    """

    name: ClassVar[str] = "edf"
    gives: ClassVar[Literal["images", "signals"]] = "signals"

    def recognises(self, path: Path) -> bool:
        """Whether the first 256 bytes are an EDF or BDF header."""
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            return looks_like_edf(stream.read(FIXED_BYTES))

    def problems(self, path: Path) -> Sequence[str]:
        """Wording keys of everything that ``blocks`` refuses."""
        return keys_of(lambda: deque(self.blocks(path), maxlen=0))

    def header(self, path: Path) -> Mapping[str, str]:
        """SamplingFrequency, NumberOfWaveformSamples, -Channels; sex, age and device where EDF+ states them."""
        layout = _layout(path)
        return {
            **layout.header.patient,
            "SamplingFrequency": f"{layout.sampling_hz:.10g}",
            "NumberOfWaveformSamples": str(layout.n_samples),
            "NumberOfWaveformChannels": str(len(layout.signals)),
        }

    def persons(self, path: Path) -> Sequence[str]:
        """The line of the patient, and of the recording its number and technician."""
        return persons_in(path)

    def left_out(self, path: Path) -> tuple[str, ...]:
        """Labels of the signals that are not read, as written."""
        header = read_edf_header(path)
        read = _ecg_signals(header, path)
        return tuple(each.label for each in header.signals if each not in read and not each.is_annotations)

    def read(self, path: Path) -> tuple[Sequence[Image], Signals | None, Sequence[str]]:
        """The signals in millivolt, NaN in the pauses of EDF+D; usual lead names where they are known.

        Raises InputFileError if the file is cut, damaged or unfinished, holds no voltage, an ECG lead has no unit, or
        the signals differ in rate.
        """
        layout = _layout(path)
        if layout.n_samples * len(layout.signals) * 8 > MOST_DECODED_BYTES:
            raise fault(path, "recording_too_long")
        samples = np.empty((layout.n_samples, len(layout.signals)))
        begin = 0
        for block in _millivolts(path, layout):
            samples[begin : begin + len(block)] = block
            begin += len(block)
        signals = Signals(samples=samples, sampling_hz=layout.sampling_hz, leads=layout.leads)
        return (), signals, (f"{layout.header.kind} numpy {package_version('numpy')}",)

    def blocks(self, path: Path) -> Iterator[Signals]:
        """The same piece by piece."""
        layout = _layout(path)
        for block in _millivolts(path, layout):
            yield Signals(samples=block, sampling_hz=layout.sampling_hz, leads=layout.leads)

    def deidentified_copy(self, path: Path, folder: Path, name: str) -> Sequence[Path]:
        """A WFDB record ``name``.hea and ``name``.dat of the same values; no header text, date nor annotation."""
        layout = _layout(path)
        about = CopiedSignals(
            sampling_hz=layout.sampling_hz,
            leads=layout.leads,
            gains=tuple(_gain(each) for each in layout.signals),
            baselines=tuple(each.baseline for each in layout.signals),
            units=("mV",) * len(layout.signals),
        )
        return write_blocks(_stored_blocks(path, layout), about, folder, name)


def read_edf_annotations(path: Path) -> Beats:
    """The annotations of an EDF+ file that are beats or rhythms beyond doubt, ascending in time.

    A text that is a WFDB beat code ("N", "V" …) is that beat; one that is a WFDB rhythm ("(AFIB" …) is a rhythm change
    (symbol "+", the text as its note). All other texts are left out: what a site means by them is not known.
    Raises InputFileError if the file cannot be read or no annotation is either.
    """
    header = read_edf_header(path)
    signal = _ecg_signals(header, path)[0]
    hz, first = header.rate(signal), Fraction(0)
    found: list[tuple[int, str, str]] = []
    with reading(path, "annotations_damaged"):
        for record, notes in _notes(path, header):
            for place, note in enumerate(notes):
                if record == 0 and place == 0:
                    first = note.onset_s
                text = note.text.strip()
                if text in _BEAT_CODES:
                    found.append((round((note.onset_s - first) * hz), text, ""))
                elif text in _RHYTHM_CODES:
                    found.append((round((note.onset_s - first) * hz), "+", text))
        if any(sample < 0 for sample, *_ in found):
            raise ValueError("an annotation before the first sample")
    if not found:
        raise fault(path, "annotations_missing")
    found.sort(key=lambda each: each[0])
    samples, symbols, texts = zip(*found, strict=True)
    return Beats(
        samples=np.array(samples, dtype=np.int64), symbols=symbols, subtypes=(0,) * len(found), notes=tuple(texts)
    )


def _layout(path: Path) -> Layout:
    header = read_edf_header(path)
    signals = _ecg_signals(header, path)
    return Layout(header, signals, _record_starts(path, header, signals[0]))


def _gain(signal: EdfSignal) -> float:
    """Of stored * multiplier, per millivolt."""
    return signal.gain / float(millivolts_per(signal.unit) or 1)


def _ecg_signals(header: EdfHeader, path: Path) -> tuple[EdfSignal, ...]:
    """The signals that are read: known leads where there are any, else every voltage that is of no other kind."""
    ordinary = [each for each in header.signals if not each.is_annotations and _kind(each) not in _OTHER_KINDS]
    leads = [each for each in ordinary if standard_lead(each.label) or each.label.upper().startswith(_ECG)]
    for lead in leads:
        if millivolts_per(lead.unit) is None:
            raise fault(path, "unit_unknown", found=lead.unit)
    chosen = leads or [each for each in ordinary if millivolts_per(each.unit) is not None]
    if not chosen:
        raise fault(path, "edf_no_voltage")
    if len({each.n_per_record for each in chosen}) > 1:
        raise fault(path, "edf_several_rates")
    return tuple(chosen)


def _kind(signal: EdfSignal) -> str:
    return (signal.label.split() or [""])[0].upper()


def _records(path: Path, header: EdfHeader) -> NDArray[np.uint8]:
    """The bytes of the data records [records, bytes], on disk until they are touched."""
    n_bytes = header.record_samples * header.sample_bytes
    mapped: NDArray[np.uint8] = np.memmap(
        path, dtype=np.uint8, mode="r", offset=header.n_bytes, shape=(header.n_records, n_bytes)
    )
    return mapped


def _millivolts(path: Path, layout: Layout) -> Iterator[NDArray[np.float64]]:
    gains = np.array([_gain(each) for each in layout.signals])
    baselines = np.array([each.baseline for each in layout.signals])
    for stored in _stored_blocks(path, layout):
        yield np.where(stored == INVALID, np.nan, (stored - baselines) / gains)


def _stored_blocks(path: Path, layout: Layout) -> Iterator[NDArray[np.int64]]:
    """Stored values times multiplier [samples, signals], piece by piece; INVALID in the pauses."""
    header, signals, starts = layout
    records = _records(path, header)
    n_each = signals[0].n_per_record
    at_once = max(1, _BLOCK_BYTES // records.shape[1])
    breaks = np.flatnonzero(np.diff(starts) != n_each) + 1
    edges = np.unique(np.concatenate([breaks, np.arange(0, header.n_records, at_once), [header.n_records]]))
    done = 0
    for begin, end in itertools.pairwise(edges):
        for pause in range(done, int(starts[begin]), _PAUSE_ROWS):
            yield np.full((min(_PAUSE_ROWS, int(starts[begin]) - pause), len(signals)), INVALID, dtype=np.int64)
        block = np.empty(((end - begin) * n_each, len(signals)), dtype=np.int64)
        for column, signal in enumerate(signals):
            low = signal.place * header.sample_bytes
            part = records[begin:end, low : low + n_each * header.sample_bytes]
            block[:, column] = _whole_numbers(part, header.sample_bytes).ravel()
            block[:, column] *= signal.multiplier
        yield block
        done = int(starts[begin]) + len(block)


def _whole_numbers(part: NDArray[np.uint8], n_bytes: int) -> NDArray[np.int64]:
    """Little-endian numbers of two or three bytes with sign, [records, samples]."""
    if n_bytes == 2:
        return np.ascontiguousarray(part).view("<i2").astype(np.int64)
    split = np.ascontiguousarray(part).reshape(len(part), -1, n_bytes).astype(np.int64)
    values: NDArray[np.int64] = sum(split[..., byte] << (8 * byte) for byte in range(n_bytes))  # type: ignore[assignment]
    half = 1 << (8 * n_bytes - 1)
    return (values ^ half) - half


def _notes(path: Path, header: EdfHeader) -> Iterator[tuple[int, list[Noted]]]:
    """(record, its annotations), those of several annotation signals one after the other."""
    records = _records(path, header)
    places = [
        (each.place * header.sample_bytes, (each.place + each.n_per_record) * header.sample_bytes)
        for each in header.signals
        if each.is_annotations
    ]
    for record in range(header.n_records):
        yield record, [note for low, high in places for note in notes_of_record(records[record, low:high].tobytes())]


def _record_starts(path: Path, header: EdfHeader, signal: EdfSignal) -> NDArray[np.int64]:
    """The place of the first sample of each data record on the clock of the recording, which begins with the first.

    Raises InputFileError if EDF+ does not say when a record begins, records overlap, or EDF+C has pauses.
    """
    regular = np.arange(header.n_records, dtype=np.int64) * signal.n_per_record
    if "+" not in header.kind:
        return regular
    with reading(path, "edf_bad_times"):
        onsets = [notes[0].onset_s if notes else None for _, notes in _notes(path, header)]
        if onsets[0] is None:
            raise ValueError("a record that does not say when it begins")
        hz = header.rate(signal)
        starts = np.array([round((onset - onsets[0]) * hz) for onset in onsets], dtype=np.int64)  # type: ignore[operator]
    if (np.diff(starts) < signal.n_per_record - 1).any():
        raise fault(path, "edf_bad_times", found="overlap")
    if not header.kind.endswith("D"):
        if np.abs(starts - regular).max() > 1:
            raise fault(path, "edf_bad_times", found="pause")
        return regular
    if starts[-1] > _MOST_SECONDS * hz:
        raise fault(path, "edf_bad_times", found="a month")
    # Onsets are rounded: a record that seems to begin one sample off its predecessor's end follows it.
    steps = np.diff(starts)
    steps = np.where(np.abs(steps - signal.n_per_record) <= 1, signal.n_per_record, steps)
    return np.concatenate([[0], np.cumsum(steps)]).astype(np.int64)


@hookimpl
def register_readers() -> list[type[Reader]]:
    """The reader of this file."""
    return [EdfReader]
