"""A measured quantity: what the device measured against the value that the set states, in one unit.

Columns of its judgements, one row for each unit with a number as reference that the analysis does not set apart:

``reference``   the stated value
``measured``    the device's, in the unit of the endpoint; 0 where there is none
``difference``  measured − reference; 0 where there is none
``has_value``   1 when the device gave a value
``within``      1 when the difference is within the tolerance; 0 too for a non-answer that counts as wrong
``is_critical`` 1 when the difference is larger than the critical one, or for a non-answer that counts as wrong
``has_tolerance``, ``has_critical``: 1 in every row if the protocol states that limit, else 0
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import numpy as np

from ..errors import Problem, ProtocolError, ReferenceSetError, collect
from ..hookspecs import JudgingContext, Task, hookimpl
from ..vocabulary import Curve, ErrorRow, Judgements, Status, Table
from .binary import unanswered
from .combining import NO_CASES, NO_OUTPUT, NOT_COUNTED_REFERENCES, NOT_FINITE, reference_of, unit_table, worst
from .measured_units import factor

if TYPE_CHECKING:
    from ..vocabulary import Analysis, Answer, FloatArray, Unit

NO_MEASUREMENT = "no such measurement"
WRONG_UNIT = "unit {found} where {expected} was expected"
STATED = "stated"
"""Reference of a unit for which the set states a value."""
FULL_CIRCLE = 360.0  # degrees
MOST_CURVE_POINTS = 2_000
ROUNDING = 1e-12
"""Share of a value by which a difference may pass a limit and still be on it: what decimals lose in binary."""


class _Said(NamedTuple):
    """What was measured of one case or unit; ``value`` is None for every status but ``answered``."""

    status: Status
    value: float | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class MeasuredQuantity:
    """Differences between the device's values and the stated ones: PR, QRS and QT, a heart rate, a burden, a size.

    A value counts in the unit of the endpoint: one in another unit of the same kind is converted, one in a unit that
    cannot be has failed, and one without a unit is taken as it is. A unit of several cases has the mean, the highest or
    the lowest of their values, if all have one; else the worst non-answer of its cases. Angles are compared the short
    way round: from 179° to −179° it is 2°; their mean is that of their directions, and none is the highest.

    A non-answer that an analysis counts as wrong is outside every tolerance and a critical error; it has no difference,
    so that bias and limits of agreement are those of the values that were given. Where an analysis reads a non-answer
    as a call, somebody else measures: it is set apart.
    """

    name: ClassVar[str] = "measurement"

    finding: str  # name of the quantity in the reference set
    unit_of_values: str  # UCUM code of the stated values: ms, /min, deg, %
    measurement: str = ""  # what the device calls it, where that is not the finding
    tolerance: float | None = None  # largest absolute difference within tolerance, > 0
    tolerance_percent: float | None = None  # the same in percent of the stated value, > 0; the larger of both counts
    critical: float | None = None  # absolute difference above which an error is critical, > 0
    combine: Literal["mean", "highest", "lowest"] = "mean"

    def __post_init__(self) -> None:
        """Raises ProtocolError for a limit that is not above 0, or a critical one within the tolerance."""
        limits = {"tolerance": self.tolerance, "tolerance_percent": self.tolerance_percent, "critical": self.critical}
        problems = [
            Problem(key="tasks.limit_not_positive", facts={"option": name, "found": limit})
            for name, limit in limits.items()
            if limit is not None and not limit > 0
        ]
        if self._is_angle and self.combine != "mean":
            problems.append(Problem(key="tasks.angle_without_order", facts={"found": self.combine}))
        if self.critical is not None and self.tolerance is not None and self.critical < self.tolerance:
            facts = {"critical": self.critical, "tolerance": self.tolerance}
            problems.append(Problem(key="tasks.critical_within_tolerance", facts=facts))
        collect(problems, ProtocolError)

    def judge(self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext) -> Judgements:
        """One row for each unit with a number as reference that the analysis does not set apart.

        Raises ReferenceSetError naming every unit whose reference is no number.
        """
        references = _numbers(units)
        said = [self._combined([self._of_case(answers.get(case.case_id)) for case in unit.cases]) for unit in units]
        table = unit_table(units, context.patients, [one.status for one in said], [one.reason for one in said])
        stated = tuple(
            STATED if reference is not None else word
            for reference, word in zip(references, table.references, strict=True)
        )
        table = dataclasses.replace(table, references=stated)
        rows = [
            at
            for at, (one, reference) in enumerate(zip(said, references, strict=True))
            if reference is not None and (one.value is not None or _is_charged(one.status, context.analysis))
        ]
        reference = np.array([references[at] for at in rows], dtype=np.float64)
        has_value = np.array([said[at].value is not None for at in rows], dtype=np.float64)
        measured = np.array([said[at].value or 0.0 for at in rows], dtype=np.float64)
        difference = np.where(has_value > 0, self._differences(measured, reference), 0.0)
        size = np.abs(difference)
        slack = ROUNDING * np.maximum(np.abs(reference), np.abs(measured))  # 1.1 − 1.0 is more than 0.1 in binary
        return Judgements(
            task=self.name,
            units=table,
            row_units=np.array(rows, dtype=np.int64),
            columns={
                "reference": reference,
                "measured": measured,
                "difference": difference,
                "has_value": has_value,
                "within": has_value * (size <= self._tolerances(reference) + slack),
                "is_critical": np.maximum(1 - has_value, size > (self.critical or math.inf) + slack),
                "has_tolerance": np.full(len(rows), float(self._has_tolerance)),
                "has_critical": np.full(len(rows), float(self.critical is not None)),
            },
            unit=self.unit_of_values,
        )

    def tables(self, judgements: Judgements) -> Sequence[Table]:
        """How many values were within tolerance, outside, critical, and not given."""
        columns = judgements.columns
        given = columns["has_value"] > 0
        within, critical = columns["within"] > 0, given & (columns["is_critical"] > 0)
        counts = (within.sum(), (given & ~within & ~critical).sum(), (critical & ~within).sum(), (~given).sum())
        names = ("within", "outside", "critical", "not_given")
        rows = (tuple(float(count) for count in counts),)
        return [Table(name="measured", rows=(self.finding,), columns=names, counts=rows)] if self._has_limit else []

    def curves(self, judgements: Judgements) -> Sequence[Curve]:
        """The points of a Bland–Altman plot: mean of both values, and measured − reference."""
        columns = judgements.columns
        given = np.flatnonzero(columns["has_value"] > 0)[:MOST_CURVE_POINTS]
        if not len(given):
            return ()
        y = columns["difference"][given]
        x = columns["reference"][given] + y / 2
        return [Curve(name="bland_altman", x=tuple(x.tolist()), y=tuple(y.tolist()))]

    def errors(self, judgements: Judgements) -> Sequence[ErrorRow]:
        """The device's non-answers, then values outside the tolerance or critical, the largest difference first."""
        units, columns = judgements.units, judgements.columns
        found: list[tuple[float, ErrorRow]] = []
        for row, index in enumerate(judgements.row_units.tolist()):
            if not columns["has_value"][row] or not self._has_limit:
                continue
            is_critical = bool(columns["is_critical"][row])
            if not is_critical and (columns["within"][row] or not self._has_tolerance):
                continue
            line = ErrorRow(
                unit_id=units.unit_ids[index],
                kind="critical_error" if is_critical else "outside_tolerance",
                reference=f"{columns['reference'][row]:g}",
                answer=f"{columns['measured'][row]:g}",
            )
            found.append((-abs(float(columns["difference"][row])), line))
        return [
            *unanswered(units).values(),
            *(line for _, line in sorted(found, key=lambda pair: (pair[0], pair[1].unit_id))),
        ]

    @property
    def _is_angle(self) -> bool:
        return self.unit_of_values == "deg"

    @property
    def _has_tolerance(self) -> bool:
        return self.tolerance is not None or self.tolerance_percent is not None

    @property
    def _has_limit(self) -> bool:
        return self._has_tolerance or self.critical is not None

    def _tolerances(self, reference: FloatArray) -> FloatArray:
        of_value = np.abs(reference) * (self.tolerance_percent or 0.0) / 100
        found: FloatArray = np.maximum(of_value, self.tolerance or 0.0)
        return found

    def _differences(self, measured: FloatArray, reference: FloatArray) -> FloatArray:
        difference: FloatArray = measured - reference
        if self._is_angle:
            half = FULL_CIRCLE / 2
            difference = half - np.mod(half - difference, FULL_CIRCLE)  # in (−180, 180]
        return difference

    def _of_case(self, answer: Answer | None) -> _Said:
        if answer is None:
            return _Said("failed", reason=NO_OUTPUT)
        name = self.measurement or self.finding
        status = answer.finding_statuses.get(name, answer.status)
        if status != "answered":
            return _Said(status, reason=answer.reason)
        said = answer.measurements.get(name)
        if said is None:
            return _Said("failed", reason=NO_MEASUREMENT)
        if not math.isfinite(said.value):
            return _Said("failed", reason=NOT_FINITE)
        times = factor(said.unit or self.unit_of_values, self.unit_of_values)
        if times is None:
            return _Said("failed", reason=WRONG_UNIT.format(found=said.unit, expected=self.unit_of_values))
        value = said.value * times
        return _Said("answered", value) if math.isfinite(value) else _Said("failed", reason=NOT_FINITE)

    def _combined(self, cases: Sequence[_Said]) -> _Said:
        if not cases:
            return _Said("unreadable", reason=NO_CASES)
        values = [case.value for case in cases if case.value is not None]
        if len(values) < len(cases):
            status = worst(case.status for case in cases)
            return next(case for case in cases if case.status == status)
        if self.combine == "mean":
            return _Said("answered", _mean_angle(values) if self._is_angle else math.fsum(values) / len(values))
        return _Said("answered", max(values) if self.combine == "highest" else min(values))


def _mean_angle(degrees: Sequence[float]) -> float:
    """Direction of the sum of unit vectors, in (−180, 180]; opposite ones have none, and get what rounding says.

    >>> _mean_angle([179.0, -179.0])
    180.0
    """
    angles = [math.radians(each) for each in degrees]
    return math.degrees(math.atan2(math.fsum(map(math.sin, angles)), math.fsum(map(math.cos, angles))))


def _is_charged(status: Status, analysis: Analysis) -> bool:
    return analysis.treatment[status] == "wrong"


def _numbers(units: Sequence[Unit]) -> list[float | None]:
    """The reference of each unit; None where it is set apart. Raises ReferenceSetError naming every other one."""
    found: list[float | None] = []
    problems = []
    for unit in units:
        said = reference_of(unit)
        number = None if said in NOT_COUNTED_REFERENCES else _number(said)
        if number is None and said not in NOT_COUNTED_REFERENCES:
            problems.append(Problem(key="tasks.reference_no_number", where=unit.unit_id, facts={"found": said}))
        found.append(number)
    collect(problems, ReferenceSetError)
    return found


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


@hookimpl
def register_tasks() -> list[type[Task]]:
    """The tasks of this file."""
    return [MeasuredQuantity]
