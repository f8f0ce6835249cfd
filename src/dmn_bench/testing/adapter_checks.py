"""Conformance checks of adapters: of those that ask a program, and of those that read a vendor's files."""

from __future__ import annotations

import json
import tempfile
import unittest
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from ..errors import CandidateError
from ..execution.launcher import ExecutionSettings
from ..execution.variations import differences
from ..hookspecs import CaseKeys, ChildProgram
from ..vocabulary import Case, Image, Origin, Request
from .reader_checks import require
from .sessions import ask_in_order

if TYPE_CHECKING:
    from ..hookspecs import FileAdapter, LiveAdapter

FORMS = ("array", "dicom", "wfdb", "file")
SIZE = 32  # px, of the pictures that are asked about by default
N_REQUESTS = 3
SECONDS_PER_CASE = 30.0
SHA256_DIGITS = 64


class AdapterChecks:
    """What every adapter must hold: subclass it and give ``adapter`` and ``write_package``.

    For one that asks a program ``load`` makes the requests, grey pictures unless it is given; for one that reads files
    ``keys`` names the cases that the files of the package answer.
    """

    def adapter(self) -> LiveAdapter | FileAdapter:
        """The adapter under check, made with its options."""
        raise NotImplementedError

    def write_package(self, folder: Path) -> None:
        """Write a package that works into an empty folder."""
        raise NotImplementedError

    def load(self, case: Case, scratch: Path) -> tuple[Request, Origin]:
        """The request of a case; ``scratch``: an empty folder for files that the candidate may see."""
        number = int(case.case_id.rpartition("-")[2])
        pixels = (np.arange(SIZE * SIZE).reshape(SIZE, SIZE) * number % 251).astype(np.uint8)
        image = Image(name="image-1", pixels=pixels, photometric="grey", bits_stored=8)
        origin = Origin(case_id=case.case_id, images={"image-1": "a.png"}, sop_instance_uids={})
        return Request(request_id=f"{case.case_id}-asked", images=(image,)), origin

    def keys(self) -> Sequence[CaseKeys]:
        """The cases that the files of the package answer, two or more; for an adapter that reads files."""
        raise NotImplementedError

    def test_it_says_what_it_is(self) -> None:
        """A name in lower case; of a program also what it receives."""
        adapter = self.adapter()
        require(bool(adapter.name) and adapter.name == adapter.name.lower(), "a name in lower case is needed")
        live = hasattr(adapter, "program")
        require(live != hasattr(adapter, "answers"), "an adapter has program or answers, and not both")
        if live:
            receives = cast("LiveAdapter", adapter).receives
            require(receives in FORMS, f"receives is one of {', '.join(FORMS)}, found {receives}")

    def test_identity_is_bound_to_every_file(self) -> None:
        """Hashes by relative path, the same twice, and other ones as soon as a file is changed."""
        with self._package() as base:
            before = dict(self.adapter().identity(base))
            require(bool(before), "identity must name the files that make up the candidate")
            wrong = [name for name, digest in before.items() if len(digest) != SHA256_DIGITS or name.startswith("/")]
            require(not wrong, f"identity is relative path -> sha256, found {wrong}")
            require(dict(self.adapter().identity(base)) == before, "identity must be the same for the same files")
            for name in before:
                path = base / name
                content = path.read_bytes()
                path.write_bytes(content + b"\n")
                require(dict(self.adapter().identity(base)) != before, f"identity must notice that {name} has changed")
                path.write_bytes(content)

    def test_a_program_can_be_started_from_what_it_says(self) -> None:
        """Absolute places that exist, options that are JSON, at least one request at a time; the same at every call."""
        adapter = self._live()
        with self._package() as base:
            program = adapter.program(base, {})
            require(program == adapter.program(base, {}), "program must be the same at every call")
            check_program(program)

    def test_a_package_that_is_not_there_is_the_vendors_to_mend(self) -> None:
        """An empty folder raises CandidateError and nothing else, when it is hashed, started or read."""
        with tempfile.TemporaryDirectory() as name:
            base = Path(name)
            adapter = self.adapter()
            if hasattr(adapter, "answers"):
                require(
                    _refuses(lambda: list(adapter.answers(self.keys(), base))), "answers of no files: CandidateError"
                )
                return
            refused = _refuses(lambda: adapter.program(base, {})) or not dict(adapter.identity(base))
            require(refused, "a program of no files: CandidateError, or an identity that is empty")

    def test_every_request_is_answered_whatever_the_order(self) -> None:
        """In a sealed child as in a run: no failure, and the same answers from last to first."""
        adapter = self._live()
        cases = [_case(f"case-{number}") for number in range(1, N_REQUESTS + 1)]
        settings = ExecutionSettings(attempts=1, seconds_per_case=SECONDS_PER_CASE)
        with self._package() as base:
            program = adapter.program(base, {})
            settings = replace(settings, network=program.hosts)
            first = ask_in_order(program, cases, self.load, settings)
            second = ask_in_order(program, cases[::-1], self.load, settings)
        for case in cases:
            answer = first.answer(case.case_id)
            require(answer.status != "failed", f"{case.case_id} failed: {answer.reason}")
            unlike = differences(answer, second.answer(case.case_id))
            require(not unlike, f"{case.case_id} depends on the order: {'; '.join(unlike)}")

    def test_every_case_has_one_answer_in_the_order_asked(self) -> None:
        """Joined by id: another order of cases gives the same answers."""
        adapter, keys = self._files(), list(self.keys())
        with self._package() as base:
            forwards = [asked.answer for asked in adapter.answers(keys, base)]
            backwards = [asked.answer for asked in adapter.answers(keys[::-1], base)]
        ids = [each.case.case_id for each in keys]
        require([answer.case_id for answer in forwards] == ids, "one answer for each case, in the order given")
        require(forwards == backwards[::-1], "the answer to a case must not depend on the order of cases")

    def test_silence_is_a_failure(self) -> None:
        """A case that the files do not mention has the status failed, with a reason."""
        adapter = self._files()
        stranger = replace(self.keys()[0], case=_case("nobody"), sop_instance_uids={}, study_instance_uids=())
        stranger = replace(stranger, accession_numbers=(), image_sizes=None)
        with self._package() as base:
            answers = [asked.answer for asked in adapter.answers([*self.keys(), stranger], base)]
        require(answers[-1].status == "failed" and bool(answers[-1].reason), "a case without output is failed: say why")

    def test_an_id_that_names_no_case_stops_everything(self) -> None:
        """Answers to a case that is not in the set raise CandidateError: nothing is left out in silence."""
        adapter = self._files()
        with self._package() as base:
            refused = _refuses(lambda: list(adapter.answers(self.keys()[1:], base)))
        require(refused, "an id that names no case of the set must raise CandidateError")

    def _live(self) -> LiveAdapter:
        adapter = self.adapter()
        if not hasattr(adapter, "program"):
            raise unittest.SkipTest("this adapter reads files: there is no program")
        return cast("LiveAdapter", adapter)

    def _files(self) -> FileAdapter:
        adapter = self.adapter()
        if not hasattr(adapter, "answers"):
            raise unittest.SkipTest("this adapter asks a program: there are no files of results")
        return cast("FileAdapter", adapter)

    @contextmanager
    def _package(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory() as name:
            self.write_package(Path(name))
            yield Path(name)


def check_program(program: ChildProgram) -> None:
    """What an adapter wants started can be started and sealed."""
    places = (*program.import_paths, *program.readable)
    wrong = [str(place) for place in places if not (place.is_absolute() and place.exists())]
    require(not wrong, f"import_paths and readable are absolute and exist, found {wrong}")
    require(bool(program.command) or ":" in program.entry, "an entry is module:Class, unless there is a command")
    require(program.batch >= 1 and (program.workers is None or program.workers >= 1), "batch and workers: at least 1")
    require(all(host.rpartition(":")[2].isdigit() for host in program.hosts), "hosts are written host:port")
    try:
        json.dumps(dict(program.options), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise AssertionError(f"options are JSON: {error}") from error


def _refuses(call: Callable[[], object]) -> bool:
    try:
        call()
    except CandidateError:
        return True
    return False


def _case(name: str) -> Case:
    return Case(case_id=name, patient_id=name, exam_id=name, laterality="", files=("a.png",), strata={})
