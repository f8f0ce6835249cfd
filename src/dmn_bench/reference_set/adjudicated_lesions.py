"""Which lesions of lesions.csv count as adjudicated, and where the rows leave it open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..vocabulary import Case
from .consensus import ADJUDICATED_READERS
from .rows import LesionRow, TruthRow


def stated_lesions(rows: Sequence[LesionRow]) -> tuple[tuple[LesionRow, ...], tuple[LesionRow, ...]]:
    """The lesions that count as adjudicated, and those of single readers beside them.

    Rows whose reader is empty or ``consensus`` are adjudicated; of a finding that has any, the others are readings. Of
    a finding without any, every row counts: ``several_readers`` tells the cases in which that cannot be.
    """
    agreed = _findings(rows)
    reference: list[LesionRow] = []
    readings: list[LesionRow] = []
    for row in rows:
        counts = row.lesion.finding not in agreed or row.reader in ADJUDICATED_READERS
        (reference if counts else readings).append(row)
    return tuple(reference), tuple(readings)


def several_readers(rows: Sequence[LesionRow]) -> Iterator[tuple[LesionRow, str]]:
    """Of findings without adjudicated rows, each row of another reader than the first of its case, with that first."""
    agreed = _findings(rows)
    first: dict[tuple[str, str], str] = {}
    for row in rows:
        reader = first.setdefault((row.case_id, row.lesion.finding), row.reader)
        if reader != row.reader and row.lesion.finding not in agreed:
            yield row, reader


def left_open(rows: Sequence[LesionRow], truth: Iterable[TruthRow], cases: Iterable[Case]) -> tuple[LesionRow, ...]:
    """Of findings with adjudicated rows, the first reading of each positive that has readings and no such row.

    What readers drew there is no reference, and a mark that finds it would be false. An adjudicator who looked only at
    what the readers disagreed about leaves such cases. ``cases``: every case that a row is of.
    """
    subjects = {
        case.case_id: (("case", case.case_id), ("exam", case.exam_id), ("patient", case.patient_id)) for case in cases
    }
    agreed = {
        (row.lesion.finding, subject)
        for row in rows
        if row.reader in ADJUDICATED_READERS
        for subject in subjects[row.case_id]
    }
    findings = _findings(rows)
    read: dict[tuple[str, tuple[str, str]], LesionRow] = {}
    for row in rows:
        if row.lesion.finding in findings and row.reader not in ADJUDICATED_READERS and not row.lesion.ignore:
            for subject in subjects[row.case_id]:
                read.setdefault((row.lesion.finding, subject), row)
    positive = ((row.finding, (row.level, row.subject)) for row in truth if row.value == "positive")
    return tuple({read[key].line: read[key] for key in positive if key in read and key not in agreed}.values())


def _findings(rows: Iterable[LesionRow]) -> frozenset[str]:
    """Those with adjudicated rows."""
    return frozenset(row.lesion.finding for row in rows if row.reader in ADJUDICATED_READERS)
