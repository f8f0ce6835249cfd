"""SVG elements as text: every string escaped, every drawing titled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from markupsafe import escape

from ..text import visible

# Presentation attributes give the colours where no style sheet reaches (PDF); the page may override them by class.
INK = "#1c2733"
SOFT = "#5b6876"
FAINT = "#c9d1d9"
ACCENT = "#0b5394"
MUTED = "#8a949e"
PAPER = "#ffffff"
WASH = "#f3f6f9"
LIMIT = "#a34a00"
FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', Arial, sans-serif"

Anchor = Literal["start", "middle", "end"]


def text(  # noqa: PLR0913 - a line of text is its place and its look
    x: float, y: float, words: str, *, anchor: Anchor = "start", size: float = 13, colour: str = INK, bold: bool = False
) -> str:
    """One line of text at its baseline."""
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{_px(x)}" y="{_px(y)}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"{weight}>'
        f"{escape(visible(words))}</text>"
    )


def line(  # noqa: PLR0913 - two ends and a look
    x1: float, y1: float, x2: float, y2: float, *, colour: str = INK, width: float = 1, dashes: str = ""
) -> str:
    """A straight line."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    ends = f'x1="{_px(x1)}" y1="{_px(y1)}" x2="{_px(x2)}" y2="{_px(y2)}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"{dashed}/>'


def box(x: float, y: float, width: float, height: float, *, fill: str = PAPER, stroke: str = INK) -> str:
    """A rectangle with slightly rounded corners."""
    return (
        f'<rect x="{_px(x)}" y="{_px(y)}" width="{_px(width)}" height="{_px(height)}" rx="3" fill="{fill}" '
        f'stroke="{stroke}"/>'
    )


def polyline(points: Sequence[tuple[float, float]], *, colour: str = ACCENT, width: float = 2) -> str:
    """A line through points."""
    path = " ".join(f"{_px(x)},{_px(y)}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"/>'


def polygon(points: Sequence[tuple[float, float]], *, fill: str = ACCENT, stroke: str = "none") -> str:
    """A filled shape."""
    path = " ".join(f"{_px(x)},{_px(y)}" for x, y in points)
    return f'<polygon points="{path}" fill="{fill}" stroke="{stroke}"/>'


def disc(x: float, y: float, radius: float, *, fill: str = ACCENT, stroke: str = "none") -> str:
    """A filled circle."""
    return f'<circle cx="{_px(x)}" cy="{_px(y)}" r="{_px(radius)}" fill="{fill}" stroke="{stroke}"/>'


def square(x: float, y: float, side: float, *, fill: str = ACCENT, stroke: str = "none") -> str:
    """A filled square round its centre."""
    corner = f'x="{_px(x - side / 2)}" y="{_px(y - side / 2)}"'
    return f'<rect {corner} width="{_px(side)}" height="{_px(side)}" fill="{fill}" stroke="{stroke}"/>'


def drawing(width: float, height: float, parts: Sequence[str], *, title: str, description: str) -> str:
    """A whole SVG, with its title and its description for people who cannot see it as first children."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {_px(width)} {_px(height)}" '
        f'width="{_px(width)}" height="{_px(height)}" font-family="{FONT}">'
        f"<title>{escape(visible(title))}</title><desc>{escape(visible(description))}</desc>"
        f"{''.join(parts)}</svg>"
    )


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
