"""ECG paper as SVG to scale: millimetres, the grid, the trace of a lead, the calibration pulse, words made harmless.

One unit of every drawing is one millimetre, and its width and height say so: on paper, and on a screen of 96 dots per
inch, a second is 25 mm and a millivolt 10 mm. Nothing in a drawing has an id, so that many fit into one page.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from markupsafe import escape

from .png import holds_pixels_alone

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray

MM_PER_SECOND = 25.0
MM_PER_MILLIVOLT = 10.0
PER_MM = 100  # steps of a coordinate of a trace in one millimetre
COLUMN_MM = 0.1  # a trace is thinned to its least and greatest value in columns of this width
PULSE_MM = 15.0  # of paper for the calibration pulse, which is 5 mm wide
WORD_CHARACTERS = 16

INK = "#111111"
SOFT = "#555555"
FINE_GRID, COARSE_GRID = "#f6d5d0", "#e3a79f"
PAPER = "#ffffff"
FONT = "'Noto Sans', 'Liberation Sans', Arial, sans-serif"

Anchor = Literal["start", "middle", "end"]


def text(x: float, y: float, words: str, *, size: float = 3.2, anchor: Anchor = "start", bold: bool = False) -> str:
    """One line of text at its baseline, escaped, cut, with what cannot be seen replaced."""
    weight = ' font-weight="700"' if bold else ""
    where = f'x="{mm(x)}" y="{mm(y)}" font-size="{size}" text-anchor="{anchor}"'
    return f'<text {where} fill="{INK}" stroke="none"{weight}>{escape(harmless(words))}</text>'


def harmless(words: str, at_most: int = WORD_CHARACTERS) -> str:
    r"""A stranger's word as it can be drawn: cut, and what does not print or turns the reading direction replaced.

    >>> harmless("V1\u202e"), harmless("a" * 40)
    ('V1�', 'aaaaaaaaaaaaaaa…')
    """
    plain = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in words)
    return plain if len(plain) <= at_most else plain[: at_most - 1] + "…"


def mm(value: float) -> str:
    """A length or place in millimetres, to a hundredth."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def grid(x: float, y: float, width: float, height: float) -> str:
    """Squares of 1 mm and, stronger, of 5 mm. ``width`` and ``height`` are whole millimetres."""
    return (
        f'<rect x="{mm(x)}" y="{mm(y)}" width="{mm(width)}" height="{mm(height)}" fill="{PAPER}" stroke="none"/>'
        f'<path d="{_lines(x, y, width, height, 1)}" fill="none" stroke="{FINE_GRID}" stroke-width="0.1"/>'
        f'<path d="{_lines(x, y, width, height, 5)}" fill="none" stroke="{COARSE_GRID}" stroke-width="0.2"/>'
    )


def _lines(x: float, y: float, width: float, height: float, step: int) -> str:
    upright = "".join(f"M{mm(x + at)} {mm(y)}v{mm(height)}" for at in range(0, int(width) + 1, step))
    across = "".join(f"M{mm(x)} {mm(y + at)}h{mm(width)}" for at in range(0, int(height) + 1, step))
    return upright + across


def pulse(x: float, baseline: float) -> str:
    """The calibration pulse: 1 mV, so 10 mm, for 0.2 s, so 5 mm. ``x``: where its paper begins."""
    path = f"M{mm(x + 2.5)} {mm(baseline)}h2.5v{mm(-MM_PER_MILLIVOLT)}h5v{mm(MM_PER_MILLIVOLT)}h2.5"
    return f'<path d="{path}" fill="none" stroke="{INK}" stroke-width="0.3"/>'


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """Where a trace is drawn: x of its first sample, y of zero, and the least and greatest y of its lane and paper."""

    x: float
    zero: float
    lane: tuple[float, float]
    paper: tuple[float, float]


def trace(millivolts: FloatArray, sampling_hz: float, ground: Ground) -> str:
    """One lead as a line; NaN is a gap in it, shaded in its lane from the last to the next sample.

    Where the line would leave the paper, it runs along the edge, and a triangle points outwards.
    """
    x = np.rint((ground.x + np.arange(len(millivolts)) * (MM_PER_SECOND / sampling_hz)) * PER_MM)
    y = (ground.zero - millivolts * MM_PER_MILLIVOLT) * PER_MM
    low, high = ground.paper[0] * PER_MM, ground.paper[1] * PER_MM
    lane = ground.lane[0] * PER_MM, ground.lane[1] * PER_MM
    finite = np.isfinite(y)
    outside = _marks_outside(x, y, low, high)
    drawn = np.rint(np.clip(y, low, high))
    path = "".join(_piece(x[begin:end], drawn[begin:end]) for begin, end in _runs(finite))
    gaps = "".join(_gap(x, begin, end, *lane) for begin, end in _runs(~finite))
    line = f'<path d="{path}" fill="none" stroke="{INK}" stroke-width="28" stroke-linejoin="round" '
    line = f'{line}stroke-linecap="round"/>' if path else ""
    return f'<g transform="scale({1 / PER_MM})">{gaps}{line}{outside}</g>'


def _piece(x: FloatArray, y: FloatArray) -> str:
    keep = _kept(x, y)
    xs, ys = x[keep].astype(int), y[keep].astype(int)
    steps = " ".join(f"{dx} {dy}" for dx, dy in zip(np.diff(xs).tolist(), np.diff(ys).tolist(), strict=True))
    return f"M{xs[0]} {ys[0]}l{steps or '0 0'}".replace(" -", "-")


def _kept(x: FloatArray, y: FloatArray) -> IntArray:
    """Which samples can be seen: all where they are sparse, else the least and the greatest of each column."""
    columns = np.floor(x / (COLUMN_MM * PER_MM)).astype(np.int64)
    starts = np.flatnonzero(np.diff(columns, prepend=columns[0] - 1))
    if len(x) <= 2 * len(starts):
        return np.arange(len(x))
    found = [0, len(x) - 1]
    for begin, end in zip(starts.tolist(), [*starts[1:].tolist(), len(x)], strict=True):
        found += [begin + int(np.argmin(y[begin:end])), begin + int(np.argmax(y[begin:end]))]
    return np.unique(np.array(found, dtype=np.int64))


def _runs(chosen: Sequence[bool] | np.ndarray) -> Iterator[tuple[int, int]]:
    """Begin and end of each stretch of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(chosen, dtype=np.int8), [0]])))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _gap(x: FloatArray, begin: int, end: int, low: float, high: float) -> str:
    left, right = int(x[max(begin - 1, 0)]), int(x[min(end, len(x) - 1)])
    hatch = "".join(f"M{at} {int(low)}V{int(high)}" for at in range(left, right + 1, 60))
    return (
        f'<rect x="{left}" y="{int(low)}" width="{right - left}" height="{int(high - low)}" fill="#d9d9d9" '
        f'fill-opacity="0.6" stroke="none"/><path d="{hatch}" stroke="{SOFT}" stroke-width="8" fill="none"/>'
    )


def _marks_outside(x: FloatArray, y: FloatArray, low: float, high: float) -> str:
    with np.errstate(invalid="ignore"):
        above, below = y < low, y > high
    marks = []
    for chosen, edge, tip in ((above, low, -1), (below, high, 1)):
        for begin, end in _runs(chosen):
            middle = int(x[(begin + end - 1) // 2])
            base = int(edge) - tip * 150
            marks.append(f"M{middle - 100} {base}h200l-100 {tip * 150}z")
    return f'<path d="{"".join(marks)}" fill="{INK}" stroke="none"/>' if marks else ""


def drawing(width: float, height: float, parts: Sequence[str], *, title: str, description: str) -> str:
    """A whole SVG of ``width`` by ``height`` millimetres, with its title and description as first children."""
    size = f'viewBox="0 0 {mm(width)} {mm(height)}" width="{mm(width)}mm" height="{mm(height)}mm"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" class="to-scale" {size} font-family="{escape(FONT)}">'
        f"{_HEAD.format(title=escape(harmless(title, 200)), description=escape(harmless(description, 400)))}"
        f"{''.join(parts)}</svg>\n"
    )


_HEAD = "<title>{title}</title><desc>{description}</desc>"


_TAGS = frozenset(["svg", "title", "desc", "g", "rect", "path", "circle", "text", "image"])
_ATTRIBUTES = frozenset(
    [
        "xmlns",
        "role",
        "class",
        "viewBox",
        "width",
        "height",
        "x",
        "y",
        "cx",
        "cy",
        "r",
        "d",
        "fill",
        "fill-opacity",
        "stroke",
        "stroke-width",
        "stroke-dasharray",
        "stroke-linejoin",
        "stroke-linecap",
        "font-family",
        "font-size",
        "font-weight",
        "text-anchor",
        "transform",
        "preserveAspectRatio",
    ]
)
_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z]+)(?P<attributes>(?:\s+[A-Za-z-]+=\"[^\"<>]*\")*)\s*/?>")
_ATTRIBUTE = re.compile(r"\s([A-Za-z-]+)=")
_ADDRESS = "href"  # of an image alone, and only one that holds its pixels itself
_ADDRESSES = re.compile(r"\shref=\"([^\"]*)\"")


def is_drawing(svg: str) -> bool:
    """Whether a text holds nothing but lines, shapes, words and pixels as ours are, and may go into a page.

    Pixels are those of ``png``, inside the text: no address leads anywhere.

    >>> is_drawing(drawing(1, 1, [text(0, 0, "<script>")], title="t", description="d"))
    True
    >>> is_drawing('<svg class="to-scale"><script>alert(1)</script></svg>')
    False
    """
    tags = list(_TAG.finditer(svg))
    plain = _TAG.sub("", svg)
    return (
        svg.startswith("<svg ")
        and svg.rstrip().endswith("</svg>")
        and "<" not in plain
        and ">" not in plain
        and all(tag["name"] in _TAGS and _is_plain(tag["name"], tag["attributes"]) for tag in tags)
    )


def _is_plain(tag: str, attributes: str) -> bool:
    """Whether an element has attributes that only say how it looks, and an image its pixels once beside them."""
    names = _ATTRIBUTE.findall(attributes)
    if tag == "image" and names.count(_ADDRESS) == 1:
        names.remove(_ADDRESS)
        return _ATTRIBUTES.issuperset(names) and all(map(holds_pixels_alone, _ADDRESSES.findall(attributes)))
    return tag != "image" and _ATTRIBUTES.issuperset(names)


def description_of(svg: str) -> str:
    """What a drawing of this module says of itself: for one of an ECG, its leads.

    >>> description_of(drawing(1, 1, [], title="t", description="I & II"))
    'I & II'
    """
    return html.unescape(svg.partition("<desc>")[2].partition("</desc>")[0])


def with_words(svg: str, *, title: str, description: str) -> str:
    """A drawing of this module under a title and a description in the reader's language.

    Raises ValueError if it is no such drawing.
    """
    before, opened, rest = svg.partition("<title>")
    _, closed, parts = rest.partition("</desc>")
    if not (opened and closed) or not before.startswith("<svg "):
        raise ValueError("no drawing with a title and a description")
    return before + _HEAD.format(title=escape(title), description=escape(description)) + parts
