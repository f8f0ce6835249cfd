"""Options of `dmn-bench plan`: numbers typed with a comma or a point, shares also in percent, checked together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from ..errors import Fact, Problem, ProtocolError, collect
from ..vocabulary import Language
from ..wordings import say

if TYPE_CHECKING:
    from ..reporting.drawings.lines import Panel
    from ..vocabulary import Grid

KINDS = (".svg", ".html")


@dataclass(kw_only=True)
class Typed:
    """Reads what was typed and keeps every problem, so that all are shown together by ``check``."""

    problems: list[Problem] = field(default_factory=list)

    def share(self, option: str, text: str, *, ends: bool = False) -> float:
        """A share between 0 and 1, with ``ends`` 0 and 1 themselves too: "0.9", "0,9", "90%", "90 %"."""
        value = _number(text)
        if (0 < value < 1) or (ends and value in (0.0, 1.0)):
            return value
        return self._wrong("plan.not_a_share_or_end" if ends else "plan.not_a_share", option, text, 0.5)

    def half_width(self, option: str, text: str) -> float:
        """A half-width of an interval, above 0 and below 0.5."""
        value = _number(text)
        return value if 0 < value < 0.5 else self._wrong("plan.not_a_half_width", option, text, 0.1)

    def at_least_one(self, option: str, text: str) -> float:
        """A mean number of units, at least 1."""
        value = _number(text)
        if 1 <= value < math.inf and "%" not in text:
            return value
        return self._wrong("plan.not_at_least_one", option, text, 1.0)

    def named_shares(self, option: str, texts: Sequence[str], *, name_alone: str = "") -> Mapping[str, float]:
        """``NAME=SHARE`` several times; a share without a name belongs to ``name_alone``, where that is allowed."""
        found: dict[str, float] = {}
        for text in texts:
            name, equals, value = text.rpartition("=")
            if (not equals and not name_alone) or (equals and not name.strip()):
                self._wrong("plan.not_named", option, text, 0.0)
                continue
            found[name.strip() if equals else name_alone] = self.share(option, value, ends=True)
        return found

    def require(self, holds: bool, key: str, option: str, **facts: Fact) -> None:
        """Note a problem unless ``holds``."""
        if not holds:
            self.problems.append(Problem(key=key, where=option, facts=facts))

    def out(self, path: Path | None) -> None:
        """Note a figure file of a kind that is not written."""
        if path is not None:
            self.require(path.suffix.lower() in KINDS, "plan.out_kind", "--out", found=path.name)

    def check(self) -> None:
        """Raises ProtocolError with every problem so far."""
        collect(self.problems, ProtocolError)

    def _wrong(self, key: str, option: str, text: str, instead: float) -> float:
        self.problems.append(Problem(key=key, where=option, facts={"found": text}))
        return instead  # never used: check() raises before


def _number(text: str) -> float:
    """The number of a text with a comma or a point, in percent where it says so; NaN where it is none."""
    plain = text.strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    is_percent = plain.endswith("%")
    plain = plain.removesuffix("%")
    if plain.count(",") + plain.count(".") > 1:
        return math.nan  # 1.234,5 or 1,234.5: which of both separates thousands is a guess
    try:
        value = float(plain.replace(",", "."))
    except ValueError:
        return math.nan
    return round(value / 100, 12) if is_percent else value


@dataclass(frozen=True, kw_only=True)
class Recruiting:
    """What every sample size shares: how units come in."""

    units_per_patient: float
    icc: float
    unanswered: float
    prevalence: float | None
    strata: Mapping[str, float]
    confidence: float
    power: float


def recruiting(typed: Typed, said: Mapping[str, Any]) -> Recruiting:
    """The shared options from what was typed: prevalence, clusters, non-answers, strata, confidence, power."""
    units = typed.at_least_one("--units-per-patient", said["units_per_patient"])
    has_icc = said["icc"] is not None
    typed.require(units == 1 or has_icc, "plan.icc_missing", "--icc", found=said["units_per_patient"])
    unanswered = typed.share("--non-answers", said["non_answers"], ends=True)
    typed.require(unanswered < 1, "plan.nobody_answers", "--non-answers")
    strata = typed.named_shares("--stratum", said["stratum"])
    for name, share in strata.items():
        typed.require(share > 0, "plan.empty_stratum", "--stratum", found=name)
    typed.out(said["out"])
    return Recruiting(
        units_per_patient=units,
        icc=typed.share("--icc", said["icc"], ends=True) if has_icc else 0.0,
        unanswered=unanswered,
        prevalence=None if said["prevalence"] is None else typed.share("--prevalence", said["prevalence"]),
        strata=strata,
        confidence=typed.share("--confidence", said["confidence"]),
        power=typed.share("--power", said["power"]),
    )


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a command shows: tables, then sentences, and the panels of its figure."""

    subtitle: str
    grids: Sequence[Grid]
    sentences: Sequence[str]
    panels: Sequence[Panel] = ()


@dataclass(frozen=True)
class Help:
    """Typer options with their help in one language; every number is text until ``Typed`` has read it."""

    language: Language

    def text(self, name: str, default: str | None = None) -> Any:
        """An option that takes a number; required with ``default`` "…"."""
        words = say(f"plan.help.{name.replace('-', '_')}", self.language)
        metavar = say("plan.metavar.number", self.language)
        return typer.Option(... if default == "…" else default, f"--{name}", help=words, metavar=metavar)

    def several(self, name: str, kind: Literal["named", "number"] = "named") -> Any:
        """An option that may be repeated."""
        words = say(f"plan.help.several_{name}", self.language)
        return typer.Option([], f"--{name}", help=words, metavar=say(f"plan.metavar.{kind}", self.language))

    def out(self) -> Any:
        """The file of the figure."""
        return typer.Option(None, "--out", help=say("plan.help.out", self.language))
