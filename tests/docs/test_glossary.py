"""The words of the glossary are those of the product, in both languages."""

import importlib
import pkgutil
import re

import pytest

from dmn_bench import wordings

from .pages import ROOT

ROWS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and not line.startswith(("|---", "| English"))
]
NOT_IN_SENTENCES = frozenset(
    (
        *("blinded", "card", "de-identification", "extension", "heterogeneity", "Holm correction", "judgement"),
        *("label", "level", "premature atrial complex (PAC)", "pseudonymised", "record", "request", "unit"),
    )
)
"""Terms of files and pages, or said by other forms of the word."""


def said(language):
    package = importlib.import_module(f"dmn_bench.wordings.{language}")
    rooms = [
        importlib.import_module(f"{package.__name__}.{room.name}") for room in pkgutil.iter_modules(package.__path__)
    ]
    return " ".join(" ".join(room.WORDS.values()) for room in rooms).casefold()


def stems(term):
    """The beginnings of the words of a term, so that plurals and agreements are found."""
    return [word[: max(4, len(word) - 2)] for word in re.findall(r"[\w-]{4,}", term.casefold())]


@pytest.mark.parametrize(("column", "language"), [(0, "en"), (1, "fr")])
def test_every_word_of_the_glossary_is_said_by_the_product(column, language):
    text = said(language)
    missing = [
        row[column]
        for row in ROWS
        if row[0] not in NOT_IN_SENTENCES and not all(stem in text for stem in stems(row[column]))
    ]
    assert missing == []


def test_no_term_stands_twice():
    for column in (0, 1):
        terms = [row[column] for row in ROWS]
        assert sorted({term for term in terms if terms.count(term) > 1}) == []
    assert set(wordings.LANGUAGES) == {"en", "fr"}
