"""Adapter ``json-results``: a vendor's own JSON, of which the options say where everything is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Literal

from ..hookspecs import FileAdapter, LiveAdapter, hookimpl
from .prediction_rules import BoxForm, DeviceStatus, LabelWord, Rules
from .result_entries import Entries, MarkFiles, labels_of
from .result_json import Node, read_json

if TYPE_CHECKING:
    from pathlib import Path

    from .prediction_ids import Named
    from .prediction_tables import Cell, Faults


@dataclass(frozen=True, kw_only=True)
class JsonResults(MarkFiles):
    """Reads a list of entries, one for each case or image; a place is the names of members with points between."""

    name: ClassVar[str] = "json-results"

    id_at: str  # the place in an entry of what the option ``id`` says
    entries_at: str = ""  # the place of the list of entries in the file; "": the file is that list
    finding: str | None = None  # what score and label are about
    score_at: str | None = None
    label_at: str | None = None
    status_at: str | None = None
    reason_at: str | None = None
    marks_at: str | None = None  # the place in an entry of the list of its marks, empty where none was found
    mark_finding_at: str | None = None  # the places in a mark
    mark_score_at: str | None = None
    box_at: tuple[str, ...] = ()  # of its four numbers, or of one list of them; or of x, y with diameter_at
    diameter_at: str | None = None  # of the diameter of a circle, in px
    outline_at: str | None = None  # of a list x1, y1, x2, y2 … or of [x, y]: with box_at or instead of it
    boxes: BoxForm = "xywh"
    box_unit: Literal["px", "normalised"] = "px"
    findings: Mapping[str, str] = field(default_factory=dict)  # the vendor's word -> ours
    ignore_findings: tuple[str, ...] = ()
    labels: Mapping[LabelWord, tuple[str, ...]] = field(default_factory=dict)
    statuses: Mapping[str, DeviceStatus] = field(default_factory=dict)

    def check(self, faults: Faults) -> None:
        """See ``ResultFiles``."""
        where = ", ".join(self.paths())
        if all(place is None for place in (self.score_at, self.label_at, self.marks_at, self.status_at)):
            faults.add("answers.nothing_mapped", where, option="score_at, label_at, marks_at, status_at")
        if self.finding is None and (self.score_at is not None or self.label_at is not None):
            faults.add("answers.nothing_mapped", where, option="finding")
        if self.marks_at is not None and self.finding is None and self.mark_finding_at is None:
            faults.add("answers.nothing_mapped", where, option="mark_finding_at")
        n_box = {1, 4} if self.diameter_at is None else {2}
        is_placed = len(self.box_at) in n_box or (not self.box_at and self.outline_at is not None)
        if (self.marks_at is not None) != is_placed or (self.diameter_at is not None and self.outline_at is not None):
            faults.add("answers.box_at", where, found=str(list(self.box_at)))
        if self.no_marks == "negative" and self.marks_at is None:
            faults.add("answers.no_marks_needs_list", where, known="marks_at")
        labels_of(self.labels, faults, where)

    def rules(self) -> Rules:
        """See ``ResultFiles``."""
        findings = dict(self.findings)
        if findings and self.finding is not None:
            findings.setdefault(self.finding, self.finding)
        return replace(
            super().rules(),
            findings=findings,
            ignore_findings=self.ignore_findings,
            labels=self.labels,
            statuses=self.statuses,
            boxes=self.boxes,
            normalised=self.box_unit == "normalised",
        )

    def read_into(self, entries: Entries, base: Path, faults: Faults) -> None:
        """See ``ResultFiles``."""
        if self.marks_at is not None:
            entries.with_marks()
        for name in self.paths():
            listed = _at(read_json(base / name, name, self.encoding, faults), self.entries_at)
            if listed.value is None:
                listed.note("answers.expected_list")
            for node in listed.objects():
                text = _at(node, self.id_at).identifier()
                if not text:
                    _at(node, self.id_at).note("answers.no_id")
                    continue
                for named in entries.cases_of(text, node.where):
                    self._entry(node, named, entries)

    def _entry(self, node: Node, named: Named, entries: Entries) -> None:
        """What an entry says of its case: a score or label, a status, and its marks."""
        said: dict[str, Cell] = {
            "score": None if self.score_at is None else _at(node, self.score_at).number(),
            "label": _word(node, self.label_at),
            "status": _word(node, self.status_at),
            "reason": _word(node, self.reason_at),
        }
        entries.say(named, node.where, finding=self.finding, **said)
        if self.marks_at is None:
            return
        marks = _at(node, self.marks_at)
        if marks.value is None and self.no_marks == "failed":
            if said["status"] is None:
                entries.without_marks(named)
            return
        if said["score"] is not None or said["label"] is not None:
            entries.say(named, node.where)  # marks were looked for
        for mark in marks.objects():
            self._mark(mark, named, entries)

    def _mark(self, mark: Node, named: Named, entries: Entries) -> None:
        finding = self.finding if self.mark_finding_at is None else _at(mark, self.mark_finding_at).identifier()
        score = None if self.mark_score_at is None else _at(mark, self.mark_score_at).number()
        said: dict[str, Cell] = {"finding": finding or None, "score": score}
        if self.box_at:
            place = self._place(mark)
            if place is None:
                return
            said.update(zip(("x", "y", "width", "height"), place, strict=False))
        if self.diameter_at is not None:
            diameter = _at(mark, self.diameter_at)
            if diameter.value is None:
                diameter.note("answers.expected_number")
            said["diameter"] = diameter.number()
        if self.outline_at is not None:
            outline = _at(mark, self.outline_at)
            if not isinstance(outline.value, list):
                outline.note("answers.expected_list")
                return
            said["outline"] = outline.value
        entries.say(named, mark.where, **said)

    def _place(self, mark: Node) -> Sequence[float] | None:
        """The numbers of a box or point as written; None, with a problem noted, where one is missing."""
        nodes = [_at(mark, place) for place in self.box_at]
        if len(nodes) == 1:
            if nodes[0].value is None:
                nodes[0].note("answers.expected_list")
            return nodes[0].numbers(4)
        numbers = [node.number() for node in nodes]
        for node in nodes:
            if node.value is None:
                node.note("answers.expected_number")
        return [number for number in numbers if number is not None] if None not in numbers else None


def _at(node: Node, place: str) -> Node:
    """What is at a place below a node; its value is None where there is nothing."""
    for name in place.split(".") if place else ():
        node = node.at(name)
    return node


def _word(node: Node, place: str | None) -> str | None:
    """A text, whole number, or yes or no as text; None where there is nothing."""
    if place is None:
        return None
    found = _at(node, place)
    if isinstance(found.value, bool):
        return "true" if found.value else "false"
    return found.identifier() or None


@hookimpl
def register_adapters() -> list[type[LiveAdapter] | type[FileAdapter]]:
    """The adapter of JSON that is described by options."""
    return [JsonResults]
