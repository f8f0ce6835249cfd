"""Pictures of the worst errors of each kind, drawn once after judging, into the folder of the run."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import MachineError, ReferenceSetError
from ..files import write_atomically
from ..hookspecs import JudgingContext, LocatedErrors
from ..pictures.choosing import chosen
from ..pictures.ecg_strip import STRIP_SECONDS, Side, Strip, is_sheet, sheet_svg, strip_svg
from ..record import FigureFile, PicturedError, Results
from ..tasks.beat_labels import EscapeBeats
from ..vocabulary import Answer, Case, ErrorPlace, Signals, Unit
from .gathering import Gathered
from .judging import Judge, analyses
from .picture_signals import Marks, Stretch, pieces
from .planned_candidates import Candidate
from .planning import PlannedEndpoint, Prepared

FOLDER = "figures"
BYTES_AT_MOST = 3_000_000  # of the pictures of one candidate: its report is one file
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
        found = self._places(endpoint, context, results)
        settings = self.prepared.protocol
        picked = chosen(found, per_kind=settings.pictures.per_kind, seed=settings.statistics.seed)
        svgs, unreadable = self._drawn(endpoint, context, picked)
        ranks: dict[str, int] = defaultdict(int)
        drawn = []
        for order, place in enumerate(picked):
            if order in svgs:
                drawn.append(_Drawn(endpoint=endpoint.entry.name, place=place, rank=ranks[place.kind], svg=svgs[order]))
                ranks[place.kind] += 1
        return drawn, unreadable

    def _drawn(
        self, endpoint: PlannedEndpoint, context: JudgingContext, picked: Sequence[ErrorPlace]
    ) -> tuple[dict[int, str], int]:
        """The pictures of these places by their order, each recording read once; how many could not be drawn."""
        cases = {case.case_id: case for unit in endpoint.units for case in unit.cases}
        root, readers = self.prepared.reference_set.root, self.prepared.readers
        of_case: dict[str, list[int]] = defaultdict(list)
        for order, place in enumerate(picked):
            of_case[place.case_id].append(order)
        svgs: dict[int, str] = {}
        unreadable = 0
        for case_id, orders in of_case.items():
            try:
                read = pieces(cases[case_id], root, readers, [_stretch(picked[order]) for order in orders])
            except (ReferenceSetError, MachineError):  # said in the record: the run is not lost for a picture
                unreadable += len(orders)
                continue
            if not read:  # images, which have no pictures of this kind
                continue
            marks = self._marks(endpoint, context, cases[case_id])
            for order, signals in zip(orders, read, strict=True):
                if signals.samples.size:
                    svgs[order] = _svg(picked[order], signals, *marks)
            unreadable += sum(not signals.samples.size for signals in read)
        return svgs, unreadable

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

    def _marks(self, endpoint: PlannedEndpoint, context: JudgingContext, case: Case) -> tuple[Marks, Marks]:
        """What the reference and the device mark in a recording."""
        answer = self.answers[case.case_id]
        is_annotated = self.prepared.reference_set.card.reference_standard.wfdb_annotator is not None
        stated = context.reference_beats(case) if is_annotated and context.reference_beats is not None else None
        has_marks = stated is not None or answer.beats is not None
        hertz = context.sampling_hz(case) if has_marks and context.sampling_hz is not None else 1.0
        escape: EscapeBeats = "N" if getattr(endpoint.task, "escape_beats", "S") == "N" else "S"
        return (
            Marks(beats=stated, episodes=(), hertz=hertz, escape_beats=escape),
            Marks(beats=answer.beats, episodes=answer.episodes or (), hertz=hertz, escape_beats=escape),
        )


def _has_one_case(unit: Unit) -> bool:
    return len(unit.cases) == 1


def _stretch(place: ErrorPlace) -> Stretch:
    """What is drawn of a place: of a whole case its first ten seconds."""
    if place.start_s is None or place.end_s is None:
        return Stretch(0.0, STRIP_SECONDS)
    return Stretch(place.start_s, place.end_s)


def _svg(place: ErrorPlace, signals: Signals, reference: Marks, device: Marks) -> str:
    stretch, is_whole = _stretch(place), place.start_s is None
    strip = Strip(
        leads=signals.leads,
        millivolts=signals.samples,
        sampling_hz=signals.sampling_hz,
        start_s=round(stretch.start_s * signals.sampling_hz) / signals.sampling_hz,
        reference=Side() if is_whole else reference.within(stretch),
        device=Side() if is_whole else device.within(stretch),
        moments_s=place.moments_s,
    )
    draw = sheet_svg if is_whole and is_sheet(signals.leads) else strip_svg
    return draw(strip, title=f"{place.kind} {place.case_id}", description=", ".join(signals.leads))
