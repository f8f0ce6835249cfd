"""Where beats were missed, added or misnamed, for the strips: the reference's beats beside the device's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..tasks.error_places import stretches
from ..vocabulary import Beats, ErrorPlace

_CLASS_OF = {
    symbol: name
    for name, symbols in zip("NSVFQ", ("NLRB", "JAaS", "VrE", "F", "Q/f?"), strict=True)
    for symbol in symbols
}
_ESCAPE_BEATS = "jen"
_NEVER = float("inf")
WINDOW_S = 0.15


class Mismatch(NamedTuple):
    """One beat of which the two sides differ; "" where a side has none."""

    at_s: float
    reference_class: str
    test_class: str


def beat_class(symbol: str, escape_beats: str) -> str:
    """The AAMI class of a symbol, "" for what is no beat. ``escape_beats``: the class of j, e and n.

    >>> beat_class("j", "S"), beat_class("L", "S"), beat_class("+", "S")
    ('S', 'N', '')
    """
    return escape_beats if symbol and symbol in _ESCAPE_BEATS else _CLASS_OF.get(symbol, "")


def mismatches(reference: Beats, test: Beats, *, start_s: float, end_s: float, escape_beats: str) -> list[Mismatch]:
    """Beats from ``start_s`` to ``end_s`` that one side has alone or names otherwise; both sides at their own rate.

    Pairs are those of the walk of EC57: within 150 ms, unless a neighbour is the nearer partner.
    """
    mine, other = (_timed(beats, start_s, end_s, escape_beats) for beats in (reference, test))
    found, i, j = [], 0, 0
    while i < len(mine) or j < len(other):
        (ref, ref_class), (next_ref, _) = _at(mine, i), _at(mine, i + 1)
        (tst, tst_class), (next_tst, _) = _at(other, j), _at(other, j + 1)
        apart = abs(ref - tst)
        rival = abs(ref - next_tst) if tst < ref else abs(tst - next_ref)
        if apart <= WINDOW_S + 1e-9 and (apart < rival or abs(next_ref - next_tst) < rival):
            if ref_class != tst_class:
                found.append(Mismatch(ref, ref_class, tst_class))
            i, j = i + 1, j + 1
        elif tst < ref:
            found.append(Mismatch(tst, "", tst_class))
            j += 1
        else:
            found.append(Mismatch(ref, ref_class, ""))
            i += 1
    return found


def _timed(beats: Beats, start_s: float, end_s: float, escape_beats: str) -> list[tuple[float, str]]:
    hertz = beats.sampling_hz or 1.0
    timed = (
        (int(at) / hertz, beat_class(symbol, escape_beats))
        for at, symbol in zip(beats.samples, beats.symbols, strict=True)
    )
    return [(at, name) for at, name in timed if name and start_s <= at <= end_s]


def _at(beats: Sequence[tuple[float, str]], index: int) -> tuple[float, str]:
    return beats[index] if index < len(beats) else (_NEVER, "")


def beat_places(case_id: str, found: Sequence[Mismatch], *, record_s: float) -> list[ErrorPlace]:
    """The stretches of each kind of error of one recording, kinds as in the list of errors of the task."""
    by_kind: dict[str, list[float]] = {}
    for one in found:
        for kind in _kinds(one):
            by_kind.setdefault(kind, []).append(one.at_s)
    return [
        place for kind, moments in by_kind.items() for place in stretches(case_id, kind, moments, record_s=record_s)
    ]


def _kinds(one: Mismatch) -> Iterator[str]:
    """A beat of fusion or none that can be classified is no error when it is called ventricular, as in EC57."""
    if not one.test_class:
        yield "beats_missed"
    if not one.reference_class:
        yield "beats_extra"
    if one.reference_class == "V":
        yield "veb_missed"
    if one.test_class == "V" and one.reference_class in ("N", "S", ""):
        yield "veb_false"
    if one.reference_class == "S":
        yield "sveb_missed"
    if one.test_class == "S" and one.reference_class in ("N", "V", "F", ""):
        yield "sveb_false"
