"""What a reader of results is told of a case: its identifiers, its instances, and the voxels of its image."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..vocabulary import Case, SpacingSource


@dataclass(frozen=True, kw_only=True)
class KnownImage:
    """One DICOM instance of a case, as a result object may refer to it; what its header leaves out is absent.

    ``name``: path as in Case.files, or the neutral name in a request; the instances of a series share it.
    ``laterality``: "L", "R", "B" or "". ``position_mm``, ``orientation`` and ``spacing_mm`` (row, column) are those of
    its only plane.
    """

    name: str
    sop_instance_uid: str
    study_instance_uid: str = ""
    rows: int | None = None
    columns: int | None = None
    n_frames: int = 1
    frame_of_reference_uid: str = ""
    laterality: str = ""
    position_mm: tuple[float, ...] | None = None
    orientation: tuple[float, ...] | None = None
    spacing_mm: tuple[float, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GridPlane:
    """One plane of the voxels of a case. ``frame``: from 1; ``instance``: SOP Instance UID; "" where there is none."""

    frame: int | None = None  # of an image that has several; of a series the plane's number in it
    instance: str = ""
    position_mm: tuple[float, ...] | None = None  # centre of its first pixel (LPS)


@dataclass(frozen=True, kw_only=True, slots=True)
class VoxelGrid:
    """The voxels of a case: the planes of its image or series, in order, all of one size.

    ``orientation``: direction cosines along a row and down a column; ``pixel_mm``: between rows and between columns in
    the patient; both None where the image does not say (a projection). ``spacing_mm``: between planes (1.0 of a single
    one), rows and columns, by which distances are measured; None, and then ``why_no_spacing`` is one of "not_stated",
    "not_positive", "planes_without_position", "planes_not_even". ``is_lattice``: the planes lie behind each other at
    one distance, so that the place of a voxel follows from its index.
    """

    image: str  # path as in Case.files
    rows: int
    columns: int
    planes: tuple[GridPlane, ...]
    orientation: tuple[float, ...] | None = None
    pixel_mm: tuple[float, float] | None = None
    frame_of_reference_uid: str = ""
    spacing_mm: tuple[float, float, float] | None = None
    spacing_source: SpacingSource | None = None
    why_no_spacing: str = ""
    is_lattice: bool = False

    @property
    def shape(self) -> tuple[int, int, int]:
        """Planes, rows and columns."""
        return len(self.planes), self.rows, self.columns


@dataclass(frozen=True, kw_only=True)
class CaseKeys:
    """How a vendor may call a case: every identifier we can match, all optional but case_id."""

    case: Case
    sop_instance_uids: Mapping[str, str]  # uid -> path as in Case.files
    study_instance_uids: tuple[str, ...] = ()
    accession_numbers: tuple[str, ...] = ()
    image_sizes: Mapping[str, tuple[int, int]] | None = None  # path -> (columns, rows) in px, for normalised boxes
    instances: tuple[KnownImage, ...] = ()  # every DICOM instance of its files
    picture_turns: Mapping[str, int] | None = None  # path -> orientation mark of a picture that is not stored upright
    source_files: Mapping[str, str] | None = None  # the hospital's name of a file before its import -> path as in
    # Case.files, "" of what is not one of them alone, as the folder of a series
    source_turns: Mapping[str, int] | None = None  # path -> orientation mark of that file, which its upright copy lost
    # of its image, for masks: grid() of a case of one, grid(path) of one of several; raises InputFileError without
    grid: Callable[..., VoxelGrid] | None = field(default=None, compare=False, repr=False)
