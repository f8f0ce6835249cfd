"""Landlock, by which a process without privileges gives up files, TCP ports and strangers for good: by system calls.

Standard library only: it runs between fork and exec of a vendor's program. Nothing that was given up comes back, nor
for any process started later. See ``landlock(7)``; numbers are those of <linux/landlock.h>, the same on every
architecture of Linux.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
from collections.abc import Iterable, Sequence

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # system calls, the same on every architecture
VERSION_ONLY = 1
PATH_BENEATH, NET_PORT = 1, 2  # kinds of rules

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = (1 << bit for bit in range(4))
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
BIND_TCP, CONNECT_TCP = 1, 2
ABSTRACT_UNIX_SOCKETS, SIGNALS = 1, 2

ABI_OF_FILES, ABI_OF_TRUNCATE, ABI_OF_TCP, ABI_OF_DEVICES, ABI_OF_SCOPES = 2, 3, 4, 5, 6
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
READ = READ_FILE | READ_DIR
RUN = READ | EXECUTE


def abi() -> int:
    """Version of Landlock in this kernel; 0 where there is none or it is switched off."""
    return max(0, _call(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(VERSION_ONLY)))


def restrict(
    *,
    readable: Iterable[str],
    listable: Iterable[str] = (),
    writable: Iterable[str] = (),
    connects: Sequence[int] | None = (),
    binds: Sequence[int] | None = (),
) -> None:
    """Give up every file but those below ``readable`` (read, execute), ``listable`` (names only) and ``writable``.

    ``connects``, ``binds``: TCP ports that stay; None: every port does. Signals and abstract sockets reach only
    processes under the same restriction. What this kernel's version does not know stays as it is; paths that do not
    exist give nothing. The caller has set ``PR_SET_NO_NEW_PRIVS``. Raises OSError if the kernel refuses.
    """
    version = abi()
    if version == 0:
        raise OSError("this kernel has no Landlock")
    everything = files_known(version)
    ports = () if version < ABI_OF_TCP else ((BIND_TCP, binds), (CONNECT_TCP, connects))
    handled = sum(right for right, granted in ports if granted is not None)
    scopes = ABSTRACT_UNIX_SOCKETS | SIGNALS if version >= ABI_OF_SCOPES else 0
    fields = (everything, handled, scopes)[: 1 if version < ABI_OF_TCP else 2 if version < ABI_OF_SCOPES else 3]
    attributes = (ctypes.c_uint64 * len(fields))(*fields)
    ruleset = _must(CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(ctypes.sizeof(attributes)), 0)
    try:
        for paths, rights in ((readable, RUN), (listable, READ_DIR), (writable, everything)):
            for path in paths:
                _grant_path(ruleset, path, rights & everything)
        for right, granted in ports:
            for port in granted or ():
                rule = (ctypes.c_uint64 * 2)(right, port)
                _must(ADD_RULE, ruleset, NET_PORT, ctypes.byref(rule), 0)
        _must(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def files_known(version: int) -> int:
    """Every right over files that a version knows, so that all of them are refused where not granted."""
    rights = (1 << 13) - 1
    for since, right in ((ABI_OF_FILES, REFER), (ABI_OF_TRUNCATE, TRUNCATE), (ABI_OF_DEVICES, IOCTL_DEV)):
        rights |= right if version >= since else 0
    return rights


def _grant_path(ruleset: int, path: str, rights: int) -> None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):  # then it cannot be opened anyway
        place = os.open(path, os.O_PATH)
        try:
            if not stat.S_ISDIR(os.fstat(place).st_mode):
                rights &= OF_A_FILE
            rule = rights.to_bytes(8, "little") + place.to_bytes(4, "little")
            if rights:
                _must(ADD_RULE, ruleset, PATH_BENEATH, rule, 0)
        finally:
            os.close(place)


def _must(number: int, *arguments: object) -> int:
    found = _call(number, *arguments)
    if found < 0:
        raise OSError(ctypes.get_errno(), f"Landlock, system call {number}: {os.strerror(ctypes.get_errno())}")
    return found


def _call(number: int, *arguments: object) -> int:
    return int(ctypes.CDLL(None, use_errno=True).syscall(ctypes.c_long(number), *arguments))
