"""One region of a structure by each rule, from what its readers drew."""

import numpy as np
import pytest

from dmn_bench.harness.consensus_masks import consensus_region
from dmn_bench.reference_set import ConsensusRule

A, B, C, D = (np.array([[bool(int(one)) for one in text]]) for text in ("1110", "0110", "0011", "0000"))
FOUR = {"r1": A, "r2": B, "r3": C, "r4": D}


def region(readers, **rule):
    found = consensus_region(readers, ConsensusRule(**rule))
    return None if found is None else "".join(str(int(one)) for one in found[0])


def test_votes_are_counted_and_a_majority_is_more_than_half():
    assert region(FOUR, rule="union") == "1111"
    assert region(FOUR, rule="at_least", at_least=2) == "0110"
    assert region(FOUR, rule="at_least", at_least=3) == "0010"
    assert region(FOUR, rule="majority") == "0010"  # 3 of 4: half is no majority
    assert region({"r1": A, "r2": B, "r3": C}, rule="majority") == "0110"


def test_an_adjudicated_region_counts_under_its_own_rule_and_no_other():
    drawn = {**FOUR, "consensus": D}
    assert region(drawn, rule="adjudicated") == "0000"
    assert region(drawn, rule="union") == "1111"
    assert region({"": B}, rule="adjudicated") == "0110"
    assert region({"r1": B}, rule="adjudicated") == "0110"  # one reader alone is the reference
    assert region(FOUR, rule="adjudicated") is None


def test_too_few_readers_make_no_region_instead_of_an_empty_one():
    assert region({"r1": A, "r2": B}, rule="at_least", at_least=3) is None
    assert region({"": A}, rule="union") is None
    assert region({}, rule="majority") is None


def test_staple_is_made_of_single_readers():
    pytest.importorskip("SimpleITK", reason="STAPLE needs the extra readers")
    assert region({"r1": B, "r2": B, "": D}, rule="staple") == "0110"
