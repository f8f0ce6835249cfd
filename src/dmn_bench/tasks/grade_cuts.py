"""Which grades an endpoint judges, from which one on they are positive, and what other scales mean on theirs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..errors import Problem, ProtocolError
from .scales import MAPS, SCALES

MOST_GRADES = 100
_CUT = re.compile(r"\s*(>=|>)\s*(\d+)\s*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Positions:
    """Where grades stand on the scale that is judged: ``grades`` as stated, ``positions`` from 0, one for each."""

    grades: tuple[int, ...]
    positions: tuple[int, ...]

    def of(self, grade: int) -> int | None:
        """The position of a grade, None if it is not on the scale."""
        return self.positions[self.grades.index(grade)] if grade in self.grades else None


def grades_of(scale: str | None, own: Sequence[int] | None) -> tuple[int, ...]:
    """The grades of a named scale, or those that the protocol lists; one of the two is given.

    Raises ProtocolError for both or neither, an unknown name, or a list that is not two or more grades from 0 up in
    ascending order, mildest first.

    >>> grades_of("icdr", None), grades_of(None, [0, 1, 2, 3])
    ((0, 1, 2, 3, 4), (0, 1, 2, 3))
    """
    known = ", ".join(SCALES)
    if (scale is None) == (own is None):
        raise ProtocolError(Problem(key="tasks.scale_or_grades", facts={"known": known}))
    if own is not None:
        listed = ", ".join(str(grade) for grade in own)
        ascends = all(low < high for low, high in pairwise(own))
        if not 2 <= len(own) <= MOST_GRADES or min(own) < 0 or not ascends:
            raise ProtocolError(Problem(key="tasks.grades_not_ascending", facts={"found": listed, "most": MOST_GRADES}))
        return tuple(own)
    if scale is None or scale not in SCALES:
        raise ProtocolError(Problem(key="tasks.scale_unknown", facts={"found": str(scale), "known": known}))
    return tuple(SCALES[scale].grades)


def cut_of(positive_when: str, grades: Sequence[int]) -> int:
    """Position of the lowest positive grade. Raises ProtocolError for a cut that leaves no grade on one side.

    >>> cut_of(">= 2", (0, 1, 2, 3, 4)), cut_of("> 35", (10, 20, 35, 43))
    (2, 3)
    """
    found = _CUT.fullmatch(positive_when)
    lowest = 0 if found is None else int(found[2]) + (found[1] == ">")
    position = sum(grade < lowest for grade in grades)
    if found is None or not 0 < position < len(grades):
        facts = {"found": positive_when, "grades": ", ".join(str(grade) for grade in grades)}
        raise ProtocolError(Problem(key="tasks.cut_unreadable", facts=facts))
    return position


def positions_on(grades: tuple[int, ...], scale: str | None, stated_on: str | None) -> Positions:
    """Where the grades of the scale ``stated_on`` stand among ``grades``; those of ``scale`` itself where it is None.

    Raises ProtocolError if no map leads from the one scale to the other.

    >>> positions_on((0, 1, 2, 3, 4), "icdr", "etdrs").of(47)
    2
    """
    if stated_on is None or stated_on == scale:
        return Positions(grades=grades, positions=tuple(range(len(grades))))
    found = MAPS.get((stated_on, scale or ""))
    if found is None:
        known = ", ".join(f"{one} → {other}" for one, other in MAPS)
        facts = {"found": stated_on, "scale": scale or "grades", "known": known}
        raise ProtocolError(Problem(key="tasks.scale_without_map", facts=facts))
    return Positions(
        grades=tuple(found.grades), positions=tuple(grades.index(grade) for grade in found.grades.values())
    )
