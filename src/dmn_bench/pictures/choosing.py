"""Which errors are drawn: the worst of each kind, ties broken by a draw that the seed of the protocol decides."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ..vocabulary import ErrorPlace


def chosen(places: Sequence[ErrorPlace], *, per_kind: int, seed: int) -> tuple[ErrorPlace, ...]:
    """At most ``per_kind`` places of each kind, the kinds by name and the worst first.

    Cases are ranked by what is wrong in them, the places of a case by what is wrong there. One place of a case is
    taken before the second of any. Equals are ordered by a draw that depends on ``seed`` and on what is drawn, not on
    the order in which places come: the same errors give the same choice.
    """
    found: list[ErrorPlace] = []
    for kind in sorted({place.kind for place in places}):
        found += _of_kind([place for place in places if place.kind == kind], seed)[:per_kind]
    return tuple(found)


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
