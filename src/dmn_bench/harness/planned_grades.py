"""Whether grades that a candidate tells by their place alone are those of the scales that it is judged by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ..errors import Problem
from .planned_candidates import Candidate

if TYPE_CHECKING:
    from ..adapters.numbered_grades import NumberedGrades
    from .planning import PlannedEndpoint


def grade_problems(
    candidates: Sequence[Candidate], endpoints: Sequence[PlannedEndpoint], where: Callable[[Candidate], str]
) -> list[Problem]:
    """Each place-numbered grade of a candidate that an endpoint would read as another one, or as none.

    ``where``: the place in which a candidate is declared.
    """
    problems = []
    for candidate in candidates:
        numbered: Sequence[NumberedGrades] = getattr(candidate.adapter, "numbered_grades", ())
        asked = [endpoint for endpoint in endpoints if candidate.id in endpoint.candidates]
        problems += [
            _problem(candidate, each, endpoint, finding, scale, where(candidate))
            for each in numbered
            for endpoint in asked
            for finding, scale in _scales(endpoint, candidate, each)
            if not each.fits(scale)
        ]
    return problems


def _scales(
    endpoint: PlannedEndpoint, candidate: Candidate, numbered: NumberedGrades
) -> Iterator[tuple[str, Sequence[int]]]:
    """The findings of an endpoint that are meant, each with the grades that the device gives of it."""
    stated: Mapping[str, Sequence[int]] = getattr(endpoint.task, "answered_grades", {})
    word = numbered.finding
    for finding, scale in stated.items():
        if word is None or candidate.findings.get(word, word) == finding:
            yield finding, scale


def _problem(
    candidate: Candidate,
    numbered: NumberedGrades,
    endpoint: PlannedEndpoint,
    finding: str,
    scale: Sequence[int],
    where: str,
) -> Problem:
    facts = {
        "candidate": candidate.id,
        "option": numbered.option,
        "finding": finding,
        "endpoint": endpoint.entry.name,
        "scale": ", ".join(str(grade) for grade in scale),
        "found": ", ".join(str(grade) for grade in numbered.grades),
    }
    if numbered.grades:
        return Problem(key="protocol.listed_grades_off_scale", where=where, facts=facts)
    key = "protocol.grades_unlisted" if numbered.n is None else "protocol.grades_unlisted_of"
    return Problem(key=key, where=where, facts={**facts, "n": numbered.n or 0})
