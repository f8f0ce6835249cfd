"""Small judgements for the harness: one row for each unit, a hit or a miss."""

import numpy as np

from dmn_bench.harness.estimating import Group, Judged, PlannedMetric
from dmn_bench.metrics.classification import Sensitivity
from dmn_bench.vocabulary import Analysis, Judgements, UnitTable

PRIMARY = Analysis(name="intention_to_diagnose", treatment={})


def judged(*, hits, misses, n_per_patient=1, sexes=None):
    """Diseased units only: the first ``hits`` called positive, the others negative."""
    n = hits + misses
    table = UnitTable(
        unit_ids=tuple(f"u{i}" for i in range(n)),
        patients=np.arange(n, dtype=np.int64) // n_per_patient,
        statuses=("answered",) * n,
        references=("positive",) * n,
        reasons=("",) * n,
    )
    call = np.r_[np.ones(hits), np.zeros(misses)]
    ones = np.ones(n)
    judgements = Judgements(
        task="classification",
        units=table,
        row_units=np.arange(n, dtype=np.int64),
        columns={"reference": ones, "call": call, "has_call": ones, "score": call, "has_score": ones},
    )
    rows = np.arange(n, dtype=np.int64)
    groups = [Group(stratum=None, rows=rows)]
    for level in sorted(set(sexes or ())):
        inside = np.array([i for i, sex in enumerate(sexes) if sex == level], dtype=np.int64)
        groups.append(Group(stratum={"sex": level}, rows=inside))
    return Judged(candidate="a", endpoint="exam", analysis=PRIMARY, judgements=judgements, groups=groups)


SENSITIVITY = PlannedMetric(metric=Sensitivity(), parameters={})
