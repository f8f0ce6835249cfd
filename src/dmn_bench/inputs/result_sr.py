"""The content tree of a structured report as plain records, bounded in depth and size."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from .faults import fault
from .result_codes import CENTRE, DERIVATION, modern
from .result_content import Code, Form, Quantity, Reference, Region

if TYPE_CHECKING:
    from pydicom import Dataset

UNDEFINED_LENGTH = 0xFFFFFFFF
WHOLE_SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"
MOST_DEPTH = 60
MOST_ITEMS = 200_000
MOST_NUMBERS = 2_000_000  # coordinates in one shape


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One content item. What its value type does not have is None or empty."""

    value_type: str  # CONTAINER, CODE, TEXT, NUM, SCOORD, SCOORD3D, IMAGE, COMPOSITE, UIDREF …; "" by reference
    relationship: str = ""
    concept: Code | None = None
    code: Code | None = None
    text: str = ""
    quantity: Quantity | None = None
    reference: Reference | None = None
    shape: Region | None = None
    points_at: tuple[int, ...] = ()  # position of the item that it stands for, the root is (1,)
    children: tuple[Item, ...] = ()

    def asks(self, key: str) -> bool:
        """Whether its concept is this one, as ``SCHEME:value``."""
        return self.concept is not None and self.concept.key == key

    def walk(self) -> Iterator[Item]:
        """The item and all below it, in the order of the document."""
        yield self
        for child in self.children:
            yield from child.walk()


def content_tree(dataset: Dataset, path: Path) -> Item:
    """The root of a report's content with everything below it; call it inside ``parsing``.

    Raises InputFileError if the tree is deeper or larger than any report.
    """
    return _Builder(path).item(dataset, depth=1)


def refuse_cut(dataset: Dataset, path: Path) -> None:
    """Raise InputFileError if an element holds fewer bytes than it says: the library reads over that.

    Half a report is not a smaller one: without its region the score of a lesion would be that of the whole image.
    """
    for tag in list(dataset.keys()):
        raw = dataset.get_item(tag)
        length, value = getattr(raw, "length", None), raw.value
        if length not in (None, UNDEFINED_LENGTH) and isinstance(value, bytes) and len(value) != length:
            raise fault(path, "dicom_unreadable", found="EOFError")


def target(root: Item, item: Item) -> Item | None:
    """The item itself, or the one that it stands for by reference; None if there is none."""
    if not item.points_at:
        return item
    found = root
    for place in item.points_at[1:]:
        if not 1 <= place <= len(found.children):
            return None
        found = found.children[place - 1]
    return found if not found.points_at else None


def region_of(root: Item, item: Item) -> Region | None:
    """The shape of a SCOORD or SCOORD3D item with the image that it is drawn on; None if either is unclear."""
    if item.shape is None:
        return None
    children = [target(root, child) for child in item.children]
    images = {child.reference for child in children if child is not None and child.reference is not None}
    if len(images) > 1 or (not images and item.value_type == "SCOORD"):
        return None
    if any(image.sop_class == WHOLE_SLIDE for image in images):  # its pixels count from another corner, frame by frame
        return None
    return replace(item.shape, image=images.pop() if images else None, is_outline=not item.asks(CENTRE))


def references_below(root: Item, item: Item) -> tuple[Reference, ...]:
    """Every instance that the item and those below it refer to, each once."""
    found = (target(root, each) for each in item.walk())
    return tuple(dict.fromkeys(each.reference for each in found if each is not None and each.reference is not None))


def code_of(sequence: Sequence[Dataset] | None) -> Code | None:
    """The first code of a code sequence; None if it has none."""
    if not sequence:
        return None
    first = sequence[0]
    value = first.get("CodeValue") or first.get("LongCodeValue") or first.get("URNCodeValue")
    if not value:
        return None
    scheme, meaning = str(first.get("CodingSchemeDesignator") or ""), str(first.get("CodeMeaning") or "")
    return modern(str(value).strip(), scheme.strip(), meaning.strip())


def reference_of(item: Dataset) -> Reference | None:
    """The instance, with its frames, that a reference item names; None if it names none."""
    uid = str(item.get("ReferencedSOPInstanceUID") or "").strip()
    if not uid:
        return None
    return Reference(
        uid=uid,
        sop_class=str(item.get("ReferencedSOPClassUID") or "").strip(),
        frames=tuple(int(frame) for frame in _listed(item.get("ReferencedFrameNumber"))),
        segments=tuple(int(number) for number in _listed(item.get("ReferencedSegmentNumber"))),
    )


def points_of(numbers: object, size: int) -> tuple[tuple[float, ...], ...]:
    """Coordinates in groups of ``size``; () if they do not divide, are not finite, or are too many."""
    flat = _listed(numbers)
    if not flat or len(flat) % size or len(flat) > MOST_NUMBERS or not all(math.isfinite(number) for number in flat):
        return ()
    return tuple(tuple(flat[i : i + size]) for i in range(0, len(flat), size))


def _listed(numbers: object) -> list[float]:
    if numbers is None or numbers == "":
        return []
    if isinstance(numbers, str | int | float):
        return [float(numbers)]
    return [float(number) for number in numbers]  # type: ignore[attr-defined]  # a MultiValue


class _Builder:
    def __init__(self, path: Path) -> None:
        self._path, self._n_items = path, 0

    def item(self, dataset: Dataset, depth: int) -> Item:
        refuse_cut(dataset, self._path)
        self._n_items += 1
        if depth > MOST_DEPTH or self._n_items > MOST_ITEMS:
            raise fault(self._path, "too_large")
        value_type = str(dataset.get("ValueType") or "").strip()
        concept = code_of(dataset.get("ConceptNameCodeSequence"))
        children = tuple(self.item(child, depth + 1) for child in dataset.get("ContentSequence") or ())
        reference = _image_of(dataset)
        return Item(
            value_type=value_type,
            relationship=str(dataset.get("RelationshipType") or "").strip(),
            concept=concept,
            code=code_of(dataset.get("ConceptCodeSequence")) if value_type == "CODE" else None,
            text=_text(dataset, value_type),
            quantity=_quantity(dataset, concept, children) if value_type == "NUM" else None,
            reference=reference,
            shape=_shape(dataset, value_type) if value_type.startswith("SCOORD") else None,
            points_at=tuple(int(place) for place in _listed(dataset.get("ReferencedContentItemIdentifier"))),
            children=children,
        )


def _text(dataset: Dataset, value_type: str) -> str:
    keyword = {"TEXT": "TextValue", "UIDREF": "UID", "PNAME": "PersonName"}.get(value_type)
    return str(dataset.get(keyword) or "").strip() if keyword else ""


def _quantity(dataset: Dataset, concept: Code | None, children: Sequence[Item]) -> Quantity:
    measured = dataset.get("MeasuredValueSequence")
    name = concept or Code(value="", scheme="")
    if not measured:
        return Quantity(concept=name, value=None)
    values = _listed(measured[0].get("NumericValue"))
    unit = code_of(measured[0].get("MeasurementUnitsCodeSequence"))
    value = values[0] if len(values) == 1 and math.isfinite(values[0]) else None
    derivations = [child.code for child in children if child.asks(DERIVATION) and child.code is not None]
    return Quantity(
        concept=name,
        value=value,
        unit=unit.value if unit and unit.scheme == "UCUM" else "",
        derivation=derivations[0] if derivations else None,
    )


def _image_of(dataset: Dataset) -> Reference | None:
    items = dataset.get("ReferencedSOPSequence")
    return reference_of(items[0]) if items else None


def _shape(dataset: Dataset, value_type: str) -> Region | None:
    """The shape, still without its image; None if it is none that is known or its numbers are wrong."""
    graphic = str(dataset.get("GraphicType") or "").strip().upper()
    forms = [form for form in get_args(Form) if form == graphic]
    in_mm = value_type == "SCOORD3D"
    points = points_of(dataset.get("GraphicData"), 3 if in_mm else 2)
    if not forms or not points:
        return None
    frame_of_reference = str(dataset.get("ReferencedFrameOfReferenceUID") or "").strip() if in_mm else ""
    return Region(form=forms[0], points=points, frame_of_reference_uid=frame_of_reference)
