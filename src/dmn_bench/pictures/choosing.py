"""Which errors are drawn: the worst of each kind and structure, ties broken by a draw from the protocol's seed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ..vocabulary import ErrorPlace

GRADE_OFF = "grade_off_by_"


def group_of(place: ErrorPlace, *, by_structure: bool) -> tuple[str, str]:
    """Kind of an error, and what tells apart errors of one kind of which each has pictures of its own.

    These are the structures of a task that compares structures, and "too_high" and "too_low" of grades.
    """
    if by_structure:
        return place.kind, place.about
    return place.kind, direction(place.kind, place.reference, place.answer)


def direction(kind: str, reference: str, answer: str) -> str:
    """Whether a wrong grade is "too_high" or "too_low"; "" of any other error, and where grades are no numbers.

    >>> direction("grade_off_by_2", "1", "3"), direction("false_positive", "1", "3")
    ('too_high', '')
    """
    if grades_off(kind) is None or not (reference.isdecimal() and answer.isdecimal()):
        return ""
    return "too_high" if int(answer) > int(reference) else "too_low"


def grades_off(kind: str) -> int | None:
    """By how many grades, of a kind that says so."""
    off = kind.removeprefix(GRADE_OFF)
    return int(off) if off != kind and off.isdecimal() else None


def chosen(
    places: Sequence[ErrorPlace], *, per_kind: int, seed: int, by_structure: bool = False
) -> tuple[ErrorPlace, ...]:
    """At most ``per_kind`` places of each group, the worst first; kinds by name, grades that are farthest off first.

    Cases are ranked by what is wrong in them, the places of a case by what is wrong there. One place of a case is
    taken before the second of any. Equals are ordered by a draw that depends on ``seed`` and on what is drawn, not on
    the order in which places come: the same errors give the same choice.
    """
    groups: dict[tuple[str, str], list[ErrorPlace]] = {}
    for place in places:
        groups.setdefault(group_of(place, by_structure=by_structure), []).append(place)
    found: list[ErrorPlace] = []
    for group in sorted(groups, key=_order):
        found += _of_kind(groups[group], seed)[:per_kind]
    return tuple(found)


def _order(group: tuple[str, str]) -> tuple[str, int, str]:
    off = grades_off(group[0])
    return (group[0], 0, group[1]) if off is None else (GRADE_OFF, -off, group[1])


def _of_kind(places: Sequence[ErrorPlace], seed: int) -> list[ErrorPlace]:
    ranked = sorted(places, key=lambda place: (-place.in_case, -place.here, _draw(place, seed)))
    turn: dict[str, int] = {}
    turns = []
    for place in ranked:
        turns.append(turn.get(place.case_id, 0))
        turn[place.case_id] = turns[-1] + 1
    # sorted() is stable: within a turn the ranking stays
    return [place for _, place in sorted(zip(turns, ranked, strict=True), key=lambda pair: pair[0])]


def _draw(place: ErrorPlace, seed: int) -> str:
    """A number as good as drawn: the hash of the seed and of what names the place."""
    named = f"{seed}\0{place.kind}\0{place.case_id}\0{place.start_s!r}"
    of_image = (place.image, place.frame, place.box, place.sphere_mm)
    if any(one is not None for one in of_image):
        named += f"\0{of_image!r}\0{place.about}"
    return hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()
