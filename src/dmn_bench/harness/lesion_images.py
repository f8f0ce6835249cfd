"""Lesions that name their image by its SOP Instance UID, brought to the path that cases and marks are known by."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence

from ..errors import Problem, ReferenceSetError, collect
from ..inputs.header_index import HeaderIndex
from ..vocabulary import Case, Lesion, Unit


def with_image_paths(units: Sequence[Unit], headers: HeaderIndex) -> tuple[Unit, ...]:
    """The same units; where a lesion names a SOP Instance UID of one of its case's files, it has the file's path.

    No file is opened where every lesion names a path or, in a case of one file, nothing.
    Raises ReferenceSetError naming every lesion whose image is none of its case's, and every lesion on one image of a
    series that states no frame: its place in the series would be a guess.
    """
    problems: list[Problem] = []
    found = []
    headers.fill(
        (case.files for unit in units for case in unit.cases if _names_uids(case, unit.lesions.get(case.case_id, ()))),
        first_only=False,
    )
    for unit in units:
        cases = {case.case_id: case for case in unit.cases}
        lesions = {
            case_id: _resolved(cases[case_id], of_case, headers, problems) for case_id, of_case in unit.lesions.items()
        }
        found.append(unit if lesions == dict(unit.lesions) else dataclasses.replace(unit, lesions=lesions))
    collect(problems, ReferenceSetError)
    return tuple(found)


def _names_uids(case: Case, lesions: Sequence[Lesion]) -> bool:
    return any(lesion.image is not None and lesion.image not in case.files for lesion in lesions)


def _resolved(
    case: Case, lesions: Sequence[Lesion], headers: HeaderIndex, problems: list[Problem]
) -> tuple[Lesion, ...]:
    if not _names_uids(case, lesions):
        return tuple(lesions)
    paths = headers.keys_of_case(case).sop_instance_uids
    in_series = Counter(paths.values())
    return tuple(_located(case, lesion, paths, in_series, problems) for lesion in lesions)


def _located(
    case: Case, lesion: Lesion, paths: Mapping[str, str], in_series: Mapping[str, int], problems: list[Problem]
) -> Lesion:
    if lesion.image is None or lesion.image in case.files:
        return lesion
    facts = {"lesion": lesion.lesion_id, "found": lesion.image}
    where = f"lesions.csv: {case.case_id}"
    if lesion.image not in paths:
        problems.append(Problem(key="harness.lesion_image_unknown", where=where, facts=facts))
        return lesion
    path = paths[lesion.image]
    if in_series[path] > 1 and lesion.frame is None and lesion.x is not None:
        problems.append(Problem(key="harness.lesion_needs_frame", where=where, facts=facts))
    return dataclasses.replace(lesion, image=path)
