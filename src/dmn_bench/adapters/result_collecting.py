"""Which of the objects that come belong to the request that waits for them, and when they are complete.

By UIDs alone: an object is about a request if it refers to an instance of its copies, or lies in their study. The
copies have new random UIDs in each request, so that a result that comes too late, for a request given up, is known to
be about something else; such objects are listed and never become the answer of another case.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ..errors import DmnBenchError, InputFileError, MachineError, Problem
from ..hookspecs import KnownImage
from ..inputs.dicom_intake import Received
from ..wordings import say_problem
from .dicom_rules import DicomRules, ResultError
from .pacs_options import CompleteWhen

LISTED = 5  # objects or problems named in a reason; all of them are printed
EARLIER_REQUESTS = 1000  # whose results are still recognised as such
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

    def problems(self) -> Sequence[Problem]:
        """What was refused or went wrong since ``begin``."""
        ...


@dataclass(kw_only=True)
class Collector:
    """Puts one request after the other to a device through ``send`` and ``source``, and reads what comes back.

    ``seconds``: until a case is given up, None to wait for ever (the supervisor has its own limit).
    """

    send: Callable[[Sequence[Path]], None]
    source: Source
    complete_when: CompleteWhen
    rules: DicomRules
    seconds: float | None = None
    _earlier: deque[frozenset[str]] = field(default_factory=lambda: deque(maxlen=EARLIER_REQUESTS))

    def answer(self, request: Mapping[str, object]) -> dict[str, object]:
        """The answer of the device. Raises DeviceError with the reason why there is none."""
        from ..inputs.known_images import known_images
        from .dicom_answers import answer_from_objects

        paths = [Path(str(path)) for path in request["files"]]  # type: ignore[attr-defined]
        known = known_images(paths, [neutral_name(path) for path in paths])
        wait = _Wait(known=known, complete_when=self.complete_when, earlier=tuple(self._earlier))
        for each in self.source.leftovers():
            wait.take(each)
        self._earlier.append(wait.uids)
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
            for each in wait.ours:
                each.path.unlink(missing_ok=True)

    def _collect(self, wait: _Wait, deadline: float | None) -> None:
        n_failed = 0
        while not wait.is_complete(time.monotonic()):
            if deadline is not None and time.monotonic() >= deadline:
                found = f"objects about the case: {len(wait.ours)}"
                raise ResultError(f"no complete result within {self.seconds:g} s; {found}")
            try:
                for each in self.source.next(wait.patience(time.monotonic())):
                    wait.take(each)
                n_failed = 0
            except MachineError:
                n_failed += 1
                if n_failed >= POLLS_FAILED_AT_MOST:
                    raise


@dataclass(kw_only=True)
class _Wait:
    """The objects that have come for one request, and those that came meanwhile for none."""

    known: Sequence[KnownImage]
    complete_when: CompleteWhen
    earlier: Sequence[frozenset[str]]
    ours: list[Received] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    _heard: float = 0.0

    @property
    def uids(self) -> frozenset[str]:
        """Of the study and of every instance of the request."""
        return frozenset(uid for image in self.known for uid in (image.sop_instance_uid, image.study_instance_uid))

    def take(self, received: Received) -> None:
        """Sort one object in."""
        if received.sop_instance_uid in self.uids:  # the archive gives back what it was given
            return
        named = references(received.path)
        uids = {received.study_instance_uid, *named}
        if uids & self.uids:
            self.ours.append(received)
            self._heard = time.monotonic()
            return
        received.path.unlink(missing_ok=True)
        late = any(uids & each for each in self.earlier)
        about = "an earlier request" if late else "no image of this request"
        text = f"{received.modality or 'object'} {received.sop_instance_uid} from {received.peer} is about {about}"
        self.others.append(text)
        print_line(f"result set aside: {text}; it names {', '.join(sorted(named)[:LISTED]) or 'no instance'}")

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
            parts.append(f"set aside: {_listed(self.others)}")
        if problems:
            said = list(dict.fromkeys(say_problem(problem, "en") for problem in problems))
            parts.append(f"on the way: {_listed(said)}")
        return "; ".join(parts)


def references(path: Path) -> frozenset[str]:
    """Every instance that an object refers to, wherever it does; none where it cannot be read."""
    from ..inputs.result_objects import read_result

    try:
        result = read_result(path)
    except InputFileError:
        return frozenset()
    return frozenset(each.uid for each in (*result.images, *result.objects, *result.evidence))


def neutral_name(path: Path) -> str:
    """What a request calls the image of a copy: ``image-1.dcm``, or ``image-1/0007.dcm`` of a series.

    >>> neutral_name(Path("r/image-2.dcm")), neutral_name(Path("r/image-1/0007.dcm"))
    ('image-2', 'image-1')
    """
    return path.parent.name if path.stem.isdigit() else path.stem


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
