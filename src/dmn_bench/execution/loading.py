"""How a case of a set becomes a request, on whatever machine; what is wrong is said at places of the set."""

from __future__ import annotations

import dataclasses
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import InputFileError, Problem, ReferenceSetError, collect
from ..files import sha256_of
from ..hookspecs import Reader
from ..inputs.requests import files_of, load_case
from ..vocabulary import Case, Origin, Request
from .questions import Load


def loader(root: Path, *, receives: str, readers: Sequence[Reader], locked: Mapping[str, str] | None = None) -> Load:
    """Makes requests from the files below ``root``, each under a random id, as ``inputs.requests.load_case`` does.

    ``locked``: sha256 of every file of the set, by path. Each file of a case is hashed once the request is made of it,
    or could not be made, and a set that changes while it is asked raises ReferenceSetError: no answer to other pixels
    is kept, and a case is not called unreadable for what somebody did to its file. None: the files were compared
    already.
    """

    def load(case: Case, scratch: Path) -> tuple[Request, Origin]:
        request_id = secrets.token_hex(8)
        try:
            return load_case(case, root, receives=receives, readers=readers, request_id=request_id, scratch=scratch)
        except InputFileError as error:
            raise within_the_set(error, root) from error
        finally:
            if locked is not None:
                check_files(case, root, readers, locked)

    return load


def check_files(case: Case, root: Path, readers: Sequence[Reader], locked: Mapping[str, str]) -> None:
    """Raises ReferenceSetError naming every file of the case that is not what the lock says."""
    problems = []
    for name in files_read(case, root, readers, locked):
        try:
            found = sha256_of(root / name)
        except OSError:
            problems.append(Problem(key="refset.lock_missing_file", where=name))
            continue
        if name not in locked:
            problems.append(Problem(key="refset.lock_added_file", where=name))
        elif found != locked[name]:
            facts = {"found": found[:12], "expected": locked[name][:12]}
            problems.append(Problem(key="refset.lock_changed_file", where=name, facts=facts))
    collect(problems, ReferenceSetError)


def files_read(case: Case, root: Path, readers: Sequence[Reader], locked: Mapping[str, str]) -> tuple[str, ...]:
    """Every file that the request of a case is made of; of a case that cannot be read, all that may belong to it."""
    try:
        return files_of(case, root, readers)
    except ReferenceSetError:
        starts = tuple(f"{written}{sign}" for written in case.files for sign in "./")
        return tuple(name for name in locked if name in case.files or name.startswith(starts))


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
