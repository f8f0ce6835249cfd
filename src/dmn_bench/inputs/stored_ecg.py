"""A recording as a device stored it: whole numbers for each lead, and how many of them make a millivolt.

What the readers of ECG files have in common once they have decoded theirs: the same checks, the same millivolts, the
same de-identified copy, dates and ages as DICOM writes them.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputFileError
from ..vocabulary import Signals
from .dicom_file import age_years
from .faults import MOST_DECODED_BYTES, fault
from .leads import usual_leads
from .signal_copy import write_wfdb

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST = 2**31 - 1
MOST_LEADS = 256
MOST_HZ = 1e6
LEAST_GAIN, MOST_GAIN = 1e-6, 1e12  # steps of a kilovolt and of a femtovolt: no device has them
LIMB_LEADS = ("III", "aVR", "aVL", "aVF")
_BYTES_PER_SAMPLE = 32  # whole number, validity, millivolts, and what is under way between them
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredEcg:
    """Decoded, not yet in millivolt: millivolt = (digital - baseline) / gain, as WFDB has it."""

    digital: NDArray[np.int64]  # [samples, leads]
    is_valid: NDArray[np.bool_]  # [samples, leads]; False where the file marks a sample invalid or has none
    gains: tuple[float, ...]  # per mV
    baselines: tuple[int, ...]
    sampling_hz: float
    leads: tuple[str, ...]  # usual names where they are known, else as written


def signals_of(stored: StoredEcg) -> Signals:
    """Millivolts, NaN where a sample is not valid."""
    samples = (stored.digital - np.asarray(stored.baselines, dtype=np.float64)) / np.asarray(stored.gains)
    samples[~stored.is_valid] = np.nan
    return Signals(samples=samples, sampling_hz=stored.sampling_hz, leads=stored.leads)


def copy_of(stored: StoredEcg, folder: Path, name: str) -> tuple[Path, Path]:
    """``name``.hea and ``name``.dat: the same whole numbers, gains and baselines, nothing else of the file."""
    return write_wfdb(
        signals_of(stored), folder, name, digital=stored.digital, gains=stored.gains, baselines=stored.baselines
    )


def checked(stored: StoredEcg, path: Path) -> StoredEcg:
    """The same, its leads by their usual names.

    Raises InputFileError if there is no sample, a rate or gain is no number above 0 (a gain may be negative), two leads
    have one name, or a value is out of range.
    """
    leads = usual_leads(stored.leads)
    if not stored.digital.size or not leads:
        raise fault(path, "ecg_waveform_missing")
    if not (np.isfinite(stored.sampling_hz) and 0 < stored.sampling_hz <= MOST_HZ):
        raise fault(path, "ecg_rate_unknown")
    if not all(LEAST_GAIN <= abs(gain) <= MOST_GAIN for gain in stored.gains):
        raise fault(path, "ecg_scale_unknown")
    if len(set(leads)) < len(leads):
        raise fault(path, "ecg_lead_twice")
    if np.abs(stored.digital).max() > LARGEST or max(abs(zero) for zero in stored.baselines) > LARGEST:
        raise fault(path, "ecg_samples_damaged")
    return replace(stored, leads=leads)


def check_size(n_samples: int, n_leads: int, path: Path) -> None:
    """Raises InputFileError if a recording of this size is empty or would not fit, before any memory is asked for."""
    if n_samples < 1 or n_leads < 1:
        raise fault(path, "ecg_waveform_missing")
    if n_leads > MOST_LEADS or n_samples * n_leads * _BYTES_PER_SAMPLE > MOST_DECODED_BYTES:
        raise fault(path, "too_large")


def lack_limb_leads(names: Collection[str]) -> bool:
    """Whether III, aVR, aVL and aVF are left to be computed from I and II."""
    return {"I", "II"} <= set(names) and not set(LIMB_LEADS) & set(names)


def computed_in_words(as_stored: StoredEcg, stored: StoredEcg) -> str:
    """Which leads were computed, as the name of a decoder says it; "" where none was."""
    computed = [lead for lead in LIMB_LEADS if lead in stored.leads and lead not in as_stored.leads]
    return f" ({', '.join(computed)} computed from I and II)" if computed else ""


def bytes_of_base64(text: str, path: Path) -> bytes:
    """What base 64 stands for, white space in it passed over. Raises InputFileError if it is something else."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise fault(path, "ecg_samples_damaged") from error


def with_limb_leads(stored: StoredEcg) -> StoredEcg:
    """III, aVR, aVL and aVF computed from I and II and put after them, where the file has none of the four.

    III = II - I, aVR = -(I + II)/2, aVL = I - II/2, aVF = II - I/2 (Einthoven, Goldberger). They stay whole numbers, at
    twice the gain where a half occurs. As stored where I and II are missing or do not share one gain and baseline.
    """
    names = list(stored.leads)
    if not lack_limb_leads(names):
        return stored
    one, two = names.index("I"), names.index("II")
    if stored.gains[one] != stored.gains[two] or stored.baselines[one] or stored.baselines[two]:
        return stored
    first, second, gain = stored.digital[:, one], stored.digital[:, two], stored.gains[one]
    computed = np.stack([second - first, -(first + second), 2 * first - second, 2 * second - first], axis=1)
    valid = (stored.is_valid[:, one] & stored.is_valid[:, two])[:, np.newaxis].repeat(4, axis=1)
    rest = [place for place in range(len(names)) if place not in (one, two)]
    order = [one, two]
    return StoredEcg(
        digital=np.concatenate([stored.digital[:, order], computed, stored.digital[:, rest]], axis=1),
        is_valid=np.concatenate([stored.is_valid[:, order], valid, stored.is_valid[:, rest]], axis=1),
        gains=(gain, gain, gain, 2 * gain, 2 * gain, 2 * gain, *(stored.gains[place] for place in rest)),
        baselines=(0,) * 6 + tuple(stored.baselines[place] for place in rest),
        sampling_hz=stored.sampling_hz,
        leads=("I", "II", *LIMB_LEADS, *(names[place] for place in rest)),
    )


# ------------------------------------------------------------------------------------------------------ what is stated


def number(text: str) -> float | None:
    """A finite number as written in a file, None for anything else.

    >>> number(" 4.88 "), number("Failed"), number("nan")
    (4.88, None, None)
    """
    try:
        value = float(text)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def whole(text: str) -> int | None:
    """A whole number of at most 12 digits as written in a file, None for anything else."""
    value = number(text)
    return int(value) if value is not None and value == int(value) and abs(value) < 1e12 else None


def dicom_date(text: str, order: str = "ymd") -> str:
    """YYYYMMDD of a date written with year, month and day in the order stated; "" if it is none.

    >>> dicom_date("12-31-2001", "mdy"), dicom_date("2001-12-31"), dicom_date("20011231"), dicom_date("31.12.")
    ('20011231', '20011231', '20011231', '')
    """
    parts = _DIGITS.findall(text)
    if len(parts) == 1 and order == "ymd" and len(parts[0]) >= 8:
        parts = [parts[0][:4], parts[0][4:6], parts[0][6:8]]
    if len(parts) < 3:
        return ""
    named = dict(zip(order, (int(part[:6]) for part in parts[:3]), strict=True))
    try:
        return date(named["y"], named["m"], named["d"]).strftime("%Y%m%d") if named["y"] >= 1000 else ""
    except ValueError:
        return ""


def dicom_time(text: str) -> str:
    """HHMMSS of a time of day written with colons or as six digits, HHMM without seconds; "" if it is none.

    >>> dicom_time("07:05"), dicom_time("070509.123"), dicom_time("25:00:00")
    ('0705', '070509', '')
    """
    parts = _DIGITS.findall(text)
    if parts and len(parts[0]) >= 6:
        parts = [parts[0][:2], parts[0][2:4], parts[0][4:6]]
    if len(parts) < 2:
        return ""
    hour, minute, *second = (int(part[:4]) for part in parts[:3])
    if not (hour < 24 and minute < 60 and all(each <= 60 for each in second)):
        return ""
    return "".join(f"{each:02d}" for each in (hour, minute, *second))


def facts(found: Mapping[str, str], *, born: str = "") -> Mapping[str, str]:
    """Attributes without the empty ones, with Modality and, from the date of birth where no age is stated, an age.

    The date of birth itself is not among them. ``AcquisitionDateTime`` begins with ``StudyDate``.
    """
    stated = {keyword: text.strip() for keyword, text in found.items() if text.strip()}
    if "PatientAge" not in stated and born:
        years = age_years({"PatientBirthDate": born, "StudyDate": stated.get("StudyDate", "")})
        if years:
            stated["PatientAge"] = f"{int(years):03d}Y"
        elif years is not None:  # an infant: 000Y is what devices write where nobody entered an age
            days = (_as_date(stated["StudyDate"]) - _as_date(born)).days
            stated |= {"PatientAge": f"{days:03d}D"} if days else {}
    return {"Modality": "ECG", **stated}


def _as_date(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def dicom_age(count: str, unit: str) -> str:
    """An age as DICOM writes it: "045Y", "018M"; "" if it is none. ``unit``: begins with y, m, w or d.

    >>> dicom_age("45", "YEARS"), dicom_age("6", "weeks"), dicom_age("-", "YEARS"), dicom_age("45", "HOURS")
    ('045Y', '006W', '', '')
    """
    value, letter = whole(count), (unit.strip() or "Y")[0].upper()
    return f"{value:03d}{letter}" if value is not None and 0 < value <= 999 and letter in "YMWD" else ""


def dicom_sex(text: str) -> str:
    """F or M for what begins so, "" for anything else."""
    letter = text.strip()[:1].upper()
    return letter if letter in ("F", "M") else ""


def keys_of_both(read: Callable[[], object], check: Callable[[], object]) -> Sequence[str]:
    """The keys of what reading refuses, or else of what a further check finds."""
    for step in (read, check):
        try:
            step()
        except InputFileError as error:
            return tuple(problem.key for problem in error.problems)
    return ()
