"""Where plugins are found: the shelves of this package, installed distributions, and folders."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path

from ..errors import ExtensionError, Problem, collect
from .manifests import MANIFEST
from .parts import Provider

EXTENSIONS = "dmn_bench"
CANDIDATES = "dmn_bench.candidates"
SHELVES = {  # kind of part -> the package whose modules bring the built-in ones; every file on a shelf is looked at
    "reader": "dmn_bench.inputs",
    "adapter": "dmn_bench.adapters",
    "task": "dmn_bench.tasks",
    "metric": "dmn_bench.metrics",
    "report_section": "dmn_bench.reporting.sections",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A plugin that was found and not yet imported."""

    provider: Provider
    entry: EntryPoint
    folder: Path | None = None  # of an extension that is not installed


def shelf(kind: str) -> list[Found]:
    """The built-in modules of a kind, by name, but for those named ``_…`` (helpers) and ``…_runner`` (for a child)."""
    package = importlib.import_module(SHELVES[kind])
    own = version("dmn-bench")
    found = (info.name for info in pkgutil.iter_modules(package.__path__))
    modules = sorted(name for name in found if not name.startswith("_") and not name.endswith("_runner"))
    return [
        Found(
            provider=Provider(name="dmn-bench", version=own, where=f"{SHELVES[kind]}.{name}"),
            entry=EntryPoint(name=name, value=f"{SHELVES[kind]}.{name}", group=EXTENSIONS),
        )
        for name in modules
    ]


def installed_extensions() -> list[Found]:
    """Extensions of installed distributions, listed by their metadata."""
    return [
        Found(provider=_distribution(entry), entry=entry)
        for entry in sorted(entry_points(group=EXTENSIONS), key=lambda entry: (entry.name, entry.value))
    ]


def installed_candidates() -> Iterator[tuple[Path | None, Provider]]:
    """Folders of installed candidate packages, None where one has no manifest; nothing is imported.

    The entry point's value is the top-level package that holds ``candidate.yaml``.
    """
    for entry in sorted(entry_points(group=CANDIDATES), key=lambda entry: (entry.name, entry.value)):
        spec = importlib.util.find_spec(entry.module.partition(".")[0])  # of a top-level name: looks, does not import
        places = (spec.submodule_search_locations if spec else None) or ()
        folders = [Path(place) for place in places if (Path(place) / MANIFEST).is_file()]
        yield (folders[0] if folders else None), _distribution(entry)


def extensions_in(folder: Path) -> list[Found]:
    """The extensions of a folder, or of the folders right below it: those whose pyproject.toml has the entry point.

    Raises ExtensionError with every problem: a pyproject.toml that cannot be read, a candidate package that would also
    be an extension.
    """
    projects = [path for path in _here_and_below(folder) if (path / "pyproject.toml").is_file()]
    found: list[Found] = []
    problems: list[Problem] = []
    for project in projects:
        try:
            found += _declared(project)
        except ExtensionError as error:
            problems += error.problems
    collect(problems, ExtensionError)
    return found


def candidates_in(folder: Path) -> list[Path]:
    """The candidate packages of a folder, or of the folders right below it; () when there is none."""
    return [path for path in _here_and_below(folder) if (path / MANIFEST).is_file()]


def load(found: Found) -> object:
    """Import a plugin: the only place where a stranger's extension is imported.

    Raises ExtensionError if the import fails in any way, or finds a module of that name elsewhere.
    """
    if found.folder is not None:
        places = [str(place) for place in (found.folder, found.folder / "src") if place.is_dir()]
        sys.path += [place for place in places if place not in sys.path]  # last: it must not hide what is installed
        importlib.invalidate_caches()
    try:
        plugin = found.entry.load()
    except Exception as error:  # whatever a stranger's module raises is that stranger's problem
        reason = f"{type(error).__name__}: {error}"
        facts = {"provider": found.provider.name, "module": found.entry.value, "reason": reason}
        problem = Problem(key="catalogue.import_failed", where=found.provider.where, facts=facts)
        raise ExtensionError(problem) from error
    _refuse_elsewhere(found)
    return plugin


def _refuse_elsewhere(found: Found) -> None:
    origin = getattr(sys.modules[found.entry.module], "__file__", None) or ""
    if found.folder is not None and not Path(origin).resolve().is_relative_to(found.folder.resolve()):
        facts = {"provider": found.provider.name, "module": found.entry.module, "found": origin or "-"}
        raise ExtensionError(Problem(key="catalogue.imported_elsewhere", where=str(found.folder), facts=facts))


def _declared(project: Path) -> list[Found]:
    path = project / "pyproject.toml"
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {})
    except (OSError, ValueError) as error:
        facts = {"found": str(error)}
        raise ExtensionError(Problem(key="catalogue.pyproject_unreadable", where=str(path), facts=facts)) from error
    declared = said.get("entry-points", {}).get(EXTENSIONS, {})
    if declared and (project / MANIFEST).exists():
        raise ExtensionError(Problem(key="catalogue.both_doors", where=str(path), facts={"file": MANIFEST}))
    provider = Provider(
        name=str(said.get("name", project.name)), version=str(said.get("version", "")), where=str(project)
    )
    return [
        Found(provider=provider, entry=EntryPoint(name=name, value=value, group=EXTENSIONS), folder=project)
        for name, value in sorted(declared.items())
    ]


def _here_and_below(folder: Path) -> Sequence[Path]:
    below = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    return [folder, *below]


def _distribution(entry: EntryPoint) -> Provider:
    name, number = (entry.dist.name, entry.dist.version) if entry.dist else ("-", "")
    return Provider(name=name, version=number, where=f"{name}: {entry.name} = {entry.value}")
