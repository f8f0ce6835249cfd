"""The parts that a protocol names, made with their options; what is wrong with one has its place in the protocol."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..catalogue import Catalogue
from ..errors import Problem, ProtocolError
from ..files import read_yaml


@dataclass(kw_only=True)
class PartMaker:
    """Makes parts for one protocol and keeps the problems it meets."""

    path: Path
    catalogue: Catalogue
    problems: list[Problem] = field(default_factory=list)

    def where(self, *location: str | int) -> str:
        """The place of a part of the protocol, as file:line:column."""
        _, locate = read_yaml(self.path, ProtocolError)
        return locate(location)

    def _make(self, kind: str, name: str, options: Mapping[str, Any], location: tuple[str | int, ...]) -> object | None:
        """The part; None with its problems noted, each at the option that it is about."""
        try:
            return self.catalogue.make_at(self.where(*location), kind, name, options)
        except ProtocolError as error:
            self.problems += [self._placed(problem, name, location) for problem in error.problems]
            return None

    def _placed(self, problem: Problem, part: str, location: tuple[str | int, ...]) -> Problem:
        """A problem of options at their place in the protocol; what a part says of its own options has none yet."""
        option = str(problem.facts.get("option") or problem.where).replace("[", ".").replace("]", "").split(".")
        inside = tuple(int(each) if each.isdigit() else each for each in option)
        place = self.where(*location, "options", *inside)
        of_option = ("", part, *option, self.where(*location))
        return dataclasses.replace(problem, where=place if problem.where in of_option else f"{place}: {problem.where}")

    def _fields(self, kind: str, name: str, location: tuple[str | int, ...]) -> tuple[str, ...]:
        try:
            part = self.catalogue.part(kind, name, where=self.where(*location))
        except ProtocolError:  # _make notes it
            return ()
        return field_names(part.cls)


def field_names(cls: type) -> tuple[str, ...]:
    """The options of a part."""
    return tuple(f.name for f in dataclasses.fields(cls)) if dataclasses.is_dataclass(cls) else ()
