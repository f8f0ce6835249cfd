"""Adapter ``wfdb-annotations``: beats that a vendor delivered as one WFDB annotation file for each record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath, PurePosixPath
from typing import ClassVar, Literal

from ..errors import CandidateError, InputFileError, Problem, collect
from ..files import path_as_text, sha256_of
from ..hookspecs import CaseKeys, FileAdapter, LiveAdapter, hookimpl
from ..vocabulary import Answer, AskedAnswer, Case

SHOWN_IDS = 20
MOST_HZ = 1e6
RECORDING_ENDINGS = (".hea", ".dat", ".mat", ".edf", ".bdf", ".ecg", ".dcm", ".xml", ".scp", ".csv", ".h5")
"""A name that ends otherwise is the record's own, dots and all."""


@dataclass(frozen=True, kw_only=True)
class WfdbAnnotations:
    """Reads ``folder/RECORD.annotator`` for every case; a case without one is ``failed: no output``."""

    name: ClassVar[str] = "wfdb-annotations"
    gives_only: ClassVar[str] = "beats"

    folder: str  # where the annotation files are, from the folder of the protocol or candidate
    annotator: str  # their extension: "qrs", "atr"
    record: Literal["file_name", "case_id"] = "file_name"  # RECORD: the case's file without extension, or its id
    sampling_hz: float | None = None  # that the device counts at; None: that of the record

    def __post_init__(self) -> None:
        if self.sampling_hz is not None and not 0 < self.sampling_hz <= MOST_HZ:
            raise ValueError(f"sampling_hz is above 0 and at most {MOST_HZ:g}, found {self.sampling_hz:g}")

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
        """sha256 of every annotation file. Raises CandidateError where the folder holds none of that ending."""
        folder = self._folder(base)
        files = self._files(folder)
        if not files:
            endings = sorted({path_as_text(PurePath(path.suffix[1:])) for path in folder.iterdir() if path.suffix})
            facts = {"annotator": self.annotator, "folder": self.folder, "found": ", ".join(endings[:SHOWN_IDS]) or "—"}
            raise CandidateError(Problem(key="adapters.annotations_none", where=str(base), facts=facts))
        return {f"{self.folder}/{path_as_text(PurePath(path.name))}": sha256_of(path) for path in files}

    def _answer(self, case_id: str, record: Path) -> Answer:
        from ..inputs.wfdb_record import read_annotations

        if not record.with_name(f"{record.name}.{self.annotator}").is_file():
            return Answer(case_id=case_id, status="failed", reason="no output")
        try:
            beats = read_annotations(record, self.annotator)
        except InputFileError as error:
            keys = ", ".join(problem.key for problem in error.problems)
            return Answer(case_id=case_id, status="failed", reason=f"invalid output: {keys}")
        if beats.sampling_hz is None:  # else the file states its own
            beats = replace(beats, sampling_hz=self.sampling_hz)
        return Answer(case_id=case_id, status="answered", beats=beats)

    def _record(self, case: Case) -> str:
        if self.record == "case_id" or not case.files:
            return case.case_id
        path = PurePosixPath(case.files[0])
        return path.stem if path.suffix.lower() in RECORDING_ENDINGS else path.name

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
