"""Rows of a record that stand in several places of it: one estimate, under another reference, of a reader."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Stratum = dict[str, str]
Json = Any


class RecordModel(BaseModel):
    """Base of every part of the record: frozen, no unknown keys, no NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class PlacePart(RecordModel):
    """Where a listed error lies: a lesion that was missed, or a mark where none is. Local ids only."""

    case_id: str
    lesion_id: str = ""  # of a missed lesion
    image: int | None = None  # of the files of the case, from 1, where it has several
    frame: int | None = None  # from 1
    box: list[float] | None = None  # px: x, y, width, height; a point has no width and height
    sphere_mm: list[float] | None = None  # LPS: x, y, z, diameter


class EstimateRow(RecordModel):
    """One number with its interval and its n, or the reason why there is none."""

    candidate: str
    endpoint: str
    metric: str
    parameters: dict[str, Json] = Field(default_factory=dict)  # {"at_false_positives_per_image": 0.5}
    analysis: Literal["intention_to_diagnose", "evaluable", "as_used", "all_charged"]
    stratum: Stratum | None
    scale: str  # share | ratio | agreement | count | milliseconds | seconds | measured
    measured_in: str = ""  # UCUM code, of the scale "measured"
    better: Literal["higher", "lower"]
    value: float | None = None
    low: float | None = None
    high: float | None = None
    confidence: float | None = None
    method: str | None = None
    not_estimable: str | None = None  # a reason: "one_class", "too_few", "no_denominator", "one_patient" …
    not_estimable_facts: dict[str, Json] = Field(default_factory=dict)
    imprecise: bool = False  # own n below the protocol's imprecise_below
    is_weighted: bool = False  # value and limits by sampling weights; counts are those of the cases seen
    design_effect: float | None = None  # denominator / effective_n, where there are both
    numerator: float | None = None
    denominator: float | None = None
    own_n: float  # the estimate's own denominator, which the minimum-n rule looks at
    n_units: int
    n_patients: int
    n_positive: int
    n_negative: int
    n_unanswered: int
    effective_n: float | None = None


class ReferenceRuleRow(RecordModel):
    """One metric of the primary analysis on the whole set, with the reference that another rule makes of the readings.

    The rule of the run comes first, to stand beside the others. No verdict is drawn from any of them.
    ``n_changed``: units whose reference (value or lesions) is another than that of the run; None of masks.
    ``n_without``: units that the run has a reference for and this rule has not.
    """

    candidate: str
    endpoint: str
    rule: str  # adjudicated | majority | at_least | union | staple
    at_least: int | None = None
    is_of_run: bool
    n_changed: int | None = None
    n_without: int = 0
    estimate: EstimateRow | None = None
    not_applicable: str | None = None  # "no_readings", "masks_only", "no_agreed_reference": why there is no estimate


class ReaderRow(RecordModel):
    """One metric of a reader against the other readers, or of a candidate on the very same units and reference.

    ``candidate`` "": the reader himself, who is then the candidate of ``estimate``. ``against`` "": the others together
    by ``rule``; else the one reader who stands for the reference. ``difference``: candidate less reader, paired.
    """

    candidate: str
    endpoint: str
    reader: str
    against: str
    rule: str
    at_least: int | None = None
    n_others: int  # readers that the reference is made of, at most
    n_units: int  # that he read and that have such a reference
    estimate: EstimateRow
    smallest: float | None = None  # in single cases, of measures of overlap
    middle: float | None = None  # their median
    largest: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    confidence: float | None = None
    method: str | None = None
    not_estimable: str | None = None  # why there is no difference
