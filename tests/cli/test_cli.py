"""The command line as a person uses it: words, exit codes, both languages, every error together."""

import json
import subprocess
import sys

import pytest

from dmn_bench import cli
from dmn_bench.execution.isolation import MOST_TIER
from dmn_bench.wordings import LANGUAGES

from ..execution.kit import until
from ..harness import small_run


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


def test_a_run_prints_verdicts_and_where_the_reports_are(tmp_path, capsys):
    path = small_run.write(tmp_path)
    code, out, _ = run(capsys, "run", str(path), "--out", str(tmp_path / "run"), "--workers", "2")
    assert code == 0
    assert "met" in out
    assert str(tmp_path / "run") in out
    written = {p.name for p in (tmp_path / "run").iterdir()}
    for candidate in ("live", "file"):
        assert f"answers.{candidate}.jsonl" in written
        for language in LANGUAGES:
            assert f"report.{candidate}.{language}.html" in written
    assert json.loads((tmp_path / "run" / "record.json").read_text())["format"] == "dmn-bench/record/1"


def test_a_report_of_one_candidate_holds_nothing_of_another(tmp_path, capsys):
    path = small_run.write(tmp_path)
    run(capsys, "run", str(path), "--out", str(tmp_path / "run"))
    text = (tmp_path / "run" / "report.file.en.html").read_text()
    assert "squares-live" not in text
    assert ">live<" not in text


def test_a_rule_that_is_not_met_changes_the_exit_code_only_when_asked(tmp_path, capsys):
    path = small_run.write(tmp_path)
    path.write_text(path.read_text().replace("sensitivity, at_least: 0.5}", "sensitivity, at_most: 0.2}"))
    assert run(capsys, "run", str(path), "--out", str(tmp_path / "a"))[0] == 0
    assert run(capsys, "run", str(path), "--out", str(tmp_path / "b"), "--fail-on-verdict")[0] == 1


def test_the_report_is_made_again_from_the_record_alone(tmp_path, capsys):
    path = small_run.write(tmp_path)
    run(capsys, "run", str(path), "--out", str(tmp_path / "run"))
    report = tmp_path / "run" / "report.live.fr.html"
    first = report.read_bytes()
    report.unlink()
    for other in (tmp_path / "set", tmp_path / "candidate"):
        other.rename(other.with_name(other.name + "-away"))
    code, out, _ = run(capsys, "report", str(tmp_path / "run"), "--lang", "fr", "--candidate", "live")
    assert (code, out.split()) == (0, [str(report)])
    assert report.read_bytes() == first


def test_errors_are_worded_in_the_language_asked_for_and_leave_with_the_code_of_who_must_act(tmp_path, capsys):
    path = small_run.write(tmp_path)
    text = path.read_text()
    path.write_text(text.replace("strata:", "stratta:").replace("unit: exam", "unit: examen"))
    code, _, english = run(capsys, "run", str(path))
    assert code == 2
    assert "2 problems in all." in english
    code, _, french = run(capsys, "run", str(path), "--lang", "fr")
    assert code == 2
    assert "2 problèmes en tout." in french
    assert "squares.yaml:" in french
    path.write_text(text)
    (tmp_path / "candidate" / "candidate.yaml").write_text("format: dmn-bench/candidate/1\n")
    assert run(capsys, "run", str(path), "--out", str(tmp_path / "x"))[0] == 3


def test_a_candidate_that_does_not_load_is_the_vendors_error_with_its_last_words(tmp_path, capsys):
    path = small_run.write(tmp_path)
    (tmp_path / "candidate" / "squares_live.py").write_text("import no_such_module\n")
    code, _, err = run(capsys, "run", str(path), "--out", str(tmp_path / "x"))
    assert code == 3
    assert "no_such_module" in err


def test_the_environment_chooses_the_language_and_lang_overrides_it(monkeypatch, capsys):
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    assert "Commandes:" in run(capsys, "--help")[1]
    assert "Commands:" in run(capsys, "--lang", "en", "--help")[1]
    code, _, err = run(capsys, "--lang", "klingon", "--help")
    assert code == 2
    assert "klingon" in err


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("runn",), "runn"),
        (("run", "--workerz", "2"), "--workerz"),
        (("run",), "protocol"),
        (("schema", "recrod"), "recrod"),
    ],
)
def test_a_slip_on_the_command_line_is_explained(capsys, arguments, found):
    for language in LANGUAGES:
        code, _, err = run(capsys, *arguments, "--lang", language)
        assert code == 2
        assert found in err


def test_the_shim_of_a_protocol_from_question_to_amendment(tmp_path, capsys, monkeypatch):
    small_run.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    answers = iter(
        ["set", "need", "use", "today", "the board", "file", "file", "answers.csv", ",", ".", "", "", "", "", "",
         "p", "n", "d", "classification", "square", "", "exam", "", "0,5", "sex, age"]
    )  # fmt: skip
    monkeypatch.setattr("typer.prompt", lambda *_, default="", **__: next(answers) or default)
    for name, arguments in (
        ("new", ("new.yaml",)),
        ("check", ("new.yaml",)),
        ("lock", ("new.yaml",)),
    ):
        code, out, err = run(capsys, "protocol", name, *arguments, "--lang", "fr")
        assert code == 0, (name, out, err)
    text = (tmp_path / "new.yaml").read_text()
    assert "at_least: 0.5" in text
    assert text.count("# ") >= 6
    code, _, err = run(capsys, "protocol", "lock", "new.yaml")
    assert (code, "amend" in err) == (2, True)
    (tmp_path / "new.yaml").write_text(text.replace("at_least: 0.5", "at_least: 0.4"))
    assert run(capsys, "protocol", "check", "new.yaml")[0] == 2
    assert run(capsys, "protocol", "amend", "new.yaml", "--reason", "wrong limit typed")[0] == 0
    assert run(capsys, "protocol", "check", "new.yaml")[0] == 0


def test_a_new_set_is_checked_locked_and_described(tmp_path, capsys):
    folder = tmp_path / "fresh"
    code, _, _ = run(capsys, "refset", "new", str(folder), "--modality", "DX", "--finding", "fracture", "--lang", "fr")
    assert code == 0
    code, out, err = run(capsys, "refset", "lock", str(folder))
    assert code == 2, (out, err)
    assert not (folder / "LOCK.json").exists()
    small_run.write(tmp_path)
    assert run(capsys, "refset", "check", str(tmp_path / "set"))[0] == 0
    code, out, _ = run(capsys, "refset", "describe", str(tmp_path / "set"), "--lang", "fr")
    assert code == 0
    assert "non renseigné" in out


def test_plugin_list_names_every_kind_and_provider(capsys):
    code, out, _ = run(capsys, "plugin", "list")
    assert code == 0
    for word in ("reader", "adapter", "task", "metric", "report section", "sensitivity", "dmn-bench"):
        assert word in out


@pytest.mark.parametrize("name", ["protocol", "record", "reference-set", "candidate", "device"])
def test_every_schema_is_json_schema(capsys, name):
    import jsonschema

    code, out, _ = run(capsys, "schema", name)
    assert code == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(out))


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path, monkeypatch):
    import signal

    monkeypatch.setenv(MOST_TIER, "0")
    calls = tmp_path / "calls"
    path = small_run.write(tmp_path, calls=calls)
    path.write_text(path.read_text().replace("seconds_per_case: 20", "seconds_per_case: 600"))
    hold = small_run.held(tmp_path)
    command = [sys.executable, "-m", "dmn_bench", "run", str(path), "--out", str(tmp_path / "run"), "--lang", "en"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert until(lambda: calls.exists() and len(calls.read_text().splitlines()) >= 8)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=60)
        finally:
            process.kill()
    hold.unlink()
    assert process.returncode == 4
    assert "--resume" in err
    asked = len(calls.read_text().splitlines())
    assert 8 <= asked < 60
    assert subprocess.run([*command, "--resume"], check=False, capture_output=True).returncode == 0
    total = len(calls.read_text().splitlines())
    assert total <= 60 + 2 + 1 + 2  # every case once, the two crashing ones twice, at most one cut off and asked again


def test_a_new_version_of_a_locked_set_can_be_locked(tmp_path, capsys):
    small_run.write(tmp_path)
    folder, card = tmp_path / "set", tmp_path / "set" / "reference_set.yaml"
    card.write_text(card.read_text().replace("title: {en: Squares", "title: {en: More squares"))
    assert run(capsys, "refset", "lock", str(folder))[0] == 2
    card.write_text(card.read_text().replace("version: 1.0.0", "version: 1.1.0"))
    code, out, err = run(capsys, "refset", "lock", str(folder))
    assert code == 0, (out, err)
    assert json.loads((folder / "LOCK.json").read_text())["version"] == "1.1.0"
