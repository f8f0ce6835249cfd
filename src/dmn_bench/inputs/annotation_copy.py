"""Reference annotations written beside the copy of a recording: what was marked, and no word that may hold a name.

Reference: WFDB Applications Guide, annot(5), MIT format.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path

from ..files import write_atomically
from ..vocabulary import Beats
from .faults import fault

CODES: dict[str, int] = {
    symbol: code
    for code, symbol in enumerate(
        [
            *"NLRaVFJASEj/Q~",
            "",
            "|",
            "",
            "s",
            "T",
            "*",
            "D",
            '"',
            "=",
            "p",
            "B",
            "^",
            "t",
            "+",
            "u",
            "?",
            "!",
            "[",
            "]",
        ],
        start=1,
    )
    if symbol
} | {"e": 34, "n": 35, "@": 36, "x": 37, "f": 38, "(": 39, ")": 40, "r": 41}
"""Annotation codes of the format, by symbol."""

_RHYTHMS = (
    "AB AF AFIB AFL AFLT ASYS AT AVB B BBB BI BII BIII HGEA IVR J JR LBBB N NOD NOISE NSR P PACE PAT PM PREX PSVT "
    "RBBB S SAB SAR SB SBR SN SR ST STACH SVT SVTA T TDP TRI VER VF VFIB VFL VT VTHR VTS WPW"
)
RHYTHMS = frozenset(_RHYTHMS.split())
_ST = re.compile(r"^[(A]?(?:rt)?(?:ST|T)[0-9]{0,2}(?:[+-]{1,2}[0-9]{0,5})?\)?$")
_OTHERS = frozenset({"TS", "PSE", "MISSB"})  # slipped tape, pause, missed beat in MIT-BIH records
_SKIP, _SUBTYPE, _AUX = 59, 61, 63
_RHYTHM_MARK, _TEXT_MARKS = "+", ('"', "=")
_FARTHEST = 1023  # samples that an annotation's own word can be from the one before


def rhythm_note(note: str) -> str:
    """A note that names a rhythm or a change of ST, as the standard annotators write them; "" for any other text.

    >>> rhythm_note("(AFIB"), rhythm_note("(ST0+"), rhythm_note("seen by Dr X"), rhythm_note("(DOE")
    ('(AFIB', '(ST0+', '', '')
    """
    is_rhythm = note.startswith("(") and note[1:].rstrip(")").upper() in RHYTHMS
    return note if is_rhythm or note in _OTHERS or _ST.fullmatch(note) else ""


def write_annotations(beats: Beats, path: Path, *, sampling_hz: float) -> tuple[Path, int]:
    """Write annotations of a record of ``sampling_hz`` beside its copy; the path, and how many notes were left out.

    Samples, symbols, subtypes and the notes that ``rhythm_note`` knows; a comment becomes an empty one. Annotations
    that state a rate of their own keep it.
    Raises InputFileError for a symbol that the format has no code for.
    """
    words: list[bytes] = []
    own = beats.sampling_hz
    if own is not None and own != sampling_hz:
        text = f"## time resolution: {own:g}".encode()
        words += [_word(CODES['"'], 0), _word(_AUX, len(text)), text + b"\0" * (len(text) % 2)]
    before = n_left_out = 0
    for sample, symbol, subtype, note in _rows(beats):
        if symbol not in CODES:
            raise fault(path, "annotations_damaged", found="symbol")
        kept = rhythm_note(note)
        n_left_out += bool(note) and not kept
        words += _annotation(sample - before, CODES[symbol], subtype, kept.encode("ascii"))
        before = sample
    write_atomically(path, b"".join([*words, b"\0\0"]))
    return path, n_left_out


def _rows(beats: Beats) -> Iterator[tuple[int, str, int, str]]:
    n = len(beats.symbols)
    return zip(
        (int(sample) for sample in beats.samples),
        beats.symbols,
        beats.subtypes or (0,) * n,
        beats.notes or ("",) * n,
        strict=True,
    )


def _annotation(step: int, code: int, subtype: int, note: bytes) -> Iterator[bytes]:
    if step > _FARTHEST:
        yield _word(_SKIP, 0) + struct.pack("<HH", step >> 16 & 0xFFFF, step & 0xFFFF)
        step = 0
    yield _word(code, step)
    if subtype:
        yield _word(_SUBTYPE, subtype & 0xFF)
    if note:
        yield _word(_AUX, len(note)) + note + b"\0" * (len(note) % 2)


def _word(code: int, value: int) -> bytes:
    return struct.pack("<H", code << 10 | value)
