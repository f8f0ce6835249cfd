"""`dmn-bench status`: how far a run is, beside it or afterwards, and what to type next."""

from __future__ import annotations

import datetime
import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from ..errors import Problem, ProtocolError
from ..vocabulary import STATUSES, Grid, Language
from ..wordings import say
from ..wordings.numbers import number

if TYPE_CHECKING:
    from ..execution.ledger_view import LedgerView
    from ..execution.run_note import NotedCandidate, RunNote

SECONDS_BETWEEN_LOOKS = 2.0

State = Literal["finished", "at_work", "interrupted", "part_done"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A run at one moment.

    ``note``: None where it was stopped before it wrote one. ``ledgers``: one for each candidate of the note, None
    before the first answer and for output files.
    """

    run_dir: Path
    state: State
    note: RunNote | None
    ledgers: tuple[LedgerView | None, ...]


def add_to(app: typer.Typer, language: Language) -> None:
    """Add the command to the application."""

    @app.command("status", help=say("cli.help.status", language))
    def status(
        run_dir: Path = typer.Argument(help=say("cli.help.run_dir", language)),
        watch: bool = typer.Option(False, "--watch", help=say("cli.help.watch", language)),
    ) -> None:
        while True:
            seen = look(run_dir)
            show(seen, language)
            if not watch or seen.state != "at_work":
                return
            time.sleep(SECONDS_BETWEEN_LOOKS)


def look(run_dir: Path) -> Seen:
    """The run as its folder and its ledgers tell it; nothing is written, and nobody at work is held up.

    Raises ProtocolError if the folder holds no run; MachineError if a ledger is damaged.
    """
    from ..execution.ledger_view import read_ledger
    from ..execution.locks import is_held
    from ..execution.run_note import read_note
    from ..harness.run_folder import LOCK, RECORD

    is_at_work = is_held(run_dir / LOCK)
    is_finished = (run_dir / RECORD).exists()
    note = read_note(run_dir)
    if note is None and not is_finished and not (run_dir / LOCK).exists():
        raise ProtocolError(Problem(key="cli.status_no_run", where=str(run_dir)))
    ledgers = tuple(
        read_ledger(each.ledger) if each.ledger is not None and each.ledger.exists() else None
        for each in (() if note is None else note.candidates)
    )
    state: State = "interrupted"
    if is_finished:
        state = "finished"
    elif is_at_work:
        state = "at_work"
    elif note is not None and note.shard is not None and _is_all_asked(note.candidates, ledgers):
        state = "part_done"
    return Seen(run_dir=run_dir, state=state, note=note, ledgers=ledgers)


def show(seen: Seen, language: Language) -> None:
    """Print the state, a line for each candidate, and what to type next."""
    from .showing import show_grid

    shard = "" if seen.note is None or seen.note.shard is None else "/".join(map(str, seen.note.shard))
    typer.echo(say(f"cli.status.{seen.state}", language, folder=str(seen.run_dir)))
    if shard:
        typer.echo(say("cli.status.shard", language, shard=shard))
    if seen.note is not None:
        show_grid(table(seen, language))
    typer.echo(say("cli.status.next", language, command=next_command(seen)))


def table(seen: Seen, language: Language) -> Grid:
    """A row for each candidate: done of all, each status that occurs, failed attempts, pace, time left, last answer."""
    candidates = () if seen.note is None else seen.note.candidates
    views = [view for view in seen.ledgers if view is not None]
    statuses = [status for status in STATUSES if any(view.statuses.get(status) for view in views)]
    ends = ("failed_attempts", "rate", "remaining", "last")
    header = [say(f"cli.status.column.{name}", language) for name in ("candidate", "done", *statuses, *ends)]
    rows = []
    for candidate, view in zip(candidates, seen.ledgers, strict=True):
        if candidate.ledger is None:
            done = say("cli.status.output_file", language)
            rows.append((candidate.id, done, *("—" for _ in header[2:])))
            continue
        n_done = 0 if view is None else min(view.n_done, candidate.n_cases)
        counts = (str(0 if view is None else view.statuses.get(status, 0)) for status in statuses)
        n_failed = str(0 if view is None else view.n_failed_attempts)
        done = say("cli.status.done", language, n=n_done, all=candidate.n_cases)
        rows.append((candidate.id, done, *counts, n_failed, *_pace(seen, view, candidate.n_cases - n_done, language)))
    return Grid(header=tuple(header), rows=tuple(rows), numeric=(False, *(True for _ in header[1:])))


def next_command(seen: Seen) -> str:
    """What to type next: look again, go on, join the parts, or write the reports again."""
    folder = str(seen.run_dir)
    if seen.state == "finished":
        return shlex.join(["dmn-bench", "report", folder])
    if seen.state == "at_work":
        return shlex.join(["dmn-bench", "status", folder])
    if seen.state == "part_done":
        return shlex.join(["dmn-bench", "merge", folder]) + " … --into DIR"
    if seen.note is None:
        return "dmn-bench run PROTOCOL " + shlex.join(["--out", folder, "--resume"])
    return resume_command(seen.note, seen.run_dir)


def resume_command(note: RunNote, run_dir: Path) -> str:
    """The command that goes on with an interrupted run."""
    words = ["dmn-bench", "run", str(note.protocol), "--out", str(run_dir), "--resume"]
    usual = (run_dir.parent if note.shard is None else run_dir) / "answers"
    folders = {each.ledger.parent for each in note.candidates if each.ledger is not None}
    for folder in sorted(folders):
        if folder.resolve() != usual.resolve():
            words += ["--answers", str(folder)]
    if note.shard is not None:
        words += ["--shard", "{}/{}".format(*note.shard)]
    return shlex.join(words)


def _is_all_asked(candidates: Sequence[NotedCandidate], ledgers: Sequence[LedgerView | None]) -> bool:
    """Whether no case is left, an unreadable one being asked about as well as it can be."""
    return all(
        candidate.ledger is None or (view is not None and sum(view.statuses.values()) >= candidate.n_cases)
        for candidate, view in zip(candidates, ledgers, strict=True)
    )


def _pace(seen: Seen, view: LedgerView | None, n_left: int, language: Language) -> tuple[str, str, str]:
    """Answers per second and time left while this candidate is asked, and when it last answered."""
    if view is None or view.newest_kept_at is None:
        return "—", "—", "—"
    last = datetime.datetime.fromisoformat(view.newest_kept_at).strftime("%Y-%m-%d %H:%M:%S UTC")
    per_second = view.answers_per_second
    if seen.state != "at_work" or not view.is_being_written or not per_second:
        return "—", "—", last
    left = datetime.timedelta(seconds=round(n_left / per_second))
    return say("cli.rate", language, rate=number(per_second, language, 1)), str(left), last
