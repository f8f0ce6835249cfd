"""R5 and R6: the reference set, who is in it, and how its truth was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ...hookspecs import hookimpl
from ...record import AgreementRow, CompositionRow, Record
from ...reference_set.prevalence import lowest_positive
from ...vocabulary import Block, Facts, Grid, Heading, Paragraph
from ...wordings import numbers
from ..beside_readers import rule_name
from ..phrases import Phrases, phrases_of
from ..select import finding_title
from ..view import typed
from .cover import incorporation, set_title

ADJUDICATED = "adjudicated"  # the rule that computes nothing
OF_CALLS = ("sensitivity", "specificity")
OF_LESIONS = "lesions"


class ReferenceSetSection:
    """The card and the composition of the set."""

    name: ClassVar[str] = "reference_set"
    order: ClassVar[int] = 50

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """Facts of the card, then how many cases, patients and reference values each level holds."""
        full = typed(record)
        phrases = phrases_of(full, language)
        return [
            Heading(text=phrases("report_frame.set_title"), anchor="reference-set"),
            Facts(items=_card(full, phrases)),
            *_composition(full, phrases),
            *_lesions(full, phrases),
            Paragraph(text=phrases("report_frame.set_pseudonymised"), tone="note"),
        ]


class ReferenceStandardSection:
    """How the reference of each case was made."""

    name: ClassVar[str] = "reference_standard"
    order: ClassVar[int] = 60

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """What the card says of the reference standard, with the banners it calls for."""
        full = typed(record)
        phrases = phrases_of(full, language)
        standard: Mapping[str, Any] = full.reference_set.card.get("reference_standard") or {}
        missing = phrases("report.not_recorded")
        readers, blinded = standard.get("readers"), standard.get("blinded_to_device")
        items = (
            ("method", str(standard.get("method") or missing)),
            ("rule", _rule(standard, phrases)),
            ("readers", missing if readers is None else phrases.whole(readers)),
            ("blinded", missing if blinded is None else phrases("report.yes" if blinded else "report.no")),
            ("annotator", str(standard.get("wfdb_annotator") or "–")),
        )
        blocks: list[Block] = [
            Heading(text=phrases("report_frame.standard_title"), anchor="reference-standard"),
            Facts(items=tuple((phrases(f"report_frame.standard_{key}"), value) for key, value in items)),
        ]
        if readers == 1:
            blocks.append(Paragraph(text=phrases("report_frame.banner.single_reader"), tone="warning"))
        if blinded is False:
            blocks.append(Paragraph(text=phrases("report_frame.banner.not_blinded"), tone="warning"))
        blocks += incorporation(full.reference_set.card, phrases)
        if any(row.metric in OF_CALLS for row in full.results.estimates):
            blocks.append(Paragraph(text=phrases("report_frame.standard_relative")))
        return [*blocks, *_agreement(full, phrases)]


def _rule(standard: Mapping[str, Any], phrases: Phrases) -> str:
    """How readings became one reference: as the card says in its own words, and the rule that was computed."""
    computed = standard.get("consensus") or {}
    pieces = [str(standard["rule"])] if standard.get("rule") else []
    if computed.get("rule", ADJUDICATED) != ADJUDICATED:
        pieces.append(rule_name(str(computed["rule"]), computed.get("at_least"), phrases))
    return phrases.joined(pieces) if pieces else phrases("report.not_recorded")


def _card(record: Record, phrases: Phrases) -> tuple[tuple[str, str], ...]:
    refset = record.reference_set
    card = refset.card
    missing = phrases("report.not_recorded")
    alone = delineated_alone(record)
    sought = [one for one in card.get("findings") or () if one.get("name") not in alone]
    findings = ", ".join(_finding(record, one, phrases) for one in sought)
    drawn = _structures(record, phrases)
    items = [
        (
            "id",
            " · ".join(
                piece for piece in (set_title(card, phrases.language), f"{refset.id} {refset.version}") if piece
            ),
        ),
        ("hash", refset.sha256),
        ("locked", phrases("report.yes" if refset.locked else "report.no")),
        ("public", phrases("report.yes" if card.get("public") else "report.no")),
        ("modality", str(card.get("modality") or missing)),
        *([] if drawn and not findings else [("findings", findings or missing)]),
        *([("structures", drawn)] if drawn else []),
        ("sampling", phrases.named("report_frame.sampling", str(card.get("sampling") or missing))),
        ("sizes", _sizes(record, phrases)),
        ("prevalence", _prevalence(record, phrases)),
        ("protection", _protection(card, phrases)),
        ("review", _review(card, phrases)),
    ]
    return tuple((phrases(f"report_frame.set_{key}"), value) for key, value in items)


def _sizes(record: Record, phrases: Phrases) -> str:
    refset = record.reference_set
    text = phrases(
        "report_frame.set_sizes_text",
        cases=phrases.whole(refset.n_cases),
        n_cases=refset.n_cases,
        exams=phrases.whole(refset.n_exams),
        n_exams=refset.n_exams,
        patients=phrases.whole(refset.n_patients),
        n_patients=refset.n_patients,
    )
    return text if refset.patients_known else f"{text}\n{phrases('report_frame.set_patients_unknown')}"


def _finding(record: Record, one: Mapping[str, Any], phrases: Phrases) -> str:
    """A finding by its title, with its name in the set where that is another word, and its code."""
    name = str(one.get("name", ""))
    title = finding_title(record, name, phrases.language)
    beside = ", ".join(piece for piece in ("" if title == name else name, str(one.get("code") or "")) if piece)
    return f"{title} ({beside})" if beside else title


def delineated_alone(record: Record) -> frozenset[str]:
    """Findings of the card that the reference delineates and says nothing else of: structures, no anomalies."""
    stated = {
        finding
        for row in record.reference_set.composition
        for finding, values in row.references.items()
        if any(n for value, n in values.items() if value != "missing")
    }
    return frozenset(record.reference_set.structures.keys() - stated)


def _structures(record: Record, phrases: Phrases) -> str:
    """Each delineated structure with its cases; "" where none is."""
    findings = {str(one.get("name", "")): one for one in record.reference_set.card.get("findings") or ()}
    return "\n".join(
        phrases(
            "report_frame.set_structure",
            structure=_finding(record, findings.get(name, {"name": name}), phrases),
            n=phrases.whole(n),
            n_number=n,
        )
        for name, n in record.reference_set.structures.items()
    )


def _prevalence(record: Record, phrases: Phrases) -> str:
    lines = []
    for one in record.reference_set.card.get("local_prevalence") or ():
        title = finding_title(record, str(one.get("finding") or ""), phrases.language)
        cut = lowest_positive(one.get("positive_when"))
        of_what = [
            *([] if cut is None else [phrases("report_frame.set_from_grade", grade=phrases.whole(cut))]),
            *([phrases.named("report.unit", str(one["unit"]))] if one.get("unit") else []),
        ]
        title = f"{title} ({', '.join(of_what)})" if of_what else title
        text = f"{title}{phrases('report.colon')}{phrases.percent(float(one['value']))}"
        if one.get("low") is not None and one.get("high") is not None:
            low, high = (numbers.percent_number(float(one[key]), phrases.language) for key in ("low", "high"))
            text += f" {numbers.between(low, high, phrases.language)}"
        lines.append(f"{text} ({one.get('source') or phrases('report.not_recorded')})")
    return "\n".join(lines) or phrases("report.not_declared")


def _protection(card: Mapping[str, Any], phrases: Phrases) -> str:
    found = card.get("data_protection") or {}
    if not found:
        return phrases("report.not_recorded")
    pieces = [phrases.named("report_frame.route", str(found.get("route", "")))]
    pieces += [str(found[key]) for key in ("register_ref", "decided_by") if found.get(key)]
    if found.get("date"):
        pieces.append(numbers.day(str(found["date"]), phrases.language))
    return ", ".join(pieces)


def _review(card: Mapping[str, Any], phrases: Phrases) -> str:
    found = card.get("reidentification_review") or {}
    if not found:
        return phrases("report.not_recorded")
    review = phrases(
        "report_frame.set_review_text",
        date=numbers.day(str(found.get("date", "")), phrases.language),
        method=str(found.get("method", "")),
        due=numbers.day(str(found.get("next_due", "")), phrases.language),
    )
    if not found.get("images_without_burned_in_text"):
        return review
    return phrases("report_frame.set_review_images", review=review, name=str(found.get("reviewed_by", "")))


def _composition(record: Record, phrases: Phrases) -> list[Block]:
    rows = record.reference_set.composition
    if not rows:
        return []
    alone = delineated_alone(record)
    findings = [one for one in dict.fromkeys(name for row in rows for name in row.references) if one not in alone]
    values = {
        finding: list(dict.fromkeys(value for row in rows for value in row.references.get(finding, {})))
        for finding in findings
    }
    columns = [(finding, value) for finding in findings for value in values[finding]]
    lines: list[tuple[str, ...]] = []
    muted: list[int] = []
    current = ""
    for row in rows:
        if row.field != current:
            current = row.field
            lines.append((phrases.field(row.field), *("" for _ in range(2 + len(columns)))))
        if row.n_cases == 0:
            muted.append(len(lines))
        lines.append(_composition_row(row, columns, phrases))
    titles = {name: finding_title(record, name, phrases.language) for name in findings}
    names = [_value_name(titles[finding], value, findings, phrases) for finding, value in columns]
    header = (
        phrases("report_results.stratum"),
        phrases("report_frame.cases"),
        phrases("report_results.patients"),
        *names,
    )
    return [
        Grid(
            header=header,
            rows=tuple(lines),
            caption=phrases("report_frame.composition_table"),
            numeric=(False, *(True for _ in header[1:])),
            muted=tuple(muted),
        )
    ]


def _lesions(record: Record, phrases: Phrases) -> list[Block]:
    """How many lesions each level of their own strata holds; nothing for a set without lesions."""
    rows = record.reference_set.lesions
    if not rows:
        return []
    names = ("finding", "field", "level", "lesions", "ignored", "cases", "patients")
    lines = tuple(
        (
            finding_title(record, row.finding, phrases.language),
            phrases.field(row.field) if row.field else phrases("lesions.describe_all"),
            phrases.level(row.level, row.field) if row.field else "",
            *map(phrases.whole, (row.n_lesions, row.n_ignored, row.n_cases, row.n_patients)),
        )
        for row in rows
    )
    return [
        Grid(
            header=tuple(phrases(f"lesions.describe_{name}") for name in names),
            rows=lines,
            caption=phrases("lesions.describe_caption"),
            numeric=(False, False, False, True, True, True, True),
            muted=tuple(place for place, row in enumerate(rows) if row.n_lesions == 0),
        )
    ]


def _composition_row(row: CompositionRow, columns: Sequence[tuple[str, str]], phrases: Phrases) -> tuple[str, ...]:
    label = phrases.level(row.level, row.field) if row.field else phrases("report.whole_set")
    counts = (phrases.whole(row.references.get(finding, {}).get(value, 0)) for finding, value in columns)
    return (label, phrases.whole(row.n_cases), phrases.whole(row.n_patients), *counts)


def _agreement(record: Record, phrases: Phrases) -> list[Block]:
    """How far the readers agree with each other, with the numbers that no coefficient may be printed without."""
    found = record.reference_set.agreement
    if not found:
        known = any(row.against and not row.candidate for row in record.results.readers)
        key = "report_readers.agreement_of_regions" if known else "report_calibration.agreement_unknown"
        return [Paragraph(text=phrases(key), tone="note")]
    confidence = next((row.confidence for row in found if row.confidence is not None), None)
    of_finding = {row.finding: row for row in found}
    left_out = {name: row.n_left_out for name, row in of_finding.items() if row.n_left_out}
    counted = ("readers", "cases_read", "observed_agreement", "positive_share")
    return [
        Grid(
            header=(
                phrases("report_frame.set_findings"),
                *(phrases(f"report_calibration.{name}") for name in counted),
            ),
            rows=tuple(_readings_row(record, row, phrases) for row in of_finding.values()),
            caption=phrases("report_calibration.readings_table"),
            numeric=(False, True, True, True, True),
        ),
        Grid(
            header=(
                phrases("report_frame.set_findings"),
                phrases("report_calibration.coefficient_name"),
                phrases("report_calibration.coefficient_value"),
                phrases("report_results.interval", level=phrases.confidence(confidence)),
                phrases("report_results.method"),
            ),
            rows=tuple(_agreement_row(record, row, phrases) for row in found),
            caption=phrases("report_calibration.agreement_table"),
            numeric=(False, False, True, True, False),
        ),
        Paragraph(text=phrases("report_calibration.agreement_how"), tone="note"),
        *(
            Paragraph(
                text=phrases(
                    "report_calibration.left_out",
                    finding=finding_title(record, finding, phrases.language),
                    number=phrases.whole(n),
                    n=n,
                ),
                tone="note",
            )
            for finding, n in left_out.items()
        ),
    ]


def _readings_row(record: Record, row: AgreementRow, phrases: Phrases) -> tuple[str, ...]:
    cases, patients = phrases.whole(row.n_cases), phrases.whole(row.n_patients)
    return (
        finding_title(record, row.finding, phrases.language),
        phrases.whole(row.n_readers),
        phrases("report_calibration.cases_of_patients", cases=cases, patients=patients, n=row.n_patients),
        phrases.percent(row.observed_agreement),
        "–" if row.prevalence is None else phrases.percent(row.prevalence),
    )


def _agreement_row(record: Record, row: AgreementRow, phrases: Phrases) -> tuple[str, ...]:
    language = phrases.language
    value, limits = phrases.reason(row.not_estimable or "", {"n": row.n_cases}), "–"
    if row.value is not None and row.low is not None and row.high is not None:
        value = numbers.number(row.value, language, 2)
        limits = numbers.between(numbers.number(row.low, language, 2), numbers.number(row.high, language, 2), language)
    level = phrases.named("report_calibration.level", row.level)
    name = phrases.named("report_calibration.coefficient", row.coefficient)
    if row.level != OF_LESIONS:  # whose name says it already
        name = f"{name} ({level})"
    return finding_title(record, row.finding, language), name, value, limits, phrases.method(row.method)


def _value_name(finding: str, value: str, findings: Sequence[str], phrases: Phrases) -> str:
    is_grade = value.isdecimal()
    name = phrases("report_frame.grade", grade=value) if is_grade else phrases.named("report.reference", value)
    return f"{finding}{phrases('report.colon')}{name}" if len(findings) > 1 else name


@hookimpl
def register_report_sections() -> list[type[Any]]:
    """The reference set and its reference standard."""
    return [ReferenceSetSection, ReferenceStandardSection]
