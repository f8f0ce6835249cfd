"""A reference set with the reference that another rule makes of the same readings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .adjudicated_lesions import stated_lesions
from .consensus import ADJUDICATED_READERS, ConsensusRule
from .consensus_lesions import agreed_lesions
from .consensus_values import NOT_READ, agreed_value
from .lesions_table import with_measured_levels
from .rows import LesionRow, TruthRow

if TYPE_CHECKING:
    from . import ReferenceSet

BY_READERS = "readers"
"""The evidence of a value that was made of readings."""


def under_rule(reference_set: ReferenceSet, rule: ConsensusRule, *, without: str | None = None) -> ReferenceSet:
    """The same set with truth and lesions by ``rule``, and with ``rule`` in its card, by which masks are made.

    ``without``: a reader who is left out of everything, to be compared with the others; then the others' agreement is
    computed even where the set states an adjudicated one (by majority), and k readers of all are at most all others.

    A computed rule takes single readings alone: what truth.csv states of a finding that was read is set aside, and a
    case that nobody read has no reference. A finding that is in lesions.csv by single readers and not in readings.csv
    is positive where they agree on a lesion, else negative: who counts as having read a case says ``readers_by_case``.
    A finding that no single reader read keeps what the set states.
    """
    rule = _with_sameness(rule, reference_set.card.reference_standard.consensus)
    if without is not None:
        rule = _of_others(rule, n_others=len(single_readers(reference_set)) - 1)
    card = reference_set.card
    standard = card.reference_standard.model_copy(update={"consensus": rule})
    found = replace(
        reference_set,
        card=card.model_copy(update={"reference_standard": standard}),
        masks=tuple(row for row in reference_set.masks if row.reader != without),
    )
    if not rule.is_computed:
        lesions, lesion_readings = stated_lesions(reference_set.stated_lesions)
        return replace(found, truth=reference_set.stated_truth, lesions=lesions, lesion_readings=lesion_readings)
    rows = [row for row in reference_set.stated_lesions if row.reader not in (*ADJUDICATED_READERS, without)]
    readers = {
        (case, finding): len(names - {without})
        for finding in reference_set.card.finding_names
        for case, names in readers_by_case(reference_set, finding).items()
    }
    drawn = {row.lesion.finding for row in rows}
    stated = [row for row in reference_set.stated_lesions if row.lesion.finding not in drawn]
    agreed = agreed_lesions(rows, rule, readers)
    lesions = (*(replace(row, lesion=with_measured_levels(card, row.lesion)) for row in agreed), *stated)
    return replace(
        found,
        truth=tuple(_truth(reference_set, rule, lesions, readers, without)),
        lesions=lesions,
        lesion_readings=tuple(rows),
    )


def single_readers(reference_set: ReferenceSet) -> tuple[str, ...]:
    """Every single reader of labels, lesions or masks, in order of their names."""
    names = {row.reader_id for row in reference_set.readings}
    names |= {row.reader for row in reference_set.stated_lesions} | {row.reader for row in reference_set.masks}
    return tuple(sorted(names - set(ADJUDICATED_READERS)))


def readers_by_case(reference_set: ReferenceSet, finding: str) -> Mapping[str, frozenset[str]]:
    """case_id -> the single readers who have read it for a finding; {} where nobody did.

    By readings.csv; for a finding that is not in it, every reader of its lesions has read every case but those that
    have an adjudicated lesion alone: whoever found that one, the readers' own word on such a case is not in the set.
    """
    found: dict[str, set[str]] = {}
    for row in reference_set.readings_of[finding]:
        if row.value != NOT_READ and row.reader_id not in ADJUDICATED_READERS:
            found.setdefault(row.case_id, set()).add(row.reader_id)
    if found:
        return {case: frozenset(names) for case, names in found.items()}
    rows = [row for row in reference_set.stated_lesions if row.lesion.finding == finding]
    drew = _readers_of_lesions(rows, finding)
    by_readers = {row.case_id for row in rows if row.reader not in ADJUDICATED_READERS}
    agreed_alone = {row.case_id for row in rows if not row.lesion.ignore} - by_readers
    return {case.case_id: drew for case in reference_set.cases if case.case_id not in agreed_alone} if drew else {}


def _readers_of_lesions(rows: Iterable[LesionRow], finding: str) -> frozenset[str]:
    return frozenset(row.reader for row in rows if row.lesion.finding == finding) - set(ADJUDICATED_READERS)


def _with_sameness(rule: ConsensusRule, of_card: ConsensusRule) -> ConsensusRule:
    """The rule with what the card says of when lesions are the same, where it says nothing itself."""
    names = ("same_within_mm", "same_within_px", "same_from_overlap")
    return rule.model_copy(update={name: getattr(rule, name) or getattr(of_card, name) for name in names})


def _of_others(rule: ConsensusRule, *, n_others: int) -> ConsensusRule:
    if not rule.is_computed:
        return rule.model_copy(update={"rule": "majority"})
    if rule.at_least is not None:
        return rule.model_copy(update={"at_least": max(min(rule.at_least, n_others), 1)})
    return rule


def _truth(
    reference_set: ReferenceSet,
    rule: ConsensusRule,
    lesions: Sequence[LesionRow],
    readers: Mapping[tuple[str, str], int],
    without: str | None,
) -> Iterator[TruthRow]:
    for finding in reference_set.card.findings:
        values = _values_by_case(reference_set, finding.name, without)
        drew = _readers_of_lesions(reference_set.stated_lesions, finding.name)
        if values is None and not drew:
            yield from (row for row in reference_set.stated_truth if row.finding == finding.name)
            continue
        drawn = {row.case_id for row in lesions if row.lesion.finding == finding.name and not row.lesion.ignore}
        for case in reference_set.cases:
            value: str | None
            if values is not None:
                value = agreed_value(values.get(case.case_id, ()), rule, measured=finding.unit is not None)
            elif (rule.votes(n := readers.get((case.case_id, finding.name), 0)) or n + 1) > n:
                value = None  # fewer have read than must agree, or the rule is one of masks
            else:
                value = "positive" if case.case_id in drawn else "negative"
            if value is not None:
                yield _row(case.case_id, finding.name, value)


def _row(case_id: str, finding: str, value: str) -> TruthRow:
    return TruthRow(
        level="case", subject=case_id, finding=finding, value=value, evidence=BY_READERS, read_at="", line=0
    )


def _values_by_case(reference_set: ReferenceSet, finding: str, without: str | None) -> dict[str, list[str]] | None:
    """What single readers said of each case; None for a finding that nobody read."""
    rows = [row for row in reference_set.readings_of[finding] if row.value != NOT_READ]
    rows = [row for row in rows if row.reader_id not in ADJUDICATED_READERS]
    if not rows:
        return None
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.reader_id != without:
            found.setdefault(row.case_id, []).append(row.value)
    return found
