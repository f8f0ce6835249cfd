"""How far readers agree on which lesions there are, before any consensus."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..reference_set import ReferenceSet
from ..reference_set.consensus import ADJUDICATED_READERS
from ..reference_set.consensus_lesions import lesion_groups
from ..reference_set.under_rule import readers_by_case

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray


class LesionAgreement(NamedTuple):
    """Over every two readers of a case: lesions that both drew, twice, and all that the two drew."""

    both_twice: FloatArray  # [cases]
    drawn: FloatArray  # [cases]
    patients: IntArray  # [cases]
    n_readers: int
    n_ignored: int  # drawn as something to ignore: in neither

    @property
    def share(self) -> float:
        """Agreement on lesions, 0 to 1: of two readers, 2 · both / (first + second). NaN where nobody drew any.

        It counts no agreement on where there is none, of which there is no number, so that it is not corrected for
        chance either. Reference: the proportion of positive agreement, Fleiss 1975, Biometrics 31:651.
        """
        return float(self.both_twice.sum() / self.drawn.sum()) if self.drawn.sum() else float("nan")


def lesion_agreement(reference_set: ReferenceSet, finding: str) -> LesionAgreement | None:
    """Agreement on the lesions of a finding; None where no two readers have read a case that some reader drew in.

    Lesions are the same by the rule of the set's card. A reader who read a case and drew nothing there counts.
    """
    rows = [row for row in reference_set.stated_lesions if row.lesion.finding == finding]
    rows = [row for row in rows if row.reader not in ADJUDICATED_READERS]
    drawn = [row for row in rows if not row.lesion.ignore]
    read = readers_by_case(reference_set, finding)
    cases = [case for case in reference_set.cases if len(read.get(case.case_id, ())) >= 2]
    if not drawn or not cases:
        return None
    counts = {case.case_id: [0, 0] for case in cases}
    for row in drawn:
        others = read.get(row.case_id, frozenset()) - {row.reader}
        if row.case_id in counts and row.reader in read[row.case_id]:
            counts[row.case_id][1] += len(others)
    rule = reference_set.card.reference_standard.consensus
    for group in lesion_groups(drawn, rule):
        case = group.rows[0].case_id
        if case in counts:
            who = [row.reader for row in group.rows if row.reader in read[case]]
            counts[case][0] += 2 * sum(1 for _ in itertools.combinations(who, 2))
    table = np.array([counts[case.case_id] for case in cases], dtype=np.float64)
    return LesionAgreement(
        both_twice=table[:, 0],
        drawn=table[:, 1],
        patients=np.array([reference_set.patient_codes[case.patient_id] for case in cases], dtype=np.int64),
        n_readers=len({reader for case in cases for reader in read[case.case_id]}),
        n_ignored=len(rows) - len(drawn),
    )
