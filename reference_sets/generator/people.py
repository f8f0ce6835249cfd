"""Who is in a demonstration set: invented people with a sex, an age, a device and the number of their visits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Person:
    """One invented person. ``sex`` is "" and ``age_years`` None where the file "forgot" to record them."""

    patient_id: str
    sex: str
    age_years: int
    visits: int
    sex_recorded: bool
    age_recorded: bool

    @property
    def written_sex(self) -> str:
        """The sex as recorded."""
        return self.sex if self.sex_recorded else ""

    @property
    def written_age(self) -> int | None:
        """The age as recorded."""
        return self.age_years if self.age_recorded else None


def crowd(
    rng: np.random.Generator, n: int, ages: tuple[tuple[float, int, int], ...], second_visit: float
) -> list[Person]:
    """``n`` people. ``ages``: (share, from, to) bands in years; ``second_visit``: share who come twice."""
    shares = np.array([band[0] for band in ages])
    people = []
    for number in range(1, n + 1):
        _, low, high = ages[int(rng.choice(len(ages), p=shares / shares.sum()))]
        people.append(
            Person(
                patient_id=f"p{number:03d}",
                sex=str(rng.choice(("F", "M"))),
                age_years=int(rng.integers(low, high + 1)),
                visits=2 if rng.random() < second_visit else 1,
                sex_recorded=bool(rng.random() > 0.04),
                age_recorded=bool(rng.random() > 0.02),
            )
        )
    return people


def day(rng: np.random.Generator, first: str = "20250106", days: int = 400) -> str:
    """A date YYYYMMDD within ``days`` of ``first``."""
    start = np.datetime64(f"{first[:4]}-{first[4:6]}-{first[6:]}")
    return str(start + np.timedelta64(int(rng.integers(0, days)), "D")).replace("-", "")


def dashed(date: str) -> str:
    """YYYYMMDD as YYYY-MM-DD."""
    return f"{date[:4]}-{date[4:6]}-{date[6:]}"
