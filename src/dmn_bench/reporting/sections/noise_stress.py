"""R8: what becomes of the metrics of beats when noise of stated strength is added to the recordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ...hookspecs import hookimpl
from ...record import NoiseRow
from ...vocabulary import Block, Figure, Grid, Heading, Paragraph
from ...wordings import numbers
from ..drawings.noise import NoiseLine, NoisePlot, noise_plot
from ..phrases import Phrases, as_language
from ..view import typed


class NoiseStressSection:
    """Metrics of beats against the signal-to-noise ratio."""

    name: ClassVar[str] = "noise_stress"
    order: ClassVar[int] = 84

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """One drawing and one table for each metric; () where the protocol asks for no noise."""
        phrases = Phrases(as_language(language))
        full = typed(record)
        rows = [row for row in full.results.noise_stress if row.candidate == candidate]
        said = full.protocol.content.get("noise_stress") or {}
        if not rows and said.get("kinds"):
            heading = Heading(text=phrases("report_noise.title"), anchor="noise-stress")
            return [heading, Paragraph(text=phrases("report_noise.not_done"))]
        if not rows:
            return ()
        pattern = {
            key: numbers.plain(said.get(f"{key}_seconds") or 0.0, phrases.language)
            for key in ("clean", "noise", "pause")
        }
        blocks: list[Block] = [
            Heading(text=phrases("report_noise.title"), anchor="noise-stress"),
            Paragraph(text=phrases("report_noise.intro", **pattern)),
            Paragraph(
                text=phrases(
                    "report_noise.recordings",
                    n=rows[0].n_cases,
                    count=phrases.whole(rows[0].n_cases),
                    patients=phrases.whole(max(row.n_patients for row in rows)),
                )
            ),
        ]
        for endpoint in dict.fromkeys(row.endpoint for row in rows):
            blocks.append(Heading(text=phrases("report.endpoint", endpoint=endpoint), level=3))
            here = [row for row in rows if row.endpoint == endpoint]
            silent: dict[str, str] = {}
            for name in dict.fromkeys(phrases.metric(row.metric, row.parameters) for row in here):
                of_metric = [row for row in here if phrases.metric(row.metric, row.parameters) == name]
                if all(row.value is None for row in of_metric):
                    silent[name] = _why(of_metric, phrases)
                else:
                    blocks += [*_figure(name, of_metric, phrases), _grid(name, of_metric, phrases)]
            blocks += _without_value(silent, phrases)
        return blocks


def _why(rows: Sequence[NoiseRow], phrases: Phrases) -> str:
    """Why a metric has no value with any noise."""
    reasons = dict.fromkeys(phrases.reason(row.not_estimable or "", {"n": row.own_n}) for row in rows)
    return phrases.joined(reasons)


def _without_value(silent: Mapping[str, str], phrases: Phrases) -> list[Block]:
    """The metrics that have no value with any noise, by their reason: no tables of dashes."""
    if not silent:
        return []
    header = (phrases("report_results.measure"), phrases("report_results.error_reason"))
    return [Grid(header=header, rows=tuple(silent.items()), caption=phrases("report_noise.without_value"))]


def _figure(name: str, rows: Sequence[NoiseRow], phrases: Phrases) -> list[Figure]:
    """The drawing of a share; nothing for what is no share or has no value."""
    if rows[0].scale != "share" or all(row.value is None for row in rows):
        return []
    title = phrases("report_noise.figure_title", metric=name)
    description = phrases("report_noise.figure_description")
    lines = []
    for kind in dict.fromkeys(row.kind for row in rows if row.kind):
        known = sorted((row.snr_db, row.value, row.low, row.high) for row in rows
                       if row.kind == kind and None not in (row.snr_db, row.value, row.low, row.high))  # fmt: skip
        x, y, low, high = ([float(point[at] or 0.0) for point in known] for at in range(4))
        lines.append(NoiseLine(label=phrases(f"report_noise.kind.{kind}"), x=x, y=y, low=low, high=high))
    plot = NoisePlot(
        title=title,
        description=description,
        lines=lines,
        clean=next((row.value for row in rows if not row.kind), None),
        x_label=phrases("report_noise.ratio"),
        y_label=name,
        x_tick=lambda value: _ratio(value, phrases),
        y_tick=lambda value: phrases.percent(value, 0),
    )
    return [Figure(svg=noise_plot(plot), title=title, description=description, caption=description)]


def _grid(name: str, rows: Sequence[NoiseRow], phrases: Phrases) -> Grid:
    """One line for each kind of noise, one column for each ratio, the recordings as they are first."""
    ratios = sorted({row.snr_db for row in rows if row.snr_db is not None}, reverse=True)
    clean = next((row for row in rows if not row.kind), None)
    lines = []
    for kind in dict.fromkeys(row.kind for row in rows if row.kind):
        at = {row.snr_db: row for row in rows if row.kind == kind}
        cells = [clean, *(at.get(ratio) for ratio in ratios)]
        lines.append((phrases(f"report_noise.kind.{kind}"), *(_cell(row, phrases) for row in cells)))
    header = (
        phrases("report_noise.kind"),
        phrases("report_noise.clean"),
        *(f"{_ratio(ratio, phrases)}\u202fdB" for ratio in ratios),
    )
    return Grid(header=header, rows=tuple(lines), caption=name, numeric=(False, *(True for _ in header[1:])))


def _ratio(ratio: float, phrases: Phrases) -> str:
    return numbers.plain(ratio, phrases.language, 2)


def _cell(row: NoiseRow | None, phrases: Phrases) -> str:
    if row is None or row.value is None:
        return "–"
    value = phrases.value(row.value, row.scale, row.own_n)
    if row.low is None or row.high is None:
        return value
    return f"{value} {phrases.limits(row.low, row.high, row.scale, row.own_n)}"


@hookimpl
def register_report_sections() -> list[type[NoiseStressSection]]:
    """The noise stress test."""
    return [NoiseStressSection]
