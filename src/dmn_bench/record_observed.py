"""The part of a record that depends on the moment: times, memory, attempts, machine and software."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .record_rows import Json, RecordModel


class Spread(RecordModel):
    """How a measured quantity spreads over ``n`` requests or loads; n alone where it is 0 or too few to say."""

    n: int
    total: float | None = None  # None where a sum means nothing
    smallest: float | None = None
    lower_quartile: float | None = None
    median: float | None = None
    low: float | None = None  # limits of the median; None with fewer values than they need
    high: float | None = None
    upper_quartile: float | None = None
    p95: float | None = None  # None below 20 values
    largest: float | None = None


class TimingClassRow(RecordModel):
    """Times of the requests of one size; n alone below the protocol's minimum n."""

    kind: Literal["image_size", "recording_length"]
    level: str  # "1_to_4_megapixels", "up_to_15_s" … or "not recorded"
    n_warm_up: int
    n_not_timed: int
    seconds_per_case: Spread
    cpu_seconds_per_case: Spread
    peak_memory_mb: Spread


class TimingRow(RecordModel):
    """Time and memory of a device that was asked, on the machine of the run: first requests of a child apart."""

    candidate: str
    load_seconds: Spread  # of every child, over all runs that asked
    warm_up_seconds: Spread  # wall, of the first request of each child
    seconds_per_case: Spread  # wall, of all other requests
    cpu_seconds_per_case: Spread  # of the same requests
    peak_memory_mb: Spread  # of the process when it answered, since its start; every request
    not_timed: dict[str, int] = Field(default_factory=dict)  # status -> answers without a time
    failed_attempts: dict[str, int] = Field(default_factory=dict)  # "timed_out" | "raised" | "ended" … -> attempts
    by_class: list[TimingClassRow] = Field(default_factory=list)
    n_asked: int  # in this run
    n_kept: int  # answered before this run, perhaps elsewhere
    wall_seconds: float | None = None  # of the asking in this run; None when nothing was asked
    cases_per_hour: float | None = None  # put to the device in this run, over ``wall_seconds``
    workers: int  # processes at work together in this run
    on_cluster: bool = False  # on other machines than ``Observed.machine``
    threads: int  # allowed to each
    batch: int = 1  # cases put together in one message, which share its time equally
    confidence: float  # of the limits of medians


class Observed(RecordModel):
    """What depends on the moment: never part of what is compared or hashed."""

    started: str
    finished: str
    operator: str = ""
    machine: dict[str, Json] = Field(default_factory=dict)
    isolation: dict[str, list[str]] = Field(default_factory=dict)  # candidate -> what was and was not in force
    timing: list[TimingRow] = Field(default_factory=list)
    attempts: list[dict[str, Json]] = Field(
        default_factory=list
    )  # {"candidate", "case_id", "attempt"}, the first 5,000
    n_repeated: dict[str, int] = Field(default_factory=dict)  # candidate -> cases that took more than one attempt
    decoders: list[str] = Field(default_factory=list)
    look_number: int | None = None
    software: dict[str, str] = Field(default_factory=dict)  # distribution -> version
    extensions: list[dict[str, Json]] = Field(default_factory=list)  # parts used that are not built in
