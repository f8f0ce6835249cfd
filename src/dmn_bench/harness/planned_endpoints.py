"""What an endpoint asks of its finding against what the set states of it: units of values, grades of the scale."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import Fact, Problem
from ..protocol import Endpoint, Protocol
from ..reference_set import ReferenceSet
from ..tasks.measured_units import factor, is_known

GRADE = "grade"  # the option of metrics of one grade of the scale


def unit_problems(
    task: object, reference_set: ReferenceSet, entry: Endpoint, where: Callable[[str], str]
) -> list[Problem]:
    """A unit of measured values that is not the card's: the stated values are never converted.

    ``where``: the place of an option of the endpoint.
    """
    asked = getattr(task, "unit_of_values", None)
    stated = next((f.unit for f in reference_set.card.findings if f.name == entry.finding), None)
    if asked is None or stated is None or factor(asked, stated) == 1.0:  # one unit, in two spellings perhaps
        return []
    key = "protocol.unit_of_other_kind" if factor(asked, stated) is None else "protocol.unit_unlike_the_card"
    if not is_known(asked) and is_known(stated):
        key = "protocol.unit_unknown"
    facts: dict[str, Fact] = {"found": str(asked), "expected": stated, "finding": str(entry.finding)}
    return [Problem(key=key, where=where("unit_of_values"), facts=facts)]


def asked_grade_problems(task: object, protocol: Protocol, entry: Endpoint, where: Callable[..., str]) -> list[Problem]:
    """Every grade that a metric of the endpoint, or of a rule on it, asks for and its scale has not.

    ``where``: the place of a part of the protocol.
    """
    known = getattr(task, "known_grades", None)
    if known is None:
        return []
    index = protocol.endpoints.index(entry)
    asked = [(where("endpoints", index, "metrics", m), metric) for m, metric in enumerate(entry.metrics)]
    asked += [
        (where("acceptance", r, "metric"), rule.metric)
        for r, rule in enumerate(protocol.acceptance)
        if rule.endpoint == entry.name
    ]
    problems = []
    for place, metric in asked:
        listed = metric.options.get(GRADE)
        for grade in listed if isinstance(listed, list) else [listed]:
            if isinstance(grade, int) and grade not in known:
                facts: dict[str, Fact] = {"found": grade, "known": ", ".join(str(one) for one in known)}
                problems.append(Problem(key="tasks.grade_unknown", where=place, facts=facts))
    return problems
