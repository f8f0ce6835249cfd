"""The token of a server taken out of what the server says, in whatever coding it repeats it."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

HIDDEN = "(token)"
SEARCHED_BYTES = 1 << 20  # of a reply, in every coding; what is quoted of one begins there
FEWEST_CHARACTERS = 6  # of a part of a base64 text that is held to be the secret


def without(secret: str, value: Any) -> Any:
    """A value of an answer with every mention of the secret taken out of its texts.

    >>> without("s3cr3t+T", {"reason": "no s3cr3t%2bt, no S3CR3T&#43;T"})
    {'reason': 'no (token), no (token)'}
    """
    if not secret:
        return value
    if isinstance(value, str):
        return _mentions(secret).sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {without(secret, key): without(secret, item) for key, item in value.items()}
    return [without(secret, item) for item in value] if isinstance(value, list | tuple) else value


def reply_without(secret: str, body: bytes) -> bytes:
    """A reply without the secret as it is, and at its beginning without it in any coding."""
    if not secret:
        return body
    head = _mentions(secret).sub(HIDDEN, body[:SEARCHED_BYTES].decode("latin-1")).encode("latin-1")
    return (head + body[SEARCHED_BYTES:]).replace(secret.encode(), HIDDEN.encode())


@lru_cache(maxsize=4)
def _mentions(secret: str) -> re.Pattern[str]:
    """The secret, in large or small letters, coded for URLs (also twice), JSON or HTML, in hexadecimal or base64.

    In base64 also behind other text, as in ``user:secret``, with and without padding and in the alphabet of URLs.
    """
    spelt = "".join(_spellings(character) for character in secret)
    hexadecimal = "[ :]?".join(f"{byte:02x}" for byte in secret.encode())
    coded = [_base64_behind(n, secret.encode()) for n in range(3)]
    return re.compile("|".join([f"(?i:{spelt}|{hexadecimal})", *(each for each in coded if each)]))


def _spellings(character: str) -> str:
    """A character as texts write it."""
    number, named = ord(character), re.escape(html.escape(character))
    forms = (re.escape(character), named, f"%(?:25){{0,3}}{number:02x}", f"&#0?{number};", f"&#x0{{0,2}}{number:x};")
    return rf"(?:\\{{0,3}}(?:{'|'.join(dict.fromkeys(forms))}|u{number:04x}|x{number:02x}))"


def _base64_behind(n_before: int, secret: bytes) -> str:
    """What does not depend on the text around the secret, of which ``n_before`` bytes share its groups of three."""
    coded = base64.b64encode(b"\0" * n_before + secret).decode()
    first = -(-n_before * 8 // 6)
    certain = coded[first : (n_before + len(secret)) * 8 // 6]
    if len(certain) < FEWEST_CHARACTERS:
        return ""
    both = {"+": "[+-]", "/": "[/_]"}
    return "".join(both.get(character, character) for character in certain) + "[A-Za-z0-9+/_=-]*"
