"""The statements of one case's objects summed up: findings, marks and measurements, each said once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..hookspecs import KnownImage
from .dicom_matching import Speaking, images_of, references
from .dicom_places import Place, outline_of
from .dicom_rules import DicomRules, ResultError, RuleNeeded
from .dicom_scores import measured, said_in_text, score_of
from .finding_codes import finding_of

if TYPE_CHECKING:
    from ..inputs.result_content import ResultObject, Statement

LABELS = {"present": "positive", "absent": "negative", "doubt": "indeterminate"}
BY_GRAVITY = ("negative", "indeterminate", "positive")
NO_ANSWER = {
    "unstated": "it does not say whether its algorithms succeeded",
    "failed": "no algorithm succeeded",
    "partial_without": "not all algorithms succeeded, and it reports no finding",
}
Said = dict[str, Any]


class Hearing:
    """Hears objects one by one and gives the answer of the case."""

    def __init__(self, known: Sequence[KnownImage], rules: DicomRules) -> None:
        self._known, self._rules = known, rules
        self._place = Place(known, rules)
        self._findings: dict[str, list[tuple[frozenset[str], Said]]] = {}
        self._marks: list[Said] | None = None
        self._marked_by: str | None = None
        self._masks: list[Said] | None = None
        self._contours: list[Said] = []
        self._measurements: dict[str, list[Said]] = {}
        self._n_heard = 0

    def hear(self, result: ResultObject, speaking: Speaking) -> None:
        """Take in one object. Raises ResultError if it cannot be taken as it stands."""
        if result.problems:
            raise ResultError("; ".join(result.problems))
        before = self._n_heard
        for statement in speaking.statements(result):
            self._hear_statement(statement, result)
        if result.kind == "text":
            self._hear_text(result)
        elif result.kind == "cad":
            self._hear_completion(result)
        elif result.kind == "measurements" and self._n_heard == before and not result.objects:
            self._hear_nothing()
        if result.kind in ("measurements", "cad"):
            self._marks = self._marks or []

    def answer(self) -> dict[str, object]:
        """The whole, as a candidate would write it. Raises ResultError if nothing was said."""
        findings = {name: self._summed(name, said) for name, said in self._findings.items()}
        if self._rules.score_from_marks == "highest":
            self._score_by_marks(findings)
        for name, values in self._measurements.items():
            if len(values) > 1 and name in self._rules.measurements.values():
                raise ResultError(f"the measurement {name} is stated {len(values)} times")
        measurements = {name: values[0] for name, values in self._measurements.items() if len(values) == 1}
        said = {
            "findings": findings or None,
            "marks": self._marks,
            "masks": self._masks,
            "contours": self._contours or None,
            "measurements": measurements or None,
        }
        if all(part is None for part in said.values()):
            raise ResultError("the objects state nothing of the case")
        return {"status": "answered", **{key: part for key, part in said.items() if part is not None}}

    # ---------------------------------------------------------------------------------------------- one statement

    def _hear_statement(self, statement: Statement, result: ResultObject) -> None:
        if result.kind == "cad" and statement.rendering not in self._rules.rendering:
            return
        if statement.problem:
            raise ResultError(statement.problem)
        self._check_side(statement)
        for name, value in measured(statement.numbers, self._rules):
            self._measurements.setdefault(name, []).append(value)
            self._n_heard += 1
        score = score_of(statement.numbers, self._rules)
        if statement.regions:
            self._hear_mark(statement, score, result)
        elif score is not None or statement.presence is not None:
            self._hear_finding(statement, score)
        elif not statement.numbers and result.kind == "measurements":
            raise ResultError("it names a finding without a probability, a presence or a place")

    def _hear_mark(self, statement: Statement, score: float | None, result: ResultObject) -> None:
        if statement.presence == "absent":
            raise ResultError("it draws a finding that it calls absent")
        finding = self._finding(statement)
        if finding is None:
            return
        if self._marked_by not in (None, result.kind):
            raise RuleNeeded("objects.marks_twice", first=str(self._marked_by), second=result.kind)
        self._marked_by = result.kind
        mark = {"finding": finding, **self._place.of(statement.regions)}
        self._marks = [*(self._marks or []), mark if score is None else {**mark, "score": score}]
        self._n_heard += 1
        for region in statement.regions:
            self._hear_outline(finding, region)

    def _hear_outline(self, finding: str, region: Any) -> None:
        if region.image is None or region.frame_of_reference_uid:
            return
        image, frame = self._place.on_image(region.image)
        points = outline_of(region, self._place.in_px(region, image))
        if points is not None:
            where = {**self._place.named(image), **({} if frame is None else {"frame": frame})}
            self._contours.append({"structure": finding, **where, "instance": image.sop_instance_uid, "points": points})

    def _hear_finding(self, statement: Statement, score: float | None) -> None:
        if statement.has_loose_regions or statement.segments:
            raise ResultError("it draws something without saying that this is the place of the finding")
        finding = self._finding(statement)
        if finding is None:
            return
        said: Said = {} if score is None else {"score": score}
        if statement.presence is not None:
            said["label"] = LABELS[statement.presence]
        self._add(finding, frozenset(each.uid for each in references(statement)), said)

    def _add(self, finding: str, images: frozenset[str], said: Said) -> None:
        self._findings.setdefault(finding, []).append((images, said))
        self._n_heard += 1

    def _finding(self, statement: Statement) -> str | None:
        if statement.finding is not None:
            return finding_of(statement.finding.key, self._rules)
        if self._rules.finding is None:
            raise RuleNeeded("objects.finding_needed")
        return self._rules.finding

    def _check_side(self, statement: Statement) -> None:
        named = [self._place.by_uid[each.uid] for each in references(statement) if each.uid in self._place.by_uid]
        sides = {image.laterality for image in (named or self._known)} - {""}
        said = statement.laterality
        if said in ("L", "R") and sides and not sides & {said, "B"}:
            raise ResultError(f"it states the side {said}, and the image is of the side {', '.join(sorted(sides))}")

    # ------------------------------------------------------------------------------------------------ whole objects

    def _hear_text(self, result: ResultObject) -> None:
        for finding, rule in self._rules.text.items():
            self._add(finding, frozenset(), said_in_text(result.texts, finding, rule, self._rules))

    def _hear_nothing(self) -> None:
        if self._rules.empty_report == "refuse":
            raise ResultError("it states no finding, and no absence either")
        self._all_clear()

    def _hear_completion(self, result: ResultObject) -> None:
        """What a CAD report says of itself: an explicit all-clear is a negative, silence is not."""
        completion = result.completion
        shown = {mark["finding"] for mark in self._marks or []}
        wrong = NO_ANSWER.get(completion or "unstated")
        if wrong is None and completion == "partial_with" and self._rules.partial == "failed":
            wrong = "not all algorithms succeeded: say with the option partial whether that is an answer"
        if wrong is None and completion == "without_findings" and shown:
            wrong = "it says that there is no finding, and reports one"
        if wrong is not None:
            raise ResultError(wrong)
        for finding in sorted(shown):
            if finding not in self._findings:
                self._add(finding, frozenset(), {"label": "positive"})
        if completion != "partial_with":
            self._all_clear(shown)

    def _all_clear(self, besides: set[str] | frozenset[str] = frozenset()) -> None:
        looked_for = self._rules.reports or (() if self._rules.finding is None else (self._rules.finding,))
        if not looked_for and not besides:
            raise RuleNeeded("objects.all_clear")
        for finding in looked_for:
            if finding not in besides and finding not in self._findings:
                self._add(finding, frozenset(), {"label": "negative"})

    # -------------------------------------------------------------------------------------------------- summing up

    def _summed(self, name: str, said: Sequence[tuple[frozenset[str], Said]]) -> Said:
        if len(said) == 1:
            return said[0][1]
        images = [each for each, _ in said]
        if not all(images) or len(frozenset().union(*images)) < sum(map(len, images)):
            raise ResultError(f"two answers: {name} is stated {len(said)} times")
        if self._rules.combine_images == "refuse":
            raise RuleNeeded("objects.several_images", finding=name)
        scores = [each["score"] for _, each in said if "score" in each]
        labels = [each["label"] for _, each in said if "label" in each]
        highest = {"score": max(scores)} if scores else {}
        return {**highest, **({"label": max(labels, key=BY_GRAVITY.index)} if labels else {})}

    def _score_by_marks(self, findings: dict[str, Said]) -> None:
        marks = self._marks or []
        if any("score" not in mark for mark in marks):
            raise ResultError("score_from_marks needs a score for every mark, and some have none")
        lowest = min((mark["score"] for mark in marks), default=None)
        least = self._rules.score_without_marks
        if lowest is not None and lowest < least:
            raise ResultError(f"a mark scores {lowest:g}, below score_without_marks at {least:g}")
        named = {*self._rules.reports, *(mark["finding"] for mark in marks), *findings}
        for name in sorted(named | ({self._rules.finding} if self._rules.finding else set())):
            scores = [mark["score"] for mark in marks if mark["finding"] == name]
            findings[name] = {"score": max(scores, default=least), **findings.get(name, {})}


def covered(result: ResultObject) -> Mapping[str, None]:
    """The UIDs that an object is about."""
    return dict.fromkeys(reference.uid for reference in images_of(result))
