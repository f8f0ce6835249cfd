"""Voltage units as files write them, and their factor to millivolt."""

from __future__ import annotations

_PER_UNIT = {"mv": 1.0, "uv": 1e-3, "\u00b5v": 1e-3, "\u03bcv": 1e-3, "nv": 1e-6, "v": 1e3}


def millivolts_per(unit: str) -> float | None:
    """How many millivolts one of these is; None if it is no voltage known here.

    >>> millivolts_per("uV"), millivolts_per("mV"), millivolts_per("mmHg")
    (0.001, 1.0, None)
    """
    return _PER_UNIT.get(unit.strip().lower())
