"""Counted as wrong, a lost answer never pays: tried on random exams of several views, some of them unanswered."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dmn_bench.metrics.agreement import QuadraticKappa
from dmn_bench.metrics.average_precision import AveragePrecision
from dmn_bench.metrics.challenges import (
    Cinc2017F1,
    Cinc2020FBeta,
    Cinc2020GBeta,
    Cinc2020Score,
    Cinc2021Score,
    Cpsc2018F1,
    challenge_weights,
)
from dmn_bench.metrics.classification import Accuracy, Sensitivity, Specificity
from dmn_bench.metrics.detection import (
    AfrocArea,
    FalsePositivesPerImage,
    FalsePositivesPerNormalImage,
    LesionSensitivity,
    Luna16Mean,
    WeightedAfrocArea,
)
from dmn_bench.metrics.ranking import RocArea
from dmn_bench.metrics.segmentation import (
    AcceptableShare,
    AverageSurfaceDistance,
    Dice,
    HausdorffDistance95,
    IntersectionOverUnion,
    SurfaceDice,
    VolumeError,
)
from dmn_bench.metrics.statements import (
    ExactMatch,
    MacroF1,
    MacroRocArea,
    MacroSensitivity,
    MacroSpecificity,
    MicroF1,
    MicroPositivePredictiveValue,
    MicroSensitivity,
    MicroSpecificity,
)
from dmn_bench.statistics.resampling import totals
from dmn_bench.tasks.classification import Classification
from dmn_bench.tasks.detection import FALSE_POSITIVE, SECOND_HIT, Detection
from dmn_bench.tasks.grading import Grading
from dmn_bench.tasks.hit_rules import HitRule
from dmn_bench.tasks.segmentation import Segmentation
from dmn_bench.tasks.statements import Statements

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
from ..tasks.test_segmentation import a_pair, drawn
from ..tasks.test_segmentation import judged as segmented
from ..tasks.test_statements import said as stated
from ..tasks.test_statements import stating

SLACK = 1e-12
LOST = ("failed", "abstained", "rejected_input", "indeterminate", "no output")
GRADING = Grading(finding=FINDING, scale="icdr", positive_when=">= 2")
CHARGED = (ITD, treating("wrong"))


def value(metric, judgements):
    return float(metric.value(totals(metric.columns(judgements)))[0])


def without(answers, case_id, how):
    """The same answers, one of them lost."""
    lost = {} if how == "no output" else {case_id: unanswered(case_id, how)}
    return {**{name: answer for name, answer in answers.items() if name != case_id}, **lost}


def exams(references, say):
    """(units, answers, the answered cases): exams of one to three views, ``say`` what may be said of a view."""

    def build(drawn):
        units, answers = [], {}
        for n, (reference, views) in enumerate(drawn):
            names = [f"e{n}v{v}" for v in range(len(views))]
            units.append(a_unit(f"e{n}", reference, cases=tuple(a_case(name, f"p{n}") for name in names)))
            answers |= {name: make(name) for name, make in zip(names, views, strict=True)}
        return units, answers, sorted(name for name, answer in answers.items() if answer.status == "answered")

    return st.lists(st.tuples(references, st.lists(say, min_size=1, max_size=3)), min_size=2, max_size=8).map(build)


silent = st.sampled_from(["failed", "abstained", "not_sent", "indeterminate"]).map(
    lambda status: lambda name: unanswered(name, status)
)
scores = st.sampled_from([0.1, 0.35, 0.45, 0.6, 0.8, 0.9])
spoken = scores.map(lambda score: lambda name: scored(name, score))
labelled = st.sampled_from(["positive", "negative"]).map(lambda label: lambda name: scored(name, None, label))
doubted = scores.map(lambda score: lambda name: scored(name, score, "indeterminate"))
graded_views = st.tuples(st.integers(0, 4), st.sampled_from(["answered"] * 5 + ["indeterminate"])).map(
    lambda said: lambda name: graded(name, said[0], status=said[1])
)


@settings(max_examples=300)
@given(
    exams(st.sampled_from(["positive", "negative"]), st.one_of(spoken, spoken, silent, labelled, doubted)),
    st.sampled_from(CHARGED),
    st.sampled_from(LOST),
    st.data(),
)
def test_a_lost_view_never_raises_the_area_or_a_share_of_right_calls(exams, analysis, how, data):
    units, answers, answered = exams
    assume(answered)
    lost = without(answers, data.draw(st.sampled_from(answered)), how)
    task = Classification(finding=FINDING)
    before, after = (
        task.judge(units, said, context(units, analysis, score_at_least=0.5, doubt_from=0.3))
        for said in (answers, lost)
    )
    for metric in (RocArea(), Sensitivity(), Specificity(), Accuracy()):
        pair = value(metric, before), value(metric, after)
        assert math.isnan(pair[0]) or math.isnan(pair[1]) or pair[1] <= pair[0] + SLACK


@settings(max_examples=300)
@given(
    exams(st.sampled_from("01234"), st.one_of(graded_views, graded_views, silent)),
    st.sampled_from(CHARGED),
    st.sampled_from(LOST),
    st.data(),
)
def test_a_lost_view_never_brings_a_grade_nearer_nor_mends_a_referable_call(exams, analysis, how, data):
    units, answers, answered = exams
    assume(answered)
    lost = without(answers, data.draw(st.sampled_from(answered)), how)
    before, after = (GRADING.judge(units, said, context(units, analysis)) for said in (answers, lost))
    apart = [dict(zip(j.row_units.tolist(), distances(j), strict=True)) for j in (before, after)]
    assert all(apart[1][unit] >= distance for unit, distance in apart[0].items())
    for metric in (RocArea(), Sensitivity(), Specificity()):
        pair = value(metric, before), value(metric, after)
        assert math.isnan(pair[0]) or math.isnan(pair[1]) or pair[1] <= pair[0] + SLACK


def distances(judgements):
    return np.abs(judgements.columns["answer_grade"] - judgements.columns["reference_grade"]).tolist()


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(1, 3), st.floats(-1, 1)), min_size=6, max_size=20),
    st.data(),
)
def test_a_lost_view_never_raises_a_kappa_of_a_half_or_more(drawn, data):
    units, answers = [], {}
    for n, (reference, views, error) in enumerate(drawn):
        names = [f"e{n}v{v}" for v in range(views)]
        units.append(a_unit(f"e{n}", str(reference), cases=tuple(a_case(name, f"p{n}") for name in names)))
        grade = min(max(round(reference + 1.4 * error), 0), 4)
        answers |= {name: graded(name, max(grade - v, 0)) for v, name in enumerate(names)}
    for name in data.draw(st.lists(st.sampled_from(sorted(answers)), max_size=2, unique=True)):
        answers = without(answers, name, "failed")
    answered = sorted(name for name, answer in answers.items() if answer.status == "answered")
    lost = without(answers, data.draw(st.sampled_from(answered)), data.draw(st.sampled_from(LOST)))
    before, after = (value(QuadraticKappa(), GRADING.judge(units, said, context(units))) for said in (answers, lost))
    assume(before >= 0.5)
    assert after <= before + SLACK


@pytest.mark.parametrize(("reference", "seen", "counted"), [("2", 2, 0), ("3", 3, 0), ("4", 2, 0), ("0", 2, 4)])
def test_a_referable_exam_with_a_lost_view_has_the_farthest_grade_and_is_still_called(reference, seen, counted):
    units = [a_unit("u", reference, cases=(a_case("a", "p"), a_case("b", "p")))]
    said = by_case(graded("a", seen), unanswered("b"))
    found = GRADING.judge(units, said, context(units))
    assert found.columns["answer_grade"].tolist() == [counted]
    assert (found.columns["own_grade"].tolist(), found.columns["call"].tolist()) == ([seen], [1])
    assert GRADING.tables(found)[0].counts[int(reference)][seen] == 1
    assert [error.answer for error in GRADING.errors(found)] == ([str(seen)] if int(reference) != seen else [])
    apart = GRADING.judge(units, said, context(units, EVALUABLE))
    assert apart.columns["answer_grade"].tolist() == [seen]


@pytest.mark.parametrize(("others", "counted"), [("00", 0), ("44", 4)])
def test_of_two_grades_equally_far_the_one_beyond_the_mean_reference_counts(others, counted):
    """That one adds least to the disagreement of chance: the other could raise kappa where most are of high grade."""
    units = [a_unit(f"u{n}", reference) for n, reference in enumerate(["2", *others])]
    answers = by_case(unanswered("u0-case"), *(graded(f"u{n}-case", int(r)) for n, r in enumerate(others, 1)))
    assert GRADING.judge(units, answers, context(units)).columns["answer_grade"][0] == counted


# ------------------------------------------------------------------------------------------------------- marks

TASK = Detection(finding=FINDING, hit_rule=HitRule(iou_at_least=0.5), no_marks="failed")
OF_VIEWS = Detection(finding=FINDING, hit_rule=HitRule(iou_at_least=0.5), lesions="by_id", matching="optimal")


states = st.sampled_from([None, None, None, "failed", "abstained"])


@st.composite
def marked_units(draw):
    """(units, answers): units of one or two cases of one to three images, lesions on the first image of a case."""
    units, answers = [], {}
    for n in range(draw(st.integers(2, 6))):
        cases, lesions = [], {}
        diseased = draw(st.booleans())
        for v in range(draw(st.integers(1, 2))):
            files = tuple(f"{v}{image}.dcm" for image in range(draw(st.integers(1, 3))))
            case = a_case(f"u{n}v{v}", f"p{n}", files=files)
            cases.append(case)
            if diseased:
                places = range(draw(st.integers(0, 2)))
                lesions[case.case_id] = tuple(a_lesion(f"l{x}", x=50.0 * x, image=files[0]) for x in places)
            status = draw(states)
            found = draw(st.lists(st.tuples(st.integers(0, 3), scores), max_size=4))
            boxes = (a_box(x=50.0 * x, score=score, image=files[0]) for x, score in found)
            answers[case.case_id] = unanswered(case.case_id, status) if status else marked(case.case_id, *boxes)
        units.append(a_unit(f"u{n}", "positive" if diseased else "negative", cases=tuple(cases), lesions=lesions))
    return units, answers


def judged(units, answers, analysis=ITD, task=TASK):
    return task.judge(units, answers, context(units, analysis, score_at_least=0.5))


def at(rate, interpolation="step"):
    return LesionSensitivity(at_false_positives_per_image=rate, interpolation=interpolation)


@settings(max_examples=300)
@given(marked_units(), st.sampled_from([0.125, 0.25, 0.5, 0.9, 1.0, 2.0, 4.0]), st.sampled_from(["step", "linear"]))
def test_lesions_found_at_a_rate_are_never_more_than_among_the_answered(drawn, rate, interpolation):
    units, answers = drawn
    charged, answered = (
        value(at(rate, interpolation), judged(units, answers, analysis)) for analysis in (ITD, EVALUABLE)
    )
    assert math.isnan(answered) or charged <= answered + SLACK


@settings(max_examples=300)
@given(marked_units(), st.data(), st.sampled_from([TASK, OF_VIEWS]))
def test_a_lost_answer_never_pays_where_another_image_has_as_many_false_positives(drawn, data, task):
    units, answers = drawn
    answered = sorted(name for name, answer in answers.items() if answer.status == "answered")
    assume(answered)
    name = data.draw(st.sampled_from(answered))
    before, after = (judged(units, said, task=task) for said in (answers, without(answers, name, "failed")))
    areas = (AfrocArea(), WeightedAfrocArea(), AfrocArea(all_units=True), WeightedAfrocArea(all_units=True))
    alone = {other: of_case(units, answers, other, task) for other in answered}
    lost = alarms(alone.pop(name))
    is_charged = all(
        k == 0 or score <= max((at_place(other, k) for other in alone.values()), default=-math.inf) for k, score in lost
    )
    others = (AveragePrecision(), AveragePrecision(interpolation="all_points"))
    at_rates = (at(0.25), at(0.5, "linear"), at(2.0), at(4.0), Luna16Mean())
    has_second = (of_case(units, answers, name, task).columns["kind"] == SECOND_HIT).any()
    shares = (*(at_rates if is_charged else ()), *(others if is_charged and not has_second else ()))
    for metric in (*areas, LesionSensitivity(), *shares):
        pair = value(metric, before), value(metric, after)
        assert math.isnan(pair[0]) or math.isnan(pair[1]) or pair[1] <= pair[0] + SLACK
    for metric in (FalsePositivesPerImage(), FalsePositivesPerNormalImage()) if is_charged else ():
        pair = value(metric, before), value(metric, after)
        assert math.isnan(pair[0]) or pair[1] >= pair[0] - SLACK


def of_case(units, answers, name, task):
    """The judgements of one case alone."""
    [(unit, case)] = [(unit, case) for unit in units for case in unit.cases if case.case_id == name]
    units = [a_unit("alone", unit.reference, cases=(case,), lesions=unit.lesions)]
    return judged(units, {name: answers[name]}, task=task)


def alarms(judgements):
    """(k, score of the k-th) false positive of a case, all of one image."""
    columns = judgements.columns
    return list(enumerate(sorted(columns["score"][columns["kind"] == FALSE_POSITIVE].tolist(), reverse=True)))


def at_place(judgements, k):
    return dict(alarms(judgements)).get(k, -math.inf)


@settings(max_examples=200)
@given(marked_units())
def test_false_positives_are_never_fewer_than_among_the_answered(drawn):
    units, answers = drawn
    for metric in (FalsePositivesPerImage(), FalsePositivesPerNormalImage()):
        charged, answered = (value(metric, judged(units, answers, analysis)) for analysis in (ITD, EVALUABLE))
        assert math.isnan(answered) or charged >= answered - SLACK


def test_silence_on_images_full_of_false_positives_costs_what_they_do():
    units = [a_unit(f"d{n}", "positive", lesions={f"d{n}-case": (a_lesion(),)}) for n in range(4)]
    units += [a_unit(f"n{n}", "negative") for n in range(4)]
    flood = [a_box(x=50.0 * k, score=0.6 + k / 100) for k in range(1, 6)]
    hits = {unit.unit_id: [a_box(score=0.5)] if unit.lesions else [] for unit in units}
    answers = by_case(*(marked(f"{name}-case", *hit, *flood) for name, hit in hits.items()))
    silent = by_case(*(answer for name, answer in answers.items() if name.startswith("d")))
    before, after = (judged(units, said) for said in (answers, silent))
    for metric in (FalsePositivesPerImage(), FalsePositivesPerNormalImage()):
        assert value(metric, after) >= 5.0
    for metric in (at(4.0), at(5.5), Luna16Mean(), AveragePrecision()):
        assert value(metric, after) <= value(metric, before)
    assert TASK.tables(after)[0].counts[TASK.tables(after)[0].rows.index("silent_image")] == (4.0, 0.0)


# -------------------------------------------------------------------------------------------------------- statements

FEW = ("atrial_fibrillation", "atrial_flutter", "sinus_rhythm", "premature_ventricular_complex")
WEIGHTED = tuple(dict.fromkeys((*FEW, *challenge_weights("cinc2020_weights.csv").names)))
EVERY_CALL = (
    *(Cinc2021Score(), Cinc2020Score(), Cinc2020FBeta(), Cinc2020GBeta()),
    *(MicroSensitivity(), MicroSpecificity(), MicroPositivePredictiveValue(), MicroF1(), ExactMatch()),
    *(MacroSensitivity(), MacroSpecificity(), MacroF1(), MacroRocArea()),
)  # not the average precision: at its lowest rank the precision is the share of diseased ones, whoever is there


def records(names, most_true):
    """Records of (true statements, score of each): what scores 0.5 or more is called."""
    true = st.lists(st.sampled_from(names), min_size=1, max_size=most_true, unique=True)
    return st.lists(st.tuples(true, st.lists(scores, min_size=len(names), max_size=len(names))), min_size=2, max_size=7)


def statements_judged(drawn, names, judged_names, lost):
    """The judgements of records; ``lost``: (record, statement or None for the whole of it) that is not answered."""
    units, answers, truth = [], [], {}
    for n, (true, values) in enumerate(drawn):
        units.append(a_unit(f"r{n}", None, cases=(a_case(f"r{n}"),)))
        truth[f"r{n}"] = {name: "positive" if name in true else "negative" for name in judged_names}
        given = dict.fromkeys(judged_names, 0.0) | dict(zip(names, values, strict=True))
        words = {name: (score, "positive" if score >= 0.5 else "negative") for name, score in given.items()}
        if (n, None) in lost:
            answers.append(unanswered(f"r{n}"))
        else:
            answers.append(stated(f"r{n}", **{name: one for name, one in words.items() if (n, name) not in lost}))
    given = dataclasses.replace(context(units, ITD), references=stating(truth))
    return Statements(statements=judged_names).judge(units, by_case(*answers), given)


@settings(max_examples=120, deadline=None)
@given(records(FEW, 3), st.data())
def test_a_lost_record_or_statement_never_raises_a_figure_of_statements(drawn, data):
    losses = st.tuples(st.integers(0, len(drawn) - 1), st.sampled_from([None, *FEW]))
    already = set(data.draw(st.lists(losses, max_size=2)))
    before = statements_judged(drawn, FEW, WEIGHTED, already)
    after = statements_judged(drawn, FEW, WEIGHTED, {*already, data.draw(losses)})
    for metric in EVERY_CALL:
        pair = value(metric, before), value(metric, after)
        assert math.isnan(pair[0]) or math.isnan(pair[1]) or pair[1] <= pair[0] + SLACK, metric.name


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([Cinc2017F1(), Cinc2017F1(mean_of="four"), Cpsc2018F1(), Cpsc2018F1(part="block")]),
    st.data(),
)
def test_a_lost_record_or_class_never_raises_a_score_of_one_label(metric, data):
    names = metric.classes
    drawn = data.draw(records(names, 3 if len(names) > 4 else 1))
    losses = st.tuples(st.integers(0, len(drawn) - 1), st.sampled_from([None, *names]))
    already = set(data.draw(st.lists(losses, max_size=2)))
    before = value(metric, statements_judged(drawn, names, names, already))
    after = value(metric, statements_judged(drawn, names, names, {*already, data.draw(losses)}))
    assert math.isnan(before) or after <= before + SLACK


# ------------------------------------------------------------------------------------------------------- regions

SUMMARIES = ("median", "lower_quartile", "upper_quartile", "worst_decile", "mean")
OF_REGIONS = [
    *(metric(summary=summary) for metric in (Dice, IntersectionOverUnion, SurfaceDice) for summary in SUMMARIES),
    *(
        metric(summary=summary)
        for metric in (HausdorffDistance95, AverageSurfaceDistance, VolumeError)
        for summary in SUMMARIES
    ),
    HausdorffDistance95(definition="voxels"),
    AcceptableShare(measure="dice", limit=0.7),
    AcceptableShare(measure="nsd", limit=0.7),
    AcceptableShare(measure="hd95", limit=1.0),
]
regions = st.lists(st.booleans(), min_size=6, max_size=6).map(lambda inside: np.array(inside).reshape(1, 2, 3))


@settings(max_examples=200)
@given(
    st.lists(st.tuples(regions, st.one_of(regions, regions, st.none())), min_size=2, max_size=7),
    st.sampled_from(["1", "left_out"]),
    st.sampled_from(LOST),
    st.data(),
)
def test_a_lost_region_never_betters_a_figure_of_regions(drawn_regions, both_empty, how, data):
    task = Segmentation(tolerance_mm=1.0, both_empty=both_empty)
    pairs = {f"u{n}-case": [a_pair(*both, spacing=(1.0, 1.0, 1.0))] for n, both in enumerate(drawn_regions)}
    answers = by_case(*(drawn(name) for name in pairs))
    lost = without(answers, data.draw(st.sampled_from(sorted(pairs))), how)
    before, after = (segmented(task, pairs, answers=said)[0] for said in (answers, lost))
    for metric in OF_REGIONS:
        sign = 1 if metric.better == "higher" else -1
        pair = value(metric, before), value(metric, after)
        if both_empty == "left_out" and math.isnan(pair[0]):
            continue  # nothing was counted before
        best = math.inf if sign < 0 else -math.inf  # an infinite figure is no number: as bad as can be
        first, second = (best if math.isnan(each) else each for each in pair)
        assert sign * second <= sign * first + SLACK, metric
