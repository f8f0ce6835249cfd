"""The seccomp filter of a vendor's process: which system calls it is refused, as a program for the kernel.

Standard library only: it runs between fork and exec of a vendor's program. Landlock, or namespaces, decide about files
and addresses; this filter closes what they leave open: sockets of other kinds, other processes, and the rarely used
system calls in which holes of kernels were found. A filter is inherited and cannot be taken off.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
KILL, ERRNO, ALLOW = 0x8000_0000, 0x0005_0000, 0x7FFF_0000
LOAD, EQUAL, AT_LEAST, AND, RETURN, ANY_BIT = 0x20, 0x15, 0x35, 0x54, 0x06, 0x45
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
X32 = 0x4000_0000  # numbers from here are those of another calling convention of x86-64

MACHINES = {"x86_64": (0xC000_003E, 0), "aarch64": (0xC000_00B7, 1)}  # AUDIT_ARCH_*, column of the numbers below

AF_UNIX, AF_INET, AF_INET6, SOCK_STREAM, SOCK_TYPES, IPPROTO_TCP = 1, 2, 10, 1, 0xF, 6
MSG_FASTOPEN = 0x2000_0000  # connects where Landlock does not look
NEW_NAMESPACES = 0x7E02_0000  # CLONE_NEW*
TIOCSTI, TIOCLINUX = 0x5412, 0x541C  # types into a terminal

REFUSED = {  # system call -> number on x86-64 and arm64, None where there is none
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467),
    "unshare": (272, 97),
    "setns": (308, 268),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "syslog": (103, 116),
    "vhangup": (153, 58),
    "lookup_dcookie": (212, 18),
    "nfsservctl": (180, 42),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    "chown": (92, None),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "removexattrat": (466, 466),
}
ABSENT = {  # said not to exist, so that libraries fall back on what the filter can look into
    "clone3": (435, 435),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
WITHOUT_EFFECT = {  # would reach files outside by name; said to have worked, as programs do it to their own copies
    "chmod": (90, None),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
}
TIMES = {  # of files, by name: system call -> numbers, and the argument that points to the times
    "utime": ((132, None), 1),
    "utimes": ((235, None), 1),
    "futimesat": ((261, None), 2),
    "utimensat": ((280, 88), 2),
}
SHARED = {  # outlive whoever made them, and are seen by all; in namespaces they are one's own
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
}
TRUNCATE = {"truncate": (76, 45)}  # by name, which the first two versions of Landlock do not look at
SOCKET, SOCKETPAIR, LISTEN, CLONE, PRLIMIT, IOCTL = (41, 198), (53, 199), (50, 201), (56, 220), (302, 261), (16, 29)
SENDTO, SENDMSG, SENDMMSG = (44, 206), (46, 211), (307, 269)

SOCKETS = ("none", "tcp", "internet", "private")
"""What sockets stay: none but pairs; TCP; TCP and UDP; all of a network namespace of one's own, and Unix ones."""


def is_known() -> bool:
    """Whether there is a filter for this processor."""
    return os.uname().machine in MACHINES and sys.maxsize > 2**32


def install(*, sockets: str, listens: bool = False, no_truncate: bool = False) -> None:
    """Filter this process and every later one of it. ``sockets``: one of SOCKETS. ``listens``: may take connections.

    ``no_truncate``: refuse the system call that Landlock before version 3 does not look at. The caller has set
    ``PR_SET_NO_NEW_PRIVS``. Raises OSError if the kernel refuses.
    """
    instructions = program(os.uname().machine, sockets=sockets, listens=listens, no_truncate=no_truncate)
    raw = b"".join(struct.pack("=HBBI", *each) for each in instructions)
    kept = ctypes.create_string_buffer(raw, len(raw))
    pointer = struct.pack("@HP", len(instructions), ctypes.addressof(kept))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_SECCOMP, ctypes.c_ulong(SECCOMP_MODE_FILTER), pointer, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"seccomp: {os.strerror(ctypes.get_errno())}")


Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, operand: struct sock_filter


def program(machine: str, *, sockets: str, listens: bool, no_truncate: bool) -> list[Instruction]:
    """The filter, for a processor of MACHINES. Raises KeyError for another one, ValueError for other sockets."""
    if sockets not in SOCKETS:
        raise ValueError(f"sockets is one of {', '.join(SOCKETS)}, found {sockets!r}")
    architecture, column = MACHINES[machine]
    lines: list[Instruction] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]
    if machine == "x86_64":
        lines += [(AT_LEAST, 0, 1, X32), (RETURN, 0, 0, ERRNO | errno.ENOSYS)]
    for table, code in (
        (REFUSED, errno.EPERM),
        ({} if sockets == "private" else SHARED, errno.EPERM),
        (TRUNCATE if no_truncate else {}, errno.EPERM),
        (ABSENT, errno.ENOSYS),
        (WITHOUT_EFFECT, 0),
    ):
        for numbers in table.values():
            lines += _refused(numbers[column], code)
    for numbers, position in TIMES.values():
        lines += _times(numbers[column], position)
    lines += _when(CLONE[column], _if_bits(0, NEW_NAMESPACES))
    lines += _when(PRLIMIT[column], [_argument(0), (EQUAL, 1, 0, 0), _EPERM])
    lines += _when(IOCTL[column], [_argument(1), (EQUAL, 1, 0, TIOCSTI), (EQUAL, 0, 1, TIOCLINUX), _EPERM])
    lines += _when(SOCKETPAIR[column], [_argument(0), (EQUAL, 1, 0, AF_UNIX), _EPERM])
    lines += _of_sockets(sockets, column)
    if not listens and sockets != "private":
        lines += _refused(LISTEN[column], errno.EPERM)
    return [*lines, (RETURN, 0, 0, ALLOW)]


def _of_sockets(sockets: str, column: int) -> list[Instruction]:
    families = {"none": (), "tcp": (AF_INET, AF_INET6), "internet": (AF_INET, AF_INET6)}
    allowed = families.get(sockets, (AF_UNIX, AF_INET, AF_INET6))
    lines = [_argument(0)]
    for index, family in enumerate(allowed):
        lines.append((EQUAL, len(allowed) - index, 0, family))
    lines.append(_EPERM)
    if sockets == "tcp":  # and neither UDP nor another protocol that Landlock does not look at
        lines += [_argument(1), (AND, 0, 0, SOCK_TYPES), (EQUAL, 1, 0, SOCK_STREAM), _EPERM]
        lines += [_argument(2), (EQUAL, 2, 0, 0), (EQUAL, 1, 0, IPPROTO_TCP), _EPERM]
    elif sockets == "internet":
        lines += [_argument(2), (AT_LEAST, 0, 1, 18), _EPERM]  # neither SCTP, MPTCP … (UDP is 17)
    checked = _when(SOCKET[column], lines)
    if sockets in ("tcp", "internet"):
        for numbers, position in ((SENDTO, 3), (SENDMSG, 2), (SENDMMSG, 3)):
            checked += _when(numbers[column], _if_bits(position, MSG_FASTOPEN))
    return checked


_EPERM: Instruction = (RETURN, 0, 0, ERRNO | errno.EPERM)


def _argument(position: int, *, upper: bool = False) -> Instruction:
    """Load the lower half of an argument: all but pointers are int or flags of 32 bits in the kernel."""
    return (LOAD, 0, 0, FIRST_ARGUMENT + 8 * position + (4 if upper else 0))


def _if_bits(position: int, bits: int) -> list[Instruction]:
    return [_argument(position), (ANY_BIT, 0, 1, bits), _EPERM]


def _times(number: int | None, position: int) -> list[Instruction]:
    """Given times are said to have been set, as for copies; "now" is refused: then a touch makes the file instead."""
    if number is None:
        return []
    is_null = [_argument(position), (EQUAL, 0, 3, 0), _argument(position, upper=True), (EQUAL, 0, 1, 0), _EPERM]
    return [(EQUAL, 0, len(is_null) + 1, number), *is_null, (RETURN, 0, 0, ERRNO)]


def _refused(number: int | None, code: int) -> list[Instruction]:
    return [] if number is None else [(EQUAL, 0, 1, number), (RETURN, 0, 0, ERRNO | code)]


def _when(number: int, lines: list[Instruction]) -> list[Instruction]:
    """``lines`` for one system call; whoever comes through them is allowed."""
    return [(EQUAL, 0, len(lines) + 1, number), *lines, (RETURN, 0, 0, ALLOW)]
