"""What became of one case that was put to a candidate: the answer, and everything worth keeping about the asking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ..vocabulary import AskedAnswer


class FailedAttempt(NamedTuple):
    """One try that gave no answer. ``attempt`` counts from 1; ``printed``: the last 20 kB the candidate wrote."""

    case_id: str
    attempt: int
    reason: str
    printed: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """One answer with the tries before it, the decoders of its request and the seconds of each load it needed."""

    asked: AskedAnswer
    failed_attempts: tuple[FailedAttempt, ...] = ()
    decoders: tuple[str, ...] = ()
    load_seconds: tuple[float, ...] = ()
