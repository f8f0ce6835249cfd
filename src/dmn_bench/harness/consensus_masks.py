"""One reference region of a structure in a case, from the regions that its readers drew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..inputs.staple import staple
from ..reference_set.consensus import ADJUDICATED_READERS, ConsensusRule
from ..statistics.consensus import at_least

if TYPE_CHECKING:
    from ..vocabulary import BoolArray


def consensus_region(by_reader: Mapping[str, BoolArray], rule: ConsensusRule) -> BoolArray | None:
    """The region by ``rule``; None where the rule says nothing of these readers.

    ``by_reader``: reader as in masks.csv -> region, all of one shape, all false where he looked and drew nothing.
    Adjudicated: the row without a reader or of the reader ``consensus``; else, of one reader alone, his. A counting
    rule and STAPLE look at single readers only, and say nothing where there are none, or fewer than must agree.

    Raises MachineError if SimpleITK is wanted and not installed.
    """
    single = [region for reader, region in by_reader.items() if reader not in ADJUDICATED_READERS]
    if not rule.is_computed:
        agreed = [by_reader[reader] for reader in ADJUDICATED_READERS if reader in by_reader]
        alone = agreed or (single if len(single) == 1 else [])
        return alone[0] if alone else None
    votes = rule.votes(len(single))
    if not single or (votes is not None and votes > len(single)):
        return None
    stack = np.stack(single)
    return staple(stack) if votes is None else at_least(stack, votes)
