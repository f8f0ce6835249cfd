"""Judgements for the tests of metrics: one mixed example for each task."""

from functools import cache

import numpy as np

from dmn_bench.metrics.availability import every_unit
from dmn_bench.tasks.beats import BeatByBeat
from dmn_bench.tasks.classification import Classification
from dmn_bench.tasks.detection import Detection
from dmn_bench.tasks.grading import Grading
from dmn_bench.tasks.hit_rules import HitRule
from dmn_bench.tasks.measurement import MeasuredQuantity
from dmn_bench.tasks.segmentation import Segmentation
from dmn_bench.vocabulary import Answer, Beats, Mask, Measurement, RegionPair

from ..tasks.factories import (
    EVALUABLE,
    FINDING,
    ITD,
    a_box,
    a_case,
    a_lesion,
    a_unit,
    by_case,
    context,
    graded,
    marked,
    scored,
    treating,
    unanswered,
)

ANALYSES = (ITD, EVALUABLE, treating("positive"))


def counted(analysis=ITD, **numbers):
    """A two-by-three table as judgements: tp, fn, lost_positive, tn, fp, lost_negative; scores 0.9 and 0.1."""
    kinds = {
        "tp": ("positive", "positive"),
        "fn": ("positive", "negative"),
        "lost_positive": ("positive", None),
        "tn": ("negative", "negative"),
        "fp": ("negative", "positive"),
        "lost_negative": ("negative", None),
    }
    units, answers = [], []
    for kind, number in numbers.items():
        reference, label = kinds[kind]
        for n in range(number):
            units.append(a_unit(f"{kind}{n}", reference))
            case_id = units[-1].cases[0].case_id
            score = {"positive": 0.9, "negative": 0.1}.get(label)
            answers.append(unanswered(case_id) if label is None else scored(case_id, score, label))
    return Classification(finding=FINDING).judge(units, by_case(*answers), context(units, analysis))


@cache
def classified():
    """Forty units of thirty patients, some unanswered, under each analysis."""
    rng = np.random.default_rng(1)
    units = [a_unit(f"u{n}", "positive" if n % 3 else "negative", patient_id=f"p{n % 30}") for n in range(40)]
    answers = [
        unanswered(u.cases[0].case_id, "abstained")
        if n % 11 == 5
        else scored(u.cases[0].case_id, round(float(rng.normal(0.7 if n % 3 else 0.4, 0.25)), 2))
        for n, u in enumerate(units)
    ]
    judge = Classification(finding=FINDING).judge
    return [judge(units, by_case(*answers), context(units, a, score_at_least=0.5)) for a in ANALYSES]


@cache
def grades():
    """Forty units with grades from 0 to 4, some unanswered, under each analysis."""
    rng = np.random.default_rng(2)
    units = [a_unit(f"u{n}", str(n % 5), patient_id=f"p{n % 20}") for n in range(40)]
    answers = [
        unanswered(u.cases[0].case_id, "abstained")
        if n % 13 == 4
        else graded(u.cases[0].case_id, int(np.clip(n % 5 + rng.integers(-1, 2), 0, 4)))
        for n, u in enumerate(units)
    ]
    judge = Grading(finding=FINDING, scale="icdr", positive_when=">= 2").judge
    return [judge(units, by_case(*answers), context(units, analysis)) for analysis in ANALYSES]


@cache
def measured():
    """Forty units of thirty patients with a measured value, some unanswered, under each analysis."""
    rng = np.random.default_rng(4)
    units = [a_unit(f"u{n}", f"{400 + n}", patient_id=f"p{n % 30}") for n in range(40)]
    answers = [
        unanswered(u.cases[0].case_id, "abstained")
        if n % 9 == 4
        else Answer(
            case_id=u.cases[0].case_id,
            status="answered",
            measurements={"qt": Measurement(value=float(400 + n + rng.normal(3, 15)), unit="ms")},
        )
        for n, u in enumerate(units)
    ]
    task = MeasuredQuantity(finding="qt", unit_of_values="ms", tolerance=15, critical=30)
    return [task.judge(units, by_case(*answers), context(units, analysis)) for analysis in ANALYSES]


@cache
def detected():
    """Twenty-four units, half with one or two lesions, marked well or badly, some unanswered."""
    rng = np.random.default_rng(3)
    units, answers = [], []
    for n in range(24):
        case = a_case(f"c{n}", f"p{n % 20}")
        lesions = tuple(a_lesion(f"l{n}-{k}", x=40.0 * k, weight=1.0 + k) for k in range(n % 3))
        units.append(a_unit(f"u{n}", "positive" if lesions else "negative", cases=(case,), lesions={f"c{n}": lesions}))
        hits = [a_box(x=lesion.x + rng.integers(0, 6), score=round(float(rng.random()), 1)) for lesion in lesions]
        alarms = [a_box(x=200.0 + 20 * k, score=round(float(rng.random()), 1)) for k in range(int(rng.integers(0, 3)))]
        answers.append(unanswered(f"c{n}") if n % 10 == 7 else marked(f"c{n}", *hits, *alarms))
    judge = Detection(finding=FINDING, hit_rule=HitRule(iou_at_least=0.3)).judge
    return [judge(units, by_case(*answers), context(units, a, score_at_least=0.3)) for a in (ITD, EVALUABLE)]


@cache
def beaten():
    """Twenty records of eighteen patients, one unanswered."""
    rng = np.random.default_rng(4)
    units = [a_unit(f"r{n}", None, cases=(a_case(f"c{n}", f"p{n % 18}"),)) for n in range(20)]
    symbols = tuple("NNNVNSNNFQNNVNSNNNNN")
    reference = Beats(samples=np.arange(20, dtype=np.int64) * 300 + 200, symbols=symbols)
    answers = []
    for n in range(20):
        samples = np.sort(reference.samples + rng.integers(-60, 60, 20))
        said = tuple(rng.choice(list("NVS"), p=[0.7, 0.2, 0.1]) if rng.random() < 0.3 else s for s in symbols)
        beats = Beats(samples=samples, symbols=said)
        answers.append(unanswered(f"c{n}") if n == 7 else Answer(case_id=f"c{n}", status="answered", beats=beats))
    loaders = {"reference_beats": lambda _: reference, "sampling_hz": lambda _: 360.0, "n_samples": lambda _: 7000}
    judge = BeatByBeat(learning_seconds=0).judge
    return [judge(units, by_case(*answers), context(units, analysis, **loaders)) for analysis in (ITD, EVALUABLE)]


@cache
def segmented():
    """Forty cases of thirty patients with one structure, drawn too far to the right, some unanswered."""
    rng = np.random.default_rng(6)
    task = Segmentation(tolerance_mm=1.0)
    units = [a_unit(f"u{n}", None, patient_id=f"p{n % 30}") for n in range(40)]
    said = (Mask(structure="heart", rows=1, columns=1, runs=(0, 1)),)
    compared, answers = {}, []
    for n, unit in enumerate(units):
        case_id = unit.cases[0].case_id
        reference, answered = np.zeros((2, 3, 10, 24), dtype=bool)
        reference[1, 2:8, 2:10] = True
        answered[1, 2:8, 2 + int(rng.integers(0, 5)) : 11 + n % 4] = True
        is_silent = n % 13 == 4
        pair = RegionPair(
            structure="heart",
            reference=reference,
            answered=None if is_silent else answered,
            spacing_mm=(2.0, 1.0, 0.7),
        )
        compared[case_id] = {"heart": task.compare(pair)}
        drawn = Answer(case_id=case_id, status="answered", masks=said)
        answers.append(unanswered(case_id, "abstained") if is_silent else drawn)
    around = {"compared": lambda case: compared[case.case_id]}
    return [task.judge(units, by_case(*answers), context(units, analysis, **around)) for analysis in ANALYSES]


@cache
def sent():
    """Every unit of the first classification, whatever became of it."""
    return [every_unit(judgements) for judgements in classified()]
