"""Adapter ``dicom-results``: answers from the DICOM objects that a device made, in a folder, matched by UID alone."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from ..errors import CandidateError, InputFileError, Problem
from ..files import MAX_REASON, path_as_text, plain_text, sha256_of
from ..hookspecs import CaseKeys, FileAdapter, KnownImage, LiveAdapter, hookimpl
from ..vocabulary import Answer, AskedAnswer, Origin
from .answer_reading import read_answer
from .dicom_answers import DicomRules, ResultError, RuleNeeded, answer_from_results
from .dicom_matching import every_code, every_structure, instances_named, unknown_instances
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
        known = [_known(keys) for keys in cases]
        uids = {image.sop_instance_uid for images in known for image in images}
        studies = {image.study_instance_uid for images in known for image in images} - {""}
        results = self._of_the_set(read, uids, studies, faults)
        self._check_names(results, faults)
        faults.stop_if_any()
        by_case = _by_case(results, known)
        draws = any(each.regions or each.segments for result in results for each in result.statements)
        found = [
            self._answer(keys, images, by_case.get(place, []), uids, draws=draws, faults=faults)
            for place, (keys, images) in enumerate(zip(cases, known, strict=True))
        ]
        faults.stop_if_any()
        return [AskedAnswer(answer=answer) for answer in found]

    def identity(self, base: Path) -> Mapping[str, str]:
        """sha256 of every file of the folder that is not ignored."""
        return {f"{self.folder}/{name}": sha256_of(path) for name, path in self._files(base)}

    def _answer(
        self,
        keys: CaseKeys,
        images: Sequence[KnownImage],
        results: Sequence[ResultObject],
        uids: set[str],
        *,
        draws: bool,
        faults: Faults,
    ) -> Answer:
        case_id = keys.case.case_id
        try:
            raw = answer_from_results(results, images, self.dicom, uids)
        except RuleNeeded as needed:
            faults.note(replace(needed.problem, where=case_id))
            return Answer(case_id=case_id, status="failed", reason=plain_text(needed.reason, MAX_REASON))
        except ResultError as error:
            reason = _UID.sub("(UID)", error.reason)  # the hospital's: reasons are kept in the record
            return Answer(case_id=case_id, status="failed", reason=plain_text(reason, MAX_REASON))
        if not draws and raw.get("findings"):  # a device that never marks anything has not looked for marks
            raw.pop("marks", None)
        return read_answer(raw, case_id, _origin(keys, images))

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
        self, read: Sequence[tuple[str, ResultObject]], uids: set[str], studies: set[str], faults: Faults
    ) -> list[ResultObject]:
        """The objects about images of the set; every other is a problem, or left out where that is asked for."""
        kept = []
        for name, result in read:
            unknown = unknown_instances(result, uids, studies)
            if not unknown:
                kept.append(result)
            elif self.cases_not_in_set == "refuse" or set(instances_named(result)) & uids:
                shown = ", ".join(unknown[:SHOWN_UIDS])
                faults.add("objects.instances_unknown", f"{self.folder}/{name}", n=len(unknown), found=shown)
        return kept

    def _files(self, base: Path) -> list[tuple[str, Path]]:
        """Every file that is to be read, by its path in the folder; hidden ones and links to elsewhere are not."""
        folder = base / self.folder
        if not folder.is_dir():
            raise CandidateError(Problem(key="objects.no_folder", where=str(base), facts={"found": self.folder}))
        inside = folder.resolve()
        found = []
        for path in sorted(folder.rglob("*")):
            below = path.relative_to(folder)
            is_hidden = any(part.startswith(".") for part in below.parts)
            is_ignored = any(fnmatch.fnmatch(path.name, pattern) for pattern in self.ignore_files)
            if path.is_file() and not is_hidden and not is_ignored and path.resolve().is_relative_to(inside):
                found.append((path_as_text(below), path))
        return found


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


def _by_case(results: Sequence[ResultObject], known: Sequence[Sequence[KnownImage]]) -> dict[int, list[ResultObject]]:
    """The objects about each case, by its place: by the images that they name, else by their study."""
    by_uid: dict[str, list[int]] = {}
    by_study: dict[str, list[int]] = {}
    for place, images in enumerate(known):
        for image in images:
            by_uid.setdefault(image.sop_instance_uid, []).append(place)
            if place not in by_study.setdefault(image.study_instance_uid, []):
                by_study[image.study_instance_uid].append(place)
    found: dict[int, list[ResultObject]] = {}
    for result in results:
        named = instances_named(result)
        places = [place for uid in named for place in by_uid.get(uid, [])]
        for place in dict.fromkeys(places or ([] if named else by_study.get(result.study_instance_uid, []))):
            found.setdefault(place, []).append(result)
    return found


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
