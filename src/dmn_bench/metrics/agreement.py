"""Agreement of grades with the reference beyond chance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..hookspecs import Metric, hookimpl
from ..vocabulary import Columns, NotEstimable

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, Judgements, Scale, Totals


class _Kappa:
    """What the kappas share: one column for each pair of a reference grade and an answered one."""

    tasks: ClassVar[tuple[str, ...]] = ("grading",)
    scale: ClassVar[Scale] = "agreement"
    better: ClassVar[Literal["higher", "lower"]] = "higher"
    weights: ClassVar[Literal["none", "linear", "quadratic"]]

    def columns(self, judgements: Judgements) -> Columns:
        """1 in the column of the pair of grades of a row, and ``units``, the rows that count."""
        columns = judgements.columns
        n_grades = int(columns["n_grades"].max(initial=2))
        sums = {
            f"{reference}_{answer}": np.asarray(
                (columns["reference_grade"] == reference) & (columns["answer_grade"] == answer), dtype=np.float64
            )
            for reference in range(n_grades)
            for answer in range(n_grades)
        }
        return Columns(sums={**sums, "units": np.ones(len(judgements.row_units))}, own_n=("units",))

    def value(self, totals: Totals) -> FloatArray:
        """Kappa for each weighting, NaN without units or when only one grade is used."""
        from ..statistics.agreement import kappa_value

        return kappa_value(_matrix(totals.sums), weights=self.weights)

    def why_undefined(self, columns: Columns) -> NotEstimable:
        """Where both sides give every unit one and the same grade: agreement by chance is certain there."""
        return NotEstimable(reason="one_grade")


@dataclass(frozen=True, kw_only=True)
class QuadraticKappa(_Kappa):
    """Cohen's kappa with quadratic weights: disagreement counts by the square of its distance on the scale.

    The patient bootstrap gives its interval: the closed form assumes one unit per patient, and eyes come in pairs.
    """

    name: ClassVar[str] = "kappa_quadratic"
    weights: ClassVar[Literal["none", "linear", "quadratic"]] = "quadratic"


@dataclass(frozen=True, kw_only=True)
class LinearKappa(_Kappa):
    """Cohen's kappa with linear weights: disagreement counts by its distance on the scale."""

    name: ClassVar[str] = "kappa_linear"
    weights: ClassVar[Literal["none", "linear", "quadratic"]] = "linear"


@dataclass(frozen=True, kw_only=True)
class Kappa(_Kappa):
    """Cohen's kappa: exact agreement beyond chance, however far a wrong grade is."""

    name: ClassVar[str] = "kappa"
    weights: ClassVar[Literal["none", "linear", "quadratic"]] = "none"


def _matrix(sums: Mapping[str, FloatArray]) -> FloatArray:
    """The confusion matrices of b weightings, [b, grades, grades]: references in rows."""
    n_grades = math.isqrt(len(sums) - 1)
    cells = [sums[f"{reference}_{answer}"] for reference in range(n_grades) for answer in range(n_grades)]
    return np.stack(cells, axis=-1).reshape(-1, n_grades, n_grades)


@hookimpl
def register_metrics() -> list[type[Metric]]:
    """The metrics of this file."""
    return [QuadraticKappa, LinearKappa, Kappa]
