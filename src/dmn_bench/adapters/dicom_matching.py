"""Which of a device's objects speak of the images of a case: by referenced UID alone, never by file name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from ..hookspecs import KnownImage
from .dicom_rules import SPEAKING, DicomRules, ResultError

if TYPE_CHECKING:
    from ..inputs.result_content import Reference, ResultObject, Statement, Structure

TRANSCRIPTION = (
    "needs transcription: only {found} came back, which no program should guess at; have two people type it in with "
    "`dmn-bench answers sheet`"
)
PICTURES = {
    "picture": "a picture (secondary capture)",
    "image": "an image that was not sent",
    "document": "a document (PDF)",
    "display": "a structured display",
    "text": "a report of plain sentences",
}


class Speaking:
    """The objects that answer for one case, in order, and what of them belongs to other cases."""

    def __init__(
        self, results: Sequence[ResultObject], known: Collection[str], others: Collection[str], rules: DicomRules
    ) -> None:
        self.results = tuple(results)
        self._known, self._others, self._rules = known, others, rules

    def statements(self, result: ResultObject) -> Iterator[Statement]:
        """The statements of an object that are about this case. Raises ResultError for an unknown instance."""
        for statement in result.statements:
            if self.is_about(references(statement)):
                yield statement

    def is_about(self, named: Sequence[Reference]) -> bool:
        """Whether something that names these images is about this case; it is if it names none."""
        here = [reference for reference in named if reference.uid in self._known]
        unknown = [each.uid for each in named if each.uid not in self._known and each.uid not in self._others]
        if unknown:
            raise ResultError("it refers to the unknown instance " + ", ".join(dict.fromkeys(unknown)))
        return bool(here) or not named

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


def unknown_instances(result: ResultObject, uids: Collection[str], studies: Collection[str]) -> tuple[str, ...]:
    """The instances, or else the study, that an object is about and nobody knows; () where it is no result.

    What its content names must be known, all of it; of what it merely lists as evidence, one instance must be.
    """
    if result.kind in ("other", "image") or result.sop_instance_uid in uids:
        return ()
    content = tuple(dict.fromkeys(reference.uid for reference in result.images))
    unknown = tuple(uid for uid in content if uid not in uids)
    if content:
        return unknown
    listed = instances_named(result)
    if listed:
        return () if any(uid in uids for uid in listed) else listed
    return () if result.study_instance_uid in studies else (result.study_instance_uid or "-",)


def references(statement: Statement) -> tuple[Reference, ...]:
    """The images that a statement names."""
    drawn = tuple(region.image for region in statement.regions if region.image is not None)
    return (*drawn, *statement.images)


def images_of(result: ResultObject) -> tuple[Reference, ...]:
    """The images that an object is about: those its content names, else those that it lists as evidence."""
    return result.images or result.evidence


def speaking_for(
    results: Sequence[ResultObject], known: Sequence[KnownImage], elsewhere: Collection[str], rules: DicomRules
) -> Speaking:
    """The objects that answer for the images in ``known``. Raises ResultError if none does, or two do.

    ``elsewhere``: UIDs of images of other cases; those of this case may be among them.
    """
    here = {image.sop_instance_uid for image in known}
    studies = {image.study_instance_uid for image in known} - {""}
    made = [result for result in _once(results) if result.sop_instance_uid not in here and result.kind != "other"]
    made = [result for result in made if result.sop_instance_uid not in elsewhere]
    about = [result for result in made if is_for(result, here, elsewhere, studies)]
    if not about:
        raise ResultError("no output" if not results else "no object refers to an image of the case")
    is_read = [each for each in about if each.kind in SPEAKING and each.kind in rules.objects]
    if not rules.text:  # sentences without a rule are what accompanies the objects that are read
        is_read = [each for each in is_read if each.kind != "text"]
    if not is_read:
        _refuse_unread(about)
    return Speaking(_without_doubles(is_read, rules), here, elsewhere, rules)


def is_for(result: ResultObject, here: Collection[str], elsewhere: Collection[str], studies: Collection[str]) -> bool:
    """Whether an object is about the images ``here``: it names one, or names none at all and is of their study.

    Raises ResultError if it names nothing but images that nobody knows.
    """
    named = [reference.uid for reference in images_of(result)]
    if any(uid in here for uid in named):
        return True
    if named and result.kind != "image" and not any(uid in elsewhere for uid in named):
        raise ResultError("it refers to the unknown instance " + ", ".join(dict.fromkeys(named)))
    return not named and result.study_instance_uid in studies


def _once(results: Sequence[ResultObject]) -> list[ResultObject]:
    """Without objects that came twice. Raises ResultError if two that differ go by one UID."""
    found: dict[str, ResultObject] = {}
    for result in results:
        other = found.setdefault(result.sop_instance_uid, result)
        if (other.written, other.statements, other.texts) != (result.written, result.statements, result.texts):
            raise ResultError(f"two objects that differ have the same UID {result.sop_instance_uid}")
    return list(found.values())


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
    """One object of each kind for each image, by ``several``; objects that refer to each other are one answer."""
    kept: list[ResultObject] = []
    order = sorted(results, key=lambda result: result.written, reverse=rules.several == "latest")
    for result in order:
        rivals = [other for other in kept if _are_rivals(result, other)]
        if rivals and rules.several == "refuse":
            raise ResultError(f"two answers: {len(rivals) + 1} objects of the kind {result.kind} for one image")
        if rivals and "" in {result.written, *(other.written for other in rivals)}:
            raise ResultError(f"two answers, and which is the {rules.several} cannot be told: a date is missing")
        if rivals and result.written in {other.written for other in rivals}:
            raise ResultError(f"two answers of the same moment, so none is the {rules.several}")
        kept += [] if rivals else [result]
    return [result for result in results if result in kept]


def _are_rivals(one: ResultObject, other: ResultObject) -> bool:
    if one.kind != other.kind:
        return False
    linked = {reference.uid for reference in (*one.objects, *other.objects)}
    if linked & {one.sop_instance_uid, other.sop_instance_uid}:
        return False
    if one.structures and other.structures and not _names(one) & _names(other):
        return False
    first, second = ({each.uid for each in images_of(result)} for result in (one, other))
    return bool(first & second) or not first or not second


def _names(result: ResultObject) -> set[str]:
    return {structure.code.key if structure.code else structure.name for structure in result.structures}
