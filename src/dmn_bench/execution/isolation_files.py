"""Which files a candidate's process may reach: its own, those of its interpreter, and what every program needs."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..catalogue.packages import unseen
from ..hookspecs import ChildProgram
from .gpu import device_files

PACKAGE = Path(__file__).parents[1]
SHIM = PACKAGE / "candidate_shim.py"
SHIPPED = PACKAGE / "_shipped"  # reference sets with their truth, in an installed wheel
OURS = "dmn_bench."  # entries that start so are runners of ours, which need the package

REQUESTS = "requests"  # beside the folders of the children: the copies that requests name
SYSTEM = tuple(Path(name) for name in ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"))
SETTINGS = tuple(
    Path("/etc") / name
    for name in (
        *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ld.so.preload", "alternatives", "localtime", "timezone"),
        *("mime.types", "fonts", "gai.conf", "protocols", "services", "magic", "java-11-openjdk", "java-17-openjdk"),
    )
)
OF_NETWORK = tuple(
    Path("/etc") / name
    for name in (
        "hosts",
        "host.conf",
        "resolv.conf",
        "nsswitch.conf",
        "ssl",
        "ca-certificates",
        "pki",
        "crypto-policies",
    )
)
PROCESSORS = tuple(Path("/sys/devices/system") / name for name in ("cpu", "node"))
PROC = tuple(
    Path("/proc") / name
    for name in (
        *("cpuinfo", "meminfo", "stat", "version", "filesystems", "loadavg", "uptime"),
        *("sys/kernel/osrelease", "sys/kernel/ostype", "sys/kernel/random", "sys/kernel/threads-max"),
        *("sys/kernel/cap_last_cap", "sys/kernel/pid_max", "sys/vm/overcommit_memory", "sys/vm/max_map_count"),
    )
)
DEVICES = tuple(Path("/dev") / name for name in ("null", "zero", "full", "random", "urandom"))
OF_GPU = tuple(
    Path(name)
    for name in (
        *("/opt/rocm", "/etc/OpenCL", "/etc/vulkan", "/etc/nvidia", "/proc/driver/nvidia"),
        *("/proc/devices", "/proc/modules", "/sys/bus/pci", "/sys/class/drm", "/sys/class/kfd", "/sys/devices"),
        *("/sys/module", "/run/nvidia-persistenced"),
    )
)
OF_A_PREFIX = ("bin", "lib", "lib32", "lib64", "libexec", "share", "etc", "ssl", "include", "pyvenv.cfg", "conda-meta")


@dataclass(frozen=True, kw_only=True)
class Files:
    """What is left: ``readable`` (and executable) but for ``hidden`` below them; ``named``: readable wherever they lie.

    ``writable``: the folder of the child. ``devices``: readable and writable. Paths are absolute and exist.
    """

    readable: tuple[Path, ...]
    hidden: tuple[Path, ...]
    named: tuple[Path, ...]
    writable: tuple[Path, ...]
    devices: tuple[Path, ...]

    def expanded(self) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
        """(readable, listable) without the hidden ones, for a mechanism that can only allow."""
        readable: list[Path] = list(self.named)
        listable: list[Path] = []
        for path in self.readable:
            _allow(path, self.hidden, readable, listable)
        return tuple(readable), tuple(listable)


def files_for(program: ChildProgram, folder: Path, *, hidden: Sequence[Path] = ()) -> Files:
    """The files of a program whose private folder is ``folder``.

    ``hidden``: kept from it wherever they lie, even if the candidate names them: the set, the run, the answers. So is
    what ``catalogue.packages.unseen`` names of its own package. Of this package a vendor's code sees the shim alone,
    and a runner of ours all but the sets that are shipped.
    """
    own = _own(program)
    wanted = [*SYSTEM, *SETTINGS, *PROCESSORS, *_interpreter(program), *own]
    if program.hosts or program.listens:
        wanted += OF_NETWORK
    devices = list(DEVICES)
    if program.gpu:
        wanted += OF_GPU
        devices += device_files(program)
    ours = SHIPPED if is_ours(program) else PACKAGE
    never = [path.resolve() for path in hidden] + _unseen(program)
    shipped = [path for path in (*own, SHIM) if _lies_in(path, ours) and not any(_lies_in(path, n) for n in never)]
    return Files(
        readable=_outermost(path for path in wanted if path.exists()),
        hidden=tuple(path for path in (ours, *never) if path.exists()),
        named=(*(path for path in shipped if path != ours and path.exists()), folder.parent / REQUESTS),
        writable=(folder,),
        devices=tuple(path for path in devices if path.exists()),
    )


def is_ours(program: ChildProgram) -> bool:
    """Whether the class that answers is a runner of ours, so that this package must be readable."""
    return program.entry.startswith(OURS) and not program.command


def command_of(program: ChildProgram) -> list[str]:
    """The program and its words: the candidate's own, or its interpreter with the shim.

    A command is looked for below the candidate's first readable folder, then where the system has its programs.
    """
    if not program.command:
        return [program.python or sys.executable, "-I", "-B", "-u", str(SHIM)]
    first = Path(program.command[0])
    if not first.is_absolute():
        places = [folder for folder in program.readable if folder.is_dir()][:1]
        places += [Path(name) for name in ("/usr/local/bin", "/usr/bin", "/bin")]
        first = next((place / first for place in places if (place / first).is_file()), first)
    return [str(first), *program.command[1:]]


def links_on(path: Path) -> dict[Path, str]:
    """Every symbolic link on the way to a file, with what it says."""
    found: dict[Path, str] = {}
    to_follow = [Path(os.path.normpath(path))]
    while to_follow:
        at = to_follow.pop()
        for part in (*reversed(at.parents), at):
            if part not in found and part.is_symlink():
                found[part] = str(part.readlink())
                to_follow.append(Path(os.path.normpath(part.parent / found[part] / at.relative_to(part))))
                break
    return found


def warden_python() -> str:
    """Our own interpreter outside any virtual environment: it needs its standard library alone."""
    named = (getattr(sys, "_base_executable", None), sys.executable)
    found = [os.path.realpath(path) for path in named if path]
    return next((path for path in found if os.access(path, os.X_OK)), found[-1])  # the base may be in a closed home


def prefix_parts(prefix: Path) -> list[Path]:
    """What belongs to a Python below its prefix; not the whole of it, which may be a home."""
    return [prefix / name for name in OF_A_PREFIX]


def _own(program: ChildProgram) -> list[Path]:
    """The files of the candidate itself."""
    own = [*program.import_paths, *program.readable]
    if program.command:
        own.append(Path(command_of(program)[0]))
    return [path.resolve() for path in own]


def _unseen(program: ChildProgram) -> list[Path]:
    """What of its own package a program does not get to see, but for the environment that it is run by."""
    own = [path for path in program.readable if path.is_dir()]
    running = [Path(os.path.normpath(program.python))] if program.python is not None else []  # a link stays one
    found = [path for folder in own for path in unseen(folder)]
    return [path.resolve() for path in found if not any(_lies_in(each, path) for each in running)]


def _interpreter(program: ChildProgram) -> list[Path]:
    """The interpreter, its libraries and, of a virtual environment, the Python it was made from."""
    if program.command:
        return []
    if program.python is None:
        prefixes = [Path(sys.prefix), Path(sys.base_prefix)]
    else:
        path = Path(program.python)
        prefixes = [Path(os.path.realpath(path)).parents[1]]
        links = [path, *links_on(path)]
        environments = [link.parents[1] for link in links if (link.parents[1] / "pyvenv.cfg").is_file()]
        prefixes += environments
        homes = [home.parent for home in map(_home, environments) if home is not None]
        prefixes += [prefix for prefix in homes if any((prefix / "lib").glob("python3*"))]
    return [part.resolve() for prefix in dict.fromkeys(prefixes) for part in prefix_parts(prefix)]


def _home(environment: Path) -> Path | None:
    """The folder of programs of the Python that a virtual environment was made from."""
    for line in (environment / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace").splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "home" and value.strip().startswith("/"):
            return Path(os.path.realpath(value.strip()))
    return None


def _allow(path: Path, hidden: Sequence[Path], readable: list[Path], listable: list[Path]) -> None:
    inside = [each for each in hidden if _lies_in(each, path)]
    if any(_lies_in(path, each) for each in hidden):
        return
    if not inside:
        readable.append(path)
        return
    listable.append(path)
    with contextlib.suppress(PermissionError):
        for entry in path.iterdir():
            if not entry.is_symlink():  # what it leads to is allowed by its own place
                _allow(entry, inside, readable, listable)


def _outermost(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Each path once, and none that lies below another."""
    found: list[Path] = []
    for path in sorted(set(paths), key=lambda path: len(path.parts)):
        if not any(_lies_in(path, each) for each in found):
            found.append(path)
    return tuple(found)


def _lies_in(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents
