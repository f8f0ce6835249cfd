"""The hospital's names of what was imported: back as they were, so that a vendor's results for them find the copies."""

import json
from functools import cache
from pathlib import PurePath

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage

from dmn_bench.adapters.coco_results import CocoResults
from dmn_bench.adapters.prediction_ids import image_of
from dmn_bench.catalogue import build_catalogue
from dmn_bench.curation.ecg_walk import name_in_table
from dmn_bench.curation.image_import import import_pictures
from dmn_bench.curation.image_options import ImageOptions
from dmn_bench.inputs.hospital_names import with_hospital_names
from dmn_bench.inputs.requests import case_keys
from dmn_bench.reference_set import load
from dmn_bench.reference_set.identity import read_identity
from tests.inputs.factories import a_picture
from tests.set_factory import a_set, card_with

readers = cache(lambda: build_catalogue().make_all("reader"))
ROWS, COLUMNS = 40, 60


def keys_of(root):
    named = read_identity(root)
    cases = (case_keys(case, root, readers()) for case in load(root).cases)
    return [with_hospital_names(keys, named[keys.case.case_id]) for keys in cases]


@pytest.fixture
def root(tmp_path):
    """A set of a picture that lies on its side by its orientation mark, and of one that does not."""
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    (tmp_path / "in/ward").mkdir(parents=True)
    a_picture(tmp_path / "in/ward/IMG471 é.jpg", np.zeros((ROWS, COLUMNS), np.uint8), exif=exif)
    a_picture(tmp_path / "in/IMG472.png", np.ones((ROWS, COLUMNS), np.uint8))
    (tmp_path / "set").mkdir()
    (tmp_path / "set/reference_set.yaml").write_text(card_with(strata="{}"))
    import_pictures(tmp_path / "set", tmp_path / "in", ImageOptions(), readers=readers())
    return tmp_path / "set"


def test_an_import_keeps_the_names_and_the_marks_that_its_copies_lost(root):
    plain, turned = keys_of(root)
    assert (plain.source_files, plain.source_turns) == ({"IMG472.png": plain.case.files[0]}, None)
    assert turned.source_files == {"ward/IMG471 é.jpg": turned.case.files[0]}
    assert turned.source_turns == {turned.case.files[0]: 6}
    assert (turned.picture_turns, turned.image_sizes) == (None, {turned.case.files[0]: (ROWS, COLUMNS)})
    assert image_of(turned, "IMG471 é.jpg") == turned.case.files[0]


def test_boxes_on_a_hospital_picture_as_stored_lie_on_the_same_pixels_of_its_copy(root, tmp_path):
    table = [{"id": 1, "file_name": "IMG471 é.jpg", "width": COLUMNS, "height": ROWS}]
    (tmp_path / "images.json").write_text(json.dumps({"images": table}))
    box = {"image_id": 1, "category_id": 1, "bbox": [5, 6, 10, 4], "score": 0.5}
    (tmp_path / "results.json").write_text(json.dumps([box]))
    adapter = CocoResults(
        path="results.json", images="images.json", categories={"1": "fx"}, id={"is": "source_file"}, pictures="stored"
    )
    (mark,) = next(each.answer.marks for each in adapter.answers(keys_of(root), tmp_path) if each.answer.marks)
    assert (mark.x, mark.y, mark.width, mark.height) == (ROWS - 10, 5, 4, 10)  # a quarter to the right


@given(st.text(st.characters(exclude_characters="/\x00", exclude_categories=("Cs",)), min_size=1, max_size=8))
def test_a_name_is_read_as_it_was_whatever_it_is_made_of(name):
    if name in (".", ".."):
        return
    written = name_in_table(PurePath(f"/in/{name}"), PurePath("/in"))
    assert decoded(written) == name


def decoded(cell):
    from dmn_bench.reference_set.identity import _identity

    (source,) = _identity([{"source_file": cell, "file": "f"}]).sources
    return source.name


@pytest.mark.parametrize("turn", ["", "9", "six"])
def test_a_mark_that_is_none_turns_nothing(tmp_path, turn):
    a_set(tmp_path, cases=("case_id,patient_id,files,sex,age_years", "c1,p1,files/a.png,F,40"))
    (tmp_path / "identity.csv").write_text(f"case_id,file,source_file,source_turn\nc1,files/a.png,./x.jpg,{turn}\n")
    assert [source.turn for source in read_identity(tmp_path)["c1"].sources] == [1]
