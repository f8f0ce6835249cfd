"""How facts of the record are named and written: metrics, levels, reasons, estimates, in one language."""

from __future__ import annotations

import math
import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from ..record import AcceptanceRow, ComparisonRow, EstimateRow, Record, Stratum
from ..vocabulary import NOT_RECORDED, SEVERAL_VALUES, Language
from ..wordings import numbers, say, words
from .select import BY_STATEMENT, STRUCTURE, statement_title, title_on_card

STATEMENT = "statement"  # the field of rows of several statements
SEX_FIELDS = ("sex", "PatientSex")  # F and M are words here, and may mean anything elsewhere
FINEST_DECIMALS = 4  # a limit is never printed finer than this, in percent or in units
DECIMALS_OF_LEVELS = 2  # of confidence, which several simultaneous bounds share: 98,33 %
ENOUGH = 30  # units from which on a lack is told with what it takes
STRATA = ("strata", "lesion_strata")  # of the card
PERCENT = "%"
INFINITE = "∞"  # how far a region lies that was not delivered
SEVERAL = 2  # a list is plural
DECIMALS = {"score": 3, "relative": 1}  # of a scale; two of all else
FINE = "score"  # of challenges, whose official figures have more decimals, and of overlaps
_FINE_METRICS = ("cinc20", "cpsc20", "macro_a", "dice", "nsd", "iou")
RELATIVE = "relative"  # to the volume of the reference: written in per cent, which may be below 0 or above 100
_RELATIVE_METRICS = ("volume_error", "volume_bias")
_OF_SCORES = ("auc", "average_precision")  # of a whole set, where cases were tested and none has a score
_AVERAGE = "average_"  # means of shares of recordings, which are compared by tenths however few recordings there are
_IN_TIME = (("duration_", "report.seconds"), ("_per_hour", "report.hours"), ("_per_day", "report.days"))
_BAND = re.compile(r"^\[(?P<low>-?[0-9.]+), (?P<high>-?[0-9.]+|\+)\)$")
_BELOW = re.compile(r"^<(?P<high>-?[0-9.]+)$")
_FROM = re.compile(r"^>=(?P<low>-?[0-9.]+)$")
_PLAIN_REASON = re.compile(r"^[a-z][a-z0-9_]*$")


@dataclass(frozen=True)
class Phrases:
    """The words of the report in one language."""

    language: Language
    card: Mapping[str, Any] = field(default_factory=dict)  # of the reference set: how it calls its strata

    def __call__(self, key: str, /, **facts: object) -> str:
        """The sentence ``key`` of the report's rooms."""
        return say(key, self.language, **facts)

    def named(self, prefix: str, name: str) -> str:
        """The word for ``name`` under ``prefix``, or ``name`` itself when an extension brought it."""
        return words(prefix.partition(".")[0], self.language).get(f"{prefix}.{name}", name)

    # ------------------------------------------------------------------------------------------------- names

    def metric(self, name: str, parameters: Mapping[str, Any] | None = None) -> str:
        """A metric with its options: "sensibilité des lésions (0,5 faux positif par image)"."""
        text = self.named("report.metric", name)
        shown = [
            self._parameter(key, value) for key, value in (parameters or {}).items() if value not in (None, [], "")
        ]
        return f"{text} ({', '.join(shown)})" if shown else text

    def _parameter(self, key: str, value: Any) -> str:
        text = self.option(value)
        room = words("report", self.language)
        if (worded := room.get(f"report.parameter.{key}.{value}")) is not None:
            return worded
        if f"report.parameter.{key}" not in room:
            return f"{key} = {text}"
        return self(f"report.parameter.{key}", value=text, number=value if _is_number(value) else SEVERAL)

    def option(self, value: Any) -> str:
        """The value of an option: numbers as written here, lists one after the other, statements by their titles."""
        if _is_number(value):
            return numbers.number(value, self.language, _decimals_of(value))
        if isinstance(value, list | tuple):
            pieces = [self.option(one) for one in value]
            return self.joined(pieces) if any(_is_number(one) for one in value) else ", ".join(pieces)
        return statement_title(str(value), self.language)

    def level(self, level: str, field: str = "") -> str:
        """A level of a stratum field: missing, mixed, numeric bands and statements in words, all else as recorded.

        A title on the card of the set goes before all of them.
        """
        if title := self._titled(level, field):
            return title
        if field == STATEMENT:
            return statement_title(level, self.language)
        if level in (NOT_RECORDED, SEVERAL_VALUES):
            return self(f"report.level.{level.replace(' ', '_')}")
        if (below := _BELOW.match(level)) is not None:
            return self("report.band_below", high=self._plain(below["high"]))
        if (above := _FROM.match(level)) is not None:
            return self("report.band_open", low=self._plain(above["low"]))
        if (band := _BAND.match(level)) is None:
            return self.named("report.sex" if field in SEX_FIELDS else "report.level", level)
        if band["high"] == "+":
            return self("report.band_open", low=self._plain(band["low"]))
        return self("report.band", low=self._plain(band["low"]), high=self._plain(band["high"]))

    def _titled(self, level: str, field: str) -> str:
        """What the card of the set calls a level, or a structure; "" where it says nothing."""
        if field == STRUCTURE:
            return title_on_card(self.card, level, self.language)
        titles = (self._on_card(field).get("level_titles") or {}).get(level) or {}
        return str(titles.get(self.language) or "")

    def field(self, name: str) -> str:
        """A stratum field by its title, with the unit of its levels; where lesions are measured, with the measure."""
        declared = self._on_card(name)
        title = (declared.get("title") or {}).get(self.language) or self.named("report.field", name)
        measure = declared.get("from")
        unit = declared.get("unit") if measure is None else self.named("report.lesion_measure", measure)
        return f"{title} ({unit})" if unit else title

    def _on_card(self, name: str) -> Mapping[str, Any]:
        """What the card of the set says of a stratum of cases or of lesions; {} for nothing."""
        return next((of_kind[name] for kind in STRATA if name in (of_kind := self.card.get(kind) or {})), {})

    def stratum(self, stratum: Stratum | None) -> str:
        """One stratum, or the whole set."""
        if not stratum:
            return self("report.whole_set")
        return ", ".join(
            f"{self.field(key)}{self('report.colon')}{self.level(value, key)}" for key, value in stratum.items()
        )

    def _plain(self, text: str) -> str:
        value = float(text)
        return numbers.number(value, self.language, _decimals_of(value))

    # ---------------------------------------------------------------------------------------------- estimates

    def value(self, value: float, scale: str, n: float) -> str:
        """A value on its scale: a share or a relative error in percent, all else with two decimals."""
        if scale == "share":
            return numbers.percent(value, self.language, numbers.percent_decimals(n))
        if scale == RELATIVE:
            return relative(value, self.language) + numbers.percent_sign(self.language)
        text = numbers.number(value, self.language, DECIMALS.get(scale, 2))
        if scale == "milliseconds":
            return f"{text}\u202fms"
        return f"{text}\u202fs" if scale == "seconds" else text

    def limits(self, low: float, high: float, scale: str, n: float) -> str:
        """Two confidence limits on their scale; percent signs are left to the estimate."""
        if scale == "share":
            decimals = numbers.percent_decimals(n)
            low_text, high_text = (numbers.percent_number(one, self.language, decimals) for one in (low, high))
        elif scale == RELATIVE:
            low_text, high_text = (relative(one, self.language) for one in (low, high))
        else:
            decimals = DECIMALS.get(scale, 2)
            low_text, high_text = (numbers.number(one, self.language, decimals) for one in (low, high))
        return numbers.between(low_text, high_text, self.language)

    def counts(self, row: EstimateRow | AcceptanceRow) -> str:
        """x/n of a row with the unit of times, or a dash where the metric is no proportion."""
        if row.numerator is None or not row.denominator or getattr(row, "not_estimable", None) == BY_STATEMENT:
            return "–"
        text = numbers.ratio(row.numerator, row.denominator, self.language)
        unit = next((key for part, key in _IN_TIME if part in row.metric), "")
        return f"{text}\u202f{self(unit)}" if unit else text

    def estimate(self, row: EstimateRow) -> str:
        """The value of an estimate, or why there is none."""
        if row.value is None:
            return self.not_estimable(row)
        return self.with_unit(self.value(row.value, scale_of(row), _finer_n(row)), row)

    def with_unit(self, text: str, row: EstimateRow | AcceptanceRow) -> str:
        """A number of a row with the unit that it was measured in, where it has one; differences of % are points."""
        if row.measured_in == PERCENT and row.scale == "measured":
            return f"{text}\u202f{self('report.points')}"
        return f"{text}\u202f{row.measured_in}" if row.measured_in else text

    def interval(self, row: EstimateRow | AcceptanceRow) -> str:
        """The interval of a row, or a dash."""
        if row.low is None or row.high is None:
            return "–"
        return self.limits(row.low, row.high, scale_of(row), _finer_n(row))

    def not_estimable(self, row: EstimateRow) -> str:
        """Why an estimate has no value."""
        if row.n_units == 0 and row.not_estimable in ("too_few", "no_denominator", "one_class"):
            is_of_scores = not row.stratum and any(part in row.metric for part in _OF_SCORES)
            return self("report.reason.nothing_scored" if is_of_scores else "report.reason.nothing_tested")
        facts = {"n": row.own_n, **row.not_estimable_facts}
        is_counted = row.imprecise or row.own_n >= ENOUGH  # for the protocol, but not for the method of the interval
        if row.not_estimable == "too_few" and "minimum" in facts and is_counted:
            return self("report.reason.too_few_for_interval", **{key: self.whole(n) for key, n in facts.items()})
        return self.reason(row.not_estimable or "", facts)

    def cell(self, row: EstimateRow) -> str:
        """An estimate with all that belongs to it, in lines of one cell; without a value the reason alone."""
        if row.value is None:
            return self.estimate(row)
        lines = [self.estimate(row), self.interval(row)]
        if row.numerator is not None:
            lines.append(self.counts(row))
        if row.imprecise:
            lines.append(self("report_results.imprecise"))
        return "\n".join(lines)

    def briefly(self, row: EstimateRow) -> str:
        """Why an estimate has no value, in a few words for a drawing."""
        reason = "nothing_tested" if row.n_units == 0 else row.not_estimable or ""
        known = words("report", self.language).get(f"report.brief.{reason}")
        return known.format(n=self.whole(row.own_n)) if known else self("report.brief.other")

    def joined(self, items: Iterable[str]) -> str:
        """Several pieces as a list in running text, between semicolons."""
        return self("report.semicolon").join(items)

    def reason(self, reason: str, facts: Mapping[str, Any]) -> str:
        """A reason for the absence of a number; one of an extension is shown as its own key, an unknown fact as ?."""
        sentence = words("report", self.language).get(f"report.reason.{reason}")
        if sentence is None or not _PLAIN_REASON.match(reason):
            return f"[{reason}]"
        written = {
            key: numbers.whole(value, self.language) if _is_number(value) else value for key, value in facts.items()
        }
        unknown = {name: "?" for _, name, _, _ in string.Formatter().parse(sentence) if name}
        return say(f"report.reason.{reason}", self.language, **{**unknown, **written})

    def confidence(self, level: float | None) -> str:
        """A confidence level in percent: "95 %", "97,5 %"; finer than two decimals only next to 100 %."""
        exact = (level if level is not None else 0.95) * 100
        percent = round(exact, DECIMALS_OF_LEVELS)
        percent = round(exact, FINEST_DECIMALS) if percent == 100 else percent
        return f"{numbers.number(percent, self.language, _decimals_of(percent))}{numbers.percent_sign(self.language)}"

    def method(self, name: str | None) -> str:
        """An interval method as it is cited."""
        return self.named("report.method", name) if name else "–"

    def whole(self, value: float) -> str:
        """A count."""
        return numbers.whole(value, self.language)

    def percent(self, share: float, decimals: int = 1) -> str:
        """A share in percent."""
        return numbers.percent(share, self.language, decimals)


def as_language(language: str) -> Language:
    """A language code that the report knows. Raises ValueError otherwise."""
    for known in get_args(Language):
        if language == known:
            return known  # type: ignore[no-any-return]
    raise ValueError(language)


def phrases_of(record: Record, language: str) -> Phrases:
    """The words of the report on one record, with how its reference set calls its strata."""
    return Phrases(as_language(language), record.reference_set.card)


def beside(bound: float, limit: float, scale: str, phrases: Phrases, n: float) -> tuple[str, str]:
    """A bound, which may be infinite, and the limit it is compared with, so fine that unequal ones never look equal."""
    factor = 100.0 if scale in ("share", RELATIVE) else 1.0
    if math.isinf(bound):
        return INFINITE, beside(limit, limit, scale, phrases, n)[1]
    least = numbers.percent_decimals(n) if scale == "share" else DECIMALS.get(scale, 2)
    limit_text = _shortest(limit * factor, phrases.language)
    decimals = least
    while (
        decimals < FINEST_DECIMALS
        and bound != limit
        and round(bound * factor, decimals) == round(limit * factor, decimals)
    ):
        decimals += 1
    bound_text = numbers.number(
        bound * factor, phrases.language, 0 if bound in (0.0, 1.0) and scale == "share" else decimals
    )
    sign = numbers.percent_sign(phrases.language) if scale in ("share", RELATIVE) else ""
    return f"{bound_text}{sign}", f"{limit_text}{sign}"


def limit_text(rule: AcceptanceRow, phrases: Phrases) -> str:
    """The limit of a rule with as many decimals as it was given."""
    return phrases.with_unit(beside(rule.limit, rule.limit, scale_of(rule), phrases, rule.own_n)[1], rule)


def _shortest(value: float, language: Language) -> str:
    value = round(value, FINEST_DECIMALS)
    return numbers.number(value, language, _decimals_of(value))


def scale_of(row: EstimateRow | AcceptanceRow | ComparisonRow) -> str:
    """The scale that the numbers of a row are written on: of its metric, finer or in per cent where usual."""
    if row.metric in _RELATIVE_METRICS:
        return RELATIVE
    return FINE if row.metric.startswith(_FINE_METRICS) and row.scale != "share" else row.scale


def relative(value: float, language: Language) -> str:
    """A relative error in per cent without its sign, always with one decimal.

    >>> relative(-0.29, "en"), relative(1.0, "fr")
    ('−29.0', '100,0')
    """
    return numbers.number(100 * value, language, DECIMALS[RELATIVE])


def _finer_n(row: EstimateRow | AcceptanceRow) -> float:
    """What decides on the decimals of a percentage."""
    return max(row.own_n, numbers.ONE_DECIMAL_FROM_N) if row.metric.startswith(_AVERAGE) else row.own_n


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _decimals_of(value: float) -> int:
    text = f"{float(value):.{FINEST_DECIMALS}f}".rstrip("0")
    return len(text.partition(".")[2])
