"""Which counts may leave the hospital: none below k, and none that the others give away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from ..vocabulary import NotEstimable

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, FloatArray, IntArray
    from .roc import RocCurve

DEFAULT_SMALLEST = 11
"""No printed cell holds fewer units: the output rule quoted to users of the French hospital and national data."""

Zeros = Literal["by_margin", "show", "hide"]
"""``by_margin``: a zero is hidden where its margin is below k, as it tells what all of a small group are not."""


class Count(NamedTuple):
    """One number of a publication: the units in some of the finest cells, which are numbered from 0 and do not overlap.

    ``of`` names the count it is a share of, if any; a percentage with n is that count.
    """

    name: str
    cells: tuple[int, ...]
    of: str | None = None


@dataclass(frozen=True, kw_only=True)
class Protected:
    """A publication under disclosure control."""

    shown: Mapping[str, int]
    hidden: tuple[str, ...]  # in the order asked; it is not told which were small and which hide the others
    exposed: tuple[str, ...]  # small counts given away by earlier releases whatever is hidden now: somebody must decide

    def share_may_be_shown(self, numerator: str, denominator: str) -> bool:
        """A percentage, its interval or a p-value of it give the count away: only where both counts are shown."""
        return numerator in self.shown and denominator in self.shown


def protect(
    counts: Sequence[Count],
    cells: Sequence[int],
    *,
    smallest: int = DEFAULT_SMALLEST,
    zeros: Zeros = "by_margin",
    earlier: Sequence[Count] = (),
) -> Protected:
    """Hide every count from 1 to k − 1, and as few others as it takes that none of them can be worked out.

    ``counts``: everything to be published, margins, totals, numerators and denominators of percentages, complementary
    strata, points of curves. ``cells``: units in the finest cells, the crossing of all strata and outcomes involved
    (and of being new since an earlier release). ``earlier``: counts that are published already and cannot be hidden.

    A hidden count is safe when two tables of whole numbers exist that agree with all that is shown and with
    ``earlier`` and differ in it by k or more. Safe must be: the hidden counts; what is left when one count is taken
    from another that contains it; and every group of units that the counts tell apart; the latter two where they are
    from 1 to k − 1. Which further counts to hide is a mixed-integer programme for each in turn, least units first; the
    two tables are checked in whole numbers. The reader is taken to know the rule but not which counts are small: if he
    also knows that, no interval can be wider than the rule.

    Raises ValueError for doubled names, unknown cells or margins, negative cells, or k < 2.
    Reference: Fischetti & Salazar 2001, Management Science 47:1008; Willenborg & de Waal 2001, Elements of Statistical
    Disclosure Control.

    >>> table = [Count("women", (0,)), Count("men", (1,)), Count("unknown", (2,)), Count("all", (0, 1, 2))]
    >>> protect(table, [60, 35, 4]).shown
    {'women': 60, 'all': 99}
    """
    problem = _Problem.of(counts, cells, earlier, smallest)
    hidden = {index for index, count in enumerate(counts) if problem.is_small(index, count, zeros)}
    waiting = [*sorted(hidden), *problem.implied(zeros)]
    exposed: list[str] = []
    while waiting:
        target = waiting.pop(0)
        found = problem.to_hide(target, hidden)
        if found is None:
            exposed.append(problem.names[target])
            continue
        more, apart = found
        hidden |= more
        # The two tables that leave this target open leave others open too, whatever is hidden later.
        waiting = [other for other in (*waiting, *sorted(more)) if abs(apart[other]) < smallest]
    return Protected(
        shown={count.name: int(problem.values[i]) for i, count in enumerate(counts) if i not in hidden},
        hidden=tuple(count.name for i, count in enumerate(counts) if i in hidden),
        exposed=tuple(exposed),
    )


def feasible(
    target: Sequence[int], published: Sequence[tuple[Count, int]], n_cells: int, *, at_most: int = 1_000_000
) -> tuple[int, int]:
    """Smallest and largest number that published counts leave possible for the units in some cells.

    What an attacker can work out: whole numbers, none negative, no cell above ``at_most``.
    Raises ValueError when no table agrees with the counts.

    >>> feasible([0], [(Count("row", (0, 1)), 20), (Count("column", (0, 2)), 15), (Count("all", (0, 1, 2, 3)), 30)], 4)
    (5, 15)
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    member = np.zeros((len(published), n_cells))
    for row, (count, _) in zip(member, published, strict=True):
        row[list(count.cells)] = 1
    values = np.array([value for _, value in published], dtype=float)
    asked = np.zeros(n_cells)
    asked[list(target)] = 1
    ends = []
    for sign in (1, -1):
        found = milp(
            sign * asked,
            constraints=[LinearConstraint(member, values, values)] if len(published) else [],
            integrality=np.ones(n_cells, dtype=np.int64),
            bounds=Bounds(0, at_most),
        )
        if found.x is None:
            raise ValueError("no table agrees with the published counts")
        ends.append(round(float(asked @ np.round(found.x))))
    return ends[0], ends[1]


def round_randomly(value: int, name: str, *, seed: int, base: int = 5) -> int:
    """The count rounded up or down to a multiple of ``base``, by chance and without bias: an alternative to hiding.

    The same name and count are always rounded alike, so that repeated releases cannot be averaged; the seed must stay
    in the hospital. Sums of rounded counts differ from the rounded sum. No claim of differential privacy.
    Raises ValueError for a negative count or base < 2.
    Reference: Fellegi 1975, Survey Methodology 1:123 (unbiased rounding).

    >>> round_randomly(10, "women", seed=1), round_randomly(12, "women", seed=1) in (10, 15)
    (10, True)
    """
    if value < 0 or base < 2:
        raise ValueError("a count is not negative, and the base of rounding at least 2")
    below = value // base * base
    if below == value:
        return value
    stream = np.random.default_rng(np.random.SeedSequence([seed, value, *name.encode()]))
    return below + base * int(stream.random() * base < value - below)


def safe_steps(tallies: IntArray, *, smallest: int = DEFAULT_SMALLEST) -> IntArray | NotEstimable:
    """Which points of a cumulative curve may be shown so that each step holds k units or none, of every class.

    ``tallies`` [p, classes]: units at or above each of p thresholds, from none to all. Both ends are always kept.
    ``NotEstimable``: ``too_few`` when a class as a whole has 1 to k − 1 units.

    >>> safe_steps(np.array([[0, 0], [5, 0], [12, 0], [14, 3], [25, 30]])).tolist()
    [0, 2, 4]
    """
    steps = np.asarray(tallies, dtype=np.int64)
    whole = steps[-1] - steps[0]
    if not _coarse(whole, smallest):
        return NotEstimable(reason="too_few", facts={"n": int(whole[whole > 0].min()), "minimum": smallest})
    kept = [0]
    for point in range(1, len(steps) - 1):
        made, left = steps[point] - steps[kept[-1]], steps[-1] - steps[point]
        if bool(made.any()) and _coarse(made, smallest) and _coarse(left, smallest):
            kept.append(point)
    return np.array([*kept, len(steps) - 1])


def roc_curve_on_grid(
    scores: FloatArray, positive: BoolArray, grid: Sequence[float], *, smallest: int = DEFAULT_SMALLEST
) -> RocCurve | NotEstimable:
    """The ROC curve at thresholds fixed beforehand, merged until each step holds k units or none, of both classes.

    An empirical curve gives every rank away, and its thresholds are scores of patients. ``grid``: finite thresholds in
    any order; put the operating point among them, or the table beside the curve cuts a step in two.
    ``NotEstimable``: ``one_class``; ``too_few`` with a class of fewer than k.
    Raises ValueError for NaN scores or a grid that is empty or not finite.

    >>> scores, positive = np.linspace(0, 1, 60), np.arange(60) >= 30
    >>> curve = roc_curve_on_grid(scores, positive, [0.25, 0.5, 0.55, 0.75])
    >>> curve.thresholds, curve.tpr.round(2).tolist(), curve.fpr.round(2).tolist()
    ((None, 0.75, 0.5, 0.25, None), [0.0, 0.5, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.5, 1.0])
    """
    from .roc import RocCurve

    scores, positive = np.asarray(scores, dtype=float), np.asarray(positive, dtype=bool)
    levels = np.unique(np.asarray(grid, dtype=float))[::-1]
    if bool(np.isnan(scores).any()) or not len(levels) or not bool(np.isfinite(levels).all()):
        raise ValueError("scores are no NaN, and the grid has finite thresholds")
    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    if n_positive == 0 or n_negative == 0:
        return NotEstimable(reason="one_class", facts={"n_positive": n_positive, "n_negative": n_negative})
    above = scores[None, :] >= levels[:, None]
    inner = np.stack(((above & positive).sum(axis=1), (above & ~positive).sum(axis=1)), axis=1)
    tallies = np.concatenate(([[0, 0]], inner, [[n_positive, n_negative]]))
    kept = safe_steps(tallies, smallest=smallest)
    if isinstance(kept, NotEstimable):
        return kept
    thresholds = (None, *(float(t) for t in levels), None)
    return RocCurve(
        tallies[kept, 1] / n_negative, tallies[kept, 0] / n_positive, tuple(thresholds[int(point)] for point in kept)
    )


def collapse(
    sizes: Sequence[Sequence[int]], *, smallest: int = DEFAULT_SMALLEST, ordered: bool = True
) -> tuple[tuple[int, ...], ...]:
    """Levels of a field merged until every count of every level is 0 or at least k: offered before anything is hidden.

    ``sizes`` [levels, columns]: what would be printed of each level. Ordered levels (age bands) join a neighbour,
    others the smallest other one. The result lists the levels of each group; one group when nothing else serves.

    >>> collapse([[3], [20], [8], [40]]), collapse([[3], [20], [8], [40]], ordered=False)
    (((0, 1, 2), (3,)), ((0, 2), (1,), (3,)))
    """
    table = np.asarray(sizes, dtype=np.int64).reshape(len(sizes), -1)
    groups: list[tuple[int, ...]] = [(level,) for level in range(len(table))]

    def total(group: tuple[int, ...]) -> IntArray:
        return np.asarray(table[list(group)].sum(axis=0))

    while len(groups) > 1:
        small = [group for group in groups if not _coarse(total(group), smallest)]
        if not small:
            break
        one = min(small, key=lambda group: int(total(group).sum()))
        at = groups.index(one)
        near = groups[max(at - 1, 0) : at + 2] if ordered else groups
        other = min((group for group in near if group != one), key=lambda group: int(total(group).sum()))
        merged = tuple(sorted(one + other))
        groups = sorted([merged, *(group for group in groups if group not in (one, other))])
    return tuple(groups)


def _coarse(units: IntArray, smallest: int) -> bool:
    return bool(np.all((units == 0) | (units >= smallest)))


@dataclass(frozen=True, kw_only=True)
class _Problem:
    """All counts as sums over groups of cells that no count tells apart; implied counts follow the given ones."""

    names: tuple[str, ...]
    member: IntArray  # [counts + earlier + implied, groups] 0 or 1
    values: IntArray  # [counts + earlier + implied]
    groups: IntArray  # [groups] units
    margins: Mapping[str, int]  # value of each count by name
    n_counts: int
    n_published: int  # counts and earlier
    smallest: int

    @classmethod
    def of(cls, counts: Sequence[Count], cells: Sequence[int], earlier: Sequence[Count], smallest: int) -> _Problem:
        units = np.asarray(cells, dtype=np.int64)
        named = [count.name for count in counts]
        used = {cell for count in (*counts, *earlier) for cell in count.cells}
        margins = {count.of for count in counts if count.of is not None}
        if len(set(named)) < len(named) or not margins <= set(named):
            raise ValueError("every count needs a name of its own, and a margin is one of the counts")
        if smallest < 2 or bool(np.any(units < 0)) or not used <= set(range(len(units))):
            raise ValueError("cells are not negative, counts sum known cells, and k is at least 2")
        rows = np.zeros((len(counts) + len(earlier), len(units)), dtype=np.int64)
        for row, count in zip(rows, (*counts, *earlier), strict=True):
            row[list(count.cells)] = 1
        member, group = np.unique(rows, axis=1, return_inverse=True)
        groups = np.bincount(group.ravel(), weights=units, minlength=member.shape[1]).astype(np.int64)
        names = [*named, *(count.name for count in earlier)]
        extra, extra_names = _implied(member, names)
        member = np.concatenate((member, extra))
        values = member @ groups
        return cls(
            names=(*names, *extra_names),
            member=member,
            values=values,
            groups=groups,
            margins=dict(zip(named, values.tolist(), strict=False)),
            n_counts=len(counts),
            n_published=len(names),
            smallest=smallest,
        )

    def is_small(self, index: int, count: Count, zeros: Zeros) -> bool:
        value = int(self.values[index])
        if value == 0:
            return zeros == "hide" or (
                zeros == "by_margin" and count.of is not None and self.margins[count.of] < self.smallest
            )
        return value < self.smallest

    def implied(self, zeros: Zeros) -> list[int]:
        """Counts nobody asks to print that must stay unknown; small ones of earlier releases are so no more."""
        lowest = 0 if zeros == "hide" else 1
        return [i for i in range(self.n_counts, len(self.names)) if lowest <= self.values[i] < self.smallest]

    def to_hide(self, target: int, hidden: set[int]) -> tuple[set[int], IntArray] | None:
        """The cheapest further counts to hide so that the target is uncertain by k; None where nothing helps.

        With them, how far apart two tables that agree with all that is then shown are in every count. Unknown are the
        moves of both tables away from the true one, up or down, and whether each shown count moves.
        """
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        reach, n = 2 * self.smallest, len(self.groups)
        shown = [i for i in range(self.n_counts) if i not in hidden]
        fixed = self.member[self.n_counts : self.n_published]
        free, none = self.member[shown], np.zeros((len(shown), n))
        slack = np.diag(reach * np.maximum(free.sum(axis=1), 1)).reshape(len(shown), len(shown))
        still, aside = np.zeros_like(fixed), np.zeros((len(fixed), len(shown)))
        rows = np.block(
            [
                [self.member[target], -self.member[target], np.zeros(len(shown))],
                [fixed, still, aside],
                [still, fixed, aside],
                [free, none, slack],
                [free, none, -slack],
                [none, free, slack],
                [none, free, -slack],
            ]
        )
        zero, endless = np.zeros(len(shown)), np.full(len(shown), np.inf)
        same = np.zeros(2 * len(fixed))
        lower = np.concatenate(([self.smallest], same, zero, -endless, zero, -endless))
        upper = np.concatenate(([np.inf], same, endless, zero, endless, zero))
        down = -np.minimum(self.groups, reach)
        found = milp(
            np.concatenate((np.zeros(2 * n), 1.0 + self.values[shown])),
            constraints=LinearConstraint(csr_array(rows), lower, upper),
            integrality=np.ones(2 * n + len(shown), dtype=np.int64),
            bounds=Bounds(np.concatenate((down, down, zero)), np.concatenate((np.full(2 * n, reach), zero + 1))),
        )
        if found.x is None:
            return None
        moves = np.round(found.x[: 2 * n]).astype(np.int64).reshape(2, n)
        changed = np.any(self.member @ moves.T != 0, axis=1)
        apart = self.member @ (moves[0] - moves[1])
        possible = bool(np.all(moves + self.groups >= 0)) and not bool(changed[self.n_counts : self.n_published].any())
        if apart[target] < self.smallest or not possible:
            return None
        return {i for i in shown if changed[i]}, apart


def _implied(member: IntArray, names: Sequence[str]) -> tuple[IntArray, list[str]]:
    """What follows from published counts: one less another that it contains, and each group of cells on its own."""
    found: dict[bytes, tuple[IntArray, str]] = {}
    known = {row.tobytes() for row in member}
    for a, b in ((a, b) for a in range(len(member)) for b in range(len(member)) if a != b):
        rest = member[a] - member[b]
        if bool(np.all(rest >= 0)):
            found.setdefault(rest.tobytes(), (rest, f"{names[a]} − {names[b]}"))
    for group, row in enumerate(np.eye(member.shape[1], dtype=np.int64)):
        within = " ∩ ".join(name for name, inside in zip(names, member[:, group], strict=True) if inside)
        if within:
            found.setdefault(row.tobytes(), (row, within))
    rows = [(row, name) for key, (row, name) in found.items() if key not in known]
    kept = np.array([row for row, _ in rows], dtype=np.int64) if rows else np.zeros((0, member.shape[1]), np.int64)
    return kept, [name for _, name in rows]
