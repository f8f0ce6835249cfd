"""Where a server is: its URL taken apart, and whether that is this machine."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True)
class Address:
    """Scheme, host and port of a URL."""

    scheme: str
    host: str
    port: int

    @property
    def is_encrypted(self) -> bool:
        """Whether the way there is TLS."""
        return self.scheme == "https"

    @property
    def is_this_machine(self) -> bool:
        """Whether nothing leaves this machine: localhost or a loopback address."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def host_and_port(self) -> str:
        """As the protocol grants it: "ai.example:8443", "[::1]:8000"."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address_of(url: str) -> Address | None:
    """Where a URL leads; None unless it is http or https with a host, without user, query or fragment.

    >>> address_of("https://ai.example/v1").host_and_port, address_of("http://user:secret@ai.example")
    ('ai.example:443', None)
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    unfit = not url.isascii() or not url.isprintable() or " " in url or "?" in url or "#" in url or "@" in parts.netloc
    if unfit or parts.scheme not in PORTS or not parts.hostname or port == 0:
        return None
    return Address(scheme=parts.scheme, host=parts.hostname, port=port or PORTS[parts.scheme])
