"""Recordings of the Shandong Provincial Hospital database: HDF5 files that hold samples and nothing else.

Twelve leads at 500 Hz in millivolt, in the usual order. Reference: Liu 2022, Sci Data 9:272. An HDF5 file does not say
what is in it, so this reader is not one of those that recognise files: whoever has the table of the database uses it.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import ClassVar, Literal

import numpy as np

from ..errors import InputFileError, MachineError, Problem
from ..vocabulary import Image, Signals
from .faults import MOST_DECODED_BYTES, fault, keys_of, reading
from .leads import STANDARD_12
from .packages import package_version
from .signal_copy import write_wfdb

SAMPLING_HZ = 500.0
DATASET = "ecg"
SIGNATURE = b"\x89HDF\r\n\x1a\n"


@dataclass(frozen=True, kw_only=True)
class SphReader:
    """One recording of the database, dataset ``ecg`` [leads, samples]."""

    name: ClassVar[str] = "sph-hdf5"
    gives: ClassVar[Literal["images", "signals"]] = "signals"

    def recognises(self, path: Path) -> bool:
        """Whether it is an HDF5 file at all."""
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            return stream.read(len(SIGNATURE)) == SIGNATURE

    def problems(self, path: Path) -> Sequence[str]:
        """Wording keys of everything that ``read`` refuses."""
        return keys_of(lambda: self.read(path))

    def header(self, path: Path) -> Mapping[str, str]:
        """Rate and size."""
        _, signals, _ = self.read(path)
        return {
            "SamplingFrequency": f"{SAMPLING_HZ:g}",
            "NumberOfWaveformSamples": str(len(signals.samples)),
            "NumberOfWaveformChannels": str(len(signals.leads)),
        }

    def read(self, path: Path) -> tuple[Sequence[Image], Signals, Sequence[str]]:
        """The twelve leads in millivolt, NaN where a value is not finite.

        Raises InputFileError if the file is no such recording, MachineError if the package h5py is not installed.
        """
        h5py = _h5py(path)
        with reading(path, "waveform_damaged"), h5py.File(path, "r") as opened:
            found = opened.get(DATASET)
            shape: tuple[int, ...] = getattr(found, "shape", ())
            if len(shape) != 2 or shape[0] != len(STANDARD_12) or shape[1] < 1 or found.dtype.kind != "f":
                raise InputFileError(Problem(key="ecg_import.not_twelve_leads", where=str(path)))
            if shape[0] * shape[1] * 8 * 2 > MOST_DECODED_BYTES:
                raise fault(path, "too_large")
            samples = np.asarray(found[()], dtype=np.float64).T
        samples[~np.isfinite(samples)] = np.nan
        signals = Signals(samples=samples, sampling_hz=SAMPLING_HZ, leads=STANDARD_12)
        return (), signals, (f"HDF5 h5py {package_version('h5py')}",)

    def deidentified_copy(self, path: Path, folder: Path, name: str) -> Sequence[Path]:
        """``name``.hea and ``name``.dat: the millivolts, nothing else."""
        _, signals, _ = self.read(path)
        return write_wfdb(signals, folder, name)


def _h5py(path: Path) -> ModuleType:
    try:
        return importlib.import_module("h5py")
    except ImportError:
        raise MachineError(Problem(key="ecg_import.no_h5py", where=str(path))) from None
