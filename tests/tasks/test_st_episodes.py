"""ST episodes, on cases made by hand: how they are written, what finds one, the deviation at the extremum."""

import math

import numpy as np
import pytest

from dmn_bench.errors import ProtocolError
from dmn_bench.metrics.episodes import (
    DurationSensitivity,
    EpisodePositivePredictivity,
    EpisodeSensitivity,
    StDeviationAbsoluteError,
    StDeviationBias,
    StDeviationWithin100Uv,
)
from dmn_bench.statistics.resampling import totals
from dmn_bench.tasks.st_episodes import Extremum, StEpisodes, st_side
from dmn_bench.testing import MetricChecks, TaskChecks
from dmn_bench.vocabulary import Answer, Beats, Episode

from .factories import EVALUABLE, ITD, a_case, a_unit, by_case, context, unanswered

HZ = 250
TASK = StEpisodes(learning_seconds=0)
ST = ((10, "(ST0+"), (20, "AST0+200"), (30, "ST0+)"), (50, "(ST0-"), (52, "AST0-150"), (60, "ST0-)"))


def st(*marks):
    """Annotations with the symbol s from (second, note) pairs."""
    return Beats(
        samples=np.array([second * HZ for second, _ in marks], dtype=np.int64),
        symbols=("s",) * len(marks),
        notes=tuple(note for _, note in marks),
    )


def a_record(unit_id="r1", *case_ids):
    names = case_ids or (f"{unit_id}-case",)
    return a_unit(unit_id, None, cases=tuple(a_case(name, f"patient of {unit_id}") for name in names))


def lending(units, reference, analysis=ITD):
    return context(
        units, analysis, reference_beats=lambda _: reference, sampling_hz=lambda _: HZ, n_samples=lambda _: 100 * HZ
    )


def judged(*said, reference=ST, task=TASK):
    units = [a_record(f"r{place}") for place in range(len(said))]
    answers = [
        unanswered(f"r{place}-case")
        if marks is None
        else Answer(case_id=f"r{place}-case", status="answered", beats=st(*marks))
        for place, marks in enumerate(said)
    ]
    return task.judge(units, by_case(*answers), lending(units, st(*reference)))


def value(metric, judgements):
    return float(metric.value(totals(metric.columns(judgements)))[0])


def counts(judgements):
    names = ("reference_episodes", "found_episodes", "device_episodes", "true_episodes")
    return tuple(judgements.columns[name].sum() for name in names)


class TestStEpisodesConform(TaskChecks):
    def task(self):
        return TASK

    def units(self):
        return [a_record("r1", "a", "b"), *(a_record(f"r{n}") for n in range(2, 6))]

    def answer(self, case):
        spans = ((12, 20.0 + len(case.case_id)), (70, 75))
        said = tuple(Episode(start_s=start, end_s=end, label="ST") for start, end in spans)
        return Answer(case_id=case.case_id, status="answered", episodes=said)

    def context(self, analysis):
        return lending(self.units(), st(*ST), analysis)


class TestMetricsConform(MetricChecks):
    @pytest.fixture(
        autouse=True,
        params=[StDeviationBias(), StDeviationAbsoluteError(), StDeviationWithin100Uv(), EpisodeSensitivity()],
        ids=lambda metric: metric.name,
    )
    def part(self, request):
        self.given = request.param

    def metric(self):
        return self.given

    def judgements(self):
        rng = np.random.default_rng(9)
        said = [
            [(t + n % 3, f"AST0{round(float(rng.normal(100, 90))):+d}" if "A" in note else note) for t, note in ST]
            for n in range(12)
        ]
        units = [a_record(f"r{n}") for n in range(12)]
        answers = by_case(
            *(Answer(case_id=f"r{n}-case", status="answered", beats=st(*marks)) for n, marks in enumerate(said))
        )
        return [TASK.judge(units, answers, lending(units, st(*ST), analysis)) for analysis in (ITD, EVALUABLE)]


@pytest.mark.parametrize(
    ("marks", "lead", "spans", "extrema"),
    [
        (ST, None, [(10, 30), (50, 60)], [(20, 200), (52, -150)]),
        (ST, 0, [(10, 30), (50, 60)], [(20, 200), (52, -150)]),
        (ST, 1, [], []),
        ([(10, "(ST0+"), (20, "(ST1-"), (30, "ST0+)"), (40, "ST1-)")], None, [(10, 40)], []),
        ([(10, "(ST0+"), (20, "(ST1-"), (30, "ST0+)"), (40, "ST1-)")], 1, [(20, 40)], []),
        ([(10, "(ST0++"), (20, "AST0++300"), (30, "ST0++)")], 0, [(10, 30)], [(20, 300)]),
        ([(10, "(ST+"), (30, "ST+)")], 1, [(10, 30)], []),
        ([(10, "(ST0+")], None, [(10, 100)], []),
        ([(10, "ST0+)"), (20, "AST0+"), (30, "(T0+"), (40, "ST0+"), (50, "ST"), (60, "")], None, [], []),
    ],
)
def test_episodes_are_written_as_in_the_european_database(marks, lead, spans, extrema):
    found = st_side(st(*marks), lead, 100 * HZ)
    assert (found.spans / HZ).tolist() == [list(span) for span in spans]
    assert list(found.extrema) == [Extremum(second * HZ, uv) for second, uv in extrema]


def test_notes_of_other_symbols_are_passed_over():
    assert st_side(Beats(samples=np.array([5]), symbols=("+",), notes=("(ST0+",)), None, 100).spans.tolist() == []


@pytest.mark.parametrize(
    ("said", "found", "true"),
    [
        ([(10, "(ST0+"), (30, "ST0+)")], 1, 1),
        ([(20, "(ST0+"), (30, "ST0+)")], 1, 1),  # half of it
        ([(21, "(ST0+"), (30, "ST0+)")], 0, 1),  # less, and not the extremum: but all of it is within the reference
        ([(19, "(ST0+"), (21, "ST0+)")], 1, 1),  # the extremum
        ([(20, "(ST0+"), (48, "ST0+)")], 1, 0),  # a third of it, and no extremum of its own
        ([(20, "(ST0+"), (25, "AST0+120"), (48, "ST0+)")], 1, 1),
        ([(31, "(ST0+"), (40, "ST0+)")], 0, 0),
        ([], 0, 0),
    ],
)
def test_half_of_an_episode_or_its_extremum_finds_it(said, found, true):
    columns = judged(said, reference=ST[:3])
    assert counts(columns) == (1, found, len(said) > 0, true)


def test_deviations_are_compared_at_the_extrema_of_found_episodes():
    close = [(12, "(ST0+"), (20, "AST0+150"), (22, "AST0+260"), (30, "ST0+)")]
    far = [*ST[3:4], (55, "AST0-40"), ST[5]]
    found = judged(close + far, None)
    assert counts(found) == (4, 2, 2, 2)
    assert value(StDeviationBias(), found) == (60 + 110) / 2
    assert value(StDeviationAbsoluteError(), found) == 85
    assert value(StDeviationWithin100Uv(), found) == 0.5
    assert found.unit == "uV"


def test_exactly_100_uv_off_is_within():
    assert value(StDeviationWithin100Uv(), judged([*ST[:1], (20, "AST0+100"), ST[2]])) == 1
    assert value(StDeviationWithin100Uv(), judged([*ST[:1], (20, "AST0+99"), ST[2]])) == 0


def test_episodes_without_annotations_have_no_deviation():
    units = [a_record()]
    said = tuple(
        Episode(start_s=start, end_s=end, label=label) for start, end, label in ((9, 31, "ST"), (50, 61, "ST0"))
    )
    found = TASK.judge(
        units, by_case(Answer(case_id="r1-case", status="answered", episodes=said)), lending(units, st(*ST))
    )
    assert counts(found) == (2, 2, 2, 2)
    assert value(DurationSensitivity(), found) == 1
    assert math.isnan(value(StDeviationBias(), found))
    other = StEpisodes(lead=1, learning_seconds=0)
    found = other.judge(
        units, by_case(Answer(case_id="r1-case", status="answered", episodes=said)), lending(units, st(*ST))
    )
    assert counts(found) == (0, 0, 1, 0)  # ST without a number is of every signal, ST0 of signal 0


def test_a_reference_against_itself_is_right_throughout():
    found = judged(ST)
    for metric in (
        EpisodeSensitivity(),
        EpisodePositivePredictivity(),
        DurationSensitivity(),
        StDeviationWithin100Uv(),
    ):
        assert value(metric, found) == 1
    assert value(StDeviationBias(), found) == 0


def test_a_signal_before_the_first_is_refused():
    with pytest.raises(ProtocolError, match="option_negative"):
        StEpisodes(lead=-1)
