"""Defects found by attack, each the smallest run that shows it: strict, so that a repair turns its test red here.

When one is repaired, delete its ``xfail`` line and keep the test.
"""

import contextlib
import json
import os
import shutil
import signal
import textwrap
from pathlib import Path

import pytest

from dmn_bench import reference_set
from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import DmnBenchError
from dmn_bench.execution.isolation import MOST_TIER
from dmn_bench.harness import RunOptions, evaluate
from tests.harness import small_run

from . import tiny
from .test_run_properties import lesion, mark
from .tiny import GRADED, MARKED, SCORED, answered, case

REPOSITORY = Path(__file__).parents[2]


def live(folder, body, monkeypatch, *, patients=3):
    """The record of a whole run with a candidate whose second answer is made by ``body``."""
    monkeypatch.setattr(small_run, "N_PATIENTS", patients)
    monkeypatch.setenv(MOST_TIER, "0")  # it notes what it is asked, and some bodies reach outside
    path = small_run.write(folder, calls=folder / "calls")
    code = f"""\
        import json, os, struct, subprocess, time
        import numpy as np

        class Candidate:
            def __init__(self, options):
                self.calls, self.n = options["calls"], 0

            def answer(self, request):
                self.n += 1
                right = {{"status": "answered", "findings": {{"square": {{"score": 0.7}}}}}}
                if self.n != 2:
                    return right
{textwrap.indent(textwrap.dedent(body), " " * 16)}
        """
    (folder / "candidate" / "squares_live.py").write_text(textwrap.dedent(code), encoding="utf-8")
    return evaluate(path, RunOptions(run_dir=folder / "run"), catalogue=build_catalogue())


def statuses(folder):
    lines = (folder / "run" / "answers.live.jsonl").read_text(encoding="utf-8").rstrip("\n").split("\n")
    return [json.loads(line)["status"] for line in lines]


# ------------------------------------------------------------------------------------------------- wrong numbers


def test_a_lost_answer_never_raises_the_area(tmp_path):
    cases = [case("d1", "d1", "positive"), case("d2", "d2", "positive"), case("h", "h", "negative")]
    cases += [case("g1", "g", "negative", exam="g"), case("g2", "g", "negative", exam="g")]
    answers = [answered(i, s) for i, s in (("d1", 0.7), ("d2", 0.8), ("h", 0.1), ("g1", 0.6), ("g2", 0.9))]
    before = tiny.value(tiny.run(tmp_path / "a", cases, answers), "auc")
    assert before == 0.5
    assert tiny.value(tiny.run(tmp_path / "b", cases, answers[:-1]), "auc") <= before


def test_a_lost_answer_never_raises_kappa(tmp_path):
    grades = {"a1": ("2", 2), "a2": ("2", 4), "b": ("0", 1), "c": ("4", 4), "d": ("1", 1), "e": ("3", 2), "f": ("0", 0)}
    cases = [case(i, i[0], truth, exam=i[0]) for i, (truth, _) in grades.items()]
    answers = [{"case_id": i, "finding": "f", "grade": grade} for i, (_, grade) in grades.items()]
    before = tiny.value(tiny.run(tmp_path / "a", cases, answers, endpoint=GRADED), "kappa_quadratic")
    kept = [a for a in answers if a["case_id"] != "a2"]
    assert tiny.value(tiny.run(tmp_path / "b", cases, kept, endpoint=GRADED), "kappa_quadratic") <= before


def test_a_lost_answer_counts_one_false_positive_and_never_beats_the_answered_images(tmp_path):
    """A flood of marks may cost more than silence; silence never less than leaving the image out of the set."""
    cases = [case(f"c{i}", f"p{i}", "positive" if i < 5 else "negative") for i in range(10)]
    marks = [mark(f"c{i}", 0.9 - 0.15 * i, 10) for i in range(4)] + [mark("c4", 0.05, 90)]
    marks += [mark("c5", 0.8, 50 + 20 * j) for j in range(6)] + [mark(f"c{i}", 0.1, 50) for i in range(6, 10)]
    point = {"name": "lesion_sensitivity", "at_false_positives_per_image": 0.5}
    endpoint = {**MARKED, "no_marks": "failed", "metrics": [point]}
    more = {"endpoint": endpoint, "lesions": [lesion(f"c{i}") for i in range(5)]}
    flood = tiny.run(tmp_path / "a", cases, marks, **more)
    one = tiny.run(tmp_path / "b", cases, [*(m for m in marks if m["case_id"] != "c5"), mark("c5", 0.95, 50)], **more)
    lost = tiny.run(tmp_path / "c", cases, [m for m in marks if m["case_id"] != "c5"], **more)
    found = [tiny.value(results, "lesion_sensitivity") for results in (flood, one, lost)]
    assert found == [0.2, 0.8, 0.8]
    assert found[2] <= tiny.value(lost, "lesion_sensitivity", "evaluable")
    two = [m for m in marks if m["case_id"] not in ("c5", "c6")]
    both = tiny.run(tmp_path / "d", cases, two, **more)
    assert tiny.value(both, "lesion_sensitivity") <= tiny.value(both, "lesion_sensitivity", "evaluable")


def test_a_likelihood_ratio_lies_within_its_own_limits(tmp_path):
    cases, answers = [], []
    for patient in "ab":
        for u in range(60):
            cases += [case(f"{patient}p{u}", patient, "positive"), case(f"{patient}n{u}", patient, "negative")]
            answers += [answered(f"{patient}p{u}", 0.9), answered(f"{patient}n{u}", 0.1 if u % 3 else 0.9)]
    found = tiny.run(tmp_path, cases, answers)["estimates"]
    [row] = [e for e in found if (e["metric"], e["analysis"], e["stratum"]) == ("lr_negative", "evaluable", None)]
    assert row["low"] <= row["value"] <= row["high"]


def test_the_order_of_rows_changes_no_resampled_limit(tmp_path):
    cases = [case(f"c{i}", f"p{i}", "positive" if i < 8 else "negative") for i in range(16)]
    marks = [mark(f"c{i}", 0.9 - 0.05 * i, 10 if i % 3 else 80) for i in range(16)]
    more = {"endpoint": {**MARKED, "metrics": ["wafroc"]}, "lesions": [lesion(f"c{i}") for i in range(8)]}
    first = tiny.by_key(tiny.run(tmp_path / "a", cases, marks, **more))
    assert first == tiny.by_key(tiny.run(tmp_path / "b", cases[::-1], marks[::-1], **more))


def test_gradability_counts_its_units_by_class(tmp_path):
    cases = [case(f"c{i}", f"p{i}", str(i % 5)) for i in range(10)]
    answers = [{"case_id": f"c{i}", "finding": "f", "grade": i % 5} for i in range(10)]
    rows = tiny.run(tmp_path, cases, answers, endpoint=GRADED)["estimates"]
    [row] = [e for e in rows if e["metric"] == "gradability" and e["stratum"] is None]
    assert (row["n_positive"], row["n_negative"]) == (6, 4)


# ------------------------------------------------------------------------------ lost cases, answers and verdicts


def strips(folder, n):
    """The first ``n`` strips of the demonstration, unlocked, with a protocol for them; the folder of the set."""
    root = folder / "set"
    shutil.copytree(REPOSITORY / "reference_sets" / "ecg-demo", root)
    for name in ("LOCK.json", "readings.csv", "sampling.csv"):
        (root / name).unlink(missing_ok=True)
    for name in ("cases.csv", "truth.csv"):
        lines = (root / name).read_text(encoding="utf-8").splitlines()[: n + 1]
        (root / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    protocol = {
        "format": "dmn-bench/protocol/1",
        "id": "strips",
        "reference_set": "set",
        "candidates": [{"id": "device", "package": str(REPOSITORY / "plugins" / "example-ecg")}],
        "endpoints": [
            {"name": "e", "task": "beats", "unit": "beat", "learning_seconds": 0, "metrics": ["qrs_sensitivity"]}
        ],
        "statistics": {"resamples": 200, "minimum_n": {"estimate": 1}},
    }
    (folder / "strips.yaml").write_text(json.dumps(protocol), encoding="utf-8")
    return root


def test_a_doubt_about_another_finding_takes_no_record_from_the_beats(tmp_path):
    root = strips(tmp_path, 2)
    truth = root / "truth.csv"
    truth.write_text(truth.read_text(encoding="utf-8").replace("negative", "indeterminate", 1), encoding="utf-8")
    reference_set.lock(root)
    record = evaluate(tmp_path / "strips.yaml", RunOptions(run_dir=tmp_path / "run"), catalogue=build_catalogue())
    assert sum(row.included for row in record.results.flow) == 2


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param({"metric": "sensitivity", "each_level_of": "size"}, id="levels of a lesion field"),
        pytest.param({"metric": "sensitivity", "candidate": "file", "endpoint": "other"}, id="candidate not asked"),
    ],
)
def test_every_rule_has_a_verdict_or_is_refused(tmp_path, monkeypatch, rule):
    plain = tiny.as_csv

    def with_size(rows, columns):
        sized = "lesion_id" in columns
        return plain([{**r, "size": "big"} for r in rows] if sized else rows, [*columns, "size"] if sized else columns)

    monkeypatch.setattr(tiny, "as_csv", with_size)
    cases = [case(f"c{i}", f"p{i}", "positive" if i % 2 else "negative") for i in range(6)]
    answers = [answered(f"c{i}", 0.9 if i % 2 else 0.1) for i in range(6)]
    endpoints = [SCORED, {**SCORED, "name": "other", "candidates": []}]
    asked = {"id": "r", "endpoint": "e", "at_least": 0.5, **rule}
    more = {"strata": ["sex", "size"], "endpoints": endpoints, "acceptance": [asked]}
    try:
        found = tiny.run(tmp_path, cases, answers, lesions=[lesion("c1")], **more)
    except DmnBenchError:
        return
    assert found["acceptance"]


def test_two_scores_in_one_json_line_are_not_one_answer(tmp_path):
    tmp_path.joinpath("a.jsonl").write_text('{"case_id":"c","finding":"f","score":0.9,"score":0.1}\n', encoding="utf-8")
    try:
        found = tiny.run(tmp_path, [case("c", "p", "positive")], [], options={"path": "a.jsonl"})
    except DmnBenchError:
        return
    assert [e["kind"] for e in found["errors"]] == ["unanswered"]


# ---------------------------------------------------------------------------------------------------------- leaks


def test_a_candidate_that_rewrites_the_truth_is_found_out(tmp_path):
    root = strips(tmp_path, 2)
    package = tmp_path / "candidate"
    package.mkdir()
    manifest = "format: dmn-bench/candidate/1\nid: cheat\nadapter: python\nentry: cheat:Cheat\n"
    manifest += "receives: {signals: array}\n"
    (package / "candidate.yaml").write_text(f'{manifest}options: {{files: "{root}/files"}}\n', encoding="utf-8")
    code = """\
        import os, wfdb, numpy
        class Cheat:
            def __init__(self, options):
                os.chdir(options["files"])
                for name in os.listdir("."):
                    stem, _, ending = name.partition(".")
                    if ending not in ("hea", "dat"):
                        wfdb.wrann(stem, ending, numpy.array([1000, 2000]), symbol=["N", "N"])
            def answer(self, request):
                return {"status": "answered", "beats": [{"sample": s, "symbol": "N"} for s in (1000, 2000)]}
        """
    (package / "cheat.py").write_text(textwrap.dedent(code), encoding="utf-8")
    path = tmp_path / "strips.yaml"
    protocol = json.loads(path.read_text(encoding="utf-8"))
    protocol["candidates"][0]["package"] = "candidate"
    path.write_text(json.dumps(protocol), encoding="utf-8")
    reference_set.lock(root)
    with pytest.raises(DmnBenchError):
        evaluate(path, RunOptions(run_dir=tmp_path / "run"), catalogue=build_catalogue())


def test_the_order_of_requests_is_not_that_of_the_set(tmp_path, monkeypatch):
    monkeypatch.setattr(small_run, "is_positive", lambda patient: patient < 10)
    monkeypatch.setattr(small_run, "N_PATIENTS", 20)
    monkeypatch.setenv(MOST_TIER, "0")
    path = small_run.write(tmp_path, calls=tmp_path / "calls")
    code = """\
        class Candidate:
            def __init__(self, options):
                self.calls = options["calls"]
            def answer(self, request):
                with open(self.calls, "a") as stream:
                    stream.write("%d " % request["images"][0]["pixels"].max())
                return {"status": "answered", "findings": {"square": {"score": 0.7}}}
        """
    (tmp_path / "candidate" / "squares_live.py").write_text(textwrap.dedent(code), encoding="utf-8")
    evaluate(path, RunOptions(run_dir=tmp_path / "run"), catalogue=build_catalogue())
    seen = [int(level) for level in (tmp_path / "calls").read_text(encoding="utf-8").split()]
    bright = [level > 100 for level in seen if level >= 50]  # the picture of patient 2 is black
    assert sum(bright) == 18
    assert bright != sorted(bright, reverse=True)


def test_nothing_that_a_candidate_started_outlives_the_run(tmp_path, monkeypatch):
    body = """\
        quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        left = subprocess.Popen(["/bin/sleep", "60"], start_new_session=True, **quiet)
        open(self.calls, "w").write(str(left.pid))
        return right
        """
    live(tmp_path, body, monkeypatch)
    left = int((tmp_path / "calls").read_text(encoding="utf-8"))
    try:
        assert not Path(f"/proc/{left}").exists()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(left, signal.SIGKILL)


# -------------------------------------------------------------------------------- crashes: one answer ends the run

SENDS = """\
    fields = {fields}
    data = json.dumps(dict(fields, buffers=[{{"dtype": "<f8", "shape": [2], "bytes": 16}}])).encode()
    for name in os.listdir("/proc/self/fd"):
        if int(name) >= 200:
            try:
                os.write(int(name), struct.pack(">I", len(data)) + data + bytes(16))
            except OSError:
                pass
    time.sleep(0.3)
    return right
    """
ENDS_THE_RUN = {
    "array for a status": 'return {"status": np.array([1, 2])}',
    "array for a label": 'return {"status": "answered", "findings": {"square": {"label": np.array([1, 2])}}}',
    "array for the status of a finding": (
        'return {"status": "answered", "findings": {"square": {"score": 0.5, "status": np.array([1, 2])}}}'
    ),
    "name of a file that is not UTF-8 in an exception": 'raise ValueError("cannot read \\udcff.dcm")',
    "lone surrogate in the name of a finding": 'return {"status": "answered", "findings": {"\\udcff": {"scoer": 1}}}',
    "array for the kind of message": SENDS.format(fields='{"message": {"$buffer": 0}}'),
    "array for the id of the request": SENDS.format(fields='{"message": "answer", "request_id": {"$buffer": 0}}'),
}


@pytest.mark.parametrize("how", ENDS_THE_RUN)
def test_no_answer_ends_a_run(tmp_path, monkeypatch, how):
    live(tmp_path, ENDS_THE_RUN[how], monkeypatch)
    assert statuses(tmp_path).count("failed") <= 1


@pytest.mark.parametrize(
    "line",
    [
        '{"case_id":"c","finding":"\\ud800","score":0.7}',
        '{"case_id":"c","finding":"f","status":"abstained","reason":"\\ud800"}',
    ],
    ids=["finding", "reason"],
)
def test_half_a_character_in_a_json_line_is_an_error_of_the_file(tmp_path, line):
    (tmp_path / "a.jsonl").write_text(f"{line}\n", encoding="utf-8")
    with contextlib.suppress(DmnBenchError):
        tiny.run(tmp_path, [case("c", "p", "positive")], [], options={"path": "a.jsonl"})


@pytest.mark.parametrize("bounds", ["value: 0.2, low: 0.0, high: 0.3", "value: 0.0", "value: 1.0"])
def test_a_prevalence_of_none_or_all_is_refused_or_not_estimable(tmp_path, bounds):
    cases = [case(f"c{i}", f"p{i}", "positive" if i % 2 else "negative") for i in range(6)]
    answers = [answered(f"c{i}", 0.9 if i % 2 else 0.1) for i in range(6)]
    card = tiny.CARD.replace("value: 0.2, low: 0.1, high: 0.3", bounds)
    with contextlib.suppress(DmnBenchError):
        tiny.run(tmp_path, cases, answers, card=card)


def test_a_mark_far_away_is_a_miss(tmp_path, monkeypatch):
    plain, sphere = tiny.as_csv, ["case_id", "lesion_id", "finding", "x_mm", "y_mm", "z_mm", "diameter_mm"]
    monkeypatch.setattr(tiny, "as_csv", lambda rows, names: plain(rows, sphere if "lesion_id" in names else names))
    place = {"case_id": "c", "finding": "f", "y_mm": 0, "z_mm": 0}
    [table] = tiny.run(
        tmp_path,
        [case("c", "p", "positive")],
        [{**place, "x_mm": "1e200", "score": 0.5}],
        endpoint={**MARKED, "hit_rule": {"luna16": True}},
        lesions=[{**place, "lesion_id": 1, "x_mm": 0, "diameter_mm": 5}],
    )["tables"]
    assert table["counts"][:2] == [[1.0, 0.0], [1.0, 1.0]]


def test_a_reason_in_an_output_file_is_cut_to_a_sane_length(tmp_path):
    answers = [{"case_id": "c", "finding": "f", "status": "abstained", "reason": "A" * 100_000}]
    [error] = tiny.run(tmp_path, [case("c", "p", "positive")], answers)["errors"]
    assert len(error["reason"]) <= 2000
