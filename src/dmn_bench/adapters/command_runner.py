"""Runs a vendor's executable or script on folders: instantiated by the shim inside the sealed child."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .exchange_output import remove
from .exchange_runner import INPUT, OUTPUT, Exchange, exchanged
from .watched_program import Ended, adopt_orphans, run


class CommandRunner:
    """Answers requests by a program, as ``Command.program`` describes it."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """``command``: its words, with the places {input} and {output}; ``exchange``: the fields of ``Exchange``."""
        self._command: Sequence[str] = options["command"]
        self._exchange = Exchange(**options["exchange"])
        self._place = Path.cwd()
        self._there = frozenset(self._place.iterdir())
        adopt_orphans()

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The program's answer. Raises what was wrong with its output."""
        (answer,) = self.answer_batch([request])
        if isinstance(answer, Exception):
            raise answer
        return answer

    def answer_batch(self, requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any] | Exception]:
        """For each request the program's answer, or what was wrong with that one."""
        try:
            return exchanged(requests, self._exchange, start=self._start, place=self._place)
        finally:
            self._tidy()

    def _start(self, work: Path, beyond: Callable[[], str]) -> Ended:
        places = {"{input}": str(work / INPUT), "{output}": str(work / OUTPUT)}
        command = [filled(word, places) for word in self._command]
        return run(command, folder=work, environment=os.environ, beyond=beyond)

    def _tidy(self) -> None:
        """Remove what the program left in its temporary folder; it is its home too: hidden entries as .cache stay."""
        for path in self._place.iterdir():
            if path not in self._there and not path.name.startswith("."):
                remove(path)


def filled(word: str, places: Mapping[str, str]) -> str:
    """A word of a command with its places filled; other brackets stay.

    >>> filled("--in={input}/x", {"{input}": "/a"}), filled("{print $1}", {})
    ('--in=/a/x', '{print $1}')
    """
    for name, value in places.items():
        word = word.replace(name, value)
    return word
