"""Probabilities of result objects as scores, converted by their unit and never by their name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from .dicom_rules import DicomRules, NothingSaid, ResultError, RuleNeeded, TextRule

if TYPE_CHECKING:
    from ..inputs.result_content import Quantity

PROBABILITIES = ("DCM:122157", "DCM:111012", "DCM:111047")
"""Probability, certainty of finding, probability of cancer."""
MOST_TEXT = 100_000  # characters that a regular expression is tried on


def is_probability(number: Quantity, rules: DicomRules) -> bool:
    """Whether a number is a score by its concept."""
    return number.concept.key in (rules.probability_codes or PROBABILITIES)


def score_of(numbers: Sequence[Quantity], rules: DicomRules) -> float | None:
    """The score among the numbers of a statement, from 0 to 1 before ``higher_is``; None if there is none.

    Raises ResultError if there are two, or the unit or the value is not that of a share.
    """
    found = [number for number in numbers if is_probability(number, rules)]
    if not found:
        return None
    if len(found) > 1:
        raise ResultError(f"it states {len(found)} probabilities of one finding; say with probability_codes which is")
    return rules.sign * share(found[0].value, found[0].unit)


def share(value: float | None, unit: str) -> float:
    """A number with its UCUM unit as a share from 0 to 1.

    Raises ResultError for any other unit than "1" and "%", and for a value outside their range.

    >>> share(0.87, "1"), share(87, "%"), share(2.8, "%")  # 2.8 / 100 would be less than 0.028
    (0.87, 0.87, 0.028)
    """
    if value is None:
        raise ResultError("a probability has no value")
    if unit not in ("1", "%"):
        raise ResultError(f"a probability has the unit 1 or %, found {unit or 'none'} (value {value:g})")
    most = 100.0 if unit == "%" else 1.0
    if not 0 <= value <= most:
        raise ResultError(f"a probability in the unit {unit} lies within 0 and {most:g}, found {value:g}")
    return float(Decimal(repr(value)).scaleb(-2)) if unit == "%" else value


def measured(numbers: Sequence[Quantity], rules: DicomRules) -> list[tuple[str, dict[str, object]]]:
    """The measurements among the numbers: those that are named, and the others under their code."""
    return [
        (rules.measurements.get(each.key, each.key), _with_unit(each))
        for each in numbers
        if not is_probability(each, rules) and each.value is not None
    ]


def refuse_unnamed_numbers(finding: str, numbers: Sequence[Quantity], rules: DicomRules) -> None:
    """Raise RuleNeeded if a finding is stated by nothing but numbers of which nobody says what they are."""
    if finding in rules.ignore_codes or any(each.key in rules.measurements for each in numbers):
        return
    raise RuleNeeded("objects.numbers_unnamed", finding=finding, found=", ".join(sorted({n.key for n in numbers})))


def said_in_text(texts: Sequence[str], finding: str, rule: TextRule, rules: DicomRules) -> dict[str, object]:
    """What sentences say of a finding by its rule: a score, a label or both.

    Raises ResultError if they say nothing, or something twice and differently.
    """
    text = "\n".join(texts)
    if len(text) > MOST_TEXT:
        raise ResultError(f"its text has {len(text)} characters, more than {MOST_TEXT}")
    said: dict[str, object] = {}
    labels = [word for word in ("positive", "negative", "indeterminate") if _occurs(getattr(rule, word), text)]
    if len(labels) > 1:
        raise ResultError(f"its text calls {finding} {' and '.join(labels)}")
    if labels:
        said["label"] = labels[0]
    numbers = set(re.findall(rule.score, text)) if rule.score else set()
    if len(numbers) > 1:
        raise ResultError(f"its text states {len(numbers)} scores of {finding}")
    if numbers:
        said["score"] = rules.sign * share(_number(numbers.pop()), rule.score_unit)
    if not said:
        raise NothingSaid(f"its text says nothing of {finding} by the rule under text")
    return said


def _occurs(pattern: str, text: str) -> bool:
    return bool(pattern) and re.search(pattern, text) is not None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ResultError("what its text states as a score is no number with a decimal point") from None


def _with_unit(number: Quantity) -> dict[str, object]:
    return {"value": number.value, **({"unit": number.unit} if number.unit else {})}
