"""lesions.csv: one row is one lesion as one reader or the consensus drew it, with the levels of its strata."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Mapping, Sequence

from ..files import unknown_name
from ..vocabulary import NOT_RECORDED, Case, Lesion
from .card import CARD, Card, LesionStratum, as_number
from .csv_rows import Problems
from .lesion_geometry import lesion_geometry
from .lesion_sizes import lesion_size
from .rows import SHAPES, LesionRow, Tables, finding_known, ids_sound

_UID = re.compile(r"[0-2](\.(0|[1-9]\d*))+")
_YES_NO = {"": False, "0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}


class LesionReader:
    """Takes the rows of lesions.csv into ``Tables``, noting problems."""

    def __init__(self, card: Card, tables: Tables, problems: Problems, cases: Mapping[str, Case]) -> None:
        self.card, self.tables, self.problems, self.cases = card, tables, problems, cases
        self.seen: dict[tuple[str, ...], int] = {}
        shape = SHAPES["lesions.csv"]
        self.own_columns = frozenset((*shape.required, *shape.optional))

    def look_at_columns(self, columns: Sequence[str]) -> None:
        """Note every column that a stratum of the card needs and the table does not have."""
        for name, stratum in self.card.lesion_strata.items():
            if stratum.column is not None and stratum.column not in columns:
                where = f"{CARD}: lesion_strata: {name}"
                self.problems.note(unknown_name("lesions.column_unknown", stratum.column, columns, where))
            if name in columns and name not in self.own_columns and stratum.column != name:
                self.problems.add("lesions.column_hidden", f"{CARD}: lesion_strata", found=name)

    def __call__(self, row: Mapping[str, str], line: int, where: str) -> None:
        """Take one row."""
        n_before = len(self.problems) + self.problems.n_more
        case_id, lesion_id, finding = row["case_id"], row["lesion_id"], row["finding"]
        reader, image = row.get("reader", ""), row.get("image", "")
        if not ids_sound(self.problems, where, {"case_id": case_id, "lesion_id": lesion_id}, (reader,)):
            return
        case = self.cases.get(case_id)
        if case is None:
            self.problems.add("refset.lesion_without_case", where, found=case_id)
            return
        finding_known(self.problems, finding, self.card.finding_names, where)
        view = image if len(case.files) > 1 else ""  # a lesion that several images show has one id on them
        first = self.seen.setdefault((case_id, lesion_id, reader, view), line)
        if first != line:
            self.problems.add("refset.lesion_doubled", where, found=lesion_id, case=case_id, line=first)
        self._image(case, image, where)
        lesion = Lesion(
            lesion_id=lesion_id,
            finding=finding,
            image=image or None,
            frame=self._frame(row, where),
            weight=self._weight(row, where),
            ignore=self._ignore(row, where),
            **lesion_geometry(row, where, self.problems),
        )
        lesion = dataclasses.replace(lesion, strata=self._strata(row, lesion, where))
        if len(self.problems) + self.problems.n_more > n_before:
            return
        self.tables.lesions.append(LesionRow(case_id=case_id, lesion=lesion, reader=reader, line=line))

    def _image(self, case: Case, image: str, where: str) -> None:
        if not image:
            return
        in_folder = any(image.startswith(file.rstrip("/") + "/") for file in case.files)
        if image not in case.files and not in_folder and not names_uid(image):
            self.problems.add("refset.lesion_image_unknown", where, found=image, case=case.case_id)

    def _number(self, row: Mapping[str, str], name: str, where: str) -> float | None:
        text = row.get(name, "")
        number = as_number(text) if text else None
        if text and number is None:
            self.problems.add("refset.not_a_number", where, column=name, found=text)
        return number

    def _frame(self, row: Mapping[str, str], where: str) -> int | None:
        frame = self._number(row, "frame", where)
        if frame is not None and (frame < 1 or frame != int(frame)):
            self.problems.add("refset.lesion_frame", where, found=row["frame"])
        return None if frame is None else int(frame)

    def _weight(self, row: Mapping[str, str], where: str) -> float:
        weight = self._number(row, "weight", where)
        if weight is not None and weight <= 0:
            self.problems.add("refset.not_above_zero", where, column="weight", found=row["weight"])
        return 1.0 if weight is None else weight

    def _ignore(self, row: Mapping[str, str], where: str) -> bool:
        ignore = row.get("ignore", "").lower()
        if ignore not in _YES_NO:
            self.problems.add("refset.yes_or_no", where, column="ignore", found=row["ignore"])
        return _YES_NO.get(ignore, False)

    def _strata(self, row: Mapping[str, str], lesion: Lesion, where: str) -> Mapping[str, str]:
        """The level of every stratum: those of the card, then every further column that none of them cuts."""
        found: dict[str, str] = {}
        for name, stratum in self.card.lesion_strata.items():
            raw = row.get(stratum.column or "", "")
            level = stratum.level(raw) if stratum.column is not None else NOT_RECORDED
            if level is None and stratum.edges is None:
                known = ", ".join(stratum.ordered_levels())
                self.problems.add("refset.stratum_value_unknown", where, name=name, found=raw, known=known)
            elif level is None:
                self.problems.add("refset.not_a_number", where, column=str(stratum.column), found=raw)
            found[name] = NOT_RECORDED if level is None else level
        cut = {stratum.column for stratum in self.card.lesion_strata.values()}
        plain = (name for name in row if name not in self.own_columns and name not in cut)
        found |= {name: row[name] or NOT_RECORDED for name in plain if name not in found}
        return with_measured_levels(self.card, dataclasses.replace(lesion, strata=found)).strata


def names_uid(image: str) -> bool:
    """Whether an image is named by a SOP Instance UID and not by its path.

    >>> names_uid("1.2.840.10008"), names_uid("files/c1.png")
    (True, False)
    """
    return len(image) <= 64 and _UID.fullmatch(image) is not None


def with_measured_levels(card: Card, lesion: Lesion) -> Lesion:
    """The lesion with the levels that the card cuts from its geometry, as far as the geometry gives them."""
    measured = {name: stratum for name, stratum in card.lesion_strata.items() if stratum.measure is not None}
    if not measured:
        return lesion
    sizes = {name: lesion_size(lesion, stratum.measure) for name, stratum in measured.items() if stratum.measure}
    levels = {
        name: NOT_RECORDED if (size := sizes[name]) is None else stratum.level_of(size)
        for name, stratum in measured.items()
    }
    return dataclasses.replace(lesion, strata={**lesion.strata, **levels})


def in_printed_order(stratum: LesionStratum | None, present: Collection[str]) -> tuple[str, ...]:
    """The levels of a lesion stratum in the order to print: the card's, others by name, NOT_RECORDED last.

    An outermost level below or above all edges is only worth a line where a lesion lies in it.

    >>> from .card import LesionStratum
    >>> size = LesionStratum(column="size_mm", edges=(5, 10))
    >>> in_printed_order(size, {">=10", NOT_RECORDED}), in_printed_order(None, {"b", "a"})
    (('[5, 10)', '>=10', 'not recorded'), ('a', 'b'))
    """
    listed = () if stratum is None else stratum.ordered_levels()
    shown = [level for level in listed if level in present or level[0] not in "<>"]
    others = sorted(set(present) - {*listed, NOT_RECORDED})
    return (*shown, *others, *((NOT_RECORDED,) if NOT_RECORDED in present else ()))
