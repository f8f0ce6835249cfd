"""The warden of one candidate: starts the vendor's interpreter under limits, and outlives all that it starts.

Standard library only; started as ``python -I -S sealed_start.py JSON`` so that nothing has to run between fork and
exec of a process that has threads. Every process that the vendor's code starts, and that its own parent leaves behind,
becomes a child of the warden, whatever session it moved to (``PR_SET_CHILD_SUBREAPER``). The warden ends them all when
the vendor's process ends, when it is told to (SIGTERM), and when its supervisor dies; then it ends as the vendor's
process did, so that its exit code or signal is the candidate's.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NoReturn

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
SECONDS_TO_END_ALL = 8.0  # a process that sleeps in the kernel cannot be killed; it is waited for so long


def main() -> NoReturn:
    """Start the command of the JSON in the first argument, and end with it."""
    order = json.loads(sys.argv[1])
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # where it is ignored, nobody could be waited for
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # nothing but SIGKILL ends the warden unawares
    control(PR_SET_CHILD_SUBREAPER, 1)
    control(PR_SET_NO_NEW_PRIVS, 1)  # inherited: a set-uid file gives no privileges
    tie_to(order["supervisor"], signal.SIGTERM)
    warden = os.getpid()
    vendor = os.fork()
    if vendor == 0:
        try:
            become(order, warden)
        finally:  # reached when it failed: tell why, where the supervisor reads it
            traceback.print_exc()
            os._exit(1)
    leave_the_pipes()
    control(PR_SET_DUMPABLE, 0)
    lower(resource.RLIMIT_CORE, 0)
    status = watch(vendor)
    end_all(SECONDS_TO_END_ALL)
    end_as(status)


def become(order: dict[str, Any], warden: int) -> None:
    """Lead a session of its own, apply the limits of the order and execute its command; returns never."""
    tie_to(warden, signal.SIGKILL)
    os.setsid()
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for name, limit in order["limits"].items():
        lower(getattr(resource, name), limit)
    command = order["command"]
    os.execv(command[0], command)


def watch(vendor: int) -> int:
    """Reap children until the vendor's process has ended or SIGTERM came: its wait status (SIGKILL for SIGTERM)."""
    while True:
        came = signal.sigwait(signal.valid_signals())
        if came == signal.SIGTERM:
            return int(signal.SIGKILL)
        if came == signal.SIGCHLD:
            ended = dict(reaped())
            if vendor in ended:
                return ended[vendor]


def reaped() -> Iterator[tuple[int, int]]:
    """(process, wait status) of every child that has ended."""
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0] != 0:
            yield found


def end_all(seconds: float) -> None:
    """Kill every descendant until none is left, or the time is over."""
    deadline = time.monotonic() + seconds
    while has_children() and time.monotonic() < deadline:
        for process in descendants({os.getpid()}):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        for _ in reaped():
            continue
        time.sleep(0.001)


def has_children() -> bool:
    """Whether any child is left, ended or not."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def descendants(ancestors: Collection[int]) -> set[int]:
    """Every process whose parent, or parent's parent and so on, is one of ``ancestors``, at this moment."""
    children: dict[int, list[int]] = {}
    for process in processes():
        with contextlib.suppress(OSError):  # it has ended meanwhile
            stat = Path(f"/proc/{process}/stat").read_bytes()
            parent = int(stat.rpartition(b")")[2].split()[1])  # a name may hold blanks and brackets
            children.setdefault(parent, []).append(process)
    found: set[int] = set()
    to_follow = list(ancestors)
    while to_follow:
        for child in children.get(to_follow.pop(), ()):
            if child not in found:
                found.add(child)
                to_follow.append(child)
    return found


def processes() -> Iterator[int]:
    """The id of every process there is."""
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def end_as(status: int) -> NoReturn:
    """End with the exit code or by the signal of a wait status."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        with contextlib.suppress(OSError):  # SIGKILL has no other disposition
            signal.signal(-code, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (-code,))
        os.kill(os.getpid(), -code)
    os._exit(code if code >= 0 else 1)


def tie_to(parent: int, by_signal: signal.Signals) -> None:
    """Get ``by_signal`` when the parent ends, even when it is killed."""
    control(PR_SET_PDEATHSIG, int(by_signal))
    if os.getppid() != parent:  # it died before the tie was made
        os._exit(1)


def leave_the_pipes() -> None:
    """Let go of the three pipes, so that they end with the vendor's processes."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.chdir("/")


def control(what: int, value: int) -> None:
    """``prctl``; raises OSError where the kernel refuses."""
    if ctypes.CDLL(None, use_errno=True).prctl(what, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {what}")


def lower(what: int, limit: int) -> None:
    """Lower a resource limit, soft and hard; a hard limit that is already lower stays."""
    hard = resource.getrlimit(what)[1]
    value = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(what, (value, value))


if __name__ == "__main__":
    main()
