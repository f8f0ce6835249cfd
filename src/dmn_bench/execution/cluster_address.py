"""Where a cluster is: an address that nobody can listen to, and the connection to it."""

from __future__ import annotations

import ipaddress
import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..errors import MachineError, Problem, ProtocolError

if TYPE_CHECKING:
    from distributed import Client, Security

CONNECT_SECONDS = 15
READABLE = ["dask", "msgpack", "error"]  # what a worker may send as a result: bytes and plain values, never a pickle


def check_address(address: str) -> None:
    """Raises ProtocolError unless ``address`` is ``tls://host:port``, or ``tcp://`` and never leaves this machine.

    >>> check_address("tls://10.0.0.5:8786"), check_address("tcp://127.0.0.1:8786")
    (None, None)
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or port is None or parts.scheme not in ("tls", "tcp") or parts.path or parts.query or parts.username:
        raise ProtocolError(Problem(key="execution.cluster_address", where="--scheduler", facts={"found": address}))
    check_encrypted(address)


def check_encrypted(address: str) -> None:
    """Raises ProtocolError for the address of a scheduler or worker to which others could listen.

    >>> check_encrypted("tls://10.0.0.5:8786")
    """
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port
    if parts.scheme != "tls" and not is_loopback(host):
        facts = {"found": address, "tls": f"tls://{host}:{port}"}
        raise ProtocolError(Problem(key="execution.cluster_not_encrypted", where="--scheduler", facts=facts))


def is_loopback(host: str) -> bool:
    """Whether what is sent to ``host`` stays on this machine.

    >>> [is_loopback(host) for host in ("localhost", "127.3.2.1", "::1", "10.0.0.1", "127.0.0.1.example.org")]
    [True, True, True, False, False]
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def connected(address: str) -> Client:
    """A client of the scheduler at ``address``; TLS by Dask's own configuration (``distributed.comm.tls``).

    Raises ProtocolError for an address that others could listen to, MachineError if Dask is not installed, there is
    no certificate, or nobody answers.
    """
    check_address(address)
    try:
        from distributed import Client, Security
    except ImportError as error:
        facts = {"extra": "dmn-bench[dask]"}
        raise MachineError(Problem(key="execution.cluster_extra_missing", where="--scheduler", facts=facts)) from error
    for name in ("distributed", "distributed.client"):  # what goes wrong is raised; a log would tear the progress bar
        logging.getLogger(name).setLevel(logging.CRITICAL)
    security = Security()
    if address.startswith("tls://"):
        _check_certificates(security, address)
    try:
        return Client(
            address,
            security=security,
            timeout=CONNECT_SECONDS,
            set_as_default=False,
            deserializers=READABLE,
            name="dmn-bench",
        )
    except (OSError, TimeoutError, RuntimeError) as error:  # RuntimeError: its configuration demands TLS
        facts = {"found": str(error) or type(error).__name__}
        raise MachineError(Problem(key="execution.cluster_unreachable", where=address, facts=facts)) from error


def _check_certificates(security: Security, address: str) -> None:
    """Raises MachineError unless Dask's configuration names a certificate that can be read."""
    try:
        has_one = security.get_connection_args("client").get("ssl_context") is not None
        found = "Dask's configuration names no certificate"
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        has_one, found = False, str(error)
    if not has_one:
        raise MachineError(Problem(key="execution.cluster_tls", where=address, facts={"found": found}))
