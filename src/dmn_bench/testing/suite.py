"""The conformance suite of a candidate package: what is asked, in which sessions; each check takes what it needs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal, cast

from ..catalogue import Catalogue, Manifest, load_manifest
from ..errors import CandidateError, DmnBenchError, Problem, ReferenceSetError
from ..execution.launcher import ExecutionSettings
from ..execution.questions import Load
from ..execution.variations import renamed, stripped
from ..harness.set_loading import format_readers
from ..hookspecs import ChildProgram, FileAdapter, Reader
from ..inputs.requests import case_keys
from ..vocabulary import Answer, Case, Origin, Request
from .hostile import kinds_for, made_hostile
from .package import (
    CASES,
    DEFAULT_TOLERANCE,
    REFUSES,
    Cases,
    Expected,
    Package,
    cases_of_set,
    open_package,
    read_expected,
    shipped_cases,
)
from .sessions import Session, again, ask_in_order

SUITE = "1"
"""Version of the checks: a change of what one of them demands is a new one."""
REPEATED_AT_MOST = 25  # cases that are asked again for repetition, order and variations; all are asked once
SECONDS_PER_CASE = 60.0
HOSTILE = 2  # times as long for strange input, which may be large
PATIENCE = 3  # times the declared seconds, before a case counts as hung


class NotApplicable(Exception):
    """There is nothing that the check could look at; ``problem`` says what is not there."""

    def __init__(self, key: str, observed: Mapping[str, float] | None = None, **facts: str | int) -> None:
        super().__init__(key)
        self.key = key
        self.observed = observed or {}
        self.problem = Problem(key=f"plugin_kit.without.{key}", facts=facts)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of one check. ``evidence``: on how much; ``observed``: figures that depend on the moment."""

    id: str
    outcome: Literal["passed", "failed", "not_applicable"]
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    evidence: Mapping[str, int] = field(default_factory=dict)
    observed: Mapping[str, float] = field(default_factory=dict)


@dataclass(kw_only=True)
class Suite:
    """One package under check. Every session is asked once, when the first check needs it.

    ``cases_from``: a locked reference set to ask about instead of the shipped cases. ``seconds_per_case``: when a case
    counts as hung; None: three times what the package declares, at least a minute. ``least_tier``: the weakest
    isolation under which vendor code is started.
    """

    folder: Path
    catalogue: Catalogue
    cases_from: Path | None = None
    seconds_per_case: float | None = None
    least_tier: int = 0
    isolation: tuple[str, ...] = ()
    load_failure: CandidateError | None = None  # once the program was found not to load
    results_failure: CandidateError | None = None  # once its result files were found not to be readable
    cases_failure: ReferenceSetError | None = None  # once its shipped cases were found not to be readable

    # ------------------------------------------------------------------------------------------- what there is

    @cached_property
    def manifest(self) -> Manifest:
        """Raises CandidateError with every problem of candidate.yaml and device.yaml."""
        return load_manifest(self.folder)

    def open(self) -> Package:
        """The package, made. Raises CandidateError or ProtocolError with every problem of what it states."""
        found = open_package(self.manifest, self.catalogue)
        read_expected(found)
        return found

    @cached_property
    def package(self) -> Package:
        """Raises NotApplicable where the manifest or its options are wrong: the check of the manifest says how."""
        try:
            return self.open()
        except DmnBenchError:
            raise NotApplicable("package") from None

    @cached_property
    def readers(self) -> tuple[Reader, ...]:
        """Every installed reader."""
        return format_readers(self.catalogue)

    @cached_property
    def program(self) -> ChildProgram:
        """What is started, with the addresses that device.yaml declares. Raises NotApplicable for output files."""
        program = self.package.program
        if program is None:
            raise NotApplicable("program", adapter=self.package.manifest.adapter)
        declared = tuple(host.address for host in self.package.manifest.device.needs.hosts or ())
        return replace(program, hosts=tuple(dict.fromkeys((*program.hosts, *declared))))

    @cached_property
    def settings(self) -> ExecutionSettings:
        """One attempt each; no address but those that device.yaml declares."""
        needs = self.package.manifest.device.needs
        patience = max(SECONDS_PER_CASE, PATIENCE * (needs.seconds_per_case or 0))
        return ExecutionSettings(
            attempts=1,
            seconds_per_case=self.seconds_per_case or patience,
            seconds_to_load=max(ExecutionSettings.seconds_to_load, PATIENCE * (needs.seconds_to_load or 0)),
            network=tuple(host.address for host in needs.hosts or ()),
            off_limits=self._off_limits(),
            least_tier=self.least_tier,
        )

    @cached_property
    def cases(self) -> Cases:
        """The cases to ask about. Raises NotApplicable where the package ships none and no set is given."""
        if self.cases_from is not None:
            return cases_of_set(self.package, self.cases_from, self.catalogue, self.readers)
        try:
            shipped = shipped_cases(self.package, self.readers)
        except ReferenceSetError as error:
            self.cases_failure = error
            raise NotApplicable("readable_cases") from error
        if shipped is None or not shipped.cases:
            raise NotApplicable("cases")
        return shipped

    @cached_property
    def refused_cases(self) -> Cases:
        """Cases that the package says it refuses. Raises NotApplicable where it ships none."""
        found = shipped_cases(self.package, self.readers, REFUSES)
        if found is None or not found.cases:
            raise NotApplicable("refuses")
        return found

    @cached_property
    def expected(self) -> Expected | None:
        """What the vendor says of its shipped cases; None for a reference set, or where nothing is said."""
        return read_expected(self.package) if self.cases_from is None else None

    @property
    def tolerance(self) -> float:
        """By how much numbers may differ: as expected.json states, whatever is compared."""
        return self.expected.tolerance if self.expected else DEFAULT_TOLERANCE

    @property
    def few(self) -> Sequence[Case]:
        """The cases that are asked more than once."""
        return self.cases.cases[:REPEATED_AT_MOST]

    # ------------------------------------------------------------------------------------------------- sessions

    @cached_property
    def first(self) -> Session:
        """Every case, then the few again, by the same child."""
        return self._ask([*self.cases.cases, *again(self.few, "again")])

    @cached_property
    def fresh(self) -> Session:
        """A fresh child: the few in the same order, then renamed, then stripped of descriptive tags."""
        load = self._load(self.cases)
        loads = {"renamed": renamed(load), "stripped": stripped(load)}

        def varied(case: Case, scratch: Path) -> tuple[Request, Origin]:
            word = case.case_id.rpartition("(")[2].rstrip(")") if case.case_id not in plain else ""
            return loads.get(word, load)(case, scratch)

        plain = {case.case_id for case in self.few}
        return self._ask([*self.few, *again(self.few, "renamed"), *again(self.few, "stripped")], varied)

    @cached_property
    def reversed(self) -> Session:
        """A fresh child: the few from last to first."""
        return self._ask(list(reversed(self.few)))

    @cached_property
    def one_by_one(self) -> Session:
        """A fresh child that is handed one request at a time although it takes several."""
        return self._ask(self.few, program=replace(self.program, batch=1))

    @cached_property
    def refused(self) -> Session:
        """The cases that it says it refuses."""
        return self._ask(self.refused_cases.cases, self._load(self.refused_cases))

    @cached_property
    def hostile_kinds(self) -> tuple[str, ...]:
        """What can be made of the first case that was answered."""
        with tempfile.TemporaryDirectory() as scratch:
            request, _ = self._load(self.cases)(self.good_case, Path(scratch))
            return kinds_for(request)

    @cached_property
    def good_case(self) -> Case:
        """The first case that was answered. Raises NotApplicable if none was."""
        answered = (case for case in self.cases.cases if self.first.answer(case.case_id).status == "answered")
        found = next(answered, None)
        if found is None:
            raise NotApplicable("answer")
        return found

    @cached_property
    def hostile(self) -> Session:
        """By turns a hostile request ("hostile KIND") and the good case ("after KIND"), as one child gets them."""
        load = self._load(self.cases)
        good = self.good_case
        turns = [f"{word} {kind}" for kind in self.hostile_kinds for word in ("hostile", "after")]
        asked = [replace(good, case_id=turn) for turn in turns]

        def spoilt(case: Case, scratch: Path) -> tuple[Request, Origin]:
            word, _, kind = case.case_id.partition(" ")
            request, origin = load(case, scratch)
            return made_hostile(kind, request, origin) if word == "hostile" else (request, origin)

        patient = replace(
            self.settings, seconds_per_case=self.seconds_per_case or HOSTILE * self.settings.seconds_per_case
        )
        return self._ask(asked, spoilt, settings=patient)

    def same_order(self) -> Iterator[tuple[str, Answer, Answer, Answer]]:
        """(case id, first answer, again by the same child, by a fresh child) of the few cases."""
        for case in self.few:
            one, two = self.first.answer(case.case_id), self.first.answer(f"{case.case_id} (again)")
            yield case.case_id, one, two, self.fresh.answer(case.case_id)

    @cached_property
    def answers(self) -> Mapping[str, Answer]:
        """The first answer to every case, asked or read from the vendor's files.

        Raises NotApplicable where there is none to be had: no cases, no program that loads, no readable results.
        """
        if self.package.program is not None:
            return {case.case_id: self.first.answer(case.case_id) for case in self.cases.cases}
        adapter = cast("FileAdapter", self.package.adapter)
        root = self.cases.root
        keys = [case_keys(case, root, self.readers) for case in self.cases.cases]
        try:
            return {asked.answer.case_id: asked.answer for asked in adapter.answers(keys, self.folder)}
        except CandidateError as error:
            self.results_failure = error
            raise NotApplicable("readable_results") from error

    def _off_limits(self) -> tuple[str, ...]:
        """What the program may not see although it may lie in its folder: the cases and what they are answered with."""
        places = (*(self.folder / name for name in (CASES, REFUSES)), self.cases_from)
        return tuple(str(place.resolve()) for place in places if place is not None and place.exists())

    def _load(self, cases: Cases) -> Load:
        if cases.load is None:
            raise NotApplicable("program", adapter=self.package.manifest.adapter)
        return cases.load

    def _ask(
        self,
        cases: Sequence[Case],
        load: Load | None = None,
        *,
        program: ChildProgram | None = None,
        settings: ExecutionSettings | None = None,
    ) -> Session:
        """One session; raises NotApplicable once the program was found not to load."""
        if self.load_failure is not None:
            raise NotApplicable("load")
        program, load = program or self.program, load or self._load(self.cases)
        try:
            session = ask_in_order(program, cases, load, settings or self.settings)
        except CandidateError as error:
            self.load_failure = error
            raise NotApplicable("load") from error
        self.isolation = session.isolation
        return session
