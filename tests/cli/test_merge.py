"""Parts asked apart and joined score as a run that was asked at once."""

import json
import shutil

import pytest

from dmn_bench import cli

from ..harness import small_run


def run(capsys, *arguments):
    code = cli.call([str(each) for each in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture(autouse=True)
def english(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")


def row_of(out, candidate):
    (line,) = (line for line in out.splitlines() if line.strip().startswith(f"{candidate} "))
    return line.split()


def results(run_dir):
    record = json.loads((run_dir / "record.json").read_text())
    return record["results_sha256"]


def test_parts_joined_score_as_one_run_and_what_is_missing_is_told(tmp_path, capsys):
    path = small_run.write(tmp_path)
    assert run(capsys, "run", path, "--out", tmp_path / "at-once", "--answers", tmp_path / "answers-at-once")[0] == 0
    parts = [tmp_path / f"part-{k}" for k in (1, 2, 3)]
    for k, part in enumerate(parts, 1):
        assert run(capsys, "run", path, "--out", part, "--shard", f"{k}/3")[0] == 0
    code, out, _ = run(capsys, "merge", parts[0], "--into", tmp_path / "joined")
    assert code == 0
    assert row_of(out, "live") == ["live", "1", "20", "20", "60"]
    assert "Parts 2/3, 3/3 are missing." in out
    moved = tmp_path / "moved"  # as from another machine
    shutil.copytree(parts[1], moved)
    shutil.rmtree(parts[1])
    code, out, _ = run(capsys, "merge", moved, parts[2], "--into", tmp_path / "joined")
    assert row_of(out, "live") == ["live", "2", "40", "60", "60"]
    assert "missing" not in out
    assert f"dmn-bench run {path} --answers {tmp_path / 'joined'}" in out
    assert run(capsys, "run", path, "--out", tmp_path / "whole", "--answers", tmp_path / "joined")[0] == 0
    assert results(tmp_path / "whole") == results(tmp_path / "at-once")


def test_a_part_that_is_not_finished_is_told_with_its_command(tmp_path, capsys):
    path = small_run.write(tmp_path)
    part = tmp_path / "part"
    assert run(capsys, "run", path, "--out", part, "--shard", "1/2")[0] == 0
    note = json.loads((part / "run.json").read_text())
    note["candidates"][0]["n_to_ask"] = 40
    (part / "run.json").write_text(json.dumps(note))
    code, out, _ = run(capsys, "merge", part, "--into", tmp_path / "joined", "--lang", "fr")
    assert code == 0
    assert "La part 2/2 manque." in out
    assert f"--out {part} --resume --shard 1/2" in out


def test_every_problem_of_a_merge_leaves_with_the_code_of_who_must_act(tmp_path, capsys):
    code, _, err = run(capsys, "merge", tmp_path / "a", tmp_path / "b", "--into", tmp_path / "joined")
    assert code == 2
    assert "2 problems in all." in err
    assert not (tmp_path / "joined").exists()
