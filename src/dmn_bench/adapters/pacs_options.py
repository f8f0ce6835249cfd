"""What the adapters ``dicom-node`` and ``dicomweb`` have in common: when a result is complete, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import Problem
from .dicom_rules import DicomRules, Size, TextRule


@dataclass(frozen=True, kw_only=True)
class CompleteWhen:
    """When everything has come for a case: each of these conditions holds. Nothing at all is never complete."""

    count: int = 1  # objects about the case
    sr: bool = False  # one of them is a structured report
    quiet_seconds: float = 5.0  # and for so long no further one came: 0 takes the first, and sees a second one too late

    def __post_init__(self) -> None:
        """Refuse what is always complete."""
        if self.count < 1 or not 0 <= self.quiet_seconds <= 3600:
            raise ValueError("count is at least 1, quiet_seconds from 0 to 3600")


@dataclass(frozen=True, kw_only=True)
class TlsFiles:
    """Certificates in PEM, paths from the candidate's folder."""

    ca_file: str  # who signed the device's certificate
    certificate: str | None = None  # our own
    key: str | None = None


def rules_as_json(rules: DicomRules) -> Mapping[str, Any]:
    """Rules as they travel to the runner."""
    return asdict(rules)


def rules_from_json(described: Mapping[str, Any]) -> DicomRules:
    """Rules as ``rules_as_json`` gave them, after a journey as JSON.

    >>> rules_from_json(rules_as_json(DicomRules(finding="nodule"))) == DicomRules(finding="nodule")
    True
    """
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in described.items()
    }
    if values.get("analysed_size") is not None:
        values["analysed_size"] = Size(**values["analysed_size"])
    values["text"] = {finding: TextRule(**rule) for finding, rule in values.get("text", {}).items()}
    return DicomRules(**values)


def range_problems(where: str, **limits: tuple[float | None, float, float]) -> list[Problem]:
    """Options that lie outside of (value, lowest, highest)."""
    return [
        Problem(key="pacs.limit", where=where, facts={"option": name, "found": value, "low": low, "high": high})
        for name, (value, low, high) in limits.items()
        if value is not None and not low <= value <= high
    ]


def stray_options(entry_options: Mapping[str, object], where: str) -> list[Problem]:
    """Options of a protocol's entry, of which there are none."""
    found = ", ".join(sorted(entry_options))
    return [Problem(key="pacs.no_further_options", where=where, facts={"found": found})] if found else []
