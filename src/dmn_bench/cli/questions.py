"""`protocol new`: questions in plain words that become a commented protocol; an empty answer is left out."""

from __future__ import annotations

import json
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
    "detection": ("lesion_sensitivity", "false_positives_per_image", "failure_rate"),
    "beats": ("qrs_sensitivity", "qrs_positive_predictivity", "veb_sensitivity", "failure_rate"),
}
LABELS = ("positive", "negative", "indeterminate")
NO_COLUMN = "-"
ID_KINDS = ("case_id", "file_name", "sop_instance_uid", "study_instance_uid", "accession_number")
FIRST_METRIC = {name: metrics[:2] for name, metrics in METRICS.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asker:
    """Asks in one language; an unusable answer is explained and asked again."""

    language: Language

    def text(self, name: str, *, default: str = "") -> str:
        """A line of text."""
        answer: str = typer.prompt(say(f"cli.ask.{name}", self.language), default=default, show_default=bool(default))
        return answer.strip()

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


def ask_protocol(path: Path, language: Language) -> None:
    """Ask the questions and write the protocol to ``path``.

    Raises ProtocolError if the file exists; ReferenceSetError if the named set has no readable card.
    """
    from ..files import validate
    from ..reference_set import Card

    if path.exists():
        raise ProtocolError(Problem(key="cli.exists_already", where=str(path)))
    ask = Asker(language=language)
    folder = Path(ask.text("reference_set"))
    card = validate(Card, folder / "reference_set.yaml", ProtocolError)
    purpose = {name: ask.text(name) for name in PURPOSES}
    lines = [
        f"# {say('cli.write.head', language)}",
        "format: dmn-bench/protocol/1",
        f"id: {path.stem}",
        "",
        f"# {say('cli.write.purpose', language)}",
        f"purpose: {_flow(purpose)}",
        f"reference_set: {_quoted(os.path.relpath(folder, path.parent))}",
        *_candidate(ask, card, path),
        *_endpoint(ask, card),
        *_rest(ask, card),
    ]
    write_atomically(path, "\n".join(lines) + "\n")


def _candidate(ask: Asker, card: Card, path: Path) -> list[str]:
    name = ask.text("candidate", default="vendor-a")
    kind = ask.choice("candidate_kind", ("file", "package"))
    lines = ["", f"# {say('cli.write.candidates', ask.language)}", "candidates:", f"  - id: {name}", "    role: device"]
    if kind == "package":
        lines.append(f"    package: {_quoted(os.path.relpath(ask.text('package'), path.parent))}")
    else:
        lines += ["    adapter: predictions", f"    options: {_flow(_file_options(ask, card, path))}"]
        words = {name: ask.text(f"{name}_words", default=name).split() for name in LABELS}
        if words != {name: [name] for name in LABELS}:
            lines.append(f"    labels: {_flow(words)}")
    return lines


def _file_options(ask: Asker, card: Card, path: Path) -> dict[str, object]:
    """How an output file is read; what is as dmn-bench expects it anyway is left out."""
    options: dict[str, object] = {
        "path": os.path.relpath(ask.text("file"), path.parent),
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


def _endpoint(ask: Asker, card: Card) -> list[str]:
    task = ask.choice("task", tuple(METRICS))
    finding = None if task == "beats" else ask.choice("finding", [f.name for f in card.findings])
    point = ask.share("score_at_least") if task in ("classification", "detection") else None
    lines = []
    if point is not None:
        source = ask.text("point_source")
        entry = f"{{{finding}: {_flow({'score_at_least': point, 'source': source})}}}"
        lines = [f"    # {say('cli.write.operating_point', ask.language)}", f"    operating_points: {entry}"]
    unit = {"detection": "lesion", "beats": "record"}.get(task)
    unit = unit or ask.choice("unit", ("exam", "eye", "patient", "case"))
    options = {
        "detection": ", hit_rule: {iou_at_least: 0.2}, no_marks: negative",
        "grading": ', scale: icdr, positive_when: ">= 2"',
    }
    named = "" if finding is None else f", finding: {finding}"
    return [
        *lines,
        "",
        f"# {say('cli.write.endpoints', ask.language)}",
        "endpoints:",
        f"  - {{name: main, task: {task}{named}, unit: {unit}{options.get(task, '')},",
        f"     metrics: [{', '.join(METRICS[task])}]}}",
        *_rules(ask, task),
    ]


def _rules(ask: Asker, task: str) -> list[str]:
    rules = []
    for metric in FIRST_METRIC[task]:
        typer.echo(say("cli.ask.rule_for", ask.language, metric=metric))
        limit = ask.share("rule")
        if limit is not None:
            side = "at_most" if metric == "false_positives_per_image" else "at_least"
            rule = f"endpoint: main, metric: {metric}, {side}: {limit}"
            rules.append(f'  - {{id: {metric.replace("_", "-")}, candidate: "*", {rule}}}')
    if not rules:
        return []
    return ["", f"# {say('cli.write.acceptance', ask.language)}", "acceptance:", *rules]


def _rest(ask: Asker, card: Card) -> list[str]:
    known = list(card.strata)
    while True:
        asked = ask.text("strata", default=", ".join(known)) if known else ""
        fields = [name.strip() for name in asked.split(",") if name.strip()]
        unknown = [name for name in fields if name not in known]
        if not unknown:
            break
        typer.echo(say("cli.ask.not_among", ask.language, found=", ".join(unknown), known=", ".join(known)))
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
