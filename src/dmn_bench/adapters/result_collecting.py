"""Which of the objects that come belong to the request that waits for them, and when they are complete.

By UIDs alone: an object is about a request if it refers to an instance of its copies, or lies in their study. The
copies have new random UIDs in each request, so that a result that comes too late, for a request given up, is known to
be about something else; such objects are noted with their case and never become the answer of another one. A report
that calls itself partial or preliminary completes nothing, unless the rules take it as an answer.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ..errors import DmnBenchError, InputFileError, MachineError, Problem
from ..hookspecs import KnownImage
from ..inputs.dicom_intake import Received
from ..inputs.result_content import ResultObject
from ..wordings import say_problem
from .dicom_rules import DicomRules, ResultError
from .exchange_folder import image_names
from .late_results import EarlierRequests, Late, uids_of
from .pacs_options import CompleteWhen

LISTED = 5  # objects or problems named in a reason; all of them are printed
POLLS_FAILED_AT_MOST = 3  # in a row
LOOK_EVERY_SECONDS = 0.25  # at the clock, while waiting


class DeviceError(Exception):
    """Why a case has no answer: becomes its reason."""


class Source(Protocol):
    """Where results come from."""

    def leftovers(self) -> Sequence[Received]:
        """Objects that came while no request waited."""
        ...

    def begin(self, study_uid: str, instance_uids: Sequence[str]) -> None:
        """A request is about to be sent: forget what concerns earlier ones."""
        ...

    def next(self, seconds: float) -> Sequence[Received]:
        """Objects that came since the last call, after waiting for one for at most about ``seconds``."""
        ...

    def late(self) -> Sequence[Received]:
        """Objects that came when the request had its answer, or about requests shortly before it; does not wait."""
        ...

    def problems(self) -> Sequence[Problem]:
        """What was refused or went wrong since ``begin``."""
        ...


@dataclass(kw_only=True)
class Collector:
    """Puts one request after the other to a device through ``send`` and ``source``, and reads what comes back.

    ``seconds``: until a case is given up, None to wait for ever (the supervisor has its own limit). ``late``: what came
    since the request before that is not about the one that was answered last.
    """

    send: Callable[[Sequence[Path]], None]
    source: Source
    complete_when: CompleteWhen
    rules: DicomRules
    seconds: float | None = None
    late: list[Late] = field(default_factory=list)

    def __post_init__(self) -> None:
        """No request has been put yet."""
        self._earlier = EarlierRequests(rules=self.rules)

    def answer(self, request: Mapping[str, object]) -> dict[str, object]:
        """The answer of the device. Raises DeviceError with the reason why there is none."""
        from ..inputs.known_images import known_images

        self.late.clear()
        paths = [Path(str(path)) for path in request["files"]]  # type: ignore[attr-defined]
        known = known_images(paths, image_names(paths))
        wait = _Wait(known=known, complete_when=self.complete_when, rules=self.rules, earlier=self._earlier)
        answer = None
        try:
            answer = self._answer(paths, wait)
        finally:
            self._earlier.keep(str(request.get("request_id", "")), known, answer)
            self.late += [*wait.others, *self._after()]
        return answer

    def _answer(self, paths: Sequence[Path], wait: _Wait) -> dict[str, object]:
        from .dicom_answers import answer_from_objects

        known = wait.known
        for each in self.source.leftovers():
            wait.take(each)
        self.source.begin(known[0].study_instance_uid, [image.sop_instance_uid for image in known])
        deadline = None if self.seconds is None else time.monotonic() + self.seconds
        try:
            self.send(paths)
            self._collect(wait, deadline)
            return answer_from_objects([each.path for each in wait.ours], known, self.rules)
        except ResultError as error:
            raise DeviceError(wait.with_what_else(str(error), self.source.problems())) from error
        except DmnBenchError as error:
            raise DeviceError(wait.with_what_else(in_words(error.problems), self.source.problems())) from error
        finally:
            for each in (*wait.ours, *wait.unfinished):
                each.path.unlink(missing_ok=True)

    def _after(self) -> list[Late]:
        """What has come meanwhile for requests that are over."""
        try:
            return [set_aside(each, self._earlier) for each in self.source.late()]
        except MachineError as error:
            print_line(f"late results were not looked for: {in_words(error.problems)}")
            return []

    def _collect(self, wait: _Wait, deadline: float | None) -> None:
        n_failed = 0
        while not wait.is_complete(time.monotonic()):
            is_over = deadline is not None and time.monotonic() >= deadline
            try:  # when it is over a last time, without waiting: the reason says what has come
                for each in self.source.next(0.0 if is_over else wait.patience(time.monotonic())):
                    wait.take(each)
                n_failed = 0
            except MachineError:
                n_failed += 1
                if n_failed >= POLLS_FAILED_AT_MOST:
                    raise
            if is_over:
                raise ResultError(f"no complete result within {self.seconds:g} s; {wait.found}")


@dataclass(kw_only=True)
class _Wait:
    """The objects that have come for one request, and those that came meanwhile for none."""

    known: Sequence[KnownImage]
    complete_when: CompleteWhen
    rules: DicomRules
    earlier: EarlierRequests
    ours: list[Received] = field(default_factory=list)
    unfinished: list[Received] = field(default_factory=list)  # about the case, and not the last word by their own
    others: list[Late] = field(default_factory=list)
    _heard: float = 0.0

    @property
    def uids(self) -> frozenset[str]:
        """Of the study and of every instance of the request."""
        return uids_of(self.known)

    @property
    def found(self) -> str:
        """How much has come, in words."""
        said = f"objects about the case: {len(self.ours) + len(self.unfinished)}"
        if not self.unfinished:
            return said
        return (
            f"{said}, {len(self.unfinished)} of them partial or preliminary (options dicom.partial, dicom.preliminary)"
        )

    def take(self, received: Received) -> None:
        """Sort one object in."""
        if received.sop_instance_uid in self.uids:  # the archive gives back what it was given
            return
        result = result_in(received.path)
        if not {received.study_instance_uid, *references(result)} & self.uids:
            self.others.append(set_aside(received, self.earlier))
            return
        self._heard = time.monotonic()
        if self._is_unfinished(result):
            print_line(f"{received.modality} {received.sop_instance_uid} is not final: the final one is waited for")
            self.unfinished.append(received)
        else:
            self.ours.append(received)

    def _is_unfinished(self, result: ResultObject | None) -> bool:
        """Whether it says so itself, and is no answer by the rules: the final one is to come."""
        return result is not None and (
            (result.is_partial and self.rules.partial == "failed")
            or (result.is_preliminary and self.rules.preliminary == "failed")
        )

    def is_complete(self, now: float) -> bool:
        """Whether every condition holds."""
        wanted = self.complete_when
        enough = len(self.ours) >= wanted.count and (not wanted.sr or any(each.modality == "SR" for each in self.ours))
        return enough and now - self._heard >= wanted.quiet_seconds

    def patience(self, now: float) -> float:
        """Seconds to wait for the next object before looking at the clock."""
        left = self.complete_when.quiet_seconds - (now - self._heard) if self.ours else LOOK_EVERY_SECONDS
        return min(max(left, 0.005), LOOK_EVERY_SECONDS)

    def with_what_else(self, reason: str, problems: Sequence[Problem]) -> str:
        """A reason with what came besides, which may explain it."""
        parts = [reason]
        if self.others:
            parts.append(f"set aside: {_listed([each.text for each in self.others])}")
        if problems:
            said = list(dict.fromkeys(say_problem(problem, "en") for problem in problems))
            parts.append(f"on the way: {_listed(said)}")
        return "; ".join(parts)


def set_aside(received: Received, earlier: EarlierRequests) -> Late:
    """What an object is that is not about the request; it is printed, and its file removed."""
    named = references(result_in(received.path))
    late = earlier.late(received, named)
    print_line(f"result set aside: {late.text}; it names {', '.join(sorted(named)[:LISTED]) or 'no instance'}")
    received.path.unlink(missing_ok=True)
    return late


def result_in(path: Path) -> ResultObject | None:
    """What an object says; None where it cannot be read."""
    from ..inputs.result_objects import read_result

    try:
        return read_result(path)
    except InputFileError:
        return None


def references(result: ResultObject | None) -> frozenset[str]:
    """Every instance that an object refers to, wherever it does."""
    return frozenset(
        () if result is None else (each.uid for each in (*result.images, *result.objects, *result.evidence))
    )


def in_words(problems: Sequence[Problem]) -> str:
    """Problems as one reason."""
    return _listed(list(dict.fromkeys(say_problem(problem, "en") for problem in problems)))


def print_line(text: str) -> None:
    """Tell whoever reads what the candidate printed."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _listed(entries: Sequence[str]) -> str:
    more = f" and {len(entries) - LISTED} more" if len(entries) > LISTED else ""
    return "; ".join(entries[:LISTED]) + more
