"""What this machine can keep a candidate from, found out by trying; and what each tier of isolation is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from ..hookspecs import ChildProgram
from . import landlock, seccomp
from .relay import split

Tier = Literal[0, 1, 2, 3]
TIERS: tuple[Tier, ...] = (0, 1, 2, 3)
ENGINES = ("docker", "podman", "apptainer", "singularity")
GROUP_PREFIX = "dmn-bench"
MOST_TIER = "DMN_BENCH_MOST_TIER"  # variable of the environment
SECONDS_TO_PROBE = 20


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Protections of this machine. ``groups``: folder in which control groups of processes can be made.

    ``sealed``, ``namespaced``: whether a child was really kept from a file and from sockets by tier 1, by tier 2;
    ``why_not``: what the system said, by tier.
    """

    landlock_abi: int
    has_seccomp: bool
    user_namespaces: bool
    bubblewrap: str | None
    bubblewrap_version: str
    engines: tuple[str, ...]
    groups: Path | None
    sealed: bool
    namespaced: bool
    why_not: dict[int, str]

    @property
    def tier(self) -> Tier:
        """The strongest tier under which a vendor's program can be started here, containers aside."""
        return 2 if self.namespaced else 1 if self.sealed else 0


@cache
def machine() -> Machine:
    """What this machine has, tried once in a process by children that do nothing."""
    from .launcher import probe

    bubblewrap = shutil.which("bwrap")
    linux = sys.platform.startswith("linux")
    version = landlock.abi() if linux else 0
    has_seccomp = linux and seccomp.is_known() and "Seccomp:" in _text(Path("/proc/self/status"))
    why_not: dict[int, str] = {}
    sealed = namespaced = False
    if version and has_seccomp:
        sealed = _tried(1, lambda: probe(None), why_not)
    if sealed and bubblewrap is not None:
        namespaced = _tried(2, lambda: probe(bubblewrap), why_not)
    return Machine(
        landlock_abi=version,
        has_seccomp=has_seccomp,
        user_namespaces=_text(Path("/proc/sys/user/max_user_namespaces")).strip() not in ("", "0"),
        bubblewrap=bubblewrap,
        bubblewrap_version="" if bubblewrap is None else _version(bubblewrap),
        engines=tuple(name for name in ENGINES if shutil.which(name)),
        groups=process_groups(),
        sealed=sealed,
        namespaced=namespaced,
        why_not=why_not,
    )


def tier_for(program: ChildProgram, found: Machine) -> Tier:
    """The tier under which a program is started on a machine.

    A client of ours is kept from files and other ports (tier 1): the device itself is elsewhere. A program that takes
    connections needs the network of this machine, so it has no namespaces. A container engine cannot be sealed: what
    it does is tier 3 if the adapter tells it to seal, and 0 otherwise.
    """
    if program.where == "container":
        return 3 if program.engine_protections else 0
    is_client = program.where == "elsewhere" or bool(program.listens)
    return min(found.tier, most_tier(), 1 if is_client else 2)


def most_tier() -> Tier:
    """The strongest tier that may be used here, by the environment: for a candidate that cannot work under more."""
    asked = os.environ.get(MOST_TIER, "")
    return next((tier for tier in TIERS if asked == str(tier)), 3)


def is_exempt(program: ChildProgram) -> bool:
    """Whether no vendor's code runs on this machine, so that no tier is asked of it."""
    return program.where == "elsewhere"


def missing_for(tier: int, found: Machine) -> tuple[str, ...]:
    """Names of what this machine lacks for tier 1 or 2, () if nothing: of software, the same in every language."""
    lacking = []
    if tier >= 1:
        lacking += [name for name, has in (("Landlock", found.landlock_abi), ("seccomp", found.has_seccomp)) if not has]
    if tier == 2 and not found.namespaced:
        lacking.append("bubblewrap" if found.bubblewrap is None else f"bubblewrap: {found.why_not.get(2, '-')}")
    if most_tier() < tier:
        lacking.append(f"{MOST_TIER}={most_tier()}")
    return tuple(lacking)


def is_place(granted: str) -> bool:
    """Whether a text is "host:port".

    >>> is_place("pacs.example:104"), is_place("pacs.example")
    (True, False)
    """
    try:
        split(granted)
    except ValueError:
        return False
    return True


def tier_of(words: Iterable[str]) -> Tier:
    """The tier that words of isolation name; the weakest where several machines differ.

    >>> tier_of(("tier-1", "own_process"))
    1
    """
    named = set(words)
    return next((tier for tier in TIERS if f"tier-{tier}" in named), 0)


def process_groups() -> Path | None:
    """Where root can make control groups that limit the number of processes; None for others and where it is not.

    Groups of wardens that were killed are removed.
    """
    if os.geteuid() != 0:  # whom the ordinary limit binds
        return None
    for folder, file in (("/sys/fs/cgroup/pids", "cgroup.procs"), ("/sys/fs/cgroup", "cgroup.subtree_control")):
        place = Path(folder)
        words = _text(place / file).split()
        if (place / file).exists() and (file == "cgroup.procs" or "pids" in words) and os.access(place, os.W_OK):
            for group in place.glob(f"{GROUP_PREFIX}-*"):
                if not Path(f"/proc/{group.name.rpartition('-')[2]}").exists():
                    _remove(group)
            return place
    return None


def _remove(group: Path) -> None:
    try:
        group.rmdir()
    except OSError:  # a process is still in it
        return


def _tried(tier: int, attempt: object, why_not: dict[int, str]) -> bool:
    try:
        said = attempt()  # type: ignore[operator]
    except (OSError, subprocess.SubprocessError) as error:
        said = f"{type(error).__name__}: {error}"
    if said:
        why_not[tier] = said
    return not said


def _version(program: str) -> str:
    try:
        found = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=5)
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip().removeprefix("bubblewrap ")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
