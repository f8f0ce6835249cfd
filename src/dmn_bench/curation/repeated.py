"""What many files show alike, slice after slice, said once and with how many they are."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from ..errors import Fact, Problem
from ..reference_set.csv_rows import Problems


@dataclass(kw_only=True)
class _Met:
    """One thing that was met: where first, its facts, and what it was met in."""

    into: Problems
    where: str
    facts: dict[str, Fact]
    within: set[Hashable] = field(default_factory=set)


class Repeats:
    """Things met again and again; ``tell`` notes each once, where it was met first, with ``n``."""

    def __init__(self) -> None:
        self._met: dict[tuple[str, Hashable], _Met] = {}

    def meet(self, into: Problems, key: str, where: str, *, what: Hashable, within: Hashable, **facts: Fact) -> None:
        """Meet something: ``what`` tells it from others of the same key, ``within`` is what is counted once."""
        met = self._met.setdefault((key, what), _Met(into=into, where=where, facts=facts))
        met.within.add(within)

    def tell(self) -> None:
        """Note everything that was met, in the order in which it first was."""
        for (key, _), met in self._met.items():
            met.into.note(Problem(key=key, where=met.where, facts={**met.facts, "n": len(met.within)}))
        self._met.clear()
