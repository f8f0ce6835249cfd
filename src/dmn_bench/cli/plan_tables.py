"""Tables and sentences that every sample size of `dmn-bench plan` shares: from units to exams, and by stratum."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..reporting.phrases import Phrases
from ..reporting.plan import share_text
from ..statistics import planning
from ..vocabulary import Grid
from .plan_options import Recruiting

COUNTED = ("independent", "units", "with_unanswered", "exams")


def recruited(n: int, shared: Recruiting, share_of_exams: float | None) -> planning.Recruitment:
    """What must be collected for n independent units."""
    return planning.recruit(
        n,
        units_per_patient=shared.units_per_patient,
        icc=shared.icc,
        share_unanswered=shared.unanswered,
        share_of_exams=share_of_exams,
    )


def in_all(found: planning.Recruitment) -> int:
    """The number to collect: exams where their share is known, else units."""
    return found.with_unanswered if found.exams is None else found.exams


def counted(found: planning.Recruitment, phrases: Phrases) -> tuple[str, ...]:
    """The numbers of a recruitment as cells, in the order of ``COUNTED``."""
    return tuple("–" if number is None else phrases.whole(number) for number in found)


def grid_of(
    header: Sequence[str], rows: Sequence[tuple[str, ...]], caption: str, phrases: Phrases, *, words: int = 0
) -> Grid:
    """A table with worded headings; its first ``words`` columns are words, the others numbers."""
    return Grid(
        header=tuple(phrases(f"plan.column.{key}") for key in header),
        rows=tuple(rows),
        caption=caption,
        numeric=tuple(index >= words for index in range(len(header))),
    )


def strata_grids(total: int, shared: Recruiting, phrases: Phrases) -> list[Grid]:
    """For each stratum: how many of ``total`` it will hold, and how many in all for it to hold ``total`` itself."""
    if not shared.strata:
        return []
    needed = planning.recruit_for_strata(total, shared.strata)
    rows = [
        (
            name,
            share_text(share, phrases.language),
            phrases.whole(math.floor(total * share + 1e-9)),
            phrases.whole(needed[name]),
        )
        for name, share in shared.strata.items()
    ]
    header = ("stratum", "share", "expected_in", "total_for")
    return [grid_of(header, rows, phrases("plan.title.sizes_by_stratum"), phrases, words=1)]


def needed_sentence(
    key: str, facts: Mapping[str, Any], found: planning.Recruitment, shared: Recruiting, phrases: Phrases
) -> str:
    """What is needed, with the number of exams where a prevalence was given."""
    said = phrases(f"plan.say.{key}", n=found.with_unanswered, n_text=phrases.whole(found.with_unanswered), **facts)
    if found.exams is None or shared.prevalence is None:
        return f"{said}."
    prevalence = share_text(shared.prevalence, phrases.language)
    return said + phrases("plan.say.in_exams", exams=phrases.whole(found.exams), prevalence=prevalence)
