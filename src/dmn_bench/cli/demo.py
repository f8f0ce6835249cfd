"""`dmn-bench demo`: the whole job on the shipped sets, candidates and protocols."""

from __future__ import annotations

import shutil
from pathlib import Path

import typer

from ..errors import Problem, ProtocolError
from ..vocabulary import Language
from ..wordings import say
from .run import run_protocol, show_record

MARKER = ".dmn-bench-demo"


def add_to(app: typer.Typer, language: Language) -> None:
    """Add the command to the application."""

    @app.command("demo", help=say("cli.help.demo", language))
    def demo(out: Path = typer.Option(Path("dmn-bench-demo"), help=say("cli.help.demo_out", language))) -> None:
        from ..files import shipped
        from ..harness import RunOptions

        _empty(out)
        for protocol in sorted(shipped("configs").glob("*-demo.yaml")):
            run_dir = out / protocol.stem.removesuffix("-demo")
            typer.echo(say("cli.demo_step", language, name=run_dir.name))
            record = run_protocol(protocol, RunOptions(run_dir=run_dir, answers_dir=out / "answers"), language)
            show_record(record, run_dir, language)
        typer.echo(say("cli.demo_done", language, folder=str(out.resolve())))
        for report in sorted(out.glob(f"*/report.*.{language}.html")):
            typer.echo(f"  {report}")


def _empty(folder: Path) -> None:
    """Make the folder, empty: an earlier demonstration is removed, anything else is left alone and refused.

    Raises ProtocolError if the folder holds something that is not a demonstration.
    """
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARKER).exists():
            raise ProtocolError(Problem(key="cli.demo_folder_in_use", where=str(folder)))
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).touch()
