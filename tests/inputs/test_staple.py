"""STAPLE as SimpleITK has it, against the algorithm written out, and what it does where readers drew nothing."""

import sys

import numpy as np
import pytest

from dmn_bench.errors import MachineError
from dmn_bench.inputs.staple import staple
from dmn_bench.wordings import LANGUAGES, say_problem

itk = pytest.importorskip("SimpleITK", reason="STAPLE needs the extra readers")


def disc(row, column, radius, shape=(40, 50)):
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return (rows - row) ** 2 + (columns - column) ** 2 <= radius**2


def written_out(stack, rounds=400):
    """Probability of being inside by the EM of Warfield 2004, with the share of votes as the prior of every voxel."""
    votes = stack.reshape(len(stack), -1).astype(float)
    prior = votes.mean()
    sensitivity, specificity = np.full(len(votes), 0.99999), np.full(len(votes), 0.99999)
    for _ in range(rounds):
        inside = prior * np.prod(np.where(votes > 0, sensitivity[:, None], 1 - sensitivity[:, None]), axis=0)
        outside = (1 - prior) * np.prod(np.where(votes > 0, 1 - specificity[:, None], specificity[:, None]), axis=0)
        weight = inside / (inside + outside)
        sensitivity = (votes * weight).sum(axis=1) / weight.sum()
        specificity = ((1 - votes) * (1 - weight)).sum(axis=1) / (1 - weight).sum()
    return weight.reshape(stack.shape[1:])


@pytest.mark.parametrize("seed", range(4))
def test_the_region_is_that_of_the_algorithm_written_out(seed):
    chance = np.random.default_rng(seed)
    truth = disc(20, 25, 9)
    stack = np.array([truth ^ (chance.random(truth.shape) < share) for share in (0.02, 0.05, 0.1)])
    np.testing.assert_array_equal(staple(stack), written_out(stack) >= 0.5)


def test_readers_who_agree_are_taken_as_they_are():
    one, nobody, all_of_it = disc(20, 25, 9), np.zeros((40, 50), bool), np.ones((40, 50), bool)
    for region in (one, nobody, all_of_it):
        np.testing.assert_array_equal(staple(np.array([region] * 3)), region)
        np.testing.assert_array_equal(staple(region[None]), region)


def test_a_reader_who_drew_nothing_hardly_counts():
    """The trap of STAPLE: two of four drew it, and what these two share is drawn."""
    empty = np.zeros((40, 50), bool)
    a, b = disc(20, 25, 6), disc(21, 26, 6)
    found = staple(np.array([empty, empty, a, b]))
    assert (found & (a & b)).sum() == (a & b).sum()
    assert not (found & ~(a | b)).any()


def test_the_same_readings_elsewhere_on_a_larger_grid_give_the_same_region():
    stack = np.array([disc(20, 25, 6), disc(21, 26, 6), disc(20, 24, 7)])
    wide = np.zeros((3, 400, 300), bool)
    wide[:, 200:240, 100:150] = stack
    np.testing.assert_array_equal(staple(wide)[200:240, 100:150], staple(stack))


def test_volumes_lines_and_repetition():
    stack = np.array([disc(20, 25, 6), disc(21, 26, 6), disc(20, 24, 7)])
    volume = np.repeat(stack[:, None], 3, axis=1)
    assert staple(volume).shape == (3, 40, 50)
    np.testing.assert_array_equal(staple(volume), staple(volume))
    line = np.array([[False, True, True, False], [False, True, False, False], [True, True, False, False]])
    assert staple(line)[1]


def test_no_reader_is_our_own_mistake():
    with pytest.raises(ValueError, match="a reader"):
        staple(np.zeros((0, 3, 3), bool))


def test_without_the_package_its_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "SimpleITK", None)
    with pytest.raises(MachineError) as refused:
        staple(np.array([disc(20, 25, 6), disc(21, 26, 6)]))
    for language in LANGUAGES:
        assert "dmn-bench[readers]" in say_problem(refused.value.problems[0], language)
