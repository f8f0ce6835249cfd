"""`dmn-bench plugin check`: the conformance suite on a terminal, and the comparison with what was checked before."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..vocabulary import STATUSES, Grid, Language
from ..wordings import say, say_problem, words
from ..wordings.numbers import plain

if TYPE_CHECKING:
    from ..catalogue.plugin_check import Checked
    from ..errors import Problem
    from ..testing.suite import Result, Suite

FOUND_WRONG = 3  # the vendor must act
STEPS = {"seconds_to_load": 1000, "seconds_per_case": 1000}  # of a figure in its unit; 1 for all others
SHOWN_AT_MOST = 8  # problems of one check on the terminal; the file lists them


def check_package(suite: Suite, out: Path, language: Language) -> int:
    """Run every check, print what was found and how to mend it, write ``out``; the exit code.

    Raises CandidateError where the manifest cannot be read: there is nothing to bind results to then.
    """
    from ..catalogue.plugin_check import write_plugin_check
    from ..testing.candidate import as_checked, run_checks
    from .showing import show_grid

    suite.open()
    results = run_checks(suite, lambda result: _tell(result, language))
    checked = as_checked(suite, results)
    show_grid(_grid(checked, results, language))
    _show_absent(results, language)
    for result in results:
        _show_details(result, language)
    protections = ", ".join(_worded(word, language) for word in checked.isolation)
    found = protections or say("plugin_kit.isolation_none", language)
    typer.echo(say("plugin_kit.isolation", language, found=found))
    key = "plugin_kit.all_passed" if checked.passed else "plugin_kit.some_failed"
    typer.echo(say(key, language, **_counts(checked)))
    write_plugin_check(out, checked)
    written = "plugin_kit.written" if checked.passed else "plugin_kit.written_failed"
    typer.echo(say(written, language, path=str(out)))
    return 0 if checked.passed else FOUND_WRONG


def compare_package(folder: Path, against: Path, language: Language) -> int:
    """Say which files of a package are not those that were checked; the exit code. Asks no program anything.

    Raises CandidateError if the package or the file cannot be read.
    """
    from ..catalogue import build_catalogue, load_manifest
    from ..catalogue.plugin_check import differences_now, read_plugin_check
    from ..testing.package import open_package

    checked = read_plugin_check(against)
    package = open_package(load_manifest(folder), build_catalogue())
    found = differences_now(checked, folder, package.identity)
    for difference in found:
        typer.echo(say(f"plugin_kit.difference.{difference.kind}", language, file=difference.file))
    facts = {"suite": checked.suite, "version": checked.dmn_bench, **_counts(checked)}
    typer.echo(say("plugin_kit.checked_then", language, **facts))
    if found:
        typer.echo(say("plugin_kit.n_differences", language, n=len(found)))
        return FOUND_WRONG
    typer.echo(say("plugin_kit.same", language, n=len(checked.package.files.keys() | checked.model.files.keys())))
    return 0


def _tell(result: Result, language: Language) -> None:
    """One line as soon as a check is made: a suite may take minutes."""
    outcome = say(f"plugin_kit.outcome.{result.outcome}", language)
    typer.echo(_line(result.id, outcome, language), err=True)


def _grid(checked: Checked, results: tuple[Result, ...], language: Language) -> Grid:
    header = tuple(say(f"plugin_kit.column.{name}", language) for name in ("check", "says", "outcome", "figures"))
    rows = tuple(
        (
            result.id,
            say(f"plugin_kit.check.{result.id}", language),
            say(f"plugin_kit.outcome.{result.outcome}", language),
            _figures({**result.evidence, **result.observed}, language),
        )
        for result in results
    )
    caption = say("plugin_kit.title", language, candidate=checked.candidate, adapter=checked.adapter)
    muted = tuple(i for i, result in enumerate(results) if result.outcome == "not_applicable")
    return Grid(header=header, rows=rows, caption=caption, muted=muted)


def _figures(figures: Mapping[str, float], language: Language) -> str:
    """Counts and measured figures; these are rounded up, so that what is printed may be declared."""
    said = []
    for name, value in figures.items():
        steps = STEPS.get(name, 1)
        unit = say(f"plugin_kit.figure.{name}", language, n=value)
        said.append(f"{plain(math.ceil(value * steps) / steps, language, 3)} {unit}")
    return ", ".join(said)


def _show_absent(results: tuple[Result, ...], language: Language) -> None:
    """Why checks are not applicable: each reason once, with all the checks that it holds for."""
    reasons: dict[str, list[str]] = {}
    for result in results:
        for note in result.notes if result.outcome == "not_applicable" else ():
            reasons.setdefault(worded(note, language), []).append(result.id)
    for reason, checks in reasons.items():
        typer.echo(_line(", ".join(checks), reason, language))


def _show_details(result: Result, language: Language) -> None:
    """What was found and seen, and for a failed check how to mend it."""
    notes = () if result.outcome == "not_applicable" else result.notes
    for problem in (*result.problems[:SHOWN_AT_MOST], *notes[:SHOWN_AT_MOST]):
        typer.echo(_line(result.id, worded(problem, language), language))
    more = len(result.problems) - SHOWN_AT_MOST
    if more > 0:
        typer.echo(_line(result.id, say("plugin_kit.and_more", language, n=more), language))
    if result.outcome == "failed":
        mend = say(f"plugin_kit.mend.{result.id}", language)
        typer.echo(_line(result.id, say("plugin_kit.mend", language, text=mend), language))


def worded(problem: Problem, language: Language) -> str:
    """A problem as a sentence, in it the state and the reason of an answer in words; a device's own words stay.

    The file that is written keeps both as they are in records, in no language.
    """
    from ..reporting.phrases import Phrases
    from ..reporting.reasons import own_reason

    facts = dict(problem.facts)
    if "reason" in facts:
        facts["reason"] = own_reason(str(facts["reason"]), Phrases(language=language))
    if facts.get("status") in STATUSES:
        facts["status"] = say(f"answers.status_{facts['status']}", language)
    return say_problem(replace(problem, facts=facts), language)


def _line(check: str, text: str, language: Language) -> str:
    """What is said of a check, led by its name."""
    return say("plugin_kit.line", language, check=check, text=text)


def _worded(word: str, language: Language) -> str:
    """A protection as reports word it, of an address with what went there; one that they do not know as it is."""
    known = words("report_frame", language)
    kind, _, host = word.partition(":")
    if f"report_frame.isolation_host.{kind}" in known:
        return say(f"report_frame.isolation_host.{kind}", language, host=host)
    return known.get(f"report_frame.isolation.{word}", word)


def _counts(checked: Checked) -> dict[str, int]:
    outcomes = [check.outcome for check in checked.checks]
    names = {"passed": "passed", "failed": "failed", "absent": "not_applicable"}
    return {name: outcomes.count(outcome) for name, outcome in names.items()}  # type: ignore[arg-type]
