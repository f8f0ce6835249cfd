"""The way to granted hosts out of a network of one's own: listeners within it, and a process outside that connects.

Standard library only. Each granted host has an address of its own inside (a name one of 127.0.1.0/24, by /etc/hosts; an
address itself, given to the loopback device), where this listens at the granted port. The listening sockets are handed
to a process that stayed outside. Bytes pass as they are: TLS is between the candidate and its host.
"""

from __future__ import annotations

import array
import contextlib
import fcntl
import ipaddress
import socket
import struct
import threading
from collections.abc import Sequence

SIOCSIFADDR, SIOCSIFFLAGS, SIOCSIFNETMASK, SIOCGIFINDEX = 0x8916, 0x8914, 0x891C, 0x8933
IFF_UP = 1
BACKLOG = 64
PIECE_BYTES = 1 << 18
SECONDS_TO_CONNECT = 30.0

Address = tuple[str, int]


def split(granted: str) -> Address:
    """Host and port of "host:port" or "[address]:port".

    Raises ValueError if it is neither.

    >>> split("pacs.example:104"), split("[::1]:8042")
    (('pacs.example', 104), ('::1', 8042))
    """
    host, _, port = granted.rpartition(":")
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"expected host:port, found {granted!r}")
    return host, int(port)


def is_address(host: str) -> bool:
    """Whether a host is given by its address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_this_machine(host: str) -> bool:
    """Whether a host is named as this machine: what listens there may still send on what it gets.

    >>> is_this_machine("localhost"), is_this_machine("127.0.0.2"), is_this_machine("pacs.example")
    (True, True, False)
    """
    return ipaddress.ip_address(host).is_loopback if is_address(host) else host == "localhost"


def addresses_inside(granted: Sequence[str]) -> dict[str, str]:
    """The address of each granted host inside: its own, or the next of 127.0.1.0/24 for a name.

    >>> addresses_inside(["pacs.example:104", "pacs.example:443", "10.1.2.3:104", "localhost:80"])
    {'pacs.example': '127.0.1.1', '10.1.2.3': '10.1.2.3', 'localhost': '127.0.0.1'}
    """
    found: dict[str, str] = {}
    for host in dict.fromkeys(split(each)[0] for each in granted):
        number = len(found) + 1
        found[host] = host if is_address(host) else f"127.0.{1 + number // 250}.{number % 250}"
        if host == "localhost":
            found[host] = "127.0.0.1"
    return found


def listeners(granted: Sequence[str]) -> list[socket.socket]:
    """A listening socket for each granted place, in this network. Raises OSError if one cannot be made."""
    inside = addresses_inside(granted)
    found = []
    for host, port in map(split, granted):
        address = inside[host]
        if not address.startswith("127."):
            _add_to_loopback(address)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(BACKLOG)
        found.append(listener)
    return found


def hand_over(found: Sequence[socket.socket], channel: int) -> None:
    """Send the listeners through the socket with that descriptor, and close both."""
    with socket.socket(fileno=channel) as line:
        line.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [s.fileno() for s in found]))])
    for listener in found:
        listener.close()


def serve(channel: int, granted: Sequence[str]) -> None:
    """Take the listeners from the socket with that descriptor and relay until this process is killed."""
    with socket.socket(fileno=channel) as line:
        _, received, _, _ = socket.recv_fds(line, 1, len(granted))
    threads = []
    for descriptor, place in zip(received, map(split, granted), strict=False):
        threads.append(threading.Thread(target=_accept, args=(socket.socket(fileno=descriptor), place)))
        threads[-1].start()
    for thread in threads:
        thread.join()


def _accept(listener: socket.socket, place: Address) -> None:
    while True:
        try:
            inner, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_relay, args=(inner, place), daemon=True).start()


def _relay(inner: socket.socket, place: Address) -> None:
    """One connection: both ways until both ends have said all."""
    with inner:
        try:
            outer = socket.create_connection(place, timeout=SECONDS_TO_CONNECT)
        except OSError:  # refused or unreachable: so it looks inside, too
            inner.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        outer.settimeout(None)
        with outer:
            for end in (inner, outer):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = threading.Thread(target=_pump, args=(outer, inner), daemon=True)
            back.start()
            _pump(inner, outer)
            back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(PIECE_BYTES):
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _add_to_loopback(address: str) -> None:
    """Give the loopback device a further address; needs CAP_NET_ADMIN in this network."""
    packed = ipaddress.ip_address(address).packed
    if len(packed) == 16:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as control:
            name = struct.pack("16si12x", b"lo", 0)
            (index,) = struct.unpack_from("i", fcntl.ioctl(control, SIOCGIFINDEX, name), 16)
            with contextlib.suppress(FileExistsError):
                fcntl.ioctl(control, SIOCSIFADDR, packed + struct.pack("Ii", 128, index))
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        label = b"lo:%d" % (int.from_bytes(packed, "big") % 100_000_000)
        for request, value in ((SIOCSIFADDR, packed), (SIOCSIFNETMASK, b"\xff\xff\xff\xff")):
            fcntl.ioctl(control, request, struct.pack("16sHH4s8x", label, socket.AF_INET, 0, value))
