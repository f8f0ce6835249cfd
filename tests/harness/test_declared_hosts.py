"""An address that a vendor declares in device.yaml is asked of the protocol, and reaches the program once granted."""

from pathlib import Path

import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import CandidateError, ProtocolError
from dmn_bench.harness import prepare

from . import small_run

DEVICE = """\
format: dmn-bench/device/1
needs: {hosts: [{address: "licence.example:443", purpose: licence server, images: false}, "updates.example:80"]}
"""


@pytest.fixture
def protocol(tmp_path):
    """A run whose live candidate declares two addresses."""
    path = small_run.write(tmp_path)
    manifest = tmp_path / "candidate" / "candidate.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8") + "device: device.yaml\n", encoding="utf-8")
    (tmp_path / "candidate" / "device.yaml").write_text(DEVICE, encoding="utf-8")
    return path


def granting(path, hosts):
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("seconds_per_case: 20", f"seconds_per_case: 20, network: {hosts}"), encoding="utf-8")
    return path


def test_a_declared_address_that_is_not_granted_stops_the_run_before_it_begins(protocol):
    with pytest.raises(ProtocolError) as refused:
        prepare(granting(protocol, '["updates.example:80"]'), catalogue=build_catalogue())
    (problem,) = refused.value.problems
    assert (problem.key, problem.facts["found"]) == ("protocol.network_not_granted", "licence.example:443")


def test_what_is_declared_and_granted_is_given_to_the_program(protocol):
    granted = granting(protocol, '["updates.example:80", "licence.example:443", "other.example:1"]')
    prepared = prepare(granted, catalogue=build_catalogue())
    live = next(candidate for candidate in prepared.candidates if candidate.id == "live")
    assert live.adapter.program(live.base, {}).hosts == ("licence.example:443", "updates.example:80")


def test_what_is_wrong_with_options_in_a_protocol_has_its_place_there(tmp_path, monkeypatch):
    path = small_run.write(tmp_path)
    text = path.read_text().replace(
        "  - {id: live, package: candidate, operating_points: {square: {score_at_least: 0.5}}}",
        "  - {id: live, adapter: container, options: {image: vendor/square}}",
    )
    path.write_text(text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CandidateError) as caught:
        prepare(Path(path.name), catalogue=build_catalogue())
    (problem,) = caught.value.problems
    assert problem.key == "adapters_programs.image_by_tag"
    assert problem.where == f"{path.name}:5:5"
