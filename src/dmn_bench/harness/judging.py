"""Answers against truth: every endpoint, candidate and analysis, cut into the planned strata; flow, tables, errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .. import strata
from ..errors import Problem, ProtocolError, collect
from ..hookspecs import ComparingTask, DrawnMetric, JudgingContext
from ..inputs.recordings import annotations_of, recording_info
from ..metrics.availability import every_unit
from ..protocol import Protocol
from ..record import CurveRow, ErrorRowPart, FlowRow, PlacePart, TableRow
from ..reference_set.lesions_table import in_printed_order
from ..tasks.classification import Classification, needs_operating_point
from ..vocabulary import STATUSES, Analysis, Answer, Beats, Case, Curve, ErrorPlace, Judgements, Status, Treatment, Unit
from .estimating import Group, Judged, is_clustered, weighted
from .planned_candidates import Candidate
from .planned_structures import compared_structures, with_structures
from .planning import PlannedEndpoint, Prepared
from .region_comparison import RegionComparison, comparison_of

if TYPE_CHECKING:
    from ..vocabulary import FloatArray

ERRORS_AT_MOST = 5000  # listed for one candidate at one endpoint; the number of the others is in the record
OUT_OF_REFERENCE = {"indeterminate", "unverified", "missing"}
NOT_ANSWERED: tuple[Status, ...] = STATUSES[1:]
CALLS = (
    "sensitivity",
    "specificity",
    "ppv",
    "npv",
    "accuracy",
    "f1",
    "lr_positive",
    "lr_negative",
    "ppv_local",
    "npv_local",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Judge:
    """Judges one candidate at one endpoint."""

    prepared: Prepared
    endpoint: PlannedEndpoint
    candidate: Candidate
    answers: Mapping[str, Answer]

    def judged(self, analysis: Analysis) -> Judged:
        """The judgements of one analysis and their strata, the whole first."""
        judgements = self.endpoint.task.judge(self.endpoint.units, self.placed_answers(), self.context(analysis))
        return self._cut(judgements, analysis)

    def placed_answers(self) -> Mapping[str, Answer]:
        """The answers, with what is failed of them because its regions lie on other voxels than those of its case."""
        found = self.comparison()
        return self.answers if found is None else found.placed_answers(self.cases())

    def cases(self) -> tuple[Case, ...]:
        """Every case of the endpoint."""
        return tuple(case for unit in self.endpoint.units for case in unit.cases)

    def comparison(self) -> RegionComparison | None:
        """What compares the regions of both sides; None where the task compares none."""
        task, prepared = self.endpoint.task, self.prepared
        if not isinstance(task, ComparingTask):
            return None
        return comparison_of(prepared.reference_set, prepared.readers, task, self.answers, prepared.compared)

    def over_every_unit(self, judged: Judged) -> Judged:
        """The same with one row for each unit, whatever became of it: for metrics of availability."""
        return self._cut(every_unit(judged.judgements), judged.analysis)

    def _cut(self, judgements: Judgements, analysis: Analysis) -> Judged:
        units = self.endpoint.units
        fields = self.prepared.protocol.strata
        row_fields = tuple(judgements.row_strata)
        levels = self._in_order([name for name in _names(fields) if name not in row_fields])
        levels = {**levels, **self._lesion_levels(judgements)}
        usable = _usable(fields, units, row_fields)
        task, question = self.endpoint.task, judgements.questions
        cuts_questions = bool(question) and isinstance(task, ComparingTask)
        if question and isinstance(task, ComparingTask):  # its answers are never pooled, and its questions are few
            structures = compared_structures(task, self.prepared.reference_set)
            usable, levels = with_structures(usable, question, structures), {**levels, question: structures}
        cuts = strata.split(judgements, self.endpoint.levels, usable, levels)
        return Judged(
            candidate=self.candidate.id,
            endpoint=self.endpoint.entry.name,
            analysis=analysis,
            judgements=judgements,
            groups=[Group(stratum=cut.stratum, rows=cut.rows) for cut in cuts],
            unit_weights=self._unit_weights(),
            cuts_questions=cuts_questions,
        )

    def _unit_weights(self) -> FloatArray | None:
        """The sampling weight of each unit, which its cases share."""
        of_cases = self.prepared.reference_set.sampling_weights
        if not of_cases:
            return None
        return np.array([of_cases[unit.cases[0].case_id] for unit in self.endpoint.units], dtype=np.float64)

    def check_operating_point(self) -> None:
        """Raises ProtocolError where calls are wanted of scores alone and the protocol holds no cut."""
        metrics = [plan.metric for plan in self.endpoint.metrics]
        if not any(metric.name in CALLS or getattr(metric, "needs_calls", False) for metric in metrics):
            return
        where = f"{self.prepared.path.name}: candidates: {self.candidate.id}"
        problems = [
            Problem(
                key="protocol.no_operating_point", where=where, facts={"found": self.candidate.id, "finding": finding}
            )
            for finding in self._called_findings()
            if finding not in self.candidate.operating_points and self._needs_operating_point(finding)
        ]
        collect(problems, ProtocolError)

    def _needs_operating_point(self, finding: str) -> bool:
        task = self.endpoint.task
        if isinstance(task, Classification):
            return task.needs_operating_point(self.answers.values())
        return needs_operating_point(self.answers.values(), finding)

    def _called_findings(self) -> Sequence[str]:
        """The findings that the task calls present or not."""
        task, finding = self.endpoint.task, self.endpoint.entry.finding
        if task.name == "classification":
            return () if finding is None else (finding,)
        several: Sequence[str] | None = getattr(task, "findings", None)
        return self.prepared.reference_set.card.finding_names if several == () else several or ()

    def flow(self, judged: Judged) -> list[FlowRow]:
        """Where every eligible unit went, for each value of the reference."""
        table = judged.judgements.units
        together = Counter(zip(table.references, table.statuses, strict=True))
        rows = []
        for reference in _in_order(table.references):
            counted = Counter({status: n for (of, status), n in together.items() if of == reference})
            n, is_out = sum(counted.values()), reference in OUT_OF_REFERENCE
            statuses = {status: 0 if is_out else counted[status] for status in STATUSES}
            rows.append(
                FlowRow(
                    candidate=judged.candidate,
                    endpoint=judged.endpoint,
                    unit=self.endpoint.entry.counted_unit,
                    reference=reference,
                    eligible=n,
                    excluded={f"reference_{reference}": n} if is_out else {},
                    included=0 if is_out else n,
                    sent=0 if is_out else n - counted["not_sent"],
                    **statuses,
                )
            )
        return rows

    def tables(self, judged: Judged) -> list[TableRow]:
        """The count tables of the task."""
        return [
            TableRow(
                candidate=judged.candidate,
                endpoint=judged.endpoint,
                name=table.name,
                case_id=table.case_id,
                rows=list(table.rows),
                columns=list(table.columns),
                counts=[list(row) for row in table.counts],
            )
            for table in self.endpoint.task.tables(judged.judgements)
        ]

    def curves(self, judged: Judged) -> list[CurveRow]:
        """The curves of the task, then those of its metrics where they have enough cases; equal ones once."""
        drawn = {(curve.name, curve.x): curve for curve in self._metric_curves(judged)}
        return [
            CurveRow(
                candidate=judged.candidate,
                endpoint=judged.endpoint,
                name=curve.name,
                x=list(curve.x),
                y=list(curve.y),
                low=list(curve.low),
                high=list(curve.high),
                thresholds=list(curve.thresholds),
                sizes=list(curve.sizes),
            )
            for curve in (*self.endpoint.task.curves(judged.judgements), *drawn.values())
        ]

    def _metric_curves(self, judged: Judged) -> Iterator[Curve]:
        settings = self.prepared.protocol.statistics
        for plan in self.endpoint.metrics:
            if not isinstance(plan.metric, DrawnMetric) or plan.unavailable is not None:
                continue
            columns = plan.metric.columns(judged.judgements)
            if min(float(columns.sums[name].sum()) for name in columns.own_n) >= settings.minimum_n.estimate:
                clustered = is_clustered(judged, columns)
                drawn = columns if judged.weights is None else weighted(columns, judged.weights)
                yield from plan.metric.curves(
                    drawn, judged.patients, clustered=clustered, confidence=settings.confidence
                )

    def errors(self, judged: Judged) -> tuple[list[ErrorRowPart], int]:
        """The wrong calls and the device's non-answers, ERRORS_AT_MOST of them, and the number of the others."""
        errors = self.endpoint.task.errors(judged.judgements)
        files = {case.case_id: case.files for case in self.cases()} if any(one.place for one in errors) else {}
        listed = [
            ErrorRowPart(
                candidate=judged.candidate,
                endpoint=judged.endpoint,
                unit_id=error.unit_id,
                kind=error.kind,
                reference=error.reference,
                answer=error.answer,
                score=error.score if error.score is not None and np.isfinite(error.score) else None,
                reason=error.reason,
                place=None if error.place is None else _place_part(error.place, files.get(error.place.case_id, ())),
            )
            for error in errors[:ERRORS_AT_MOST]
        ]
        return listed, len(errors) - len(listed)

    def _in_order(self, fields: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """The levels of each field in the order of the card, met or not, then what else is met."""
        met = self.endpoint.levels.in_order(fields)
        planned = self.prepared.reference_set.card.strata
        return {
            name: tuple(dict.fromkeys((*planned[name].ordered_levels(), *levels)))
            for name, levels in met.items()
            if name in planned
        }

    def _lesion_levels(self, judgements: Judgements) -> Mapping[str, tuple[str, ...]]:
        """The levels of each field of the rows that the card cuts, in its order: those met, and those between edges."""
        planned = self.prepared.reference_set.card.lesion_strata
        return {
            name: in_printed_order(planned[name], set(levels) - {strata.EVERY_LEVEL})
            for name, levels in judgements.row_strata.items()
            if name in planned
        }

    def context(self, analysis: Analysis) -> JudgingContext:
        """What the task is handed beside units and answers."""
        root, card = self.prepared.reference_set.root, self.prepared.reference_set.card
        annotator, readers = card.reference_standard.wfdb_annotator, self.prepared.readers

        def reference_beats(case: Case) -> Beats:
            if annotator is None:
                raise ProtocolError(Problem(key="protocol.no_annotator", where=str(root / "reference_set.yaml")))
            return annotations_of(root / _record_of(case), annotator, readers)

        return JudgingContext(
            analysis=analysis,
            patients=self.prepared.reference_set.patient_codes,
            operating_point=self.candidate.operating_points.get(self.endpoint.entry.finding or ""),
            reference_beats=reference_beats,
            sampling_hz=lambda case: recording_info(root / _record_of(case), readers).sampling_hz,
            n_samples=lambda case: recording_info(root / _record_of(case), readers).n_samples,
            references=self.endpoint.references,
            operating_points=self.candidate.operating_points,
            findings=card.finding_names,
            compared=None if (found := self.comparison()) is None else found.of_case,
        )


def analyses(protocol: Protocol, answers: Mapping[str, Answer]) -> Sequence[Analysis]:
    """The three analyses of every run; a fourth, with every non-answer charged, where the site or the harness left any.

    The primary one charges the device with its own non-answers only.
    """
    device: dict[Status, Treatment] = {
        status: "apart" if status in ("not_sent", "unreadable") else "wrong" for status in NOT_ANSWERED
    }
    found = [
        Analysis(name="intention_to_diagnose", treatment=device),
        Analysis(name="evaluable", treatment={status: "apart" for status in NOT_ANSWERED}),
        Analysis(name="as_used", treatment=protocol.as_used_complete),
    ]
    if any(answer.status in ("not_sent", "unreadable") for answer in answers.values()):
        found.append(Analysis(name="all_charged", treatment={status: "wrong" for status in NOT_ANSWERED}))
    return found


def _record_of(case: Case) -> str:
    """The header file of a case's record, whatever other files of it are listed."""
    headers = [name for name in case.files if name.endswith(".hea")]
    return headers[0] if headers else case.files[0]


def _names(fields: Sequence[str | Sequence[str]]) -> list[str]:
    return [name for planned in fields for name in ([planned] if isinstance(planned, str) else planned)]


def _usable(
    fields: Sequence[str | Sequence[str]], units: Sequence[Unit], row_fields: Sequence[str]
) -> list[str | Sequence[str]]:
    """Fields that these judgements can be cut by: of the cases, or of the rows (lesion size in a detection)."""
    of_cases = set(units[0].cases[0].strata) if units and units[0].cases else set()
    known = of_cases | set(row_fields)
    return [planned for planned in fields if all(name in known for name in _names([planned]))]


def _in_order(references: Sequence[str]) -> list[str]:
    first = ["positive", "negative"]
    last = ["indeterminate", "unverified", "missing"]
    between = sorted(set(references) - {*first, *last}, key=lambda grade: (len(grade), grade))
    return [r for r in (*first, *between, *last) if r in set(references)]


def _place_part(place: ErrorPlace, files: Sequence[str]) -> PlacePart:
    """A place as the record keeps it: an image by its number among the files of the case, numbers finite."""
    names = [
        at for at, name in enumerate(files, 1) if place.image == name or (place.image or "").startswith(f"{name}/")
    ]
    box, sphere = ([float(one) for one in numbers or ()] for numbers in (place.box, place.sphere_mm))
    return PlacePart(
        case_id=place.case_id,
        lesion_id=place.about,
        image=names[0] if names and len(files) > 1 else None,
        frame=place.frame,
        box=box if box and np.isfinite(box).all() else None,
        sphere_mm=sphere if sphere and np.isfinite(sphere).all() else None,
    )
