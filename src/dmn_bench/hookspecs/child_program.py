"""What a live adapter wants started, as it tells the launcher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class ChildProgram:
    """What a live adapter wants started in a sealed child: the launcher decides how, the adapter only says what.

    ``entry``: "module:Class". ``import_paths``: folders put first on the child's sys.path, read-only.
    ``python``: another interpreter, or None for ours. ``options``: JSON, given to the class. ``readable``: further
    files or folders it may read (a model file). ``command``: a program that speaks the wire protocol by itself; there
    is no class then, and ``entry`` only names it in messages. ``batch``: requests it takes in one message, at least 1.

    ``where``: "here" if vendor code runs in this child; "elsewhere" if the child is our own client of a device on
    another machine or in another process; "container" if the child starts a container engine, which seals it.
    ``engine_protections``: what that engine was told to enforce, in the words of ``isolation`` in reports.
    ``hosts``: "host:port" of every address it must connect to; the protocol grants them or the run does not begin.
    ``listens``: TCP ports of this machine at which it takes connections. ``environment``: names of variables of ours
    that are handed over (a token). ``workers``: how many children may work at once, None for any number.
    ``gpu``: whether it needs the devices of a GPU. ``afterwards``: a command run on our side once a child has ended,
    however it ended, to end what it started elsewhere; ``{child}`` in it is the name of the child's private folder.
    ``is_measured``: whether the processor time and memory that the child reports of itself are the candidate's; if not,
    or if the device is elsewhere, neither is recorded.
    """

    entry: str
    import_paths: tuple[Path, ...]
    options: Mapping[str, object]
    python: str | None = None
    readable: tuple[Path, ...] = ()
    command: tuple[str, ...] = ()
    batch: int = 1
    where: Literal["here", "elsewhere", "container"] = "here"
    engine_protections: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    listens: tuple[int, ...] = ()
    environment: tuple[str, ...] = ()
    workers: int | None = None
    gpu: bool = False
    afterwards: tuple[str, ...] = ()
    is_measured: bool = True
