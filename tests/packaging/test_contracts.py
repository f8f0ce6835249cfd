"""The rules that keep the rooms apart hold, and each of them can be broken."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .repository import ROOT, SRC

PURE = ("tasks", "metrics", "statistics", "strata")


def lint_imports(folder):
    pytest.importorskip("importlinter", reason="the package import-linter is not installed")
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("vocabulary/regions.py", "from .. import errors, files", "A room imports only the rooms below it"),
        ("helpers.py", "", "A room imports only the rooms below it"),
        ("metrics/new.py", "from ..inputs import wfdb_records", "know no file format"),
        ("adapters/new.py", "def f():\n    import pydicom", "File formats are read in inputs alone"),
        ("statistics/new.py", "import time", "Arithmetic is silent"),
        ("harness/new.py", "from rich.table import Table", "Only the command line knows the terminal"),
    ],
)
def test_a_room_that_knows_too_much_breaks_its_contract(tmp_path, file, line, broken):
    shutil.copytree(SRC, tmp_path / "dmn_bench", ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "dmn_bench" / file
    path.write_text((path.read_text(encoding="utf-8") if path.exists() else "") + f"\n{line}\n", encoding="utf-8")
    (tmp_path / "dmn_bench" / "inputs" / "wfdb_records.py").touch()
    result = lint_imports(tmp_path)
    assert result.returncode
    assert any(broken in row and "BROKEN" in row for row in result.stdout.splitlines())


def trees(*rooms):
    for room in rooms:
        for path in [SRC / f"{room}.py", *(SRC / room).rglob("*.py")]:
            if path.exists():
                yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_pure_rooms_draw_only_from_a_seed_that_they_are_handed():
    seeded = ("Generator", "PCG64", "SeedSequence", "default_rng")
    drawn = [
        f"{path.name}:{node.lineno}"
        for path, tree in trees(*PURE)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and "random." in ast.unparse(node.func)
        and not (ast.unparse(node.func).endswith(seeded) and node.args)
    ]
    assert drawn == []


def test_pure_rooms_open_and_print_nothing():
    called = [
        f"{path.name}:{node.lineno}"
        for path, tree in trees(*PURE)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("open", "print", "input")
    ]
    assert called == []


def test_what_runs_beside_a_vendors_code_imports_the_standard_library_alone():
    imported = set()
    for _, tree in trees("candidate_shim"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                imported |= {name.name.partition(".")[0] for name in node.names}
            if isinstance(node, ast.ImportFrom):
                imported.add("." * node.level + (node.module or ""))
    assert imported <= set(sys.stdlib_module_names) | {"numpy", "__future__"}
    assert "json" in imported
