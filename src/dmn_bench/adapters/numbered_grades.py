"""Grades that a device tells by their place alone: the third of its scores, class number 2."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple


class NumberedGrades(NamedTuple):
    """What stands at each place; ``NumberedGrades`` of an adapter are its property ``numbered_grades``."""

    option: str  # that lists the grades, as a person writes it
    finding: str | None  # in the device's word; None: whatever finding its files name
    grades: tuple[int, ...] = ()  # mildest first; (): none are listed, so they count from 0
    n: int | None = None  # places, None where only the device's output tells

    def fits(self, scale: Sequence[int]) -> bool:
        """Whether every place is a grade of a scale, and without a list also the other way round.

        >>> NumberedGrades("grades", "dr").fits((0, 1, 2)), NumberedGrades("grades", "b").fits((1, 2, 3))
        (True, False)
        >>> NumberedGrades("grades", "b", (1, 2, 3)).fits((1, 2, 3)), NumberedGrades("grades", "b", n=3).fits((0, 1))
        (True, False)
        """
        if self.grades:
            return set(self.grades) <= set(scale)
        return tuple(scale) == tuple(range(len(scale))) and self.n in (None, len(scale))


def are_ascending(grades: Sequence[int]) -> bool:
    """Whether grades can be a scale: whole numbers from 0 up, each above the one before.

    >>> are_ascending((1, 2, 3)), are_ascending((2, 1)), are_ascending((-1, 0))
    (True, False, False)
    """
    return all(grade >= 0 for grade in grades) and all(low < high for low, high in pairwise(grades))
