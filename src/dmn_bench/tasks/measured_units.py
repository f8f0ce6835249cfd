"""Units of measurements, by UCUM code or as they are usually written, as far as one can be brought to another. Data."""

from __future__ import annotations

from collections.abc import Mapping
from math import pi

# Code -> what it measures, and how many of the first unit of that kind one of these is.
_UNITS: Mapping[str, tuple[str, float]] = {
    "s": ("time", 1.0),
    "ms": ("time", 1e-3),
    "min": ("time", 60.0),
    "h": ("time", 3600.0),
    "/s": ("rate", 1.0),
    "Hz": ("rate", 1.0),
    "/min": ("rate", 1 / 60),
    "1/min": ("rate", 1 / 60),
    "{beats}/min": ("rate", 1 / 60),
    "/h": ("rate", 1 / 3600),
    "V": ("voltage", 1.0),
    "mV": ("voltage", 1e-3),
    "uV": ("voltage", 1e-6),
    "m": ("length", 1.0),
    "cm": ("length", 1e-2),
    "mm": ("length", 1e-3),
    "L": ("volume", 1.0),
    "mL": ("volume", 1e-3),
    "cm3": ("volume", 1e-3),
    "mm3": ("volume", 1e-6),
    "deg": ("angle", 1.0),
    "rad": ("angle", 180 / pi),
    "1": ("share", 1.0),
    "%": ("share", 1e-2),
}
# What devices and people write, where it can mean one thing alone -> the code of UCUM.
_WRITTEN: Mapping[str, str] = {
    **dict.fromkeys(("bpm", "BPM", "beats/min", "beat/min", "/minute"), "/min"),
    **dict.fromkeys(("sec", "second", "seconds"), "s"),
    **dict.fromkeys(("msec", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("\N{MICRO SIGN}V", "\N{GREEK SMALL LETTER MU}V"), "uV"),
    **dict.fromkeys(("°", "degree", "degrees"), "deg"),
}


def is_known(unit: str) -> bool:
    """Whether numbers in the unit can be brought to other units of its kind."""
    return _WRITTEN.get(unit, unit) in _UNITS


def factor(unit: str, wanted: str) -> float | None:
    """What a number in ``unit`` is multiplied by to be one in ``wanted``; None where that cannot be said.

    >>> factor("s", "ms"), factor("mg", "mg"), factor("mV", "ms"), factor("furlong", "m")
    (1000.0, 1.0, None, None)
    >>> factor("bpm", "/min"), factor("µV", "mV"), factor("°", "deg")
    (1.0, 0.001, 1.0)
    """
    unit, wanted = _WRITTEN.get(unit, unit), _WRITTEN.get(wanted, wanted)
    if unit == wanted:
        return 1.0
    one, other = _UNITS.get(unit), _UNITS.get(wanted)
    if one is None or other is None or one[0] != other[0]:
        return None
    ratio = one[1] / other[1]
    whole = round(ratio)  # 1 / 1e-3 is not 1000 in binary fractions
    return float(whole) if whole and abs(ratio - whole) < 1e-9 * whole else ratio
