"""Adapter ``wfdb-annotations``: beats that a vendor delivered as one WFDB annotation file for each record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath
from typing import ClassVar, Literal

from ..errors import CandidateError, InputFileError, Problem, collect
from ..files import path_as_text, sha256_of
from ..hookspecs import CaseKeys, FileAdapter, LiveAdapter, hookimpl
from ..vocabulary import Answer, AskedAnswer, Case

SHOWN_IDS = 20


@dataclass(frozen=True, kw_only=True)
class WfdbAnnotations:
    """Reads ``folder/RECORD.annotator`` for every case; a case without one is ``failed: no output``."""

    name: ClassVar[str] = "wfdb-annotations"

    folder: str  # where the annotation files are, from the folder of the protocol or candidate
    annotator: str  # their extension: "qrs", "atr"
    record: Literal["file_name", "case_id"] = "file_name"  # RECORD: the case's file without extension, or its id

    def answers(self, cases: Sequence[CaseKeys], base: Path) -> Iterable[AskedAnswer]:
        """The beats of every case; see ``FileAdapter.answers``."""
        folder = self._folder(base)
        records = {keys.case.case_id: self._record(keys.case) for keys in cases}
        unknown = sorted({path.stem for path in self._files(folder)} - set(records.values()))
        if unknown:
            facts: dict[str, str | int | float] = {
                "n": len(unknown),
                "found": ", ".join(path_as_text(PurePath(name)) for name in unknown[:SHOWN_IDS]),
                "annotator": self.annotator,
            }
            raise CandidateError(Problem(key="adapters.annotations_unknown", where=self.folder, facts=facts))
        return [AskedAnswer(answer=self._answer(case_id, folder / record)) for case_id, record in records.items()]

    def identity(self, base: Path) -> Mapping[str, str]:
        """sha256 of every annotation file."""
        folder = self._folder(base)
        return {f"{self.folder}/{path_as_text(PurePath(path.name))}": sha256_of(path) for path in self._files(folder)}

    def _answer(self, case_id: str, record: Path) -> Answer:
        from ..inputs.wfdb_record import read_annotations

        if not record.with_name(f"{record.name}.{self.annotator}").is_file():
            return Answer(case_id=case_id, status="failed", reason="no output")
        try:
            beats = read_annotations(record, self.annotator)
        except InputFileError as error:
            keys = ", ".join(problem.key for problem in error.problems)
            return Answer(case_id=case_id, status="failed", reason=f"invalid output: {keys}")
        return Answer(case_id=case_id, status="answered", beats=beats)

    def _record(self, case: Case) -> str:
        if self.record == "case_id" or not case.files:
            return case.case_id
        path = PurePosixPath(case.files[0])
        return path.stem if path.suffix in (".hea", ".dat", ".mat") else path.name

    def _files(self, folder: Path) -> list[Path]:
        return sorted(path for path in folder.iterdir() if path.is_file() and path.suffix == f".{self.annotator}")

    def _folder(self, base: Path) -> Path:
        folder = base / self.folder
        problems = []
        if not folder.is_dir():
            problems.append(Problem(key="adapters.no_folder", where=str(base), facts={"found": self.folder}))
        if not self.annotator.isalnum():
            problems.append(Problem(key="adapters.annotator_name", where=str(base), facts={"found": self.annotator}))
        collect(problems, CandidateError)
        return folder


@hookimpl
def register_adapters() -> list[type[LiveAdapter] | type[FileAdapter]]:
    """The annotation-file adapter."""
    return [WfdbAnnotations]
