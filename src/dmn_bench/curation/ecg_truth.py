"""From the statements of one ECG report to what is true of each finding of a card: nothing is taken for granted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..errors import Problem, ReferenceSetError
from ..inputs import ecg_statements
from ..vocabulary import EcgReport, EcgStatement, Label, ReferenceValue

NARROWER: Mapping[str, tuple[str, ...]] = {
    "atrial_fibrillation_or_flutter": ("atrial_fibrillation", "atrial_flutter"),
    "av_block": ("first_degree_av_block", "second_degree_av_block", "third_degree_av_block"),
    "second_degree_av_block": ("second_degree_av_block_mobitz_1", "second_degree_av_block_mobitz_2"),
    "bundle_branch_block": ("left_bundle_branch_block", "right_bundle_branch_block"),
    "premature_complexes": (
        "premature_atrial_complex",
        "premature_junctional_complex",
        "premature_ventricular_complex",
    ),
    "premature_ventricular_complex": ("paired_premature_ventricular_complexes",),
    "ventricular_hypertrophy": ("left_ventricular_hypertrophy", "right_ventricular_hypertrophy"),
    "preexcitation": ("wolff_parkinson_white",),
    "supraventricular_tachycardia": (
        "atrial_tachycardia",
        "av_nodal_reentrant_tachycardia",
        "av_reentrant_tachycardia",
        "junctional_tachycardia",
        "paroxysmal_supraventricular_tachycardia",
    ),
    "myocardial_infarction": (
        "acute_myocardial_infarction",
        "anterior_myocardial_infarction",
        "anterolateral_myocardial_infarction",
        "anteroseptal_myocardial_infarction",
        "extensive_anterior_myocardial_infarction",
        "inferior_myocardial_infarction",
        "inferolateral_myocardial_infarction",
        "inferoposterior_myocardial_infarction",
        "inferoposterolateral_myocardial_infarction",
        "lateral_myocardial_infarction",
        "old_myocardial_infarction",
        "posterior_myocardial_infarction",
        "septal_myocardial_infarction",
    ),
}
"""A wide finding and the narrower ones that are cases of it by their very names.

A narrower one that is stated makes the wide one true; a wide one that is stated leaves open which narrower one it is.
"""

LEAVES_OPEN: Mapping[str, tuple[str, ...]] = {"normal_ecg": ("sinus_rhythm",)}
"""A statement, and what it implies without saying it: reports of a normal ECG rarely name its rhythm."""

Unmentioned = Literal["negative", "unverified"]
NO_REPORT, NOT_CONFIRMED = "no report", "report not confirmed"
CONFIRMED, ACCEPTED = "confirmed report", "report accepted without confirmation"
NOT_MENTIONED, NOT_MAPPED = "not mentioned in the report", "report holds a statement that is not mapped"
LESS_PRECISE = "stated less precisely"
"""What truth.csv gives as evidence; collections of ECGs with labels have their own in place of CONFIRMED."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """What statements say of findings, and the statements whose meaning nobody has told.

    ``is_open``: whether one of these is free text, which may say anything.
    """

    labels: Mapping[str, Label] = field(default_factory=dict)
    unmapped: tuple[EcgStatement, ...] = ()
    is_open: bool = False


@dataclass(frozen=True, kw_only=True)
class Meanings:
    """What statements mean: the product's table, and before it what the keeper of the set has written of texts."""

    own: Mapping[str, tuple[tuple[str, Label], ...]] = field(default_factory=dict)  # text as ``plain`` -> findings

    def heard(self, statements: Sequence[EcgStatement]) -> Heard:
        """All statements of one report together, in their order: of two labels of a finding the certain one counts.

        What one statement states and another denies is doubtful. A statement with a word that nobody knows is listed,
        whatever else it says.
        """
        labels: dict[str, Label] = {}
        denied: set[str] = set()
        unmapped: list[EcgStatement] = []
        for statement, understood in zip(statements, ecg_statements.all_understood(statements), strict=True):
            found = self._own(statement)
            if found is None:
                found = understood.findings
                denied.update(understood.denied)
                is_denial = bool(understood.denied) and not found
                if not understood.is_whole or is_denial or _is_nothing(statement):
                    unmapped.append(statement)
            for name, label in found:
                if labels.get(name) != "positive":
                    labels[name] = label
        labels.update(dict.fromkeys(labels.keys() & denied, "indeterminate"))
        return Heard(labels=labels, unmapped=tuple(unmapped), is_open=any(map(_may_be_anything, unmapped)))

    def _own(self, statement: EcgStatement) -> tuple[tuple[str, Label], ...] | None:
        found = self.own.get(plain(statement.text)) if statement.text else None
        if found is None and statement.code:
            found = self.own.get(plain(f"{statement.scheme} {statement.code}"))
        return found


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which findings of the card are looked for in statements, and what each of them consists of."""

    names: Mapping[str, tuple[str, ...]]  # finding of the card -> findings of the table that make it positive

    @classmethod
    def of(cls, asked: Sequence[str]) -> Wanted:
        """The findings of the card that the table knows, by name or as a group of it."""
        known, found = set(ecg_statements.all_names()), {}
        for name in asked:
            if name in known:
                found[name] = (name, *_below(name))
            elif members := ecg_statements.members(name):
                found[name] = (name, *members)  # the keeper's own texts may name the group itself
        return cls(names=found)

    def labels(self, heard: Heard) -> dict[str, Label | Literal["open", ""]]:
        """Of each finding: what is stated, ``open`` where something wider is, "" where nothing is."""
        found: dict[str, Label | Literal["open", ""]] = {}
        for name, parts in self.names.items():
            said = {heard.labels[part] for part in parts if part in heard.labels}
            wider = {each for part in parts for each in _above(part)} & heard.labels.keys()
            if "positive" in said:
                found[name] = "positive"
            elif said:
                found[name] = "indeterminate"
            else:
                found[name] = "open" if wider else ""
        return found


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What the keeper vouches for: ``unmentioned`` findings of a confirmed report, and reports nobody has signed."""

    unmentioned: Unmentioned = "unverified"
    accept_unconfirmed: bool = False


def confirmed_statements(report: EcgReport, policy: Policy) -> tuple[tuple[EcgStatement, ...], str]:
    """The statements that count as truth, and what they rest on; () where none does."""
    signed = tuple(each for each in report.statements if each.source == "confirmed")
    if report.is_confirmed is not False and signed:
        return signed, CONFIRMED
    others = tuple(each for each in report.statements if each.source != "machine")
    if report.is_confirmed and others:
        return others, CONFIRMED
    if not report.statements:
        return (), NO_REPORT
    if policy.accept_unconfirmed:
        return signed or others or report.statements, ACCEPTED
    return (), NOT_CONFIRMED


def machine_statements(report: EcgReport) -> tuple[EcgStatement, ...]:
    """What the machine itself stated: of a report that nobody has signed, all that nobody else is said to have."""
    own = tuple(each for each in report.statements if each.source == "machine")
    if own or report.is_confirmed is not False:
        return own
    return tuple(each for each in report.statements if each.source == "unknown")


def truth_of(heard: Heard, evidence: str, wanted: Wanted, policy: Policy) -> dict[str, tuple[ReferenceValue, str]]:
    """Value and evidence of every finding wanted.

    A finding that a report does not mention is negative only where the policy says so, and nothing else in the report
    may be that finding: neither a wider one, nor a text that nobody has mapped.
    """
    if evidence in (NO_REPORT, NOT_CONFIRMED):
        return dict.fromkeys(wanted.names, ("unverified", evidence))
    found: dict[str, tuple[ReferenceValue, str]] = {}
    for name, label in wanted.labels(heard).items():
        if label == "open":
            found[name] = ("unverified", LESS_PRECISE)
        elif label:
            found[name] = (label, evidence)
        elif heard.is_open:
            found[name] = ("unverified", NOT_MAPPED)
        else:
            found[name] = (policy.unmentioned, NOT_MENTIONED)
    return found


def same_statements(one: Iterable[EcgStatement], other: Iterable[EcgStatement]) -> bool:
    """Whether two lists say the same, word for word but for case and spaces."""
    return [_said(each) for each in one] == [_said(each) for each in other]


def refuse_unknown(asked: Iterable[str], known: Sequence[str]) -> None:
    """Raise ReferenceSetError for a finding that the card does not have."""
    unknown = [name for name in asked if name not in known]
    if unknown:
        facts = {"found": ", ".join(unknown), "known": ", ".join(known)}
        raise ReferenceSetError(Problem(key="ecg_import.finding_unknown", where="--finding", facts=facts))


def plain(text: str) -> str:
    """A statement's text as it is compared: one case, single spaces, no stop at its end.

    >>> plain("  Atrial   Fibrillation. ")
    'atrial fibrillation'
    """
    return " ".join(text.casefold().split()).rstrip(".")


def _said(statement: EcgStatement) -> tuple[str, str]:
    return statement.code, plain(statement.text)


def _is_nothing(statement: EcgStatement) -> bool:
    """A code that the table lacks, with no text to read."""
    return not ecg_statements.code_names(statement.scheme, statement.code) and not statement.text.strip()


def _may_be_anything(statement: EcgStatement) -> bool:
    """Free text may say anything; a code of a scheme that the table holds is some other finding."""
    return bool(statement.text.strip()) or statement.scheme not in ecg_statements.SCHEMES


def _below(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for part in NARROWER.get(name, ()) for each in (part, *_below(part))))


def _above(name: str) -> set[str]:
    direct = {wide for table in (NARROWER, LEAVES_OPEN) for wide, parts in table.items() if name in parts}
    return direct | {each for wide in direct for each in _above(wide)}
