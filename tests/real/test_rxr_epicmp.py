"""Runs and episodes of 23 real records and six annotators against what rxr, epicmp and sumstats print, line by line."""

import re
from functools import cache

import numpy as np
import pytest

from dmn_bench.inputs.wfdb_record import read_annotations
from dmn_bench.tasks.episodes import Episodes
from dmn_bench.tasks.run_matching import N_LENGTHS, ORIGINS
from dmn_bench.tasks.runs import SIDES, RunByRun
from dmn_bench.vocabulary import Answer

from ..shared_data import shared_data
from ..tasks.factories import a_case, a_unit, by_case, context

ANNOTATORS = ("atr", "gqr", "lda", "ldb", "prt", "edg")
N_SAMPLES, HZ = 650_000, 360.0
RUN_FIGURES = [
    f"{{origin}}_{kind}_{measure}"
    for kind in ("couplet", "short_run", "long_run")
    for measure in ("sensitivity", "positive_predictivity")
]
EPISODE_FIGURES = [
    "episode_sensitivity",
    "episode_positive_predictivity",
    "duration_sensitivity",
    "duration_positive_predictivity",
]


def oracle(annotator):
    return shared_data(f"ecg/oracle/wfdb/{annotator}")


@cache
def annotations(record, annotator):
    folder = shared_data("ecg/mitdb" if annotator == "atr" else "ecg/oracle/wfdb/annotators")
    return read_annotations(folder / record, annotator)


def judged(task, records, annotator):
    units = [a_unit(record, None, cases=(a_case(record),)) for record in records]
    lent = context(
        units,
        reference_beats=lambda case: annotations(case.case_id, "atr"),
        sampling_hz=lambda _: HZ,
        n_samples=lambda _: N_SAMPLES,
    )
    said = by_case(*(Answer(case_id=r, status="answered", beats=annotations(r, annotator)) for r in records))
    return task.judge(units, said, lent)


@cache
def runs_of_all(annotator):
    """Columns of the runs of every record, and the records in their order."""
    records = sorted(path.stem for path in (oracle(annotator) / "rxr_S").glob("*.txt"))
    return judged(RunByRun(), records, annotator).columns, records


def printed_lines(path):
    """Record -> the words that follow it in a line-format output; Sum, Gross and Average likewise."""
    words = [line.split() for line in path.read_text().splitlines()]
    return {line[0]: line[1:] for line in words if line and re.fullmatch(r"\d{3}|Sum|Gross|Average", line[0])}


def printed_matrices(path):
    """The four tables of one record as rxr prints them, [origin, side, 7, 7]."""
    rows = re.findall(r"^ +>?\d \|(.*)$", path.read_text(), re.MULTILINE)
    numbers = [[int(count) for count in row.split()] for row in rows]
    filled = [[0] * (N_LENGTHS - len(row)) + row for row in numbers]  # the corner is left blank
    return np.array(filled).reshape(len(ORIGINS), len(SIDES), N_LENGTHS, N_LENGTHS)


def percent(counted, of):
    return "-" if of == 0 else str(int(100 * counted / of + 0.5))


def clock(seconds, *, bare_below=60):
    """Minutes and seconds; epicmp leaves out the minutes when there are none, sumstats does not."""
    minutes, rest = divmod(round(seconds * 1000) / 1000, 60)
    return f"{rest:.3f}" if seconds < bare_below else f"{minutes:.0f}:{rest:06.3f}"


def pair(columns, name, rows=slice(None)):
    return float(columns[f"{name}_numerator"][rows].sum()), float(columns[f"{name}_denominator"][rows].sum())


def ratios(columns, name):
    """The figure of every record that has it."""
    numerator, denominator = (columns[f"{name}_{part}"] for part in ("numerator", "denominator"))
    return numerator[denominator > 0] / denominator[denominator > 0]


def mean_of_counts(columns, name):
    """An average as sumstats prints it where it knows the counts of the records."""
    found = ratios(columns, name)
    return percent(found.sum(), len(found))


def mean_of_printed(columns, name):
    """Likewise where it knows their whole percentages alone, as of durations; C rounds halves to even numbers."""
    found = [int(percent(value, 1)) for value in ratios(columns, name)]
    return f"{np.mean(found):.0f}" if found else "-"


def gross_of_printed(columns):
    """Gross figures of durations as sumstats gets them from whole percentages of sensitivity, for both figures."""
    of_reference, of_device = (columns[f"{side}_burden_numerator"] for side in ("reference", "device"))
    of_record = [percent(*pair(columns, "duration_sensitivity", [row])) for row in range(len(of_reference))]
    both = sum(int(one) * each / 100 for one, each in zip(of_record, of_reference, strict=True) if one != "-")
    return [f"{100 * both / of:.0f}" if of else "-" for of in (of_reference.sum(), of_device.sum())]


@pytest.mark.parametrize("annotator", ANNOTATORS)
def test_every_table_of_runs_agrees_with_rxr_cell_for_cell(annotator):
    columns, records = runs_of_all(annotator)
    paths = [oracle(annotator) / "rxr_S" / f"{record}.txt" for record in records]
    assert len(paths) == 23
    lengths = range(N_LENGTHS)
    found = np.array(
        [
            [[[columns[f"{origin}_{side}_{r}_{c}"] for c in lengths] for r in lengths] for side in SIDES]
            for origin in ORIGINS
        ]
    )
    differing = [p.stem for at, p in enumerate(paths) if (found[..., at] != printed_matrices(p)).any()]
    assert differing == []


@pytest.mark.parametrize("annotator", ANNOTATORS)
@pytest.mark.parametrize(
    ("origin", "name"), [("ve", "vruns"), ("sve", "sruns"), ("ve", "vruns_nonpaced"), ("sve", "sruns_nonpaced")]
)
def test_the_lines_of_runs_agree_with_rxr_and_sumstats(annotator, origin, name):
    expected = printed_lines(oracle(annotator) / f"{name}.out")
    every, records = runs_of_all(annotator)
    columns = {key: column[[records.index(record) for record in expected]] for key, column in every.items()}
    figures = [figure.format(origin=origin) for figure in RUN_FIGURES]
    for row, record in enumerate(expected):
        found = [pair(columns, figure, [row]) for figure in figures]
        counts = [f"{count:.0f}" for right, of in found for count in (right, of - right)]
        assert [*counts, *(percent(*each) for each in found)] == expected[record], record
    summary = printed_lines(oracle(annotator) / f"{name}.sum.txt")
    gross = [pair(columns, figure) for figure in figures]
    assert [f"{count:.0f}" for right, of in gross for count in (right, of - right)] == summary["Sum"]
    assert [percent(*each) for each in gross] == summary["Gross"]
    assert [mean_of_counts(columns, figure) for figure in figures] == summary["Average"]


@pytest.mark.parametrize("annotator", ANNOTATORS)
@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("af", Episodes()),
        ("af_f0", Episodes(learning_seconds=0)),
        ("af_x", Episodes(flutter="excluded")),
        ("vf", Episodes(rhythm="VF")),
    ],
)
def test_the_lines_of_episodes_agree_with_epicmp_and_sumstats(annotator, name, task):
    expected = printed_lines(oracle(annotator) / f"{name}.out")
    found = judged(task, list(expected), annotator)
    columns = {key: column[found.columns["record"] > 0] for key, column in found.columns.items()}
    for row, record in enumerate(expected):
        counts, seconds = _counts(columns, [row])
        figures = [percent(*pair(columns, figure, [row])) for figure in EPISODE_FIGURES]
        assert [*counts, *figures, *map(clock, seconds)] == expected[record], record
    summary = printed_lines(oracle(annotator) / f"{name}.sum.txt")
    counts, seconds = _counts(columns, slice(None))
    assert [*counts, *(clock(each, bare_below=0) for each in seconds)] == summary["Sum"]
    gross = [percent(*pair(columns, figure)) for figure in EPISODE_FIGURES[:2]]
    assert [*gross, *gross_of_printed(columns)] == summary["Gross"]
    average = [mean_of_counts(columns, figure) for figure in EPISODE_FIGURES[:2]]
    assert [*average, *(mean_of_printed(columns, figure) for figure in EPISODE_FIGURES[2:])] == summary["Average"]


def _counts(columns, rows):
    """Numbers of episodes as epicmp prints them, and the seconds of both sides."""
    of = {name: columns[f"{name}_episodes"][rows].sum() for name in ("reference", "found", "device", "true")}
    counts = (of["found"], of["reference"] - of["found"], of["true"], of["device"] - of["true"])
    # sumstats adds what epicmp prints, in whole milliseconds
    seconds = [columns[f"{side}_burden_numerator"][rows].round(3).sum() for side in ("reference", "device")]
    return [f"{count:.0f}" for count in counts], seconds


def test_the_corrected_scoring_finds_the_long_run_that_rxr_loses():
    lost, found = (judged(RunByRun(scoring=scoring), ["201"], "atr").columns for scoring in ("rxr", "corrected"))
    assert [pair(columns, "sve_long_run_sensitivity") for columns in (lost, found)] == [(3, 4), (4, 4)]
