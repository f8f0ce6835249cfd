"""From gathered answers to results: judge, estimate, test, decide. Asks nobody, so it can be done again at will."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Literal

from ..hookspecs import ComparingTask
from ..record import Results
from .comparing import comparison_rows
from .deciding import RuleInput, decide
from .estimating import Judged, PlannedMetric, estimate_rows
from .gathering import Gathered
from .heterogeneity import adjusted, heterogeneity_rows
from .judging import Judge, analyses
from .pairing import Analysed
from .planning import Prepared
from .reader_ceiling import reader_rows
from .reference_rules import rule_rows
from .region_comparison import check_regions
from .set_loading import OnWork

PRIMARY: Literal["intention_to_diagnose"] = "intention_to_diagnose"


def check_references(prepared: Prepared, on_work: OnWork = lambda *_: None) -> None:
    """Judge once without any answer, so that a reference that cannot be scored is found before anybody is asked.

    Of a task that compares regions every mask is opened instead. Raises ReferenceSetError as the tasks do, and with
    every mask that cannot be read or lies on other voxels than its case.
    """
    for endpoint in prepared.endpoints:
        if isinstance(endpoint.task, ComparingTask):
            wanted = endpoint.task.compared_structures
            kept = prepared.compared.opened
            check_regions(prepared.reference_set, prepared.readers, wanted, partial(on_work, "masks"), kept)
            continue
        judge = Judge(prepared=prepared, endpoint=endpoint, candidate=prepared.candidates[0], answers={})
        judge.judged(analyses(prepared.protocol, {})[0])


def compare_regions(prepared: Prepared, gathered: Mapping[str, Gathered], on_work: OnWork) -> None:
    """Measure the regions of every candidate before they are judged, telling ``on_work`` how far it is."""
    for endpoint in prepared.endpoints:
        for candidate in (c for c in prepared.candidates if c.id in endpoint.candidates):
            answers = gathered[candidate.id].answers
            judge = Judge(prepared=prepared, endpoint=endpoint, candidate=candidate, answers=answers)
            found = judge.comparison()
            if found is not None:
                found.compare_all(judge.cases(), partial(on_work, "comparing"))


def results_of(prepared: Prepared, gathered: Mapping[str, Gathered]) -> Results:
    """Everything that is found, in the order of the protocol: endpoints, candidates, analyses, metrics, strata."""
    results = Results()
    analysed: dict[tuple[str, str], Analysed] = {}
    for endpoint in prepared.endpoints:
        for candidate in (c for c in prepared.candidates if c.id in endpoint.candidates):
            answers = gathered[candidate.id].answers
            judge = Judge(prepared=prepared, endpoint=endpoint, candidate=candidate, answers=answers)
            judge.check_operating_point()
            analysed[candidate.id, endpoint.entry.name] = _analysed(judge, results)
    for planned in prepared.rules:
        for candidate in prepared.candidates:
            found = analysed.get((candidate.id, planned.rule.endpoint))
            if found is not None and planned.rule.candidate in ("*", candidate.id):
                asked = RuleInput(rule=planned.rule, judged=found.primary_of(planned.plan), plan=planned.plan)
                results.acceptance.extend(decide(asked, prepared.protocol.statistics))
    results.comparisons.extend(comparison_rows(prepared.comparisons, analysed, prepared.protocol.statistics))
    results.reference_rules.extend(rule_rows(prepared, gathered))
    results.readers.extend(reader_rows(prepared, gathered))
    return results


def _analysed(judge: Judge, results: Results) -> Analysed:
    """Add every analysis of one candidate at one endpoint; the primary one also has flow, tables, curves and tests."""
    settings = judge.prepared.protocol.statistics
    of_answers = [m for m in judge.endpoint.metrics if not m.counts_every_unit]
    of_units = [m for m in judge.endpoint.metrics if m.counts_every_unit]
    kept: dict[str, Judged] = {}
    for analysis in analyses(judge.prepared.protocol, judge.answers):  # one at a time: each has a row for every unit
        judged = judge.judged(analysis)
        results.estimates.extend(estimate_rows(judged, of_answers, settings))
        if analysis.name in (PRIMARY, "evaluable"):
            kept[analysis.name] = judged
    primary = kept[PRIMARY]
    everyone = judge.over_every_unit(primary)
    results.estimates.extend(estimate_rows(everyone, of_units, settings))
    _test(primary, of_answers, everyone, of_units, judge, results)
    _describe(judge, primary, results)
    return Analysed(primary=primary, every_unit=everyone, evaluable=kept["evaluable"])


def _test(
    primary: Judged,
    of_answers: list[PlannedMetric],
    everyone: Judged,
    of_units: list[PlannedMetric],
    judge: Judge,
    results: Results,
) -> None:
    settings = judge.prepared.protocol.statistics
    family = heterogeneity_rows(primary, of_answers, settings) + heterogeneity_rows(everyone, of_units, settings)
    results.heterogeneity.extend(adjusted(family, settings))


def _describe(judge: Judge, judged: Judged, results: Results) -> None:
    results.flow.extend(judge.flow(judged))
    results.tables.extend(judge.tables(judged))
    results.curves.extend(judge.curves(judged))
    errors, left_out = judge.errors(judged)
    results.errors.extend(errors)
    if left_out:
        results.errors_left_out[f"{judged.candidate}/{judged.endpoint}"] = left_out
