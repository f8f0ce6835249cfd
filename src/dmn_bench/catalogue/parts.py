"""Parts and who provides them: from the hooks of plugins to a checked list of named classes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pluggy

from .. import hookspecs
from ..errors import ExtensionError, Problem
from ..files import unknown_name

NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")
PROTOCOLS: dict[str, tuple[type, ...]] = {
    "reader": (hookspecs.Reader,),
    "adapter": (hookspecs.LiveAdapter, hookspecs.FileAdapter),
    "task": (hookspecs.Task,),
    "metric": (hookspecs.Metric,),
    "report_section": (hookspecs.ReportSection,),
}
HOOKS = {kind: f"register_{kind}s" for kind in hookspecs.PART_KINDS}
ALL_HOOKS = (*HOOKS.values(), "register_candidates")


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """Who brings parts: a distribution or a folder, its version ("" when it states none), and where it was found."""

    name: str
    version: str
    where: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One class that a provider registered under a kind; ``name`` is unique within the kind."""

    kind: str
    name: str
    cls: type
    provider: Provider

    @property
    def summary(self) -> str:
        """First line of its docstring."""
        return (inspect.getdoc(self.cls) or "").partition("\n")[0]


def hook_problems(plugin: object, provider: Provider) -> Iterator[Problem]:
    """What is wrong with the hooks of one plugin before it is called: unknown, unmarked, or none at all."""
    marked = [name for name in dir(plugin) if _is_marked(plugin, name)]
    for name in marked:
        if name not in ALL_HOOKS:
            yield _of(provider, unknown_name("catalogue.unknown_hook", name, ALL_HOOKS, provider.where))
    for name in dir(plugin):
        if name.startswith("register_") and name not in marked and inspect.isroutine(getattr(plugin, name)):
            yield _problem(provider, "catalogue.unmarked_hook", hook=name)
    if not marked:
        yield _problem(provider, "catalogue.no_hooks", known=", ".join(ALL_HOOKS))


def called(hook: pluggy.HookImpl, provider: Provider) -> list[object]:
    """What a hook of one plugin returns.

    Raises ExtensionError if it raises, or returns anything but a list.
    """
    try:
        returned = hook.function()
    except Exception as error:  # whatever a stranger's hook raises is that stranger's problem
        reason = f"{type(error).__name__}: {error}"
        problem = _problem(provider, "catalogue.hook_failed", hook=hook.function.__name__, reason=reason)
        raise ExtensionError(problem) from error
    if not isinstance(returned, list):
        found = type(returned).__name__
        raise ExtensionError(_problem(provider, "catalogue.hook_not_a_list", hook=hook.function.__name__, found=found))
    return returned


def registered(hook: pluggy.HookImpl, kind: str, provider: Provider) -> tuple[list[Part], list[Problem]]:
    """The sound parts that a plugin registers under a kind, and a problem for everything else it returns."""
    try:
        returned = called(hook, provider)
    except ExtensionError as error:
        return [], list(error.problems)
    parts: list[Part] = []
    problems: list[Problem] = []
    for cls in returned:
        wrong = list(part_problems(cls, kind, provider))
        problems += wrong
        if isinstance(cls, type) and not wrong:
            parts.append(Part(kind=kind, name=str(getattr(cls, "name", "")), cls=cls, provider=provider))
    return parts, problems


def part_problems(cls: object, kind: str, provider: Provider) -> Iterator[Problem]:
    """What keeps a registered object from being a part of this kind: no class, name or docstring, missing methods."""
    if not isinstance(cls, type):
        yield _problem(provider, "catalogue.part_not_a_class", kind=kind, found=repr(cls)[:60])
        return
    name = getattr(cls, "name", None)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        yield _problem(provider, "catalogue.part_without_name", kind=kind, found=cls.__qualname__)
    doc = cls.__dict__.get("__doc__") or ""
    if not doc.strip() or doc.startswith(f"{cls.__name__}("):  # the docstring that dataclass() writes says nothing
        yield _problem(provider, "catalogue.part_without_doc", kind=kind, found=cls.__qualname__)
    missing = min((_missing(cls, protocol) for protocol in PROTOCOLS[kind]), key=len)
    if missing:
        yield _problem(
            provider, "catalogue.part_incomplete", kind=kind, found=cls.__qualname__, missing=", ".join(missing)
        )


def doubled(parts: Sequence[Part]) -> Iterator[Problem]:
    """A problem for every name that several parts of a kind claim, naming both providers."""
    first: dict[str, Part] = {}
    for part in parts:
        other = first.setdefault(part.name, part)
        if other is not part:
            facts = {"kind": part.kind, "name": part.name}
            facts |= {"first": _named(other.provider), "second": _named(part.provider)}
            yield Problem(key="catalogue.doubled_part", where=part.provider.where, facts=facts)


def _missing(cls: type, protocol: type) -> list[str]:
    required = [
        name for name, value in vars(protocol).items() if not name.startswith("_") and inspect.isfunction(value)
    ]
    required += [name for name, kind in inspect.get_annotations(protocol).items() if str(kind).startswith("ClassVar")]
    return [name for name in required if not hasattr(cls, name)]


def _is_marked(plugin: object, name: str) -> bool:
    return hasattr(getattr(plugin, name, None), f"{hookspecs.PROJECT}_impl")


def _named(provider: Provider) -> str:
    return f"{provider.name} ({provider.where})"


def _of(provider: Provider, problem: Problem) -> Problem:
    return Problem(key=problem.key, where=problem.where, facts={**problem.facts, "provider": provider.name})


def _problem(provider: Provider, key: str, **facts: str) -> Problem:
    return Problem(key=key, where=provider.where, facts={"provider": provider.name, **facts})
