"""Pictures of the worst errors of each kind, drawn once after judging, into the folder of the run."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from ..errors import MachineError, ReferenceSetError
from ..files import write_atomically
from ..hookspecs import ComparingTask, JudgingContext, LocatedErrors
from ..inputs.requests import case_files
from ..pictures.choosing import chosen, grades_off, group_of
from ..pictures.ecg_strip import STRIP_SECONDS, Side, Strip, is_sheet, sheet_svg, strip_svg
from ..record import ErrorRowPart, FigureFile, PicturedError, Results
from ..tasks.beat_labels import EscapeBeats
from ..vocabulary import Answer, Case, ErrorPlace, Signals, Unit
from .gathering import Gathered
from .judging import Judge, analyses
from .picture_images import ImageArtist, LeftOut, Picture
from .picture_signals import Marks, Stretch, pieces
from .planned_candidates import Candidate
from .planning import PlannedEndpoint, Prepared
from .regions import Regions

FOLDER = "figures"
BYTES_AT_MOST = 3_000_000  # of the pictures of one candidate: its report is one file
CALLS = ("false_negative", "false_positive")  # of which a whole recording or image is drawn
SIGNS = {"false_negative": -1.0, "false_positive": 1.0}  # of a score: the surer of what is wrong, the worse


class _Strip(NamedTuple):
    """A stretch of a recording."""

    svg: str
    view: None = None


StripLeftOut = Literal["unreadable"]
_Made = _Strip | Picture | LeftOut | StripLeftOut


@dataclass(frozen=True, kw_only=True)
class _Drawn:
    """One picture with its place in the order of its kind and in that of its group of a kind, both from 0."""

    endpoint: str
    place: ErrorPlace
    number: int
    rank: int
    picture: _Strip | Picture


def draw_errors(prepared: Prepared, gathered: Mapping[str, Gathered], results: Results, run_dir: Path) -> None:
    """Draw the errors that the rule of ``pictures.choosing`` chooses, and add them to ``results`` with their hashes.

    One whose file cannot be read now, or must not be shown, or whose picture no longer fits into the report, is
    counted in ``figures_left_out``. Raises MachineError if a file cannot be written.
    """
    if prepared.protocol.pictures.per_kind == 0:
        return
    for candidate in prepared.candidates:
        artist = _Artist(prepared=prepared, candidate=candidate, answers=gathered[candidate.id].answers)
        drawn: list[_Drawn] = []
        left_out = Counter[str]()
        for endpoint in prepared.endpoints:
            if candidate.id in endpoint.candidates:
                found, not_drawn = artist.pictures(endpoint, results)
                drawn += found
                left_out.update(not_drawn)
        left_out.update(_keep(drawn, candidate.id, results, run_dir))
        results.figures_left_out.update({f"{candidate.id}/{reason}": n for reason, n in left_out.items()})


def _keep(drawn: Sequence[_Drawn], candidate: str, results: Results, run_dir: Path) -> list[str]:
    """Write the pictures that fit, the worst of every kind before the second of any; why each other does not."""
    total, kept = 0, []
    for one in sorted(drawn, key=lambda one: one.rank):
        size = len(one.picture.svg.encode("utf-8"))
        if total + size <= BYTES_AT_MOST:
            total += size
            kept.append(one)
    for one in sorted(kept, key=drawn.index):
        name = re.sub(r"[^A-Za-z0-9._-]", "_", f"{one.endpoint}.{one.place.kind}.{one.number + 1}")
        path = Path(FOLDER) / candidate / f"{name}.svg"
        content = one.picture.svg.encode("utf-8")
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
                    view=one.picture.view,
                    in_case=one.place.in_case,
                    here=one.place.here,
                    about=one.place.about,
                    reference=one.place.reference,
                    answer=one.place.answer,
                    why=one.place.why,
                    why_value=one.place.why_value,
                ),
            )
        )
    return ["size" if one.picture.view is None else "image_size" for one in drawn if one not in kept]


@dataclass(frozen=True, kw_only=True)
class _Artist:
    prepared: Prepared
    candidate: Candidate
    answers: Mapping[str, Answer]

    def pictures(self, endpoint: PlannedEndpoint, results: Results) -> tuple[list[_Drawn], list[str]]:
        """The pictures of one endpoint in the order of their choice, and why the others of the chosen are not drawn."""
        judge = Judge(prepared=self.prepared, endpoint=endpoint, candidate=self.candidate, answers=self.answers)
        context = judge.context(analyses(self.prepared.protocol, self.answers)[0])
        found = self._places(endpoint, context, results)
        settings = self.prepared.protocol
        of_structures = isinstance(endpoint.task, ComparingTask)
        picked = chosen(
            found, per_kind=settings.pictures.per_kind, seed=settings.statistics.seed, by_structure=of_structures
        )
        made = self._drawn(endpoint, context, picked)
        numbers, ranks = Counter[str](), Counter[tuple[str, str]]()
        drawn, left_out = [], list[str]()
        for place, picture in zip(picked, made, strict=True):
            if isinstance(picture, str):
                left_out.append(picture)
                continue
            group = group_of(place, by_structure=of_structures)
            drawn.append(
                _Drawn(
                    endpoint=endpoint.entry.name,
                    place=place,
                    number=numbers[place.kind],
                    rank=ranks[group],
                    picture=picture,
                )
            )
            numbers[place.kind] += 1
            ranks[group] += 1
        return drawn, left_out

    def _drawn(self, endpoint: PlannedEndpoint, context: JudgingContext, picked: Sequence[ErrorPlace]) -> list[_Made]:
        """The pictures of these places, or why there is none; the cases are read one after the other, each once."""
        cases = {case.case_id: case for unit in endpoint.units for case in unit.cases}
        regions = None
        if isinstance(endpoint.task, ComparingTask):
            regions = Regions(self.prepared.reference_set, self.prepared.readers, self.prepared.compared.opened)
        of_images = ImageArtist(prepared=self.prepared, endpoint=endpoint, answers=self.answers, regions=regions)
        of_case: dict[str, list[int]] = defaultdict(list)
        for order, place in enumerate(picked):
            of_case[place.case_id].append(order)
        found: dict[int, _Made] = {}
        for case_id, orders in of_case.items():
            places = [picked[order] for order in orders]
            made: Sequence[_Made] = self._strips(endpoint, context, cases[case_id], places)
            if not made:
                made = of_images.pictures(cases[case_id], places)
            found.update(zip(orders, made, strict=True))
        return [found[order] for order in range(len(picked))]

    def _strips(
        self, endpoint: PlannedEndpoint, context: JudgingContext, case: Case, places: Sequence[ErrorPlace]
    ) -> list[_Strip | StripLeftOut]:
        """A strip of each place in a recording; [] where the files of the case hold none."""
        root, readers = self.prepared.reference_set.root, self.prepared.readers
        try:
            read = pieces(case, root, readers, [_stretch(place) for place in places])
        except (ReferenceSetError, MachineError):  # said in the record: the run is not lost for a picture
            return ["unreadable"] * len(places)
        if not read:
            return []
        marks = self._marks(endpoint, context, case)
        return [
            _Strip(_svg(place, signals, *marks)) if signals.samples.size else "unreadable"
            for place, signals in zip(places, read, strict=True)
        ]

    def _places(self, endpoint: PlannedEndpoint, context: JudgingContext, results: Results) -> Sequence[ErrorPlace]:
        if isinstance(endpoint.task, LocatedErrors):
            return endpoint.task.places(endpoint.units, self.answers, context)
        return self._called(endpoint, results)

    def _called(self, endpoint: PlannedEndpoint, results: Results) -> list[ErrorPlace]:
        """Whole recordings and images of wrong calls; the surer the device was of what is wrong, the worse."""
        units = {unit.unit_id: unit for unit in endpoint.units}
        found = []
        for row in results.errors:
            unit = units.get(row.unit_id)
            if (row.candidate, row.endpoint) != (self.candidate.id, endpoint.entry.name) or unit is None:
                continue
            off = grades_off(row.kind)
            if row.kind not in CALLS and off is None:
                continue
            found += [
                ErrorPlace(
                    case_id=case.case_id,
                    kind=row.kind,
                    in_case=SIGNS[row.kind] * (row.score or 0.0) if off is None else float(off),
                    here=0.0,
                    about=row.reason,
                    reference=row.reference,
                    answer=row.answer,
                )
                for case in self._shown_of(unit, row, endpoint.entry.finding)
            ]
        return found

    def _shown_of(self, unit: Unit, row: ErrorRowPart, finding: str | None) -> Iterable[Case]:
        """The case that shows the error of a unit: of several with images the one missed, or the one called highest."""
        if len(unit.cases) == 1:
            return unit.cases
        if not all(self._has_images(case) for case in unit.cases):
            return ()
        if row.kind == "false_negative":
            missed = [case for case in unit.cases if any(not one.ignore for one in unit.lesions.get(case.case_id, ()))]
            return (missed or list(unit.cases))[:1]
        scores = {case.case_id: self._score(case, finding) for case in unit.cases}
        return (max(unit.cases, key=lambda case: scores[case.case_id]),)

    def _score(self, case: Case, finding: str | None) -> float:
        said = self.answers[case.case_id].findings.get(finding or "")
        return -math.inf if said is None or said.score is None else said.score

    def _has_images(self, case: Case) -> bool:
        try:
            files = case_files(case, self.prepared.reference_set.root, self.prepared.readers)
        except (ReferenceSetError, MachineError):  # counted when it is to be drawn
            return True
        return any(file.reader.gives == "images" for file in files)

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
