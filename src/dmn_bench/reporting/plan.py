"""A plan as blocks: what is needed, what the cases at hand can show, and the curves of both. Computes nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..vocabulary import Block, Figure, Grid, Heading, Language, Paragraph
from ..wordings import numbers
from .drawings.lines import Line, Panel, panels
from .html import Page, render_html
from .phrases import Phrases

if TYPE_CHECKING:
    from ..statistics.planning_verdicts import CasesAtHand, Chances, Goal, Reach

VERDICTS = ("met", "not_met", "inconclusive")


@dataclass(frozen=True, kw_only=True)
class PlannedLine:
    """One rule at one place with what it can find; ``curve``: the chances over all true values, for the drawing."""

    rule: str
    metric: str
    goal: Goal
    cases: CasesAtHand
    reach: Reach
    power: float
    parameters: Mapping[str, Any] = field(default_factory=dict)
    stratum: Mapping[str, str] | None = None
    chances: Sequence[tuple[float, Chances]] = ()
    curve: Sequence[tuple[float, Chances]] = ()
    expected: float | None = None
    needed_n: int | None = None


def share_text(share: float, language: Language) -> str:
    """A share in percent with as many decimals as it needs, at most two.

    >>> share_text(0.975, "en"), share_text(0.9, "en")
    ('97.5%', '90%')
    """
    shown = round(share * 100, 2)
    return f"{numbers.plain(shown, language, 2)}{numbers.percent_sign(language)}"


def points_text(share: float, language: Language) -> str:
    """A difference of shares in percentage points, without its unit.

    >>> points_text(0.05, "en"), points_text(0.0123, "fr")
    ('5', '1,2')
    """
    return numbers.plain(round(share * 100, 1), language, 1)


def rules_grid(lines: Sequence[PlannedLine], language: Language) -> Grid:
    """Every rule: its cases, what it needs, and from which true value on it decides."""
    phrases = Phrases(language)
    with_needed = any(line.expected is not None for line in lines)
    rows = []
    for line in lines:
        needed = (_share(line.expected, language), _count(line.needed_n, phrases)) if with_needed else ()
        rows.append(
            (
                line.rule,
                phrases.metric(line.metric, line.parameters),
                phrases.stratum(dict(line.stratum) if line.stratum else None),
                _goal_text(line.goal, phrases),
                *needed,
                phrases.whole(line.cases.n_units),
                phrases.whole(line.cases.n_patients),
                _worth(line.cases, phrases),
                *(_beyond(one, line.goal.limit, language) for one in line.reach),
            )
        )
    keys = ("rule", "measure", "where", "goal", *(("expected", "needed") if with_needed else ()))
    keys += ("n_units", "n_patients", "worth", "met_from", "not_met_from")
    return Grid(
        header=tuple(phrases(f"plan.column.{key}") for key in keys),
        rows=tuple(rows),
        caption=phrases("plan.title.rules", power=share_text(lines[0].power if lines else 0.8, language)),
        numeric=(False, False, False, *(True for _ in keys[3:])),
    )


def strata_grid(lines: Sequence[PlannedLine], language: Language) -> Grid:
    """Every stratum looked at alone: the smallest difference from the goal that it can show."""
    phrases = Phrases(language)
    rows = []
    for line in lines:
        met, not_met = (_distance(one, line.goal.limit, language) for one in line.reach)
        where = phrases.stratum(dict(line.stratum) if line.stratum else None)
        rows.append((line.rule, where, phrases.whole(line.cases.n_units), _worth(line.cases, phrases), met, not_met))
    keys = ("rule", "where", "n_units", "worth", "difference_met", "difference_not_met")
    return Grid(
        header=tuple(phrases(f"plan.column.{key}") for key in keys),
        rows=tuple(rows),
        caption=phrases("plan.title.strata", power=share_text(lines[0].power if lines else 0.8, language)),
        numeric=(False, False, True, True, True, True),
        muted=tuple(index for index, line in enumerate(lines) if line.reach == (None, None)),
    )


def chances_grid(lines: Sequence[PlannedLine], language: Language) -> Grid:
    """The chance of each verdict by true value, for every rule."""
    phrases = Phrases(language)
    rows = tuple(
        (
            line.rule,
            phrases.stratum(dict(line.stratum) if line.stratum else None),
            share_text(truth, language),
            *(chance_text(chance, language) for chance in chances),
        )
        for line in lines
        for truth, chances in line.chances
    )
    header = (
        phrases("plan.column.rule"),
        phrases("plan.column.where"),
        phrases("plan.column.truth"),
        *(phrases(f"report.verdict.{verdict}") for verdict in VERDICTS),
    )
    caption = phrases("plan.title.chances")
    return Grid(header=header, rows=rows, caption=caption, numeric=(False, False, True, True, True, True))


def chance_text(chance: float, language: Language) -> str:
    """A probability in whole percent that looks certain or impossible only if it is, to one in a million.

    >>> [chance_text(chance, "en").replace(numbers.NO_BREAK_SPACE, " ") for chance in (0.9996, 0.0, 0.42)]
    ['> 99%', '0%', '42%']
    """
    if chance < 1e-6 or chance > 1 - 1e-6:
        return share_text(round(chance), language)
    if chance < 0.005 or chance > 0.995:
        sign, shown = ("<", 0.01) if chance < 0.5 else (">", 0.99)
        return f"{sign}{numbers.NO_BREAK_SPACE}{share_text(shown, language)}"
    return share_text(round(chance, 2), language)


def rule_sentences(line: PlannedLine, language: Language) -> tuple[str, str]:
    """Two sentences about one rule: what is needed, and what the cases at hand can and cannot show."""
    phrases = Phrases(language)
    facts = {
        "rule": line.rule,
        "where": phrases.stratum(dict(line.stratum) if line.stratum else None),
        "measure": phrases.metric(line.metric, line.parameters),
        "goal": _goal_text(line.goal, phrases),
        "power": share_text(line.power, language),
        "n": line.cases.n_units,
        "n_text": phrases.whole(line.cases.n_units),
    }
    return _needed_sentence(line, facts, phrases), _reach_sentence(line, facts, phrases)


def _needed_sentence(line: PlannedLine, facts: Mapping[str, Any], phrases: Phrases) -> str:
    if line.expected is None:
        return phrases("plan.say.nothing_expected", **facts)
    expected = share_text(line.expected, phrases.language)
    if line.needed_n is None:
        return phrases("plan.say.never_enough", **facts, expected=expected)
    enough = "plan.say.needed_and_there" if line.needed_n <= line.cases.n_units else "plan.say.needed_and_missing"
    return phrases(enough, **facts, expected=expected, needed=phrases.whole(line.needed_n))


def _reach_sentence(line: PlannedLine, facts: Mapping[str, Any], phrases: Phrases) -> str:
    met, not_met = line.reach
    reached = {
        "met_from": _beyond(met, line.goal.limit, phrases.language),
        "not_met_from": _beyond(not_met, line.goal.limit, phrases.language),
    }
    side = line.goal.direction
    if met is None and not_met is None:
        return phrases("plan.say.shows_nothing", **facts)
    if met is None:
        return phrases(f"plan.say.cannot_be_met_{side}", **facts, **reached)
    if not_met is None:
        return phrases(f"plan.say.cannot_be_refused_{side}", **facts, **reached)
    return phrases(f"plan.say.shows_{side}", **facts, **reached)


def chances_panel(line: PlannedLine, language: Language) -> Panel:
    """The chance of each verdict over the true values."""
    phrases = Phrases(language)
    where = phrases.stratum(dict(line.stratum) if line.stratum else None)
    truths = [truth for truth, _ in line.curve]
    named = zip(VERDICTS, zip(*(chances for _, chances in line.curve), strict=True), strict=True)
    return Panel(
        title=f"{line.rule}{phrases('report.colon')}{phrases.metric(line.metric, line.parameters)}, {where}, "
        f"n = {phrases.whole(line.cases.n_units)}",
        lines=[Line(label=phrases(f"report.verdict.{name}"), x=truths, y=list(values)) for name, values in named],
        x_label=phrases("plan.axis.truth"),
        y_label=phrases("plan.axis.chance"),
        x_tick=lambda value: share_text(value, language),
        y_tick=lambda value: share_text(value, language),
        x_least=truths[0] if truths else 0.0,
        x_most=truths[-1] if truths else 1.0,
        across=line.power,
        down=line.goal.limit,
        down_label=_goal_text(line.goal, phrases),
    )


def plan_figure(shown: Sequence[Panel], language: Language) -> Figure:
    """The panels as one figure."""
    phrases = Phrases(language)
    title = phrases("plan.title.figure")
    description = phrases("report.semicolon").join(panel.title for panel in shown)
    return Figure(svg=panels(shown, title=title, description=description), title=title, description=description)


def plan_page(
    sentences: Sequence[str], grids: Sequence[Grid], figure: Figure, *, subtitle: str, language: Language
) -> str:
    """A self-contained HTML page with the sentences, the tables and the figure."""
    phrases = Phrases(language)
    blocks: list[Block] = [Heading(text=phrases("plan.title.result"), anchor="plan")]
    blocks += [Paragraph(text=sentence) for sentence in sentences]
    blocks += [*grids, Heading(text=phrases("plan.title.figure"), anchor="figure"), figure]
    blocks.append(Paragraph(text=phrases("plan.say.before_data"), tone="note"))
    page = Page(
        language=language,
        title=phrases("plan.title.page"),
        subtitle=subtitle,
        contents_title=phrases("report_frame.contents"),
        footer=phrases("plan.title.footer"),
        front=(),
        sections=[("plan", blocks)],
    )
    return render_html(page)


def _goal_text(goal: Goal, phrases: Phrases) -> str:
    return f"{phrases(f'report_results.{goal.direction}')} {share_text(goal.limit, phrases.language)}"


def _worth(cases: CasesAtHand, phrases: Phrases) -> str:
    """What the units are worth to the interval, to one decimal; a whole number stays one."""
    return numbers.plain(round(cases.interval_n, 1), phrases.language, 1)


def _share(share: float | None, language: Language) -> str:
    return "–" if share is None else share_text(round(share, 3), language)


def _beyond(value: float | None, limit: float, language: Language) -> str:
    """A true value rounded away from the limit, so that what is printed has the chance that is said of it."""
    if value is None:
        return "–"
    return share_text((math.ceil if value > limit else math.floor)(round(value * 1000, 6)) / 1000, language)


def _count(count: int | None, phrases: Phrases) -> str:
    return "–" if count is None else phrases.whole(count)


def _distance(value: float | None, limit: float, language: Language) -> str:
    """Percentage points from the limit, rounded up."""
    return "–" if value is None else points_text(math.ceil(round(abs(value - limit) * 1000, 6)) / 1000, language)
