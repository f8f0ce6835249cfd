"""Every key that the two rooms raise has its sentence, in both languages, with the facts it is given."""

import re
import string
from pathlib import Path

import pytest

import dmn_bench
from dmn_bench.wordings import words

ROOT = Path(dmn_bench.__file__).parent


@pytest.mark.parametrize("room", ["adapters", "execution"])
def test_every_key_in_the_code_is_worded_and_no_other(room):
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / room).glob("*.py")))
    used = set(re.findall(rf'"({room}\.[a-z_]+)"', code))
    used |= {f"{key}_nearest" for key in re.findall(rf'(?:unknown_name|_unknown)\("({room}\.[a-z_]+)"', code)}
    assert used == set(words(room, "en")) == set(words(room, "fr"))


@pytest.mark.parametrize("room", ["adapters", "execution"])
def test_both_languages_use_the_same_facts(room):
    def facts(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for key, text in words(room, "en").items():
        assert facts(text) == facts(words(room, "fr")[key]), key
