"""Sample sizes for two candidates on the same cases, worded as tables, sentences and curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import Problem, ProtocolError
from ..reporting.drawings.lines import Line, Panel
from ..reporting.phrases import Phrases
from ..reporting.plan import points_text, share_text
from ..statistics import planning_pairs as pairs
from ..vocabulary import Language
from .plan_options import Made, Recruiting, Typed, recruiting
from .plan_tables import COUNTED, counted, grid_of, in_all, needed_sentence, recruited, strata_grids

FACTORS = (0.5, 1.0, 1.5, 2.0)  # of the assumed discordance: the assumption that the size hangs on most
CURVE_POINTS = 24
CURVE_SIMULATIONS = 4_000


def non_inferiority_plan(said: Mapping[str, Any], language: Language) -> Made:
    """Pairs for non-inferiority by simulation, for the assumed discordance and for others with its difference.

    Raises ProtocolError with every option that is wrong, or where no number of pairs is enough.
    """
    typed, phrases = Typed(), Phrases(language)
    margin, seed = typed.share("--margin", said["margin"]), int(said["seed"])
    assumed, shared = _discordance(typed, said), recruiting(typed, said)
    typed.check()
    facts = {
        "margin": points_text(margin, language),
        "power": share_text(shared.power, language),
        "only_new": share_text(assumed.only_new, language),
        "only_reference": share_text(assumed.only_reference, language),
    }
    sizes = {each: _size(each, margin, seed, shared) for each in _neighbours(assumed)}
    size = sizes[assumed]
    if size is None:
        raise ProtocolError(Problem(key="plan.never_non_inferior", where="--margin", facts={"found": said["margin"]}))
    rows = [
        (
            share_text(each.only_new, language),
            share_text(each.only_reference, language),
            points_text(each.only_new - each.only_reference, language),
            *(
                ("–",) * 5
                if found is None
                else (share_text(round(found.power, 3), language), *counted(_collected(found.n, shared), phrases))
            ),
        )
        for each, found in sizes.items()
    ]
    title = phrases("plan.title.non_inferiority", **facts, level=share_text(shared.confidence, language))
    header = ("only_new", "only_reference", "difference", "simulated_power", *COUNTED)
    found = _collected(size.n, shared)
    limits = phrases("plan.say.pairs_limits", simulations=phrases.whole(pairs.SIMULATIONS), seed=str(seed))
    return Made(
        subtitle=title,
        grids=[grid_of(header, rows, title, phrases), *strata_grids(in_all(found), shared, phrases)],
        sentences=[needed_sentence("non_inferiority", facts, found, shared, phrases), limits],
        panels=[_power_panel(assumed, margin, seed, size.n, shared, phrases)],
    )


def superiority_plan(said: Mapping[str, Any], language: Language) -> Made:
    """Pairs for McNemar's test by Connor's formula.

    Raises ProtocolError with every option that is wrong.
    """
    typed, phrases = Typed(), Phrases(language)
    assumed, shared = _discordance(typed, said), recruiting(typed, said)
    is_different = assumed.only_new != assumed.only_reference
    typed.require(bool(typed.problems) or is_different, "plan.no_difference", "--only-new")
    typed.check()

    def needed(power: float) -> int:
        return pairs.units_for_superiority(assumed, power=power, confidence=shared.confidence)

    found = _collected(needed(shared.power), shared)
    facts = {
        "difference": points_text(abs(assumed.only_new - assumed.only_reference), language),
        "power": share_text(shared.power, language),
    }
    row = (
        share_text(assumed.only_new, language),
        share_text(assumed.only_reference, language),
        points_text(assumed.only_new - assumed.only_reference, language),
        facts["power"],
        *counted(found, phrases),
    )
    title = phrases("plan.title.superiority", level=share_text(shared.confidence, language))
    header = ("only_new", "only_reference", "difference", "power", *COUNTED)
    powers = np.linspace(0.05, 0.99, 95).tolist()
    panel = _panel([needed(power) for power in powers], powers, found.independent, title, shared, phrases)
    return Made(
        subtitle=title,
        grids=[grid_of(header, [row], title, phrases), *strata_grids(in_all(found), shared, phrases)],
        sentences=[
            needed_sentence("superiority", facts, found, shared, phrases),
            phrases("plan.say.superiority_limits"),
        ],
        panels=[panel],
    )


def _discordance(typed: Typed, said: Mapping[str, Any]) -> pairs.Discordance:
    found = pairs.Discordance(
        typed.share("--only-new", said["only_new"], ends=True),
        typed.share("--only-reference", said["only_reference"], ends=True),
    )
    typed.require(bool(typed.problems) or sum(found) <= 1, "plan.shares_above_one", "--only-new")
    return found


def _neighbours(assumed: pairs.Discordance) -> list[pairs.Discordance]:
    """The assumed discordance and others with the same difference, as far as they are shares."""
    difference = assumed.only_new - assumed.only_reference
    found = []
    for factor in FACTORS:
        total = sum(assumed) * factor
        each = pairs.Discordance((total + difference) / 2, (total - difference) / 2)
        if factor == 1:
            found.append(assumed)
        elif min(each) >= 0 and sum(each) <= 1:
            found.append(each)
    return found


def _size(assumed: pairs.Discordance, margin: float, seed: int, shared: Recruiting) -> pairs.PairedSize | None:
    return pairs.units_for_non_inferiority(assumed, margin, seed=seed, power=shared.power, confidence=shared.confidence)


def _collected(n: int, shared: Recruiting) -> Any:
    return recruited(n, shared, shared.prevalence)


def _power_panel(
    assumed: pairs.Discordance, margin: float, seed: int, n: int, shared: Recruiting, phrases: Phrases
) -> Panel:
    sizes = np.unique(np.linspace(max(4, n // 8), 2 * n, CURVE_POINTS).round().astype(int)).tolist()
    power = [
        pairs.non_inferiority_power(
            size, assumed, margin, seed=seed, simulations=CURVE_SIMULATIONS, confidence=shared.confidence
        )
        for size in sizes
    ]
    title = phrases("plan.title.pairs_panel", margin=points_text(margin, phrases.language))
    return _panel(sizes, power, n, title, shared, phrases)


def _panel(sizes: list[int], power: list[float], n: int, title: str, shared: Recruiting, phrases: Phrases) -> Panel:
    return Panel(
        title=title,
        lines=[Line(label="", x=sizes, y=power)],
        x_label=phrases("plan.axis.pairs"),
        y_label=phrases("plan.axis.power"),
        x_tick=lambda value: phrases.whole(round(value)),
        y_tick=lambda value: share_text(value, phrases.language),
        x_least=float(sizes[0]),
        x_most=float(sizes[-1]),
        across=shared.power,
        down=n,
        down_label=f"n = {phrases.whole(n)}",
    )
