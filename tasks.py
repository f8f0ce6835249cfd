"""Every task of this repository, in one file that needs nothing but Python: `python3 tasks.py` lists them."""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
CONSTRAINTS = ROOT / "constraints"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
MINIMUM = (3, 11)
LOCKS = {  # file of hashed pins -> the extras it covers, widest first: the others are held to its versions
    "dev.txt": ("dev",),
    "run-cluster.txt": ("codecs", "dask", "dicom-net", "ecg-formats", "http", "nifti", "readers", "xlsx"),
    "run-extras.txt": ("codecs", "dicom-net", "ecg-formats", "http", "nifti", "readers", "xlsx"),
    "run.txt": (),
    "build.txt": (),
}


def demo(arguments: Sequence[str]) -> None:
    """Set up what a run needs and run the demo: the whole job on the shipped sets, in under two minutes."""
    set_up("run.txt")
    run("-m", "dmn_bench", "demo", *arguments)


def test(arguments: Sequence[str]) -> None:
    """Set up what the tests need and run them all on two processors; further words go to pytest."""
    set_up("dev.txt")
    # A third worker works while two wait for the programs they have started. Neighbours stay with one worker while all
    # have work, so that what a file sets up once is set up once.
    in_parallel = ("-n", "3", "--dist", "worksteal") if not arguments else ()
    run("-m", "pytest", *in_parallel, *arguments)


def lint(_: Sequence[str]) -> None:
    """Format, style, import contracts and types, without changing anything."""
    set_up("dev.txt")
    run("-m", "ruff", "format", "--check", ".")
    run("-m", "ruff", "check", ".")
    tool("lint-imports")
    run("-m", "mypy")


def fix(_: Sequence[str]) -> None:
    """Format all files and repair what ruff can repair by itself."""
    set_up("dev.txt")
    run("-m", "ruff", "format", ".")
    run("-m", "ruff", "check", "--fix", ".")


def check(_: Sequence[str]) -> None:
    """Everything that must hold before a change is handed in: lint, then the tests (which read the docs too)."""
    lint(())
    test(())


def coverage(_: Sequence[str]) -> None:
    """Run the tests and list the lines and branches that none of them reaches."""
    test(("-n", "2", "--cov", "--cov-report=term-missing:skip-covered"))


def lock(_: Sequence[str]) -> None:
    """Pin every dependency by version and hash again, after a change of pyproject.toml."""
    set_up("dev.txt")
    for name, extras in LOCKS.items():
        held = ("--constraint", str(CONSTRAINTS / "dev.txt")) if name != "dev.txt" else ("--upgrade",)
        chosen = [word for extra in extras for word in ("--extra", extra)]
        options = ("--universal", "--generate-hashes", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links")
        options += ("--python-version", "3.11", "--custom-compile-command", "python3 tasks.py lock", "--quiet")
        source = "constraints/build.in" if name == "build.txt" else "pyproject.toml"
        tool("uv", "pip", "compile", source, *options, *chosen, *held, "-o", str(CONSTRAINTS / name))


def wheels(arguments: Sequence[str]) -> None:
    """Fill a folder for an offline installation: FOLDER [run.txt | run-extras.txt | run-cluster.txt]."""
    if not arguments:
        sys.exit("expected a folder to fill, found none: python3 tasks.py wheels FOLDER")
    set_up("dev.txt")
    folder, pins = Path(arguments[0]), CONSTRAINTS / (arguments[1] if len(arguments) > 1 else "run.txt")
    download_wheels(folder, pins)
    add_own_wheel(folder, pins)


def nox(arguments: Sequence[str]) -> None:
    """Run the tests on every supported Python, without extras, and with the oldest dependencies (see noxfile.py)."""
    set_up("dev.txt")
    run("-m", "nox", *arguments)


TASKS: dict[str, Callable[[Sequence[str]], None]] = {
    task.__name__: task for task in (demo, test, check, lint, fix, coverage, nox, lock, wheels)
}


def set_up(pins: str) -> None:
    """Make ``.venv`` with these pins and this package in editable form, unless that is done already."""
    stamp = VENV / "installed.txt"
    wanted = {name: _state(name) for name in LOCKS}
    done = stamp.read_text(encoding="utf-8").split() if stamp.exists() else []
    if wanted[pins] in done or wanted["dev.txt"] in done:
        return
    if not BIN.exists():
        print(f"Making the virtual environment {VENV}", flush=True)
        try:
            venv.create(VENV, with_pip=True)
        except subprocess.CalledProcessError:
            shutil.rmtree(VENV, ignore_errors=True)
            sys.exit(
                "This Python has no pip to put into a virtual environment. On Debian: apt-get install python3-venv"
            )
    print(f"Installing constraints/{pins}: once, about two minutes", flush=True)
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, "--require-hashes", "-r", str(CONSTRAINTS / pins))
    run(*pip, "--require-hashes", "-r", str(CONSTRAINTS / "build.txt"))
    run(*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    stamp.write_text("\n".join([*done, wanted[pins]]), encoding="utf-8")


def download_wheels(folder: Path, pins: Path, python: Path = BIN / "python") -> None:
    """Download the wheels that a file of pins names into a folder, each checked against its hash."""
    words = ("-m", "pip", "download", "--quiet", "--require-hashes", "--only-binary", ":all:")
    tool(python, *words, "-r", str(pins), "-d", str(folder))


def add_own_wheel(folder: Path, pins: Path, python: Path = BIN / "python") -> None:
    """Add the wheel of this package to a folder, and a requirements.txt that holds its hash beside the pins."""
    tool(python, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT))
    (own,) = folder.glob("dmn_bench-*.whl")
    version, digest = own.name.split("-")[1], hashlib.sha256(own.read_bytes()).hexdigest()
    listed = f"dmn-bench=={version} --hash=sha256:{digest}\n" + pins.read_text(encoding="utf-8")
    (folder / "requirements.txt").write_text(listed, encoding="utf-8")


def _state(pins: str) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for path in (CONSTRAINTS / pins, CONSTRAINTS / "build.txt", ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def run(*words: str) -> None:
    """Run the Python of ``.venv`` with these words; leave with its exit code if it fails."""
    tool(BIN / "python", *words)


def tool(program: str | Path, *words: str) -> None:
    """Run a program of ``.venv``; leave with its exit code if it fails."""
    path = BIN / program if isinstance(program, str) else program
    try:
        code = subprocess.run([str(path), *words], cwd=ROOT, check=False).returncode
    except KeyboardInterrupt:
        code = 130
    if code:
        sys.exit(code)


def main() -> None:
    """Run the task that was asked for."""
    if sys.version_info < MINIMUM:
        found = ".".join(map(str, sys.version_info[:2]))
        sys.exit(f"Python 3.11 or later is needed, this is {found}. Call this file with a newer one.")
    lines = [f"  {name:9} {(task.__doc__ or '').strip()}" for name, task in TASKS.items()]
    parser = argparse.ArgumentParser(
        usage="python3 tasks.py TASK [WORDS]",
        description="Tasks:\n" + "\n".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("task", choices=TASKS, metavar="TASK")
    parser.add_argument("words", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    TASKS[asked.task](asked.words)


if __name__ == "__main__":
    main()
