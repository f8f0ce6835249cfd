"""Regions compared once for each image, structure and answer, however often they are judged afterwards."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..errors import InputFileError, Problem, ReferenceSetError, collect
from ..files import MAX_REASON, plain_text
from ..hookspecs import ComparingTask, Reader
from ..reference_set import ReferenceSet
from ..reference_set.case_images import images_of, on_image
from ..vocabulary import Answer, Case, Status
from .kept_regions import KeptRegions
from .regions import Regions

Measured = Mapping[str, Mapping[str, float]]
"""Structure -> name -> number."""
OnDone = Callable[[int, int], None]
"""Told how many cases of how many are done."""
_FAILED: Status = "failed"


class Found(NamedTuple):
    """What was measured in one image, and why structures of its answer could not be placed."""

    answer: Answer | None  # kept so that no other answer takes its identity
    measured: Measured
    failed: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparedRegions:
    """What was measured in a run so far, and the regions that were opened for it."""

    opened: KeptRegions = field(default_factory=KeptRegions)
    found: dict[tuple[object, ...], Found] = field(default_factory=dict)
    of_readers: dict[tuple[object, ...], Mapping[str, float] | None] = field(default_factory=dict)  # by structure, too
    regions: dict[int, Regions] = field(default_factory=dict)  # by what of a set they depend on


@dataclass(frozen=True, kw_only=True, slots=True)
class RegionComparison:
    """The answers of one candidate compared with one reference by one task.

    Nothing is compared twice: ``kept`` remembers by the reference rows and their rule, the options of the task, and the
    answer itself.
    """

    reference_set: ReferenceSet
    readers: Sequence[Reader]
    task: ComparingTask
    answers: Mapping[str, Answer]
    kept: ComparedRegions
    depends_on: int  # of the reference: see ``reference_key``

    def of_case(self, case: Case) -> Measured:
        """For each structure that the reference delineates in the case, what the task measures; {} of others.

        A case of several images is asked for image by image, see ``images_of``.
        Raises ReferenceSetError if a file of the reference cannot be read or lies on other voxels.
        """
        return self._found(case).measured

    def placed_answers(self, cases: Iterable[Case]) -> Mapping[str, Answer]:
        """The answers; a structure that cannot be placed on the voxels of its image is ``failed``, with the reason."""
        placed = dict(self.answers)
        for case in cases:
            answer, failed = self.answers.get(case.case_id), dict[str, str]()
            for one in images_of(case):
                image = self._regions().image(one)
                failed |= {on_image(name, image): reason for name, reason in self._found(one).failed.items()}
            if answer is not None and failed:
                statuses: dict[str, Status] = {**answer.finding_statuses, **dict.fromkeys(failed, _FAILED)}
                reason = "; ".join(dict.fromkeys(filter(None, (answer.reason, *failed.values()))))
                placed[case.case_id] = dataclasses.replace(
                    answer, finding_statuses=statuses, reason=plain_text(reason, MAX_REASON)
                )
        return placed

    def compare_all(self, cases: Sequence[Case], on_done: OnDone) -> None:
        """Compare every case; ``on_done`` is told how many of how many are done.

        Raises ReferenceSetError with what is wrong in every case together.
        """
        problems: list[Problem] = []
        for done, case in enumerate(cases, start=1):
            for one in images_of(case):
                try:
                    self._found(one)
                except ReferenceSetError as error:
                    problems.extend(error.problems)
            on_done(done, len(cases))
        collect(problems, ReferenceSetError)

    def _found(self, case: Case) -> Found:
        answer = self.answers.get(case.case_id)
        key = (self.depends_on, repr(self.task), case.case_id, case.files, id(answer))
        if key not in self.kept.found:
            self.kept.found[key] = self._compared(case, answer)
        return self.kept.found[key]

    def _compared(self, case: Case, answer: Answer | None) -> Found:
        regions = self._regions()
        known = regions.structures(case)
        wanted = [name for name in self.task.compared_structures or known if name in known]
        is_said = answer is not None and answer.status == "answered"
        failed: dict[str, str] = {}
        measured = {}
        try:
            for pair in regions.pairs(case, answer if is_said else None, wanted, failed):
                measured[pair.structure] = dict(self.task.compare(pair))
        except InputFileError as error:
            raise ReferenceSetError(*error.problems) from error
        return Found(answer, measured, failed)

    def _regions(self) -> Regions:
        key = self.depends_on
        if key not in self.kept.regions:
            self.kept.regions[key] = Regions(self.reference_set, self.readers, self.kept.opened)
        return self.kept.regions[key]


def comparison_of(
    reference_set: ReferenceSet,
    readers: Sequence[Reader],
    task: ComparingTask,
    answers: Mapping[str, Answer],
    kept: ComparedRegions,
) -> RegionComparison:
    """The comparison of these answers with the reference that the card's rule makes of the masks of a set."""
    return RegionComparison(
        reference_set=reference_set,
        readers=readers,
        task=task,
        answers=answers,
        kept=kept,
        depends_on=reference_key(reference_set),
    )


def reference_key(reference_set: ReferenceSet) -> int:
    """The same number for sets whose masks and rule make the same reference."""
    rule = reference_set.card.reference_standard.consensus
    return hash((rule.rule, rule.at_least, reference_set.masks))


def check_regions(
    reference_set: ReferenceSet,
    readers: Sequence[Reader],
    structures: Sequence[str],
    on_done: OnDone,
    opened: KeptRegions | None = None,
) -> None:
    """Open every mask of these structures, () for all, and make the reference of each by the rule of the card.

    Raises ReferenceSetError with everything that is wrong, MachineError if a package is missing that the rule needs.
    """
    regions, problems = Regions(reference_set, readers, opened), list[Problem]()
    delineated = {row.case_id for row in reference_set.masks}
    cases = [case for case in reference_set.cases if case.case_id in delineated]
    for done, case in enumerate(cases, start=1):
        for one in images_of(case):
            for structure in regions.structures(one):
                if structures and structure not in structures:
                    continue
                try:
                    for reader in regions.readers_of(one, structure):
                        regions.reader_region(one, structure, reader)
                    regions.reference_region(one, structure)
                except InputFileError as error:
                    problems.extend(problem for problem in error.problems if problem not in problems)
        on_done(done, len(cases))
    collect(problems, ReferenceSetError)
