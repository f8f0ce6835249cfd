"""The errors of delineated structures: what is listed to review, and what a picture of a missing one says."""

import pytest

from dmn_bench.record import ErrorRowPart
from dmn_bench.reporting.phrases import Phrases
from dmn_bench.reporting.sections.errors import Errors
from dmn_bench.reporting.structure_errors import is_of_structure, structure_errors
from dmn_bench.vocabulary import Grid

from .declared import A
from .test_segmentation_section import ENDPOINT
from .test_structures_shown import named, organs
from .test_thumbnails import lines, page


def an_error(kind, structure, unit_id, score=None, *, reference="region", answer="region"):
    return ErrorRowPart(
        candidate=A, endpoint=ENDPOINT, kind=kind, unit_id=unit_id, reference=reference, answer=answer,
        reason=structure, score=score,
    )  # fmt: skip


ROWS = [
    an_error("poor_overlap", "heart", "c1", 0.7),
    an_error("poor_overlap", "cord", "c2", 0.61204),
    an_error("invented_structure", "heart", "c3", 0.0, reference="empty_region"),
    an_error("missed_structure", "cord", "c4", 0.0, answer="empty_region"),
    an_error("unanswered", "cord", "c5", answer="failed"),
]


@pytest.fixture
def record():
    from .test_segmentation_section import a_segmentation

    return named(a_segmentation(estimates=organs()))


def test_every_line_names_structure_fault_and_dice_the_worst_first(record):
    grid = structure_errors(ROWS, record, Phrases("en"))
    assert [row[:6] for row in grid.rows] == [
        ("c5", "Spinal cord", "no contour given", "delineated", "nothing", "–"),
        ("c4", "Spinal cord", "missed", "delineated", "empty", "0.000"),
        ("c3", "heart", "the reference has none", "looked at, none found", "delineated", "0.000"),
        ("c2", "Spinal cord", "among the least overlaps of the structure", "delineated", "delineated", "0.612"),
        ("c1", "heart", "among the least overlaps of the structure", "delineated", "delineated", "0.700"),
    ]
    assert "Dice" in grid.header


def test_a_whole_case_without_an_answer_stays_among_the_other_errors(record):
    whole = an_error("unanswered", "no output", "c6", reference="delineated", answer="failed")
    assert not is_of_structure(whole)
    results = record.results.model_copy(update={"errors": [*ROWS, whole]})
    blocks = Errors().blocks(record.model_copy(update={"results": results}).model_dump(mode="json"), A, "fr")
    grids = [block for block in blocks if isinstance(block, Grid)]
    assert [len(grid.rows) for grid in grids] == [5, 1]
    assert grids[0].rows[0][:3] == ("c5", "Moelle épinière", "aucun contour rendu")
    assert grids[1].rows[0][0] == "c6"


def test_the_picture_of_a_structure_that_was_not_given_says_so():
    missing = {"kind": "unanswered", "about": "heart", "reference": "", "answer": "0.000"}
    said = "\n".join(lines(page(error=missing)))
    assert "gave no contour of this structure: only that of the reference is drawn" in said
    assert "Dice" not in said
