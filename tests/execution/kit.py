"""Small cases, requests and runs for the tests of this room."""

import contextlib
import os
import socket
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest import mock

import numpy as np

from dmn_bench.execution import supervisor
from dmn_bench.execution.asking import ask
from dmn_bench.execution.crew import LocalCrew
from dmn_bench.execution.isolation import MOST_TIER
from dmn_bench.execution.launcher import ExecutionSettings
from dmn_bench.execution.ledger import Ledger
from dmn_bench.execution.questions import Questions
from dmn_bench.execution.worker import Child
from dmn_bench.hookspecs import ChildProgram
from dmn_bench.vocabulary import Case, Image, Origin, Request

ZOO = Path(__file__).parent / "zoo"
PATIENT_SECONDS = 60.0  # for whatever must succeed, on a machine that has other things to do


def a_case(case_id="c0", *, files=("a.png",)):
    return Case(case_id=case_id, patient_id=case_id, exam_id=case_id, laterality="", files=files, strata={})


def cases(n):
    return [a_case(f"c{i}") for i in range(n)]


def an_origin(case_id="c0", *, images=None, sizes=None, uids=None):
    named = {"image-1": "a.png"} if images is None else images
    return Origin(case_id=case_id, images=named, sop_instance_uids=uids or {}, image_sizes=sizes or {})


def grey_request(case, folder):
    """A case whose image has the number of the case everywhere."""
    number = int(case.case_id[1:])
    pixels = np.full((8, 9), number, dtype=np.uint16)
    request = Request(
        request_id=f"r-{number}", images=(Image(name="image-1", pixels=pixels, photometric="grey", bits_stored=12),)
    )
    origin = Origin(case_id=case.case_id, images={"image-1": "a.png"}, sop_instance_uids={}, decoders=("raster 1.0",))
    return request, origin


def until(happened, seconds=PATIENT_SECONDS):
    """Wait until something holds; whether it does at last."""
    deadline = time.monotonic() + seconds
    while not (held := happened()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return held


def short_for(number):
    """The limits of time of a run hold where this case of ``grey_request`` is asked, and for no other alone."""
    return short_where(lambda request: request.request_id == f"r-{number}")


@contextlib.contextmanager
def short_where(is_meant):
    """The limits of time hold where a request is asked that is meant to pass them; all others have time enough."""

    class Patient(Child):
        def ask_together(self, requests):
            settings, quiet = self._settings, self._quiet_seconds
            if not any(is_meant(request) for request in requests):
                self._settings = replace(settings, seconds_per_case=PATIENT_SECONDS)
                self._quiet_seconds = None
            try:
                return super().ask_together(requests)
            finally:
                self._settings, self._quiet_seconds = settings, quiet

    with mock.patch.object(supervisor, "Child", Patient):
        yield


def stop_serving(listener, thread):
    """End the thread that waits at a socket, then close that: the other way round it might wake up at the next socket
    that is given the same number."""
    with contextlib.suppress(OSError):  # a datagram socket says that it was not connected, and wakes up
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(PATIENT_SECONDS)
    listener.close()


@dataclass
class Run:
    """One candidate of the zoo asked about n cases, with a ledger in a folder.

    ``most_tier``: 0 unless said otherwise, since most of the zoo note what they do in a file beside the ledger.
    """

    folder: Path
    name: str
    n: int = 6
    options: dict = field(default_factory=dict)
    load: object = grey_request
    heard: list = field(default_factory=list)
    settings: dict = field(default_factory=dict)
    workers: int | None = 2
    most_tier: int = 0
    batch: int = 1
    module: str = "zoo"

    def program(self):
        options = {"at": 3, "counter": str(self.folder / "counter"), "pids": str(self.folder / "pids"), **self.options}
        entry = f"{self.module}:{self.name}"
        return ChildProgram(entry=entry, import_paths=(ZOO,), options=options, batch=self.batch)

    def ask(self):
        settings = ExecutionSettings(**{"seconds_per_case": PATIENT_SECONDS, **self.settings})
        questions = Questions(program=self.program(), load=self.load, settings=settings)
        with (
            mock.patch.dict(os.environ, {MOST_TIER: str(self.most_tier)}),
            Ledger(self.folder / "ledger.sqlite", "asked") as ledger,
        ):
            engine = LocalCrew(questions, self.workers)
            summary = ask(cases(self.n), engine=engine, ledger=ledger, on_answer=self.heard.append)
            self.answers = ledger.answers()
            self.failed_attempts = ledger.failed_attempts()
        return summary

    def reasons(self):
        return {i: self.answers[f"c{i}"].answer.reason for i in range(self.n) if self.answers[f"c{i}"].answer.reason}

    def statuses(self):
        return [self.answers[f"c{i}"].answer.status for i in range(self.n)]

    def scores(self):
        answered = {i: self.answers[f"c{i}"].answer for i in range(self.n)}
        return {i: a.findings["fracture"].score for i, a in answered.items() if a.findings}


@dataclass
class SpeakerRun(Run):
    """A program that speaks the protocol by itself, with the manners of ``speaker.py`` called ``name``."""

    def program(self):
        mark = str(self.folder / "mark")
        command = (sys.executable, "-I", str(ZOO / "speaker.py"), self.name, str(self.options.get("at", 3)), mark)
        return ChildProgram(
            entry=self.name, import_paths=(), options={}, command=command, batch=self.batch, readable=(ZOO,)
        )
