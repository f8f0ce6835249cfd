"""R8: on what machine, under which protections, with which failures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ...hookspecs import hookimpl
from ...record import Record
from ...vocabulary import STATUSES, Block, Facts, Grid, Heading, Paragraph
from ...wordings import numbers
from ..phrases import Phrases, as_language
from ..select import endpoints, flow_rows
from ..view import typed

OF_HOSTS = ("images_sent", "images_sent_here", "host_granted", "host_granted_here")  # before a colon and the host


class Execution:
    """How the device was run."""

    name: ClassVar[str] = "execution"
    order: ClassVar[int] = 80

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """Machine and protections, non-answers by class."""
        phrases = Phrases(as_language(language))
        full = typed(record)
        blocks: list[Block] = [
            Heading(text=phrases("report_frame.execution_title"), anchor="execution"),
            Facts(items=_facts(full, candidate, phrases)),
        ]
        blocks.extend(_failures(full, phrases))
        n_repeated = full.observed.n_repeated.get(candidate, 0)
        if n_repeated:
            text = phrases("report_frame.repeated", n=phrases.whole(n_repeated), number=n_repeated)
            blocks.append(Paragraph(text=text, tone="note"))
        return blocks


def _facts(record: Record, candidate: str, phrases: Phrases) -> tuple[tuple[str, str], ...]:
    observed = record.observed
    missing = phrases("report.not_recorded")
    asked = record.protocol.content.get("execution") or {}
    hosts = asked.get("network") or ()
    machine = "\n".join(
        f"{phrases.named('report_frame.machine', key)}{phrases('report.colon')}{value}"
        for key, value in observed.machine.items()
    )
    return (
        (phrases("report_frame.execution_machine"), machine or missing),
        (phrases("report_frame.execution_isolation"), _isolation(observed.isolation.get(candidate), phrases)),
        (phrases("report_frame.execution_asked"), _asked(asked.get("isolation"), phrases)),
        (phrases("report_frame.execution_network"), ", ".join(map(str, hosts)) or phrases("report_frame.network_none")),
        (phrases("report_frame.execution_limit"), _limit(asked.get("seconds_per_case"), phrases)),
        (phrases("report_frame.execution_threads"), str(asked.get("threads") or missing)),
        (phrases("report_frame.execution_started"), numbers.moment(observed.started, phrases.language)),
        (phrases("report_frame.execution_finished"), numbers.moment(observed.finished, phrases.language)),
        (phrases("report_frame.execution_decoders"), "\n".join(observed.decoders) or missing),
    )


def _isolation(words: Sequence[str] | None, phrases: Phrases) -> str:
    """What was in force, or that no code of the candidate was run."""
    if words is None:
        return phrases("report_frame.isolation_no_code")
    return "\n".join(_protection(word, phrases) for word in words)


def _asked(isolation: object, phrases: Phrases) -> str:
    """The least protection that the protocol asks for."""
    return phrases.named("report_frame.asked", str(isolation)) if isolation else phrases("report.not_recorded")


def _protection(word: str, phrases: Phrases) -> str:
    """One protection; of a host, whether images went to it on this machine or left it."""
    kind, _, host = word.partition(":")
    if host and kind in OF_HOSTS:
        return phrases(f"report_frame.isolation_host.{kind}", host=host)
    return phrases.named("report_frame.isolation", word)


def _limit(seconds: object, phrases: Phrases) -> str:
    if not isinstance(seconds, int | float):
        return phrases("report.not_recorded")
    return f"{numbers.plain(seconds, phrases.language)}\u202fs"


def _failures(record: Record, phrases: Phrases) -> list[Block]:
    names = endpoints(record)
    statuses = STATUSES[1:]
    rows = []
    for endpoint in names:
        same = flow_rows(record, endpoint)
        if same:
            counts = [sum(getattr(row, status) for row in same) for status in statuses]
            rows.append((endpoint, *(phrases.whole(n) for n in counts)))
    if not rows:
        return []
    header = (phrases("report_results.endpoint_column"), *(phrases(f"report.answer.{status}") for status in statuses))
    numeric = (False, *(True for _ in statuses))
    return [Grid(header=header, rows=tuple(rows), caption=phrases("report_results.no_answers"), numeric=numeric)]


@hookimpl
def register_report_sections() -> list[type[Execution]]:
    """How the device was run."""
    return [Execution]
