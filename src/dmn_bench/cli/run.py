"""`dmn-bench run`: verify, ask, judge, estimate, decide; the record and the reports."""

from __future__ import annotations

import contextlib
import datetime
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..errors import Interrupted, MachineError, Problem, ProtocolError
from ..vocabulary import Language
from ..wordings import LANGUAGES, say
from .showing import progress_display

if TYPE_CHECKING:
    from ..harness import RunOptions, Shard
    from ..record import Record

OTHER_PROCESS = ("harness.another_run", "execution.ledger_busy")  # to go on is its business


def add_to(app: typer.Typer, language: Language) -> None:
    """Add the command to the application."""

    @app.command("run", help=say("cli.help.run", language))
    def run(  # noqa: PLR0913 - one parameter for each option of the command
        protocol: Path = typer.Argument(help=say("cli.help.protocol_file", language)),
        out: Path | None = typer.Option(None, help=say("cli.help.out", language)),
        answers: Path | None = typer.Option(None, help=say("cli.help.answers", language)),
        workers: str = typer.Option("auto", metavar="N|auto", help=say("cli.help.workers", language)),
        scheduler: str | None = typer.Option(None, metavar="ADDRESS", help=say("cli.help.scheduler", language)),
        send_files: bool = typer.Option(False, "--send-files", help=say("cli.help.send_files", language)),
        shard: str | None = typer.Option(None, metavar="k/n", help=say("cli.help.shard", language)),
        resume: bool = typer.Option(False, "--resume", help=say("cli.help.resume", language)),
        fail_on_verdict: bool = typer.Option(
            False, "--fail-on-verdict", help=say("cli.help.fail_on_verdict", language)
        ),
    ) -> int:
        from ..harness import RunOptions

        options = RunOptions(
            run_dir=out or default_run_dir(protocol),
            answers_dir=answers,
            workers=number_of_workers(workers),
            resume=resume,
            shard=None if shard is None else shard_of(shard),
            scheduler=scheduler,
            send_files=send_files,
        )
        if options.shard is not None:
            ask_shard(protocol, options, language)
            return 0
        record = run_protocol(protocol, options, language)
        show_record(record, options.run_dir, language)
        not_met = any(row.verdict == "not_met" for row in record.results.acceptance)
        return 1 if fail_on_verdict and not_met else 0


def default_run_dir(protocol: Path) -> Path:
    """A new folder for a run, named after the protocol and the time."""
    moment = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    return Path("runs") / f"{protocol.stem}-{moment}"


def number_of_workers(text: str) -> int | None:
    """How many children were asked for; None for as many as fit. Raises ProtocolError if it is no number from 1."""
    if text == "auto":
        return None
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise ProtocolError(Problem(key="cli.workers", where="--workers", facts={"found": text}))
    return int(text)


def shard_of(text: str) -> Shard:
    """The part that ``k/n`` names. Raises ProtocolError unless 1 <= k <= n."""
    from ..harness import Shard

    k, _, n = text.partition("/")
    if not all(part.isascii() and part.isdigit() for part in (k, n)) or not 1 <= int(k) <= int(n):
        raise ProtocolError(Problem(key="cli.shard", where="--shard", facts={"found": text}))
    return Shard(int(k), int(n))


def run_protocol(protocol: Path, options: RunOptions, language: Language) -> Record:
    """Run a protocol into a folder with progress on the terminal; write reports and comparison in every language.

    A run that is to be resumed and has its record already was stopped while its reports were written: they are.
    """
    with how_to_go_on(protocol, options, language), progress_display(language) as display:
        from ..catalogue import build_catalogue
        from ..harness import evaluate, finished
        from ..reporting import write_reports
        from ..reporting.comparison import write_comparisons

        catalogue = build_catalogue()
        record = finished(protocol, options)
        if record is None:
            record = evaluate(protocol, options, catalogue=catalogue, on_progress=display.advance, on_work=display.work)
        sections = catalogue.make_all("report_section")
        write_reports(record, options.run_dir, languages=LANGUAGES, sections=sections)
        write_comparisons(record, options.run_dir, languages=LANGUAGES)
    return record


def ask_shard(protocol: Path, options: RunOptions, language: Language) -> None:
    """Ask one part of the cases with progress on the terminal; say how the parts are joined."""
    from ..catalogue import build_catalogue
    from ..harness import ask_part

    with how_to_go_on(protocol, options, language), progress_display(language) as display:
        ask_part(protocol, options, catalogue=build_catalogue(), on_progress=display.advance, on_work=display.work)
    typer.echo(say("cli.shard_done", language, shard=str(options.shard), folder=str(options.run_dir)))


@contextlib.contextmanager
def how_to_go_on(protocol: Path, options: RunOptions, language: Language) -> Iterator[None]:
    """Whatever stops a run that has begun (Ctrl-C, SIGTERM, a full disk) is told with the command that goes on."""
    words = ["dmn-bench", "run", str(protocol), "--out", str(options.run_dir), "--resume"]
    words += ["--answers", str(options.answers_dir)] if options.answers_dir else []
    words += ["--shard", str(options.shard)] if options.shard else []
    words += ["--scheduler", options.scheduler] if options.scheduler else []
    words += ["--send-files"] if options.send_files else []
    try:
        yield
    except KeyboardInterrupt:
        stopped = Interrupted(Problem(key="cli.interrupted"))
        if options.run_dir.is_dir():
            stopped.add_note(say("cli.go_on", language, command=shlex.join(words)))
        raise stopped from None
    except (Interrupted, MachineError) as stopped:
        if options.run_dir.is_dir() and not any(p.key in OTHER_PROCESS for p in stopped.problems):
            stopped.add_note(say("cli.go_on", language, command=shlex.join(words)))
        raise


def show_record(record: Record, run_dir: Path, language: Language) -> None:
    """Print the verdicts and the main estimates, and where the reports are."""
    from ..reporting import summary_rows
    from .showing import show_grid

    for grid in summary_rows(record, language):
        show_grid(grid)
    typer.echo(say("cli.reports_are_in", language, folder=str(run_dir)))
