import sys

import pytest

from dmn_bench.catalogue import build_catalogue, load_manifest
from dmn_bench.errors import CandidateError, ExtensionError
from dmn_bench.vocabulary import OperatingPoint
from dmn_bench.wordings import LANGUAGES, say_problem

from .factories import a_candidate, a_hook, an_extension

DEVICE = """
format: dmn-bench/device/1
identity:
  manufacturer: {value: Example Devices, source: label}
  trade_name: Example Fracture
  version: "2.1"
intended_use: {purpose: "Points out fractures on radiographs of the wrist.", ifu_page: "4"}
claims:
  - {metric: sensitivity, finding: fracture, value: 0.93, low: 0.90, high: 0.95, confidence: 0.95, source: "IFU p. 12"}
training_data: {data_from_this_hospital: "none"}
needs: {gpu: false, hosts: []}
"""


def problems_of(call, error=CandidateError):
    with pytest.raises(error) as caught:
        call()
    for problem in caught.value.problems:
        for language in LANGUAGES:
            assert say_problem(problem, language)
    return caught.value.problems


def test_a_manifest_is_read_in_full(tmp_path):
    more = """
receives: {image: array}
options: {model: fracture.onnx, size: [224, 224]}
operating_points: {fracture: {score_at_least: 0.5, doubt_from: 0.3, source: "IFU p. 12"}}
labels: {positive: ["1"], indeterminate: ["doubt"], negative: ["0"]}
findings: {Fraktur: fracture}
device: device.yaml
"""
    folder = a_candidate(tmp_path / "x", more=more)
    (folder / "device.yaml").write_text(DEVICE, encoding="utf-8")
    manifest = load_manifest(folder)
    assert (manifest.id, manifest.adapter, manifest.entry) == ("vendor-x", "python", "vendor_x:Candidate")
    assert manifest.folder == folder
    assert manifest.receives == {"image": "array"}
    assert manifest.options == {"model": "fracture.onnx", "size": [224, 224]}
    point = OperatingPoint(score_at_least=0.5, doubt_from=0.3, source="IFU p. 12")
    assert manifest.operating_points == {"fracture": point}
    assert manifest.labels == {"positive": ("1",), "indeterminate": ("doubt",), "negative": ("0",)}
    assert manifest.findings == {"Fraktur": "fracture"}
    device = manifest.device
    assert (device.identity.manufacturer.value, device.identity.manufacturer.source) == ("Example Devices", "label")
    assert device.identity.trade_name.source == ""
    assert device.claims[0].value == 0.93
    assert device.training_data.data_from_this_hospital.value == "none"


def test_what_a_vendor_leaves_out_is_not_declared(tmp_path):
    device = load_manifest(a_candidate(tmp_path / "x")).device
    assert device.identity.manufacturer is None
    assert device.training_data.data_sets is None
    assert device.needs.gpu is None


def test_every_mistake_of_a_manifest_is_told_at_its_line_and_column(tmp_path):
    folder = a_candidate(tmp_path / "x", id="Vendor X", entry="no class", adaptor="python")
    found = {problem.where: problem.key for problem in problems_of(lambda: load_manifest(folder))}
    assert found == {
        "candidate.yaml:2:1": "files.text_form",
        "candidate.yaml:4:1": "files.text_form",
        "candidate.yaml:5:1": "files.key_unknown_nearest",
    }


def test_an_unknown_key_of_an_operating_point_is_refused(tmp_path):
    folder = a_candidate(tmp_path / "x", operating_points="{fracture: {score_at_least: 0.5, doubt: 0.3}}")
    assert [problem.key for problem in problems_of(lambda: load_manifest(folder))] == ["files.key_unknown_nearest"]


@pytest.mark.parametrize("name", ["device.yaml", "../device.yaml", "/device.yaml"])
def test_a_device_file_must_lie_in_the_folder_of_its_manifest(tmp_path, name):
    (tmp_path / "device.yaml").write_text(DEVICE, encoding="utf-8")
    folder = a_candidate(tmp_path / "x", device=name)
    assert [problem.key for problem in problems_of(lambda: load_manifest(folder))] == ["catalogue.no_device_file"]


def test_a_folder_without_a_manifest_is_refused(tmp_path):
    assert problems_of(lambda: load_manifest(tmp_path))[0].key == "catalogue.no_manifest"


def test_candidate_packages_are_registered_by_their_manifest_and_never_imported(tmp_path):
    a_candidate(tmp_path / "x")
    a_candidate(tmp_path / "y", id="vendor-y")
    catalogue = build_catalogue(candidate_folders=[tmp_path])
    catalogue.check_pending()
    assert list(catalogue.candidates()) == ["vendor-x", "vendor-y"]
    assert "vendor_x" not in sys.modules
    assert [row.name for row in catalogue.describe() if row.kind == "candidate"] == ["vendor-x", "vendor-y"]


def test_two_candidate_packages_with_one_id_are_refused(tmp_path):
    a_candidate(tmp_path / "x")
    a_candidate(tmp_path / "y")
    (problem,) = problems_of(lambda: build_catalogue(candidate_folders=[tmp_path]).check_pending())
    assert problem.key == "catalogue.doubled_candidate"
    assert problem.facts["first"].endswith("x")


def test_mistakes_of_all_candidate_packages_are_told_together(tmp_path):
    a_candidate(tmp_path / "x", adaptor="python")
    a_candidate(tmp_path / "y", id="vendor-y", entri="a:B")
    assert len(problems_of(lambda: build_catalogue(candidate_folders=[tmp_path]).check_pending())) == 2


def test_a_folder_without_candidate_packages_is_refused(tmp_path):
    (problem,) = problems_of(lambda: build_catalogue(candidate_folders=[tmp_path]).check_pending())
    assert problem.key == "catalogue.no_manifest"


def test_a_folder_given_for_both_kinds_needs_one_of_them_only(tmp_path):
    a_candidate(tmp_path / "x")
    build_catalogue(extension_folders=[tmp_path], candidate_folders=[tmp_path]).check_pending()


def test_a_candidate_package_may_not_be_an_extension_too(tmp_path):
    folder = an_extension(tmp_path / "x", a_hook("[]"), module="extension_and_candidate")
    (folder / "candidate.yaml").write_text("format: dmn-bench/candidate/1\n", encoding="utf-8")
    (problem,) = problems_of(lambda: build_catalogue(extension_folders=[folder]).check_pending(), ExtensionError)
    assert problem.key == "catalogue.both_doors"
    assert "extension_and_candidate" not in sys.modules


def test_a_trusted_extension_registers_candidate_packages(tmp_path):
    package = a_candidate(tmp_path / "hidden" / "deep" / "x")
    source = "from pathlib import Path\n" + a_hook(f"[Path({str(package)!r})]", name="register_candidates")
    catalogue = build_catalogue(extension_folders=[an_extension(tmp_path / "ours", source)])
    catalogue.check_pending()
    assert list(catalogue.candidates()) == ["vendor-x"]
    assert next(row for row in catalogue.describe() if row.kind == "candidate").provider == "our-metrics"


def test_installed_candidate_packages_are_found_without_import(tmp_path, monkeypatch):
    package = a_candidate(tmp_path / "vendor_installed")
    (package / "__init__.py").write_text("raise SystemExit('imported')\n", encoding="utf-8")
    info = tmp_path / "vendor_x-3.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: vendor-x\nVersion: 3.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[dmn_bench.candidates]\nx = vendor_installed\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    catalogue = build_catalogue()
    catalogue.check_pending()
    assert catalogue.candidates()["vendor-x"].folder == package
    assert next(row for row in catalogue.describe() if row.kind == "candidate").version == "3.0"
    assert "vendor_installed" not in sys.modules


def test_an_installed_candidate_package_without_manifest_is_refused(tmp_path, monkeypatch):
    info = tmp_path / "vendor_z-3.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: vendor-z\nVersion: 3.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[dmn_bench.candidates]\nz = vendor_missing\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    (problem,) = problems_of(lambda: build_catalogue().check_pending())
    assert problem.key == "catalogue.no_manifest"
    assert "vendor-z" in problem.where


def test_a_folder_named_in_a_protocol_is_registered_and_its_manifest_returned(tmp_path):
    catalogue = build_catalogue()
    folder = a_candidate(tmp_path / "x")
    assert catalogue.candidate(folder).id == "vendor-x"
    assert catalogue.candidate(folder) == catalogue.candidates()["vendor-x"]
    (problem,) = problems_of(lambda: catalogue.candidate(a_candidate(tmp_path / "y")))
    assert problem.key == "catalogue.doubled_candidate"
