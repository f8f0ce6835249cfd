"""The facts that travel between rooms: frozen records without behaviour.

Coordinates: pixel positions are continuous; (0, 0) is the outer top-left corner of the first pixel, x grows to the
right (columns), y downwards (rows). Frames start at 1. Millimetres are DICOM patient coordinates (LPS).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from .blocks import Block as Block
from .blocks import Facts as Facts
from .blocks import Figure as Figure
from .blocks import Grid as Grid
from .blocks import Heading as Heading
from .blocks import Paragraph as Paragraph
from .recordings import Beats as Beats
from .recordings import EcgReport as EcgReport
from .recordings import EcgStatement as EcgStatement
from .recordings import Episode as Episode
from .recordings import Measurement as Measurement
from .recordings import SignalForm as SignalForm
from .recordings import Signals as Signals
from .regions import Contour as Contour
from .regions import Lesion as Lesion
from .regions import Mark as Mark
from .regions import Mask as Mask
from .regions import RegionPair as RegionPair
from .regions import SpacingSource as SpacingSource

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from .arrays import BoolArray as BoolArray
    from .arrays import FloatArray as FloatArray
    from .arrays import IntArray as IntArray

Language = Literal["en", "fr"]

Status = Literal["answered", "indeterminate", "abstained", "rejected_input", "failed", "not_sent", "unreadable"]
"""What happened to a case: the first five are the device's, ``not_sent`` the site's, ``unreadable`` the harness's."""

STATUSES: tuple[Status, ...] = (
    "answered",
    "indeterminate",
    "abstained",
    "rejected_input",
    "failed",
    "not_sent",
    "unreadable",
)
CAUSED_BY: Mapping[Status, Literal["device", "site", "harness"]] = {
    "answered": "device",
    "indeterminate": "device",
    "abstained": "device",
    "rejected_input": "device",
    "failed": "device",
    "not_sent": "site",
    "unreadable": "harness",
}

Label = Literal["positive", "negative", "indeterminate"]
ReferenceValue = str
"""``positive | negative | indeterminate | unverified``, a grade or a number as written in truth.csv."""

Treatment = Literal["wrong", "apart", "positive", "negative"]
"""What an analysis does with a non-answer: counts it wrong, sets it apart (not in n), or reads it as a call."""

NOT_RECORDED = "not recorded"
"""The level of a stratum field whose value is missing. A level like any other: never dropped."""
SEVERAL_VALUES = "several values"
"""The level of a unit whose cases carry different values of a field (an exam of two views, by view)."""


# ---------------------------------------------------------------------------------------------- the reference set


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One row of cases.csv and one request. Carries no truth: it has no field for it."""

    case_id: str
    patient_id: str  # the case's own id where cases.csv leaves it empty
    exam_id: str  # likewise
    laterality: str  # "L", "R", "B" or ""
    files: tuple[str, ...]  # as written in cases.csv, relative to the folder of the set
    strata: Mapping[str, str]  # field -> level, every field of the card, NOT_RECORDED where missing


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """What is counted once: an exam, an eye, a patient or a case, with the truth stated for it."""

    unit_id: str
    patient_id: str
    cases: tuple[Case, ...]
    reference: ReferenceValue | None  # None: truth.csv says nothing for this unit and finding
    lesions: Mapping[str, tuple[Lesion, ...]] = field(default_factory=dict)  # case_id -> lesions of the finding


# ------------------------------------------------------------------------------------------------------- requests


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """One decoded image as a candidate receives it.

    ``pixels``: [rows, columns] or [frames, rows, columns] for grey, [rows, columns, 3] for RGB (uint8), dtype as
    decoded; grey values after modality LUT, VOI LUT or window and the inversion of MONOCHROME1 unless the reader was
    asked for less. ``spacing_mm`` is (row, column) with its source, or None when the file states none.
    """

    name: str  # neutral: "image-1", "image-2" …, in the order of Case.files
    pixels: NDArray[np.generic]
    photometric: Literal["grey", "rgb"]
    spacing_mm: tuple[float, float] | None = None
    spacing_source: SpacingSource | None = None
    n_frames: int = 1  # pixels has a leading frame axis when > 1
    modality: str = ""  # DICOM modality code where known
    view: str = ""  # ViewPosition where known
    laterality: str = ""
    bits_stored: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What one candidate is asked about one case. No truth, no strata, no identity; the id is random in each run."""

    request_id: str
    images: tuple[Image, ...] = ()
    signals: Signals | None = None
    files: tuple[Path, ...] = ()  # minimal de-identified copies under neutral names, when the candidate receives files


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Kept on our side of the wall: what a request was made from, to read the answer back in the set's own names."""

    case_id: str
    images: Mapping[str, str]  # neutral image name -> path as in Case.files
    sop_instance_uids: Mapping[str, str]  # SOP Instance UID -> path as in Case.files
    decoders: tuple[str, ...] = ()  # "1.2.840.10008.1.2.4.90 pylibjpeg-openjpeg 2.6.0", one for each decoded syntax
    image_sizes: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # path -> (columns, rows) in px
    originals: Mapping[str, str] = field(default_factory=dict)  # SOP Instance UID of a copy -> that of the set's file
    sampling_hz: float | None = None  # of the signals of the request where they were resampled; None: as recorded


# -------------------------------------------------------------------------------------------------------- answers


@dataclass(frozen=True, kw_only=True, slots=True)
class FindingAnswer:
    """What was said of one finding: a score, a label or both; a label of doubt is ``indeterminate``."""

    score: float | None = None  # finite, any scale, higher means more likely positive
    label: Label | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GradeAnswer:
    """An ordinal grade, and where given a score per grade."""

    grade: int | None = None
    scores: tuple[float, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What one candidate said of one case, in the set's own names. Never missing: silence is a status."""

    case_id: str
    status: Status
    reason: str = ""
    findings: Mapping[str, FindingAnswer] = field(default_factory=dict)
    grades: Mapping[str, GradeAnswer] = field(default_factory=dict)
    marks: tuple[Mark, ...] | None = None  # None: said nothing about marks; (): looked and found none
    beats: Beats | None = None
    episodes: tuple[Episode, ...] | None = None  # None: said nothing about them; (): looked and found none
    masks: tuple[Mask, ...] | None = None  # None: said nothing about them
    contours: tuple[Contour, ...] | None = None
    measurements: Mapping[str, Measurement] = field(default_factory=dict)
    finding_statuses: Mapping[str, Status] = field(default_factory=dict)  # where one finding's differs from ``status``
    laterality: str = ""  # "L", "R" or "B" where the device says of which side its answer is, else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedAnswer:
    """An answer with how it came about: goes to ``observed``, never to ``results``."""

    answer: Answer
    attempt: int = 1
    seconds: float | None = None  # wall, one request
    cpu_seconds: float | None = None  # processor time in the candidate's process
    peak_memory_mb: float | None = None
    is_warm_up: bool = False  # the first request of a child whose model was just loaded
    n_pixels: int | None = None  # of all images of the request, every frame counted
    record_seconds: float | None = None  # length of the recording of the request


@dataclass(frozen=True, kw_only=True, slots=True)
class OperatingPoint:
    """Never tuned on the set: positive from ``score_at_least`` on, below it doubt from ``doubt_from`` on."""

    score_at_least: float
    doubt_from: float | None = None
    source: str = ""


# ------------------------------------------------------------------------------------------------------ judgements


@dataclass(frozen=True, kw_only=True, slots=True)
class Analysis:
    """How the states of an answer are counted. ``treatment`` has an entry for every status but ``answered``."""

    name: Literal["intention_to_diagnose", "evaluable", "as_used", "all_charged"]
    treatment: Mapping[Status, Treatment]


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitTable:
    """One row for each unit of the endpoint, whatever became of it: the flow of cases is counted here."""

    unit_ids: tuple[str, ...]  # [u]
    patients: IntArray  # [u] codes from 0; the same code is the same patient in the whole set
    statuses: tuple[Status, ...]  # [u] after combining the cases of a unit
    references: tuple[str, ...]  # [u] "positive", "negative", a grade, "indeterminate", "unverified", "missing"
    reasons: tuple[str, ...]  # [u] why unanswered, "" when answered
    diseased: FloatArray | None = None  # [u] 1, 0, NaN for neither; None: as ``references`` says positive or negative


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgements:
    """Answers against truth as columns: one row for each thing counted, all arrays of length n.

    Most tasks have one row per unit. Detection has rows of several kinds (column ``kind``), beats one row per record
    with counts. Rows that an analysis sets apart are absent here and present in ``units``. Where a unit has a row for
    each of several questions, ``questions`` names the field of ``row_strata`` that tells them apart: what is known of
    a unit (its reference, whether it was answered) is then in the columns ``reference`` and ``unanswered``.
    """

    task: str
    units: UnitTable
    row_units: IntArray  # [n] index into ``units``
    columns: Mapping[str, FloatArray]  # [n] each; what they mean is documented by the task
    row_strata: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # [n] lesion-level fields, if any
    unit: str = ""  # UCUM code of what metrics of the scale "measured" are in
    questions: str = ""  # "statement": the rows of a unit answer several questions; "": one question
    row_marks: tuple[tuple[str, Lesion | Mark] | None, ...] = ()  # [n] case_id and what a row is about; () for none


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """What a metric takes from judgements: additive columns, and columns counted at each row's score.

    ``sums``: name -> [n], finite. By convention ``numerator`` and ``denominator`` exist for every proportion.
    ``ranked``: name -> [n] weights counted at ``scores`` [n] (−inf and +inf allowed, no NaN), for ROC-like metrics.
    ``own_n``: the names of ``sums`` whose smallest total is the estimate's own denominator (minimum-n rule).
    """

    sums: Mapping[str, FloatArray]
    ranked: Mapping[str, FloatArray] = field(default_factory=dict)
    scores: FloatArray | None = None
    own_n: tuple[str, ...] = ("denominator",)


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """Weighted totals of ``Columns`` for b weightings at once (b = 1 for the estimate itself).

    ``sums``: name -> [b]. ``ranked``: name -> [b, c] totals at each of the c distinct ``scores`` [c], ascending.
    """

    sums: Mapping[str, FloatArray]
    ranked: Mapping[str, FloatArray] = field(default_factory=dict)
    scores: FloatArray | None = None


Scale = Literal["share", "ratio", "agreement", "count", "milliseconds", "seconds", "measured"]
"""How the value of a metric is printed; ``measured``: with the unit of its judgements."""


class Interval(NamedTuple):
    """Two-sided confidence limits with the name of their method and the effective number of units behind them."""

    low: float
    high: float
    method: str
    effective_n: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NotEstimable:
    """The absence of a number, with its reason: a key of the wordings and the facts it needs."""

    reason: str  # wording key: "one_class", "no_denominator", "too_few", "one_patient" …
    facts: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Counts by row and column: a confusion matrix, the EC57 beat table."""

    name: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[float, ...], ...]
    case_id: str | None = None  # None: over all cases


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """A line of points: ``roc`` (x = 1 − specificity, y = sensitivity), ``froc`` (x = false positives per image)."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    thresholds: tuple[float | None, ...] = ()  # None: above every score
    low: tuple[float, ...] = ()  # limits of y, where there are any
    high: tuple[float, ...] = ()
    sizes: tuple[int, ...] = ()  # units behind each point, where points are groups


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorRow:
    """One wrong call, for the list that a clinician reviews. Local ids only."""

    unit_id: str
    kind: str  # "false_negative", "false_positive", "unanswered", "grade_off_by_2" …
    reference: str
    answer: str
    score: float | None = None
    reason: str = ""
    place: ErrorPlace | None = None  # where in the case, of an error that lies somewhere


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorPlace:
    """Where errors of one kind are in a case, so that they can be drawn; places of a kind in a case do not overlap.

    ``start_s``, ``end_s``: the stretch of the recording that shows them, None for the whole. ``moments_s``: the single
    errors within it. ``in_case`` and ``here`` rank places, larger is worse: first by what is wrong in the case, then by
    what is wrong in this place of it (numbers of beats, seconds of an episode, distance of a score from the cut).
    """

    case_id: str
    kind: str  # as in ErrorRow
    in_case: float
    here: float
    start_s: float | None = None
    end_s: float | None = None
    moments_s: tuple[float, ...] = ()
    image: str | None = None  # path as in Case.files, where a case has several images
    frame: int | None = None  # from 1
    box: tuple[float, float, float, float] | None = None  # px: x, y, width and height of what is wrong
    sphere_mm: tuple[float, float, float, float] | None = None  # LPS: x, y, z and diameter, of what has no ``box``
    about: str = ""  # the statement, rhythm or structure that was wrong, where errors of a kind are about several
    reference: str = ""  # as in ErrorRow
    answer: str = ""
    why: str = ""  # a lesion was missed or a mark is false, where that is known: see PicturedError of the record
    why_value: float | None = None


ValueFunction = Callable[[Totals], "FloatArray"]
