"""Figures at a level of lesions: a false mark is of no lesion, and patients are those who have one of the level."""

import pytest

from dmn_bench.harness.estimating import Group, Judged, PlannedMetric, estimate_rows
from dmn_bench.metrics.detection import (
    AfrocArea,
    FalsePositivesPerImage,
    FalsePositivesPerNormalImage,
    LesionSensitivity,
)
from dmn_bench.protocol import Statistics
from dmn_bench.strata import split
from dmn_bench.tasks.detection import Detection
from dmn_bench.tasks.hit_rules import HitRule

from ..tasks.factories import FINDING, ITD, a_box, a_lesion, a_unit, by_case, context, marked

N = 12
METRICS = [
    LesionSensitivity(),
    LesionSensitivity(at_false_positives_per_image=1.0),
    AfrocArea(),
    FalsePositivesPerImage(),
    FalsePositivesPerNormalImage(),
]


@pytest.fixture(scope="module")
def rows():
    """Twelve units with a small lesion, twelve with a large one, a false mark each and on all but one normal unit."""
    units, answers = [], []
    for size in ("small", "large"):
        for i in range(N):
            name = f"{size}{i}"
            lesion = a_lesion(f"l-{name}", strata={"size": size})
            units.append(a_unit(name, "positive", lesions={f"{name}-case": (lesion,)}))
            answers.append(marked(f"{name}-case", a_box(score=0.9), a_box(x=200, score=0.2 + i / 100)))
    for i in range(N):
        units.append(a_unit(f"n{i}", "negative"))
        answers.append(marked(f"n{i}-case", *[a_box(x=100, score=0.3 + i / 100)][: i > 0]))
    task = Detection(finding=FINDING, hit_rule=HitRule(iou_at_least=0.5))
    judgements = task.judge(units, by_case(*answers), context(units, ITD))
    groups = [Group(stratum=cut.stratum, rows=cut.rows) for cut in split(judgements, units, ["size"])]
    judged = Judged(candidate="a", endpoint="lesion", analysis=ITD, judgements=judgements, groups=groups)
    planned = [PlannedMetric(metric=metric, parameters={}) for metric in METRICS]
    found = estimate_rows(judged, planned, Statistics(resamples=200))
    return {(row.metric, i // 3 == 1, (row.stratum or {}).get("size")): row for i, row in enumerate(found)}


@pytest.mark.parametrize("metric", ["false_positives_per_image", "false_positives_per_normal_image"])
def test_a_false_mark_is_of_no_lesion(rows, metric):
    assert rows[metric, False, None].value == pytest.approx(11 / 12 if metric.endswith("normal_image") else 35 / 36)
    for size in ("small", "large"):
        row = rows[metric, False, size]
        assert (row.value, row.not_estimable, row.n_patients) == (None, "of_no_lesion", 0)


@pytest.mark.parametrize(
    ("metric", "at_rate"), [("lesion_sensitivity", False), ("lesion_sensitivity", True), ("afroc", False)]
)
def test_every_figure_of_a_level_counts_the_patients_who_have_such_a_lesion(rows, metric, at_rate):
    for size in ("small", "large"):
        row = rows[metric, at_rate, size]
        assert (row.n_units, row.n_patients, row.n_positive, row.n_negative) == (N, N, N, 0)
        assert row.not_estimable != "of_no_lesion"


def test_the_whole_set_counts_every_image_at_a_rate(rows):
    assert rows["lesion_sensitivity", True, None].n_units == 3 * N
