"""Sample sizes for a width, for a goal and for calibration, worded as tables, sentences and curves."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import Problem, ProtocolError
from ..reporting.drawings.lines import Line, Panel
from ..reporting.phrases import Phrases
from ..reporting.plan import chance_text, points_text, share_text
from ..statistics import planning
from ..statistics.quantiles import normal_quantile
from ..vocabulary import Language
from ..wordings import numbers
from .plan_options import Made, Recruiting, Typed, recruiting
from .plan_tables import COUNTED, counted, grid_of, in_all, needed_sentence, recruited, strata_grids

MEASURES = ("sensitivity", "specificity", "auc")
CURVE_POINTS = 300


def precision_plan(said: Mapping[str, Any], language: Language) -> Made:
    """Units for intervals of a given width. ``said``: the options as typed.

    Raises ProtocolError with every option that is wrong.
    """
    typed, phrases = Typed(), Phrases(language)
    half = typed.half_width("--half-width", said["half_width"])
    asked = {name: typed.share(f"--{name}", said[name]) for name in MEASURES if said[name] is not None}
    typed.require(bool(asked), "plan.nothing_asked", "--sensitivity")
    shared = recruiting(typed, said)
    typed.check()
    found = {name: _for_width(name, expected, half, shared) for name, expected in asked.items()}
    rows = [
        (
            phrases.metric(name),
            phrases(f"plan.of.{name}"),
            _on_scale(name, asked[name], language),
            f"± {_on_scale(name, half, language)}",
            *counted(size, phrases),
            _by_buderer(name, asked[name], half, shared, phrases),
        )
        for name, size in found.items()
    ]
    title = phrases("plan.title.precision", level=share_text(shared.confidence, language))
    most = max(found, key=lambda name: in_all(found[name]))
    facts = {
        "measure": phrases.metric(most),
        "of": phrases(f"plan.of.{most}"),
        "expected": _on_scale(most, asked[most], language),
        "half": _on_scale(most, half, language) if most == "auc" else f"{points_text(half, language)} points",
        "level": share_text(shared.confidence, language),
    }
    limits = phrases("plan.say.auc_limits" if most == "auc" else "plan.say.precision_limits", **facts)
    header = ("measure", "of", "expected", "half_width", *COUNTED, "buderer")
    return Made(
        subtitle=title,
        grids=[
            grid_of(header, rows, title, phrases, words=2),
            *strata_grids(in_all(found[most]), shared, phrases),
        ],
        sentences=[needed_sentence("precision", facts, found[most], shared, phrases), limits],
        panels=[_width_panel(name, asked[name], half, shared, phrases) for name in asked],
    )


def goal_plan(said: Mapping[str, Any], language: Language) -> Made:
    """Units for which a rule with a goal is met with the power asked for. ``said``: the options as typed.

    Raises ProtocolError with every option that is wrong, or when truth and goal are too close.
    """
    typed, phrases = Typed(), Phrases(language)
    truth, goal = typed.share("--true", said["true"]), typed.share("--goal", said["goal"])
    shared = recruiting(typed, said)
    typed.require(bool(typed.problems) or truth != goal, "plan.truth_is_goal", "--true", found=said["true"])
    typed.check()
    size = planning.units_for_goal(truth, goal, power=shared.power, confidence=shared.confidence)
    if size is None:
        facts = {"found": said["true"], "limit": planning.UNITS_AT_MOST}
        raise ProtocolError(Problem(key="plan.too_close", where="--true", facts=facts))
    # The verdict takes the units of a patient for copies of each other, whatever the ICC: so must the plan for it.
    found = recruited(size.n, dataclasses.replace(shared, icc=1.0), shared.prevalence)
    worded = {
        "expected": share_text(truth, language),
        "goal": share_text(goal, language),
        "power": share_text(shared.power, language),
    }
    row = (
        *worded.values(),
        phrases.whole(size.first_touch),
        phrases.whole(recruited(size.n, shared, None).units),
        *counted(found, phrases),
    )
    title = phrases("plan.title.goal", level=share_text(shared.confidence, language))
    header = ("true", "goal", "power", "first_touch", "by_icc", "independent", "copies", *COUNTED[2:])
    at_goal = planning.goal_power(np.array([size.n]), *_just_at(truth, goal), confidence=shared.confidence)
    sentences = [
        needed_sentence("goal", worded, found, shared, phrases),
        phrases("plan.say.goal_limits", wrongly=chance_text(float(at_goal[0]), language), **worded),
    ]
    if shared.units_per_patient > 1:
        sentences.append(phrases("plan.say.goal_clusters"))
    return Made(
        subtitle=title,
        grids=[grid_of(header, [row], title, phrases), *strata_grids(in_all(found), shared, phrases)],
        sentences=sentences,
        panels=[_power_panel(truth, goal, size.n, shared, phrases)],
    )


def calibration_plan(prevalence: str, language: Language) -> Made:
    """Units for a flexible calibration curve, by rule of thumb.

    Raises ProtocolError if the prevalence is none.
    """
    typed, phrases = Typed(), Phrases(language)
    share = typed.share("--prevalence", prevalence)
    typed.check()
    facts = {
        "prevalence": share_text(share, language),
        "events": str(planning.CALIBRATION_EVENTS),
        "exams": phrases.whole(planning.units_for_calibration(share)),
    }
    title = phrases("plan.title.calibration")
    grid = grid_of(tuple(facts), [tuple(facts.values())], title, phrases)
    sentences = [phrases("plan.say.calibration", **facts), phrases("plan.say.calibration_limits")]
    return Made(subtitle=title, grids=[grid], sentences=sentences)


def _for_width(name: str, expected: float, half: float, shared: Recruiting) -> planning.Recruitment:
    prevalence = shared.prevalence
    if name == "auc":
        ratio = 1.0 if prevalence is None else (1 - prevalence) / prevalence
        n, _ = planning.units_for_roc_width(expected, half, negatives_per_positive=ratio, confidence=shared.confidence)
        return recruited(n, shared, prevalence)
    n = planning.units_for_width(expected, half, confidence=shared.confidence)
    if prevalence is None:
        return recruited(n, shared, None)
    return recruited(n, shared, prevalence if name == "sensitivity" else 1 - prevalence)


def _by_buderer(name: str, expected: float, half: float, shared: Recruiting, phrases: Phrases) -> str:
    if name == "auc":
        return "–"
    return phrases.whole(planning.buderer(expected, half, confidence=shared.confidence))


def _on_scale(name: str, value: float, language: Language) -> str:
    """A value of a measure: shares in percent, areas as they are."""
    return numbers.plain(value, language) if name == "auc" else share_text(value, language)


def _just_at(truth: float, goal: float) -> tuple[float, float]:
    """A truth at the very goal, on the wrong side by no more than rounding: how often the rule is met wrongly."""
    return (goal + 1e-12, goal) if truth > goal else (goal - 1e-12, goal)


def _width_panel(name: str, expected: float, half: float, shared: Recruiting, phrases: Phrases) -> Panel:
    """Half-width by number of independent units."""
    language = phrases.language
    ratio = 1.0 if shared.prevalence is None else (1 - shared.prevalence) / shared.prevalence

    def width(n: float) -> float:
        if name != "auc":
            return planning.half_width(expected, n, confidence=shared.confidence)
        variance = planning.roc_variance(expected, n, max(1.0, n * ratio))
        return math.sqrt(variance) * normal_quantile(shared.confidence)

    n = _for_width(name, expected, half, shared).independent
    sizes = np.unique(np.linspace(max(5, n // 10), 3 * n + 10, CURVE_POINTS).round()).tolist()
    return Panel(
        title=f"{phrases.metric(name)}{phrases('report.colon')}{_on_scale(name, expected, language)}",
        lines=[Line(label="", x=sizes, y=[min(width(size), 4 * half) for size in sizes])],
        x_label=phrases("plan.axis.units"),
        y_label=phrases("plan.axis.half_width"),
        x_tick=lambda value: phrases.whole(round(value)),
        y_tick=lambda value: _on_scale(name, round(value, 4), language),
        x_least=sizes[0],
        x_most=sizes[-1],
        y_most=4 * half,
        across=half,
        down=n,
        down_label=f"n = {phrases.whole(n)}",
    )


def _power_panel(truth: float, goal: float, n: int, shared: Recruiting, phrases: Phrases) -> Panel:
    """Exact power by number of independent units: the saw."""
    sizes = np.arange(1, 2 * n + 10)
    power = planning.goal_power(sizes, truth, goal, confidence=shared.confidence)
    facts = {"expected": share_text(truth, phrases.language), "goal": share_text(goal, phrases.language)}
    return Panel(
        title=phrases("plan.title.power_panel", **facts),
        lines=[Line(label="", x=sizes.tolist(), y=power.tolist())],
        x_label=phrases("plan.axis.units"),
        y_label=phrases("plan.axis.power"),
        x_tick=lambda value: phrases.whole(round(value)),
        y_tick=lambda value: share_text(value, phrases.language),
        x_least=1.0,
        x_most=float(sizes[-1]),
        across=shared.power,
        down=n,
        down_label=f"n = {phrases.whole(n)}",
    )
