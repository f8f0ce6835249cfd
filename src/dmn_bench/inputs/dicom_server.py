"""Objects that peers send to us by C-STORE: a storage SCP that keeps what it may keep, and outlives what it meets."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

from ..errors import Fact, MachineError, Problem
from .dicom_dimse import DEFLATED, PDU_BYTES, Tls, bound_socket, pynetdicom, server_context
from .dicom_intake import LIMITS, Intake, Limits, Received, RefusedError

if TYPE_CHECKING:
    from pynetdicom.association import Association
    from pynetdicom.events import Event

MOST_ASSOCIATIONS = 16  # at once, from all peers
HEADROOM_BYTES = 1 << 20  # of an association beside its objects


@dataclass(kw_only=True)
class StorageServer:
    """Takes objects at one port while it is entered.

    ::

        with StorageServer(ae_title="DMNBENCH", port=0, folder=folder, accept_from=("VENDORAI", "10.0.0.4")) as ours:
            ours.wait(0, seconds=60.0)
            ours.received

    ``accept_from``: AE titles and IP addresses that may send: of each sort that is named a peer must be one; where no
    address is named, any peer may connect that can reach ``bind``. ``port``: 0 for any free one, which is then there.
    ``bind``: the address we listen at. ``seconds``: for each wait for a peer that has begun something.
    Every object is kept as ``Intake`` says; what is refused is answered with its DIMSE status and is in ``problems``.
    """

    ae_title: str
    port: int
    folder: Path
    accept_from: Sequence[str] = ()
    bind: str = "127.0.0.1"
    tls: Tls | None = None
    limits: Limits = LIMITS
    seconds: float = 30.0

    def __post_init__(self) -> None:
        self.intake = Intake(self.folder, self.limits)
        self._addresses = frozenset(entry for entry in self.accept_from if is_address(entry))
        self._left: WeakKeyDictionary[Association, list[int]] = WeakKeyDictionary()  # bytes until its next object
        self._server: Any = None

    def __enter__(self) -> StorageServer:
        """Begin to listen. Raises MachineError if the port cannot be had, or the extra is missing."""
        lib = pynetdicom()
        entity = lib.AE(ae_title=self.ae_title)
        entity.require_called_aet = True
        entity.require_calling_aet = [entry for entry in self.accept_from if not is_address(entry)]
        entity.maximum_associations = MOST_ASSOCIATIONS
        entity.maximum_pdu_size = PDU_BYTES
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = self.seconds
        syntaxes = [syntax for syntax in lib.ALL_TRANSFER_SYNTAXES if syntax != DEFLATED]
        for context in lib.AllStoragePresentationContexts:
            entity.add_supported_context(context.abstract_syntax, syntaxes)
        entity.add_supported_context("1.2.840.10008.1.1")
        events = lib.evt
        handlers = [
            (events.EVT_C_STORE, self._on_store),
            (events.EVT_CONN_OPEN, self._on_connection),
            (events.EVT_REJECTED, self._on_rejected),
            (events.EVT_ABORTED, self._on_aborted),
            (events.EVT_CONN_CLOSE, _end_waiting),
        ]
        try:
            self._server = entity.make_server(
                (self.bind, self.port),
                evt_handlers=handlers,
                ssl_context=None,
                server_class=_guarded_server(self._addresses, server_context(self.tls), self.intake, self.seconds),
            )
        except OSError as error:
            facts: dict[str, Fact] = {"port": self.port, "found": error.strerror or str(error)}
            raise MachineError(Problem(key="network.cannot_listen", where=self.bind, facts=facts)) from error
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True, name="storage-server").start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening and cut what is still connected."""
        self._server.shutdown()
        for association in self._server.active_associations:
            if association.is_established:
                association.abort()
            else:  # the library may abort nothing else
                end_line(association)

    @property
    def received(self) -> tuple[Received, ...]:
        """What was kept so far, in the order of its arrival."""
        return self.intake.received

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was refused so far, and associations that were cut."""
        return self.intake.problems

    def wait(self, n_seen: int, seconds: float) -> bool:
        """Wait until more than ``n_seen`` objects have been kept; False when ``seconds`` have passed before."""
        deadline = time.monotonic() + seconds
        with self.intake.changed:
            while len(self.intake.received) <= n_seen:
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self.intake.changed.wait(left)
        return True

    def _on_store(self, event: Event) -> int:
        self._reset(event)
        return keep_event(event, self.intake, _peer(event))

    def _on_connection(self, event: Event) -> None:
        left = [0]
        self._left[event.assoc] = left
        self._reset(event)

        def take(n_bytes: int) -> bool:
            left[0] -= n_bytes
            if left[0] < 0:
                facts = {"limit": self.limits.object_bytes}
                self.intake.note(Problem(key="network.too_large", where=_peer(event), facts=facts))
            return left[0] >= 0

        bound_socket(event.assoc, self.seconds, take)

    def _reset(self, event: Event) -> None:
        self._left[event.assoc][0] = self.limits.object_bytes + HEADROOM_BYTES

    def _on_rejected(self, event: Event) -> None:
        self.intake.note(Problem(key="network.we_rejected", where=_peer(event), facts={"ours": self.ae_title}))

    def _on_aborted(self, event: Event) -> None:
        self.intake.note(Problem(key="network.peer_cut", where=_peer(event)))


def keep_event(event: Event, intake: Intake, peer: str) -> int:
    """Keep the object of a C-STORE request; the DIMSE status to answer."""
    request: Any = event.request
    try:
        intake.keep(event.encoded_dataset(), peer=peer, announced_uid=str(request.AffectedSOPInstanceUID))
    except RefusedError as refused:
        return refused.status
    return 0


def end_line(association: Association) -> None:
    """Cut a connection, so that whoever waits for its peer is woken."""
    line = association.dul.socket
    with contextlib.suppress(OSError, AttributeError):  # it has just ended by itself
        line.socket.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


def _end_waiting(event: Event) -> None:
    """End the wait for a request of a peer that has gone: the library's own keeps its place until the time is over."""
    if event.assoc.requestor.primitive is None:
        event.assoc.dul.to_user_queue.put(None)  # type: ignore[arg-type]


def is_address(text: str) -> bool:
    """Whether it is an IP address, and so no AE title.

    >>> is_address("10.0.0.4"), is_address("VENDORAI")
    (True, False)
    """
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _peer(event: Event) -> str:
    """``TITLE@address`` as the peer calls itself and as it is connected."""
    requestor = event.assoc.requestor
    title = str(requestor.ae_title or "").strip()
    return f"{title}@{requestor.address}"


def _may_connect(address: str, addresses: frozenset[str], intake: Intake) -> bool:
    if addresses and address not in addresses:
        intake.note(Problem(key="network.stranger", where=address))
        return False
    return True


def _guarded_server(
    addresses: frozenset[str], secured: ssl.SSLContext | None, intake: Intake, seconds: float
) -> type[Any]:
    """The library's threaded server, but closing at once on strangers and on too many, and shaking hands apart.

    The library shakes hands while nobody else can connect, and lets a peer that says nothing keep that for ever.
    """
    from pynetdicom.transport import ThreadedAssociationServer

    class Guarded(ThreadedAssociationServer):
        request_queue_size = 64
        daemon_threads = True
        _n_starting = 0  # taken, and not yet an association that the library lists
        _starting = threading.Lock()

        def verify_request(self, request: Any, client_address: Any) -> bool:
            if not _may_connect(str(client_address[0]), addresses, intake):
                return False
            with self._starting:
                has_room = self._n_starting + len(self.active_associations) < MOST_ASSOCIATIONS
                self._n_starting += has_room
            return has_room

        def process_request_thread(self, request: Any, client_address: Any) -> None:
            try:
                super().process_request_thread(request, client_address)
            finally:
                with self._starting:
                    self._n_starting -= 1

        def get_request(self) -> tuple[socket.socket, Any]:
            connection, address = cast("socket.socket", self.socket).accept()
            connection.settimeout(seconds)
            if secured is not None:  # the handshake comes with the first bytes read, in the association's own thread
                connection = secured.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            return connection, address

        def shutdown(self) -> None:  # the library's own takes it from a list where it never was
            socketserver.BaseServer.shutdown(self)
            self.server_close()

        def handle_error(self, request: Any, client_address: Any) -> None:
            intake.note(Problem(key="network.peer_cut", where=str(client_address[0])))

    return Guarded
