"""The one way anything is written, and the one way anything is hashed."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path

from .errors import MachineError, Problem

CHUNK_BYTES = 1 << 20


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write ``content`` to ``path`` so that a reader sees the old file or the whole new one, even after power loss.

    Text is UTF-8 with ``\\n`` line ends. The folder is made if needed.
    Raises MachineError if the disk is full or the folder cannot be written.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            os.chmod(name, 0o644 & ~_umask())
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        problem = Problem(key="files.cannot_write", where=str(path), facts={"found": error.strerror or str(error)})
        raise MachineError(problem) from error


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of the bytes of a file, read in pieces of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(CHUNK_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def canonical_json(value: object) -> str:
    """JSON that is the same for the same value: keys sorted, no blanks, UTF-8, shortest round-trip numbers.

    Raises ValueError on NaN or infinity: a number that is not one has no place in a record.

    >>> canonical_json({"b": 1.0, "a": [None, "é"]})
    '{"a":[null,"é"],"b":1.0}'
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def sha256_of_json(value: object) -> str:
    """Hexadecimal SHA-256 of ``canonical_json(value)`` in UTF-8."""
    return hashlib.sha256(canonical_json(value).encode("utf-8")).hexdigest()


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
