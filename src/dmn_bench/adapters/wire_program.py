"""Adapter ``wire``: a vendor's program, in any language, that speaks the wire protocol by itself."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from ..errors import CandidateError, Problem, collect
from ..hookspecs import ChildProgram, FileAdapter, LiveAdapter, hookimpl
from .candidate_files import hashes, package_folder
from .exchange_options import one_form

FOLDER = "{candidate}"
PATH = ("/usr/local/bin", "/usr/bin", "/bin")  # where a program named without "/" is looked for


@dataclass(frozen=True, kw_only=True)
class WireProgram:
    """Starts a program once and speaks the wire protocol with it on its standard input and output."""

    name: ClassVar[str] = "wire"

    command: tuple[str, ...]  # program and arguments; {candidate} stands for the candidate's folder
    receives: str | Mapping[str, str] = "array"  # array (decoded) | dicom | wfdb (de-identified files)
    options: Mapping[str, object] = field(default_factory=dict)  # JSON, given to the program when it loads
    batch: int = 1  # cases put to it together, at least 1
    hosts: tuple[str, ...] = ()  # "host:port" it must reach, granted by the protocol; of a package: device.yaml

    def __post_init__(self) -> None:
        object.__setattr__(self, "receives", one_form(self.receives))
        if self.batch < 1:
            raise ValueError(f"batch is at least 1, found {self.batch}")
        if not self.command:
            raise ValueError("command names a program")

    def program(self, base: Path, entry_options: Mapping[str, object]) -> ChildProgram:
        """The program itself; ``entry_options`` go before ``options``."""
        collect(self._problems(base), CandidateError)
        folder = package_folder(base)
        named = tuple(self._named(base))
        return ChildProgram(
            entry=self.command[0],
            import_paths=(),
            options={**self.options, **entry_options},
            readable=(*(() if folder is None else (folder,)), *(path.resolve() for path in named)),
            command=(str(self._program(base)), *(self._filled(word, base) for word in self.command[1:])),
            batch=self.batch,
            hosts=self.hosts,
        )

    def identity(self, base: Path) -> Mapping[str, str]:
        """sha256 of every file of the package and of every file that the command names, but for the system's."""
        collect(self._problems(base), CandidateError)
        return hashes(base, self._named(base))

    def _named(self, base: Path) -> list[Path]:
        """Files of the candidate that stand in the command."""
        words = [self._filled(word, base) for word in self.command if "/" in word]
        return [path for path in (base.absolute() / word for word in words) if path.is_file()]

    def _filled(self, word: str, base: Path) -> str:
        return word.replace(FOLDER, str(base.resolve()))

    def _program(self, base: Path) -> Path | None:
        word = self._filled(self.command[0], base)
        places = [base.absolute() / word] if "/" in word else [Path(folder) / word for folder in PATH]
        return next((place for place in places if place.is_file()), None)

    def _problems(self, base: Path) -> list[Problem]:
        program = self._program(base)
        if program is None:
            facts = {"found": self.command[0], "known": ", ".join(PATH)}
            return [Problem(key="adapters_programs.no_program", where=str(base), facts=facts)]
        if not os.access(program, os.X_OK):
            return [Problem(key="adapters_programs.not_executable", where=str(base), facts={"found": self.command[0]})]
        return []


@hookimpl
def register_adapters() -> list[type[LiveAdapter] | type[FileAdapter]]:
    """The adapter of programs that speak the wire protocol."""
    return [WireProgram]  # type: ignore[list-item]  # receives is text once made
