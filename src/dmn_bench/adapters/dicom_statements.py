"""What the objects of one case say, heard one by one: findings, marks, masks, lines and measurements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..hookspecs import KnownImage
from ..inputs.result_content import Region, Statement
from .dicom_lesions import as_lesions
from .dicom_matching import Speaking, references
from .dicom_places import Place, outline_of
from .dicom_questions import counts, refuse_unclear
from .dicom_rules import DicomRules, NothingSaid, ResultError, RuleNeeded
from .dicom_scores import measured, refuse_unnamed_numbers, said_in_text, score_of
from .dicom_structures import contours_of, masks_of, nothing_inside, place_of_segment, refuse_unnamed, structure_name
from .dicom_summing import Said, all_clear_for, one_measurement, summed, with_scores_of_marks
from .finding_codes import finding_of

if TYPE_CHECKING:
    from ..inputs.result_content import ResultObject, Structure

LABELS = {"present": "positive", "absent": "negative", "doubt": "indeterminate"}


class Hearing:
    """Hears the objects that speak of one case and gives its answer."""

    def __init__(self, known: Sequence[KnownImage], rules: DicomRules, speaking: Speaking) -> None:
        self._known, self._rules, self._speaking = known, rules, speaking
        self._place = Place(known, rules)
        self._findings: dict[str, list[tuple[frozenset[str], Said]]] = {}
        self._marks: list[Said] | None = None
        self._marked_by: str | None = None
        self._masks: list[Said] | None = None
        self._contours: list[Said] = []
        self._measurements: dict[str, list[Said]] = {}
        self._spoken_of: set[str] = set()  # names of the images that an object shows, uses or lists
        self._has_looked = False  # a measurement report stated, denied or drew a finding

    def hear(self, result: ResultObject) -> None:
        """Take in one object. Raises ResultError if it cannot be taken as it stands."""
        if result.problems:
            raise ResultError("; ".join(result.problems))
        if result.is_partial and self._rules.partial == "failed":
            raise ResultError("it is not complete: say with the option partial whether that is an answer")
        if result.is_preliminary and self._rules.preliminary == "failed":
            raise ResultError("it is not final: say with the option preliminary whether that is an answer")
        self._spoken_of |= self._names_in(result)
        about = self._said_in(result)
        for statement in about:
            self._hear_statement(statement, result)
        whole = {
            "segmentation": self._hear_structures,
            "contours": self._hear_structures,
            "text": self._hear_text,
            "cad": self._hear_completion,
        }
        if result.kind == "measurements" and not about:
            self._hear_emptiness(result)
        if result.kind in whole:
            whole[result.kind](result)
        if self._has_looked or result.kind == "cad":  # it would hold marks if the device had made any
            self._marks = self._marks or []

    def answer(self) -> dict[str, object]:
        """The whole, as a candidate would write it. Raises ResultError if nothing was said, or not of every image."""
        self._refuse_silence()
        findings = {name: summed(name, said, self._rules) for name, said in self._findings.items()}
        if self._rules.score_from_marks == "highest" and self._marks is not None:
            findings = with_scores_of_marks(findings, self._marks, self._rules)
        said: dict[str, object] = {
            "findings": findings or None,
            "marks": self._marks,
            "masks": self._masks,
            "contours": self._contours or None,
            "measurements": one_measurement(self._measurements, self._rules) or None,
        }
        given = {key: part for key, part in said.items() if part is not None}
        if not given:
            raise ResultError("the objects state nothing of the case")
        return {"status": "answered", **given}

    def _names_in(self, result: ResultObject) -> set[str]:
        planes = (plane.image for structure in result.structures for plane in structure.planes)
        named = {each.uid for each in (*result.images, *result.evidence, *planes) if each is not None}
        return {known.name for known in self._known if known.sop_instance_uid in named}

    def _refuse_silence(self) -> None:
        """Of a case of several images each must be spoken of, unless nobody names any: then the study is meant."""
        names = {known.name for known in self._known}
        silent = names - self._spoken_of
        if self._spoken_of and silent and self._rules.silent_images == "failed":
            raise ResultError(
                f"no output for {len(silent)} of {len(names)} images: the objects speak of the others alone. If that "
                "is how the device says that it found nothing there, declare silent_images: accepted"
            )

    # ---------------------------------------------------------------------------------------------- one statement

    def _said_in(self, result: ResultObject) -> list[Statement]:
        """What an object says of the case. Raises ResultError if it is not clear whether a finding is there."""
        found = [each for each in self._speaking.statements(result) if counts(each, result, self._rules)]
        for statement in found:
            refuse_unclear(statement, self._rules)
        found = [each for each in found if each != Statement(unclear=each.unclear)]  # what only asks says nothing
        return as_lesions(found, self._place, self._rules)

    def _hear_statement(self, statement: Statement, result: ResultObject) -> None:
        if statement.problem:
            raise ResultError(statement.problem)
        self._check_side(statement)
        for name, value in measured(statement.numbers, self._rules):
            self._measurements.setdefault(name, []).append(value)
        score = score_of(statement.numbers, self._rules)
        if statement.regions or statement.segments:
            self._hear_place(statement, score, result)
        elif score is not None or statement.presence is not None:
            self._hear_finding(statement, score)
        elif not statement.numbers:
            raise ResultError("it names a finding without a probability, a presence or a place")
        elif statement.finding is not None:
            refuse_unnamed_numbers(statement.finding.key, statement.numbers, self._rules)

    def _hear_place(self, statement: Statement, score: float | None, result: ResultObject) -> None:
        if statement.presence == "absent":
            raise ResultError("it draws a finding that it calls absent")
        self._has_looked |= result.kind == "measurements"
        finding: str | None
        if result.kind == "graphics" and self._rules.text:
            finding, score = self._finding_in_text(statement)
        else:
            finding = self._finding(statement)
        if finding is None:
            return
        if statement.regions:
            where = self._place.of(statement.regions)
        else:
            where = place_of_segment(self._speaking.segment(statement), self._place, self._rules)
        self._mark(finding, where, score, result)
        for region in statement.regions:
            self._hear_outline(finding, region)

    def _mark(self, finding: str, where: dict[str, object], score: float | None, result: ResultObject) -> None:
        if self._marked_by not in (None, result.kind):
            raise RuleNeeded("objects.marks_twice", first=str(self._marked_by), second=result.kind)
        self._marked_by = result.kind
        mark: Said = {"finding": finding, **where}
        self._marks = [*(self._marks or []), mark if score is None else {**mark, "score": score}]

    def _hear_outline(self, finding: str, region: Region) -> None:
        if region.image is None or region.frame_of_reference_uid:
            return
        image, frame = self._place.on_image(region.image)
        points = outline_of(region, self._place.in_px(region, image))
        if points is not None:
            where = {**self._place.named(image), **({} if frame is None else {"frame": frame})}
            uid = image.sop_instance_uid
            self._contours.append({"structure": finding, **where, "instance": uid, "points": points})

    def _hear_finding(self, statement: Statement, score: float | None) -> None:
        if statement.has_loose_regions:
            raise ResultError("it draws something without saying that this is the place of the finding")
        finding = self._finding(statement)
        if finding is None:
            return
        self._has_looked = True
        said: Said = {} if score is None else {"score": score}
        if statement.presence is not None:
            said["label"] = LABELS[statement.presence]
        self._add(finding, frozenset(each.uid for each in references(statement)), said)

    def _add(self, finding: str, images: frozenset[str], said: Said) -> None:
        self._findings.setdefault(finding, []).append((images, said))

    def _finding(self, statement: Statement) -> str | None:
        if statement.finding is not None:
            return finding_of(statement.finding.key, self._rules)
        if self._rules.finding is None:
            raise RuleNeeded("objects.finding_needed")
        return self._rules.finding

    def _finding_in_text(self, statement: Statement) -> tuple[str, float | None]:
        """The finding, with its score, whose rule fits the text beside a graphic."""
        fitting: dict[str, Any] = {}
        for finding, rule in self._rules.text.items():
            try:
                fitting[finding] = said_in_text(statement.texts, finding, rule, self._rules)
            except NothingSaid:
                continue
        if len(fitting) != 1:
            raise ResultError(f"the text beside a graphic fits {len(fitting)} of the rules under text, and not one")
        finding, said = fitting.popitem()
        return finding, said.get("score")

    def _check_side(self, statement: Statement) -> None:
        named = [self._place.by_uid[each.uid] for each in references(statement) if each.uid in self._place.by_uid]
        sides = {image.laterality for image in (named or self._known)} - {""}
        said = statement.laterality
        if said in ("L", "R") and sides and not sides & {said, "B"}:
            raise ResultError(f"it states the side {said}, and the image is of the side {', '.join(sorted(sides))}")

    # ------------------------------------------------------------------------------------------------ whole objects

    def _hear_structures(self, result: ResultObject) -> None:
        refuse_unnamed(result.structures, self._rules)
        self._speaking.refuse_shared_planes(result)
        for structure in result.structures:
            name = structure_name(structure, self._rules)
            if name is not None:
                self._hear_structure(structure, name, result)

    def _hear_structure(self, structure: Structure, name: str, result: ResultObject) -> None:
        if structure.problem:
            raise ResultError(structure.problem)
        if result.kind == "segmentation":  # of which nothing may be inside: then it looked and found none
            self._masks = [*(self._masks or []), *masks_of(structure, name, self._place, self._rules)]
            return
        self._contours += contours_of(structure, name, self._place)
        if not structure.planes and not structure.points_mm:
            self._masks = [*(self._masks or []), *nothing_inside(name, self._place)]
        frame_of_reference = structure.frame_of_reference_uid
        for point in structure.points_mm:
            region = Region(form="POINT", points=(point,), frame_of_reference_uid=frame_of_reference)
            self._mark(name, self._place.of([region]), None, result)

    def _hear_text(self, result: ResultObject) -> None:
        self._speaking.refuse_shared(result)
        for finding, rule in self._rules.text.items():
            self._add(finding, frozenset(), said_in_text(result.texts, finding, rule, self._rules))

    def _hear_emptiness(self, result: ResultObject) -> None:
        """A report that states nothing of the case, and leads to no object that might, is no answer by itself."""
        if result.objects:
            return
        if self._rules.empty_report == "refuse":
            raise ResultError("it states no finding, and no absence either")
        self._speaking.refuse_unlisted(result)
        self._has_looked = True
        for finding in all_clear_for(self._rules):
            self._add(finding, frozenset(), {"label": "negative"})

    def _hear_completion(self, result: ResultObject) -> None:
        """What a CAD report says of itself: an explicit all-clear is a negative, silence is not."""
        shown = {mark["finding"] for mark in self._marks or []}
        wrong = NO_ANSWER.get(result.completion or "unstated")
        if wrong is None and result.completion == "partial_with" and self._rules.partial == "failed":
            wrong = "not all algorithms succeeded: say with the option partial whether that is an answer"
        if wrong is None and result.completion == "without_findings" and shown:
            wrong = "it says that there is no finding, and reports one"
        if wrong is not None:
            raise ResultError(wrong)
        for finding in sorted(shown):
            self._add(finding, frozenset(), {"label": "positive"})
        self._speaking.refuse_unlisted(result)
        clear = () if result.completion == "partial_with" else all_clear_for(self._rules, is_needed=not shown)
        for finding in clear:
            if finding not in shown:
                self._add(finding, frozenset(), {"label": "negative"})


NO_ANSWER = {
    "unstated": "it does not say whether its algorithms succeeded",
    "failed": "no algorithm succeeded",
    "partial_without": "not all algorithms succeeded, and it reports no finding",
}
