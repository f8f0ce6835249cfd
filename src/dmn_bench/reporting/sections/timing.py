"""R8: what a case costs in time and memory on the machine of the run, by size of image and length of recording."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, NamedTuple

from ...hookspecs import hookimpl
from ...record import Record, Spread, TimingClassRow, TimingRow
from ...vocabulary import NOT_RECORDED, Block, Facts, Figure, Grid, Heading, Paragraph
from ...wordings import numbers
from ..drawings.spread import SpreadPlot, SpreadRow, spread_plot
from ..phrases import Phrases, as_language
from ..view import typed

NONE = "–"
KINDS = ("image_size", "recording_length")
QUANTITIES = ("load_seconds", "warm_up_seconds", "seconds_per_case", "cpu_seconds_per_case", "peak_memory_mb")
MEMORY = "peak_memory_mb"
SECONDS_IN_WORDS = 600  # from here on in hours and minutes
Writer = Callable[[float, Phrases], "Written"]


class Timing:
    """Time and resources of the device."""

    name: ClassVar[str] = "timing"
    order: ClassVar[int] = 85

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """Load, warm-up, time and memory per case, by class of size; or that answers came from files."""
        phrases = Phrases(as_language(language))
        full = typed(record)
        title = Heading(text=phrases("report_timing.title"), anchor="timing")
        rows = [row for row in full.observed.timing if row.candidate == candidate]
        if not rows:
            return [title, Paragraph(text=phrases("report_timing.from_files"))]
        return [title, *(block for row in rows for block in _row(full, row, phrases))]


def _row(record: Record, row: TimingRow, phrases: Phrases) -> list[Block]:
    intro = phrases("report_timing.intro")
    if row.workers > 1 and not row.on_cluster:
        intro = f"{intro} {phrases('report_timing.shared', workers=phrases.whole(row.workers))}"
    blocks: list[Block] = [Paragraph(text=intro, tone="note"), *_notes(row, phrases)]
    blocks.append(_whole(row, phrases))
    for kind in KINDS:
        classes = [one for one in row.by_class if one.kind == kind]
        if classes:
            blocks.append(_classes(record, row, kind, phrases))
            blocks.extend(_figure(row, kind, classes, phrases))
    blocks.append(Paragraph(text=phrases("report_timing.how", level=phrases.confidence(row.confidence))))
    blocks.append(Facts(items=_facts(record, row, phrases)))
    return blocks


def _notes(row: TimingRow, phrases: Phrases) -> list[Block]:
    notes: list[Block] = []
    if row.on_cluster:
        notes.append(Paragraph(text=phrases("report_timing.on_cluster"), tone="warning"))
    if row.not_timed:
        n = sum(row.not_timed.values())
        counts = phrases.joined(
            f"{phrases.named('report.status', status)}{phrases('report.colon')}{phrases.whole(count)}"
            for status, count in row.not_timed.items()
        )
        text = phrases("report_timing.not_timed", n=n, count=phrases.whole(n), counts=counts)
        failed = row.not_timed.get("failed", 0)
        if failed:
            text = f"{text} {phrases('report_timing.cut_off')}"
        notes.append(Paragraph(text=text, tone="warning" if failed else "note"))
    if row.warm_up_seconds.n and not row.seconds_per_case.n:
        notes.append(Paragraph(text=phrases("report_timing.warm_up_only"), tone="warning"))
    if row.n_kept:
        text = phrases("report_timing.kept", n=row.n_kept, count=phrases.whole(row.n_kept))
        notes.append(Paragraph(text=text, tone="note"))
    return notes


def _whole(row: TimingRow, phrases: Phrases) -> Grid:
    lines = []
    for name in QUANTITIES:
        found: Spread = getattr(row, name)
        write: Writer = _megabytes if name == MEMORY else seconds
        values = (found.smallest, found.median, found.p95, found.largest, found.total)
        smallest, median, *others = (NONE if value is None else str(write(value, phrases)) for value in values)
        label = phrases(f"report_timing.{name}")
        lines.append((label, phrases.whole(found.n), smallest, median, _limits(found, write, phrases), *others))
    return Grid(
        header=(
            phrases("report_timing.quantity"),
            phrases("report_timing.n"),
            phrases("report_timing.smallest"),
            phrases("report_timing.median"),
            phrases("report_timing.interval", level=phrases.confidence(row.confidence)),
            phrases("report_timing.p95"),
            phrases("report_timing.largest"),
            phrases("report_timing.total"),
        ),
        rows=tuple(lines),
        caption=phrases("report_timing.table"),
        numeric=(False, True, True, True, True, True, True, True),
        muted=tuple(index for index, name in enumerate(QUANTITIES) if not getattr(row, name).n),
    )


def _classes(record: Record, row: TimingRow, kind: str, phrases: Phrases) -> Grid:
    classes = [one for one in row.by_class if one.kind == kind]
    minimum = record.protocol.content.get("statistics", {}).get("minimum_n", {}).get("estimate", 10)
    lines = []
    for one in classes:
        wall = one.seconds_per_case
        values = [wall.median, wall.p95, wall.largest, one.cpu_seconds_per_case.median]
        median, *others = (NONE if value is None else str(seconds(value, phrases)) for value in values)
        peak = one.peak_memory_mb.largest
        lines.append(
            (
                _level(one, phrases),
                *(phrases.whole(n) for n in (wall.n, one.n_warm_up, one.n_not_timed)),
                median,
                _limits(wall, seconds, phrases),
                *others,
                NONE if peak is None else str(_megabytes(peak, phrases)),
            )
        )
    header = (
        phrases(f"report_timing.{kind}"),
        phrases("report_timing.n"),
        phrases("report_timing.n_warm_up"),
        phrases("report_timing.n_not_timed"),
        phrases("report_timing.median"),
        phrases("report_results.interval", level=phrases.confidence(row.confidence)),
        phrases("report_timing.p95"),
        phrases("report_timing.largest"),
        phrases("report_timing.cpu_median"),
        phrases("report_timing.memory_largest"),
    )
    return Grid(
        header=header,
        rows=tuple(lines),
        caption=phrases(f"report_timing.table_{kind}", minimum=phrases.whole(minimum)),
        numeric=(False, *(True for _ in header[1:])),
        muted=tuple(index for index, one in enumerate(classes) if one.seconds_per_case.median is None),
    )


def _figure(row: TimingRow, kind: str, classes: Sequence[TimingClassRow], phrases: Phrases) -> list[Figure]:
    """A strip for each class and, where there are several, for the whole; none where nothing was timed."""
    whole = _strip(phrases("report_timing.all"), row.seconds_per_case, phrases, bold=True)
    strips = [_strip(_level(one, phrases), one.seconds_per_case, phrases) for one in classes]
    drawn = [strip for strip in (whole if len(classes) > 1 else None, *strips) if strip is not None]
    if not drawn:
        return []
    title = phrases(f"report_timing.figure_{kind}")
    description = phrases("report_timing.figure_description")
    plot = SpreadPlot(
        title=title,
        description=description,
        rows=drawn,
        tick=lambda value: _tick(value, phrases),
        columns=(phrases(f"report_timing.{kind}"), phrases("report_timing.n")),
    )
    return [Figure(svg=spread_plot(plot), title=title, description=description, caption=description)]


def _strip(label: str, found: Spread, phrases: Phrases, *, bold: bool = False) -> SpreadRow | None:
    ends, quartiles = (found.smallest, found.largest), (found.lower_quartile, found.upper_quartile)
    if found.median is None or None in ends or None in quartiles:
        return None
    return SpreadRow(
        label=label,
        counts=phrases.whole(found.n),
        smallest=found.smallest or 0.0,
        lower_quartile=found.lower_quartile or 0.0,
        median=found.median,
        upper_quartile=found.upper_quartile or 0.0,
        largest=found.largest or 0.0,
        p95=found.p95,
        bold=bold,
    )


def _facts(record: Record, row: TimingRow, phrases: Phrases) -> tuple[tuple[str, str], ...]:
    machine = record.observed.machine
    known = None if row.on_cluster else machine.get("processor") or machine.get("architecture")
    processor = str(known or phrases("report.not_recorded"))
    failed = "\n".join(
        f"{phrases.named('report_timing.kind', kind)}{phrases('report.colon')}{phrases.whole(n)}"
        for kind, n in row.failed_attempts.items()
    )
    wall, rate = row.wall_seconds, row.cases_per_hour
    batch = () if row.batch == 1 else ((phrases("report_timing.batch"), phrases.whole(row.batch)),)
    return (
        (phrases("report_timing.processor"), processor),
        (phrases("report_timing.workers"), phrases.whole(row.workers)),
        (phrases("report_timing.threads"), phrases.whole(row.threads)),
        *batch,
        (phrases("report_timing.asked"), phrases.whole(row.n_asked)),
        (phrases("report_timing.wall"), NONE if wall is None else str(seconds(wall, phrases))),
        (phrases("report_timing.rate"), NONE if rate is None else _rate(rate, phrases)),
        (phrases("report_timing.failed_attempts"), failed or phrases("report_timing.no_failed_attempt")),
    )


def _level(one: TimingClassRow, phrases: Phrases) -> str:
    if one.level == NOT_RECORDED:
        return phrases.level(NOT_RECORDED)
    return phrases.named("report_timing.class", one.level)


class Written(NamedTuple):
    """A number and its unit in words; the unit is "" where the number holds several."""

    number: str
    unit: str

    def __str__(self) -> str:
        return f"{self.number}\u202f{self.unit}" if self.unit else self.number


def _limits(found: Spread, write: Writer, phrases: Phrases) -> str:
    """The limits of a median, with their unit once where both have the same."""
    if found.low is None or found.high is None:
        return NONE
    low, high = write(found.low, phrases), write(found.high, phrases)
    if low.unit != high.unit or not low.unit:
        return numbers.between(str(low), str(high), phrases.language)
    return str(Written(numbers.between(low.number, high.number, phrases.language), low.unit))


def seconds(value: float, phrases: Phrases) -> Written:
    """A time to three digits: milliseconds below 1 s, seconds below 10 min, then hours and minutes.

    >>> [str(seconds(one, Phrases("en"))).replace(numbers.NARROW_SPACE, " ") for one in (0.01234, 0.9996, 754.4, 7384)]
    ['12.3 ms', '1.00 s', '12 min 34 s', '2 h 3 min']
    """
    if value >= SECONDS_IN_WORDS:
        minutes, rest = divmod(round(value), 60)
        if minutes < 60:
            return Written(f"{minutes}\u202fmin {rest}\u202fs", "")
        hours, minutes = divmod(round(value / 60), 60)
        return Written(f"{phrases.whole(hours)}\u202fh {minutes}\u202fmin", "")
    if float(f"{value:.3g}") < 1:
        return Written(_three_digits(value * 1000, phrases), "ms")
    return Written(_three_digits(value, phrases), "s")


def _megabytes(value: float, phrases: Phrases) -> Written:
    return Written(phrases.whole(round(value)), phrases("report_timing.megabytes"))


def _three_digits(value: float, phrases: Phrases) -> str:
    """A number below 1,000 with three digits, those behind the point included."""
    rounded = float(f"{value:.3g}")
    decimals = 0 if rounded >= 100 else 1 if rounded >= 10 else 2
    return numbers.number(value, phrases.language, decimals)


def _rate(value: float, phrases: Phrases) -> str:
    """A rate to two digits: more would promise what a shared machine cannot keep."""
    rounded = float(f"{value:.2g}")
    return numbers.plain(rounded, phrases.language)


def _tick(value: float, phrases: Phrases) -> str:
    """A round time on an axis: 5 ms, 20 s."""
    if value < 1:
        return f"{numbers.plain(value * 1000, phrases.language)}\u202fms"
    return f"{numbers.plain(value, phrases.language)}\u202fs"


@hookimpl
def register_report_sections() -> list[type[Timing]]:
    """Time and resources of the device."""
    return [Timing]
