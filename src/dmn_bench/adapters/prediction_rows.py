"""Rows of output files heard case by case: what the vendor says of each finding, and each mark."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..hookspecs import CaseKeys
from ..vocabulary import FindingAnswer, GradeAnswer, Mark, Measurement, Status
from .prediction_cells import NOT_FINITE, OWN_LABELS, PLAIN_NUMBER, Cells, NotFinite
from .prediction_ids import IdRule, Index, Named, image_of
from .prediction_layout import Layout
from .prediction_marks import MarkReader
from .prediction_rules import GradeStatus, Rules
from .prediction_tables import SHOWN_PROBLEMS, Cell, Faults, Row, Table, as_text

SIDE_WORDS = {
    "L": ("L", "left", "OS", "G", "gauche", "OG"),
    "R": ("R", "right", "OD", "D", "droit", "droite"),
    "B": ("B", "both", "OU", "ODG", "bilateral", "bilatéral"),
}
"""Words for the sides of the body and of the eyes, in any case, in the languages of the product."""
SIDES = {word.upper(): side for side, words in SIDE_WORDS.items() for word in words}
LEFT_OUT = ""  # in place of a finding's name: the row is about one that is to be ignored


# There is one of each for every case: what is empty, as most of it is, is one empty tuple that all share.


@dataclass(kw_only=True, slots=True)
class Said:
    """What the files say of one finding of one case, by the image that a row was about (None: the case)."""

    findings: tuple[tuple[str | None, FindingAnswer], ...] = ()
    grades: tuple[tuple[str | None, GradeAnswer], ...] = ()
    values: tuple[tuple[str | None, Measurement], ...] = ()
    statuses: tuple[Status, ...] = ()  # other than answered
    invalid: str = ""  # the vendor wrote what is no number


@dataclass(kw_only=True, slots=True)
class Heard:
    """Everything the files say of one case. ``plain_rows``: the images of rows that speak of the whole case."""

    by_finding: dict[str, Said] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    statuses: tuple[Status, ...] = ()  # of the whole case, other than answered
    plain_rows: tuple[str | None, ...] = ()
    reasons: tuple[str, ...] = ()  # each once
    invalid: str = ""

    def of(self, finding: str) -> Said:
        """What is said of one finding, begun if needed."""
        if finding not in self.by_finding:
            self.by_finding[finding] = Said()
        return self.by_finding[finding]


@dataclass(kw_only=True)
class Hearing:
    """What all rows say. ``stated``: findings with a score or label of their own; ``marked``: those with marks."""

    heard: dict[str, Heard] = field(default_factory=dict)  # by case_id
    has_marks: bool = False  # the files have a place for marks
    stated: set[str] = field(default_factory=set)
    graded: set[str] = field(default_factory=set)
    measured: set[str] = field(default_factory=set)
    marked: set[str] = field(default_factory=set)
    unknown_ids: dict[str, str] = field(default_factory=dict)  # id -> where it first stands
    unknown_words: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)  # (key, column, word) -> places

    def miss(self, key: str, column: str, word: str, where: str) -> None:
        """Take in a word that means nothing to us; ``key``: of the problem that it is."""
        self.unknown_words.setdefault((key, column, word), []).append(where)


class RowReader:
    """Takes in tables row by row into ``hearing``; what is wrong is noted in ``faults``, nothing is raised."""

    def __init__(self, cases: Sequence[CaseKeys], rules: Rules, id_rule: IdRule, faults: Faults) -> None:
        self.hearing = Hearing()
        self._keys = {keys.case.case_id: keys for keys in cases}
        self._rules = rules
        self._id_rule = id_rule
        self._faults = faults
        self._index = Index(cases, id_rule.kind)
        self._cells = Cells(
            decimal=rules.decimal,
            labels=rules.labels,
            statuses=rules.statuses,
            empty_words=rules.empty_words,
            faults=faults,
        )

    def read(self, table: Table, layout: Layout) -> None:
        """Take in every row of a table."""
        marks = self.begin(layout)
        for row in table.rows:
            text = as_text(row.cells[layout.id_place])
            if not text:
                self._faults.add("adapters.id_blank", row.where, column=layout.titles[layout.id_place])
                continue
            for named in self.cases_of(text, row.where):
                self.hear(row, layout, named, marks)

    def begin(self, layout: Layout) -> MarkReader:
        """What reads the marks of rows with this layout, which are heard next."""
        rules = self._rules
        self.hearing.has_marks |= layout.has_marks
        wide = {rules.findings.get(name, name) for name in layout.wide}
        if rules.wide_values == "value":
            self.hearing.measured |= wide
        else:
            self.hearing.stated |= wide
        return MarkReader(
            layout=layout,
            cells=self._cells,
            boxes=rules.boxes,
            normalised=rules.normalised,
            sizes_needed=not rules.score_from_marks,
            sign=rules.sign,
            faults=self._faults,
        )

    def cases_of(self, text: str, where: str) -> Sequence[Named]:
        """What the vendor's id ``text`` names, () when nothing; an unknown id is kept, an ambiguous one a fault."""
        normal = self._id_rule.normal(text)
        found = self._index.find(normal)
        if not found:
            self.hearing.unknown_ids.setdefault(text, where)
        if self._index.is_ambiguous(normal):
            named = ", ".join(sorted({each.case_id for each in found})[:SHOWN_PROBLEMS])
            self._faults.add("adapters.id_ambiguous", where, found=text, cases=named)
            return ()
        return found

    def hear(self, row: Row, layout: Layout, named: Named, marks: MarkReader) -> None:
        """Take in one row as one about the case, and where it is one, the image ``named``."""
        heard = self.hearing.heard.get(named.case_id)
        if heard is None:
            heard = self.hearing.heard[named.case_id] = Heard()
        keys = self._keys[named.case_id]
        self._check_side(heard, row, layout, keys)
        image = self._image(row, layout, named, keys)
        finding = self._finding(row, layout)
        if finding == LEFT_OUT:
            return
        self._hear_status(heard, row, layout, finding)
        found = self._marks(heard, row, keys, image, finding, marks)
        if layout.wide:
            heard.plain_rows += (image,)
            for name, places in layout.wide.items():
                finding = self._rules.findings.get(name, name)
                if self._rules.wide_values == "value":
                    self._hear_value(heard.of(finding), row, layout, (finding, places[0]), image)
                else:
                    self._hear_wide(heard.of(finding), row, layout, places, image)
        elif not found or "boxes" in layout.named:  # the score of a row with one mark is the mark's
            self._hear_finding(heard, row, layout, finding, image)

    def _check_side(self, heard: Heard, row: Row, layout: Layout, keys: CaseKeys) -> None:
        """Spoil what is heard of a case by a row that says it is of the other side."""
        place = layout.named.get("laterality")
        if place is None or self._cells.is_empty(row.cells[place]):
            return
        text = as_text(row.cells[place])
        side = SIDES.get(text.upper())
        if side is None:
            self.hearing.miss("adapters.side_unknown", layout.titles[place], text[:60], row.where)
        elif {side, keys.case.laterality} == {"L", "R"}:
            heard.invalid = heard.invalid or f"laterality {side} of a case that is {keys.case.laterality} ({row.where})"

    def _image(self, row: Row, layout: Layout, named: Named, keys: CaseKeys) -> str | None:
        """The image a row is about, from its id or its own column."""
        place = layout.named.get("image")
        if place is None or self._cells.is_empty(row.cells[place]):
            return named.image
        text = as_text(row.cells[place])
        image = image_of(keys, text)
        if image is None and keys.case.files:
            self._faults.add("adapters.image_unknown", row.where, found=text[:60], case=named.case_id)
        return image if keys.case.files else text

    def _finding(self, row: Row, layout: Layout) -> str | None:
        """Our name of the row's finding; None where it names none."""
        place = layout.named.get("finding")
        text = as_text(row.cells[place]) if place is not None else ""
        rules = self._rules
        if not text:
            return rules.finding
        if text in rules.ignore_findings:
            return LEFT_OUT
        if not rules.findings or text in rules.findings:
            return rules.findings.get(text, text)
        known = ", ".join([*rules.findings, *rules.ignore_findings])
        self._faults.add("adapters.finding_unknown", row.where, found=text[:60], known=known)
        return LEFT_OUT

    def _marks(
        self, heard: Heard, row: Row, keys: CaseKeys, image: str | None, finding: str | None, marks: MarkReader
    ) -> bool:
        """Take in the marks of a row; whether it has any, sound or not."""
        try:
            found = marks.marks(row, keys, image, finding)
        except NotFinite as error:
            heard.invalid = heard.invalid or f"a mark with {error} ({row.where})"
            return True
        except ValueError as error:
            heard.invalid = heard.invalid or f"{error} ({row.where})"
            return True
        if found:
            heard.marks += tuple(found)
            self.hearing.marked |= {mark.finding for mark in found}
        return bool(found)

    def _hear_status(self, heard: Heard, row: Row, layout: Layout, finding: str | None) -> None:
        place, reason_place = layout.named.get("status"), layout.named.get("reason")
        if place is not None:
            status = self._cells.status(row.cells[place], row.where, layout.titles[place])
            if status != "answered":
                said = heard if finding is None or layout.wide else heard.of(finding)
                said.statuses += (status,)
        if reason_place is not None and not self._cells.is_empty(row.cells[reason_place]):
            reason = sys.intern(as_text(row.cells[reason_place]))
            if reason not in heard.reasons:
                heard.reasons += (reason,)

    def _hear_wide(self, said: Said, row: Row, layout: Layout, places: Sequence[int], image: str | None) -> None:
        """One finding of a row for a case: a label, or the highest of its scores; nothing where one is blank."""
        if self._rules.wide_values == "label":
            self._hear_label(said, row, layout, places[0], image)
            return
        try:
            numbers = [self._cells.number(row.cells[place], row.where, layout.titles[place]) for place in places]
        except NotFinite as error:
            said.invalid = f"score {error} ({row.where})"
            return
        scores = [self._rules.sign * number for number in numbers if number is not None]
        if len(scores) == len(places):
            said.findings += ((image, FindingAnswer(score=max(scores))),)

    def _hear_finding(self, heard: Heard, row: Row, layout: Layout, finding: str | None, image: str | None) -> None:
        """A row that speaks of one finding as a whole, or only lists a case."""
        filled = self._filled(row, layout)
        if not filled and (finding is None or self.hearing.has_marks):
            heard.plain_rows += (image,)
        elif finding is None:
            self._faults.add("adapters.no_finding", row.where)
        elif "grade" in filled:
            self.hearing.graded.add(finding)
            self._hear_grade(heard.of(finding), row, layout, image)
        else:
            if "value" in filled:
                self.hearing.measured.add(finding)
                self._hear_value(heard.of(finding), row, layout, (finding, layout.named["value"]), image)
            if filled != {"value"}:
                self.hearing.stated.add(finding)
                self._hear_score(heard.of(finding), row, layout, image)

    def _filled(self, row: Row, layout: Layout) -> set[str]:
        """Which of score, label, grade and value the row gives."""
        places = [(name, layout.named[name]) for name in ("score", "label", "grade", "value") if name in layout.named]
        places += [("grade", place) for place in layout.grade_scores]
        return {name for name, place in places if not self._cells.is_empty(row.cells[place])}

    def _hear_score(self, said: Said, row: Row, layout: Layout, image: str | None) -> None:
        place, label_place = layout.named.get("score"), layout.named.get("label")
        score = None
        if place is not None:
            try:
                number = self._cells.number(row.cells[place], row.where, layout.titles[place])
            except NotFinite as error:
                said.invalid = f"score {error} ({row.where})"
                return
            score = None if number is None else self._rules.sign * number
        if label_place is not None and not self._cells.is_empty(row.cells[label_place]):
            self._hear_label(said, row, layout, label_place, image, score)
        elif score is not None:
            said.findings += ((image, FindingAnswer(score=score)),)

    def _hear_value(self, said: Said, row: Row, layout: Layout, measured: tuple[str, int], image: str | None) -> None:
        """A measured value, ``measured`` by name and place, with its unit from its column or the options."""
        name, place = measured
        try:
            number = self._cells.number(row.cells[place], row.where, layout.titles[place])
        except NotFinite as error:
            said.invalid = f"value {error} ({row.where})"
            return
        unit_place = layout.named.get("unit")
        stated = (
            "" if unit_place is None or self._cells.is_empty(row.cells[unit_place]) else as_text(row.cells[unit_place])
        )
        if number is not None:
            said.values += ((image, Measurement(value=number, unit=stated or self._rules.units.get(name, ""))),)

    def _hear_label(
        self, said: Said, row: Row, layout: Layout, place: int, image: str | None, score: float | None = None
    ) -> None:
        label = self._cells.label(row.cells[place], row.where, layout.titles[place])
        if label in OWN_LABELS:
            said.findings += ((image, FindingAnswer(score=score, label=label)),)
        elif label is not None and label != "answered":
            said.statuses += (label,)  # type: ignore[operator]  # what is left of the labels are statuses

    def _hear_grade(self, said: Said, row: Row, layout: Layout, image: str | None) -> None:
        """A grade, its scores, or both; without the grade it is the most severe of those with the highest score."""
        cells: list[tuple[Cell, str]] = [(row.cells[place], layout.titles[place]) for place in layout.grade_scores]
        place = layout.named.get("grade")
        try:
            scores = [self._cells.number(cell, row.where, title) for cell, title in cells]
            grade = None
            if place is not None:
                grade = self._grade(row.cells[place], row.where, layout.titles[place])
            if isinstance(grade, str):
                said.statuses += (grade,)
                return
        except NotFinite as error:
            said.invalid = f"grade {error} ({row.where})"
            return
        known = tuple(score for score in scores if score is not None)
        complete = known if scores and len(known) == len(scores) else None
        if grade is None and complete:
            grade = max(zip(complete, self._rules.grades, strict=True))[1]
        if grade is not None:
            said.grades += ((image, GradeAnswer(grade=grade, scores=complete)),)

    def _grade(self, cell: Cell, where: str, column: str) -> int | GradeStatus | None:
        """The grade in a cell: a whole number, or what the vendor's word stands for.

        Whole numbers are read beside words that stand for statuses alone. Raises NotFinite.
        """
        words, text = self._rules.grade_words, as_text(cell)
        if self._cells.is_empty(cell):
            return None
        if text in words:
            return words[text]
        names_grades = any(isinstance(meaning, int) for meaning in words.values())
        is_number = not isinstance(cell, str) or any(each.fullmatch(text) for each in (PLAIN_NUMBER, NOT_FINITE))
        if names_grades or not is_number:
            self.hearing.miss("adapters.grade_word_unknown", column, text[:60], where)
            return None
        return self._cells.whole_number(cell, where, column)
