"""The area under the ROC curve for many weightings of the patients at once, without a table of every score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .weighting import LARGEST_PIECE, PatientSums, Weightings, blocks

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, Columns, FloatArray, IntArray
    from .roc import RankedArea

LARGEST_TILE = 8_000_000
"""Numbers in the largest temporary array: bounds memory, never changes a result."""


@dataclass(frozen=True, kw_only=True)
class AreaByWeights:
    """Rows of two classes in ascending order of score, cut into steps: negatives, then positives above all of them.

    Between two changes of class the order of rows is irrelevant to the area, so a step is as long as it can be; a
    score of both classes is a step of its own, ``tied``.
    """

    positives: PatientSums  # [steps, patients]
    negatives: PatientSums
    every_positive: PatientSums  # [1, patients]
    tied: BoolArray  # [steps]
    entries: _Entries

    @classmethod
    def of(
        cls, columns: Columns, area: RankedArea, rows: IntArray, position: IntArray, n_patients: int
    ) -> AreaByWeights:
        """``position``: the patient (0 … n_patients − 1) of every row of the columns, chosen by ``rows`` or not.

        Raises ValueError for columns without scores.
        """
        if columns.scores is None:
            raise ValueError("an area needs columns with scores")
        distinct, cell = np.unique(columns.scores[rows], return_inverse=True)
        found = _Entries(
            patient=position[rows],
            cell=cell,
            n_cells=len(distinct),
            positive=np.asarray(columns.ranked[area.positives][rows], dtype=np.float64),
            negative=np.asarray(columns.ranked[area.negatives][rows], dtype=np.float64),
        )
        step_of_cell, tied = found.steps()
        step = step_of_cell[cell]

        def table(value: FloatArray, row: IntArray, n_rows: int) -> PatientSums:
            carrying = np.flatnonzero(value)
            return PatientSums.of(row[carrying], found.patient[carrying], value[carrying], (n_rows, n_patients))

        return cls(
            positives=table(found.positive, step, len(tied)),
            negatives=table(found.negative, step, len(tied)),
            every_positive=table(found.positive, np.zeros_like(step), 1),
            tied=tied,
            entries=found,
        )

    def values(self, weightings: Weightings) -> FloatArray:
        """The area for each weighting [b], NaN where a class has no weight.

        Works through the steps with one running total per weighting, so the memory does not grow with the scores.
        """
        below, won, product = np.zeros((3, weightings.number))
        for part in blocks(len(self.tied), LARGEST_TILE // weightings.number):
            positives, negatives = self.positives.times(weightings, part), self.negatives.times(weightings, part)
            tied = self.tied[part.start : part.stop].tolist()
            for positive, negative, is_tied in zip(positives, negatives, tied, strict=True):
                rest = 0.5 * negative if is_tied else None
                np.add(below, negative if rest is None else rest, below)
                np.multiply(below, positive, product)
                np.add(won, product, won)
                if rest is not None:
                    np.add(below, rest, below)
        return _share(won, self.every_positive.times(weightings)[0] * below)

    def without_each(self, patients: IntArray) -> FloatArray:
        """The area with one of the ``patients`` left out [k]: all won pairs less those the patient is in."""
        return self.entries.without_each()[patients]


@dataclass(frozen=True, kw_only=True)
class _Entries:
    """The rows with their score cell and their weight in either class."""

    patient: IntArray  # [n]
    cell: IntArray  # [n]
    n_cells: int
    positive: FloatArray  # [n]
    negative: FloatArray  # [n]

    def steps(self) -> tuple[IntArray, BoolArray]:
        """The step of each cell, and which steps are tied."""
        has_positive, has_negative = (
            np.bincount(self.cell, weights=value != 0, minlength=self.n_cells) > 0
            for value in (self.positive, self.negative)
        )
        tied = has_positive & has_negative
        after = np.concatenate(([False], has_positive[:-1]))
        after_tied = np.concatenate(([False], tied[:-1]))
        size = np.bincount(self.cell, weights=np.abs(self.positive) + np.abs(self.negative), minlength=self.n_cells)
        full = np.diff(np.cumsum(size) // (LARGEST_PIECE / 2), prepend=0.0) > 0  # so that steps fit into 16 bits
        begins = tied | after_tied | (has_negative & after) | full
        begins[:1] = True
        return np.cumsum(begins) - 1, tied[begins]

    def without_each(self) -> FloatArray:
        """[patients up to the last present] exact, in one sort of the rows by patient and score."""
        n_positive = np.bincount(self.cell, weights=self.positive, minlength=self.n_cells)
        n_negative = np.bincount(self.cell, weights=self.negative, minlength=self.n_cells)
        below = np.cumsum(n_negative) - 0.5 * n_negative
        above = n_positive.sum() - np.cumsum(n_positive) + 0.5 * n_positive
        lost = (
            np.bincount(self.patient, weights=self.positive * below[self.cell] + self.negative * above[self.cell])
            - self._within()
        )
        positive = n_positive.sum() - np.bincount(self.patient, weights=self.positive)
        negative = n_negative.sum() - np.bincount(self.patient, weights=self.negative)
        return _share(float(n_positive @ below) - lost, positive * negative)

    def _within(self) -> FloatArray:
        """Pairs won by a positive row of a patient against a negative row of the same patient."""
        order = np.lexsort((self.cell, self.patient))
        patient, cell = self.patient[order], self.cell[order]
        negative = self.negative[order]
        before = np.concatenate(([0.0], np.cumsum(negative)))
        n = len(order)
        own = np.flatnonzero(np.diff(patient, prepend=-1))
        new_cell = np.flatnonzero(np.diff(patient, prepend=-1) | np.diff(cell, prepend=-1))
        length = np.diff(np.concatenate((new_cell, [n])))
        first = np.repeat(before[own], np.diff(np.concatenate((own, [n]))))
        low = np.repeat(before[new_cell], length) - first
        high = np.repeat(before[np.concatenate((new_cell[1:], [n]))[: len(new_cell)]], length) - first
        return np.bincount(patient, weights=self.positive[order] * (low + high) / 2)


def _share(won: FloatArray, pairs: FloatArray) -> FloatArray:
    return np.divide(won, pairs, out=np.full(len(won), np.nan), where=pairs > 0)
