"""Who must act: one class per person, each carrying every problem found, as facts and a wording key.

Nothing here is worded: ``wordings.say`` turns a ``Problem`` into a sentence in the reader's language, and only the
command line does that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

Fact = str | int | float


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing wrong. ``key`` names a sentence of the wordings that says expected, found and what to do."""

    key: str  # "refset.file_missing"
    where: str = ""  # "cases.csv:14", "protocol.yaml:12:5", a case id; "" when the key says it all
    facts: Mapping[str, Fact] = field(default_factory=dict)


class DmnBenchError(Exception):
    """Base of all errors that a user is shown: one or more problems, never empty."""

    exit_code: ClassVar[int] = 2

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{p.where} {p.key} {dict(p.facts)}".strip() for p in problems))
        self.problems: tuple[Problem, ...] = problems


class ProtocolError(DmnBenchError):
    """The author of the protocol must act (or whoever typed the command)."""


class ReferenceSetError(DmnBenchError):
    """The keeper of the reference set must act."""


class InputFileError(ReferenceSetError):
    """One file of the set cannot be read: unreadable, truncated, hostile, of an unknown format."""


class RejectedInputError(DmnBenchError):
    """A candidate declared that it takes no such input: becomes its answer ``rejected_input``, and nobody must act."""


class ExtensionError(DmnBenchError):
    """The author of a trusted extension must act."""

    exit_code: ClassVar[int] = 3


class CandidateError(DmnBenchError):
    """The vendor must act: manifest, options, output file."""

    exit_code: ClassVar[int] = 3


class MachineError(DmnBenchError):
    """Whoever runs the machine must act: disk full, missing extra, another run in this folder."""

    exit_code: ClassVar[int] = 5


class Interrupted(DmnBenchError):
    """The user stopped the work; what is done is kept and the run can go on."""

    exit_code: ClassVar[int] = 4


def collect(problems: Sequence[Problem], error: type[DmnBenchError]) -> None:
    """Raise ``error`` with all ``problems`` together; return silently when there are none."""
    if problems:
        raise error(*problems)
