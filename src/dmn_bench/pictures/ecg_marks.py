"""How a beat is marked beside a strip: its class by shape and colour, its symbol as a letter, errors in frames.

Shapes tell the classes apart where there is no colour; the colours are those of Okabe and Ito, told apart by nearly
everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..inputs.annotation_copy import RHYTHMS
from . import paper

COLOURS: Mapping[str, str] = {"N": "#000000", "S": "#0072B2", "V": "#D55E00", "F": "#CC79A7", "Q": "#009E73"}
BAND = "#F0E442"
BEAT_SYMBOLS = frozenset("NLRBAaJSVrFejnE/fQ?!x[]~|")  # of WFDB annotations


@dataclass(frozen=True, kw_only=True, slots=True)
class StripMark:
    """One beat of one side: when (seconds from the start of the recording), its symbol and its class, "" for none."""

    at_s: float
    symbol: str
    beat_class: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class StripSpan:
    """A stretch with one rhythm or event, by one side, in seconds from the start of the recording."""

    start_s: float
    end_s: float
    label: str


def beat_symbol(symbol: str) -> str:
    """The symbol as it is drawn: one that WFDB knows, else "·", for a device may write what it likes."""
    return symbol if symbol in BEAT_SYMBOLS else "·"


def rhythm_label(note: str) -> str | None:
    """The rhythm that a note names; None for any other note, which may be a remark about the patient.

    >>> rhythm_label("(AFIB"), rhythm_label("seen by Dr A"), rhythm_label("VT"), rhythm_label("(DOE")
    ('AFIB', None, 'VT', None)
    """
    name = note.removeprefix("(").removesuffix(")").upper()
    return name if name in RHYTHMS else None


def mark(x: float, y: float, mark_: StripMark, *, letter_at: float, is_wrong: bool) -> str:
    """The shape of a beat round (x, y), its letter at the baseline ``letter_at``, in a frame if it is wrong."""
    parts = [_shape(x, y, mark_.beat_class), paper.text(x, letter_at, beat_symbol(mark_.symbol), anchor="middle")]
    if is_wrong:
        top = min(y - 1.8, letter_at - 2.9)
        height = max(y + 1.8, letter_at + 0.7) - top
        parts.append(
            f'<rect x="{paper.mm(x - 2.2)}" y="{paper.mm(top)}" width="4.4" height="{paper.mm(height)}" fill="none" '
            f'stroke="{paper.INK}" stroke-width="0.4"/>'
        )
    return "".join(parts)


def nothing(x: float, y: float) -> str:
    """An empty dashed ring: this side has no beat where the other has one."""
    return (
        f'<circle cx="{paper.mm(x)}" cy="{paper.mm(y)}" r="1.7" fill="{paper.PAPER}" stroke="{paper.INK}" '
        f'stroke-width="0.35" stroke-dasharray="0.8 0.6"/>'
    )


def band(x: float, top: float, bottom: float) -> str:
    """A pale band with dashed edges behind the trace where something is wrong."""
    left, right = paper.mm(x - 4), paper.mm(x + 4)
    edges = f"M{left} {paper.mm(top)}V{paper.mm(bottom)}M{right} {paper.mm(top)}V{paper.mm(bottom)}"
    return (
        f'<rect x="{left}" y="{paper.mm(top)}" width="8" height="{paper.mm(bottom - top)}" fill="{BAND}" '
        f'fill-opacity="0.35" stroke="none"/>'
        f'<path d="{edges}" fill="none" stroke="{paper.SOFT}" stroke-width="0.2" stroke-dasharray="1.5 1"/>'
    )


def span(left: float, right: float, y: float, label: str) -> str:
    """A bar with its label, for a rhythm."""
    return (
        f'<rect x="{paper.mm(left)}" y="{paper.mm(y)}" width="{paper.mm(max(right - left - 0.6, 0.3))}" height="1.2" '
        f'fill="{paper.SOFT}" stroke="none"/>{paper.text(left + 0.5, y - 0.6, label, size=2.8)}'
    )


def _shape(x: float, y: float, beat_class: str) -> str:
    at, colour = f"M{paper.mm(x)} {paper.mm(y)}", COLOURS.get(beat_class, paper.SOFT)
    filled = f'fill="{colour}" stroke="none"'
    drawn = {
        "N": f'<circle cx="{paper.mm(x)}" cy="{paper.mm(y)}" r="1" {filled}/>',
        "S": f'<path d="{at}m0-1.4l1.4 2.5h-2.8z" {filled}/>',
        "V": f'<path d="{at}m-1.2-1.2h2.4v2.4h-2.4z" {filled}/>',
        "F": f'<path d="{at}m0-1.6l1.6 1.6l-1.6 1.6l-1.6-1.6z" {filled}/>',
        "Q": f'<path d="{at}m-1.2-1.2l2.4 2.4m0-2.4l-2.4 2.4" fill="none" stroke="{colour}" stroke-width="0.5"/>',
    }
    other = f'<path d="{at}m0-1.2v2.4" fill="none" stroke="{colour}" stroke-width="0.4"/>'
    return drawn.get(beat_class, other)
