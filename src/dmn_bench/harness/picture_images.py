"""An error in an image as a thumbnail: the image read, the marks of both sides on it, what may be shown of it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from ..errors import MachineError, ReferenceSetError
from ..inputs.dicom_grey import VOLUME_MODALITIES
from ..inputs.dicom_series import series_files
from ..inputs.requests import CaseFile, case_files
from ..inputs.voxel_grids import case_grid
from ..pictures.grey_range import GreyRange, Stated, grey_range
from ..pictures.image_marks import ImageMark, Side
from ..pictures.image_thumb import Scene, Thumb, thumb
from ..pictures.mask_edges import edges
from ..record import ImageView
from ..reference_set import Card
from ..vocabulary import Answer, Case, ErrorPlace, Image, Lesion
from . import image_planes
from .picture_marks import Box, MarksOfCase, label
from .planning import PlannedEndpoint, Prepared
from .regions import RegionError, Regions

if TYPE_CHECKING:
    from ..pictures.grey_range import Plane
    from ..vocabulary import BoolArray

LeftOut = Literal["image_unreadable", "image_burned_in", "no_image"]
SIDES: tuple[Side, Side] = ("reference", "device")
WHOSE_MARKS: Mapping[str, Side] = {"false_negative": "reference", "false_positive": "device"}
"""On whose marks the picture of a wrong call of a whole case is centred: on what was missed, on what was seen."""
BURNED_IN_MODALITIES = frozenset({"US", "SC", "OT", "DOC"})
"""Where words are burned in as a rule: drawn only where somebody states that there are none."""


class Picture(NamedTuple):
    """A drawing, and how the image was shown in it."""

    svg: str
    view: ImageView


class _Target(NamedTuple):
    """What is drawn: the place of a file in the case, the frame from 1, and where in it; None: the whole image."""

    file: int
    frame: int | None = None
    box: Box | None = None
    has_corners: bool = False


class _Shown(NamedTuple):
    """One frame of an image, from 1, None for the only one; what the image and the header of its file say of it."""

    image: Image
    plane: Plane
    frame: int | None
    header: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ImageArtist:
    """Draws the errors of one candidate at one endpoint in the images of one case at a time."""

    prepared: Prepared
    endpoint: PlannedEndpoint
    answers: Mapping[str, Answer]
    regions: Regions | None = None  # of a task that compares delineated structures

    @cached_property
    def lesions(self) -> Mapping[str, Sequence[Lesion]]:
        """What the reference marks in each case."""
        return {case: found for unit in self.endpoint.units for case, found in unit.lesions.items()}

    def pictures(self, case: Case, places: Sequence[ErrorPlace]) -> list[Picture | LeftOut]:
        """A picture of each place, or why there is none; one image after the other is read, and then let go."""
        try:
            files = case_files(case, self.prepared.reference_set.root, self.prepared.readers)
            files = tuple(file for file in files if file.reader.gives == "images")
            if not files:
                return ["no_image"] * len(places)
            of_case = _OfCase(artist=self, case=case, files=files)
            targets = [of_case.target(place) for place in places]
        except (ReferenceSetError, MachineError):
            return ["image_unreadable"] * len(places)
        found: dict[int, Picture | LeftOut] = {}
        for order in sorted(range(len(places)), key=lambda at: (targets[at].file, targets[at].frame or 0)):
            found[order] = of_case.picture(places[order], targets[order])
        return [found[order] for order in range(len(places))]


class _OfCase:
    """One case while it is drawn."""

    def __init__(self, *, artist: ImageArtist, case: Case, files: Sequence[CaseFile]) -> None:
        self._artist, self._case, self._files = artist, case, files
        self._last: tuple[Path, Image] | None = None
        self._slices: dict[int, tuple[Path, ...]] = {}
        entry = artist.endpoint.entry
        marks = artist.answers[case.case_id].marks or ()
        self._marks = MarksOfCase(
            files=[file.written for file in files],
            lesions=artist.lesions.get(case.case_id, ()),
            marks=[one for one in marks if entry.finding is None or one.finding == entry.finding],
            keys=artist.prepared.headers.keys_of_case(case),
            grid=partial(case_grid, case, artist.prepared.reference_set.root, artist.prepared.readers),
        )

    def target(self, place: ErrorPlace) -> _Target:
        """Where an error is: as its place says; for a wrong call of a case where the marks of the wrong side are."""
        file = self._marks.file_of(place.image)
        if place.box is not None:
            return _Target(file, place.frame, place.box, has_corners=True)
        if place.sphere_mm is not None:
            return self._target_mm(file, place.sphere_mm)
        if place.image is not None or place.frame is not None:
            return _Target(file, place.frame)
        if place.kind in WHOSE_MARKS:
            found = self._marks.round_all(WHOSE_MARKS[place.kind])
            return _Target(*found) if found is not None else _Target(0)
        return _Target(0)

    def _target_mm(self, file: int, sphere: tuple[float, float, float, float]) -> _Target:
        slices = self._marks.slices(file)
        frame = image_planes.nearest(slices, sphere[:3])
        if frame is None:
            return _Target(file)
        plane = slices[frame - 1]
        x, y, _ = plane.place(sphere[:3])
        across, down = (max(sphere[3], 1.0) / plane.spacing_mm[axis] for axis in (1, 0))
        return _Target(file, frame, (x - across / 2, y - down / 2, across, down), has_corners=True)

    def picture(self, place: ErrorPlace, target: _Target) -> Picture | LeftOut:
        """The drawing of one place."""
        card = self._artist.prepared.reference_set.card
        try:
            path, frame = self._part(target)
            header = self._files[target.file].reader.header(path)
            words = burned_in(header, card)
            if words == "stated":
                return "image_burned_in"
            shown = self._shown(target.file, path, frame, header)
            marks = self._all_marks(place, target._replace(frame=shown.frame))
        except (ReferenceSetError, MachineError, OSError, IndexError):  # counted: no run is lost for a picture
            return "image_unreadable"
        about = f"{self._artist.endpoint.entry.finding or ''} {place.about}"
        grey = grey_range(shown.plane, _stated(shown), about, is_structure=self._artist.regions is not None)
        scene = Scene(
            plane=shown.plane,
            grey=grey,
            marks=marks,
            box=target.box,
            has_corners=target.has_corners,
            spacing_mm=shown.image.spacing_mm,
            is_clean=words == "none",
        )
        made = thumb(scene, title=f"{place.kind} {place.case_id}", description=place.kind)
        return Picture(made.svg, _view(made, target, shown, grey))

    # ------------------------------------------------------------------------------------------------- the image

    def _part(self, target: _Target) -> tuple[Path, int | None]:
        """The file to read, and the frame: of a series its slice, the middle one where none is named.

        Raises IndexError if a series has no such slice.
        """
        file = self._files[target.file]
        if not file.path.is_dir():
            return file.path, target.frame
        slices = self._series(target.file)
        frame = target.frame or (len(slices) + 1) // 2
        if frame > len(slices):
            raise IndexError
        return slices[frame - 1], frame

    def _series(self, file: int) -> tuple[Path, ...]:
        if file not in self._slices:
            self._slices[file] = series_files(self._files[file].path)
        return self._slices[file]

    def _shown(self, file: int, path: Path, frame: int | None, header: Mapping[str, str]) -> _Shown:
        """Read, and keep until another is asked for. Raises as reading does, IndexError if there is no such frame."""
        if self._last is None or self._last[0] != path:
            self._last = None  # the one before is let go first
            images, _, _ = self._files[file].reader.read(path)
            self._last = (path, images[0])
        image = self._last[1]
        if image.n_frames == 1:
            if self._files[file].path == path and (frame or 1) != 1:
                raise IndexError
            return _Shown(image, _grey_if_so(image.pixels), frame, header)
        frame = frame or (image.n_frames + 1) // 2
        return _Shown(image, _grey_if_so(image.pixels[frame - 1]), frame, header)

    def _all_marks(self, place: ErrorPlace, target: _Target) -> list[ImageMark]:
        """What both sides mark on the frame of the target, or delineate there of the structure of the place."""
        regions = self._artist.regions
        if regions is None:
            return self._marks.on(target.file, target.frame, target.box if target.has_corners else None)
        at = (target.frame or 1) - 1
        return [
            ImageMark(side=side, outlines=tuple(edges(region[at])), label=label(side, None), is_fine=True)
            for side, region in zip(SIDES, self._regions(regions, place), strict=True)
            if region is not None and at < len(region) and region[at].any()
        ]

    def _regions(self, regions: Regions, place: ErrorPlace) -> Iterator[BoolArray | None]:
        """The region of the reference and that of the device, None where there is none.

        Raises ReferenceSetError and MachineError where that of the reference cannot be read.
        """
        case, structure = self._case, place.about
        if place.image is not None:  # of a case of several
            case = dataclasses.replace(case, files=(place.image,))
        yield regions.reference_region(case, structure)
        try:
            yield regions.answered_region(case, self._artist.answers[case.case_id], structure)
        except RegionError:  # it has failed for that, and the picture shows that nothing is there
            yield None


def _grey_if_so(plane: Plane) -> Plane:
    """An image [rows, columns]; one in colour [rows, columns, 3] only where there is any: many radiographs are RGB."""
    is_grey = plane.ndim == 3 and all(np.array_equal(plane[..., 0], plane[..., other]) for other in (1, 2))
    return plane[..., 0] if is_grey else plane


def _view(made: Thumb, target: _Target, shown: _Shown, grey: GreyRange) -> ImageView:
    """What the record says of a drawing."""
    is_known = target.box is not None and all(map(math.isfinite, target.box))
    low, high = grey.stated or (None, None)
    return ImageView(
        image=target.file + 1,
        frame=shown.frame,
        box=[round(float(one), 2) for one in target.box] if target.box is not None and is_known else None,
        is_one_place=target.has_corners,
        is_outside=made.is_outside,
        is_reduced=made.is_reduced,
        window=grey.window,
        low=low,
        high=high,
        unit=grey.unit,
        bar_mm=made.bar_mm,
        spacing_mm=None if shown.image.spacing_mm is None else list(shown.image.spacing_mm),
        spacing_source=shown.image.spacing_source,
        n_left_out=made.n_left_out,
        signs=list(made.signs),
    )


def _stated(shown: _Shown) -> Stated:
    """What the file says of its grey values."""
    centre, width = (_first(shown.header.get(keyword, "")) for keyword in ("WindowCenter", "WindowWidth"))
    is_window = centre is not None and width is not None and width > 0
    modality = shown.image.modality
    return Stated(
        modality=modality,
        window=(centre, width) if is_window and centre is not None and width is not None else None,
        bits=None if modality in VOLUME_MODALITIES else shown.image.bits_stored,
    )


def burned_in(header: Mapping[str, str], card: Card) -> Literal["stated", "none", "unknown"]:
    """Whether words that name somebody may be burned into an image: said or usual, said that there are none, unknown.

    Reference: DICOM PS3.3 C.7.6.1 (Burned In Annotation, Recognizable Visual Features).
    """
    if "YES" in (header.get("BurnedInAnnotation", ""), header.get("RecognizableVisualFeatures", "")):
        return "stated"
    if header.get("BurnedInAnnotation") == "NO" or card.images_without_burned_in_text:
        return "none"
    if card.public or card.data_protection.route == "not_applicable":
        return "none"
    return "stated" if header.get("Modality", card.modality) in BURNED_IN_MODALITIES else "unknown"


def _first(text: str) -> float | None:
    """The first of the numbers of an attribute."""
    try:
        found = float(text.partition("\\")[0])
    except ValueError:
        return None
    return found if math.isfinite(found) else None
