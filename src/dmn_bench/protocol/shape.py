"""One run as asked for: the shape of a protocol. Opens the YAML and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from ..errors import Problem, ProtocolError, collect
from ..files import read_yaml, sha256_of_json, unknown_name, validate
from ..vocabulary import Status, Treatment
from .reference_rules import ReferenceRule
from .signals import SignalsEntry

PROTOCOL_FORMAT = "dmn-bench/protocol/1"
ANY_CANDIDATE = "*"
Share = Annotated[float, Field(ge=0, le=1)]
OpenShare = Annotated[float, Field(gt=0, lt=1)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=64)]


class ProtocolModel(BaseModel):
    """Base of every part of a protocol: frozen, strict types, no unknown keys, no NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Purpose(ProtocolModel):
    """Why the run is done, in the words of the people who decide; copied into the report."""

    need: str = ""
    intended_use: str = ""
    comparator: str = ""
    decided_by: str = ""


class OperatingPointEntry(ProtocolModel):
    """Positive from ``score_at_least`` on, doubt from ``doubt_from`` up to it. Never tuned on the set."""

    score_at_least: float
    doubt_from: float | None = None
    source: str = ""

    @model_validator(mode="after")
    def _doubt_lies_below(self) -> OperatingPointEntry:
        if self.doubt_from is not None and self.doubt_from >= self.score_at_least:
            facts = {"doubt_from": self.doubt_from, "score_at_least": self.score_at_least}
            raise PydanticCustomError("protocol.doubt_above", "doubt_from < score_at_least", facts)
        return self


class CandidateEntry(ProtocolModel):
    """One candidate: a package with a manifest, or an adapter with its options."""

    id: Name
    role: Literal["device", "comparator", "previous_version"] = "device"
    package: str | None = None  # folder with a candidate.yaml, or the id of an installed candidate
    adapter: str | None = None
    options: dict[str, Any] = Field(default_factory=dict)
    operating_points: dict[str, OperatingPointEntry] = Field(default_factory=dict)
    labels: dict[Literal["positive", "negative", "indeterminate"], list[str]] = Field(default_factory=dict)
    findings: dict[str, str] = Field(default_factory=dict)  # the vendor's word -> the set's
    signals: SignalsEntry | None = None  # how it wants recordings, in place of what its package says

    @model_validator(mode="after")
    def _one_source(self) -> CandidateEntry:
        if (self.package is None) == (self.adapter is None):
            raise PydanticCustomError("protocol.package_and_adapter", "package or adapter", {})
        return self


class MetricEntry(ProtocolModel):
    """A metric by name with its options; written as a bare name where there are none."""

    model_config = ConfigDict(extra="allow")

    name: str

    @property
    def options(self) -> dict[str, Any]:
        """Options of the metric as given."""
        return dict(self.model_extra or {})


class Endpoint(ProtocolModel):
    """One question: a task, a finding, a unit and the metrics. Further keys are options of the task."""

    model_config = ConfigDict(extra="allow")

    name: Name
    task: str
    finding: str | None = None
    unit: Literal["patient", "exam", "eye", "case", "lesion", "beat", "record"] = "case"
    metrics: list[MetricEntry] = Field(min_length=1)
    candidates: list[str] | None = None  # None: all

    @model_validator(mode="before")
    @classmethod
    def _bare_names(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("metrics"), list):
            metrics = [{"name": m} if isinstance(m, str) else m for m in data["metrics"]]
            return {**data, "metrics": metrics}
        return data

    @property
    def task_options(self) -> dict[str, Any]:
        """Options of the task as given, the finding among them."""
        options = dict(self.model_extra or {})
        return options if self.finding is None else {"finding": self.finding, **options}

    @property
    def counted_unit(self) -> str:
        """The unit of which truth and flow are counted: a lesion, a beat or a record is counted within its case."""
        return "case" if self.unit in ("lesion", "beat", "record") else self.unit


class MinimumN(ProtocolModel):
    """Below ``estimate`` there is no estimate; below ``imprecise_below`` it is printed as imprecise."""

    estimate: Annotated[int, Field(ge=1)] = 10
    imprecise_below: Annotated[int, Field(ge=1)] = 30


class Statistics(ProtocolModel):
    """How uncertainty is computed."""

    confidence: OpenShare = 0.95
    resamples: Annotated[int, Field(ge=200, le=1_000_000)] = 2000
    seed: Annotated[int, Field(ge=0)] = 20261121
    multiplicity: Literal["holm", "none"] = "holm"
    minimum_n: MinimumN = MinimumN()


def _metric_spelt_out(data: Any) -> Any:
    """A part that names its metric bare, as one with a metric entry."""
    if isinstance(data, dict) and isinstance(data.get("metric"), str):
        return {**data, "metric": {"name": data["metric"]}}
    return data


class Rule(ProtocolModel):
    """An acceptance rule: a metric of an endpoint against a limit, overall or at each level of a field."""

    id: Name
    candidate: str = ANY_CANDIDATE
    endpoint: str
    metric: MetricEntry
    each_level_of: str | None = None
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, data: Any) -> Any:
        return _metric_spelt_out(data)

    @model_validator(mode="after")
    def _one_limit(self) -> Rule:
        if (self.at_least is None) == (self.at_most is None):
            raise PydanticCustomError("protocol.one_limit", "at_least or at_most", {})
        return self

    @property
    def direction(self) -> Literal["at_least", "at_most"]:
        """Which side of the limit is the right one."""
        return "at_least" if self.at_least is not None else "at_most"

    @property
    def limit(self) -> float:
        """The limit itself."""
        limit = self.at_least if self.at_least is not None else self.at_most
        return float(limit) if limit is not None else 0.0


class Comparison(ProtocolModel):
    """A claim about one candidate beside another on the same units, fixed before the answers are read.

    ``margin``: how much worse the candidate may be and still count as not inferior, on the scale of the metric.
    """

    endpoint: str
    metric: MetricEntry
    candidate: str
    against: str
    claim: Literal["non-inferior", "superior", "difference"]
    margin: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, data: Any) -> Any:
        return _metric_spelt_out(data)

    @model_validator(mode="after")
    def _margin_where_it_belongs(self) -> Comparison:
        if self.claim == "non-inferior" and self.margin is None:
            raise PydanticCustomError("compare.margin_missing", "margin", {})
        if self.claim != "non-inferior" and self.margin is not None:
            raise PydanticCustomError("compare.margin_unused", "no margin", {"claim": self.claim})
        if self.candidate == self.against:
            raise PydanticCustomError("compare.against_itself", "two candidates", {"found": self.candidate})
        return self


class Execution(ProtocolModel):
    """How candidates are run: the same for every candidate."""

    attempts: Annotated[int, Field(ge=1, le=10)] = 2
    seconds_per_case: Annotated[float, Field(gt=0)] = 60.0
    threads: Annotated[int, Field(ge=1)] = 1
    memory_mb: Annotated[int, Field(ge=64)] | None = None
    processor_seconds_per_case: Annotated[float, Field(gt=0)] | None = None
    isolation: Literal["at-least-0", "at-least-1", "at-least-2", "at-least-3"] = "at-least-1"
    network: list[str] = Field(default_factory=list)


ProbeName = Literal["repeatability", "order", "batch", "identifiers", "descriptors"]


class Probes(ProtocolModel):
    """Questions asked again under other circumstances, to see whether the answers stay; none but those of ``kinds``.

    ``cases``: how many are drawn. ``tolerance``: the largest difference between two numbers that counts as none.
    """

    kinds: list[ProbeName] = Field(default_factory=list)
    cases: Annotated[int, Field(ge=1)] = 20
    tolerance: Annotated[float, Field(ge=0)] = 0.0


class Pictures(ProtocolModel):
    """Errors drawn for the report: how many of each kind, the worst first; 0 for none."""

    per_kind: Annotated[int, Field(ge=0, le=20)] = 3


NoiseKind = Literal["baseline_wander", "muscle", "electrode_motion", "mains"]


class NoiseStress(ProtocolModel):
    """Recordings asked again with noise added: each of ``kinds`` at each of ``snr_db``; none without kinds.

    ``cases``: how many are drawn. In each recording ``clean_seconds`` without noise come first, then ``noise_seconds``
    with it and ``pause_seconds`` without it by turns, as the WFDB program nst has it by default.
    """

    kinds: list[NoiseKind] = Field(default_factory=list)
    snr_db: list[Annotated[float, Field(ge=-60, le=60)]] = Field(default=[24, 18, 12, 6, 0, -6], min_length=1)
    cases: Annotated[int, Field(ge=1)] = 20
    clean_seconds: Annotated[float, Field(ge=0)] = 300.0
    noise_seconds: Annotated[float, Field(gt=0)] = 120.0
    pause_seconds: Annotated[float, Field(ge=0)] = 120.0


def _as_used_default() -> dict[Status, Treatment]:
    return {
        "indeterminate": "positive",
        "abstained": "positive",
        "rejected_input": "apart",
        "failed": "wrong",
        "not_sent": "apart",
        "unreadable": "apart",
    }


class Protocol(ProtocolModel):
    """One run as asked for."""

    format: Literal["dmn-bench/protocol/1"]
    id: Name
    purpose: Purpose = Purpose()
    reference_set: str  # folder, relative to the protocol
    candidates: list[CandidateEntry] = Field(min_length=1)
    endpoints: list[Endpoint] = Field(min_length=1)
    primary: Literal["intention_to_diagnose"] = "intention_to_diagnose"
    as_used: dict[Status, Treatment] = Field(default_factory=_as_used_default)
    strata: list[str | list[str]] = Field(default_factory=list)
    statistics: Statistics = Statistics()
    acceptance: list[Rule] = Field(default_factory=list)
    comparisons: list[Comparison] = Field(default_factory=list)
    execution: Execution = Execution()
    plan: dict[str, Any] = Field(default_factory=dict)  # planned numbers, printed beside those obtained
    probes: Probes = Probes()
    noise_stress: NoiseStress = NoiseStress()
    pictures: Pictures = Pictures()
    reference_rules: list[ReferenceRule] = Field(default_factory=list)  # beside the rule of the set's card
    not_sent: str | None = None  # the site's file of cases never sent: case_id, reason

    @model_validator(mode="before")
    @classmethod
    def _planned_keys(cls, data: Any) -> Any:
        for key in ("second_stage", "perturbations"):
            if isinstance(data, dict) and data.get(key) in ([], {}, None):
                data = {k: v for k, v in data.items() if k != key}
        return data

    @property
    def as_used_complete(self) -> dict[Status, Treatment]:
        """The as-used mapping with the defaults for the states it does not name."""
        return {**_as_used_default(), **self.as_used}

    @property
    def sha256(self) -> str:
        """Hash of what the protocol says, comments and layout aside."""
        said = self.model_dump(mode="json")
        for candidate in said["candidates"]:
            if candidate["signals"] is None:  # protocols locked before there was this key keep their hash
                del candidate["signals"]
        if not said["reference_rules"]:
            del said["reference_rules"]
        return sha256_of_json(said)


def read_protocol(path: Path) -> Protocol:
    """The protocol of a YAML file.

    Raises ProtocolError with every problem at file:line:column: unknown key, wrong type, doubled id, a rule or an
    endpoint that names what the protocol does not have.
    """
    protocol = validate(Protocol, path, ProtocolError)
    _, locate = read_yaml(path, ProtocolError)
    collect(list(_dangling(protocol, locate)), ProtocolError)
    return protocol


def _dangling(protocol: Protocol, locate: Any) -> list[Problem]:
    candidates = [c.id for c in protocol.candidates]
    endpoints = [e.name for e in protocol.endpoints]
    problems = [
        *_doubled("candidates", candidates, locate),
        *_doubled("endpoints", endpoints, locate),
        *_doubled("acceptance", [r.id for r in protocol.acceptance], locate),
        *_doubled("reference_rules", [rule.name for rule in protocol.reference_rules], locate),
    ]
    for index, endpoint in enumerate(protocol.endpoints):
        for name in endpoint.candidates or ():
            where = locate(("endpoints", index, "candidates"))
            problems += _unless_in("protocol.unknown_candidate", name, candidates, where)
    for index, rule in enumerate(protocol.acceptance):
        where = locate(("acceptance", index, "endpoint"))
        problems += _unless_in("protocol.unknown_endpoint", rule.endpoint, endpoints, where)
        where, known = locate(("acceptance", index, "candidate")), [*candidates, ANY_CANDIDATE]
        problems += _unless_in("protocol.unknown_candidate", rule.candidate, known, where)
    for index, comparison in enumerate(protocol.comparisons):
        problems += _dangling_comparison(protocol, index, comparison, locate)
    return problems


def _dangling_comparison(protocol: Protocol, index: int, asked: Comparison, locate: Any) -> list[Problem]:
    def where(part: str) -> str:
        return str(locate(("comparisons", index, part)))

    everybody = [c.id for c in protocol.candidates]
    endpoints = {e.name: e for e in protocol.endpoints}
    problems = _unless_in("protocol.unknown_endpoint", asked.endpoint, list(endpoints), where("endpoint"))
    for part, name in (("candidate", asked.candidate), ("against", asked.against)):
        unknown = _unless_in("protocol.unknown_candidate", name, everybody, where(part))
        problems += unknown
        tested = endpoints[asked.endpoint].candidates if asked.endpoint in endpoints else None
        if not unknown and tested is not None and name not in tested:
            facts = {"found": name, "endpoint": asked.endpoint, "known": ", ".join(tested)}
            problems.append(Problem(key="compare.not_at_endpoint", where=where(part), facts=facts))
    if asked in protocol.comparisons[:index]:
        facts = {"found": f"{asked.candidate}, {asked.against}", "part": "comparisons"}
        problems.append(Problem(key="protocol.doubled", where=locate(("comparisons", index)), facts=facts))
    return problems


def _doubled(part: str, names: Sequence[str], locate: Any) -> list[Problem]:
    return [
        Problem(key="protocol.doubled", where=locate((part, index)), facts={"found": name, "part": part})
        for index, name in enumerate(names)
        if name in names[:index]
    ]


def _unless_in(key: str, name: str, known: Sequence[str], where: str) -> list[Problem]:
    if name in known:
        return []
    return [unknown_name(key, name, known, where)]
