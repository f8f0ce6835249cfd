"""How numbers, intervals, p-values and dates are written in each language."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from ..vocabulary import Language

NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
ONE_DECIMAL_FROM_N = 30  # percentages carry one decimal from this denominator on, none below

_FRENCH_GAP = re.compile(r"(?<=\S) (?=[:;!?%»])|(?<=«) (?=\S)")


def french_spaces(text: str) -> str:
    """The same text with the narrow no-break space that French sets before ``: ; ! ? % »`` and after ``«``.

    >>> french_spaces("Erreur : 3 %").count(NARROW_SPACE)
    2
    """
    return _FRENCH_GAP.sub(NARROW_SPACE, text)


def number(value: float, language: Language, decimals: int = 2) -> str:
    """A number with a fixed count of decimals, rounded half away from zero, thousands grouped.

    >>> number(1234.565, "en"), number(-0.5, "fr", 1)
    ('1,234.57', '−0,5')
    """
    from babel.numbers import format_decimal

    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    if not rounded:
        rounded = abs(rounded)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(rounded, format=pattern, locale=language).replace("-", MINUS)


def whole(value: float, language: Language) -> str:
    """A count: no decimals when it has none, one otherwise (a weighted count).

    >>> whole(1200, "en"), whole(2.5, "fr")
    ('1,200', '2,5')
    """
    return number(value, language, 0 if float(value).is_integer() else 1)


def percent_number(share: float, language: Language, decimals: int = 1) -> str:
    """A share (0–1) in percent without its sign; only exactly 0 and exactly 1 are written 0 and 100.

    >>> percent_number(0.8648, "fr"), percent_number(1.0, "en"), percent_number(0.99999, "en")
    ('86,5', '100', '100.0')
    >>> percent_number(0.86, "en", 0), percent_number(0.997, "en", 0)
    ('86', '99.7')
    """
    if share in (0.0, 1.0):
        return number(share * 100, language, 0)
    percent_value = float(Decimal(repr(share)) * 100)
    looks_exact = decimals == 0 and not 0.5 <= percent_value < 99.5
    return number(percent_value, language, 1 if looks_exact else decimals)


def percent(share: float, language: Language, decimals: int = 1) -> str:
    """A share (0–1) in percent with its sign as the language sets it.

    >>> percent(0.9, "en"), percent(0.9, "fr").replace(NARROW_SPACE, "_")
    ('90.0%', '90,0_%')
    """
    return percent_number(share, language, decimals) + percent_sign(language)


def percent_sign(language: Language) -> str:
    """The per cent sign with the space that the language puts before it."""
    return f"{NARROW_SPACE}%" if language == "fr" else "%"


def percent_decimals(n: float) -> int:
    """Decimals of a percentage out of n: one from 30 on, none below."""
    return 1 if n >= ONE_DECIMAL_FROM_N else 0


def between(low: str, high: str, language: Language) -> str:
    """Two worded limits as an interval.

    >>> [between("8.6", "9.5", one).replace(NARROW_SPACE, "_").replace(NO_BREAK_SPACE, "~") for one in ("en", "fr")]
    ['[8.6,~9.5]', '[8.6_;~9.5]']
    """
    separator = f"{NARROW_SPACE};" if language == "fr" else ","
    return f"[{low}{separator}{NO_BREAK_SPACE}{high}]"


def ratio(numerator: float, denominator: float, language: Language) -> str:
    """x/n as counts.

    >>> ratio(90, 100, "en")
    '90/100'
    """
    return f"{whole(numerator, language)}/{whole(denominator, language)}"


def p_value(p: float, language: Language) -> str:
    """A p-value to three decimals, two from 0.1 on, never as zero.

    >>> [p_value(p, "en").replace(NO_BREAK_SPACE, " ") for p in (0.0004, 0.0686, 0.4567, 1.0)]
    ['p < 0.001', 'p = 0.069', 'p = 0.46', 'p = 1']
    """
    sign, shown, decimals = ("<", 0.001, 3) if p < 0.001 else ("=", p, 3 if p < 0.1 else 2 if p < 1 else 0)
    return f"p{NO_BREAK_SPACE}{sign}{NO_BREAK_SPACE}{number(shown, language, decimals)}"


def day(text: str, language: Language) -> str:
    """An ISO 8601 date (or date and time) as a day in words; other text as it is.

    >>> day("2026-11-21T10:00:00+00:00", "en"), day("2026-11-01", "fr"), day("soon", "en")
    ('21 November 2026', '1er novembre 2026', 'soon')
    """
    from babel.dates import format_date

    try:
        found = datetime.fromisoformat(text).date() if len(text) > len("2026-11-21") else date.fromisoformat(text)
    except ValueError:
        return text
    if language == "fr":
        written = format_date(found, format="d MMMM y", locale="fr")
        return f"1er{written[1:]}" if found.day == 1 else written
    return format_date(found, format="d MMMM y", locale="en_GB")


def moment(text: str, language: Language) -> str:
    """An ISO 8601 date and time as day, hour, minute and time zone; other text as it is.

    >>> moment("2026-11-21T10:05:59+00:00", "en")
    '21 November 2026, 10:05 UTC'
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    zone = f" {found.tzname()}" if found.tzinfo is not None else ""
    if language == "fr":
        return f"{day(text, language)}, {found.hour}{NARROW_SPACE}h{NARROW_SPACE}{found:%M}{zone}"
    return f"{day(text, language)}, {found:%H:%M}{zone}"


def plain(value: float, language: Language, at_most: int = 4) -> str:
    """A number with as many decimals as it needs, at most ``at_most``.

    >>> plain(0.5, "fr"), plain(12.0, "en"), plain(0.123456, "en")
    ('0,5', '12', '0.1235')
    """
    needed = f"{float(value):.{at_most}f}".rstrip("0").partition(".")[2]
    return number(value, language, len(needed))
