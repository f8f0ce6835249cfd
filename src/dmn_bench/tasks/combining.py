"""How the cases of a unit become one status, and how units become the table of what happened to each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import Problem, ReferenceSetError, collect
from ..vocabulary import Status, UnitTable

if TYPE_CHECKING:
    from ..vocabulary import Unit

WORST_LAST: tuple[Status, ...] = (
    "answered",
    "not_sent",
    "unreadable",
    "indeterminate",
    "abstained",
    "rejected_input",
    "failed",
)
"""The one order of "worst": what the device did outranks what it had no part in, so a view that the site never sent
cannot excuse the view on which the device gave up."""

NOT_ASKED: tuple[Status, ...] = ("not_sent", "unreadable")
"""Statuses of a case the device never saw."""

DEVICE_NON_ANSWERS: tuple[Status, ...] = ("indeterminate", "abstained", "rejected_input", "failed")
"""Non-answers that are the device's own."""

MISSING_REFERENCE = "missing"
NOT_COUNTED_REFERENCES = ("indeterminate", "unverified", MISSING_REFERENCE)
"""References that keep a unit in the flow and out of every row."""

# Reasons for a failure found here: short and fixed, as those of the adapters, for the record and the list of errors.
NO_OUTPUT = "no output"
NO_FINDING_ANSWER = "no score or label for the finding"
NOT_FINITE = "score not finite"
NO_CASES = "no case in the unit"


def worst(statuses: Iterable[Status]) -> Status:
    """The worst of some statuses; of none, ``unreadable``: there was nothing to ask.

    >>> worst(["answered", "not_sent", "abstained"])
    'abstained'
    """
    return max(statuses, key=WORST_LAST.index, default="unreadable")


def reference_of(unit: Unit) -> str:
    """What the set says of a unit; ``missing`` when it says nothing."""
    return MISSING_REFERENCE if unit.reference is None else unit.reference


def unit_table(
    units: Sequence[Unit], patients: Mapping[str, int], statuses: Sequence[Status], reasons: Sequence[str]
) -> UnitTable:
    """The table of units, in their order; ``patients`` gives the code of each patient_id of the whole set."""
    return UnitTable(
        unit_ids=tuple(unit.unit_id for unit in units),
        patients=np.array([patients[unit.patient_id] for unit in units], dtype=np.int64),
        statuses=tuple(statuses),
        references=tuple(reference_of(unit) for unit in units),
        reasons=tuple(reasons),
    )


def check_references(units: Sequence[Unit], allowed: Sequence[str]) -> None:
    """Raise ReferenceSetError naming every unit whose reference is neither allowed nor one that is set apart."""
    known = {*allowed, *NOT_COUNTED_REFERENCES}
    collect(
        [
            Problem(
                key="tasks.reference_unknown",
                where=unit.unit_id,
                facts={"found": reference_of(unit), "allowed": ", ".join(allowed)},
            )
            for unit in units
            if reference_of(unit) not in known
        ],
        ReferenceSetError,
    )
