"""What the keeper of a set says that statements mean: texts of the hospital's own, before the product's table."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from ..errors import ReferenceSetError, collect
from ..files import MAX_NAME, plain_text
from ..inputs import ecg_statements
from ..reference_set.card import Card
from ..reference_set.csv_rows import Problems
from ..vocabulary import Label
from .ecg_foreign import foreign_rows
from .ecg_truth import Meanings, plain
from .ecg_walk import cell

_ESCAPED = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")
LABELS: dict[str, Label] = {"": "positive", "positive": "positive", "indeterminate": "indeterminate"}


def read_meanings(path: Path, card: Card) -> Meanings:
    """The file's rows: text, finding, label. A text may have several rows; an empty finding: it says nothing of any.

    Codes are written as texts are: "SCT 164889003". A text may be copied from the list of those that nobody has mapped.
    Raises ReferenceSetError with every row that is wrong.
    """
    problems = Problems()
    known = {*ecg_statements.all_names(), *card.finding_names}
    columns, rows = foreign_rows(path)
    for missing in ("text", "finding"):
        if missing not in columns:
            problems.add("refset.csv_column_missing", f"{path.name}:1", found=missing)
    collect(problems.all(), ReferenceSetError)
    found: dict[str, dict[str, Label]] = {}
    lines: dict[tuple[str, str], int] = {}
    for line, row in rows:
        where, text, finding, label = f"{path.name}:{line}", plain(row["text"]), row["finding"], row.get("label", "")
        if finding and finding not in known:
            problems.add("ecg_import.meaning_unknown", where, found=plain_text(finding, MAX_NAME))
        elif label not in LABELS:
            problems.add("ecg_import.meaning_label", where, found=plain_text(label, MAX_NAME))
        elif lines.setdefault((text, finding), line) != line:
            problems.add("ecg_import.meaning_twice", where, line=lines[text, finding])
        else:
            meant = {finding: LABELS[label]} if finding else {}
            for each in spellings(row["text"]):
                found.setdefault(plain(each), {}).update(meant)
    collect(problems.all(), ReferenceSetError)
    return Meanings(own={text: tuple(meant.items()) for text, meant in found.items() if text})


def spellings(written: str) -> tuple[str, ...]:
    r"""What a report may have stated of which a table of unmapped texts holds ``written``; that itself first.

    >>> spellings(r"\x2d-- Tracé incomplet"), spellings("=1"), spellings(r"\x2d a\x2db")
    (('\\x2d-- Tracé incomplet', '--- Tracé incomplet'), ('=1',), ('\\x2d a\\x2db', '- a\\x2db'))
    """
    found = (_ESCAPED.sub(_character, written, count=count) for count in (1, 0))
    return (written, *dict.fromkeys(each for each in found if each != written and cell(each) == written))


def _character(escape: re.Match[str]) -> str:
    code = int(escape.group()[2:], 16)
    return chr(code) if code <= sys.maxunicode else escape.group()
