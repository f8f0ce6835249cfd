"""The catalogue of one process: what is installed, found by name and made from options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pluggy

from .. import hookspecs
from ..errors import CandidateError, ExtensionError, Problem, ProtocolError, collect
from ..files import unknown_name
from . import options as part_options
from . import sources
from .manifests import MANIFEST, CandidatePlugin, Manifest, load_manifest
from .parts import HOOKS, Part, Provider, called, doubled, hook_problems, registered


class Row(NamedTuple):
    """One line of ``plugin list``. ``kind`` is one of ``PART_KINDS`` or "candidate"."""

    kind: str
    name: str
    provider: str
    version: str
    summary: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shelf:
    parts: Mapping[str, Part]
    problems: tuple[Problem, ...]


def build_catalogue(*, extension_folders: Sequence[Path] = (), candidate_folders: Sequence[Path] = ()) -> Catalogue:
    """What is installed, with further extensions and candidate packages from folders.

    A folder is an extension or a candidate package itself, or holds several. Imports the installed extensions and
    those of ``extension_folders``, and no candidate. Built-in parts are imported when their kind is first asked for.
    Does not raise: whatever is wrong is raised by ``check_pending``, and by ``make`` before any part is handed out.
    """
    catalogue = Catalogue()
    for found in sources.installed_extensions():
        catalogue.add_extension(found)
    for place, provider in sources.installed_candidates():
        catalogue.add_candidate(place, provider)
    for folder in dict.fromkeys([*extension_folders, *candidate_folders]):
        kinds = {"extension": folder in extension_folders, "candidate": folder in candidate_folders}
        catalogue.add_folder(folder, **kinds)
    catalogue.add_registered_candidates()
    return catalogue


class Catalogue:
    """Parts by kind and name, and candidate packages by id. Made by ``build_catalogue``."""

    def __init__(self) -> None:
        self._plugins = pluggy.PluginManager(hookspecs.PROJECT)
        self._plugins.add_hookspecs(hookspecs.Hooks)
        self._providers: dict[str, Provider] = {}  # by plugin name
        self._shelves: dict[str, _Shelf] = {}
        self._manifests: dict[str, tuple[Manifest, Provider]] = {}
        self._extension_problems: list[Problem] = []
        self._candidate_problems: list[Problem] = []

    # ------------------------------------------------------------------------------------------------ asking

    def make(self, kind: str, name: str, /, **options: object) -> object:
        """A part made from its options.

        Raises ProtocolError with every problem of the name and the options; ExtensionError if anything registered for
        this kind is in doubt; KeyError if ``kind`` is not one of ``PART_KINDS``.
        """
        return self.make_at("", kind, name, options)

    def make_at(self, where: str, kind: str, name: str, options: Mapping[str, object]) -> object:
        """As ``make``; problems are said to be at ``where`` ("protocol.yaml:12:5")."""
        part = self.part(kind, name, where=where)
        facts = {"kind": kind, "name": name, "provider": part.provider.name}
        try:
            return part_options.build(part.cls, options, where=where, facts=facts)
        except part_options.OptionError as error:
            raise ProtocolError(*error.problems) from error

    def make_all(self, kind: str) -> tuple[Any, ...]:
        """Every part of a kind, by name, each made without options. Raises as ``make`` does."""
        return tuple(self.make(kind, name) for name in self.names(kind))

    def part(self, kind: str, name: str, *, where: str = "") -> Part:
        """The part of a kind with this name. Raises as ``make`` does."""
        shelf = self._shelf(kind)
        collect([*self._extension_problems, *shelf.problems], ExtensionError)
        if name not in shelf.parts:
            problem = unknown_name("catalogue.unknown_part", name, shelf.parts, where)
            raise ProtocolError(Problem(key=problem.key, where=where, facts={**problem.facts, "kind": kind}))
        return shelf.parts[name]

    def names(self, kind: str) -> tuple[str, ...]:
        """The names of a kind, sorted."""
        return tuple(self._shelf(kind).parts)

    def provider(self, kind: str, name: str) -> Provider:
        """Who provides a part. Raises as ``make`` does."""
        return self.part(kind, name).provider

    def candidates(self) -> Mapping[str, Manifest]:
        """The candidate packages by id, sorted."""
        return {name: manifest for name, (manifest, _) in sorted(self._manifests.items())}

    def describe(self) -> tuple[Row, ...]:
        """Everything that is installed, by kind and name."""
        parts = [part for kind in hookspecs.PART_KINDS for part in self._shelf(kind).parts.values()]
        rows = [
            Row(
                kind=part.kind,
                name=part.name,
                provider=part.provider.name,
                version=part.provider.version,
                summary=part.summary,
            )
            for part in parts
        ]
        for name, (manifest, provider) in sorted(self._manifests.items()):
            rows.append(_candidate_row(name, manifest, provider))
        return tuple(rows)

    def check_pending(self) -> None:
        """Load every part and raise ExtensionError with all problems of all providers together.

        CandidateError instead when only candidate packages have problems: then it is for their vendors to act.
        """
        of_parts = [problem for kind in hookspecs.PART_KINDS for problem in self._shelf(kind).problems]
        extension_problems = [*self._extension_problems, *of_parts]
        error = ExtensionError if extension_problems else CandidateError
        collect([*extension_problems, *self._candidate_problems], error)

    # ------------------------------------------------------------------------------------------------ filling

    def add_folder(self, folder: Path, *, extension: bool, candidate: bool) -> None:
        """Register what a folder holds of the kinds asked for; at least one of them must be there."""
        found = self._add_extensions_of(folder) if extension else False
        if candidate:
            packages = sources.candidates_in(folder)
            for path in packages:
                self.add_candidate(path, Provider(name=path.name, version="", where=str(path)))
            if not packages and not found:
                facts = {"file": MANIFEST}
                self._candidate_problems.append(Problem(key="catalogue.no_manifest", where=str(folder), facts=facts))
        elif not found:
            facts = {"group": sources.EXTENSIONS}
            self._extension_problems.append(Problem(key="catalogue.no_extension", where=str(folder), facts=facts))

    def _add_extensions_of(self, folder: Path) -> bool:
        try:
            found = sources.extensions_in(folder)
        except ExtensionError as error:
            self._extension_problems += error.problems
            return True
        for each in found:
            self.add_extension(each)
        return bool(found)

    def add_extension(self, found: sources.Found) -> None:
        """Import one extension and register it with the plugin manager."""
        try:
            plugin = sources.load(found)
        except ExtensionError as error:
            self._extension_problems += error.problems
            return
        if self._plugins.is_registered(plugin):  # found twice, as when it is installed from the folder given
            return
        self._extension_problems += hook_problems(plugin, found.provider)
        self._register(plugin, found.provider, self._extension_problems)

    def candidate(self, folder: Path, provider: Provider | None = None) -> Manifest:
        """Register the candidate package of a folder by its manifest, unless it is known, and return the manifest.

        Its code is not imported. Raises CandidateError with every problem of the manifest, or if another package has
        its id.
        """
        manifest = load_manifest(folder)
        other = self._manifests.get(manifest.id)
        if other is None:
            known_as = provider or Provider(name=folder.name, version="", where=str(folder))
            self._manifests[manifest.id] = (manifest, known_as)
            self._plugins.register(CandidatePlugin(manifest=manifest), name=manifest.id)
        elif other[0].folder.resolve() != manifest.folder.resolve():
            facts = {"name": manifest.id, "first": str(other[0].folder), "second": str(manifest.folder)}
            raise CandidateError(Problem(key="catalogue.doubled_candidate", where=str(folder), facts=facts))
        return manifest

    def add_candidate(self, folder: Path | None, provider: Provider) -> None:
        """As ``candidate``; problems are kept for ``check_pending``. ``folder``: None when none was found."""
        if folder is None:
            facts = {"file": MANIFEST}
            self._candidate_problems.append(Problem(key="catalogue.no_manifest", where=provider.where, facts=facts))
            return
        try:
            self.candidate(folder, provider)
        except CandidateError as error:
            self._candidate_problems += error.problems

    def add_registered_candidates(self) -> None:
        """Register the candidate packages that trusted extensions name by ``register_candidates``."""
        for hook in self._plugins.hook.register_candidates.get_hookimpls():
            provider = self._providers.get(hook.plugin_name)
            if provider is None:  # a candidate package itself: already known
                continue
            try:
                folders = called(hook, provider)
            except ExtensionError as error:
                self._extension_problems += error.problems
                continue
            for folder in folders:
                self.add_candidate(Path(str(folder)), provider)

    def _register(self, plugin: object, provider: Provider, problems: list[Problem]) -> None:
        name = f"extension {provider.where}"
        while self._plugins.has_plugin(name):  # one provider may have several entry points
            name += "+"
        try:
            self._plugins.register(plugin, name=name)
        except (pluggy.PluginValidationError, ValueError) as error:
            facts = {"provider": provider.name, "reason": str(error).replace("\n", " ")}
            problems.append(Problem(key="catalogue.hook_refused", where=provider.where, facts=facts))
            return
        self._providers[name] = provider

    def _shelf(self, kind: str) -> _Shelf:
        if kind not in self._shelves:
            self._shelves[kind] = self._filled_shelf(kind)
        return self._shelves[kind]

    def _filled_shelf(self, kind: str) -> _Shelf:
        problems: list[Problem] = []
        for found in sources.shelf(kind):
            try:
                self._register(sources.load(found), found.provider, problems)
            except ExtensionError as error:
                problems += error.problems
        parts: list[Part] = []
        for hook in getattr(self._plugins.hook, HOOKS[kind]).get_hookimpls():
            own_parts, own_problems = registered(hook, kind, self._providers[hook.plugin_name])
            parts += own_parts
            problems += own_problems
        problems += doubled(parts)
        by_name = {part.name: part for part in sorted(parts, key=lambda part: part.name)}
        return _Shelf(parts=by_name, problems=tuple(problems))


def _candidate_row(name: str, manifest: Manifest, provider: Provider) -> Row:
    identity = manifest.device.identity
    said = [field.value for field in (identity.manufacturer, identity.trade_name) if field]
    number = identity.version.value if identity.version else provider.version
    return Row(
        kind="candidate", name=name, provider=provider.name, version=number, summary=" ".join(said) or manifest.adapter
    )
