"""Somebody who follows the pages in a folder of his own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ..shared_once import made_once
from .pages import ROOT, Block, blocks, commands, shows

SECONDS_AT_MOST = 600


class Reader:
    """Somebody who does what a page says, in a folder of his own."""

    def __init__(self, folder: Path, tools: Path) -> None:
        self.folder = folder
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "COLUMNS"))}
        self.environment = {
            **clean,
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "PYTHONUTF8": "1",
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(ROOT / "src"),
        }

    def follow(self, page: Path) -> None:
        for block in blocks(page):
            if block.mark == "file":
                path = self.folder / block.said
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text, encoding="utf-8")
            elif block.mark == "run" and block.language == "python":
                self.run([sys.executable, "-c", block.text], block, "")
            elif block.mark == "run":
                self.type(block)

    def type(self, block: Block) -> None:
        typed = "".join(f"{answer.strip()}\n" for answer in block.options.get("answers", "").split("|"))
        asked = commands(block)
        for index, (command, expected) in enumerate(asked):
            is_last = index == len(asked) - 1
            code = int(block.options.get("exit", "0")) if is_last else 0
            output = self.run(["bash", "-c", command], block, typed, code)
            missing = [line for line in expected if not shows(output, line)]
            assert missing == [], f"{block.where}: {command} showed:\n{output}"

    def run(self, command: list[str], block: Block, typed: str, code: int = 0) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SECONDS_AT_MOST,
            check=False,
        )
        output = done.stdout + done.stderr
        assert done.returncode == code, f"{block.where}: left with {done.returncode}:\n{output}"
        return output


@pytest.fixture(scope="session")
def tools(tmp_path_factory):
    """`dmn-bench` and `python` as a reader has them, both those under test."""
    folder = tmp_path_factory.mktemp("tools")
    for name, command in (("dmn-bench", f'"{sys.executable}" -m dmn_bench'), ("python", f'"{sys.executable}"')):
        (folder / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def after_tutorial(tools, tmp_path_factory):
    """The folder in which somebody has followed the tutorial: the other pages go on from there."""
    return made_once(
        tmp_path_factory, "tutorial", lambda folder: Reader(folder, tools).follow(ROOT / "docs" / "tutorial.md")
    )


@pytest.fixture
def reader(after_tutorial, tools, tmp_path):
    """Somebody who has followed the tutorial and goes on from there."""
    shutil.copytree(after_tutorial, tmp_path / "here")
    return Reader(tmp_path / "here", tools)
