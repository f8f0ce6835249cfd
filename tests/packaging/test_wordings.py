"""The sentences of all languages fit together, and every sentence that the code asks for exists."""

import ast
import importlib
import pkgutil
import re
import string

import pytest

from dmn_bench import wordings
from dmn_bench.wordings import LANGUAGES

from .repository import SRC

FILES = sorted(info.name for info in pkgutil.iter_modules([str(SRC / "wordings" / "en")]))
ROOMS = "|".join(wordings.ROOMS)
KEY = re.compile(rf"(?:{ROOMS})\.[a-z][a-z0-9_.]*")
IN_ENGLISH_ONLY = {"cli.bad_value"}  # the parser gives its reason in English alone
FILE_NAMES = (".css", ".csv", ".html", ".j2", ".json", ".jsonl", ".py", ".yaml")


def sentences(language, file):
    return importlib.import_module(f"dmn_bench.wordings.{language}.{file}").WORDS


def facts(text):
    """What a sentence states: {n}, but not a word that only agrees with it, {n:#case|cases}."""
    return {name for _, name, form, _ in string.Formatter().parse(text) if name and not (form or "").startswith("#")}


def test_both_languages_have_the_same_files():
    others = {
        language: {info.name for info in pkgutil.iter_modules([str(SRC / "wordings" / language)])}
        for language in LANGUAGES
    }
    assert set(map(frozenset, others.values())) == {frozenset(FILES)}


@pytest.mark.parametrize("file", FILES)
def test_both_languages_have_the_same_keys(file):
    english, french = sentences("en", file), sentences("fr", file)
    assert set(english) ^ set(french) == set()


@pytest.mark.parametrize("file", FILES)
def test_both_languages_state_the_same_facts(file):
    english, french = sentences("en", file), sentences("fr", file)
    both = english.keys() & french.keys()
    assert [key for key in both - IN_ENGLISH_ONLY if facts(english[key]) != facts(french[key])] == []


@pytest.mark.parametrize("file", FILES)
def test_french_has_its_spaces_quotation_marks_and_no_english_ones(file):
    wrong = re.compile(r"[^\s\d\W][;?!](?=\s|$)|[“”]|(?<=\s)''|«\S|\S»")
    text = {key: re.sub(r"\{[^}]*\}", "x", sentence) for key, sentence in sentences("fr", file).items()}
    assert {key: sentence for key, sentence in text.items() if wrong.search(sentence)} == {}


@pytest.mark.parametrize("file", FILES)
def test_french_has_one_apostrophe(file):
    straight = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_]|[{«])")
    assert {key: text for key, text in sentences("fr", file).items() if straight.search(text)} == {}


@pytest.mark.parametrize("file", FILES)
def test_french_has_a_space_before_every_colon_but_those_of_keys_to_type(file):
    keys = re.compile(r"(?:[^\W\d]|[-])+:(?=\s|$)")
    english = sentences("en", file)
    glued = {
        key: [one for one in keys.findall(re.sub(r"\{[^}]*\}", "0", text)) if one not in english[key]]
        for key, text in sentences("fr", file).items()
    }
    assert {key: found for key, found in glued.items() if found} == (
        {"files.expected_mapping": ["clé:"]} if file == "files" else {}
    )


def texts(path):
    """Every string of a module that is not a docstring or a comment."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_every_sentence_that_the_code_asks_for_exists():
    asked = {
        (text, path.name)
        for path in SRC.rglob("*.py")
        if "wordings" not in path.parts
        for text in texts(path)
        if KEY.fullmatch(text) and not text.endswith(FILE_NAMES)
    }
    assert asked
    known = {key for room in wordings.ROOMS for key in wordings.words(room, "en")}
    starts = {key for key, _ in asked if key.endswith((".", "_"))}  # "report.status." + status
    starts |= {key for key, _ in asked if any(each.startswith(f"{key}.") for each in known)}
    unworded = {(key, name) for key, name in asked if key not in known | starts}
    assert unworded | {start for start in starts if not any(key.startswith(start) for key in known)} == set()
