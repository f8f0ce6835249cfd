"""Where a finding lies: shapes on referenced images checked against what is known of them, as shapes in pixels or mm.

Pixel coordinates of SCOORD and of graphics in PIXEL units have the origin of ours: (0, 0) is the outer top-left corner
of the first pixel. Reference: DICOM PS3.3 C.18.6.1.2, C.18.9.1.2, C.10.5.1.1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..hookspecs import KnownImage
from ..polygons import encloses
from .dicom_rules import DicomRules, ResultError
from .mark_geometry import OUTSIDE_PX, ellipse_outline, is_upright_box

if TYPE_CHECKING:
    from ..inputs.result_content import Reference, Region

Point = tuple[float, ...]
CLOSED_FORMS = ("POLYLINE", "INTERPOLATED")  # where the last point is the first
SAME_LENGTH = 1e-3  # of the axes of a sphere, which are written with few decimals
N_POINTS: Mapping[str, int] = {"POINT": 1, "CIRCLE": 2, "ELLIPSE": 4, "ELLIPSOID": 6}


class Place:
    """The images of one case, and what a region means on them."""

    def __init__(self, known: Sequence[KnownImage], rules: DicomRules) -> None:
        self._rules = rules
        self.by_uid = {image.sop_instance_uid: image for image in known}
        # One image may be known by several UIDs: a series is one name with several places in the patient.
        planes = {(image.name, image.position_mm) for image in known if image.position_mm is not None}
        names = [name for name, _ in planes]
        self._series = {name for name in names if names.count(name) > 1}
        self._n_names = len({image.name for image in known})

    def on_image(self, reference: Reference) -> tuple[KnownImage, int | None]:
        """The image that a reference names, with the frame where it has several.

        Raises ResultError if it is unknown, or the frame is missing or beyond the last.
        """
        image = self.by_uid.get(reference.uid)
        if image is None:
            raise ResultError(f"it refers to the unknown instance {reference.uid}")
        if image.n_frames == 1:
            if set(reference.frames) - {1}:
                raise ResultError(f"it refers to frame {max(reference.frames)} of an image with one frame")
            return image, None
        if len(reference.frames) != 1:
            found = ", ".join(map(str, reference.frames)) or "none"
            raise ResultError(f"expected one frame of an image with {image.n_frames} frames, found {found}")
        if not 1 <= reference.frames[0] <= image.n_frames:
            raise ResultError(f"it refers to frame {reference.frames[0]} of an image with {image.n_frames} frames")
        return image, reference.frames[0]

    def of(self, regions: Sequence[Region]) -> dict[str, object]:
        """The keys of a mark that say where: image, frame and shape in pixels, or the centre in millimetres.

        Several regions are one volume drawn plane by plane in a series. Raises ResultError for anything unclear.
        """
        shown = [region for region in regions if region.is_outline] or list(regions)
        if len(shown) == 1 and not shown[0].frame_of_reference_uid:
            image, frame = self._image_of(shown[0])
            if not self.is_series(image):
                place = shape_of(shown[0].form, self.in_px(shown[0], image))
                return {**self.named(image), **({} if frame is None else {"frame": frame}), **place}
        if len(shown) > 1:
            _refuse_several_lesions(shown)
        if len(shown) == 1 and shown[0].form == "ELLIPSOID":
            return ellipsoid_mm(self.in_mm(shown[0]))
        return centre_mm([point for region in shown for point in self.in_mm(region)])

    def in_px(self, region: Region, image: KnownImage) -> tuple[Point, ...]:
        """The points of a region in the pixels of its image, whatever size the device analysed."""
        size = self._rules.analysed_size
        rows, columns = (size.rows, size.columns) if size else (image.rows, image.columns)
        if rows is not None and columns is not None:
            _check_inside(region.form, region.points, columns, rows)
        if size is None or image.rows is None or image.columns is None:
            if size is not None:
                raise ResultError("analysed_size is declared, but the size of the image is not known")
            return region.points
        across, down = image.columns / size.columns, image.rows / size.rows
        if region.form == "CIRCLE" and not math.isclose(across, down):
            raise ResultError("a circle on an image resized with other proportions is no circle on the original")
        return tuple((x * across, y * down) for x, y in region.points)

    def in_mm(self, region: Region) -> tuple[Point, ...]:
        """The extreme points of a region in millimetres of the patient (LPS)."""
        if region.frame_of_reference_uid:
            if not any(image.frame_of_reference_uid == region.frame_of_reference_uid for image in self.by_uid.values()):
                raise ResultError(f"no image lies in its frame of reference {region.frame_of_reference_uid}")
            _check_points(region.form, region.points)
            return region.points
        image, _ = self._image_of(region)
        if not self.is_series(image):
            raise ResultError("it draws several regions of one finding on single images")
        place = box_of(region.form, self.in_px(region, image))
        x, y = float(place["x"]), float(place["y"])
        right, bottom = x + float(place.get("width", 0.0)), y + float(place.get("height", 0.0))
        return tuple(in_patient(image, corner) for corner in ((x, y), (right, y), (x, bottom), (right, bottom)))

    def is_series(self, image: KnownImage) -> bool:
        """Whether the image is one slice of several that go by one name."""
        return image.name in self._series

    def named(self, image: KnownImage) -> dict[str, object]:
        """The key ``image``, where a case has several."""
        return {"image": image.name} if self._n_names > 1 else {}

    def _image_of(self, region: Region) -> tuple[KnownImage, int | None]:
        if region.image is None:
            raise ResultError("a region names no image")
        return self.on_image(region.image)


def box_of(form: str, points: Sequence[Point]) -> dict[str, float]:
    """The smallest box around a shape as x, y, width, height, or the point as x, y.

    CIRCLE: centre and a point on the rim. ELLIPSE: the ends of its axes; the box of a turned ellipse with half axes
    a and b reaches sqrt(a_x² + b_x²) to either side. Raises ResultError if the shape encloses nothing.

    >>> box_of("CIRCLE", [(10.0, 10.0), (10.0, 13.0)])
    {'x': 7.0, 'y': 7.0, 'width': 6.0, 'height': 6.0}
    >>> box_of("ELLIPSE", [(0.0, 5.0), (20.0, 5.0), (10.0, 0.0), (10.0, 10.0)])
    {'x': 0.0, 'y': 0.0, 'width': 20.0, 'height': 10.0}
    """
    _check_points(form, points)
    if form == "CIRCLE":
        (x, y), radius = points[0], math.dist(points[0], points[1])
        low, high = (x - radius, y - radius), (x + radius, y + radius)
    elif form == "ELLIPSE":
        centre = [sum(point[axis] for point in points) / 4 for axis in (0, 1)]
        half = [
            math.hypot((points[1][axis] - points[0][axis]) / 2, (points[3][axis] - points[2][axis]) / 2)
            for axis in (0, 1)
        ]
        low, high = (centre[0] - half[0], centre[1] - half[1]), (centre[0] + half[0], centre[1] + half[1])
    else:
        low = (min(x for x, _ in points), min(y for _, y in points))
        high = (max(x for x, _ in points), max(y for _, y in points))
    width, height = high[0] - low[0], high[1] - low[1]
    if form == "POINT" or (form == "MULTIPOINT" and not (width and height)):
        return {"x": (low[0] + high[0]) / 2, "y": (low[1] + high[1]) / 2}
    if not (width and height):
        raise ResultError(f"a {form} encloses nothing")
    return {"x": low[0], "y": low[1], "width": width, "height": height}


def shape_of(form: str, points: Sequence[Point]) -> dict[str, object]:
    """A shape as the keys of a mark: a point, box or circle as that, any other closed line with the box around it.

    Raises ResultError if the shape encloses nothing.

    >>> shape_of("CIRCLE", [(10.0, 10.0), (10.0, 13.0)])
    {'x': 10.0, 'y': 10.0, 'diameter': 6.0}
    """
    box = box_of(form, points)
    if form == "CIRCLE":
        (x, y), rim = points[0], points[1]
        return {"x": x, "y": y, "diameter": 2 * math.dist((x, y), rim)}
    outline: Sequence[Point] = ()
    if form == "ELLIPSE":
        outline = ellipse_outline(points)
    elif form in CLOSED_FORMS and len(points) > 3 and points[0] == points[-1]:
        outline = points[:-1]
    if not outline or is_upright_box(outline):
        return dict(box)
    if not encloses(tuple((x, y) for x, y in outline)):
        raise ResultError(f"a {form} encloses nothing")
    return {**box, "outline": [[float(x), float(y)] for x, y in outline]}


def ellipsoid_mm(ends: Sequence[Point]) -> dict[str, object]:
    """An ellipsoid as the keys of a mark: its centre, with its diameter where it is a sphere, else the box around it.

    ``ends``: of its three axes, two by two. The box of a turned ellipsoid with half axes a, b and c reaches
    sqrt(a_x² + b_x² + c_x²) to either side. Raises ResultError if it encloses nothing.
    """
    halves = [[(q - p) / 2 for p, q in zip(ends[at], ends[at + 1], strict=True)] for at in (0, 2, 4)]
    lengths = [math.hypot(*half) for half in halves]
    place = centre_mm(ends)
    if min(lengths) <= 0:
        raise ResultError("an ELLIPSOID encloses nothing")
    if max(lengths) <= min(lengths) * (1 + SAME_LENGTH):
        return {**place, "diameter_mm": 2 * math.fsum(lengths) / 3}
    sizes = [2 * math.hypot(*(half[axis] for half in halves)) for axis in range(3)]
    return {**place, "size_mm": sizes}


def outline_of(region: Region, points: Sequence[Point]) -> list[list[float]] | None:
    """The points of a closed line that is more than a box, without the repeated last one; None for anything else."""
    if region.form not in CLOSED_FORMS or len(points) < 4 or points[0] != points[-1]:
        return None
    corners = points[:-1]
    is_box = len(corners) == 4 and len({x for x, _ in corners}) == 2 and len({y for _, y in corners}) == 2
    return None if is_box else [[float(x), float(y)] for x, y in corners]


def in_patient(image: KnownImage, point: Point) -> Point:
    """Where a point of an image lies in the patient, in millimetres.

    The position in a header is that of the centre of the first pixel, which for us lies at (0.5, 0.5).
    Raises ResultError if the header does not state the plane. Reference: DICOM PS3.3 C.7.6.2.1.1.
    """
    if image.position_mm is None or image.orientation is None or image.spacing_mm is None:
        raise ResultError("it draws on a slice whose position in the patient is not known")
    right, down = (point[0] - 0.5) * image.spacing_mm[1], (point[1] - 0.5) * image.spacing_mm[0]
    across, along = image.orientation[:3], image.orientation[3:]
    return tuple(p + a * right + b * down for p, a, b in zip(image.position_mm, across, along, strict=True))


def centre_mm(points: Sequence[Point]) -> dict[str, object]:
    """The middle of the extent of points in millimetres, as the keys of a mark."""
    lows = [min(point[axis] for point in points) for axis in range(3)]
    highs = [max(point[axis] for point in points) for axis in range(3)]
    middle = [(low + high) / 2 for low, high in zip(lows, highs, strict=True)]
    return {"x_mm": middle[0], "y_mm": middle[1], "z_mm": middle[2]}


def in_image(image: KnownImage, point: Point) -> Point:
    """Where a point of the patient lies on an image, in pixels: the other way than ``in_patient``, along its normal.

    >>> slice_ = KnownImage(name="a", sop_instance_uid="1", position_mm=(10.0, 20.0, 3.0),
    ...                     orientation=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0), spacing_mm=(2.0, 0.5))
    >>> in_image(slice_, (11.0, 24.0, 3.0))
    (2.5, 2.5)
    """
    if image.position_mm is None or image.orientation is None or image.spacing_mm is None:
        raise ResultError("it draws on a slice whose position in the patient is not known")
    apart = [p - q for p, q in zip(point, image.position_mm, strict=True)]
    right = sum(d * a for d, a in zip(apart, image.orientation[:3], strict=True))
    down = sum(d * a for d, a in zip(apart, image.orientation[3:], strict=True))
    return right / image.spacing_mm[1] + 0.5, down / image.spacing_mm[0] + 0.5


def check_line_inside(points: Sequence[Point], image: KnownImage) -> None:
    """Raise ResultError if a line in pixels reaches more than one pixel beyond its image, where its size is known."""
    for axis, start, size in ((0, "x", image.columns), (1, "y", image.rows)):
        low, high = min(point[axis] for point in points), max(point[axis] for point in points)
        if size is not None and _is_outside(low, high, size):
            raise ResultError(
                f"a contour reaches from {start} = {low:g} to {high:g} px, beyond its image of 0 to {size} px"
            )


def _refuse_several_lesions(regions: Sequence[Region]) -> None:
    """The planes of one volume lie on slices of their own; whole shapes or two on one slice are several lesions."""
    slices = [region.image.uid for region in regions if region.image is not None and not region.frame_of_reference_uid]
    whole = [region.form for region in regions if region.form in ("POINT", "ELLIPSOID", "MULTIPOINT")]
    if whole or len(set(slices)) < len(slices):
        raise ResultError("one group draws several regions that are not the planes of one volume")


def _check_points(form: str, points: Sequence[Point]) -> None:
    expected = N_POINTS.get(form)
    if expected is not None and len(points) != expected:
        raise ResultError(f"a {form} has {expected} points, found {len(points)}")


def _check_inside(form: str, points: Sequence[Point], columns: int, rows: int) -> None:
    place = box_of(form, points)
    for start, extent, size in (("x", "width", columns), ("y", "height", rows)):
        low = place[start]
        high = low + place.get(extent, 0.0)
        if _is_outside(low, high, size):
            raise ResultError(
                f"a region reaches from {start} = {low:g} to {high:g} px, beyond its image of 0 to {size} px; perhaps "
                "the device analysed a resized image: declare analysed_size"
            )


def _is_outside(low: float, high: float, size: int) -> bool:
    return low < -OUTSIDE_PX or high > size + OUTSIDE_PX
