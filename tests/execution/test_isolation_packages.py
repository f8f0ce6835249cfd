"""What a program sees of its own package is what its hash is made of: nothing else can change an answer."""

import textwrap

import pytest

from dmn_bench.adapters.python_package import PythonPackage
from dmn_bench.catalogue.packages import package_files, unseen
from dmn_bench.execution.isolation import machine, most_tier

from .kit import Run, cases

CANDIDATE = """
import pathlib

HERE = pathlib.Path(__file__).parent


class Candidate:
    def __init__(self, options):
        self.seen = [str(p.relative_to(HERE)) for p in sorted(HERE.rglob("*")) if self.is_read(p)]

    def is_read(self, path):
        try:
            return path.is_file() and bool(path.read_bytes())
        except OSError:
            return False

    def answer(self, request):
        return {"status": "abstained", "reason": " ".join(self.seen)}
"""
HIDDEN = (
    "__pycache__/product.cpython-311.pyc",
    "sub/__pycache__/x.pyc",
    "venv/weights.bin",
    "sub/.git/weights.bin",
    "plugin-check.json",
    "cases/expected.json",
    "refuses/1.png",
)
SEEN = ("candidate.yaml", "product.py", "sub/plugin-check.json", "sub/weights.bin")


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "package"
    for name in (*HIDDEN, *SEEN):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    (folder / "product.py").write_text(textwrap.dedent(CANDIDATE))
    return folder


def test_what_is_hashed_and_what_is_hidden_are_the_whole_package(package):
    hashed = {path.relative_to(package).as_posix() for path in package_files(package)}
    assert hashed == {*SEEN, "cases/expected.json", "refuses/1.png"}  # hashed, though only for whoever checks it
    hidden = unseen(package)
    everything = {path for path in package.rglob("*") if path.is_file()}
    below = {path for path in everything if any(path == each or each in path.parents for each in hidden)}
    assert {path.relative_to(package).as_posix() for path in below} == set(HIDDEN)
    assert unseen(package / "sub") == ()


@pytest.mark.skipif(machine().tier < 1 or most_tier() < 1, reason="this machine cannot seal a program")
def test_a_program_sees_of_its_package_what_its_hash_is_made_of(package, tmp_path, monkeypatch):
    program = PythonPackage(entry="product:Candidate").program(package, {})
    run = Run(tmp_path, "unused", n=1, most_tier=2)
    monkeypatch.setattr(run, "program", lambda: program)
    run.ask()
    assert run.answers[cases(1)[0].case_id].answer.reason.split() == sorted(SEEN)


TOUCHING = """
import os, pathlib, shutil


class Candidate:
    def __init__(self, options):
        home = pathlib.Path.home()
        (home / "touched").touch()
        pathlib.Path(home / "written").write_text("x")
        shutil.copystat(home / "written", home / "touched")
        os.utime(home / "touched", (1, 1))
        self.found = sorted(path.name for path in home.iterdir())

    def answer(self, request):
        return {"status": "abstained", "reason": " ".join(self.found)}
"""


@pytest.mark.parametrize("tier", [1, 2])
def test_a_sealed_program_can_touch_and_copy_files_of_its_own(tmp_path, monkeypatch, tier):
    if machine().tier < tier:
        pytest.skip(f"this machine has no tier {tier}")
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "product.py").write_text(textwrap.dedent(TOUCHING))
    program = PythonPackage(entry="product:Candidate").program(folder, {})
    run = Run(tmp_path, "unused", n=1, most_tier=tier)
    monkeypatch.setattr(run, "program", lambda: program)
    run.ask()
    assert run.answers["c0"].answer.reason.split() == ["touched", "written"]
