"""By which rule the readings of several readers become one reference."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

RuleName = Literal["adjudicated", "majority", "at_least", "union", "staple"]

Distance = Annotated[float, Field(gt=0)]

ADJUDICATED_READERS = ("", "consensus")
"""What stands for the reader in a row that is the agreed reference, and no single reader's."""


LEAST_OVERLAP = 0.1
"""From which overlap on lesions of two readers are the same, where nothing else is said: boxes that touch are not."""


class ConsensusRule(BaseModel):
    """How one reference is made of several readings. ``at_least``: how many readers, of the rule of that name alone.

    ``adjudicated``: nothing is computed, the reference is what the set states as agreed. ``majority``: more than half
    of the readers. ``at_least``: so many readers or more. ``union``: any reader. ``staple``: of masks only, the
    estimate of the STAPLE algorithm.

    Of lesions: ``below`` says what those are that too few readers drew; marks on ``ignored`` ones are neither hits nor
    false positives. Lesions of two readers are the same where they overlap by ``same_from_overlap`` or more, or where
    their centres are no further apart than ``same_within_mm`` or ``same_within_px``, which points without a size need.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    rule: RuleName = "adjudicated"
    at_least: Annotated[int, Field(ge=1, le=1000)] | None = None
    below: Literal["ignored", "dropped"] = "ignored"
    same_within_mm: Distance | None = None
    same_within_px: Distance | None = None
    same_from_overlap: Annotated[float, Field(gt=0, le=1)] | None = None

    @model_validator(mode="after")
    def _number_where_it_belongs(self) -> ConsensusRule:
        if (self.rule == "at_least") != (self.at_least is not None):
            raise PydanticCustomError("consensus.at_least", "at_least with its number", {"found": self.rule})
        return self

    @property
    def is_computed(self) -> bool:
        """Whether the reference is made of single readings, and not taken as the set states it."""
        return self.rule != "adjudicated"

    @property
    def least_overlap(self) -> float:
        """From which overlap on two lesions are the same, above 0 to 1."""
        return LEAST_OVERLAP if self.same_from_overlap is None else self.same_from_overlap

    def votes(self, n_readers: int) -> int | None:
        """How many of ``n_readers`` must say so; None of a rule that does not count votes.

        >>> [ConsensusRule(rule="majority").votes(n) for n in (1, 2, 3, 4)], ConsensusRule(rule="union").votes(4)
        ([1, 2, 2, 3], 1)
        """
        if self.rule == "at_least":
            return self.at_least
        return {"majority": n_readers // 2 + 1, "union": 1}.get(self.rule)
