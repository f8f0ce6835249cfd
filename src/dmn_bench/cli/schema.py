"""`dmn-bench schema`: the JSON Schema of each file format, made from the code."""

from __future__ import annotations

import json

import typer

from ..errors import Problem, ProtocolError
from ..vocabulary import Language
from ..wordings import say

NAMES = ("protocol", "record", "reference-set", "candidate", "device", "plugin-check")


def add_to(app: typer.Typer, language: Language) -> None:
    """Add the command to the application."""

    @app.command("schema", help=say("cli.help.schema", language, names=", ".join(NAMES)))
    def schema(name: str = typer.Argument(help=say("cli.help.schema_name", language, names=", ".join(NAMES)))) -> None:
        from pydantic import BaseModel

        from ..catalogue.manifests import CandidateFile, Device
        from ..catalogue.plugin_check import Checked
        from ..protocol import Protocol
        from ..record import Record
        from ..reference_set import Card

        models: dict[str, type[BaseModel]] = dict(
            zip(NAMES, (Protocol, Record, Card, CandidateFile, Device, Checked), strict=True)
        )
        if name not in models:
            facts = {"found": name, "known": ", ".join(NAMES)}
            raise ProtocolError(Problem(key="cli.unknown_schema", facts=facts))
        typer.echo(json.dumps(models[name].model_json_schema(), indent=1, sort_keys=True, ensure_ascii=False))
