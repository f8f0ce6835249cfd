"""The unit that an endpoint counts in, against the unit in which the card states the values."""

import json

import pytest

from dmn_bench import reference_set
from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import ProtocolError
from dmn_bench.harness import prepare
from dmn_bench.wordings import say

PROTOCOL = """\
format: dmn-bench/protocol/1
id: p
reference_set: set
candidates: [{id: a, adapter: predictions, options: {path: said.csv}}]
endpoints:
  - name: qt
    task: measurement
    finding: qt_interval
    unit: case
    unit_of_values: %s
    metrics: [bias]
"""


def planned(folder, *, card, protocol):
    """A protocol whose endpoint counts in ``protocol``, on a set whose card states ``card`` ("" for no unit)."""
    root = folder / "set"
    root.mkdir()
    text = {
        "format": "dmn-bench/reference-set/1",
        "id": "intervals",
        "version": "1.0.0",
        "title": {"en": "Intervals"},
        "modality": "ECG",
        "findings": [{"name": "qt_interval", **({"unit": card} if card else {})}],
        "sampling": "consecutive",
        "reference_standard": {"method": "made up", "readers": 1},
        "data_protection": {"route": "not_applicable"},
    }
    (root / "reference_set.yaml").write_text(json.dumps(text), encoding="utf-8")
    (root / "cases.csv").write_text("case_id,patient_id,files\nr1,p1,\n", encoding="utf-8")
    (root / "truth.csv").write_text("case_id,finding,value\nr1,qt_interval,400\n", encoding="utf-8")
    reference_set.lock(root)
    (folder / "said.csv").write_text("case_id,qt_interval\nr1,400\n", encoding="utf-8")
    path = folder / "p.yaml"
    path.write_text(PROTOCOL % protocol, encoding="utf-8")
    return prepare(path, catalogue=build_catalogue())


@pytest.mark.parametrize(("card", "protocol"), [("ms", "ms"), ("", "s"), ("ms", "msec"), ("/min", "bpm"), ("deg", "°")])
def test_the_unit_of_the_card_or_any_where_it_names_none_is_taken(tmp_path, card, protocol):
    (endpoint,) = planned(tmp_path, card=card, protocol=protocol).endpoints
    assert endpoint.task.unit_of_values == protocol


def test_a_unit_that_nobody_knows_is_not_called_another_quantity(tmp_path):
    with pytest.raises(ProtocolError) as caught:
        planned(tmp_path, card="ms", protocol="mseconds")
    assert [problem.key for problem in caught.value.problems] == ["protocol.unit_unknown"]


@pytest.mark.parametrize(
    ("card", "key"), [("ms", "protocol.unit_unlike_the_card"), ("deg", "protocol.unit_of_other_kind")]
)
def test_another_unit_is_refused_at_its_place_even_where_it_could_be_converted(tmp_path, card, key):
    with pytest.raises(ProtocolError) as caught:
        planned(tmp_path, card=card, protocol="s")
    (problem,) = caught.value.problems
    assert problem.key == key
    assert problem.where.endswith("p.yaml:10:5")
    assert problem.facts == {"found": "s", "expected": card, "finding": "qt_interval"}
    for language in ("en", "fr"):
        assert f"'{card}'" in say(key, language, **problem.facts)
