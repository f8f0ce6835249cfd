"""DICOM grey values as a device is meant to see them: modality LUT, VOI LUT or window, inversion, in this order.

Reference: DICOM PS3.3 C.11.1 (modality LUT), C.11.2 (VOI LUT and window), C.7.6.3.1.2 (MONOCHROME1).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from .dicom_file import frame_value, parsing
from .faults import fault

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset

    Values = NDArray[np.float64]

Voi = Literal["auto", "applied", "none"]
VOLUME_MODALITIES = frozenset({"CT", "MR", "PT", "NM"})
"""Modalities whose values stay as measured under ``voi="auto"``: their devices window for themselves."""
_TABLE_BITS = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Lut:
    """A look-up table: entry 0 stands for every value up to ``first``, the last one for every value beyond."""

    first: int
    entries: NDArray[np.float64]
    bits: int  # the fewest that hold its largest entry: the range of its output is 0 to 2**bits - 1

    def __call__(self, values: Values) -> Values:
        """The entries for these values."""
        index = np.clip(np.rint(values) - self.first, 0, len(self.entries) - 1).astype(np.int64)
        found: Values = self.entries[index]
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Centre and width on modality values, and the function between its ends."""

    centre: float
    width: float  # LINEAR: >= 1; LINEAR_EXACT, SIGMOID: > 0
    function: Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]

    def __call__(self, values: Values) -> Values:
        """Shares of the output range, 0 to 1. Reference: PS3.3 C.11.2.1.2 and C.11.2.1.3.

        >>> Window(centre=2048, width=4096, function="LINEAR")(np.array([0.0, 4095.0]))
        array([0., 1.])
        """
        if self.function == "SIGMOID":
            return 1 / (1 + np.exp(np.clip(-4 * (values - self.centre) / self.width, -700, 700)))
        if self.function == "LINEAR_EXACT":
            return np.clip((values - self.centre) / self.width + 0.5, 0, 1)
        if self.width == 1:
            return (values > self.centre - 0.5).astype(np.float64)
        return np.clip((values - (self.centre - 0.5)) / (self.width - 1) + 0.5, 0, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class GreyRule:
    """Everything that turns the stored values of one frame into grey values."""

    low: int  # range of stored values
    high: int
    slope: float
    intercept: float
    modality_lut: Lut | None
    voi: Lut | Window | None
    inverted: bool
    bits: int  # of the output after a VOI step

    def __call__(self, stored: Values) -> Values:
        """Grey values of stored values, before rounding to the output type."""
        values = self._modality(stored)
        if isinstance(self.voi, Lut):
            values = self.voi(values)
        elif self.voi is not None:
            # Halves go up: rounding to even would merge neighbours where a window is off by half a step.
            values = np.floor(self.voi(values) * (2**self.bits - 1) + 0.5)
        if not self.inverted:
            return values
        low, high = self.output_range()
        return low + high - values

    def output_range(self) -> tuple[float, float]:
        """The smallest and largest grey value that the rule can give."""
        if self.voi is not None:
            return 0.0, float(2**self.bits - 1)
        if self.modality_lut is not None:
            return 0.0, float(2**self.modality_lut.bits - 1)
        ends = self._modality(np.array([self.low, self.high], dtype=np.float64))
        return float(ends.min()), float(ends.max())

    def output_type(self) -> np.dtype[np.generic]:
        """uint8 or uint16 after a VOI step or LUT; else the smallest of (u)int8/16, int32 that holds it, or float32."""
        low, high = self.output_range()
        if self.voi is None and not (self.slope.is_integer() and self.intercept.is_integer()):
            return np.dtype(np.float32)
        for name in ("uint8", "uint16", "int16", "int32", "uint32"):
            limits = np.iinfo(name)
            if limits.min <= low and high <= limits.max:
                return np.dtype(name)
        return np.dtype(np.float32)

    def _modality(self, stored: Values) -> Values:
        if self.modality_lut is not None:
            return self.modality_lut(stored)
        return stored * self.slope + self.intercept


def applies_voi(dataset: Dataset, voi: Voi) -> bool:
    """Whether VOI LUT or window are applied to this file's values."""
    return voi == "applied" or (voi == "auto" and str(dataset.get("Modality", "")) not in VOLUME_MODALITIES)


def grey_rule(dataset: Dataset, frame: int, *, voi: Voi, path: Path) -> GreyRule:
    """The rule for one frame (from 0). A VOI LUT goes before a window, the first of several is taken.

    MONOCHROME1 is inverted, whatever PresentationLUTShape says.
    Raises InputFileError if a table or a needed window makes no sense.
    """
    with parsing(path, "dicom_bad_lut"):
        bits = int(dataset.get("BitsStored") or dataset.BitsAllocated)
        signed = int(dataset.get("PixelRepresentation") or 0) == 1
        low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
        modality_lut = _lut(dataset, dataset.get("ModalityLUTSequence"))
        slope = frame_value(dataset, frame, "PixelValueTransformationSequence", "RescaleSlope")
        intercept = frame_value(dataset, frame, "PixelValueTransformationSequence", "RescaleIntercept")
        slope, intercept = (1.0 if slope is None else float(slope)), (0.0 if intercept is None else float(intercept))  # type: ignore[arg-type]
        if not (np.isfinite(slope) and np.isfinite(intercept)) or slope == 0:
            raise ValueError("a rescale slope of 0 or an infinite one")
        step = _voi(dataset, frame) if applies_voi(dataset, voi) else None
    if isinstance(step, Window) and step.width < (1 if step.function == "LINEAR" else np.finfo(float).tiny):
        raise fault(path, "dicom_bad_window", found=step.width)
    return GreyRule(
        low=low,
        high=high,
        slope=slope,
        intercept=intercept,
        modality_lut=modality_lut,
        voi=step,
        inverted=str(dataset.get("PhotometricInterpretation", "")) == "MONOCHROME1",
        bits=step.bits if isinstance(step, Lut) else min(bits, _TABLE_BITS),
    )


def grey_values(stored: NDArray[np.generic], rule: GreyRule) -> NDArray[np.generic]:
    """Apply the rule to stored integers of any shape: by a table of all of them where they have 16 bits or less.

    Every stored value must lie between ``rule.low`` and ``rule.high``. Where the rule changes nothing the result is
    ``stored`` itself.
    """
    kind = rule.output_type()
    if rule.high - rule.low < 2**_TABLE_BITS:
        every = np.arange(rule.low, rule.high + 1, dtype=np.float64)
        table = rule(every).astype(kind)
        if stored.dtype == kind and np.array_equal(table, every):  # nothing changes
            return stored
        places: NDArray[Any] = stored if rule.low == 0 else stored.astype(np.int64) - rule.low
        found: NDArray[np.generic] = table.take(places)
        return found
    return rule(stored.astype(np.float64)).astype(kind)


def _voi(dataset: Dataset, frame: int) -> Lut | Window | None:
    lut = _lut(dataset, dataset.get("VOILUTSequence"))
    if lut is not None:
        return lut
    macro = "FrameVOILUTSequence"
    centre = _first(frame_value(dataset, frame, macro, "WindowCenter"))
    width = _first(frame_value(dataset, frame, macro, "WindowWidth"))
    if centre is None or width is None:
        return None
    if not (np.isfinite(centre) and np.isfinite(width)):
        raise ValueError("a window that is not finite")
    function = str(frame_value(dataset, frame, macro, "VOILUTFunction") or "LINEAR")
    if function not in ("LINEAR", "LINEAR_EXACT", "SIGMOID"):
        raise ValueError("an unknown VOI LUT function")
    return Window(centre=centre, width=width, function=function)  # type: ignore[arg-type]


def _first(value: object) -> float | None:
    if value is None or value == "":
        return None
    if isinstance(value, (str, int, float)):
        return float(value)
    several = list(value)  # type: ignore[call-overload]
    return float(several[0]) if several else None


def _lut(dataset: Dataset, sequence: object) -> Lut | None:
    if not sequence:
        return None
    item = sequence[0]  # type: ignore[index]
    count, first, bits = (int(number) for number in item.LUTDescriptor)
    count = count or 65536  # PS3.3 C.11.1.1.1: 0 stands for 2^16
    if not 8 <= bits <= 16:
        raise ValueError("a look-up table of less than 8 or more than 16 bits")
    data = item.LUTData
    if isinstance(data, bytes):
        order = "<" if dataset.is_little_endian else ">"
        data = np.frombuffer(data, dtype="u1" if len(data) < 2 * count else f"{order}u2")
    entries = np.asarray(data, dtype=np.float64).ravel()[:count]
    if len(entries) < count or entries.max() > 2**bits - 1:
        raise ValueError("a look-up table with too few or too large entries")
    # Descriptors that promise 16 bits for entries of 10 or 12 are common; the entries tell what they span.
    return Lut(first=first, entries=entries, bits=max(int(entries.max()).bit_length(), 1))
