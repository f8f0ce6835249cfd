"""Runs a vendor's executable or script on folders: instantiated by the shim inside the sealed child."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .exchange_runner import INPUT, OUTPUT, TEMPORARY, Exchange, exchanged
from .watched_program import Ended, adopt_orphans, run


class CommandRunner:
    """Answers requests by a program, as ``Command.program`` describes it."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """``command``: its words, with the places {input} and {output}; ``exchange``: the fields of ``Exchange``."""
        self._command: Sequence[str] = options["command"]
        self._exchange = Exchange(**options["exchange"])
        self._place = Path.cwd()
        adopt_orphans()

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The program's answer. Raises what was wrong with its output."""
        (answer,) = self.answer_batch([request])
        if isinstance(answer, Exception):
            raise answer
        return answer

    def answer_batch(self, requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any] | Exception]:
        """For each request the program's answer, or what was wrong with that one."""
        return exchanged(requests, self._exchange, start=self._start, place=self._place)

    def _start(self, work: Path, beyond: Callable[[], str]) -> Ended:
        places = {"{input}": str(work / INPUT), "{output}": str(work / OUTPUT)}
        temporary = dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(work / TEMPORARY))
        command = [filled(word, places) for word in self._command]
        return run(command, folder=work, environment={**os.environ, **temporary}, beyond=beyond)


def filled(word: str, places: Mapping[str, str]) -> str:
    """A word of a command with its places filled; other brackets stay.

    >>> filled("--in={input}/x", {"{input}": "/a"}), filled("{print $1}", {})
    ('--in=/a/x', '{print $1}')
    """
    for name, value in places.items():
        word = word.replace(name, value)
    return word
