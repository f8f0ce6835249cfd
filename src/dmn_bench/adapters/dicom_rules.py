"""How result objects are read where the standard leaves it open: options that a protocol or vendor declares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..errors import Fact, Problem
from ..inputs.result_codes import modern
from ..wordings import say_problem

Rendering = Literal["required", "optional", "not_presented"]
ObjectKind = Literal["measurements", "cad", "text", "graphics", "segmentation", "contours"]
SPEAKING: tuple[ObjectKind, ...] = ("measurements", "cad", "text", "graphics", "segmentation", "contours")
"""Kinds of objects that can hold an answer."""


class ResultError(Exception):
    """Why the objects of one case are no answer: the case fails with this reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NothingSaid(ResultError):
    """Sentences say nothing of a finding."""


class RuleNeeded(ResultError):
    """The objects are sound, but how to read them must be declared first: a rule is missing."""

    def __init__(self, key: str, **facts: Fact) -> None:
        self.problem = Problem(key=key, facts=facts)
        super().__init__(say_problem(self.problem, "en"))


def _modern(code: str) -> str:
    """A code as objects are read: an old SNOMED code as the concept that took its place."""
    scheme, _, value = code.partition(":")
    return modern(value, scheme).key if value else code


@dataclass(frozen=True, kw_only=True)
class Size:
    """Of an image in pixels, at least 1 each."""

    rows: int
    columns: int

    def __post_init__(self) -> None:
        """Refuse an empty image."""
        if self.rows < 1 or self.columns < 1:
            raise ValueError(f"rows and columns are at least 1, found {self.rows} and {self.columns}")


@dataclass(frozen=True, kw_only=True)
class TextRule:
    """Where the sentences of a report say something of one finding: regular expressions, none of them guessed."""

    score: str = ""  # its one group is the number, with a decimal point
    score_unit: Literal["1", "%"] = "1"  # of that number
    positive: str = ""  # found in the text: the label is positive
    negative: str = ""
    indeterminate: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no regular expression, or a ``score`` without exactly one group."""
        for name in ("score", "positive", "negative", "indeterminate"):
            try:
                compiled = re.compile(getattr(self, name))
            except re.error as error:
                raise ValueError(f"{name} is no regular expression: {error}") from error
            if name == "score" and self.score and compiled.groups != 1:
                raise ValueError(f"score needs exactly one group for the number, found {compiled.groups}")


@dataclass(frozen=True, kw_only=True)
class DicomRules:
    """What result objects leave open. Codes are written ``SCHEME:value``, as ``SCT:27925004``."""

    codes: Mapping[str, str] = field(default_factory=dict)  # code -> finding, before the shipped table
    ignore_codes: tuple[str, ...] = ()  # findings that are left out
    ignore_questions: tuple[str, ...] = ()  # concepts whose yes or no says nothing of whether a finding is there
    structures: Mapping[str, str] = field(default_factory=dict)  # name of a segment or contour -> finding
    ignore_structures: tuple[str, ...] = ()
    finding: str | None = None  # of whatever names none
    reports: tuple[str, ...] = ()  # what the device looks for: an explicit all-clear is negative for each
    probability_codes: tuple[str, ...] = ()  # concepts of the score; (): the three standard ones
    measurements: Mapping[str, str] = field(default_factory=dict)  # concept of a number -> name of the measurement
    higher_is: Literal["positive", "negative"] = "positive"  # negative: scores are multiplied by -1
    objects: tuple[ObjectKind, ...] = SPEAKING  # kinds that are read
    several: Literal["refuse", "latest", "first"] = "refuse"  # objects of one kind for one image
    combine_images: Literal["refuse", "highest"] = "refuse"  # statements on several images of one case
    silent_images: Literal["failed", "accepted"] = (
        "failed"  # images of a case that no object speaks of, though of others
    )
    rendering: tuple[Rendering, ...] = ("required",)  # CAD marks that count
    partial: Literal["failed", "answered"] = "failed"  # report not complete, or not all algorithms succeeded
    preliminary: Literal["failed", "answered"] = "failed"  # report that is not final
    empty_report: Literal["refuse", "negative"] = "refuse"  # measurement report that states nothing
    score_from_marks: Literal["none", "highest"] = "none"  # highest: of the best mark, where no score is stated
    score_without_marks: float = 0.0  # its score when it has none
    analysed_size: Size | None = None  # the device analysed images resized to this; its pixels are scaled back
    fractional_at_least: float | None = None  # a fractional segmentation is inside from this share on
    text: Mapping[str, TextRule] = field(default_factory=dict)  # finding -> how its sentences are read

    def __post_init__(self) -> None:
        """Take what came as JSON as it was meant, and refuse rules that contradict each other."""
        for name, value in vars(self).items():
            if isinstance(value, list):
                object.__setattr__(self, name, tuple(value))
        if isinstance(self.analysed_size, Mapping):
            object.__setattr__(self, "analysed_size", Size(**self.analysed_size))
        for name in ("ignore_codes", "ignore_questions", "probability_codes"):
            object.__setattr__(self, name, tuple(map(_modern, getattr(self, name))))
        for name in ("codes", "measurements"):
            object.__setattr__(self, name, {_modern(code): word for code, word in getattr(self, name).items()})
        text = {name: TextRule(**rule) if isinstance(rule, Mapping) else rule for name, rule in self.text.items()}
        object.__setattr__(self, "text", text)
        both = sorted({*self.codes} & {*self.ignore_codes} | {*self.structures} & {*self.ignore_structures})
        if both:
            raise ValueError(f"mapped and ignored at once: {', '.join(both)}")
        wrong = sorted(
            code
            for code in (
                *self.codes,
                *self.ignore_codes,
                *self.ignore_questions,
                *self.probability_codes,
                *self.measurements,
            )
            if not re.fullmatch(r"[^:\s]+:\S+", code)
        )
        if wrong:
            raise ValueError(f"codes are written SCHEME:value, found {', '.join(wrong)}")

    @property
    def sign(self) -> float:
        """What scores are multiplied with."""
        return -1.0 if self.higher_is == "negative" else 1.0
