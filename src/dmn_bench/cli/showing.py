"""Tables and progress on a terminal: the only place that imports rich."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..vocabulary import Grid, Language
from ..wordings import say

if TYPE_CHECKING:
    from ..harness import Progress

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
def progress_bar(language: Language) -> Iterator[Callable[[Progress], None]]:
    """A bar for each candidate: how far, failures so far, time left."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failures]}"),
        TimeRemainingColumn(),
    )
    bars: dict[str, TaskID] = {}
    with Bars(*columns, console=Console(stderr=True), transient=False) as display:

        def advance(now: Progress) -> None:
            failures = say("cli.failures", language, n=now.failed)
            if now.candidate not in bars:
                bars[now.candidate] = display.add_task(now.candidate, total=now.total, failures=failures)
            display.update(bars[now.candidate], completed=now.done, failures=failures)

        yield advance
