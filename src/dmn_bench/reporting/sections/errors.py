"""R16: the wrong calls and unanswered units, for review by a clinician."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ...hookspecs import hookimpl
from ...record import ErrorRowPart, Record
from ...vocabulary import Block, Grid, Heading, Paragraph
from ...wordings import numbers
from ..phrases import Phrases, as_language
from ..select import endpoints
from ..view import typed

GRADE_OFF = "grade_off_by_"


class Errors:
    """The list of errors, with empty columns for the reviewing clinician."""

    name: ClassVar[str] = "errors"
    order: ClassVar[int] = 160

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """One table for each endpoint, by kind of error."""
        phrases = Phrases(as_language(language))
        full = typed(record)
        blocks: list[Block] = [
            Heading(text=phrases("report_results.errors_title"), anchor="errors"),
            Paragraph(text=phrases("report_results.errors_intro")),
        ]
        for endpoint in endpoints(full):
            blocks.append(Heading(text=phrases("report.endpoint", endpoint=endpoint), level=3))
            blocks.extend(_endpoint(full, candidate, endpoint, phrases))
        return blocks


def _endpoint(record: Record, candidate: str, endpoint: str, phrases: Phrases) -> list[Block]:
    rows = [row for row in record.results.errors if row.endpoint == endpoint]
    left_out = record.results.errors_left_out.get(f"{candidate}/{endpoint}", 0)
    if not rows and not left_out:
        return [Paragraph(text=phrases("report_results.errors_none"))]
    kinds = {kind: sum(1 for row in rows if row.kind == kind) for kind in sorted({row.kind for row in rows})}
    listed = ", ".join(f"{kind_name(kind, phrases)} {phrases.whole(n)}" for kind, n in kinds.items())
    count = phrases(
        "report_results.errors_count", n=phrases.whole(len(rows)), n_number=len(rows), endpoint=endpoint, kinds=listed
    )
    blocks: list[Block] = [Paragraph(text=count)]
    if rows:
        blocks.append(_table(sorted(rows, key=lambda row: (row.kind, row.unit_id)), phrases))
    if left_out:
        more = phrases("report_results.errors_left_out", n=phrases.whole(left_out), n_number=left_out)
        blocks.append(Paragraph(text=more, tone="note"))
    return blocks


def kind_name(kind: str, phrases: Phrases) -> str:
    """A kind of error in words; "grade_off_by_2" is counted."""
    distance = kind.removeprefix(GRADE_OFF)
    if distance != kind and distance.isdigit():
        return phrases("report_results.grade_off", n=distance, number=int(distance))
    return phrases.named("report_results.error", kind)


def _table(rows: Sequence[ErrorRowPart], phrases: Phrases) -> Grid:
    keys = ("unit", "kind", "reference", "answer", "score", "reason", "review")
    return Grid(
        header=tuple(phrases(f"report_results.error_{key}") for key in keys),
        rows=tuple(
            (
                row.unit_id,
                kind_name(row.kind, phrases),
                phrases.named("report.reference", row.reference),
                phrases.named("report.answer", row.answer),
                "–" if row.score is None else numbers.plain(row.score, phrases.language, 3),
                row.reason or "–",
                "",
            )
            for row in rows
        ),
        caption=phrases("report_results.errors_table"),
        numeric=(False, False, False, False, True, False, False),
    )


@hookimpl
def register_report_sections() -> list[type[Errors]]:
    """Errors to review."""
    return [Errors]
