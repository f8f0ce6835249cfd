"""The area under the ROC curve for many weightings of the patients at once, without a table of every score."""

from __future__ import annotations

import math
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
            return PatientSums.of(row, found.patient, value, (n_rows, n_patients))

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

    def estimate(self) -> float:
        """The area with every patient once, NaN without rows of a class."""
        won, n_positive, n_negative = self.entries.won()
        return won / (n_positive * n_negative) if n_positive * n_negative > 0 else math.nan

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

    def won(self) -> tuple[float, float, float]:
        """Pairs won, ties counting half, and the weight of either class."""
        n_positive, n_negative = self._by_cell()
        return float(n_positive @ _below(n_negative)), float(n_positive.sum()), float(n_negative.sum())

    def without_each(self) -> FloatArray:
        """The area without each patient, up to the last one present: exact, in one sort of the rows."""
        n_positive, n_negative = self._by_cell()
        below, above = _below(n_negative), _below(n_positive[::-1])[::-1]
        lost = self._by_patient(self.positive * below[self.cell] + self.negative * above[self.cell]) - self._within()
        positive = n_positive.sum() - self._by_patient(self.positive)
        negative = n_negative.sum() - self._by_patient(self.negative)
        return _share(float(n_positive @ below) - lost, positive * negative)

    def _within(self) -> FloatArray:
        """Pairs won by a positive row of a patient against a negative row of the same patient."""
        order = np.lexsort((self.cell, self.patient))
        patient, cell = self.patient[order], self.cell[order]
        of_patient = np.flatnonzero(np.diff(patient, prepend=-1))
        of_cell = np.flatnonzero((np.diff(patient, prepend=-1) != 0) | (np.diff(cell, prepend=-1) != 0))
        before = np.concatenate(([0.0], np.cumsum(self.negative[order])))
        bounds = np.append(of_cell, len(order))
        middle = np.repeat((before[bounds[:-1]] + before[bounds[1:]]) / 2, np.diff(bounds))
        first = np.repeat(before[of_patient], np.diff(np.append(of_patient, len(order))))
        return _binned(patient, self.positive[order] * (middle - first))

    def _by_cell(self) -> tuple[FloatArray, FloatArray]:
        return _binned(self.cell, self.positive, self.n_cells), _binned(self.cell, self.negative, self.n_cells)

    def _by_patient(self, value: FloatArray) -> FloatArray:
        return _binned(self.patient, value)


def _binned(where: IntArray, value: FloatArray, length: int = 0) -> FloatArray:
    return np.asarray(np.bincount(where, weights=value, minlength=length), dtype=np.float64)


def _below(weights: FloatArray) -> FloatArray:
    """Weight in all cells before each, and half of its own."""
    found: FloatArray = np.cumsum(weights) - 0.5 * weights
    return found


def _share(won: FloatArray, pairs: FloatArray) -> FloatArray:
    found = np.full(len(won), np.nan)
    np.divide(won, pairs, out=found, where=pairs > 0)
    return found
