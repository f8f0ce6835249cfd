"""One candidate's process and the cases put to it: loading, tries, replacement of a child that failed."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..adapters.answer_reading import read_answer
from ..errors import CandidateError, InputFileError, Problem
from ..files import MAX_REASON, plain_text, working_in
from ..hookspecs import ChildProgram
from ..vocabulary import Answer, AskedAnswer, Case, Origin, Request
from .outcome import FailedAttempt, Outcome
from .questions import Questions
from .wire import ChildError
from .worker import Child

TRACEBACK_LINES = 6


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A case with its request, or with the reason why there is none; ``folder`` holds the files of the request."""

    case: Case
    folder: Path
    request: Request | None = None
    origin: Origin | None = None
    reason: str = ""

    @property
    def n_bytes(self) -> int:
        """Memory of the decoded arrays."""
        if self.request is None:
            return 0
        signals = self.request.signals
        return sum(image.pixels.nbytes for image in self.request.images) + (signals.samples.nbytes if signals else 0)


def load(questions: Questions, case: Case, scratch: Path) -> Loaded:
    """The request for a case in a new folder below ``scratch``, or why there is none."""
    with working_in(scratch):
        folder = Path(tempfile.mkdtemp(prefix="request-", dir=scratch))  # its name tells nothing of the case
    try:
        request, origin = questions.load(case, folder)
    except InputFileError as error:
        return Loaded(case=case, folder=folder, reason=as_reason(error.problems))
    return Loaded(case=case, folder=folder, request=request, origin=origin)


@dataclass(kw_only=True)
class Supervisor:
    """One child: started when first needed, replaced after every failed attempt.

    To be used in one thread, since the child ends with the thread that started it. ``has_loaded`` is shared by the
    supervisors of one candidate: once any child has loaded the model, a load that fails is tried again. ``stop`` ends
    any wait for the child within a tenth of a second, by StoppedError.
    """

    questions: Questions
    folder: Path
    stop: threading.Event
    has_loaded: threading.Event
    child: Child | None = None
    loads: list[float] = field(default_factory=list)
    is_fresh: bool = False  # the child has loaded its model and was asked nothing yet

    def outcome(self, loaded: Loaded, *, first_attempt: int = 1) -> Outcome:
        """What became of one case; its folder is removed. ``first_attempt``: above 1 where a worker was lost with it.

        A case that could not be loaded is ``unreadable``; a child that dies, hangs or answers nonsense costs that case
        alone, after ``settings.attempts`` tries on fresh children.
        Raises CandidateError when the model cannot be loaded or is no longer the same, StoppedError when called off,
        MachineError when no process can be started or no file written.
        """
        if loaded.request is None or loaded.origin is None:
            self._check_folder(loaded)
            shutil.rmtree(loaded.folder, ignore_errors=True)
            answer = Answer(case_id=loaded.case.case_id, status="unreadable", reason=loaded.reason)
            return Outcome(asked=AskedAnswer(answer=answer, attempt=first_attempt))
        request, origin = loaded.request, loaded.origin
        failures: list[FailedAttempt] = []
        last_attempt = max(self.questions.settings.attempts, first_attempt)
        for attempt in range(first_attempt, last_attempt + 1):
            asked, failed = self._attempt(request, origin, attempt)
            if failed is None:
                break
            self._check_folder(loaded)
            failures.append(failed)
            self.close()
            if attempt < last_attempt and request.files:  # the candidate may have changed its copies
                shutil.rmtree(loaded.folder, ignore_errors=True)
                loaded = load(self.questions, loaded.case, self.folder)
                if loaded.request is None or loaded.origin is None:
                    break  # it was readable when it was put to the device: the failure is the device's
                request, origin = loaded.request, loaded.origin
        shutil.rmtree(loaded.folder, ignore_errors=True)
        loads, self.loads = tuple(self.loads), []
        return Outcome(asked=asked, failed_attempts=tuple(failures), decoders=origin.decoders, load_seconds=loads)

    def close(self) -> None:
        """End the child, if there is one."""
        if self.child is not None:
            self.child.close()
            self.child = None

    def _check_folder(self, loaded: Loaded) -> None:
        """Raises MachineError if our own folders are gone, so that nobody is blamed for what a cleaner of /tmp did."""
        for folder in (self.folder, loaded.folder):
            with working_in(folder):
                folder.stat()

    def _attempt(self, request: Request, origin: Origin, attempt: int) -> tuple[AskedAnswer, FailedAttempt | None]:
        child = self._ready_child()
        is_warm_up, self.is_fresh = self.is_fresh, False
        n_pixels, record_seconds = size_of(request, origin)
        try:
            reply = child.ask(request)
        except ChildError as error:
            answer = Answer(case_id=origin.case_id, status="failed", reason=error.reason)
            asked = AskedAnswer(
                answer=answer,
                attempt=attempt,
                is_warm_up=is_warm_up,
                n_pixels=n_pixels,
                record_seconds=record_seconds,
            )
            return asked, FailedAttempt(origin.case_id, attempt, error.reason, child.last_words())
        answer = read_answer(reply.answer, origin.case_id, origin)
        asked = AskedAnswer(
            answer=answer,
            attempt=attempt,
            seconds=reply.seconds,
            cpu_seconds=reply.cpu_seconds,
            peak_memory_mb=reply.peak_memory_mb,
            is_warm_up=is_warm_up,
            n_pixels=n_pixels,
            record_seconds=record_seconds,
        )
        said = reply.answer.get("status") if isinstance(reply.answer, dict) else None
        if answer.status != "failed" or (isinstance(said, str) and said == "failed"):
            return asked, None
        return asked, FailedAttempt(origin.case_id, attempt, answer.reason, child.last_words())

    def _ready_child(self) -> Child:
        questions = self.questions
        for attempt in range(1, questions.settings.attempts + 1):
            if self.child is not None:
                return self.child
            with working_in(self.folder):
                self.child = Child(questions.program, questions.settings, folder=self.folder, stop=self.stop)
            try:
                self.loads.append(self.child.load())
            except ChildError as error:
                printed = self.child.last_words()
                self.close()
                if not self.has_loaded.is_set() or attempt == questions.settings.attempts:
                    raise _does_not_load(questions.program, error, printed) from error
            else:
                questions.check_candidate()
                self.is_fresh = True
                self.has_loaded.set()
        if self.child is None:
            raise ValueError("at least one attempt is needed")
        return self.child


def size_of(request: Request, origin: Origin) -> tuple[int | None, float | None]:
    """Pixels of all images of a request, every frame counted, and seconds of its recording; None where unknown.

    Of a request that carries copies of files only the size of one frame of each image is known.
    """
    if request.images:
        n_pixels = sum(image.pixels.size // (3 if image.photometric == "rgb" else 1) for image in request.images)
    else:
        n_pixels = sum(columns * rows for columns, rows in origin.image_sizes.values())
    signals = request.signals
    seconds = None if signals is None else signals.samples.shape[0] / signals.sampling_hz
    return n_pixels or None, seconds


def as_reason(problems: Sequence[Problem]) -> str:
    """Problems as one short plain line: reports show a reason as it is."""
    lines = []
    for problem in problems:
        facts = ", ".join(f"{name} {value}" for name, value in problem.facts.items())
        lines.append(": ".join(part for part in (problem.key, problem.where, facts) if part))
    return plain_text("; ".join(lines), MAX_REASON)


def _does_not_load(program: ChildProgram, error: ChildError, printed: str) -> CandidateError:
    details = error.details or printed
    last = [line.rstrip() for line in details.splitlines() if line.strip()][-TRACEBACK_LINES:]
    facts = {"found": error.reason, "details": " | ".join(line.strip() for line in last)}
    return CandidateError(Problem(key="execution.candidate_does_not_load", where=program.entry, facts=facts))
