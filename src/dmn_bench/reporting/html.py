"""Blocks to one self-contained HTML page: escaping, anchors, headings in order. Knows nothing of what they say."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from ..vocabulary import Block, Facts, Figure, Grid, Heading, Language, Paragraph
from .text import visible

TEMPLATES = ("report.html.j2", "blocks.html.j2")
_MARKS = {"met": "✓", "not_met": "✕", "inconclusive": "?", "warning": "!", "note": "i", "normal": ""}


@dataclass(frozen=True, kw_only=True)
class Page:
    """A document ready to be laid out: front matter, then the blocks of each section."""

    language: Language
    title: str
    subtitle: str
    contents_title: str
    footer: str
    front: Sequence[Block]  # before the table of contents, without headings
    sections: Sequence[tuple[str, Sequence[Block]]]  # (name, blocks)


@dataclass(frozen=True)
class _Numbered:
    heading: Heading
    number: str
    anchor: str


def render_html(page: Page) -> str:
    """The page as HTML with its style and drawings inside: no script, no reference to anything outside itself."""
    environment = _environment()
    taken: set[str] = set()
    contents: list[_Numbered] = []
    sections: list[tuple[str, list[tuple[str, Any]]]] = []
    for name, blocks in page.sections:
        items: list[tuple[str, Any]] = []
        for block in blocks:
            if isinstance(block, Heading):
                numbered = _Numbered(block, _next_number(block, contents), _anchor(block, taken))
                if block.level <= 2:
                    contents.append(numbered)
                items.append(("heading", numbered))
            else:
                items.append((_kind(block), block))
        sections.append((name, items))
    return environment.get_template("report.html.j2").render(
        page=page,
        front=[(_kind(block), block) for block in page.front],
        contents=contents,
        sections=sections,
        marks=_MARKS,
        style=Markup(_packaged("report.css")),
    )


def _kind(block: Block) -> str:
    kinds = {Paragraph: "paragraph", Grid: "grid", Figure: "figure", Facts: "facts", Heading: "heading"}
    return kinds[type(block)]


def _next_number(heading: Heading, contents: Sequence[_Numbered]) -> str:
    return f"{len(contents) + 1}." if heading.level <= 2 else ""


def _anchor(heading: Heading, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", heading.anchor or heading.text).encode("ascii", "ignore").decode("ascii")
    stem = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "section"
    anchor, count = stem, 1
    while anchor in taken:
        count += 1
        anchor = f"{stem}-{count}"
    taken.add(anchor)
    return anchor


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=DictLoader({name: _packaged(name) for name in TEMPLATES}),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _finalize(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _packaged(name: str) -> str:
    return (files(__package__) / "templates" / name).read_text(encoding="utf-8")
