"""Small reference sets for tests, written from what matters to the test; everything else has a sane default."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from dmn_bench.errors import Problem, ReferenceSetError
from dmn_bench.wordings import LANGUAGES, say_problem

CARD = """\
format: dmn-bench/reference-set/1
id: small
version: 1.0.0
title: {en: A small set, fr: Un petit jeu}
modality: DX
findings: [{name: fracture}]
sampling: enriched
reference_standard: {method: consensus}
strata: {sex: {column: sex}, age: {column: age_years, edges: [0, 18, 65]}}
data_protection: {route: not_applicable}
public: true
"""
CASES = (
    "case_id,patient_id,exam_id,laterality,files,sex,age_years",
    "c1,p1,e1,L,,F,40",
    "c2,p1,e1,R,,F,40",
    "c3,p2,e2,L,,M,",
)
TRUTH = ("case_id,finding,value", "c1,fracture,positive", "c2,fracture,negative", "c3,fracture,negative")


def a_set(
    folder: Path,
    *,
    card: str = CARD,
    cases: Sequence[str] = CASES,
    truth: Sequence[str] | None = TRUTH,
    files: Mapping[str, bytes] | None = None,
    **tables: Sequence[str],
) -> Path:
    """A folder with a set: tables as lines of CSV (``lesions=``, ``readings=`` …), files by their path in the set."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "reference_set.yaml").write_text(card, encoding="utf-8")
    for name, lines in {"cases": cases, "truth": truth, **tables}.items():
        if lines is not None:
            (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name, content in (files or {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def card_with(**changes: str) -> str:
    """The default card with some keys replaced or added, as YAML text."""
    lines = [line for line in CARD.splitlines() if line.partition(":")[0] not in changes]
    return "\n".join([*lines, *(f"{key}: {value}" for key, value in changes.items())]) + "\n"


def problems_of(call: Callable[[], object]) -> list[tuple[str, str]]:
    """(where, key) of everything ``call`` refuses, each proved to have its sentence in every language."""
    try:
        call()
    except ReferenceSetError as error:
        return worded(error.problems)
    return []


def worded(problems: Sequence[Problem]) -> list[tuple[str, str]]:
    """(where, key) of the problems, each proved to have its sentence in every language."""
    for problem in problems:
        for language in LANGUAGES:
            assert say_problem(problem, language)
    return [(problem.where, problem.key) for problem in problems]
