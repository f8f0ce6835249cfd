"""Many files hashed at once: threads, bounded memory, progress in bytes, and an end at once when it is called off."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from pathlib import Path

OnBytes = Callable[[int, int], None]
"""Told now and then how many bytes of how many are hashed; called in the thread that asked for the hashes."""

BUFFER_BYTES = 1 << 20  # of each thread
FILES_PER_BATCH = 64  # handing over a small file costs more than hashing it
BYTES_PER_BATCH = 16 << 20
BATCHES_AHEAD = 4  # of each thread
SECONDS_BETWEEN_NEWS = 0.2

Hash = tuple[str, str | OSError]
"""A file's name, and its hexadecimal sha256 or why it cannot be read."""


def hashes(root: Path, files: Sequence[tuple[str, int]], on_bytes: OnBytes | None = None) -> Iterator[Hash]:
    """The sha256 of each file, in the order given. ``files``: (path relative to ``root``, size in bytes).

    Threads, not processes: hashlib and file reading both release the interpreter. Closing the iterator, or Ctrl-C,
    ends the threads within one buffer.
    """
    work = _Work(os.fspath(root))
    total = sum(size for _, size in files)
    n_threads = min(8, os.cpu_count() or 1)
    batches = _batches(files)
    ahead: deque[Future[list[Hash]]] = deque()
    with ThreadPoolExecutor(max_workers=n_threads, thread_name_prefix="hash") as pool:
        try:
            for batch in batches:
                ahead.append(pool.submit(work.hashed, batch))
                if len(ahead) >= n_threads * BATCHES_AHEAD:
                    yield from _result(ahead.popleft(), work, total, on_bytes)
            while ahead:
                yield from _result(ahead.popleft(), work, total, on_bytes)
        finally:
            work.is_over = True
            pool.shutdown(wait=True, cancel_futures=True)


class _Work:
    """What the threads share: the folder, the bytes done, and whether everything is over."""

    def __init__(self, root: str) -> None:
        self.is_over = False
        self._root = root
        self._done: dict[int, int] = {}  # thread -> bytes; one entry for each, so that none waits for a lock
        self._own = threading.local()

    @property
    def done_bytes(self) -> int:
        return sum(list(self._done.values()))

    def hashed(self, names: Sequence[str]) -> list[Hash]:
        """The hashes of one batch; none of the rest once everything is over."""
        return [(name, self._hash(name)) for name in names if not self.is_over]

    def _hash(self, name: str) -> str | OSError:
        if not hasattr(self._own, "buffer"):
            self._own.buffer = memoryview(bytearray(BUFFER_BYTES))
        buffer, thread, digest = self._own.buffer, threading.get_ident(), hashlib.sha256()
        try:
            # no Path: for a small file making one takes as long as hashing it
            with open(f"{self._root}{os.sep}{name}", "rb", buffering=0) as stream:  # noqa: PTH123
                while (n_bytes := stream.readinto(buffer)) and not self.is_over:
                    digest.update(buffer[:n_bytes])
                    self._done[thread] = self._done.get(thread, 0) + n_bytes
        except OSError as error:
            return error
        return digest.hexdigest()


def _batches(files: Sequence[tuple[str, int]]) -> Iterator[list[str]]:
    batch: list[str] = []
    n_bytes = 0
    for name, size in files:
        batch.append(name)
        n_bytes += size
        if len(batch) >= FILES_PER_BATCH or n_bytes >= BYTES_PER_BATCH:
            yield batch
            batch, n_bytes = [], 0
    if batch:
        yield batch


def _result(batch: Future[list[Hash]], work: _Work, total: int, on_bytes: OnBytes | None) -> list[Hash]:
    while True:
        try:
            found = batch.result(timeout=SECONDS_BETWEEN_NEWS)
        except NotYet:
            _tell(work, total, on_bytes)
        else:
            _tell(work, total, on_bytes)
            return found


def _tell(work: _Work, total: int, on_bytes: OnBytes | None) -> None:
    if on_bytes is not None:
        on_bytes(min(work.done_bytes, total), total)  # a file may have grown since its size was looked up
