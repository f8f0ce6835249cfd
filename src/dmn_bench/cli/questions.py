"""`protocol new`: questions in plain words that become a commented protocol; an empty answer is left out."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..errors import Problem, ProtocolError
from ..files import write_atomically
from ..vocabulary import Language
from ..wordings import say

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
OF_ANNOTATIONS = ("beats", "runs", "episodes", "st_episodes")
UNITS = {"detection": "lesion", "segmentation": "case"} | dict.fromkeys(OF_ANNOTATIONS, "record")
ONE_FINDING = ("classification", "grading", "referral", "ungradable", "detection", "measurement")
WITH_SCORES = ("classification", "detection", "statements")
OPTIONS = {
    "detection": "hit_rule: {iou_at_least: 0.2}, no_marks: negative",
    "grading": 'scale: icdr, positive_when: ">= 2"',
}
QUESTIONS = {"statements": "statement", "segmentation": "structure"}
"""The field that tells apart what such a task asks of a case; without it among the strata no figure is of one."""
WITH_TOLERANCE = ("within_tolerance", "nsd")
LABELS = ("positive", "negative", "indeterminate")
NO_COLUMN = "-"
ID_KINDS = ("case_id", "file_name", "sop_instance_uid", "study_instance_uid", "accession_number")
RULED = {name: metrics[:2] for name, metrics in METRICS.items()} | {"measurement": ("within_tolerance",)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asker:
    """Asks in one language; an unusable answer is explained and asked again."""

    language: Language

    def text(self, name: str, *, default: str = "") -> str:
        """A line of text."""
        answer: str = typer.prompt(say(f"cli.ask.{name}", self.language), default=default, show_default=bool(default))
        return answer.strip()

    def path(self, name: str) -> Path:
        """The path of a file or folder, whether it exists or not; asked again until there is one."""
        while True:
            answer = self.text(name)
            if answer and "\0" not in answer:
                return Path(answer)
            typer.echo(say("cli.ask.no_path", self.language))

    def choice(self, name: str, among: Sequence[str]) -> str:
        """One of some words."""
        while True:
            answer = self.text(name, default=among[0])
            if answer in among:
                return answer
            typer.echo(say("cli.ask.not_among", self.language, found=answer, known=", ".join(among)))

    def share(self, name: str) -> float | None:
        """A share between 0 and 1, with a point or a comma, or a percentage; None when left empty."""
        while True:
            answer = self.text(name).replace(",", ".")
            if not answer:
                return None
            try:
                value = float(answer.removesuffix("%")) / (100 if answer.endswith("%") else 1)
            except ValueError:
                value = -1.0
            if 0 <= value <= 1:
                return value
            typer.echo(say("cli.ask.not_a_share", self.language, found=answer))

    def size(self, name: str) -> float | None:
        """A number above 0, with a point or a comma; None when left empty."""
        while True:
            answer = self.text(name).replace(",", ".")
            if not answer:
                return None
            try:
                value = float(answer)
            except ValueError:
                value = 0.0
            if 0 < value < math.inf:
                return value
            typer.echo(say("cli.ask.not_a_size", self.language, found=answer))


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
    candidate, kind = _candidate(ask, card, path)
    task = _task(ask, kind)
    lines = [
        f"# {say('cli.write.head', language)}",
        "format: dmn-bench/protocol/1",
        f"id: {path.stem}",
        "",
        f"# {say('cli.write.purpose', language)}",
        f"purpose: {_flow(purpose)}",
        f"reference_set: {_quoted(os.path.relpath(folder, path.parent))}",
        *candidate,
        *_endpoint(ask, card, task),
        *_rest(ask, card, task),
    ]
    write_atomically(path, "\n".join(lines) + "\n")


def _task(ask: Asker, kind: str) -> str:
    """What is asked; files of annotations hold beats and rhythms alone, and masks regions alone."""
    if kind == "annotations":
        return ask.choice("task", OF_ANNOTATIONS)
    if kind == "masks":
        return "segmentation"
    return ask.choice("task", tuple(METRICS))


def _candidate(ask: Asker, card: Card, path: Path) -> tuple[list[str], str]:
    """The lines of the candidate, and what it is."""
    name = ask.text("candidate", default="vendor-a")
    kind = ask.choice("candidate_kind", ("file", "annotations", "masks", "package"))
    lines = ["", f"# {say('cli.write.candidates', ask.language)}", "candidates:", f"  - id: {name}", "    role: device"]
    if kind == "package":
        lines.append(f"    package: {_quoted(os.path.relpath(ask.path('package'), path.parent))}")
    elif kind == "annotations":
        folder = os.path.relpath(ask.path("annotations"), path.parent)
        options = _flow({"folder": folder, "annotator": ask.text("annotator", default="qrs")})
        lines += ["    adapter: wfdb-annotations", f"    options: {options}"]
    elif kind == "masks":
        folder = os.path.relpath(ask.path("masks"), path.parent)
        options = _flow({"folder": folder, "pattern": ask.text("mask_pattern", default="{case_id}.nii.gz")})
        lines += ["    adapter: mask-files", f"    options: {options}"]
    else:
        lines += ["    adapter: predictions", f"    options: {_flow(_file_options(ask, card, path))}"]
        words = {name: ask.text(f"{name}_words", default=name).split() for name in LABELS}
        if words != {name: [name] for name in LABELS}:
            lines.append(f"    labels: {_flow(words)}")
    return lines, kind


def _file_options(ask: Asker, card: Card, path: Path) -> dict[str, object]:
    """How an output file is read; what is as dmn-bench expects it anyway is left out."""
    options: dict[str, object] = {
        "path": os.path.relpath(ask.path("file"), path.parent),
        "delimiter": ask.text("delimiter", default=","),
        "decimal": ask.text("decimal", default="."),
    }
    identifier = {"column": ask.text("id_column", default="case_id"), "is": ask.choice("id_is", ID_KINDS)}
    if identifier != {"column": "case_id", "is": "case_id"}:
        options["id"] = identifier
    columns = {name: ask.text(f"{name}_column", default=name) for name in ("score", "label", "finding")}
    if columns["finding"] == NO_COLUMN:
        del columns["finding"]
        options["finding"] = ask.choice("finding", [f.name for f in card.findings])
    renamed = {name: column for name, column in columns.items() if column != name}
    if renamed:
        options["columns"] = renamed
    return options


def _endpoint(ask: Asker, card: Card, task: str) -> list[str]:
    names = [finding.name for finding in card.findings]
    finding = ask.choice("finding", names) if task in ONE_FINDING else None
    point = ask.share("score_at_least") if task in WITH_SCORES else None
    lines = []
    if point is not None:
        at_least = _flow({"score_at_least": point, "source": ask.text("point_source")})
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
        return _flow(tolerance if size is None else {**tolerance, "tolerance": size})[1:-1]
    if task == "episodes":
        return f"rhythm: {_quoted(ask.choice('rhythm', ('AFIB', 'VF')))}"
    if task == "segmentation":
        size = ask.size("tolerance_mm")
        return "" if size is None else f"tolerance_mm: {size:g}"
    if task == "referral":
        return f'positive_when: {{{finding}: ">= 2"}}, scales: {{{finding}: icdr}}'
    if task == "ungradable":
        return f"graded: {ask.choice('graded', [each.name for each in card.findings])}"
    return OPTIONS.get(task, "")


def _rules(ask: Asker, task: str, metrics: Sequence[str]) -> list[str]:
    rules, each = [], ", each_level_of: structure" if task == "segmentation" else ""
    for metric in metrics:
        typer.echo(say("cli.ask.rule_for", ask.language, metric=metric))
        limit = ask.share("rule")
        if limit is not None:
            side = "at_most" if metric == "false_positives_per_image" else "at_least"
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


def _flow(values: Mapping[str, object]) -> str:
    return "{" + ", ".join(f"{key}: {_quoted(value)}" for key, value in values.items()) + "}"


def _quoted(value: object) -> str:
    """A YAML scalar or flow mapping: JSON's double quotes are YAML's."""
    if isinstance(value, Mapping):
        return _flow(value)
    return json.dumps(value, ensure_ascii=False)
