"""Adapter ``coco-results``: detections and segmentations from a COCO results file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

from ..hookspecs import FileAdapter, LiveAdapter, hookimpl
from ..inputs.json_nodes import Noting
from ..polygons import Outline, box_around, encloses
from ..vocabulary import Contour, Mask
from .coco_masks import MaskError, box_of_mask_runs, mask_runs, one_outline
from .prediction_ids import Named
from .prediction_rules import Rules
from .prediction_tables import Cell, Faults
from .result_entries import Entries, MarkFiles, existing
from .result_json import Node, read_json
from .turned_pictures import UPRIGHT, stored_size, turned_box, turned_drawing, turned_mask, turned_points

MAX_POINTS = 1_000_000
OWN_NUMBERS = ("id", "image_id")  # of a result: they tell it from others and say nothing of the image


class _Listed(NamedTuple):
    """One image of a table of images: the id that our set may know, and the size it was analysed at."""

    id: str
    size: tuple[float, float] | None
    where: str


@dataclass(kw_only=True)
class _Heard:
    """What was read so far, to notice what is there twice."""

    image_ids: dict[tuple[str, str], str] = field(default_factory=dict)  # case and image -> the image_id that named it
    results: set[tuple[Named, str]] = field(default_factory=set)

    def other_id(self, named: Named, image: str, image_id: str) -> str | None:
        """Another image_id that named the same image; None where there was none."""
        first = self.image_ids.setdefault((named.case_id, image), image_id)
        return first if first != image_id else None

    def is_repeated(self, named: Named, node: Node) -> bool:
        """Whether a result says of a case or image what another one said, its own number aside."""
        said = json.dumps({key: value for key, value in node.value.items() if key not in OWN_NUMBERS}, sort_keys=True)
        is_known = (named, said) in self.results
        self.results.add((named, said))
        return is_known


@dataclass(frozen=True, kw_only=True)
class CocoResults(MarkFiles):
    """Reads a list of {image_id, category_id, bbox, score, segmentation}; boxes are x, y, width, height."""

    name: ClassVar[str] = "coco-results"

    categories: Mapping[str, str]  # category_id -> finding
    ignore_categories: tuple[str, ...] = ()
    images: str | None = None  # a COCO file with the table ``images``; null: image_id is itself what ``id`` says
    image_field: str = "file_name"  # its field that holds what ``id`` says
    evaluated: str | None = None  # a JSON list of the image ids that were processed, or a file like ``images``
    box_unit: Literal["px", "normalised"] = "px"
    analysed_size: tuple[float, float] | Literal["images"] | None = None  # columns and rows that boxes are in px of
    pictures: Literal["upright", "stored"] = "upright"  # stored: the device ignored orientation marks (EXIF)
    segmentations: Literal["refuse", "ignore", "boxes", "regions", "masks"] = "refuse"  # regions: of the marks

    def default_id(self) -> Mapping[str, str | int]:
        """Images of a table are named by their files."""
        return {"is": "file_name"} if self.images is not None and self.image_field == "file_name" else {}

    def check(self, faults: Faults) -> None:
        """See ``ResultFiles``."""
        where = ", ".join(self.paths())
        if not self.categories:
            faults.add("answers.nothing_mapped", where, option="categories")
        if self.no_marks == "negative" and self.images is None and self.evaluated is None:
            faults.add("answers.no_marks_needs_list", where, known="evaluated, images")
        if self.evaluated is not None and self.no_marks == "failed":
            faults.add("answers.evaluated_unused", where)
        if self.analysed_size == "images" and self.images is None:
            faults.add("answers.analysed_size_needs_images", where)
        if self.analysed_size is not None and self.box_unit == "normalised":
            faults.add("answers.analysed_size_normalised", where)
        if isinstance(self.analysed_size, tuple) and min(self.analysed_size) <= 0:
            faults.add("answers.analysed_size_wrong", where, found=str(list(self.analysed_size)))

    def rules(self) -> Rules:
        """See ``ResultFiles``."""
        return replace(
            super().rules(),
            findings=dict(self.categories),
            ignore_findings=self.ignore_categories,
            normalised=self._gives_shares(),
        )

    def _gives_shares(self) -> bool:
        return self.box_unit == "normalised" or self.analysed_size is not None

    def files(self, base: Path) -> Sequence[tuple[str, Path]]:
        """See ``ResultFiles``."""
        beside = dict.fromkeys(name for name in (self.images, self.evaluated) if name is not None)
        return [*super().files(base), *((name, existing(base, name)) for name in beside)]

    def read_into(self, entries: Entries, base: Path, faults: Faults) -> None:
        """See ``ResultFiles``."""
        images = self._images(base, faults)
        results = [
            node
            for name in self.paths()
            for node in self._listed(read_json(base / name, name, self.encoding, faults)).objects()
        ]
        if any("bbox" in node for node in results) or self.segmentations != "masks":
            entries.with_marks()
        entries.has_structures = self.segmentations == "masks"
        if self.no_marks == "negative":
            processed = _Heard()
            for text, where in self._evaluated(base, images, faults):
                for named in entries.cases_of(text, where):
                    self._note_other_id(processed, named, text, where, entries)
                    entries.say(named, where)
        faults.stop_if_any()
        heard = _Heard()
        for node in results:
            self._result(node, images, heard, entries)

    def _listed(self, root: Node) -> Node:
        return root.at("annotations") if isinstance(root.value, dict) and "annotations" in root else root

    def _images(self, base: Path, faults: Faults) -> Mapping[str, _Listed] | None:
        if self.images is None:
            return None
        return self._table(read_json(base / self.images, self.images, self.encoding, faults))

    def _table(self, root: Node) -> Mapping[str, _Listed]:
        """The table ``images`` by image_id."""
        found: dict[str, _Listed] = {}
        if "images" not in root:
            root.note("answers.no_images_table")
        for node in root.at("images").objects():
            key, text = node.at("id").identifier(), node.at(self.image_field).identifier()
            if not key or not text:
                root.faults.add("answers.image_incomplete", node.where, expected=f"id, {self.image_field}")
                continue
            if key in found:
                root.faults.add("answers.image_doubled", node.where, found=key)
            width, height = node.at("width").number(), node.at("height").number()
            size = (width, height) if width and height and min(width, height) > 0 else None
            found[key] = _Listed(text, size, node.where)
        return found

    def _evaluated(self, base: Path, images: Mapping[str, _Listed] | None, faults: Faults) -> Iterator[tuple[str, str]]:
        """(what the set may know, place) of every image that was processed, each once."""
        if self.evaluated is None:
            yield from ((listed.id, listed.where) for listed in (images or {}).values())
            return
        root = read_json(base / self.evaluated, self.evaluated, self.encoding, faults)
        if isinstance(root.value, dict):
            yield from ((listed.id, listed.where) for listed in self._table(root).values())
            return
        seen: set[str] = set()
        for node in root.items():
            key = node.identifier()
            if key in seen:
                faults.add("answers.image_doubled", node.where, found=key)
            seen.add(key)
            listed = self._image(key, images, node)
            if listed is not None:
                yield listed.id, node.where

    def _image(self, key: str, images: Mapping[str, _Listed] | None, node: Node) -> _Listed | None:
        """The image of an id; None, with a problem noted, where the table has none."""
        if images is None or not key:
            if not key:
                node.note("answers.no_id")
            return _Listed(key, None, node.where) if key else None
        if key not in images:
            node.faults.add("answers.image_not_in_table", node.where, found=key, file=str(self.images))
        return images.get(key)

    def _note_other_id(self, heard: _Heard, named: Named, image_id: str, where: str, entries: Entries) -> None:
        image = entries.one_image(named)
        other = heard.other_id(named, image, image_id) if image is not None else None
        if other is not None:
            entries.faults.add("answers.image_of_two_ids", where, found=image_id, other=other)

    def _result(self, node: Node, images: Mapping[str, _Listed] | None, heard: _Heard, entries: Entries) -> None:
        image_id = node.at("image_id").identifier()
        listed = self._image(image_id, images, node.at("image_id"))
        category = node.at("category_id").identifier()
        if not category:
            node.at("category_id").note("answers.no_category")
        if listed is None or not category or category in self.ignore_categories:
            return
        for named in entries.cases_of(listed.id, node.where):
            self._note_other_id(heard, named, image_id, node.where, entries)
            if heard.is_repeated(named, node):
                entries.fail(named, f"two answers: a result that is there twice ({node.where})")
                continue
            try:
                self._say(node, listed, named, entries)
                self._structures(node, listed, named, entries)
            except MaskError as error:
                entries.fail(named, f"{error} ({node.where})")

    def _say(self, node: Node, listed: _Listed, named: Named, entries: Entries) -> None:
        """Take in the mark of a result, with its region where that is wanted. Raises MaskError."""
        turn, original = self._turn(named, entries)
        whole = (1.0, 1.0) if self._gives_shares() or original is None else original  # the picture, in what boxes are
        said: dict[str, Cell] = {}
        region = self._region(node, original) if self.segmentations == "regions" else None
        box = self._box(node, listed, original)
        if box is not None:
            said.update(zip(("x", "y", "width", "height"), turned_box(turn, box, whole), strict=True))
        if isinstance(region, tuple):
            size = self._size(listed, original, node) or (1.0, 1.0)
            outline = turned_points(turn, [(x / size[0], y / size[1]) for x, y in region], whole)
            said["outline"] = [[x, y] for x, y in outline]
        if said:
            said.update(finding=node.at("category_id").identifier(), score=node.at("score").number())
            if isinstance(region, Mask):
                entries.say_region(named, node.where, turned_mask(region, turn), said)
            else:
                entries.say(named, node.where, **said)

    def _region(self, node: Node, original: tuple[int, int] | None) -> Mask | Outline | None:
        """The region of a mark: a mask in the size of the image, or an outline as the file has it."""
        segmentation = node.at("segmentation")
        if segmentation.value is None:
            return None
        if isinstance(segmentation.value, dict):
            rows, columns, runs = mask_runs(segmentation)
            _check_size(columns, rows, original)
            box_of_mask_runs(columns, runs)
            return Mask(structure="", rows=rows, columns=columns, runs=runs)
        if self.box_unit == "normalised":
            node.faults.add("answers.polygon_in_px", node.where)
            return None
        polygons = [points[:-1] if points[0] == points[-1] else points for points in _polygons(segmentation)]
        if not polygons:
            raise MaskError("a segmentation without points")
        if not all(map(encloses, polygons)):
            raise MaskError("a polygon that encloses nothing")
        return one_outline(polygons)

    def _box(
        self, node: Node, listed: _Listed, original: tuple[int, int] | None
    ) -> tuple[float, float, float, float] | None:
        """x, y, width, height: in px of the original, or as shares where the image was analysed at another size.

        Raises MaskError where the segmentation that it is to be taken from is none.
        """
        numbers = node.at("bbox").numbers(4)
        is_drawn = False
        if numbers is None and "bbox" not in node:
            if self.segmentations not in ("boxes", "regions") and "segmentation" in node:
                if self.segmentations in ("refuse", "ignore"):
                    node.note("answers.segmentation_without_box")
                return None
            if "segmentation" not in node:
                node.note("answers.no_box")
                return None
            numbers, is_drawn = _box_of(node.at("segmentation")), True
        if numbers is None:
            return None
        x, y, width, height = numbers
        if self.box_unit == "normalised" and not is_drawn:
            return x, y, width, height
        size = self._size(listed, original, node)
        if size is None:
            return x, y, width, height
        return x / size[0], y / size[1], width / size[0], height / size[1]

    def _size(self, listed: _Listed, original: tuple[int, int] | None, node: Node) -> tuple[float, float] | None:
        """The size that boxes become shares of; None where they are in px of the original."""
        self._check_size(listed, original, node.faults)
        if self.analysed_size is None and self.box_unit == "px":
            return None
        if isinstance(self.analysed_size, tuple):
            return self.analysed_size
        size = listed.size if self.analysed_size == "images" else original
        if size is None:
            node.faults.add("answers.size_unknown", node.where)
            return (1.0, 1.0)
        return size

    def _check_size(self, listed: _Listed, original: tuple[int, int] | None, faults: Noting) -> None:
        """Note a table that gives an image another size, where boxes are said to be in px of either of the two."""
        if listed.size is None or original is None or listed.size == original:
            return
        found, expected = (f"{size[0]:g} x {size[1]:g}" for size in (listed.size, original))
        if self.analysed_size in (None, "images") and self.box_unit == "px" and _is_turned(listed.size, original):
            key = "turned_without_mark" if self.pictures == "stored" else "turned_size"
            faults.add(f"answers.{key}", listed.where, found=found, expected=expected)
        elif self.analysed_size is None and self.box_unit == "px":
            faults.add("answers.other_size", listed.where, found=found, expected=expected)

    def _structures(self, node: Node, listed: _Listed, named: Named, entries: Entries) -> None:
        """Take in the mask or contours of a result. Raises MaskError where they cannot be those of this image."""
        segmentation = node.at("segmentation")
        if segmentation.value is None:
            return
        if self.segmentations == "refuse":
            node.faults.add("answers.segmentation_refused", node.where)
        if self.segmentations != "masks":
            return
        category, (turn, original) = node.at("category_id").identifier(), self._turn(named, entries)
        structure = self.categories.get(category)
        if structure is None:
            known = ", ".join([*self.categories, *self.ignore_categories])
            node.faults.add("adapters.finding_unknown", node.where, found=category, known=known)
            return
        if isinstance(segmentation.value, list) and self._gives_shares():
            node.faults.add("answers.polygon_in_px", node.where)
            return
        if isinstance(segmentation.value, list):
            self._check_size(listed, original, node.faults)
        for drawn in _drawn(segmentation, structure, entries.image_to_name(named), original):
            entries.draw(named, turned_drawing(drawn, turn, original))

    def _turn(self, named: Named, entries: Entries) -> tuple[int, tuple[int, int] | None]:
        """The orientation mark by which answers are turned, and the size of the picture that they are about."""
        turn = entries.picture_turn(named) if self.pictures == "stored" else UPRIGHT
        shown = entries.image_size(named)
        return turn, None if shown is None else stored_size(turn, shown)


def _is_turned(listed: tuple[float, float], original: tuple[int, int]) -> bool:
    """Whether a size has, to the px, the proportions of an image that was turned by a quarter and not its own.

    >>> _is_turned((373, 454), (454, 373)), _is_turned((187, 227), (454, 373)), _is_turned((227, 187), (454, 373))
    (True, True, False)
    """
    (width, height), (columns, rows) = listed, original
    is_alike = abs(width * rows - height * columns) <= max(original)
    return not is_alike and abs(width * columns - height * rows) <= max(original)


def _box_of(segmentation: Node) -> tuple[float, float, float, float]:
    """The box round a segmentation, in px."""
    if isinstance(segmentation.value, dict):
        _, columns, runs = mask_runs(segmentation)
        return box_of_mask_runs(columns, runs)
    points = [point for polygon in _polygons(segmentation) for point in polygon]
    if not points:
        raise MaskError("a segmentation without points")
    return box_around(points)


def _drawn(
    segmentation: Node, structure: str, image: str | None, original: tuple[int, int] | None
) -> Iterator[Mask | Contour]:
    """The mask or the contours of a segmentation. Raises MaskError where they cannot be those of this image."""
    if not isinstance(segmentation.value, dict):
        for points in _polygons(segmentation):
            _check_inside(points, original)
            yield Contour(structure=structure, points=points, image=image)
        return
    rows, columns, runs = mask_runs(segmentation)
    _check_size(columns, rows, original)
    yield Mask(structure=structure, rows=rows, columns=columns, runs=runs, image=image)


def _polygons(segmentation: Node) -> Iterator[tuple[tuple[float, float], ...]]:
    """The polygons of a segmentation [[x1, y1, x2, y2, …], …]."""
    for node in segmentation.items():
        numbers = node.numbers()
        if numbers is None:
            continue
        if len(numbers) < 6 or len(numbers) % 2 or len(numbers) > MAX_POINTS:
            raise MaskError(f"a polygon of {len(numbers)} numbers")
        if any(abs(number) == float("inf") or number != number for number in numbers):
            raise MaskError("a polygon with a number that is none")
        yield tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _check_size(columns: int, rows: int, original: tuple[int, int] | None) -> None:
    if original is not None and (columns, rows) != original:
        raise MaskError(f"a mask of {columns} by {rows} px on an image of {original[0]} by {original[1]} px")


def _check_inside(points: Sequence[tuple[float, float]], size: tuple[int, int] | None) -> None:
    if size is None:
        return
    x, y, width, height = box_around(points)
    if x < -1 or y < -1 or x + width > size[0] + 1 or y + height > size[1] + 1:  # as far as a box may reach
        raise MaskError(f"a polygon outside its image of {size[0]} by {size[1]} px")


@hookimpl
def register_adapters() -> list[type[LiveAdapter] | type[FileAdapter]]:
    """The adapter of COCO results."""
    return [CocoResults]
