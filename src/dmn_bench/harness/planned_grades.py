"""Whether grades that a candidate tells by their place alone are those of the scales that it is judged by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from ..errors import Fact, Problem
from ..vocabulary import Answer
from .planned_candidates import Candidate

if TYPE_CHECKING:
    from ..adapters.numbered_grades import NumberedGrades
    from .planning import PlannedEndpoint


@runtime_checkable
class CountedPlaces(Protocol):
    """An adapter whose files tell, before anything runs, how many values it gives for a grade."""

    def grade_places(self, base: Path) -> Mapping[str, int]:
        """Number of values by finding, in the device's word; without those that only a run tells."""
        ...


def grade_problems(
    candidates: Sequence[Candidate], endpoints: Sequence[PlannedEndpoint], where: Callable[[Candidate], str]
) -> list[Problem]:
    """Each place-numbered grade of a candidate that an endpoint would read as another one, or as none.

    ``where``: the place in which a candidate is declared.
    """
    problems = []
    for candidate in candidates:
        numbered = _numbered(candidate)
        problems += [
            _other_output(candidate, each, where(candidate))
            for each in numbered
            if each.grades and each.n not in (None, len(each.grades))
        ]
        asked = [endpoint for endpoint in endpoints if candidate.id in endpoint.candidates]
        problems += [
            _problem(candidate, each, endpoint, finding, scale, where(candidate))
            for each in numbered
            for endpoint in asked
            for finding, scale in _scales(endpoint, candidate, each)
            if not each.fits(scale)
        ]
    return problems


def on_its_scales(answer: Answer, candidate: Candidate, endpoints: Sequence[PlannedEndpoint]) -> Answer:
    """The answer, or a failure where its model gave another number of values than the scale has grades.

    What each value means is then unknown: the place of the highest says nothing. Where a candidate lists the grades of
    its values they are held to the list where the model runs.
    """
    unlisted = [each for each in getattr(candidate.adapter, "numbered_grades", ()) if not each.grades]
    asked = [endpoint for endpoint in endpoints if candidate.id in endpoint.candidates] if unlisted else []
    for each in unlisted:
        for endpoint in asked:
            for finding, scale in _scales(endpoint, candidate, each):
                said = answer.grades.get(finding)
                if said is not None and said.scores is not None and len(said.scores) != len(scale):
                    reason = f"{len(said.scores)} values for {len(scale)} grades"
                    return Answer(case_id=answer.case_id, status="failed", reason=reason)
    return answer


def _numbered(candidate: Candidate) -> Sequence[NumberedGrades]:
    """The grades that a candidate tells by their place, with the number of places that its file declares."""
    numbered: Sequence[NumberedGrades] = getattr(candidate.adapter, "numbered_grades", ())
    if not numbered or not isinstance(candidate.adapter, CountedPlaces):
        return numbered
    places = candidate.adapter.grade_places(candidate.base)
    return [each if each.n is not None else each._replace(n=places.get(str(each.finding))) for each in numbered]


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
    if numbered.n is None:
        return Problem(key="protocol.grades_unlisted", where=where, facts=facts)
    is_output = isinstance(candidate.adapter, CountedPlaces)
    key = "planned.grades_of_output" if is_output else "protocol.grades_unlisted_of"
    return Problem(key=key, where=where, facts={**facts, "n": numbered.n, "most": len(scale)})


def _other_output(candidate: Candidate, numbered: NumberedGrades, where: str) -> Problem:
    facts: dict[str, Fact] = {
        "candidate": candidate.id,
        "option": numbered.option,
        "finding": str(numbered.finding),
        "listed": ", ".join(str(grade) for grade in numbered.grades),
        "most": len(numbered.grades),
        "n": numbered.n or 0,
    }
    return Problem(key="planned.listed_grades_of_output", where=where, facts=facts)
