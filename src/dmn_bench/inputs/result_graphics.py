"""Presentation states: graphic annotations as statements, in pixels of the image that each is for.

PIXEL units are taken as they are. DISPLAY units are shares of the displayed area and are converted where that area is
stated once for the image, without rotation or flip; else the statement carries why not.
Reference: DICOM PS3.3 C.10.4, C.10.5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from .result_content import Form, Reference, Region, ResultObject, Statement
from .result_sr import points_of, reference_of

if TYPE_CHECKING:
    from pydicom import Dataset

Area = tuple[float, float, float, float]  # left, top, width, height of the displayed area in px


def graphic_statements(plain: ResultObject, dataset: Dataset) -> ResultObject:
    """The object with a statement for each graphic; call it inside ``parsing``."""
    images = tuple(
        found
        for series in dataset.get("ReferencedSeriesSequence") or ()
        for found in map(reference_of, series.get("ReferencedImageSequence") or ())
        if found is not None
    )
    statements = []
    for annotation in dataset.get("GraphicAnnotationSequence") or ():
        own = [each for each in map(reference_of, annotation.get("ReferencedImageSequence") or ()) if each is not None]
        statements += list(_annotation(annotation, own or images, dataset))
    return replace(plain, images=images, statements=tuple(statements))


def _annotation(annotation: Dataset, images: Sequence[Reference], dataset: Dataset) -> Iterator[Statement]:
    """The graphics of one annotation; its text goes with the graphic where there is one of them alone."""
    if annotation.get("CompoundGraphicSequence"):
        yield Statement(images=tuple(images), problem="a compound graphic cannot be read")
        return
    graphics = list(annotation.get("GraphicObjectSequence") or ())
    texts = tuple(
        str(text.get("UnformattedTextValue") or "").strip() for text in annotation.get("TextObjectSequence") or ()
    )
    for graphic in graphics:
        if len(images) == 1:
            yield replace(_graphic(graphic, images[0], dataset), texts=texts if len(graphics) == 1 else ())
        else:
            yield Statement(images=tuple(images), problem=f"a graphic is for {len(images)} images, and not for one")


def _graphic(graphic: Dataset, image: Reference, dataset: Dataset) -> Statement:
    form = str(graphic.get("GraphicType") or "").strip().upper()
    points = points_of(graphic.get("GraphicData"), 2)
    known = [each for each in get_args(Form) if each == form]
    if not known or not points or graphic.get("GraphicDimensions", 2) != 2:
        return Statement(images=(image,), problem=f"a graphic of the form {form or 'none'} cannot be read")
    units = str(graphic.get("GraphicAnnotationUnits") or "").strip()
    if units == "DISPLAY":
        area = _displayed_area(dataset, image)
        if area is None:
            problem = "a graphic is in DISPLAY units, and the displayed area does not let them be converted exactly"
            return Statement(images=(image,), problem=problem)
        left, top, width, height = area
        if known[0] == "CIRCLE" and width != height:
            problem = "a circle in DISPLAY units of an area that is not square is no circle on the image"
            return Statement(images=(image,), problem=problem)
        points = tuple((left + x * width, top + y * height) for x, y in points)
    elif units != "PIXEL":
        return Statement(images=(image,), problem=f"a graphic is in the units {units or 'none'}, which are not read")
    return Statement(regions=(Region(form=known[0], points=points, image=image),))


def _displayed_area(dataset: Dataset, image: Reference) -> Area | None:
    if dataset.get("ImageRotation") not in (None, 0) or dataset.get("ImageHorizontalFlip") not in (None, "", "N"):
        return None
    areas = []
    for item in dataset.get("DisplayedAreaSelectionSequence") or ():
        named = [each.uid for each in map(reference_of, item.get("ReferencedImageSequence") or ()) if each is not None]
        if not named or image.uid in named:
            areas.append(item)
    if len(areas) != 1:
        return None
    corners = [points_of(areas[0].get(f"DisplayedArea{corner}HandCorner"), 2) for corner in ("TopLeft", "BottomRight")]
    if not all(len(corner) == 1 for corner in corners):
        return None
    (left, top), (right, bottom) = corners[0][0], corners[1][0]  # whole pixels, the first is 1, both belong to it
    width, height = right - left + 1, bottom - top + 1
    return (left - 1, top - 1, width, height) if width > 0 and height > 0 else None
