"""Peers that speak DICOM over the network: asked for objects (C-ECHO, C-STORE, C-FIND, C-MOVE, C-GET).

The other direction, objects that come to us, is ``StorageServer`` of ``dicom_server``, importable from here too.
Every wait has an end. What a peer says is never believed: counts and sizes are bounded, texts are cut, only UIDs
become file names. An AE title is a name, not a proof of who speaks.
Reference: DICOM PS3.4 (services), PS3.7 (DIMSE), PS3.8 (associations).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..errors import MachineError, Problem, collect
from ..files import plain_text
from .dicom_dimse import (
    PENDING,
    Tls,
    bound_socket,
    client_context,
    is_warning,
    name_of,
    no_association,
    pynetdicom,
    see_when_cut,
    status_problem,
)
from .dicom_file import parsing
from .dicom_intake import LIMITS, Intake, Limits, Received, uid_problems
from .dicom_server import StorageServer, keep_event

if TYPE_CHECKING:
    from pydicom import Dataset
    from pynetdicom.association import Association
    from pynetdicom.events import Event

__all__ = ["Intake", "Level", "Limits", "Moved", "Node", "Received", "Sent", "StorageServer", "Tls"]

Level = Literal["STUDY", "SERIES", "IMAGE"]
MOST_CONTEXTS = 128  # of one association: PS3.8 9.3.2
MOST_ANSWERS = 100_000  # to one query
MOST_VALUE_CHARACTERS = 1024
BYTES_PER_SECOND = 1_000_000  # the slowest line that is waited for
FIND, MOVE, GET = (f"1.2.840.10008.5.1.4.1.2.2.{service}" for service in (1, 2, 3))  # of the study root
VERIFICATION = "1.2.840.10008.1.1"
UNCOMPRESSED = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2")

Kind = tuple[str, str]
"""SOP class and transfer syntax."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What ``store`` did: files the peer has taken, and what it remarked on them."""

    paths: tuple[Path, ...]
    remarks: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What a peer says of a C-MOVE: objects sent, and what it remarked."""

    completed: int
    remarks: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Node:
    """A DICOM peer by its address. Each method opens associations of its own and ends them.

    ``seconds_to_connect``: for TCP, TLS and the association; ``seconds_to_answer``: for each response, and one second
    more for each megabyte sent. Every method raises MachineError with every problem in words, naming the peer.
    """

    host: str
    port: int
    ae_title: str
    our_ae_title: str = "DMNBENCH"
    tls: Tls | None = None
    seconds_to_connect: float = 10.0
    seconds_to_answer: float = 30.0

    @property
    def address(self) -> str:
        """As problems name it: ``AETITLE@host:port``."""
        return f"{self.ae_title}@{self.host}:{self.port}"

    def echo(self) -> None:
        """Ask the peer whether it is there."""
        with self._association([(VERIFICATION, syntax) for syntax in UNCOMPRESSED]) as association:
            self._check(association.send_c_echo())

    def store(self, paths: Sequence[Path], on_sent: Callable[[Path], None] | None = None) -> Sent:
        """Send files as they are, byte for byte, each in its own transfer syntax; nothing is converted.

        ``on_sent``: told each file once the peer has taken it. A refused file does not keep the next from being sent;
        a connection that is cut does.
        """
        kinds = {path: _kind(path) for path in paths}
        wanted = sorted(set(kinds.values()))
        sent: list[Path] = []
        remarks: list[Problem] = []
        problems: list[Problem] = []
        for start in range(0, len(wanted), MOST_CONTEXTS):
            contexts = wanted[start : start + MOST_CONTEXTS]
            with self._association(contexts) as association:
                for path in [path for path in paths if kinds[path] in contexts]:
                    if not association.is_established:
                        break
                    problem, is_remark = self._store_one(association, path, kinds[path])
                    if problem is not None and problem not in problems:
                        (remarks if is_remark else problems).append(problem)
                    if problem is None or is_remark:
                        sent.append(path)
                        if on_sent is not None:
                            on_sent(path)
        collect(problems, MachineError)
        return Sent(paths=tuple(sent), remarks=tuple(remarks))

    def find(self, query: Mapping[str, str], level: Level = "STUDY") -> list[Mapping[str, str]]:
        """What the peer has, by DICOM keyword: one mapping for each match, as text, empty ones left out.

        ``query``: keyword -> what it must match (wildcards as in PS3.4 C.2.2.2), "" to have it returned. Below the
        level of studies the peer wants StudyInstanceUID, and for images SeriesInstanceUID.
        """
        from pydicom import Dataset

        identifier = Dataset()
        identifier.QueryRetrieveLevel = level
        for keyword, value in query.items():
            setattr(identifier, keyword, value)
        found: list[Mapping[str, str]] = []
        with self._association([(FIND, syntax) for syntax in UNCOMPRESSED]) as association:
            for status, answer in association.send_c_find(identifier, FIND):
                self._check(status)
                if answer is not None and int(status.Status) in PENDING:
                    found.append(_as_text(answer, self.address))
                if len(found) > MOST_ANSWERS:
                    association.abort()
                    raise MachineError(self._problem("too_many_answers", limit=MOST_ANSWERS))
        return found

    def move(self, study_uid: str, to_ae_title: str, *, series_uid: str = "", instance_uid: str = "") -> Moved:
        """Have the peer send a study, a series or one object to the node it knows as ``to_ae_title``: ours, say."""
        with self._association([(MOVE, syntax) for syntax in UNCOMPRESSED]) as association:
            identifier = self._wanted(study_uid, series_uid, instance_uid)
            return self._moved(association.send_c_move(identifier, to_ae_title, MOVE))

    def get(
        self,
        study_uid: str,
        folder: Path,
        *,
        classes: Sequence[Kind],
        series_uid: str = "",
        limits: Limits = LIMITS,
    ) -> tuple[Received, ...]:
        """Have the peer send a study over the same connection (C-GET), where it offers that; the objects kept.

        ``classes``: SOP class and transfer syntax of what may come, 126 at most; what the peer holds in others stays
        there and is a problem.
        """
        lib = pynetdicom()
        intake = Intake(folder, limits)
        roles = [lib.build_role(sop_class, scp_role=True) for sop_class in sorted({each for each, _ in classes})]

        def on_store(event: Event) -> int:
            return keep_event(event, intake, self.address)

        contexts = [*((GET, syntax) for syntax in UNCOMPRESSED), *classes]
        with self._association(contexts, roles=roles, on_store=on_store, most_bytes=intake.limits.total_bytes) as one:
            self._moved(one.send_c_get(self._wanted(study_uid, series_uid, ""), GET))
        collect(intake.problems, MachineError)
        return intake.received

    def _store_one(self, association: Association, path: Path, kind: Kind) -> tuple[Problem | None, bool]:
        """What went wrong with one file, None if nothing, and whether the peer has taken it nevertheless."""
        if kind not in [
            (str(one.abstract_syntax), str(one.transfer_syntax[0])) for one in association.accepted_contexts
        ]:
            return self._problem("context_refused", sop_class=name_of(kind[0]), syntax=name_of(kind[1])), False
        association.dimse_timeout = self.seconds_to_answer + path.stat().st_size / BYTES_PER_SECOND
        try:
            status = association.send_c_store(path)
        except RuntimeError:  # the association has just been cut
            return self._problem("no_answer"), False
        return status_problem(status, self.address), "Status" in status and is_warning(status)

    def _moved(self, responses: Iterator[tuple[Dataset, Dataset | None]]) -> Moved:
        completed, remarks = 0, []
        for status, _ in responses:
            completed = int(status.get("NumberOfCompletedSuboperations") or completed)
            failed = int(status.get("NumberOfFailedSuboperations") or 0)
            problem = status_problem(status, self.address)
            if failed and "Status" in status and int(status.Status) not in PENDING:
                raise MachineError(self._problem("not_all_moved", failed=failed, completed=completed))
            if problem is not None and not is_warning(status):
                raise MachineError(problem)
            remarks += [] if problem is None else [problem]
        return Moved(completed=completed, remarks=tuple(remarks))

    def _wanted(self, study_uid: str, series_uid: str, instance_uid: str) -> Dataset:
        from pydicom import Dataset

        collect(uid_problems([uid for uid in (study_uid, series_uid, instance_uid) if uid], self.address), MachineError)
        identifier = Dataset()
        identifier.QueryRetrieveLevel = "IMAGE" if instance_uid else "SERIES" if series_uid else "STUDY"
        identifier.StudyInstanceUID = study_uid
        if series_uid:
            identifier.SeriesInstanceUID = series_uid
        if instance_uid:
            identifier.SOPInstanceUID = instance_uid
        return identifier

    def _check(self, status: Dataset) -> None:
        problem = status_problem(status, self.address)
        if problem is not None and not is_warning(status):
            raise MachineError(problem)

    def _problem(self, key: str, **facts: str | int) -> Problem:
        return Problem(key=f"network.{key}", where=self.address, facts=facts)

    @contextlib.contextmanager
    def _association(
        self,
        contexts: Sequence[Kind],
        *,
        roles: Sequence[Any] = (),
        on_store: Callable[[Event], int] | None = None,
        most_bytes: int = 1 << 30,
    ) -> Iterator[Association]:
        """An association with one transfer syntax for each presentation context, so that the library has no choice."""
        lib = pynetdicom()
        entity = lib.AE(ae_title=self.our_ae_title)
        entity.connection_timeout = entity.acse_timeout = self.seconds_to_connect
        entity.dimse_timeout = entity.network_timeout = self.seconds_to_answer
        left, connected = [most_bytes], []

        def take(n_bytes: int) -> bool:
            left[0] -= n_bytes
            return left[0] >= 0

        def on_connection(event: Event) -> None:
            connected.append(True)
            bound_socket(event.assoc, self.seconds_to_answer, take)

        handlers: list[Any] = [(lib.evt.EVT_CONN_OPEN, on_connection)]
        if on_store is not None:
            handlers.append((lib.evt.EVT_C_STORE, on_store))
        secured = client_context(self.tls)
        association = entity.associate(
            self.host,
            self.port,
            contexts=[lib.build_context(*context) for context in contexts],
            ae_title=self.ae_title,
            ext_neg=list(roles),
            tls_args=None if secured is None else (secured, self.host),
            evt_handlers=handlers,
        )
        if not association.is_established:
            facts = {"ours": self.our_ae_title, "theirs": self.ae_title}
            raise MachineError(no_association(association, self.address, connected=bool(connected), facts=facts))
        see_when_cut(association)
        try:
            yield association
        finally:
            if association.is_established:
                association.release()


def _kind(path: Path) -> Kind:
    from pydicom.filereader import read_file_meta_info

    with parsing(path, "dicom_unreadable"):
        meta = read_file_meta_info(path)
        return str(meta.MediaStorageSOPClassUID), str(meta.TransferSyntaxUID)


def _as_text(answer: Dataset, where: str) -> Mapping[str, str]:
    from pydicom.datadict import keyword_for_tag

    found = {}
    with parsing(Path(where), "dicom_unreadable"):
        for tag in answer.keys():  # noqa: SIM118 - iterating parses every value
            keyword = keyword_for_tag(tag)
            if keyword and answer[tag].VR != "SQ" and answer[tag].value not in (None, ""):
                value = answer[tag].value
                several = value if isinstance(value, (list, tuple)) or type(value).__name__ == "MultiValue" else [value]
                found[keyword] = plain_text("\\".join(str(one) for one in several), MOST_VALUE_CHARACTERS)
    return found
