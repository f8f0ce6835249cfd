"""Kinds of parts and forms of values in words: what options of a protocol or a package are asked to be.

A form comes as marks that stand in no sentence: ``@text``, ``@list⟨@number⟩``, ``"any" @or "worst"``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

INNERMOST = re.compile(r"@(list|mapping|fields)⟨([^⟨⟩]*)⟩")
ALONE = re.compile(r"@(text|whole_number|number|yes_or_no|nothing|path|any|or)\b")
KIND, FORM = "catalogue.kind.", "catalogue.form."


def in_words(text: str, table: Mapping[str, str]) -> str:
    """A form or the name of a kind in the words of ``table``; whatever is neither stays as it is.

    >>> table = {"catalogue.form.text": "words", "catalogue.form.list": "a list of {items}"}
    >>> in_words("@list⟨@list⟨@text⟩⟩", table), in_words("Grade", table)
    ('a list of a list of words', 'Grade')
    """
    if KIND + text in table:
        return table[KIND + text]
    said = ALONE.sub(lambda found: table[FORM + found[1]], text)
    while INNERMOST.search(said):
        said = INNERMOST.sub(lambda found: table[FORM + found[1]].format(items=found[2]), said)
    return said
