"""The metric against a hand count, and against everything that dmn-bench asks of a metric."""

# ruff: noqa: D101, D102, D103, S101
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from dmn_bench_balanced_accuracy import BalancedAccuracy, register_metrics

from dmn_bench.hookspecs import JudgingContext
from dmn_bench.statistics.resampling import totals
from dmn_bench.tasks.classification import Classification
from dmn_bench.testing import MetricChecks, analysis
from dmn_bench.vocabulary import Answer, Case, FindingAnswer, Judgements, Unit


def judged(calls: Sequence[tuple[str, str]]) -> Judgements:
    """Judgements of one case for each (reference, label)."""
    cases = [
        Case(case_id=f"c{i}", patient_id=f"p{i}", exam_id=f"e{i}", laterality="", files=(), strata={})
        for i in range(len(calls))
    ]
    units = [
        Unit(unit_id=case.case_id, patient_id=case.patient_id, cases=(case,), reference=reference)
        for case, (reference, _) in zip(cases, calls, strict=True)
    ]
    answers = {
        case.case_id: Answer(case_id=case.case_id, status="answered", findings={"f": FindingAnswer(label=label)})
        for case, (_, label) in zip(cases, calls, strict=True)
    }
    context = JudgingContext(analysis=analysis("wrong"), patients={case.patient_id: i for i, case in enumerate(cases)})
    return Classification(finding="f").judge(units, answers, context)


MIXED = (
    [("positive", "positive")] * 9
    + [("positive", "negative")] * 3
    + [("negative", "negative")] * 8
    + [("negative", "positive")] * 2
)


class TestBalancedAccuracy(MetricChecks):
    def metric(self) -> BalancedAccuracy:
        return BalancedAccuracy()

    def judgements(self) -> Sequence[Judgements]:
        return [judged(MIXED)]


def test_nine_of_twelve_and_eight_of_ten_make_0_775() -> None:
    metric = BalancedAccuracy()
    assert metric.value(totals(metric.columns(judged(MIXED))))[0] == pytest.approx((9 / 12 + 8 / 10) / 2)


def test_one_class_alone_has_no_balanced_accuracy() -> None:
    metric = BalancedAccuracy()
    only_diseased = judged([("positive", "positive")] * 20)
    assert np.isnan(metric.value(totals(metric.columns(only_diseased)))[0])


def test_the_hook_gives_the_metric() -> None:
    assert register_metrics() == [BalancedAccuracy]
