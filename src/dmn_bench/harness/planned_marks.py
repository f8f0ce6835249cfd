"""Whether the marks in a candidate's files can be on lesions at all under the hit rule that they are judged by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..errors import CandidateError, Fact, Problem, ProtocolError, collect
from ..files import read_yaml
from ..tasks.detection import Detection
from ..tasks.hit_rules import HitRule
from ..vocabulary import Answer, Lesion, Mark
from .gathering import answers_in_files
from .planned_candidates import Candidate
from .planned_lesions import rule_name
from .planning import PlannedEndpoint, Prepared

PLACES = ("x", "y", "width", "height", "diameter", "outline", "mask")
PLACES_MM = ("x_mm", "y_mm", "z_mm", "diameter_mm")


def check_marks(prepared: Prepared) -> None:
    """Read the files of every candidate that is asked for marks, and raise CandidateError with every problem of them.

    A candidate none of whose marks has what the rule compares with the lesions would find nothing, whatever it drew.
    """
    problems: list[Problem] = []
    _, locate = read_yaml(prepared.path, ProtocolError)
    for index, candidate in enumerate(prepared.candidates):
        asked = [e for e in prepared.endpoints if isinstance(e.task, Detection) and candidate.id in e.candidates]
        if not asked or candidate.is_live:
            continue
        try:
            answers = answers_in_files(candidate, prepared)
        except CandidateError as error:
            problems += error.problems
            continue
        where = locate(("candidates", index))
        problems += [problem for endpoint in asked for problem in _problems(candidate, answers, endpoint, where)]
    collect(problems, CandidateError)


def _problems(
    candidate: Candidate, answers: Mapping[str, Answer], endpoint: PlannedEndpoint, where: str
) -> list[Problem]:
    task = endpoint.task
    if not isinstance(task, Detection):
        return []
    marks = [mark for one in answers.values() for mark in one.marks or () if mark.finding == task.finding]
    lesions = [lesion for unit in endpoint.units for of_case in unit.lesions.values() for lesion in of_case]
    if not marks or not lesions or _terms(task.hit_rule, marks) & _terms(task.hit_rule, lesions):
        return []
    facts: dict[str, Fact] = {
        "candidate": candidate.id,
        "endpoint": endpoint.entry.name,
        "finding": task.finding,
        "rule": rule_name(task.hit_rule),
        "n": len(marks),
        "found": _fields(marks),
        "expected": _fields(lesions),
    }
    return [Problem(key="planned.marks_unfit", where=where, facts=facts)]


def _terms(rule: HitRule, items: Sequence[Mark] | Sequence[Lesion]) -> frozenset[str]:
    """In which terms some of the marks or lesions can be compared under a rule."""
    return frozenset(term for item in items for term in _terms_of(rule, item))


def _terms_of(rule: HitRule, item: Mark | Lesion) -> Iterable[str]:
    has_px = (item.x is not None and item.y is not None) or bool(item.outline) or item.mask is not None
    has_mm = item.x_mm is not None and item.y_mm is not None
    if rule.distance_px_at_most is not None:
        return ("px",) * has_px
    if rule.distance_mm_at_most is not None:  # along z only where both sides state it, or neither
        by_spacing = has_px and (isinstance(item, Mark) or item.spacing_mm is not None)
        return ("px",) * by_spacing + (("mm" if item.z_mm is None else "mm with z"),) * has_mm
    in_space = has_mm and item.z_mm is not None
    if rule.luna16:
        return ("mm",) * in_space
    is_point = rule.centre_in_region and isinstance(item, Mark)
    flat = item.width is not None or item.diameter is not None or bool(item.outline) or item.mask is not None
    solid = item.diameter_mm is not None or item.size_mm is not None
    return ("px",) * (has_px and (flat or is_point)) + ("mm",) * (in_space and (solid or is_point))


def _fields(items: Sequence[Mark] | Sequence[Lesion]) -> str:
    """The fields of places that some of them have."""
    found = [name for name in PLACES if any(getattr(item, name) not in (None, ()) for item in items)]
    found += [name for name in PLACES_MM if any(getattr(item, name) is not None for item in items)]
    if any(item.size_mm is not None for item in items):
        found.append("width_mm, height_mm, depth_mm")
    return ", ".join(found) or "—"
