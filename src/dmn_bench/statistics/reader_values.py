"""What several readers made of the same cases: figures of merit and their covariance over patients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..vocabulary import Columns, NotEstimable, Totals
from .clusters import patient_positions
from .resampling import LARGEST_BLOCK, totals
from .roc import ranked_area

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, FloatArray, IntArray, ValueFunction


class Reading(NamedTuple):
    """What one reader answered with one modality: columns of n rows and the patient code of each row [n]."""

    columns: Columns
    patients: IntArray


@dataclass(frozen=True, kw_only=True)
class ReaderValues:
    """Figure of merit of each modality i and reader j, and what chance in drawing patients does to them."""

    values: FloatArray  # [i, j], 0–1
    covariance: FloatArray  # [i, j, i, j]
    method: str  # "jackknife" | "delong" | "obuchowski"
    n_patients: int


def roc_reading(scores: FloatArray, positive: BoolArray, patients: IntArray) -> Reading:
    """The scores [n] of one reader for ``area``: higher is more likely positive, ±inf are ranks.

    >>> one = roc_reading(np.array([0.9, 0.4, 0.5, 0.1]), np.array([True, True, False, False]), np.arange(4))
    >>> area(totals(one.columns)).tolist()
    [0.75]
    """
    truth = np.asarray(positive, dtype=bool)
    ranked = {"above": truth.astype(float), "below": (~truth).astype(float)}
    return Reading(Columns(sums={}, ranked=ranked, scores=np.asarray(scores, dtype=float)), np.asarray(patients))


def afroc_reading(
    lesions: tuple[FloatArray, FloatArray, IntArray], cases: tuple[FloatArray, FloatArray, IntArray]
) -> Reading:
    """The marks of one reader for ``area``, which is then the AFROC or weighted AFROC area.

    ``lesions``: rating of each lesion (−inf unmarked), its weight, its patient; weights 1 give AFROC, weights with sum
    1 in every diseased case wAFROC. ``cases``: rating of the highest false positive of each case (−inf none), 1 for a
    case that counts and 0 for one that does not, its patient; normal cases count in AFROC and wAFROC, all in AFROC1
    and wAFROC1. List every case, so that every patient is present.

    >>> lesions = np.array([3.0, -np.inf]), np.array([0.5, 0.5]), np.array([1, 1])
    >>> cases = np.array([2.0, -np.inf, 9.0]), np.array([1.0, 1.0, 0.0]), np.array([2, 3, 1])
    >>> area(totals(afroc_reading(lesions, cases).columns)).tolist()
    [0.625]
    """
    none, others = np.zeros(len(lesions[0])), np.zeros(len(cases[0]))
    ranked = {"above": np.concatenate((lesions[1], others)), "below": np.concatenate((none, cases[1]))}
    scores = np.concatenate((lesions[0], cases[0])).astype(float)
    return Reading(Columns(sums={}, ranked=ranked, scores=scores), np.concatenate((lesions[2], cases[2])))


def area(found: Totals) -> FloatArray:
    """The figure of merit of ``roc_reading`` and ``afroc_reading``: P(above ranks higher), ties one half: [b]."""
    return ranked_area(found.ranked["above"], found.ranked["below"])


def jackknife(readings: Sequence[Sequence[Reading]], value: ValueFunction = area) -> ReaderValues | NotEstimable:
    """Figure of merit of every reading and their covariance, leaving out one patient at a time.

    ``readings[i][j]``: modality i, reader j; every reader reads every patient with every modality. ``value``: any
    function of weighted totals to [b]. Covariance = (K − 1)/K Σ_k (θ_(k) − mean)(θ_(k) − mean)', K patients; with
    several rows of a patient they leave together.
    ``NotEstimable``: ``undefined`` when a figure of merit is; ``too_few`` when it is no more without some patient.
    Raises ValueError unless the design is complete and the patients are the same in every reading.
    Reference: Hillis et al. 2005, Stat Med 24:1579; Efron & Stein 1981, Ann Stat 9:586.

    >>> positive, patients = np.array([True, True, False, False]), np.arange(4)
    >>> found = jackknife([[roc_reading(np.array([0.9, 0.4, 0.5, 0.1]), positive, patients)]])
    >>> found.values.tolist(), found.covariance.round(4).tolist()
    ([[0.75]], [[[[0.1875]]]])
    """
    shape, rows = _design(readings)
    codes = [np.unique(reading.patients) for reading in rows]
    if any(len(c) != len(codes[0]) or bool(np.any(c != codes[0])) for c in codes):
        raise ValueError("every reading needs rows of the same patients")
    n_patients = len(codes[0])
    whole = np.array([float(value(totals(reading.columns))[0]) for reading in rows])
    if bool(np.isnan(whole).any()):
        return NotEstimable(reason="undefined")
    without = np.array([_left_out(reading, value) for reading in rows])
    if n_patients < 2 or bool(np.isnan(without).any()):
        return NotEstimable(reason="too_few", facts={"n": 1, "minimum": 2})
    deviation = without - without.mean(axis=1, keepdims=True)
    covariance = (n_patients - 1) / n_patients * deviation @ deviation.T
    return ReaderValues(
        values=whole.reshape(shape),
        covariance=covariance.reshape(shape + shape),
        method="jackknife",
        n_patients=n_patients,
    )


def delong(scores: FloatArray, positive: BoolArray, patients: IntArray | None = None) -> ReaderValues | NotEstimable:
    """Areas under the ROC curves of every reading with DeLong's covariance; Obuchowski's where patients repeat.

    ``scores`` [i, j, n], ±inf allowed; ``positive`` [n]; ``patients`` [n], None: every unit its own patient.
    ``NotEstimable``: ``one_class``; ``too_few`` when a class comes from one patient only.
    Raises ValueError for NaN scores or other than three axes.
    Reference: DeLong et al. 1988, Biometrics 44:837; Obuchowski 1997, Biometrics 53:567.

    >>> found = delong(np.array([[[0.9, 0.4, 0.5, 0.1]]]), np.array([True, True, False, False]))
    >>> found.values.tolist(), found.covariance.tolist(), found.method
    ([[0.75]], [[[[0.125]]]], 'delong')
    """
    scores, positive = np.asarray(scores, dtype=float), np.asarray(positive, dtype=bool)
    if scores.ndim != 3 or bool(np.isnan(scores).any()):
        raise ValueError("scores are [modality, reader, unit], infinite perhaps but not NaN")
    m, n = int(positive.sum()), int((~positive).sum())
    if m == 0 or n == 0:
        return NotEstimable(reason="one_class", facts={"n_positive": m, "n_negative": n})
    where, n_patients = patient_positions(np.arange(len(positive)) if patients is None else patients)
    with_positive, with_negative = len(np.unique(where[positive])), len(np.unique(where[~positive]))
    if min(with_positive, with_negative) < 2:
        return NotEstimable(reason="too_few", facts={"n": min(with_positive, with_negative), "minimum": 2})
    shape = scores.shape[:2]
    won = np.array([_placements(row, positive) for row in scores.reshape(-1, scores.shape[2])])
    areas = won[:, positive].mean(axis=1)
    deviation = won - areas[:, None]
    x = np.array([np.bincount(where[positive], weights=d[positive], minlength=n_patients) for d in deviation])
    y = np.array([np.bincount(where[~positive], weights=d[~positive], minlength=n_patients) for d in deviation])
    cross = x @ y.T
    covariance = with_positive / ((with_positive - 1) * m**2) * x @ x.T
    covariance += with_negative / ((with_negative - 1) * n**2) * y @ y.T
    covariance += n_patients / ((n_patients - 1) * m * n) * (cross + cross.T)
    return ReaderValues(
        values=areas.reshape(shape),
        covariance=covariance.reshape(shape + shape),
        method="delong" if n_patients == len(positive) else "obuchowski",
        n_patients=n_patients,
    )


def _design(readings: Sequence[Sequence[Reading]]) -> tuple[tuple[int, int], list[Reading]]:
    counts = {len(row) for row in readings}
    if len(counts) != 1 or 0 in counts:
        raise ValueError("every modality needs the same readers")
    return (len(readings), counts.pop()), [reading for row in readings for reading in row]


def _left_out(reading: Reading, value: ValueFunction) -> FloatArray:
    """The figure of merit without each patient in turn, in ascending order of patient code: [K]."""
    position, n_patients = patient_positions(reading.patients)
    found = np.empty(n_patients)
    for left in _blocks(n_patients, len(position)):
        found[left] = value(totals(reading.columns, (position[None, :] != left[:, None]).astype(float)))
    return found


def _blocks(length: int, width: int) -> Iterator[IntArray]:
    step = max(1, LARGEST_BLOCK // max(width, 1))
    for start in range(0, length, step):
        yield np.arange(start, min(start + step, length))


def _placements(scores: FloatArray, positive: BoolArray) -> FloatArray:
    """For each unit the share of the other class that it ranks on the right side of, ties one half."""
    placed = np.empty(len(scores))
    for own, sign in ((positive, 1.0), (~positive, -1.0)):
        mine, others = sign * scores[own], np.sort(sign * scores[~own])
        rank = np.searchsorted(others, mine, "left") + np.searchsorted(others, mine, "right")
        placed[own] = rank / (2 * len(others))
    return placed
