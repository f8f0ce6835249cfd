"""Comparisons in a protocol: the shape of the contract, and every mistake at its place."""

import pytest

from dmn_bench.errors import ProtocolError
from dmn_bench.protocol import read_protocol
from dmn_bench.wordings import LANGUAGES, say_problem

PROTOCOL = """\
format: dmn-bench/protocol/1
id: wrist
reference_set: set
candidates:
  - {id: vendor-a, package: a}
  - {id: vendor-b, package: b}
  - {id: readers, package: c, role: comparator}
endpoints:
  - {name: exam, task: classification, finding: fracture, unit: exam, metrics: [sensitivity]}
  - {name: grade, task: grading, finding: fracture, candidates: [vendor-a, readers], metrics: [kappa_quadratic]}
"""
GOOD = (
    "{endpoint: exam, metric: sensitivity, candidate: vendor-a, against: vendor-b, margin: 0.05, claim: non-inferior}"
)


def reading(tmp_path, *comparisons):
    path = tmp_path / "wrist.yaml"
    lines = "".join(f"  - {one}\n" for one in comparisons)
    path.write_text(PROTOCOL + (f"comparisons:\n{lines}" if comparisons else ""), encoding="utf-8")
    return read_protocol(path)


def test_the_example_of_the_contract_is_read(tmp_path):
    (found,) = reading(tmp_path, GOOD).comparisons
    assert (found.endpoint, found.metric.name, found.candidate, found.against) == (
        "exam",
        "sensitivity",
        "vendor-a",
        "vendor-b",
    )
    assert (found.margin, found.claim) == (0.05, "non-inferior")


def test_a_protocol_without_comparisons_has_none(tmp_path):
    assert reading(tmp_path).comparisons == []


def test_a_metric_keeps_its_options(tmp_path):
    metric = "{name: lesion_sensitivity, at_false_positives_per_image: 0.5}"
    (found,) = reading(tmp_path, GOOD.replace("metric: sensitivity", f"metric: {metric}")).comparisons
    assert found.metric.options == {"at_false_positives_per_image": 0.5}


@pytest.mark.parametrize(
    ("change", "key", "column"),
    [
        ((" margin: 0.05,", ""), "compare.margin_missing", 5),
        (("non-inferior", "superior"), "compare.margin_unused", 5),
        (("against: vendor-b", "against: vendor-a"), "compare.against_itself", 5),
        (("candidate: vendor-a", "candidate: vendr-a"), "protocol.unknown_candidate_nearest", 43),
        (("against: vendor-b", "against: nobody"), "protocol.unknown_candidate", 64),
        (("endpoint: exam", "endpoint: exams"), "protocol.unknown_endpoint_nearest", 6),
        (("endpoint: exam", "endpoint: grade"), "compare.not_at_endpoint", None),
        (("margin: 0.05", "margin: 0"), None, None),
        (("margin: 0.05", "margin: -0.05"), None, None),
        (("non-inferior", "equivalent"), None, None),
        (("claim: non-inferior", "clam: non-inferior"), None, None),
    ],
)
def test_every_mistake_is_found_at_its_line(tmp_path, change, key, column):
    assert change[0] in GOOD
    with pytest.raises(ProtocolError) as caught:
        reading(tmp_path, GOOD, GOOD.replace(*change))
    problem = caught.value.problems[0]
    assert key in (None, problem.key)
    assert ":13:" in problem.where
    if column is not None:
        assert problem.where.endswith(f":13:{column}")
    for language in LANGUAGES:
        assert "{" not in say_problem(problem, language).replace("{{", "")


def test_the_same_comparison_twice_is_a_mistake(tmp_path):
    with pytest.raises(ProtocolError, match=r"protocol\.doubled"):
        reading(tmp_path, GOOD, GOOD)
    assert len(reading(tmp_path, GOOD, GOOD.replace("0.05", "0.1")).comparisons) == 2


def test_all_mistakes_come_together(tmp_path):
    with pytest.raises(ProtocolError) as caught:
        reading(tmp_path, GOOD.replace("vendor-a", "nobody"), GOOD.replace("exam", "exams"))
    assert len(caught.value.problems) == 2
