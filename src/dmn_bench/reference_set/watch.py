"""A verified set while it is used: whatever was touched since it was hashed is hashed again."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

from ..errors import Problem, ReferenceSetError, collect
from ..files import sha256_of
from .lock import Verified, differences, files_of_set, stamp


class Watch:
    """Tells whether files are still what the lock says.

    A file whose ``stamp`` is that of the moment when it was hashed is not read again; any other is.
    """

    def __init__(self, root: Path, verified: Verified) -> None:
        self.root = root
        self.locked = verified.locked
        self._stamps = verified.stamps

    def check(self, names: Iterable[str]) -> None:
        """Raises ReferenceSetError for every one of these files that is not what the lock says."""
        now_ns = time.time_ns()
        missing, found = [], {}
        for name in names:
            path = self.root / name
            try:
                if not self._is_untouched(name, path.stat(), now_ns):
                    found[name] = sha256_of(path)
            except OSError:
                missing.append(name)
        collect(
            differences(self.locked, found, added=found.keys() - self.locked.keys(), missing=missing),
            ReferenceSetError,
        )

    def check_all(self) -> None:
        """Raises ReferenceSetError with every changed, missing and added file of the set."""
        files = files_of_set(self.root)
        here = {file.name for file in files}
        gone = [Problem(key="refset.lock_missing_file", where=name) for name in sorted(self.locked.keys() - here)]
        collect(gone, ReferenceSetError)
        self.check(file.name for file in files if not file.stamp or self._stamps.get(file.name) != file.stamp)

    def _is_untouched(self, name: str, status: os.stat_result, now_ns: int) -> bool:
        found = stamp(status, now_ns)
        return found != 0 and self._stamps.get(name) == found
