"""Probes: devices that depend on how they are asked are found out, and an honest one is not accused."""

import html
import json

import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.harness import RunOptions, evaluate
from dmn_bench.protocol import read_protocol
from dmn_bench.reporting.documents import write_reports

from . import small_run

KINDS = ["repeatability", "order", "batch", "identifiers", "descriptors"]
ANSWER = """
import os, random


class Candidate:
    def __init__(self, options):
        self.n = 0
        self.last = 0.0

    def answer(self, request):
        image = request["images"][0]
        level = float(image["pixels"].max()) / 255
        score = level + CHANGE
        self.n += 1
        self.last = level
        return {"status": "answered", "findings": {"square": {"score": score}}}
"""
DISHONEST = {
    "repeatability": "random.SystemRandom().random()",
    "order": "self.last / 4",
    "identifiers": "(0.25 if image['name'] == 'image-1' else 0)",
    "descriptors": "(0.25 if image['bits_stored'] == 8 else 0)",
}


@pytest.fixture
def run(tmp_path):
    def run(change, *, kinds=KINDS, cases=8, tolerance=0.0, resume=False):
        path = tmp_path / "squares.yaml"
        if not path.exists():
            small_run.write(tmp_path)
            asked = {"kinds": kinds, "cases": cases, "tolerance": tolerance}
            path.write_text(path.read_text() + f"probes: {json.dumps(asked)}\n")
            source = ANSWER.replace("CHANGE", change)
            (tmp_path / "candidate" / "squares_live.py").write_text(source)
        options = RunOptions(run_dir=tmp_path / "run", workers=2, resume=resume)
        return evaluate(path, options, catalogue=build_catalogue())

    return run


def rows(record):
    return {row.probe: row for row in record.results.probes}


def test_an_honest_device_gives_the_same_answers_however_it_is_asked(run):
    found = rows(run("0"))
    assert list(found) == KINDS
    assert found["batch"].not_applicable == "one_at_a_time"
    for kind in set(KINDS) - {"batch"}:
        row = found[kind]
        assert (row.n_cases, row.n_different, row.n_calls_changed, row.largest_score_difference) == (8, 0, 0, 0.0)


@pytest.mark.parametrize("kind", DISHONEST)
def test_a_device_that_depends_on_how_it_is_asked_is_found_out_by_the_probe_of_that_name(run, kind):
    found = rows(run(DISHONEST[kind], kinds=[kind]))
    row = found[kind]
    assert row.n_different >= 4
    assert row.largest_score_difference > 0
    assert set(row.cases) <= {f"c{patient:02d}{exam}" for patient in range(30) for exam in "ab"}
    assert row.first_difference.startswith("findings.square.score: ")
    assert row.n_calls_changed is not None


def test_only_the_probe_concerned_accuses(run):
    found = rows(run(DISHONEST["identifiers"]))
    changed = {kind: row.n_different for kind, row in found.items() if row.n_different}
    assert changed == {"identifiers": 8}


def test_a_tolerance_forgives_small_changes(run):
    found = rows(run(DISHONEST["descriptors"], kinds=["descriptors"], tolerance=0.26))
    assert found["descriptors"].n_different == 0
    assert found["descriptors"].largest_score_difference == pytest.approx(0.25)


def test_the_same_cases_are_drawn_each_time_and_nobody_is_asked_twice(run, tmp_path):
    first = run("random.SystemRandom().random()", kinds=["repeatability"])
    (tmp_path / "run" / "record.json").unlink()
    again = run("", resume=True)
    assert again.results_sha256 == first.results_sha256


def test_without_the_key_nothing_is_asked_again(tmp_path):
    path = small_run.write(tmp_path)
    assert read_protocol(path).probes.kinds == []
    record = evaluate(path, RunOptions(run_dir=tmp_path / "run"), catalogue=build_catalogue())
    assert record.results.probes == []
    assert len(list((tmp_path / "answers").glob("*.sqlite"))) == 1


@pytest.mark.parametrize(("language", "sentence"), [("en", "Identifiers"), ("fr", "Identifiants")])
def test_the_report_says_what_changed_and_what_it_means(run, tmp_path, language, sentence):
    record = run(DISHONEST["identifiers"])
    catalogue = build_catalogue()
    sections = [catalogue.make("report_section", name) for name in catalogue.names("report_section")]
    paths = write_reports(record, tmp_path / "out", languages=(language,), sections=sections)
    text = html.unescape(next(path for path in paths if "live" in path.name).read_text(encoding="utf-8"))
    assert sentence in text
    assert {"en": "recognise cases that it has seen", "fr": "cas qu’il a déjà vus"}[language] in text
