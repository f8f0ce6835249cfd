"""Where headers are kept: one SQLite file that is never changed once others can see it, or a private temporary one."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import tempfile
import time
from collections.abc import Container, Iterable
from pathlib import Path
from urllib.parse import quote

SCHEMA = "CREATE TABLE headers (path TEXT PRIMARY KEY, header TEXT NOT NULL, seal BLOB NOT NULL) WITHOUT ROWID"
MOST_TEXT_BYTES = 1 << 20  # of one header
_PART = ".headers-"
_SECONDS_UNTIL_LITTER = 24 * 3600
_FAULTS = (sqlite3.Error, OSError, UnicodeError)


class HeaderStore:
    """Rows (path, header, seal) by path. No method raises because of the file: what cannot be read is not there.

    A file is made under another name and put in place when it is whole: so any number of runs may read and make one
    at once, none waits, and the last one made stays.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path  # None: nothing is kept beyond this run
        self._part: Path | None = None  # the file being made
        self._database = self._opened()

    def row(self, path: str) -> tuple[str, bytes] | None:
        """(header, seal) of one file."""
        if self._database is None:
            return None
        try:
            found = self._database.execute("SELECT header, seal FROM headers WHERE path = ?", (path,)).fetchone()
        except _FAULTS:
            self.close()
            return None
        whole = found is not None and isinstance(found[0], str) and isinstance(found[1], bytes)
        return (found[0], found[1]) if whole else None

    @property
    def is_open(self) -> bool:
        """Whether there is a file, or rows that were added."""
        return self._database is not None

    def begin(self, *, is_kept: bool, paths: Container[str]) -> None:
        """Make rows addable, to those that there are for ``paths``; to a private temporary file if not to be kept."""
        before = self._database
        made = self._begun_part() if is_kept else None
        # what there is may turn out to be damaged, and the disk to be full
        for place, content in ((made or "", before), ("", None)):
            database = sqlite3.connect(place, isolation_level=None, check_same_thread=False)
            try:
                database.execute("PRAGMA journal_mode = OFF")
                database.execute("PRAGMA synchronous = OFF")  # a file that a power cut damaged is thrown away
                database.execute(SCHEMA)
                if content is not None:
                    _copy(content, database, paths)
            except _FAULTS:
                database.close()
            else:
                self.close()
                self._database, self._part = database, made if place else None
                break
        if made is not None and self._part is None:
            _delete(made)

    def add(self, rows: Iterable[tuple[str, str, bytes]]) -> None:
        """Keep these rows, in place of older ones of the same paths."""
        if self._database is not None:
            try:
                self._database.execute("BEGIN")
                self._database.executemany("INSERT OR REPLACE INTO headers VALUES (?, ?, ?)", rows)
                self._database.execute("COMMIT")
            except _FAULTS:  # the disk is full: this run goes on without
                self.close()

    def publish(self) -> None:
        """Put the file that was made in its place; without one, nothing happens."""
        if self._part is None or self._path is None:
            return
        part, self._part = self._part, None
        try:
            part.replace(self._path)
        except OSError:
            _delete(part)

    def close(self) -> None:
        """Let go of the file; one that was not published is deleted."""
        database, self._database = self._database, None
        if database is not None:
            database.close()
        part, self._part = self._part, None
        if part is not None:
            _delete(part)

    def _opened(self) -> sqlite3.Connection | None:
        """The file that is there, if it is one of ours and sound as far as one can see at once."""
        database = None
        if self._path is None:
            return None
        try:
            if not stat.S_ISREG(self._path.stat().st_mode):
                return None
            # immutable: nobody changes a published file, so no lock is taken and nothing is written beside it
            address = f"file:{quote(str(self._path.absolute()))}?mode=ro&immutable=1"
            database = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_TEXT_BYTES)
            database.execute("PRAGMA trusted_schema = OFF")
            database.execute("PRAGMA cell_size_check = ON")
            if database.execute("SELECT type, name, sql FROM sqlite_master LIMIT 2").fetchall() == [
                ("table", "headers", SCHEMA)
            ]:
                return database
        except _FAULTS:
            pass
        if database is not None:
            database.close()
        return None

    def _begun_part(self) -> Path | None:
        """An empty file beside the one to be made; None where none can be written."""
        if self._path is None:
            return None
        folder = self._path.parent
        try:
            folder.mkdir(exist_ok=True)
            if folder.is_symlink():
                return None
            with contextlib.suppress(FileExistsError), (folder / ".gitignore").open("x", encoding="ascii") as stream:
                stream.write("*\n")  # the ids of patients' files are no source code
            for litter in folder.glob(f"{_PART}*"):
                if litter.lstat().st_mtime < time.time() - _SECONDS_UNTIL_LITTER:  # of a run that was killed
                    _delete(litter)
            descriptor, name = tempfile.mkstemp(dir=folder, prefix=_PART)
            os.close(descriptor)
            return Path(name)
        except OSError:
            return None


def _copy(old: sqlite3.Connection, new: sqlite3.Connection, paths: Container[str]) -> None:
    """Row by row: pages would bring along what is damaged."""
    rows = old.execute("SELECT path, header, seal FROM headers WHERE typeof(header) = 'text' AND typeof(seal) = 'blob'")
    new.execute("BEGIN")
    new.executemany("INSERT OR REPLACE INTO headers VALUES (?, ?, ?)", (row for row in rows if row[0] in paths))
    new.execute("COMMIT")


def _delete(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
