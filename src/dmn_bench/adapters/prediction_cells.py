"""Cells of an output file as numbers, labels and statuses: strictly, with what is wrong noted at its line."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..files import unknown_name
from ..vocabulary import STATUSES, Label
from .mark_geometry import MAX_OUTLINE
from .prediction_rules import DeviceStatus, LabelWord
from .prediction_tables import Cell, Faults, as_text

PLAIN_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
MAX_NUMBERS = 2 * (MAX_OUTLINE + 1)  # of an outline, whose first point may stand again at the end
OWN_LABELS: tuple[Label, ...] = ("positive", "negative", "indeterminate")
DEVICE_STATUSES: tuple[DeviceStatus, ...] = ("answered", "indeterminate", "abstained", "rejected_input", "failed")


class NotFinite(ValueError):
    """The vendor wrote NaN or infinity: an invalid output, the device's own."""


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Reads cells as one vendor writes them.

    ``labels``: our label or status -> the vendor's words. ``statuses``: the vendor's word -> ours. ``empty_words``:
    written where there is nothing.
    """

    decimal: Literal[".", ","] = "."
    labels: Mapping[LabelWord, Sequence[str]] = field(default_factory=dict)
    statuses: Mapping[str, DeviceStatus] = field(default_factory=dict)
    empty_words: Sequence[str] = ()
    faults: Faults

    def is_empty(self, cell: Cell) -> bool:
        """Whether the cell holds nothing."""
        return cell is None or (bool(self.empty_words) and as_text(cell) in self.empty_words)

    def number(self, cell: Cell, where: str, column: str) -> float | None:
        """A number; None when the cell is empty or, with a problem noted, none.

        Raises NotFinite on NaN or infinity.
        """
        if cell is None or self.is_empty(cell):
            return None
        if isinstance(cell, int | float):
            return _finite(float(cell) if abs(cell) < 1e300 else math.inf, as_text(cell))
        text = as_text(cell)
        if NOT_FINITE.fullmatch(text):
            raise NotFinite(text)
        dotted = text.replace(",", ".") if self.decimal == "," and "." not in text else text
        if not PLAIN_NUMBER.fullmatch(dotted) or (self.decimal == "," and "." in text):
            key = "adapters.number_percent" if text.endswith("%") else "adapters.number_wrong"
            self.faults.add(key, where, column=column, found=text[:60], decimal=self.decimal)
            return None
        return _finite(float(dotted), text)

    def whole_number(self, cell: Cell, where: str, column: str) -> int | None:
        """A whole number from 0; None when the cell is empty or, with a problem noted, none."""
        number = self.number(cell, where, column)
        if number is None:
            return None
        if not 0 <= number < 2**53 or not number.is_integer():
            self.faults.add("adapters.number_not_whole", where, column=column, found=as_text(cell)[:60])
            return None
        return int(number)

    def label(self, cell: Cell, where: str, column: str) -> LabelWord | None:
        """One of our labels or statuses; None when the cell is empty or, with a problem noted, unknown."""
        if self.is_empty(cell):
            return None
        text = as_text(cell)
        for own in OWN_LABELS:
            if not self.labels and text == own:
                return own
        for ours, theirs in self.labels.items():
            if text in theirs:
                return ours
        known = [word for words in self.labels.values() for word in words] or OWN_LABELS
        self._unknown("adapters.label_unknown", text, known, where, column)
        return None

    def status(self, cell: Cell, where: str, column: str) -> DeviceStatus:
        """What happened to the case; ``answered`` when the cell is empty or, with a problem noted, unknown."""
        if self.is_empty(cell):
            return "answered"
        text = as_text(cell)
        ours = self.statuses.get(text, text)
        for status in DEVICE_STATUSES:
            if ours == status:
                return status
        if ours in STATUSES:
            self.faults.add("adapters.status_not_the_vendors", where, column=column, found=text)
        else:
            self._unknown("adapters.status_unknown", text, [*self.statuses, *DEVICE_STATUSES], where, column)
        return "answered"

    def boxes(self, cell: Cell, where: str, column: str) -> list[tuple[float, ...]] | None:
        """Boxes written as a JSON list of [a, b, c, d] or [a, b, c, d, score]; None when the cell is empty.

        Raises NotFinite on NaN or infinity.
        """
        if self.is_empty(cell):
            return None
        try:
            listed = json.loads(cell) if isinstance(cell, str) else cell
            boxes = [tuple(_json_number(value) for value in box) for box in listed]  # type: ignore[union-attr]
        except (NotFinite, RecursionError) as error:
            raise NotFinite(as_text(cell)[:60]) from error
        except (ValueError, TypeError):
            boxes = [()]
        if any(len(box) not in (4, 5) for box in boxes):
            self.faults.add("adapters.boxes_wrong", where, column=column, found=as_text(cell)[:60])
            return None
        return boxes

    def outline(self, cell: Cell, where: str, column: str) -> list[float] | None:
        """The numbers x1, y1, x2, y2 … of an outline: text with blanks between, a list of them or of [x, y].

        None, with a problem noted, where there is something else. Raises NotFinite on NaN or infinity, ValueError where
        there are too many.
        """
        if isinstance(cell, str) and not cell.lstrip().startswith("["):
            words = cell.split()
            if len(words) > MAX_NUMBERS:  # not worth reading them all
                raise ValueError(f"an outline of {len(words)} numbers, at most {MAX_NUMBERS} were expected")
            numbers = [self.number(word, where, column) for word in words]
            return None if None in numbers else [number for number in numbers if number is not None]
        try:
            listed = json.loads(cell) if isinstance(cell, str) else cell
            return [
                _json_number(value)
                for each in listed  # type: ignore[union-attr]
                for value in (each if isinstance(each, list | tuple) else (each,))
            ]
        except (NotFinite, RecursionError) as error:
            raise NotFinite(as_text(cell)[:60]) from error
        except (ValueError, TypeError):
            self.faults.add("lesions.outline_wrong", where, column=column, found=as_text(cell)[:60])
            return None

    def _unknown(self, key: str, text: str, known: Sequence[str], where: str, column: str) -> None:
        problem = unknown_name(key, text[:60], known, where)
        self.faults.add(problem.key, where, **{**problem.facts, "column": column})


def _finite(number: float, text: str) -> float:
    if not math.isfinite(number):
        raise NotFinite(text)
    return number


def _json_number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(type(value).__name__)
    return _finite(float(value) if abs(value) < 1e300 else math.inf, str(value))
