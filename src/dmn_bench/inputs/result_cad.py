"""CAD reports of chest, breast and colon: single image findings as statements, and what the report says of itself.

A finding inside another one (a calcification of a cluster) belongs to it and is no statement of its own; a finding
without a certainty takes that of the composite feature around it. Reference: DICOM PS3.16 TID 4000, 4100, 4120.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .result_codes import (
    CAD_SUMMARY,
    COMPLETIONS,
    COMPOSITE_FEATURE,
    DETECTIONS,
    NOT_DONE,
    PARTLY,
    RENDERING_INTENT,
    RENDERINGS,
    SINGLE_IMAGE_FINDING,
)
from .result_content import Completion, Statement
from .result_measurements import side_of, unclear_in
from .result_sr import Item, region_of, target


def cad_statements(root: Item) -> tuple[Statement, ...]:
    """Every single image finding that lies in no other one, whatever its rendering intent."""
    return tuple(_findings(root, root, Statement()))


def completion_of(root: Item) -> Completion | None:
    """Whether the algorithms succeeded and found something; None if the report does not say.

    The summary and the detections must not contradict each other: the worse of the two counts.
    """
    summaries = [
        COMPLETIONS[item.code.key]
        for item in root.walk()
        if item.asks(CAD_SUMMARY) and item.code is not None and item.code.key in COMPLETIONS
    ]
    if len(set(summaries)) != 1:
        return None
    said = summaries[0]
    detections = {item.code.key for item in root.walk() if item.asks(DETECTIONS) and item.code is not None}
    if detections & {*NOT_DONE}:
        return "failed"
    if PARTLY in detections:
        return "partial_with" if said.endswith("with") or said == "with_findings" else "partial_without"
    return said


def _findings(root: Item, around: Item, outer: Statement) -> Iterator[Statement]:
    for child in around.children:
        item = target(root, child)
        if child.points_at or item is None:
            continue
        if item.asks(SINGLE_IMAGE_FINDING):
            yield _finding(root, item, outer)
        elif item.asks(COMPOSITE_FEATURE):
            yield from _findings(root, item, _finding(root, item, Statement()))
        else:
            yield from _findings(root, item, outer)


def _finding(root: Item, item: Item, outer: Statement) -> Statement:
    own = [child for child in item.children if not child.asks(SINGLE_IMAGE_FINDING) and not child.points_at]
    drawn = [child for child in own if child.value_type == "SCOORD"]
    regions = [region_of(root, child) for child in drawn]
    intents = [RENDERINGS.get(child.code.key) for child in own if child.asks(RENDERING_INTENT) and child.code]
    numbers = tuple(child.quantity for child in own if child.quantity is not None)
    problem = "a finding is drawn on no image, on several, or in no known form" if None in regions else ""
    side = side_of(own)
    statement = Statement(
        finding=item.code,
        unclear=(*outer.unclear, *unclear_in(own)),
        numbers=numbers or outer.numbers,
        regions=tuple(region for region in regions if region is not None),
        rendering=intents[0] if intents and intents[0] is not None else outer.rendering,
        laterality="" if side == "?" else side,
        problem="a finding states both sides" if side == "?" else problem,
    )
    return statement if statement.regions or problem else replace(statement, problem="a finding is drawn nowhere")
