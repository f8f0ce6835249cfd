"""Which of a device's objects speak of the images of a case: by referenced UID alone, never by file name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .dicom_cases import CasesOfSet
from .dicom_rules import SPEAKING, DicomRules, ResultError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..inputs.result_content import Plane, Reference, ResultObject, Statement, Structure

TRANSCRIPTION = (
    "needs transcription: only {found} came back, which no program should guess at; have two people type it in with "
    "`dmn-bench answers sheet`"
)
REPLACED = "a later report took the place of the one about the case, and is not about it itself"
REJECTED = "what came back about the case was withdrawn: a rejection note names it"
PICTURES = {
    "picture": "a picture (secondary capture)",
    "image": "an image that was not sent",
    "document": "a document (PDF)",
    "display": "a structured display",
    "text": "a report of plain sentences",
}


class Speaking:
    """The objects that answer for one case, in order, and what of them belongs to other cases of the set."""

    def __init__(self, results: Sequence[ResultObject], cases: CasesOfSet, place: int) -> None:
        self.results = tuple(results)
        self._cases, self._place = cases, place

    def statements(self, result: ResultObject) -> Iterator[Statement]:
        """The statements of an object that are about this case.

        Raises ResultError for an unknown instance, or if a statement may be about this case as well as about another.
        """
        for statement in result.statements:
            if self._is_about(statement, result):
                yield statement

    def refuse_shared(self, result: ResultObject) -> None:
        """Raise ResultError if what an object says as a whole may be about this case as well as about another."""
        self._refuse_several(self._may_concern(result))

    def refuse_unlisted(self, result: ResultObject) -> None:
        """Raise ResultError if an object that lists no image says that of its study, and that is several cases."""
        if not images_of(result):
            self.refuse_shared(result)

    def refuse_shared_planes(self, result: ResultObject) -> None:
        """Raise ResultError if a plane or point may lie on an image of this case as well as of another."""
        for structure in result.structures:
            if structure.points_mm or any(plane.image is None for plane in structure.planes):
                self.refuse_shared(result)
            for plane in structure.planes:
                self._refuse_several(self._cases.of_images([plane.image.uid] if plane.image is not None else []))

    def _is_about(self, statement: Statement, result: ResultObject) -> bool:
        named = references(statement)
        unknown = [each.uid for each in named if not self._cases.holds(each.uid)]
        if unknown:
            raise ResultError("it refers to the unknown instance " + ", ".join(dict.fromkeys(unknown)))
        drawn = [region.image.uid for region in statement.regions if region.image is not None]
        uids = drawn or [each.uid for each in named] or self._segmented(statement)
        places = self._cases.of_images(uids) if uids else self._may_concern(result)
        if len(places) < 2 or self._place not in places:
            return self._place in places
        sided = self._cases.of_side(statement.laterality, places)
        if not sided or self._place in sided:
            self._refuse_several(sided or places)
        return self._place in sided

    def _may_concern(self, result: ResultObject) -> tuple[int, ...]:
        """Every case that what an object says without an image may be about."""
        named = [each.uid for each in (*result.images, *result.evidence)]
        return self._cases.of_images(named) if named else self._cases.of_study(result.study_instance_uid)

    def _segmented(self, statement: Statement) -> list[str]:
        """The images on which the segments lie that a statement refers to, as far as they came."""
        asked = {(each.uid, number) for each in statement.segments for number in each.segments or (1,)}
        return [
            plane.image.uid
            for result in self.results
            for structure in result.structures
            for plane in structure.planes
            if (result.sop_instance_uid, structure.number) in asked and plane.image is not None
        ]

    def _refuse_several(self, places: Sequence[int]) -> None:
        if len(places) > 1:
            raise ResultError(
                f"it does not say which of {len(places)} cases of the set it is about: neither an image of one alone "
                "nor a side tells. Have the device name the image of each statement, or make these images one case"
            )

    def segment(self, statement: Statement) -> Structure:
        """The one segment that a statement refers to. Raises ResultError if it did not come, or there are several."""
        asked = {(each.uid, number) for each in statement.segments for number in each.segments or (1,)}
        found = [
            structure
            for result in self.results
            for structure in result.structures
            if (result.sop_instance_uid, structure.number) in asked
        ]
        if len(asked) != 1 or len(found) != 1:
            raise ResultError(f"it refers to {len(asked)} segments as the place of a finding, and {len(found)} came")
        return found[0]


def every_code(results: Sequence[ResultObject], rules: DicomRules) -> Iterator[tuple[str, str]]:
    """Every finding code, with its meaning, of the objects that are read."""
    named = {*rules.structures, *rules.ignore_structures}
    for result in results:
        if result.kind not in rules.objects:
            continue
        for statement in result.statements:
            is_read = result.kind != "cad" or statement.rendering in rules.rendering
            if statement.finding is not None and is_read:
                yield statement.finding.key, statement.finding.meaning
        for structure in result.structures:
            if structure.code is not None and structure.name not in named:
                yield structure.code.key, structure.code.meaning


def every_structure(results: Sequence[ResultObject], rules: DicomRules) -> list[Structure]:
    """Every structure of the objects that are read."""
    return [structure for result in results if result.kind in rules.objects for structure in result.structures]


def instances_named(result: ResultObject) -> tuple[str, ...]:
    """The UIDs of the images that an object is about, each once."""
    return tuple(dict.fromkeys(reference.uid for reference in images_of(result)))


def unknown_instances(result: ResultObject, cases: CasesOfSet) -> tuple[str, ...]:
    """The instances, or else the study, that an object is about and nobody knows; () where it is no result.

    What its content names must be known, all of it; of what it merely lists as evidence, one instance must be.
    """
    if result.rejects or result.kind in ("other", "image") or cases.holds(result.sop_instance_uid):
        return ()
    content = tuple(dict.fromkeys(reference.uid for reference in result.images))
    unknown = tuple(uid for uid in content if not cases.holds(uid))
    if content:
        return unknown
    listed = instances_named(result)
    if listed:
        return () if any(map(cases.holds, listed)) else listed
    return () if cases.of_study(result.study_instance_uid) else (result.study_instance_uid or "-",)


def references(statement: Statement) -> tuple[Reference, ...]:
    """The images that a statement names."""
    drawn = tuple(region.image for region in statement.regions if region.image is not None)
    return (*drawn, *statement.images)


def images_of(result: ResultObject) -> tuple[Reference, ...]:
    """The images that an object is about: those its content names, else those that it lists as evidence."""
    return result.images or result.evidence


def cases_of(result: ResultObject, cases: CasesOfSet) -> tuple[int, ...]:
    """The cases that an object is about: those of the images that it names, or, if it names none, of its study."""
    named = instances_named(result)
    return cases.of_images(named) if named else cases.of_study(result.study_instance_uid)


def withdrawn(results: Sequence[ResultObject]) -> dict[str, str]:
    """UID -> why an object no longer counts: another one takes its place, or a rejection note names it."""
    replaced = {uid: REPLACED for result in results for uid in result.replaces if uid != result.sop_instance_uid}
    return {**replaced, **{uid: REJECTED for result in results for uid in result.rejects}}


def speaking_for(results: Sequence[ResultObject], cases: CasesOfSet, place: int, rules: DicomRules) -> Speaking:
    """The objects that answer for the case at ``place``. Raises ResultError if none does, or two do."""
    gone = withdrawn(results)
    made = [each for each in _once(results) if not each.rejects]
    made = [each for each in made if each.kind != "other" and not cases.holds(each.sop_instance_uid)]
    about = [result for result in made if is_for(result, cases, place)]
    reasons = sorted({gone[each.sop_instance_uid] for each in about if each.sop_instance_uid in gone})
    about = [result for result in about if result.sop_instance_uid not in gone]
    if reasons and not about:
        raise ResultError("; ".join(reasons))
    if not about:
        raise ResultError("no output" if not results else "no object refers to an image of the case")
    is_read = [each for each in about if each.kind in SPEAKING and each.kind in rules.objects]
    if not rules.text:  # sentences without a rule are what accompanies the objects that are read
        is_read = [each for each in is_read if each.kind != "text"]
    if not is_read:
        _refuse_unread(about)
    return Speaking(_without_doubles(is_read, rules), cases, place)


def is_for(result: ResultObject, cases: CasesOfSet, place: int) -> bool:
    """Whether an object is about a case: it names one of its images, or names none at all and is of its study.

    Raises ResultError if it names nothing but images that nobody knows.
    """
    named = instances_named(result)
    if named and result.kind != "image" and not any(map(cases.holds, named)):
        raise ResultError("it refers to the unknown instance " + ", ".join(named))
    return place in cases_of(result, cases)


def _once(results: Sequence[ResultObject]) -> list[ResultObject]:
    """Without objects that came twice. Raises ResultError if two that differ go by one UID."""
    found: dict[str, ResultObject] = {}
    for result in results:
        other = found.setdefault(result.sop_instance_uid, result)
        if not _say_the_same(other, result):
            raise ResultError(f"two objects that differ have the same UID {result.sop_instance_uid}")
    return list(found.values())


def _say_the_same(one: ResultObject, other: ResultObject) -> bool:
    if one is other:
        return True
    if replace(one, structures=()) != replace(other, structures=()) or len(one.structures) != len(other.structures):
        return False
    return all(map(_are_drawn_alike, one.structures, other.structures))


def _are_drawn_alike(one: Structure, other: Structure) -> bool:
    if replace(one, planes=()) != replace(other, planes=()) or len(one.planes) != len(other.planes):
        return False
    pairs = list(zip(one.planes, other.planes, strict=True))
    return all(
        replace(first, mask=None) == replace(second, mask=None) and np.array_equal(_mask(first), _mask(second))
        for first, second in pairs
    )


def _mask(plane: Plane) -> NDArray[np.generic]:
    return np.zeros(0, dtype=bool) if plane.mask is None else plane.mask


def _refuse_unread(about: Sequence[ResultObject]) -> None:
    kinds = {result.kind for result in about}
    if "parametric_map" in kinds:
        raise ResultError(
            "a parametric map or surface came back, which is not read: ask for a report or a segmentation"
        )
    found = [PICTURES[kind] for kind in PICTURES if kind in kinds]
    if found:
        raise ResultError(TRANSCRIPTION.format(found=" and ".join(found)))
    raise ResultError("the objects that came back say nothing by themselves: " + ", ".join(sorted(kinds)))


def _without_doubles(results: Sequence[ResultObject], rules: DicomRules) -> list[ResultObject]:
    """One object of each kind for each image, by ``several``; a report that only refers to others is none itself."""
    kept: list[ResultObject] = []
    order = sorted(results, key=lambda result: result.written, reverse=rules.several == "latest")
    for result in order:
        rivals = [other for other in kept if _are_rivals(result, other)]
        if rivals and rules.several == "refuse":
            raise ResultError(f"two answers: {len(rivals) + 1} objects of the kind {result.kind} for one image")
        if rivals and "" in {result.written, *(other.written for other in rivals)}:
            raise ResultError(
                f"two answers, and which is the {rules.several} cannot be told: a date or time is missing"
            )
        if any(other.is_utc != result.is_utc for other in rivals):
            raise ResultError(f"two answers, and which is the {rules.several} cannot be told: one names no time zone")
        if rivals and result.written in {other.written for other in rivals}:
            raise ResultError(f"two answers of the same moment, so none is the {rules.several}")
        kept += [] if rivals else [result]
    return [result for result in results if result in kept]


def _are_rivals(one: ResultObject, other: ResultObject) -> bool:
    if one.kind != other.kind:
        return False
    linked = {reference.uid for reference in (*one.objects, *other.objects)}
    is_linked = bool(linked & {one.sop_instance_uid, other.sop_instance_uid})
    if is_linked and one.kind == "measurements" and not (one.statements and other.statements):
        return False  # a root report that only leads to the others
    if one.structures and other.structures and not _names(one) & _names(other):
        return False
    first, second = ({each.uid for each in images_of(result)} for result in (one, other))
    return bool(first & second) or not first or not second


def _names(result: ResultObject) -> set[str]:
    return {structure.code.key if structure.code else structure.name for structure in result.structures}
