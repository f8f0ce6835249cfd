"""R2 and R7: what the vendor declares of the device, every field with its source or "not declared"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ...hookspecs import hookimpl
from ...record import CandidatePart
from ...vocabulary import Block, Facts, Grid, Heading, Paragraph
from ...wordings import numbers
from ..declared import Declaration, declaration, the_candidate
from ..linter import forbidden_words
from ..phrases import Phrases, as_language
from ..view import typed

IDENTITY = (
    "manufacturer",
    "authorised_representative",
    "trade_name",
    "version",
    "build",
    "basic_udi_di",
    "udi_di",
    "udi_pi",
    "ce_class",
    "legal_basis",
    "certificate",
    "notified_body",
    "certificate_expires",
    "eudamed_id",
)
INTENDED_USE = ("purpose", "ifu_page", "contra_indications", "operating_point")
NEEDS = ("inputs", "gpu", "hosts")
FURTHER_NEEDS = ("memory_mb", "seconds_per_case", "seconds_to_load", "descriptive_tags")
TRAINING_DATA = (
    "data_sets",
    "data_from_this_hospital",
    "access_to_this_reference_set",
    "overlap_of_patients_or_period",
    "pretrained_components",
)


class DeviceIdentification:
    """Identity, intended use and needs as declared; what was really hashed and run."""

    name: ClassVar[str] = "device"
    order: ClassVar[int] = 20

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """Declared fields with their sources, then what the test program ran."""
        phrases = Phrases(as_language(language))
        part = the_candidate(typed(record), candidate)
        if part is None:
            return ()
        parts = (("identity", IDENTITY), ("intended_use", INTENDED_USE), ("needs", NEEDS))
        rows = [_row(part.device, group, name, phrases) for group, names in parts for name in names]
        rows += _unknown_fields(part.device, parts, phrases)
        blocks: list[Block] = [
            Heading(text=phrases("report_frame.device_title"), anchor="device"),
            Paragraph(text=phrases("report_frame.fixed_declared_not_verified")),
            _grid(rows, phrases, phrases("report_frame.device_table")),
        ]
        claimed = forbidden_words("\n".join(row[1] for row in rows), phrases.language)
        if claimed:
            words = ", ".join(dict.fromkeys(claimed))
            blocks.append(Paragraph(text=phrases("report_frame.vendor_words", words=words), tone="warning"))
        blocks.extend(_claims(part.device, phrases))
        blocks.append(Heading(text=phrases("report_frame.device_as_run"), level=3))
        blocks.append(Facts(items=_as_run(part, phrases)))
        return blocks


class VendorDeclarations:
    """The five closed questions on training data and reuse of this set."""

    name: ClassVar[str] = "declarations"
    order: ClassVar[int] = 70

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """One line for each question, "not declared" where it is unanswered."""
        phrases = Phrases(as_language(language))
        full = typed(record)
        part = the_candidate(full, candidate)
        device = part.device if part is not None else {}
        rows = [_row(device, "training_data", name, phrases) for name in TRAINING_DATA]
        blocks: list[Block] = [
            Heading(text=phrases("report_frame.declarations_title"), anchor="declarations"),
            Paragraph(text=phrases("report_frame.declarations_intro")),
            _grid(rows, phrases, phrases("report_frame.declarations_table")),
        ]
        if full.observed.look_number is not None:
            text = phrases(
                "report_frame.looks", n=phrases.whole(full.observed.look_number), number=full.observed.look_number
            )
            blocks.append(Paragraph(text=text, tone="note"))
        blank = phrases("report_frame.signature_blank")
        return [*blocks, Facts(items=((phrases("report_frame.right_of_reply"), blank),))]


def _row(device: Mapping[str, Any], group: str, name: str, phrases: Phrases) -> tuple[str, str, str]:
    found = declaration(device, group, name)
    if name == "hosts":
        found = Declaration(_hosts(device, phrases), found.source)
    if name == "gpu" and found.value:
        found = Declaration(phrases("report.yes" if found.value == "True" else "report.no"), found.source)
    label = phrases(f"report_frame.{group}_{name}")
    return (label, found.value or phrases("report.not_declared"), found.source or "–")


def _hosts(device: Mapping[str, Any], phrases: Phrases) -> str:
    """Every declared address with its purpose, and whether the vendor says that images are sent there."""
    needs = device.get("needs")
    listed = needs.get("hosts") if isinstance(needs, Mapping) else None
    said = []
    for host in listed or ():
        if not isinstance(host, Mapping):  # as records of earlier versions have it
            said.append(str(host))
            continue
        declared = host.get("images")
        sent = "images_unknown" if declared is None else "images_sent" if declared else "images_not_sent"
        purpose = host.get("purpose") or phrases("report.not_declared")
        said.append(f"{host.get('address')} ({purpose}{phrases(f'plugin_kit.report.{sent}')})")
    return ", ".join(said)


def _unknown_fields(
    device: Mapping[str, Any], parts: Sequence[tuple[str, Sequence[str]]], phrases: Phrases
) -> list[tuple[str, str, str]]:
    """Fields that this version has no words for: printed under their own names, never dropped."""
    rows: list[tuple[str, str, str]] = []
    for group, names in parts:
        holder = device.get(group)
        for name in holder if isinstance(holder, Mapping) else ():
            found = declaration(device, group, name)
            if name not in names and found.value:
                label = phrases(f"plugin_kit.report.{name}") if name in FURTHER_NEEDS else str(name)
                rows.append((label, found.value, found.source or "–"))
    return rows


def _grid(rows: Sequence[tuple[str, str, str]], phrases: Phrases, caption: str) -> Grid:
    missing = phrases("report.not_declared")
    return Grid(
        header=(
            phrases("report_frame.declared_field"),
            phrases("report_frame.declared_value"),
            phrases("report_frame.declared_source"),
        ),
        rows=tuple(rows),
        caption=caption,
        muted=tuple(index for index, row in enumerate(rows) if row[1] == missing),
    )


def _claims(device: Mapping[str, Any], phrases: Phrases) -> list[Block]:
    claims = device.get("claims") or ()
    if not claims:
        return [Paragraph(text=phrases("report_frame.no_claims"))]
    rows = tuple(
        (
            phrases.metric(str(claim.get("metric", ""))),
            str(claim.get("finding") or "–"),
            _claimed_value(claim, phrases),
            str(claim.get("population") or phrases("report.not_declared")),
            str(claim.get("source") or phrases("report.not_declared")),
        )
        for claim in claims
    )
    keys = ("claim_measure", "claim_finding", "claim_value", "claim_population", "declared_source")
    header = tuple(phrases(f"report_frame.{key}") for key in keys)
    return [Grid(header=header, rows=rows, caption=phrases("report_frame.claims_table"))]


def _claimed_value(claim: Mapping[str, Any], phrases: Phrases) -> str:
    """A claim in the digits the vendor gave it, with its interval where there is one."""
    scale = "share" if 0 <= claim["value"] <= 1 and claim.get("metric") not in ("auc", "kappa_quadratic") else "ratio"
    text = phrases.value(claim["value"], scale, 100)
    if claim.get("low") is None or claim.get("high") is None:
        return text
    level = (
        f"{phrases('report_results.interval', level=phrases.confidence(claim['confidence']))} "
        if claim.get("confidence")
        else ""
    )
    return f"{text} ({level}{phrases.limits(claim['low'], claim['high'], scale, 100)})"


def _as_run(part: CandidatePart, phrases: Phrases) -> tuple[tuple[str, str], ...]:
    items = [
        (phrases("report_frame.run_id"), part.id),
        (phrases("report_frame.run_role"), phrases.named("report_frame.role", part.role)),
        (phrases("report_frame.run_adapter"), part.adapter),
        (phrases("report_frame.run_hash"), part.sha256),
    ]
    for finding, point in part.operating_points.items():
        items.append((phrases("report_frame.run_operating_point", finding=finding), operating_point(point, phrases)))
    if not part.operating_points:
        items.append((phrases("report_frame.run_no_operating_point"), phrases("report.not_declared")))
    if part.pre_test is not None:
        said = phrases(f"plugin_kit.report.{part.pre_test['state']}", **_counted(part.pre_test))
        items.append((phrases("plugin_kit.report.pre_test"), said))
    return tuple(items)


def _counted(pre_test: Mapping[str, Any]) -> dict[str, Any]:
    """What the sentences on the vendor's own check may state; nothing of it where there was none to be read."""
    names = ("n_differences", "passed", "failed", "not_applicable", "suite", "dmn_bench")
    return {name: pre_test.get(name, 0) for name in names}


def operating_point(point: Mapping[str, Any], phrases: Phrases) -> str:
    """An operating point with its doubt band and its source."""
    text = phrases("report_frame.point_positive", score=_plain(point.get("score_at_least"), phrases))
    if point.get("doubt_from") is not None:
        text += phrases("report_frame.point_doubt", score=_plain(point["doubt_from"], phrases))
    source = point.get("source") or phrases("report.not_recorded")
    return f"{text} ({phrases('report_frame.point_source')}{phrases('report.colon')}{source})"


def _plain(value: Any, phrases: Phrases) -> str:
    return numbers.plain(float(value), phrases.language) if isinstance(value, int | float) else str(value)


@hookimpl
def register_report_sections() -> list[type[Any]]:
    """What the vendor declares."""
    return [DeviceIdentification, VendorDeclarations]
