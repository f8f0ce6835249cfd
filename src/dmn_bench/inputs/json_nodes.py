"""JSON from strangers, read strictly: every part knows its place, and what is wrong with it is noted there."""

from __future__ import annotations

import functools
import json
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import Fact
from ..files import is_text, plain_text

SHOWN_CHARACTERS = 60
LONGEST_NUMBER = 400  # digits; what is longer is no number that a device measured

Pairs = list[tuple[str, object]]


class Noting(Protocol):
    """Whatever keeps problems."""

    def add(self, key: str, where: str, **facts: Fact) -> None:
        """Note one problem."""


class JsonError(ValueError):
    """A text that is no JSON: ``where`` it ends to be, and what is ``found`` there."""

    def __init__(self, where: str, found: str) -> None:
        super().__init__(found)
        self.where, self.found = where, found


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One value of a JSON file. ``pointer``: where it is in the file (RFC 6901), "" for the whole.

    ``room``: of the wordings, whose sentences say who is to correct the file.
    """

    value: Any
    file: str
    pointer: str
    faults: Noting
    room: str = "answers"

    @property
    def where(self) -> str:
        """The place for messages: "results.json#/3/bbox"."""
        return f"{self.file}#{self.pointer}" if self.pointer else self.file

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def at(self, key: str) -> Node:
        """A member of an object; its value is None where there is none."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return self._below(value, key.replace("~", "~0").replace("/", "~1"))

    def items(self) -> Iterator[Node]:
        """The entries of a list, () with a problem noted where it is none; nothing where it is absent."""
        if self.value is None:
            return
        if not isinstance(self.value, list):
            self.note(f"{self.room}.expected_list")
            return
        for index, value in enumerate(self.value):
            yield self._below(value, str(index))

    def objects(self) -> Iterator[Node]:
        """The entries of a list that are objects; any other is a problem."""
        for node in self.items():
            if isinstance(node.value, dict):
                yield node
            else:
                node.note(f"{self.room}.expected_object")

    def text(self) -> str:
        """A text, "" where it is absent or, with a problem noted, none."""
        if self.value is None:
            return ""
        if not isinstance(self.value, str):
            self.note(f"{self.room}.expected_text")
            return ""
        if not is_text(self.value):
            self.faults.add(f"{self.room}.half_character", self.where, found=plain_text(self.value, SHOWN_CHARACTERS))
            return ""
        return self.value.strip()

    def identifier(self) -> str:
        """A text or whole number as text, "" where it is absent or, with a problem noted, neither."""
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return str(self.value)
        return self.text()

    def number(self) -> float | None:
        """A number, NaN and infinity included; None where it is absent or, with a problem noted, none."""
        if self.value is None:
            return None
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            self.note(f"{self.room}.expected_number")
            return None
        if isinstance(self.value, float) or abs(self.value) < 10**300:
            return float(self.value)
        return math.copysign(math.inf, self.value)

    def numbers(self, *sizes: int) -> tuple[float, ...] | None:
        """A list of as many numbers as one of ``sizes``; None where it is absent or, with a problem noted, none."""
        if self.value is None:
            return None
        found = tuple(node.number() for node in self.items())
        if any(number is None for number in found) or not isinstance(self.value, list):
            return None
        if sizes and len(found) not in sizes:
            expected = " | ".join(str(size) for size in sizes)
            self.faults.add(f"{self.room}.expected_numbers", self.where, expected=expected, found=len(found))
            return None
        return tuple(number for number in found if number is not None)

    def note(self, key: str) -> None:
        """Note that the value is not what ``key`` says."""
        self.faults.add(key, self.where, found=shown(self.value))

    def _below(self, value: object, part: str) -> Node:
        return Node(value=value, file=self.file, pointer=f"{self.pointer}/{part}", faults=self.faults, room=self.room)


def parsed(text: str, name: str, faults: Noting, room: str = "answers") -> Node:
    """A JSON text called ``name`` in messages; NaN and infinity stay, for the reader to judge.

    Keys that are given twice are noted in ``faults``. Raises JsonError if it is no JSON, or nested too deeply.
    """
    doubled: list[tuple[object, str]] = []
    try:
        value = json.loads(text, object_pairs_hook=functools.partial(_object, doubled), parse_int=_whole_number)
    except json.JSONDecodeError as error:
        where = f"{name}:{error.lineno}:{error.colno}" if ":" not in name else f"{name}:{error.colno}"
        raise JsonError(where, error.msg) from error
    except (ValueError, RecursionError) as error:
        raise JsonError(name, str(error)) from error
    root = Node(value=value, file=name, pointer="", faults=faults, room=room)
    if doubled:
        _note_doubled(root, doubled)
    return root


def shown(value: object) -> str:
    """A value for a message: short, and without the inside of lists and objects.

    >>> shown({"a": 1}), shown([1, 2]), shown(None), shown("abc")
    ('{…}', '[…]', 'null', '"abc"')
    """
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list):
        return "[…]"
    return plain_text(json.dumps(value, ensure_ascii=False), SHOWN_CHARACTERS)


def _whole_number(digits: str) -> int | float:
    if len(digits) > LONGEST_NUMBER:
        return -math.inf if digits.startswith("-") else math.inf
    return int(digits)


def _object(doubled: list[tuple[object, str]], pairs: Pairs) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):  # json alone would keep the last of two equal keys in silence
        doubled += [(found, key) for key, count in Counter(key for key, _ in pairs).items() if count > 1]
    return found


def _note_doubled(root: Node, doubled: list[tuple[object, str]]) -> None:
    """Note every key that an object gives twice, at the object."""
    keys: dict[int, list[str]] = {}
    for found, key in doubled:
        keys.setdefault(id(found), []).append(key)
    waiting = [root]
    while waiting:
        node = waiting.pop()
        for key in keys.get(id(node.value), ()):
            node.faults.add(f"{root.room}.key_doubled", node.where, found=plain_text(key, SHOWN_CHARACTERS))
        if isinstance(node.value, dict):
            waiting += [node.at(key) for key in node.value]
        elif isinstance(node.value, list):
            waiting += [*node.items()]
