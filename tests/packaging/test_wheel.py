import os
import re
import subprocess
import sys
import venv
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.files import shipped

from .repository import PYPROJECT, ROOT, SRC, tasks

pytest.importorskip("hatchling", reason="the package hatchling builds the wheel and is not installed")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_every_module_and_nothing_that_is_not_in_the_sources(names):
    ours = {f"dmn_bench/{path.relative_to(SRC).as_posix()}" for path in SRC.rglob("*.py")}
    assert {name for name in names if name.endswith(".py") and "/_shipped/" not in name} == ours


@pytest.mark.parametrize("suffix", ["py.typed", "wordings/en/catalogue.py", "wordings/fr/catalogue.py"])
def test_the_wheel_holds_types_and_the_words_of_both_languages(names, suffix):
    assert f"dmn_bench/{suffix}" in names


def test_the_wheel_holds_the_templates_of_the_report(names):
    ours = {
        f"dmn_bench/{path.relative_to(SRC).as_posix()}" for path in (SRC / "reporting").rglob("*") if path.is_file()
    }
    assert {name for name in ours if "__pycache__" not in name} <= names


def test_the_wheel_holds_the_templates_of_packages(names):
    ours = {f"dmn_bench/testing/templates/{path.name}" for path in (SRC / "testing" / "templates").iterdir()}
    assert ours
    assert ours <= names


@pytest.mark.parametrize("folder", ["reference_sets", "plugins", "configs"])
def test_the_wheel_holds_what_the_demo_runs_on(names, folder):
    listed = subprocess.run(["git", "ls-files", "-z", folder], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("the sources are not a git repository: what belongs to them is not known")
    makers = re.compile(r"reference_sets/(generator/|[^/]+\.py$)")
    files = {name for name in listed.stdout.split("\0") if name and not makers.match(name)}
    present = {name for name in files if (ROOT / name).is_file()}
    assert {f"dmn_bench/_shipped/{name}" for name in present} <= names


@pytest.mark.parametrize("private", ["identity.csv", "looks.jsonl", ".pyc", "__pycache__", ".git"])
def test_the_wheel_holds_nothing_private_and_no_waste(names, private):
    assert not [name for name in names if name.endswith(private) or f"{private}/" in name]


def test_the_wheel_carries_the_licence_and_the_command(wheel, names):
    assert any(name.endswith("licenses/LICENSE") for name in names)
    with zipfile.ZipFile(wheel) as archive:
        (commands,) = [name for name in names if name.endswith("entry_points.txt")]
        assert "dmn-bench = dmn_bench.cli:main" in archive.read(commands).decode()
        (metadata,) = [name for name in names if name.endswith("METADATA")]
        said = HeaderParser().parsestr(archive.read(metadata).decode())
    assert said["License-Expression"] == "Apache-2.0"
    assert said["Requires-Python"] == PYPROJECT["project"]["requires-python"]


@pytest.mark.parametrize("folder", ["reference_sets", "plugins", "configs"])
def test_what_is_shipped_is_found_in_the_sources(folder):
    if not (ROOT / folder).is_dir():
        pytest.skip(f"the folder {folder} is not in these sources")
    assert shipped(folder) == ROOT / folder


def test_every_plugin_that_is_shipped_is_sound():
    folder = shipped("plugins")
    catalogue = build_catalogue(extension_folders=[folder], candidate_folders=[folder])
    catalogue.check_pending()
    assert catalogue.candidates()


@pytest.mark.slow
def test_it_installs_without_a_network_from_a_folder_of_hashed_wheels(tmp_path):
    folder, target, ours = tmp_path / "wheels", tmp_path / "venv", tasks()
    pins = ROOT / "constraints" / "run.txt"
    try:
        ours.download_wheels(folder, pins, python=Path(sys.executable))
    except SystemExit:
        pytest.skip("the wheels named in constraints/run.txt cannot be downloaded here")
    ours.add_own_wheel(folder, pins, python=Path(sys.executable))
    venv.create(target, with_pip=True)
    python = target / ours.BIN.name / "python"
    no_settings = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    no_settings["PIP_CONFIG_FILE"] = os.devnull
    offline = ["-m", "pip", "install", "--quiet", "--no-compile", "--no-index", "--find-links", str(folder)]
    install = [python, *offline, "--require-hashes", "-r", str(folder / "requirements.txt")]
    subprocess.run(install, cwd=tmp_path, check=True, env=no_settings)
    said = subprocess.run(
        [python, "-c", "from dmn_bench.files import shipped; print(*map(shipped, ('reference_sets', 'configs')))"],
        cwd=tmp_path,
        env=no_settings,
        check=True,
        capture_output=True,
        text=True,
    )
    assert all(path.startswith(str(target)) for path in said.stdout.split())
    command = [target / ours.BIN.name / "dmn-bench", "--help"]
    subprocess.run(command, cwd=tmp_path, env=no_settings, check=True, capture_output=True)


@pytest.mark.slow
def test_a_wheel_that_was_changed_is_refused(tmp_path):
    folder = tmp_path / "wheels"
    folder.mkdir()
    pins = tmp_path / "pins.txt"
    pins.write_text("", encoding="utf-8")
    tasks().add_own_wheel(folder, pins, python=Path(sys.executable))
    (own,) = folder.glob("*.whl")
    with zipfile.ZipFile(own, "a") as archive:
        archive.writestr("dmn_bench/added.py", "")
    options = ["install", "--no-index", "--no-deps", "--require-hashes", "--target", str(tmp_path / "target")]
    refused = subprocess.run(
        [sys.executable, "-m", "pip", *options, "--find-links", str(folder), "-r", str(folder / "requirements.txt")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode
    assert "do not match the hashes" in refused.stderr.lower()
