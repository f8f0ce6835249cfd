"""What device.yaml says of a graphics processor, and what the candidate is given: said before anybody is asked."""

import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import CandidateError, DmnBenchError, ProtocolError
from dmn_bench.execution.gpu import gpu_devices
from dmn_bench.harness import RunOptions, evaluate, prepare
from dmn_bench.harness.gpu_needs import gpu_problems
from dmn_bench.hookspecs import ChildProgram
from dmn_bench.testing.suite import Suite
from dmn_bench.wordings import LANGUAGES, say_problem

from . import small_run

NOT_HANDED_OVER, NOT_DECLARED = "gpu_needs.not_handed_over", "gpu_needs.not_declared"


def program(**fields):
    return ChildProgram(entry="a:B", import_paths=(), options={}, **fields)


@pytest.mark.parametrize(
    ("needs", "given", "expected"),
    [
        (True, True, []),
        (True, False, [NOT_HANDED_OVER]),
        (False, True, [NOT_DECLARED]),
        (False, False, []),
        (None, True, []),
        (None, False, []),
    ],
)
def test_what_is_needed_is_what_is_given(needs, given, expected):
    problems = gpu_problems(program(gpu=given), needs, "onnx", "device.yaml")
    assert [problem.key for problem in problems] == expected
    assert all(say_problem(problem, language) for problem in problems for language in LANGUAGES)
    assert gpu_problems(program(gpu=given, where="elsewhere"), needs, "http", "device.yaml") == []


def a_run(folder, needs, options=""):
    """The small run with a device.yaml; the path of its protocol."""
    path = small_run.write(folder)
    manifest = folder / "candidate" / "candidate.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8") + f"device: device.yaml\n{options}", encoding="utf-8")
    text = f"format: dmn-bench/device/1\nneeds: {needs}\n"
    (folder / "candidate" / "device.yaml").write_text(text, encoding="utf-8")
    return path


def program_of(path):
    (live,) = [each for each in prepare(path, catalogue=build_catalogue()).candidates if each.is_live]
    return live.adapter.program(live.base, {})


def test_the_declared_need_reaches_the_program(tmp_path):
    assert program_of(a_run(tmp_path / "a", "{gpu: true}")).gpu
    assert not program_of(a_run(tmp_path / "b", "{gpu: false}")).gpu
    assert not program_of(a_run(tmp_path / "c", "{}")).gpu
    assert Suite(folder=tmp_path / "a" / "candidate", catalogue=build_catalogue()).program.gpu


@pytest.mark.skipif(bool(gpu_devices()), reason="this machine has a graphics processor")
def test_a_run_on_a_machine_without_one_does_not_begin(tmp_path):
    path = a_run(tmp_path, "{gpu: true}")
    with pytest.raises(ProtocolError) as caught:
        evaluate(path, RunOptions(run_dir=tmp_path / "run"), catalogue=build_catalogue())
    (problem,) = caught.value.problems
    assert (problem.key, problem.facts) == ("gpu_needs.none_here", {"candidate": "live"})
    assert problem.where.startswith(path.name)
    assert not (tmp_path / "answers").exists()
    assert all(say_problem(problem, language) for language in LANGUAGES)


def test_a_need_that_the_adapter_cannot_meet_is_told_by_every_check(tmp_path):
    """No code of this package is ever run: its adapter starts its own, without a graphics processor."""
    folder = tmp_path / "candidate"
    path = a_run(tmp_path, "{gpu: true}")
    (folder / "m.onnx").write_bytes(b"")
    (folder / "candidate.yaml").write_text(
        "format: dmn-bench/candidate/1\nid: live\nadapter: onnx\ndevice: device.yaml\n"
        "options: {model: m.onnx, input: {}, output: {kind: score, finding: square}}\n",
        encoding="utf-8",
    )
    with pytest.raises(DmnBenchError) as in_the_run:
        prepare(path, catalogue=build_catalogue())
    with pytest.raises(CandidateError) as in_the_kit:
        Suite(folder=folder, catalogue=build_catalogue()).open()
    for caught in (in_the_run, in_the_kit):
        assert NOT_HANDED_OVER in {problem.key for problem in caught.value.problems}
