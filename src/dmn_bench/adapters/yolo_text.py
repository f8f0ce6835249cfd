"""Adapter ``yolo-text``: one text file for each image, a line for each detection in shares of the image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Literal

from ..errors import CandidateError, Problem
from ..files import path_as_text, sha256_of_json
from ..hookspecs import FileAdapter, LiveAdapter, hookimpl
from ..polygons import box_around
from ..vocabulary import Contour
from .prediction_cells import NOT_FINITE, PLAIN_NUMBER
from .prediction_ids import Named
from .prediction_rules import Rules
from .prediction_tables import SHOWN_CHARACTERS, Faults, text_of
from .result_entries import Entries, MarkFiles, existing
from .result_json import read_json

SUFFIX = ".txt"


@dataclass(frozen=True, kw_only=True)
class YoloText(MarkFiles):
    """Reads ``class cx cy width height [confidence]`` from folder/IMAGE.txt; an empty file: looked and found none."""

    name: ClassVar[str] = "yolo-text"

    path: str  # the folder of the text files
    classes: Mapping[str, str] = field(
        default_factory=dict
    )  # the number or, with class_names, name of a class -> finding
    ignore_classes: tuple[str, ...] = ()
    class_names: str | None = None  # a file with the name of class 0, 1, 2 … in each line
    confidence: Literal["last", "none"] = "last"  # none: the lines end without one
    evaluated: str | None = None  # a JSON list of the images that were processed: those without a file have no mark
    polygons: Literal["refuse", "outlines", "contours"] = "refuse"  # lines class x1 y1 x2 y2 x3 y3 … [confidence]

    def default_id(self) -> Mapping[str, str | int]:
        """Text files are named after images."""
        return {"is": "file_name"}

    def check(self, faults: Faults) -> None:
        """See ``ResultFiles``."""
        if not self.classes:
            faults.add("answers.nothing_mapped", self.path, option="classes")
        if (self.evaluated is None) == (self.no_marks == "negative"):
            key = "answers.no_marks_needs_list" if self.evaluated is None else "answers.evaluated_unused"
            faults.add(key, self.path, **({"known": "evaluated"} if self.evaluated is None else {}))

    def rules(self) -> Rules:
        """See ``ResultFiles``."""
        return replace(
            super().rules(),
            findings=dict(self.classes),
            ignore_findings=self.ignore_classes,
            boxes="cxcywh",
            normalised=True,
        )

    def files(self, base: Path) -> Sequence[tuple[str, Path]]:
        """See ``ResultFiles``."""
        beside = [(name, existing(base, name)) for name in (self.class_names, self.evaluated) if name is not None]
        return [*self._texts(base), *beside]

    def identity(self, base: Path) -> Mapping[str, str]:
        """See ``ResultFiles``; of texts that are named after the hospital's files one for all, without their names."""
        found = super().identity(base)
        if self.id.get("is") != "source_file":
            return found
        texts = {name for name, _ in self._texts(base)}
        beside = {name: digest for name, digest in found.items() if name not in texts}
        return {**beside, self.path: sha256_of_json({name: found[name] for name in texts})}

    def read_into(self, entries: Entries, base: Path, faults: Faults) -> None:
        """See ``ResultFiles``."""
        entries.with_marks()
        entries.has_structures = self.polygons == "contours"
        names = self._class_names(base, faults)
        read: set[Named] = set()
        for name, path in self._texts(base):
            lines = text_of(path, name, self.encoding).splitlines()
            for named in entries.cases_of(path.stem, name):
                read.add(named)
                entries.say(named, name)
                self._image(named, name, lines, names, entries)
        if self.evaluated is not None:
            for node in read_json(base / self.evaluated, self.evaluated, self.encoding, faults).items():
                for named in entries.cases_of(node.identifier(), node.where):
                    if named not in read:
                        read.add(named)
                        entries.say(named, node.where)

    def _texts(self, base: Path) -> Iterator[tuple[str, Path]]:
        folder = base / self.path
        if not folder.is_dir():
            raise CandidateError(Problem(key="answers.no_folder", where=str(base), facts={"found": self.path}))
        beside = {(base / name).resolve() for name in (self.class_names, self.evaluated) if name is not None}
        for path in sorted(folder.iterdir()):
            if path.is_file() and path.suffix.lower() == SUFFIX and path.resolve() not in beside:
                yield f"{self.path.rstrip('/')}/{path_as_text(path.relative_to(folder))}", path

    def _class_names(self, base: Path, faults: Faults) -> Sequence[str] | None:
        """The names of class 0, 1 …; None where classes are called by their numbers."""
        if self.class_names is None:
            return None
        lines = text_of(existing(base, self.class_names), self.class_names, self.encoding).splitlines()
        names = [line.strip() for line in lines if line.strip()]
        for name in sorted({name for name in names if names.count(name) > 1}):
            faults.add("answers.class_doubled", self.class_names, found=name)
        return names

    def _image(
        self, named: Named, name: str, lines: Sequence[str], names: Sequence[str] | None, entries: Entries
    ) -> None:
        """The lines of one image; a line that is there twice was written by two runs: two answers."""
        filled = [(number, line.split()) for number, line in enumerate(lines, start=1) if line.strip()]
        for number, words in filled:
            where = f"{name}:{number}"
            if any(words == other for other_number, other in filled if other_number < number):
                entries.fail(named, f"two answers: a line that is there twice ({where})")
                return
            numbers = self._numbers(words, where, entries)
            if numbers is None:
                continue
            category = self._class(words[0], names, where, entries.faults)
            if category and category not in self.ignore_classes:
                self._mark(named, where, category, numbers, entries)

    def _numbers(self, words: Sequence[str], where: str, entries: Entries) -> list[float] | None:
        """The numbers after the class, the confidence last where there is one; None with a problem noted."""
        wrong = [word for word in words[1:] if not (PLAIN_NUMBER.fullmatch(word) or NOT_FINITE.fullmatch(word))]
        if wrong:
            entries.faults.add("answers.line_not_numbers", where, found=wrong[0][:SHOWN_CHARACTERS])
            return None
        extra = 1 if self.confidence == "last" else 0
        n = len(words) - 1 - extra
        is_polygon = n >= 6 and n % 2 == 0
        if n != 4 and not is_polygon:
            entries.faults.add("answers.line_width", where, expected=5 + extra, found=len(words))
            return None
        if is_polygon and self.polygons == "refuse":
            entries.faults.add("answers.polygon_refused", where)
            return None
        return [float(word) for word in words[1:]]

    def _class(self, word: str, names: Sequence[str] | None, where: str, faults: Faults) -> str | None:
        """What the options call the class of a line."""
        if not word.isascii() or not word.isdigit() or len(word) > 9:
            faults.add("answers.class_not_whole", where, found=word[:SHOWN_CHARACTERS])
            return None
        if names is None:
            return str(int(word))
        if int(word) >= len(names):
            faults.add("answers.class_without_name", where, found=word, n=len(names), file=str(self.class_names))
            return None
        return names[int(word)]

    def _mark(self, named: Named, where: str, category: str, numbers: Sequence[float], entries: Entries) -> None:
        score = numbers[-1] if self.confidence == "last" else None
        place = list(numbers[:-1] if self.confidence == "last" else numbers)
        if len(place) > 4:
            polygon = tuple(zip(place[::2], place[1::2], strict=True))
            if self.polygons == "outlines":
                entries.say(named, where, finding=category, score=score, outline=[*place])
                return
            x, y, width, height = box_around(polygon)
            self._draw(named, where, category, polygon, entries)
            place = [x + width / 2, y + height / 2, width, height]
        x, y, width, height = place
        entries.say(named, where, finding=category, score=score, x=x, y=y, width=width, height=height)

    def _draw(
        self, named: Named, where: str, category: str, polygon: Sequence[tuple[float, float]], entries: Entries
    ) -> None:
        """The polygon of a line as a contour in px."""
        size = entries.image_size(named)
        structure = self.classes.get(category)
        if size is None or structure is None:  # the mark of the line is noted as a problem
            return
        if not all(-1 / size[axis] <= point[axis] <= 1 + 1 / size[axis] for point in polygon for axis in (0, 1)):
            entries.fail(named, f"a polygon outside its image of {size[0]} by {size[1]} px ({where})")
            return
        points = tuple((x * size[0], y * size[1]) for x, y in polygon)
        entries.draw(named, Contour(structure=structure, points=points, image=entries.image_to_name(named)))


@hookimpl
def register_adapters() -> list[type[LiveAdapter] | type[FileAdapter]]:
    """The adapter of YOLO's text files."""
    return [YoloText]
