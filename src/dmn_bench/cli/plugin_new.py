"""`dmn-bench plugin new`: what was not said is asked in plain words; then a package that works is written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from ..vocabulary import Language
from ..wordings import say

MUST_RUN = ("http", "container", "dicom-node", "dicomweb")
"""Adapters whose package can be checked only while something runs, which its README names."""

Said = tuple[str | None, str | None, str | None]
"""Adapter, task and finding as options gave them."""


def make_package(folder: Path, said: Said, language: Language) -> None:
    """Write the package; an adapter that was not named is asked for, with what follows from it.

    Raises CandidateError if the folder holds anything, or there is no such template.
    """
    from ..testing.template import TASKS, Wanted, new_package

    adapter, task, finding = said
    is_asking = adapter is None
    adapter = adapter or _choice("adapter", tuple(TASKS), language)
    tasks = TASKS.get(adapter, ())
    if task is None and is_asking and len(tasks) > 1:
        task = _choice("task", tasks, language)
    task = task or "classification"
    if finding is None and is_asking and task != "beats":
        finding = typer.prompt(say("plugin_kit.ask.finding", language), default="finding").strip()
    new_package(folder, Wanted(adapter=adapter, task=task, finding=finding or "finding", language=language))
    typer.echo(say("plugin_kit.made", language, folder=str(folder)))
    if adapter in MUST_RUN:
        typer.echo(say("plugin_new.must_run", language))


def _choice(name: str, among: Sequence[str], language: Language) -> str:
    """One of some words; another one is explained and asked again."""
    while True:
        question = say(f"plugin_kit.ask.{name}", language, names=", ".join(among))
        answer: str = typer.prompt(question, default=among[0]).strip()
        if answer in among:
            return answer
        typer.echo(say("cli.ask.not_among", language, found=answer, known=", ".join(among)))
