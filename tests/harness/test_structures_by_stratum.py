"""Planned strata within each structure of a segmentation: counted by hand, and beside an endpoint of one structure."""

import io
import json
import statistics

import numpy as np
import pytest
from PIL import Image

from dmn_bench import reference_set
from dmn_bench.catalogue import build_catalogue
from dmn_bench.harness import RunOptions, evaluate
from dmn_bench.harness.planned_structures import CROSSED_AT_MOST, with_structures

from ..set_factory import a_set

CARD = """\
format: dmn-bench/reference-set/1
id: organs
version: 1.0.0
title: {en: Organs}
modality: CR
findings: [{name: heart}, {name: lung}]
sampling: consecutive
reference_standard: {method: drawn}
strata:
  sex: {column: sex, levels: [F, M, X]}
  site: {column: site}
data_protection: {route: not_applicable}
"""
N, LIMIT = 40, 0.8
STRUCTURES = ("heart", "lung")
FAILED = "c07"
METRICS = ["dice", {"name": "acceptable_share", "measure": "dice", "limit": LIMIT}, "failure_rate"]


def name(n):
    return f"c{n:02}"


def sex(n):
    return "M" if n % 4 == 0 else "F"


def site(n):
    return "ab"[n % 2] if n else "c"  # one case of its own at site c


def found(n, structure):
    """How many of the ten pixels of a structure the device found: of lungs far fewer in men."""
    if structure == "heart":
        return 10 - n % 4
    return 3 + n % 3 if sex(n) == "M" else 9 - n % 2


def dice(n, structure):
    if name(n) == FAILED:
        return 0.0
    return 2 * found(n, structure) / (10 + found(n, structure))


def picture(n_pixels):
    pixels = np.zeros((4, 12), dtype=np.uint8)
    pixels[1, :n_pixels] = 255
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format="PNG")
    return stream.getvalue()


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("organs")
    cases = [f"{name(n)},p{n},{name(n)}.png,{sex(n)},{site(n)}" for n in range(N)]
    masks = [f"{name(n)},{structure},mask.png," for n in range(N) for structure in STRUCTURES]
    a_set(
        folder / "set",
        card=CARD,
        cases=["case_id,patient_id,files,sex,site", *cases],
        truth=["case_id,finding,value"],
        files={"mask.png": picture(10), **{f"{name(n)}.png": picture(12) for n in range(N)}},
        masks=["case_id,structure,file,reader", *masks],
    )
    reference_set.lock(folder / "set")
    for n in range(N):
        for structure in STRUCTURES if name(n) != FAILED else ():
            path = folder / "said" / name(n) / f"{structure}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture(found(n, structure)))
    asked = {"task": "segmentation", "unit": "case", "metrics": METRICS, "distances_in": "px"}
    protocol = {
        "format": "dmn-bench/protocol/1",
        "id": "organs",
        "reference_set": "set",
        "candidates": [
            {
                "id": "file",
                "adapter": "mask-files",
                "options": {"folder": "said", "pattern": "{case_id}/{structure}.png"},
            }
        ],
        "endpoints": [
            {"name": "both", "structures": list(STRUCTURES), **asked},
            *({"name": one, "structures": [one], **asked} for one in STRUCTURES),
        ],
        "strata": ["sex", ["sex", "site"]],
        "statistics": {"resamples": 200, "minimum_n": {"estimate": 5}},
    }
    path = folder / "organs.yaml"
    path.write_text(json.dumps(protocol), encoding="utf-8")
    return evaluate(path, RunOptions(run_dir=folder / "run"), catalogue=build_catalogue()).results


def rows(results, endpoint, metric):
    return {
        frozenset((row.stratum or {}).items()): row
        for row in results.estimates
        if (row.endpoint, row.metric, row.analysis) == (endpoint, metric, "intention_to_diagnose")
    }


def units(**stratum):
    own = {"sex": sex, "site": site}
    return [n for n in range(N) if all(own[field](n) == level for field, level in stratum.items())]


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("stratum", [{}, {"sex": "F"}, {"sex": "M"}, {"sex": "F", "site": "a"}])
def test_each_structure_has_its_strata_as_counted_by_hand(results, structure, stratum):
    values = [dice(n, structure) for n in units(**stratum)]
    where = frozenset({"structure": structure, **stratum}.items())
    median = rows(results, "both", "dice")[where]
    assert (median.value, median.own_n) == (pytest.approx(statistics.median(values)), len(values))
    share = rows(results, "both", "acceptable_share")[where]
    assert (share.numerator, share.denominator) == (sum(one >= LIMIT for one in values), len(values))
    assert share.n_patients == len(values)
    assert share.low <= share.value <= share.high


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("metric", ["dice", "acceptable_share"])
def test_they_are_those_of_an_endpoint_with_that_structure_alone(results, structure, metric):
    both, alone = rows(results, "both", metric), rows(results, structure, metric)
    whole = ("structure", structure)
    of_one = {where - {whole}: row for where, row in both.items() if whole in where}
    assert set(of_one) == set(alone)
    assert len(alone) == 1 + 3 + 3 * 3
    for where, row in alone.items():
        same = {**row.model_dump(), "endpoint": "both", "stratum": dict(where | {whole})}
        assert of_one[where].model_dump() == same


def test_levels_without_or_with_too_few_cases_say_so(results):
    found = rows(results, "both", "acceptable_share")
    nobody = frozenset({"structure": "heart", "sex": "X"}.items())
    assert (found[nobody].value, found[nobody].own_n) == (None, 0)
    few = frozenset({"structure": "heart", "sex": "M", "site": "c"}.items())
    assert (found[few].value, found[few].not_estimable, found[few].own_n) == (None, "too_few", 1)


def test_structures_are_never_pooled_and_failures_are_of_whole_cases(results):
    pooled = [row for where, row in rows(results, "both", "dice").items() if "structure" not in dict(where)]
    assert {row.value for row in pooled} == {None}
    assert {row.not_estimable for row in pooled if row.own_n} == {"several_questions"}
    failures = rows(results, "both", "failure_rate")
    assert {frozenset(dict(where)) for where in failures} == {
        frozenset(),
        frozenset({"sex"}),
        frozenset({"sex", "site"}),
    }
    assert failures[frozenset({("sex", "F")})].numerator == 1


def test_whether_a_field_matters_is_tested_within_each_structure(results):
    tested = {
        (row.within or {}).get("structure"): row
        for row in results.heterogeneity
        if (row.endpoint, row.metric, row.field) == ("both", "acceptable_share", "sex")
    }
    assert set(tested) == set(STRUCTURES)
    assert tested["lung"].p < 0.01 < tested["heart"].p
    for structure in STRUCTURES:
        [alone] = [
            row
            for row in results.heterogeneity
            if (row.endpoint, row.metric, row.field) == (structure, "acceptable_share", "sex")
        ]
        assert (tested[structure].method, tested[structure].p) == (alone.method, alone.p)
        assert alone.within is None


def test_many_structures_are_not_crossed():
    many = [f"s{n}" for n in range(CROSSED_AT_MOST + 1)]
    assert with_structures(["sex"], "structure", many) == ["sex", "structure"]
    assert ["structure", "sex"] in with_structures(["sex"], "structure", many[1:])


def test_fields_that_the_protocol_crosses_itself_are_not_doubled():
    planned = ["structure", "sex", ["sex", "structure"]]
    assert with_structures(planned, "structure", STRUCTURES) == planned
