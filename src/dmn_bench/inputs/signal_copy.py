"""A recording written as a WFDB record that says nothing of who was recorded, whatever format it came in.

Reference: WFDB Applications Guide, header(5) and signal(5).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..files import write_atomically
from ..vocabulary import Signals
from .faults import fault
from .leads import neutral_leads

if TYPE_CHECKING:
    from numpy.typing import NDArray

INVALID = -(2**31)
"""The mark of an invalid sample in format 32."""
LARGEST = 2**31 - 1
FINEST_GAIN = 1e6  # adu/mV: what is rounded to it is off by half a nanovolt at most
ROWS_PER_BLOCK = 1 << 16


@dataclass(frozen=True, kw_only=True)
class CopiedSignals:
    """What the header of a copy says: rate, leads, and per lead adu per unit, baseline and unit (mV, uV, V, nV)."""

    sampling_hz: float
    leads: tuple[str, ...]
    gains: tuple[float, ...]
    baselines: tuple[int, ...]
    units: tuple[str, ...]


def write_wfdb(
    signals: Signals,
    folder: Path,
    name: str,
    *,
    digital: NDArray[np.integer] | None = None,
    gains: Sequence[float] | None = None,
    baselines: Sequence[int] | None = None,
) -> tuple[Path, Path]:
    """``name``.hea and ``name``.dat in format 32: leads by their standard names, no comment, date nor other name.

    ``digital`` [samples, leads] with ``gains`` (adu/mV) and ``baselines`` (adu, 0 where they are not given): the values
    as the device stored them, copied as they are where they fit 32 bits (their lowest value is the mark of an invalid
    sample). Without them the millivolts are rounded to 1 nV or finer, more coarsely only where a value of more than
    2 V would not fit. A sample that is NaN in ``signals`` bears the format's mark of an invalid sample.
    Raises ValueError where the parts do not fit each other, MachineError where the disk is full.

    >>> import tempfile
    >>> signals = Signals(samples=np.array([[0.5], [np.nan]]), sampling_hz=250.0, leads=("AVR",))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     hea, dat = write_wfdb(signals, Path(folder), "record-1")
    ...     print(hea.read_text())
    record-1 1 250.0 2
    record-1.dat 32 1000000.0(0)/mV 32 0 500000 41248 0 aVR
    <BLANKLINE>
    """
    n_leads = signals.samples.shape[1]
    if digital is None:
        chosen = tuple(_gain(signals.samples[:, lead]) for lead in range(n_leads))
        zeros = (0,) * n_leads
    else:
        chosen = tuple(float(gain) for gain in gains or ())
        zeros = (0,) * n_leads if baselines is None else tuple(int(zero) for zero in baselines)
        if digital.shape != signals.samples.shape:
            raise ValueError("digital values of another shape than the signals")
    about = CopiedSignals(
        sampling_hz=signals.sampling_hz, leads=signals.leads, gains=chosen, baselines=zeros, units=("mV",) * n_leads
    )
    return write_blocks(_blocks(signals.samples, digital, chosen), about, folder, name)


def write_blocks(
    blocks: Iterable[NDArray[np.int64]], about: CopiedSignals, folder: Path, name: str
) -> tuple[Path, Path]:
    """The same from blocks of digital values [samples, leads] one after the other, so that a long recording fits.

    ``INVALID`` marks an invalid sample, also what lies beyond 32 bits becomes it. Raises as ``write_wfdb``.
    """
    if not len(about.leads) == len(about.gains) == len(about.baselines) == len(about.units):
        raise ValueError("another number of gains or baselines than leads")
    if not all(np.isfinite(gain) and gain for gain in (*about.gains, about.sampling_hz)):
        raise ValueError("a gain or rate that is zero or no number")
    n_leads = len(about.leads)
    sums = np.zeros(n_leads, dtype=np.int64)
    first: list[int] = []
    n_samples = 0

    def stored() -> Iterator[bytes]:
        nonlocal n_samples
        for block in blocks:
            fits = (block >= INVALID) & (block <= LARGEST)
            values = np.where(fits, block, INVALID)
            sums[:] += values.sum(axis=0, dtype=np.int64)
            if not first and len(values):
                first.extend(int(value) for value in values[0])
            n_samples += len(values)
            yield values.astype("<i4").tobytes()

    hea, dat = folder / f"{name}.hea", folder / f"{name}.dat"
    write_atomically(dat, stored())
    lines = [f"{name} {n_leads} {float(about.sampling_hz)!r} {n_samples}"]
    for lead, neutral in enumerate(neutral_leads(about.leads)):
        calibration = f"{float(about.gains[lead])!r}({about.baselines[lead]})/{about.units[lead]}"
        facts = f"32 0 {first[lead] if first else 0} {int(sums[lead]) % 65536} 0"
        lines.append(f"{name}.dat 32 {calibration} {facts} {neutral}")
    write_atomically(hea, "\n".join(lines) + "\n")
    return hea, dat


def write_millivolts(blocks: Iterable[Signals], folder: Path, name: str, *, source: Path) -> tuple[Path, Path]:
    """The same of a recording that comes in pieces in millivolt, rounded to a nanovolt. ``source``: named where wrong.

    Raises InputFileError for a voltage beyond 2 V, or a recording without samples.
    """
    coming = iter(blocks)
    first = next(coming, None)
    if first is None:
        raise fault(source, "ecg_waveform_missing")
    n = len(first.leads)
    about = CopiedSignals(
        sampling_hz=first.sampling_hz,
        leads=first.leads,
        gains=(FINEST_GAIN,) * n,
        baselines=(0,) * n,
        units=("mV",) * n,
    )
    every = itertools.chain([first], coming)
    return write_blocks((nanovolts(block.samples, source) for block in every), about, folder, name)


def nanovolts(millivolts: NDArray[np.float64], source: Path) -> NDArray[np.int64]:
    """Values at FINEST_GAIN, ``INVALID`` where there is none. Raises InputFileError for a voltage beyond 2 V."""
    is_valid = np.isfinite(millivolts)
    values = np.rint(np.where(is_valid, millivolts, 0.0) * FINEST_GAIN)
    if np.abs(values).max(initial=0.0) > LARGEST:
        raise fault(source, "voltage_excessive")
    return np.where(is_valid, values, INVALID).astype(np.int64)


def rename_record(header: Path, name: str) -> None:
    """Write another name into the header of a copy; its files are renamed by whoever asks for it."""
    old = header.stem
    lines = header.read_text(encoding="utf-8").splitlines()
    renamed = (name + line.removeprefix(old) if line.startswith(old) else line for line in lines)
    write_atomically(header, "\n".join(renamed) + "\n")


def _gain(values: NDArray[np.float64]) -> float:
    """The finest of 1e6, 1e5, 1e4 … adu/mV at which every value fits 32 bits."""
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max(initial=0.0))
    gain = FINEST_GAIN
    while largest * gain > LARGEST:
        gain /= 10
    return gain


def _blocks(
    samples: NDArray[np.float64], digital: NDArray[np.integer] | None, gains: Sequence[float]
) -> Iterator[NDArray[np.int64]]:
    for start in range(0, len(samples), ROWS_PER_BLOCK):
        part = samples[start : start + ROWS_PER_BLOCK]
        is_valid = np.isfinite(part)
        if digital is None:
            values = np.rint(np.where(is_valid, part, 0.0) * np.asarray(gains)).astype(np.int64)
        else:
            values = digital[start : start + ROWS_PER_BLOCK].astype(np.int64)
        yield np.where(is_valid, values, INVALID)
