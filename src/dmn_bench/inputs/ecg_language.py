"""What the sentences of an ECG report say of the findings that stand in them: stated, doubted, denied or not plain.

A finding is certain only in a sentence that is understood as a whole: made of wordings of findings and of the closed
lists of ``ecg_words``, and without a denial or a doubt that reaches it. A sentence ends at a stop, a semicolon or a
line; its clauses at commas, colons, brackets, strokes and dashes.

How far a cue reaches. One that speaks of what follows ("no", "possible"), and has something to speak of in its own
clause: all that follows it in the sentence, and what stands before it in its clause. Any other: the whole sentence;
only "possible" and "or" leave alone what stands before a "with". "But" ends the reach of all. A sentence of cues alone
speaks of those beside it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from .ecg_words import BREAK, QUESTION, UNKNOWN, VALUE, begins_a_clause, phrases

MOST_CHARACTERS = 4_000
"""A statement is a sentence or two; of a longer text the rest is not read, and the text is not understood."""
_MOST_UNKNOWN = 2  # words of a sentence without a finding that may still speak of the sentence beside: "Disproved."

_LISTING = ("ni", "nor")

State = Literal["positive", "indeterminate", "denied", "unclear"]
Aside = Literal["", "doubt", "denial", "unknown"]


class Wordings(NamedTuple):
    """Wordings without their spaces -> finding, and the most words that one has (one may be cut in a text)."""

    names: Mapping[str, str]
    longest: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TextReading:
    """What a text says of each finding in it, in order; whether every word is known; whether it only doubts others."""

    findings: tuple[tuple[str, State], ...] = ()
    is_whole: bool = True
    aside: Aside = ""


class _Item(NamedTuple):
    kind: str
    text: str  # its words, or the name of the finding


_PREPARED = (
    (r"[‘’`´]", "'"),
    (r"\(?\bcited on or before \d{1,2}-[a-z]{3}-\d{2,4}\b\)?", " "),  # a finding of today that an earlier ECG had
    ("[\u0334-\u0338\u20d2-\u20e5]", f" {UNKNOWN} "),  # overlays: a word that is struck out
    (r"\b(can)'?t\b", r"\1not"),
    (r"n't\b", " not"),
    (r"\br\s?/\s?o\b", "rule out"),
    (r"\ba\s?-\s?v\b", "av"),
    (r"\bw\s?/\s?o\b", "without"),
    (r"\+\s*/\s*-|±", f" {QUESTION} "),
    (r"\(\s*[-–—]\s*\)", " absent "),
    (r"\(\s*\+\s*\)", " present "),
    (r"\(s\)", "s"),
    (r"\[\s*\]", f" {UNKNOWN} "),
    (r"(\d)\s?:\s?(\d)", r"\1 \2"),
    (r"\b(?!0)\d+(?:[.,]\d+)?\s*(?:bpm|batt?/min|/\s?mi?n|msec|ms|mm|mv|sec|s|hz|%|°)(?!\w)", f" {VALUE} "),
    (rf"\b(?:pr|qrsd?|qtc?)(?: interval| duration)?\s*[:=]?\s*{VALUE}", f" {VALUE} "),
    (r"\b(rate|frequence(?: ventriculaire| cardiaque)?|fc|hr|at|a|of)\s*[:=]?\s*[1-9]\d{1,2}\b", rf"\1 {VALUE} "),
    (r"\bv\s?[1-6](?:\s?(?:-|a|to|,|/)\s?v\s?[1-6])*\b", f" {VALUE} "),
    (r"[*>]{2,}|<{2,}|\*|[°º]", " "),
    (r"^\s*[-–—•]+\s+(.*?)(?:\s+[-–—]+)?\s*$", r"\1"),
    (r"(?<!\w)[-–—](?=\w)|\s[-–—]+\s*$", f" {UNKNOWN} "),
    (r"\s[-–—]+\s|[,:()\[\]/|\"«»=]", f" {BREAK} "),
    (r"(?<=\w)\s*!+(?!\w)", " "),
    (r"[&+]", " and "),
    (r"\?+", f" {QUESTION} "),
    (rf"[^\w\s'.{BREAK}{QUESTION}{VALUE}{UNKNOWN}\-–—]", f" {UNKNOWN} "),
)
_TOKEN = re.compile(rf"[^\W_]+|[{BREAK}{QUESTION}{VALUE}{UNKNOWN}]")


def tokens(text: str) -> list[str]:
    """The words of a text in small letters without accents, with tokens for breaks, values and unknown signs.

    >>> tokens("BAV 1er degré – (à confirmer) ?")
    ['bav', '1er', 'degre', ',', ',', 'a', 'confirmer', ',', '?']
    >>> tokens("R/O MI, rate 75, in V1-V3, (-)")
    ['rule', 'out', 'mi', ',', 'rate', '#', ',', 'in', '#', ',', 'absent']
    """
    plain = unicodedata.normalize("NFKD", text.replace(VALUE, UNKNOWN)).casefold()
    plain = "".join(letter for letter in plain if not "\u0300" <= letter <= "\u0333")
    for pattern, instead in _PREPARED:
        plain = re.sub(pattern, instead, plain)
    return _TOKEN.findall(plain)


def read_text(text: str, wordings: Wordings) -> TextReading:
    """What a text says of the findings of ``wordings``; a finding stands as often as the text has it."""
    whole = re.sub(r"\b(?:[^\W\d_]\.){2,}", lambda short: short.group().replace(".", "") + " ", text[:MOST_CHARACTERS])
    alone = [_sentence(each, wordings) for each in re.split(r"[.;\n\r]+(?!\d)|[;\n\r]+", whole) if each.strip()]
    read = beside([replace(each, aside="denial") if each.aside == "unknown" else each for each in alone])
    is_aside = bool(alone) and all(each.aside in ("doubt", "denial") for each in alone)
    asides = {each.aside for each in alone}
    return TextReading(
        findings=tuple(found for each in read for found in each.findings),
        is_whole=all(each.is_whole for each in read) and len(text) <= MOST_CHARACTERS,
        aside="" if not is_aside else "denial" if "denial" in asides else "doubt",
    )


def goes_on(text: str) -> bool:
    """Whether a text ends in a denial, a doubt or a "with", so that what it speaks of is still to come.

    >>> goes_on("Cannot rule out"), goes_on("When compared with"), goes_on("Sinus rhythm")
    (True, True, False)
    """
    items = list(_items(tokens(text), Wordings({}, 1)))
    return bool(items) and items[-1].kind in ("no", "not", "maybe", "or", "with", "and")


def beside(read: Sequence[TextReading]) -> list[TextReading]:
    """The same readings, those beside one that is only a cue with its doubt or denial.

    >>> no, af = TextReading(aside="denial"), TextReading(findings=(("atrial_fibrillation", "positive"),))
    >>> beside([no, af])[1].findings
    (('atrial_fibrillation', 'unclear'),)
    """
    found = []
    for at, one in enumerate(read):
        near = {each.aside for each in (*read[max(at - 1, 0) : at], *read[at + 1 : at + 2])}
        if one.findings and near & {"doubt", "denial"}:
            is_denied = "denial" in near
            states = tuple((name, _weakened(state, is_denied=is_denied)) for name, state in one.findings)
            found.append(replace(one, findings=states, is_whole=one.is_whole and not is_denied))
        else:
            found.append(one)
    return found


def _weakened(state: State, *, is_denied: bool) -> State:
    if state in ("denied", "unclear") or is_denied:
        return "unclear"
    return "indeterminate"


def _sentence(sentence: str, wordings: Wordings) -> TextReading:
    items = list(_items(tokens(sentence), wordings))
    n_unknown = sum(item.kind == "unknown" for item in items)
    kinds = {item.kind for item in items}
    is_known = not n_unknown and not _has_loose_thing(items)
    if "finding" in kinds:
        states: list[State] = _states(items) if is_known else ["unclear"] * len(items)
        found = tuple((item.text, states[at]) for at, item in enumerate(items) if item.kind == "finding")
        return TextReading(findings=found, is_whole=is_known and all(state != "unclear" for _, state in found))
    aside: Aside = ""
    if "thing" not in kinds and n_unknown <= _MOST_UNKNOWN:
        if n_unknown:
            aside = "unknown"
        elif kinds & {"no", "not"}:
            aside = "denial"
        elif kinds & {"maybe", "perhaps", "or"}:
            aside = "doubt"
    return TextReading(is_whole=kinds <= {"plain", "break", "and", "with"}, aside=aside)


def _items(words: Sequence[str], wordings: Wordings) -> Iterator[_Item]:
    """The longest wording or phrase at each place, left to right; none crosses a break."""
    known, longest = phrases()
    at = 0
    while at < len(words):
        if words[at] == BREAK:
            yield _Item("break", BREAK)
            at += 1
            continue
        most = max(longest, wordings.longest)
        reach = next((n for n in range(min(most, len(words) - at)) if words[at + n] == BREAK), most)
        for end in range(min(at + reach, len(words)), at, -1):
            part = tuple(words[at:end])
            name, kind = wordings.names.get("".join(part)), known.get(part)
            if name is not None or kind is not None:
                yield _Item("finding", name) if name is not None else _Item(kind or "", " ".join(part))
                at = end
                break
        else:
            yield _Item("unknown", words[at])
            at += 1


def _segments(items: Sequence[_Item]) -> tuple[list[int], list[int], list[int]]:
    """(clause of each item, part between "but" of each item, places of "with")."""
    clause = part = 0
    clauses, parts = [], []
    for item in items:
        if item.kind == "but":
            part += 1
        opens = item.kind in ("break", "with", "and", "but") or begins_a_clause(item.text)
        clause += opens
        clauses.append(clause)
        parts.append(part)
    return clauses, parts, [at for at, item in enumerate(items) if item.kind == "with"]


def _has_loose_thing(items: Sequence[_Item]) -> bool:
    """Whether something stands there that is only known as denied, and is not."""
    clauses, _, _ = _segments(items)
    denied = -1
    for at, item in enumerate(items):
        if item.kind == "no":
            denied = clauses[at]
        elif item.kind == "thing" and clauses[at] != denied:
            return True
    return False


def _states(items: Sequence[_Item]) -> list[State]:
    """What the cues of a sentence without an unknown word make of each item."""
    clauses, parts, after_with = _segments(items)
    findings = [at for at, item in enumerate(items) if item.kind == "finding"]
    denials: dict[int, list[int]] = {at: [] for at in findings}
    doubts: dict[int, list[int]] = {at: [] for at in findings}
    for at, item in enumerate(items):
        if item.kind not in ("no", "not", "maybe", "perhaps", "or") or _goes_on(items, at, parts):
            continue
        own_part = [place for place in findings if parts[place] == parts[at]]
        if item.kind in ("no", "maybe") and _has_object(items, at, clauses):
            reached = [place for place in own_part if place > at or clauses[place] == clauses[at]]
        else:
            starts = [start for start in after_with if any(start < place < at for place in own_part)]
            first = max(starts, default=-1) if item.kind in ("maybe", "or") else -1
            reached = [place for place in own_part if place > first] or findings
        for place in reached:
            (denials if item.kind in ("no", "not") else doubts)[place].append(at)
    n_denials = len({cue for cues in denials.values() for cue in cues})
    states: list[State] = ["positive"] * len(items)
    for place in findings:
        if denials[place]:
            [cue] = denials[place] if len(denials[place]) == 1 else [-1]
            is_direct = cue >= 0 and items[cue].kind == "no" and _is_next(items, cue, place, clauses)
            is_alone = cue >= 0 and items[cue].kind == "not" and len(findings) == 1 and not after_with
            is_plain = n_denials == 1 and not doubts[place] and (is_direct or is_alone)
            states[place] = "denied" if is_plain else "unclear"
        elif doubts[place]:
            states[place] = "indeterminate"
    return states


def _goes_on(items: Sequence[_Item], at: int, parts: Sequence[int]) -> bool:
    """Whether an "or" or "nor" goes on with a list that is denied: "no LVH or RBBB"."""
    if items[at].kind != "or" and items[at].text not in _LISTING:
        return False
    return any(item.kind == "no" and parts[place] == parts[at] for place, item in enumerate(items[:at]))


def _has_object(items: Sequence[_Item], at: int, clauses: Sequence[int]) -> bool:
    wanted = ("finding", "thing") if items[at].kind == "no" else ("finding",)
    return any(item.kind in wanted and clauses[at + n] == clauses[at] for n, item in enumerate(items[at + 1 :], 1))


def _is_next(items: Sequence[_Item], cue: int, place: int, clauses: Sequence[int]) -> bool:
    """Whether a denial stands before a finding in its clause, and before no other one that no "or" joins to it."""
    between = items[cue + 1 : place]
    last = max((at for at, item in enumerate(between) if item.kind == "finding"), default=-1)
    is_joined = last < 0 or any(item.kind == "or" or item.text in _LISTING for item in between[last:])
    return cue < place and clauses[cue] == clauses[place] and is_joined
