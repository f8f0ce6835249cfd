"""What a vendor's files say of a case made into exactly one answer: silence and doubles included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..errors import Fact
from ..files import MAX_REASON, plain_text
from ..hookspecs import CaseKeys
from ..vocabulary import Answer, FindingAnswer, GradeAnswer, Status
from .prediction_ids import IdRule, kind_that_knows
from .prediction_rows import SIDE_WORDS, Heard, Hearing, Said
from .prediction_rules import Rules
from .prediction_tables import SHOWN_PROBLEMS, Faults

NOTHING: Mapping[str, Any] = {}
"""Shared by the answers that say nothing of something, which are many."""
BY_GRAVITY = ("negative", "indeterminate", "positive")


def note_unknown_ids(hearing: Hearing, rules: Rules, cases: Sequence[CaseKeys], rule: IdRule, faults: Faults) -> None:
    """Note the ids that name no case, and what they are where another kind of id knows them."""
    if not hearing.unknown_ids or rules.ignore_unknown_ids:
        return
    shown = sorted(hearing.unknown_ids)[:SHOWN_PROBLEMS]
    where = hearing.unknown_ids[shown[0]]
    facts: dict[str, Fact] = {"n": len(hearing.unknown_ids), "found": ", ".join(shown)}
    if rule.kind == "source_file" and not any(keys.source_files for keys in cases):
        faults.add("adapters.no_source_files", where, **facts)
    elif (known := kind_that_knows(hearing.unknown_ids, cases, rule)) is not None:
        faults.add("adapters.ids_of_other_kind", where, **facts, asked=rule.kind, kind=known[0], of_kind=known[1])
    else:
        faults.add("adapters.ids_unknown", where, **facts)


def note_whole_file_problems(hearing: Hearing, rules: Rules, faults: Faults) -> None:
    """Note what only all rows together show: options that do not fit the file."""
    known = {
        "adapters.side_unknown": ", ".join(word for words in SIDE_WORDS.values() for word in words),
        "adapters.grade_word_unknown": ", ".join(rules.grade_words) or "0, 1, 2 …",
    }
    for (key, column, word), places in hearing.unknown_words.items():
        faults.add(key, places[0], column=column, found=word, n=len(places), known=known[key])
    if (rules.all_listed or rules.score_from_marks) and not hearing.has_marks:
        faults.add("adapters.needs_marks", "", option="listed_cases" if rules.all_listed else "score_from_marks")
    if not rules.score_from_marks:
        return
    marks = [mark for heard in hearing.heard.values() for mark in heard.marks]
    if any(mark.score is None for mark in marks):
        faults.add("adapters.marks_without_score", "")
    scores = [mark.score for mark in marks if mark.score is not None]
    if scores and min(scores) < rules.score_without_marks:
        faults.add("adapters.score_without_marks", "", found=min(scores), limit=rules.score_without_marks)


class Answers:
    """Gives the answer of each case from everything heard; rows for several images without a rule are ``faults``."""

    def __init__(self, hearing: Hearing, rules: Rules, faults: Faults) -> None:
        self._hearing = hearing
        self._rules = rules
        self._faults = faults
        self._expected = hearing.stated | hearing.graded | hearing.measured
        marks = (mark for heard in hearing.heard.values() for mark in heard.marks)
        placeless = any(mark.x is None and mark.x_mm is None for mark in marks)  # they served for the scores alone
        self._keeps_marks = hearing.has_marks and not placeless
        self._findings_of_marks = sorted(
            {*rules.findings.values(), *hearing.marked, *(() if rules.finding is None else (rules.finding,))}
        )

    def of(self, keys: CaseKeys) -> Answer:
        """The answer of one case, its reason cut to what can be kept and shown; what was heard of it is let go."""
        answer = self._of(keys)
        reason = plain_text(answer.reason, MAX_REASON)
        return answer if reason == answer.reason else replace(answer, reason=reason)

    def _of(self, keys: CaseKeys) -> Answer:
        case_id = keys.case.case_id
        heard = self._hearing.heard.pop(case_id, Heard() if self._rules.all_listed else None)
        if heard is None:
            return Answer(case_id=case_id, status="failed", reason="no output")
        if heard.invalid:
            return Answer(case_id=case_id, status="failed", reason=f"invalid output: {heard.invalid}")
        if self._is_doubled(heard, case_id):
            return Answer(case_id=case_id, status="failed", reason="two answers")
        return self._whole(case_id, heard)

    def _is_doubled(self, heard: Heard, case_id: str) -> bool:
        """Whether the files answer twice for one thing; rows for several images are not that but need a rule."""
        several_images = False
        for said in heard.by_finding.values():
            if len(said.values) > 1:  # of two measured values none is the graver
                return True
            for images in ([image for image, _ in said.findings], [image for image, _ in said.grades]):
                if _is_doubled(images):
                    return True
                several_images = several_images or len(images) > 1
        if _is_doubled(heard.plain_rows):
            return True
        if several_images and not self._rules.combine_images:
            self._faults.add("adapters.several_images", case_id)
        return len(set(heard.statuses)) > 1

    def _whole(self, case_id: str, heard: Heard) -> Answer:
        findings = {name: _gravest(said.findings) for name, said in heard.by_finding.items() if said.findings}
        grades = {name: _highest(said.grades) for name, said in heard.by_finding.items() if said.grades}
        measurements = {name: said.values[0][1] for name, said in heard.by_finding.items() if said.values}
        if self._rules.score_from_marks:
            findings = {**self._scores_from_marks(heard), **findings}
        statuses: dict[str, Status] = {}
        reasons = dict.fromkeys(heard.reasons)
        for name in sorted({*self._expected, *heard.by_finding}):
            is_marked = any(mark.finding == name for mark in heard.marks)
            is_said = name in findings or name in grades or name in measurements
            is_answered = is_said or is_marked or bool(heard.statuses)
            unanswered = _unanswered(heard.by_finding.get(name, Said()), is_answered=is_answered)
            if unanswered is not None:
                statuses[name], reason = unanswered
                reasons.update({reason: None} if reason else {})
        status = self._status(heard, statuses)
        looked = status == "answered" or bool(heard.marks)  # who declined has not looked and found none
        marks = heard.marks if self._keeps_marks and looked else None
        if status == "answered" and not (findings or grades or measurements or statuses or marks is not None):
            return Answer(case_id=case_id, status="failed", reason="no output")
        return Answer(
            case_id=case_id,
            status=status,
            reason="; ".join(reasons),
            findings=findings or NOTHING,
            grades=grades or NOTHING,
            measurements=measurements or NOTHING,
            marks=marks,
            finding_statuses={name: each for name, each in statuses.items() if each != status} or NOTHING,
        )

    def _status(self, heard: Heard, statuses: Mapping[str, Status]) -> Status:
        """The status of the case: its own, or the one that all its findings share."""
        if heard.statuses:
            return heard.statuses[0]
        shared = set(statuses.values())
        if len(shared) == 1 and self._expected <= set(statuses) and not heard.marks:
            return shared.pop()
        return "answered"

    def _scores_from_marks(self, heard: Heard) -> dict[str, FindingAnswer]:
        """For each finding that was not declined the score of its best mark, or the score for no mark."""
        best = {}
        for name in self._findings_of_marks:
            said = heard.by_finding.get(name, Said())
            if heard.statuses or said.statuses or said.invalid:
                continue
            scores = [mark.score for mark in heard.marks if mark.finding == name and mark.score is not None]
            best[name] = FindingAnswer(score=max(scores, default=self._rules.score_without_marks))
        return best


def _unanswered(said: Said, *, is_answered: bool) -> tuple[Status, str] | None:
    """(status, reason) of a finding that has no plain answer."""
    if said.invalid:
        return "failed", f"invalid output: {said.invalid}"
    if len(set(said.statuses)) > 1:
        return "failed", "two answers"
    if said.statuses:
        return said.statuses[0], ""
    return None if is_answered else ("failed", "no output")


def _is_doubled(images: Sequence[str | None]) -> bool:
    """Whether rows about these images say one thing twice: of one image, or of an image and the whole case."""
    return len(images) > 1 and (None in images or len(set(images)) < len(images))


def _gravest(said: Sequence[tuple[str | None, FindingAnswer]]) -> FindingAnswer:
    """The one answer, or of several images the highest score and the gravest label."""
    if len(said) == 1:
        return said[0][1]
    scores = [answer.score for _, answer in said if answer.score is not None]
    labels = [answer.label for _, answer in said if answer.label is not None]
    return FindingAnswer(
        score=max(scores) if scores else None, label=max(labels, key=BY_GRAVITY.index) if labels else None
    )


def _highest(said: Sequence[tuple[str | None, GradeAnswer]]) -> GradeAnswer:
    return max((answer for _, answer in said), key=lambda answer: answer.grade or 0)
