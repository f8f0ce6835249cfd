"""Adapter ``grand-challenge``: likelihoods, boxes, points, polygons and ellipses written for grand-challenge.org."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

from ..hookspecs import FileAdapter, LiveAdapter, hookimpl
from .mark_geometry import MAX_OUTLINE, ellipse_outline
from .prediction_ids import Named
from .prediction_tables import Cell, Faults
from .result_entries import Entries, MarkFiles, existing
from .result_json import Node, read_json

LISTS = {  # type of an output -> its list, and what places an entry
    "Multiple 2D bounding boxes": ("boxes", ("corners",)),
    "2D bounding box": ("", ("corners",)),
    "Multiple points": ("points", ("point",)),
    "Point": ("", ("point",)),
    "Multiple polygons": ("polygons", ("path_points",)),
    "Polygon": ("", ("path_points",)),
    "Multiple ellipses": ("ellipses", ("major_axis", "minor_axis")),
    "Ellipse": ("", ("major_axis", "minor_axis")),
}
N_POINTS = {"corners": (4, 4), "path_points": (3, MAX_OUTLINE + 1), "major_axis": (2, 2), "minor_axis": (2, 2)}
MAJOR_VERSION = 1
SUCCEEDED = "Succeeded"
JOBS = "predictions.json"
Place = dict[str, Cell]
Points = Sequence[Sequence[float]]


class _Output(NamedTuple):
    """One output of one job: its slug, and what is in it."""

    slug: str
    content: Node


@dataclass(frozen=True, kw_only=True)
class GrandChallenge(MarkFiles):
    """Reads predictions.json with its folders, or a folder for each case with a JSON file for each output."""

    name: ClassVar[str] = "grand-challenge"

    path: str  # predictions.json, or a folder with a folder for each case
    coordinates: Literal["px", "mm", "image_mm"]  # image_mm: px times spacing, from the corner of the image
    scores: Mapping[str, str] = field(default_factory=dict)  # slug of an output that is a number -> finding
    marks: Mapping[str, str] = field(default_factory=dict)  # slug of an output with boxes, points … -> finding
    image_input: str | None = None  # slug of the input whose image names the case; needed where there are several
    spacing_mm: tuple[float, float] | None = None  # of columns and rows, for image_mm
    pixel_origin: Literal["corner", "centre"] = "corner"  # what 0 is: the outer corner of the first pixel or its centre
    third: Literal["ignore", "frame_from_0", "frame_from_1"] = "ignore"  # what the third number of a place in px is

    def default_id(self) -> Mapping[str, str | int]:
        """Jobs name their case by the image that went in."""
        return {"is": "file_name"}

    def check(self, faults: Faults) -> None:
        """See ``ResultFiles``."""
        if not (self.scores or self.marks):
            faults.add("answers.nothing_mapped", self.path, option="scores, marks")
        if (self.coordinates == "image_mm") != (self.spacing_mm is not None):
            faults.add("answers.spacing_option", self.path)
        if self.spacing_mm is not None and not min(self.spacing_mm) > 0:
            faults.add("answers.spacing_option", self.path)
        if self.no_marks == "negative" and not self.marks:
            faults.add("answers.no_marks_needs_list", self.path, known="marks")
        for slug in sorted(set(self.scores) & set(self.marks)):
            faults.add("answers.slug_twice", self.path, found=slug)

    def files(self, base: Path) -> Sequence[tuple[str, Path]]:
        """See ``ResultFiles``."""
        path, top = base / self.path, self.path.rstrip("/")
        if path.is_dir():
            return [(f"{top}/{each.relative_to(path).as_posix()}", each) for each in sorted(path.rglob("*.json"))]
        beside = sorted(path.parent.glob("*/output/**/*.json"))  # of the jobs, and nothing else that lies there
        before = f"{top.rpartition('/')[0]}/".lstrip("/")
        named = [(f"{before}{each.relative_to(path.parent).as_posix()}", each) for each in beside]
        return [(self.path, existing(base, self.path)), *named]

    def read_into(self, entries: Entries, base: Path, faults: Faults) -> None:
        """See ``ResultFiles``."""
        if self.marks:
            entries.with_marks()
        path = existing(base, self.path)
        if path.is_dir() and not (path / JOBS).is_file():
            self._read_folders(entries, path, faults)
            return
        jobs, name = (path / JOBS, f"{self.path.rstrip('/')}/{JOBS}") if path.is_dir() else (path, self.path)
        seen: dict[str, str] = {}
        for job in read_json(jobs, name, self.encoding, faults).objects():
            self._read_job(job, jobs.parent, seen, entries)

    def _read_folders(self, entries: Entries, folder: Path, faults: Faults) -> None:
        """A folder for each case, called as the option ``id`` says, its outputs in it or in ``output``."""
        for path in sorted(each for each in folder.iterdir() if each.is_dir()):
            inner = path / "output" if (path / "output").is_dir() else path
            where = f"{self.path.rstrip('/')}/{path.name}"
            outputs = [
                _Output(slug, read_json(file, f"{where}/{file.relative_to(path).as_posix()}", self.encoding, faults))
                for slug in (*self.scores, *self.marks)
                if (file := inner / f"{slug}.json").is_file()
            ]
            for named in entries.cases_of(path.name, where):
                self._hear(named, where, outputs, entries)

    def _read_job(self, job: Node, folder: Path, seen: dict[str, str], entries: Entries) -> None:
        name = self._image_name(job)
        if not name:
            return
        status = job.at("status").text() or SUCCEEDED
        outputs: Sequence[_Output] = ()
        if status == SUCCEEDED:
            outputs = [*self._outputs(job, folder)]
        for named in entries.cases_of(name, job.where):
            if named.case_id in seen and seen[named.case_id] == (named.image or ""):
                entries.fail(named, f"two answers: two jobs for {name}")
            seen[named.case_id] = named.image or ""
            if status != SUCCEEDED:
                entries.decline(named, job.where, "failed", f"job {status}")
            else:
                self._hear(named, job.where, outputs, entries)

    def _image_name(self, job: Node) -> str:
        """The name of the image that went in; "" with a problem noted where it cannot be told."""
        images = {
            _slug(entry): entry.at("image").at("name").text()
            for entry in job.at("inputs").objects()
            if "image" in entry
        }
        if self.image_input is not None:
            images = {slug: name for slug, name in images.items() if slug == self.image_input}
        names = [name for name in images.values() if name]
        if len(names) != 1:
            job.faults.add("answers.job_image", job.where, n=len(names), asked=self.image_input or "—")
            return ""
        return names[0]

    def _outputs(self, job: Node, folder: Path) -> Iterator[_Output]:
        """The outputs of a job that the options name; a value is in the list of jobs, or in a file of its own."""
        key = job.at("pk").identifier()
        for entry in job.at("outputs").objects():
            slug = _slug(entry)
            if slug not in self.scores and slug not in self.marks:
                continue
            relative = (
                entry.at("interface").at("relative_path").text()
                or entry.at("socket").at("relative_path").text()
                or f"{slug}.json"
            )
            inner = folder / key / "output" / relative
            is_inside = inner.resolve().is_relative_to(folder.resolve())
            if "value" in entry:
                yield _Output(slug, entry.at("value"))
            elif key and is_inside and inner.is_file():
                named = f"{key}/output/{relative}"
                yield _Output(slug, read_json(inner, named, self.encoding, job.faults))

    def _hear(self, named: Named, where: str, outputs: Sequence[_Output], entries: Entries) -> None:
        """The outputs of one case; one that is missing leaves its finding without an answer."""
        slugs = [output.slug for output in outputs]
        for slug in dict.fromkeys(slugs):
            if slugs.count(slug) > 1:
                entries.fail(named, f"two answers: the output {slug} is there twice")
        for output in outputs:
            if output.slug in self.scores:
                score = output.content.number()
                entries.say(named, output.content.where, finding=self.scores[output.slug], score=score)
            else:
                self._hear_marks(named, output, entries)
        if self.marks:
            self._hear_absence(named, where, slugs, entries)

    def _hear_absence(self, named: Named, where: str, slugs: Sequence[str], entries: Entries) -> None:
        """What follows for a case from the outputs of marks that are not there."""
        missing = [slug for slug in self.marks if slug not in slugs]
        if not missing or self.no_marks == "negative":
            entries.say(named, where)
        elif len(missing) == len(self.marks):
            entries.without_marks(named)
        else:
            for slug in missing:
                finding = self.marks[slug]
                entries.say(named, where, finding=finding, status="failed", reason=f"no output {slug}")

    def _hear_marks(self, named: Named, output: _Output, entries: Entries) -> None:
        root = output.content
        kind = root.at("type").text()
        if kind not in LISTS:
            entries.faults.add("answers.type_unknown", root.where, found=kind or "—", known=", ".join(LISTS))
            return
        version = root.at("version").at("major")
        if version.value != MAJOR_VERSION:
            version.note("answers.version_unknown")
            return
        inner, keys = LISTS[kind]
        if inner and inner not in root:
            root.at(inner).note("answers.expected_list")
        for node in root.at(inner).objects() if inner else (root,):
            try:
                place = self._place(node, keys)
            except ValueError as error:
                entries.fail(named, f"{error} ({node.where})")
                continue
            if place is not None:
                score = node.at("probability").number()
                entries.say(named, node.where, finding=self.marks[output.slug], score=score, **place)

    def _place(self, node: Node, keys: Sequence[str]) -> Place | None:
        """Where a point, box, polygon or ellipse is, as cells; None with a problem noted.

        Raises ValueError where the numbers are no such thing.
        """
        points: list[Sequence[float]] = []
        for key in keys:
            found = self._points(node.at(key), key)
            if found is None:
                return None
            points += found
        if any(not math.isfinite(number) for point in points for number in point):
            raise ValueError("a place with a number that is none")
        if len({len(point) for point in points}) != 1:
            raise ValueError("a place of points with two numbers and with three")
        if self.coordinates == "mm":
            return _in_mm(points)
        return {**self._in_px(points, keys[0]), "frame": self._frame(points)}

    def _points(self, node: Node, key: str) -> Points | None:
        if node.value is None:
            node.note("answers.expected_list")
            return None
        listed = [node.numbers(2, 3)] if key == "point" else [point.numbers(2, 3) for point in node.items()]
        points = [point for point in listed if point is not None]
        if len(points) < len(listed):
            return None
        least, most = N_POINTS.get(key, (1, 1))
        if not least <= len(points) <= most:
            what = {"corners": "box", "path_points": "polygon"}.get(key, "axis")
            raise ValueError(f"a {what} of {len(points)} {'corners' if what == 'box' else 'points'}")
        return points

    def _in_px(self, points: Points, key: str) -> Place:
        spacing = self.spacing_mm or (1.0, 1.0)
        shift = 0.5 if self.pixel_origin == "centre" else 0.0
        places = [(point[0] / spacing[0] + shift, point[1] / spacing[1] + shift) for point in points]
        if key == "path_points":
            return {"outline": [[x, y] for x, y in places]}
        if key == "major_axis":
            return {"outline": [[x, y] for x, y in ellipse_outline(places)]}
        x, y = [place[0] for place in places], [place[1] for place in places]
        if key == "point":
            return {"x": x[0], "y": y[0]}
        corners = {(a, b) for a in (min(x), max(x)) for b in (min(y), max(y))}
        if set(places) != corners:
            raise ValueError("a box that does not stand upright")
        return {"x": min(x), "y": min(y), "width": max(x) - min(x), "height": max(y) - min(y)}

    def _frame(self, points: Sequence[Sequence[float]]) -> float | None:
        if self.third == "ignore":
            return None
        third = {point[2] if len(point) == 3 else None for point in points}
        number = third.pop()
        if third or number is None or not float(number).is_integer():
            raise ValueError("a mark without one whole number of its frame")
        return number + (1 if self.third == "frame_from_0" else 0)


def _in_mm(points: Points) -> Place:
    """The centre of the extent of points in mm, with its sizes where it has three."""
    if any(len(point) != 3 for point in points):
        raise ValueError("a place in mm with two numbers")
    lows, highs = ([of(point[axis] for point in points) for axis in range(3)] for of in (min, max))
    middle = [(low + high) / 2 for low, high in zip(lows, highs, strict=True)]
    sizes = [high - low for low, high in zip(lows, highs, strict=True)]
    place: Place = dict(zip(("x_mm", "y_mm", "z_mm"), middle, strict=True))
    if min(sizes) > 0:
        place.update(zip(("width_mm", "height_mm", "depth_mm"), sizes, strict=True))
    return place


def _slug(entry: Node) -> str:
    """What an input or output is called: its socket, formerly interface."""
    return entry.at("socket").at("slug").text() or entry.at("interface").at("slug").text()


@hookimpl
def register_adapters() -> list[type[LiveAdapter] | type[FileAdapter]]:
    """The adapter of outputs made for grand-challenge.org."""
    return [GrandChallenge]
