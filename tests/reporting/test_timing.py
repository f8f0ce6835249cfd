"""What a report says of time and memory: where they hold, what is missing, and nothing of another device."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.record import Spread
from dmn_bench.reporting.drawings.spread import PLOT_LEFT, PLOT_RIGHT, SpreadPlot, SpreadRow, spread_plot
from dmn_bench.reporting.phrases import Phrases
from dmn_bench.reporting.sections.timing import seconds

from .page import text_of
from .records import A, B, a_record, a_timing
from .shelf import rendered
from .test_rules import plain


def section(record, candidate, language):
    """The lines of the section alone."""
    text = plain(text_of(rendered(record, candidate, language)))
    title = {"en": "Time and resources", "fr": "Temps et ressources"}[language]
    return re.search(rf"## \d+\. {title}\n(.*?)\n## ", text, re.DOTALL)[1]


def timed(*rows):
    record = a_record()
    return record.model_copy(update={"observed": record.observed.model_copy(update={"timing": list(rows)})})


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("no part of the results", "machine of this run")),
        ("fr", ("ne font pas partie des résultats", "machine de cette exécution")),
    ],
)
def test_it_says_first_that_the_figures_hold_for_this_machine_and_are_no_result(language, said):
    first = section(timed(a_timing()), A, language).splitlines()[0]
    assert all(words in first for words in said)


def test_answers_without_a_time_stand_before_the_figures_as_a_warning():
    text = section(timed(a_timing()), A, "en")
    assert "!3 answers have no time (Technical failure: 3)" in text
    assert text.index("3 answers have no time") < text.index("Quantity | n")
    assert "looks faster than it is" in text
    unread = section(timed(a_timing(not_timed={"unreadable": 1})), A, "en")
    assert "i1 answer has no time (Unreadable by the test program: 1) and is in none of these figures." in unread
    assert "looks faster" not in unread
    assert "no time" not in section(timed(a_timing(not_timed={})), A, "en")


def test_only_first_requests_are_no_time_per_case():
    nothing = Spread(n=0)
    text = section(timed(a_timing(seconds_per_case=nothing, cpu_seconds_per_case=nothing, by_class=[])), A, "en")
    assert "Only first requests after loading were timed" in text
    assert "Time per case, warm-up apart | 0 | – | – | – | – | – | –" in text
    assert "First request after loading (warm-up) | 2 | 2.10 s" in text


def test_a_class_of_few_requests_shows_counts_alone():
    text = section(timed(a_timing()), A, "fr")
    assert "de 4 à moins de 16 mégapixels | 4 | 0 | 3 | – | – | – | – | – | –" in text
    assert "de 1 à moins de 4 mégapixels | 591 | 2 | 0 | 410 ms | [400 ; 420] ms | 930 ms | 1,90 s" in text


def test_limits_in_two_units_keep_both():
    found = Spread(n=40, smallest=0.8, median=0.99, low=0.95, high=1.02, largest=4.0)
    text = section(timed(a_timing(seconds_per_case=found)), A, "en")
    assert "Time per case, warm-up apart | 40 | 800 ms | 990 ms | [950 ms, 1.02 s] | – | 4.00 s | –" in text


def test_times_of_a_cluster_are_not_said_to_be_of_this_machine():
    record = timed(a_timing(on_cluster=True))
    record.observed.machine["processor"] = "of the machine that asked"
    text = section(record, A, "en")
    assert "!The requests were answered by the machines of a cluster." in text
    assert "Processor\nnot recorded" in text
    assert "shared it" not in text
    record = timed(a_timing())
    record.observed.machine["processor"] = "of the machine that asked"
    assert "Processor\nof the machine that asked" in section(record, A, "en")


@pytest.mark.parametrize(("workers", "shared"), [(1, False), (2, True)])
def test_processes_that_shared_the_machine_are_said_to(workers, shared):
    assert ("worked at the same time" in section(timed(a_timing(workers=workers)), A, "en")) == shared


@pytest.mark.parametrize(("language", "said"), [("en", "answers come from files"), ("fr", "viennent de fichiers")])
def test_a_device_that_was_not_asked_has_no_time(language, said):
    assert said in section(timed(a_timing()), B, language)
    assert "595" not in section(timed(a_timing()), B, language)


def test_the_time_of_another_device_is_not_in_the_report():
    text = section(timed(a_timing(), a_timing(B, n_kept=4321)), A, "en")
    assert "4,321" not in text
    assert text.count("Quantity | n") == 1


def test_nothing_asked_in_this_run_has_no_rate():
    text = section(timed(a_timing(n_asked=0, n_kept=600, wall_seconds=None, cases_per_hour=None)), A, "en")
    assert "Cases put to the device per hour in this run\n–" in text
    assert "600 answers were there before this run" in text


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (0.0, "0.00 ms", "0,00 ms"),
        (0.0123456, "12.3 ms", "12,3 ms"),
        (0.9994, "999 ms", "999 ms"),
        (0.9996, "1.00 s", "1,00 s"),
        (9.996, "10.0 s", "10,0 s"),
        (599.9, "600 s", "600 s"),
        (600.0, "10 min 0 s", "10 min 0 s"),
        (3599.6, "1 h 0 min", "1 h 0 min"),
        (3_600_000.0, "1,000 h 0 min", "1 000 h 0 min"),
    ],
)
def test_a_time_is_written_to_three_digits_in_a_unit_that_fits(value, english, french):
    assert plain(str(seconds(value, Phrases("en")))) == english
    assert plain(str(seconds(value, Phrases("fr")))) == french


ORDERED = st.lists(st.floats(0, 1e5), min_size=6, max_size=6).map(sorted)


def strip(values):
    names = ("smallest", "lower_quartile", "median", "upper_quartile", "p95", "largest")
    return SpreadRow(label="x", counts="6", **dict(zip(names, values, strict=True)))


def drawn(rows):
    ticks = []
    plot = SpreadPlot(title="t", description="d", rows=rows, tick=lambda x: ticks.append(x) or "", columns=("a", "b"))
    return spread_plot(plot), ticks


@given(st.lists(ORDERED, min_size=1, max_size=5))
def test_every_strip_lies_within_the_axis_and_the_ticks_enclose_it(strips):
    svg, ticks = drawn([strip(values) for values in strips])
    places = [float(x) for x in re.findall(r'<line x1="([\d.-]+)" [^>]*stroke="#0b5394"', svg)]
    assert len(places) == 4 * len(strips)
    assert all(PLOT_LEFT - 0.1 <= x <= PLOT_RIGHT + 0.1 for x in places)
    assert ticks == sorted(set(ticks))
    assert 2 <= len(ticks) <= 14
    lowest = max(min(values[0] for values in strips), 1e-6)
    assert ticks[0] <= lowest
    assert ticks[-1] >= max(values[-1] for values in strips)


def test_the_95th_percentile_is_drawn_only_where_there_is_one():
    with_it, _ = drawn([strip([1, 2, 3, 4, 5, 6])])
    without, _ = drawn(
        [SpreadRow(label="x", counts="5", smallest=1, lower_quartile=2, median=3, upper_quartile=4, largest=6)]
    )
    assert (with_it.count("<polygon"), without.count("<polygon")) == (1, 0)


def test_times_of_batches_are_said_to_be_shares():
    text = section(timed(a_timing(batch=8)), A, "en")
    assert "Cases put together at most; each has an equal share of the time of its batch\n8" in text
    assert "Cases put together" not in section(timed(a_timing()), A, "en")
