"""Totals of rows for many weightings of the patients at once: (rows × patients) times (patients × weightings)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..vocabulary import Columns, Totals

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from ..vocabulary import FloatArray, IntArray

MOST_DRAWN = 31
"""Up to this count a weighting is kept in 16-bit integers; a patient is drawn more often about once in 10^36 times."""
LARGEST_PIECE = 32_767 // MOST_DRAWN
"""Largest total of values whose weighted total surely fits into 16 bits."""
LARGEST_TABLE = 500_000
"""Numbers in the largest table handed to a value function: bounds memory, never changes a result."""


@dataclass(frozen=True, kw_only=True)
class Weightings:
    """How much each patient counts: ``values`` [k, b], of 16-bit counts up to ``MOST_DRAWN``, or of real numbers."""

    values: NDArray[np.int16] | FloatArray

    @classmethod
    def of(cls, counts: NDArray[np.int16]) -> Weightings:
        """Of counts [k, b], in the smaller form where they fit it."""
        if counts.max(initial=0) > MOST_DRAWN:
            return cls(values=np.asarray(counts, dtype=np.float64))
        return cls(values=counts)

    @classmethod
    def once(cls, n_patients: int) -> Weightings:
        """Every patient once: the estimate itself."""
        return cls(values=np.ones((n_patients, 1), dtype=np.int16))

    @property
    def number(self) -> int:
        """How many weightings there are: b."""
        return int(self.values.shape[1])

    @property
    def are_small(self) -> bool:
        """Whether they are 16-bit counts."""
        return self.values.dtype == np.int16

    @cached_property
    def real(self) -> FloatArray:
        """[k, b] as real numbers."""
        return self.values.astype(np.float64, copy=False)

    def some(self, numbers: range) -> Weightings:
        """The weightings of those numbers."""
        if len(numbers) == self.number:
            return self
        return Weightings(values=self.values[:, numbers.start : numbers.stop].copy())


@dataclass(frozen=True, kw_only=True)
class PatientSums:
    """A table of rows by patients, mostly empty; its weighted row totals for many weightings.

    Where all values are whole and small the product is taken in 16-bit integers, several times faster than in real
    numbers and exact: a row too large for them is cut into ``pieces``, and ``joined`` (rows × pieces) adds these up.
    Otherwise terms are added in a fixed order, whatever the number of weightings. So both forms agree where both
    apply, and no digit depends on the blocks.
    """

    real: csr_array
    small: csr_array | None
    joined: csr_array | None

    @classmethod
    def of(cls, row: IntArray, patient: IntArray, value: FloatArray, shape: tuple[int, int]) -> PatientSums:
        """From values by row and patient; values of the same row and patient add up."""
        rows, patients, values = _added_up(row, patient, np.asarray(value, dtype=np.float64), shape[1])
        real = _table(values, patients, rows, shape)
        size = np.abs(values)
        largest = float(size.max(initial=0.0))
        if largest > LARGEST_PIECE / 2 or bool((values % 1 != 0).any()):
            return cls(real=real, small=None, joined=None)
        total = np.concatenate(([0.0], np.cumsum(size)))
        # Without its last value a piece is below LARGEST_PIECE - largest, so with it below LARGEST_PIECE.
        piece = (total[:-1] - total[real.indptr[rows]]) // (LARGEST_PIECE - largest)
        is_new_row = np.diff(rows, prepend=-1) != 0
        begins = is_new_row | (np.diff(piece, prepend=-1.0) != 0)
        if begins.sum() == is_new_row.sum():
            return cls(real=real, small=_table(values.astype(np.int16), patients, rows, shape), joined=None)
        pieces = np.cumsum(begins) - 1
        n_pieces = int(pieces[-1]) + 1
        return cls(
            real=real,
            small=_table(values.astype(np.int16), patients, pieces, (n_pieces, shape[1])),
            joined=_table(np.ones(n_pieces), np.arange(n_pieces), rows[begins], (shape[0], n_pieces)),
        )

    @property
    def n_rows(self) -> int:
        """Rows of the table."""
        return int(self.real.shape[0])

    def times(self, weightings: Weightings, rows: range | None = None) -> NDArray[Any]:
        """[rows, b] weighted totals, whole numbers or real ones; ``rows``: of these only."""
        whole = rows is None or len(rows) == self.n_rows
        if weightings.are_small and self.small is not None and (whole or self.joined is None):
            table = self.small if whole or rows is None else self.small[rows.start : rows.stop]
            found: NDArray[Any] = table @ weightings.values
            return found if self.joined is None else np.asarray(self.joined @ found.astype(np.float64))
        table = self.real if whole or rows is None else self.real[rows.start : rows.stop]
        return np.asarray(table @ weightings.real)

    def of_patients(self, patients: IntArray) -> PatientSums:
        """The same table for some of the patients only."""
        return PatientSums(real=self.real[:, patients], small=None, joined=None)


@dataclass(frozen=True, kw_only=True)
class ColumnTotals:
    """The columns of some rows, laid out for ``Totals`` by patient weight: first the sums, then the ranked by score."""

    sum_names: tuple[str, ...]
    ranked_names: tuple[str, ...]
    scores: FloatArray | None  # [c] distinct, ascending
    table: PatientSums

    @classmethod
    def of(cls, columns: Columns, rows: IntArray, position: IntArray, n_patients: int) -> ColumnTotals:
        """``position``: the patient (0 … n_patients − 1) of every row of the columns, chosen by ``rows`` or not."""
        patient, none = position[rows], np.zeros(len(rows), dtype=np.int64)
        scores, cell = (None, none) if columns.scores is None else np.unique(columns.scores[rows], return_inverse=True)
        ranked: Mapping[str, FloatArray] = {} if scores is None else columns.ranked
        width = 0 if scores is None else len(scores)
        values = [*columns.sums.values(), *ranked.values()]
        first = [*range(len(columns.sums)), *(len(columns.sums) + width * index for index in range(len(ranked)))]
        at = [none + start if index < len(columns.sums) else cell + start for index, start in enumerate(first)]
        table = PatientSums.of(
            np.concatenate([none[:0], *at]),
            np.tile(patient, len(values)),
            np.concatenate([np.zeros(0), *(column[rows] for column in values)]),
            (len(columns.sums) + width * len(ranked), n_patients),
        )
        return cls(sum_names=tuple(columns.sums), ranked_names=tuple(ranked), scores=scores, table=table)

    def totals(self, weightings: Weightings) -> Totals:
        """The weighted totals, in blocks of ``LARGEST_TABLE`` numbers if the caller cuts them so."""
        found = self.table.times(weightings)
        n_sums, width = len(self.sum_names), 0 if self.scores is None else len(self.scores)
        ranked = {}
        for index, name in enumerate(self.ranked_names):
            start = n_sums + index * width
            ranked[name] = np.array(found[start : start + width].T, dtype=np.float64, order="C")
        sums = found[:n_sums].astype(np.float64)
        return Totals(sums=dict(zip(self.sum_names, sums, strict=True)), ranked=ranked, scores=self.scores)

    def blocks(self, number: int) -> Iterator[range]:
        """Numbers of weightings 0 … number − 1, so many at a time that the tables stay small."""
        return blocks(number, LARGEST_TABLE // max(1, 0 if self.scores is None else len(self.scores)))

    def without_each(self, patients: IntArray, n_patients: int) -> Iterator[tuple[range, Totals]]:
        """Totals with one of the ``patients`` left out, by blocks of positions among them.

        Sums are the whole less the patient's own; at scores that would save nothing, so there they are added anew.
        """
        own = self.table.of_patients(patients)
        if self.scores is None:
            every = self.table.times(Weightings.once(n_patients)).astype(np.float64)
            sums = every - own.real.toarray()
            yield range(len(patients)), Totals(sums=dict(zip(self.sum_names, sums, strict=True)))
            return
        local = ColumnTotals(sum_names=self.sum_names, ranked_names=self.ranked_names, scores=self.scores, table=own)
        for part in blocks(len(patients), LARGEST_TABLE // max(1, len(patients), len(self.scores))):
            values = np.ones((len(patients), len(part)))
            values[np.asarray(part), np.arange(len(part))] = 0.0
            yield part, local.totals(Weightings(values=values))


def _added_up(
    row: IntArray, patient: IntArray, value: FloatArray, n_patients: int
) -> tuple[IntArray, IntArray, FloatArray]:
    """Row, patient and value, sorted by both, each pair once and none of value 0."""
    carrying = np.flatnonzero(value)
    key, value = row[carrying].astype(np.int64) * n_patients + patient[carrying], value[carrying]
    order = np.argsort(key)
    key = key[order]
    begins = np.flatnonzero(np.diff(key, prepend=-1) != 0)
    summed = np.add.reduceat(value[order], begins) if len(begins) else np.zeros(0)
    kept = np.flatnonzero(summed)
    rows, patients = np.divmod(key[begins[kept]], max(1, n_patients))
    return rows, patients, summed[kept]


def _table(values: NDArray[Any], patient: IntArray, row: IntArray, shape: tuple[int, int]) -> csr_array:
    """Of values already sorted by row."""
    from scipy.sparse import csr_array

    bounds = np.searchsorted(row, np.arange(shape[0] + 1)).astype(np.int32)
    return csr_array((values, patient.astype(np.int32), bounds), shape=shape)


def totals(columns: Columns, weights: FloatArray | None = None) -> Totals:
    """Weighted totals of the columns of n rows, for b weightings of the rows at once.

    ``weights`` [b, n]; None: every row once, b = 1. Ranked columns are totalled at each of the distinct scores of the
    rows, ascending, −inf and +inf included.

    >>> scores = np.array([2.0, 1, 2])
    >>> columns = Columns(sums={"hits": np.array([1.0, 0, 1])}, ranked={"marks": np.ones(3)}, scores=scores)
    >>> found = totals(columns)
    >>> found.sums["hits"].tolist(), found.ranked["marks"].tolist(), found.scores.tolist()
    ([2.0], [[1.0, 2.0]], [1.0, 2.0])
    """
    each = np.arange(n_rows(columns))
    if weights is None:
        return _once(columns)
    weightings = Weightings(values=np.ascontiguousarray(np.asarray(weights, dtype=np.float64).T))
    return ColumnTotals.of(columns, each, each, len(each)).totals(weightings)


def _once(columns: Columns) -> Totals:
    """The totals of every row once, terms added in the order of the rows."""
    sums = {name: _added(values, np.zeros(len(values), dtype=np.int64), 1) for name, values in columns.sums.items()}
    if columns.scores is None:
        return Totals(sums=sums)
    distinct, cell = np.unique(columns.scores, return_inverse=True)
    ranked = {name: _added(values, cell, len(distinct))[np.newaxis] for name, values in columns.ranked.items()}
    return Totals(sums=sums, ranked=ranked, scores=distinct)


def _added(values: FloatArray, place: IntArray, n_places: int) -> FloatArray:
    """The sum of the values at each place [n_places], added one after the other."""
    return np.asarray(np.bincount(place, weights=values, minlength=n_places), dtype=np.float64)


def n_rows(columns: Columns) -> int:
    """Rows of the columns. Raises ValueError unless all have the same number."""
    lengths = {len(values) for values in (*columns.sums.values(), *columns.ranked.values())}
    if columns.scores is not None:
        lengths.add(len(columns.scores))
    if len(lengths) != 1:
        raise ValueError(f"columns must all have the same number of rows, not {sorted(lengths)}")
    return lengths.pop()


def blocks(length: int, step: int) -> Iterator[range]:
    """0 … length − 1 in ranges of at most ``step``, at least 1.

    >>> list(blocks(5, 2))
    [range(0, 2), range(2, 4), range(4, 5)]
    """
    step = max(1, step)
    for start in range(0, length, step):
        yield range(start, min(start + step, length))
