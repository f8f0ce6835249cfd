"""Every check finds what it is there for: a package with one thing wrong fails it, a good package does not."""

import sys
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.execution.worker import Child
from dmn_bench.reference_set import lock
from dmn_bench.testing import CandidateChecks
from dmn_bench.testing.candidate import CHECKS, run_check, run_checks
from dmn_bench.testing.suite import Suite
from dmn_bench.testing.template import Wanted, new_package
from dmn_bench.wordings import LANGUAGES, say, say_problem

from ..inputs.factories import a_record
from ..patience import PATIENCE, limit_only
from .packages import a_package

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="vendor code runs on Linux only")


CARD = """\
format: dmn-bench/reference-set/1
id: recordings
version: 1.0.0
title: {en: Recordings}
modality: ECG
findings: [{name: af}]
sampling: consecutive
reference_standard: {method: made up, readers: 1}
strata: {}
data_protection: {route: not_applicable}
"""
ON_ONE_PIXEL = (
    "import os, time\n"
    "pixels = request['images'][0]['pixels']\n"
    "if pixels.size == 1: {}\n"
    "return {{'status': 'answered', 'findings': {{'fracture': {{'score': 0.5}}}}}}"
)


@pytest.fixture(scope="module")
def catalogue():
    return build_catalogue()


@pytest.fixture
def checked(tmp_path, catalogue):
    """One check, or several, of a package that is made as told."""

    def check(*names, least_tier=0, seconds_per_case=None, **package):
        suite = Suite(
            folder=a_package(tmp_path / "package", **package),
            catalogue=catalogue,
            seconds_per_case=seconds_per_case,
            least_tier=least_tier,
        )
        results = [run_check(name, suite) for name in names]
        for result in results:
            for problem in (*result.problems, *result.notes):
                assert all(say_problem(problem, language) for language in LANGUAGES)
        return results

    return check


def a_set_of_recordings(root, leads):
    """A locked set of recordings of two seconds, of these leads each."""
    cases, truth = ["case_id,patient_id,files"], ["case_id,finding,value"]
    for n, names in enumerate(leads):
        samples = (np.arange(1440).reshape(720, 2) * (n + 3) % 400).astype("<i2")
        a_record(root, samples, name=f"r{n}", leads=names)
        cases.append(f"r{n},p{n},r{n}.hea")
        truth.append(f"r{n},af,negative")
    (root / "cases.csv").write_text("\n".join(cases) + "\n", encoding="utf-8")
    (root / "truth.csv").write_text("\n".join(truth) + "\n", encoding="utf-8")
    (root / "reference_set.yaml").write_text(CARD, encoding="utf-8")
    lock(root)
    return root


def outcomes(results):
    return {result.id: result.outcome for result in results}


def said(result):
    return " ".join(say_problem(problem, "en") for problem in (*result.problems, *result.notes))


def test_a_good_package_passes_every_check_or_has_nothing_to_check(tmp_path, catalogue):
    suite = Suite(folder=a_package(tmp_path / "package"), catalogue=catalogue)
    results = run_checks(suite)
    absent = {result.id for result in results if result.outcome == "not_applicable"}
    assert [result for result in results if result.outcome == "failed"] == []
    assert absent - {"network"} == {"expected_answers", "any_batch", "memory", "time"}


@pytest.mark.parametrize(
    ("check", "package", "words"),
    [
        ("manifest", {"yaml": "adaptor: python"}, "adaptor"),
        ("manifest", {"yaml": 'command: ["x"]'}, "command"),
        ("declarations", {"yaml": ""}, "says nothing"),
        ("loads", {"load": "raise ValueError('no licence')"}, "no licence"),
        ("loads", {"load": "import time; time.sleep(0.3)", "declared": {"seconds_to_load": 0.1}}, "0.1 s are declared"),
        ("answers", {"wrong": "raise ValueError('no weights')"}, "no weights"),
        ("answers", {"wrong": "return {'status': 'abstained', 'reason': 'too dark'}"}, "too dark"),
        ("valid_answers", {"wrong": "score = float('nan')"}, "finite number"),
        ("valid_answers", {"wrong": "return {'status': 'answered', 'finding': {}}"}, "'findings'"),
        ("refusals", {"instead": "score = 0.5\nreturn {'status': 'answered'}"}, "was to be refused"),
        ("declared_names", {"declared": {"outputs": "[{finding: nodule}]"}}, "“fracture” is not declared"),
        ("declared_scores", {"wrong": "score *= 100"}, "is not within 0.0 to 1.0"),
        ("same_answer_twice", {"wrong": "score += np.random.default_rng().normal()"}, "findings.fracture.score"),
        ("same_answer_twice", {"wrong": "score += self.n"}, "findings.fracture.score"),
        (
            "same_answer_fresh",
            {"load": "import time; self.seed = time.monotonic()", "wrong": "score += self.seed"},
            "findings.fracture.score",
        ),
        (
            "any_order",
            {"wrong": "self.first = getattr(self, 'first', score)\nscore -= self.first"},
            "findings.fracture.score",
        ),
        (
            "names_unread",
            {"wrong": "score = int(images[0]['name'] == 'image-1')"},
            "findings.fracture.score: 1.0, 0.0",
        ),
        (
            "tags_unread",
            {"wrong": "score = images[0]['bits_stored'] or 0", "declared": {"descriptive_tags": "null"}},
            "findings.fracture.score: 8.0, 0.0",
        ),
        ("hostile_input", {"instead": ON_ONE_PIXEL.format("os._exit(3)")}, "one_pixel: the process died: exited"),
        ("hostile_input", {"instead": ON_ONE_PIXEL.format("os.abort()")}, "one_pixel: the process died: died with"),
        ("hostile_input", {"wrong": "if pixels.max() == 0 or pixels.shape[0] == 1: score = np.inf"}, "one_row"),
        (
            "unpoisoned",
            {"wrong": "self.scale = getattr(self, 'scale', 1) if pixels.shape[0] > 1 else 2\nscore *= self.scale"},
            "one_row: the answers differ",
        ),
        (
            "memory",
            {
                "wrong": "self.kept = getattr(self, 'kept', []) + [np.ones(4_000_000)]",
                "declared": {"memory_mb": 120},
            },
            "120.0 MiB are declared",
        ),
        (
            "time",
            {"wrong": "import time; time.sleep(0.2)", "declared": {"seconds_per_case": 0.1}},
            "took longer than the 0.1 s declared",
        ),
    ],
)
def test_one_thing_wrong_fails_the_check_that_is_there_for_it(checked, tmp_path, check, package, words):
    if check == "declarations":
        folder = a_package(tmp_path / "package")
        path = folder / "candidate.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("device: device.yaml", ""), encoding="utf-8")
        (result,) = [run_check(check, Suite(folder=folder, catalogue=build_catalogue()))]
    else:
        (result,) = checked(check, **package)
    assert (result.outcome, result.id) == ("failed", check)
    assert words in said(result)


def test_a_candidate_that_hangs_on_strange_input_is_found_within_the_seconds_given(checked, monkeypatch):
    hangs = ON_ONE_PIXEL.format("time.sleep(600)")
    limits = set()
    asked = Child.ask_together

    def has_one_pixel(request):
        return any(image.pixels.size == 1 for image in request.images)

    def ask_together(self, requests):
        limits.add(self._settings.seconds_per_case)
        return asked(self, requests)

    monkeypatch.setattr(Child, "ask_together", ask_together)
    limit_only(monkeypatch, has_one_pixel, seconds=0.5)
    hostile, after = checked("hostile_input", "unpoisoned", instead=hangs, seconds_per_case=PATIENCE)
    assert limits == {PATIENCE, 0.5}
    assert "one_pixel: no answer: timed out after 0.5 s" in said(hostile)
    assert (hostile.outcome, after.outcome) == ("failed", "passed")


def test_an_exception_on_strange_input_is_told_and_forgiven(checked):
    (result,) = checked(
        "hostile_input",
        instead="score = request['images'][0]['pixels'][1, 1].min() / 1e5\n"
        "return {'status': 'answered', 'findings': {'fracture': {'score': score}}}",
    )
    assert result.outcome == "passed"
    assert "IndexError" in said(result)
    assert result.evidence["n_raised"] >= 2


def test_a_batch_that_is_normalised_together_is_found(tmp_path, checked):
    together = (
        "    def answer_batch(self, requests):\n"
        "        means = [float(r['images'][0]['pixels'].mean()) for r in requests]\n"
        "        return [{'status': 'answered', 'findings': {'fracture': {'score': m / max(means)}}} for m in means]\n"
    )
    folder = a_package(tmp_path / "batches", yaml="batch: 3")
    path = folder / "product.py"
    path.write_text(path.read_text(encoding="utf-8") + "\n" + together, encoding="utf-8")
    suite = Suite(folder=folder, catalogue=build_catalogue())
    assert run_check("any_batch", suite).outcome == "failed"
    path.write_text(path.read_text(encoding="utf-8").replace("m / max(means)", "m / 255"), encoding="utf-8")
    assert run_check("any_batch", Suite(folder=folder, catalogue=build_catalogue())).outcome == "passed"


def test_tags_that_are_declared_are_read_with_a_note(checked):
    (result,) = checked(
        "tags_unread",
        wrong="score = (images[0]['bits_stored'] or 0) / 8",
        declared={"descriptive_tags": "[bits_stored]"},
    )
    assert result.outcome == "passed"
    assert "bits_stored" in said(result)


def test_what_expected_json_states_is_compared(tmp_path, catalogue):
    folder = a_package(tmp_path / "package")
    stated = '{"format": "dmn-bench/expected/1", "cases": {"case-1": {"findings": {"fracture": {"score": 0.99}}}}}'
    (folder / "cases" / "expected.json").write_text(stated, encoding="utf-8")
    result = run_check("expected_answers", Suite(folder=folder, catalogue=catalogue))
    assert result.outcome == "failed"
    assert "case-1" in said(result)
    (folder / "cases" / "expected.json").write_text(stated.replace("0.99", '0.3, "label": null'), encoding="utf-8")
    assert run_check("expected_answers", Suite(folder=folder, catalogue=catalogue)).outcome == "failed"
    (folder / "cases" / "expected.json").write_text("[]", encoding="utf-8")
    assert "expected.json" in said(run_check("manifest", Suite(folder=folder, catalogue=catalogue)))


def test_a_program_that_does_not_load_leaves_nothing_else_to_check(checked):
    results = checked("loads", "answers", "any_order", "hostile_input", "memory", load="raise ValueError('no licence')")
    assert list(outcomes(results).values()) == ["failed", *["not_applicable"] * 4]


def test_a_program_without_a_single_case_has_proved_nothing(tmp_path, catalogue):
    folder = a_package(tmp_path / "package")
    for path in (folder / "cases").iterdir():
        path.unlink()
    result = run_check("answers", Suite(folder=folder, catalogue=catalogue))
    assert result.outcome == "failed"
    assert "ships no cases" in said(result)


def test_failures_that_are_alike_are_not_the_same_answer(checked):
    results = checked("same_answer_twice", "any_order", "valid_answers", wrong="raise ValueError('no weights')")
    assert set(outcomes(results).values()) == {"not_applicable"}


def test_a_case_that_no_reader_reads_is_named(tmp_path, catalogue):
    folder = a_package(tmp_path / "package")
    (folder / "cases" / "case-7.xyz").write_bytes(b"what is this")
    result = run_check("answers", Suite(folder=folder, catalogue=catalogue))
    assert result.outcome == "failed"
    assert "case-7" in said(result)


def test_the_answers_that_a_package_ships_are_out_of_its_reach(checked):
    reads = (
        "from pathlib import Path\n"
        "try:\n"
        "    score = len(list((Path(__file__).parent / 'cases').iterdir()))\n"
        "except OSError:\n"
        "    score = 0.25\n"
    )
    results = checked("answers", "declared_scores", wrong=reads)
    assert list(outcomes(results).values()) == ["passed", "passed"], said(results[1])


@pytest.mark.parametrize(
    ("leads", "n_good", "outcome"),
    [("aVR", 0, "failed"), ("V1", 1, "failed"), ("V1", 2, "passed"), ("V1", 4, "passed")],
)
def test_a_package_that_refuses_most_of_a_set_is_not_to_be_delivered(tmp_path, catalogue, leads, n_good, outcome):
    new_package(tmp_path / "package", Wanted(adapter="python", task="beats"))
    path = tmp_path / "package" / "candidate.yaml"
    path.write_text(f"{path.read_text(encoding='utf-8')}signals: {{leads: [{leads}]}}\n", encoding="utf-8")
    root = a_set_of_recordings(tmp_path / "set", [("I", "V1" if n < n_good else "V2") for n in range(4)])
    suite = Suite(folder=tmp_path / "package", catalogue=catalogue, cases_from=root, least_tier=0)
    results = [run_check(name, suite) for name in ("answers", "memory", "time")]
    assert results[0].outcome == outcome, said(results[0])
    assert results[0].evidence == {"n_cases": 4, "n_unanswered": 0, "n_refused": 4 - n_good}
    if outcome == "failed":
        assert f"{n_good} of the 4 cases of the set" in said(results[0])
        assert "rejected_input" in said(results[0])
    if not n_good:
        assert [said(each) for each in results[1:]] == ["no case was answered."] * 2


class Counting(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        return


@pytest.fixture
def server():
    """A server on loopback that counts who came."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Counting) as found:
        found.asked = []
        thread = threading.Thread(target=found.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield found
        finally:
            found.shutdown()
            thread.join()


CALLS_HOME = "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:{port}/', timeout=60).read()"


def test_a_program_that_uses_the_network_without_saying_so_fails_and_reaches_nobody(checked, server):
    needs_seals()
    (result,) = checked("answers", least_tier=1, wrong=CALLS_HOME.format(port=server.server_port))
    assert result.outcome == "failed"
    assert server.asked == []


def test_a_declared_address_is_granted_and_printed(checked, server):
    needs_seals()
    address = f"127.0.0.1:{server.server_port}"
    declared = {"hosts": f'[{{address: "{address}", purpose: licence server, images: false}}]'}
    answers, network = checked(
        "answers", "network", least_tier=1, wrong=CALLS_HOME.format(port=server.server_port), declared=declared
    )
    assert (answers.outcome, network.outcome) == ("passed", "passed"), said(answers)
    assert server.asked
    assert f"needs {address} (licence server): declared; images left the machine: no." in said(network)


def needs_seals():
    from dmn_bench.execution.isolation import machine

    if machine().tier < 1:
        pytest.skip("this machine has no Landlock and seccomp to keep a program from the network")


def test_an_address_that_is_not_declared_fails(tmp_path, catalogue):
    from dmn_bench.testing.template import Wanted, new_package

    folder = tmp_path / "package"
    new_package(folder, Wanted(adapter="http", finding="fracture"))
    path = folder / "device.yaml"
    lines = [line if "hosts:" not in line else "  hosts: []" for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("\n".join(lines), encoding="utf-8")
    result = run_check("network", Suite(folder=folder, catalogue=catalogue))
    assert result.outcome == "failed"
    assert "127.0.0.1:8000" in said(result)


# ------------------------------------------------------------------------------------------------ the same in pytest


def test_the_class_has_a_method_for_every_check():
    methods = {name.removeprefix("test_") for name in vars(CandidateChecks) if name.startswith("test_")}
    assert methods == set(CHECKS)


def test_a_method_fails_with_what_was_found_and_how_to_mend_it(tmp_path):
    class Ours(CandidateChecks):
        package = a_package(tmp_path / "package", wrong="score *= 100")
        least_tier = 0

    ours = Ours()
    ours.test_answers()
    with pytest.raises(AssertionError, match=r"is not within 0.0 to 1.0.\nTo mend it: state the scale under outputs"):
        ours.test_declared_scores()
    with pytest.raises(unittest.SkipTest, match=r"needs\.memory_mb"):
        ours.test_memory()


def test_two_classes_do_not_share_a_suite(tmp_path):
    class First(CandidateChecks):
        package = a_package(tmp_path / "first")

    class Second(First):
        package = a_package(tmp_path / "second")

    assert (First.suite().folder, Second.suite().folder) == (First.package, Second.package)
    assert Second.suite() is Second.suite()


def test_every_check_is_worded_with_its_mending():
    for check in CHECKS:
        for language in LANGUAGES:
            assert say(f"plugin_kit.check.{check}", language)
            assert say(f"plugin_kit.mend.{check}", language)
