"""The conformance suite as a class for pytest: what `dmn-bench plugin check` does, one method for each check."""

from __future__ import annotations

import unittest
from pathlib import Path
from typing import ClassVar

from ..catalogue import build_catalogue
from ..wordings import say, say_problem
from .candidate import run_check
from .suite import Suite


class CandidateChecks:
    """What every candidate package must hold: subclass it and give ``package``.

    ``cases``: a locked reference set instead of the shipped cases. ``extensions``: folders of extensions that bring the
    package's adapter. ``seconds_per_case``: when a case counts as hung. ``least_tier``: the weakest isolation under
    which the program is started. What does not apply to the package is skipped, with its reason.
    """

    package: ClassVar[Path]
    cases: ClassVar[Path | None] = None
    extensions: ClassVar[tuple[Path, ...]] = ()
    seconds_per_case: ClassVar[float | None] = None
    least_tier: ClassVar[int] = 1
    _suite: ClassVar[Suite | None] = None

    @classmethod
    def suite(cls) -> Suite:
        """The suite of this class: each session is asked once, whichever checks need it."""
        found = cls.__dict__.get("_suite")  # its own, not that of a class it comes from
        if not isinstance(found, Suite):
            found = Suite(
                folder=cls.package,
                catalogue=build_catalogue(extension_folders=cls.extensions),
                cases_from=cls.cases,
                seconds_per_case=cls.seconds_per_case,
                least_tier=cls.least_tier,
            )
            cls._suite = found
        return found

    def test_manifest(self) -> None:
        """Candidate.yaml and device.yaml are valid, and the adapter takes the options."""
        self._hold("manifest")

    def test_declarations(self) -> None:
        """The vendor declares the product, its use and its needs."""
        self._hold("declarations")

    def test_loads(self) -> None:
        """The program loads, in the time that it declares."""
        self._hold("loads")

    def test_answers(self) -> None:
        """Every case is answered."""
        self._hold("answers")

    def test_valid_answers(self) -> None:
        """Every answer has the form of the contract."""
        self._hold("valid_answers")

    def test_expected_answers(self) -> None:
        """Shipped cases are answered as expected.json states."""
        self._hold("expected_answers")

    def test_refusals(self) -> None:
        """What it says it refuses it refuses."""
        self._hold("refusals")

    def test_declared_names(self) -> None:
        """Findings have the names that are declared."""
        self._hold("declared_names")

    def test_declared_scores(self) -> None:
        """Scores lie on the scale that is declared, else between 0 and 1."""
        self._hold("declared_scores")

    def test_same_answer_twice(self) -> None:
        """The same case asked twice has the same answer."""
        self._hold("same_answer_twice")

    def test_same_answer_fresh(self) -> None:
        """A process that has just begun gives the same answers."""
        self._hold("same_answer_fresh")

    def test_any_order(self) -> None:
        """Another order gives the same answers."""
        self._hold("any_order")

    def test_any_batch(self) -> None:
        """One request at a time gives the same answers as several at once."""
        self._hold("any_batch")

    def test_names_unread(self) -> None:
        """Other identifiers and file names give the same answers."""
        self._hold("names_unread")

    def test_tags_unread(self) -> None:
        """The answers do not hang on descriptive tags, or the package says that they do."""
        self._hold("tags_unread")

    def test_hostile_input(self) -> None:
        """Strange input neither kills nor hangs it."""
        self._hold("hostile_input")

    def test_unpoisoned(self) -> None:
        """After strange input a good case has the same answer as before."""
        self._hold("unpoisoned")

    def test_memory(self) -> None:
        """It stays within the memory that it declares."""
        self._hold("memory")

    def test_time(self) -> None:
        """It stays within the time that it declares for a case."""
        self._hold("time")

    def test_network(self) -> None:
        """It needs no address that it does not declare."""
        self._hold("network")

    def _hold(self, check: str) -> None:
        result = run_check(check, self.suite())
        if result.outcome == "failed":
            found = [say_problem(problem, "en") for problem in result.problems]
            mend = say("plugin_kit.mend", "en", text=say(f"plugin_kit.mend.{check}", "en"))
            raise AssertionError("\n".join([say(f"plugin_kit.check.{check}", "en"), *found, mend]))
        if result.outcome == "not_applicable":
            raise unittest.SkipTest("; ".join(say_problem(note, "en") for note in result.notes))
