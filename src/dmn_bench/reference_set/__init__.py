"""The folder of a reference set as data: card, tables, lock. Opens no image."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..errors import ReferenceSetError, collect
from ..files import sha256_of_json
from ..vocabulary import Case
from .adjudicated_lesions import left_open, several_readers, stated_lesions
from .card import Card, Stratum, read_card
from .cases_table import CasesReader
from .consensus import ConsensusRule
from .csv_rows import Problems
from .lesion_places import Drawn, load_pictures, load_volumes, note_incomparable
from .lesion_spacings import SpacingOf, note_spacings
from .lock import LOCK, Verified, compute_lock, lock, read_lock, verified, verify
from .rows import Header, LesionRow, MaskRow, Reading, SampledUnit, Tables, TruthRow
from .tables import read_tables
from .under_rule import under_rule
from .units import units

__all__ = [
    "Card",
    "ConsensusRule",
    "Header",
    "LesionRow",
    "MaskRow",
    "Reading",
    "ReferenceSet",
    "SampledUnit",
    "Stratum",
    "TruthRow",
    "Verified",
    "compute_lock",
    "load",
    "load_cases",
    "lock",
    "read_card",
    "under_rule",
    "units",
    "verified",
    "verify",
]


@dataclass(frozen=True, kw_only=True)
class ReferenceSet:
    """One reference set, every row joined to a known case, exam or patient; its reference by the rule of its card."""

    root: Path
    card: Card
    cases: tuple[Case, ...]  # in the order of cases.csv; ids are unique
    truth: tuple[TruthRow, ...]  # by the rule of the card
    lesions: tuple[LesionRow, ...]  # those that count as reference, by the rule of the card
    lesion_readings: tuple[LesionRow, ...]  # what single readers drew where a consensus stands beside it
    stated_truth: tuple[TruthRow, ...]  # every row of truth.csv
    stated_lesions: tuple[LesionRow, ...]  # every row of lesions.csv
    readings: tuple[Reading, ...]
    masks: tuple[MaskRow, ...]
    sampling: tuple[SampledUnit, ...]  # () without sampling.csv
    sampling_weights: Mapping[str, float]  # case_id -> weight, those that cases.csv states
    patient_codes: Mapping[str, int]  # patient_id -> code from 0, in the order of the ids
    patients_known: bool  # False when some case has no patient_id and counts as its own patient
    missing: Mapping[str, int]  # column of cases.csv -> number of empty cells
    locked: bool  # whether LOCK.json exists; ``verify`` says whether it holds
    sha256: str  # of what LOCK.json says, or would say

    @cached_property
    def truth_by_finding(self) -> Mapping[str, tuple[TruthRow, ...]]:
        """The rows of ``truth`` about each finding, in their order."""
        found: dict[str, list[TruthRow]] = {}
        for row in self.truth:
            found.setdefault(row.finding, []).append(row)
        return {finding: tuple(rows) for finding, rows in found.items()}

    @cached_property
    def readings_of(self) -> Mapping[str, tuple[Reading, ...]]:
        """Every row of readings.csv by finding; () for one that is not in it."""
        found: defaultdict[str, list[Reading]] = defaultdict(list)
        for row in self.readings:
            found[row.finding].append(row)
        return {name: tuple(found[name]) for name in self.card.finding_names}

    @property
    def lesion_fields(self) -> tuple[str, ...]:
        """Names of the lesion strata: those of the card, then the columns that lesions.csv has beyond its own."""
        return tuple(self.lesions[0].lesion.strata) if self.lesions else tuple(self.card.lesion_strata)

    @property
    def mask_files(self) -> frozenset[str]:
        """Every file that holds truth as a mask, by its path in the set: no candidate may see it."""
        drawn = (row.lesion.mask_file for row in self.stated_lesions)
        return frozenset((*(row.file for row in self.masks), *(file for file in drawn if file)))

    @property
    def exclusions(self) -> Mapping[str, int]:
        """Reason -> number of eligible units excluded for it, by falling number."""
        return dict(Counter(unit.reason for unit in self.sampling if unit.status == "excluded").most_common())

    @property
    def sampled_unit(self) -> str:
        """What the units of sampling.csv are, by those that were drawn: "case", "exam" or "patient"; "" of none."""
        drawn = {unit.unit_id for unit in self.sampling if unit.status == "drawn"}
        known = {level: {getattr(case, f"{level}_id") for case in self.cases} for level in ("case", "exam", "patient")}
        return next((level for level, ids in known.items() if drawn and drawn <= ids), "")


def load(
    root: Path, *, header: Header | None = None, drawn: Drawn | None = None, spacing: SpacingOf | None = None
) -> ReferenceSet:
    """The reference set in the folder ``root``.

    ``header`` gives the DICOM attributes of a case's files, for strata taken from them. Without it no file of a case
    is opened and these strata are NOT_RECORDED in every case. ``drawn`` opens the masks of lesions: those that lie on
    the voxels of an image, and pictures by single readers, which a rule that compares readers needs. ``spacing`` says
    how far pixels of an image are apart, for strata of lesions in mm.
    Raises ReferenceSetError with every problem of the card and the tables. Compares nothing with the lock: ``verify``.
    """
    problems = Problems()
    card = read_card(root)
    tables = read_tables(root, card, problems, header)
    rule = card.reference_standard.consensus
    if spacing is not None:
        note_spacings(tables, card, spacing)
    if drawn is not None:
        load_volumes(tables, card, drawn, problems)
        load_pictures(tables, card, drawn, problems)
    reference, readings = reference_lesions(tables, problems, rule)
    collect(problems.all(), ReferenceSetError)
    locked = (root / LOCK).exists()
    # By id and not by row: the bootstrap draws codes, and the order of a table must not move its limits.
    codes = {patient: code for code, patient in enumerate(sorted({case.patient_id for case in tables.cases}))}
    as_stated = ReferenceSet(
        root=root,
        card=card,
        cases=tuple(tables.cases),
        truth=tuple(tables.truth),
        lesions=reference,
        lesion_readings=readings,
        stated_truth=tuple(tables.truth),
        stated_lesions=tuple(tables.lesions),
        readings=tuple(tables.readings),
        masks=tuple(tables.masks),
        sampling=tuple(tables.sampling),
        sampling_weights=tables.sampling_weights,
        patient_codes=codes,
        patients_known=tables.missing["patient_id"] == 0,
        missing=tables.missing,
        locked=locked,
        sha256=sha256_of_json(read_lock(root) if locked else compute_lock(root)),
    )
    return under_rule(as_stated, rule) if rule.is_computed else as_stated


def reference_lesions(
    tables: Tables, problems: Problems, rule: ConsensusRule
) -> tuple[tuple[LesionRow, ...], tuple[LesionRow, ...]]:
    """The lesions that are stated as adjudicated and those of single readers.

    Noted where the rule leaves it open which is which, and where readers cannot be compared.
    """
    note_incomparable(tables.lesions, problems)
    if not rule.is_computed:
        for row, first in several_readers(tables.lesions):
            facts = {"case": row.case_id, "reader": first, "other": row.reader}
            problems.add("refset.lesions_without_consensus", f"lesions.csv:{row.line}", **facts)
        for row in left_open(tables.lesions, tables.truth, tables.cases):
            facts = {"case": row.case_id, "reader": row.reader, "finding": row.lesion.finding}
            problems.add("lesions.left_open", f"lesions.csv:{row.line}", **facts)
    return stated_lesions(tables.lesions)


def load_cases(root: Path) -> tuple[Card, tuple[Case, ...]]:
    """The card and the cases alone: neither truth.csv nor any other table that tells it is opened.

    Raises ReferenceSetError with every problem of the two.
    """
    problems = Problems()
    card = read_card(root)
    tables = Tables()
    CasesReader(card, tables, problems, None).read(root)
    collect(problems.all(), ReferenceSetError)
    return card, tuple(tables.cases)
