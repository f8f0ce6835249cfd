"""What the lesions of a reference set are: counts by finding and by level of each of their strata."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import Problem
from ..reference_set import ReferenceSet
from ..reference_set.card import Card
from ..reference_set.lesions_table import in_printed_order
from ..vocabulary import NOT_RECORDED, Grid, Language, Lesion
from ..wordings import say
from ..wordings.numbers import whole
from .describe import level_called
from .lesion_pictures import with_mask


@dataclass(frozen=True, kw_only=True)
class LesionCounts:
    """One level of one field of the lesions of a finding; field and level are "" for all of them."""

    finding: str
    field: str
    level: str
    n_lesions: int
    n_ignored: int  # of them, those on which marks are neither hits nor false positives
    n_cases: int
    n_patients: int


def lesion_counts(reference_set: ReferenceSet) -> tuple[LesionCounts, ...]:
    """The reference lesions of each finding, all first, then each stratum's levels in their order; () without any.

    Sizes of lesions whose region is a picture are measured on it; where that cannot be read they are not recorded.
    """
    patients = {case.case_id: case.patient_id for case in reference_set.cases}
    by_finding: dict[str, list[tuple[str, Lesion]]] = defaultdict(list)
    for row in reference_set.lesions:
        by_finding[row.lesion.finding].append((row.case_id, _measured(reference_set, row.lesion)))
    found = []
    for finding, lesions in by_finding.items():
        for field in ("", *reference_set.lesion_fields):
            members: dict[str, list[tuple[str, Lesion]]] = defaultdict(list)
            for case_id, lesion in lesions:
                members[lesion.strata.get(field, NOT_RECORDED) if field else ""].append((case_id, lesion))
            levels = in_printed_order(reference_set.card.lesion_strata.get(field), members) if field else ("",)
            for level in levels:
                of_level = members.get(level, [])
                cases = {case_id for case_id, _ in of_level}
                found.append(
                    LesionCounts(
                        finding=finding,
                        field=field,
                        level=level,
                        n_lesions=len(of_level),
                        n_ignored=sum(lesion.ignore for _, lesion in of_level),
                        n_cases=len(cases),
                        n_patients=len({patients[case_id] for case_id in cases}),
                    )
                )
    return tuple(found)


def lesion_grid(counts: Sequence[LesionCounts], card: Card, language: Language) -> Grid | None:
    """The counts as a worded table; None where the set has no lesions."""
    if not counts:
        return None
    names = ("finding", "field", "level", "lesions", "ignored", "cases", "patients")
    rows = tuple(
        (
            card.called(each.finding, language),
            card.called(each.field, language) if each.field else say("lesions.describe_all", language),
            level_called(card, each.field, each.level, language),
            *(whole(n, language) for n in (each.n_lesions, each.n_ignored, each.n_cases, each.n_patients)),
        )
        for each in counts
    )
    return Grid(
        header=tuple(say(f"lesions.describe_{name}", language) for name in names),
        rows=rows,
        numeric=(False, False, False, True, True, True, True),
    )


def _measured(reference_set: ReferenceSet, lesion: Lesion) -> Lesion:
    if not lesion.mask_file or lesion.mask is not None:
        return lesion
    found = with_mask(lesion, reference_set.root, reference_set.card, "", None)
    return lesion if isinstance(found, Problem) else found
