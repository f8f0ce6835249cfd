"""What a report is built of: titles, paragraphs, tables, figures and facts, worded already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """A section title; level 2 is a section, 3 a part of one."""

    text: str
    level: int = 2
    anchor: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Paragraph:
    """Plain text, already worded in the document's language. ``tone`` marks banners and notes."""

    text: str
    tone: Literal["normal", "note", "warning", "met", "not_met", "inconclusive"] = "normal"


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """A table of worded cells; ``numeric`` marks right-aligned columns, ``muted`` greyed rows."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    numeric: tuple[bool, ...] = ()
    muted: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A drawing as inline SVG with a title and a description for people who cannot see it."""

    svg: str
    title: str
    description: str
    caption: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """Name–value pairs, in order."""

    items: tuple[tuple[str, str], ...]


Block = Heading | Paragraph | Grid | Figure | Facts
