"""What the record keeps of a device's time: warm-up apart, nothing that failed made to look fast, sizes told apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.catalogue import build_catalogue
from dmn_bench.execution.cluster_batches import LOST_REASON
from dmn_bench.harness import RunOptions, evaluate
from dmn_bench.harness.timing import (
    PIXEL_CLASSES,
    SECOND_CLASSES,
    Asking,
    TimingRules,
    kind_of,
    spread,
    timing,
)
from dmn_bench.record import TimingRow
from dmn_bench.vocabulary import Answer, AskedAnswer

from ..execution.kit import short_where
from . import small_run

RULES = TimingRules(minimum_n=3)


def asked(*answers):
    return {each.answer.case_id: each for each in answers}


def an_answer(case_id, seconds, *, status="answered", **more):
    facts = {
        "cpu_seconds": None if seconds is None else seconds / 2,
        "peak_memory_mb": None if seconds is None else 100.0,
    }
    return AskedAnswer(answer=Answer(case_id=case_id, status=status), seconds=seconds, **{**facts, **more})


def answers_of(seconds, **more):
    return [an_answer(f"c{number:03d}", each, **more) for number, each in enumerate(seconds)]


def test_the_first_request_of_a_child_is_apart_and_in_no_other_time():
    first = an_answer("first", 30.0, is_warm_up=True, n_pixels=10)
    found = timing("a", asked(first, *answers_of([1.0, 2.0, 3.0], n_pixels=10)), Asking(), RULES)
    assert (found.warm_up_seconds.n, found.warm_up_seconds.median) == (1, 30.0)
    assert (found.seconds_per_case.n, found.seconds_per_case.total, found.seconds_per_case.largest) == (3, 6.0, 3.0)
    assert found.cpu_seconds_per_case.largest == 1.5
    (only,) = found.by_class
    assert (only.n_warm_up, only.seconds_per_case.n, only.seconds_per_case.largest) == (1, 3, 3.0)


def test_where_only_first_requests_were_timed_the_rest_stays_empty():
    found = timing("a", asked(*answers_of([4.0, 6.0], is_warm_up=True)), Asking(), RULES)
    assert found.warm_up_seconds.median == 5.0
    assert found.seconds_per_case.model_dump(exclude_none=True) == {"n": 0}


def test_every_load_counts_not_the_shortest_alone():
    found = timing("a", {}, Asking(load_seconds=(3.0, 1.0, 2.5)), RULES).load_seconds
    assert (found.n, found.smallest, found.median, found.largest) == (3, 1.0, 2.5, 3.0)


def test_answers_without_a_time_are_counted_by_what_became_of_them():
    cut_off = [an_answer(f"t{number}", None, status="failed", n_pixels=5_000_000) for number in range(4)]
    unread = an_answer("u", None, status="unreadable")
    said = an_answer("s", 0.5, status="failed", n_pixels=10)
    tries = (
        *(("t0", attempt, "timed out after 60 s", "") for attempt in (1, 2)),
        ("t1", 1, "died with signal 9", ""),
        ("of another set", 1, "timed out after 60 s", ""),
    )
    found = timing("a", asked(*cut_off, unread, said), Asking(failed_attempts=tries), RULES)
    assert found.not_timed == {"failed": 4, "unreadable": 1}
    assert found.failed_attempts == {"timed_out": 2, "ended": 1}
    assert found.seconds_per_case.n == 1
    assert {row.level: row.n_not_timed for row in found.by_class} == {
        "below_1_megapixel": 0,
        "4_to_16_megapixels": 4,
        "not recorded": 1,
    }


@pytest.mark.parametrize(
    ("n_pixels", "level"),
    [
        (999_999, "below_1_megapixel"),
        (1_000_000, "1_to_4_megapixels"),
        (4_000_000, "4_to_16_megapixels"),
        (15_999_999, "4_to_16_megapixels"),
        (16_000_000, "16_to_64_megapixels"),
        (64_000_000, "64_megapixels_or_more"),
    ],
)
def test_a_class_of_images_holds_its_lower_edge(n_pixels, level):
    (row,) = timing("a", asked(an_answer("c", 1.0, n_pixels=n_pixels)), Asking(), RULES).by_class
    assert (row.kind, row.level) == ("image_size", level)


@pytest.mark.parametrize(
    ("length", "level"),
    [
        (10.0, "up_to_15_s"),
        (15.0, "up_to_15_s"),
        (15.002, "up_to_1_min"),
        (600.0, "up_to_10_min"),
        (1805.6, "up_to_1_h"),
        (86_400.0, "up_to_24_h"),
        (90_000.0, "above_24_h"),
    ],
)
def test_a_class_of_recordings_holds_its_upper_edge(length, level):
    (row,) = timing("a", asked(an_answer("c", 1.0, record_seconds=length)), Asking(), RULES).by_class
    assert (row.kind, row.level) == ("recording_length", level)


def test_classes_come_in_order_of_size_and_a_few_requests_show_their_count_alone():
    large = [an_answer(f"l{number}", 9.0, n_pixels=20_000_000) for number in range(2)]
    found = timing("a", asked(*large, *answers_of([1.0, 2.0, 3.0], n_pixels=10)), Asking(), RULES)
    small, few = found.by_class
    assert (small.level, small.seconds_per_case.median) == ("below_1_megapixel", 2.0)
    assert few.level == "16_to_64_megapixels"
    for each in (few.seconds_per_case, few.cpu_seconds_per_case, few.peak_memory_mb):
        assert each.model_dump(exclude_none=True) == {"n": 2}


def test_a_case_with_images_and_a_recording_is_in_a_class_of_both():
    found = timing("a", asked(an_answer("c", 1.0, n_pixels=10, record_seconds=10.0)), Asking(), RULES)
    assert [row.kind for row in found.by_class] == ["image_size", "recording_length"]
    assert PIXEL_CLASSES[0] in {row.level for row in found.by_class}
    assert SECOND_CLASSES[0] in {row.level for row in found.by_class}


def test_cases_without_any_size_make_no_class():
    assert timing("a", asked(*answers_of([1.0, 2.0])), Asking(), RULES).by_class == []


def test_the_95th_percentile_needs_twenty_and_limits_of_the_median_six():
    assert spread(np.arange(19.0), RULES).p95 is None
    assert spread(np.arange(21.0), RULES).p95 == 19.0
    assert spread(np.arange(5.0), RULES).low is None
    six = spread(np.arange(6.0), RULES)
    assert (six.low, six.high) == (0.0, 5.0)


def test_memory_is_the_highest_of_every_request_and_has_no_sum():
    first = an_answer("first", 1.0, is_warm_up=True, peak_memory_mb=900.0)
    found = timing("a", asked(first, *answers_of([1.0, 1.0])), Asking(), RULES).peak_memory_mb
    assert (found.n, found.median, found.largest, found.total) == (3, 100.0, 900.0, None)


def test_memory_that_a_process_goes_on_holding_gives_its_median_no_limits():
    found = timing("a", asked(*answers_of([1.0] * 30)), Asking(), RULES)
    assert (found.peak_memory_mb.low, found.peak_memory_mb.high) == (None, None)
    assert (found.seconds_per_case.low, found.seconds_per_case.high) == (1.0, 1.0)


def test_the_rate_is_that_of_cases_put_to_the_device_in_this_run():
    everything = asked(*answers_of([1.0] * 8), an_answer("u", None, status="unreadable"))
    asking = Asking(n_asked=5, n_put=4, n_kept=4, wall_seconds=8.0, workers=2)
    found = timing("a", everything, asking, TimingRules(threads=3, confidence=0.9))
    assert found.cases_per_hour == pytest.approx(4 * 3600 / 8)  # one of the five could not be read
    assert (found.wall_seconds, found.workers, found.threads, found.n_asked, found.n_kept) == (8.0, 2, 3, 5, 4)
    assert found.confidence == 0.9
    nothing = timing("a", everything, Asking(n_kept=9, wall_seconds=0.01), RULES)
    assert (nothing.wall_seconds, nothing.cases_per_hour) == (None, None)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("timed out after 60 s", "timed_out"),
        ("raised ValueError: no image", "raised"),
        ("died with signal 9; last line printed: x", "ended"),
        ("exited with code 3 without an answer", "ended"),
        ("closed its channel without an answer", "ended"),
        ("broke the wire protocol: header of 9 bytes, at most 4", "broke_protocol"),
        ("answered with more than 9 bytes of arrays", "broke_protocol"),
        (LOST_REASON, "worker_lost"),
        ("no heartbeat for 15 s", "silent"),
        ("in a batch of 8: died with signal 9", "in_batch"),
        ("sent again: HTTP 503 Service Unavailable", "sent_again"),
        ("findings.fracture.score: expected a number", "invalid_answer"),
    ],
)
def test_a_failed_attempt_is_of_the_kind_that_its_reason_begins_with(reason, kind):
    assert kind_of(reason) == kind


@given(st.lists(st.floats(0, 1e5), max_size=60), st.randoms(use_true_random=False))
def test_order_of_cases_is_irrelevant_every_request_counts_and_quantiles_are_in_order(seconds, random):
    rows = answers_of(seconds, n_pixels=10)
    found = timing("a", asked(*rows), Asking(), RULES)
    random.shuffle(rows)
    again = timing("a", asked(*rows), Asking(), RULES)
    wall = found.seconds_per_case
    assert wall.n == len(seconds)
    assert again.seconds_per_case.model_dump(exclude={"total"}) == wall.model_dump(exclude={"total"})
    in_order = (wall.smallest, wall.lower_quartile, wall.median, wall.upper_quartile, wall.p95, wall.largest)
    drawn = [each for each in in_order if each is not None]
    assert drawn == sorted(drawn)
    assert TimingRow.model_validate_json(found.model_dump_json()) == found


def test_the_tail_cannot_be_hidden_by_one_fast_case_more():
    slow, fast = answers_of([1.0] * 30 + [50.0] * 3), an_answer("fast", 0.001)
    before = timing("a", asked(*slow), Asking(), RULES).seconds_per_case
    after = timing("a", asked(*slow, fast), Asking(), RULES).seconds_per_case
    assert before.p95 == after.p95 == after.largest == 50.0


@pytest.fixture(scope="module")
def slow_runs(tmp_path_factory):
    """A run whose device hangs on the two exams of one patient, and a second run that finds all its answers there."""
    path = small_run.write(tmp_path_factory.mktemp("slow"))
    program = path.parent / "candidate" / "squares_live.py"
    program.write_text(program.read_text().replace("os._exit(3)", "__import__('time').sleep(600)"))
    path.write_text(
        path.read_text().replace("{seconds_per_case: 20}", "{seconds_per_case: 0.5, attempts: 1, threads: 2}")
    )
    runs = [RunOptions(run_dir=path.parent / name, workers=2) for name in ("first", "second")]
    with short_where(lambda request: request.images[0].pixels[15, 0] == 2):
        return [evaluate(path, options, catalogue=build_catalogue()) for options in runs]


def test_a_device_that_hangs_is_timed_on_what_it_finished_and_shows_what_it_did_not(slow_runs):
    first, _ = slow_runs
    (row,) = first.observed.timing  # the other candidate is a file: it has no time
    assert row.candidate == "live"
    assert row.not_timed == {"failed": 2}
    assert row.failed_attempts == {"timed_out": 2}
    assert row.load_seconds.n >= row.warm_up_seconds.n >= 1
    assert row.warm_up_seconds.n + row.seconds_per_case.n == 58
    assert row.peak_memory_mb.n == 58
    assert row.peak_memory_mb.smallest > 1
    assert (row.n_asked, row.n_kept, row.workers, row.threads, row.on_cluster) == (60, 0, 2, 2, False)
    assert row.wall_seconds >= 0.5  # both time-outs, perhaps at the same time
    assert row.cases_per_hour == pytest.approx(60 * 3600 / row.wall_seconds)
    (small,) = row.by_class
    assert (small.level, small.n_not_timed, small.seconds_per_case.n) == (
        "below_1_megapixel",
        2,
        row.seconds_per_case.n,
    )


def test_a_run_that_asks_nothing_shows_the_times_of_then_and_no_rate(slow_runs):
    (then,), (now,) = (run.observed.timing for run in slow_runs)
    of_the_run = {"n_asked", "n_kept", "wall_seconds", "cases_per_hour", "workers"}
    assert now.model_dump(exclude=of_the_run) == then.model_dump(exclude=of_the_run)
    assert (now.n_asked, now.n_kept, now.wall_seconds, now.cases_per_hour) == (0, 60, None, None)


def test_time_is_no_part_of_the_results(slow_runs):
    first, second = slow_runs
    assert first.results_sha256 == second.results_sha256
    assert "seconds" not in first.results.model_dump_json()
