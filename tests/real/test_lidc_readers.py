"""LIDC-IDRI's four readers: overlap of every two and regions by every rule against figures of other programs."""

import itertools
import json

import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.curation.readers import Chance, reader_agreement
from dmn_bench.harness.regions import Regions
from dmn_bench.harness.set_loading import format_readers
from dmn_bench.reference_set import ConsensusRule, load, lock, under_rule
from tests.shared_data import shared_data

from .running import recipe, run

NAMES = ("reader1", "reader2", "reader3", "reader4")
CASES = ("LIDC-IDRI-0001", "LIDC-IDRI-0002")


@pytest.fixture(scope="module")
def source():
    return shared_data("imaging/ct_lidc")


@pytest.fixture(scope="module")
def folder(source, tmp_path_factory):
    """With the outline itself, as the program that the figures come from filled it."""
    folder = tmp_path_factory.mktemp("lidc")
    recipe("lidc").build(source, folder / "set", with_outline=True)
    lock(folder / "set")
    return folder


@pytest.fixture(scope="module")
def regions(folder):
    reference_set = load(folder / "set")
    return reference_set, Regions(reference_set, format_readers(build_catalogue()))


@pytest.fixture(scope="module")
def oracle(source):
    return {case: json.loads((source / case / "oracle_segmentation.json").read_text()) for case in CASES}


@pytest.mark.parametrize("number", [0, 1])
def test_voxels_and_dice_of_every_two_readers_are_those_of_another_program(regions, oracle, number):
    reference_set, drawn = regions
    case, expected = reference_set.cases[number], oracle[CASES[number]]
    of_reader = {name: drawn.reader_region(case, "nodule", name) for name in NAMES}
    assert {name: int(region.sum()) for name, region in of_reader.items()} == expected["voxels"]
    for a, b in itertools.combinations(NAMES, 2):
        if f"{a}-{b}" in expected["pairs"]:
            dice = 2 * (of_reader[a] & of_reader[b]).sum() / (of_reader[a].sum() + of_reader[b].sum())
            assert dice == pytest.approx(expected["pairs"][f"{a}-{b}"]["dice"], abs=1e-12)
    assert len(expected["pairs"]) == (6, 1)[number]


@pytest.mark.parametrize("number", [0, 1])
def test_regions_by_votes_and_by_staple_have_the_voxels_of_another_program(regions, oracle, number):
    reference_set, drawn = regions
    case, expected = reference_set.cases[number], oracle[CASES[number]]["staple"]

    def voxels(**rule):
        return int(drawn.reference_region(case, "nodule", ConsensusRule(**rule)).sum())

    assert voxels(rule="at_least", at_least=2) == expected["voxels_majority_ge2"]
    assert voxels(rule="at_least", at_least=3) == voxels(rule="majority") == expected["voxels_ge3"]
    assert voxels(rule="at_least", at_least=4) == expected["voxels_intersection"]
    assert voxels(rule="union") == expected["voxels_union"]
    pytest.importorskip("SimpleITK", reason="STAPLE needs the extra readers")
    assert voxels(rule="staple") == expected["voxels_p_ge_0_5"]


def test_a_nodule_counts_by_how_many_readers_drew_it(folder):
    """Four drew the one of 0001, two the one of 0002; marks of less than 3 mm are for nobody a lesion."""
    reference_set = load(folder / "set")
    for k, cases in ((1, CASES), (2, CASES), (3, CASES[:1]), (4, CASES[:1])):
        made = under_rule(reference_set, ConsensusRule(rule="at_least", at_least=k))
        assert tuple(row.case_id for row in made.lesions if not row.lesion.ignore) == cases
        assert [row.value for row in made.truth] == ["positive" if case in cases else "negative" for case in CASES]
    majority = under_rule(reference_set, ConsensusRule(rule="majority"))
    assert [row.value for row in majority.truth] == ["positive", "indeterminate"]  # two of four


def test_readers_agree_on_fourteen_of_eighteen_pairs_of_lesions(folder):
    rows = reader_agreement(load(folder / "set"), Chance(resamples=200, seed=1, confidence=0.95))
    [lesions] = [row for row in rows if row.coefficient == "lesion_agreement"]
    assert lesions.value == pytest.approx((12 + 2) / (12 + 6))  # 4 drew it, twice 6 pairs; 2 drew it, one pair


@pytest.mark.slow
def test_a_run_shows_every_reader_beside_a_device_that_is_one_of_them(folder, oracle):
    (folder / "answers").mkdir()
    for case in CASES:
        name = f"{case}.reader3.nii.gz"
        (folder / "answers" / name).write_bytes((folder / "set" / "masks" / name).read_bytes())
    options = {"folder": "answers", "pattern": "{case_id}.reader3.nii.gz", "structure": "nodule"}
    protocol = {
        "format": "dmn-bench/protocol/1",
        "id": "lidc-readers",
        "reference_set": "set",
        "candidates": [{"id": "third", "adapter": "mask-files", "options": options}],
        "endpoints": [{"name": "contour", "task": "segmentation", "tolerance_mm": 1.0, "metrics": ["dice", "nsd"]}],
        "statistics": {"resamples": 200, "minimum_n": {"estimate": 1, "imprecise_below": 1}},
        "reference_rules": [{"rule": "at_least", "at_least": 2}, {"rule": "union"}],
    }
    results = run(protocol, folder)["results"]
    pairs = {
        (row["reader"], row["against"]): row
        for row in results["readers"]
        if row["against"] and not row["candidate"] and row["estimate"]["metric"] == "dice"
    }
    assert len(pairs) == 6
    for (a, b), row in pairs.items():
        second = oracle[CASES[1]]["pairs"].get(f"{a}-{b}", {}).get("dice", 1.0 if (a, b) == NAMES[:2] else 0.0)
        both = sorted((oracle[CASES[0]]["pairs"][f"{a}-{b}"]["dice"], second))
        assert (row["smallest"], row["largest"]) == pytest.approx(both, abs=1e-12)
        [nsd] = [
            other
            for other in results["readers"]
            if (other["reader"], other["against"], other["candidate"]) == (a, b, "")
            and other["estimate"]["metric"] == "nsd"
        ]
        expected = oracle[CASES[0]]["pairs"][f"{a}-{b}"]["nsd_1mm_deepmind"]
        assert min(abs(nsd[side] - expected) for side in ("smallest", "largest")) < 1e-9
    own = [row for row in results["readers"] if row["against"] == "reader3" and row["candidate"] == "third"]
    assert {row["smallest"] for row in own} == {1.0}
    assert {(row["rule"], row["n_others"]) for row in results["readers"] if not row["against"]} == {("majority", 3)}
    assert [row["rule"] for row in results["reference_rules"]][::2] == ["majority", "at_least", "union"]
