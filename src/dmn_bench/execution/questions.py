"""What a candidate is asked, made once by the harness: its program, how a case becomes a request, the limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..hookspecs import ChildProgram
from ..vocabulary import Case, Origin, Request
from .launcher import ExecutionSettings

Load = Callable[[Case, Path], tuple[Request, Origin]]
"""Makes the request of a case, writing the files that a candidate may see into the empty folder it is given.

Called from several threads at once. Raises InputFileError where the files of the case cannot be read.
"""


def nothing_to_check() -> None:
    """For a candidate that has no files."""


@dataclass(frozen=True, kw_only=True)
class Questions:
    """The questions to one candidate; every worker puts the same ones, whatever machine it is on.

    ``check_candidate`` raises CandidateError if the files of the candidate are no longer those that the run began
    with; each child is checked after it has loaded them and before it is asked anything.
    """

    program: ChildProgram
    load: Load
    settings: ExecutionSettings
    check_candidate: Callable[[], None] = nothing_to_check
