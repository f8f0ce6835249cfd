"""A protocol that asks for more isolation than there is stops before anybody is asked."""

import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import ProtocolError
from dmn_bench.execution.isolation import MOST_TIER, machine
from dmn_bench.harness import RunOptions, evaluate

from . import small_run


def evaluated(path):
    return evaluate(path, RunOptions(run_dir=path.parent / "run"), catalogue=build_catalogue())


def asking_for(path, words):
    path.write_text(path.read_text().replace("seconds_per_case: 20", f"seconds_per_case: 20, {words}"))


def test_a_run_under_less_than_the_protocol_asks_for_stops_before_anybody_is_asked(tmp_path, monkeypatch):
    monkeypatch.setenv(MOST_TIER, "0")
    path = small_run.write(tmp_path)
    with pytest.raises(ProtocolError) as caught:
        evaluated(path)
    (problem,) = caught.value.problems
    assert problem.key == "protocol.isolation_not_available"
    assert problem.facts["tier"] == 0
    assert problem.facts["missing"].endswith(f"{MOST_TIER}=0")
    assert not (tmp_path / "answers").exists()


def test_code_that_is_no_container_never_has_tier_3(tmp_path):
    path = small_run.write(tmp_path)
    asking_for(path, "isolation: at-least-3")
    with pytest.raises(ProtocolError) as caught:
        evaluated(path)
    (problem,) = caught.value.problems
    assert problem.key == "protocol.isolation_containers_only"
    assert problem.where.startswith(f"{path.name}:")


def test_what_was_in_force_is_in_the_record(tmp_path):
    if machine().tier < 1:
        pytest.skip("this machine has no tier 1")
    record = evaluated(small_run.write(tmp_path))
    words = record.observed.isolation["live"]
    assert words[0] == f"tier-{machine().tier}"
    assert "network_blocked" in words
    assert "file" not in record.observed.isolation  # no code of it was run


def test_an_address_that_cannot_be_granted_is_refused(tmp_path):
    path = small_run.write(tmp_path)
    asking_for(path, "network: [pacs.example]")
    with pytest.raises(ProtocolError) as caught:
        evaluated(path)
    assert [problem.key for problem in caught.value.problems] == ["protocol.network_malformed"]
