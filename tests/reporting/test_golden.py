"""The whole report as read by a person, compared with a golden text.

To accept a change of wording or layout on purpose: DMN_BENCH_UPDATE_GOLDEN=1 pytest tests/reporting/test_golden.py
"""

import os
from pathlib import Path

import pytest

from dmn_bench.wordings.numbers import NARROW_SPACE, NO_BREAK_SPACE

from .page import text_of
from .records import A, B, a_record
from .shelf import rendered

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize(("candidate", "language"), [(A, "en"), (A, "fr"), (B, "fr")])
def test_the_report_reads_as_it_did(candidate, language):
    text = text_of(rendered(a_record(), candidate, language))
    # Special spaces cannot be seen in a diff: they are written out.
    text = text.replace(NARROW_SPACE, "⍽").replace(NO_BREAK_SPACE, "␣")
    path = GOLDEN / f"report.{candidate}.{language}.txt"
    if os.environ.get("DMN_BENCH_UPDATE_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
