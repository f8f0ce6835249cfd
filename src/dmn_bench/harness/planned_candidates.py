"""The candidates of a protocol: each made and checked before it is asked."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from ..catalogue import Device, Manifest
from ..catalogue.manifests import ALWAYS_GIVEN, declared_gpu, declared_hosts
from ..errors import CandidateError, InputFileError, Problem
from ..files import sha256_of_json
from ..hookspecs import FileAdapter, LiveAdapter, Reader
from ..inputs.leads import STANDARD_12, standard_lead, usual_leads
from ..inputs.recordings import recording_info
from ..protocol import CandidateEntry, Protocol
from ..reference_set import ReferenceSet
from ..vocabulary import OperatingPoint, SignalForm
from .gpu_needs import gpu_problems
from .planned_parts import PartMaker, field_names
from .set_loading import format_readers

NEUTRAL_LEAD = re.compile(r"lead-[0-9]+")
"""What a lead of a recording is called whose name is not known."""
LOOKED_AT = 100  # recordings whose leads are listed


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One candidate ready to be asked."""

    entry: CandidateEntry
    adapter_name: str
    adapter: LiveAdapter | FileAdapter
    base: Path
    options: Mapping[str, Any]
    device: Device
    operating_points: Mapping[str, OperatingPoint]
    findings: Mapping[str, str]  # the vendor's word -> the set's
    files: Mapping[str, str]  # relative path -> sha256
    conditions: Mapping[str, Any] = field(default_factory=dict)  # of asking: what may change an answer beside the files
    signals: SignalForm | None = None  # how it wants recordings; None: as recorded

    @property
    def id(self) -> str:
        """The id that the protocol gives it."""
        return self.entry.id

    @property
    def is_live(self) -> bool:
        """Whether it is asked case by case, rather than read from files."""
        return hasattr(self.adapter, "program")

    def asked_sha256(self, reference_set_sha256: str, readers: Sequence[Reader], *, probe: str = "") -> str:
        """Hash of what is asked: the set, the candidate's files, how it is asked, how its inputs are read.

        ``probe``: names a further asking of the same questions, whose answers are kept apart.
        """
        asked = {
            "format": "dmn-bench/asked/1",
            "reference_set": reference_set_sha256,
            "adapter": self.adapter_name,
            "options": self.options,
            "files": dict(self.files),
            "readers": {reader.name: _options_of(reader) for reader in readers},
            **({"conditions": dict(self.conditions)} if self.conditions else {}),
            **({"probe": probe} if probe else {}),
        }
        return sha256_of_json(asked)


@dataclass(kw_only=True)
class CandidatePlanner(PartMaker):
    """Makes the candidates of a protocol, and notes every problem of them."""

    protocol: Protocol
    reference_set: ReferenceSet
    of_candidates: list[Problem] = field(default_factory=list)  # what their files and options are, not the protocol

    def every_candidate(self) -> tuple[Candidate, ...]:
        """Those that can be made; of the others the problems are noted."""
        found = []
        for index, entry in enumerate(self.protocol.candidates):
            try:
                found.append(self.candidate(index, entry))
            except CandidateError as error:
                self.of_candidates += error.problems
        return tuple(each for each in found if each is not None)

    def candidate(self, index: int, entry: CandidateEntry) -> Candidate | None:
        """The candidate made; None with its problems noted.

        Raises CandidateError; what is wrong with options given in the protocol has its place there.
        """
        try:
            return self._candidate(index, entry)
        except CandidateError as error:
            if entry.package is not None:
                raise
            folder, here = str(self.path.parent), self.where("candidates", index)
            placed = (dataclasses.replace(p, where=here) if p.where == folder else p for p in error.problems)
            raise CandidateError(*placed) from error

    def place_of(self, candidate: Candidate) -> str:
        """Where a candidate is declared: in the protocol, or in its package."""
        if candidate.entry.package is not None:
            return str(candidate.base)
        return self.where("candidates", self.protocol.candidates.index(candidate.entry))

    def _candidate(self, index: int, entry: CandidateEntry) -> Candidate | None:
        manifest = self._manifest(entry)
        base = self.path.parent if manifest is None else manifest.folder
        name = entry.adapter if manifest is None else manifest.adapter
        location = ("candidates", index)
        fields = self._fields("adapter", name or "", location)
        options = adapter_options(entry, manifest, fields)
        adapter = self._make("adapter", name or "", options, location)
        if adapter is None:
            return None
        typed = cast("LiveAdapter | FileAdapter", adapter)
        if hasattr(typed, "program"):
            self._check_live(entry, manifest, cast("LiveAdapter", typed), base, location)
        if "labels" not in fields and (entry.labels or (manifest is not None and manifest.labels)):
            where = self.where(*location)
            self.problems.append(Problem(key="protocol.labels_unused", where=where, facts={"found": name or ""}))
        signals = self._signals(entry, manifest, typed, location)
        points = {name: OperatingPoint(**point.model_dump()) for name, point in entry.operating_points.items()}
        return Candidate(
            entry=entry,
            adapter_name=name or "",
            adapter=typed,
            base=base,
            options=options,
            device=Device() if manifest is None else manifest.device,
            operating_points={**({} if manifest is None else manifest.operating_points), **points},
            findings={**({} if manifest is None else manifest.findings), **entry.findings},
            files=dict(typed.identity(base)),
            conditions=self._conditions(typed, base, signals),
            signals=signals,
        )

    def _check_live(
        self,
        entry: CandidateEntry,
        manifest: Manifest | None,
        adapter: LiveAdapter,
        base: Path,
        location: tuple[str | int, ...],
    ) -> None:
        """Note what a candidate that is asked now needs and does not get."""
        if not all(case.files for case in self.reference_set.cases):
            where = self.where(*location)
            self.problems.append(Problem(key="protocol.no_files_to_send", where=where, facts={"found": entry.id}))
        granted = self.protocol.execution.network
        program = adapter.program(base, {})
        needs_gpu = None if manifest is None else manifest.device.needs.gpu
        name = str(getattr(adapter, "name", ""))
        self.problems += gpu_problems(program, needs_gpu, name, str(base))
        for host in program.hosts:
            if host not in granted:
                facts = {"found": host, "candidate": entry.id, "known": ", ".join(granted) or "[]"}
                where = self.where("execution", "network") if granted else self.where(*location)
                self.problems.append(Problem(key="protocol.network_not_granted", where=where, facts=facts))

    def _signals(
        self,
        entry: CandidateEntry,
        manifest: Manifest | None,
        adapter: LiveAdapter | FileAdapter,
        location: tuple[str | int, ...],
    ) -> SignalForm | None:
        """How the candidate wants recordings, by the protocol or else its package; where it can be honoured."""
        if entry.signals is None and (manifest is None or manifest.signals is None):
            return None
        receives = getattr(adapter, "receives", "") if hasattr(adapter, "program") else ""
        if receives not in ("array", "wfdb"):
            key = "protocol.signals_of_copies" if receives else "protocol.signals_unused"
            facts = {"found": entry.id, **({"receives": receives} if receives else {})}
            self.problems.append(Problem(key=key, where=self.where(*location), facts=facts))
        form = entry.signals.form if entry.signals is not None else manifest.signals if manifest is not None else None
        if form is not None and form.unit != "mV" and getattr(adapter, "signals", None) is not None:
            facts = {"found": form.unit, "candidate": entry.id}  # the adapter's own description counts from mV
            self.problems.append(Problem(key="protocol.signals_unit_twice", where=self.where(*location), facts=facts))
        if form is not None:
            self._check_leads(form, (*location, "signals") if entry.signals is not None else location)
        return form

    def _check_leads(self, form: SignalForm, location: tuple[str | int, ...]) -> None:
        """Note leads of a name that nobody knows: no recording can have them, and every one would be refused."""
        unknown = [name for name in form.leads if standard_lead(name) is None and not NEUTRAL_LEAD.fullmatch(name)]
        if not unknown:
            return
        there = tuple(self._leads_there())
        for name in dict.fromkeys(unknown):
            nearest = _like(name, there) or _like(name, STANDARD_12)
            facts = {"found": name, "known": ", ".join(there) or "—", "nearest": ", ".join(nearest)}
            key = "protocol.unknown_lead_nearest" if nearest else "protocol.unknown_lead"
            self.problems.append(Problem(key=key, where=self.where(*location), facts=facts))

    def _leads_there(self) -> list[str]:
        """The known leads of the set's first recordings, where their headers name them."""
        found: dict[str, None] = {}
        readers = format_readers(self.catalogue)
        for case in [case for case in self.reference_set.cases if case.files][:LOOKED_AT]:
            try:
                leads = recording_info(self.reference_set.root / case.files[0], readers).leads
            except InputFileError:  # said by the check of the set, and by the run
                continue
            found |= dict.fromkeys(lead for lead in usual_leads(leads) if standard_lead(lead) is not None)
        return list(found)

    def _conditions(
        self, adapter: LiveAdapter | FileAdapter, base: Path, signals: SignalForm | None
    ) -> Mapping[str, Any]:
        """What an answer may depend on beside the candidate's files: kept answers are for the same conditions alone."""
        if not hasattr(adapter, "program"):
            return {}
        said = self.protocol.execution
        hosts = set(adapter.program(base, {}).hosts)
        wanted = {} if signals is None else {"signals": {**dataclasses.asdict(signals), "leads": list(signals.leads)}}
        return {"isolation": said.isolation, "network": sorted(hosts.intersection(said.network)), **wanted}

    def _manifest(self, entry: CandidateEntry) -> Manifest | None:
        if entry.package is None:
            return None
        installed = self.catalogue.candidates()
        if entry.package in installed:
            return installed[entry.package]
        return self.catalogue.candidate(self.path.parent / entry.package)


def _like(name: str, leads: Sequence[str]) -> list[str]:
    """The leads that may have been meant."""
    spelt = {lead.lower(): lead for lead in leads}
    return [spelt[each] for each in get_close_matches(name.lower(), spelt, n=3, cutoff=0.5)]


def adapter_options(entry: CandidateEntry, manifest: Manifest | None, fields: Sequence[str]) -> dict[str, Any]:
    """Options of an adapter: the manifest's, then the protocol's; what has a field of its own goes there."""
    said: dict[str, Any] = {**(manifest.options if manifest else {}), **entry.options}
    options = {"options": said} if "options" in fields and manifest is not None else said
    beside: dict[str, Any] = {}
    if manifest is not None:
        beside = {name: getattr(manifest, name) for name in ("entry", "python", "command", "batch")}
        beside["receives"] = dict(manifest.receives)
        beside["hosts"] = declared_hosts(manifest, fields, options)
        beside["gpu"] = declared_gpu(manifest, fields, options)
    beside["labels"] = {**(dict(manifest.labels) if manifest else {}), **entry.labels}
    beside["findings"] = {**(dict(manifest.findings) if manifest else {}), **entry.findings}
    known = (*fields, *ALWAYS_GIVEN)
    return {**options, **{name: value for name, value in beside.items() if value and name in known}}


def _options_of(part: object) -> dict[str, Any]:
    return {name: getattr(part, name) for name in field_names(type(part))}
