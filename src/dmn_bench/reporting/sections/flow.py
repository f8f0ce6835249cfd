"""R9: where every case went, per reference class, and who caused it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar

from ...hookspecs import hookimpl
from ...record import FlowRow, Record
from ...vocabulary import CAUSED_BY, STATUSES, Block, Figure, Grid, Heading, Paragraph, Status
from ..drawings.flow import FlowStep, flow_diagram
from ..phrases import Phrases, as_language
from ..select import endpoints, flow_rows
from ..structures import undelivered
from ..view import typed

_DEVICE_NON_ANSWERS: tuple[Status, ...] = ("indeterminate", "abstained", "rejected_input", "failed")
_CLASSES_IN_A_BOX = 6
_CLASSES_IN_A_LINE = 2
_OF_IMPORTS = {
    "the picture cannot be read": "picture_unreadable",
    "the recording cannot be read": "recording_unreadable",
    "what was drawn on it cannot be used": "drawing_unusable",
    "no annotation file names it": "not_annotated",
    "the same recording as another": "doubled",
    "no object of the modality": "other_modality",
    "text burnt into the pixels": "burned_in",
}
"""What an import writes into sampling.csv, in one language, as ``report.exclusion`` calls it."""
KEPT_OUT = "kept_out"
"""The class of eligible units that never came into the set: no reference is known of them."""


class Flow:
    """The flow of cases of every endpoint as a diagram and a table."""

    name: ClassVar[str] = "flow"
    order: ClassVar[int] = 90

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """One diagram and one table for each endpoint."""
        phrases = Phrases(as_language(language))
        full = typed(record)
        blocks: list[Block] = [
            Heading(text=phrases("report_results.flow_title"), anchor="flow"),
            Paragraph(text=phrases("report_results.flow_intro")),
        ]
        for endpoint in endpoints(full):
            in_the_set = flow_rows(full, endpoint)
            if in_the_set:
                kept_out = _kept_out(full, in_the_set)
                rows = [*in_the_set, *kept_out]
                blocks.append(Heading(text=phrases("report.endpoint", endpoint=endpoint), level=3))
                blocks.extend([_figure(rows, phrases, endpoint), _table(rows, phrases)])
                blocks.extend([] if kept_out else _exclusions(full, phrases))
                lacking = undelivered(full, endpoint, phrases)
                blocks.extend([Paragraph(text=lacking, tone="note")] if lacking else [])
        return blocks


def _figure(rows: Sequence[FlowRow], phrases: Phrases, endpoint: str) -> Figure:
    unit = phrases.named("report.unit", rows[0].unit)
    total = {name: sum(getattr(row, name) for row in rows) for name in ("eligible", "included", "sent", *STATUSES)}
    processed = total["sent"] - total["unreadable"]

    def step(key: str, count: int, counts: Sequence[tuple[FlowRow, int]]) -> FlowStep:
        return FlowStep(
            title=phrases(f"report_results.flow_{key}", n=phrases.whole(count), unit=unit),
            lines=_by_class(counts, phrases),
        )

    excluded = Counter[str]()
    for row in rows:
        excluded.update({_why(reason, phrases): n for reason, n in row.excluded.items()})
    steps = [
        _leaving(
            step("eligible", total["eligible"], [(row, row.eligible) for row in rows]),
            phrases("report_results.flow_excluded", n=phrases.whole(total["eligible"] - total["included"])),
            [f"{why}{phrases('report.colon')}{phrases.whole(n)}" for why, n in excluded.items()],
        ),
        _leaving(
            step("included", total["included"], [(row, row.included) for row in rows]),
            phrases("report_results.flow_not_sent", n=phrases.whole(total["not_sent"])),
            [],
        ),
        _leaving(
            step("sent", total["sent"], [(row, row.sent) for row in rows]),
            phrases("report_results.flow_unreadable", n=phrases.whole(total["unreadable"])),
            [],
        ),
        _leaving(
            step("processed", processed, [(row, row.sent - row.unreadable) for row in rows]),
            phrases("report_results.flow_no_answer", n=phrases.whole(processed - total["answered"])),
            [_lost(rows, status, phrases) for status in _DEVICE_NON_ANSWERS],
        ),
        step("answered", total["answered"], [(row, row.answered) for row in rows]),
    ]
    title = phrases("report_results.flow_figure", endpoint=endpoint)
    description = phrases(
        "report_results.flow_description",
        **{name: phrases.whole(n) for name, n in total.items()},
        processed=phrases.whole(processed),
    )
    return Figure(svg=flow_diagram(steps, title=title, description=description), title=title, description=description)


def _why(reason: str, phrases: Phrases) -> str:
    """Why a unit was excluded: our own reasons in words, what a person wrote into sampling.csv as it stands."""
    return phrases.named("report.exclusion", _OF_IMPORTS.get(reason, reason))


def _leaving(step: FlowStep, title: str, lines: Sequence[str]) -> FlowStep:
    return FlowStep(title=step.title, lines=step.lines, side_title=title, side_lines=lines)


def _lost(rows: Sequence[FlowRow], status: Status, phrases: Phrases) -> str:
    count = sum(getattr(row, status) for row in rows)
    text = f"{phrases(f'report.status.{status}')}{phrases('report.colon')}{phrases.whole(count)}"
    classes = [(row, getattr(row, status)) for row in rows if getattr(row, status)]
    return f"{text} ({', '.join(_class(row, n, phrases) for row, n in classes)})" if classes else text


def _by_class(counts: Sequence[tuple[FlowRow, int]], phrases: Phrases) -> list[str]:
    if len(counts) > _CLASSES_IN_A_BOX:
        return []
    half = [_class(row, n, phrases) for row, n in counts if n or row.reference != KEPT_OUT]
    return [" · ".join(half[start : start + _CLASSES_IN_A_LINE]) for start in range(0, len(half), _CLASSES_IN_A_LINE)]


def _class(row: FlowRow, n: int, phrases: Phrases) -> str:
    return f"{phrases.named('report.reference', row.reference)}{phrases('report.colon')}{phrases.whole(n)}"


def _table(rows: Sequence[FlowRow], phrases: Phrases) -> Grid:
    steps = ("eligible", "excluded", "included", "sent")
    names = [*steps, *STATUSES]
    header = (
        phrases("report_results.flow_step"),
        phrases("report_results.flow_caused_by"),
        *(phrases.named("report.reference", row.reference) for row in rows),
        phrases("report.total"),
    )
    lines = []
    for name in names:
        counts = [sum(row.excluded.values()) if name == "excluded" else getattr(row, name) for row in rows]
        if name in STATUSES:
            label, cause = phrases(f"report.status.{name}"), phrases(f"report.cause.{CAUSED_BY[name]}")
        else:
            label, cause = phrases(f"report_results.flow_row_{name}"), "–"
        lines.append((label, cause, *(phrases.whole(n) for n in counts), phrases.whole(sum(counts))))
    return Grid(
        header=header,
        rows=tuple(lines),
        caption=phrases("report_results.flow_table", unit=phrases.named("report.unit", rows[0].unit)),
        numeric=(False, False, *(True for _ in rows), True),
    )


def _kept_out(record: Record, rows: Sequence[FlowRow]) -> list[FlowRow]:
    """The eligible units that are not in the set as a class of their own, where they are counted as the rows are.

    That is, where the endpoint is of the whole set and one of its units is one of those that the set was chosen by.
    """
    refset, unit = record.reference_set, rows[0].unit
    sizes = {"case": refset.n_cases, "exam": refset.n_exams, "patient": refset.n_patients}
    of_endpoint, of_choice = sizes.get(unit), sizes.get(refset.sampled_unit)
    is_whole = sum(row.eligible for row in rows) == of_endpoint
    if not refset.exclusions or not is_whole or of_endpoint != of_choice:
        return []
    excluded = dict(refset.exclusions)
    none = dict.fromkeys(("included", "sent", *STATUSES), 0)
    stated = {"candidate": rows[0].candidate, "endpoint": rows[0].endpoint, "unit": unit, "reference": KEPT_OUT}
    return [FlowRow.model_validate({**stated, "eligible": sum(excluded.values()), "excluded": excluded, **none})]


def _exclusions(record: Record, phrases: Phrases) -> list[Block]:
    """What was eligible and excluded before the test, where it is counted in other units than the endpoint."""
    refset = record.reference_set
    if not refset.exclusions:
        return []
    listed = phrases.joined(
        f"{_why(reason, phrases)}{phrases('report.colon')}{phrases.whole(n)}" for reason, n in refset.exclusions.items()
    )
    unit = phrases.named("report.unit", refset.sampled_unit) or phrases("report_results.flow_units")
    return [Paragraph(text=phrases("report_results.flow_kept_out", listed=listed, unit=unit), tone="note")]


@hookimpl
def register_report_sections() -> list[type[Flow]]:
    """The flow of cases."""
    return [Flow]
