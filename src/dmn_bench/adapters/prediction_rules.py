"""The options of ``Predictions`` that say how rows are read, checked and without their YAML forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..vocabulary import Label

DeviceStatus = Literal["answered", "indeterminate", "abstained", "rejected_input", "failed"]
"""What a vendor may say became of a case."""
GradeStatus = Literal["indeterminate", "abstained", "rejected_input", "failed"]
"""What stands in place of a grade."""
LabelWord = Label | DeviceStatus
BoxForm = Literal["xywh", "xyxy", "cxcywh"]


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How rows are read; the options of the same or nearly the same name say more. ``sign``: -1 where low is ill."""

    decimal: Literal[".", ","]
    labels: Mapping[LabelWord, Sequence[str]]
    statuses: Mapping[str, DeviceStatus]
    empty_words: Sequence[str]
    wide_values: Literal["score", "label", "value"]
    units: Mapping[str, str]
    finding: str | None
    findings: Mapping[str, str]
    ignore_findings: Sequence[str]
    sign: float
    boxes: BoxForm
    normalised: bool
    all_listed: bool
    score_from_marks: bool
    score_without_marks: float
    combine_images: bool
    ignore_unknown_ids: bool
    grade_words: Mapping[str, int | GradeStatus] = field(default_factory=dict)
    grades: Sequence[int] = ()  # of the columns of scores
