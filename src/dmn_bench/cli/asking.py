"""Questions at the terminal and the YAML made of their answers: an unusable answer is explained and asked again."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from ..vocabulary import Language
from ..wordings import say

SUFFIXES: Mapping[Language, str] = {"en": ": ", "fr": " : "}
"""What stands between a question and its answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asker:
    """Asks in one language; an unusable answer is explained and asked again."""

    language: Language

    def text(self, name: str, *, default: str = "") -> str:
        """A line of text."""
        answer: str = typer.prompt(
            say(f"cli.ask.{name}", self.language),
            default=default,
            show_default=bool(default),
            prompt_suffix=SUFFIXES[self.language],
        )
        return answer.strip()

    def path(self, name: str) -> Path:
        """The path of a file or folder, asked again until there is one; see ``path_or_none``."""
        while True:
            found = self.path_or_none(name)
            if found is not None:
                return found
            typer.echo(say("cli.ask.no_path", self.language))

    def path_or_none(self, name: str) -> Path | None:
        """The path of a file or folder, None when left empty; one that is not there yet must be given twice."""
        answer, before = self.text(name), ""
        while answer and ("\0" in answer or not (answer == before or Path(answer).exists())):
            typer.echo(say("cli.ask.not_there", self.language, found=answer))
            before = answer
            answer = self.text(name, default=answer)
        return Path(answer) if answer else None

    def class_number(self, default: str) -> str:
        """A whole number from 0 as text, "" when left empty."""
        while True:
            answer = self.text("class_number", default=default)
            if not answer or (answer.isascii() and answer.isdigit()):
                return answer
            typer.echo(say("cli.ask.not_a_class", self.language, found=answer))

    def choice(self, name: str, among: Sequence[str]) -> str:
        """One of some words."""
        while True:
            answer = self.text(name, default=among[0])
            if answer in among:
                return answer
            typer.echo(say("cli.ask.not_among", self.language, found=answer, known=", ".join(among)))

    def share(self, name: str) -> float | None:
        """A share between 0 and 1, with a point or a comma, or a percentage; None when left empty."""
        return self._usable(name, lambda value: 0 <= value <= 1, otherwise="cli.ask.not_a_share", in_percent=True)

    def amount(self, name: str) -> float | None:
        """A number from 0, with a point or a comma; None when left empty."""
        return self._usable(name, lambda value: 0 <= value < math.inf, otherwise="cli.ask.not_an_amount")

    def size(self, name: str) -> float | None:
        """A number above 0, with a point or a comma; None when left empty."""
        return self._usable(name, lambda value: 0 < value < math.inf, otherwise="cli.ask.not_a_size")

    def number(self, name: str, usual: float, *, most: float = math.inf) -> float:
        """A number above 0 and at most ``most``, with a point or a comma; ``usual`` when left empty."""
        while True:
            value = self.size(name)
            if value is None:
                return usual
            if value <= most:
                return value
            typer.echo(say("cli.ask.too_large", self.language, found=f"{value:g}", most=f"{most:g}"))

    def _usable(
        self, name: str, is_usable: Callable[[float], bool], *, otherwise: str, in_percent: bool = False
    ) -> float | None:
        """A number with a point or a comma; asked again, with the sentence ``otherwise``, while it is not usable."""
        while True:
            answer = self.text(name).replace(",", ".")
            if not answer:
                return None
            is_percentage = in_percent and answer.endswith("%")
            try:
                value = float(answer.removesuffix("%") if is_percentage else answer) / (100 if is_percentage else 1)
            except ValueError:
                value = math.nan  # usable nowhere
            if is_usable(value):
                return value
            typer.echo(say(otherwise, self.language, found=answer))


def flow(values: Mapping[str, object]) -> str:
    """A YAML flow mapping.

    >>> flow({"path": "a b", "categories": {"1": "af"}})
    '{path: "a b", categories: {"1": "af"}}'
    """
    named = ((key if key.isidentifier() else quoted(key), value) for key, value in values.items())
    return "{" + ", ".join(f"{key}: {quoted(value)}" for key, value in named) + "}"


def quoted(value: object) -> str:
    """A YAML scalar or flow mapping: JSON's double quotes are YAML's."""
    if isinstance(value, Mapping):
        return flow(value)
    return json.dumps(value, ensure_ascii=False)
