"""Single values of what a candidate sent, read strictly: each has the type and range of the contract, or is refused."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, TypeVar

import numpy as np

from ..files import MAX_NAME, is_text, plain_text
from ..vocabulary import Origin

MAX_NAMES = 1_000
SHOWN_CHARACTERS = 60

Part = TypeVar("Part")
Word = TypeVar("Word", bound=str)


class InvalidError(ValueError):
    """One thing that is not as the contract says."""

    def __init__(self, field: str, expected: str, found: object) -> None:
        """``field``: its place in the answer; ``found`` is shortened for the message."""
        super().__init__(f"{field}: expected {expected}, found {shown(found)}")


def one_of(words: Sequence[Word], value: object, field: str) -> Word:
    """The word of a list that a value is."""
    for word in words:
        if isinstance(value, str) and value == word:
            return word
    raise InvalidError(field, " | ".join(words), value)


def each_named(value: object, field: str, read: Callable[[object, str], Part]) -> dict[str, Part]:
    """What ``read`` makes of each member of an object of names; {} of nothing."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidError(field, "an object of names", value)
    if len(value) > MAX_NAMES:
        raise InvalidError(field, f"at most {MAX_NAMES} names", len(value))
    return {name_of(name, field): read(item, f"{field}.{name}") for name, item in value.items()}


def object_of(value: object, field: str, known: Sequence[str]) -> Mapping[str, Any]:
    """An object without other keys than the known ones."""
    if not isinstance(value, Mapping):
        raise InvalidError(field, "an object", value)
    for key in value:
        if key not in known:
            near = difflib.get_close_matches(str(key)[:MAX_NAME], known, n=1)
            expected = f"{near[0]!r}" if near else " | ".join(known)
            raise InvalidError(f"{field} key", expected, key)
    return value


def sequence(value: object, field: str, most: int) -> Sequence[Any]:
    """A list, or an array of one axis, of at most so many entries."""
    if isinstance(value, np.ndarray) and value.ndim == 1:
        value = value[: most + 1].tolist()  # not all of it: half a gigabyte of bytes would become many of objects
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise InvalidError(field, "a list", value)
    if len(value) > most:
        raise InvalidError(field, f"at most {most} entries", len(value))
    return value


def number_of(value: object, field: str) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidError(field, "a finite number", value)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise InvalidError(field, "a finite number", value)
    return number


def whole_number(value: object, field: str, *, least: int) -> int:
    """A whole number that JSON keeps exactly."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 2**53:
        raise InvalidError(field, f"a whole number from {least}", value)
    return value


def points_of(value: object, field: str, size: int, most: int) -> tuple[tuple[float, ...], ...]:
    """At least one point of ``size`` numbers: a list of lists, or an array [points, size]."""
    if isinstance(value, np.ndarray) and value.ndim == 2:
        value = value[: most + 1].tolist()
    listed = sequence(value, field, most)
    if not listed:
        raise InvalidError(field, "at least one point", "none")
    found = []
    for i, each in enumerate(listed):
        point = sequence(each, f"{field}[{i}]", size)
        if len(point) != size:
            raise InvalidError(f"{field}[{i}]", f"{size} numbers", f"{len(point)}")
        found.append(tuple(number_of(number, f"{field}[{i}]") for number in point))
    return tuple(found)


def name_of(value: object, field: str) -> str:
    """A name of sane length."""
    text = text_of(value, field)
    if not 1 <= len(text) <= MAX_NAME:
        raise InvalidError(field, f"a name of 1 to {MAX_NAME} characters", value)
    if not is_text(text):  # replaced, two names could become one
        raise InvalidError(field, "a name of whole characters", value)
    return text


def text_of(value: object, field: str) -> str:
    """A text."""
    if not isinstance(value, str):
        raise InvalidError(field, "text", value)
    return value


def image_path(value: object, field: str, origin: Origin) -> str | None:
    """The set's name of an image: from its neutral name, that name as a file, or a SOP Instance UID."""
    if value is None:
        return None
    name = name_of(value, field)
    for key in (name, PurePosixPath(name).stem):
        if key in origin.images:
            return origin.images[key]
    if name in origin.sop_instance_uids:
        return origin.sop_instance_uids[name]
    raise InvalidError(field, "one of " + (", ".join(origin.images) or "no images"), value)


def image_size(path: str | None, origin: Origin) -> tuple[int, int] | None:
    """Columns and rows of an image, or of the first where none is named; None where they are not known."""
    return origin.image_sizes.get(path or next(iter(origin.images.values()), ""))


def shown(value: object) -> str:
    """A value for a message: short, and without the inside of objects, lists and arrays."""
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} {list(value.shape)}"
    if isinstance(value, Mapping | list | tuple):
        return f"{'an object' if isinstance(value, Mapping) else 'a list'} of {len(value)}"
    if value is None:
        return "nothing"
    try:
        text = value if isinstance(value, str) else str(value)
    except ValueError:  # an integer of thousands of digits refuses to be printed
        return f"a very long {type(value).__name__}"
    return plain_text(text, SHOWN_CHARACTERS + 1)
