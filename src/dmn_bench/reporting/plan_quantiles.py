"""Rules on medians and other quantiles as a table, sentences and curves: how many cases decide them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..vocabulary import Grid, Language
from ..wordings import numbers
from .drawings.lines import Line, Panel
from .phrases import Phrases
from .plan import VERDICTS, share_text

if TYPE_CHECKING:
    from ..statistics.planning_quantiles import QuantileReach
    from ..statistics.planning_verdicts import Chances, Goal

COLUMNS = ("rule", "measure", "where", "goal", "n_units", "n_patients")
OWN_COLUMNS = ("fewest", "right_to_meet", "wrong_to_fail", "met_from")
DECIMALS = 4  # of a limit as the protocol writes it


@dataclass(frozen=True, kw_only=True)
class QuantileLine:
    """One rule at one place with what it can find; ``curve``: the chances over true shares, for the drawing."""

    rule: str
    metric: str
    goal: Goal
    reach: QuantileReach
    n_patients: int
    power: float
    parameters: Mapping[str, Any] = field(default_factory=dict)
    stratum: Mapping[str, str] | None = None
    curve: Sequence[tuple[float, Chances]] = ()


def quantiles_grid(lines: Sequence[QuantileLine], language: Language) -> Grid:
    """Every rule: its cases, and how many of them must lie on which side of the limit."""
    phrases = Phrases(language)
    rows = [
        (
            line.rule,
            phrases.metric(line.metric, line.parameters),
            _where(line, phrases),
            _goal(line, phrases),
            phrases.whole(line.reach.n),
            phrases.whole(line.n_patients),
            phrases.whole(line.reach.fewest),
            *(_of(count, line.reach.n, phrases) for count in (line.reach.right_to_meet, line.reach.wrong_to_fail)),
            "–" if line.reach.met_from is None else _up(line.reach.met_from, language),
        )
        for line in lines
    ]
    keys = [*(f"plan.column.{key}" for key in COLUMNS), *(f"planned.column.{key}" for key in OWN_COLUMNS)]
    return Grid(
        header=tuple(phrases(key) for key in keys),
        rows=tuple(rows),
        caption=phrases("planned.title.quantiles", power=share_text(lines[0].power if lines else 0.8, language)),
        numeric=(False, False, False, *(True for _ in keys[3:])),
        muted=tuple(index for index, line in enumerate(lines) if line.reach.right_to_meet is None),
    )


def quantile_sentence(line: QuantileLine, language: Language) -> str:
    """How many cases decide a rule, and what that takes of the device."""
    phrases, reach = Phrases(language), line.reach
    facts = {
        "where": _where(line, phrases),
        "measure": phrases.metric(line.metric, line.parameters),
        "goal": _goal(line, phrases),
        "n": reach.n,
        "fewest": reach.fewest,
        "power": share_text(line.power, language),
    }
    if reach.right_to_meet is None or reach.wrong_to_fail is None:
        return phrases("planned.say.too_few", **facts)
    facts |= {"right": reach.right_to_meet, "wrong": reach.wrong_to_fail}
    if reach.met_from is None or reach.not_met_up_to is None:
        return phrases("planned.say.counts", **facts)
    lower = share_text(math.floor(round(reach.not_met_up_to * 1000, 6)) / 1000, language)
    shares = {"met_from": _up(reach.met_from, language), "not_met_up_to": lower}
    return phrases("planned.say.counts_and_shares", **facts, **shares)


def quantile_panel(line: QuantileLine, language: Language) -> Panel:
    """The chance of each verdict over the true share of cases on the right side."""
    phrases = Phrases(language)
    named = zip(VERDICTS, zip(*(chances for _, chances in line.curve), strict=True), strict=True)
    shares = [share for share, _ in line.curve]
    return Panel(
        title=f"{line.rule}{phrases('report.colon')}{phrases.metric(line.metric, line.parameters)}, "
        f"{_where(line, phrases)}, n = {phrases.whole(line.reach.n)}",
        lines=[Line(label=phrases(f"report.verdict.{name}"), x=shares, y=list(values)) for name, values in named],
        x_label=phrases("planned.axis.share", goal=_goal(line, phrases)),
        y_label=phrases("plan.axis.chance"),
        x_tick=lambda value: share_text(value, language),
        y_tick=lambda value: share_text(value, language),
        x_least=0.0,
        x_most=1.0,
        across=line.power,
    )


def _where(line: QuantileLine, phrases: Phrases) -> str:
    return phrases.stratum(dict(line.stratum) if line.stratum else None)


def _goal(line: QuantileLine, phrases: Phrases) -> str:
    limit = numbers.plain(round(line.goal.limit, DECIMALS), phrases.language, DECIMALS)
    return f"{phrases(f'report_results.{line.goal.direction}')} {limit}"


def _up(share: float, language: Language) -> str:
    """Rounded up, so that what is printed has the chance that is said of it."""
    return share_text(math.ceil(round(share * 1000, 6)) / 1000, language)


def _of(count: int | None, n: int, phrases: Phrases) -> str:
    return "–" if count is None else f"{phrases.whole(count)} / {phrases.whole(n)}"
