"""Adapter ``predictions``: answers from the output files that a vendor delivered, described by options alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from ..errors import CandidateError, Problem
from ..files import sha256_of, unknown_name
from ..hookspecs import CaseKeys, FileAdapter, LiveAdapter, hookimpl
from ..vocabulary import Answer, AskedAnswer
from .numbered_grades import NumberedGrades, are_ascending
from .prediction_answers import Answers, note_unknown_ids, note_whole_file_problems
from .prediction_ids import ID_KINDS, IdRule, id_rule
from .prediction_layout import BOX_COLUMNS, COLUMNS, Layout, Titles, layout_of
from .prediction_rows import RowReader
from .prediction_rules import BoxForm, DeviceStatus, GradeStatus, LabelWord, Rules
from .prediction_tables import Dialect, Faults, Table, read_table

TYPED_COLUMN = "transcribed"  # of files that people typed from pictures: such a file cannot be passed off as another


@dataclass(frozen=True, kw_only=True)
class Transcribed:
    """How results that exist only as pictures were typed by hand; printed in the report."""

    typists: int  # each without sight of the others
    rows: int
    alike: int | None = None  # rows that two typists typed alike, before differences were settled
    kappa: float | None = None  # of the result; null where it cannot be told


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """Reads CSV, TSV, JSON Lines or XLSX files (also .gz): a row for each case and finding, mark, or case (wide)."""

    name: ClassVar[str] = "predictions"

    path: str | tuple[str, ...]  # from the folder of the protocol or candidate; several files are read as one
    file_format: Literal["csv", "tsv", "jsonl", "xlsx"] | None = None  # null: by the extension
    delimiter: str | None = None  # one character; null: "," or, for tsv, a tab
    decimal: Literal[".", ","] = "."
    encoding: str = "utf-8"
    sheet: str | None = None  # of an xlsx file; null: the first
    columns: Mapping[str, str] = field(
        default_factory=dict
    )  # ours -> the vendor's; same name when left out, "": not used
    id: Mapping[str, str | int] = field(default_factory=dict)  # {column, is, pad, strip_suffix}
    wide: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)  # finding -> column, or several (highest)
    wide_prefix: str | None = None  # every column that begins so is a finding, named by the rest
    wide_values: Literal["score", "label", "value"] = "score"  # what the columns of ``wide`` hold; value: measured ones
    finding: str | None = None  # the finding of every row of a file that names none
    findings: Mapping[str, str] = field(default_factory=dict)  # the vendor's word -> ours
    ignore_findings: tuple[str, ...] = ()  # the vendor's words that are left out
    labels: Mapping[LabelWord, tuple[str, ...]] = field(
        default_factory=dict
    )  # our label or status -> the vendor's words
    statuses: Mapping[str, DeviceStatus] = field(default_factory=dict)  # the vendor's word -> our status
    empty_words: tuple[str, ...] = ()  # written where there is nothing: NA, -
    units: Mapping[str, str] = field(default_factory=dict)  # measurement -> UCUM code, where no column states it
    higher_is: Literal["positive", "negative"] = "positive"  # negative: scores are multiplied by -1
    grade_words: Mapping[str, int | GradeStatus] = field(
        default_factory=dict
    )  # the vendor's word -> the grade, or the status of a unit that it did not grade
    grade_scores: tuple[str, ...] = ()  # columns with the score of each grade, mildest first
    grades: tuple[int, ...] = ()  # which grade each of them is of; left out: 0, 1, 2 …
    boxes: BoxForm = "xywh"
    box_unit: Literal["px", "normalised"] = "px"  # normalised: shares of the image's width and height
    listed_cases: Literal["in_file", "all"] = "in_file"  # all: a case without a row was looked at and has no mark
    score_from_marks: Literal["none", "highest"] = "none"  # highest: of the best mark, where no score is stated
    score_without_marks: float = 0.0  # its score when it has none; not above any mark's
    combine_images: Literal["refuse", "highest"] = "refuse"  # rows for several images of one case
    cases_not_in_set: Literal["refuse", "ignore"] = "refuse"  # rows for cases that the set does not hold
    transcribed: Transcribed | None = None  # typed by hand from pictures, as ``answers check`` writes it

    def answers(self, cases: Sequence[CaseKeys], base: Path) -> Iterable[AskedAnswer]:
        """Every case's answer, in the order given; see ``FileAdapter.answers``."""
        faults = Faults()
        rule = self._checked(faults)
        faults.stop_if_any()
        tables = [self._table(base, name, faults) for name in self._paths()]
        read = [(table, self._layout(table, rule, faults)) for table in tables]
        for table in tables:
            if TYPED_COLUMN in table.columns and self.transcribed is None:
                faults.add("answers.transcribed_unsaid", f"{table.name}:1")
        faults.stop_if_any()
        rules = self._rules()
        reader = RowReader(cases, rules, rule, faults)
        for table, layout in read:
            reader.read(table, layout)
        note_unknown_ids(reader.hearing, rules, cases, rule, faults)
        note_whole_file_problems(reader.hearing, rules, faults)
        faults.stop_if_any()
        answers = Answers(reader.hearing, rules, faults)
        found = [answers.of(keys) for keys in cases]
        faults.stop_if_any()
        return map(_read, found)

    def identity(self, base: Path) -> Mapping[str, str]:
        """sha256 of every file."""
        for name in self._paths():
            if not (base / name).is_file():
                raise CandidateError(Problem(key="adapters.file_missing", where=name))
        return {name: sha256_of(base / name) for name in self._paths()}

    @property
    def numbered_grades(self) -> Sequence[NumberedGrades]:
        """The grades that the columns of ``grade_scores`` stand for."""
        if not self.grade_scores:
            return ()
        return (NumberedGrades("grades", self.finding, self.grades, len(self.grade_scores)),)

    def _paths(self) -> Sequence[str]:
        return (self.path,) if isinstance(self.path, str) else self.path

    def _table(self, base: Path, name: str, faults: Faults) -> Table:
        dialect = Dialect(form=self.file_format, delimiter=self.delimiter, encoding=self.encoding, sheet=self.sheet)
        return read_table(base / name, name, dialect, faults)

    def _layout(self, table: Table, rule: IdRule, faults: Faults) -> Layout:
        titles = Titles(
            columns=self.columns,
            id_column=rule.column,
            wide={name: (asked,) if isinstance(asked, str) else asked for name, asked in self.wide.items()},
            wide_prefix=self.wide_prefix,
            grade_scores=self.grade_scores,
        )
        return layout_of(table, titles, self.boxes, faults)

    def _rules(self) -> Rules:
        return Rules(
            decimal=self.decimal,
            labels=self.labels,
            grade_words=self.grade_words,
            grades=self.grades or tuple(range(len(self.grade_scores))),
            statuses=self.statuses,
            empty_words=self.empty_words,
            wide_values=self.wide_values,
            units=self.units,
            finding=self.finding,
            findings=self.findings,
            ignore_findings=self.ignore_findings,
            sign=-1.0 if self.higher_is == "negative" else 1.0,
            boxes=self.boxes,
            normalised=self.box_unit == "normalised",
            all_listed=self.listed_cases == "all",
            score_from_marks=self.score_from_marks == "highest",
            score_without_marks=self.score_without_marks,
            combine_images=self.combine_images == "highest",
            ignore_unknown_ids=self.cases_not_in_set == "ignore",
        )

    def _checked(self, faults: Faults) -> IdRule:
        where = ", ".join(self._paths())
        rule = id_rule(self.id)
        if rule is None:
            faults.add("adapters.id_option", where, found=str(dict(self.id)), known=", ".join(ID_KINDS))
        if self.delimiter is not None and len(self.delimiter) != 1:
            faults.add("adapters.delimiter", where, found=self.delimiter)
        known_columns = (*COLUMNS, *dict.fromkeys(name for names in BOX_COLUMNS.values() for name in names))
        for name in sorted(set(self.columns) - set(known_columns)):
            faults.note(unknown_name("adapters.column_name", name, known_columns, where))
        words = [word for theirs in self.labels.values() for word in theirs]
        for word in sorted({word for word in words if words.count(word) > 1}):
            faults.add("adapters.label_word_twice", where, found=word)
        if self.grades and (len(self.grades) != len(self.grade_scores) or not are_ascending(self.grades)):
            listed = ", ".join(str(grade) for grade in self.grades)
            faults.add("adapters.grades_of_columns", where, found=listed, n=len(self.grade_scores))
        return rule or IdRule()


def _read(answer: Answer) -> AskedAnswer:
    return AskedAnswer(answer=answer)


@hookimpl
def register_adapters() -> list[type[LiveAdapter] | type[FileAdapter]]:
    """The output-file adapter."""
    return [Predictions]
