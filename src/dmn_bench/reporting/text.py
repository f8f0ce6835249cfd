"""How foreign text is made safe to look at: control and direction characters become visible."""

from __future__ import annotations

import unicodedata

_KEPT = frozenset("\n\t")
_JOINERS = frozenset("\u200c\u200d")  # needed to write some languages; they cannot reorder anything


def visible(text: str) -> str:
    r"""The text with every control, direction-override and invisible character written as its code point.

    Line ends, tabs and joiners stay. A name that overrides the writing direction can make "B-10" read as "10-B".

    >>> visible("a\u202eb")
    'a⟨U+202E⟩b'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(one if _is_plain(one) else f"⟨U+{ord(one):04X}⟩" for one in text)


def _is_plain(character: str) -> bool:
    return (
        character in _KEPT
        or character in _JOINERS
        or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )


def shortened(text: str, most: int) -> str:
    """The text, cut with an ellipsis to ``most`` characters.

    >>> shortened("manufacturer", 6)
    'manuf…'
    """
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
