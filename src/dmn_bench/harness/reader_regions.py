"""Regions of single readers compared with those of other readers, as an answer's are with the reference."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from ..errors import InputFileError, ReferenceSetError
from ..hookspecs import ComparingTask
from ..reference_set import ConsensusRule, ReferenceSet
from ..reference_set.case_images import images_of
from ..vocabulary import Answer, Case, RegionPair
from .other_reference import Compared
from .planning import PlannedEndpoint, Prepared
from .region_comparison import reference_key
from .regions import Regions


def reader_comparison(prepared: Prepared, others: ReferenceSet, task: ComparingTask, reader: str) -> Compared:
    """What ``task`` measures of each structure that the reader delineated, against the reference of ``others``.

    Compared when asked for, once in a run for each image and structure, whoever asks. Raises ReferenceSetError if a
    mask cannot be read.
    """
    own, theirs = (Regions(one, prepared.readers, prepared.compared.opened) for one in (prepared.reference_set, others))

    kept, depends_on = prepared.compared.of_readers, (reference_key(others), repr(task), reader)

    def of_structure(case: Case, structure: str) -> Mapping[str, float] | None:
        key = (*depends_on, case.case_id, case.files, structure)
        if key not in kept:
            kept[key] = measured(case, structure)
        return kept[key]

    def measured(case: Case, structure: str) -> Mapping[str, float] | None:
        if reader not in own.readers_of(case, structure):
            return None
        reference = theirs.reference_region(case, structure)
        drawn = None if reference is None else own.reader_region(case, structure, reader)
        if reference is None or drawn is None:
            return None
        grid = own.grid(case)
        pair = RegionPair(
            structure=structure,
            reference=reference,
            answered=drawn,
            spacing_mm=grid.spacing_mm,
            spacing_source=grid.spacing_source,
        )
        return dict(task.compare(pair))

    def compared(case: Case) -> Mapping[str, Mapping[str, float]]:
        known = own.structures(case)
        wanted = [name for name in task.compared_structures or known if name in known]
        try:
            found = {name: of_structure(case, name) for name in wanted}
        except InputFileError as error:
            raise ReferenceSetError(*error.problems) from error
        return {name: numbers for name, numbers in found.items() if numbers is not None}

    return compared


def delineated_by(
    endpoint: PlannedEndpoint, compared: Compared, structure: str | None
) -> tuple[PlannedEndpoint, dict[str, Answer]]:
    """The endpoint with those units alone in which both sides say something of the structure, and the answers there."""
    units = tuple(
        unit
        for unit in endpoint.units
        if unit.cases and all(any(structure in compared(one) for one in images_of(case)) for case in unit.cases)
    )
    answers = {
        case.case_id: Answer(case_id=case.case_id, status="answered", masks=()) for unit in units for case in unit.cases
    }
    return dataclasses.replace(endpoint, units=units), answers


def only_by(reference_set: ReferenceSet, reader: str) -> ReferenceSet:
    """The set with the masks of one reader as its reference."""
    card = reference_set.card
    standard = card.reference_standard.model_copy(update={"consensus": ConsensusRule()})
    return dataclasses.replace(
        reference_set,
        card=card.model_copy(update={"reference_standard": standard}),
        masks=tuple(row for row in reference_set.masks if row.reader == reader),
    )
