"""The pluggy hooks, and the protocol of what each returns: what the author of an extension reads.

A hook is ``register_`` and a plural noun, takes nothing, returns a list of classes and does nothing else::

    @hookimpl
    def register_metrics():
        return [Sensitivity, Specificity]

A part is a class with a ``name``; its options are the fields of a frozen keyword-only dataclass, given in the protocol
YAML under the same names. Nothing heavy is imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, runtime_checkable

import pluggy

from .case_keys import CaseKeys as CaseKeys
from .case_keys import GridPlane as GridPlane
from .case_keys import KnownImage as KnownImage
from .case_keys import VoxelGrid as VoxelGrid
from .child_program import ChildProgram as ChildProgram

if TYPE_CHECKING:
    from pathlib import Path

    from ..vocabulary import (
        Analysis,
        Answer,
        AskedAnswer,
        Beats,
        Block,
        Case,
        Columns,
        Curve,
        EcgReport,
        ErrorPlace,
        ErrorRow,
        FloatArray,
        Image,
        IntArray,
        Interval,
        Judgements,
        NotEstimable,
        OperatingPoint,
        ReferenceValue,
        RegionPair,
        Scale,
        Signals,
        Table,
        Totals,
        Unit,
    )

PROJECT = "dmn_bench"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

PART_KINDS = ("reader", "adapter", "task", "metric", "report_section")


# ------------------------------------------------------------------------------------------------------- metrics


class Metric(Protocol):
    """One way to sum up judgements: ``columns`` and the ``value`` of their weighted totals.

    With these two a metric has clustered bootstrap intervals, strata and comparisons without knowing them.
    """

    name: ClassVar[str]  # the field's word: "sensitivity"
    tasks: ClassVar[tuple[str, ...]]  # names of the tasks whose judgements it understands
    scale: ClassVar[Scale]  # how it is printed
    better: ClassVar[Literal["higher", "lower"]]

    def columns(self, judgements: Judgements) -> Columns:
        """Additive columns of these judgements, one entry per row; pure."""
        ...

    def value(self, totals: Totals) -> FloatArray:
        """The metric for each of b weightings: [b], NaN where it is undefined (an empty denominator)."""
        ...


@runtime_checkable
class ClosedFormMetric(Protocol):
    """A metric that also has a closed-form interval; without it the patient bootstrap gives one."""

    def interval(
        self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float
    ) -> Interval | NotEstimable:
        """Confidence interval of the estimate. ``patients`` [n]: codes; ``clustered``: some patient has two units."""
        ...


@runtime_checkable
class ExactMetric(Protocol):
    """A metric with an exact interval for acceptance rules; without it a rule uses the metric's own interval."""

    def acceptance_interval(
        self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float
    ) -> Interval | NotEstimable:
        """Interval with guaranteed coverage, for verdicts."""
        ...


@runtime_checkable
class ExplainedMetric(Protocol):
    """A metric that says why it has no value where ``value`` is NaN; without it the reason is ``undefined``."""

    def why_undefined(self, columns: Columns) -> NotEstimable:
        """The reason, from the columns of the rows at hand."""
        ...


@runtime_checkable
class TargetMetric(Protocol):
    """A metric that is best at one value and worse on both sides of it: a bias at 0, a calibration slope at 1.

    No device is better for a higher or a lower one, so that no claim of superiority or non-inferiority is tested on it.
    """

    target: ClassVar[float]


@runtime_checkable
class UnboundedMetric(Protocol):
    """A metric that is infinite where too much was missed; its limits, one of them finite perhaps, still decide a rule.

    ``why_infinite``: the reason that ``why_undefined`` gives then. Infinite is the worst there is, so that no rule is
    met by it, and one that a bad device would not meet is not left open by missing more.
    """

    why_infinite: ClassVar[str]


@runtime_checkable
class DrawnMetric(Protocol):
    """A metric with curves of its own, drawn for the whole set in the primary analysis."""

    def curves(self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float) -> Sequence[Curve]:
        """The curves, () when there is nothing to draw; one of the same name and x as another is drawn once."""
        ...


# --------------------------------------------------------------------------------------------------------- tasks


@dataclass(frozen=True, kw_only=True)
class JudgingContext:
    """What a task is handed beside units and answers.

    ``patients``: patient_id -> code, for the whole set. ``operating_point``: the candidate's for the endpoint's
    finding, None when the protocol gives none (then labels are needed). ``reference_beats``: loads a case's reference
    annotations. ``sampling_hz``: of a case's record. ``n_samples``: length of a case's record.
    ``references``: of any finding of the set, what is stated for each unit of the endpoint, by unit_id.
    ``operating_points``: all of the candidate's, by finding. ``findings``: all of the set, for tasks that judge
    several. ``compared``: structure -> what a ``ComparingTask`` measured in a case, for each structure that the
    reference delineates there; of a case without an answer as of one that says nothing of any structure. A case of
    several images is asked for image by image, see ``reference_set.case_images``.
    """

    analysis: Analysis
    patients: Mapping[str, int]
    operating_point: OperatingPoint | None = None
    reference_beats: Callable[[Case], Beats] | None = None
    sampling_hz: Callable[[Case], float] | None = None
    n_samples: Callable[[Case], int] | None = None
    references: Callable[[str], Mapping[str, ReferenceValue | None]] | None = None
    operating_points: Mapping[str, OperatingPoint] = field(default_factory=dict)
    findings: tuple[str, ...] = ()
    compared: Callable[[Case], Mapping[str, Mapping[str, float]]] | None = None


class Task(Protocol):
    """What a right answer is. Pure: no files, clock, print or chance of its own."""

    name: ClassVar[str]

    def judge(self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext) -> Judgements:
        """Judge every unit, joined to ``answers`` by case_id; total over every kind of answer, ``answers`` complete."""
        ...

    def tables(self, judgements: Judgements) -> Sequence[Table]:
        """Counts to print before any estimate (confusion matrix …)."""
        ...

    def curves(self, judgements: Judgements) -> Sequence[Curve]:
        """Curves worth drawing (ROC, FROC), at most a few hundred points each."""
        ...

    def errors(self, judgements: Judgements) -> Sequence[ErrorRow]:
        """The wrong calls, for review by a clinician."""
        ...


@runtime_checkable
class LocatedErrors(Protocol):
    """A task that says where in a case its errors are; of another task's errors the whole case is drawn."""

    def places(
        self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext
    ) -> Sequence[ErrorPlace]:
        """Where the wrong calls of the answered cases are, in any order; what is drawn of them is chosen later."""
        ...


@runtime_checkable
class ComparingTask(Protocol):
    """A task that compares regions voxel by voxel: once for each case, however often it is judged afterwards."""

    @property
    def compared_structures(self) -> tuple[str, ...]:
        """The structures to compare; () for all that the reference set delineates."""
        ...

    def compare(self, pair: RegionPair) -> Mapping[str, float]:
        """What is measured of one structure of one case, by name; pure. Numbers may be infinite."""
        ...


# ------------------------------------------------------------------------------------------------------- readers


class Reader(Protocol):
    """One file format: headers without pixels, and the decoded content."""

    name: ClassVar[str]  # "dicom-image", "raster", "wfdb", "dicom-ecg"
    gives: ClassVar[Literal["images", "signals"]]

    def recognises(self, path: Path) -> bool:
        """Whether this reader is the one for the file: by its content, not by its name alone."""
        ...

    def problems(self, path: Path) -> Sequence[str]:
        """Wording keys of what is wrong with the file (truncated, wrong number of samples …), () when sound."""
        ...

    def header(self, path: Path) -> Mapping[str, str]:
        """Attributes by DICOM keyword (Manufacturer, PatientSex, SOPInstanceUID …) as text, without decoding pixels."""
        ...

    def read(self, path: Path) -> tuple[Sequence[Image], Signals | None, Sequence[str]]:
        """Decoded images or signals, and the decoders used as "syntax package version". Raises InputFileError."""
        ...

    def deidentified_copy(self, path: Path, folder: Path, name: str) -> Sequence[Path]:
        """Write the minimal de-identified copy that a candidate may see, named ``name``; the paths written."""
        ...


@runtime_checkable
class ReportingReader(Protocol):
    """A reader of files that hold statements and measurements beside the samples."""

    def report(self, path: Path) -> EcgReport:
        """What the file says of the recording, without identity; an empty report where it says nothing.

        Raises InputFileError if the file cannot be read.
        """
        ...


@runtime_checkable
class NamingReader(Protocol):
    """A reader of files that name persons in fields that ``header`` does not give."""

    def persons(self, path: Path) -> Sequence[str]:
        """Names and numbers of the patient, physicians and technicians, for keeping them out of a set and nothing else.

        Raises InputFileError if the file cannot be read.
        """
        ...


@runtime_checkable
class StreamingReader(Protocol):
    """A reader of recordings that gives them piece by piece, so that those of many hours fit in memory."""

    def blocks(self, path: Path) -> Iterator[Signals]:
        """What ``read`` gives, cut in time, in order: pieces of any length, each with the same leads and rate.

        Raises InputFileError if the file cannot be read, at the latest where the damage is reached.
        """
        ...


@runtime_checkable
class SeveralFilesReader(Protocol):
    """A reader of recordings that lie in several files beside each other."""

    def files(self, path: Path) -> Sequence[Path]:
        """Every file that reading opens and that is there, the one of the recording first; no annotations.

        Raises InputFileError if the recording does not say which they are.
        """
        ...


# ------------------------------------------------------------------------------------------------------ adapters


class LiveAdapter(Protocol):
    """A way to ask a candidate one request at a time, through a program run in a sealed child."""

    name: ClassVar[str]
    receives: str  # "array" | "dicom" | "wfdb"

    def program(self, base: Path, entry_options: Mapping[str, object]) -> ChildProgram:
        """What to start. ``base``: folder of the candidate's package, relative paths start there.

        Raises CandidateError with every problem of the options.
        """
        ...

    def identity(self, base: Path) -> Mapping[str, str]:
        """sha256 of every file that makes up the candidate, by relative path: part of the hash of what is asked."""
        ...


class FileAdapter(Protocol):
    """A way to take answers from files that a vendor delivered; runs no vendor code."""

    name: ClassVar[str]

    def answers(self, cases: Sequence[CaseKeys], base: Path) -> Iterable[AskedAnswer]:
        """Exactly one answer per case, in the order given; a case without output is ``failed``.

        Raises CandidateError listing every id in the files that names no case of the set, and every other problem.
        """
        ...

    def identity(self, base: Path) -> Mapping[str, str]:
        """sha256 of every file read, by relative path."""
        ...


# -------------------------------------------------------------------------------------------------------- report


class ReportSection(Protocol):
    """One section of the report: blocks from the record, computing nothing."""

    name: ClassVar[str]
    order: ClassVar[int]  # sections are printed by (order, name)

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """The section for one candidate in one language; () when there is nothing to say."""
        ...


# ---------------------------------------------------------------------------------------------------- the hooks


class Hooks:
    """Every hook of dmn-bench. An extension implements any of them; an unknown name is an error at start."""

    @hookspec
    def register_readers(self) -> list[type[Reader]]:  # type: ignore[empty-body]
        """Classes that read a file format."""

    @hookspec
    def register_adapters(self) -> list[type[LiveAdapter] | type[FileAdapter]]:  # type: ignore[empty-body]
        """Classes that get answers from a candidate."""

    @hookspec
    def register_tasks(self) -> list[type[Task]]:  # type: ignore[empty-body]
        """Classes that say what a right answer is."""

    @hookspec
    def register_metrics(self) -> list[type[Metric]]:  # type: ignore[empty-body]
        """Classes that sum up judgements."""

    @hookspec
    def register_report_sections(self) -> list[type[ReportSection]]:  # type: ignore[empty-body]
        """Classes that return a section of the report as blocks."""

    @hookspec
    def register_candidates(self) -> list[Path]:  # type: ignore[empty-body]
        """Folders that hold a candidate.yaml. Returned by trusted packages; the harness registers the manifests."""
