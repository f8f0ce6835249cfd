"""What is wanted of a folder of ECGs, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import Problem, ReferenceSetError, collect
from ..hookspecs import Reader
from ..inputs.sph_record import SphReader
from ..reference_set.card import CARD, Card
from ..vocabulary import Language
from .ecg_card import Incorporated
from .ecg_holter import HolterTable
from .ecg_labels import Collection
from .ecg_truth import Meanings, Policy, Wanted


@dataclass(frozen=True, kw_only=True)
class EcgOptions:
    """What is wanted of a folder. ``findings``: of the card, () for all. ``annotations``: ending of annotation files.

    ``hospitals``: the folders directly below are hospitals, whose patient ids are their own. ``draw``: so many of the
    recordings, drawn by ``seed``. ``holter``: a table of report figures, entered last.
    """

    findings: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)
    meanings: Meanings = field(default_factory=Meanings)
    measurements: bool = False
    collection: Collection | None = None
    annotations: str = ""
    hospitals: bool = False
    draw: int | None = None
    seed: int = 0
    holter: HolterTable | None = None
    language: Language = "en"  # of what is written beside the set


@dataclass(frozen=True, kw_only=True)
class EcgSummary:
    """What an import did, and what the set holds after it.

    ``left_out``: recordings by reason: unreadable, twice; and not_recordings, not_drawn. ``notes``: what a person
    should look at; ``problems``: what could not be entered. ``truth``: finding -> value -> rows.
    """

    n_recordings: int = 0
    n_known: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    n_without_patient: int = 0
    n_annotated: int = 0
    n_without_annotations: int = 0
    n_notes_dropped: int = 0
    n_open: int = 0  # recordings with a statement that nobody has mapped
    n_machine: int = 0  # recordings of which the machine's own statement is known, in the set
    n_unmapped: int = 0  # statements nobody has mapped, in the set
    n_holter: int = 0
    n_unlabelled: int = 0  # rows of the collection's table without a file
    truth: dict[str, Counter[str]] = field(default_factory=dict)
    incorporated: tuple[Incorporated, ...] = ()
    beside: Path = Path()
    notes: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()


def wanted_of(options: EcgOptions, card: Card) -> Wanted:
    """The findings to look for: those the table of statements knows, and those the keeper's own texts name."""
    asked = options.findings or card.finding_names
    known = Wanted.of(asked).names
    own = {name for found in options.meanings.own.values() for name, _ in found}
    return Wanted(names={**known, **{name: (name,) for name in asked if name in own and name not in known}})


def measured_of(card: Card, options: EcgOptions) -> dict[str, str]:
    """Measurement -> unit, of the findings wanted that have a unit."""
    if not options.measurements:
        return {}
    asked = options.findings or card.finding_names
    return {each.name: each.unit for each in card.findings if each.unit and each.name in asked}


def refuse_misfits(card: Card, options: EcgOptions) -> None:
    """Raise ReferenceSetError with everything that is asked of a card that cannot give it."""
    problems = []
    if card.modality != "ECG":
        problems.append(Problem(key="ecg_import.not_ecg", where=CARD, facts={"found": card.modality}))
    if options.annotations and card.reference_standard.wfdb_annotator is None:
        problems.append(Problem(key="ecg_import.no_annotator", where="--annotations"))
    if options.measurements and not measured_of(card, options):
        problems.append(Problem(key="ecg_import.no_measured_finding", where="--measurements"))
    collect(problems, ReferenceSetError)


def with_hdf5(readers: Sequence[Reader], collection: Collection | None) -> Sequence[Reader]:
    """The readers, and the one of HDF5 files where a collection needs it."""
    return (*readers, SphReader()) if collection is not None and collection.reads_hdf5 else readers
