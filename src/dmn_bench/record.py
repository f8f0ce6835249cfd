"""The saved result of a run: versioned JSON, the only thing a report is made from.

``results`` depends on the protocol, the set, the answers and the seed alone, and repeats byte for byte; what depends on
the moment is in ``observed``. Numbers are at full precision, finite; what is not a number is ``not_estimable``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from .errors import Problem, ProtocolError
from .files import canonical_json, sha256_of_json, write_atomically
from .record_figures import FigureFile as FigureFile
from .record_figures import ImageView as ImageView
from .record_figures import PicturedError as PicturedError
from .record_observed import Observed as Observed
from .record_observed import Spread as Spread
from .record_observed import TimingClassRow as TimingClassRow
from .record_observed import TimingRow as TimingRow
from .record_rows import EstimateRow as EstimateRow
from .record_rows import Json, RecordModel
from .record_rows import PlacePart as PlacePart
from .record_rows import ReaderRow as ReaderRow
from .record_rows import ReferenceRuleRow as ReferenceRuleRow
from .record_rows import Stratum as Stratum

RECORD_FORMAT: Literal["dmn-bench/record/1"] = "dmn-bench/record/1"


class ProtocolPart(RecordModel):
    """The protocol as it was run, and whether it was fixed before the answers."""

    id: str
    sha256: str
    content: dict[str, Json]  # the YAML as data, defaults filled in
    locked_at: str | None = None  # ISO 8601; None: never locked
    locked_before_answers: bool | None = None  # None: never locked
    amendments: list[dict[str, Json]] = Field(default_factory=list)  # {"number", "at", "reason", "sha256"}


class CompositionRow(RecordModel):
    """How many cases, patients and reference values one level of one field holds; field "" is the whole set."""

    field: str
    level: str
    n_cases: int
    n_patients: int
    references: dict[str, dict[str, int]] = Field(default_factory=dict)  # finding -> reference value -> cases


class LesionCountsRow(RecordModel):
    """How many reference lesions of a finding one level of one field holds; field "" is all of them."""

    finding: str
    field: str
    level: str
    n_lesions: int
    n_ignored: int  # of them, those on which marks are neither hits nor false positives
    n_cases: int
    n_patients: int


class AgreementRow(RecordModel):
    """One coefficient of agreement between the readers of a finding, or the reason why there is none."""

    finding: str
    level: Literal["nominal", "ordinal", "interval", "lesions"]
    coefficient: (
        str  # lesion_agreement | kappa | kappa_quadratic | fleiss_kappa | krippendorff_alpha | ac1 | pabak | icc_2_1
    )
    value: float | None = None
    low: float | None = None
    high: float | None = None
    confidence: float | None = None
    method: str | None = None
    not_estimable: str | None = None
    n_readers: int
    n_cases: int  # read by at least two
    n_patients: int
    n_left_out: int = 0  # readings without a place on the scale
    observed_agreement: float  # mean share of pairs of readers that agree on a case
    prevalence: float | None = None  # share of positive among positive and negative readings


class ReferenceSetPart(RecordModel):
    """The set that was used: its card, its lock and its composition."""

    id: str
    version: str
    sha256: str
    locked: bool
    card: dict[str, Json]
    patients_known: bool
    n_cases: int
    n_exams: int
    n_patients: int
    composition: list[CompositionRow]
    lesions: list[LesionCountsRow] = Field(default_factory=list)
    structures: dict[str, int] = Field(default_factory=dict)  # of masks.csv -> cases that it delineates, empty or not
    exclusions: dict[str, int] = Field(default_factory=dict)  # reason -> eligible units that are not in the set
    sampled_unit: str = ""  # what those units are: "case", "exam" or "patient"; "" when nothing says so
    agreement: list[AgreementRow] = Field(default_factory=list)  # of the readers with each other


class CandidatePart(RecordModel):
    """One candidate as it was run: who made it, what was hashed, which operating point."""

    id: str
    role: str
    adapter: str
    sha256: str  # of everything that makes up the candidate, and of how it is asked
    device: dict[str, Json] = Field(default_factory=dict)  # device.yaml; {} when nothing was declared
    operating_points: dict[str, dict[str, Json]] = Field(default_factory=dict)
    files: dict[str, str] = Field(default_factory=dict)  # relative path -> sha256
    pre_test: dict[str, Json] | None = None  # {"state": "matches", "passed": 17, …}; None: not from a package
    transcribed: dict[str, Json] | None = None  # {"typists", "rows", "alike", "kappa"}; None: not typed by hand


class FlowRow(RecordModel):
    """Where the units of one endpoint went, for one value of the reference; every eligible unit is in one number."""

    candidate: str
    endpoint: str
    unit: str
    reference: str  # "positive", "negative", a grade, "indeterminate", "unverified", "missing"
    eligible: int  # included + excluded
    excluded: dict[str, int] = Field(default_factory=dict)  # reason -> n
    included: int
    sent: int  # included less not_sent
    answered: int
    indeterminate: int
    abstained: int
    rejected_input: int
    failed: int
    not_sent: int
    unreadable: int


class AcceptanceRow(RecordModel):
    """One rule applied to one candidate (and level): its exact interval and the verdict.

    With a ``method``, a ``value``, ``low`` or ``high`` that is not there is +∞: more was missed than answered.
    """

    id: str
    candidate: str
    endpoint: str
    metric: str
    parameters: dict[str, Json] = Field(default_factory=dict)
    stratum: Stratum | None
    direction: Literal["at_least", "at_most"]
    limit: float
    scale: str
    measured_in: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    confidence: float  # of this interval: nominal, or adjusted for several levels
    method: str | None = None
    numerator: float | None = None
    denominator: float | None = None
    own_n: float
    verdict: Literal["met", "not_met", "inconclusive"]
    reason: str  # "interval_above", "interval_below", "interval_contains_limit", "silent_cases", "too_few", …
    reason_facts: dict[str, Json] = Field(default_factory=dict)  # where there is no interval

    @model_serializer(mode="wrap")
    def _without_absent_facts(self, written: SerializerFunctionWrapHandler) -> dict[str, Json]:
        """As all parts are written, but no key where no facts are: most records keep their hash."""
        found: dict[str, Json] = written(self)
        return found if self.reason_facts else {key: one for key, one in found.items() if key != "reason_facts"}


class OverallTest(RecordModel):
    """Whether several candidates differ at all on the same units, before they are compared one by one."""

    candidates: list[str]
    method: str  # "cochran-q", or "patient-permutation" where a patient has several units
    q: float | None = None
    degrees_of_freedom: int | None = None
    p: float
    n_units: int


class ComparisonRow(RecordModel):
    """Two candidates on the same units: the difference ``candidate`` − ``against``, and the claim of the protocol.

    A claim is decided in the primary analysis; beside it stands the same difference on units both answered.
    """

    endpoint: str
    metric: str
    parameters: dict[str, Json] = Field(default_factory=dict)
    candidate: str
    against: str
    analysis: Literal["intention_to_diagnose", "evaluable"]
    scale: str
    measured_in: str = ""
    better: Literal["higher", "lower"]
    claim: Literal["non-inferior", "superior", "difference"]
    margin: float | None = None  # on the scale of the metric
    value_a: float | None = None  # of ``candidate``
    value_b: float | None = None  # of ``against``
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    confidence: float  # of this interval: nominal, or adjusted for several comparisons where there is no p-value
    method: str | None = None
    test: str | None = None  # "mcnemar-exact" …; None: the interval alone decides
    p: float | None = None  # two-sided, of no difference; for non-inferiority twice the one-sided p of the margin
    p_holm: float | None = None
    own_n: float  # what the minimum-n rule looks at
    n_units: int
    n_patients: int
    n_positive: int
    n_negative: int
    n_left_out: int  # units that the analysis of one of the two sets apart
    both: int | None = None  # units in the numerator of both (right calls, failures); None: no share of units
    only_candidate: int | None = None
    only_against: int | None = None
    neither: int | None = None
    effective_n: float | None = None
    overall: OverallTest | None = None
    not_estimable: str | None = None
    not_estimable_facts: dict[str, Json] = Field(default_factory=dict)
    verdict: Literal["shown", "not_shown", "inconclusive"] | None = None  # None beside the primary analysis
    reason: str = ""  # "interval_above", "interval_below", "interval_contains_limit", "p_above", "not_estimable:…"


class HeterogeneityRow(RecordModel):
    """Whether a metric differs over the levels of a field."""

    candidate: str
    endpoint: str
    metric: str
    parameters: dict[str, Json] = Field(default_factory=dict)
    analysis: str
    within: Stratum | None = None  # the structure that is looked at alone
    field: str
    method: str | None = None  # "cochran-q" on effective counts, "patient-permutation" where a cell is small
    q: float | None = None
    degrees_of_freedom: int | None = None
    p: float | None = None
    p_holm: float | None = None
    i_squared: float | None = None
    levels: list[str]
    not_estimable: str | None = None


class TableRow(RecordModel):
    """A count table of a task: confusion matrix, EC57 beat table; ``case_id`` None is over all cases."""

    candidate: str
    endpoint: str
    name: str
    case_id: str | None = None
    rows: list[str]
    columns: list[str]
    counts: list[list[float]]


class CurveRow(RecordModel):
    """Points of a curve; ``low`` and ``high`` are the limits of y where there are any."""

    candidate: str
    endpoint: str
    name: str  # "roc" | "froc" | "calibration" | "calibration_bins" | "net_benefit_of_all"
    x: list[float]
    y: list[float]
    low: list[float] = Field(default_factory=list)
    high: list[float] = Field(default_factory=list)
    thresholds: list[float | None] = Field(default_factory=list)
    sizes: list[int] = Field(default_factory=list)  # units behind each point, where points are groups


class ErrorRowPart(RecordModel):
    """One wrong call or unanswered unit, for review by a clinician. Local ids only."""

    candidate: str
    endpoint: str
    unit_id: str
    kind: str
    reference: str
    answer: str
    score: float | None = None
    reason: str = ""
    place: PlacePart | None = None  # of an error that lies somewhere in a case

    @model_serializer(mode="wrap")
    def _without_absent_place(self, written: SerializerFunctionWrapHandler) -> dict[str, Json]:
        """As all parts are written, but of errors without a place no key: records of other tasks keep their hash."""
        found: dict[str, Json] = written(self)
        return found if self.place is not None else {key: one for key, one in found.items() if key != "place"}


class ProbeRow(RecordModel):
    """One candidate asked again in one other way about cases drawn from those of the run.

    ``n_cases``: those of which two answers could be compared. ``n_different``: those whose answers differ by more than
    the tolerance. ``n_calls_changed``: those of which positive became something else, or the other way round, at the
    operating points of the run; None where there is no call to compare. ``not_applicable``: why it was not asked.
    """

    candidate: str
    probe: Literal["repeatability", "order", "batch", "identifiers", "descriptors"]
    n_cases: int = 0
    n_different: int = 0
    n_calls_changed: int | None = None
    largest_score_difference: float | None = None
    tolerance: float = 0.0
    cases: list[str] = Field(default_factory=list)  # the first of those that differ
    first_difference: str = ""  # where and how the first of them differs
    not_applicable: str | None = None  # wording key


class NoiseRow(RecordModel):
    """One metric of one candidate on recordings with noise added; ``snr_db`` None: the same recordings as they are.

    ``n_cases``: recordings that were asked. ``not_estimable``: why there is no value.
    """

    candidate: str
    endpoint: str
    metric: str
    parameters: dict[str, Json] = Field(default_factory=dict)
    kind: str  # baseline_wander | muscle | electrode_motion | mains, "" without noise
    snr_db: float | None
    scale: str
    better: Literal["higher", "lower"]
    value: float | None = None
    low: float | None = None
    high: float | None = None
    method: str | None = None
    not_estimable: str | None = None
    own_n: float
    n_cases: int
    n_patients: int
    n_unanswered: int


class Results(RecordModel):
    """What was found."""

    flow: list[FlowRow] = Field(default_factory=list)
    estimates: list[EstimateRow] = Field(default_factory=list)
    acceptance: list[AcceptanceRow] = Field(default_factory=list)
    comparisons: list[ComparisonRow] = Field(default_factory=list)
    heterogeneity: list[HeterogeneityRow] = Field(default_factory=list)
    tables: list[TableRow] = Field(default_factory=list)
    curves: list[CurveRow] = Field(default_factory=list)
    errors: list[ErrorRowPart] = Field(default_factory=list)
    errors_left_out: dict[str, int] = Field(default_factory=dict)  # "candidate/endpoint" -> errors beyond those listed
    figures: list[FigureFile] = Field(default_factory=list)
    figures_left_out: dict[str, int] = Field(default_factory=dict)  # "candidate/reason" -> pictures chosen, not drawn
    probes: list[ProbeRow] = Field(default_factory=list)
    noise_stress: list[NoiseRow] = Field(default_factory=list)
    reference_rules: list[ReferenceRuleRow] = Field(default_factory=list)
    readers: list[ReaderRow] = Field(default_factory=list)
    banners: list[str] = Field(default_factory=list)  # wording keys: "patients_unknown", "not_locked", "public_set" …


class Record(RecordModel):
    """One run, whole."""

    format: Literal["dmn-bench/record/1"] = RECORD_FORMAT
    run_id: str
    protocol: ProtocolPart
    reference_set: ReferenceSetPart
    candidates: list[CandidatePart]
    results: Results
    results_sha256: str
    observed: Observed


def results_sha256(results: Results) -> str:
    """SHA-256 of the canonical JSON of ``results``: equal runs have equal hashes."""
    return sha256_of_json(results.model_dump(mode="json"))


def write_record(record: Record, path: Path) -> None:
    """Write the record as canonical JSON, atomically."""
    write_atomically(path, canonical_json(record.model_dump(mode="json")) + "\n")


def read_record(path: Path) -> Record:
    """The record of a file, checked against its schema and its own hash.

    Raises ProtocolError if the file is missing, is no record, or its results do not match their hash.
    """
    try:
        record = Record.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        found = str(error).splitlines()[0]
        raise ProtocolError(Problem(key="harness.no_record", where=str(path), facts={"found": found})) from error
    if results_sha256(record.results) != record.results_sha256:
        raise ProtocolError(Problem(key="harness.record_changed", where=str(path)))
    return record


def record_schema() -> str:
    """The JSON Schema of the record, indented."""
    return json.dumps(Record.model_json_schema(), indent=1, sort_keys=True)
