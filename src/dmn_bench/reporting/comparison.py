"""The comparison document: the claims of the protocol about two candidates each, for the buyer alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from ..errors import Problem, ProtocolError, collect
from ..files import write_atomically
from ..record import ComparisonRow, Record
from ..vocabulary import Block, Facts, Grid, Heading, Language, Paragraph
from ..wordings import numbers, words
from .declared import product_name, the_candidate
from .html import Page, render_html
from .phrases import FINEST_DECIMALS, RELATIVE, Phrases, scale_of
from .sections.cover import banners, protocol_date, set_title, transcribed

Tone = Literal["met", "not_met", "inconclusive", "normal"]
IN_POINTS = ("share", RELATIVE)  # scales in per cent
DECIMALS = 3  # of areas and other figures that are no share


def write_comparisons(
    record: Record,
    run_dir: Path,
    *,
    languages: Sequence[Language],
    masked: bool = False,
    replies: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write ``comparison.<language>.html`` into ``run_dir`` for each language; the paths written, () without claims.

    Holds what a candidate's own report never does: two candidates beside each other. ``masked``: candidates are called
    A, B … in the order of the protocol, nothing tells who they are, and the file is ``comparison-masked.…``.
    ``replies``: what a manufacturer answers to the results, by candidate, printed unedited.
    Raises ProtocolError for a reply of a candidate that the record does not hold; MachineError if a file cannot be
    written.
    """
    known = [part.id for part in record.candidates]
    facts = {"known": ", ".join(known)}
    unknown = [name for name in replies or {} if name not in known]
    collect(
        [Problem(key="report.unknown_candidate", facts={"found": name, **facts}) for name in unknown], ProtocolError
    )
    if not record.results.comparisons:
        return []
    written = []
    for language in languages:
        path = run_dir / f"comparison{'-masked' if masked else ''}.{language}.html"
        write_atomically(path, render_comparison(record, language, masked=masked, replies=replies))
        written.append(path)
    return written


def render_comparison(
    record: Record, language: Language, *, masked: bool = False, replies: Mapping[str, str] | None = None
) -> str:
    """The comparison document as HTML text; the same record gives the same text, byte for byte."""
    phrases = Phrases(language)
    names = _names(record, phrases, masked=masked)
    run = {"run": record.run_id, "protocol": record.protocol.id, "sha256": record.results_sha256}
    refset = f"{record.reference_set.id} {record.reference_set.version}"
    sections: list[tuple[str, Sequence[Block]]] = [
        ("claims", _claims(record, names, phrases)),
        ("conditions", _conditions(record, names, phrases, masked=masked)),
        ("reading", _reading(phrases)),
    ]
    if not masked:
        sections.append(("replies", _replies(record, names, replies or {}, phrases)))
    page = Page(
        language=language,
        title=phrases("compare.title"),
        subtitle=set_title(record.reference_set.card, language) or record.reference_set.id,
        contents_title=phrases("report_frame.contents"),
        footer=phrases("report_frame.footer", set=refset, **run),
        front=_front(record, names, phrases, masked=masked),
        sections=sections,
    )
    return render_html(page)


def _names(record: Record, phrases: Phrases, *, masked: bool) -> dict[str, str]:
    """What each candidate is called in the document."""
    letters = {part.id: chr(ord("A") + index) for index, part in enumerate(record.candidates)}
    if masked:
        return {name: phrases("compare.masked_name", letter=letter) for name, letter in letters.items()}
    return {name: name for name in letters}


def _front(record: Record, names: Mapping[str, str], phrases: Phrases, *, masked: bool) -> list[Block]:
    found: list[Block] = [Paragraph(text=phrases("compare.buyer_only"), tone="warning")]
    if masked:
        found.append(Paragraph(text=phrases("compare.masked"), tone="note"))
    if record.reference_set.card.get("public") is True:
        status = phrases("report_frame.status_public")
        found.append(Paragraph(text=phrases("report_frame.status", status=status), tone="note"))
    found.append(Paragraph(text=phrases("report_frame.fixed_not_a_certification")))
    found += banners(record, phrases)
    for part in record.candidates:
        name = names[part.id]
        texts = [f"{name}{phrases('report.colon')}{said.text}" for said in transcribed(part, phrases)]
        found += [Paragraph(text=text, tone="warning") for text in texts]
    refset = record.reference_set
    items = (
        ("set", f"{set_title(refset.card, phrases.language)}\n{refset.id} {refset.version}".strip()),
        ("protocol", f"{record.protocol.id}\n{protocol_date(record, phrases)}"),
        ("run", f"{record.run_id}\n{numbers.moment(record.observed.started, phrases.language)}"),
        ("report_hash", record.results_sha256),
    )
    return [*found, Facts(items=tuple((phrases(f"report_frame.cover_{name}"), value) for name, value in items))]


# -------------------------------------------------------------------------------------------------------- claims


def _claims(record: Record, names: Mapping[str, str], phrases: Phrases) -> list[Block]:
    rows = record.results.comparisons
    decided = [row for row in rows if row.verdict is not None]
    blocks: list[Block] = [
        Heading(text=phrases("compare.claims_title"), anchor="claims"),
        Paragraph(text=phrases("compare.claims_intro")),
    ]
    for row in decided:
        blocks.append(Paragraph(text=sentence(row, names, phrases), tone=_tone(row)))
    blocks.append(_table(decided, names, phrases, caption=phrases("compare.primary_table")))
    beside = [row for row in rows if row.verdict is None]
    if beside:
        blocks.append(Paragraph(text=phrases("compare.beside_intro")))
        blocks.append(_table(beside, names, phrases, caption=phrases("compare.beside_table")))
    blocks += _overall_tests(decided, names, phrases)
    if (record.protocol.content.get("statistics") or {}).get("multiplicity") == "holm" and len(decided) > 1:
        blocks.append(Paragraph(text=phrases("compare.holm", n=len(decided)), tone="note"))
    return blocks


def _tone(row: ComparisonRow) -> Tone:
    if row.verdict == "shown":
        # A difference is nobody's success: only a claim that names a side is marked as met.
        return "normal" if row.claim == "difference" else "met"
    return "not_met" if row.reason == "interval_below" else "normal" if row.claim == "difference" else "inconclusive"


def sentence(row: ComparisonRow, names: Mapping[str, str], phrases: Phrases) -> str:
    """A claim with its verdict, the difference and its interval, and why.

    *Non-inferior* and *superior* are said only where the verdict shows them; a difference that is not shown is never
    called equivalence.
    """
    claim = phrases(
        f"compare.claim_{_plain(row.claim)}",
        measure=phrases.metric(row.metric, row.parameters),
        endpoint=row.endpoint,
        candidate=names[row.candidate],
        against=names[row.against],
        margin=_margin(row, phrases),
    )
    if row.difference is None:
        reason = phrases.reason(row.not_estimable or "", {"n": row.own_n, **row.not_estimable_facts})
        return f"{claim}\n{phrases('compare.inconclusive_without', reason=reason)}"
    verdict = phrases(f"compare.{_plain(row.claim)}_{row.verdict}", delta=_delta(row, phrases))
    if row.reason == "p_above":
        p = row.p if row.p_holm is None else row.p_holm
        verdict += " " + phrases("compare.because_p", p=numbers.p_value(1.0 if p is None else p, phrases.language))
    return f"{claim}\n{verdict}"


def _delta(row: ComparisonRow, phrases: Phrases) -> str:
    return phrases(
        "compare.delta",
        difference=_difference(row.difference or 0.0, scale_of(row), phrases),
        level=phrases.confidence(row.confidence),
        interval=_interval(row, phrases),
    )


def _difference(value: float, scale: str, phrases: Phrases) -> str:
    if scale in IN_POINTS:
        return phrases("compare.points", value=numbers.number(value * 100, phrases.language, 1), n=value * 100)
    return numbers.number(value, phrases.language, DECIMALS)


def _margin(row: ComparisonRow, phrases: Phrases) -> str:
    """The margin with as many decimals as it was given."""
    margin = row.margin or 0.0
    if scale_of(row) in IN_POINTS:
        percent = round(margin * 100, DECIMALS)
        return phrases("compare.points", value=numbers.plain(percent, phrases.language), n=percent)
    return numbers.plain(margin, phrases.language)


def _interval(row: ComparisonRow, phrases: Phrases) -> str:
    if row.low is None or row.high is None:
        return "–"
    factor, least = (100, 1) if scale_of(row) in IN_POINTS else (1, DECIMALS)
    decisive = (row.margin or 0.0) * (-1 if row.better == "higher" else 1)
    low, high = (
        numbers.number(limit * factor, phrases.language, _decimals_apart(limit * factor, decisive * factor, least))
        for limit in (row.low, row.high)
    )
    return numbers.between(low, high, phrases.language)


def _decimals_apart(limit: float, decisive: float, least: int) -> int:
    """As many decimals as keep a limit from looking like the margin (or the 0) that it is read against."""
    decimals = least
    while decimals < FINEST_DECIMALS and limit != decisive and round(limit, decimals) == round(decisive, decimals):
        decimals += 1
    return decimals


def _table(rows: Sequence[ComparisonRow], names: Mapping[str, str], phrases: Phrases, *, caption: str) -> Grid:
    columns = ("measure", "pair", "n", "values", "discordant", "difference", "interval", "method", "p", "p_holm")
    return Grid(
        header=tuple(phrases(f"compare.column_{name}") for name in columns),
        rows=tuple(_cells(row, names, phrases) for row in rows),
        caption=caption,
        numeric=(False, False, True, True, True, True, True, False, True, True),
    )


def _cells(row: ComparisonRow, names: Mapping[str, str], phrases: Phrases) -> tuple[str, ...]:
    measure = f"{phrases.metric(row.metric, row.parameters)}\n{row.endpoint}"
    pair = phrases("compare.pair", candidate=names[row.candidate], against=names[row.against])
    n = phrases("compare.n", n=phrases.whole(row.n_units), patients=phrases.whole(row.n_patients))
    if row.n_left_out:
        n += "\n" + phrases("compare.left_out", n=phrases.whole(row.n_left_out))
    if row.value_a is None or row.value_b is None or row.difference is None:
        reason = phrases.reason(row.not_estimable or "", {"n": row.own_n, **row.not_estimable_facts})
        return (measure, pair, n, reason, *("–",) * 6)
    discordant = "–"
    if row.only_candidate is not None and row.only_against is not None:
        discordant = f"{phrases.whole(row.only_candidate)} / {phrases.whole(row.only_against)}"
    level = phrases.confidence(row.confidence)
    return (
        measure,
        pair,
        n,
        f"{_value(row.value_a, row, phrases)}\n{_value(row.value_b, row, phrases)}",
        discordant,
        _difference(row.difference, scale_of(row), phrases),
        f"{_interval(row, phrases)}\n({level})",
        _named("method", row.method, phrases) + (f"\n{_named('test', row.test, phrases)}" if row.test else ""),
        "–" if row.p is None else numbers.p_value(row.p, phrases.language),
        "–" if row.p_holm is None else numbers.p_value(row.p_holm, phrases.language),
    )


def _value(value: float, row: ComparisonRow, phrases: Phrases) -> str:
    if scale_of(row) in IN_POINTS:
        return phrases.value(value, scale_of(row), row.own_n)
    return numbers.number(value, phrases.language, DECIMALS)


def _named(kind: str, name: str | None, phrases: Phrases) -> str:
    """A method as it is cited: our own words, else those of the report."""
    found = words("compare", phrases.language).get(f"compare.{kind}.{name}")
    return found if found is not None else phrases.method(name)


def _plain(claim: str) -> str:
    return claim.replace("-", "_")


def _overall_tests(rows: Sequence[ComparisonRow], names: Mapping[str, str], phrases: Phrases) -> list[Block]:
    blocks: list[Block] = []
    said = set()
    for row in rows:
        test = row.overall
        key = (row.endpoint, row.metric, repr(row.parameters), row.against)
        if test is None or key in said:
            continue
        said.add(key)
        text = phrases(
            "compare.overall",
            measure=phrases.metric(row.metric, row.parameters),
            endpoint=row.endpoint,
            candidates=", ".join(names[name] for name in test.candidates),
            n=phrases.whole(test.n_units),
            method=_named("test", test.method, phrases),
            p=numbers.p_value(test.p, phrases.language),
        )
        blocks.append(Paragraph(text=text))
    return blocks


# ------------------------------------------------------------------------------- conditions, reading, replies


def _conditions(record: Record, names: Mapping[str, str], phrases: Phrases, *, masked: bool) -> list[Block]:
    observed = record.observed
    window = phrases(
        "compare.window",
        started=numbers.moment(observed.started, phrases.language),
        finished=numbers.moment(observed.finished, phrases.language),
    )
    blocks: list[Block] = [
        Heading(text=phrases("compare.conditions_title"), anchor="conditions"),
        Paragraph(text=phrases("compare.conditions")),
        Paragraph(text=window),
    ]
    if masked:
        return blocks
    header = ("candidate", "product", "role", "adapter", "hash")
    rows = tuple(
        (names[part.id], product_name(the_candidate(record, part.id), part.id), part.role, part.adapter, part.sha256)
        for part in record.candidates
    )
    return [*blocks, Grid(header=tuple(phrases(f"compare.column_{name}") for name in header), rows=rows)]


def _reading(phrases: Phrases) -> list[Block]:
    return [
        Heading(text=phrases("compare.reading_title"), anchor="reading"),
        *(Paragraph(text=phrases(f"compare.reading_{part}")) for part in ("claims", "pairs", "answers", "benefit")),
    ]


def _replies(record: Record, names: Mapping[str, str], replies: Mapping[str, str], phrases: Phrases) -> list[Block]:
    blocks: list[Block] = [
        Heading(text=phrases("compare.replies_title"), anchor="replies"),
        Paragraph(text=phrases("compare.replies_intro")),
    ]
    for part in record.candidates:
        blocks.append(Heading(text=names[part.id], level=3))
        blocks.append(Paragraph(text=replies.get(part.id) or phrases("compare.no_reply")))
    return blocks
