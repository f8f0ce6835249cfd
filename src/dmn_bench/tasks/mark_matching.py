"""Which marks are on which lesions, case by case but all cases at once, and which are false positives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from .assigning import by_score, most_hits
from .closeness import Pairs
from .mark_places import Places

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, Case, FloatArray, IntArray, Lesion, Mark
    from .hit_rules import HitRule

Matching = Literal["by_score", "optimal"]

LUNA16_MOST_MARKS = 100
"""The LUNA16 program keeps, of a scan with more marks, those that score above the 101st."""

HIT, SECOND_HIT, ON_IGNORED, FALSE_POSITIVE, DROPPED = range(5)
"""What becomes of a mark: it counts for a lesion, is on one that has another mark already, is on one to ignore, is on
none, or is not looked at."""

_PAIRS_AT_ONCE = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseMarks:
    """One case with its lesions and the marks put on it."""

    case: Case
    lesions: Sequence[Lesion]
    marks: Sequence[Mark]


class Matches(NamedTuple):
    """Of several cases, lesions and marks in the order of the cases.

    ``found_by`` [lesions]: the mark that counts for each, by its place, −1 where it is missed or to ignore. ``fates``
    [marks]. ``order`` [marks]: their places, case by case, by falling score.
    """

    found_by: IntArray
    fates: IntArray
    order: IntArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Matched:
    """Of one case: the mark that counts for each lesion (None: missed), and the marks on no lesion at all.

    Marks on lesions to ignore are in neither. Second hits are false positives or ``second_hits``, as was asked.
    """

    hits: tuple[Mark | None, ...]  # one entry for each lesion that counts, in their order
    false_positives: tuple[Mark, ...]  # by falling score
    second_hits: tuple[Mark, ...] = ()


def match_marks(
    case: Case,
    lesions: Sequence[Lesion],
    marks: Sequence[Mark],
    rule: HitRule,
    second_hits: Literal["ignored", "false_positive"],
    matching: Matching = "by_score",
) -> Matched:
    """``match_cases`` of one case."""
    [found] = matched_cases([CaseMarks(case=case, lesions=lesions, marks=marks)], rule, second_hits, matching)
    return found


def matched_cases(
    cases: Sequence[CaseMarks],
    rule: HitRule,
    second_hits: Literal["ignored", "false_positive"],
    matching: Matching = "by_score",
) -> list[Matched]:
    """What ``match_cases`` finds, as the marks themselves, for each case."""
    found = match_cases(cases, rule, matching)
    marks = [mark for one in cases for mark in one.marks]
    false = (FALSE_POSITIVE, SECOND_HIT) if second_hits == "false_positive" else (FALSE_POSITIVE,)
    ordered = [(mark, fate) for mark, fate in zip(found.order.tolist(), found.fates[found.order].tolist(), strict=True)]
    found_by = [None if at < 0 else marks[at] for at in found.found_by.tolist()]
    result, mark_at, lesion_at = [], 0, 0
    for one in cases:
        mine = ordered[mark_at : mark_at + len(one.marks)]
        hits = found_by[lesion_at : lesion_at + len(one.lesions)]
        result.append(
            Matched(
                hits=tuple(hit for hit, lesion in zip(hits, one.lesions, strict=True) if not lesion.ignore),
                false_positives=tuple(marks[mark] for mark, fate in mine if fate in false),
                second_hits=tuple(marks[mark] for mark, fate in mine if fate == SECOND_HIT and fate not in false),
            )
        )
        mark_at, lesion_at = mark_at + len(one.marks), lesion_at + len(one.lesions)
    return result


def match_cases(cases: Sequence[CaseMarks], rule: HitRule, matching: Matching = "by_score") -> Matches:
    """One mark, one lesion, within each case.

    ``by_score``: marks by falling score, each on the nearest free lesion that it hits. ``optimal``: as many lesions
    found as can be, by the highest scores that allow this, and among those as near as can be; a device that marks a
    place twice between two lesions gains by it. Unscored marks come last; equal scores are taken in order of their
    place, so that the order of the marks in a file has no influence. A mark that counts for no lesion is a second hit
    when it hits one all the same, unless it hits a lesion to ignore too. With the rule ``luna16``, whatever the
    matching, the best mark within a lesion counts for it, every other mark within any lesion is a second hit, and a
    mark may be the best of two lesions: reference the program noduleCADEvaluationLUNA16 of the challenge, Setio et al.
    2017, Med Image Anal 42:1.
    """
    all_marks = [mark for one in cases for mark in one.marks]
    all_lesions = [lesion for one in cases for lesion in one.lesions]
    marks, lesions = Places(all_marks), Places(all_lesions)
    case_of_mark = np.repeat(np.arange(len(cases)), [len(one.marks) for one in cases])
    scores = np.array([-np.inf if mark.score is None else mark.score for mark in all_marks], dtype=np.float64)
    order = _ranked(marks, scores, case_of_mark)
    fates = np.full(len(scores), FALSE_POSITIVE, dtype=np.int64)
    found_by = np.full(len(lesions.items), -1, dtype=np.int64)
    ignored = np.array([lesion.ignore for lesion in all_lesions], dtype=np.bool_)
    hits = _hits(cases, marks, lesions, ignored, rule)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    if rule.luna16:
        fates[_beyond_the_hundredth(order, scores, case_of_mark)] = DROPPED
        hits = hits.of(fates[hits.mark] != DROPPED)
    on_counted = hits.of(~ignored[hits.lesion])
    fates[hits.mark[ignored[hits.lesion]]] = ON_IGNORED
    if rule.luna16:
        _best_of_each(on_counted, rank, order, found_by)
        fates[on_counted.mark] = SECOND_HIT
    else:
        on_ignored = fates == ON_IGNORED
        fates[on_counted.mark] = np.where(on_ignored[on_counted.mark], ON_IGNORED, SECOND_HIT)
        assign = by_score if matching == "by_score" else most_hits
        lesion, place = assign(rank[on_counted.mark], on_counted.lesion, on_counted.closeness)
        found_by[lesion] = order[place]
    fates[found_by[found_by >= 0]] = HIT
    return Matches(found_by, fates, order)


class _Hits(NamedTuple):
    """Pairs of a mark and a lesion that it hits, by their places, and how near they are: [p] each."""

    mark: IntArray
    lesion: IntArray
    closeness: FloatArray

    def of(self, chosen: BoolArray) -> _Hits:
        return _Hits(self.mark[chosen], self.lesion[chosen], self.closeness[chosen])


def _hits(cases: Sequence[CaseMarks], marks: Places, lesions: Places, ignored: BoolArray, rule: HitRule) -> _Hits:
    """Every mark with every lesion of its case that it hits."""
    n_lesions = np.array([len(one.lesions) for one in cases], dtype=np.int64)
    n_marks = np.array([len(one.marks) for one in cases], dtype=np.int64)
    of_mark = np.repeat(n_lesions, n_marks)
    first = np.repeat(np.cumsum(n_lesions) - n_lesions, n_marks)
    pictures = None if rule.luna16 else _Pictures(cases)
    found = [_Hits(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))]
    for some in _parts(of_mark):
        mark = np.repeat(np.arange(some.start, some.stop), of_mark[some])
        within = np.arange(len(mark)) - np.repeat(np.cumsum(of_mark[some]) - of_mark[some], of_mark[some])
        lesion = first[mark] + within
        same = np.ones(len(mark), dtype=np.bool_) if pictures is None else pictures.same(mark, lesion)
        pairs = Pairs((marks, lesions), (mark, lesion), same, ignored[lesion])
        near = pairs.closeness(rule)
        found.append(_Hits(mark, lesion, near).of(~np.isnan(near)))
    return _Hits(*(np.concatenate(columns) for columns in zip(*found, strict=True)))


def _parts(pairs: IntArray) -> Iterator[slice]:
    """Stretches of marks whose pairs fit in memory at once."""
    if not len(pairs):
        return
    part = (np.cumsum(pairs) - pairs) // _PAIRS_AT_ONCE
    cuts = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), len(pairs)]
    for start, stop in pairwise(cuts):
        yield slice(start, stop)


class _Pictures:
    """Image and frame of every mark and lesion as numbers, -1 for the whole of a case of one file, frame 0 for all.

    Images agree by name; in a case of one file the file's own name, or none, stands for whatever image it is. A lesion
    without a frame is on all of them, a mark without one on the first.
    """

    def __init__(self, cases: Sequence[CaseMarks]) -> None:
        self._names: dict[str | None, int] = {}
        self.marks, self.lesions = [], []
        for one in cases:
            whole = (None, *one.case.files) if len(one.case.files) <= 1 else ()
            self.marks += [(self._number(mark.image, whole), _frame(mark) or 1) for mark in one.marks]
            self.lesions += [(self._number(lesion.image, whole), _frame(lesion)) for lesion in one.lesions]
        self._mark, self._lesion = (
            np.array(side, dtype=np.int64).reshape(-1, 2) for side in (self.marks, self.lesions)
        )

    def same(self, mark: IntArray, lesion: IntArray) -> BoolArray:
        """Whether marks and lesions are on one image and frame: [p]."""
        one, other = self._mark[mark], self._lesion[lesion]
        image = (one[:, 0] == other[:, 0]) | (one[:, 0] < 0) | (other[:, 0] < 0)
        return np.asarray(image & ((other[:, 1] == 0) | (one[:, 1] == other[:, 1])), dtype=np.bool_)

    def _number(self, image: str | None, whole: Sequence[str | None]) -> int:
        return -1 if image in whole else self._names.setdefault(image, len(self._names))


def _frame(item: Mark | Lesion) -> int:
    """The frame, 0 without one; no image has as many as the largest number here."""
    return min(item.frame or 0, 1 << 62)


def _ranked(marks: Places, scores: FloatArray, case: IntArray) -> IntArray:
    """Places of the marks, case by case, by falling score; equal scores by place, whatever the order in a file."""
    order = np.lexsort((-scores, case))
    is_tied = (np.diff(case[order]) == 0) & (scores[order][1:] == scores[order][:-1])
    if not is_tied.any():
        return order
    items = marks.items
    shapes = [(item.outline, item.mask.runs if item.mask else ()) for item in items]
    of_shape = {shape: number for number, shape in enumerate(sorted(set(shapes)))}
    of_image = {name: number for number, name in enumerate(sorted({item.image or "" for item in items}))}
    keys = [
        np.array([of_shape[shape] for shape in shapes]),
        *marks.mm.half.T,
        np.array([of_image[item.image or ""] for item in items]),
        np.array([_frame(item) for item in items]),
        *marks.mm.centre.T[::-1],
        *marks.px.size.T[::-1],
        *marks.px.centre.T[::-1],
        *marks.px.box[:, :2].T[::-1],
    ]
    return np.lexsort((*keys, -scores, case))


def _best_of_each(hits: _Hits, rank: IntArray, order: IntArray, found_by: IntArray) -> None:
    """The best mark on each lesion."""
    best = np.full(len(found_by), len(order), dtype=np.int64)
    np.minimum.at(best, hits.lesion, rank[hits.mark])
    found = np.flatnonzero(best < len(order))
    found_by[found] = order[best[found]]


def _beyond_the_hundredth(order: IntArray, scores: FloatArray, case: IntArray) -> IntArray:
    """Places of the marks that the LUNA16 program leaves out."""
    ordered = case[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))) if len(order) else ordered
    sizes = np.diff(np.append(starts, len(order)))
    many = sizes > LUNA16_MOST_MARKS
    bound = np.full(len(sizes), -np.inf)
    bound[many] = scores[order[starts[many] + LUNA16_MOST_MARKS]]
    is_out = np.repeat(many, sizes) & (scores[order] <= np.repeat(bound, sizes))
    return order[is_out]
