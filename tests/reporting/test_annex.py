"""The annex names what was tested by its hash, and nobody's machine."""

import pytest

from dmn_bench.reporting.sections.annex import Annex

from .records import A, a_record


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("candidate.py", "candidate.py"),
        ("../vendor/said.csv", "../vendor/said.csv"),
        ("/home/somebody/deliveries/v2/said.csv", "…/v2/said.csv"),
        ("/said.csv", "…/said.csv"),
        ("C:\\Users\\somebody\\v2\\said.csv", "…/v2/said.csv"),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_files_elsewhere_are_shown_without_the_folders_of_the_machine(name, shown, language):
    record = a_record().model_dump()
    (of,) = [one for one in record["candidates"] if one["id"] == A]
    of["files"] = {name: "ab" * 32}
    rows = [row for block in Annex().blocks(record, A, language) for row in getattr(block, "rows", ())]
    assert [row for row in rows if row[-1] == "ab" * 32] == [(shown, "ab" * 32)]
