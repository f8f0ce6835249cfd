"""Labels, grades and numbers of several readers made into one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..vocabulary import ReferenceValue
from .card import as_number
from .consensus import ConsensusRule

NOT_READ = "unverified"
LABELS = ("positive", "negative", "indeterminate")


def agreed_value(values: Sequence[ReferenceValue], rule: ConsensusRule, *, measured: bool) -> ReferenceValue | None:
    """The value by ``rule`` of what readers said of one case; None where the rule says nothing of these readers.

    ``values``: one of each reader; ``unverified`` is no reading. ``measured``: numbers with a unit, and not grades.

    Labels. Majority: positive or negative where more than half say so, else indeterminate; a doubt is a reading like
    another. At least k, and union, which is k = 1: positive where k readers say so, negative where not even every
    doubt resolved would make k of them, else indeterminate; nothing where fewer than k have read.

    Grades, and numbers. Majority: the median; between two middle grades the graver, between two middle numbers their
    mean. At least k: the highest that k readers gave or exceeded. A doubt where the others graded makes no median: a
    case that half of the readers or more could not grade is indeterminate.

    >>> majority = ConsensusRule(rule="majority")
    >>> [agreed_value(v.split(), majority, measured=False) for v in ("positive negative", "0 2 3", "1 2", "4 4 0 1")]
    ['indeterminate', '2', '2', '4']
    >>> agreed_value(["400", "410"], majority, measured=True)
    '405'
    """
    read = [value for value in values if value != NOT_READ]
    votes = rule.votes(len(read))
    if not read or votes is None or votes > len(read):
        return None
    written = [value for value in read if value not in LABELS]
    numbers = sorted((number, value) for value in written if (number := as_number(value)) is not None)
    if not numbers:
        return _label(read, rule, votes)
    doubts = len(read) - len(numbers)
    if rule.rule == "majority":
        return "indeterminate" if 2 * doubts >= len(read) else _median(numbers, measured=measured)
    return numbers[-votes][1] if votes <= len(numbers) else "indeterminate"


def _label(read: Sequence[ReferenceValue], rule: ConsensusRule, votes: int) -> ReferenceValue:
    n_positive, n_negative = read.count("positive"), read.count("negative")
    if n_positive >= votes:
        return "positive"
    if rule.rule == "majority":
        return "negative" if n_negative >= votes else "indeterminate"
    return "negative" if len(read) - n_negative < votes else "indeterminate"


def _median(numbers: Sequence[tuple[float, str]], *, measured: bool) -> ReferenceValue:
    """The value as a reader wrote it, unless it is the mean of two."""
    low, high = numbers[(len(numbers) - 1) // 2], numbers[len(numbers) // 2]
    if not measured or low[0] == high[0]:
        return high[1]
    return f"{math.fsum((low[0], high[0])) / 2:.12g}"
