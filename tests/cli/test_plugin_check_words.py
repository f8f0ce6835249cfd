"""What `plugin check` says of refusals and failures: sentences, not the keys that records keep."""

import pytest

from dmn_bench.cli.plugin_check import worded
from dmn_bench.errors import Problem


def found(name, **facts):
    return Problem(key=f"plugin_kit.found.{name}", where="c1", facts=facts)


@pytest.mark.parametrize(
    ("reason", "english", "french"),
    [
        ("no output", "technical failure: no output", "échec technique : aucune sortie"),
        ("its worker died 3 times", "its worker died 3 times", "3 fois"),
        ("raised ValueError: no image", "the program raised ValueError: no image", "ValueError: no image"),
        ("too dark for us", "technical failure: too dark for us", "échec technique : too dark for us"),
    ],
)
def test_a_failure_is_said_in_words(reason, english, french):
    problem = found("unanswered", status="failed", reason=reason)
    assert english in worded(problem, "en")
    assert french in worded(problem, "fr")


def test_the_key_of_a_refused_input_is_worded():
    said = worded(found("not_refused", status="rejected_input", reason="inputs.form_lead_absent: found V6"), "fr")
    assert "entrée refusée (le candidat a déclaré une dérivation" in said
    assert "inputs." not in said
    assert "rejected_input" not in said
