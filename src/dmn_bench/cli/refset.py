"""`dmn-bench refset`: start, check, lock and describe a reference set."""

from __future__ import annotations

from pathlib import Path

import typer

from ..vocabulary import Language
from ..wordings import say, say_problem


def add_to(app: typer.Typer, language: Language) -> None:
    """Add the group of commands to the application."""
    group = typer.Typer(help=say("cli.help.refset", language), no_args_is_help=True)
    app.add_typer(group, name="refset")
    folder_help = say("cli.help.set_folder", language)

    @group.command("new", help=say("cli.help.refset_new", language))
    def new(
        folder: Path = typer.Argument(help=folder_help),
        modality: str = typer.Option(..., help=say("cli.help.modality", language)),
        finding: list[str] = typer.Option(..., help=say("cli.help.finding", language)),
    ) -> None:
        from ..curation import template

        template.new(folder, modality=modality, findings=finding, language=language)
        typer.echo(say("cli.refset_made", language, folder=str(folder)))

    @group.command("check", help=say("cli.help.refset_check", language))
    def check(folder: Path = typer.Argument(help=folder_help)) -> int:
        from ..catalogue import build_catalogue
        from ..curation.check import check as check_set

        report = check_set(folder, build_catalogue().make_all("reader"))
        for problem in (*report.errors, *report.warnings):
            is_error = problem in report.errors
            typer.echo(say("cli.error" if is_error else "cli.warning", language) + say_problem(problem, language))
        counts = {"n_errors": len(report.errors), "n_warnings": len(report.warnings)}
        typer.echo(say("cli.refset_checked", language, **counts))
        return 2 if report.errors else 0

    @group.command("lock", help=say("cli.help.refset_lock", language))
    def lock(folder: Path = typer.Argument(help=folder_help)) -> None:
        from .. import reference_set

        path = reference_set.lock(folder)
        typer.echo(say("cli.locked", language, path=str(path)))

    @group.command("describe", help=say("cli.help.refset_describe", language))
    def describe(folder: Path = typer.Argument(help=folder_help)) -> None:
        from ..catalogue import build_catalogue
        from ..curation.describe import describe as describe_set
        from ..curation.describe import grids
        from ..harness import load_set
        from .showing import show_grid

        loaded = load_set(folder, build_catalogue())
        for grid in grids(describe_set(loaded), language):
            show_grid(grid)
