"""Places in images: lesions, marks, masks, contours, and the same structure as two sides have drawn it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .arrays import BoolArray

SpacingSource = Literal["PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing", "file", "declared"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesion:
    """One reference lesion, in pixels of an image or in millimetres: a box, a point, a region or a sphere.

    In pixels (``x``, ``y``) is the top left corner of a box, or a point, or the centre of a circle of ``diameter``.
    ``outline`` and ``mask`` give the exact region; the box, where stated, is then the one around it. In millimetres
    (``x_mm``, ``y_mm``, ``z_mm``) is the centre of a sphere of ``diameter_mm`` or of a box of ``size_mm``.
    """

    lesion_id: str
    finding: str
    image: str | None  # path as in Case.files, or a SOP Instance UID; None when the case has one image
    frame: int | None  # from 1
    x: float | None = None  # px: left edge of the box, or the point
    y: float | None = None  # px: top edge of the box, or the point
    width: float | None = None  # px
    height: float | None = None  # px
    x_mm: float | None = None  # LPS
    y_mm: float | None = None
    z_mm: float | None = None
    diameter_mm: float | None = None
    diameter: float | None = None  # px, of a circle around (x, y)
    outline: tuple[tuple[float, float], ...] = ()  # px: corners (x, y) of a closed polygon, in either direction
    mask: Mask | None = None  # of ``image`` and ``frame``
    mask_file: str = ""  # the picture that ``mask`` is in, as lesions.csv names it; "" for none
    size_mm: tuple[float, float, float] | None = None  # along the axes of the patient, x, y and z
    spacing_mm: tuple[float, float] | None = None  # between rows and columns of its image, to measure px in mm by
    spacing_source: SpacingSource | None = None  # of ``spacing_mm``
    weight: float = 1.0  # relative weight within its case for weighted AFROC
    ignore: bool = False  # marks on it are neither hits nor false positives
    strata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """One localised finding, in pixels of its image or in millimetres (LPS); its geometry is that of ``Lesion``."""

    finding: str
    image: str | None = None  # path as in Case.files, None when the case has one image
    frame: int | None = None  # from 1
    x: float | None = None
    y: float | None = None
    width: float | None = None
    height: float | None = None
    x_mm: float | None = None
    y_mm: float | None = None
    z_mm: float | None = None
    score: float | None = None
    diameter_mm: float | None = None
    diameter: float | None = None  # px
    outline: tuple[tuple[float, float], ...] = ()  # px
    mask: Mask | None = None
    size_mm: tuple[float, float, float] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mask:
    """One structure delineated on one image (one frame of it), as pixels.

    ``runs``: lengths of runs of pixels outside and inside by turns, row by row from the top left pixel, the first run
    outside (0 where the first pixel is inside); they add up to ``rows`` times ``columns``.
    """

    structure: str
    rows: int
    columns: int
    runs: tuple[int, ...]
    image: str | None = None  # path as in Case.files, None when the case has one image
    frame: int | None = None  # from 1
    instance: str | None = None  # SOP Instance UID of the slice where ``image`` is a series


@dataclass(frozen=True, kw_only=True, slots=True)
class Contour:
    """One closed line around a structure in one plane: points in pixels of its image, or in millimetres (LPS)."""

    structure: str
    points: tuple[tuple[float, float], ...] = ()  # x, y in px
    points_mm: tuple[tuple[float, float, float], ...] = ()
    image: str | None = None  # path as in Case.files, None when the case has one image
    frame: int | None = None  # from 1
    instance: str | None = None  # SOP Instance UID of the slice where ``image`` is a series


@dataclass(frozen=True, kw_only=True, slots=True)
class RegionPair:
    """One structure of one case by both sides, on the same grid of voxels; a single image has one plane.

    ``reference``, ``answered``: [planes, rows, columns], true inside; all false where a side looked and found none.
    ``answered`` is None where the answer says nothing of the structure. ``spacing_mm``: between planes, rows and
    columns (of a single image 1.0 between planes); None where the file does not state what distances pixels have.
    """

    structure: str
    reference: BoolArray
    answered: BoolArray | None
    spacing_mm: tuple[float, float, float] | None
    spacing_source: SpacingSource | None = None
