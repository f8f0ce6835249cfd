"""Measurement reports: each measurement group as one statement (TID 1500, 1410, 1411, 1501 and what resembles them).

A nested group takes from the group around it what it does not state itself. Reference: DICOM PS3.16 TID 1500.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from .result_codes import (
    FINDING,
    FINDING_SITE,
    LATERALITY,
    MEASUREMENT_GROUP,
    PRESENCE,
    PRESENCE_QUESTIONS,
    QUALITATIVE,
    SIDES,
    TRACKING_ID,
    TRACKING_UID,
)
from .result_content import Code, Presence, Quantity, Question, Reference, Region, Statement
from .result_sr import Item, region_of, target

SEGMENTATIONS = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7", "1.2.840.10008.5.1.4.1.1.66.5")


def measurement_statements(root: Item) -> tuple[Statement, ...]:
    """Every measurement group, then qualitative evaluations and the overall assessment that stand outside groups."""
    found: list[Statement] = []
    _collect(root, root, Statement(), found)
    return tuple(found)


def has_measurement_groups(root: Item) -> bool:
    """Whether the report is one of measurement groups."""
    return any(item.asks(MEASUREMENT_GROUP) for item in root.walk())


def says_anything(statement: Statement) -> bool:
    """Whether a statement says more than what it is about."""
    drawn = statement.regions or statement.segments or statement.has_loose_regions
    return bool(statement.numbers or statement.presence or statement.unclear or drawn or statement.problem)


def side_of(items: Sequence[Item]) -> str:
    """The laterality that these items or their modifiers state: "L", "R", "B" or ""; "?" if they contradict."""
    said = {
        SIDES.get(item.code.key, "")
        for top in items
        for item in (top, *top.children)
        if item.asks(LATERALITY) and item.code is not None
    } - {""}
    return said.pop() if len(said) == 1 else "?" if said else ""


def unclear_in(items: Sequence[Item]) -> tuple[Question, ...]:
    """What in these items and below may say that a finding is there or not, and is not known to say so.

    A word of presence that is itself the question ("absence: yes") can be meant either way.
    """
    found = []
    for item in items:
        if item.asks(MEASUREMENT_GROUP) or (item.concept is not None and item.concept.key in QUALITATIVE):
            continue
        if item.code is not None:
            concept = item.concept or Code(value="-", scheme="-")
            if _asks_presence(item) or concept.key in PRESENCE:
                found.append(Question(concept=concept, answer=item.code, asks="presence"))
            elif item.code.key in PRESENCE:
                found.append(Question(concept=concept, answer=item.code, asks="other"))
        found += unclear_in(item.children)
    return tuple(found)


def _asks_presence(item: Item) -> bool:
    return item.value_type == "CODE" and item.concept is not None and item.concept.key in PRESENCE_QUESTIONS


def _collect(root: Item, around: Item, outer: Statement, found: list[Statement], *, in_group: bool = False) -> None:
    for item in around.children:
        if item.asks(MEASUREMENT_GROUP):
            statement = _group(root, item, outer)
            is_frame = any(child.asks(MEASUREMENT_GROUP) for child in item.children) and not says_anything(statement)
            found.extend([] if is_frame else [statement])
            _collect(root, item, statement, found, in_group=True)
        elif item.concept is not None and item.concept.key in QUALITATIVE:
            found.extend(_evaluations(item))
        elif _asks_presence(item) and not in_group:
            found.append(_assessment(item))
        elif item.value_type == "CONTAINER":
            _collect(root, item, outer, found, in_group=in_group)


def _evaluations(container: Item) -> Iterator[Statement]:
    """Questions that are findings, answered by a word of presence."""
    for item in container.children:
        if item.code is None or item.concept is None:
            continue
        if _asks_presence(item) or item.concept.key in PRESENCE:
            yield _assessment(item)
        elif item.code.key in PRESENCE:
            presence = PRESENCE[item.code.key]
            yield Statement(finding=item.concept, presence=presence, unclear=unclear_in(item.children))
        else:
            yield Statement(unclear=(Question(concept=item.concept, answer=item.code, asks="finding"),))


def _assessment(item: Item) -> Statement:
    """Whether something is there that the question itself does not name."""
    if item.code is not None and item.code.key in PRESENCE and _asks_presence(item):
        return Statement(presence=PRESENCE[item.code.key], unclear=unclear_in(item.children))
    return Statement(unclear=unclear_in([item]))


@dataclass(kw_only=True)
class _Gathered:
    """What the items of one group say, before it is one statement."""

    findings: list[Code] = field(default_factory=list)
    presences: list[Presence] = field(default_factory=list)
    unclear: list[Question] = field(default_factory=list)
    numbers: list[Quantity] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    segments: list[Reference] = field(default_factory=list)
    images: list[Reference] = field(default_factory=list)
    sites: list[Code] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    tracking: str = ""
    tracking_uid: str = ""
    n_loose: int = 0
    n_unclear: int = 0


def _group(root: Item, group: Item, outer: Statement) -> Statement:
    said = _Gathered()
    for item in group.children:
        _gather(root, item, said)
    problem = ""
    if len(set(said.findings)) > 1:
        problem = "a measurement group states several findings: " + ", ".join(code.key for code in said.findings)
    if len(set(said.presences)) > 1:
        problem = "a measurement group calls its finding both present and absent"
    if said.n_unclear:
        problem = "a region of a measurement group is of no known form, or on no image or several"
    side = side_of([item for item in group.children if not item.asks(MEASUREMENT_GROUP)])
    if side == "?":
        problem = "a measurement group states both sides"
    return Statement(
        finding=said.findings[0] if said.findings else outer.finding,
        presence=said.presences[0] if said.presences else None,
        unclear=tuple(said.unclear),
        numbers=tuple(said.numbers),
        regions=tuple(said.regions),
        segments=tuple(said.segments),
        has_loose_regions=not said.regions and bool(said.n_loose),
        images=tuple(said.images) or outer.images,
        site=said.sites[0] if said.sites else outer.site,
        laterality=side or outer.laterality,
        tracking=said.tracking_uid or said.tracking,
        texts=tuple(said.texts),
        problem=problem,
    )


def _gather(root: Item, item: Item, said: _Gathered) -> None:
    """Take in one item of a group and its modifiers; other containers are statements of their own."""
    if item.value_type == "CODE":
        _gather_code(item, said)
        for child in item.children:
            _gather(root, child, said)
        return
    said.unclear.extend(unclear_in([item]))
    if item.value_type == "CONTAINER":
        return
    here = target(root, item)
    if item.value_type in ("SCOORD", "SCOORD3D"):
        region = region_of(root, item)
        said.n_unclear += region is None
        said.regions.extend([region] if region else [])
    elif here is not None and here.reference is not None and here.value_type == "IMAGE":
        (said.segments if here.reference.sop_class in SEGMENTATIONS else said.images).append(here.reference)
    elif item.value_type == "NUM" and item.quantity is not None:
        said.numbers.append(item.quantity)
        said.n_loose += any(below.value_type.startswith("SCOORD") for below in item.walk())
    else:
        _gather_words(item, said)


def _gather_words(item: Item, said: _Gathered) -> None:
    if item.asks(TRACKING_UID):
        said.tracking_uid = item.text or said.tracking_uid
    elif item.asks(TRACKING_ID):
        said.tracking = item.text or said.tracking
    elif item.value_type == "TEXT":
        said.texts.append(item.text)


def _gather_code(item: Item, said: _Gathered) -> None:
    code, concept = item.code, item.concept
    if code is None or concept is None:
        said.unclear.extend(unclear_in([replace(item, children=())]))
    elif concept.key == FINDING and code.key not in PRESENCE:
        said.findings.append(code)
    elif concept.key == FINDING_SITE:
        said.sites.append(code)
    elif concept.key in (*PRESENCE_QUESTIONS, FINDING) and code.key in PRESENCE:
        said.presences.append(PRESENCE[code.key])
    else:
        said.unclear.extend(unclear_in([replace(item, children=())]))
