"""Pictures of the worst errors of each kind, drawn once after judging, into the folder of the run."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import MachineError, ReferenceSetError
from ..files import write_atomically
from ..hookspecs import JudgingContext, LocatedErrors
from ..inputs.leads import neutral_leads
from ..inputs.requests import case_files
from ..pictures.choosing import chosen
from ..pictures.ecg_marks import StripMark, StripSpan, rhythm_label
from ..pictures.ecg_strip import STRIP_SECONDS, Side, Strip, is_sheet, sheet_svg, strip_svg
from ..record import FigureFile, PicturedError, Results
from ..tasks.beat_labels import EscapeBeats, aami_class
from ..vocabulary import Answer, Beats, Case, Episode, ErrorPlace, Signals, Unit
from .gathering import Gathered
from .judging import Judge, analyses
from .planning import Candidate, PlannedEndpoint, Prepared

if TYPE_CHECKING:
    from ..hookspecs import Reader

FOLDER = "figures"
BYTES_AT_MOST = 3_000_000  # of the pictures of one candidate: its report is one file
OTHER_MARKS = frozenset("[]!~|x")  # no beats, but seen beside them: flutter, noise, artefact, blocked P wave
CALLS = ("false_negative", "false_positive")  # of which a whole recording is drawn


@dataclass(frozen=True, kw_only=True)
class _Drawn:
    """One picture with its place in the order of its kind, from 0."""

    endpoint: str
    place: ErrorPlace
    rank: int
    svg: str


def draw_errors(prepared: Prepared, gathered: Mapping[str, Gathered], results: Results, run_dir: Path) -> None:
    """Draw the errors that the rule of ``pictures.choosing`` chooses, and add them to ``results`` with their hashes.

    Recordings alone are drawn. One that cannot be read now, or whose picture no longer fits into the report, is
    counted in ``figures_left_out``. Raises MachineError if a file cannot be written.
    """
    if prepared.protocol.pictures.per_kind == 0:
        return
    for candidate in prepared.candidates:
        artist = _Artist(prepared=prepared, candidate=candidate, answers=gathered[candidate.id].answers)
        drawn: list[_Drawn] = []
        unreadable = 0
        for endpoint in prepared.endpoints:
            if candidate.id in endpoint.candidates:
                found, failed = artist.pictures(endpoint, results)
                drawn += found
                unreadable += failed
        too_much = _keep(drawn, candidate.id, results, run_dir)
        for reason, n in (("unreadable", unreadable), ("size", too_much)):
            if n:
                results.figures_left_out[f"{candidate.id}/{reason}"] = n


def _keep(drawn: Sequence[_Drawn], candidate: str, results: Results, run_dir: Path) -> int:
    """Write the pictures that fit, the worst of every kind before the second of any; how many did not fit."""
    total, kept = 0, []
    for one in sorted(drawn, key=lambda one: one.rank):
        size = len(one.svg.encode("utf-8"))
        if total + size <= BYTES_AT_MOST:
            total += size
            kept.append(one)
    for one in sorted(kept, key=drawn.index):
        name = re.sub(r"[^A-Za-z0-9._-]", "_", f"{one.endpoint}.{one.place.kind}.{one.rank + 1}")
        path = Path(FOLDER) / candidate / f"{name}.svg"
        content = one.svg.encode("utf-8")
        write_atomically(run_dir / path, content)
        results.figures.append(
            FigureFile(
                path=path.as_posix(),
                sha256=hashlib.sha256(content).hexdigest(),
                error=PicturedError(
                    candidate=candidate,
                    endpoint=one.endpoint,
                    kind=one.place.kind,
                    case_id=one.place.case_id,
                    start_s=one.place.start_s,
                    end_s=one.place.end_s,
                    in_case=one.place.in_case,
                    here=one.place.here,
                    about=one.place.about,
                    reference=one.place.reference,
                    answer=one.place.answer,
                ),
            )
        )
    return len(drawn) - len(kept)


@dataclass(frozen=True, kw_only=True)
class _Artist:
    prepared: Prepared
    candidate: Candidate
    answers: Mapping[str, Answer]

    def pictures(self, endpoint: PlannedEndpoint, results: Results) -> tuple[list[_Drawn], int]:
        """The pictures of one endpoint in the order of their choice, and how many recordings could not be read."""
        judge = Judge(prepared=self.prepared, endpoint=endpoint, candidate=self.candidate, answers=self.answers)
        context = judge.context(analyses(self.prepared.protocol, self.answers)[0])
        cases = {case.case_id: case for unit in endpoint.units for case in unit.cases}
        found = self._places(endpoint, context, results)
        settings = self.prepared.protocol
        picked = chosen(found, per_kind=settings.pictures.per_kind, seed=settings.statistics.seed)
        of_case: dict[str, list[tuple[int, ErrorPlace]]] = defaultdict(list)
        for order, place in enumerate(picked):
            of_case[place.case_id].append((order, place))
        svgs: dict[int, str] = {}
        unreadable = 0
        for case_id, places in of_case.items():
            try:
                signals = _signals(cases[case_id], self.prepared.reference_set.root, self.prepared.readers)
            except (ReferenceSetError, MachineError):  # it was read before: said in the record, the run is not lost
                unreadable += len(places)
                continue
            if signals is not None:
                sides = self._sides(endpoint, context, cases[case_id])
                svgs.update({order: _svg(place, signals, *sides) for order, place in places})
        ranks: dict[str, int] = defaultdict(int)
        drawn = []
        for order, place in enumerate(picked):
            if order in svgs:
                drawn.append(_Drawn(endpoint=endpoint.entry.name, place=place, rank=ranks[place.kind], svg=svgs[order]))
                ranks[place.kind] += 1
        return drawn, unreadable

    def _places(self, endpoint: PlannedEndpoint, context: JudgingContext, results: Results) -> Sequence[ErrorPlace]:
        if isinstance(endpoint.task, LocatedErrors):
            return endpoint.task.places(endpoint.units, self.answers, context)
        return self._called(endpoint, results)

    def _called(self, endpoint: PlannedEndpoint, results: Results) -> list[ErrorPlace]:
        """Whole recordings of wrong calls; the surer the device was of what is wrong, the worse."""
        case_of = {unit.unit_id: unit.cases[0].case_id for unit in endpoint.units if _has_one_case(unit)}
        sign = {"false_negative": -1.0, "false_positive": 1.0}
        return [
            ErrorPlace(
                case_id=case_of[row.unit_id],
                kind=row.kind,
                in_case=sign[row.kind] * (row.score or 0.0),
                here=0.0,
                about=row.reason,
                reference=row.reference,
                answer=row.answer,
            )
            for row in results.errors
            if (row.candidate, row.endpoint) == (self.candidate.id, endpoint.entry.name)
            and row.kind in CALLS
            and row.unit_id in case_of
        ]

    def _sides(self, endpoint: PlannedEndpoint, context: JudgingContext, case: Case) -> tuple[Side, Side]:
        """What the reference and the device mark in a recording."""
        answer = self.answers[case.case_id]
        hertz = 1.0 if context.sampling_hz is None else context.sampling_hz(case)
        escape_beats = _escape_beats(endpoint)
        annotated = self.prepared.reference_set.card.reference_standard.wfdb_annotator is not None
        reference = None if not annotated or context.reference_beats is None else context.reference_beats(case)
        return (
            _side(None if reference is None else _at_rate(reference, hertz), (), escape_beats),
            _side(None if answer.beats is None else _at_rate(answer.beats, hertz), answer.episodes or (), escape_beats),
        )


def _has_one_case(unit: Unit) -> bool:
    return len(unit.cases) == 1


def _escape_beats(endpoint: PlannedEndpoint) -> EscapeBeats:
    return "N" if getattr(endpoint.task, "escape_beats", "S") == "N" else "S"


def _at_rate(beats: Beats, hertz: float) -> Beats:
    """The beats with the rate of their samples stated."""
    if beats.sampling_hz:
        return beats
    return Beats(
        samples=beats.samples,
        symbols=beats.symbols,
        subtypes=beats.subtypes,
        notes=beats.notes,
        sampling_hz=hertz,
    )


def _side(beats: Beats | None, episodes: Sequence[Episode], escape_beats: EscapeBeats) -> Side:
    spans = [StripSpan(start_s=one.start_s, end_s=one.end_s, label=rhythm_label(one.label) or "·") for one in episodes]
    if beats is None:
        return Side(spans=spans)
    hertz = beats.sampling_hz or 1.0
    marks = [
        StripMark(at_s=int(at) / hertz, symbol=symbol, beat_class=name or "")
        for at, symbol in zip(beats.samples, beats.symbols, strict=True)
        if (name := aami_class(symbol, escape_beats)) or symbol in OTHER_MARKS
    ]
    return Side(marks=marks, spans=[*spans, *_rhythms(beats, hertz)], has_beats=True)


def _rhythms(beats: Beats, hertz: float) -> list[StripSpan]:
    """Stretches from one rhythm annotation to the next; notes that name no rhythm are left out."""
    notes = beats.notes or ("",) * len(beats.symbols)
    changes = [
        (int(at) / hertz, label)
        for at, symbol, note in zip(beats.samples, beats.symbols, notes, strict=True)
        if symbol == "+" and note.startswith("(") and (label := rhythm_label(note))
    ]
    ends = [*(start for start, _ in changes), float("inf")][1:]
    return [StripSpan(start_s=start, end_s=end, label=label) for (start, label), end in zip(changes, ends, strict=True)]


def _signals(case: Case, root: Path, readers: Sequence[Reader]) -> Signals | None:
    """The recording of a case under neutral lead names; None where its files hold none."""
    for file in case_files(case, root, readers):
        if file.reader.gives == "signals":
            _, signals, _ = file.reader.read(file.path)
            if signals is not None:
                return Signals(
                    samples=signals.samples, sampling_hz=signals.sampling_hz, leads=neutral_leads(signals.leads)
                )
    return None


def _svg(place: ErrorPlace, signals: Signals, reference: Side, device: Side) -> str:
    hertz = signals.sampling_hz
    start_s = place.start_s or 0.0
    end_s = place.end_s if place.end_s is not None else start_s + STRIP_SECONDS
    begin = round(start_s * hertz)
    is_whole = place.start_s is None
    strip = Strip(
        leads=signals.leads,
        millivolts=signals.samples[begin : round(end_s * hertz)],
        sampling_hz=hertz,
        start_s=begin / hertz,
        reference=Side() if is_whole else reference,
        device=Side() if is_whole else device,
        moments_s=place.moments_s,
    )
    draw = sheet_svg if is_whole and is_sheet(signals.leads) else strip_svg
    return draw(strip, title=f"{place.kind} {place.case_id}", description=", ".join(signals.leads))
