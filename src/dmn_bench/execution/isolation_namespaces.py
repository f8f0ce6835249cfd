"""The command of bubblewrap that gives a candidate a view of its own: files, processes, network, names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ..hookspecs import ChildProgram
from .isolation_files import DEVICES, Files, command_of, links_on, prefix_parts, warden_python
from .relay import addresses_inside

HERE = Path(__file__).parent
WARDEN_FILES = tuple(HERE / name for name in ("sealed_start.py", "landlock.py", "seccomp.py", "relay.py"))
MARKERS = (HERE.parent / "__init__.py", HERE / "__init__.py")  # by which the warden's files are found as modules
HOST_NAME = "candidate"
MEMORY_FOLDERS = {"/tmp": 1 << 28, "/dev/shm": 1 << 30}  # bytes at most
DATA = "DATA:"  # before the name of a file of ``data_files``: stands for a descriptor of its text
NAMES_FROM = "passwd: files\ngroup: files\nhosts: files\n"


def command(bubblewrap: str, program: ChildProgram, files: Files, hosts: Sequence[str]) -> list[str]:
    """Bubblewrap and its words up to ``--``; a word that begins with DATA stands for a descriptor."""
    words = [bubblewrap, "--unshare-all", "--die-with-parent", "--new-session", "--as-pid-1", "--cap-drop", "ALL"]
    if hosts:  # for the first process alone, and only over the network inside; who is not root inside would lose them
        words += ["--uid", "0", "--gid", "0", "--cap-add", "CAP_NET_ADMIN", "--cap-add", "CAP_NET_BIND_SERVICE"]
    words += ["--hostname", HOST_NAME, "--proc", "/proc", "--dev", "/dev"]
    for folder, most in MEMORY_FOLDERS.items():
        words += ["--size", str(most), "--tmpfs", folder]
    for _, step in sorted(_steps(program, files), key=lambda each: each[0]):
        words += step
    for name in data_files(hosts, files.writable[0]):
        words += ["--ro-bind-data", DATA + name, name]
    return [*words, "--chdir", str(files.writable[0])]


def data_files(granted: Sequence[str], folder: Path) -> dict[str, str]:
    """Files that exist inside alone: hosts with every granted name and nobody else, users with the candidate alone."""
    lines = ["127.0.0.1 localhost", f"127.0.0.1 {HOST_NAME}"]
    lines += [f"{address} {host}" for host, address in addresses_inside(granted).items() if host != address]
    user, group = (0, 0) if granted else (os.getuid(), os.getgid())
    return {
        "/etc/hosts": "\n".join(dict.fromkeys(lines)) + "\n",
        "/etc/nsswitch.conf": NAMES_FROM,
        "/etc/passwd": f"{HOST_NAME}:x:{user}:{group}::{folder}:/bin/sh\n",
        "/etc/group": f"{HOST_NAME}:x:{group}:\n",
    }


def memory_folders() -> tuple[Path, ...]:
    """Folders inside that are kept in memory and can be written."""
    return tuple(Path(name) for name in MEMORY_FOLDERS)


def first_process() -> list[str]:
    """The command of the first process inside, which applies the seal."""
    return [warden_python(), "-I", "-S", "-B", str(HERE / "sealed_start.py")]


def _steps(program: ChildProgram, files: Files) -> list[tuple[int, list[str]]]:
    """Mounts with the depth of their place: what lies deeper is mounted later."""
    python = Path(warden_python()).parents[1]
    inner = [*WARDEN_FILES, *MARKERS, *(part for part in prefix_parts(python) if part.exists())]
    covered = [path for path in inner if _below(path, files.readable) and not _below(path, files.hidden)]
    open_to_it = [path for path in files.readable if not _below(path, files.hidden)]
    readable = [*open_to_it, *files.named, *(path for path in inner if path not in covered)]
    replaced = {*data_files((), files.writable[0]), "/etc/resolv.conf", "/etc/host.conf", "/etc/gai.conf"}
    kept = [path for path in readable if str(path) not in replaced and not _below(path, [Path("/proc")])]
    steps = {path: _hide(path) for path in files.hidden if _below(path, kept)}
    steps.update({path: ["--ro-bind", str(path.resolve()), str(path)] for path in kept})
    steps.update({link: ["--symlink", target, str(link)] for link, target in _links(program, kept)})
    steps.update({path: ["--dev-bind", str(path), str(path)] for path in files.devices if path not in DEVICES})
    steps.update({path: ["--bind", str(path), str(path)] for path in files.writable})
    return [(len(path.parts), step) for path, step in steps.items()]


def _hide(path: Path) -> list[str]:
    return ["--tmpfs", str(path)] if path.is_dir() else ["--ro-bind", "/dev/null", str(path)]


def _links(program: ChildProgram, readable: Sequence[Path]) -> list[tuple[Path, str]]:
    """Symbolic links that lie in no mounted folder and are on the way to one, or to the command."""
    found: dict[Path, str] = {}
    for path in (*readable, Path(command_of(program)[0])):
        found.update(links_on(path))
    return [(link, target) for link, target in found.items() if not _below(link, [p for p in readable if p != link])]


def _below(path: Path, folders: Sequence[Path]) -> bool:
    return any(path == folder or folder in path.parents for folder in folders)
