"""Checks of what a package says of itself: its manifest, its declarations, its addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel

from ..catalogue import Device
from ..errors import DmnBenchError, Problem
from ..hookspecs import ChildProgram
from .answer_checks import result
from .suite import NotApplicable, Result, Suite

NETWORK_OPEN = "network_not_blocked"  # a word of what is in force
LOOPBACK = ("127.", "localhost", "[::1]", "::1")


def manifest(suite: Suite) -> Result:
    """candidate.yaml and device.yaml are valid, and the adapter takes the options."""
    try:
        suite.open()
    except DmnBenchError as error:
        return Result(id="manifest", outcome="failed", problems=error.problems)
    return Result(id="manifest", outcome="passed")


def declarations(suite: Suite) -> Result:
    """A device.yaml is there; what it leaves open is listed."""
    found = suite.package.manifest
    missing = not_declared(found.device)
    evidence = {"n_fields": n_fields(Device), "n_not_declared": len(missing)}
    if found.device == Device():
        problem = Problem(key="plugin_kit.found.nothing_declared", where=str(found.folder))
        return Result(id="declarations", outcome="failed", problems=(problem,), evidence=evidence)
    notes: tuple[Problem, ...] = ()
    if missing:
        notes = (Problem(key="plugin_kit.note.not_declared", facts={"n": len(missing), "found": ", ".join(missing)}),)
    return Result(id="declarations", outcome="passed", notes=notes, evidence=evidence)


def network(suite: Suite) -> Result:
    """Every address that the program needs is declared; nothing else was within its reach."""
    program, adapter = suite.package.program, suite.package.manifest.adapter
    if program is None:
        raise NotApplicable("program", adapter=adapter)
    declared = {host.address: host for host in suite.package.manifest.device.needs.hosts or ()}
    problems = [
        Problem(key="plugin_kit.found.host_undeclared", facts={"found": address})
        for address in program.hosts
        if address not in declared
    ]
    notes = [
        Problem(
            key=f"plugin_kit.note.host_images_{images_sent(program, address, host.images)}",
            facts={"address": address, "purpose": host.purpose or "—"},
        )
        for address, host in declared.items()
    ]
    found = result("network", problems, n_hosts=len(declared))
    if program.where == "here":
        suite.first  # noqa: B018 - what was in force is known once it was asked
        if NETWORK_OPEN in suite.isolation:
            notes.append(Problem(key="plugin_kit.note.network_open"))
            found = found if problems else replace(found, outcome="not_applicable")
    return replace(found, notes=tuple(notes))


def images_sent(program: ChildProgram, address: str, declared: bool | None) -> Literal["yes", "no", "unknown"]:
    """Whether images go to an address, as the way of asking shows, else as the vendor declares."""
    if program.where == "elsewhere" and address in program.hosts:
        return "no" if address.startswith(LOOPBACK) else "yes"
    return "unknown" if declared is None else "yes" if declared else "no"


def not_declared(device: Device) -> tuple[str, ...]:
    """The fields of device.yaml that say nothing, as paths; an empty list (no hosts) says something."""
    return tuple(_open_fields(device, ""))


def n_fields(model: type[BaseModel]) -> int:
    """How many fields a vendor may fill."""
    total = 0
    for name, field in model.model_fields.items():
        inner = field.annotation
        is_part = isinstance(inner, type) and issubclass(inner, BaseModel)
        total += 0 if name == "format" else n_fields(inner) if is_part else 1  # type: ignore[arg-type]
    return total


def _open_fields(part: BaseModel, where: str) -> list[str]:
    found: list[str] = []
    values: Mapping[str, Any] = dict(part)
    for name, value in values.items():
        path = f"{where}.{name}".lstrip(".")
        annotation = type(part).model_fields[name].annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            found += _open_fields(value, path)
        elif value is None:
            found.append(path)
    return found
