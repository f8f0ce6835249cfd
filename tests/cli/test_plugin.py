"""`plugin new` and `plugin check` as a vendor and a buyer type them: every template works as it is written."""

import json
import runpy
import socket
import sys
import threading
from http.server import ThreadingHTTPServer

import pytest

from dmn_bench import cli
from dmn_bench.adapters.answer_reading import read_answer
from dmn_bench.catalogue import Device, build_catalogue, load_manifest
from dmn_bench.catalogue.plugin_check import Checked, read_plugin_check
from dmn_bench.cli import plugin, plugin_check
from dmn_bench.errors import CandidateError
from dmn_bench.execution.answer_json import answer_to_json
from dmn_bench.testing.candidate import run_check
from dmn_bench.testing.package import unlike
from dmn_bench.testing.suite import Suite
from dmn_bench.testing.template import TASKS
from dmn_bench.wordings import LANGUAGES, words

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="vendor code runs on Linux only")
RUNNING = ("http", "container", "dicom-node", "dicomweb")  # something must be running while they are checked
FIRST = [(adapter, tasks[0]) for adapter, tasks in TASKS.items() if adapter not in RUNNING]
IN_PROCESS = [
    *(("python", task) for task in ("segmentation", "measurement", "beats", "statements", "episodes")),
    ("command", "measurement"),  # the lines of the Python one
]
"""Templates whose code is run here, without a sealed process of its own: that costs seconds."""
NAMELESS = ("segmentation", "measurement", "beats", "episodes")  # tasks whose answers name no finding
CHOICES = [(adapter, task) for adapter, tasks in TASKS.items() for task in tasks]


def run(capsys, *arguments):
    """Exit code, standard output and standard error of one command."""
    code = cli.call(arguments)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture(autouse=True)
def english(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")


def a_package(capsys, folder, adapter="python", *options):
    code, _, said = run(capsys, "plugin", "new", str(folder), "--adapter", adapter, "--finding", "fracture", *options)
    assert (code, said) == (0, "")
    return folder


def answer(monkeypatch, *lines):
    given = iter(lines)
    monkeypatch.setattr("typer.prompt", lambda *_, **__: next(given))


# ---------------------------------------------------------------------------------------------------------- new


@LINUX
@pytest.mark.parametrize(("adapter", "task"), [*FIRST, ("python", "beats")])
def test_a_fresh_package_passes_the_check_as_it_is(tmp_path, capsys, adapter, task):
    folder = a_package(capsys, tmp_path / "product", adapter, "--task", task)
    code, out, _ = run(capsys, "plugin", "check", str(folder), "--isolation", "at-least-0")
    checked = read_plugin_check(folder / "plugin-check.json")
    assert [check.problems for check in checked.checks if check.outcome == "failed"] == []
    assert code == 0
    assert "none failed" in out
    asked = {check.id for check in checked.checks if check.outcome == "passed"}
    assert {"manifest", "declarations", "answers", "expected_answers"} <= asked
    assert ("refusals" in asked) == (adapter != "predictions")


@LINUX
@pytest.mark.parametrize(
    ("adapter", "task"),
    [choice for choice in CHOICES if choice not in [*FIRST, *IN_PROCESS] and choice[0] not in RUNNING],
)
def test_a_fresh_package_for_another_task_answers_as_it_states(tmp_path, capsys, adapter, task):
    suite = Suite(folder=a_package(capsys, tmp_path / "product", adapter, "--task", task), catalogue=build_catalogue())
    names = ("answers", "expected_answers", "refusals", *(() if task in NAMELESS else ("declared_names",)))
    results = [run_check(name, suite) for name in names]
    assert [(result.outcome, result.problems) for result in results] == [("passed", ())] * len(names)


@pytest.mark.parametrize("task", ["segmentation", "measurement", "statements", "episodes"])
def test_the_code_of_a_fresh_package_answers_as_it_states(tmp_path, capsys, task):
    suite = Suite(folder=a_package(capsys, tmp_path / "product", "python", "--task", task), catalogue=build_catalogue())
    product = runpy.run_path(str(suite.folder / "product.py"))["Candidate"]({})
    stated = suite.expected.answers
    for case in suite.cases.cases:
        request, origin = suite.cases.load(case, tmp_path)
        asked = {"images": [{"name": each.name, "pixels": each.pixels} for each in request.images]}
        if request.signals is not None:
            asked = {"signals": request.signals.samples, "sampling_hz": request.signals.sampling_hz}
        found = answer_to_json(read_answer(product.answer(asked), case.case_id, origin))
        assert unlike(stated[case.case_id], found, suite.expected.tolerance) == []
    kinds = {json.dumps(answer, sort_keys=True) for answer in stated.values()}
    assert len(kinds) > 1  # a product that always says the same would be found out


@LINUX
def test_a_fresh_package_of_an_image_answers_as_it_states_once_the_image_is_there(tmp_path, capsys):
    """The engine is a stand-in, whose image runs the program of the package."""
    from ..adapters.engine_stand_in import Engine

    folder = a_package(capsys, tmp_path / "product", "container")
    assert "COPY product.py" in (folder / "Dockerfile").read_text(encoding="utf-8")
    engine = Engine("docker")
    try:
        engine.start()
        image = engine.image(sys.executable, "-B", folder / "product.py")
        path = folder / "candidate.yaml"
        told = f"image: {image}\n  engine: docker\n  engine_path: {engine.path}"
        text = path.read_text(encoding="utf-8").replace("image: product:latest", told)
        path.write_text(text.replace("  allow_tag: true\n", ""), encoding="utf-8")
        suite = Suite(folder=folder, catalogue=build_catalogue())
        results = [run_check(name, suite) for name in ("loads", "answers", "expected_answers", "refusals")]
    finally:
        engine.close()
    assert [(result.outcome, result.problems) for result in results] == [("passed", ())] * 4


@LINUX
def test_a_fresh_package_of_a_dicom_node_is_answered_once_the_node_runs(tmp_path, capsys):
    pytest.importorskip("highdicom")
    from ..pacs_kit import free_port
    from ..vendor_node import VendorNode

    folder, ours = a_package(capsys, tmp_path / "product", "dicom-node"), free_port()
    with VendorNode(title="DEVICE", to=("127.0.0.1", ours, "DMNBENCH")) as node:
        for name in ("candidate.yaml", "device.yaml"):
            path = folder / name
            text = path.read_text(encoding="utf-8").replace("11112", str(node.port)).replace("11113", str(ours))
            text = text.replace("  our_ae_title", "  complete_when: {quiet_seconds: 0.1}\n  our_ae_title")
            path.write_text(text, encoding="utf-8")
        suite = Suite(folder=folder, catalogue=build_catalogue())
        results = [run_check(name, suite) for name in ("loads", "answers", "declared_names", "declared_scores")]
    assert [(result.outcome, result.problems) for result in results] == [("passed", ())] * 4
    assert len({answer.findings["fracture"].score for answer in suite.answers.values()}) == 3
    assert node.failures == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("adapter", RUNNING)
def test_what_must_be_running_is_said_at_once_and_in_the_readme(tmp_path, capsys, adapter, language):
    folder = tmp_path / "product"
    code, out, _ = run(capsys, "plugin", "new", str(folder), "--adapter", adapter, "--lang", language)
    assert (code, words("plugin_new", language)["plugin_new.must_run"] in out) == (0, True)
    expected = {
        "http": "python server.py",
        "container": "docker build -t product:latest .",
        "dicom-node": "127.0.0.1:11112",
        "dicomweb": "http://127.0.0.1:8042/dicom-web",
    }
    assert expected[adapter] in (folder / "README.md").read_text(encoding="utf-8")


@LINUX
def test_a_fresh_package_of_a_server_passes_the_check_while_it_runs(tmp_path, capsys):
    folder = a_package(capsys, tmp_path / "product", "http")
    product = runpy.run_path(str(folder / "server.py"))
    with ThreadingHTTPServer(("127.0.0.1", 0), product["Handler"]) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            for name in ("candidate.yaml", "device.yaml"):
                text = (folder / name).read_text(encoding="utf-8").replace(":8000", f":{server.server_port}")
                (folder / name).write_text(text, encoding="utf-8")
            code, out, _ = run(capsys, "plugin", "check", str(folder), "--isolation", "at-least-0")
        finally:
            server.shutdown()
            thread.join()
    assert code == 0, out
    assert "declared; images left the machine: no." in out  # it is on this machine


@LINUX
def test_a_server_that_is_not_there_fails_to_load_and_proves_nothing(tmp_path, capsys):
    folder = a_package(capsys, tmp_path / "product", "http")
    with socket.socket() as silent:  # bound, so that nobody else is given its port, and not listening
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        for name in ("candidate.yaml", "device.yaml"):
            text = (folder / name).read_text(encoding="utf-8").replace(":8000", f":{port}")
            (folder / name).write_text(text, encoding="utf-8")
        path = folder / "candidate.yaml"
        patience = "form: json\n  retries: 0\n  seconds_to_be_ready: 1"
        path.write_text(path.read_text(encoding="utf-8").replace("form: json", patience), encoding="utf-8")
        code, out, _ = run(capsys, "plugin", "check", str(folder), "--isolation", "at-least-0")
    assert code == 3
    assert "To mend it" in out
    outcomes = {check.id: check.outcome for check in read_plugin_check(folder / "plugin-check.json").checks}
    assert outcomes["loads"] == "failed"
    passed = {check for check, outcome in outcomes.items() if outcome == "passed"}
    assert passed <= {"manifest", "declarations", "network"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("adapter", "task"), CHOICES)
def test_what_is_written_is_valid_and_leaves_no_place_open(tmp_path, capsys, language, adapter, task):
    folder = a_package(capsys, tmp_path / "product", adapter, "--task", task, "--lang", language)
    manifest = load_manifest(folder)
    assert (manifest.id, manifest.adapter) == ("product", adapter)
    for path in folder.rglob("*"):
        if path.suffix in (".py", ".yaml", ".md"):
            text = path.read_text(encoding="utf-8")
            assert "@" not in text.replace("@property", ""), path
            compile(text, path.name, "exec") if path.suffix == ".py" else None


def test_every_field_of_a_declaration_is_in_the_file_with_its_comment(tmp_path, capsys):
    folder = a_package(capsys, tmp_path / "product")
    text = (folder / "device.yaml").read_text(encoding="utf-8")
    for group, field in Device.model_fields.items():
        for name in getattr(field.annotation, "model_fields", ()):
            comment = words("plugin_new", "en")[f"plugin_new.field.{group}.{name}"]
            assert f"  # {comment.replace('{{', '{').replace('}}', '}')}\n  {name}: " in text
        assert f"\n{group}:" in text


def test_nothing_is_overwritten(tmp_path, capsys):
    folder = a_package(capsys, tmp_path / "product")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    code, _, said = run(capsys, "plugin", "new", str(folder), "--adapter", "onnx")
    assert (code, "nothing is overwritten" in said) == (3, True)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_what_was_not_said_is_asked_in_plain_words(tmp_path, capsys, monkeypatch):
    answer(monkeypatch, "pyton", "python", "beats")
    code, out, _ = run(capsys, "plugin", "new", str(tmp_path / "ecg"))
    assert code == 0
    assert "pyton" in out
    assert load_manifest(tmp_path / "ecg").receives == {"signals": "array"}
    answer(monkeypatch, "command", "grading", "dr")
    assert run(capsys, "plugin", "new", str(tmp_path / "eye"))[0] == 0
    assert load_manifest(tmp_path / "eye").device.outputs[0].finding == "dr"


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--adapter", "pyton"), "pyton"),
        (("--adapter", "onnx", "--task", "beats"), "beats"),
        (("--adapter", "python", "--finding", "a b"), "a b"),
    ],
)
def test_what_there_is_no_template_for_is_refused(tmp_path, capsys, options, found):
    code, _, said = run(capsys, "plugin", "new", str(tmp_path / "product"), *options)
    assert (code, f"“{found}”" in said) == (3, True)
    assert not (tmp_path / "product").exists()


def test_the_help_names_every_template():
    assert tuple(TASKS) == plugin.ADAPTERS
    assert set(plugin.TASKS) == {task for tasks in TASKS.values() for task in tasks}


# -------------------------------------------------------------------------------------------------------- check


@pytest.fixture
def checked(tmp_path, capsys):
    """A package of results with the file of its check: nothing of it has to run."""
    folder = a_package(capsys, tmp_path / "product", "predictions")
    assert run(capsys, "plugin", "check", str(folder))[0] == 0
    return folder


def test_two_checks_of_the_same_package_say_the_same(checked, capsys, tmp_path):
    assert run(capsys, "plugin", "check", str(checked), "--out", str(tmp_path / "again.json"))[0] == 0
    first, second = (json.loads(path.read_text()) for path in (checked / "plugin-check.json", tmp_path / "again.json"))
    assert {**first, "observed": None} == {**second, "observed": None}
    assert first["observed"]["at"]


def test_the_file_has_the_form_that_its_schema_says(checked, capsys):
    jsonschema = pytest.importorskip("jsonschema", reason="the package jsonschema is not installed")
    code, out, _ = run(capsys, "schema", "plugin-check")
    assert code == 0
    content = json.loads((checked / "plugin-check.json").read_text())
    jsonschema.validate(content, json.loads(out))
    assert content["format"] == "dmn-bench/plugin-check/1"
    assert set(content["package"]["files"]) == {
        *("README.md", "candidate.yaml", "device.yaml", "results.csv", "tests/test_package.py", "cases/expected.json"),
        *(f"cases/case-{number}.png" for number in (1, 2, 3)),
        "refuses/uniform.png",
    }
    assert content["model"]["files"].keys() == {"results.csv"}


def test_a_package_that_is_as_it_was_checked_is_told_so(checked, capsys):
    code, out, _ = run(capsys, "plugin", "check", str(checked), "--against", str(checked / "plugin-check.json"))
    assert (code, "are those that were checked" in out) == (0, True)


def test_every_file_that_differs_is_named(checked, capsys):
    (checked / "results.csv").write_text("case_id,finding,score\ncase-1,fracture,0.99\n", encoding="utf-8")
    (checked / "added.bin").write_bytes(b"x")
    (checked / "README.md").unlink()
    code, out, _ = run(capsys, "plugin", "check", str(checked), "--against", str(checked / "plugin-check.json"))
    assert code == 3
    assert out.splitlines()[:3] == [
        "README.md: was there when it was checked, and is gone.",
        "added.bin: was added after the check.",
        "results.csv: is not the file that was checked.",
    ]
    assert "3 files differ" in out


def test_caches_and_virtual_environments_are_no_part_of_a_package(checked, capsys):
    for name in ("__pycache__", ".venv", ".pytest_cache"):
        (checked / name).mkdir()
        (checked / name / "x").write_bytes(b"x")
    against = ("--against", str(checked / "plugin-check.json"))
    assert run(capsys, "plugin", "check", str(checked), *against)[0] == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda content: {**content, "passed": not content["passed"]},
        lambda content: {**content, "dmn_bench": "9.9.9"},
        lambda content: {**content, "package": {**content["package"], "files": {}}},
    ],
)
def test_a_file_that_was_changed_afterwards_is_not_believed(checked, change):
    path = checked / "plugin-check.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))), encoding="utf-8")
    with pytest.raises(CandidateError, match="check_file_changed"):
        read_plugin_check(path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "dmn-bench/plugin-check/2"}', "\xff"])
def test_what_is_no_such_file_is_refused(checked, capsys, content):
    path = checked / "plugin-check.json"
    path.write_text(content, encoding="latin-1")
    code, _, said = run(capsys, "plugin", "check", str(checked), "--against", str(path))
    assert (code, "is no plugin-check.json" in said) == (3, True)


def test_what_depends_on_the_moment_is_not_under_the_hash(checked):
    found = read_plugin_check(checked / "plugin-check.json")
    later = found.model_copy(update={"observed": {"at": "2027-01-01"}})
    assert Checked.model_validate(later.model_dump()).sha256 == found.sha256


def test_a_manifest_with_faults_is_shown_at_its_lines_and_nothing_is_written(tmp_path, capsys):
    folder = a_package(capsys, tmp_path / "product", "predictions")
    path = folder / "candidate.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "colour: blue\n", encoding="utf-8")
    code, _, said = run(capsys, "plugin", "check", str(folder))
    assert (code, "candidate.yaml:" in said, "colour" in said) == (3, True, True)
    assert not (folder / "plugin-check.json").exists()


def test_results_that_cannot_be_read_fail_with_how_to_mend_it(checked, capsys):
    path = checked / "results.csv"
    path.write_text(path.read_text(encoding="utf-8") + "case-9,fracture,0.5\n", encoding="utf-8")
    code, out, _ = run(capsys, "plugin", "check", str(checked))
    assert code == 3
    assert "case-9" in out
    assert "To mend it" in out


def test_a_tier_that_does_not_exist_is_refused(checked, capsys):
    code, _, said = run(capsys, "plugin", "check", str(checked), "--isolation", "strong")
    assert (code, "“strong”" in said) == (2, True)


def test_it_speaks_french(checked, capsys):
    code, out, _ = run(capsys, "plugin", "check", str(checked), "--lang", "fr")
    assert code == 0
    assert "sans objet" in out
    assert "Livrez ce fichier avec le paquet." in out


@LINUX
def test_a_reference_set_takes_the_place_of_the_shipped_cases(tmp_path, capsys):
    import numpy as np

    from dmn_bench.adapters.picture_png import png_bytes
    from dmn_bench.files import shipped
    from dmn_bench.reference_set import lock

    from ..set_factory import a_set

    pixels = np.arange(400, dtype=np.uint8).reshape(20, 20)
    cases = ("case_id,patient_id,exam_id,laterality,files,sex,age_years", "c1,p1,e1,L,files/a.png,F,40")
    files = {"files/a.png": png_bytes(pixels)}
    truth = ("case_id,finding,value", "c1,fracture,positive")
    root = a_set(tmp_path / "set", cases=cases, truth=truth, files=files)
    lock(root)
    out = tmp_path / "checked.json"
    package = str(shipped("plugins") / "example-wire-python")
    code, _, said = run(
        capsys, "plugin", "check", package, "--cases", str(root), "--out", str(out), "--isolation", "at-least-0"
    )
    found = read_plugin_check(out)
    assert (code, said.count("passed") > 5) == (0, True)
    assert (found.cases.source, found.cases.id, found.cases.n) == ("reference_set", "small", 1)


# ------------------------------------------------------------------------------------------------------- figures


def test_figures_are_rounded_up_to_what_may_be_declared_and_agree_with_their_words():
    figures = {"n_cases": 1, "n_names": 2, "seconds_per_case": 0.0002, "peak_memory_mb": 26.359}
    assert plugin_check._figures(figures, "en") == "1 case, 2 names, 0.001 s at most, 27 MiB at most"
    assert plugin_check._figures({"n_answers": 1, "n_hosts": 0}, "fr") == "1 réponse, 0 adresse"


@LINUX
def test_a_package_that_fails_is_not_to_be_delivered_and_both_answers_are_named(tmp_path, capsys):
    folder = a_package(capsys, tmp_path / "product")
    stated = json.loads((folder / "cases" / "expected.json").read_text())
    case = next(iter(stated["cases"]))
    stated["cases"][case] = {"status": "abstained", "reason": "too dark"}
    (folder / "cases" / "expected.json").write_text(json.dumps(stated))
    code, out, _ = run(capsys, "plugin", "check", str(folder), "--isolation", "at-least-0", "--lang", "fr")
    assert code == plugin_check.FOUND_WRONG
    sentences = words("plugin_kit", "fr")
    found = sentences["plugin_kit.found.not_expected"].format(path="status", stated="abstained", found="answered")
    assert f"expected_answers : {case}: {found}" in out
    assert sentences["plugin_kit.written"].partition("{path}")[2] not in out
