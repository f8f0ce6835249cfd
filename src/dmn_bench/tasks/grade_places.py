"""Which pictures show that a grade or a call made of grades is wrong: whole ones, the farthest off first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..vocabulary import ErrorPlace

if TYPE_CHECKING:
    from ..vocabulary import Case, ErrorRow, Unit

UNANSWERED = "unanswered"  # the kind of an error that no picture shows


def grade_places(unit: Unit, error: ErrorRow, reference: int, said: Mapping[str, int]) -> list[ErrorPlace]:
    """The pictures of a unit that show its error. ``reference``: its position; ``said``: that of each answered case.

    Of a unit graded too high these are the cases that were; of one graded too low all its answered cases, since any of
    them may hold what was missed. ``in_case`` and ``here`` are grades between the case and the reference.
    """
    highest = max(said.values(), default=reference)
    found: list[ErrorPlace] = []
    for case in unit.cases:
        position = said.get(case.case_id)
        if position is None or (highest > reference and position <= reference):
            continue
        apart = float(abs(position - reference))
        found += [
            ErrorPlace(
                case_id=case.case_id,
                kind=error.kind,
                in_case=apart,
                here=apart,
                image=image,
                reference=error.reference,
                answer=error.answer,
            )
            for image in _images(case)
        ]
    return found


def _images(case: Case) -> tuple[str | None, ...]:
    """The images of a case, None for its only one."""
    return case.files if len(case.files) > 1 else (None,)
