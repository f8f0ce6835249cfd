import re
from pathlib import Path

import dmn_bench.inputs
from dmn_bench.wordings import words

FACTS = re.compile(r"{(\w+)")
SAID_WITH_FACTS = {"inputs.no_reader", "inputs.several_readers", "inputs.decoder_not_installed", "inputs.form_unknown"}
SAID_WITH_FACTS |= {"inputs.form_not_available"}


def test_both_languages_have_the_same_keys_and_placeholders():
    english, french = words("inputs", "en"), words("inputs", "fr")
    assert list(english) == list(french)
    for key, sentence in english.items():
        assert sorted(FACTS.findall(sentence)) == sorted(FACTS.findall(french[key])), key


def test_what_problems_may_return_needs_no_facts():
    needing = {key for key, sentence in words("inputs", "en").items() if FACTS.search(sentence)}
    assert needing == SAID_WITH_FACTS


def test_every_key_in_the_code_has_a_sentence_and_every_sentence_a_use():
    code = "".join(path.read_text() for path in Path(dmn_bench.inputs.__file__).parent.glob("*.py"))
    used = {f"inputs.{name}" for name in re.findall(r'(?:fault|parsing|reading)\([^"]*?,\s*"(\w+)"', code)}
    used |= set(re.findall(r'"(inputs\.\w+)"', code))
    used |= {f"inputs.{first}" for first in ("several_readers", "no_reader")}
    assert used == set(words("inputs", "en"))
