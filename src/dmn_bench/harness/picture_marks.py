"""What both sides mark in the images of one case, frame by frame, as outlines in px."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..errors import InputFileError
from ..hookspecs import CaseKeys, VoxelGrid
from ..pictures.image_marks import ImageMark, Side, circle, rectangle
from ..pictures.mask_edges import edges
from ..vocabulary import Lesion, Mark, Mask
from . import image_planes
from .image_planes import NOTHING, ImagePlane, Seen

if TYPE_CHECKING:
    from ..vocabulary import BoolArray

Box = tuple[float, float, float, float]  # px: x, y, width, height
SAME_PX = 0.51  # a mark whose middle is so near to that of an error is the mark in error


class Around(NamedTuple):
    """A frame (from 1, None for the only one) of one of the files of a case, and a box in it."""

    file: int
    frame: int | None
    box: Box


@dataclass(frozen=True, kw_only=True)
class MarksOfCase:
    """Lesions of the reference and marks of the device on the images of a case.

    ``files``: as in Case.files. ``grid``: looks up the voxels of a case of one file, raising InputFileError.
    """

    files: Sequence[str]
    lesions: Sequence[Lesion]
    marks: Sequence[Mark]
    keys: CaseKeys
    grid: Callable[[], VoxelGrid]
    _slices: dict[int, tuple[ImagePlane, ...]] = field(default_factory=dict, init=False)

    def file_of(self, image: str | None) -> int:
        """Which of the files an image name means: the first where it names none of them."""
        names = [at for at, name in enumerate(self.files) if image == name or (image or "").startswith(f"{name}/")]
        return names[0] if names else 0

    def slices(self, file: int) -> tuple[ImagePlane, ...]:
        """The places of the slices of a file in the patient, looked up once; () where it states none."""
        if file not in self._slices:
            self._slices[file] = self._looked_up(file)
        return self._slices[file]

    def _looked_up(self, file: int) -> tuple[ImagePlane, ...]:
        """Of DICOM files by their headers, of volumes in one file by its voxels."""
        known = image_planes.planes([one for one in self.keys.instances if one.name == self.files[file]])
        if known or len(self.files) > 1:
            return known
        try:
            return image_planes.planes_of_grid(self.grid())
        except InputFileError:  # of no known geometry: nothing in millimetres can be drawn on it
            return ()

    def on(self, file: int, frame: int | None, error: Box | None) -> list[ImageMark]:
        """All marks on a frame: of the reference, then of the device that in error, then the others by score."""
        found: list[ImageMark] = []
        for lesion in self.lesions:
            found += self._drawn(lesion, "ignored" if lesion.ignore else "reference", file, frame)
        for mark in sorted(self.marks, key=lambda mark: (not _is_at(mark, error), *_rank(mark))):
            found += self._drawn(mark, "device", file, frame)
        return found

    def round_all(self, side: Side) -> Around | None:
        """The frame with the first lesion or the highest mark, and the box round all of its side that lie there."""
        of_device = sorted(self.marks, key=_rank)
        items: Sequence[Lesion | Mark] = of_device
        if side == "reference":
            items = [one for one in self.lesions if not one.ignore]
        for item in items:
            file, frame = self.file_of(item.image), item.frame
            centre = image_planes.centre_mm(item)
            if frame is None and item.x is None and centre is not None and all(map(math.isfinite, centre)):
                frame = image_planes.nearest(self.slices(file), centre)
            found = [mark.box() for one in items for mark in self._drawn(one, side, file, frame)]
            boxes = [one for one in found if one is not None]
            if boxes:
                left, top, right, bottom = (
                    end(axis) for end, axis in zip(_ENDS, zip(*boxes, strict=True), strict=True)
                )
                return Around(file, frame, (left, top, right - left, bottom - top))
        return None

    def _drawn(self, item: Lesion | Mark, side: Side, file: int, frame: int | None) -> Iterator[ImageMark]:
        """What a frame shows of a lesion or mark; nothing where it lies elsewhere."""
        seen = self._seen(item, file, frame) if self.file_of(item.image) == file else NOTHING
        if seen != NOTHING:
            score = item.score if isinstance(item, Mark) else None
            yield ImageMark(side=side, outlines=seen.outlines, point=seen.point, label=label(side, score))

    def _seen(self, item: Lesion | Mark, file: int, frame: int | None) -> Seen:
        if item.x is None and not item.outline and item.mask is None:
            slices = self.slices(file) if item.x_mm is not None else ()
            here = slices[(frame or 1) - 1 : frame or 1]
            return image_planes.cut(here[0], item, image_planes.reach(slices)) if here else NOTHING
        # a lesion without a frame is on all of them, a mark without one on the first
        own = item.frame if item.frame is not None or isinstance(item, Lesion) else 1
        return _in_px(item) if own is None or own == (frame or 1) else NOTHING


_ENDS = (min, min, max, max)


def label(side: Side, score: float | None) -> str:
    """R for the reference; D for the device, with its score where there is one; nothing for what is ignored.

    >>> label("device", 0.8312), label("reference", None)
    ('D 0.83', 'R')
    """
    if side != "device":
        return "R" if side == "reference" else ""
    if score is None or not math.isfinite(score):
        return "D"
    return f"D {score:.2f}" if abs(score) <= 1 else f"D {score:.3g}"


def _in_px(item: Lesion | Mark) -> Seen:
    """What is stated in px; nothing where a number is not finite, the point where a size is not above 0."""
    if item.mask is not None:
        return Seen(tuple(edges(_inside(item.mask))), None)
    if item.outline:
        return Seen((item.outline,), None) if all(map(_finite, item.outline)) else NOTHING
    if item.x is None or item.y is None or not _finite((item.x, item.y)):
        return NOTHING
    wide, high, across = item.width, item.height, item.diameter
    if wide is not None and high is not None and _finite((wide, high)) and wide > 0 and high > 0:
        return Seen((rectangle(item.x, item.y, wide, high),), None)
    if across is not None and math.isfinite(across) and across > 0:
        return Seen((circle(item.x, item.y, across / 2, across / 2),), None)
    return Seen((), (item.x, item.y))


def _inside(mask: Mask) -> BoolArray:
    """The pixels of a mask: [rows, columns]; none where its runs do not add up."""
    runs = np.asarray(mask.runs, dtype=np.int64)
    if mask.rows <= 0 or mask.columns <= 0 or (runs < 0).any() or int(runs.sum()) != mask.rows * mask.columns:
        return np.zeros((1, 1), dtype=np.bool_)
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(mask.rows, mask.columns)


def _rank(mark: Mark) -> tuple[float, float, float]:
    score = -math.inf if mark.score is None or math.isnan(mark.score) else mark.score
    return -score, mark.x or 0.0, mark.y or 0.0


def _is_at(mark: Mark, error: Box | None) -> bool:
    """Whether the middle of a mark is that of the error."""
    if error is None or mark.x is None or mark.y is None:
        return False
    x, y = mark.x + (mark.width or 0) / 2, mark.y + (mark.height or 0) / 2
    return abs(x - error[0] - error[2] / 2) < SAME_PX and abs(y - error[1] - error[3] / 2) < SAME_PX


def _finite(numbers: Sequence[float]) -> bool:
    return all(map(math.isfinite, numbers))
