import re

import pytest

from .repository import PYPROJECT, ROOT, tasks

PINS = sorted(tasks().LOCKS)
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def pinned(name):
    """Package -> versions, of one file of pins."""
    found = {}
    for package, version in PIN.findall((ROOT / "constraints" / name).read_text(encoding="utf-8")):
        found.setdefault(package.lower(), set()).add(version)
    return found


def package_of(requirement):
    return re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower().replace(".", "-")


@pytest.mark.parametrize("name", PINS)
def test_every_pin_carries_hashes(name):
    text = (ROOT / "constraints" / name).read_text(encoding="utf-8")
    requirements = [block for block in re.split(r"\n(?=\S)", text) if not block.startswith("#")]
    assert requirements
    assert all(PIN.match(block) and "--hash=sha256:" in block for block in requirements)


@pytest.mark.parametrize("name", PINS)
def test_the_pins_name_no_place_to_download_from(name):
    text = (ROOT / "constraints" / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index" not in text.replace("dependency-groups", "")


def test_every_dependency_of_the_package_is_pinned():
    wanted = {package_of(each) for each in PYPROJECT["project"]["dependencies"]}
    assert wanted <= set(pinned("run.txt"))


def test_every_dependency_of_the_extras_is_pinned_and_none_under_the_gpl():
    extras = PYPROJECT["project"]["optional-dependencies"]
    of_users = ("codecs", "nifti", "readers", "xlsx")
    wanted = {package_of(each) for name in (*of_users, "dask", "test", "dev") for each in extras[name]}
    assert wanted - {"dmn-bench"} <= set(pinned("dev.txt"))
    assert {package_of(each) for name in of_users for each in extras[name]} <= set(pinned("run-extras.txt"))
    assert {package_of(each) for each in extras["dask"]} <= set(pinned("run-cluster.txt"))
    assert "pylibjpeg-libjpeg" not in pinned("dev.txt")


@pytest.mark.parametrize("name", [name for name in PINS if name != "dev.txt"])
def test_the_tests_run_with_the_versions_that_users_install(name):
    tested = pinned("dev.txt")
    assert all(tested[package] == versions for package, versions in pinned(name).items())


def test_no_other_extra_pulls_in_the_gpl_decoder():
    extras = PYPROJECT["project"]["optional-dependencies"]
    assert [name for name, each in extras.items() if any("libjpeg>" in one.partition("-")[2] for one in each)] == [
        "codecs-gpl"
    ]
