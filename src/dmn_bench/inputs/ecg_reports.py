"""What the reports inside ECG files have in common: who signed is not said, only whether; values by agreed names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from ..vocabulary import EcgStatement, Measurement

Source = Literal["machine", "confirmed", "unknown"]

UNITS: Mapping[str, str] = {
    "heart_rate": "/min",
    "pr_interval": "ms",
    "qrs_duration": "ms",
    "qt_interval": "ms",
    "qtc_interval": "ms",
    "p_axis": "deg",
    "qrs_axis": "deg",
    "t_axis": "deg",
}
"""The agreed measurements and their units."""

_MOST_MS, _MOST_RATE, _MOST_DEGREES = 5_000, 1_000, 360
_ABOUT = r"(?:diagnos\w*|report|ecg|interpretation|analysis|rapport|analyse|trac[ée]|interpr[ée]tation|[- ])*"
_UNSIGNED = re.compile(
    rf"^\W*{_ABOUT}(?:un ?confirmed|not (?:yet )?confirmed|non[ -]confirm[ée]e?s?|unsigned|non sign[ée]e?|"
    rf"[àa] confirmer|unedited|not reviewed|preliminary)\b *{_ABOUT}\W*$",
    re.I,
)
_SIGNED = re.compile(
    rf"^\W*{_ABOUT}(?:electronically )?(?:re-?)?(?:confirmed|signed|over-?read|reviewed|interpreted|edited|"
    r"confirm[ée]e?|sign[ée]e?|relue?|valid[ée]e?|interpr[ée]t[ée]e?|modifi[ée]e?)"
    r"(?: [ée]lectroniquement)? *(?:by|par)\b",
    re.I,
)
_NAMING = re.compile(
    r"^\W*(?:referred|ordered|requested|acquired) by\b|"
    r"^\W*(?:prescrite?|adress[ée]e?|demand[ée]e?|r[ée]alis[ée]e?) par\b|"
    r"^\W*(?:patient|name|nom|technici\w*|operator|op[ée]rateur|referring|attending|m[ée]decin|physician|cardiolog\w*)"
    r"\b[^:=]{0,20}[:=]",
    re.I,
)


def signed(text: str) -> bool | None:
    """Whether a line says that a physician signed the report, or that none did; None for any other line.

    >>> signed("Confirmed by: Doe, Jane"), signed("Diagnostic non confirmé."), signed("Sinus rhythm")
    (True, False, None)
    """
    if _UNSIGNED.search(text):
        return False
    return True if _SIGNED.search(text) else None


def is_statement(text: str) -> bool:
    """Whether a line is one about the heart: not empty, no signature, no "Referred by" with a name behind it.

    >>> is_statement("Sinus rhythm"), is_statement("Referred by: DOE"), is_statement("Unconfirmed")
    (True, False, False)
    """
    return bool(text.strip()) and signed(text) is None and not _NAMING.search(text)


def statement(text: str, source: Source, *, code: str = "", scheme: str = "") -> EcgStatement:
    """One statement, its text on one line."""
    return EcgStatement(text=" ".join(text.split()), code=code, scheme=scheme if code else "", source=source)


def without_repeats(statements: Iterable[EcgStatement]) -> tuple[EcgStatement, ...]:
    """Each statement once, in the order of their first."""
    return tuple(dict.fromkeys(statements))


def measurements_of(values: Mapping[str, float | None]) -> Mapping[str, Measurement]:
    """The agreed measurements that are given and can be: an interval or rate of 0 is what devices write for none."""
    return {
        name: Measurement(value=value, unit=unit)
        for name, unit in UNITS.items()
        if (value := values.get(name)) is not None and _can_be(name, value)
    }


def _can_be(name: str, value: float) -> bool:
    unit = UNITS[name]
    if unit == "deg":
        return abs(value) <= _MOST_DEGREES
    return 0 < value <= (_MOST_MS if unit == "ms" else _MOST_RATE)
