"""What passes between a server of a vendor and us: the shape of an exchange, and the ways in which it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..files import plain_text

SHOWN_CHARACTERS = 200


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a server sent back, whole. Names of headers are in small letters."""

    status: int
    phrase: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether the status says so."""
        return 200 <= self.status < 300


class ServerError(Exception):
    """A case got no usable answer from the server, for the reason that the text says.

    ``is_answered``: it did answer, though not with what was asked for; otherwise nobody knows what it has done.
    """

    def __init__(self, reason: str, *, is_answered: bool = True) -> None:
        super().__init__(reason)
        self.is_answered = is_answered


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is sent. ``files``: (field, file name, content) of a multipart body, ``fields`` its texts."""

    path: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    files: tuple[tuple[str, str, bytes], ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)


class Exchange(Protocol):
    """A way to send a message within the time for the case at hand. Raises ServerError."""

    def __call__(self, message: Message) -> Reply:
        """The reply, whatever its status."""
        ...

    def seconds_left(self) -> float:
        """Until the time for the case is over."""
        ...


class Refused(Exception):
    """The server answered with a status that the vendor declared to mean: not this kind of input."""


def checked(reply: Reply, rejects: tuple[int, ...] = ()) -> Reply:
    """The reply if its status is a success. Raises Refused, ServerError with the first line of its body."""
    if reply.is_success:
        return reply
    reason = f"HTTP {reply.status} {reply.phrase}".rstrip()
    if reply.status in rejects:
        raise Refused(_with_first_line(reason, reply.body))
    if 300 <= reply.status < 400:
        to = plain_text(reply.headers.get("location", "nowhere"), SHOWN_CHARACTERS)
        raise ServerError(f"{reason}: a redirect to {to}, which is not followed")
    raise ServerError(_with_first_line(reason, reply.body))


def _with_first_line(reason: str, body: bytes) -> str:
    text = plain_text(body[:4000].decode("utf-8", errors="replace"), 4000)
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return f"{reason}: {plain_text(lines[0], SHOWN_CHARACTERS)}" if lines else reason


def shown(value: object) -> str:
    """A value of a reply in few words."""
    if isinstance(value, Mapping | list):
        return f"{'an object' if isinstance(value, Mapping) else 'a list'} of {len(value)}"
    return "nothing" if value is None else plain_text(str(value)[:1000], SHOWN_CHARACTERS)


def only_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON. Raises ValueError where it gives one key twice, since nothing says which was meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in found if names.count(name) > 1)
        raise ValueError(f"an object gives {plain_text(double, 60)!r} twice")
    return found


def no_constant(text: str) -> object:
    """Raises ValueError: NaN and Infinity are no JSON."""
    raise ValueError(f"{text} is no number of JSON")
