"""R19: which elements of the evidence checklist this run feeds, and which only a person can fill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ...hookspecs import hookimpl
from ...vocabulary import Block, Grid, Heading, Paragraph
from ..phrases import Phrases, as_language

VERSION = "has-3.4-05@2025"
# Element -> status. "fed": an artefact of the run answers it; "partly": it helps and a person completes; "human".
ELEMENTS = (
    ("G1a", "partly"),
    ("G1b", "partly"),
    ("G2", "partly"),
    ("G3", "partly"),
    ("G4", "partly"),
    ("G5", "human"),
    ("P1", "human"),
)
TOPICS = (
    ("performance", "fed"),
    ("limits", "fed"),
    ("intended", "partly"),
    ("training_data", "partly"),
    ("risks", "partly"),
    ("benefit", "human"),
    ("organisation", "human"),
    ("cost", "human"),
    ("integration", "human"),
    ("data_protection", "human"),
)


class Evidence:
    """The short evidence checklist. Never a share of completion, never a global judgement."""

    name: ClassVar[str] = "evidence"
    order: ClassVar[int] = 190

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """Elements of criterion 3.4-05, then topics to settle before buying."""
        phrases = Phrases(as_language(language))
        return [
            Heading(text=phrases("report_closing.evidence_title"), anchor="evidence"),
            Paragraph(text=phrases("report_closing.fixed_evidence_intro")),
            _grid(ELEMENTS, "element", phrases, phrases("report_closing.elements_table", version=VERSION)),
            _grid(TOPICS, "topic", phrases, phrases("report_closing.topics_table")),
            Paragraph(text=phrases("report_closing.evidence_statuses"), tone="note"),
        ]


def _grid(rows: Sequence[tuple[str, str]], kind: str, phrases: Phrases, caption: str) -> Grid:
    lines = tuple(
        (
            phrases(f"report_closing.{kind}_{key}"),
            phrases(f"report_closing.evidence_{status}"),
            phrases(f"report_closing.{kind}_{key}_by"),
            phrases("report_closing.evidence_blank") if status != "fed" else "",
        )
        for key, status in rows
    )
    header = tuple(phrases(f"report_closing.evidence_{key}") for key in ("column", "status", "by", "owner"))
    return Grid(header=header, rows=lines, caption=caption)


@hookimpl
def register_report_sections() -> list[type[Evidence]]:
    """The evidence checklist."""
    return [Evidence]
