"""Sums of rows by patient, in a fixed order: the patient is the unit that is independent of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, FloatArray, IntArray

SPARSE = 20
"""Codes from 0 up to so many times the number of rows are marked in a list, which is quicker than sorting the rows."""


def patient_positions(patients: IntArray) -> tuple[IntArray, int]:
    """Each row's patient as a position 0 … K−1 (ascending code), and K, the number of patients present.

    >>> positions, k = patient_positions(np.array([7, 3, 7]))
    >>> positions.tolist(), k
    ([1, 0, 1], 2)
    """
    present = _marked(patients)
    if present is None:
        codes, positions = np.unique(np.asarray(patients), return_inverse=True)
        return positions.astype(np.int64, copy=False), len(codes)
    place = np.cumsum(present) - 1
    return place[patients], int(present.sum())


def n_different(patients: IntArray) -> int:
    """K, the number of patients present.

    >>> n_different(np.array([7, 3, 7]))
    2
    """
    present = _marked(patients)
    return len(np.unique(patients)) if present is None else int(present.sum())


def _marked(patients: IntArray) -> BoolArray | None:
    """[codes] which codes are present; None where they lie so far apart that sorting them is quicker."""
    patients = np.asarray(patients)
    largest = int(patients.max(initial=-1))
    if patients.dtype.kind != "i" or largest > SPARSE * len(patients) or int(patients.min(initial=0)) < 0:
        return None
    present = np.zeros(largest + 1, dtype=bool)
    present[patients] = True
    return present


def patient_sums(values: FloatArray, patients: IntArray) -> FloatArray:
    """Sum of ``values`` [n] for each patient [K], in ascending order of patient code.

    >>> patient_sums(np.array([1.0, 2.0, 3.0]), np.array([7, 3, 7])).tolist()
    [2.0, 4.0]
    """
    positions, n_patients = patient_positions(patients)
    found = np.bincount(positions, weights=np.asarray(values, dtype=float), minlength=n_patients)
    return found.astype(float, copy=False)
