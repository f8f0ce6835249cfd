"""`dmn-bench refset describe-signals`: what recordings are like becomes columns of cases.csv."""

from __future__ import annotations

from pathlib import Path

import typer

from ..vocabulary import Language
from ..wordings import say, say_problem
from .showing import progress_display


def add_to(group: typer.Typer, language: Language) -> None:
    """Add the command to the group of reference sets."""

    @group.command("describe-signals", help=say("signal_strata.help.command", language))
    def describe_signals(
        folder: Path = typer.Argument(help=say("cli.help.set_folder", language)),
        again: bool = typer.Option(False, "--again", help=say("signal_strata.help.again", language)),
    ) -> int:
        from ..catalogue import build_catalogue
        from ..curation.signal_columns import add_signal_columns, card_lines

        readers = build_catalogue().make_all("reader")
        with progress_display(language) as display:
            summary = add_signal_columns(
                folder,
                readers=readers,
                again=again,
                on_case=lambda done, total: display.work("describing_signals", done, total),
            )
        for problem in summary.problems:
            typer.echo(say("cli.error", language) + say_problem(problem, language), err=True)
        counts = {"n": summary.n_described, "known": summary.n_known, "other": summary.n_other}
        typer.echo(say("signal_strata.done", language, **counts, path=str(folder / "cases.csv")))
        if summary.problems:
            typer.echo(say("signal_strata.not_read", language, n=len(summary.problems)))
        if summary.filled:
            typer.echo(say("signal_strata.card", language))
            typer.echo(card_lines(summary.filled))
        return 2 if summary.problems else 0
