"""Questions that may say whether a finding is there, in words that nobody knows: it is never taken to be present."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .dicom_rules import DicomRules, ResultError, RuleNeeded
from .finding_codes import is_finding

if TYPE_CHECKING:
    from ..inputs.result_content import Question, ResultObject, Statement


def refuse_undeclared(results: Sequence[ResultObject], rules: DicomRules) -> None:
    """Raise RuleNeeded with all questions of other things that are answered by a word of presence or absence."""
    asked = {
        question.words
        for result in results
        if result.kind in rules.objects
        for statement in result.statements
        if not _is_left_out(statement, rules) and counts(statement, result, rules)
        for question in _open(statement, rules)
        if question.asks == "other"
    }
    if asked:
        raise RuleNeeded("objects.questions_unknown", n=len(asked), found=", ".join(sorted(asked)))


def refuse_unclear(statement: Statement, rules: DicomRules) -> None:
    """Raise ResultError if a statement asks whether its finding is there, and its answer is not known."""
    if _is_left_out(statement, rules):
        return
    for question in _open(statement, rules):
        is_one = question.asks == "finding" and is_finding(question.concept.key, rules)
        if question.asks == "presence" or is_one:
            raise ResultError(
                f"whether its finding is there cannot be told from {question.words}: that is no word of presence or "
                "absence that is known; name the question under ignore_questions only if it says nothing of that"
            )


def counts(statement: Statement, result: ResultObject, rules: DicomRules) -> bool:
    """Whether a statement is one that the device means to be seen; only CAD reports hold others."""
    return result.kind != "cad" or statement.rendering in rules.rendering


def _open(statement: Statement, rules: DicomRules) -> list[Question]:
    return [each for each in statement.unclear if each.concept.key not in rules.ignore_questions]


def _is_left_out(statement: Statement, rules: DicomRules) -> bool:
    return statement.finding is not None and statement.finding.key in rules.ignore_codes
