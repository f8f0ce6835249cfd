"""The card after an import: one entry more, everything else as it was."""

import pytest

from dmn_bench.curation.ecg_card import Incorporated, declare
from dmn_bench.errors import ReferenceSetError
from dmn_bench.reference_set import read_card
from tests.set_factory import a_set, card_with, problems_of

STATED = Incorporated(what="machine_statement", records=120, unchanged=93)
MEASURED = Incorporated(what="machine_measurement", records=7, unchanged=7)


@pytest.mark.parametrize("standard", ["{method: consensus}", "\n  method: consensus  # of two\n  readers: 2"])
def test_the_entry_is_read_back_and_nothing_else_changes(tmp_path, standard):
    root = a_set(tmp_path / "set", card=card_with(reference_standard=standard, title="{en: 'A: set', fr: \"Été\"}"))
    before = read_card(root)
    assert declare(root, [STATED, MEASURED])
    after = read_card(root)
    [first, second] = after.reference_standard.incorporates
    assert (first.records, first.unchanged, second.what) == (120, 93, "machine_measurement")
    emptied = after.reference_standard.model_copy(update={"incorporates": ()})
    assert after.model_copy(update={"reference_standard": emptied}) == before
    assert ("# of two" in (root / "reference_set.yaml").read_text(encoding="utf-8")) == ("# of two" in standard)
    assert not declare(root, [STATED, MEASURED])


def test_numbers_are_brought_up_to_date_and_nothing_found_changes_nothing(tmp_path):
    root = a_set(tmp_path / "set")
    text = (root / "reference_set.yaml").read_bytes()
    assert not declare(root, [])
    assert (root / "reference_set.yaml").read_bytes() == text
    declare(root, [STATED])
    declare(root, [Incorporated(what="machine_statement", records=130, unchanged=99)])
    [only] = read_card(root).reference_standard.incorporates
    assert (only.records, only.unchanged) == (130, 99)


def test_more_unchanged_than_records_is_no_share(tmp_path):
    standard = "{method: a, incorporates: [{what: machine_statement, records: 2, unchanged: 3}]}"
    root = a_set(tmp_path / "set", card=card_with(reference_standard=standard))
    assert [key for _, key in problems_of(lambda: read_card(root))] == ["refset.more_unchanged_than_records"]
    with pytest.raises(ReferenceSetError):
        declare(root, [STATED])
