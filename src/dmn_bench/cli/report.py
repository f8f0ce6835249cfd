"""`dmn-bench report`: documents again from a saved record."""

from __future__ import annotations

from pathlib import Path

import typer

from ..errors import Problem, ProtocolError
from ..vocabulary import Language
from ..wordings import LANGUAGES, say


def add_to(app: typer.Typer, language: Language) -> None:
    """Add the command to the application."""

    @app.command("report", help=say("cli.help.report", language))
    def report(
        run_dir: Path = typer.Argument(help=say("cli.help.run_dir", language)),
        candidate: str | None = typer.Option(None, help=say("cli.help.candidate", language)),
        both: bool = typer.Option(False, "--both-languages", help=say("cli.help.both_languages", language)),
        without_pictures: bool = typer.Option(
            False, "--without-pictures", help=say("cli.help.without_pictures", language)
        ),
    ) -> None:
        from ..catalogue import build_catalogue
        from ..record import read_record
        from ..reporting import write_reports

        record = read_record(run_dir / "record.json")
        known = [c.id for c in record.candidates]
        if candidate is not None and candidate not in known:
            facts = {"found": candidate, "known": ", ".join(known)}
            raise ProtocolError(Problem(key="protocol.unknown_candidate", where=str(run_dir), facts=facts))
        paths = write_reports(
            record,
            run_dir,
            languages=LANGUAGES if both else (language,),
            sections=build_catalogue().make_all("report_section"),
            candidates=None if candidate is None else (candidate,),
            with_pictures=not without_pictures,
        )
        for path in paths:
            typer.echo(str(path))
