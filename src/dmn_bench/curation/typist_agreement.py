"""What typists agree on, what is to be settled, and the result file that comes of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import Problem, ProtocolError, collect
from ..files import write_atomically
from ..statistics.agreement import Kappa, kappa, kappa_interval
from ..vocabulary import Interval, Language, NotEstimable
from . import workbook
from .answer_sheet import RESULTS, TYPED, Asked, Result, save, words_of
from .answer_sheet_reading import Sheet, Typed

RESULTS_FILE = "results.csv"
MANIFEST = "candidate.yaml"
DIFFERENCES = "differences.xlsx"
NO_RESULT = ("",)  # a row with a score alone
CATEGORIES: tuple[str, ...] = (*RESULTS, *NO_RESULT)
STATUS: Mapping[str, tuple[str, str]] = {
    "not_shown": ("failed", "no result shown"),
    "unreadable": ("failed", "result unreadable"),
}
Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class TypistAgreement:
    """How far two typists agree, before anything is settled. ``share``: of rows typed wholly alike, 0 to 1."""

    n_rows: int
    n_alike: int
    n_same_result: int
    kappa: Kappa | NotEstimable  # of the result, unweighted
    interval: Interval | NotEstimable
    differing: tuple[Key, ...]

    @property
    def share(self) -> float:
        """Share of rows typed wholly alike."""
        return self.n_alike / self.n_rows


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """What goes into the result file. ``agreement``: None with one typist. ``open``: differences not yet settled."""

    asked: Asked
    typed: Mapping[Key, Typed]
    agreement: TypistAgreement | None
    open: tuple[Key, ...] = ()


def transcript(sheets: Sequence[Sheet], settled: Sheet | None) -> Transcript:
    """One typed answer for each row from the sheets of all typists, and from what a third person settled.

    Raises ProtocolError if the sheets do not belong together.
    """
    _check_together(sheets, settled)
    asked = sheets[0].asked
    if len(sheets) == 1:
        return Transcript(asked=asked, typed=sheets[0].typed, agreement=None)
    keys = [(question.case_id, question.finding) for question in asked.questions]
    first, second = ({key: sheet.typed[key] for key in keys} for sheet in sheets)
    found = agreement(first, second)
    decided = {} if settled is None else settled.typed
    typed = {key: decided.get(key) or _merged(first[key], second[key]) for key in first}
    return Transcript(
        asked=asked,
        typed=typed,
        agreement=found,
        open=tuple(key for key in found.differing if key not in decided),
    )


def agreement(first: Mapping[Key, Typed], second: Mapping[Key, Typed]) -> TypistAgreement:
    """How far two typists agree on the same rows; kappa and its interval take the rows as independent."""
    keys = list(first)
    matrix = np.zeros((len(CATEGORIES), len(CATEGORIES)))
    for key in keys:
        row, column = (CATEGORIES.index(typed[key].result or "") for typed in (first, second))
        matrix[row, column] += 1
    differing = tuple(key for key in keys if first[key].said != second[key].said)
    return TypistAgreement(
        n_rows=len(keys),
        n_alike=len(keys) - len(differing),
        n_same_result=int(np.trace(matrix)),
        kappa=kappa(matrix, weights="none"),
        interval=kappa_interval(matrix, weights="none"),
        differing=differing,
    )


def write_differences(found: Transcript, sheets: Sequence[Sheet], path: Path, language: Language) -> Path:
    """The workbook in which a third person settles what differs, both typists' answers beside each other."""
    asked, inner = found.asked, _inner(found.asked)
    columns = ["case_id", *asked.identifiers, "finding"]
    columns += [f"{number}:{column}" for number in (1, 2) for column in inner]
    columns += [f"settled_{column}" for column in inner]
    about = {
        "kind": "differences",
        "typed": [sheet.sha256 for sheet in sheets],
        "open": [list(key) for key in found.open],
    }
    save(asked, path, about, _rows(found, sheets, inner, language), columns=columns, language=language)
    return path


def write_results(found: Transcript, folder: Path) -> tuple[Path, Path]:
    """The result file and the candidate package that names it, for the adapter ``predictions``; both paths.

    Raises ProtocolError if there is one already that says something else, or differences are open.
    """
    if found.open:
        raise ProtocolError(Problem(key="answers.still_open", facts={"n": len(found.open)}))
    results, manifest = folder / RESULTS_FILE, folder / MANIFEST
    texts = {results: _csv_text(found), manifest: json.dumps(_manifest(found), indent=2, ensure_ascii=False) + "\n"}
    changed = [path for path, text in texts.items() if path.exists() and path.read_text(encoding="utf-8") != text]
    collect([Problem(key="answers.out_exists", where=str(path)) for path in changed], ProtocolError)
    for path, text in texts.items():
        write_atomically(path, text)
    return results, manifest


def _check_together(sheets: Sequence[Sheet], settled: Sheet | None) -> None:
    asked, problems = sheets[0].asked, []
    for sheet in (*sheets[1:], *([] if settled is None else [settled])):
        if sheet.asked.sha256 != asked.sha256:
            facts = {"first": sheets[0].path.name, "second": sheet.path.name}
            problems.append(Problem(key="answers.sheets_of_other", where=sheet.path.name, facts=facts))
    numbers = [int(sheet.about["typist"]) for sheet in sheets]
    if len(sheets) != asked.typists or sorted(numbers) != list(range(1, asked.typists + 1)):
        found = ", ".join(str(number) for number in numbers)
        problems.append(Problem(key="answers.typists_missing", facts={"expected": asked.typists, "found": found}))
    if settled is not None and not problems:
        by_number = sorted(sheets, key=lambda sheet: int(sheet.about["typist"]))
        if list(settled.about["typed"]) != [sheet.sha256 for sheet in by_number]:
            problems.append(Problem(key="answers.settled_of_other", where=settled.path.name))
    collect(problems, ProtocolError)


def _merged(first: Typed, second: Typed) -> Typed:
    """What both typed, with the remarks of both."""
    remarks = dict.fromkeys(text for text in (first.remark, second.remark) if text)
    return replace(first, remark="; ".join(remarks))


def _inner(asked: Asked) -> list[str]:
    return [column for column in asked.columns if column in TYPED]


def _rows(
    found: Transcript, sheets: Sequence[Sheet], inner: Sequence[str], language: Language
) -> Iterator[Mapping[str, str]]:
    by_key = {(question.case_id, question.finding): question for question in found.asked.questions}
    for key in found.open:
        question = by_key[key]
        row = {"case_id": question.case_id, "finding": question.finding}
        row |= dict(zip(found.asked.identifiers, question.identifiers, strict=True))
        for number, sheet in enumerate(sheets, start=1):
            shown = _shown(sheet.typed[key], words_of(language))
            row |= {f"{number}:{column}": shown[column] for column in inner}
        yield row


def _shown(typed: Typed, words: Mapping[Result, str]) -> Mapping[str, str]:
    marks = "; ".join(" ".join(f"{number:g}" for number in mark) for mark in typed.marks or ())
    return {
        "result": "" if typed.result is None else words[typed.result],
        "score": "" if typed.score is None else repr(typed.score),
        "marks": marks,
        "remark": typed.remark,
    }


def _csv_text(found: Transcript) -> str:
    asked = found.asked
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    boxes = ["boxes"] if asked.marks else []
    writer.writerow(["case_id", "finding", "score", "label", "status", "reason", *boxes, "transcribed"])
    for question in asked.questions:
        key = (question.case_id, question.finding)
        typed = found.typed[key]
        status, reason = STATUS.get(typed.result or "", ("", ""))
        label = "" if status else typed.result or ""
        reasons = [text for text in (reason, typed.remark) if text]
        score = "" if typed.score is None else repr(typed.score)
        row = [*key, score, label, status, workbook.harmless("; ".join(reasons))]
        if asked.marks:
            row.append("" if status else json.dumps([list(mark) for mark in typed.marks or ()]))
        writer.writerow([*row, "yes"])
    return stream.getvalue()


def _manifest(found: Transcript) -> Mapping[str, Any]:
    """The candidate package, as JSON, which is YAML."""
    asked = found.asked
    transcribed: dict[str, object] = {"typists": asked.typists, "rows": len(asked.questions)}
    if found.agreement is not None:
        transcribed["alike"] = found.agreement.n_alike
        if isinstance(found.agreement.kappa, Kappa):
            transcribed["kappa"] = round(found.agreement.kappa.value, 6)
    return {
        "format": "dmn-bench/candidate/1",
        "id": asked.candidate,
        "adapter": "predictions",
        "options": {"path": RESULTS_FILE, "transcribed": transcribed},
    }


def shown_briefly(typed: Typed, language: Language) -> str:
    """What a typist typed, in one line."""
    shown = _shown(typed, words_of(language))
    return " | ".join(text for text in (shown["result"], shown["score"], shown["marks"], shown["remark"]) if text)
