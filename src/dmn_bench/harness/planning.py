"""A protocol against its set and what is installed: everything made and checked before anybody is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, cast

from ..catalogue import Catalogue
from ..errors import CandidateError, Problem, ProtocolError, collect
from ..files import unknown_name
from ..hookspecs import Metric, Reader, TargetMetric, Task
from ..inputs.header_index import HeaderIndex
from ..protocol import (
    ANY_CANDIDATE,
    Comparison,
    Endpoint,
    MetricEntry,
    Protocol,
    ProtocolLock,
    Rule,
    check_lock,
    read_protocol,
)
from ..reference_set import ReferenceSet, load, verified
from ..reference_set.prevalence import prevalence_for
from ..reference_set.watch import Watch
from ..strata import UnitLevels
from ..vocabulary import NotEstimable, ReferenceValue, Unit
from .estimating import PlannedMetric
from .lesion_masks import drawn_in
from .planned_annotations import AnnotationPlanner
from .planned_candidates import Candidate, CandidatePlanner
from .planned_endpoints import GRADE, asked_grade_problems, unit_problems
from .planned_grades import grade_problems
from .planned_lesions import lesion_problems
from .planned_parts import PartMaker
from .planned_structures import structure_problems
from .planned_verdicts import KnownSet, verdict_problems
from .region_comparison import ComparedRegions
from .set_loading import OnWork, dicom_strata, format_readers, load_set
from .unit_references import references_of, units_of

OBSERVED_METRICS = ("seconds_per_case",)  # reported in ``observed`` for every candidate, never judged
OF_PREVALENCE = ("ppv", "npv", "accuracy", "f1")  # mean nothing as observed where the prevalence was chosen


@dataclass(frozen=True, kw_only=True)
class PlannedEndpoint:
    """One endpoint ready to be judged."""

    entry: Endpoint
    task: Task
    metrics: tuple[PlannedMetric, ...]
    units: tuple[Unit, ...]
    candidates: tuple[str, ...]
    references: Callable[[str], Mapping[str, ReferenceValue | None]]  # of any finding, by unit_id

    @cached_property
    def levels(self) -> UnitLevels:
        """The strata of its units, the same for every candidate and analysis."""
        return UnitLevels(self.units)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedRule:
    """One acceptance rule with the metric it names."""

    rule: Rule
    plan: PlannedMetric


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedComparison:
    """One comparison with the metric it names."""

    comparison: Comparison
    plan: PlannedMetric


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A run that can begin."""

    path: Path
    protocol: Protocol
    lock: ProtocolLock | None
    reference_set: ReferenceSet
    readers: tuple[Reader, ...]
    candidates: tuple[Candidate, ...]
    endpoints: tuple[PlannedEndpoint, ...]
    rules: tuple[PlannedRule, ...]
    comparisons: tuple[PlannedComparison, ...]
    headers: HeaderIndex
    watch: Watch  # of the verified set
    compared: ComparedRegions = field(default_factory=ComparedRegions)  # so far


def prepare(
    path: Path,
    *,
    catalogue: Catalogue,
    amending: bool = False,
    asking_only: bool = False,
    on_work: OnWork = lambda *_: None,
) -> Prepared:
    """Read a protocol and everything it names; verify the set against its lock, and the protocol against its own.

    ``amending``: the protocol may differ from its lock, because the difference is about to be recorded.
    ``asking_only``: nothing will be scored, so that only the tables are verified (the files of a case are when it is
    asked) and strata that come from DICOM attributes are left unread.
    ``on_work`` is told in this thread how far the verifying and the reading of headers are.

    Raises ProtocolError, ReferenceSetError, CandidateError or ExtensionError with every problem of one kind together.
    """
    catalogue.check_pending()
    protocol = read_protocol(path)
    folder = path.parent / protocol.reference_set
    names = () if asking_only else None
    found = verified(folder, names, on_bytes=lambda done, total: on_work("verifying", done, total))
    readers = format_readers(catalogue)
    headers = HeaderIndex(
        folder,
        readers,
        {} if asking_only else found.files,
        keywords=dicom_strata(folder),
        on_headers=lambda done, total: on_work("headers", done, total),
    )
    drawn = drawn_in(folder, headers)
    reference_set = load(folder, drawn=drawn) if asking_only else load_set(folder, catalogue, headers)
    lock = None if amending else check_lock(protocol, path, reference_set_sha256=reference_set.sha256)
    planner = Planner(path=path, protocol=protocol, catalogue=catalogue, reference_set=reference_set, headers=headers)
    candidate_planner = CandidatePlanner(
        path=path, protocol=protocol, catalogue=catalogue, reference_set=reference_set, problems=planner.problems
    )
    endpoints = tuple(planner.endpoint(i, entry) for i, entry in enumerate(protocol.endpoints))
    rules = tuple(planner.rule(i, rule) for i, rule in enumerate(protocol.acceptance))
    comparisons = tuple(planner.comparison(i, entry) for i, entry in enumerate(protocol.comparisons))
    planner.check_whole(endpoints, rules)
    candidates = candidate_planner.every_candidate()
    made = [endpoint for endpoint in endpoints if endpoint is not None]
    candidate_planner.of_candidates += grade_problems(candidates, made, candidate_planner.place_of)
    if not asking_only:
        AnnotationPlanner(
            path=path,
            protocol=protocol,
            catalogue=catalogue,
            reference_set=reference_set,
            readers=readers,
            problems=planner.problems,
        ).check(candidates)
    _raise(planner.problems, candidate_planner.of_candidates)
    return Prepared(
        path=path,
        protocol=protocol,
        lock=lock,
        reference_set=reference_set,
        readers=readers,
        candidates=candidates,
        endpoints=tuple(made),
        rules=tuple(r for r in rules if r is not None),
        comparisons=tuple(c for c in comparisons if c is not None),
        headers=headers,
        watch=Watch(folder, found),
    )


def _raise(of_protocol: Sequence[Problem], of_candidates: Sequence[Problem]) -> None:
    """Raise what is wrong with the protocol and with its candidates together, so that neither hides the other."""
    if of_protocol:
        raise ProtocolError(*of_protocol, *of_candidates)
    collect(of_candidates, CandidateError)


@dataclass(kw_only=True)
class Planner(PartMaker):
    """Makes what a protocol asks to be judged, and notes every problem of it."""

    protocol: Protocol
    reference_set: ReferenceSet
    headers: HeaderIndex
    row_fields: set[str] = field(default_factory=set)  # of the judgements of the tasks

    def endpoint(self, index: int, entry: Endpoint) -> PlannedEndpoint | None:
        """The endpoint made; None with its problems noted."""
        known = self.reference_set.card.finding_names
        is_unknown = entry.finding is not None and entry.finding not in known
        if is_unknown:
            where = self.where("endpoints", index, "finding")
            self.problems.append(unknown_name("protocol.unknown_finding", str(entry.finding), known, where))
        task = self._make("task", entry.task, entry.task_options, ("endpoints", index))
        self.row_fields.update(self._row_fields(entry.task, index) if task is None else getattr(task, "row_fields", ()))
        metrics = self._metrics(index, entry)
        if task is None or is_unknown:
            return None
        for name in getattr(task, "findings", ()):
            if name not in known:
                self.problems.append(
                    unknown_name("protocol.unknown_finding", name, known, self.where("endpoints", index))
                )
        at = partial(self.where, "endpoints", index)
        self.problems += [
            *unit_problems(task, self.reference_set, entry, at),
            *structure_problems(task, self.reference_set, at()),
            *asked_grade_problems(task, self.protocol, entry, self.where),
        ]
        everybody = tuple(c.id for c in self.protocol.candidates)
        units = self._units(entry)
        self.problems += lesion_problems(task, entry, units, at)
        return PlannedEndpoint(
            entry=entry,
            task=cast("Task", task),
            metrics=metrics,
            units=units,
            candidates=everybody if entry.candidates is None else tuple(c for c in everybody if c in entry.candidates),
            references=references_of(self.reference_set, entry),
        )

    def _row_fields(self, task: str, index: int) -> tuple[str, ...]:
        """The fields of the judgements of a task whose options are wrong: they are no slip in the strata."""
        try:
            part = self.catalogue.part("task", task, where=self.where("endpoints", index))
        except ProtocolError:  # there is no such task, which is noted
            return ()
        found: tuple[str, ...] = getattr(part.cls, "row_fields", ())
        return found

    def _metrics(self, index: int, entry: Endpoint) -> tuple[PlannedMetric, ...]:
        found = [
            self.metric(metric, entry, ("endpoints", index, "metrics", m))
            for m, listed in enumerate(entry.metrics)
            for metric in _one_by_one(listed)
            if metric.name not in OBSERVED_METRICS
        ]
        return tuple(metric for metric in found if metric is not None)

    def metric(self, asked: MetricEntry, endpoint: Endpoint, location: tuple[str | int, ...]) -> PlannedMetric | None:
        """The metric made with its options and, where it takes one, the local prevalence of the finding."""
        options, unavailable = asked.options, None
        if "local_prevalence" in self._fields("metric", asked.name, location):
            prevalence = self._prevalence(endpoint)
            if isinstance(prevalence, NotEstimable):
                return self._without_prevalence(asked, location, prevalence)
            options = {**options, "local_prevalence": prevalence}
        if "prevalence_if_enriched" in self._fields("metric", asked.name, location):
            options, unavailable = self._reweighted(asked.options, endpoint)
        part = self._make("metric", asked.name, options, location)
        if part is None:
            return None
        metric = cast("Metric", part)
        if endpoint.task not in metric.tasks:
            facts = {"found": asked.name, "task": endpoint.task, "known": ", ".join(metric.tasks)}
            self.problems.append(Problem(key="protocol.metric_of_other_task", where=self.where(*location), facts=facts))
            return None
        if self.reference_set.card.sampling == "enriched" and asked.name in OF_PREVALENCE:
            unavailable = NotEstimable(reason="enriched_set")
        return PlannedMetric(metric=metric, parameters=asked.options, unavailable=unavailable)

    def rule(self, index: int, rule: Rule) -> PlannedRule | None:
        """The rule with its metric; its field must be one of the strata."""
        endpoint = next(e for e in self.protocol.endpoints if e.name == rule.endpoint)
        plan = self.metric(rule.metric, endpoint, ("acceptance", index, "metric"))
        asked = [c for c in (endpoint.candidates or ()) if rule.candidate in (ANY_CANDIDATE, c)]
        if endpoint.candidates is not None and not asked:
            facts = {"found": rule.candidate, "endpoint": endpoint.name, "known": ", ".join(endpoint.candidates)}
            where = self.where("acceptance", index, "candidate")
            self.problems.append(Problem(key="protocol.rule_without_candidate", where=where, facts=facts))
        of_lesions = self.reference_set.lesion_fields if endpoint.task != "detection" else ()
        if rule.each_level_of in of_lesions and rule.each_level_of not in self.reference_set.card.strata:
            facts = {"found": str(rule.each_level_of), "task": endpoint.task}
            where = self.where("acceptance", index, "each_level_of")
            self.problems.append(Problem(key="protocol.lesion_field_elsewhere", where=where, facts=facts))
        if rule.each_level_of is not None and rule.each_level_of not in self.protocol.strata:
            planned = ", ".join(s for s in self.protocol.strata if isinstance(s, str))
            facts = {"found": rule.each_level_of, "known": planned}
            where = self.where("acceptance", index, "each_level_of")
            self.problems.append(Problem(key="protocol.level_of_unplanned_field", where=where, facts=facts))
        if plan is None:
            return None
        if isinstance(plan.metric, TargetMetric) and not self._is_bounded(rule):
            facts = {"metric": rule.metric.name, "found": rule.direction}
            where = self.where("acceptance", index, "metric")
            self.problems.append(Problem(key="protocol.rule_on_one_side", where=where, facts=facts))
        return PlannedRule(rule=rule, plan=plan)

    def _is_bounded(self, rule: Rule) -> bool:
        """Whether a rule on a metric that is best at one value has its other half, or is on the limit it bounds."""
        if rule.metric.options.get("limit") == {"at_most": "upper", "at_least": "lower"}[rule.direction]:
            return True
        same = [
            other
            for other in self.protocol.acceptance
            if (other.endpoint, other.metric, other.each_level_of) == (rule.endpoint, rule.metric, rule.each_level_of)
            and (other.candidate == rule.candidate or other.candidate == ANY_CANDIDATE)
        ]
        return any(other.direction != rule.direction for other in same)

    def comparison(self, index: int, asked: Comparison) -> PlannedComparison | None:
        """The comparison with its metric; a margin on a share lies below 1."""
        endpoint = next(e for e in self.protocol.endpoints if e.name == asked.endpoint)
        plan = self.metric(asked.metric, endpoint, ("comparisons", index, "metric"))
        if self.reference_set.sampling_weights:
            where = self.where("comparisons", index)
            self.problems.append(Problem(key="protocol.comparison_of_weighted", where=where))
        if plan is None:
            return None
        if isinstance(plan.metric, TargetMetric) and asked.claim != "difference":
            where, facts = (
                self.where("comparisons", index, "claim"),
                {"found": asked.claim, "metric": asked.metric.name},
            )
            self.problems.append(Problem(key="compare.claim_on_target", where=where, facts=facts))
        if asked.margin is not None and asked.margin >= 1 and plan.metric.scale in ("share", "agreement"):
            where = self.where("comparisons", index, "margin")
            self.problems.append(Problem(key="compare.margin_too_wide", where=where, facts={"found": asked.margin}))
        return PlannedComparison(comparison=asked, plan=plan)

    def check_whole(self, endpoints: Sequence[PlannedEndpoint | None], rules: Sequence[PlannedRule | None]) -> None:
        """Note the planned fields that the set does not have, and the rules that nothing can decide."""
        self.check_strata()
        made = [endpoint for endpoint in endpoints if endpoint is not None]
        known = [rule for rule in rules if rule is not None]
        known_set = KnownSet(self.reference_set, self.headers.spacing_of)
        self.problems += verdict_problems(self.protocol, made, known, known_set, self.where)

    def check_strata(self) -> None:
        """Note every planned field that the set does not have."""
        known = (
            *self.reference_set.card.strata,
            *self.reference_set.lesion_fields,
            *sorted(self.row_fields),
        )
        for index, planned in enumerate(self.protocol.strata):
            for name in (planned,) if isinstance(planned, str) else planned:
                if name not in known:
                    where = self.where("strata", index)
                    self.problems.append(unknown_name("protocol.unknown_stratum", name, known, where))

    def _units(self, entry: Endpoint) -> tuple[Unit, ...]:
        found = units_of(self.reference_set, entry, self.headers)
        self._check_weights(found)
        return found

    def _check_weights(self, found: Sequence[Unit]) -> None:
        """Note every unit whose cases do not share one sampling weight, where the set has weights."""
        weights = self.reference_set.sampling_weights
        if not weights:
            return
        for unit in found:
            of_unit = {weights.get(case.case_id) for case in unit.cases}
            if len(of_unit) > 1 or None in of_unit:
                facts = {"found": ", ".join(sorted("—" if w is None else f"{w:g}" for w in of_unit))}
                problem = Problem(key="protocol.weights_of_unit", where=f"cases.csv: {unit.unit_id}", facts=facts)
                if problem not in self.problems:
                    self.problems.append(problem)

    def _reweighted(self, options: dict[str, Any], endpoint: Endpoint) -> tuple[dict[str, Any], NotEstimable | None]:
        """Options of a metric that weighs an enriched set to the local prevalence, or why it has no value there."""
        card = self.reference_set.card
        if card.sampling != "enriched" or self.reference_set.sampling_weights:  # which bring it there already
            return options, None
        declared = self._prevalence(endpoint)
        if isinstance(declared, NotEstimable):
            return options, declared
        return {**options, "prevalence_if_enriched": declared}, None

    def _prevalence(self, endpoint: Endpoint) -> dict[str, float | None] | NotEstimable:
        """Value and bounds of the local prevalence that was declared for what the endpoint calls positive."""
        declared = [one.model_dump() for one in self.reference_set.card.local_prevalence]
        found = prevalence_for(declared, endpoint.model_dump())
        return found if isinstance(found, NotEstimable) else {name: found[name] for name in ("value", "low", "high")}

    def _without_prevalence(
        self, asked: MetricEntry, location: tuple[str | int, ...], unavailable: NotEstimable
    ) -> PlannedMetric | None:
        options = {**asked.options, "local_prevalence": {"value": 0.5}}
        part = self._make("metric", asked.name, options, location)
        return (
            None
            if part is None
            else PlannedMetric(metric=cast("Metric", part), parameters=asked.options, unavailable=unavailable)
        )


def _one_by_one(listed: MetricEntry) -> list[MetricEntry]:
    """A metric asked at several points (``at_…: [0.5, 1]``, ``grade: [2, 3]``) as one entry for each point."""
    found = [listed]
    for name, value in listed.options.items():
        if (name.startswith("at_") or name == GRADE) and isinstance(value, list):
            found = [entry.model_copy(update={name: point}) for entry in found for point in value]
    return found
