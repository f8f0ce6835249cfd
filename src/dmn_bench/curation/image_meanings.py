"""What the categories of annotation files mean for a set: findings, regions to ignore, structures, or nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from ..errors import Fact, ReferenceSetError, collect
from ..files import MAX_NAME, plain_text
from ..inputs.drawn_pictures import word
from ..reference_set.csv_rows import Problems
from .ecg_foreign import foreign_rows

Use = Literal["lesion", "ignore", "structure", "nothing", "left-out"]
USES: tuple[str, ...] = get_args(Use)
WITH_FINDING = ("lesion", "ignore")
STRUCTURE_CHARACTERS = 64


class Meant(NamedTuple):
    """One meaning of a category: the finding or structure it is, "" where there is none, and what it is used as."""

    name: str
    use: Use


@dataclass(frozen=True, kw_only=True)
class Categories:
    """The keeper's table. ``is_stated``: whether there is one; without it a category is the finding of its name."""

    meant: Mapping[str, tuple[Meant, ...]] = field(default_factory=dict)  # by the category in small letters
    written: Mapping[str, str] = field(default_factory=dict)  # likewise -> as it is in the table
    is_stated: bool = False

    def of(self, category: str, findings: Sequence[str]) -> tuple[Meant, ...]:
        """The meanings of a category; () if nobody has told any."""
        key = plain(category)
        if self.is_stated:
            return self.meant.get(key, ())
        return tuple(Meant(name, "lesion") for name in findings if plain(name) == key)

    def targets(self, categories: Iterable[str], findings: Sequence[str]) -> Collection[str]:
        """The findings that these categories, or any of the table, can state."""
        found = {meant.name for each in self.meant.values() for meant in each if meant.use in WITH_FINDING}
        return found | {
            meant.name for each in categories for meant in self.of(each, findings) if meant.name in findings
        }

    def unfound(self, categories: Iterable[str]) -> tuple[str, ...]:
        """The categories of the table that are none of these."""
        there = {plain(each) for each in categories}
        return tuple(self.written.get(key, key) for key in self.meant if key not in there)

    def structures(self) -> tuple[str, ...]:
        """The structures of the table."""
        every = (meant.name for each in self.meant.values() for meant in each if meant.use == "structure")
        return tuple(dict.fromkeys(every))


def read_categories(path: Path, findings: Sequence[str]) -> Categories:
    """The rows of a CSV: category, finding, use. A category may have several rows.

    ``finding``: a finding of the card, of a structure its name; empty for ``nothing`` and ``left-out``. ``use``: lesion
    (also where it is empty), ignore, structure, nothing (looked for and not found) or left-out.
    Raises ReferenceSetError with every row that is wrong.
    """
    problems = Problems()
    columns, rows = foreign_rows(path)
    for missing in ("category", "finding"):
        if missing not in columns:
            problems.add("refset.csv_column_missing", f"{path.name}:1", found=missing)
    collect(problems.all(), ReferenceSetError)
    found: dict[str, dict[Meant, int]] = {}
    written = {plain(row["category"]): word(row["category"]) for _, row in rows}
    for line, row in rows:
        where, category, name = f"{path.name}:{line}", plain(row["category"]), row["finding"]
        use = row.get("use", "") or "lesion"
        wrong = _wrong(category, name, use, findings)
        if wrong is None:
            _meet(found.setdefault(category, {}), Meant(name, _use(use)), line, where, problems)
        else:
            problems.add(f"annotations.{wrong[0]}", where, **wrong[1])
    collect(problems.all(), ReferenceSetError)
    meant = {category: tuple(each) for category, each in found.items()}
    return Categories(meant=meant, written=written, is_stated=True)


def _wrong(category: str, name: str, use: str, findings: Sequence[str]) -> tuple[str, dict[str, Fact]] | None:
    """What is wrong with a row, as the key of a sentence and its facts."""
    shown = plain_text(name, MAX_NAME)
    if use not in USES:
        return "use_unknown", {"found": plain_text(use, MAX_NAME), "known": ", ".join(USES)}
    if not category:
        return "without_category", {}
    if use in WITH_FINDING and name not in findings:
        return "finding_unknown", {"found": shown, "known": ", ".join(findings)}
    if use == "structure" and not _is_structure(name):
        return "structure_name", {"found": shown, "limit": STRUCTURE_CHARACTERS}
    if use in ("nothing", "left-out") and name:
        return "use_without_finding", {"found": shown, "use": use}
    return None


def plain(category: str) -> str:
    """A category as it is compared: one case, single spaces.

    >>> plain("  Old   Fracture ")
    'old fracture'
    """
    return word(category).casefold()


def _meet(known: dict[Meant, int], meant: Meant, line: int, where: str, problems: Problems) -> None:
    alone = ("nothing", "left-out")  # and a finding is not drawn and ignored at once
    uses = {meant.use, *(each.use for each in known)}
    is_both = any(each.name == meant.name and (each.use == "structure") == (meant.use == "structure") for each in known)
    if is_both or (known and not uses.isdisjoint(alone)):
        problems.add("annotations.category_twice", where, line=next(iter(known.values())))
    known[meant] = line


def _use(text: str) -> Use:
    return next(use for use in get_args(Use) if use == text)


def _is_structure(name: str) -> bool:
    return bool(name) and len(name) <= STRUCTURE_CHARACTERS and name.isprintable()
