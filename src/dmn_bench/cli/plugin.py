"""`dmn-bench plugin`: what is installed, a package to start from, and the check of a package."""

from __future__ import annotations

from pathlib import Path

import typer

from ..errors import Problem, ProtocolError
from ..vocabulary import Grid, Language
from ..wordings import say

TIERS = ("at-least-0", "at-least-1", "at-least-2", "at-least-3")
ADAPTERS = (
    *("python", "onnx", "command", "wire", "container", "http"),
    *("dicom-node", "dicomweb", "predictions"),
)  # that there is a template for
TASKS = (
    *("classification", "detection", "grading", "segmentation", "measurement"),
    *("beats", "statements", "episodes"),
)
DEFAULT_TIER = "at-least-1"


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

    @group.command("check", help=say("plugin_kit.help.check", language))
    def check(
        folder: Path = typer.Argument(help=say("plugin_kit.help.folder", language)),
        cases: Path = typer.Option(None, help=say("plugin_kit.help.cases", language)),
        out: Path = typer.Option(None, help=say("plugin_kit.help.out", language)),
        against: Path = typer.Option(None, help=say("plugin_kit.help.against", language)),
        seconds_per_case: float = typer.Option(None, min=0.1, help=say("plugin_kit.help.seconds", language)),
        isolation: str = typer.Option(DEFAULT_TIER, help=say("plugin_kit.help.isolation", language)),
    ) -> int:
        from ..catalogue import build_catalogue
        from ..catalogue.packages import PLUGIN_CHECK
        from ..testing.suite import Suite
        from .plugin_check import check_package, compare_package

        if against is not None:
            return compare_package(folder, against, language)
        suite = Suite(
            folder=folder,
            catalogue=build_catalogue(),
            cases_from=cases,
            seconds_per_case=seconds_per_case,
            least_tier=_tier(isolation),
        )
        return check_package(suite, out or folder / PLUGIN_CHECK, language)

    @group.command("new", help=say("plugin_kit.help.new", language))
    def new(
        folder: Path = typer.Argument(help=say("plugin_kit.help.new_folder", language)),
        adapter: str = typer.Option(None, help=say("plugin_kit.help.adapter", language, names=", ".join(ADAPTERS))),
        task: str = typer.Option(None, help=say("plugin_kit.help.task", language, names=", ".join(TASKS))),
        finding: str = typer.Option(None, help=say("plugin_kit.help.finding", language)),
    ) -> None:
        from .plugin_new import make_package

        make_package(folder, (adapter, task, finding), language)


def _tier(isolation: str) -> int:
    """The number of a tier as protocols write it. Raises ProtocolError for any other word."""
    if isolation not in TIERS:
        facts = {"found": isolation, "known": ", ".join(TIERS)}
        raise ProtocolError(Problem(key="plugin_kit.unknown_tier", facts=facts))
    return TIERS.index(isolation)
