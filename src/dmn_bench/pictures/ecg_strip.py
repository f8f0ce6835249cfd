"""An ECG on the standard grid: a strip with the marks of both sides, or the usual sheet of twelve leads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from . import ecg_marks, paper
from .ecg_marks import StripMark, StripSpan

if TYPE_CHECKING:
    from ..vocabulary import FloatArray

STRIP_SECONDS = 10.0
STRIP_LEADS = 3  # shown of a recording with more
PREFERRED_LEADS = ("II", "MLII", "V1", "MV1", "V5", "MV5", "I")
SHEET = (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"))
SHEET_LEADS = 8  # of the twelve, or a strip is drawn instead
RHYTHM_LEADS = ("II", "V1", "I")
COLUMN_SECONDS = 2.5
ROW_MM = 30.0  # of the sheet
LEAST_LANE, MOST_LANE, MARGIN = 20, 80, 3  # mm, of a lead in a strip
OUTLYING = 0.02  # share of samples at either end
NAME_MM = 2
NEAR_S = 0.15  # a mark this near to a moment of error is part of it
LEFT = 1.0
BEGIN = LEFT + paper.PULSE_MM  # x of the first sample
MARKS_MM, SPANS_MM = 9.0, 5.5  # of height beside the grid


@dataclass(frozen=True, kw_only=True)
class Side:
    """What the reference or the device says of a strip."""

    marks: Sequence[StripMark] = ()
    spans: Sequence[StripSpan] = ()
    has_beats: bool = False  # it marks beats at all, though perhaps none here


@dataclass(frozen=True, kw_only=True)
class Strip:
    """A stretch of one recording. ``millivolts`` [samples, leads], NaN in gaps; times are from its start."""

    leads: Sequence[str]
    millivolts: FloatArray
    sampling_hz: float
    start_s: float = 0.0
    reference: Side = Side()
    device: Side = Side()
    moments_s: Sequence[float] = ()

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.millivolts) / self.sampling_hz


def is_sheet(leads: Sequence[str]) -> bool:
    """Whether a recording has so many of the usual twelve leads that they are drawn as a sheet."""
    return sum(name in leads for row in SHEET for name in row) >= SHEET_LEADS


def shown_leads(leads: Sequence[str]) -> tuple[int, ...]:
    """Indices of the leads that a strip shows: all of a few, else the preferred ones, in the order of the recording.

    >>> shown_leads(["I", "II", "III", "V1", "V5"]), shown_leads(["V5", "V2"])
    ((1, 3, 4), (0, 1))
    """
    if len(leads) <= STRIP_LEADS:
        return tuple(range(len(leads)))
    ranked = sorted(range(len(leads)), key=lambda at: (_rank(leads[at]), at))
    return tuple(sorted(ranked[:STRIP_LEADS]))


def _rank(lead: str) -> int:
    return PREFERRED_LEADS.index(lead) if lead in PREFERRED_LEADS else len(PREFERRED_LEADS)


def strip_svg(strip: Strip, *, title: str, description: str) -> str:
    """The strip: reference marks above, one lane for each lead of ``shown_leads``, device marks below, seconds."""
    shown = shown_leads(strip.leads)
    lanes = [_lane(strip.millivolts[:, at]) for at in shown]
    width = paper.PULSE_MM + _paper_mm(strip.seconds)
    top = _side_mm(strip.reference) + 1
    height = max(sum(lane for lane, _, _ in lanes), LEAST_LANE)
    bottom = top + height
    parts = [paper.grid(LEFT, top, width, height)]
    parts += [ecg_marks.band(_x(strip, at), top, bottom) for at in _inside(strip)]
    lane_top = top
    for at, (lane, zero, median) in zip(shown, lanes, strict=True):
        baseline = lane_top + zero
        signal = strip.millivolts[:, at] - median
        parts.append(paper.pulse(LEFT, baseline))
        ground = paper.Ground(x=BEGIN, zero=baseline, lane=(lane_top, lane_top + lane), paper=(top, bottom))
        parts.append(paper.trace(signal, strip.sampling_hz, ground))
        parts.append(paper.text(LEFT + 1, lane_top + 4, strip.leads[at], bold=True))
        lane_top += lane
    parts += _side(strip, strip.reference, top, is_above=True)
    parts += _side(strip, strip.device, bottom, is_above=False)
    foot = bottom + _side_mm(strip.device)
    parts += _seconds(strip.start_s, strip.seconds, foot)
    return paper.drawing(LEFT + width + 1, foot + 6, parts, title=title, description=description)


def sheet_svg(strip: Strip, *, title: str, description: str) -> str:
    """Ten seconds of twelve leads in three rows of four columns, and one lead for the whole time below."""
    rows = len(SHEET) + 1
    top, width, height = 2.0, paper.PULSE_MM + paper.MM_PER_SECOND * STRIP_SECONDS, ROW_MM * rows
    limits = (top, top + height)
    parts = [paper.grid(LEFT, top, width, height)]
    for row, names in enumerate(SHEET):
        baseline = top + ROW_MM * row + ROW_MM / 2
        parts.append(paper.pulse(LEFT, baseline))
        for column, name in enumerate(names):
            parts += _cell(strip, name, column * COLUMN_SECONDS, COLUMN_SECONDS, baseline, limits)
    rhythm = next((name for name in RHYTHM_LEADS if name in strip.leads), strip.leads[0])
    baseline = top + ROW_MM * len(SHEET) + ROW_MM / 2
    parts.append(paper.pulse(LEFT, baseline))
    parts += _cell(strip, rhythm, 0.0, STRIP_SECONDS, baseline, limits)
    parts += _seconds(strip.start_s, STRIP_SECONDS, limits[1])
    return paper.drawing(LEFT + width + 1, limits[1] + 6, parts, title=title, description=description)


def _cell(
    strip: Strip, name: str, from_s: float, seconds: float, baseline: float, limits: tuple[float, float]
) -> list[str]:
    x = BEGIN + from_s * paper.MM_PER_SECOND
    edge = f'<path d="M{paper.mm(x)} {paper.mm(baseline - 4)}v8" stroke="{paper.INK}" stroke-width="0.3" fill="none"/>'
    if name not in strip.leads:
        return [edge, paper.text(x + 1, baseline - 9, f"{name} –", bold=True)]
    lead = strip.millivolts[:, list(strip.leads).index(name)]
    begin, end = (round(at * strip.sampling_hz) for at in (from_s, from_s + seconds))
    piece = lead[begin:end] - _median(lead)
    lane = (baseline - ROW_MM / 2, baseline + ROW_MM / 2)
    ground = paper.Ground(x=x, zero=baseline, lane=lane, paper=limits)
    drawn = paper.trace(piece, strip.sampling_hz, ground) if len(piece) else ""
    return [edge, drawn, paper.text(x + 1, baseline - 9, name, bold=True)]


def _lane(millivolts: FloatArray) -> tuple[int, float, float]:
    """Height of a lead's lane and where its median lies in it, in mm, and that median in mV."""
    median = _median(millivolts)
    finite = (millivolts[np.isfinite(millivolts)] - median) * paper.MM_PER_MILLIVOLT
    for beyond in (0.0, OUTLYING):  # of a recording with spikes, the lane is made for all but these
        below, above = np.quantile(finite, (beyond, 1 - beyond)).tolist() if len(finite) else (0.0, 0.0)
        above = max(above, paper.MM_PER_MILLIVOLT + NAME_MM)  # the calibration pulse under the name of the lead
        lane = max(5 * math.ceil((above - below + 2 * MARGIN) / 5), LEAST_LANE)
        if lane <= MOST_LANE:
            return lane, float(round(above + (lane - above + below) / 2)), median
    return MOST_LANE, MOST_LANE / 2, median


def _median(millivolts: FloatArray) -> float:
    finite = millivolts[np.isfinite(millivolts)]
    return float(np.median(finite)) if len(finite) else 0.0


def _paper_mm(seconds: float) -> float:
    """Whole large squares for a stretch of time."""
    return 5.0 * math.ceil(seconds * paper.MM_PER_SECOND / 5 - 1e-9)


def _x(strip: Strip, at_s: float) -> float:
    return BEGIN + (at_s - strip.start_s) * paper.MM_PER_SECOND


def _inside(strip: Strip) -> list[float]:
    return [at for at in strip.moments_s if strip.start_s <= at < strip.start_s + strip.seconds]


def _of_beats(strip: Strip) -> list[float]:
    """The moments of error that are beats of one side: others are those of an episode, and frame no beat."""
    both = [one.at_s for side in (strip.reference, strip.device) for one in side.marks]
    return [at for at in _inside(strip) if any(abs(one - at) <= 1 / strip.sampling_hz for one in both)]


def _side_mm(side: Side) -> float:
    return (MARKS_MM if side.has_beats else 0) + (SPANS_MM if side.spans else 0)


def _side(strip: Strip, side: Side, edge: float, *, is_above: bool) -> list[str]:
    """The marks of one side along the edge of the grid, its rhythms beyond them."""
    away = -1 if is_above else 1
    parts = []
    if side.has_beats:
        y = edge + away * 2.4
        letter_at = edge - 5.0 if is_above else edge + 7.8
        parts.append(paper.text(LEFT + 1, y + 1.2, "R" if is_above else "D", bold=True, size=3.6))
        moments = _of_beats(strip)
        here = [one for one in side.marks if strip.start_s <= one.at_s < strip.start_s + strip.seconds]
        for one in here:
            wrong = any(abs(one.at_s - at) <= NEAR_S for at in moments)
            parts.append(ecg_marks.mark(_x(strip, one.at_s), y, one, letter_at=letter_at, is_wrong=wrong))
        alone = [at for at in moments if not any(abs(one.at_s - at) <= NEAR_S for one in here)]
        parts += [ecg_marks.nothing(_x(strip, at), y) for at in alone]
    if side.spans:
        far = MARKS_MM if side.has_beats else 0.0
        y = edge - far - 1.5 if is_above else edge + far + 3.8
        if not side.has_beats:
            parts.append(paper.text(LEFT + 1, y + 1.2, "R" if is_above else "D", bold=True, size=3.6))
        parts += _spans(strip, side.spans, y)
    return parts


def _spans(strip: Strip, spans: Sequence[StripSpan], y: float) -> list[str]:
    end_s = strip.start_s + strip.seconds
    return [
        ecg_marks.span(_x(strip, max(one.start_s, strip.start_s)), _x(strip, min(one.end_s, end_s)), y, one.label)
        for one in spans
        if one.start_s < end_s and one.end_s > strip.start_s
    ]


def _seconds(start_s: float, seconds: float, y: float) -> list[str]:
    """Ticks at whole seconds of the recording, the scale at the right."""
    parts = []
    first, last = math.ceil(start_s - 1e-9), math.floor(start_s + seconds + 1e-9)
    for second in range(first, last + 1):
        x = BEGIN + (second - start_s) * paper.MM_PER_SECOND
        parts.append(
            f'<path d="M{paper.mm(x)} {paper.mm(y)}v1.3" stroke="{paper.INK}" stroke-width="0.3" fill="none"/>'
        )
        if (second - first) % 2 == 0 and second - start_s <= seconds - 1.5:
            parts.append(paper.text(x, y + 4.4, clock(second), size=2.9, anchor="middle"))
    scale = f"{paper.MM_PER_SECOND:.0f} mm/s · {paper.MM_PER_MILLIVOLT:.0f} mm/mV"
    parts.append(
        f'<text x="{paper.mm(BEGIN + _paper_mm(seconds))}" y="{paper.mm(y + 4.4)}" font-size="2.9" text-anchor="end" '
        f'fill="{paper.INK}">{scale}</text>'
    )
    return parts


def clock(second: int) -> str:
    """Time from the start of the recording.

    >>> clock(7), clock(65), clock(7265)
    ('0:07', '1:05', '2:01:05')
    """
    minutes, seconds = divmod(second, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
