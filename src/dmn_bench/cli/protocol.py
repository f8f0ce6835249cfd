"""`dmn-bench protocol`: ask the questions, check, lock and amend."""

from __future__ import annotations

import datetime
from pathlib import Path

import typer

from ..vocabulary import Language
from ..wordings import say


def add_to(app: typer.Typer, language: Language) -> None:
    """Add the group of commands to the application."""
    group = typer.Typer(help=say("cli.help.protocol", language), no_args_is_help=True)
    app.add_typer(group, name="protocol")
    file_help = say("cli.help.protocol_file", language)

    @group.command("new", help=say("cli.help.protocol_new", language))
    def new(path: Path = typer.Argument(help=file_help)) -> None:
        from .questions import ask_protocol

        ask_protocol(path, language)
        typer.echo(say("cli.protocol_made", language, path=str(path)))

    @group.command("check", help=say("cli.help.protocol_check", language))
    def check(path: Path = typer.Argument(help=file_help)) -> None:
        from ..catalogue import build_catalogue
        from ..harness import prepare
        from ..harness.planned_marks import check_marks

        prepared = prepare(path, catalogue=build_catalogue())
        check_marks(prepared)
        facts = {"candidates": len(prepared.candidates), "endpoints": len(prepared.protocol.endpoints)}
        typer.echo(say("cli.protocol_checked", language, path=str(path), **facts))

    @group.command("lock", help=say("cli.help.protocol_lock", language))
    def lock(path: Path = typer.Argument(help=file_help)) -> None:
        from ..catalogue import build_catalogue
        from ..harness import prepare
        from ..harness.planned_marks import check_marks
        from ..protocol import write_lock

        prepared = prepare(path, catalogue=build_catalogue())
        check_marks(prepared)
        written = write_lock(prepared.protocol, path, reference_set_sha256=prepared.reference_set.sha256, now=_now())
        typer.echo(say("cli.locked", language, path=str(written)))

    @group.command("amend", help=say("cli.help.protocol_amend", language))
    def amend(
        path: Path = typer.Argument(help=file_help),
        reason: str = typer.Option(..., help=say("cli.help.reason", language)),
    ) -> None:
        from ..catalogue import build_catalogue
        from ..harness import prepare
        from ..protocol import write_amendment

        prepared = prepare(path, catalogue=build_catalogue(), amending=True)
        set_sha256 = prepared.reference_set.sha256
        written = write_amendment(prepared.protocol, path, reference_set_sha256=set_sha256, reason=reason, now=_now())
        typer.echo(say("cli.locked", language, path=str(written)))


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
