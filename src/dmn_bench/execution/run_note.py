"""What the folder of a run says of itself: the note ``run.json``, written when a run starts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import Problem, ProtocolError

NOTE = "run.json"
FORMAT = "dmn-bench/run/1"


@dataclass(frozen=True, kw_only=True, slots=True)
class NotedCandidate:
    """One candidate of a run.

    ``ledger``: None for output files. ``n_cases``: those that it is asked about in this run or its part (``n_to_ask``
    of the note, else the part's share). ``n_in_set``: all cases of the set.
    """

    id: str
    ledger: Path | None
    n_cases: int
    n_in_set: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RunNote:
    """What is being run. ``shard``: (k, n) where only part k of n is asked."""

    protocol: Path
    started: str
    shard: tuple[int, int] | None
    candidates: tuple[NotedCandidate, ...]


def read_note(run_dir: Path) -> RunNote | None:
    """The note of a run, None where there is none. Its ledgers are looked for in the folder too, if it was moved.

    Raises ProtocolError if the note cannot be read.
    """
    path = run_dir / NOTE
    try:
        content = _of_this_format(json.loads(path.read_text(encoding="utf-8")))
        shard = None if content["shard"] is None else _shard(content["shard"])
        candidates = tuple(_candidate(each, run_dir, shard) for each in content["candidates"])
        return RunNote(
            protocol=Path(content["protocol"]), started=content["started"], shard=shard, candidates=candidates
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        facts = {"found": f"{type(error).__name__} {error}", "expected": FORMAT}
        raise ProtocolError(Problem(key="execution.note_unreadable", where=str(path), facts=facts)) from error


def _of_this_format(content: Mapping[str, Any]) -> Mapping[str, Any]:
    if content["format"] != FORMAT:
        raise ValueError(content["format"])
    return content


def _candidate(content: Mapping[str, Any], run_dir: Path, shard: tuple[int, int] | None) -> NotedCandidate:
    ledger = None if content["ledger"] is None else Path(content["ledger"])
    if ledger is not None and not ledger.exists() and (run_dir / "answers" / ledger.name).exists():
        ledger = run_dir / "answers" / ledger.name
    k, n = shard or (1, 1)
    n_in_set = int(content["n_cases"])
    n_cases = int(content.get("n_to_ask", len(range(k - 1, n_in_set, n))))
    return NotedCandidate(id=str(content["id"]), ledger=ledger, n_cases=n_cases, n_in_set=n_in_set)


def _shard(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    if found is None:
        raise ValueError(text)
    return int(found[1]), int(found[2])
