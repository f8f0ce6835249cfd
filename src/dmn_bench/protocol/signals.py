"""The key ``signals`` of a protocol and of a candidate: how a candidate wants its recordings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from ..vocabulary import SignalForm

Seconds = Annotated[float, Field(gt=0)]
LeadName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.+-]{1,16}$")]


class SignalsEntry(BaseModel):
    """As ``vocabulary.SignalForm`` says."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    leads: list[LeadName] = Field(default_factory=list, max_length=64)
    sampling_hz: Annotated[float, Field(gt=0, le=100_000)] | None = None
    unit: Literal["mV", "uV"] = "mV"
    least_seconds: Seconds | None = None
    most_seconds: Seconds | None = None
    invalid: Literal["keep", "refuse"] = "keep"

    @model_validator(mode="after")
    def _lengths_in_order(self) -> SignalsEntry:
        least, most = self.least_seconds, self.most_seconds
        if least is not None and most is not None and least > most:
            facts = {"least_seconds": least, "most_seconds": most}
            raise PydanticCustomError("protocol.signal_lengths", "least_seconds <= most_seconds", facts)
        return self

    @property
    def form(self) -> SignalForm:
        """What it declares."""
        return SignalForm(**{**self.model_dump(), "leads": tuple(self.leads)})
