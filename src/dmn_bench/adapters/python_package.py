"""Adapter ``python``: a vendor's class in plain Python, run in a sealed child, possibly by its own interpreter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from ..catalogue.packages import package_files
from ..errors import CandidateError, Problem, collect
from ..files import path_as_text, sha256_of
from ..hookspecs import ChildProgram, FileAdapter, LiveAdapter, hookimpl

ENTRY = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
KINDS = ("array", "dicom", "wfdb")


@dataclass(frozen=True, kw_only=True)
class PythonPackage:
    """Asks a class with ``__init__(options)`` and ``answer(request)``; nothing of dmn-bench is imported by it.

    With a ``batch`` above 1 its ``answer_batch(requests)`` is called, where it has one.
    """

    name: ClassVar[str] = "python"

    entry: str  # "module:Class", found in the candidate's folder, its src folder, or its interpreter's packages
    python: str | None = None  # path of another interpreter, from the candidate's folder; null: ours
    receives: str | Mapping[str, str] = "array"  # array (decoded) | dicom | wfdb (de-identified files)
    options: Mapping[str, object] = field(default_factory=dict)  # JSON, given to the class as it is
    batch: int = 1  # cases put to it together, at least 1
    hosts: tuple[str, ...] = ()  # "host:port" it must reach, granted by the protocol; of a package: device.yaml
    gpu: bool = False  # whether it gets the devices of a GPU; of a package: device.yaml

    def __post_init__(self) -> None:
        if self.batch < 1:
            raise ValueError(f"batch is at least 1, found {self.batch}")
        kinds = {self.receives} if isinstance(self.receives, str) else set(self.receives.values()) or {"array"}
        if len(kinds) != 1 or not kinds <= set(KINDS):
            raise ValueError(f"receives is one of {', '.join(KINDS)}, found {', '.join(sorted(kinds))}")
        object.__setattr__(self, "receives", kinds.pop())

    def program(self, base: Path, entry_options: Mapping[str, object]) -> ChildProgram:
        """The vendor's class under its interpreter; ``entry_options`` go before ``options``."""
        problems = []
        if not ENTRY.fullmatch(self.entry):
            problems.append(Problem(key="adapters.entry_malformed", where=str(base), facts={"found": self.entry}))
        interpreter = None if self.python is None else _interpreter(base, self.python)
        if interpreter is not None and not interpreter.is_file():
            problems.append(Problem(key="adapters.no_interpreter", where=str(base), facts={"found": str(interpreter)}))
        collect(problems, CandidateError)
        folder = base.resolve()
        return ChildProgram(
            entry=self.entry,
            import_paths=tuple(path for path in (folder, folder / "src") if path.is_dir()),
            options={**self.options, **entry_options},
            python=None if interpreter is None else str(interpreter),
            readable=(folder,),
            batch=self.batch,
            hosts=self.hosts,
            gpu=self.gpu,
        )

    def identity(self, base: Path) -> Mapping[str, str]:
        """sha256 of every file in the candidate's folder, but for caches, environments and ``plugin-check.json``."""
        return {path_as_text(path.relative_to(base)): sha256_of(path) for path in package_files(base)}


def _interpreter(base: Path, python: str) -> Path:
    """Absolute and not resolved: that of a virtual environment is a link that must be called by its name."""
    path = Path(python).expanduser()
    return path if path.is_absolute() else base.absolute() / path


@hookimpl
def register_adapters() -> list[type[LiveAdapter] | type[FileAdapter]]:
    """The Python adapter."""
    return [PythonPackage]  # type: ignore[list-item]  # receives is text once made
