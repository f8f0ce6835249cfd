"""A program of a vendor, started for each case or batch: its options, and its faults in whole runs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dmn_bench.adapters.command import Command
from dmn_bench.adapters.exchange_folder import write_request
from dmn_bench.catalogue import build_catalogue
from dmn_bench.catalogue.manifests import load_manifest
from dmn_bench.errors import CandidateError
from dmn_bench.files import shipped
from dmn_bench.harness import RunOptions, evaluate

from ..harness import small_run
from ..patience import limit_only
from .kit import problem_keys
from .programs_kit import ALL, LEVELS, ODD, WITHOUT_ODD, Run, a_command, a_package, a_request, is_odd

LIMITS = {"most_files": 200, "most_mb": 64}


def problems(adapter, base):
    with pytest.raises(CandidateError) as caught:
        adapter.program(base, {})
    return problem_keys(caught)


# ------------------------------------------------------------------------------------------------------------ options


def test_the_program_and_its_places_are_filled_in_but_for_those_of_a_case(tmp_path):
    base = a_package(tmp_path / "package")
    program = a_command("x").program(base, {})
    assert program.options["command"][1:] == [f"{base}/square.py", "{input}", "{output}", "x"]
    assert Path(program.options["command"][0]).is_file()
    assert (program.where, program.batch, program.hosts) == ("here", 1, ())
    assert base in program.readable


def test_a_program_with_a_slash_is_of_the_candidate_and_one_without_of_the_system(tmp_path):
    base = a_package(tmp_path / "package")
    (base / "run").write_text("#!/bin/sh\n")
    own = Command(command=("./run", "{input}", "{output}"))
    assert problems(own, base) == {"adapters_programs.not_executable"}
    (base / "run").chmod(0o755)
    assert own.program(base, {}).options["command"][0] == f"{base}/run"
    assert Path(Command(command=("sh", "{input}{output}")).program(base, {}).options["command"][0]).parent != base
    for word in ("run", "../none/run", "nosuch"):
        assert problems(Command(command=(word, "{input}", "{output}")), base) == {"adapters_programs.no_program"}


def test_every_problem_of_the_options_is_said_at_once(tmp_path):
    adapter = Command(
        command=("nosuch",), batch=0, most_files=0, exit_statuses={"0": "failed"}, reads=("weights",), results="dicom"
    )
    assert problems(adapter, a_package(tmp_path / "package")) == {
        "adapters_programs.command_place",
        "adapters_programs.no_program",
        "adapters_programs.at_least_one",
        "adapters_programs.exit_code",
        "adapters_programs.no_file",
        "adapters_programs.dicom_needs_dicom",
    }


def test_an_exit_code_speaks_of_one_case(tmp_path):
    adapter = a_command(batch=2, exit_statuses={"3": "abstained"})
    assert problems(adapter, a_package(tmp_path / "package")) == {"adapters_programs.exit_code_of_batch"}


def test_options_of_a_class_are_refused(tmp_path):
    with pytest.raises(CandidateError) as caught:
        a_command().program(a_package(tmp_path / "package"), {"threshold": 1})
    assert problem_keys(caught) == {"adapters_programs.no_further_options"}


def test_the_identity_is_every_file_of_the_package(tmp_path):
    base = a_package(tmp_path / "package")
    before = a_command().identity(base)
    assert list(before) == ["candidate.yaml", "square.py"]
    (base / "square.py").write_text("other")
    assert a_command().identity(base)["square.py"] != before["square.py"]


def test_without_a_package_only_what_is_named_is_read_and_hashed(tmp_path):
    """The folder of a protocol may hold the truth."""
    for name in ("run", "weights", "truth.csv"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    adapter = Command(command=("./run", "{input}", "{output}"), reads=("weights",))
    assert set(adapter.identity(tmp_path)) == {"run", "weights"}
    assert set(adapter.program(tmp_path, {}).readable) == {tmp_path / "run", tmp_path / "weights"}


# --------------------------------------------------------------------------------------------------------------- runs


@pytest.mark.parametrize(("batch", "behaviour"), [(1, ""), (2, ""), (2, "lines")])
def test_a_program_answers_every_case(tmp_path, batch, behaviour):
    run = Run(tmp_path, a_command(behaviour, batch=batch)).ask()
    assert run.scores == ALL
    assert {asked.peak_memory_mb for asked in run.asked} == {None}  # that of our runner is not the candidate's
    assert all(asked.seconds > 0 for asked in run.asked)
    assert run.failed_attempts == ()


FAULTS = {
    "crash": "died with signal 11",
    "out of memory": "died with signal 9",
    "exit": "exited with code 7; last line printed: ",
    "exit 3": "exited with code 3",
    "hang": "timed out after 1 s",
    "no output": "no output: expected answer.json, found nothing",
    "half": "answer.json: expected a JSON object",
    "wrong id": f"request_id: expected r-{ODD}, found another",
    "link": "answer.json: expected a plain file, found a link",
    "many files": "output folder: expected at most 200 files and folders, found more",
}


@pytest.mark.parametrize("behaviour", FAULTS)
def test_a_fault_costs_the_case_it_belongs_to(tmp_path, monkeypatch, behaviour):
    if behaviour == "hang":
        limit_only(monkeypatch, is_odd, seconds=1.0)
    run = Run(tmp_path, a_command(behaviour, **LIMITS)).ask()
    assert run.scores == WITHOUT_ODD
    assert run.answers[ODD].status == "failed"
    assert FAULTS[behaviour] in run.answers[ODD].reason


def test_a_disk_that_is_full_fails_the_case_that_filled_it(tmp_path):
    run = Run(tmp_path, a_command("disk full", **LIMITS)).ask()
    assert run.scores == WITHOUT_ODD
    assert "output folder: expected at most 64 MiB, found more" in run.answers[ODD].reason


def test_a_declared_exit_code_is_a_refusal(tmp_path):
    run = Run(tmp_path, a_command("exit 3", exit_statuses={"3": "abstained"})).ask()
    assert run.scores == WITHOUT_ODD
    assert run.answers[ODD].status == "abstained"


def test_a_crash_in_a_batch_costs_its_own_case_alone(tmp_path):
    run = Run(tmp_path, a_command("crash", batch=3)).ask()
    assert run.scores == WITHOUT_ODD
    assert "died with signal 11" in run.answers[ODD].reason


@pytest.mark.parametrize("behaviour", ["lines twice", "lines half", "lines of another", "lines missing"])
def test_a_wrong_line_of_a_batch_costs_its_own_case_alone(tmp_path, behaviour):
    run = Run(tmp_path, a_command(behaviour, batch=3)).ask()
    assert run.scores == WITHOUT_ODD
    assert run.answers[ODD].status == "failed"


def test_what_a_program_leaves_running_is_ended_and_what_it_prints_costs_nothing(tmp_path):
    run = Run(tmp_path, a_command("leaves processes")).ask()
    assert len(run.scores) == len(LEVELS)
    said = subprocess.run(["ps", "-eo", "args"], capture_output=True, check=True).stdout.decode()
    assert f"left-behind-by {tmp_path}" not in said
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    assert len(Run(tmp_path, a_command("flood")).ask().scores) == len(LEVELS)


def test_the_shipped_example_answers_and_rejects_as_it_declares(tmp_path):
    package = shipped("plugins") / "example-command"
    manifest = load_manifest(package)
    adapter = Command(**manifest.options, receives=manifest.receives)
    base = a_package(tmp_path / "package")
    shutil.copy(package / "predict.py", base)
    run = Run(tmp_path, adapter, n=1).ask()
    assert 0 < run.answers["c0"].findings["fracture"].score < 1
    program = [sys.executable, package / "predict.py"]
    write_request(a_request(level=0), tmp_path / "in", arrays="npy")
    (tmp_path / "out").mkdir()
    ended = subprocess.run([*program, tmp_path / "in", tmp_path / "out"], capture_output=True, check=False)
    assert manifest.options["exit_statuses"] == {str(ended.returncode): "rejected_input"}
    assert ended.stderr.decode().splitlines() == ["image-1 is uniform"]


def test_a_whole_run_by_a_script_gives_the_results_of_the_class(tmp_path, monkeypatch):
    """The same device, once as a class and once as a script: the same estimates and the same failures."""
    monkeypatch.setattr(small_run, "N_PATIENTS", 10)
    path = small_run.write(tmp_path)
    options = RunOptions(run_dir=tmp_path / "class")
    by_class = evaluate(path, options, catalogue=build_catalogue())
    (tmp_path / "candidate" / "script.py").write_text(SCRIPT)
    (tmp_path / "candidate" / "candidate.yaml").write_text(MANIFEST.replace("PYTHON", sys.executable))
    by_script = evaluate(path, RunOptions(run_dir=tmp_path / "script"), catalogue=build_catalogue())
    assert by_script.results.estimates == by_class.results.estimates
    assert by_script.results.flow == by_class.results.flow


MANIFEST = """\
format: dmn-bench/candidate/1
id: squares-live
adapter: command
python: PYTHON
receives: {image: array}
options: {command: ["{python}", "{candidate}/script.py", "{input}", "{output}"], batch: 8}
"""
SCRIPT = """\
import os
import sys
from pathlib import Path

for folder in sorted(Path(sys.argv[1]).iterdir()):
    level = max((folder / "image-1.npy").read_bytes()[128:]) / 255
    if level < 0.02:
        os._exit(3)
    answer = '{"status": "answered", "findings": {"square": {"score": %r}}}' % level
    (Path(sys.argv[2]) / folder.name / "answer.json").write_text(answer)
"""


def test_a_shell_script_can_be_a_candidate(tmp_path):
    base = a_package(tmp_path / "package")
    script = base / "run.sh"
    answer = '{"status": "indeterminate", "reason": "from a shell"}'
    script.write_text(f'#!/bin/sh\ntest -f "$1/request.json" || exit 9\necho \'{answer}\' > "$2/answer.json"\n')
    script.chmod(0o755)
    run = Run(tmp_path, Command(command=("./run.sh", "{input}", "{output}")), n=1).ask()
    assert (run.answers["c0"].status, run.answers["c0"].reason) == ("indeterminate", "from a shell")


def test_variables_are_handed_over_by_name_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("VENDOR_TOKEN", "secret")
    monkeypatch.setenv("OTHER_TOKEN", "secret")
    code = 'echo "{\\"status\\": \\"abstained\\", \\"reason\\": \\"$VENDOR_TOKEN-$OTHER_TOKEN\\"}" > "$1/answer.json"'
    adapter = Command(command=("sh", "-c", code, "{input}", "{output}"), environment=("VENDOR_TOKEN",))
    assert os.environ["OTHER_TOKEN"] == "secret"
    assert Run(tmp_path, adapter, n=1).ask().answers["c0"].reason == "secret-"
