"""The lock of a protocol: what it said before the answers, and every amendment since."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from ..errors import Problem, ProtocolError, collect
from ..files import write_atomically
from .shape import Protocol, ProtocolModel

LOCK_FORMAT: Literal["dmn-bench/protocol-lock/1"] = "dmn-bench/protocol-lock/1"


class Amendment(ProtocolModel):
    """A change of a locked protocol: when, why, and the hash it led to."""

    number: int
    at: str
    reason: str
    sha256: str
    reference_set_sha256: str


class ProtocolLock(ProtocolModel):
    """Beside the protocol: what it said when it was locked, and each amendment since."""

    format: Literal["dmn-bench/protocol-lock/1"] = LOCK_FORMAT
    sha256: str  # at the first lock
    locked_at: str
    reference_set_sha256: str
    amendments: list[Amendment] = Field(default_factory=list)

    @property
    def current(self) -> tuple[str, str]:
        """The hashes that the protocol and its reference set must have now."""
        last = self.amendments[-1] if self.amendments else self
        return last.sha256, last.reference_set_sha256


def lock_path(protocol_path: Path) -> Path:
    """Where the lock of a protocol lies: ``wrist.yaml`` -> ``wrist.lock.json``."""
    return protocol_path.with_suffix(".lock.json")


def read_lock(protocol_path: Path) -> ProtocolLock | None:
    """The lock of a protocol, None when it was never locked.

    Raises ProtocolError if the file is there and is no lock.
    """
    path = lock_path(protocol_path)
    if not path.exists():
        return None
    try:
        return ProtocolLock.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        found = str(error).splitlines()[0]
        raise ProtocolError(Problem(key="protocol.bad_lock", where=str(path), facts={"found": found})) from error


def check_lock(protocol: Protocol, protocol_path: Path, *, reference_set_sha256: str) -> ProtocolLock | None:
    """The lock if there is one, and the protocol and its set still are what was locked.

    Raises ProtocolError if either was changed without an amendment.
    """
    lock = read_lock(protocol_path)
    if lock is None:
        return None
    now = (protocol.sha256, reference_set_sha256)
    keys = ("protocol.changed_since_lock", "protocol.set_changed_since_lock")
    collect(
        [
            Problem(key=key, where=str(protocol_path), facts={"expected": expected[:12], "found": found[:12]})
            for key, expected, found in zip(keys, lock.current, now, strict=True)
            if expected != found
        ],
        ProtocolError,
    )
    return lock


def write_lock(protocol: Protocol, protocol_path: Path, *, reference_set_sha256: str, now: str) -> Path:
    """Lock a protocol as it stands. ``now`` is ISO 8601.

    Raises ProtocolError if it is locked already: a change of a locked protocol is an amendment.
    """
    if read_lock(protocol_path) is not None:
        raise ProtocolError(Problem(key="protocol.locked_already", where=str(lock_path(protocol_path))))
    lock = ProtocolLock(sha256=protocol.sha256, locked_at=now, reference_set_sha256=reference_set_sha256)
    return _save_lock(lock, protocol_path)


def write_amendment(
    protocol: Protocol, protocol_path: Path, *, reference_set_sha256: str, reason: str, now: str
) -> Path:
    """Number and record a change of a locked protocol, or of its set, with its reason.

    Raises ProtocolError if there is no lock, no reason, or nothing has changed.
    """
    lock = read_lock(protocol_path)
    where = str(protocol_path)
    if lock is None:
        raise ProtocolError(Problem(key="protocol.not_locked", where=where))
    if not reason.strip():
        raise ProtocolError(Problem(key="protocol.no_reason", where=where))
    if lock.current == (protocol.sha256, reference_set_sha256):
        raise ProtocolError(Problem(key="protocol.nothing_changed", where=where))
    number = len(lock.amendments) + 1
    amendment = Amendment(
        number=number,
        at=now,
        reason=reason.strip(),
        sha256=protocol.sha256,
        reference_set_sha256=reference_set_sha256,
    )
    return _save_lock(lock.model_copy(update={"amendments": [*lock.amendments, amendment]}), protocol_path)


def _save_lock(lock: ProtocolLock, protocol_path: Path) -> Path:
    path = lock_path(protocol_path)
    write_atomically(path, json.dumps(lock.model_dump(mode="json"), indent=1, sort_keys=True) + "\n")
    return path
