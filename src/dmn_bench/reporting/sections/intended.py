"""R3: what the device is intended for beside what was tested, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ...hookspecs import hookimpl
from ...record import Record
from ...vocabulary import Block, Grid, Heading, Paragraph
from ..declared import declaration, the_candidate
from ..phrases import Phrases, phrases_of
from ..select import endpoints
from ..view import typed
from .device import operating_point


class IntendedAndTested:
    """Intended use and tested use side by side. The judgement of each row is a person's."""

    name: ClassVar[str] = "intended"
    order: ClassVar[int] = 30

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """One row for each thing that both sides can say something of."""
        full = typed(record)
        phrases = phrases_of(full, language)
        part = the_candidate(full, candidate)
        device: Mapping[str, Any] = part.device if part is not None else {}
        missing = phrases("report.not_declared")

        def said(group: str, name: str) -> str:
            return declaration(device, group, name).value or missing

        points = part.operating_points if part is not None else {}
        used = "\n".join(
            f"{finding}{phrases('report.colon')}{operating_point(one, phrases)}" for finding, one in points.items()
        )
        rows = (
            ("indication", said("intended_use", "purpose"), _tested_use(full, phrases)),
            ("population", said("intended_use", "contra_indications"), _population(full, phrases)),
            ("modality", said("needs", "inputs"), str(full.reference_set.card.get("modality") or missing)),
            ("output", said("intended_use", "operating_point"), used or missing),
        )
        judged = phrases("report_frame.intended_blank")
        return [
            Heading(text=phrases("report_frame.intended_title"), anchor="intended"),
            Paragraph(text=phrases("report_frame.intended_intro")),
            Grid(
                header=tuple(
                    phrases(f"report_frame.intended_{key}") for key in ("row", "declared", "tested", "judged")
                ),
                rows=tuple((phrases(f"report_frame.intended_{key}"), left, right, judged) for key, left, right in rows),
                caption=phrases("report_frame.intended_table"),
            ),
        ]


def _tested_use(record: Record, phrases: Phrases) -> str:
    stated = str((record.protocol.content.get("purpose") or {}).get("intended_use") or "")
    listed = ", ".join(endpoints(record))
    return "\n".join(piece for piece in (stated, phrases("report_frame.intended_endpoints", listed=listed)) if piece)


def _population(record: Record, phrases: Phrases) -> str:
    rows = [row for row in record.reference_set.composition if row.field in ("sex", "age")]
    lines = [f"{phrases.stratum({row.field: row.level})} (n = {phrases.whole(row.n_patients)})" for row in rows]
    return "\n".join(lines) or phrases("report.not_recorded")


@hookimpl
def register_report_sections() -> list[type[IntendedAndTested]]:
    """Intended use beside tested use."""
    return [IntendedAndTested]
