"""R8: whether what the device says depends on how it is asked: cases asked again, and how many answers changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ...hookspecs import hookimpl
from ...record import ProbeRow
from ...vocabulary import Block, Grid, Heading, Paragraph
from ...wordings import numbers
from ..phrases import Phrases, as_language
from ..view import typed

NONE = "–"


class ProbesSection:
    """Behaviour of the device when it is asked again."""

    name: ClassVar[str] = "probes"
    order: ClassVar[int] = 82

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """One row for each probe with what it asked; () when the protocol asked for none."""
        phrases = Phrases(as_language(language))
        rows = [row for row in typed(record).results.probes if row.candidate == candidate]
        if not rows:
            return ()
        title = Heading(text=phrases("report_probes.title"), level=2, anchor="probes")
        blocks: list[Block] = [title, Paragraph(text=phrases("report_probes.intro")), _grid(rows, phrases)]
        blocks.extend(Paragraph(text=_changed(row, phrases), tone="warning") for row in rows if row.n_different)
        if all(row.n_different == 0 for row in rows if row.not_applicable is None):
            blocks.append(Paragraph(text=phrases("report_probes.all_the_same"), tone="note"))
        return blocks


def _grid(rows: Sequence[ProbeRow], phrases: Phrases) -> Grid:
    columns = ("probe", "asked", "compared", "different", "calls", "score")
    header = tuple(phrases(f"report_probes.column.{name}") for name in columns)
    numeric = (False, False, True, True, True, True)
    return Grid(header=header, rows=tuple(_cells(row, phrases) for row in rows), numeric=numeric)


def _cells(row: ProbeRow, phrases: Phrases) -> tuple[str, ...]:
    name, asked = phrases(f"report_probes.probe.{row.probe}"), phrases(f"report_probes.asked.{row.probe}")
    if row.not_applicable is not None:
        return name, phrases.named("report_probes.not_applicable", row.not_applicable), NONE, NONE, NONE, NONE
    largest = row.largest_score_difference
    return (
        name,
        asked,
        phrases.whole(row.n_cases),
        phrases.whole(row.n_different),
        NONE if row.n_calls_changed is None else phrases.whole(row.n_calls_changed),
        NONE if largest is None else numbers.plain(largest, phrases.language),
    )


def _changed(row: ProbeRow, phrases: Phrases) -> str:
    return phrases(
        f"report_probes.changed.{row.probe}",
        n=row.n_different,
        count=phrases.whole(row.n_different),
        all=phrases.whole(row.n_cases),
        cases=", ".join(row.cases) + (", …" if row.n_different > len(row.cases) else ""),
        first=row.first_difference,
    )


@hookimpl
def register_report_sections() -> list[type[ProbesSection]]:
    """Behaviour when asked again."""
    return [ProbesSection]
