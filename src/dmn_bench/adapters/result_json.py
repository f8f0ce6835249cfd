"""JSON files of results, read strictly: every part knows its place, and what is wrong with it is noted there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..errors import CandidateError, Problem
from ..inputs import json_nodes
from ..inputs.json_nodes import JsonError, Node, Noting, shown
from .prediction_tables import text_of

__all__ = ["Node", "parsed", "read_json", "read_json_lines", "shown"]


def read_json(path: Path, name: str, encoding: str, faults: Noting) -> Node:
    """The content of a JSON file, called ``name`` in messages; NaN and infinity stay, for the reader to judge.

    Raises CandidateError if the file is not there, not in ``encoding``, or no JSON, at its line and column; keys that
    are given twice are noted in ``faults``.
    """
    if not path.is_file():
        raise CandidateError(Problem(key="adapters.file_missing", where=name))
    return parsed(text_of(path, name, encoding), name, faults)


def read_json_lines(path: Path, name: str, encoding: str, faults: Noting) -> Iterator[Node]:
    """The lines of an NDJSON file, each by itself; see ``read_json``."""
    if not path.is_file():
        raise CandidateError(Problem(key="adapters.file_missing", where=name))
    for number, line in enumerate(text_of(path, name, encoding).split("\n"), start=1):
        if line.strip():
            yield parsed(line, f"{name}:{number}", faults)


def parsed(text: str, name: str, faults: Noting) -> Node:
    """A JSON text; see ``read_json``."""
    try:
        return json_nodes.parsed(text, name, faults)
    except JsonError as error:
        facts = {"found": error.found}
        raise CandidateError(Problem(key="answers.json_malformed", where=error.where, facts=facts)) from error
