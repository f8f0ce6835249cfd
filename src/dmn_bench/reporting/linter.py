"""Words that are never said of a device, and where a text says them (rule R-01)."""

from __future__ import annotations

import re
from functools import cache

from ..vocabulary import Language
from ..wordings import words

EXEMPT_ROOMS = ("report_frame", "report_closing")
EXEMPT_NAME = "fixed_"  # the fixed wordings say what this document is not, and need the words for it

_FORBIDDEN: dict[Language, str] = {
    "fr": (
        r"certifié(?:e|s|es)?|certifications?|validé(?:e|s|es)? par la HAS|conformes? (?:à la )?HAS|"
        r"homologué(?:e|s|es)?|homologations?|garanti(?:s|es|t|r)?|garantie(?! humaine)|"
        r"approuvé(?:e|s|es)?|sûr(?:e|s|es)?"
    ),
    "en": (
        r"certified|certifies|certifications?|validated by (?:the )?HAS|HAS[- ](?:validated|compliant|conforming)|"
        r"homologated|homologation|guarantee[ds]?|guarantees|approved|safe"
    ),
}


def forbidden_words(text: str, language: Language) -> list[str]:
    """Words in ``text`` that must not be said of a device, as written, in order, each time they occur.

    Sentences of the fixed wordings are exempt: they are taken out before looking.

    >>> forbidden_words("Un dispositif sûr et certifié.", "fr")
    ['sûr', 'certifié']
    """
    for sentence in _exempt(language):
        text = text.replace(sentence, " ")
    return [match.group(0) for match in _pattern(language).finditer(text)]


@cache
def _pattern(language: Language) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_FORBIDDEN[language]})(?!\w)", re.IGNORECASE)


@cache
def _exempt(language: Language) -> tuple[str, ...]:
    found = [
        sentence
        for room in EXEMPT_ROOMS
        for key, sentence in words(room, language).items()
        if key.partition(".")[2].startswith(EXEMPT_NAME)
    ]
    return tuple(sorted(found, key=len, reverse=True))
