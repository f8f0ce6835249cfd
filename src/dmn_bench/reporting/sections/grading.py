"""R11: grades against the reference: who was graded what, each grade, agreement, cuts and what was ungradable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from ...hookspecs import hookimpl
from ...record import EstimateRow, Record, TableRow
from ...tasks.scales import SCALES
from ...vocabulary import Block, Figure, Grid, Heading, Paragraph
from ..drawings.heat import HeatCell, HeatTable, heat_table
from ..phrases import Phrases, as_language
from ..select import endpoint_plan, endpoints, finding_title, primary_analysis
from ..view import typed

TABLE = "grades"
AGREEMENT = (
    "kappa_quadratic",
    "kappa_linear",
    "kappa",
    "exact_agreement",
    "within_one_grade",
    "mean_grade_error",
)
OF_CUTS = ("grading", "referral")
UNGRADABLE = "ungradable"
AVAILABILITY = ("gradability", "failure_rate")
DRAWN_AT_MOST = 13  # columns with a count that fit into a drawing, grades and states together


class Graded(NamedTuple):
    """One graded endpoint: its plan, its table and its estimates on the whole set in the primary analysis."""

    name: str
    plan: Mapping[str, Any]
    table: TableRow
    rows: Sequence[EstimateRow]

    @property
    def scale(self) -> str:
        """The name of its scale, "" for grades of its own."""
        return str(self.plan.get("scale") or "")

    @property
    def shown(self) -> object:
        """What its matrix shows, whatever the cut: endpoints that differ by their cut alone share it."""
        return (self.plan.get("finding"), self.plan.get("unit"), repr(self.table.rows), repr(self.table.counts))


class Grades:
    """Grades against the reference."""

    name: ClassVar[str] = "grading"
    order: ClassVar[int] = 122

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """One part for each graded endpoint, then the cuts and what could not be graded; () without grades."""
        phrases = Phrases(as_language(language))
        full = typed(record)
        graded = _graded(full)
        plans = {name: endpoint_plan(full, name) for name in endpoints(full)}
        if not graded and not any(plan.get("task") in ("referral", UNGRADABLE) for plan in plans.values()):
            return ()
        blocks: list[Block] = [Heading(text=phrases("report_grading.title"), anchor="grading")]
        shown: dict[object, str] = {}  # what a matrix shows -> the endpoint at which it does
        for one in graded:
            blocks.append(Heading(text=phrases("report.endpoint", endpoint=one.name), level=3))
            blocks.append(Paragraph(text=_described(full, one, phrases)))
            first = shown.setdefault(one.shown, one.name)
            if first == one.name:
                blocks += _matrix(one, phrases)
            else:
                blocks.append(Paragraph(text=phrases("report_grading.same_grades", endpoint=first), tone="note"))
            blocks += _by_grade(one, phrases)
            blocks += _agreement(one, phrases)
        blocks += _cuts(full, plans, phrases)
        blocks += _ungradable(full, plans, phrases)
        return blocks


def _graded(record: Record) -> list[Graded]:
    tables = {table.endpoint: table for table in record.results.tables if table.name == TABLE and not table.case_id}
    return [
        Graded(name, endpoint_plan(record, name), tables[name], _whole(record, name))
        for name in endpoints(record)
        if name in tables
    ]


def _whole(record: Record, endpoint: str) -> list[EstimateRow]:
    """The estimates of an endpoint on the whole set, in the primary analysis."""
    analysis = primary_analysis(record)
    return [
        row
        for row in record.results.estimates
        if row.endpoint == endpoint and row.analysis == analysis and not row.stratum
    ]


def _described(record: Record, one: Graded, phrases: Phrases) -> str:
    known = SCALES.get(one.scale)
    finding = finding_title(record, one.plan.get("finding"), phrases.language)
    unit = phrases.named("report.unit", str(one.plan.get("unit", "")))
    if known is None:
        return phrases("report_grading.own_scale", finding=finding, unit=unit, grades=", ".join(one.table.rows))
    text = phrases(
        "report_grading.scale",
        finding=finding,
        unit=unit,
        scale=getattr(known.title, phrases.language),
        source=known.source,
    )
    stated = {str(one.plan[name]) for name in ("reference_scale", "answer_scale") if one.plan.get(name)} - {one.scale}
    for name in sorted(stated & SCALES.keys()):
        text += " " + phrases("report_grading.mapped", scale=getattr(SCALES[name].title, phrases.language))
    return text


def _grade_title(grade: str, scale: str, phrases: Phrases) -> str:
    """A grade with its title, or the number alone on a scale of one's own."""
    known = SCALES.get(scale)
    title = known.grades.get(int(grade)) if known is not None and grade.isdigit() else None
    return grade if title is None else f"{grade}{phrases('report.colon')}{getattr(title, phrases.language)}"


def _matrix(one: Graded, phrases: Phrases) -> list[Block]:
    """The table as a drawing, where it fits, and in numbers."""
    table = one.table
    filled = [
        index
        for index, name in enumerate(table.columns)
        if index < len(table.rows) or any(counts[index] for counts in table.counts)
    ]
    columns = [table.columns[index] for index in filled]
    rows = [_grade_title(name, one.scale, phrases) for name in table.rows]
    named = [name if name in table.rows else phrases.named("report.answer", name) for name in columns]
    counts = [[line[index] for index in filled] for line in table.counts]
    sums = [sum(column) for column in zip(*counts, strict=True)]
    lines = [*zip(rows, counts, strict=True), (phrases("report.total"), sums)]
    numbers = Grid(
        header=(phrases("report_results.reference_by_answer"), *named, phrases("report.total")),
        rows=tuple((name, *map(phrases.whole, line), phrases.whole(sum(line))) for name, line in lines),
        caption=phrases("report_grading.matrix_table"),
        numeric=(False, *(True for _ in columns), True),
    )
    if len(columns) > DRAWN_AT_MOST or not any(map(sum, counts)):
        return [numbers]
    title = phrases("report_grading.matrix_title", endpoint=one.name)
    description = _matrix_described(one, phrases)
    cut, apart = _cut(one), columns[len(table.rows) :]
    caption = phrases("report_grading.matrix_caption")
    if apart:
        caption += " " + phrases("report_grading.apart_caption")
    if cut:
        caption += " " + phrases("report_grading.cut_caption", cut=_worded_cut(one.plan.get("positive_when")))
    drawing = HeatTable(
        title=title,
        description=description,
        corner=(phrases("report_grading.reference"), phrases("report_grading.answer")),
        rows=rows,
        columns=named,
        cells=[[_heat(n, sum(line), phrases) for n in line] for line in counts],
        totals=[phrases.whole(sum(line)) for line in counts],
        total=phrases("report.total"),
        n_agreeing=len(table.rows),
        cut=cut,
    )
    return [Figure(svg=heat_table(drawing), title=title, description=description, caption=caption), numbers]


def _heat(count: float, total: float, phrases: Phrases) -> HeatCell:
    share = count / total if total else 0.0
    shown = phrases.percent(share, 0) if count else ""
    return HeatCell(count=phrases.whole(count), share_text=shown, share=share)


def _matrix_described(one: Graded, phrases: Phrases) -> str:
    """In words for who cannot see it: of every grade how many units were given it, and how many there are."""
    pieces = [
        phrases(
            "report_grading.matrix_line",
            grade=name,
            right=phrases.whole(line[index]),
            n=phrases.whole(sum(line)),
        )
        for index, (name, line) in enumerate(zip(one.table.rows, one.table.counts, strict=True))
    ]
    return phrases("report_grading.matrix_description", lines=phrases.joined(pieces))


def _cut(one: Graded) -> int:
    """How many grades lie below the first positive one; 0 where the plan does not say it."""
    words = str(one.plan.get("positive_when", "")).split()
    if len(words) != 2 or words[0] not in (">=", ">") or not words[1].isdigit():
        return 0
    lowest = int(words[1]) + (words[0] == ">")
    return sum(int(grade) < lowest for grade in one.table.rows if grade.isdigit())


def _by_grade(one: Graded, phrases: Phrases) -> list[Block]:
    found = [row for row in one.rows if row.metric == "grade_sensitivity"]
    if not found:
        return []
    labels = [_grade_title(str(row.parameters.get("grade", "")), one.scale, phrases) for row in found]
    caption = phrases("report_grading.by_grade_table")
    return [_estimates(phrases("report_grading.grade"), labels, found, caption, phrases)]


def _agreement(one: Graded, phrases: Phrases) -> list[Block]:
    found = sorted((row for row in one.rows if row.metric in AGREEMENT), key=lambda row: AGREEMENT.index(row.metric))
    if not found:
        return []
    labels = [phrases.metric(row.metric, row.parameters) for row in found]
    caption = phrases("report_grading.agreement_table")
    blocks: list[Block] = [_estimates(phrases("report_results.measure"), labels, found, caption, phrases)]
    if any(row.metric.startswith("kappa") for row in found):
        blocks.append(Paragraph(text=phrases("report_grading.kappa_note"), tone="note"))
    return blocks


def _cuts(record: Record, plans: Mapping[str, Mapping[str, Any]], phrases: Phrases) -> list[Block]:
    """What each cut makes of the grades: sensitivity and specificity of every endpoint that has one."""
    lines: list[tuple[str, ...]] = []
    muted: list[int] = []
    for name, plan in plans.items():
        if plan.get("task") not in OF_CUTS:
            continue
        rows = {row.metric: row for row in _whole(record, name) if row.metric in ("sensitivity", "specificity")}
        if not rows:
            continue
        muted += [len(lines)] if any(row.value is None or row.imprecise for row in rows.values()) else []
        cells = [_cell(rows.get(metric), phrases) for metric in ("sensitivity", "specificity")]
        lines.append((name, _positive_when(record, plan, phrases), *cells))
    if not lines:
        return []
    header = (
        phrases("report_results.endpoint_column"),
        phrases("report_grading.positive_when"),
        phrases("report.metric.sensitivity"),
        phrases("report.metric.specificity"),
    )
    table = Grid(
        header=header,
        rows=tuple(lines),
        caption=phrases("report_grading.cuts_table"),
        numeric=(False, False, True, True),
        muted=tuple(muted),
    )
    return [Heading(text=phrases("report_grading.cuts_title"), level=3), table]


def _worded_cut(cut: object) -> str:
    """A cut with the signs that readers know.

    >>> _worded_cut(">= 2"), _worded_cut("> 1")
    ('≥ 2', '> 1')
    """
    return str(cut or "–").replace(">=", "≥")


def _positive_when(record: Record, plan: Mapping[str, Any], phrases: Phrases) -> str:
    """The cut, or those of several findings, any of which is enough."""
    asked = plan.get("positive_when")
    if not isinstance(asked, Mapping):
        return _worded_cut(asked)
    named = (f"{finding_title(record, finding, phrases.language)} {_worded_cut(cut)}" for finding, cut in asked.items())
    return phrases("report_grading.or").join(named)


def _ungradable(record: Record, plans: Mapping[str, Mapping[str, Any]], phrases: Phrases) -> list[Block]:
    """How many units have a grade at all, how the device's refusals fit the reference's, and what becomes of them."""
    names, found = [], []
    for name, plan in plans.items():
        wanted = AVAILABILITY if plan.get("task") in OF_CUTS else ("sensitivity", "specificity")
        if plan.get("task") not in (*OF_CUTS, UNGRADABLE):
            continue
        for row in _whole(record, name):
            if row.metric in wanted:
                key = f"report_grading.{UNGRADABLE}_{row.metric}"
                label = phrases(key) if plan.get("task") == UNGRADABLE else phrases.metric(row.metric, row.parameters)
                names.append(f"{label} ({name})")
                found.append(row)
    treatment = str((record.protocol.content.get("as_used") or {}).get("abstained", "positive"))
    blocks: list[Block] = [Heading(text=phrases("report_grading.ungradable_title"), level=3)]
    if found:
        caption = phrases("report_grading.ungradable_table")
        blocks.append(_estimates(phrases("report_results.measure"), names, found, caption, phrases))
    blocks.append(Paragraph(text=phrases("report_grading.ungradable_primary")))
    if treatment in ("positive", "negative", "wrong", "apart"):
        blocks.append(Paragraph(text=phrases(f"report_grading.as_used_{treatment}")))
    return blocks


def _estimates(first: str, labels: Sequence[str], rows: Sequence[EstimateRow], caption: str, phrases: Phrases) -> Grid:
    """Estimates with x/n, value, interval and method under names of their own."""
    level = next((row.confidence for row in rows if row.confidence is not None), None)
    return Grid(
        header=(
            first,
            "x/n",
            phrases("report_results.observed"),
            phrases("report_results.interval", level=phrases.confidence(level)),
            phrases("report_results.method"),
        ),
        rows=tuple(
            (label, phrases.counts(row), phrases.estimate(row), phrases.interval(row), phrases.method(row.method))
            for label, row in zip(labels, rows, strict=True)
        ),
        caption=caption,
        numeric=(False, True, True, True, False),
        muted=tuple(index for index, row in enumerate(rows) if row.value is None or row.imprecise),
    )


def _cell(row: EstimateRow | None, phrases: Phrases) -> str:
    if row is None:
        return "–"
    if row.value is None:
        return phrases.estimate(row)
    return f"{phrases.estimate(row)}\n{phrases.interval(row)}\n{phrases.counts(row)}"


@hookimpl
def register_report_sections() -> list[type[Grades]]:
    """Grades against the reference."""
    return [Grades]
