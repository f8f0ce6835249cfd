"""A run says whether its candidate was checked before it was delivered, and whether it still is what was checked."""

from types import SimpleNamespace

import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.catalogue.plugin_check import write_plugin_check
from dmn_bench.harness.pre_test import pre_test
from dmn_bench.testing.candidate import as_checked, run_checks
from dmn_bench.testing.suite import Suite
from dmn_bench.testing.template import Wanted, new_package
from dmn_bench.wordings import LANGUAGES

from ..reporting import page, records, shelf


@pytest.fixture
def package(tmp_path):
    """A package of results, not yet checked, and what a run knows of it."""
    new_package(tmp_path / "product", Wanted(adapter="predictions", finding="fracture"))
    return tmp_path / "product"


def checked(folder):
    suite = Suite(folder=folder, catalogue=build_catalogue())
    write_plugin_check(folder / "plugin-check.json", as_checked(suite, run_checks(suite)))
    return folder


def told(folder, package="product"):
    """What a run tells of the package in a folder; None: the protocol names an adapter and no package."""
    adapter = Suite(folder=folder, catalogue=build_catalogue()).open().adapter
    entry = SimpleNamespace(package=package)
    return pre_test(SimpleNamespace(entry=entry, base=folder, files=dict(adapter.identity(folder))))


def test_a_candidate_without_a_package_has_nothing_to_be_told(package):
    assert told(package, package=None) is None


def test_a_package_without_the_file_is_told_so(package):
    assert told(package) == {"state": "absent"}


def test_a_package_that_is_what_was_checked_matches(package):
    found = told(checked(package))
    assert (found["state"], found["failed"], found["n_differences"]) == ("matches", 0, 0)
    assert (found["passed"], found["suite"]) == (6, "1")


def test_a_package_that_was_changed_since_differs(package):
    folder = checked(package)
    (folder / "device.yaml").write_text("format: dmn-bench/device/1\n", encoding="utf-8")
    (folder / "more.txt").write_text("more", encoding="utf-8")
    found = told(folder)
    assert (found["state"], found["n_differences"]) == ("differs", 2)


def test_a_file_that_was_written_by_hand_is_not_believed(package):
    path = checked(package) / "plugin-check.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"passed":true', '"passed":false'), encoding="utf-8")
    assert told(package) == {"state": "unreadable"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", ["absent", "unreadable", "matches", "differs"])
def test_the_report_says_it_in_a_sentence_of_its_own(language, state):
    known = {"passed": 17, "failed": 1, "not_applicable": 2, "suite": "1", "dmn_bench": "0.1.0", "n_differences": 3}
    said = {"state": state, **(known if state in ("matches", "differs") else {})}
    record = records.a_record()
    part = record.candidates[0].model_copy(update={"pre_test": said})
    record = record.model_copy(update={"candidates": [part, *record.candidates[1:]]})
    text = page.text_of(shelf.rendered(record, record.candidates[0].id, language))
    assert "plugin-check.json" in text
    if state in ("matches", "differs"):
        assert "17" in text
    assert "{" not in text


def test_declared_addresses_are_printed_with_purpose_and_with_whether_images_go_there():
    record = records.a_record()
    hosts = [
        {"address": "licence.example:443", "purpose": "licence server", "images": False},
        {"address": "cloud.example:443", "purpose": "", "images": True},
        {"address": "other.example:1", "purpose": "updates", "images": None},
    ]
    device = {**record.candidates[0].device, "needs": {"hosts": hosts, "memory_mb": 2000.0}}
    part = record.candidates[0].model_copy(update={"device": device})
    text = page.text_of(shelf.rendered(record.model_copy(update={"candidates": [part]}), part.id, "en"))
    assert "licence.example:443 (licence server; no images are sent there)" in text
    assert "cloud.example:443 (not declared; images are sent there)" in text
    assert "other.example:1 (updates; whether images are sent there: not declared)" in text
    assert "Memory of a process at most, MiB" in text
