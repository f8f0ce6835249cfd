"""Lesions that name their image by its SOP Instance UID, brought to the path that cases and marks are known by."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import Problem, ReferenceSetError, collect
from ..hookspecs import Reader
from ..inputs.requests import case_keys
from ..vocabulary import Case, Lesion, Unit


def with_image_paths(units: Sequence[Unit], root: Path, readers: Sequence[Reader]) -> tuple[Unit, ...]:
    """The same units; where a lesion names a SOP Instance UID of one of its case's files, it has the file's path.

    No file is opened where every lesion names a path or, in a case of one file, nothing.
    Raises ReferenceSetError naming every lesion whose image is none of its case's, and every lesion on one image of a
    series that states no frame: its place in the series would be a guess.
    """
    problems: list[Problem] = []
    found = []
    for unit in units:
        cases = {case.case_id: case for case in unit.cases}
        lesions = {
            case_id: _resolved(cases[case_id], of_case, root, readers, problems)
            for case_id, of_case in unit.lesions.items()
        }
        found.append(unit if lesions == dict(unit.lesions) else dataclasses.replace(unit, lesions=lesions))
    collect(problems, ReferenceSetError)
    return tuple(found)


def _resolved(
    case: Case, lesions: Sequence[Lesion], root: Path, readers: Sequence[Reader], problems: list[Problem]
) -> tuple[Lesion, ...]:
    if all(lesion.image is None or lesion.image in case.files for lesion in lesions):
        return tuple(lesions)
    paths = case_keys(case, root, readers).sop_instance_uids
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
