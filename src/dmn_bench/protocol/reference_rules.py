"""Other rules that make one reference of several readings, under which a result is looked at again."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError


class ReferenceRule(BaseModel):
    """One such rule. ``at_least``: how many readers must agree, of the rule of that name alone."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    rule: Literal["adjudicated", "majority", "at_least", "union", "staple"]
    at_least: Annotated[int, Field(ge=1, le=1000)] | None = None

    @model_validator(mode="after")
    def _number_where_it_belongs(self) -> ReferenceRule:
        if (self.rule == "at_least") != (self.at_least is not None):
            raise PydanticCustomError("consensus.at_least", "at_least with its number", {"found": self.rule})
        return self

    @property
    def name(self) -> str:
        """The rule in one word or two, to tell it from others."""
        return self.rule if self.at_least is None else f"{self.rule} {self.at_least}"
