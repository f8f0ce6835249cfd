"""Several processes at one run or one ledger: one works, the others wait or are told why not."""

import contextlib
import json
import os
import random
import shutil
import signal
import time

import pytest

from dmn_bench.wordings import say

from .kit import N_CASES, Job, seeds, undisturbed
from .processes import Harness, left_behind, wait_until

LANGUAGES = ("en", "fr")


@pytest.fixture
def job(tmp_path):
    return Job(tmp_path / "job")


def _check_losers(losers, keys):
    """``keys``: the sentence that belongs to each exit code; 2 only where a run was found finished by the late."""
    for place, harness in losers:
        sentence = _beginning(keys[harness.ended()], LANGUAGES[place % 2])
        words = " ".join(harness.words().split())
        assert sentence in words, (sentence, words)
        assert "Traceback" not in words


def _beginning(key, language):
    """What a sentence begins with, before anything that depends on the moment."""
    return say(key, language)[:60]


@pytest.mark.parametrize("seed", seeds(1))
def test_of_five_runs_in_one_folder_one_wins_and_four_are_told_why(job, seed):
    expected, rng = undisturbed(), random.Random(f"five/{seed}")
    with contextlib.ExitStack() as stack:
        started = []
        for i in range(5):
            started.append(stack.enter_context(Harness(job, resume=False, language=LANGUAGES[i % 2])))
            time.sleep(rng.choice([0, 0, 0.05, 0.3]))
        codes = [harness.ended() for harness in started]
        assert codes.count(0) == 1, (seed, codes, [harness.words() for harness in started])
        losers = [(i, harness) for i, harness in enumerate(started) if codes[i] != 0]
        _check_losers(losers, {5: "harness.another_run", 2: "harness.already_a_run"})
    assert not expected.differs_from(job), seed
    assert not job.asked_again(), seed
    assert not left_behind(job), seed


def test_of_two_resumes_of_one_run_one_goes_on(job):
    expected = undisturbed()
    with Harness(job) as harness:
        wait_until(lambda: job.n_questions() >= 40, harness)
        harness.send(signal.SIGKILL)
        harness.ended()
    job.mark()
    with Harness(job, resume=True) as first, Harness(job, resume=True, language="fr") as second:
        codes = [first.ended(), second.ended()]
        assert 0 in codes, (first.words(), second.words())
        losers = [(i, each) for i, each in enumerate((first, second)) if codes[i]]
        _check_losers(losers, {5: "harness.another_run"})
    assert not expected.differs_from(job)
    assert not job.lost()
    assert not job.asked_though_kept()


def test_two_runs_that_ask_one_ledger_do_not_ask_twice(job):
    expected = undisturbed()
    other = Job(job.folder, run_name="other")
    with Harness(job, resume=False) as first:
        wait_until(lambda: job.n_questions() >= 10, first)
        with Harness(other, resume=False, language="fr") as second:
            code = second.ended()
            if code != 0:  # told that the answers are being asked: nothing was lost, it can go on later
                _check_losers([(1, second)], {5: "execution.ledger_busy"})
        assert first.ended() == 0, first.words()
    if code != 0:
        with Harness(other, resume=True) as again:
            assert again.ended() == 0, again.words()
    assert not expected.differs_from(job)
    assert not expected.differs_from(other)
    assert not job.asked_again()


def test_who_looks_on_disturbs_nobody(job):
    expected = undisturbed()
    looked = 0
    with Harness(job) as harness:
        wait_until(lambda: job.n_questions() >= 1, harness)
        while not harness.is_over():
            for language in LANGUAGES:
                with Harness(job, command=["status", str(job.run_dir), "--lang", language]) as status:
                    assert status.ended() == 0, status.words()
                    assert "Traceback" not in status.words()
                looked += 1
        harness.must_finish()
    assert looked >= 2
    assert not expected.differs_from(job)
    assert not job.asked_again()


def test_a_report_asked_for_too_early_is_refused_and_disturbs_nobody(job):
    expected = undisturbed()
    with Harness(job) as harness:
        wait_until(lambda: job.n_questions() >= 1, harness)
        for language in LANGUAGES:
            with Harness(job, command=["report", str(job.run_dir), "--lang", language]) as report:
                code = report.ended()
                if (job.run_dir / "record.json").exists():
                    break
                assert code == 2, report.words()
                assert "record.json" in report.words()
                assert "Traceback" not in report.words()
        harness.must_finish()
    assert not expected.differs_from(job)


def test_status_of_a_killed_run_says_what_is_kept(job):
    with Harness(job) as harness:
        wait_until(lambda: job.n_questions() >= 60, harness)
        harness.send(signal.SIGKILL)
        harness.ended()
    left_behind(job)
    n_kept = len(job.kept())
    before = {path.name: path.read_bytes() for path in job.answers.iterdir() if path.name.endswith((".sqlite", "-wal"))}
    with Harness(job, command=["status", str(job.run_dir)]) as status:
        assert status.ended() == 0, status.words()
        assert str(n_kept) in status.words()
        assert str(N_CASES) in status.words()
    after = {path.name: path.read_bytes() for path in job.answers.iterdir() if path.name.endswith((".sqlite", "-wal"))}
    assert after == before


def test_a_lock_left_by_a_killed_run_stops_nobody(job):
    expected = undisturbed()
    with Harness(job) as harness:
        wait_until(lambda: job.n_questions() >= 5, harness)
        harness.send(signal.SIGKILL)
        harness.ended()
    assert (job.run_dir / ".lock").exists()
    with Harness(job) as harness:
        harness.must_finish()
    assert not expected.differs_from(job)


def test_a_run_in_a_folder_that_is_copied_while_it_works_can_go_on_from_the_copy(job):
    """As a backup does it: the copy of the ledger may be torn, its sound answers are used."""
    expected = undisturbed()
    copy = Job(job.folder, run_name="copy/run", answers_dir=job.folder / "copy" / "answers")
    with Harness(job) as harness:
        wait_until(lambda: job.n_questions() >= 60, harness)
        shutil.copytree(job.answers, copy.answers_dir)
        harness.send(signal.SIGKILL)
        harness.ended()
    with Harness(copy, resume=False) as harness:
        harness.must_finish()
    assert not expected.differs_from(copy)


def test_the_winner_is_not_hurt_when_a_loser_is_killed(job):
    expected = undisturbed()
    with Harness(job, resume=False) as first:
        wait_until((job.run_dir / ".lock").exists, first)
        for _ in range(2):
            with Harness(job, resume=False) as loser:
                time.sleep(0.3)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(loser.pid, signal.SIGKILL)
                loser.ended()
        assert first.ended() == 0, first.words()
    assert not expected.differs_from(job)


def test_the_record_names_its_run_alone(job):
    """Two runs of one ledger have records of their own, with the same results."""
    other = Job(job.folder, run_name="other")
    for each in (job, other):
        with Harness(each, resume=False) as harness:
            harness.must_finish()
    first, second = job.results(), other.results()
    assert first["run_id"] != second["run_id"]
    assert json.dumps(first["results"], sort_keys=True) == json.dumps(second["results"], sort_keys=True)
    assert not job.asked_again()
