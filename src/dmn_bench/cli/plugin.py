"""`dmn-bench plugin list`: what is installed, part by part, and every candidate package."""

from __future__ import annotations

from pathlib import Path

import typer

from ..vocabulary import Grid, Language
from ..wordings import say


def add_to(app: typer.Typer, language: Language) -> None:
    """Add the group of commands to the application."""
    group = typer.Typer(help=say("cli.help.plugin", language), no_args_is_help=True)
    app.add_typer(group, name="plugin")

    @group.command("list", help=say("cli.help.plugin_list", language))
    def list_parts(
        folder: list[Path] = typer.Option([], help=say("cli.help.plugin_folder", language)),
    ) -> None:
        from ..catalogue import build_catalogue
        from .showing import show_grid

        catalogue = build_catalogue(extension_folders=folder, candidate_folders=folder)
        catalogue.check_pending()
        header = tuple(say(f"cli.column.{name}", language) for name in ("kind", "name", "provider", "version", "about"))
        rows = tuple((say(f"cli.kind.{row.kind}", language), *row[1:]) for row in catalogue.describe())
        show_grid(Grid(header=header, rows=rows, caption=say("cli.parts", language)))
