"""Every text that bxb and sumstats printed of six annotators on 23 records, made again from our figures.

Records, their rate and length, and annotators are read from the folders: another record or annotator that is put there
with the texts of the programs is compared in the same way.
"""

from functools import cache

import pytest

from dmn_bench.inputs.wfdb_record import read_annotations
from dmn_bench.tasks.beat_labels import beat_labels
from dmn_bench.tasks.beat_matching import Period, match
from dmn_bench.tasks.beats import BeatByBeat
from dmn_bench.vocabulary import Answer
from tests.shared_data import shared_data
from tests.tasks.factories import a_case, a_unit, by_case, context

from . import bxb_layouts as bxb

KNOWN = ("atr", "edg", "gqr", "lda", "ldb", "prt")


def annotators():
    """Those with texts of the programs; the known ones where the folder is not there, so that it is said."""
    try:
        folder = shared_data("ecg/oracle/wfdb")
    except pytest.skip.Exception:
        return KNOWN
    return tuple(sorted(path.parent.name for path in folder.glob("*/bxb.out")))


ANNOTATORS = annotators()


def printed(annotator, name):
    """The lines of a file that the programs wrote."""
    text = (shared_data("ecg/oracle/wfdb") / annotator / name).read_text(encoding="utf-8")
    return [line.rstrip() for line in text.splitlines()]


@cache
def annotations(record, annotator):
    folder = shared_data("ecg/mitdb" if annotator == "atr" else "ecg/oracle/wfdb/annotators")
    return read_annotations(folder / record, annotator)


@cache
def header(record):
    """(samples per second, samples) as the first line of the header has them."""
    words = (shared_data("ecg/mitdb") / f"{record}.hea").read_text(encoding="ascii").split()
    return float(words[2].split("/")[0].split("(")[0]), int(words[3])


@cache
def record_names():
    """In the order in which the programs took them."""
    return [line.split()[0] for line in printed("atr", "bxb.out")[1:]]


@cache
def scored(annotator, **options):
    """(lines of the records in order, gross, average) of one annotator."""
    units = [a_unit(name, None, cases=(a_case(name),)) for name in record_names()]
    lent = context(
        units,
        reference_beats=lambda case: annotations(case.case_id, "atr"),
        sampling_hz=lambda case: header(case.case_id)[0],
        n_samples=lambda case: header(case.case_id)[1],
    )
    said = by_case(*(Answer(case_id=n, status="answered", beats=annotations(n, annotator)) for n in record_names()))
    records, gross, average = bxb.lines_of(BeatByBeat(**options).judge(units, said, lent))
    return list(records.values()), gross, average


def stripped(lines):
    return [line.rstrip() for line in lines]


@pytest.mark.parametrize("annotator", ANNOTATORS)
def test_the_text_of_every_record_is_the_one_that_bxb_writes(annotator):
    records, _, _ = scored(annotator)
    assert [record.name for record in records] == list(record_names())
    for record in records:
        for folder, with_s in (("bxb_S", True), ("bxb_s", False)):
            ours = bxb.record_text(record, annotator, with_s=with_s).split("\n")
            assert stripped(ours) == printed(annotator, f"{folder}/{record.name}.txt")


@pytest.mark.parametrize("annotator", ANNOTATORS)
@pytest.mark.parametrize(("learning_seconds", "tag"), [(300.0, ""), (0.0, "_f0")])
def test_the_lines_of_beats_and_shutdowns_are_those_of_bxb(annotator, learning_seconds, tag):
    records, _, _ = scored(annotator, learning_seconds=learning_seconds)
    assert stripped([bxb.HEADER_7, *map(bxb.beat_line, records)]) == printed(annotator, f"bxb{tag}.out")
    shutdowns = [*bxb.SHUTDOWN_HEADER_7.split("\n"), *map(bxb.shutdown_line, records)]
    assert stripped(shutdowns) == printed(annotator, f"sd{tag}.out")


@pytest.mark.parametrize("annotator", ANNOTATORS)
@pytest.mark.parametrize("tag", ["", "_nonpaced"])
def test_the_lines_without_supraventricular_beats_are_those_of_bxb(annotator, tag):
    records, gross, average = scored(annotator, exclude_paced=bool(tag))
    paced = {name for name in record_names() if "/" in annotations(name, "atr").symbols}
    assert [record.name for record in records] == [n for n in record_names() if not (tag and n in paced)]
    assert stripped([bxb.HEADER_6, *map(bxb.beat_line_without_s, records)]) == printed(annotator, f"bxb_l{tag}.out")
    summary = bxb.summary(records, gross, average, with_s=False)
    assert stripped(summary) == printed(annotator, f"bxb_l{tag}.sum.txt")


@pytest.mark.parametrize("annotator", ANNOTATORS)
def test_the_shutdowns_without_supraventricular_beats_are_those_of_bxb(annotator):
    records, gross, _ = scored(annotator)
    shutdowns = [*bxb.SHUTDOWN_HEADER_6.split("\n"), *map(bxb.shutdown_line_without_s, records)]
    assert stripped(shutdowns) == printed(annotator, "sd_l.out")
    average = bxb.shutdown_averages(records)
    assert stripped(bxb.shutdown_summary(records, gross, average, with_s=False)) == printed(annotator, "sd_l.sum.txt")


@pytest.mark.parametrize("annotator", ANNOTATORS)
@pytest.mark.parametrize("tag", ["", "_nonpaced"])
def test_gross_and_average_lines_are_those_of_sumstats(annotator, tag):
    records, gross, average = scored(annotator, exclude_paced=bool(tag))
    assert stripped([bxb.HEADER_7, *map(bxb.beat_line, records)]) == printed(annotator, f"bxb{tag}.out")
    assert stripped(bxb.summary(records, gross, average)) == printed(annotator, f"bxb{tag}.sum.txt")
    assert stripped(bxb.shutdown_summary(records, gross, None)) == printed(annotator, f"sd{tag}.sum.txt")


@pytest.mark.parametrize("annotator", ANNOTATORS)
def test_gross_and_average_lines_without_a_learning_period_are_those_of_sumstats(annotator):
    records, gross, average = scored(annotator, learning_seconds=0.0)
    assert stripped(bxb.summary(records, gross, average)) == printed(annotator, "bxb_f0.sum.txt")


@pytest.mark.parametrize("annotator", ANNOTATORS)
def test_every_mismatch_is_between_the_beats_that_bxb_says(annotator):
    for name in record_names():
        hertz, n_samples = header(name)
        period = Period(round(300 * hertz), n_samples, int(0.15 * hertz), hertz)
        sides = (beat_labels(annotations(name, each), period.window, "S") for each in ("atr", annotator))
        assert bxb.mismatches(match(*sides, period)) == printed(annotator, f"verbose/{name}.txt"), name


def test_nothing_of_the_known_records_and_annotators_is_lacking():
    shared_data("ecg/oracle/wfdb")
    assert set(KNOWN) <= set(ANNOTATORS)
    assert len(record_names()) >= 23
