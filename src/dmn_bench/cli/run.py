"""`dmn-bench run`: verify, ask, judge, estimate, decide; the record and the reports."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..vocabulary import Language
from ..wordings import LANGUAGES, say

if TYPE_CHECKING:
    from ..record import Record


def add_to(app: typer.Typer, language: Language) -> None:
    """Add the command to the application."""

    @app.command("run", help=say("cli.help.run", language))
    def run(
        protocol: Path = typer.Argument(help=say("cli.help.protocol_file", language)),
        out: Path | None = typer.Option(None, help=say("cli.help.out", language)),
        answers: Path | None = typer.Option(None, help=say("cli.help.answers", language)),
        workers: int = typer.Option(1, min=1, help=say("cli.help.workers", language)),
        resume: bool = typer.Option(False, "--resume", help=say("cli.help.resume", language)),
        fail_on_verdict: bool = typer.Option(
            False, "--fail-on-verdict", help=say("cli.help.fail_on_verdict", language)
        ),
    ) -> int:
        run_dir = out or default_run_dir(protocol)
        record = run_protocol(protocol, run_dir, answers_dir=answers, workers=workers, resume=resume, language=language)
        show_record(record, run_dir, language)
        not_met = any(row.verdict == "not_met" for row in record.results.acceptance)
        return 1 if fail_on_verdict and not_met else 0


def default_run_dir(protocol: Path) -> Path:
    """A new folder for a run, named after the protocol and the time."""
    moment = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    return Path("runs") / f"{protocol.stem}-{moment}"


def run_protocol(
    protocol: Path, run_dir: Path, *, answers_dir: Path | None, workers: int, resume: bool, language: Language
) -> Record:
    """Run a protocol into a folder with progress on the terminal; write reports and comparison in every language."""
    from ..catalogue import build_catalogue
    from ..harness import RunOptions, evaluate
    from ..reporting import write_reports
    from ..reporting.comparison import write_comparisons
    from .showing import progress_bar

    catalogue = build_catalogue()
    options = RunOptions(run_dir=run_dir, answers_dir=answers_dir, workers=workers, resume=resume)
    with progress_bar(language) as advance:
        record = evaluate(protocol, options, catalogue=catalogue, on_progress=advance)
    sections = catalogue.make_all("report_section")
    write_reports(record, run_dir, languages=LANGUAGES, sections=sections)
    write_comparisons(record, run_dir, languages=LANGUAGES)
    return record


def show_record(record: Record, run_dir: Path, language: Language) -> None:
    """Print the verdicts and the main estimates, and where the reports are."""
    from ..reporting import summary_rows
    from .showing import show_grid

    for grid in summary_rows(record, language):
        show_grid(grid)
    typer.echo(say("cli.reports_are_in", language, folder=str(run_dir)))
