"""Each reader scored as if a candidate, against the other readers: how far people get who know the task.

A reference made of all readers holds each of them, so that none may be scored against it. Every reader is therefore
left out of the reference that he is scored against, and the candidates are scored against that same reference, on the
same units, beside him.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import NamedTuple, cast

import numpy as np

from ..hookspecs import ComparingTask
from ..protocol import Comparison, MetricEntry
from ..record import EstimateRow, ReaderRow
from ..reference_set import ConsensusRule, ReferenceSet, under_rule
from ..reference_set.consensus import ADJUDICATED_READERS
from ..reference_set.under_rule import readers_by_case, single_readers
from ..vocabulary import Answer, Unit
from .comparing import difference_row
from .estimating import Judged, PlannedMetric
from .gathering import Gathered
from .judging import OUT_OF_REFERENCE
from .other_reference import (
    Compared,
    Focus,
    FocusedJudge,
    estimates,
    focuses,
    has_single_readers,
    of_answers,
    primary,
    with_reference,
)
from .planned_candidates import Candidate
from .planning import PlannedComparison, PlannedEndpoint, Prepared
from .reader_answers import reader_answers
from .reader_regions import delineated_by, only_by, reader_comparison

OF_SCORES = ("classification", "detection", "grading", "statements")
OVERLAPS = ("dice", "iou", "nsd")
"""Columns of a task of regions that are the measure of a case by that name, 0 to 1."""


def reader_rows(prepared: Prepared, gathered: Mapping[str, Gathered]) -> list[ReaderRow]:
    """Every reader and, beside him, every candidate of each endpoint; [] where no two single readers read anything.

    In the primary analysis, on the whole of the units that the reader read and the others make a reference for. Metrics
    that rank scores are left out: a reader gives none.
    """
    readers = single_readers(prepared.reference_set)
    if len(readers) < 2:
        return []
    rule = prepared.reference_set.card.reference_standard.consensus
    found: list[ReaderRow] = []
    runs = {r: with_reference(prepared, under_rule(prepared.reference_set, rule, without=r)) for r in readers}
    for focus in focuses(prepared):
        sides = [_side(prepared, others, focus, reader) for reader, others in runs.items()]
        for side in sides:
            if side is not None:
                found.extend(_rows(side, prepared, gathered))
        if focus.structure is not None:
            found.extend(_pairs(prepared, focus, gathered))
    return found


class _Side(NamedTuple):
    """One reader at one endpoint, or at one structure of it, and the reference of the others."""

    reader: str
    answers: Mapping[str, Answer]
    others: Prepared
    endpoint: PlannedEndpoint  # with the units that he read and the others have a reference for
    structure: str | None
    n_others: int
    regions: Compared | None = None  # of the reader, where regions are compared
    against: str = ""

    @property
    def rule(self) -> ConsensusRule:
        """The rule that makes one reference of the others."""
        return self.others.reference_set.card.reference_standard.consensus


def _side(prepared: Prepared, others: Prepared, focus: Focus, reader: str) -> _Side | None:
    """None where the reader has no unit that the others make a reference for."""
    there = next(one for one in others.endpoints if one.entry.name == focus.endpoint.entry.name)
    if isinstance(there.task, ComparingTask):
        return _side_of_regions(prepared, others, Focus(there, focus.structure), reader)
    if there.task.name == "detection" and not _drew(prepared, there):
        return None
    findings = _findings(prepared.reference_set, there)
    read = [readers_by_case(prepared.reference_set, finding) for finding in findings]
    n_others = max((len(names - {reader}) for each in read for names in each.values() if reader in names), default=0)
    answers = reader_answers(prepared, there.entry, reader)
    units = tuple(unit for unit in there.units if _counts(unit, answers, names_finding=there.entry.finding is not None))
    if not n_others or not units:
        return None
    return _Side(reader, answers, others, dataclasses.replace(there, units=units), focus.structure, n_others)


def _side_of_regions(
    prepared: Prepared, others: Prepared, focus: Focus, reader: str, against: str = ""
) -> _Side | None:
    task = cast("ComparingTask", focus.endpoint.task)
    regions = reader_comparison(prepared, others.reference_set, task, reader)
    endpoint, answers = delineated_by(focus.endpoint, regions, focus.structure)
    drew = {row.reader for row in others.reference_set.masks if row.structure == focus.structure}
    n_others = len(drew - {*ADJUDICATED_READERS, reader})
    if not endpoint.units or not n_others:
        return None
    return _Side(reader, answers, others, endpoint, focus.structure, n_others, regions, against)


def _pairs(prepared: Prepared, focus: Focus, gathered: Mapping[str, Gathered]) -> Iterator[ReaderRow]:
    """Every two readers of a structure, and every candidate with each reader."""
    masks = prepared.reference_set.masks
    drew = sorted({row.reader for row in masks if row.structure == focus.structure} - set(ADJUDICATED_READERS))
    for against in drew:
        others = with_reference(prepared, only_by(prepared.reference_set, against))
        there = next(one for one in others.endpoints if one.entry.name == focus.endpoint.entry.name)
        here = Focus(there, focus.structure)
        for reader in (name for name in drew if name < against):
            side = _side_of_regions(prepared, others, here, reader, against)
            if side is not None:
                yield from _own_rows(side, prepared)[0]
        drawn = {row.case_id for row in masks if (row.reader, row.structure) == (against, focus.structure)}
        units = tuple(unit for unit in there.units if all(case.case_id in drawn for case in unit.cases))
        alone = _Side(
            "", {}, others, dataclasses.replace(there, units=units), focus.structure, n_others=1, against=against
        )
        for candidate in _candidates(alone, prepared):
            judged = _judged(alone, candidate, gathered[candidate.id].answers, alone.endpoint)
            for found in estimates(judged, of_answers(alone.endpoint), others, focus.structure):
                yield _row(alone, candidate.id, found, judged)


def _candidates(side: _Side, prepared: Prepared) -> list[Candidate]:
    return [candidate for candidate in prepared.candidates if candidate.id in side.endpoint.candidates]


def _drew(prepared: Prepared, endpoint: PlannedEndpoint) -> bool:
    rows = prepared.reference_set.stated_lesions
    return has_single_readers(row for row in rows if row.lesion.finding == endpoint.entry.finding)


def _findings(reference_set: ReferenceSet, endpoint: PlannedEndpoint) -> tuple[str, ...]:
    named = endpoint.entry.finding
    return reference_set.card.finding_names if named is None else (named,)


def _counts(unit: Unit, answers: Mapping[str, Answer], *, names_finding: bool) -> bool:
    """Whether the reader read every case of a unit, and the others left it with a reference."""
    if not unit.cases or any(case.case_id not in answers for case in unit.cases):
        return False
    if not names_finding or (unit.reference is None and unit.lesions):
        return True
    return unit.reference is not None and unit.reference not in OUT_OF_REFERENCE


def _rows(side: _Side, prepared: Prepared, gathered: Mapping[str, Gathered]) -> Iterator[ReaderRow]:
    rows, planned, reader = _own_rows(side, prepared)
    yield from rows
    for candidate in _candidates(side, prepared):
        judged = _judged(side, candidate, gathered[candidate.id].answers, side.endpoint)
        of_candidate = estimates(judged, planned, side.others, side.structure)
        for plan, own, found in zip(planned, rows, of_candidate, strict=True):
            row, absent = _row(side, candidate.id, found, judged), found.not_estimable or own.estimate.not_estimable
            told = {"not_estimable": absent} if absent else _difference(side, plan, judged, reader)
            yield row.model_copy(update=told)


def _own_rows(side: _Side, prepared: Prepared) -> tuple[list[ReaderRow], list[PlannedMetric], Judged]:
    """The reader's rows, the metrics that he can be measured by, and his judgements."""
    endpoint, as_candidate = _of_readers(side.endpoint), _as_candidate(prepared, side.reader)
    judged = _judged(side, as_candidate, side.answers, endpoint, side.regions)
    planned = [plan for plan in of_answers(side.endpoint) if _needs_no_scores(plan, judged)]
    rows = [_row(side, "", found, judged) for found in estimates(judged, planned, side.others, side.structure)]
    return rows, planned, judged


def _row(side: _Side, candidate: str, found: EstimateRow, judged: Judged) -> ReaderRow:
    row = ReaderRow(
        candidate=candidate,
        endpoint=side.endpoint.entry.name,
        reader=side.reader,
        against=side.against,
        rule=side.rule.rule,
        at_least=side.rule.at_least,
        n_others=side.n_others,
        n_units=len(side.endpoint.units),
        estimate=found,
    )
    return row.model_copy(update=_spread(found.metric, judged))


def _spread(metric: str, judged: Judged) -> dict[str, float]:
    values = judged.judgements.columns.get(metric) if metric in OVERLAPS else None
    if values is None or not values.size:
        return {}
    return {"smallest": float(values.min()), "middle": float(np.median(values)), "largest": float(values.max())}


def _judged(
    side: _Side,
    candidate: Candidate,
    answers: Mapping[str, Answer],
    endpoint: PlannedEndpoint,
    regions: Compared | None = None,
) -> Judged:
    judge = FocusedJudge(
        prepared=side.others,
        endpoint=endpoint,
        candidate=candidate,
        answers=answers,
        structure=side.structure,
        regions=regions,
    )
    return primary(judge)


def _as_candidate(prepared: Prepared, reader: str) -> Candidate:
    """A reader in the place of a candidate: one who gives labels, and no score to cut."""
    first = prepared.candidates[0]
    return dataclasses.replace(first, entry=first.entry.model_copy(update={"id": reader}), operating_points={})


def _of_readers(endpoint: PlannedEndpoint) -> PlannedEndpoint:
    """The endpoint as it is asked of a reader, who says a grade on the scale of the truth and not on the device's."""
    task = endpoint.task
    if not hasattr(task, "answer_scale"):
        return endpoint
    stated = getattr(task, "reference_scale", None)
    return dataclasses.replace(endpoint, task=dataclasses.replace(task, answer_scale=stated))  # type: ignore[type-var]


def _needs_no_scores(plan: PlannedMetric, judged: Judged) -> bool:
    """Whether a metric is one of calls, regions or values: of findings and marks, one that ranks needs scores."""
    if judged.judgements.task not in OF_SCORES:
        return True
    columns = plan.metric.columns(judged.judgements)
    return columns.scores is None and not columns.ranked


def _difference(side: _Side, plan: PlannedMetric, candidate: Judged, reader: Judged) -> dict[str, object]:
    """Candidate less reader, on the same units; not where cases have sampling weights, which no paired method takes."""
    if reader.weights is not None:
        return {"not_estimable": "weighted"}
    asked = Comparison(
        endpoint=side.endpoint.entry.name,
        metric=MetricEntry(name=plan.metric.name),
        candidate=candidate.candidate,
        against=f"reader {side.reader}",
        claim="difference",
    )
    settings = side.others.protocol.statistics
    row = difference_row(PlannedComparison(comparison=asked, plan=plan), candidate, reader, settings)
    if row.difference is None:
        return {"not_estimable": row.not_estimable}
    return {name: getattr(row, name) for name in ("difference", "low", "high", "confidence", "method")}
