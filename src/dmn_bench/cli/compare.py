"""`dmn-bench compare`: the comparison document again from a saved record, for the buyer alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from ..errors import Problem, ProtocolError, collect
from ..vocabulary import Language
from ..wordings import LANGUAGES, say


def add_to(app: typer.Typer, language: Language) -> None:
    """Add the command to the application."""

    @app.command("compare", help=say("compare.help", language))
    def compare(
        run_dir: Path = typer.Argument(help=say("cli.help.run_dir", language)),
        both: bool = typer.Option(False, "--both-languages", help=say("compare.help_both", language)),
        masked: bool = typer.Option(False, "--masked", help=say("compare.help_masked", language)),
        reply: list[str] = typer.Option([], help=say("compare.help_reply", language)),
    ) -> None:
        from ..record import read_record
        from ..reporting.comparison import write_comparisons

        record = read_record(run_dir / "record.json")
        if not record.results.comparisons:
            raise ProtocolError(Problem(key="compare.nothing_planned", where=str(run_dir)))
        languages = LANGUAGES if both else (language,)
        for path in write_comparisons(record, run_dir, languages=languages, masked=masked, replies=_replies(reply)):
            typer.echo(str(path))


def _replies(given: Sequence[str]) -> dict[str, str]:
    """Text of each ``ID=FILE``, unedited. Raises ProtocolError with every one that is not so, or cannot be read."""
    found: dict[str, str] = {}
    problems = []
    for one in given:
        name, sign, file = one.partition("=")
        if not sign or not name or not file:
            problems.append(Problem(key="compare.reply_form", facts={"found": one}))
            continue
        try:
            found[name] = Path(file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(key="compare.reply_unreadable", where=file, facts={"found": str(error)}))
    collect(problems, ProtocolError)
    return found
