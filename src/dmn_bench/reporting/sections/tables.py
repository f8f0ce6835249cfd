"""R13: count tables of the tasks beyond the contingency table: grades, beats, by recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from ...hookspecs import hookimpl
from ...vocabulary import Block, Heading, Paragraph
from ..phrases import Phrases, as_language
from ..view import typed
from .results import CONFUSION_TABLES, counts_grid

TABLES_BY_CASE = 60  # more stay in the record


class TaskTables:
    """Detailed counts."""

    name: ClassVar[str] = "tables"
    order: ClassVar[int] = 130

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """Gross tables first, then one for each recording; () when there is none."""
        phrases = Phrases(as_language(language))
        tables = [
            table for table in typed(record).results.tables if table.case_id or table.name not in CONFUSION_TABLES
        ]
        if not tables:
            return ()
        blocks: list[Block] = [Heading(text=phrases("report_results.tables_title"), anchor="tables")]
        endpoints = dict.fromkeys(table.endpoint for table in tables)
        for endpoint in endpoints:
            blocks.append(Heading(text=phrases("report.endpoint", endpoint=endpoint), level=3))
            same = [table for table in tables if table.endpoint == endpoint]
            blocks.extend(counts_grid(table, phrases) for table in same if table.case_id is None)
            by_case = [table for table in same if table.case_id is not None]
            for table in by_case[:TABLES_BY_CASE]:
                grid = counts_grid(table, phrases)
                caption = phrases("report_results.tables_by_case", table=grid.caption, case=str(table.case_id))
                blocks.append(replace(grid, caption=caption))
            if len(by_case) > TABLES_BY_CASE:
                more = len(by_case) - TABLES_BY_CASE
                blocks.append(Paragraph(text=phrases("report_results.tables_more", n=phrases.whole(more), number=more)))
        return blocks


@hookimpl
def register_report_sections() -> list[type[TaskTables]]:
    """Detailed counts."""
    return [TaskTables]
