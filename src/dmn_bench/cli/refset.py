"""`dmn-bench refset`: start, check, lock and describe a reference set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..errors import Problem, ReferenceSetError
from ..vocabulary import Language
from ..wordings import say, say_problem
from . import refset_import, refset_signals

if TYPE_CHECKING:
    from ..curation.check import CheckReport


def add_to(app: typer.Typer, language: Language) -> None:
    """Add the group of commands to the application."""
    group = typer.Typer(help=say("cli.help.refset", language), no_args_is_help=True)
    app.add_typer(group, name="refset")
    folder_help = say("cli.help.set_folder", language)

    @group.command("new", help=say("cli.help.refset_new", language))
    def new(
        folder: Path = typer.Argument(help=folder_help),
        modality: str = typer.Option(..., help=say("cli.help.modality", language)),
        finding: list[str] = typer.Option([], help=say("cli.help.finding", language)),
        structures_only: bool = typer.Option(
            False, "--structures-only", help=say("cli.help.structures_only", language)
        ),
    ) -> None:
        from ..curation import template

        template.new(folder, modality=modality, findings=finding, structures_only=structures_only, language=language)
        typer.echo(say("cli.refset_made", language, folder=str(folder)))

    refset_import.add_to(group, language)
    refset_signals.add_to(group, language)

    @group.command("check", help=say("cli.help.refset_check", language))
    def check(folder: Path = typer.Argument(help=folder_help)) -> int:
        return 2 if _checked(folder, language).errors else 0

    @group.command("lock", help=say("cli.help.refset_lock", language))
    def lock(folder: Path = typer.Argument(help=folder_help)) -> None:
        from .. import reference_set

        if _checked(folder, language).errors:
            raise ReferenceSetError(Problem(key="refset.not_locked_with_errors", where=str(folder)))
        path = reference_set.lock(folder)
        typer.echo(say("cli.locked", language, path=str(path)))

    @group.command("describe", help=say("cli.help.refset_describe", language))
    def describe(folder: Path = typer.Argument(help=folder_help)) -> None:
        from ..catalogue import build_catalogue
        from ..curation.describe import describe as describe_set
        from ..curation.describe import grids
        from ..curation.describe_lesions import lesion_counts, lesion_grid
        from ..harness import load_set
        from .showing import show_grid

        loaded = load_set(folder, build_catalogue())
        for grid in filter(lambda grid: grid.rows, grids(describe_set(loaded), loaded.card, language)):
            show_grid(grid)
        lesions = lesion_grid(lesion_counts(loaded), loaded.card, language)
        if lesions is not None:
            show_grid(lesions)


def _checked(folder: Path, language: Language) -> CheckReport:
    """Check a set and print everything that was found, errors first."""
    from ..catalogue import build_catalogue
    from ..curation.check import check

    report = check(folder, build_catalogue().make_all("reader"))
    for key, problems in (("cli.error", report.errors), ("cli.warning", report.warnings)):
        for problem in problems:
            typer.echo(say(key, language) + say_problem(problem, language))
    counts = {"n_errors": len(report.errors), "n_warnings": len(report.warnings)}
    typer.echo(say("cli.refset_checked", language, **counts))
    return report
