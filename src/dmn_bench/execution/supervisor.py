"""One candidate's process and the cases put to it: loading, tries, replacement of a child that failed."""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from ..adapters.answer_reading import read_answer
from ..errors import CandidateError, InputFileError, Problem, RejectedInputError
from ..files import MAX_REASON, plain_text, working_in
from ..hookspecs import ChildProgram
from ..vocabulary import Answer, AskedAnswer, Case, Origin, Request
from .isolation_files import REQUESTS
from .outcome import FailedAttempt, Outcome
from .questions import Questions
from .wire import ChildError, StoppedError
from .worker import REQUESTS_REMEMBERED, Child, LateAnswerError, Replies

TRACEBACK_LINES = 6
SENT_AGAIN = "sent again"  # begins the reason of a try that a client of ours repeated within an attempt
LATE = "late result"  # begins what is noted of a result that came when its case was over
LATE_KINDS = {"same": LATE, "other": f"{LATE} unlike the answer", "stray": "result set aside"}
BATCH_BYTES = 256 << 20  # of arrays in one message


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A case with its request, or with the reason why there is none; ``folder`` holds the files of the request.

    ``why_none``: "rejected_input" where the candidate declared that it takes no such input, and so is not asked.
    """

    case: Case
    folder: Path
    request: Request | None = None
    origin: Origin | None = None
    reason: str = ""
    why_none: Literal["unreadable", "rejected_input"] = "unreadable"

    @property
    def asked(self) -> tuple[Request, Origin]:
        """The request with its origin. Raises ValueError where there is none."""
        if self.request is None or self.origin is None:
            raise ValueError("a case that could not be read is not asked")
        return self.request, self.origin

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
        requests = scratch / REQUESTS  # all that a sealed child sees beside its own folder
        requests.mkdir(exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="request-", dir=requests))  # its name tells nothing of the case
    try:
        request, origin = questions.load(case, folder)
    except InputFileError as error:
        return Loaded(case=case, folder=folder, reason=as_reason(error.problems))
    except RejectedInputError as error:
        reason = as_reason(error.problems)
        return Loaded(case=case, folder=folder, reason=reason, why_none="rejected_input")
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
    asked: dict[str, tuple[str, int]] = field(default_factory=dict)  # request id -> case and attempt, of the latest

    def outcomes(self, batch: Sequence[Loaded], *, first_attempt: int = 1) -> Iterator[Outcome]:
        """What became of some cases, each once, in any order; their folders are removed.

        As many as the program takes go into one message. ``first_attempt``: above 1 where a worker was lost with it.

        A case that could not be loaded is ``unreadable``, one that the candidate declared not to take
        ``rejected_input``, and neither is asked; a child that dies, hangs or answers nonsense costs that case
        alone, after ``settings.attempts`` tries on fresh children. Where several were put together, those that it
        answered soundly keep their answers, and each of the others is tried again alone, at least once.
        Raises CandidateError when the model cannot be loaded or is no longer the same, StoppedError when called off,
        MachineError when no process can be started or no file written.
        """
        for loaded in batch:
            if loaded.request is None:
                yield self._not_asked(loaded, first_attempt)
        asked = [loaded for loaded in batch if loaded.request is not None]
        for together in _messages(asked, self.questions.program.batch):
            if len(together) == 1:
                yield self._alone(together[0], first_attempt)
            else:
                yield from self._together(together)

    def _not_asked(self, loaded: Loaded, attempt: int) -> Outcome:
        self._check_folder(loaded)
        shutil.rmtree(loaded.folder, ignore_errors=True)
        answer = Answer(case_id=loaded.case.case_id, status=loaded.why_none, reason=loaded.reason)
        return Outcome(asked=AskedAnswer(answer=answer, attempt=attempt))

    def _together(self, batch: Sequence[Loaded]) -> Iterator[Outcome]:
        """Cases put in one message: those soundly answered first, then each of the others alone."""
        child = self._ready_child()
        is_warm_up, self.is_fresh = self.is_fresh, False
        replies = child.ask_together([loaded.asked[0] for loaded in batch])
        again: list[tuple[Loaded, FailedAttempt]] = []
        for loaded in batch:
            asked, failed = _read(replies, loaded, 1, is_warm_up=is_warm_up)
            if failed is None:
                notes = (*_repeated(replies, loaded, 1), *self._late(replies, loaded, 1))
                yield self._ended(loaded, asked, notes)
                continue
            reason = plain_text(f"in a batch of {len(batch)}: {failed}", MAX_REASON)
            again.append((loaded, FailedAttempt(loaded.case.case_id, 1, reason, child.last_words())))
        if isinstance(replies.broken, StoppedError):
            raise replies.broken
        if again or replies.broken is not None:
            self.close()
        for loaded, failure in again:
            self._check_folder(loaded)
            fresh = self._with_fresh_files(loaded)
            if fresh.request is None:
                answer = Answer(case_id=loaded.case.case_id, status="failed", reason=failure.reason)
                yield self._ended(loaded, AskedAnswer(answer=answer), (failure,))
            else:
                yield self._alone(fresh, 2, (failure,))

    def _alone(self, loaded: Loaded, first_attempt: int, failures: tuple[FailedAttempt, ...] = ()) -> Outcome:
        """One case in a message of its own, tried until it is answered or its attempts are used up."""
        last_attempt = max(self.questions.settings.attempts, first_attempt)
        attempt = first_attempt
        while True:
            child = self._ready_child()
            is_warm_up, self.is_fresh = self.is_fresh, False
            replies = child.ask_together([loaded.asked[0]])
            if isinstance(replies.broken, StoppedError):
                raise replies.broken
            asked, failed = _read(replies, loaded, attempt, is_warm_up=is_warm_up)
            failures = (*failures, *_repeated(replies, loaded, attempt), *self._late(replies, loaded, attempt))
            if failed is None:
                break
            self._check_folder(loaded)
            failures = (*failures, FailedAttempt(loaded.case.case_id, attempt, failed, child.last_words()))
            self.close()
            if isinstance(replies.broken, LateAnswerError):
                last_attempt += 1  # the failure of an earlier case; a fresh child has none behind it
            if attempt == last_attempt:
                break
            attempt += 1
            fresh = self._with_fresh_files(loaded)
            if fresh.request is None:
                break  # it was readable when it was put to the device: the failure is the device's
            loaded = fresh
        return self._ended(loaded, asked, failures)

    def _late(self, replies: Replies, loaded: Loaded, attempt: int) -> tuple[FailedAttempt, ...]:
        """What came for cases that were asked before, each noted with its own; with this one what belongs to none."""
        self.asked[loaded.asked[0].request_id] = (loaded.case.case_id, attempt)
        while len(self.asked) > REQUESTS_REMEMBERED:
            del self.asked[next(iter(self.asked))]
        late, replies.late = replies.late, []
        return tuple(
            FailedAttempt(
                *self.asked.get(each.request_id, (loaded.case.case_id, attempt)),
                plain_text(f"{LATE_KINDS.get(each.kind, LATE)}: {each.text}", MAX_REASON),
                "",
            )
            for each in late
        )

    def _ended(self, loaded: Loaded, asked: AskedAnswer, failures: tuple[FailedAttempt, ...]) -> Outcome:
        shutil.rmtree(loaded.folder, ignore_errors=True)
        loads, self.loads = tuple(self.loads), []
        decoders = loaded.asked[1].decoders
        return Outcome(asked=asked, failed_attempts=failures, decoders=decoders, load_seconds=loads)

    def _with_fresh_files(self, loaded: Loaded) -> Loaded:
        """The same case with new copies of its files, since the candidate may have changed them."""
        if not loaded.asked[0].files:
            return loaded
        shutil.rmtree(loaded.folder, ignore_errors=True)
        return load(self.questions, loaded.case, self.folder)

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


def _messages(batch: Sequence[Loaded], n: int) -> Iterator[list[Loaded]]:
    """Cases that go into one message: at most ``n``, whose arrays hold at most BATCH_BYTES unless it is one alone."""
    together: list[Loaded] = []
    n_bytes = 0
    for loaded in batch:
        n_bytes += loaded.n_bytes
        if together and (len(together) == n or n_bytes > BATCH_BYTES):
            yield together
            together, n_bytes = [], loaded.n_bytes
        together.append(loaded)
    if together:
        yield together


def _repeated(replies: Replies, loaded: Loaded, attempt: int) -> tuple[FailedAttempt, ...]:
    """What a device elsewhere did not take and was sent again, each time a try that gave no answer."""
    reply = replies.found.get(loaded.asked[0].request_id)
    repeats = () if reply is None else reply.repeats
    return tuple(FailedAttempt(loaded.case.case_id, attempt, f"{SENT_AGAIN}: {reason}", "") for reason in repeats)


def _read(replies: Replies, loaded: Loaded, attempt: int, *, is_warm_up: bool) -> tuple[AskedAnswer, str | None]:
    """The answer to one request, and why it is none: no sound reply, or one that cannot be read."""
    request, origin = loaded.asked
    n_pixels, record_seconds = size_of(request, origin)
    about = AskedAnswer(
        answer=Answer(case_id=origin.case_id, status="failed"),
        attempt=attempt,
        is_warm_up=is_warm_up,
        n_pixels=n_pixels,
        record_seconds=record_seconds,
    )
    reply = replies.found.get(request.request_id)
    if reply is None:
        reason = replies.why_none(request.request_id)
        return replace(about, answer=Answer(case_id=origin.case_id, status="failed", reason=reason)), reason
    answer = read_answer(reply.answer, origin.case_id, origin)
    asked = replace(
        about,
        answer=answer,
        seconds=reply.seconds,
        cpu_seconds=reply.cpu_seconds,
        peak_memory_mb=reply.peak_memory_mb,
    )
    said = reply.answer.get("status") if isinstance(reply.answer, dict) else None
    is_own_word = isinstance(said, str) and said == "failed"
    return asked, None if answer.status != "failed" or is_own_word else answer.reason


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
    if program.where == "elsewhere":  # our own client: what it raised is a sentence, and its traceback helps nobody
        found = re.sub(r"^raised \w+: ", "", error.reason)
        return CandidateError(Problem(key="execution.device_not_reached", facts={"found": found}))
    details = error.details or printed
    last = [line.rstrip() for line in details.splitlines() if line.strip()][-TRACEBACK_LINES:]
    facts = {"found": error.reason, "details": " | ".join(line.strip() for line in last)}
    return CandidateError(Problem(key="execution.candidate_does_not_load", where=program.entry, facts=facts))
