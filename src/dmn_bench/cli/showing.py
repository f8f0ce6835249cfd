"""Tables and progress on a terminal: the only place that imports rich."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import typer

from ..vocabulary import Grid, Language
from ..wordings import say, say_problem
from ..wordings.numbers import number, percent

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from ..harness import Progress

SECONDS_BETWEEN_LINES = 30.0
SECONDS_OF_A_MOMENT = 1.0  # work before the first question that is over sooner is not shown
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
def progress_display(language: Language) -> Iterator[Display]:
    """How far a run is: bars on a terminal, a line now and then elsewhere."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines(language)
        return
    bars = _bars(console, language)
    with bars:
        yield Bars(bars, language)


class Display(Protocol):
    """Told how far a run is."""

    def advance(self, now: Progress) -> None:
        """So many cases of a candidate have an answer."""

    def work(self, kind: str, done: int, total: int) -> None:
        """So much of the work before the first question is done: bytes verified, headers read."""


def _bars(console: Console, language: Language) -> RichProgress:
    """Description, bar, number, failures so far, answers per second, time left."""
    from rich.progress import BarColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            if not speed or not task.fields["failures"]:
                return Text("")
            return Text(say("cli.rate", language, rate=number(speed, language, 1)))

    fields = (TextColumn("{task.fields[amount]}"), TextColumn("{task.fields[failures]}"))
    columns = (TextColumn("{task.description}"), BarColumn(), *fields, Rate(), TimeRemainingColumn())
    return RichProgress(*columns, console=console, transient=False)


class Bars:
    """One bar for each candidate, and one for each kind of work that takes longer than a moment."""

    def __init__(self, display: RichProgress, language: Language) -> None:
        self.display, self.language = display, language
        self.tasks: dict[str, TaskID] = {}
        self.begun: dict[str, float] = {}

    def advance(self, now: Progress) -> None:
        """See ``Display``."""
        failures = say("cli.failures", self.language, n=now.failed)
        amount = f"{now.done}/{now.total}"
        if now.candidate not in self.tasks:
            self.tasks[now.candidate] = self.display.add_task(
                now.candidate, total=now.total, completed=now.done, failures=failures, amount=amount
            )
        if now.notice is not None:
            self.display.console.print(say_problem(now.notice, self.language), markup=False)
        self.display.update(self.tasks[now.candidate], completed=now.done, failures=failures, amount=amount)

    def work(self, kind: str, done: int, total: int) -> None:
        """See ``Display``."""
        since = self.begun.setdefault(kind, time.monotonic())
        if kind not in self.tasks and time.monotonic() - since < SECONDS_OF_A_MOMENT:
            return
        if kind not in self.tasks:
            name = say(f"cli.work.{kind}", self.language)
            self.tasks[kind] = self.display.add_task(name, total=total, failures="", amount="")
        self.display.update(self.tasks[kind], completed=done, total=total)


class Lines:
    """For a log: the first news of a candidate, then at most one line in SECONDS_BETWEEN_LINES, and the end."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.begun: dict[str, tuple[float, int]] = {}  # candidate -> when and at how many answers
        self.told = time.monotonic()

    def advance(self, now: Progress) -> None:
        """See ``Display``."""
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

    def work(self, kind: str, done: int, total: int) -> None:
        """See ``Display``."""
        if total and time.monotonic() - self.told >= SECONDS_BETWEEN_LINES:
            self.told = time.monotonic()
            share = percent(done / total, self.language, 0)
            typer.echo(f"{say(f'cli.work.{kind}', self.language)}: {share}", err=True)
