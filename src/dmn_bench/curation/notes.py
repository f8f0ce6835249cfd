"""What a check notes: errors, which no run may pass over, and warnings, which a person should look at."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import Problem
from ..reference_set.csv_rows import Problems


@dataclass(frozen=True, kw_only=True)
class CheckReport:
    """What is wrong (no run should use the set) and what is odd (a person should look)."""

    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


@dataclass(kw_only=True)
class Notes:
    """Errors and warnings as they are found."""

    errors: Problems = field(default_factory=Problems)
    warnings: Problems = field(default_factory=Problems)

    def report(self) -> CheckReport:
        """What was noted."""
        return CheckReport(errors=self.errors.all(), warnings=self.warnings.all())
