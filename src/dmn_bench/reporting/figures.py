"""The pictures beside a record, read and held against their hashes before a report shows them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from ..pictures.paper import is_drawing
from ..record import FigureFile

BYTES_AT_MOST = 8_000_000  # of one picture; ours are far smaller


@dataclass(frozen=True, kw_only=True, slots=True)
class FigureText:
    """One picture as SVG text, or why there is none to show."""

    state: Literal["as_recorded", "missing", "altered", "left_out"]
    svg: str = ""


LEFT_OUT = FigureText(state="left_out")
MISSING = FigureText(state="missing")


def load_figures(figures: Iterable[FigureFile], run_dir: Path) -> Mapping[str, FigureText]:
    """The pictures of a record by path.

    One whose hash differs is ``altered``, and so is one that holds more than a drawing of ours: a page never takes in
    what somebody else wrote into the folder and the record of a run.
    """
    return {one.path: _loaded(one, run_dir) for one in figures if one.error is not None}


def _loaded(figure: FigureFile, run_dir: Path) -> FigureText:
    parts = PurePosixPath(figure.path)
    if parts.is_absolute() or ".." in parts.parts:
        return MISSING
    try:
        with (run_dir / parts).open("rb") as stream:
            content = stream.read(BYTES_AT_MOST + 1)
    except OSError:
        return MISSING
    svg = content.decode("utf-8", errors="replace")
    if hashlib.sha256(content).hexdigest() != figure.sha256 or not is_drawing(svg):
        return FigureText(state="altered")
    return FigureText(state="as_recorded", svg=svg)
