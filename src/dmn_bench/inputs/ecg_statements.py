"""What the statements of ECG reports mean: codes and wordings of ECG programs, and the findings that we call them.

The table ``ecg_statements.csv`` has one line for each finding: its name, its group, its titles, the codes that mean it
(SCP-ECG, SNOMED CT, AHA, MDC) and the wordings that ECG programs write for it in English and French. Groups: the five
diagnostic classes of PTB-XL (NORM, MI, STTC, CD, HYP), its ``rhythm`` and ``form``, ``overall`` for the verdict on the
whole ECG and ``technical``.

A wording is looked for in the text of a statement after case, accents, punctuation and spaces are taken away, the
longest first. What stands in the scope of a negation or of a comparison with an earlier ECG has no finding; what
stands in that of a doubt is doubtful. Where the scope is not plain, it reaches to the end of the sentence: a finding
that is lost is seen among the unmapped, one that was never stated would be seen nowhere.

References: AHA/ACCF/HRS statements, Mason 2007, Circulation 115:1325; PTB-XL, Wagner 2020, Sci Data 7:154; the SNOMED
CT codes of the PhysioNet challenges, Perez Alday 2020, Physiol Meas 41:124003.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ..vocabulary import EcgStatement, Label, Language

TABLE = "ecg_statements.csv"
SCHEMES = ("SCPECG", "SCT", "AHA", "MDC")
"""Schemes of codes that the table holds; it knows no other scheme's codes, only the text beside them."""

MOST_CHARACTERS = 4_000
"""A statement is a sentence or two; of a longer text the rest is not read."""

_NOT_STATED = (
    "no|not|without|absence of|absent|negative for|rules out|ruled out|resolved|replaced|has replaced|have replaced|"
    "no longer|free of|denies|history of|when compared|compared with|compared to|previous ecg|prior ecg|"
    "pas de|pas d|pas|sans|absence de|absence d|aucun|aucune|ni|non|n est plus|ne|elimine|exclu|exclue|exclus|disparu|"
    "disparition|antecedent|antecedents|antecedent de|compare a|par rapport|ecg precedent|ecg anterieur|a remplace"
)
_DOUBTFUL = (
    "possible|possibly|probable|probably|suspect|suspected|suspicion|suspicious|consider|suggest|suggests|suggestive|"
    "suggesting|cannot rule out|cannot exclude|cannot be ruled out|cannot be excluded|can not rule out|rule out|r o|"
    "not ruled out|not excluded|may|might|could|likely|unlikely|borderline|questionable|equivocal|versus|vs|or|"
    "consistent with|compatible with|presumably|perhaps|apparent|uncertain|"
    "probablement|possiblement|suspecte|peut etre|peut|pourrait|ne peut exclure|ne peut etre exclu|"
    "ne peut etre exclue|ne pas exclure|ne permet pas d exclure|non exclu|non exclue|a exclure|a confirmer|a discuter|"
    "discuter|eventuel|eventuelle|eventuellement|evoquer|evoque|evocateur|evocatrice|compatible avec|compatible|"
    "en faveur|limite|douteux|douteuse|ou|envisager|vraisemblable|vraisemblablement|apparemment|incertain|incertaine"
)
_HARMLESS = (
    "no significant change|no change|sans changement|non specifique|non specifiques|non confirme|non specific|"
    "not confirmed|age or|age undetermined|aspecifique|premature ventricular or aberrantly conducted complexes|"
    "ventricular or aberrantly conducted"
)
_FORWARD = (
    "no|without|absence of|negative for|free of|denies|history of|pas de|pas d|sans|absence de|absence d|aucun|aucune|"
    "ni|antecedent|antecedents|antecedent de|consider|cannot rule out|cannot exclude|can not rule out|rule out|"
    "ne peut exclure|ne pas exclure|ne permet pas d exclure"
)
"""Cues that speak only of what follows: "sinus rhythm without ectopy" is sinus rhythm."""
_BOTH_WAYS = "or|ou|versus|vs|replaced|has replaced|have replaced|a remplace|when compared|compared with"
"""Cues that speak of what stands on either side. The others speak backward only where no finding follows them."""
_ADDS = frozenset({"with", "avec", "plus", "and", "et"})
"""Words that no cue reaches back over."""
_RESUMES = frozenset({"but", "however", "mais", "cependant", "toutefois"})
"""Words after which neither a negation nor a doubt reaches on."""
_FILLING = frozenset(
    {"be", "a", "an", "as", "is", "normal", "variant", "variante", "de", "la", "d", "du", "normale", "pour"}
)
"""Words of a remark that only doubts what stands before it: ", may be normal variant". Of an age there is none here:
"inferior infarct, probably old" is a certain infarct."""

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

    A code that the table holds decides; else the text does. () is said of what is not mapped, and of what is negated.

    >>> from ..vocabulary import EcgStatement
    >>> reading(EcgStatement(text="Cannot rule out anterior infarct, age undetermined"))
    (('anterior_myocardial_infarction', 'indeterminate'),)
    """
    named = _of_code(statement)
    modifiers = [_normal(modifier) for modifier in statement.modifiers]
    if named:
        doubt = _code_is_doubtful(statement) or any(_says(words, _cues()[1]) for words in modifiers)
        if any(_says(words, _cues()[0]) for words in modifiers):
            return ()
        return tuple((name, "indeterminate" if doubt else "positive") for name in named)
    found = dict.fromkeys(name for name, _ in text_reading(statement.text))
    certain = {name for name, label in text_reading(statement.text) if label == "positive"}
    return tuple((name, "positive" if name in certain else "indeterminate") for name in found)


def code_names(scheme: str, code: str) -> tuple[str, ...]:
    """The findings that a code means, () where the table does not hold it.

    An AHA code may carry modifiers, "147+367": where the table lacks them together, the primary code alone counts.

    >>> code_names("AHA", "147+367"), code_names("AHA", "30+308"), code_names("SCT", "59118001")
    (('t_wave_inversion',), ('premature_atrial_complex',), ('right_bundle_branch_block',))
    """
    known = _codes().get(scheme, {})
    whole = code.strip()
    return known.get(whole) or known.get(whole.partition("+")[0].strip(), ())


def text_reading(text: str) -> tuple[tuple[str, Label], ...]:
    """The findings in the words of a text, in order, a finding as often as it stands there."""
    found: list[tuple[str, Label]] = []
    whole = re.sub(r"\b(?:[^\W\d_]\.){2,}", lambda short: short.group().replace(".", "") + " ", text[:MOST_CHARACTERS])
    for sentence in re.split(r"[.;\n\r]+(?!\d)", whole):
        found.extend(_sentence_reading(sentence))
    return tuple(found)


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


# ------------------------------------------------------------------------------------------------------------ words

Words = Sequence[str]
Spans = Mapping[int, tuple[int, str]]  # where a match begins -> where it ends, what it means
_BREAK = ","
"""Stands among the words where a part of a sentence ends."""


def _normal(text: str) -> list[str]:
    """The words of a text in small letters without accents, with ``_BREAK`` between its parts.

    >>> _normal("BAV 1er degré – (à confirmer) ?")
    ['bav', '1er', 'degre', ',', ',', 'a', 'confirmer', ',', 'possible']
    """
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"\s[-–—]+\s|[,:()\[\]/|]", f" {_BREAK} ", plain).replace("?", " possible ")
    return re.findall(rf"[^\W_]+|{_BREAK}", plain)


def _joined(words: Sequence[str]) -> str:
    return "".join(words)


@cache
def _wordings() -> tuple[Mapping[str, str], int]:
    """Wording without its spaces -> finding, and the most words that one has (a word may be cut in the text)."""
    found = {_joined(_normal(wording)): name for name, each in table().items() for wording in each.wordings}
    longest = max(len(_normal(wording)) for each in table().values() for wording in each.wordings)
    return found, longest + 2


@cache
def _cues() -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]]:
    """What negates, what doubts, what looks like either and is not: words of each, the longest first."""

    def cut(cues: str) -> tuple[tuple[str, ...], ...]:
        return tuple(sorted((tuple(cue.split()) for cue in cues.split("|")), key=len, reverse=True))

    return cut(_NOT_STATED), cut(_DOUBTFUL), cut(_HARMLESS)


def _says(words: Words, cues: Sequence[Sequence[str]]) -> bool:
    return any(tuple(words[at : at + len(cue)]) == tuple(cue) for cue in cues for at in range(len(words)))


def _matches(words: Words) -> Iterator[tuple[int, int, str]]:
    """(start, end, finding) of the longest wordings, left to right, none across a break."""
    known, longest = _wordings()
    at = 0
    while at < len(words):
        reach = next((n for n in range(min(longest, len(words) - at)) if words[at + n] == _BREAK), longest)
        for end in range(min(at + reach, len(words)), at, -1):
            name = known.get(_joined(words[at:end]))
            if name is not None:
                yield at, end, name
                at = end
                break
        else:
            at += 1


def _cue_at(words: Words, at: int) -> tuple[str, int]:
    """("negation" | "doubt" | "harmless" | "", number of words) of what stands at a place; the longest cue counts."""
    negations, doubts, harmless = _cues()
    best = ("", 1)
    for kind, cues in (("negation", negations), ("doubt", doubts), ("harmless", harmless)):
        for cue in cues:
            if len(cue) >= best[1] + (best[0] != "") and tuple(words[at : at + len(cue)]) == cue:
                best = (kind, len(cue))
                break
    return best


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """A stretch of a sentence between two breaks: where it begins and ends, and what is stated or said in it."""

    findings: tuple[tuple[int, str], ...]  # (place, name)
    cues: tuple[tuple[int, Literal["negation", "doubt", "resume"]], ...]  # (place, kind)
    back: Mapping[int, int]  # place of a cue -> the first place that it reaches back to
    is_aside: bool  # nothing but cues and filling words: it speaks of what stands before it


def _parts(words: Words) -> list[_Part]:
    """The parts of a sentence, cut at its breaks."""
    spans: Spans = {start: (end, name) for start, end, name in _matches(words)}
    parts: list[_Part] = []
    findings: list[tuple[int, str]] = []
    cues: list[tuple[int, Literal["negation", "doubt", "resume"]]] = []
    at, is_aside, since = 0, True, 0
    forward, both_ways = frozenset(_FORWARD.split("|")), frozenset(_BOTH_WAYS.split("|"))
    said: list[tuple[int, int, str]] = []  # (place, reach, words) of the cues that may speak backward
    while at <= len(words):
        if at == len(words) or words[at] == _BREAK:
            is_aside = is_aside and bool(cues) and not findings
            last = findings[-1][0] if findings else -1
            back = {place: start for place, start, words_of in said if words_of in both_ways or place > last}
            parts.append(_Part(findings=tuple(findings), cues=tuple(cues), is_aside=is_aside, back=back))
            findings, cues, said, at, is_aside, since = [], [], [], at + 1, True, at + 1
        elif at in spans:
            findings.append((at, spans[at][1]))
            at = spans[at][0]
        elif words[at] in _RESUMES:
            cues.append((at, "resume"))
            at += 1
        else:
            kind, length = _cue_at(words, at)
            if kind in ("negation", "doubt"):
                cues.append((at, kind))  # type: ignore[arg-type]  # one of the two
                cue = " ".join(words[at : at + length])
                if cue not in forward:
                    said.append((at, since, cue))
            elif words[at] not in _FILLING:
                is_aside = False
            since = at + 1 if words[at] in _ADDS else since
            at += length
    return parts


def _sentence_reading(sentence: str) -> Iterator[tuple[str, Label]]:
    """The findings of one sentence: a cue reaches forward to its end, and some backward within their own part.

    A part that only holds a cue also speaks of the finding before it.
    """
    parts = _parts(_normal(sentence))
    state: Literal["", "negation", "doubt"] = ""
    for number, part in enumerate(parts):
        after = parts[number + 1] if number + 1 < len(parts) else None
        trailing = {kind for _, kind in after.cues} if after and after.is_aside else set()
        last_finding = part.findings[-1][0] if part.findings else -1
        events = sorted([*((at, "name", name) for at, name in part.findings), *((at, k, "") for at, k in part.cues)])
        for place, kind, name in events:
            if kind == "resume":
                state = ""
            elif kind != "name":
                state = kind if state != "negation" else state  # type: ignore[assignment]  # one of the two
            else:
                later = {
                    kind
                    for at, kind in part.cues
                    if part.back.get(at, at) <= place < at and not any(place < f < at for f, _ in part.findings)
                }
                heard = {state, *later, *(trailing if place == last_finding else ())}
                if "negation" not in heard:
                    yield name, "indeterminate" if "doubt" in heard else "positive"
