"""Sums of rows by patient, in a fixed order: the patient is the unit that is independent of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray


def patient_positions(patients: IntArray) -> tuple[IntArray, int]:
    """Each row's patient as a position 0 … K−1 (ascending code), and K, the number of patients present.

    >>> positions, k = patient_positions(np.array([7, 3, 7]))
    >>> positions.tolist(), k
    ([1, 0, 1], 2)
    """
    codes, positions = np.unique(np.asarray(patients), return_inverse=True)
    return positions.astype(np.int64, copy=False), len(codes)


def patient_sums(values: FloatArray, patients: IntArray) -> FloatArray:
    """Sum of ``values`` [n] for each patient [K], in ascending order of patient code.

    >>> patient_sums(np.array([1.0, 2.0, 3.0]), np.array([7, 3, 7])).tolist()
    [2.0, 4.0]
    """
    positions, n_patients = patient_positions(patients)
    found = np.bincount(positions, weights=np.asarray(values, dtype=float), minlength=n_patients)
    return found.astype(float, copy=False)
