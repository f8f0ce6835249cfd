"""The hospital's own names of a case, beside those of the files in the set, so that results from a PACS find it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..hookspecs import CaseKeys
from ..reference_set.identity import Identity
from .picture_turns import UPRIGHT


def with_hospital_names(keys: CaseKeys, identity: Identity) -> CaseKeys:
    """The names of a case with those of identity.csv added; an object keeps the geometry of its copy in the set.

    A row that names no copy, in a set whose files kept their UIDs, adds studies and accession numbers alone.
    """
    copies = {known.sop_instance_uid: known for known in keys.instances}
    added = tuple(
        replace(
            copies[names.copy_sop_instance_uid],
            sop_instance_uid=names.sop_instance_uid,
            study_instance_uid=names.study_instance_uid,
            frame_of_reference_uid=names.frame_of_reference_uid,
        )
        for names in identity.objects
        if names.copy_sop_instance_uid in copies
    )
    uids: Mapping[str, str] = {names.sop_instance_uid: names.file for names in identity.objects if names.file}
    sources = {source.name: source.file if source.file in keys.case.files else "" for source in identity.sources}
    turns = {source.file: source.turn for source in identity.sources if source.file and source.turn != UPRIGHT}
    return CaseKeys(
        case=keys.case,
        sop_instance_uids={**uids, **keys.sop_instance_uids},
        study_instance_uids=tuple(dict.fromkeys((*keys.study_instance_uids, *identity.study_instance_uids))),
        accession_numbers=tuple(dict.fromkeys((*keys.accession_numbers, *identity.accession_numbers))),
        image_sizes=keys.image_sizes,
        picture_turns=keys.picture_turns,
        instances=(*keys.instances, *added),
        grid=keys.grid,
        source_files=sources or None,
        source_turns=turns or None,
    )
