"""R0: what was tested, where, when, on which set; the status; what this document is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ...hookspecs import hookimpl
from ...record import CandidatePart, Record
from ...vocabulary import Block, Facts, Language, Paragraph
from ...wordings import numbers, words
from ..declared import declaration, product_name, the_candidate
from ..phrases import Phrases, as_language
from ..view import typed


class Cover:
    """The cover: no heading of its own, it stands above the table of contents."""

    name: ClassVar[str] = "cover"
    order: ClassVar[int] = 0

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """Status, fixed warning, banners, and the facts that identify the run."""
        phrases = Phrases(as_language(language))
        full = typed(record)
        return [
            Paragraph(text=phrases("report_frame.status", status=phrases(status_key(full, candidate))), tone="note"),
            Paragraph(text=phrases("report_frame.fixed_not_a_certification")),
            *banners(full, phrases),
            *transcribed(the_candidate(full, candidate), phrases),
            Facts(items=_identity(full, candidate, phrases)),
            Facts(items=_signatures(phrases)),
        ]


def status_key(record: Record, candidate: str) -> str:
    """The wording key of the one status that the facts of the record allow."""
    part = the_candidate(record, candidate)
    device = part.device if part is not None else {}
    if record.reference_set.card.get("public") is True:
        return "report_frame.status_public"
    if not any(declaration(device, "identity", name).value for name in ("ce_class", "certificate", "legal_basis")):
        return "report_frame.status_no_ce"
    return "report_frame.status_local"


def banners(record: Record, phrases: Phrases) -> list[Paragraph]:
    """What a reader must see first: when the protocol was fixed, then the facts that the run found."""
    protocol = record.protocol
    of_lock = [] if protocol.locked_before_answers else ["not_locked"]
    of_lock += ["amended"] if protocol.amendments else []
    found = [Paragraph(text=banner(key, phrases), tone="warning") for key in (*of_lock, *record.results.banners)]
    return [*found, *incorporation(record.reference_set.card, phrases)]


def incorporation(card: Mapping[str, Any], phrases: Phrases) -> list[Paragraph]:
    """That the truth was edited from what a machine had put out, with the share that was confirmed as it was."""
    paragraphs = []
    for found in (card.get("reference_standard") or {}).get("incorporates") or ():
        records, unchanged = int(found["records"]), int(found["unchanged"])
        share = numbers.percent(unchanged / records, phrases.language, 1)
        facts = {"records": phrases.whole(records), "n": records, "unchanged": phrases.whole(unchanged), "share": share}
        text = phrases(f"ecg_import.incorporates_{found['what']}", **facts)
        paragraphs.append(Paragraph(text=text, tone="warning"))
    return paragraphs


def transcribed(part: CandidatePart | None, phrases: Phrases) -> list[Paragraph]:
    """That the results of a candidate were typed by hand from pictures, by how many, and how far they agreed."""
    if part is None or part.transcribed is None:
        return []
    said = part.transcribed
    facts = {"typists": said["typists"], "rows": phrases.whole(said["rows"])}
    if said.get("alike") is None:
        return [Paragraph(text=phrases("answers.banner_one", **facts), tone="warning")]
    share = numbers.percent(said["alike"] / max(said["rows"], 1), phrases.language, 1)
    facts |= {"alike": phrases.whole(said["alike"]), "share": share}
    facts["kappa"] = "—" if said.get("kappa") is None else numbers.number(said["kappa"], phrases.language, 3)
    return [Paragraph(text=phrases("answers.banner", **facts), tone="warning")]


def banner(key: str, phrases: Phrases) -> str:
    """The sentence of a banner of the record; that of an extension is shown as its key."""
    return words("report_frame", phrases.language).get(f"report_frame.banner.{key}", f"[{key}]")


def set_title(card: Mapping[str, Any], language: Language) -> str:
    """The title of the set in the language, in another one where it has no other, else ""."""
    title = card.get("title")
    if isinstance(title, Mapping):
        return str(title.get(language) or next(iter(title.values()), ""))
    return str(title or "")


def protocol_date(record: Record, phrases: Phrases) -> str:
    """When the protocol was locked, and whether that was before any answer existed."""
    protocol = record.protocol
    if protocol.locked_at is None:
        return phrases("report_frame.never_locked")
    date = numbers.moment(protocol.locked_at, phrases.language)
    key = "locked_before" if protocol.locked_before_answers else "locked_after"
    return phrases(f"report_frame.{key}", date=date)


def _identity(record: Record, candidate: str, phrases: Phrases) -> tuple[tuple[str, str], ...]:
    part = the_candidate(record, candidate)
    device = part.device if part is not None else {}
    missing = phrases("report.not_declared")
    refset = record.reference_set
    title = set_title(refset.card, phrases.language)
    items = (
        ("product", product_name(part, candidate)),
        ("manufacturer", declaration(device, "identity", "manufacturer").value or missing),
        ("candidate", candidate),
        ("set", f"{title}\n{refset.id} {refset.version}".strip()),
        ("set_hash", refset.sha256),
        ("protocol", f"{record.protocol.id}\n{protocol_date(record, phrases)}"),
        ("protocol_hash", record.protocol.sha256),
        ("run", f"{record.run_id}\n{numbers.moment(record.observed.started, phrases.language)}"),
        ("operator", record.observed.operator or phrases("report.not_recorded")),
        ("level", phrases("report_frame.efficacy_level")),
        ("limits", phrases("report_frame.one_line_limits")),
        ("report_hash", record.results_sha256),
    )
    return tuple((phrases(f"report_frame.cover_{name}"), value) for name, value in items)


def _signatures(phrases: Phrases) -> tuple[tuple[str, str], ...]:
    blank = phrases("report_frame.signature_blank")
    return tuple((phrases(f"report_frame.signature_{who}"), blank) for who in ("clinician", "buyer"))


@hookimpl
def register_report_sections() -> list[type[Cover]]:
    """The cover."""
    return [Cover]
