"""What result objects say, free of DICOM: codes, quantities, regions, statements, and the object they stand in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..vocabulary import BoolArray

ResultKind = Literal[
    "measurements",  # structured report with measurement groups (TID 1500)
    "cad",  # chest, mammography or colon CAD report
    "text",  # structured report of sentences
    "graphics",  # presentation state with graphic annotations
    "segmentation",
    "contours",  # radiotherapy structure set
    "picture",  # secondary capture or another image that was made
    "document",  # encapsulated PDF and the like
    "display",  # structured display
    "references",  # key object selection: it points at others and says nothing itself
    "parametric_map",
    "image",  # an ordinary image, as a device may send back what it received
    "other",
]
Form = Literal["POINT", "MULTIPOINT", "POLYLINE", "POLYGON", "CIRCLE", "ELLIPSE", "ELLIPSOID", "INTERPOLATED"]
Presence = Literal["present", "absent", "doubt"]
Rendering = Literal["required", "optional", "not_presented"]
Completion = Literal["with_findings", "without_findings", "partial_with", "partial_without", "failed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """A coded word. Two codes are the same word if value and scheme are: the meaning is for people."""

    value: str
    scheme: str
    meaning: str = ""

    @property
    def key(self) -> str:
        """How options and tables write it: ``SCT:27925004``."""
        return f"{self.scheme}:{self.value}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantity:
    """A measured number. ``value`` is None where the object gives none, or several. ``unit``: UCUM code, "" if none."""

    concept: Code
    value: float | None
    unit: str = ""
    derivation: Code | None = None  # mean, maximum, percentile …

    @property
    def key(self) -> str:
        """How options write it: the concept, with its derivation after a slash where it has one."""
        return self.concept.key if self.derivation is None else f"{self.concept.key}/{self.derivation.key}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """Another object, by its UID. ``frames`` count from 1, () for all of them."""

    uid: str
    sop_class: str = ""
    frames: tuple[int, ...] = ()
    segments: tuple[int, ...] = ()  # of a segmentation


@dataclass(frozen=True, kw_only=True, slots=True)
class Region:
    """One drawn shape.

    ``points``: (column, row) in px of ``image``, (0, 0) the outer top-left corner of the first pixel; or (x, y, z) in
    mm of the frame of reference, where that is named.
    CIRCLE: centre, point on the rim. ELLIPSE: ends of the one axis, then of the other. Reference: PS3.3 C.18.6, C.18.9.
    """

    form: Form
    points: tuple[tuple[float, ...], ...]
    image: Reference | None = None
    frame_of_reference_uid: str = ""
    is_outline: bool = True  # False: the centre of something that may also have an outline


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A question about a finding, and an answer of which nobody can tell what it says of its presence."""

    concept: Code
    answer: Code
    asks: Literal["presence", "finding", "other"]  # whether the finding is there; what may be one; something else

    @property
    def words(self) -> str:
        """How reasons show it: ``DCM:111413 = SCT:41647002 (No evidence of)``."""
        meaning = f" ({self.answer.meaning})" if self.answer.meaning else ""
        return f"{self.concept.key} = {self.answer.key}{meaning}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """One thing said: of a finding at a place, or, without a region, of the images or the whole object."""

    finding: Code | None = None
    presence: Presence | None = None
    unclear: tuple[Question, ...] = ()  # what else may say that it is there, or is not
    numbers: tuple[Quantity, ...] = ()  # probabilities and measurements: which is which, the concept tells
    regions: tuple[Region, ...] = ()
    segments: tuple[Reference, ...] = ()  # segmentations that delineate it
    has_loose_regions: bool = False  # something is drawn, but not as the place of the finding
    images: tuple[Reference, ...] = ()
    site: Code | None = None
    laterality: str = ""  # "L", "R", "B" or ""
    rendering: Rendering = "required"
    tracking: str = ""  # what the lesion is called wherever it is stated: its tracking UID, else its identifier
    texts: tuple[str, ...] = ()  # sentences beside it
    problem: str = ""  # why it cannot be used


@dataclass(frozen=True, kw_only=True)
class Plane:
    """One delineated plane: a mask [rows, columns], or a closed line (x, y, z) in mm."""

    image: Reference | None = None
    position_mm: tuple[float, ...] | None = None
    orientation: tuple[float, ...] | None = None
    frame_of_reference_uid: str = ""
    spacing_mm: tuple[float, ...] | None = None  # between rows, between columns
    mask: BoolArray | NDArray[np.floating[Any]] | None = None  # inside or not; or shares from 0 to 1
    points_mm: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Structure:
    """Something delineated, by its code and by the name that the device gave it."""

    name: str
    number: int = 0  # of a segment
    code: Code | None = None
    planes: tuple[Plane, ...] = ()
    points_mm: tuple[tuple[float, ...], ...] = ()  # single points, in mm
    frame_of_reference_uid: str = ""
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class ResultObject:
    """One object that a device made."""

    kind: ResultKind
    sop_class: str
    sop_instance_uid: str
    study_instance_uid: str
    written: str = ""  # date and time of its content, comparable as text; "" if either is not stated
    is_utc: bool = False  # written in universal time; or else in that of a place which it does not name
    algorithms: tuple[str, ...] = ()  # name and version
    images: tuple[Reference, ...] = ()  # images that its content refers to
    evidence: tuple[Reference, ...] = ()  # further objects that it lists without saying anything of them
    objects: tuple[Reference, ...] = ()  # other results that it refers to
    replaces: tuple[str, ...] = ()  # UIDs of reports whose place it takes
    rejects: tuple[str, ...] = ()  # UIDs of objects that it declares withdrawn
    statements: tuple[Statement, ...] = ()
    structures: tuple[Structure, ...] = ()
    completion: Completion | None = None  # of a CAD report
    is_partial: bool = False  # a report that says of itself that it is not complete
    is_preliminary: bool = False  # one that says that it is not final
    texts: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()  # why it cannot be used as a whole
