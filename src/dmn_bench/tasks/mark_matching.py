"""Which marks are on which lesions of one case, and which are false positives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ..vocabulary import Case, Lesion, Mark
    from .hit_rules import HitRule

LUNA16_MOST_MARKS = 100
"""The LUNA16 program keeps, of a scan with more marks, those that score above the 101st."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Matched:
    """Of one case: the mark that counts for each lesion (None: missed), and the marks on no lesion at all.

    Marks on lesions to ignore are in neither, nor are second hits where these are ignored.
    """

    hits: tuple[Mark | None, ...]  # one entry for each lesion that counts, in their order
    false_positives: tuple[Mark, ...]


def match_marks(
    case: Case,
    lesions: Sequence[Lesion],
    marks: Sequence[Mark],
    rule: HitRule,
    second_hits: Literal["ignored", "false_positive"],
) -> Matched:
    """Marks by falling score, each on the nearest free lesion that it hits: one mark one lesion.

    A mark that hits no free lesion is neither hit nor false positive when it hits a lesion to ignore; when it hits a
    lesion already taken it is a second hit. Unscored marks come last; equal scores are taken in order of their place,
    so the order of the marks in a file has no influence. With the rule ``luna16`` see ``_luna16``.
    """
    counted = [lesion for lesion in lesions if not lesion.ignore]
    ignored = [lesion for lesion in lesions if lesion.ignore]
    if rule.luna16:
        return _luna16(case, counted, ignored, marks, rule)
    hits: list[Mark | None] = [None] * len(counted)
    false_positives: list[Mark] = []
    for mark in sorted(marks, key=_rank):
        near = [
            (closeness, -index, index)
            for index, lesion in enumerate(counted)
            if (closeness := _closeness(case, mark, lesion, rule)) is not None
        ]
        free = [candidate for candidate in near if hits[candidate[2]] is None]
        if free:
            hits[max(free)[2]] = mark
        elif any(_closeness(case, mark, lesion, rule) is not None for lesion in ignored):
            continue
        elif not near or second_hits == "false_positive":
            false_positives.append(mark)
    return Matched(hits=tuple(hits), false_positives=tuple(false_positives))


def _luna16(
    case: Case, counted: Sequence[Lesion], ignored: Sequence[Lesion], marks: Sequence[Mark], rule: HitRule
) -> Matched:
    """The LUNA16 program: the best mark within a lesion counts for it, every other mark within any lesion is dropped.

    A mark may be the best of two lesions. Reference: the public program noduleCADEvaluationLUNA16 of the challenge,
    Setio et al. 2017, Med Image Anal 42:1.
    """
    kept = sorted(marks, key=_rank)
    if len(kept) > LUNA16_MOST_MARKS:
        first_cut = _score(kept[LUNA16_MOST_MARKS])
        kept = [mark for mark in kept if _score(mark) > first_cut]
    on_counted = [[_closeness(case, mark, lesion, rule) is not None for lesion in counted] for mark in kept]
    best = [
        next((mark for mark, on in zip(kept, on_counted, strict=True) if on[index]), None)
        for index in range(len(counted))
    ]
    elsewhere = [
        mark
        for mark, on in zip(kept, on_counted, strict=True)
        if not any(on) and all(_closeness(case, mark, lesion, rule) is None for lesion in ignored)
    ]
    return Matched(hits=tuple(best), false_positives=tuple(elsewhere))


def _closeness(case: Case, mark: Mark, lesion: Lesion, rule: HitRule) -> float | None:
    of_one_place = rule.in_millimetres or lesion.x is None or _same_picture(case, mark, lesion)
    return rule.closeness(mark, lesion) if of_one_place else None


def _same_picture(case: Case, mark: Mark, lesion: Lesion) -> bool:
    """Whether image and frame agree: a lesion without a frame is on all of them, a mark without one on the first."""
    return _same_image(case, mark.image, lesion.image) and (lesion.frame is None or (mark.frame or 1) == lesion.frame)


def _same_image(case: Case, of_mark: str | None, of_lesion: str | None) -> bool:
    """Images agree by name; in a case of one file the file's own name, or none, stands for whatever image it is."""
    if of_mark == of_lesion:
        return True
    whole = {None, *case.files} if len(case.files) <= 1 else set()
    return of_mark in whole or of_lesion in whole


def _score(mark: Mark) -> float:
    return -math.inf if mark.score is None else mark.score


def _rank(mark: Mark) -> tuple[float, tuple[tuple[bool, float], ...], str]:
    places = (mark.x, mark.y, mark.width, mark.height, mark.x_mm, mark.y_mm, mark.z_mm, mark.frame)
    return (-_score(mark), tuple((place is None, place or 0.0) for place in places), mark.image or "")
