"""`protocol new`: questions in plain words that become a commented protocol; an empty answer is left out."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..errors import Problem, ProtocolError
from ..files import write_atomically
from ..vocabulary import Language
from ..wordings import say
from .asking import Asker, flow, quoted
from .candidate_questions import candidate_lines

if TYPE_CHECKING:
    from ..reference_set import Card

PURPOSES = ("need", "intended_use", "comparator", "decided_by")
METRICS = {
    "classification": ("sensitivity", "specificity", "auc", "ppv_local", "npv_local", "failure_rate"),
    "grading": ("sensitivity", "specificity", "kappa_quadratic", "gradability", "failure_rate"),
    "referral": ("sensitivity", "specificity", "failure_rate"),
    "ungradable": ("sensitivity", "specificity", "failure_rate"),
    "detection": ("lesion_sensitivity", "false_positives_per_image", "failure_rate"),
    "segmentation": ("nsd", "dice", "hd95", "failure_rate"),
    "measurement": (
        "within_tolerance",
        "bias",
        "mean_absolute_error",
        "{name: limits_of_agreement, limit: lower}",
        "{name: limits_of_agreement, limit: upper}",
        "failure_rate",
    ),
    "statements": (
        "macro_sensitivity",
        "macro_specificity",
        "macro_auc",
        "sensitivity",
        "specificity",
        "auc",
        "failure_rate",
    ),
    "beats": ("qrs_sensitivity", "qrs_positive_predictivity", "veb_sensitivity", "failure_rate"),
    "runs": (
        "ve_couplet_sensitivity",
        "ve_couplet_positive_predictivity",
        "ve_short_run_sensitivity",
        "ve_short_run_positive_predictivity",
        "ve_long_run_sensitivity",
        "ve_long_run_positive_predictivity",
        "failure_rate",
    ),
    "episodes": (
        "episode_sensitivity",
        "episode_positive_predictivity",
        "duration_sensitivity",
        "duration_positive_predictivity",
        "burden_bias",
        "failure_rate",
    ),
    "st_episodes": (
        "episode_sensitivity",
        "episode_positive_predictivity",
        "duration_sensitivity",
        "duration_positive_predictivity",
        "st_deviation_absolute_error",
        "failure_rate",
    ),
}
ANSWERS = {"masks": "segmentation", "coco": "detection", "yolo": "detection"}
"""What files of one kind answer alone."""
OF_ANNOTATIONS = ("beats", "runs", "episodes", "st_episodes")
UNITS = {"detection": "lesion", "segmentation": "case"} | dict.fromkeys(OF_ANNOTATIONS, "record")
ONE_FINDING = ("classification", "grading", "referral", "ungradable", "detection", "measurement")
WITH_SCORES = ("classification", "detection", "statements")
OPTIONS = {
    "grading": 'scale: icdr, positive_when: ">= 2"',
}
HIT_RULES = {
    "iou_at_least": 0.2,
    "centre_in_region": None,
    "distance_px_at_most": 20.0,
    "distance_mm_at_most": 5.0,
    "luna16": None,
}
"""When a mark is on a lesion, with the limit that is proposed; None: the rule takes none."""
QUESTIONS = {"statements": "statement", "segmentation": "structure"}
"""The field that tells apart what such a task asks of a case; without it among the strata no figure is of one."""
AT_MOST = ("false_positives_per_image",)
"""Metrics of which less is better: numbers from 0, which may exceed 1. All others that are asked about are shares."""
WITH_TOLERANCE = ("within_tolerance", "nsd")
RULED = {name: metrics[:2] for name, metrics in METRICS.items()} | {"measurement": ("within_tolerance",)}


def ask_protocol(path: Path, language: Language) -> None:
    """Ask the questions and write the protocol to ``path``.

    Raises ProtocolError if the file exists; ReferenceSetError if the named set has no readable card.
    """
    from ..files import validate
    from ..reference_set import Card

    if path.exists():
        raise ProtocolError(Problem(key="cli.exists_already", where=str(path)))
    ask = Asker(language=language)
    folder = ask.path("reference_set")
    card = validate(Card, folder / "reference_set.yaml", ProtocolError)
    purpose = {name: ask.text(name) for name in PURPOSES}
    candidate, kind = candidate_lines(ask, card, path)
    task = _task(ask, kind)
    lines = [
        f"# {say('cli.write.head', language)}",
        "format: dmn-bench/protocol/1",
        f"id: {path.stem}",
        "",
        f"# {say('cli.write.purpose', language)}",
        f"purpose: {flow(purpose)}",
        f"reference_set: {quoted(os.path.relpath(folder, path.parent))}",
        *candidate,
        *_endpoint(ask, card, task),
        *_rest(ask, card, task),
    ]
    write_atomically(path, "\n".join(lines) + "\n")


def _task(ask: Asker, kind: str) -> str:
    """What is asked; of beats, masks and marks there is one thing to ask alone, or a few."""
    if kind in ANSWERS:
        return ANSWERS[kind]
    if kind == "annotations":
        return ask.choice("task", OF_ANNOTATIONS)
    return ask.choice("task", tuple(METRICS))


def _endpoint(ask: Asker, card: Card, task: str) -> list[str]:
    names = [finding.name for finding in card.findings]
    finding = ask.choice("finding", names) if task in ONE_FINDING else None
    point = ask.share("score_at_least") if task in WITH_SCORES else None
    lines = []
    if point is not None:
        at_least = flow({"score_at_least": point, "source": ask.text("point_source")})
        points = ", ".join(f"{name}: {at_least}" for name in (names if finding is None else [finding]))
        lines = [f"    # {say('cli.write.operating_point', ask.language)}", f"    operating_points: {{{points}}}"]
    unit = UNITS.get(task) or ask.choice("unit", ("exam", "eye", "patient", "case"))
    options = _task_options(ask, card, task, finding)
    metrics = [name for name in METRICS[task] if name not in WITH_TOLERANCE or "tolerance" in options]
    is_named = finding is not None and task != "referral"  # which names its findings with their cuts
    named = [f"task: {task}", *([f"finding: {finding}"] if is_named else []), f"unit: {unit}"]
    return [
        *lines,
        "",
        f"# {say('cli.write.endpoints', ask.language)}",
        "endpoints:",
        f"  - {{name: main, {', '.join([*named, *([options] if options else [])])},",
        f"     metrics: [{', '.join(metrics)}]}}",
        *_rules(ask, task, [name for name in RULED[task] if name in metrics]),
    ]


def _task_options(ask: Asker, card: Card, task: str, finding: str | None) -> str:
    """Keys of the endpoint that the task has of its own, as they stand in a flow mapping."""
    if task == "measurement":
        stated = next((each.unit for each in card.findings if each.name == finding), None)
        tolerance = {"unit_of_values": stated or ask.text("unit_of_values", default="ms")}
        size = ask.size("tolerance")
        return flow(tolerance if size is None else {**tolerance, "tolerance": size})[1:-1]
    if task == "episodes":
        return f"rhythm: {quoted(ask.choice('rhythm', ('AFIB', 'VF')))}"
    if task == "segmentation":
        distances_in = ask.choice("distances_in", ("mm", "px"))
        size = ask.size(f"tolerance_{distances_in}")
        options = {"distances_in": distances_in} if distances_in != "mm" else {}
        return flow(options if size is None else {**options, f"tolerance_{distances_in}": size})[1:-1]
    if task == "detection":
        return f"hit_rule: {_hit_rule(ask)}, no_marks: negative"
    if task == "referral":
        return f'positive_when: {{{finding}: ">= 2"}}, scales: {{{finding}: icdr}}'
    if task == "ungradable":
        return f"graded: {ask.choice('graded', [each.name for each in card.findings])}"
    return OPTIONS.get(task, "")


def _hit_rule(ask: Asker) -> str:
    """When a mark is on a lesion, as a flow mapping."""
    name = ask.choice("hit_rule", tuple(HIT_RULES))
    usual = HIT_RULES[name]
    if usual is None:
        return flow({name: True})
    return f"{{{name}: {ask.number('hit_limit', usual, most=1.0 if name == 'iou_at_least' else math.inf):g}}}"


def _rules(ask: Asker, task: str, metrics: Sequence[str]) -> list[str]:
    rules, each = [], ", each_level_of: structure" if task == "segmentation" else ""
    for metric in metrics:
        typer.echo(say("cli.ask.rule_for", ask.language, metric=metric))
        side = "at_most" if metric in AT_MOST else "at_least"
        limit = ask.amount("rule_at_most") if side == "at_most" else ask.share("rule_at_least")
        if limit is not None:
            rule = f"endpoint: main, metric: {metric}, {side}: {limit}{each}"
            rules.append(f'  - {{id: {metric.replace("_", "-")}, candidate: "*", {rule}}}')
    if not rules:
        return []
    return ["", f"# {say('cli.write.acceptance', ask.language)}", "acceptance:", *rules]


def _rest(ask: Asker, card: Card, task: str) -> list[str]:
    known = list(card.strata)
    while True:
        asked = ask.text("strata", default=", ".join(known)) if known else ""
        fields = [name.strip() for name in asked.split(",") if name.strip()]
        unknown = [name for name in fields if name not in known]
        if not unknown:
            break
        typer.echo(say("cli.ask.not_among", ask.language, found=", ".join(unknown), known=", ".join(known)))
    if task in QUESTIONS:
        fields = [QUESTIONS[task], *fields]
    return [
        "",
        f"# {say('cli.write.strata', ask.language)}",
        f"strata: [{', '.join(fields)}]",
        "",
        f"# {say('cli.write.statistics', ask.language)}",
        "statistics: {confidence: 0.95, resamples: 2000, seed: 20261121, multiplicity: holm, "
        "minimum_n: {estimate: 10, imprecise_below: 30}}",
        "",
        f"# {say('cli.write.as_used', ask.language)}",
        "as_used: {indeterminate: positive, abstained: positive, rejected_input: apart, failed: wrong, "
        "not_sent: apart, unreadable: apart}",
        f"# {say('cli.write.execution', ask.language)}",
        "execution: {attempts: 2, seconds_per_case: 60, threads: 1}",
    ]
