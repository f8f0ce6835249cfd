"""A run judged against another reference: the same endpoints and answers, another set of truth, lesions or regions."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..hookspecs import ComparingTask, JudgingContext
from ..record import EstimateRow
from ..reference_set import ConsensusRule, LesionRow, ReferenceSet
from ..reference_set.adjudicated_lesions import left_open, several_readers
from ..reference_set.consensus import ADJUDICATED_READERS
from ..reference_set.under_rule import readers_by_case
from ..vocabulary import Analysis, Case
from .estimating import Judged, PlannedMetric, estimate_rows
from .judging import Judge, analyses
from .planning import PlannedEndpoint, Prepared
from .region_comparison import RegionComparison
from .unit_references import references_of, units_of

Compared = Callable[[Case], Mapping[str, Mapping[str, float]]]


class Focus(NamedTuple):
    """What of an endpoint is looked at: of one that compares regions one structure, of others all of it."""

    endpoint: PlannedEndpoint
    structure: str | None


@dataclass(frozen=True, kw_only=True)
class FocusedJudge(Judge):
    """Judges one structure alone. ``regions``: what was measured of the regions, in place of the candidate's own."""

    structure: str | None = None
    regions: Compared | None = None

    def comparison(self) -> RegionComparison | None:
        """Nothing is left to compare where the regions were."""
        return None if self.regions is not None else Judge.comparison(self)

    def context(self, analysis: Analysis) -> JudgingContext:
        """What the task is handed, the other structures left out."""
        context = Judge.context(self, analysis)
        compared, name = self.regions or context.compared, self.structure
        if compared is None or name is None:
            return context

        def of_structure(case: Case) -> Mapping[str, Mapping[str, float]]:
            return {found: numbers for found, numbers in compared(case).items() if found == name}

        return dataclasses.replace(context, compared=of_structure)


def with_reference(prepared: Prepared, reference_set: ReferenceSet) -> Prepared:
    """The same run with the truth and lesions of ``reference_set``, and without strata."""
    endpoints = tuple(
        dataclasses.replace(
            endpoint,
            units=units_of(reference_set, endpoint.entry, prepared.headers),
            references=references_of(reference_set, endpoint.entry),
        )
        for endpoint in prepared.endpoints
    )
    protocol = prepared.protocol.model_copy(update={"strata": []})
    return dataclasses.replace(prepared, protocol=protocol, reference_set=reference_set, endpoints=endpoints)


def focuses(prepared: Prepared) -> Iterator[Focus]:
    """Every endpoint, and of those that compare regions every structure of it that the set delineates."""
    for endpoint in prepared.endpoints:
        if not isinstance(endpoint.task, ComparingTask):
            yield Focus(endpoint, None)
            continue
        names = dict.fromkeys(row.structure for row in prepared.reference_set.masks)
        for name in endpoint.task.compared_structures or tuple(sorted(names)):
            yield Focus(endpoint, name)


def primary(judge: Judge) -> Judged:
    """The primary analysis."""
    return judge.judged(analyses(judge.prepared.protocol, {})[0])


def estimates(
    judged: Judged, planned: Sequence[PlannedMetric], prepared: Prepared, structure: str | None
) -> list[EstimateRow]:
    """The metrics on the whole set, named by the structure that is looked at."""
    rows = estimate_rows(judged, planned, prepared.protocol.statistics)
    stratum = None if structure is None else {"structure": structure}
    return [row.model_copy(update={"stratum": stratum}) for row in rows if row.stratum is None]


def why_not(reference_set: ReferenceSet, rule: ConsensusRule, focus: Focus) -> str | None:
    """Why a rule makes no reference for this part of an endpoint, in the words of the record; None where it makes one.

    ``no_readings``: no single reader read it. ``masks_only``: the rule is one of masks. ``no_agreed_reference``: the
    set states no adjudicated reference.
    """
    if focus.structure is not None:
        readers = {row.reader for row in reference_set.masks if row.structure == focus.structure}
        single, agreed = readers - set(ADJUDICATED_READERS), readers & set(ADJUDICATED_READERS)
        if rule.is_computed:
            return None if single else "no_readings"
        return None if agreed or len(single) == 1 else "no_agreed_reference"
    if rule.rule == "staple":
        return "masks_only"
    named = focus.endpoint.entry.finding
    findings = reference_set.card.finding_names if named is None else (named,)
    if focus.endpoint.task.name == "detection":
        rows = [row for row in reference_set.stated_lesions if row.lesion.finding in findings]
        if rule.is_computed:
            return None if has_single_readers(rows) else "no_readings"
        is_open = any(several_readers(rows)) or left_open(rows, reference_set.stated_truth, reference_set.cases)
        return "no_agreed_reference" if is_open else None
    if rule.is_computed:
        return None if any(readers_by_case(reference_set, finding) for finding in findings) else "no_readings"
    stated = any(row.finding in findings for row in reference_set.stated_truth)
    return None if stated else "no_agreed_reference"


def has_single_readers(rows: Iterable[LesionRow]) -> bool:
    """Whether some single reader drew one of these lesions."""
    return any(row.reader not in ADJUDICATED_READERS for row in rows)


def of_answers(endpoint: PlannedEndpoint) -> list[PlannedMetric]:
    """The metrics of an endpoint that a reference matters to; those of availability count every unit whatever it is."""
    return [plan for plan in endpoint.metrics if not plan.counts_every_unit]
