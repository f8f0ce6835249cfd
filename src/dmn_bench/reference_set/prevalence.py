"""Which declared local prevalence is that of an endpoint: of the same finding, from the same grade on, of one unit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..vocabulary import NotEstimable

OF_ONE_FINDING = ("classification", "grading")  # tasks that call positive what the finding of their endpoint is
_CUT = re.compile(r"\s*(>=|>)\s*(\d+)\s*")


def lowest_positive(positive_when: object) -> int | None:
    """The lowest grade that a cut calls positive, where there is a cut that can be read.

    >>> lowest_positive(">= 2"), lowest_positive("> 1"), lowest_positive(None), lowest_positive("2")
    (2, 2, None, None)
    """
    found = _CUT.fullmatch(positive_when) if isinstance(positive_when, str) else None
    return None if found is None else int(found[2]) + (found[1] == ">")


def prevalence_for(
    declared: Iterable[Mapping[str, Any]], endpoint: Mapping[str, Any]
) -> Mapping[str, Any] | NotEstimable:
    """The entry of the card's ``local_prevalence`` that holds for an endpoint, or why none does.

    ``endpoint``: what the protocol says of it (``task``, ``finding``, ``unit``, ``positive_when``). A share of grade 2
    and above is none of grade 3 and above, and one of eyes none of patients: an entry that names a cut or a unit holds
    for these alone, and an endpoint with a cut has no prevalence but one declared for it.

    >>> of_eyes = {"finding": "dr", "value": 0.1, "positive_when": ">= 2", "unit": "eye"}
    >>> asked = {"task": "grading", "finding": "dr", "unit": "eye", "positive_when": "> 1"}
    >>> prevalence_for([of_eyes], asked)["value"]
    0.1
    >>> prevalence_for([of_eyes], asked | {"positive_when": ">= 3"}).reason
    'prevalence_of_other_cut'
    >>> prevalence_for([of_eyes], asked | {"unit": "patient"}).reason
    'prevalence_of_other_unit'
    """
    finding = endpoint.get("finding")
    same = [one for one in declared if finding is not None and one.get("finding") == finding]
    if not same or endpoint.get("task") not in OF_ONE_FINDING:
        return NotEstimable(reason="no_local_prevalence")
    cut = lowest_positive(endpoint.get("positive_when"))
    same = [one for one in same if lowest_positive(one.get("positive_when")) == cut]
    if not same:
        return NotEstimable(reason="prevalence_of_other_cut")
    unit = endpoint.get("unit") or "case"
    fitting = [one for one in same if one.get("unit") in (unit, None)]
    if not fitting:
        return NotEstimable(reason="prevalence_of_other_unit")
    return min(fitting, key=lambda one: one.get("unit") is None)  # the one that names the unit before the one for any
