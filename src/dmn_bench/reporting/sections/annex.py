"""R20: seeds, versions, hashes, interval methods with their references: all it takes to do it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath, PureWindowsPath
from typing import ClassVar

from ...hookspecs import hookimpl
from ...record import Record
from ...vocabulary import Block, Facts, Grid, Heading, Paragraph
from ...wordings import words
from ..declared import the_candidate
from ..phrases import Phrases, as_language
from ..select import TECHNICAL, primary_analysis
from ..view import typed

PARTS_SHOWN = 2  # of an absolute path: its file and the folder of that


class Annex:
    """The technical annex."""

    name: ClassVar[str] = "annex"
    order: ClassVar[int] = 200

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """Settings, methods, software, files."""
        phrases = Phrases(as_language(language))
        full = typed(record)
        return [
            Heading(text=phrases("report_closing.annex_title"), anchor="annex"),
            Paragraph(text=phrases("report_closing.annex_intro")),
            Facts(items=_settings(full, phrases)),
            *_technical(full, phrases),
            *_methods(full, phrases),
            *_pairs(full.observed.software, "software", phrases),
            *_files(full, candidate, phrases),
            *_pairs({one.path: one.sha256 for one in full.results.figures}, "figures", phrases),
            *_extensions(full, phrases),
        ]


def _settings(record: Record, phrases: Phrases) -> tuple[tuple[str, str], ...]:
    statistics = record.protocol.content.get("statistics") or {}
    missing = phrases("report.not_recorded")
    items = (
        ("run", record.run_id),
        ("format", record.format),
        ("results_hash", record.results_sha256),
        ("protocol_hash", record.protocol.sha256),
        ("set_hash", record.reference_set.sha256),
        ("seed", str(statistics.get("seed", missing))),
        ("resamples", str(statistics.get("resamples", missing))),
        ("confidence", phrases.confidence(statistics.get("confidence"))),
        ("multiplicity", str(statistics.get("multiplicity", missing))),
    )
    return tuple((phrases(f"report_closing.annex_{key}"), value) for key, value in items)


def _technical(record: Record, phrases: Phrases) -> list[Block]:
    """Figures that are shown nowhere else, in the primary analysis on the whole set."""
    rows = [row for row in record.results.estimates if row.metric in TECHNICAL and not row.stratum]
    rows = [row for row in rows if row.analysis == primary_analysis(record)]
    if not rows:
        return []
    header = (
        phrases("report_results.endpoint_column"),
        phrases("report_results.measure"),
        phrases("report_results.observed"),
        phrases("report_results.interval", level=phrases.confidence(rows[0].confidence)),
    )
    lines = tuple(
        (row.endpoint, phrases.metric(row.metric, row.parameters), phrases.estimate(row), phrases.interval(row))
        for row in rows
    )
    caption = phrases("report_detection.technical_table")
    note = Paragraph(text=phrases("report_detection.technical_note"), tone="note")
    return [Grid(header=header, rows=lines, caption=caption, numeric=(False, False, True, True)), note]


def _methods(record: Record, phrases: Phrases) -> list[Block]:
    methods = [row.method for row in record.results.estimates] + [row.method for row in record.results.acceptance]
    used = dict.fromkeys(name for name in methods if name)
    if not used:
        return []
    rows = tuple((phrases.method(name), citation(name, phrases)) for name in used)
    header = (phrases("report_results.method"), phrases("report_closing.annex_reference"))
    return [Grid(header=header, rows=rows, caption=phrases("report_closing.annex_methods"))]


def citation(method: str, phrases: Phrases) -> str:
    """Where an interval method is published; a variant ("…-half-added") has the reference of its family."""
    known = words("report_closing", phrases.language)
    pieces = method.split("-")
    families = ("-".join(pieces[:count]) for count in range(len(pieces), 0, -1))
    return next((known[key] for family in families if (key := f"report_closing.cite.{family}") in known), "–")


def _pairs(found: Mapping[str, str], kind: str, phrases: Phrases) -> list[Block]:
    return _rows(tuple(found.items()), kind, phrases)


def _rows(rows: tuple[tuple[str, str], ...], kind: str, phrases: Phrases) -> list[Block]:
    if not rows:
        return []
    header = tuple(phrases(f"report_closing.{kind}_{key}") for key in ("name", "value"))
    return [Grid(header=header, rows=rows, caption=phrases(f"report_closing.{kind}_table"))]


def _files(record: Record, candidate: str, phrases: Phrases) -> list[Block]:
    part = the_candidate(record, candidate)
    files = {} if part is None else part.files
    return _rows(tuple((_without_machine(name), sha256) for name, sha256 in files.items()), "files", phrases)


def _without_machine(name: str) -> str:
    """The end of an absolute path: where a file lies on the machine of the run is nobody's business; a hash names it.

    >>> _without_machine("/home/somebody/models/v2/weights.onnx"), _without_machine("models/weights.onnx")
    ('…/v2/weights.onnx', 'models/weights.onnx')
    """
    path = PureWindowsPath(name) if PureWindowsPath(name).is_absolute() else PurePosixPath(name)
    return "/".join(["…", *path.parts[1:][-PARTS_SHOWN:]]) if path.is_absolute() else name


def _extensions(record: Record, phrases: Phrases) -> list[Block]:
    found = record.observed.extensions
    if not found:
        return [Paragraph(text=phrases("report_closing.no_extensions"))]
    rows = tuple((", ".join(f"{key} = {value}" for key, value in one.items()),) for one in found)
    caption = phrases("report_closing.extensions_table")
    return [Grid(header=(phrases("report_closing.extensions_name"),), rows=rows, caption=caption)]


@hookimpl
def register_report_sections() -> list[type[Annex]]:
    """The technical annex."""
    return [Annex]
