"""`dmn-bench merge`: parts of a run, asked on machines that do not know of each other, joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..vocabulary import Grid, Language
from ..wordings import say

if TYPE_CHECKING:
    from ..execution.merging import MergeSummary
    from ..execution.run_note import RunNote


def add_to(app: typer.Typer, language: Language) -> None:
    """Add the command to the application."""

    @app.command("merge", help=say("cli.help.merge", language))
    def merge(
        parts: list[Path] = typer.Argument(metavar="PART...", help=say("cli.help.merge_parts", language)),
        into: Path = typer.Option(metavar="DIR", help=say("cli.help.merge_into", language)),
    ) -> None:
        from ..execution.merging import merge_ledgers
        from ..execution.run_note import read_note
        from .showing import show_grid

        notes = {part: note for part in parts if (note := read_note(part)) is not None}
        summary = merge_ledgers(parts, into)
        show_grid(table(summary, list(notes.values()), language))
        for line in (*what_is_missing(summary, notes, language), _next(notes, into, language)):
            typer.echo(line)


def table(summary: MergeSummary, notes: Sequence[RunNote], language: Language) -> Grid:
    """A row for each candidate: from how many parts, what was new, answers in all, cases of the set where known."""
    header = [say(f"cli.merge.column.{name}", language) for name in ("candidate", "parts", "new", "answers", "cases")]
    rows = []
    for merged in summary.ledgers:
        noted = [c for note in notes for c in note.candidates if c.ledger and c.ledger.name == merged.path.name]
        names = ", ".join(sorted({each.id for each in noted})) or merged.asked_sha256[:12]
        n_cases = str(max(each.n_in_set for each in noted)) if noted else "—"
        n_new = sum(part.n_new for part in merged.parts)
        rows.append((names, str(len(merged.parts)), str(n_new), str(merged.n_answers), n_cases))
    return Grid(header=tuple(header), rows=tuple(rows), numeric=(False, True, True, True, True))


def what_is_missing(summary: MergeSummary, notes: Mapping[Path, RunNote], language: Language) -> Sequence[str]:
    """Parts that were not given, as far as answers are missing, and parts that are not finished."""
    from .status import look, resume_command

    n_answers = {merged.path.name: merged.n_answers for merged in summary.ledgers}
    is_whole = all(
        n_answers.get(candidate.ledger.name, 0) >= candidate.n_in_set
        for note in notes.values()
        for candidate in note.candidates
        if candidate.ledger is not None
    )
    if is_whole:
        return ()
    lines = []
    given = {note.shard for note in notes.values() if note.shard is not None}
    counts = {n for _, n in given}
    if len(counts) > 1:
        lines.append(say("cli.merge.cut_differently", language, found=_listed(given)))
    elif counts:
        n_parts = counts.pop()
        missing = {(k, n_parts) for k in range(1, n_parts + 1)} - given
        if missing:
            lines.append(say("cli.merge.missing", language, n=len(missing), found=_listed(missing)))
    for part, note in notes.items():
        if look(part).state in ("interrupted", "at_work"):
            command = resume_command(note, part)
            lines.append(say("cli.merge.unfinished", language, folder=str(part), command=command))
    return lines


def _listed(shards: set[tuple[int, int]]) -> str:
    return ", ".join(f"{k}/{n}" for k, n in sorted(shards))


def _next(notes: Mapping[Path, RunNote], into: Path, language: Language) -> str:
    import shlex

    protocols = sorted({str(note.protocol) for note in notes.values()})
    protocol = shlex.quote(protocols[0]) if len(protocols) == 1 else "PROTOCOL"
    return say("cli.merge.next", language, command=f"dmn-bench run {protocol} --answers {shlex.quote(str(into))}")
