"""The options that every adapter with folders has: what is wrong with them, and how the runner is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Protocol

from ..errors import Problem
from .dicom_rules import DicomRules

FORMS = ("array", "dicom", "wfdb")
EXIT_CODES = frozenset(str(code) for code in range(1, 256))


class ExchangeOptions(Protocol):
    """What ``Command`` and ``Container`` share; the fields mean what they say there."""

    @property
    def receives(self) -> str | Mapping[str, str]: ...  # noqa: D102
    @property
    def arrays(self) -> str: ...  # noqa: D102
    @property
    def results(self) -> str: ...  # noqa: D102
    @property
    def dicom(self) -> DicomRules | None: ...  # noqa: D102
    @property
    def batch(self) -> int: ...  # noqa: D102
    @property
    def exit_statuses(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def most_files(self) -> int: ...  # noqa: D102
    @property
    def most_mb(self) -> int: ...  # noqa: D102


def one_form(receives: str | Mapping[str, str]) -> str:
    """What a candidate receives as one word. Raises ValueError if it is none or several.

    >>> one_form({"image": "dicom"}), one_form({})
    ('dicom', 'array')
    """
    kinds = {receives} if isinstance(receives, str) else set(receives.values()) or {"array"}
    if len(kinds) != 1 or not kinds <= set(FORMS):
        raise ValueError(f"receives is one of {', '.join(FORMS)}, found {', '.join(sorted(kinds))}")
    return kinds.pop()


def described_exchange(options: ExchangeOptions) -> dict[str, Any]:
    """The fields of ``exchange_runner.Exchange`` as JSON."""
    return {
        "arrays": options.arrays,
        "results": options.results,
        "dicom": None if options.dicom is None else asdict(options.dicom),
        "batch": options.batch,
        "exit_statuses": dict(options.exit_statuses),
        "files": options.most_files,
        "megabytes": options.most_mb,
    }


def exchange_problems(options: ExchangeOptions, where: str) -> list[Problem]:
    """What these options ask for that cannot be."""
    problems = []
    for name, value in (("batch", options.batch), ("most_files", options.most_files), ("most_mb", options.most_mb)):
        if value < 1:
            facts: dict[str, str | int | float] = {"option": name, "found": value}
            problems.append(Problem(key="adapters_programs.at_least_one", where=where, facts=facts))
    wrong = [code for code in options.exit_statuses if code not in EXIT_CODES]
    if wrong:
        facts = {"found": ", ".join(wrong)}
        problems.append(Problem(key="adapters_programs.exit_code", where=where, facts=facts))
    if options.exit_statuses and options.batch > 1:
        problems.append(Problem(key="adapters_programs.exit_code_of_batch", where=where))
    if options.results == "dicom" and options.receives != "dicom":
        facts = {"found": str(options.receives)}
        problems.append(Problem(key="adapters_programs.dicom_needs_dicom", where=where, facts=facts))
    if options.dicom is not None and options.results != "dicom":
        problems.append(Problem(key="adapters_programs.dicom_unused", where=where))
    return problems
