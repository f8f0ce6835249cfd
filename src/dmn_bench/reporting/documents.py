"""From a record to its documents: one self-contained HTML file for each candidate and language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ..errors import Problem, ProtocolError, collect
from ..files import write_atomically
from ..hookspecs import ReportSection
from ..record import Record
from ..vocabulary import Block, Heading, Language
from .declared import product_name, the_candidate
from .figures import LEFT_OUT, load_figures
from .html import Page, render_html
from .phrases import Phrases
from .view import CandidateView, view_for

COVER = "cover"


def write_reports(
    record: Record,
    run_dir: Path,
    *,
    languages: Sequence[Language],
    sections: Sequence[ReportSection],
    candidates: Sequence[str] | None = None,
    with_pictures: bool = True,
) -> list[Path]:
    """Write ``report.<candidate>.<language>.html`` into ``run_dir`` for each candidate and language; the paths written.

    A report is made from the record and the pictures beside it alone, and holds nothing of any other candidate.
    ``candidates``: those wanted, by id; None is all of the record. ``with_pictures``: whether pictures of errors, which
    hold what was recorded of patients, are shown; a report without them says so.
    Raises ProtocolError if a candidate is not in the record, MachineError if a file cannot be written.
    """
    known = [part.id for part in record.candidates]
    wanted = known if candidates is None else list(candidates)
    facts = {"known": ", ".join(known)}
    unknown = [
        Problem(key="report.unknown_candidate", facts={"found": name, **facts}) for name in wanted if name not in known
    ]
    collect(unknown, ProtocolError)
    written = []
    found = load_figures(record.results.figures, run_dir)
    figures = found if with_pictures else dict.fromkeys(found, LEFT_OUT)
    for candidate in wanted:
        view = view_for(record, candidate, figures)
        for language in languages:
            path = run_dir / f"report.{_file_part(candidate)}.{language}.html"
            write_atomically(path, render_report(view, candidate, language, sections))
            written.append(path)
    return written


def render_report(view: CandidateView, candidate: str, language: Language, sections: Sequence[ReportSection]) -> str:
    """The report of one candidate as HTML text; the same record gives the same text, byte for byte."""
    phrases = Phrases(language)
    ordered = sorted(sections, key=lambda section: (section.order, section.name))
    made: list[tuple[str, Sequence[Block]]] = [(one.name, one.blocks(view, candidate, language)) for one in ordered]
    front = [block for name, blocks in made if name == COVER for block in blocks if not isinstance(block, Heading)]
    record = view.record
    page = Page(
        language=language,
        title=phrases("report_frame.title"),
        subtitle=product_name(the_candidate(record, candidate), candidate),
        contents_title=phrases("report_frame.contents"),
        footer=phrases(
            "report_frame.footer",
            run=record.run_id,
            protocol=record.protocol.id,
            set=f"{record.reference_set.id} {record.reference_set.version}",
            sha256=record.results_sha256,
        ),
        front=front,
        sections=[(name, blocks) for name, blocks in made if name != COVER and blocks],
    )
    return render_html(page)


def _file_part(candidate: str) -> str:
    """A candidate's id as part of a file name: what could leave the folder is replaced."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", candidate).lstrip(".") or "_"
