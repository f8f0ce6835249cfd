"""`dmn-bench doctor`: what is installed and works on this machine, and what to do about what does not."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..errors import MachineError, Problem
from ..vocabulary import Grid, Language
from ..wordings import say, words
from ..wordings.numbers import number

if TYPE_CHECKING:
    from .health import Finding

FORMAT = "dmn-bench/doctor/1"
GIB = 1 << 30


def add_to(app: typer.Typer, language: Language) -> None:
    """Add the command to the application."""

    @app.command("doctor", help=say("doctor.help", language))
    def doctor(as_json: bool = typer.Option(False, "--json", help=say("doctor.help_json", language))) -> None:
        from .health import findings

        found = findings(Path.cwd())
        if as_json:
            typer.echo(json.dumps(_as_json(found, language), indent=1, ensure_ascii=False))
        else:
            _show(found, language)
        broken = [Problem(key="doctor.broken", facts={"found": _label(f, language)}) for f in found if _is_broken(f)]
        if broken:
            raise MachineError(*broken)


def _is_broken(finding: Finding) -> bool:
    return finding.status == "broken"


def _show(found: tuple[Finding, ...], language: Language) -> None:
    from .showing import show_grid

    header = tuple(say(f"doctor.column.{name}", language) for name in ("what", "state", "found", "mend"))
    for group, members in groupby(found, key=lambda finding: finding.group):
        rows = tuple(
            (
                _label(each, language),
                say(f"doctor.state.{each.status}", language),
                _found(each, language),
                _mend(each, language),
            )
            for each in members
        )
        show_grid(Grid(header=header, rows=rows, caption=say(f"doctor.group.{group}", language)))


def _as_json(found: tuple[Finding, ...], language: Language) -> dict[str, object]:
    rows = [
        {
            "group": each.group,
            "name": each.name or each.key,
            "what": _label(each, language),
            "status": each.status,
            "found": _found(each, language),
            "mend": _mend(each, language),
        }
        for each in found
    ]
    return {"format": FORMAT, "findings": rows}


def _label(finding: Finding, language: Language) -> str:
    return say(f"doctor.{finding.key}", language, name=finding.name, title=finding.title)


def _found(finding: Finding, language: Language) -> str:
    """What was found, free bytes in the unit of the language; of some rows a sentence says what it means."""
    meaning = f"doctor.{finding.key}.ok"
    if finding.status == "ok" and meaning in words("doctor", language):
        return say(meaning, language, found=finding.found)
    if finding.free_bytes is None:
        return finding.found
    free = say("doctor.gib", language, n=number(finding.free_bytes / GIB, language, 1))
    return say("doctor.free_in", language, place=finding.found, free=free) if finding.found else free


def _mend(finding: Finding, language: Language) -> str:
    """What to do; nothing for what is well."""
    if finding.status == "ok":
        return ""
    return say(f"doctor.{finding.key}.mend", language, **finding.facts)
