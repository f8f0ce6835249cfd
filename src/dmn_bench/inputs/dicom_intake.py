"""Objects that come over a network: which may be kept, under which name, how many and how large."""

from __future__ import annotations

import hashlib
import io
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import Fact, InputFileError, MachineError, Problem
from ..files import plain_text, write_atomically
from .dicom_file import parsing

UID = re.compile(r"[0-9]+(\.[0-9]+)*")
MOST_UID_CHARACTERS = 64
_IDENTITY = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What may come. ``object_bytes``: one object; ``objects``, ``total_bytes``: all that an intake keeps at a time."""

    objects: int = 10_000
    object_bytes: int = 2 << 30
    total_bytes: int = 64 << 30


@dataclass(frozen=True, kw_only=True)
class Received:
    """One object as it was kept. ``peer``: the AE title or address that sent it, as far as it may be believed."""

    path: Path
    sop_instance_uid: str
    sop_class_uid: str
    study_instance_uid: str
    series_instance_uid: str
    modality: str
    peer: str = ""


LIMITS = Limits()


class RefusedError(Exception):
    """An object that is not kept. ``status``: the DIMSE status to answer."""

    def __init__(self, problem: Problem, status: int) -> None:
        super().__init__(problem.key)
        self.problem = problem
        self.status = status


OUT_OF_RESOURCES = 0xA700
NOT_OF_ITS_CLASS = 0xA900
CANNOT_UNDERSTAND = 0xC000


class Intake:
    """Keeps objects in one folder as ``<SOP Instance UID>.dcm``, each once. May be used by several threads.

    Nothing else that a peer says becomes part of a path, and a UID that is not digits and dots is refused.
    """

    def __init__(self, folder: Path, limits: Limits = Limits()) -> None:
        self.limits = limits
        self.changed = threading.Condition()
        self._folder = folder
        self._received: list[Received] = []
        self._problems: list[Problem] = []
        self._digests: dict[str, str] = {}  # SOP Instance UID -> of its first object, whenever that came
        self._begun = 0  # of ``received``: those that came before ``begin``
        self._bytes = 0

    @property
    def received(self) -> tuple[Received, ...]:
        """What was kept, in the order of its arrival."""
        with self.changed:
            return tuple(self._received)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was refused, and what peers did wrong."""
        with self.changed:
            return tuple(self._problems)

    def begin(self) -> None:
        """Forget the files and problems so far, and count anew; what came is remembered by its UID alone.

        The files are removed: whoever needs one has read it.
        """
        with self.changed:
            for each in self._received[self._begun :]:
                each.path.unlink(missing_ok=True)
            self._begun, self._bytes = len(self._received), 0
            self._problems.clear()

    def note(self, problem: Problem) -> None:
        """Add a problem; no more of them than objects may come."""
        with self.changed:
            if len(self._problems) < self.limits.objects:
                self._problems.append(problem)
            self.changed.notify_all()

    def keep(self, encoded: bytes, *, peer: str = "", announced_uid: str = "") -> Received:
        """Keep one object given as a DICOM Part 10 file. The same SOP Instance UID a second time is not kept again.

        ``announced_uid``: the UID under which it was sent, which must be its own.
        Raises RefusedError, having noted the problem: not DICOM, a UID that is none or another, or too much.
        """
        try:
            received = _identified(encoded, self._folder, peer)
            if announced_uid and announced_uid != received.sop_instance_uid:
                raise _refused("network.uid_differs", peer, NOT_OF_ITS_CLASS, found=_shown(announced_uid))
            return self._kept(received, encoded)
        except RefusedError as refused:
            self.note(refused.problem)
            raise

    def _kept(self, received: Received, encoded: bytes) -> Received:
        peer, uid, digest = received.peer, received.sop_instance_uid, hashlib.sha256(encoded).hexdigest()
        with self.changed:
            if uid in self._digests:
                if self._digests[uid] != digest:
                    self.note(Problem(key="network.sent_twice_differently", where=peer, facts={"found": uid}))
                return next(each for each in self._received if each.sop_instance_uid == uid)
            if len(encoded) > self.limits.object_bytes:
                raise _refused("network.too_large", peer, OUT_OF_RESOURCES, limit=self.limits.object_bytes)
            n_kept = len(self._received) - self._begun
            if n_kept >= self.limits.objects or self._bytes + len(encoded) > self.limits.total_bytes:
                raise _refused("network.too_many", peer, OUT_OF_RESOURCES, limit=self.limits.objects)
            try:
                write_atomically(received.path, encoded)
            except MachineError as error:
                raise RefusedError(error.problems[0], OUT_OF_RESOURCES) from error
            self._bytes += len(encoded)
            self._digests[uid] = digest
            self._received.append(received)
            self.changed.notify_all()
        return received


def is_uid(text: str) -> bool:
    """Whether it is a UID by its form: numbers with dots between, 64 characters at most."""
    return len(text) <= MOST_UID_CHARACTERS and UID.fullmatch(text) is not None


def uid_problems(uids: Sequence[str], where: str) -> list[Problem]:
    """What is no UID among ``uids``."""
    return [
        Problem(key="network.not_a_uid", where=where, facts={"found": _shown(uid)}) for uid in uids if not is_uid(uid)
    ]


def _identified(encoded: bytes, folder: Path, peer: str) -> Received:
    from pydicom import dcmread

    try:
        with parsing(Path(peer or "—"), "dicom_unreadable"):
            header = dcmread(io.BytesIO(encoded), stop_before_pixels=True, specific_tags=list(_IDENTITY))
            found = {keyword: str(header.get(keyword) or "") for keyword in _IDENTITY}
    except InputFileError as error:
        raise RefusedError(Problem(key="network.not_dicom", where=peer), CANNOT_UNDERSTAND) from error
    if not is_uid(found["SOPInstanceUID"]):
        raise _refused("network.not_a_uid", peer, CANNOT_UNDERSTAND, found=_shown(found["SOPInstanceUID"]))
    return Received(
        path=folder / f"{found['SOPInstanceUID']}.dcm",
        sop_instance_uid=found["SOPInstanceUID"],
        sop_class_uid=_shown(found["SOPClassUID"]),
        study_instance_uid=_shown(found["StudyInstanceUID"]),
        series_instance_uid=_shown(found["SeriesInstanceUID"]),
        modality=plain_text(found["Modality"], 16),
        peer=peer,
    )


def _refused(key: str, peer: str, status: int, **facts: Fact) -> RefusedError:
    return RefusedError(Problem(key=key, where=peer, facts=facts), status)


def _shown(text: str) -> str:
    return plain_text(text, MOST_UID_CHARACTERS)
