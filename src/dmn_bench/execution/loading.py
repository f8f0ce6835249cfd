"""How a case of a set becomes a request, on whatever machine; what is wrong is said at places of the set."""

from __future__ import annotations

import dataclasses
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from ..errors import InputFileError
from ..hookspecs import Reader
from ..inputs.requests import load_case
from ..vocabulary import Case, Origin, Request
from .questions import Load


def loader(root: Path, *, receives: str, readers: Sequence[Reader]) -> Load:
    """Makes requests from the files below ``root``, each under a random id, as ``inputs.requests.load_case`` does."""

    def load(case: Case, scratch: Path) -> tuple[Request, Origin]:
        request_id = secrets.token_hex(8)
        try:
            return load_case(case, root, receives=receives, readers=readers, request_id=request_id, scratch=scratch)
        except InputFileError as error:
            raise within_the_set(error, root) from error

    return load


def within_the_set(error: InputFileError, root: Path) -> InputFileError:
    """The same problems at places of the set: a path of this machine has no business in an answer."""
    paths = (str(root) + os.sep, str(root.resolve()) + os.sep)
    problems = []
    for problem in error.problems:
        where = problem.where
        for path in paths:
            where = where.removeprefix(path)
        problems.append(dataclasses.replace(problem, where=where))
    return InputFileError(*problems)
