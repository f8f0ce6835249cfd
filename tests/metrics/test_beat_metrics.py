"""Beat statistics, gross and average: by hand, against what sumstats and bxb printed, what every metric must hold."""

import re
from functools import cache

import numpy as np
import pytest

from dmn_bench.inputs.wfdb_record import read_annotations as read_file
from dmn_bench.metrics.beat_averages import (
    AverageQrsPositivePredictivity,
    AverageQrsSensitivity,
    AverageRrIntervalError,
    AverageSvebPositivePredictivity,
    AverageSvebSensitivity,
    AverageVebFalsePositiveRate,
    AverageVebPositivePredictivity,
    AverageVebSensitivity,
)
from dmn_bench.metrics.beat_rates import (
    HeartRateError,
    RrIntervalError,
    SvebFalsePositivesPerHour,
    VebFalsePositivesPerHour,
)
from dmn_bench.metrics.beats import (
    BeatsMissedInShutdown,
    QrsPositivePredictivity,
    QrsSensitivity,
    SvebFalsePositiveRate,
    SvebPositivePredictivity,
    SvebSensitivity,
    TimeNotAnalysed,
    VebFalsePositiveRate,
    VebPositivePredictivity,
    VebSensitivity,
)
from dmn_bench.statistics.resampling import resample, totals
from dmn_bench.tasks.beats import BeatByBeat
from dmn_bench.testing import MetricChecks
from dmn_bench.vocabulary import Answer, Beats

from ..shared_data import shared_data
from ..tasks.factories import EVALUABLE, ITD, a_case, a_unit, by_case, context, unanswered

IN_ORDER = (
    QrsSensitivity(),
    QrsPositivePredictivity(),
    VebSensitivity(),
    VebPositivePredictivity(),
    SvebSensitivity(),
    SvebPositivePredictivity(),
)
HZ, N_SAMPLES = 360.0, 650_000


read_annotations = cache(read_file)


def value(metric, judgements):
    return float(metric.value(totals(metric.columns(judgements)))[0])


def judge(annotator, *, lost=(), analysis=None, learning_seconds=300):
    folder = shared_data("ecg/oracle/wfdb")
    records = shared_data("ecg/mitdb")
    answers = records if annotator == "atr" else folder / "annotators"
    names = [path.stem for path in sorted((folder / annotator / "bxb_S").glob("*.txt"))]
    units = [a_unit(name, None, cases=(a_case(name),)) for name in names]
    lent = context(
        units,
        **({} if analysis is None else {"analysis": analysis}),
        reference_beats=lambda case: read_annotations(records / case.case_id, "atr"),
        sampling_hz=lambda _: HZ,
        n_samples=lambda _: N_SAMPLES,
    )
    said = by_case(
        *(
            unanswered(name)
            if name in lost
            else Answer(case_id=name, status="answered", beats=read_annotations(answers / name, annotator))
            for name in names
        )
    )
    return BeatByBeat(learning_seconds=learning_seconds).judge(units, said, lent)


PRINTED_AS = (
    "QRS sensitivity",
    "QRS positive predictivity",
    "VEB sensitivity",
    "VEB positive predictivity",
    "SVEB sensitivity",
    "SVEB positive predictivity",
)


@pytest.mark.parametrize("annotator", ["gqr", "lda", "ldb", "prt", "edg"])
def test_the_fractions_of_every_record_are_those_that_bxb_printed(annotator):
    folder = shared_data(f"ecg/oracle/wfdb/{annotator}/bxb_S")
    found = judge(annotator)
    sums = [metric.columns(found).sums for metric in IN_ORDER]
    for row, name in enumerate(found.row_strata["case_id"]):
        text = (folder / f"{name}.txt").read_text()
        printed = [re.search(rf"^ *{label}:.*\((\d+)/(\d+)\)$", text, re.MULTILINE).groups() for label in PRINTED_AS]
        ours = [(f"{one['numerator'][row]:.0f}", f"{one['denominator'][row]:.0f}") for one in sums]
        assert (name, ours) == (name, printed)


@pytest.mark.parametrize("annotator", ["prt", "lda"])
def test_gross_statistics_are_those_of_sumstats(annotator):
    """All but the last: sumstats leaves fusion beats called S out of the false ones there, bxb counts them."""
    text = shared_data(f"ecg/oracle/wfdb/{annotator}/bxb.sum.txt").read_text()
    printed = [float(number) for number in re.search(r"^Gross(.*)$", text, re.MULTILINE)[1].split()]
    found = judge(annotator)
    assert [round(100 * value(metric, found), 2) for metric in IN_ORDER[:-1]] == printed[:-1]


def test_the_false_positive_rate_of_ectopic_beats_is_that_of_bxb():
    lines = shared_data("ecg/oracle/wfdb/prt/bxb_l.out").read_text().splitlines()
    printed = {line.split()[0]: line.split()[-1] for line in lines if re.match(r"\s*\d{3}\s", line)}
    found = judge("prt")
    columns = VebFalsePositiveRate().columns(found).sums
    ours = {
        name: f"{100 * columns['numerator'][row] / columns['denominator'][row]:.3f}"
        for row, name in enumerate(found.row_strata["case_id"])
    }
    assert ours == printed


def test_a_record_without_an_answer_lowers_sensitivity_and_counts_as_time_not_analysed():
    whole, without = judge("gqr"), judge("gqr", lost=["101"])
    missed = value(QrsSensitivity(), whole) - value(QrsSensitivity(), without)
    assert missed == pytest.approx(1521 / QrsSensitivity().columns(whole).sums["denominator"].sum(), abs=1e-3)
    assert value(TimeNotAnalysed(), without) == pytest.approx(1 / 23)
    assert len(judge("gqr", lost=["101"], analysis=EVALUABLE).row_units) == 22


def test_beats_of_one_record_are_a_cluster():
    found = judge("gqr")
    columns, patients = QrsSensitivity().columns(found), found.units.patients[found.row_units]
    limits = QrsSensitivity().interval(columns, patients, clustered=False, confidence=0.95)
    assert limits.method == "rao-scott-wilson-t"
    assert limits.effective_n < columns.sums["denominator"].sum() / 10


SUMMED = {
    "Nn'": "Nn Nf Nq",
    "Sn'": "Sn Sf Sq",
    "Vn'": "Vn Vf Vq",
    "On'": "On Of Oq Xn Xf Xq",
    "Ns": "Ns",
    "Ss": "Ss",
    "Vs": "Vs",
    "Os'": "Os Xs",
    "Nv": "Nv",
    "Sv": "Sv",
    "Vv": "Vv",
    "Ov'": "Ov Xv",
    "No'": "No Nx",
    "So'": "So Sx",
    "Vo'": "Vo Vx",
}
"""Columns of the line format that bxb prints, as sums of cells."""


@pytest.mark.parametrize("annotator", ["gqr", "prt", "edg"])
def test_without_a_learning_period_the_counts_are_those_of_bxb_f_0(annotator):
    header, *lines = shared_data(f"ecg/oracle/wfdb/{annotator}/bxb_f0.out").read_text().splitlines()
    names = header.split()
    printed = {line.split()[0]: dict(zip(names, line.split(), strict=False)) for line in lines}
    found = judge(annotator, learning_seconds=0)
    for row, name in enumerate(found.row_strata["case_id"]):
        ours = {key: f"{sum(found.columns[c][row] for c in cells.split()):.0f}" for key, cells in SUMMED.items()}
        assert (name, ours) == (name, {key: printed[name][key] for key in SUMMED})


# ------------------------------------------------------------------------------------------------ generated records

AVERAGES = (
    AverageQrsSensitivity(),
    AverageQrsPositivePredictivity(),
    AverageVebSensitivity(),
    AverageVebPositivePredictivity(),
    AverageVebFalsePositiveRate(),
    AverageSvebSensitivity(),
    AverageSvebPositivePredictivity(),
)


@cache
def long_records():
    """Twenty records of two minutes of eighteen patients, one unanswered, one with a shutdown, under two analyses."""
    rng = np.random.default_rng(6)
    symbols = tuple("NNNVVVNSNNSSNFQNVNNN" * 6)
    reference = Beats(samples=np.arange(120, dtype=np.int64) * 360 + 200, symbols=symbols)
    answers = []
    for n in range(20):
        samples = np.sort(reference.samples + rng.integers(-70, 70, 120))
        said = tuple(rng.choice(list("NVS"), p=[0.7, 0.2, 0.1]) if rng.random() < 0.3 else s for s in symbols)
        beats = Beats(samples=samples, symbols=said)
        if n == 3:
            beats = Beats(
                samples=samples, symbols=(*said[:9], "~", "~", *said[11:]), subtypes=(*(0,) * 9, 0x30, *(0,) * 110)
            )
        answers.append(unanswered(f"c{n}") if n == 7 else Answer(case_id=f"c{n}", status="answered", beats=beats))
    units = [a_unit(f"r{n}", None, cases=(a_case(f"c{n}", f"p{n % 18}"),)) for n in range(20)]
    loaders = {"reference_beats": lambda _: reference, "sampling_hz": lambda _: HZ, "n_samples": lambda _: 43_400}
    judge = BeatByBeat(learning_seconds=0).judge
    return [judge(units, by_case(*answers), context(units, analysis, **loaders)) for analysis in (ITD, EVALUABLE)]


CONFORMING = [
    *AVERAGES,
    AverageRrIntervalError(),
    RrIntervalError(),
    RrIntervalError(at="paired_beats"),
    HeartRateError(),
    VebFalsePositivesPerHour(),
    SvebFalsePositivesPerHour(),
    SvebFalsePositiveRate(),
    BeatsMissedInShutdown(),
    *(
        part(among=among)
        for part in (QrsSensitivity, VebSensitivity)
        for among in ("isolated", "first_of_run", "later_in_run")
    ),
    SvebSensitivity(among="isolated"),
]


class TestBeatMetricsConform(MetricChecks):
    @pytest.fixture(autouse=True, params=CONFORMING, ids=repr)
    def part(self, request):
        self.given = request.param

    def metric(self):
        return self.given

    def judgements(self):
        return long_records()


def two_records(first, second):
    """Judgements of two records with four beats each, V at 1000, of one second at 360 Hz each."""
    reference = Beats(samples=np.array([360, 720, 1080, 1440]), symbols=("N", "V", "N", "S"))
    units = [a_unit(name, None, cases=(a_case(name, "one patient"),)) for name in ("a", "b")]
    loaders = {"reference_beats": lambda _: reference, "sampling_hz": lambda _: HZ, "n_samples": lambda _: 36_000}
    said = by_case(
        *(
            Answer(case_id=u.unit_id, status="answered", beats=one)
            for u, one in zip(units, (first, second), strict=True)
        )
    )
    return BeatByBeat(learning_seconds=0).judge(units, said, context(units, **loaders))


def some(*pairs):
    return Beats(samples=np.array([at for at, _ in pairs], dtype=np.int64), symbols=tuple(s for _, s in pairs))


ALL_RIGHT = some((360, "N"), (720, "V"), (1080, "N"), (1440, "S"))


def test_in_the_average_every_record_weighs_the_same_and_one_without_the_figure_nothing():
    found = two_records(ALL_RIGHT, some((360, "N"), (1080, "N")))
    assert value(AverageQrsSensitivity(), found) == (1 + 0.5) / 2
    assert value(QrsSensitivity(), found) == 6 / 8
    assert value(AverageVebPositivePredictivity(), found) == 1  # the second calls no beat V
    assert AverageVebPositivePredictivity().columns(found).sums["records"].tolist() == [1, 0]


def test_errors_of_intervals_and_rates_by_hand():
    moved = some((360, "N"), (720, "V"), (1116, "N"), (1440, "S"))  # one beat 100 ms late: two intervals by 100 ms
    found = two_records(ALL_RIGHT, moved)
    assert value(RrIntervalError(), found) == pytest.approx((2 * 100**2 / 6) ** 0.5)
    assert value(AverageRrIntervalError(), found) == pytest.approx((0 + (2 * 100**2 / 3) ** 0.5) / 2)
    lacking = two_records(ALL_RIGHT, some((360, "N"), (720, "V"), (1440, "S")))
    assert value(HeartRateError(), lacking) == 0.5  # one beat of a minute in one of two minutes
    assert value(RrIntervalError(at="paired_beats"), lacking) == pytest.approx((1000**2 / 5) ** 0.5)


def test_false_ectopic_beats_are_counted_by_the_hour():
    found = two_records(ALL_RIGHT, some((360, "V"), (720, "V"), (1080, "S"), (1440, "S"), (5000, "V")))
    assert value(VebFalsePositivesPerHour(), found) == pytest.approx(2 / (200 / 3600))
    assert value(SvebFalsePositivesPerHour(), found) == pytest.approx(1 / (200 / 3600))
    assert value(SvebFalsePositiveRate(), found) == 1 / 7  # of 8 found and 1 extra beat, less 2 of class S


def test_nothing_found_and_nothing_to_find_are_no_numbers():
    nothing = some()
    found = two_records(nothing, nothing)
    for metric in (
        QrsPositivePredictivity(),
        AverageVebPositivePredictivity(),
        RrIntervalError(),
        AverageRrIntervalError(),
    ):
        assert np.isnan(value(metric, found)), metric.name
    assert value(AverageQrsSensitivity(), found) == value(QrsSensitivity(), found) == 0
    assert np.isnan(value(QrsSensitivity(among="after_pause"), found))


def test_records_of_one_patient_come_and_go_together_in_the_interval_of_an_average():
    found = long_records()[0]
    metric = AverageQrsSensitivity()
    columns, patients = metric.columns(found), found.units.patients[found.row_units]
    [[of_patients]] = resample(
        [(columns, metric.value)], patients=patients, groups=[np.arange(20)], resamples=500, seed=1
    )
    [[of_records]] = resample(
        [(columns, metric.value)], patients=np.arange(20), groups=[np.arange(20)], resamples=500, seed=1
    )
    assert of_patients.value == of_records.value
    assert of_patients.interval[:2] != of_records.interval[:2]


@pytest.mark.parametrize("annotator", ["lda", "prt", "edg"])
def test_average_statistics_are_those_of_sumstats(annotator):
    """All but the last of them: see the gross statistics."""
    text = shared_data(f"ecg/oracle/wfdb/{annotator}/bxb.sum.txt").read_text()
    printed = [float(number) for number in re.search(r"^Average(.*)$", text, re.MULTILINE)[1].split()]
    found = judge(annotator)
    in_order = (AVERAGES[0], AVERAGES[1], AVERAGES[2], AVERAGES[3], AVERAGES[5])
    assert [round(100 * value(metric, found), 2) for metric in in_order] == printed[:5]
    assert value(AverageRrIntervalError(), found) == pytest.approx(printed[-1], abs=0.011)
