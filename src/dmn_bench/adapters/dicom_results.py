"""Adapter ``dicom-results``: answers from the DICOM objects that a device made, in a folder, matched by UID alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from ..errors import InputFileError
from ..files import MAX_REASON, plain_text, sha256_of
from ..hookspecs import CaseKeys, FileAdapter, KnownImage, LiveAdapter, hookimpl
from ..vocabulary import Answer, AskedAnswer, Origin
from .answer_reading import read_answer
from .delivered_folder import files_in
from .dicom_answers import DicomRules, ResultError, RuleNeeded, answer_from_results
from .dicom_cases import CasesOfSet
from .dicom_matching import cases_of, every_code, every_structure, instances_named, unknown_instances
from .dicom_questions import refuse_undeclared
from .dicom_structures import refuse_unnamed
from .finding_codes import refuse_unknown
from .prediction_tables import Faults

if TYPE_CHECKING:
    from ..inputs.result_content import ResultObject

SHOWN_UIDS = 20
_UID = re.compile(r"\b\d+(?:\.\d+){2,}\b")


@dataclass(frozen=True, kw_only=True)
class DicomResults:
    """Reads structured reports, presentation states, segmentations and structure sets from a folder."""

    name: ClassVar[str] = "dicom-results"

    folder: str  # from the folder of the protocol or candidate; searched with its subfolders
    dicom: DicomRules = field(default_factory=DicomRules)  # how the objects are read where they leave it open
    ignore_files: tuple[str, ...] = ()  # patterns of file names that are no results, as *.txt
    cases_not_in_set: Literal["refuse", "ignore"] = "refuse"  # objects about images that the set does not hold

    def answers(self, cases: Sequence[CaseKeys], base: Path) -> Iterable[AskedAnswer]:
        """Every case's answer, in the order given; see ``FileAdapter.answers``."""
        faults = Faults()
        read = self._read(base, faults)
        faults.stop_if_any()
        of_set = CasesOfSet([_known(keys) for keys in cases])
        results = self._of_the_set(read, of_set, faults)
        self._check_names(results, faults)
        faults.stop_if_any()
        by_case = _by_case(results, of_set)
        draws = any(each.regions or each.segments for result in results for each in result.statements)
        found = []
        for place, keys in enumerate(cases):
            raw = self._answer(keys.case.case_id, place, by_case.get(place, []), of_set, faults)
            if isinstance(raw, Mapping):
                if not draws and raw.get("findings"):  # a device that never marks anything has not looked for marks
                    raw = {key: part for key, part in raw.items() if key != "marks"}
                found.append(read_answer(raw, keys.case.case_id, _origin(keys, of_set.images[place])))
            else:
                found.append(Answer(case_id=keys.case.case_id, status="failed", reason=plain_text(raw, MAX_REASON)))
        faults.stop_if_any()
        return [AskedAnswer(answer=answer) for answer in found]

    def identity(self, base: Path) -> Mapping[str, str]:
        """sha256 of every file of the folder that is not ignored."""
        return {f"{self.folder}/{name}": sha256_of(path) for name, path in self._files(base)}

    def _answer(
        self, case_id: str, place: int, results: Sequence[ResultObject], cases: CasesOfSet, faults: Faults
    ) -> Mapping[str, object] | str:
        """The answer of a case as a candidate would write it, or why there is none."""
        try:
            return answer_from_results(results, cases.images[place], self.dicom, cases, place)
        except RuleNeeded as needed:
            faults.note(replace(needed.problem, where=case_id))
            return needed.reason
        except ResultError as error:
            return _UID.sub("(UID)", error.reason)  # the hospital's: reasons are kept in the record

    def _read(self, base: Path, faults: Faults) -> list[tuple[str, ResultObject]]:
        from ..inputs.result_objects import is_directory, read_result

        found = []
        for name, path in self._files(base):
            try:
                if not is_directory(path):
                    found.append((name, read_result(path, apart=True)))
            except InputFileError as error:
                for problem in error.problems:
                    key = "objects.not_dicom" if problem.key == "inputs.dicom_no_preamble" else problem.key
                    faults.note(replace(problem, key=key, where=f"{self.folder}/{name}"))
        if not found:
            faults.add("objects.none", self.folder)
        return found

    def _check_names(self, results: Sequence[ResultObject], faults: Faults) -> None:
        """Every code and every structure of all objects that has no name here, noted at once."""
        try:
            refuse_unknown(every_code(results, self.dicom), self.dicom)
        except RuleNeeded as needed:
            faults.note(replace(needed.problem, where=self.folder))
        try:
            refuse_undeclared(results, self.dicom)
        except RuleNeeded as needed:
            faults.note(replace(needed.problem, where=self.folder))
        try:
            refuse_unnamed(every_structure(results, self.dicom), self.dicom)
        except RuleNeeded as needed:
            faults.note(replace(needed.problem, where=self.folder))

    def _of_the_set(
        self, read: Sequence[tuple[str, ResultObject]], cases: CasesOfSet, faults: Faults
    ) -> list[ResultObject]:
        """The objects about images of the set; every other is a problem, or left out where that is asked for."""
        kept = []
        for name, result in read:
            unknown = unknown_instances(result, cases)
            if not unknown:
                kept.append(result)
            elif self.cases_not_in_set == "refuse" or any(map(cases.holds, instances_named(result))):
                shown = ", ".join(unknown[:SHOWN_UIDS])
                faults.add("objects.instances_unknown", f"{self.folder}/{name}", n=len(unknown), found=shown)
        return kept

    def _files(self, base: Path) -> list[tuple[str, Path]]:
        return files_in(base, self.folder, self.ignore_files, no_folder="objects.no_folder")


def _known(keys: CaseKeys) -> tuple[KnownImage, ...]:
    """Every instance of a case, with the side that the set states for the case where it states one."""
    side = keys.case.laterality
    stated = [replace(image, laterality=side) if side else image for image in keys.instances]
    named = {image.sop_instance_uid for image in stated}
    bare = [
        KnownImage(name=path, sop_instance_uid=uid, laterality=side)
        for uid, path in keys.sop_instance_uids.items()
        if uid not in named
    ]
    return (*stated, *bare)


def _by_case(results: Sequence[ResultObject], cases: CasesOfSet) -> dict[int, list[ResultObject]]:
    """The objects about each case, by its place, with those that withdraw one of them."""
    found: dict[int, dict[int, ResultObject]] = {}
    about = {result.sop_instance_uid: cases_of(result, cases) for result in results}
    for number, result in enumerate(results):
        places = [place for uid in (*result.replaces, *result.rejects) for place in about.get(uid, ())]
        for place in (*cases_of(result, cases), *places):
            found.setdefault(place, {})[number] = result
    return {place: list(objects.values()) for place, objects in found.items()}


def _origin(keys: CaseKeys, images: Sequence[KnownImage]) -> Origin:
    return Origin(
        case_id=keys.case.case_id,
        images={image.name: image.name for image in images},
        sop_instance_uids={image.sop_instance_uid: image.name for image in images},
        image_sizes=keys.image_sizes or {},
    )


@hookimpl
def register_adapters() -> list[type[LiveAdapter] | type[FileAdapter]]:
    """The adapter of result objects."""
    return [DicomResults]
