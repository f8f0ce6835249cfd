"""Gross beat statistics against what sumstats and bxb printed."""

import re

import pytest

from dmn_bench.inputs.wfdb_record import read_annotations
from dmn_bench.metrics.beats import (
    QrsPositivePredictivity,
    QrsSensitivity,
    SvebPositivePredictivity,
    SvebSensitivity,
    TimeNotAnalysed,
    VebFalsePositiveRate,
    VebPositivePredictivity,
    VebSensitivity,
)
from dmn_bench.statistics.resampling import totals
from dmn_bench.tasks.beats import BeatByBeat
from dmn_bench.vocabulary import Answer

from ..shared_data import shared_data
from ..tasks.factories import EVALUABLE, a_case, a_unit, by_case, context, unanswered

IN_ORDER = (
    QrsSensitivity(),
    QrsPositivePredictivity(),
    VebSensitivity(),
    VebPositivePredictivity(),
    SvebSensitivity(),
    SvebPositivePredictivity(),
)
HZ, N_SAMPLES = 360.0, 650_000


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
