"""The warden of one candidate: starts the vendor's program under limits and seals, and outlives all that it starts.

Standard library only; started as ``python -I -S sealed_start.py JSON`` so that nothing has to run between fork and
exec of a process that has threads. Every process that the vendor's code starts, and that its own parent leaves behind,
becomes a child of the warden, whatever session it moved to (``PR_SET_CHILD_SUBREAPER``). The warden ends them all when
the vendor's process ends, when it is told to (SIGTERM), and when its supervisor dies; then it ends as the vendor's
process did, so that its exit code or signal is the candidate's.

The order (JSON): ``supervisor``, process that it ends with; ``limits``, by name of the resource; ``command``; and, null
or absent where it is not wanted: ``drop``, the privileges of root; ``engine``, a container engine, which may need the
privileges that set-uid files give; ``seal``, what Landlock and seccomp leave; ``namespaces``, the command of bubblewrap
up to ``--``, the hosts granted, texts of files, and the Python and file for its first process;
``group``, folder of a control group to make, with ``processes`` at most; ``folder`` of
the candidate, with ``folder_bytes`` at most.
Whatever cannot be done as ordered ends the start: the vendor's program never runs with less.
"""

# ruff: noqa: PTH100, PTH102, PTH106, PTH120, PTH123, PTH208

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
import time

TYPE_CHECKING = False  # typing, pathlib and traceback together would take half of the time to start
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import Any, NoReturn

if not __package__:  # started by its path, without site-packages
    sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
CAPABILITY_VERSION, CAP_DAC_READ_SEARCH, LAST_CAPABILITY = 0x2008_0522, 2, 63
SECONDS_TO_END_ALL = 8.0  # a process that sleeps in the kernel cannot be killed; it is waited for so long
LOOK_EVERY_SECONDS = 1.0  # at the size of the folder
INSIDE = "inside"
INLET, OUTLET = 210, 211  # where the pipes wait while bubblewrap works, which closes what it does not know


def main() -> NoReturn:
    """Start the command of the JSON in the first argument, and end with it."""
    if sys.argv[1] == INSIDE:
        inside(*(int(word) for word in sys.argv[2:]))
    order = json.loads(sys.argv[1])
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # where it is ignored, nobody could be waited for
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # nothing but SIGKILL ends the warden unawares
    control(PR_SET_CHILD_SUBREAPER, 1)
    if not order.get("engine"):
        control(PR_SET_NO_NEW_PRIVS, 1)  # inherited: a set-uid file gives no privileges
    tie_to(order["supervisor"], signal.SIGTERM)
    warden = os.getpid()
    group = make_group(order)
    told, tell = os.pipe()  # for the status of a process that only bubblewrap can see
    relay = start_relay(order)
    vendor = os.fork()
    if vendor == 0:
        try:
            if group is not None:
                write(f"{group}/cgroup.procs", str(os.getpid()))
            become(order, warden, tell, relay)
        finally:  # reached when it failed
            fail()
    os.close(tell)
    if relay is not None:
        os.close(relay)
    leave_the_pipes()
    control(PR_SET_DUMPABLE, 0)
    lower(resource.RLIMIT_CORE, 0)
    status = watch(vendor, order.get("folder"), order.get("folder_bytes", 0))
    end_all(SECONDS_TO_END_ALL)
    if order.get("namespaces") and os.WIFEXITED(status):
        status = int(os.read(told, 16) or status)  # everybody who could write has ended
    if group is not None:
        with contextlib.suppress(OSError):  # a process that sleeps in the kernel is still in it
            os.rmdir(group)
    end_as(status)


def become(order: dict[str, Any], warden: int, tell: int, relay: int | None) -> None:
    """Lead a session of its own, apply the limits and seals of the order and execute its command; returns never."""
    tie_to(warden, signal.SIGKILL)
    os.setsid()
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for name, limit in order["limits"].items():
        lower(getattr(resource, name), limit)
    if order.get("namespaces"):
        enter_namespaces(order, tell, relay)
    execute(order)


def execute(order: dict[str, Any]) -> None:
    """Give up what the seal does not leave, then execute the command; returns never."""
    if order.get("drop"):
        drop_capabilities()
    if order.get("seal"):
        give_up(order["seal"])
    command = order["command"]
    os.execv(command[0], command)


def give_up(seal: dict[str, Any]) -> None:
    """Landlock, then the filter, which takes away what Landlock is made with. Raises OSError if either is refused."""
    from dmn_bench.execution import landlock, seccomp

    here = []
    if seal["own_proc"]:  # only as long as this descriptor is open does the kernel know the folder again
        here = [f"/proc/self/fd/{os.dup2(os.open('/proc/self/', os.O_PATH), 199)}"]
    landlock.restrict(
        readable=[*seal["readable"], *here],
        listable=seal["listable"],
        writable=seal["writable"],
        connects=seal["connects"],
        binds=seal["binds"],
    )
    seccomp.install(sockets=seal["sockets"], listens=bool(seal["binds"]), no_truncate=landlock.abi() < 3)


def enter_namespaces(order: dict[str, Any], tell: int, relay: int | None) -> None:
    """Execute bubblewrap, which executes this file as the first process of the new namespaces; returns never."""
    os.dup2(0, INLET)
    os.dup2(1, OUTLET)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    told = memory_file(json.dumps(order).encode())
    first = [told, tell] if relay is None else [told, tell, relay]
    for descriptor in first:
        os.set_inheritable(descriptor, True)
    where = order["namespaces"]
    words = []
    for word in where["command"]:
        name = word.removeprefix("DATA:")
        if name == word:
            words.append(word)
        else:
            words.append(str(memory_file(where["data"][name].encode())))
            os.set_inheritable(int(words[-1]), True)
    os.execv(words[0], [*words, "--", *where["python"], INSIDE, *map(str, first)])


def memory_file(content: bytes) -> int:
    """A descriptor from which the content can be read."""
    descriptor = os.memfd_create("order", 0)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def inside(told: int, tell: int, relay: int | None = None) -> NoReturn:
    """Be the first process of new namespaces: start the vendor's program and tell how it ended.

    Nothing in the namespaces can kill this process, and everything in them ends with it.
    """
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        control(PR_SET_DUMPABLE, 0)
        with os.fdopen(told, "rb") as stream:
            order = json.load(stream)
        for descriptor, place in ((INLET, 0), (OUTLET, 1)):
            os.dup2(descriptor, place)
            os.close(descriptor)
        os.set_inheritable(tell, False)
        if relay is not None:
            os.set_inheritable(relay, False)
            from dmn_bench.execution.relay import hand_over, listeners

            hand_over(listeners(order["namespaces"]["hosts"]), relay)
        vendor = os.fork()
        if vendor == 0:
            os.setsid()
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            execute(order)
    finally:
        if sys.exc_info()[0] is not None:
            fail()
    leave_the_pipes()
    ended, status = os.wait()
    while ended != vendor:
        ended, status = os.wait()
    os.write(tell, str(status).encode())
    os._exit(0)


def make_group(order: dict[str, Any]) -> str | None:
    """Make the control group that holds the candidate's processes, and limit their number."""
    group = order.get("group")
    if group is None:
        return None
    path = f"{group}-{os.getpid()}"
    os.mkdir(path)
    write(f"{path}/pids.max", str(order["processes"]))
    return path


def start_relay(order: dict[str, Any]) -> int | None:
    """Start the process that connects to granted hosts; the descriptor through which it is given its listeners."""
    where = order.get("namespaces")
    if not where or not where["hosts"]:
        return None
    import socket

    from dmn_bench.execution.relay import serve

    ours, theirs = socket.socketpair()
    warden = os.getpid()
    if os.fork() == 0:
        try:
            tie_to(warden, signal.SIGKILL)
            ours.close()
            leave_the_pipes()
            serve(theirs.detach(), where["hosts"])
        finally:
            os._exit(1)
    theirs.close()
    return ours.detach()


def watch(vendor: int, folder: str | None, most_bytes: int) -> int:
    """Reap children until the vendor's process has ended or SIGTERM came: its wait status (SIGKILL for SIGTERM).

    SIGXFSZ if ``folder`` holds more than ``most_bytes``.
    """
    while True:
        came = signal.sigtimedwait(signal.valid_signals(), LOOK_EVERY_SECONDS)
        if came is None:
            if folder is not None and holds_more_than(folder, most_bytes):
                return int(signal.SIGXFSZ)
        elif came.si_signo == signal.SIGTERM:
            return int(signal.SIGKILL)
        elif came.si_signo == signal.SIGCHLD:
            ended = dict(reaped())
            if vendor in ended:
                return ended[vendor]


def holds_more_than(folder: str, most_bytes: int) -> bool:
    """Whether the files below a folder take more room on disk; what cannot be looked at counts nothing."""
    total, to_look = 0, [folder]
    while to_look:
        with contextlib.suppress(OSError), os.scandir(to_look.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        to_look.append(entry.path)
        if total > most_bytes:
            return True
    return False


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
        with contextlib.suppress(OSError), open(f"/proc/{process}/stat", "rb") as stream:  # it may have ended
            parent = int(stream.read().rpartition(b")")[2].split()[1])  # a name may hold blanks and brackets
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
    return (int(name) for name in os.listdir("/proc") if name.isdigit())


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


def drop_capabilities() -> None:
    """Give up every privilege of root but reading the files of others, which Landlock or namespaces limit too."""
    libc = ctypes.CDLL(None, use_errno=True)
    kept = CAP_DAC_READ_SEARCH if os.geteuid() == 0 else -1
    for capability in range(LAST_CAPABILITY + 1):
        if capability != kept:
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)  # refused where there is nothing to drop
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()
    if libc.capget(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "capget")
    low = 1 << kept if kept >= 0 else 0
    left = (ctypes.c_uint32 * 6)(sets[0] & sets[1] & low, sets[1] & low, 0, 0, 0, 0)
    if libc.capset(header, left) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def fail() -> NoReturn:
    """Tell what is being raised, where the supervisor reads it, and end."""
    import traceback

    traceback.print_exc()
    os._exit(1)


def write(path: str, text: str) -> None:
    """Write to a file of the kernel."""
    with open(path, "w", encoding="ascii") as stream:
        stream.write(text)


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
