"""R17 and R18: limits, each with the fact of the record that triggers it; what the report does not say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from ...hookspecs import hookimpl
from ...record import FlowRow, Record
from ...vocabulary import Block, Grid, Heading, Paragraph
from ..declared import declaration, the_candidate
from ..phrases import Phrases, as_language, phrases_of
from ..select import first_of_question, primary_analysis
from ..view import typed
from .device import TRAINING_DATA

DISCLAIMERS = ("certification", "has", "ce", "benefit", "prediction", "ranking")


class Limits:
    """Limits and risks of bias, by domain."""

    name: ClassVar[str] = "limits"
    order: ClassVar[int] = 170

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """One line for each limit that a fact of the record triggers."""
        full = typed(record)
        phrases = phrases_of(full, language)
        rows = [
            (domain, key, facts)
            for domain, key, find in _LIMITS
            if (facts := find(full, candidate, phrases)) is not None
        ]
        lines = tuple(
            (
                phrases(f"report_closing.domain_{domain}"),
                phrases(f"report_closing.limit_{key}"),
                phrases(f"report_closing.fact_{key}", **facts),
            )
            for domain, key, facts in rows
        )
        header = tuple(phrases(f"report_closing.limits_{key}") for key in ("domain", "limit", "fact"))
        return [
            Heading(text=phrases("report_closing.limits_title"), anchor="limits"),
            Paragraph(text=phrases("report_closing.limits_intro")),
            Grid(header=header, rows=lines, caption=phrases("report_closing.limits_table")),
        ]


class NotSaid:
    """Fixed text: what no one may read into the report."""

    name: ClassVar[str] = "not_said"
    order: ClassVar[int] = 180

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """The same sentences in every report."""
        phrases = Phrases(as_language(language))
        return [
            Heading(text=phrases("report_closing.not_said_title"), anchor="not-said"),
            *(Paragraph(text=phrases(f"report_closing.fixed_{key}")) for key in DISCLAIMERS),
        ]


Facts = dict[str, Any]


def _sampling(record: Record, candidate: str, phrases: Phrases) -> Facts | None:
    sampling = str(record.reference_set.card.get("sampling") or "")
    if sampling in ("consecutive", "random"):
        return None
    return {
        "sampling": phrases.named("report_frame.sampling", sampling) if sampling else phrases("report.not_recorded")
    }


def _small(record: Record, candidate: str, phrases: Phrases) -> Facts | None:
    analysis = primary_analysis(record)
    cut = [row for row in record.results.estimates if row.stratum and row.analysis == analysis]
    weak = [row for row in cut if row.value is None or row.imprecise]
    return {"weak": phrases.whole(len(weak)), "total": phrases.whole(len(cut))} if weak else None


def _missing_levels(record: Record, candidate: str, phrases: Phrases) -> Facts | None:
    rows = [row for row in record.reference_set.composition if row.level == "not recorded" and row.n_cases]
    listed = ", ".join(f"{phrases.field(row.field)} ({phrases.whole(row.n_cases)})" for row in rows)
    return {"listed": listed} if rows else None


def _readers(record: Record, candidate: str, phrases: Phrases) -> Facts | None:
    readers = (record.reference_set.card.get("reference_standard") or {}).get("readers")
    if readers is not None and readers >= 2:
        return None
    return {"readers": phrases("report.not_recorded") if readers is None else phrases.whole(readers)}


def _blinding(record: Record, candidate: str, phrases: Phrases) -> Facts | None:
    blinded = (record.reference_set.card.get("reference_standard") or {}).get("blinded_to_device")
    if blinded is True:
        return None
    return {"blinded": phrases("report.not_recorded" if blinded is None else "report.no")}


def _incorporation(record: Record, candidate: str, phrases: Phrases) -> Facts | None:
    found = (record.reference_set.card.get("reference_standard") or {}).get("incorporates")
    if not found:
        return None
    return {"unchanged": phrases.whole(found[0]["unchanged"]), "records": phrases.whole(found[0]["records"])}


def _unverified(record: Record, candidate: str, phrases: Phrases) -> Facts | None:
    weak = ("indeterminate", "unverified", "missing")
    n = sum(row.included for row in _flow(record) if row.reference in weak)
    return {"n": phrases.whole(n), "number": n} if n else None


def _flow(record: Record) -> list[FlowRow]:
    """The flow of every question once: endpoints that differ by their cut alone are about the same answers."""
    return [row for row in record.results.flow if first_of_question(record, row.endpoint) == row.endpoint]


def _public(record: Record, candidate: str, phrases: Phrases) -> Facts | None:
    return {} if record.reference_set.card.get("public") is True else None


def _leakage(record: Record, candidate: str, phrases: Phrases) -> Facts | None:
    part = the_candidate(record, candidate)
    device = part.device if part is not None else {}
    silent = [name for name in TRAINING_DATA if not declaration(device, "training_data", name).value]
    return {"silent": phrases.whole(len(silent)), "asked": phrases.whole(len(TRAINING_DATA))} if silent else None


def _looks(record: Record, candidate: str, phrases: Phrases) -> Facts | None:
    looks = record.observed.look_number
    return {"n": phrases.whole(looks)} if looks is not None and looks > 1 else None


def _lock(record: Record, candidate: str, phrases: Phrases) -> Facts | None:
    if record.protocol.locked_before_answers:
        return None
    return {
        "state": phrases(
            "report_frame.never_locked" if record.protocol.locked_at is None else "report_closing.late_lock"
        )
    }


def _non_answers(record: Record, candidate: str, phrases: Phrases) -> Facts | None:
    sent = sum(row.sent - row.unreadable for row in _flow(record))
    lost = sent - sum(row.answered for row in _flow(record))
    return {"n": phrases.whole(lost), "sent": phrases.whole(sent)} if lost else None


def _site_losses(record: Record, candidate: str, phrases: Phrases) -> Facts | None:
    not_sent = sum(row.not_sent for row in _flow(record))
    unreadable = sum(row.unreadable for row in _flow(record))
    if not not_sent + unreadable:
        return None
    return {"not_sent": phrases.whole(not_sent), "unreadable": phrases.whole(unreadable)}


def _patients(record: Record, candidate: str, phrases: Phrases) -> Facts | None:
    return None if record.reference_set.patients_known else {}


def _always(record: Record, candidate: str, phrases: Phrases) -> Facts | None:
    return {"set": f"{record.reference_set.id} {record.reference_set.version}"}


_LIMITS: tuple[tuple[str, str, Callable[[Record, str, Phrases], Facts | None]], ...] = (
    ("patients", "sampling", _sampling),
    ("patients", "small_strata", _small),
    ("patients", "missing_levels", _missing_levels),
    ("patients", "patients_unknown", _patients),
    ("index_test", "protocol_lock", _lock),
    ("index_test", "looks", _looks),
    ("reference", "readers", _readers),
    ("reference", "blinding", _blinding),
    ("reference", "incorporation", _incorporation),
    ("reference", "unverified", _unverified),
    ("flow", "non_answers", _non_answers),
    ("flow", "site_losses", _site_losses),
    ("leakage", "public_set", _public),
    ("leakage", "undeclared_training", _leakage),
    ("domain_shift", "one_set", _always),
)


@hookimpl
def register_report_sections() -> list[type[Any]]:
    """Limits, and what the report does not say."""
    return [Limits, NotSaid]
