"""Metrics of runs: shares and averages of the figures of the task, and what every metric must hold."""

from functools import cache

import numpy as np
import pytest

from dmn_bench.metrics import runs as run_metrics
from dmn_bench.metrics.runs import (
    AverageVeCoupletSensitivity,
    SveShortRunSensitivity,
    VeCoupletPositivePredictivity,
    VeCoupletSensitivity,
    VeLongRunPositivePredictivity,
)
from dmn_bench.statistics.resampling import totals
from dmn_bench.tasks.runs import FIGURES, RunByRun
from dmn_bench.testing import MetricChecks
from dmn_bench.vocabulary import Answer, Beats

from ..tasks.factories import EVALUABLE, ITD, a_case, a_unit, by_case, context, unanswered

METRICS = [cls() for cls in run_metrics.register_metrics()]
REFERENCE = "NVVNVVVNVVVVVVVNSSNSSSNSSSSSSSN" * 2


def beats(symbols):
    return Beats(samples=np.arange(len(symbols), dtype=np.int64) * 300 + 200, symbols=tuple(symbols))


def judged(analysis=ITD, reference=REFERENCE, **said):
    """Judgements of one record for each case; None: no answer."""
    units = [a_unit(name, None, cases=(a_case(name, f"p{place}"),)) for place, name in enumerate(said)]
    answers = [
        unanswered(name) if text is None else Answer(case_id=name, status="answered", beats=beats(text))
        for name, text in said.items()
    ]
    lent = context(
        units,
        analysis,
        reference_beats=lambda _: beats(reference),
        sampling_hz=lambda _: 360.0,
        n_samples=lambda _: 100_000,
    )
    return RunByRun(learning_seconds=0).judge(units, by_case(*answers), lent)


@cache
def examples():
    rng = np.random.default_rng(6)
    said = {
        f"c{n}": "".join(rng.choice(list("NVS")) if rng.random() < 0.15 else one for one in REFERENCE)
        for n in range(18)
    }
    return [judged(analysis, **said, lost=None) for analysis in (ITD, EVALUABLE)]


class TestMetricsConform(MetricChecks):
    @pytest.fixture(autouse=True, params=METRICS, ids=lambda metric: metric.name)
    def part(self, request):
        self.given = request.param

    def metric(self):
        return self.given

    def judgements(self):
        return examples()


def value(metric, judgements):
    return float(metric.value(totals(metric.columns(judgements)))[0])


def test_every_figure_of_the_task_has_its_share_and_its_average():
    assert {metric.name for metric in METRICS} == {*FIGURES, *(f"average_{name}" for name in FIGURES)}


def test_shares_count_runs_and_averages_count_records():
    found = judged(reference="NVVNVVN", a="NVVNVVN", b="NVVNNNN", c="NNNNNNN")
    assert value(VeCoupletSensitivity(), found) == 3 / 6
    assert value(VeCoupletPositivePredictivity(), found) == 1
    assert value(AverageVeCoupletSensitivity(), found) == pytest.approx((1 + 0.5 + 0) / 3)
    assert np.isnan(value(VeLongRunPositivePredictivity(), found))


def test_a_lost_answer_never_pays():
    kept, lost = judged(a="N" * 60, b=REFERENCE), judged(a=None, b=REFERENCE)
    for metric in (VeCoupletSensitivity(), SveShortRunSensitivity(), AverageVeCoupletSensitivity()):
        assert value(metric, lost) == value(metric, kept) < 1


def test_a_file_held_against_itself_has_every_figure():
    found = judged(a=REFERENCE, b=REFERENCE)
    assert {value(metric, found) for metric in METRICS} == {1.0}
