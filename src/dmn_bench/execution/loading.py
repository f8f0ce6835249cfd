"""How a case of a set becomes a request, on whatever machine; what is wrong is said at places of the set."""

from __future__ import annotations

import dataclasses
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import InputFileError, ReferenceSetError
from ..hookspecs import Reader
from ..inputs.requests import CaseFile, case_files, files_of, load_files, names_read
from ..reference_set.watch import Watch
from ..vocabulary import Case, Origin, Request, SignalForm
from .questions import Load


def loader(
    root: Path,
    *,
    receives: str,
    readers: Sequence[Reader],
    watch: Watch | None = None,
    form: SignalForm | None = None,
) -> Load:
    """Makes requests from the files below ``root``, each under a random id, as ``inputs.requests.load_case`` does.

    ``watch``: each file of a case is looked at once the request is made of it, or could not be made, and a set that
    changes while it is asked raises ReferenceSetError: no answer to other pixels is kept, and a case is not called
    unreadable for what somebody did to its file. None: the files were compared already.
    ``form``: how the candidate wants recordings; it raises RejectedInputError where one cannot be had so.
    """

    def load(case: Case, scratch: Path) -> tuple[Request, Origin]:
        request_id = secrets.token_hex(8)
        files: tuple[CaseFile, ...] = ()
        try:
            files = case_files(case, root, readers)
            return load_files(case, files, receives=receives, request_id=request_id, scratch=scratch, form=form)
        except InputFileError as error:
            raise within_the_set(error, root) from error
        finally:
            if watch is not None:
                watch.check(names_read(files) if files else files_read(case, root, readers, watch.locked))

    return load


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
