"""What was said of one finding, or of all of them, made into one: never two answers where one is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .dicom_rules import DicomRules, ResultError, RuleNeeded

BY_GRAVITY = ("negative", "indeterminate", "positive")
Said = dict[str, Any]


def summed(name: str, said: Sequence[tuple[frozenset[str], Said]], rules: DicomRules) -> Said:
    """The one thing said of a finding, or of several images the highest score and the gravest label.

    ``said``: the images that each statement is about, none if it is about the case, and what it says.
    Raises ResultError if two statements are about the same, RuleNeeded if several images need a rule.
    """
    if len(said) == 1:
        return said[0][1]
    images = [each for each, _ in said]
    if not all(images) or len(frozenset().union(*images)) < sum(map(len, images)):
        raise ResultError(f"two answers: {name} is stated {len(said)} times")
    if rules.combine_images == "refuse":
        raise RuleNeeded("objects.several_images", finding=name)
    if len({frozenset(each) for _, each in said}) > 1:  # a score of one image says nothing of the label of another
        raise ResultError(f"{name} has a score on some images and a label on others: they cannot be made into one")
    scores = [each["score"] for _, each in said if "score" in each]
    labels = [each["label"] for _, each in said if "label" in each]
    highest = {"score": max(scores)} if scores else {}
    return {**highest, **({"label": max(labels, key=BY_GRAVITY.index)} if labels else {})}


def with_scores_of_marks(findings: Mapping[str, Said], marks: Sequence[Said], rules: DicomRules) -> dict[str, Said]:
    """The findings, each that states no score with that of its best mark, or with ``score_without_marks``.

    Raises ResultError if a mark has no score, or one below that of no mark at all.
    """
    least = rules.score_without_marks
    scores = [mark.get("score") for mark in marks]
    if None in scores:
        raise ResultError("score_from_marks needs a score for every mark, and some have none")
    lowest = min((score for score in scores if score is not None), default=least)
    if lowest < least:
        raise ResultError(f"a mark scores {lowest:g}, below score_without_marks at {least:g}")
    named = {*rules.reports, *findings, *(mark["finding"] for mark in marks)}
    named |= set() if rules.finding is None else {rules.finding}
    best = {name: max((m["score"] for m in marks if m["finding"] == name), default=least) for name in named}
    return {name: {"score": best[name], **findings.get(name, {})} for name in sorted(named)}


def all_clear_for(rules: DicomRules, *, is_needed: bool = True) -> tuple[str, ...]:
    """The findings of which an all-clear is a negative. Raises RuleNeeded if they are needed and nobody says."""
    looked_for = rules.reports or (() if rules.finding is None else (rules.finding,))
    if is_needed and not looked_for:
        raise RuleNeeded("objects.all_clear")
    return looked_for


def one_measurement(said: Mapping[str, Sequence[Said]], rules: DicomRules) -> dict[str, Said]:
    """The measurements that are stated once. Raises ResultError if one that ``measurements`` names is stated twice."""
    twice = sorted(name for name, values in said.items() if len(values) > 1 and name in rules.measurements.values())
    if twice:
        raise ResultError(f"stated several times: {', '.join(twice)}")
    return {name: values[0] for name, values in said.items() if len(values) == 1}
