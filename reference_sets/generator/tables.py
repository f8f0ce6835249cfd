"""Writes the tables of a demonstration set in the folder format of reference sets."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

Row = Mapping[str, object]

TRUTH = ("case_id", "exam_id", "patient_id", "finding", "value", "evidence", "read_at")
LESIONS = (
    "case_id",
    "lesion_id",
    "finding",
    "image",
    "frame",
    "x",
    "y",
    "width",
    "height",
    "weight",
    "ignore",
    "reader",
)
READINGS = ("case_id", "reader_id", "finding", "value", "read_at")
MASKS = ("case_id", "structure", "file", "reader")
SAMPLING = ("unit_id", "status", "reason")


@dataclass(kw_only=True)
class Tables:
    """The rows of a set while it is being made."""

    cases: list[Row] = field(default_factory=list)
    truth: list[Row] = field(default_factory=list)
    lesions: list[Row] = field(default_factory=list)
    readings: list[Row] = field(default_factory=list)
    masks: list[Row] = field(default_factory=list)
    sampling: list[Row] = field(default_factory=list)

    def write(self, root: Path, strata: Sequence[str], lesion_strata: Sequence[str] = ()) -> None:
        """Write every table; ``strata`` are the columns of cases.csv after the fixed ones."""
        _write(root / "cases.csv", ("case_id", "patient_id", "exam_id", "laterality", "files", *strata), self.cases)
        _write(root / "truth.csv", TRUTH, self.truth)
        if self.lesions:
            _write(root / "lesions.csv", (*LESIONS, *lesion_strata), self.lesions)
        if self.masks:
            _write(root / "masks.csv", MASKS, self.masks)
        if self.readings:
            _write(root / "readings.csv", READINGS, self.readings)
        _write(root / "sampling.csv", SAMPLING, self.sampling)


def three_readings(case_ids: Sequence[str], finding: str, value: str, date: str, rng: np.random.Generator) -> list[Row]:
    """Three readers whose majority is ``value`` (positive, negative or indeterminate), one at times of another mind."""
    votes = [value] * 3
    if value == "indeterminate":
        votes = ["positive", "negative", "indeterminate"]
    elif rng.random() < 0.13:
        votes[int(rng.integers(3))] = "negative" if value == "positive" else "positive"
    return [
        {"case_id": case_id, "reader_id": f"r{number}", "finding": finding, "value": vote, "read_at": date}
        for case_id in case_ids
        for number, vote in enumerate(votes, start=1)
    ]


def tidy(number: float) -> str:
    """A length in pixels with at most one decimal.

    >>> tidy(12.0), tidy(3.14159)
    ('12', '3.1')
    """
    return f"{round(number, 1):g}"


def _write(path: Path, header: Sequence[str], rows: Sequence[Row]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(header), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(dict(row) for row in rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="\n")
