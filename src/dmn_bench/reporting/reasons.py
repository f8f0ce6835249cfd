"""Why a unit has no answer, in the language of the report: our own short reasons and keys; a device's words stay."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from functools import cache

from ..record import Record
from ..vocabulary import Language
from ..wordings import ROOMS, words
from .phrases import Phrases
from .select import finding_title

_FIXED: Mapping[str, str] = {
    "no output": "report_why.no_output",
    "no beats": "report_why.no_beats",
    "no episodes": "report_why.no_episodes",
    "no marks": "report_why.no_marks",
    "a place is not finite": "report_why.place_not_finite",
    "a size below 0 or incomplete": "report_why.no_extent",
    "an outline or mask that encloses no region": "report_why.no_region",
    "a mask of another size than the image": "report_why.other_grid",
    "outlines that cross more rows of pixels than those of one answer may": "report_why.too_much",
    "no such measurement": "report_why.no_such_measurement",
    "no grade for the finding": "report_why.no_grade",
    "grade not on the scale": "report_why.grade_unknown",
    "no score or label for the finding": "report_why.no_finding",
    "no case in the unit": "report_why.no_case",
    "no statement in the file": "report_why.no_statement",
    "no file with a report": "report_why.no_report",
    "a class stands twice": "report_why.class_twice",
    "beats not in order of time": "report_why.not_in_order",
    "score not finite": "report_why.not_finite",
    "two answers": "report_why.two_answers",
    "two answers for one finding": "report_why.two_answers",
}
_WITH_FACTS = (
    (re.compile(r"unit (?P<found>.+) where (?P<expected>.+) was expected"), "report_why.wrong_unit"),
    (re.compile(r"statements without a finding: (?P<listed>.+)", re.DOTALL), "report_why.unmapped"),
    (re.compile(r"episode labelled (?P<label>.+), which is no code such as AFIB or ST"), "report_why.label"),
    (re.compile(r"no heartbeat for (?P<seconds>[0-9.e+]+) s"), "report_why.no_heartbeat"),
    (re.compile(r"(?P<n>[0-9]+) values for (?P<most>[0-9]+) grades"), "report_why.values_for_grades"),
    (re.compile(r"its worker died (?P<n>[0-9]+) times"), "report_why.worker_died"),
    (re.compile(r"laterality (?P<said>[LR]) of a case that is (?P<own>[LR])(?: \(.+\))?"), "report_why.other_side"),
    (re.compile(r"raised (?P<error>[A-Z].*)", re.DOTALL), "report_why.raised"),
)
_INVALID = "invalid output: "
_NAMED = re.compile(r"(?P<name>[^:;]{1,64}): (?P<rest>no output|invalid output: .+)", re.DOTALL)
_NEXT, _NEXT_NAMED = re.compile("; "), re.compile(r"; (?=[^:;]{1,64}: (?:no output|invalid output: ))")
ENGLISH: Language = "en"  # in which records keep what our own parts wrote as a sentence
ROOMS_OF_REASONS = ("masks", "inputs", "objects", "lesions")
LONGEST_SENTENCE = 1000
LEAST_LITERAL = 20  # characters of a sentence that are no facts, so that foreign words are not taken for it
_KEYED = re.compile(r"(?P<key>[a-z_]+\.[a-z0-9_]+)(?:: (?P<rest>.*))?", re.DOTALL)
_ALONE = frozenset({"report_why.unmapped", "report_why.raised"})  # what follows is foreign text with any sign in it


def worded_reason(reason: str, record: Record, phrases: Phrases) -> str:
    """A reason in words; what no part of ours wrote stays as it is. A finding is called by its title.

    Answers and records keep keys with their facts, in one language, so that two runs can be compared.
    """
    title = finding_title(record, reason, phrases.language) if reason else ""
    return title if title != reason else own_reason(reason, phrases)


def own_reason(reason: str, phrases: Phrases) -> str:
    """As ``worded_reason``, where no record says how findings are called."""
    is_of_several = _NEXT_NAMED.search(reason) is not None
    whole = None if is_of_several else _worded(reason, phrases)
    if whole is not None:
        return whole
    between = _NEXT_NAMED if is_of_several else _NEXT
    return phrases.joined(_worded(part, phrases) or part for part in between.split(reason))


def _worded(reason: str, phrases: Phrases) -> str | None:
    if reason.startswith(_INVALID):
        rest = reason.removeprefix(_INVALID)
        return phrases("report_why.invalid", why=_worded(rest, phrases) or rest)
    if (named := _NAMED.fullmatch(reason)) is not None:
        return f"{named['name']}{phrases('report.colon')}{_worded(named['rest'], phrases) or named['rest']}"
    if reason in _FIXED:
        return phrases(_FIXED[reason])
    for pattern, key in _WITH_FACTS:
        found = pattern.fullmatch(reason)
        if found is not None and ("; " not in reason or key in _ALONE):
            return phrases(key, **found.groupdict())
    return _of_key(reason, phrases) or _of_sentence(reason, phrases)


def _of_sentence(reason: str, phrases: Phrases) -> str | None:
    """What stands in a record as the English sentence of a key, said in the language of the report."""
    if phrases.language == ENGLISH or len(reason) > LONGEST_SENTENCE:
        return None
    place, _, rest = reason.partition(": ")
    for text, where in ((reason, ""), (rest, place)):
        for key, pattern in _sentences():
            if (found := pattern.fullmatch(text)) is not None:
                said = phrases(key, **{"where": where, **found.groupdict()})
                return f"{where}{phrases('report.colon')}{said}" if where else said
    return None


@cache
def _sentences() -> list[tuple[str, re.Pattern[str]]]:
    """Every key of the rooms whose problems become reasons, with what its English sentence looks like."""
    found = []
    for room in ROOMS_OF_REASONS:
        for key, sentence in words(room, ENGLISH).items():
            pieces = list(string.Formatter().parse(sentence))
            is_counted = any((form or "").startswith("#") for _, _, form, _ in pieces)
            literal = sum(len(text) for text, _, _, _ in pieces)
            if literal >= LEAST_LITERAL and not is_counted and not any(sign for *_, sign in pieces):
                found.append((key, re.compile(_looks(pieces), re.DOTALL)))
    return found


def _looks(pieces: Sequence[tuple[str, str | None, str | None, str | None]]) -> str:
    """The regular expression of a sentence: its facts are anything, one that stands twice is the same twice."""
    seen: set[str] = set()
    pattern = ""
    for text, name, _, _ in pieces:
        pattern += re.escape(text)
        if name:
            pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.+?)"
            seen.add(name)
    return pattern


def _of_key(reason: str, phrases: Phrases) -> str | None:
    """The sentence of a key and its facts, written ``key: where: name value, name value``."""
    found = _KEYED.fullmatch(reason)
    if found is None or found["key"].partition(".")[0] not in ROOMS:
        return None
    sentence = words(found["key"].partition(".")[0], phrases.language).get(found["key"])
    if sentence is None or "; " in (found["rest"] or ""):
        return None
    needed = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
    rest = found["rest"] or ""
    facts = _facts(rest, needed)
    if needed - facts.keys():
        return None
    said = phrases(found["key"], **facts)
    return said if needed or not rest else f"{said} ({_shown(rest, phrases)})"


def _facts(text: str, names: set[str]) -> dict[str, str]:
    if not names:
        return {}
    parts = re.split(rf"(?:^|, |: )({'|'.join(sorted(names))}) ", text)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _shown(facts: str, phrases: Phrases) -> str:
    """Facts that the sentence itself does not say: what was expected and found, in words."""
    named = _facts(facts, {"expected", "found"})
    if not named:
        return facts
    shown = (f"{phrases(f'report_why.{name}')}{phrases('report.colon')}{value}" for name, value in named.items())
    return phrases.joined(shown)
