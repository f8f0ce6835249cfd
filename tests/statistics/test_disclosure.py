"""Disclosure control, attacked: with everything that is shown, no hidden small count can be narrowed below k."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmn_bench.statistics.disclosure import (
    DEFAULT_SMALLEST,
    Count,
    collapse,
    feasible,
    protect,
    roc_curve_on_grid,
    round_randomly,
    safe_steps,
)
from dmn_bench.statistics.roc import roc_curve
from dmn_bench.vocabulary import NotEstimable


def with_margins(n_rows, n_columns):
    """Every cell, row, column and the total of a table."""
    at = np.arange(n_rows * n_columns).reshape(n_rows, n_columns)
    counts = [Count(f"r{i}c{j}", (int(at[i, j]),), of=f"r{i}") for i in range(n_rows) for j in range(n_columns)]
    counts += [Count(f"r{i}", tuple(map(int, at[i]))) for i in range(n_rows)]
    counts += [Count(f"c{j}", tuple(map(int, at[:, j]))) for j in range(n_columns)]
    return [*counts, Count("all", tuple(map(int, at.ravel())))]


def published(counts, found):
    return [(count, found.shown[count.name]) for count in counts if count.name in found.shown]


def widths(counts, found, cells, targets):
    """What an attacker can narrow each target to."""
    known = published(counts, found)
    ceiling = sum(cells) + 200
    return {t: (lambda ends: ends[1] - ends[0])(feasible(t, known, len(cells), at_most=ceiling)) for t in targets}


def test_one_small_cell_of_a_table_takes_three_others_with_it():
    counts, cells = with_margins(2, 2), [40, 4, 30, 60]
    found = protect(counts, cells)
    assert "r0c1" in found.hidden
    assert (found.exposed, {"r0", "r1", "c0", "c1", "all"} <= set(found.shown)) == ((), True)
    assert found.hidden == ("r0c0", "r0c1", "r1c0", "r1c1")  # any fewer, and the margins give it back
    low, high = feasible((1,), published(counts, found), 4)
    assert (low, high) == (0, 44)


def test_nothing_is_hidden_where_nothing_is_small():
    found = protect(with_margins(2, 2), [40, 11, 30, 60])
    assert (found.hidden, len(found.shown)) == ((), 9)


def test_the_complement_of_a_share_is_protected_although_nobody_prints_it():
    counts = [Count("detected", (0,), of="diseased"), Count("diseased", (0, 1))]
    found = protect(counts, [46, 4])  # 46 of 50: four were missed
    assert not found.share_may_be_shown("detected", "diseased")
    assert len(found.shown) == 1
    assert protect(counts, [40, 12]).share_may_be_shown("detected", "diseased")


def test_complementary_strata_are_linked_by_their_total():
    # Sex with four of unknown sex who have no line of their own; the total is printed elsewhere.
    counts = [Count("women", (0,)), Count("men", (1,)), Count("all", (0, 1, 2))]
    found = protect(counts, [60, 35, 4])
    assert len(found.hidden) >= 1
    assert all(width >= 11 for width in widths(counts, found, [60, 35, 4], [(1,), (2,)]).values())


def test_two_tables_over_different_fields_are_one_problem():
    # Sex by result and age by result, crossing not printed: the finest cells are sex × age × result.
    finest = list(itertools.product(range(2), range(2), range(2)))
    cells = [30, 6, 25, 14, 28, 2, 40, 13]

    def members(**wanted):
        fields = {"sex": 0, "age": 1, "result": 2}
        return tuple(i for i, f in enumerate(finest) if all(f[fields[k]] == v for k, v in wanted.items()))

    counts = [Count(f"sex{s} result{r}", members(sex=s, result=r)) for s in range(2) for r in range(2)]
    counts += [Count(f"age{a} result{r}", members(age=a, result=r)) for a in range(2) for r in range(2)]
    found = protect(counts, cells)
    small = next(count for count in counts if count.name == "age0 result1")  # 6 + 2
    assert small.name in found.hidden
    assert found.exposed == ()
    assert widths(counts, found, cells, [small.cells])[small.cells] >= 11


@pytest.mark.parametrize(("zeros", "hidden"), [("show", False), ("hide", True), ("by_margin", False)])
def test_zeros_of_a_large_margin_are_hidden_by_policy_only(zeros, hidden):
    counts = [Count("missed", (1,), of="diseased"), Count("diseased", (0, 1))]
    assert ("missed" in protect(counts, [50, 0], zeros=zeros).hidden) == hidden


def test_a_zero_of_a_small_margin_is_hidden():
    counts = [Count("missed", (1,), of="diseased"), Count("diseased", (0, 1))]
    assert protect(counts, [6, 0]).hidden == ("missed", "diseased")
    assert "missed" in protect(counts, [6, 0], zeros="show").shown


def test_the_difference_to_an_earlier_release_is_a_small_group():
    # 60 diseased last year; 64 now: four are new, and cells tell old from new.
    now = [Count("diseased", (0, 1)), Count("healthy", (2,))]
    before = [Count("diseased, first release", (0,))]
    assert protect(now, [60, 4, 90], earlier=before).hidden == ("diseased",)
    assert protect(now, [60, 4, 90]).hidden == ()
    assert protect(now, [60, 14, 90], earlier=before).hidden == ()


def test_what_earlier_releases_give_away_is_exposed():
    before = [Count("all, first", (0, 1)), Count("women, first", (0,))]
    found = protect([Count("men", (1,))], [60, 4], earlier=before)
    assert (found.hidden, found.exposed, found.shown) == (("men",), ("men",), {})


def test_wrong_questions_are_refused():
    one = Count("one", (0,))
    for counts, cells, options in [
        ([one, one], [5], {}),
        ([one], [], {}),
        ([one], [-1], {}),
        ([Count("one", (0,), of="all")], [5], {}),
        ([one], [5], {"smallest": 1}),
    ]:
        with pytest.raises(ValueError, match="count"):
            protect(counts, cells, **options)
    with pytest.raises(ValueError, match="no table"):
        feasible((0,), [(one, 5), (Count("two", (0,)), 6)], 1)
    assert protect([], []).shown == {}
    assert protect([], [5]).hidden == ()


# ------------------------------------------------------------------------------------------------------------ attack

K = 4
SMALL = st.integers(0, 14)


def enumerated(counts, found, cells, target, ceiling):
    """Every table up to a ceiling that agrees with what is shown, tried one by one."""
    axes = np.meshgrid(*[np.arange(ceiling + 1)] * len(cells), indexing="ij")
    tables = np.stack([axis.ravel() for axis in axes])
    agree = np.ones(tables.shape[1], dtype=bool)
    for count, value in published(counts, found):
        agree &= tables[list(count.cells)].sum(axis=0) == value
    possible = tables[list(target)].sum(axis=0)[agree]
    return int(possible.max() - possible.min())


@settings(max_examples=40)
@given(st.tuples(SMALL, SMALL, SMALL, SMALL))
def test_no_table_of_four_cells_gives_a_small_cell_away(cells):
    counts = with_margins(2, 2)
    found = protect(counts, cells, smallest=K)
    assert found.exposed == ()
    for cell, value in enumerate(cells):
        if 1 <= value < K:
            assert counts[cell].name in found.hidden
            assert enumerated(counts, found, cells, (cell,), max(cells) + K) >= K
    for count in counts:
        if count.name in found.hidden:
            assert enumerated(counts, found, cells, count.cells, max(cells) + K) >= K


@settings(max_examples=40)
@given(st.lists(st.integers(0, 30), min_size=12, max_size=12))
def test_no_table_of_twelve_cells_gives_a_hidden_count_away(cells):
    counts = with_margins(3, 4)
    found = protect(counts, cells, smallest=K)
    assert found.exposed == ()
    targets = [count.cells for count in counts if count.name in found.hidden]
    assert {count.name for count in counts if 1 <= sum(cells[c] for c in count.cells) < K} <= set(found.hidden)
    assert all(width >= K for width in widths(counts, found, cells, targets).values())


@settings(max_examples=40)
@given(st.lists(st.integers(0, 9), min_size=5, max_size=5), st.integers(1, 3))
def test_linked_tables_and_earlier_releases_do_not_give_a_group_away(cells, n_before):
    """Random sums of five cells, some published before: no single group and no difference of two sums is exposed."""
    rng = np.random.default_rng(sum(cells) + n_before)
    sums = [tuple(map(int, np.flatnonzero(rng.random(5) < 0.6))) for _ in range(5)]
    sums = [s for s in dict.fromkeys(sums) if s]
    before = [Count(f"before {i}", s) for i, s in enumerate(sums[:n_before])]
    counts = [Count(f"now {i}", s) for i, s in enumerate(sums[n_before:])]
    found = protect(counts, cells, smallest=K, earlier=before)
    known = [*published(counts, found), *((c, sum(cells[i] for i in c.cells)) for c in before)]

    def width(target):
        low, high = feasible(target, known, 5, at_most=200)
        return high - low

    for a, b in itertools.permutations([*counts, *before], 2):
        rest = tuple(sorted(set(a.cells) - set(b.cells)))
        small = 1 <= sum(cells[i] for i in rest) < K
        if set(b.cells) < set(a.cells) and small and not found.exposed:
            assert width(rest) >= K
    for count in counts:
        if count.name in found.hidden and count.name not in found.exposed:
            assert width(count.cells) >= K
    for name in found.exposed:  # no false alarm: what is exposed is narrow even with nothing shown now
        target = next((c for c in counts if c.name == name), None)
        if target is not None:
            earlier_only = [(c, sum(cells[i] for i in c.cells)) for c in before]
            low, high = feasible(target.cells, earlier_only, 5, at_most=200)
            assert high - low < K


def test_a_report_of_forty_strata_is_protected_in_seconds():
    rng = np.random.default_rng(1)
    counts, cells = with_margins(8, 5), rng.poisson(30, 40).tolist()
    cells[3], cells[17], cells[30] = 2, 5, 9
    found = protect(counts, cells)
    assert found.exposed == ()
    assert 3 < len(found.hidden) < 20
    hidden = [count.cells for count in counts if count.name in found.hidden]
    assert all(width >= DEFAULT_SMALLEST for width in widths(counts, found, cells, hidden).values())


# ------------------------------------------------------------------------------------------------ rounding, curves


@given(st.integers(0, 500), st.integers(2, 10), st.integers(0, 99))
def test_rounding_goes_to_a_neighbouring_multiple_and_is_always_the_same(value, base, seed):
    found = round_randomly(value, "women", seed=seed, base=base)
    assert found % base == 0
    assert abs(found - value) < base
    assert found == round_randomly(value, "women", seed=seed, base=base)


def test_rounding_is_unbiased_over_names():
    found = [round_randomly(12, f"count {i}", seed=1) for i in range(4_000)]
    assert set(found) == {10, 15}
    assert np.mean(found) == pytest.approx(12, abs=0.15)
    with pytest.raises(ValueError, match="base"):
        round_randomly(3, "x", seed=1, base=1)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=20), st.integers(2, 12))
def test_every_step_of_a_curve_holds_k_units_or_none(steps, smallest):
    tallies = np.concatenate(([[0, 0]], np.cumsum(np.array(steps), axis=0)))
    kept = safe_steps(tallies, smallest=smallest)
    if isinstance(kept, NotEstimable):
        assert any(0 < total < smallest for total in tallies[-1])
        return
    assert (kept[0], kept[-1]) == (0, len(steps))
    made = np.diff(tallies[kept], axis=0)
    assert bool(np.all((made == 0) | (made >= smallest)))


def test_a_curve_on_a_grid_lies_on_the_empirical_one_and_gives_no_score_away():
    rng = np.random.default_rng(2)
    positive = rng.random(400) < 0.3
    scores = np.clip(rng.normal(0.4 + 0.25 * positive, 0.15), 0, 1)
    grid = np.arange(0.05, 1, 0.05)
    coarse, full = roc_curve_on_grid(scores, positive, grid), roc_curve(scores, positive)
    empirical = set(zip(full.fpr.round(12), full.tpr.round(12), strict=True))
    assert set(zip(coarse.fpr.round(12), coarse.tpr.round(12), strict=True)) <= empirical
    assert {t for t in coarse.thresholds if t is not None} <= set(grid)
    assert 4 < len(coarse.fpr) <= len(grid) + 2
    for share, n in ((coarse.tpr, positive.sum()), (coarse.fpr, (~positive).sum())):
        steps = np.diff(np.rint(share * n))
        assert bool(np.all((steps == 0) | (steps >= 11)))


def test_curves_that_cannot_be_shown_say_why():
    scores = np.linspace(0, 1, 40)
    assert roc_curve_on_grid(scores, np.ones(40, dtype=bool), [0.5]).reason == "one_class"
    assert roc_curve_on_grid(scores, np.arange(40) < 5, [0.5]) == NotEstimable(
        reason="too_few", facts={"n": 5, "minimum": 11}
    )
    for grid in ([], [np.inf]):
        with pytest.raises(ValueError, match="grid"):
            roc_curve_on_grid(scores, scores > 0.5, grid)


@given(st.lists(st.lists(st.integers(0, 40), min_size=2, max_size=2), min_size=1, max_size=8), st.booleans())
def test_collapsed_levels_are_all_there_and_large_enough(sizes, ordered):
    groups = collapse(sizes, ordered=ordered)
    assert sorted(level for group in groups for level in group) == list(range(len(sizes)))
    if len(groups) > 1:
        for group in groups:
            total = np.sum([sizes[level] for level in group], axis=0)
            assert bool(np.all((total == 0) | (total >= 11)))
    if ordered:
        assert all(group == tuple(range(group[0], group[-1] + 1)) for group in groups)


def test_levels_that_are_large_enough_stay_apart():
    assert collapse([[20, 30], [11, 0], [40, 12]]) == ((0,), (1,), (2,))
