"""The errors of delineated structures as lines to review: case, structure, what is wrong, and by how much."""

from __future__ import annotations

from collections.abc import Sequence

from ..record import ErrorRowPart, Record
from ..vocabulary import Grid
from ..wordings import numbers
from .phrases import Phrases
from .select import STRUCTURE, finding_title

KINDS = ("unanswered", "missed_structure", "invented_structure", "poor_overlap")
"""The worst first. A whole case without an answer is none of these: no structure is its reason."""
REGIONS = ("region", "empty_region")
MEASURED = "poor_overlap"  # of the others the Dice is 0
DECIMALS = 3


def is_of_structure(row: ErrorRowPart) -> bool:
    """Whether a line is of one structure, which is its reason."""
    return row.kind in KINDS and row.reference in REGIONS


def structure_errors(rows: Sequence[ErrorRowPart], record: Record, phrases: Phrases) -> Grid:
    """One line for each, the least Dice first in each kind; the last column is for the reviewer."""
    ordered = sorted(rows, key=lambda row: (KINDS.index(row.kind), row.score or 0.0, row.unit_id, row.reason))
    return Grid(
        header=(
            phrases("report_results.error_unit"),
            phrases.field(STRUCTURE),
            phrases("report_structures.error"),
            phrases("report_structures.of_reference"),
            phrases("report_structures.of_device"),
            phrases.metric("dice"),
            phrases("report_results.error_review"),
        ),
        rows=tuple(
            (
                _unit(row, phrases),
                finding_title(record, row.reason, phrases.language),
                phrases(f"report_structures.error.{row.kind}"),
                phrases.named("report.reference", row.reference),
                _given(row, phrases),
                "–" if row.score is None else numbers.number(row.score, phrases.language, DECIMALS),
                "",
            )
            for row in ordered
        ),
        caption=phrases("report_structures.errors_table"),
        numeric=(False, False, False, False, False, True, False),
    )


def _unit(row: ErrorRowPart, phrases: Phrases) -> str:
    """The unit; of a case of several images, which it is."""
    if row.place is None or row.place.image is None:
        return row.unit_id
    case = [] if row.place.case_id == row.unit_id else [row.place.case_id]
    image = phrases("report_detection.error_image_number", n=phrases.whole(row.place.image))
    return ", ".join([row.unit_id, *case, image])


def _given(row: ErrorRowPart, phrases: Phrases) -> str:
    """What the device gave of the structure."""
    return (
        phrases("report_structures.nothing") if row.answer == "failed" else phrases.named("report.answer", row.answer)
    )
