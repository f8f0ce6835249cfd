"""Which case of a set an object is about: by image, else by study; what is about several, by its side or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..hookspecs import KnownImage


class CasesOfSet:
    """Where in a set its images, studies and sides are. Cases go by their place in the set."""

    def __init__(self, known: Sequence[Sequence[KnownImage]]) -> None:
        self.images = tuple(map(tuple, known))
        self._by_uid: dict[str, dict[int, None]] = {}
        self._by_study: dict[str, dict[int, None]] = {}
        self._sides = [frozenset(image.laterality for image in images) - {""} for images in known]
        for place, images in enumerate(known):
            for image in images:
                self._by_uid.setdefault(image.sop_instance_uid, {})[place] = None
                if image.study_instance_uid:
                    self._by_study.setdefault(image.study_instance_uid, {})[place] = None

    def holds(self, uid: str) -> bool:
        """Whether this is an image of the set."""
        return uid in self._by_uid

    def of_images(self, uids: Iterable[str]) -> tuple[int, ...]:
        """Every case that holds one of these images."""
        return tuple(dict.fromkeys(place for uid in uids for place in self._by_uid.get(uid, ())))

    def of_study(self, uid: str) -> tuple[int, ...]:
        """Every case with an image of this study."""
        return tuple(self._by_study.get(uid, ()))

    def of_side(self, side: str, places: Sequence[int]) -> tuple[int, ...]:
        """Those of the cases that may be of a side, "L" or "R": their own is that one, both, or not stated."""
        if side not in ("L", "R"):
            return tuple(places)
        return tuple(place for place in places if not self._sides[place] or self._sides[place] & {side, "B"})
