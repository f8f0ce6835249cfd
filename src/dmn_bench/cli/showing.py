"""Tables and progress on a terminal: the only place that imports rich."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from ..vocabulary import Grid, Language
from ..wordings import say, say_problem
from ..wordings.numbers import number

if TYPE_CHECKING:
    from rich.console import Console

    from ..harness import Progress

SECONDS_BETWEEN_LINES = 30.0
WIDTH_OF_A_FILE = 160  # characters, where the output goes to a file or another program


def show_grid(grid: Grid) -> None:
    """Print a table; greyed rows are dim."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=grid.caption or None, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for index, name in enumerate(grid.header):
        is_number = index < len(grid.numeric) and grid.numeric[index]
        table.add_column(escape(name), justify="right" if is_number else "left", overflow="fold")
    for index, row in enumerate(grid.rows):
        table.add_row(*(escape(cell) for cell in row), style="dim" if index in grid.muted else None)
    terminal = Console()
    wide = None if terminal.is_terminal else WIDTH_OF_A_FILE
    Console(width=wide).print(table)


@contextmanager
def progress_display(language: Language) -> Iterator[Callable[[Progress], None]]:
    """How far each candidate is: a bar on a terminal, a line now and then elsewhere."""
    from rich.console import Console

    console = Console(stderr=True)
    if console.is_terminal:
        with _bars(console, language) as advance:
            yield advance
    else:
        yield _Lines(language).advance


@contextmanager
def _bars(console: Console, language: Language) -> Iterator[Callable[[Progress], None]]:
    """A bar for each candidate: how far, failures so far, answers per second, time left."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        ProgressColumn,
        Task,
        TaskID,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bars
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text("" if not speed else say("cli.rate", language, rate=number(speed, language, 1)))

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failures]}"),
        Rate(),
        TimeRemainingColumn(),
    )
    bars: dict[str, TaskID] = {}
    with Bars(*columns, console=console, transient=False) as display:

        def advance(now: Progress) -> None:
            failures = say("cli.failures", language, n=now.failed)
            if now.candidate not in bars:
                bars[now.candidate] = display.add_task(
                    now.candidate, total=now.total, completed=now.done, failures=failures
                )
            if now.notice is not None:
                display.console.print(say_problem(now.notice, language), markup=False)
            display.update(bars[now.candidate], completed=now.done, failures=failures)

        yield advance


class _Lines:
    """Progress for a log: the first news of a candidate, then at most one line in SECONDS_BETWEEN_LINES, the end."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.begun: dict[str, tuple[float, int]] = {}  # candidate -> when and at how many answers
        self.told = 0.0

    def advance(self, now: Progress) -> None:
        moment = time.monotonic()
        is_new = now.candidate not in self.begun
        since, done_then = self.begun.setdefault(now.candidate, (moment, now.done))
        if now.notice is not None:
            typer.echo(say_problem(now.notice, self.language), err=True)
        if not (is_new or now.done == now.total or moment - self.told >= SECONDS_BETWEEN_LINES):
            return
        self.told = moment
        parts = [f"{now.candidate}: {now.done}/{now.total}", say("cli.failures", self.language, n=now.failed)]
        if now.done > done_then and moment > since:
            rate = (now.done - done_then) / (moment - since)
            parts.append(say("cli.rate", self.language, rate=number(rate, self.language, 1)))
            if now.done < now.total:
                left = datetime.timedelta(seconds=round((now.total - now.done) / rate))
                parts.append(say("cli.remaining", self.language, time=str(left)))
        typer.echo(", ".join(parts), err=True)
