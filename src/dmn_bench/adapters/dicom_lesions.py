"""Groups of one object that follow one lesion: slices under one tracking identifier are one mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..hookspecs import KnownImage
from .dicom_places import Place
from .dicom_rules import DicomRules, ResultError, RuleNeeded
from .dicom_scores import is_probability, score_of

if TYPE_CHECKING:
    from ..inputs.result_content import Quantity, Statement


def as_lesions(statements: Sequence[Statement], place: Place, rules: DicomRules) -> list[Statement]:
    """The statements, with those that follow one lesion through a series as one with all its regions.

    On single images a lesion keeps one statement for each. Raises ResultError if one image holds it twice, if it is
    delineated by several segments, or denied in one group and drawn in another.
    """
    tracked: dict[tuple[str, str], list[Statement]] = {}
    for each in statements:
        if each.tracking and (each.regions or each.segments):
            tracked.setdefault(_lesion(each), []).append(each)
    found = []
    for each in statements:
        groups = tracked.get(_lesion(each), [])
        if len(groups) < 2 or not any(each is group for group in groups) or not _is_one_volume(groups, place):
            found.append(each)
        elif each is groups[0]:
            found.append(_whole(groups, rules))
    return found


def _lesion(statement: Statement) -> tuple[str, str]:
    return statement.tracking, statement.finding.key if statement.finding is not None else ""


def _is_one_volume(groups: Sequence[Statement], place: Place) -> bool:
    """Whether the groups of one lesion are its parts in a series; False if each is its only one on a single image."""
    if any(group.segments or group.problem for group in groups):
        raise ResultError(f"{len(groups)} groups follow one lesion, and not all of them draw its outline on an image")
    regions = [region for group in groups for region in group.regions]
    images = [place.on_image(region.image) for region in regions if region.image is not None]
    if len(images) < len(regions) or all(place.is_series(image) for image, _ in images):
        return True
    drawn = [(image.sop_instance_uid, frame) for group in groups for image, frame in _images_of(group, place)]
    if len(set(drawn)) < len(drawn):
        raise ResultError(f"{len(groups)} groups follow one lesion, and two of them draw it on the same image")
    return False


def _images_of(group: Statement, place: Place) -> set[tuple[KnownImage, int | None]]:
    return {place.on_image(region.image) for region in group.regions if region.image is not None}


def _whole(groups: Sequence[Statement], rules: DicomRules) -> Statement:
    """One statement for all; its score is the one that every group states, or the highest where that is declared."""
    if any(group.presence == "absent" for group in groups):
        raise ResultError("it draws a finding that it calls absent")
    scored = [(score, group) for group in groups if (score := score_of(group.numbers, rules)) is not None]
    if len({score for score, _ in scored}) > 1 and rules.combine_images == "refuse":
        raise RuleNeeded("objects.lesion_scores", n=len(groups))
    sides = {group.laterality for group in groups} - {""}
    if len(sides) > 1:
        raise ResultError(f"{len(groups)} groups follow one lesion, and state both sides")
    best = max(scored, key=lambda each: each[0])[1] if scored else groups[0]
    others = (number for group in groups if group is not best for number in group.numbers)
    numbers: tuple[Quantity, ...] = (*best.numbers, *(each for each in others if not is_probability(each, rules)))
    regions = tuple(region for group in groups for region in group.regions)
    images = tuple(dict.fromkeys(image for group in groups for image in group.images))
    side = sides.pop() if sides else ""
    return replace(groups[0], numbers=numbers, regions=regions, images=images, laterality=side)
