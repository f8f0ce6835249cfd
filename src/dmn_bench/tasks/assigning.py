"""One mark for one lesion, out of all pairs that hit: by falling score, or as many as can be."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray


def by_score(rank: IntArray, lesion: IntArray, closeness: FloatArray) -> tuple[IntArray, IntArray]:
    """Each mark in turn, the best rank first, takes the nearest lesion that is free; of equally near ones the first.

    ``rank``, ``lesion``, ``closeness`` [p]: the pairs that hit; marks are known by their rank, from 0. Result: the
    lesions taken and the ranks of the marks that took them.

    >>> rank, lesion = np.array([0, 1, 1]), np.array([0, 0, 1])
    >>> [found.tolist() for found in by_score(rank, lesion, np.array([0.5, 0.9, 0.6]))]
    [[0, 1], [0, 1]]
    """
    order = np.lexsort((lesion, -closeness, rank))
    rank, lesion = rank[order], lesion[order]
    taken, takers = [lesion[:0]], [rank[:0]]
    n_lesions, n_ranks = (int(column.max()) + 1 if len(column) else 0 for column in (lesion, rank))
    first = np.empty(n_lesions, dtype=np.int64)
    # In each turn, at once: every mark whose nearest free lesion no better mark can still take.
    while len(rank):
        places = np.arange(len(rank))
        first[lesion] = len(rank)
        np.minimum.at(first, lesion, places)
        is_nearest = np.concatenate(([True], rank[1:] != rank[:-1]))
        settled = is_nearest & (first[lesion] == places)
        taken.append(lesion[settled])
        takers.append(rank[settled])
        gone_lesion, gone_rank = np.zeros(n_lesions, dtype=np.bool_), np.zeros(n_ranks, dtype=np.bool_)
        gone_lesion[taken[-1]] = gone_rank[takers[-1]] = True
        left = ~(gone_lesion[lesion] | gone_rank[rank])
        rank, lesion = rank[left], lesion[left]
    return np.concatenate(taken), np.concatenate(takers)


def most_hits(rank: IntArray, lesion: IntArray, closeness: FloatArray) -> tuple[IntArray, IntArray]:
    """As many lesions taken as can be, by the best ranks that allow this, and among those as near as can be.

    Arguments and result as of ``by_score``. Adding marks by rank, each where it adds a lesion to those taken, gives
    the largest number and the best ranks at once: the sets of marks that can be placed together form a matroid.

    >>> rank, lesion = np.array([0, 0, 1]), np.array([0, 1, 0])
    >>> [sorted(found.tolist()) for found in most_hits(rank, lesion, np.array([0.9, 0.6, 0.5]))]
    [[0, 1], [0, 1]]
    """
    taken, takers = [lesion[:0]], [rank[:0]]
    for some in _groups(rank, lesion):
        ranks, row = np.unique(rank[some], return_inverse=True)
        lesions, column = np.unique(lesion[some], return_inverse=True)
        near = np.full((len(ranks), len(lesions)), -np.inf)
        near[row, column] = closeness[some]
        placed = _placed_together([np.flatnonzero(np.isfinite(line)).tolist() for line in near], len(lesions))
        of_placed, found = _nearest(near[placed])
        taken.append(lesions[found])
        takers.append(ranks[np.array(placed)[of_placed]])
    return np.concatenate(taken), np.concatenate(takers)


def _groups(rank: IntArray, lesion: IntArray) -> Iterator[IntArray]:
    """Places of the pairs that hang together by a mark or a lesion in common."""
    if not len(rank):
        return
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = int(rank.max()) + 1
    size = n + int(lesion.max()) + 1
    graph = coo_array((np.ones(len(rank), dtype=np.int8), (rank, n + lesion)), shape=(size, size))
    _, label = connected_components(graph.tocsr(), directed=False)
    order = np.argsort(label[rank], kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(label[rank][order])) + 1)


def _placed_together(hits: Sequence[Sequence[int]], n_lesions: int) -> list[int]:
    """Of marks by rank, with the lesions that each hits, those that can all have a lesion of their own."""
    holder: dict[int, int] = {}  # lesion -> mark, and the other way round
    holds: dict[int, int] = {}
    closed: set[int] = set()
    placed = []
    for mark in range(len(hits)):
        if len(holder) == n_lesions:
            break
        came_from: dict[int, int] = {}
        free = _free_lesion(mark, hits, holder, closed, came_from)
        if free is None:
            closed |= came_from.keys()  # from these lesions no way leads to a free one, now or later
            continue
        placed.append(mark)
        at: int | None = free
        while at is not None:  # each mark on the way gives its lesion to the one before
            giver = came_from[at]
            before = holds.get(giver)
            holder[at], holds[giver] = giver, at
            at = before
    return placed


def _free_lesion(
    mark: int, hits: Sequence[Sequence[int]], holder: dict[int, int], closed: set[int], came_from: dict[int, int]
) -> int | None:
    """A free lesion to which a way of exchanges leads; ``came_from`` then says from which mark each was reached."""
    waiting = deque([mark])
    while waiting:
        here = waiting.popleft()
        for lesion in hits[here]:
            if lesion in came_from or lesion in closed:
                continue
            came_from[lesion] = here
            if lesion not in holder:
                return lesion
            waiting.append(holder[lesion])
    return None


def _nearest(near: FloatArray) -> tuple[IntArray, IntArray]:
    """Every row with a column of its own, as near as can be together; −∞ where a pair is none."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(-near)
    return rows, columns
