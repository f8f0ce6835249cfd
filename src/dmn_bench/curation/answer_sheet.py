"""Sheets for results that exist only as pictures: what typists are asked, in an order of each typist's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..errors import Problem, ProtocolError, ReferenceSetError, collect
from ..files import canonical_json, sha256_of_json, unknown_name, write_atomically
from ..reference_set import identity as identity_table
from ..reference_set import load_cases
from ..reference_set.csv_rows import Problems, Table
from ..vocabulary import Case, Language
from ..wordings import LANGUAGES, say
from . import workbook

if TYPE_CHECKING:
    from openpyxl import Workbook

FORMAT = "dmn-bench/answer-sheet/1"
ABOUT = "dmn-bench"  # the hidden sheet that says what was asked
OF_OBJECTS = ("sop_instance_uid", "frame_of_reference_uid", "file", "copy_sop_instance_uid")  # no help to a typist
FILES = "files"  # names of a case's files, where there is no table of identifiers
ScoreUnit = Literal["fraction", "percent", "any", "none"]
Result = Literal["positive", "negative", "indeterminate", "not_shown", "unreadable"]
RESULTS: tuple[Result, ...] = ("positive", "negative", "indeterminate", "not_shown", "unreadable")
TYPED = ("result", "score", "marks", "remark")  # what a typist fills in
WIDTHS = {"case_id": 22, "finding": 18, "result": 20, "score": 10, "marks": 34, "remark": 40}
# A number with a point or a comma, in a spreadsheet of any language (MID gives its decimal mark), and no percent sign.
IS_NUMBER = 'AND(ISERROR(FIND("%",{cell})),ISNUMBER(VALUE(SUBSTITUTE(SUBSTITUTE({cell},",","."),".",MID(1/2,2,1)))))'


_CANDIDATE = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")  # as in a candidate.yaml


@dataclass(frozen=True, kw_only=True)
class Question:
    """One row: a case, a finding, and what helps to find its result in the hospital."""

    case_id: str
    finding: str
    identifiers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What every typist of one candidate is asked. ``identifiers``: the titles of ``Question.identifiers``."""

    reference_set: str
    candidate: str
    questions: tuple[Question, ...]
    identifiers: tuple[str, ...]
    score_unit: ScoreUnit = "fraction"
    marks: bool = False
    typists: int = 2

    @property
    def sha256(self) -> str:
        """Hash of what is asked, the same for every typist."""
        return sha256_of_json(
            {
                "reference_set": self.reference_set,
                "candidate": self.candidate,
                "questions": sorted([each.case_id, each.finding] for each in self.questions),
                "score_unit": self.score_unit,
                "marks": self.marks,
                "typists": self.typists,
            }
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """Our columns of a typist's sheet, in order."""
        score = () if self.score_unit == "none" else ("score",)
        return (
            "case_id",
            *self.identifiers,
            "finding",
            "result",
            *score,
            *(("marks",) if self.marks else ()),
            "remark",
        )


def asked_of(folder: Path, candidate: str, *, findings: Sequence[str] = (), identity: Path | None = None) -> Asked:
    """The questions on the set in ``folder``: every case with each of ``findings``, of the card's where none is named.

    Truth is not opened. ``identity``: a table of hospital identifiers, by default identity.csv of the folder, if there.
    Raises ReferenceSetError or ProtocolError with every problem.
    """
    card, cases = load_cases(folder)
    if not _CANDIDATE.fullmatch(candidate):
        raise ProtocolError(Problem(key="answers.candidate_id", facts={"found": candidate}))
    unknown = [name for name in findings if name not in card.finding_names]
    where = str(folder)
    collect(
        [unknown_name("protocol.unknown_finding", name, card.finding_names, where) for name in unknown], ProtocolError
    )
    path = folder / identity_table.FILE if identity is None else identity
    titles, of_case = _identifiers(path, cases, is_asked=identity is not None)
    questions = tuple(
        Question(case_id=case.case_id, finding=finding, identifiers=of_case[case.case_id])
        for case in cases
        for finding in (findings or card.finding_names)
    )
    return Asked(reference_set=card.id, candidate=candidate, questions=questions, identifiers=titles)


def write_typist_sheets(asked: Asked, out: Path, *, seed: int, language: Language) -> list[Path]:
    """One workbook for each typist beside ``out``: sheet.xlsx becomes sheet.typist-1.xlsx and so on; their paths.

    Raises ProtocolError if one of them is there already, or ``out`` is no .xlsx; MachineError without openpyxl.
    """
    if out.suffix.lower() != ".xlsx":
        raise ProtocolError(Problem(key="answers.out_xlsx", where=str(out)))
    paths = [out.with_name(f"{out.stem}.typist-{number}.xlsx") for number in range(1, asked.typists + 1)]
    collect([Problem(key="answers.out_exists", where=str(path)) for path in paths if path.exists()], ProtocolError)
    orders: list[tuple[int, ...]] = []
    for number, path in enumerate(paths, start=1):
        orders.append(_order(len(asked.questions), seed, number, orders))
        questions = [asked.questions[index] for index in orders[-1]]
        about = {"kind": "typist", "typist": number, "order_seed": seed}
        rows = ({"case_id": q.case_id, "finding": q.finding, **_by_title(asked, q)} for q in questions)
        save(asked, path, about, rows, columns=asked.columns, language=language)
    return paths


def save(
    asked: Asked,
    path: Path,
    about: Mapping[str, object],
    rows: Iterator[Mapping[str, str]],
    *,
    columns: Sequence[str],
    language: Language,
) -> None:
    """Write one workbook: the rows to fill in, the instructions, and hidden what was asked."""
    book = workbook.new_workbook()
    sheet = book.active
    sheet.title = say("answers.tab_answers", language)
    _fill(sheet, asked, rows, columns, language)
    _instruct(book, asked, language)
    _hide_about(book, asked, about)
    book.security = _structure_locked()
    content = BytesIO()
    book.save(content)
    write_atomically(path, content.getvalue())


def title_of(column: str, language: Language) -> str:
    """The title of one of our columns, an identifier's own name."""
    known = (*TYPED, "case_id", "finding", FILES, *(f"settled_{name}" for name in TYPED))
    typist, _, inner = column.partition(":")
    if inner:
        return say("answers.column_of_typist", language, column=title_of(inner, language), typist=typist)
    return say(f"answers.column_{column}", language) if column in known else column


def words_of(language: Language) -> Mapping[Result, str]:
    """The words of the drop-down."""
    return {result: say(f"answers.result_{result}", language) for result in RESULTS}


def _identifiers(
    path: Path, cases: Sequence[Case], *, is_asked: bool
) -> tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]:
    """The titles of identifiers, and those of each case; without a table the names of its files."""
    if not is_asked and not path.exists():
        return (FILES,), {case.case_id: ("; ".join(case.files),) for case in cases}
    problems = Problems()
    table = Table(path, identity_table.SHAPE, problems)
    rows: dict[str, list[Mapping[str, str]]] = {}
    for _, row in table.rows():
        rows.setdefault(row["case_id"], []).append(row)
    titles = tuple(column for column in table.columns if column not in ("case_id", "finding", *TYPED, *OF_OBJECTS))
    missing = [case.case_id for case in cases if case.case_id not in rows]
    if missing and not problems:
        problems.add("answers.identity_incomplete", path.name, n=len(missing), found=", ".join(missing[:20]))
    collect(problems.all(), ReferenceSetError)
    return titles, {case.case_id: tuple(_each_once(rows[case.case_id], title) for title in titles) for case in cases}


def _each_once(rows: Sequence[Mapping[str, str]], title: str) -> str:
    return "; ".join(dict.fromkeys(row[title] for row in rows if row.get(title)))


def _by_title(asked: Asked, question: Question) -> Mapping[str, str]:
    return dict(zip(asked.identifiers, question.identifiers, strict=True))


def _order(n: int, seed: int, typist: int, others: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """An order of n rows for one typist, another one than the others' where there is one."""
    rng = np.random.default_rng([seed, typist])
    order = tuple(int(index) for index in rng.permutation(n))
    while order in others and len(others) < n:
        order = tuple(int(index) for index in rng.permutation(n))
    return order


def _fill(
    sheet: Any, asked: Asked, rows: Iterator[Mapping[str, str]], columns: Sequence[str], language: Language
) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill, Protection
    from openpyxl.utils import get_column_letter

    open_cell, to_fill = Protection(locked=False), PatternFill("solid", fgColor="FFF8DC")
    for index, column in enumerate(columns, start=1):
        cell = sheet.cell(row=1, column=index)
        workbook.write_text(cell, title_of(column, language))
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(index)].width = WIDTHS.get(column.rpartition(":")[2], 24)
    n_rows = 1
    for n_rows, row in enumerate(rows, start=2):
        for index, column in enumerate(columns, start=1):
            cell = sheet.cell(row=n_rows, column=index)
            if column.removeprefix("settled_") in TYPED:
                cell.protection, cell.fill = open_cell, to_fill
                cell.number_format = workbook.AS_TYPED if column.endswith("score") else "General"
            elif row.get(column):
                workbook.write_text(cell, row[column])
    sheet.freeze_panes = sheet.cell(row=2, column=2)
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False  # a typist may widen a column
    for index, column in enumerate(columns, start=1):
        letter = get_column_letter(index)
        check = _validation(column.removeprefix("settled_"), f"{letter}2", language)
        if check is not None and n_rows > 1:
            sheet.add_data_validation(check)
            check.add(f"{letter}2:{letter}{n_rows}")


def _validation(column: str, first: str, language: Language) -> Any:
    """The drop-down of results, or that a score is a number; None for other columns. ``first``: the first cell."""
    from openpyxl.worksheet.datavalidation import DataValidation

    if column not in ("result", "score"):
        return None
    if column == "result":
        words = ",".join(words_of(language).values())
        check = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True, showErrorMessage=True)
    else:
        formula = IS_NUMBER.format(cell=first)
        check = DataValidation(type="custom", formula1=formula, allow_blank=True, showErrorMessage=True)
    check.error = say(f"answers.error_{column}", language)
    return check


def _instruct(book: Workbook, asked: Asked, language: Language) -> None:
    """A sheet that says what to do, in the language of the sheet first."""
    from openpyxl.styles import Alignment

    sheet = book.create_sheet(say("answers.tab_instructions", language))
    sheet.column_dimensions["A"].width = 110
    row = 1
    for each in sorted(LANGUAGES, key=lambda known: known != language):
        for text in _instructions(asked, each):
            cell = sheet.cell(row=row, column=1)
            workbook.write_text(cell, text)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            row += 1
        row += 1
    sheet.protection.sheet = True


def _instructions(asked: Asked, language: Language) -> list[str]:
    steps = ["what", "blind", "one_row", "result"]
    steps += [] if asked.score_unit == "none" else [f"score_{asked.score_unit}"]
    steps += ["marks"] if asked.marks else []
    steps += ["remark", "unreadable", "do_not"]
    words: Mapping[str, str] = {str(result): word for result, word in words_of(language).items()}
    return [say(f"answers.instruct_{step}", language, candidate=asked.candidate, **words) for step in steps]


def _hide_about(book: Workbook, asked: Asked, about: Mapping[str, object]) -> None:
    """What was asked, so that a wrong or changed file is noticed when it is read back."""
    sheet = book.create_sheet(ABOUT)
    facts = {
        "format": FORMAT,
        "reference_set": asked.reference_set,
        "candidate": asked.candidate,
        "score_unit": asked.score_unit,
        "marks": asked.marks,
        "typists": asked.typists,
        "identifiers": list(asked.identifiers),
        "asked": asked.sha256,
        **about,
    }
    workbook.write_text(sheet.cell(row=1, column=1), canonical_json(facts))
    for row, question in enumerate(asked.questions, start=2):
        for column, text in enumerate((question.case_id, question.finding, *question.identifiers), start=1):
            workbook.write_text(sheet.cell(row=row, column=column), text)
    sheet.sheet_state = "veryHidden"
    sheet.protection.sheet = True


def _structure_locked() -> Any:
    from openpyxl.workbook.protection import WorkbookProtection

    return WorkbookProtection(lockStructure=True)
