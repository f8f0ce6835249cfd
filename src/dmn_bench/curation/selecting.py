"""Which studies are imported: those of a list, or what a query finds; all of them, or some drawn by a seed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import Problem, ReferenceSetError, collect
from ..reference_set.csv_rows import Problems, Shape, Table
from .archives import Archive, Found

LIST = Shape(required=(), optional=("study_instance_uid", "accession_number", "patient_id", "study_date"), extra=True)
KEYWORDS = {
    "study_instance_uid": "StudyInstanceUID",
    "accession_number": "AccessionNumber",
    "patient_id": "PatientID",
    "study_date": "StudyDate",
}
WILDCARDS = frozenset("*?\\")


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Studies by their UID, in the order found: those to import, and those that were eligible and not drawn."""

    drawn: tuple[Found, ...]
    not_drawn: tuple[Found, ...] = ()


def listed(archive: Archive, path: Path) -> Selection:
    """The study of every line of a CSV list, which names it by any of the columns of KEYWORDS.

    Raises ReferenceSetError with every line that names no study, several, or nothing.
    """
    problems = Problems()
    found: dict[str, Found] = {}
    for line, row in Table(path, LIST, problems).rows():
        where = f"{path.name}:{line}"
        filters = {keyword: row[column] for column, keyword in KEYWORDS.items() if row.get(column)}
        if not filters or any(WILDCARDS & set(value) for value in filters.values()):
            problems.add("pacs_import.line_names_nothing", where, known=", ".join(KEYWORDS))
            continue
        studies = _matching(archive.find(filters), filters)
        if len(studies) != 1:
            key = "pacs_import.no_study" if not studies else "pacs_import.several_studies"
            problems.add(key, where, n=len(studies), archive=archive.name)
            continue
        if studies[0]["StudyInstanceUID"] in found:
            problems.add("pacs_import.study_twice", where)
        found[studies[0]["StudyInstanceUID"]] = studies[0]
    collect(problems.all(), ReferenceSetError)
    return Selection(drawn=tuple(found.values()))


def queried(archive: Archive, filters: Mapping[str, str], *, draw: int | None = None, seed: int = 0) -> Selection:
    """What a query finds; ``draw`` of it, drawn by the seed, or everything.

    The draw depends on the studies and the seed alone, not on the order in which the archive lists them.
    Raises ReferenceSetError if nothing is found, or less than is to be drawn.
    """
    by_uid = {study["StudyInstanceUID"]: study for study in archive.find(filters) if study.get("StudyInstanceUID")}
    studies = [by_uid[uid] for uid in sorted(by_uid)]
    if not studies:
        raise ReferenceSetError(Problem(key="pacs_import.nothing_found", where=archive.name))
    if draw is None:
        return Selection(drawn=tuple(studies))
    if draw > len(studies):
        facts: dict[str, str | int] = {"expected": draw, "found": len(studies)}
        raise ReferenceSetError(Problem(key="pacs_import.too_few", where=archive.name, facts=facts))
    chosen = set(random.Random(seed).sample(range(len(studies)), draw))
    return Selection(
        drawn=tuple(study for place, study in enumerate(studies) if place in chosen),
        not_drawn=tuple(study for place, study in enumerate(studies) if place not in chosen),
    )


def _matching(studies: Sequence[Found], filters: Mapping[str, str]) -> list[Found]:
    """The studies that say just what was asked for: some archives find more than they were asked."""
    return [
        study
        for study in studies
        if study.get("StudyInstanceUID")
        and all(study.get(keyword, value).strip() == value for keyword, value in filters.items())
    ]
