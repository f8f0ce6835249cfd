"""Every problem of a reference set at once: card, tables, files, and whether they agree with each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from ..errors import ReferenceSetError
from ..hookspecs import Reader
from ..inputs.image_spacings import spacings
from ..reference_set import Card, ConsensusRule, read_card, reference_lesions, verify
from ..reference_set.card import CARD
from ..reference_set.csv_rows import Problems
from ..reference_set.lesion_places import load_volumes
from ..reference_set.lesion_spacings import note_spacings
from ..reference_set.lock import LOCK, read_lock
from ..reference_set.rows import Tables
from ..reference_set.tables import read_tables
from .agreement import note_disagreements
from .importing import left_behind
from .lesion_pictures import volumes_in
from .notes import CheckReport, Notes
from .opened_files import OpenedFiles

__all__ = ["CheckReport", "check"]


def check(root: Path, readers: Sequence[Reader], *, today: date | None = None) -> CheckReport:
    """Everything wrong with the set in the folder ``root``; each of its files is opened and decoded once.

    ``today`` decides whether the review of re-identification is overdue; by default the machine's date.
    Raises nothing for a set that is wrong.
    """
    notes = Notes()
    card = _card(root, notes)
    files = OpenedFiles(root, readers)
    table_problems = Problems()
    tables = read_tables(root, card or _NO_CARD, table_problems, files.header_of_case)
    note_spacings(tables, card or _NO_CARD, spacings(root, readers))
    load_volumes(tables, card or _NO_CARD, volumes_in(root, readers), table_problems)
    rule = ConsensusRule() if card is None else card.reference_standard.consensus
    lesions, _ = reference_lesions(tables, table_problems, rule)
    for problem in table_problems.all():
        # without a card no finding is known, and saying so for every row would bury the card's own problem
        if card is not None or not problem.key.startswith("refset.finding_unknown"):
            notes.errors.note(problem)
    files.look_at(tables, None if card is None else card.reference_standard.wfdb_annotator, notes)
    note_disagreements(root, card or _NO_CARD, tables, lesions, files, notes)
    for path in left_behind(root):
        notes.errors.add("pacs_import.left_behind", path.relative_to(root).as_posix())
    if card is not None:
        _review(card, today or date.today(), notes)
        _something_stated(card, tables, notes)
    if (root / LOCK).exists():
        try:
            if card is None or read_lock(root)["version"] == card.version:  # another version has no lock yet
                verify(root)
        except ReferenceSetError as error:
            notes.errors.extend(error.problems)
    return notes.report()


_NO_CARD = Card.model_construct(findings=(), strata={}, reference_standard=None, sampling="convenience", public=True)


def _card(root: Path, notes: Notes) -> Card | None:
    try:
        return read_card(root)
    except ReferenceSetError as error:
        notes.errors.extend(error.problems)
        return None


def _something_stated(card: Card, tables: Tables, notes: Notes) -> None:
    """A set without findings has structures."""
    if not (card.findings or tables.masks):
        notes.errors.add("refset.nothing_to_state", CARD)


def _review(card: Card, today: date, notes: Notes) -> None:
    review = card.reidentification_review
    if card.public:
        return
    if review is None:
        notes.warnings.add("refset.review_missing", CARD)
    elif review.next_due < today:
        notes.warnings.add("refset.review_overdue", CARD, found=review.next_due.isoformat())
