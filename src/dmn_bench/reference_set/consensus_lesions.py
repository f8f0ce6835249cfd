"""Lesions that several readers drew: which of them are the same, and what they agree on."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from ..errors import Problem, ReferenceSetError, collect
from ..vocabulary import NOT_RECORDED, Lesion
from .consensus import ConsensusRule
from .lesion_places import is_unplaced
from .rows import LesionRow

Span = tuple[float, float]
_PLACE = ("x", "y", "width", "height", "diameter", "x_mm", "y_mm", "z_mm", "diameter_mm")


@dataclass(frozen=True, kw_only=True, slots=True)
class LesionGroup:
    """What several readers drew of one lesion of a case: at most one row of each reader, in the order of readers."""

    rows: tuple[LesionRow, ...]

    @property
    def drawn(self) -> tuple[LesionRow, ...]:
        """The rows of readers who count it as a lesion, and not as something to ignore."""
        return tuple(row for row in self.rows if not row.lesion.ignore)


def lesion_groups(rows: Iterable[LesionRow], rule: ConsensusRule) -> list[LesionGroup]:
    """The lesions of single readers, those that are the same put together.

    Pairs of the same case, finding, image and frame, by different readers, are joined by falling overlap as long as no
    reader has two in a group: a lesion that overlaps two of another reader goes to the one that it overlaps more. The
    order of the rows has no influence.
    Raises ReferenceSetError where several drew and one drew a picture that nobody has opened: it would agree with none.
    """
    places: dict[tuple[str, str], list[LesionRow]] = {}
    for row in sorted(rows, key=lambda row: (row.case_id, row.lesion.finding, row.reader, row.lesion.lesion_id)):
        places.setdefault((row.case_id, row.lesion.finding), []).append(row)
    collect([_not_opened(rows) for rows in places.values() if _is_hidden(rows)], ReferenceSetError)
    return [group for of_case in places.values() for group in _joined(of_case, rule)]


def _is_hidden(rows: Sequence[LesionRow]) -> bool:
    return len({row.reader for row in rows}) > 1 and any(is_unplaced(row.lesion) for row in rows)


def _not_opened(rows: Sequence[LesionRow]) -> Problem:
    row = next(row for row in rows if is_unplaced(row.lesion))
    facts = {"found": row.lesion.mask_file, "case": row.case_id}
    return Problem(key="lesions.readers_picture", where=f"lesions.csv:{row.line}", facts=facts)


def agreed_lesions(
    rows: Iterable[LesionRow], rule: ConsensusRule, readers: Mapping[tuple[str, str], int]
) -> list[LesionRow]:
    """One row for each lesion, without a reader; what too few drew is to be ignored, or left out, as the rule says.

    A reader who drew it as something to ignore does not vote for it; what nobody drew otherwise is to be ignored.
    It has the readers' id where they share one that no other lesion of the case has, so that a lesion seen on several
    images can keep its name; else that of the first reader, after his name.
    ``readers``: (case_id, finding) -> how many have read the case. STAPLE says nothing of lesions: of that rule, none.
    """
    found = []
    groups = lesion_groups(rows, rule)
    named = Counter((group.rows[0].case_id, name) for group in groups for name in _names(group))
    for group in groups:
        first = group.rows[0]
        votes = rule.votes(max(readers.get((first.case_id, first.lesion.finding), 0), len(group.rows)))
        is_below = votes is None or len(group.drawn) < votes
        if votes is None or (is_below and group.drawn and rule.below == "dropped"):
            continue
        lesion = _agreed(group, rule, ignore=is_below)
        names = _names(group)
        if len(names) == 1 and named[first.case_id, names[0]] == 1:
            lesion = replace(lesion, lesion_id=names[0])
        found.append(LesionRow(case_id=first.case_id, lesion=lesion, reader="", line=first.line))
    return found


def overlap(a: Lesion, b: Lesion, rule: ConsensusRule) -> float | None:
    """How much two lesions are the same, above 0 to 1; None where they are not.

    Boxes, in pixels or millimetres: intersection over union. Circles and spheres: 1 − distance / sum of the radii. Of
    other pairs, one of them a point: how near its centre is, within the region or the distance that the rule allows.
    Less overlap than the rule asks for is none; that a point lies inside is enough.
    """
    if not _on_one_picture(a, b):
        return None
    in_mm = a.x_mm is not None and b.x_mm is not None
    spans = (_spans_mm(a), _spans_mm(b)) if in_mm else (_spans_px(a), _spans_px(b))
    if not spans[0] or not spans[1] or len(spans[0]) != len(spans[1]):
        return None
    apart = math.dist(*([(low + high) / 2 for low, high in span] for span in spans))
    radii = (a.diameter_mm, b.diameter_mm) if in_mm else (a.diameter, b.diameter)
    if radii[0] is not None and radii[1] is not None:
        reach = (radii[0] + radii[1]) / 2
        same = _enough(1 - apart / reach, rule)
    elif all(high > low for span in spans for low, high in span):
        same = _enough(_box_overlap(*spans), rule)
    else:
        same = _point_inside(*spans)
    within = rule.same_within_mm if in_mm else rule.same_within_px
    near = 1 / (1 + apart) if within is not None and apart <= within else None
    return max((value for value in (same, near) if value is not None), default=None)


def _joined(rows: Sequence[LesionRow], rule: ConsensusRule) -> Iterator[LesionGroup]:
    pairs = [
        (-same, i, j)
        for (i, a), (j, b) in itertools.combinations(enumerate(rows), 2)
        if a.reader != b.reader and (same := overlap(a.lesion, b.lesion, rule)) is not None
    ]
    group_of: dict[int, tuple[int, ...]] = {index: (index,) for index in range(len(rows))}
    for _, i, j in sorted(pairs):
        together = tuple(sorted({*group_of[i], *group_of[j]}))
        if group_of[i] != group_of[j] and len({rows[index].reader for index in together}) == len(together):
            group_of.update(dict.fromkeys(together, together))
    for members in dict.fromkeys(group_of.values()):
        yield LesionGroup(rows=tuple(rows[index] for index in members))


def _agreed(group: LesionGroup, rule: ConsensusRule, *, ignore: bool) -> Lesion:
    """The lesion of a group: under ``union`` the box around all, else the mean place and size.

    Regions are not averaged: of outlines, masks and mixed shapes that of the reader nearest to the others stands.
    """
    lesions = [row.lesion for row in group.drawn or group.rows]
    nearest = lesions[_medoid(lesions, rule)]
    if _of_one_shape(lesions):
        nearest = _around(lesions) if rule.rule == "union" and _is_box(nearest) else _mean(lesions)
    return replace(
        nearest,
        lesion_id=f"{group.rows[0].reader}/{group.rows[0].lesion.lesion_id}",
        weight=fmean(lesion.weight for lesion in lesions),
        ignore=ignore,
        strata={name: _most_said(one.strata.get(name, NOT_RECORDED) for one in lesions) for name in nearest.strata},
    )


def _of_one_shape(lesions: Sequence[Lesion]) -> bool:
    """Whether all state the same numbers, and no region."""
    stated = {tuple(getattr(lesion, name) is not None for name in _PLACE) for lesion in lesions}
    sized = {lesion.size_mm is not None for lesion in lesions}
    return len(stated) == 1 and len(sized) == 1 and not any(_has_region(lesion) for lesion in lesions)


def _has_region(lesion: Lesion) -> bool:
    return bool(lesion.outline) or lesion.mask is not None or bool(lesion.mask_file)


def _names(group: LesionGroup) -> tuple[str, ...]:
    """The ids that its readers gave it, each once."""
    return tuple(dict.fromkeys(row.lesion.lesion_id for row in group.rows))


def _is_box(lesion: Lesion) -> bool:
    return lesion.x is not None and lesion.width is not None


def _around(lesions: Sequence[Lesion]) -> Lesion:
    """The box around boxes in pixels."""
    (left, right), (top, bottom) = (
        (min(low for low, _ in spans), max(high for _, high in spans))
        for spans in zip(*map(_spans_px, lesions), strict=True)
    )
    return replace(lesions[0], x=left, y=top, width=right - left, height=bottom - top)


def _mean(lesions: Sequence[Lesion]) -> Lesion:
    """The mean of every number that all state."""
    first = lesions[0]
    mean: dict[str, Any] = {
        name: fmean(getattr(lesion, name) for lesion in lesions) for name in _PLACE if getattr(first, name) is not None
    }
    sizes = [lesion.size_mm for lesion in lesions if lesion.size_mm is not None]
    if sizes:
        mean["size_mm"] = tuple(fmean(size[axis] for size in sizes) for axis in range(3))
    return replace(first, **mean)


def _medoid(lesions: Sequence[Lesion], rule: ConsensusRule) -> int:
    """The one that overlaps most with the others, the first of several."""
    nearness = [sum(overlap(one, other, rule) or 0.0 for other in lesions if other is not one) for one in lesions]
    return nearness.index(max(nearness))


def _most_said(levels: Iterable[str]) -> str:
    """The level that more readers gave than any other; NOT_RECORDED where two share that place."""
    (level, n), *others = Counter(levels).most_common()
    return NOT_RECORDED if others and others[0][1] == n else level


def _on_one_picture(a: Lesion, b: Lesion) -> bool:
    if a.x_mm is not None and b.x_mm is not None:
        return True
    same_image = a.image == b.image or None in (a.image, b.image)
    return same_image and (a.frame == b.frame or None in (a.frame, b.frame))


def _spans_px(lesion: Lesion) -> list[Span]:
    """From where to where it reaches along x and y; [] without a place in pixels."""
    if lesion.x is None or lesion.y is None:
        if not lesion.outline:
            return []
        xs, ys = zip(*lesion.outline, strict=True)
        return [(min(xs), max(xs)), (min(ys), max(ys))]
    if lesion.diameter is not None:
        half = lesion.diameter / 2
        return [(lesion.x - half, lesion.x + half), (lesion.y - half, lesion.y + half)]
    return [(lesion.x, lesion.x + (lesion.width or 0.0)), (lesion.y, lesion.y + (lesion.height or 0.0))]


def _spans_mm(lesion: Lesion) -> list[Span]:
    if lesion.x_mm is None or lesion.y_mm is None or lesion.z_mm is None:
        return []
    sizes = lesion.size_mm or (lesion.diameter_mm or 0.0,) * 3
    centre = (lesion.x_mm, lesion.y_mm, lesion.z_mm)
    return [(at - size / 2, at + size / 2) for at, size in zip(centre, sizes, strict=True)]


def _enough(value: float, rule: ConsensusRule) -> float | None:
    """An overlap that makes two lesions one; the last digit of a limit is forgiven."""
    return value if value > 0 and value >= rule.least_overlap * (1 - 1e-9) else None


def _box_overlap(a: Sequence[Span], b: Sequence[Span]) -> float:
    """Intersection over union of two boxes with a size."""
    shared = _shared(a, b)
    inside = math.prod(shared) if min(shared) > 0 else 0.0
    return inside / (sum(math.prod(high - low for low, high in span) for span in (a, b)) - inside)


def _point_inside(a: Sequence[Span], b: Sequence[Span]) -> float | None:
    """Of a point within a box 1 / (1 + distance of the centres); two points are one when they are at one place."""
    if all(low == high for span in (a, b) for low, high in span) and a != b:
        return None
    centres = [[(low + high) / 2 for low, high in span] for span in (a, b)]
    return 1 / (1 + math.dist(*centres)) if min(_shared(a, b)) >= 0 else None


def _shared(a: Sequence[Span], b: Sequence[Span]) -> list[float]:
    return [min(one[1], other[1]) - max(one[0], other[0]) for one, other in zip(a, b, strict=True)]
