"""pynetdicom as we use it: loaded on first use, its refusals and statuses as problems, TLS, every wait with an end."""

from __future__ import annotations

import contextlib
import queue
import socket
import ssl
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..errors import Fact, MachineError, Problem
from ..files import plain_text

if TYPE_CHECKING:
    from pydicom import Dataset
    from pynetdicom.association import Association
    from pynetdicom.transport import AddressInformation, AssociationSocket

EXTRA = "dicom-net"
PDU_BYTES = 1 << 18  # what we take in one PDU; with the usual 16 kB a peer waits more than it sends
MOST_PDU_BYTES = 1 << 22  # of any PDU, also one that asks for an association
DEFLATED = "1.2.840.10008.1.2.1.99"
SUCCESS, PENDING, WARNINGS = 0x0000, (0xFF00, 0xFF01), 0xB000
COMMENT_CHARACTERS = 64
SECONDS_TO_SEE_A_CUT = 0.1

STATUS_KEYS: tuple[tuple[int, int, str], ...] = (
    (0xA700, 0xA700, "status_out_of_resources"),
    (0xA701, 0xA702, "status_cannot_count_or_send"),
    (0xA703, 0xA7FF, "status_out_of_resources"),
    (0xA801, 0xA801, "status_move_destination_unknown"),
    (0xA900, 0xA9FF, "status_not_of_its_class"),
    (0xB000, 0xBFFF, "status_warning"),
    (0xC000, 0xCFFF, "status_cannot_process"),
    (0x0122, 0x0122, "status_class_not_supported"),
    (0x0124, 0x0124, "status_not_authorised"),
    (0x0111, 0x0111, "status_duplicate"),
    (0xFE00, 0xFE00, "status_cancelled"),
)
"""DIMSE statuses from, to (inclusive), and the wording of what they mean. Reference: PS3.7 Annex C, PS3.4 B and C."""


@dataclass(frozen=True, kw_only=True)
class Tls:
    """Certificates, as files in PEM. ``ca_file``: who signed the peer's. ``certificate`` and ``key``: our own."""

    ca_file: Path
    certificate: Path | None = None
    key: Path | None = None


@cache
def pynetdicom() -> ModuleType:
    """The library, set up: files are sent byte for byte as they are on disk, nothing is logged or converted.

    Raises MachineError naming the extra where it is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pynetdicom
            from pynetdicom import _config
            from pynetdicom.transport import AssociationSocket
    except ImportError as error:
        facts = {"package": "pynetdicom", "extra": EXTRA}
        raise MachineError(Problem(key="network.missing_extra", facts=facts)) from error
    _config.STORE_SEND_CHUNKED_DATASET = True
    _config.LOG_HANDLER_LEVEL = "none"
    _config.LOG_REQUEST_IDENTIFIERS = False
    _config.LOG_RESPONSE_IDENTIFIERS = False
    AssociationSocket._shutdown_socket = _shut  # type: ignore[assignment, method-assign]
    AssociationSocket._create_socket = _unbound  # type: ignore[assignment, method-assign]
    return pynetdicom


def _unbound(line: AssociationSocket, address: AddressInformation) -> socket.socket:
    """A socket to connect with. The library's own is bound first, which a sealed child may do at its one port alone."""
    return socket.socket(address.address_family, socket.SOCK_STREAM)


def _shut(line: AssociationSocket) -> None:
    """Close a socket whatever became of it; the library's own leaves it open where the peer has gone or never was."""
    if line.socket is None:
        return
    with contextlib.suppress(OSError):
        line.socket.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        line.socket.close()


def client_context(tls: Tls | None) -> ssl.SSLContext | None:
    """How we speak TLS to a peer, whose certificate must be signed by ``ca_file`` and name its host."""
    return None if tls is None else _with_ours(ssl.create_default_context(cafile=tls.ca_file), tls)


def server_context(tls: Tls | None) -> ssl.SSLContext | None:
    """How peers speak TLS to us: with a certificate of their own, signed by ``ca_file``."""
    if tls is None:
        return None
    context = _with_ours(ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=tls.ca_file), tls)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def _with_ours(context: ssl.SSLContext, tls: Tls) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.certificate is not None:
        context.load_cert_chain(tls.certificate, tls.key)
    return context


def bound_socket(association: Association, seconds: float, bytes_at_most: Callable[[int], bool]) -> None:
    """Give every wait of an association's socket an end, and what it may receive a bound.

    The library waits for ever for the rest of a PDU that was begun, and for a peer to take what is sent.
    ``bytes_at_most``: told the size of each piece before it is read; False ends the connection.
    """
    line = association.dul.socket
    if line is None or line.socket is None:
        return
    line.socket.settimeout(seconds)
    receive = line.recv

    def bounded(n_bytes: int) -> bytearray:
        if n_bytes > MOST_PDU_BYTES or not bytes_at_most(n_bytes):
            raise OSError("more than is taken")
        return receive(n_bytes)

    line.recv = bounded  # type: ignore[assignment, method-assign]


def see_when_cut(association: Association) -> None:
    """End the wait for an answer soon after the connection has ended.

    The library marks the end in the queue of answers, where a thread of its own may take the mark from who waits.
    """
    answers, line = association.dimse, association.dul

    def next_answer(block: bool = False) -> Any:
        deadline = time.monotonic() + ((association.dimse_timeout or 0.0) if block else 0.0)
        while True:
            is_over = not line.is_alive()
            with contextlib.suppress(queue.Empty):
                return answers.msg_queue.get(block=block, timeout=SECONDS_TO_SEE_A_CUT)
            if is_over or time.monotonic() >= deadline:
                return None, None

    answers.get_msg = next_answer  # type: ignore[method-assign]


def status_problem(status: Dataset, where: str) -> Problem | None:
    """What a DIMSE response says, None for success (and for pending); an empty one means that none came."""
    if "Status" not in status:
        return Problem(key="network.no_answer", where=where)
    code = int(status.Status)
    if code == SUCCESS or code in PENDING:
        return None
    key = next((key for low, high, key in STATUS_KEYS if low <= code <= high), "status_failure")
    comment = plain_text(str(status.get("ErrorComment") or ""), COMMENT_CHARACTERS)
    return Problem(key=f"network.{key}", where=where, facts={"status": f"0x{code:04X}", "comment": comment or "—"})


def is_warning(status: Dataset) -> bool:
    """Whether the peer did what it was asked and remarked on it (0xBxxx, 0x0001, 0x0107, 0x0116)."""
    code = int(status.get("Status", 0xC000))
    return code & 0xF000 == WARNINGS or code in (0x0001, 0x0107, 0x0116)


REJECTIONS: Mapping[tuple[int, int], str] = {
    (1, 3): "rejected_our_title",
    (1, 7): "rejected_its_title",
    (3, 1): "rejected_busy",
    (3, 2): "rejected_busy",
}
"""(source, reason) of an A-ASSOCIATE-RJ -> wording. Reference: PS3.8 table 9-21."""


def no_association(association: Association, where: str, *, connected: bool, facts: Mapping[str, Fact]) -> Problem:
    """Why there is no association: nobody there, refused with its reason, or cut."""
    if association.is_rejected:
        said: Any = association.acceptor.primitive
        key = REJECTIONS.get((int(said.result_source), int(said.diagnostic)), "rejected")
        code = f"{said.result}/{said.result_source}/{said.diagnostic}"
        return Problem(key=f"network.{key}", where=where, facts={**facts, "found": code})
    if association.rejected_contexts:
        first = association.rejected_contexts[0]
        named = {"sop_class": name_of(first.abstract_syntax), "syntax": name_of(first.transfer_syntax[0])}
        return Problem(key="network.context_refused", where=where, facts=named)
    return Problem(key="network.no_association" if connected else "network.cannot_connect", where=where, facts=facts)


def name_of(uid: object) -> str:
    """The name of a UID of the standard, or the UID."""
    from pydicom.uid import UID

    return str(UID(str(uid)).name)
