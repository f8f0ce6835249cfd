"""Segmentation: for each structure of a case how well the device's region agrees with that of the reference.

Columns of its judgements, one row for each case and structure that the reference delineates there (an empty region is
one, too: looked and found none), and that the analysis does not set apart; a case of several images has a row for each
image and structure, as if each image were a case:

``reference``       1 where the reference's region has a voxel
``unanswered``      1 where the device gave no region, which an empty one is
``dice``, ``iou``   0–1; 0 without an answer
``nsd``             0–1, surface Dice at the tolerance of the structure; 0 without an answer, or where not measured
``hd95``, ``hd95_voxels``, ``hd``, ``assd``: distances in the unit of the endpoint; 0 where they are infinite
``is_far``          1 where distances are infinite: without an answer, or where exactly one side is empty
``is_measured``     1 where distances could be measured, or need no measuring (without an answer)
``has_tolerance``   1 where the endpoint states a tolerance for the structure
``volume_error``    (device's volume − reference's) over the reference's, 0 where it is infinite or unknown
``volume_is_far``   1 where it is infinite: without an answer, or a region where the reference has none
``reference_volume``, ``answered_volume``: in the cube of the unit (its square for one plane); 0 where unknown
``is_missed``       1 where the reference has a region and the device's is empty
``is_invented``     1 where the reference's is empty and the device's is not
``is_both_empty``   1 where both looked and found none
``missing_cases``   how many cases have no reference for the structure, the same in all its rows
``left_out_cases``  how many are left out since both regions are empty, the same in all its rows
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import numpy as np

from ..errors import Problem, ProtocolError, collect
from ..hookspecs import JudgingContext, Task, hookimpl
from ..reference_set.case_images import images_of, on_image
from ..statistics.surfaces import Overlap
from ..vocabulary import Case, Curve, ErrorPlace, ErrorRow, Judgements, Status, Table
from .binary import unanswered
from .combining import NO_CASES, NO_OUTPUT, NOT_COUNTED_REFERENCES, unit_table, worst
from .region_measures import DISTANCES, measures, usable
from .segmentation_shown import SPREAD_SHARES, TABLE_COLUMNS, spread_of, structure_counts, worst_rows

if TYPE_CHECKING:
    from ..vocabulary import Answer, RegionPair, Unit

Measured = Mapping[str, float]

NO_REGIONS = "no masks or contours"
NO_STRUCTURE = "no region for the structure"
UNANSWERED = "unanswered"  # kind of an error: nothing was given
DELINEATED = "delineated"
"""Reference of a unit in which the reference delineates some structure."""
TOLERANCES = ("tolerance_mm", "tolerance_px")
OF_ROWS = (
    *("reference", "unanswered", "dice", "iou", "nsd", *DISTANCES, "is_far", "is_measured", "has_tolerance"),
    *("volume_error", "volume_is_far", "reference_volume", "answered_volume"),
    *("is_missed", "is_invented", "is_both_empty"),
)


class _State(NamedTuple):
    status: Status
    reason: str = ""


class _Judged(NamedTuple):
    """One structure of one case, or of one of its several images."""

    unit: int
    case: Case
    image: str  # "" of a case of one
    structure: str
    state: _State
    measured: Measured

    @property
    def is_both_empty(self) -> bool:
        """Whether both sides looked and found none."""
        numbers = self.measured
        return self.state.status == "answered" and not numbers["reference_voxels"] and not numbers["answered_voxels"]


@dataclass(frozen=True, kw_only=True)
class Segmentation:
    """Overlap and distance of regions, structure by structure. Columns of its judgements: see the head of this file.

    A structure counts in every case where the reference says something of it, an empty region included. A case without
    an answer, and a structure that an answered case says nothing of, count as the worst there is: Dice and surface Dice
    0, distances and volume error infinite. Where an analysis reads a non-answer as a call, somebody else draws the
    region: it is set apart.
    """

    name: ClassVar[str] = "segmentation"
    row_fields: ClassVar[tuple[str, ...]] = ("structure",)

    structures: tuple[str, ...] = ()  # those compared; without any, all that the reference delineates somewhere
    tolerance_mm: float | Mapping[str, float] | None = None  # of surface Dice, >= 0: one, or by structure
    tolerance_px: float | Mapping[str, float] | None = None  # the same where distances are in px
    distances_in: Literal["mm", "px"] = "mm"  # px: every pixel and every step between planes counts as 1
    both_empty: Literal["1", "left_out"] = "1"  # two empty regions agree (Dice 1, distance 0), or are not counted
    unmentioned: Literal["failed", "empty"] = "failed"  # a structure that an answered case says nothing of
    finding: str = ""  # name of the finding of the endpoint, where it has one

    def __post_init__(self) -> None:
        """Raises ProtocolError for doubled structures, and tolerances below 0, in another unit or of no structure."""
        doubled = [name for name, times in Counter(self.structures).items() if times > 1]
        problems = [Problem(key="segmentation.doubled", facts={"found": name}) for name in doubled]
        other = "tolerance_px" if self.distances_in == "mm" else "tolerance_mm"
        if getattr(self, other) is not None:
            facts = {"found": other, "unit": self.distances_in, "expected": f"tolerance_{self.distances_in}"}
            problems.append(Problem(key="segmentation.tolerance_unit", facts=facts))
        for option in TOLERANCES:
            problems += self._tolerance_problems(option)
        collect(problems, ProtocolError)

    @property
    def compared_structures(self) -> tuple[str, ...]:
        """The structures to compare; () for all that the reference set delineates."""
        return self.structures

    def compare(self, pair: RegionPair) -> Mapping[str, float]:
        """What is measured of one structure of one case, see ``region_measures.measures``."""
        if pair.answered is None and self.unmentioned == "empty":
            pair = dataclasses.replace(pair, answered=np.zeros_like(pair.reference))
        sides = usable(pair.spacing_mm) if self.distances_in == "mm" else (1.0, 1.0, 1.0)
        return measures(pair, sides, self.tolerance_of(pair.structure))

    def tolerance_of(self, structure: str) -> float | None:
        """The tolerance of surface Dice for a structure, in the unit of the distances; None where none is stated."""
        stated = self.tolerance_mm if self.distances_in == "mm" else self.tolerance_px
        return stated.get(structure) if isinstance(stated, Mapping) else stated

    def judge(self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext) -> Judgements:
        """One row for each case and structure that the reference delineates and the analysis does not set apart.

        Rows stand structure by structure. Raises ProtocolError where nothing compares regions.
        """
        found, states = self._judged(units, answers, context)
        counted = [one for one in found if _is_counted(one.state.status, context)]
        left_out = [one for one in counted if self.both_empty == "left_out" and one.is_both_empty]
        rows = [one for one in counted if self.both_empty == "1" or not one.is_both_empty]
        rows.sort(key=lambda one: self._place(one.structure))  # stable: units keep their order
        values = np.array([self._row(one) for one in rows], dtype=np.float64).reshape(len(rows), len(OF_ROWS))
        columns = {name: values[:, at] for at, name in enumerate(OF_ROWS)}
        n_cases = sum(len(unit.cases) for unit in units if unit.reference not in NOT_COUNTED_REFERENCES)
        delineated = Counter(name for name, _ in {(one.structure, one.case.case_id) for one in found})
        out = Counter(one.structure for one in left_out)
        columns["missing_cases"] = np.array([n_cases - delineated[one.structure] for one in rows], dtype=np.float64)
        columns["left_out_cases"] = np.array([out[one.structure] for one in rows], dtype=np.float64)
        table = unit_table(
            units, context.patients, [state.status for state in states], [state.reason for state in states]
        )
        known = {one.unit for one in found}
        references = tuple(DELINEATED if at in known else said for at, said in enumerate(table.references))
        diseased = np.full(len(units), np.nan, dtype=np.float64)
        return Judgements(
            task=self.name,
            units=dataclasses.replace(table, references=references, diseased=diseased),
            row_units=np.array([one.unit for one in rows], dtype=np.int64),
            columns=columns,
            row_strata={
                "structure": tuple(one.structure for one in rows),
                "case_id": tuple(one.case.case_id for one in rows),
                "image": tuple(one.image for one in rows),
            },
            unit=self.distances_in,
            questions="structure",
        )

    def tables(self, judgements: Judgements) -> Sequence[Table]:
        """Of each structure how many cases count, and how many were empty, missed, invented, unanswered or missing."""
        names, counts = structure_counts(judgements)
        return [Table(name="structures", rows=names, columns=TABLE_COLUMNS, counts=counts)] if names else []

    def curves(self, judgements: Judgements) -> Sequence[Curve]:
        """The spread of Dice and surface Dice of each structure: quantiles over its cases, at the shares as ``x``."""
        return [
            Curve(name=f"{measure}_spread/{structure}", x=SPREAD_SHARES, y=values, sizes=(n,) * len(values))
            for measure, structure, n, values in spread_of(judgements)
        ]

    def errors(self, judgements: Judgements) -> Sequence[ErrorRow]:
        """The device's non-answers, then missed and invented structures, then the tenth of cases with least Dice.

        A structure that an answered case leaves out is a non-answer, named as the reason.
        """
        units = judgements.units
        lines = [
            ErrorRow(
                unit_id=units.unit_ids[judgements.row_units[row]],
                kind=UNANSWERED,
                reference="region" if judgements.columns["reference"][row] else "empty_region",
                answer="failed",
                reason=judgements.row_strata["structure"][row],
                place=_image_of(judgements, row, UNANSWERED),
            )
            for row in _left_out(judgements)
        ]
        for kind, row in worst_rows(judgements):
            dice, structure = float(judgements.columns["dice"][row]), judgements.row_strata["structure"][row]
            lines.append(
                ErrorRow(
                    unit_id=units.unit_ids[judgements.row_units[row]],
                    kind=kind,
                    reference="empty_region" if kind == "invented_structure" else "region",
                    answer="empty_region" if kind == "missed_structure" else "region",
                    score=dice,
                    reason=structure,
                    place=_image_of(judgements, row, kind),
                )
            )
        return [*unanswered(units).values(), *lines]

    def places(
        self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext
    ) -> Sequence[ErrorPlace]:
        """Of each missed, invented or worst structure the plane where most pixels differ, with the box round them.

        Of one that an answered case leaves out ("unanswered") the plane that shows most of it. ``frame`` is the plane's
        number in the grid of the case, None where that has one.
        """
        judgements = self.judge(units, answers, context)
        left_out = [(UNANSWERED, row) for row in _left_out(judgements) if judgements.columns["reference"][row]]
        places = []
        for kind, row in [*worst_rows(judgements), *left_out]:
            case_id, structure, image = (judgements.row_strata[name][row] for name in ("case_id", "structure", "image"))
            unit = units[judgements.row_units[row]]
            case = next(one for one in unit.cases if one.case_id == case_id)
            case = dataclasses.replace(case, files=(image,)) if image else case
            dice = float(judgements.columns["dice"][row])
            place = ErrorPlace(
                case_id=case_id,
                kind=kind,
                in_case=1 - dice,
                here=1 - dice,
                image=image or None,
                about=structure,
                answer=f"{dice:.3f}",
            )
            numbers = _compared(context)(case)[structure]
            if "worst_x" in numbers:
                x, y, width, height = (numbers[f"worst_{side}"] for side in ("x", "y", "width", "height"))
                frame = int(numbers["worst_plane"]) if "worst_plane" in numbers else None
                place = dataclasses.replace(place, frame=frame, box=(x, y, width, height))
            places.append(place)
        return places

    def _tolerance_problems(self, option: str) -> Iterator[Problem]:
        stated = getattr(self, option)
        by_structure = stated if isinstance(stated, Mapping) else {} if stated is None else {"": stated}
        for name, tolerance in by_structure.items():
            if not (math.isfinite(tolerance) and tolerance >= 0):
                yield Problem(key="segmentation.tolerance", where=name, facts={"option": option, "found": tolerance})
            if name and self.structures and name not in self.structures:
                facts = {"option": option, "found": name, "known": ", ".join(self.structures)}
                yield Problem(key="segmentation.tolerance_of_none", facts=facts)

    def _place(self, structure: str) -> tuple[int, str]:
        return (self.structures.index(structure) if structure in self.structures else 0, structure)

    def _judged(
        self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext
    ) -> tuple[list[_Judged], list[_State]]:
        """Every structure of every case that the reference delineates, and what became of each unit."""
        compared = _compared(context)
        found, states = [], []
        for index, unit in enumerate(units):
            of_cases = []
            is_counted = unit.reference not in NOT_COUNTED_REFERENCES
            for case in unit.cases:
                answer, each = answers.get(case.case_id), list[_State]()
                for one in images_of(case) if is_counted else ():
                    image = "" if one is case else one.files[0]
                    for name, numbers in self._chosen(compared(one)).items():
                        each.append(_state(answer, name, image, numbers))
                        found.append(_Judged(index, case, image, name, each[-1], numbers))
                of_cases.append(_together(each or [_state(answer, "", "", {"is_answered": 1.0})]))
            worst_status = worst(state.status for state in of_cases)
            states.append(next((s for s in of_cases if s.status == worst_status), _State("unreadable", NO_CASES)))
        return found, states

    def _chosen(self, measured: Mapping[str, Measured]) -> Mapping[str, Measured]:
        return {name: each for name, each in measured.items() if not self.structures or name in self.structures}

    def _row(self, one: _Judged) -> tuple[float, ...]:
        numbers, has_tolerance = one.measured, float(self.tolerance_of(one.structure) is not None)
        has_reference = numbers["reference_voxels"] > 0
        volume = numbers.get("reference_volume", 0.0)
        if one.state.status != "answered":
            distances = (0.0,) * len(DISTANCES)
            return (
                has_reference,
                1.0,
                0.0,
                0.0,
                0.0,
                *distances,
                1.0,
                1.0,
                has_tolerance,
                0.0,
                1.0,
                volume,
                *(0.0,) * 4,
            )
        voxels = (int(numbers[f"{side}_voxels"]) for side in ("reference", "answered", "both"))
        shared = Overlap(*voxels)
        is_far = bool(shared.reference) != bool(shared.answered)
        far_volume = math.isinf(shared.volume_error)
        return (
            *(has_reference, 0.0, shared.dice, shared.iou, numbers.get("nsd", 0.0)),
            *(0.0 if is_far else numbers.get(name, 0.0) for name in DISTANCES),
            *(is_far, numbers["has_spacing"], has_tolerance),
            *(0.0 if far_volume else shared.volume_error, far_volume),
            *(volume, numbers.get("answered_volume", 0.0)),
            *(is_far and has_reference, is_far and not has_reference, not shared.reference and not shared.answered),
        )


def _image_of(judgements: Judgements, row: int, kind: str) -> ErrorPlace | None:
    """On which image of a case of several a structure is; None in a case of one."""
    case_id, image = (judgements.row_strata[name][row] for name in ("case_id", "image"))
    return ErrorPlace(case_id=case_id, kind=kind, in_case=0.0, here=0.0, image=image) if image else None


def _left_out(judgements: Judgements) -> list[int]:
    """The rows of structures that an answered case says nothing of."""
    return [
        row
        for row, unit in enumerate(judgements.row_units.tolist())
        if judgements.columns["unanswered"][row] and judgements.units.statuses[unit] == "answered"
    ]


def _compared(context: JudgingContext) -> Callable[[Case], Mapping[str, Measured]]:
    if context.compared is None:
        raise ProtocolError(Problem(key="segmentation.no_regions"))
    return context.compared


def _is_counted(status: Status, context: JudgingContext) -> bool:
    return status == "answered" or context.analysis.treatment[status] == "wrong"


def _state(answer: Answer | None, structure: str, image: str, numbers: Measured) -> _State:
    """What became of one structure of a case, or of one of its several images."""
    if answer is None:
        return _State("failed", NO_OUTPUT)
    statuses = {name.casefold(): status for name, status in answer.finding_statuses.items()}
    status = statuses.get(structure.casefold(), answer.status)
    status = statuses.get(on_image(structure, image).casefold(), status)
    if status != "answered":
        return _State(status, answer.reason)
    if answer.masks is None and answer.contours is None:
        return _State("failed", NO_REGIONS)
    return _State("answered") if numbers["is_answered"] else _State("failed", NO_STRUCTURE)


def _together(states: Sequence[_State]) -> _State:
    """A case is answered where one of its structures is; else it is what is worst of them."""
    return next((one for one in states if one.status == "answered"), None) or next(
        one for one in states if one.status == worst(state.status for state in states)
    )


@hookimpl
def register_tasks() -> list[type[Task]]:
    """The tasks of this file."""
    return [Segmentation]
