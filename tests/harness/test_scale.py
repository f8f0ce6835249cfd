"""What a run needs grows with the number of cases by a bounded amount, in memory and on disk; time is no test."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
FEW, MANY = 1_000, 9_000
MIB = 1 << 20


def benchmark():
    """benchmarks/scale.py, which makes the sets and measures the commands."""
    spec = importlib.util.spec_from_file_location("scale_benchmark", REPOSITORY / "benchmarks" / "scale.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where its dataclasses look for their own names
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Number of cases -> (what each command needed, its folder)."""
    scale, found = benchmark(), {}
    for n_cases in (FEW, MANY):
        folder = tmp_path_factory.mktemp(f"cases-{n_cases}")
        scale.write_job(folder, n_cases)
        steps = [scale.run_step(step, command, folder, n_cases) for step, command in scale.steps(folder)]
        found[n_cases] = {each.step: each for each in steps}, folder
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "bytes_per_case"),
    [("refset check", 2500), ("refset lock", 2500), ("refset describe", 2500), ("run", 4000)],
)
def test_memory_grows_by_little_for_each_case(runs, step, bytes_per_case):
    few, many = runs[FEW][0][step], runs[MANY][0][step]
    assert (many.peak_bytes - few.peak_bytes) / (MANY - FEW) < bytes_per_case


@pytest.mark.slow
def test_the_record_and_the_reports_do_not_grow_with_the_cases(runs):
    folder = runs[MANY][1] / "run"
    assert (folder / "record.json").stat().st_size < 2 * MIB
    reports = [path for path in folder.rglob("*") if path.suffix == ".html"]
    assert reports
    assert all(path.stat().st_size < 3 * MIB for path in reports)


@pytest.mark.slow
def test_every_case_has_its_line_of_answers_and_every_wrong_call_is_listed_or_counted(runs):
    folder = runs[MANY][1] / "run"
    assert len((folder / "answers.outputs.jsonl").read_text(encoding="utf-8").splitlines()) == MANY
    results = json.loads((folder / "record.json").read_text(encoding="utf-8"))["results"]
    [table] = results["tables"]
    [positives, negatives] = [dict(zip(table["columns"], counts, strict=True)) for counts in table["counts"]]
    device = ("abstained", "failed", "indeterminate", "rejected_input")
    wrong = (
        positives["negative"]
        + negatives["positive"]
        + sum(row[name] for row in (positives, negatives) for name in device)
    )
    assert len(results["errors"]) + results["errors_left_out"].get("outputs/exam", 0) == wrong
    assert max(len(curve["x"]) for curve in results["curves"]) <= 1000
