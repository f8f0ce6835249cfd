"""Adapter ``command``: a vendor's executable or script, started for each case or batch; a folder in, a folder out."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from ..errors import CandidateError, Problem, collect
from ..hookspecs import ChildProgram, FileAdapter, LiveAdapter, hookimpl
from .candidate_files import hashes, package_folder
from .command_runner import filled
from .dicom_rules import DicomRules
from .exchange_options import described_exchange, exchange_problems, one_form
from .exchange_runner import INPUT, OUTPUT

RUNNER = "dmn_bench.adapters.command_runner:CommandRunner"
SOURCE_ROOT = Path(__file__).parents[2]
PATH = ("/usr/local/bin", "/usr/bin", "/bin")  # where a program named without "/" is looked for
CASE_PLACES = (f"{{{INPUT}}}", f"{{{OUTPUT}}}")


@dataclass(frozen=True, kw_only=True)
class Command:
    """Starts a program for each case, or for each batch, that reads one folder and writes another."""

    name: ClassVar[str] = "command"

    command: tuple[str, ...]  # program and its words; {input}, {output}, {candidate} (its folder), {python} are filled
    python: str | None = None  # interpreter that {python} stands for, from the candidate's folder; null: ours
    receives: str | Mapping[str, str] = "array"  # array (decoded) | dicom | wfdb (de-identified files)
    arrays: Literal["npy", "png"] = "npy"  # how decoded images lie in the folder; signals are always npy
    results: Literal["json", "dicom"] = "json"  # answer.json, or every DICOM object in the output folder
    dicom: DicomRules | None = None  # how DICOM objects are read; null: by the standard alone
    batch: int = 1  # cases put to one start of the program, at least 1
    exit_statuses: Mapping[str, Literal["abstained", "rejected_input", "indeterminate", "failed"]] = field(
        default_factory=dict
    )  # exit code, 1 to 255 -> status of the case; any other code but 0 is a failure
    reads: tuple[str, ...] = ()  # further files and folders it may read: part of the candidate
    environment: tuple[str, ...] = ()  # names of variables that are handed over, for a token
    hosts: tuple[str, ...] = ()  # "host:port" it must reach, granted by the protocol
    gpu: bool = False  # whether it needs the devices of a GPU
    most_files: int = 1000  # files and folders in the output for one case
    most_mb: int = 1024  # MiB of all files in the output for one case

    def __post_init__(self) -> None:
        object.__setattr__(self, "receives", one_form(self.receives))

    def program(self, base: Path, entry_options: Mapping[str, object]) -> ChildProgram:
        """Our runner, which starts the program; see ``LiveAdapter.program``. Options of an entry there are none."""
        collect(self._problems(base, entry_options), CandidateError)
        words = [filled(word, self._places(base)) for word in self.command]
        words[0] = str(_program(words[0], base) or words[0])
        named = (Path(words[0]), *((base / path).resolve() for path in self.reads))
        folder = package_folder(base)
        return ChildProgram(
            entry=RUNNER,
            import_paths=(SOURCE_ROOT,),
            options={"command": words, "exchange": described_exchange(self)},
            readable=(*(() if folder is None else (folder,)), *named),
            batch=self.batch,
            hosts=self.hosts,
            environment=self.environment,
            gpu=self.gpu,
            is_measured=False,
        )

    def identity(self, base: Path) -> Mapping[str, str]:
        """sha256 of every file of the package, of ``reads``, and of the program unless the system brings it."""
        collect(self._problems(base, {}), CandidateError)
        named = [Path(path) for path in self.reads]
        program = _program(self._first_word(base), base)
        if program is not None and "/" in self.command[0]:
            named.append(program)
        return hashes(base, named)

    def _places(self, base: Path) -> Mapping[str, str]:
        """What is the same for every case. The interpreter of a virtual environment must be called by its own name."""
        python = sys.executable if self.python is None else str(base.absolute() / Path(self.python).expanduser())
        return {"{candidate}": str(base.resolve()), "{python}": python}

    def _first_word(self, base: Path) -> str:
        return filled(self.command[0], self._places(base))

    def _problems(self, base: Path, entry_options: Mapping[str, object]) -> list[Problem]:
        where = str(base)
        problems = exchange_problems(self, where)
        words = " ".join(self.command)
        for place in CASE_PLACES:
            if place not in words:
                facts = {"expected": place, "found": words}
                problems.append(Problem(key="adapters_programs.command_place", where=where, facts=facts))
        if self.command:
            problems += self._program_problems(base)
        for path in self.reads:
            if not (base / path).exists():
                problems.append(Problem(key="adapters_programs.no_file", where=where, facts={"found": path}))
        if entry_options:
            facts = {"found": ", ".join(sorted(entry_options))}
            problems.append(Problem(key="adapters_programs.no_further_options", where=where, facts=facts))
        return problems

    def _program_problems(self, base: Path) -> list[Problem]:
        first = self._first_word(base)
        program = _program(first, base)
        if program is None:
            facts = {"found": first, "known": ", ".join(PATH)}
            return [Problem(key="adapters_programs.no_program", where=str(base), facts=facts)]
        if not os.access(program, os.X_OK):
            facts = {"found": str(program)}
            return [Problem(key="adapters_programs.not_executable", where=str(base), facts=facts)]
        return []


def _program(word: str, base: Path) -> Path | None:
    """The file of a program: with "/" from the candidate's folder, without from the folders of the system."""
    places = [base.absolute() / word] if "/" in word else [Path(folder) / word for folder in PATH]
    return next((place for place in places if place.is_file()), None)


@hookimpl
def register_adapters() -> list[type[LiveAdapter] | type[FileAdapter]]:
    """The adapter of programs."""
    return [Command]  # type: ignore[list-item]  # receives is text once made
