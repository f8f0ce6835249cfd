"""What the statements of ECG reports mean: codes and wordings of ECG programs, and the findings that we call them.

The table ``ecg_statements.csv`` has one line for each finding: its name, its group, its titles, the codes that mean it
(SCP-ECG, SNOMED CT, AHA, MDC) and the wordings that ECG programs write for it in English and French. Groups: the five
diagnostic classes of PTB-XL (NORM, MI, STTC, CD, HYP), its ``rhythm`` and ``form``, ``overall`` for the verdict on the
whole ECG and ``technical``.

A wording is looked for in the text of a statement after case, accents, punctuation and spaces are taken away, the
longest first. A finding is certain only in a sentence that is understood as a whole (``ecg_language``): beside a word
that nobody has listed it is neither stated nor denied.

References: AHA/ACCF/HRS statements, Mason 2007, Circulation 115:1325; PTB-XL, Wagner 2020, Sci Data 7:154; the SNOMED
CT codes of the PhysioNet challenges, Perez Alday 2020, Physiol Meas 41:124003.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, cast

from .ecg_language import State, TextReading, Wordings, beside, read_text, tokens
from .ecg_words import BREAK, QUESTION, UNKNOWN, phrases

if TYPE_CHECKING:
    from ..vocabulary import EcgStatement, Label, Language

TABLE = "ecg_statements.csv"
SCHEMES = ("SCPECG", "SCT", "AHA", "MDC")
"""Schemes of codes that the table holds; it knows no other scheme's codes, only the text beside them."""

MOST_DIGITS = 3
"""Of a number that may be repeated from a report: a rate has three, a file number more."""

_AHA_DOUBTS = frozenset({"301", "302", "312", "315", "322"})  # borderline, consider, possible, probable, versus
_AHA_SECONDARY = range(200, 300)  # "suggests …" and "consider …", by their very definition


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One line of the table: what we call a finding and how others write it."""

    name: str
    group: str
    titles: Mapping[Language, str]
    codes: Mapping[str, tuple[str, ...]]  # scheme -> codes
    wordings: tuple[str, ...]


@cache
def table() -> Mapping[str, Finding]:
    """Every finding of the table by name, in its order.

    >>> table()["atrial_fibrillation"].codes["SCPECG"], table()["atrial_fibrillation"].group
    (('AFIB',), 'rhythm')
    """
    text = (files(__package__) / TABLE).read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {
        row["finding"]: Finding(
            name=row["finding"],
            group=row["group"],
            titles={"en": row["title_en"], "fr": row["title_fr"]},
            codes={scheme: tuple(filter(None, row[scheme].split("|"))) for scheme in SCHEMES},
            wordings=tuple(filter(None, (*row["wordings_en"].split("|"), *row["wordings_fr"].split("|")))),
        )
        for row in rows
    }


def all_names() -> tuple[str, ...]:
    """The names of all findings, in the order of the table."""
    return tuple(table())


def titles(name: str) -> Mapping[Language, str]:
    """What a finding is called in each language of reports. Raises KeyError for a finding that the table lacks.

    >>> titles("right_bundle_branch_block")["fr"]
    'Bloc de branche droit, complet'
    """
    return table()[name].titles


def group(name: str) -> str:
    """The group of a finding. Raises KeyError for a finding that the table lacks.

    >>> group("left_ventricular_hypertrophy")
    'HYP'
    """
    return table()[name].group


def members(of_group: str) -> tuple[str, ...]:
    """The findings of a group, () for a group that the table lacks.

    >>> members("NORM")
    ('normal_ecg',)
    """
    return tuple(name for name, finding in table().items() if finding.group == of_group)


def statement_names(statement: EcgStatement) -> tuple[str, ...]:
    """The findings that a statement states without a doubt, in the order of its words; () for none.

    >>> from ..vocabulary import EcgStatement
    >>> statement_names(EcgStatement(text="Rythme sinusal avec ESA"))
    ('sinus_rhythm', 'premature_atrial_complex')
    >>> statement_names(EcgStatement(text="No atrial fibrillation")), statement_names(EcgStatement(text="Possible RVH"))
    ((), ())
    >>> statement_names(EcgStatement(text="", code="50", scheme="AHA", modifiers=("346",)))
    ('atrial_fibrillation',)
    """
    return tuple(name for name, label in reading(statement) if label == "positive")


def reading(statement: EcgStatement) -> tuple[tuple[str, Label], ...]:
    """The findings of a statement, each once: ``positive``, or ``indeterminate`` where it is stated with a doubt.

    A code that the table holds decides, unless the text beside it says less; else the text does. () is said of what is
    not mapped, what is negated, and what stands beside words that nobody knows: see ``understood``.

    >>> from ..vocabulary import EcgStatement
    >>> reading(EcgStatement(text="Cannot rule out anterior infarct, age undetermined"))
    (('anterior_myocardial_infarction', 'indeterminate'),)
    """
    return understood(statement).findings


@dataclass(frozen=True, kw_only=True, slots=True)
class Understood:
    """What a statement says: findings with their label, and those that it names without saying so plainly.

    ``unclear``: the finding stands beside unknown words, or a denial or doubt whose reach is not plain.
    ``denied``: plainly not there. ``is_whole``: nothing in it is unknown or unclear.
    """

    findings: tuple[tuple[str, Label], ...] = ()
    unclear: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    is_whole: bool = True


def understood(statement: EcgStatement) -> Understood:
    """What one statement says.

    >>> from ..vocabulary import EcgStatement
    >>> understood(EcgStatement(text="Atrial fibrillation, disproved")).unclear
    ('atrial_fibrillation',)
    """
    return all_understood([statement])[0]


def all_understood(statements: Sequence[EcgStatement]) -> tuple[Understood, ...]:
    """What each statement of one report says; one that is only a cue ("no longer") speaks of those beside it."""
    texts = beside([read_text(statement.text, _wordings()) for statement in statements])
    return tuple(_of_both(statement, text) for statement, text in zip(statements, texts, strict=True))


def is_known_text(text: str) -> bool:
    """Whether a text is made wholly of known words, so that no name can stand in it; numbers have three digits at most.

    >>> is_known_text("No atrial fibrillation"), is_known_text("Seen by Dr Doe"), is_known_text("rate 0612345678")
    (True, False, False)
    """
    longest = max((len(digits) for digits in re.findall(r"\d+", text)), default=0)
    return longest <= MOST_DIGITS and all(word in _vocabulary() or word.isdigit() for word in tokens(text))


def is_known_code(scheme: str, code: str) -> bool:
    """Whether the table holds a code, or it is a number too short for one of a person.

    >>> is_known_code("SCT", "164889003"), is_known_code("MUSE", "22"), is_known_code("", "NOMTEST")
    (True, True, False)
    """
    return bool(code_names(scheme, code)) or re.fullmatch(r"[A-Z]{0,3}\d{1,4}(?:\+\d{1,4})?", code) is not None


def code_names(scheme: str, code: str) -> tuple[str, ...]:
    """The findings that a code means, () where the table does not hold it.

    An AHA code may carry modifiers, "147+367": where the table lacks them together, the primary code alone counts.

    >>> code_names("AHA", "147+367"), code_names("AHA", "30+308"), code_names("SCT", "59118001")
    (('t_wave_inversion',), ('premature_atrial_complex',), ('right_bundle_branch_block',))
    """
    known = _codes().get(scheme, {})
    whole = code.strip()
    return known.get(whole) or known.get(whole.partition("+")[0].strip(), ())


# ------------------------------------------------------------------------------------------------------------ codes


@cache
def _codes() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    found: dict[str, dict[str, tuple[str, ...]]] = {scheme: {} for scheme in SCHEMES}
    for finding in table().values():
        for scheme, codes in finding.codes.items():
            for code in codes:
                found[scheme][code] = (*found[scheme].get(code, ()), finding.name)
    return found


def _of_code(statement: EcgStatement) -> tuple[str, ...]:
    if not statement.code:
        return ()
    together = "+".join([statement.code.strip(), *statement.modifiers])
    return code_names(statement.scheme, together) or code_names(statement.scheme, statement.code)


def _code_is_doubtful(statement: EcgStatement) -> bool:
    if statement.scheme != "AHA":
        return False
    primary, *further = "+".join([statement.code, *statement.modifiers]).split("+")
    is_secondary = primary.strip().isdecimal() and int(primary) in _AHA_SECONDARY
    return is_secondary or not _AHA_DOUBTS.isdisjoint(part.strip() for part in further)


def _labelled(statement: EcgStatement) -> tuple[tuple[str, State], ...]:
    """What the code of a statement says with its modifiers: one that nobody knows leaves open what it says."""
    state: State = "indeterminate" if _code_is_doubtful(statement) else "positive"
    for modifier in statement.modifiers:
        if statement.scheme == "AHA" and modifier.strip().isdecimal():
            continue  # all of them are known
        said = read_text(modifier, _wordings())
        if said.aside == "doubt":
            state = "indeterminate" if state == "positive" else state
        elif not said.is_whole or said.findings:
            state = "unclear"
    return tuple((name, state) for name in _of_code(statement))


def _of_both(statement: EcgStatement, text: TextReading) -> Understood:
    """A code and its text: of each finding the code counts, unless the text says less of it."""
    coded = _labelled(statement)
    if not coded:
        return _summary(text.findings, is_whole=text.is_whole)
    written: dict[str, State] = {}
    for name, state in text.findings:
        written[name] = min(state, written.get(name, state), key=_RANKS.index)
    least: State = {"doubt": "indeterminate", "denial": "unclear"}.get(text.aside, "positive")  # type: ignore[assignment]  # states
    both = [(name, max(state, written.get(name, state), least, key=_RANKS.index)) for name, state in coded]
    return _summary((name, "unclear" if state == "denied" else state) for name, state in both)


_RANKS: tuple[State, ...] = ("positive", "indeterminate", "denied", "unclear")
"""Of what is said twice in one statement the first counts; what is both stated and denied is unclear."""


def _summary(said: Iterable[tuple[str, State]], *, is_whole: bool = True) -> Understood:
    states: dict[str, set[State]] = {}
    for name, state in said:
        states.setdefault(name, set()).add(state)
    one = {
        name: "unclear" if "denied" in found and len(found) > 1 else min(found, key=_RANKS.index)
        for name, found in states.items()
    }
    unclear = tuple(name for name, state in one.items() if state == "unclear")
    return Understood(
        findings=tuple((name, cast("Label", state)) for name, state in one.items() if state in _RANKS[:2]),
        unclear=unclear,
        denied=tuple(name for name, state in one.items() if state == "denied"),
        is_whole=is_whole and not unclear,
    )


# ------------------------------------------------------------------------------------------------------------ words


@cache
def _wordings() -> Wordings:
    names = {"".join(tokens(wording)): name for name, each in table().items() for wording in each.wordings}
    longest = max(len(tokens(wording)) for each in table().values() for wording in each.wordings)
    return Wordings(names, longest + 2)  # a word may be cut in the text


@cache
def _vocabulary() -> frozenset[str]:
    of_lists = (word for phrase in phrases()[0] for word in phrase)
    of_table = (
        word for each in table().values() for text in (*each.wordings, *each.titles.values()) for word in tokens(text)
    )
    return frozenset((*of_lists, *of_table, BREAK, QUESTION)) - {UNKNOWN}
