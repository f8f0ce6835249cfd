"""Rows of the tables of a reference set: their columns, their types, and what every row must keep to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..files import unknown_name
from ..vocabulary import Case, Lesion, ReferenceValue
from .card import as_number
from .csv_rows import Problems, Shape

Level = Literal["case", "exam", "patient"]
SampledAs = Literal["drawn", "not_drawn", "excluded"]
LABELS = ("positive", "negative", "indeterminate", "unverified")
Header = Callable[[tuple[str, ...]], Mapping[str, str]]
"""From the files of a case, as in ``Case.files``, to DICOM attributes by keyword; an absent one was not recorded."""

PLACE_PX = ("x", "y", "width", "height", "diameter", "outline", "mask_file")
PLACE_MM = ("x_mm", "y_mm", "z_mm", "diameter_mm", "width_mm", "height_mm", "depth_mm")
SHAPES: Mapping[str, Shape] = {
    "cases.csv": Shape(
        required=("case_id", "patient_id", "files"),
        optional=("exam_id", "laterality", "sampling_weight"),
        extra=True,
    ),
    "truth.csv": Shape(
        required=("finding", "value"),
        optional=("case_id", "exam_id", "patient_id", "evidence", "read_at"),
    ),
    "lesions.csv": Shape(
        required=("case_id", "lesion_id", "finding"),
        optional=("image", "frame", *PLACE_PX, *PLACE_MM, "weight", "ignore", "reader"),
        extra=True,
    ),
    "readings.csv": Shape(required=("case_id", "reader_id", "finding", "value"), optional=("read_at",)),
    "masks.csv": Shape(required=("case_id", "structure", "file"), optional=("image", "reader", "value", "at_least")),
    "sampling.csv": Shape(
        required=("unit_id", "status"), optional=("patient_id", "reason", "stratum", "sampling_weight")
    ),
}
ID_CHARACTERS_AT_MOST = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class TruthRow:
    """One statement of truth.csv: the value of a finding for a case, an exam or a patient."""

    level: Level
    subject: str  # case_id, exam_id or patient_id, by ``level``
    finding: str
    value: ReferenceValue
    evidence: str
    read_at: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LesionRow:
    """One row of lesions.csv. ``reader``: who drew it, "" or "consensus" for the consensus."""

    case_id: str
    lesion: Lesion
    reader: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What one reader said of one case and finding, before any consensus."""

    case_id: str
    reader_id: str
    finding: str
    value: ReferenceValue
    read_at: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MaskRow:
    """One reference mask: ``file`` is relative to the folder of the set.

    ``image``: path as in ``Case.files``, "" where the case has one file. ``value``: the only one that is inside, or the
    number of the segment; ``at_least``: from which share on a voxel is inside. Neither: all that is not 0, or the
    structure of that name.
    """

    case_id: str
    structure: str
    file: str
    reader: str
    line: int
    value: int | None = None
    at_least: float | None = None
    image: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SampledUnit:
    """One eligible unit: drawn into the set, not drawn, or excluded for a reason."""

    unit_id: str
    status: SampledAs
    reason: str


@dataclass(kw_only=True)
class Tables:
    """Every sound row of the tables, while they are being read; ``case_lines``: case_id -> line in cases.csv.

    ``stated_patients`` and ``stated_exams`` give each id itself, so that the rows about it share one text.
    """

    cases: list[Case] = field(default_factory=list)
    case_lines: dict[str, int] = field(default_factory=dict)
    stated_patients: dict[str, str] = field(default_factory=dict)
    stated_exams: dict[str, str] = field(default_factory=dict)
    sampling_weights: dict[str, float] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)
    truth: list[TruthRow] = field(default_factory=list)
    lesions: list[LesionRow] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    masks: list[MaskRow] = field(default_factory=list)
    sampling: list[SampledUnit] = field(default_factory=list)


def ids_sound(problems: Problems, where: str, required: Mapping[str, str], optional: Iterable[str] = ()) -> bool:
    """Whether the ids are there, printable and of a sane length."""
    for column, text in required.items():
        if not text:
            problems.add("refset.id_missing", where, column=column)
            return False
    for text in (*required.values(), *optional):
        if len(text) > ID_CHARACTERS_AT_MOST or not text.isprintable():
            found = text[:40].encode("unicode_escape").decode("ascii")
            problems.add("refset.id_form", where, found=found, limit=ID_CHARACTERS_AT_MOST)
            return False
    return True


def finding_known(problems: Problems, finding: str, known: Iterable[str], where: str) -> bool:
    """Whether the card knows the finding; noted if not."""
    if finding in known:
        return True
    problems.note(unknown_name("refset.finding_unknown", finding, known, where))
    return False


def value_allowed(problems: Problems, value: str, where: str) -> bool:
    """Whether the value is one of LABELS or a finite number; noted if not."""
    if value in LABELS or (value and as_number(value) is not None):
        return True
    problems.note(unknown_name("refset.value_unknown", value, LABELS, where))
    return False


def path_stays_inside(text: str) -> bool:
    r"""Whether a relative path cannot leave its folder nor name a hidden file, on any system.

    >>> [path_stays_inside(p) for p in ("files/a.dcm", "../a", "/a", "C:\\a", "a/./b", "files/.a")]
    [True, False, False, False, False, False]
    """
    parts = text.split("/")
    sound = "\\" not in text and ":" not in text and text.isprintable()
    return sound and all(part and not part.startswith(".") for part in (parts if parts[-1] else parts[:-1]))
