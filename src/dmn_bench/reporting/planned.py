"""The plan stored in a protocol beside what a run obtained: one row for each planned rule and level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from ..record import AcceptanceRow, Record
from ..vocabulary import Block, Grid, Paragraph
from .phrases import Phrases
from .plan import share_text

PLAN_KEYS = ("assumptions", "rules", "strata", "left_out")
"""What `dmn-bench plan protocol --write` stores; every other key of a plan is its author's own."""
UNITS_AT_MOST = 1e12


def made_by_the_planner(plan: Mapping[str, Any], phrases: Phrases) -> list[str]:
    """One line that says what the stored plan was made on; none where the planner stored nothing."""
    said = plan.get("assumptions")
    if not isinstance(said, Mapping) or not _rules(plan):
        return []
    return [phrases("plan.report.summary", set=_text(said, "reference_set"), power=_power(said, phrases))]


def planned_and_obtained(record: Record, phrases: Phrases) -> list[Block]:
    """Needed, foreseen and obtained units of every planned rule that the candidate's report may name."""
    content = record.protocol.content
    plan = content.get("plan") or {}
    # The view has left out the rules of other candidates; the plan still holds them, and may not show them.
    named = {str(rule.get("id", "")) for rule in content.get("acceptance") or ()}
    planned = [one for one in _rules(plan) if one.get("rule") in named]
    if not planned:
        return []
    assumptions = plan.get("assumptions")
    said = assumptions if isinstance(assumptions, Mapping) else {}
    rows = tuple(_row(one, record.results.acceptance, phrases) for one in planned)
    keys = ("rule", "where", "expected", "needed", "met_from", "foreseen", "obtained")
    grid = Grid(
        header=tuple(phrases(f"plan.report.{key}") for key in keys),
        rows=rows,
        caption=phrases("plan.report.title", power=_power(said, phrases)),
        numeric=(False, False, True, True, True, True, True),
    )
    used = f"{record.reference_set.id} {record.reference_set.version}"
    foreseen_on = _text(said, "reference_set")
    if foreseen_on in (used, "–"):
        return [grid]
    return [grid, Paragraph(text=phrases("plan.report.other_set", planned=foreseen_on, used=used), tone="note")]


def _row(one: Mapping[str, Any], acceptance: Sequence[AcceptanceRow], phrases: Phrases) -> tuple[str, ...]:
    stratum = one.get("stratum")
    where = {str(key): str(value) for key, value in stratum.items()} if isinstance(stratum, Mapping) else None
    obtained = next((row.own_n for row in acceptance if row.id == one["rule"] and row.stratum == where), None)
    return (
        str(one["rule"]),
        phrases.stratum(where),
        _share(one.get("expected"), phrases),
        _whole(one.get("needed_n"), phrases),
        _share(one.get("met_from"), phrases),
        _whole(one.get("n_units"), phrases),
        _whole(obtained, phrases),
    )


def _rules(plan: object) -> list[Mapping[str, Any]]:
    """The planned rules; a plan that somebody wrote by hand may hold anything under this key."""
    listed = plan.get("rules") if isinstance(plan, Mapping) else None
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


def _text(said: Mapping[str, Any], key: str) -> str:
    return str(said.get(key) or "–")


def _power(said: Mapping[str, Any], phrases: Phrases) -> str:
    return _share(said.get("power"), phrases)


def _share(value: object, phrases: Phrases) -> str:
    return share_text(value, phrases.language) if _lies_between(value, 1) else "–"


def _whole(value: object, phrases: Phrases) -> str:
    return phrases.whole(value) if _lies_between(value, UNITS_AT_MOST) else "–"


def _lies_between(value: object, most: float) -> TypeGuard[float]:
    """Whether it is a number from 0 to ``most``: a plan written by hand may hold anything."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most
