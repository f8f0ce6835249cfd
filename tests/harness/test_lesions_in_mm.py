"""Lesions and marks in pixels measured in mm by the spacing of their image: by hand, and from file to estimate."""

import dataclasses
import io
import json
import math

import numpy as np
import pytest
from PIL import Image

from dmn_bench import reference_set
from dmn_bench.catalogue import build_catalogue
from dmn_bench.curation.check import check
from dmn_bench.errors import ProtocolError
from dmn_bench.harness import RunOptions, evaluate, prepare
from dmn_bench.harness.set_loading import load_set
from dmn_bench.inputs.image_spacings import spacings
from dmn_bench.reference_set.lesion_sizes import lesion_size
from dmn_bench.reference_set.lesion_spacings import ImageSpacing
from dmn_bench.tasks.hit_rules import HitRule
from dmn_bench.tasks.mark_matching import match_marks
from dmn_bench.vocabulary import NOT_RECORDED, Lesion, Mark, Mask

from ..inputs.factories import an_image, saved
from ..inputs.mask_factories import READERS, a_case, a_nifti, a_series, uid
from ..set_factory import a_set

ROW, COLUMN = 0.5, 0.2  # mm between rows and between columns
UNEVEN = (ROW, COLUMN)


def a_lesion(**place):
    place = {"spacing_mm": UNEVEN, **place}
    return Lesion(lesion_id="l1", finding="f", image=None, frame=None, **place)


def is_hit(rule, lesion, **place):
    case = a_case("a.dcm")
    return match_marks(case, [lesion], [Mark(finding="f", score=1.0, **place)], rule, "ignored").hits[0] is not None


@pytest.mark.parametrize(
    ("place", "diameter", "longest"),
    [
        ({"x": 0, "y": 0, "width": 30, "height": 20}, 2 * math.sqrt(6 * 10 / math.pi), 10.0),
        ({"x": 0, "y": 0, "width": 60, "height": 20}, 2 * math.sqrt(12 * 10 / math.pi), 12.0),
        ({"x": 9, "y": 9, "diameter": 10}, math.sqrt(2 * 5), 5.0),  # an ellipse of 2 by 5 mm
        ({"outline": ((0, 0), (10, 0), (0, 10))}, 2 * math.sqrt(50 * 0.1 / math.pi), None),
        ({"mask": Mask(structure="f", rows=2, columns=4, runs=(1, 3, 4))}, 2 * math.sqrt(0.3 / math.pi), None),
        ({"x": 1, "y": 1}, None, None),
        ({"x": 0, "y": 0, "width": 30, "height": 20, "spacing_mm": None}, None, None),
        ({"x_mm": 1, "y_mm": 1, "z_mm": 1, "diameter_mm": 7}, 7, 7),
    ],
)
def test_sizes_in_mm_of_pixels_that_are_not_square(place, diameter, longest):
    lesion = a_lesion(**place)
    found = lesion_size(lesion, "equivalent_diameter_mm"), lesion_size(lesion, "box_longest_mm")
    assert found == (diameter and pytest.approx(diameter), longest and pytest.approx(longest))


@pytest.mark.parametrize(
    ("place", "distance"),
    [
        ({"x": 30, "y": 10}, 20 * COLUMN),
        ({"x": 10, "y": 30}, 20 * ROW),
        ({"x": 25, "y": 18}, 5.0),  # 3 mm along the row, 4 mm down
        ({"x": 20, "y": 14, "width": 10, "height": 8}, 5.0),
    ],
)
def test_a_distance_in_mm_respects_the_spacing_along_each_axis(place, distance):
    lesion = a_lesion(x=10, y=10)
    assert is_hit(HitRule(distance_mm_at_most=distance + 1e-9), lesion, **place)
    assert not is_hit(HitRule(distance_mm_at_most=distance - 1e-9), lesion, **place)


def test_a_mark_on_another_frame_or_image_is_on_no_lesion_in_pixels():
    rule = HitRule(distance_mm_at_most=5)
    lesion = dataclasses.replace(a_lesion(x=10, y=10), frame=2)
    assert not is_hit(rule, lesion, x=10, y=10)
    assert is_hit(rule, lesion, x=10, y=10, frame=2)
    case, lesion = a_case("a.dcm", "b.dcm"), dataclasses.replace(lesion, image="a.dcm", frame=None)
    for image, found in (("a.dcm", True), ("b.dcm", False)):
        mark = Mark(finding="f", image=image, x=10, y=10, score=1.0)
        assert (match_marks(case, [lesion], [mark], rule, "ignored").hits[0] is not None) == found


def test_a_lesion_in_pixels_without_a_spacing_does_not_fit_a_distance_in_mm():
    rule = HitRule(distance_mm_at_most=5)
    assert rule.fits(a_lesion(x=1, y=1))
    assert rule.fits(a_lesion(x_mm=1, y_mm=1, spacing_mm=None))
    assert not rule.fits(a_lesion(x=1, y=1, spacing_mm=None))
    assert not HitRule(luna16=True).fits(a_lesion(x=1, y=1))


def test_a_mark_in_a_region_to_ignore_is_no_false_positive():
    lesion = dataclasses.replace(a_lesion(x=0, y=0, width=100, height=100), ignore=True)
    for x, n_false in ((90, 0), (190, 1)):
        mark = Mark(finding="f", x=x, y=90, score=1.0)
        found = match_marks(a_case("a.dcm"), [lesion], [mark], HitRule(distance_mm_at_most=1), "ignored")
        assert len(found.false_positives) == n_false


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"PixelSpacing": [0.5, 0.2]}, ImageSpacing((0.5, 0.2), "PixelSpacing")),
        ({"PixelSpacing": [0.4, 0.2], "ImagerPixelSpacing": [0.5, 0.25]}, ImageSpacing((0.4, 0.2), "PixelSpacing")),
        ({"PixelSpacing": [0.5, 0.5], "ImagerPixelSpacing": [0.5, 0.5]}, "ImagerPixelSpacing"),
        ({"ImagerPixelSpacing": [0.1, 0.1]}, "ImagerPixelSpacing"),
        ({}, None),
        ({"PixelSpacing": [0, 0.2]}, None),
        ({"PixelSpacing": [-0.5, 0.2]}, None),
    ],
)
def test_the_spacing_is_that_of_the_header_and_never_guessed(tmp_path, stated, expected):
    saved(an_image(np.zeros((4, 6), dtype=np.uint16), **stated), tmp_path / "a.dcm")
    found = spacings(tmp_path, READERS)(a_case("a.dcm"), None)
    assert (found and found.source if isinstance(expected, str) else found) == expected


def test_an_image_is_named_by_path_slice_or_uid_and_one_of_several_must_be(tmp_path):
    a_series(tmp_path / "ct")
    saved(an_image(np.zeros((4, 6), dtype=np.uint16), PixelSpacing=[1, 3], SOPInstanceUID="1.2.77"), tmp_path / "a.dcm")
    (tmp_path / "b.png").write_bytes(png(np.ones((2, 2), dtype=np.uint8)))
    spacing_of, case = spacings(tmp_path, READERS), a_case("ct", "a.dcm", "b.png")
    for image, expected in {
        "ct": (2, 0.5),
        "ct/9.dcm": (2, 0.5),
        uid(1): (2, 0.5),
        "a.dcm": (1, 3),
        "1.2.77": (1, 3),
        "b.png": None,
        "1.2.78": None,
        None: None,
    }.items():
        found = spacing_of(case, image)
        assert (found and found.spacing_mm) == expected
    assert spacing_of(a_case("gone.dcm"), None) is None


def test_a_volume_states_it_in_its_file(tmp_path):
    a_nifti(tmp_path / "v.nii.gz", np.zeros((3, 4, 6)))
    assert spacings(tmp_path, READERS)(a_case("v.nii.gz"), None) == ImageSpacing((2.0, 0.5), "file")


# ------------------------------------------------------------------------------------------------ from file to estimate

CARD = """\
format: dmn-bench/reference-set/1
id: views
version: 1.0.0
title: {en: Views}
modality: MG
findings: [{name: mass}]
sampling: consecutive
reference_standard: {method: drawn}
lesion_strata: {size: {from: equivalent_diameter_mm, edges: [5, 10]}}
data_protection: {route: not_applicable}
"""
SIDES = (6, 24)  # px of the squares: 0.5 mm pixels make a small and a large one
VIEWS = ("cc", "mlo")


def png(inside):
    stream = io.BytesIO()
    Image.fromarray(inside * 255).save(stream, format="PNG")
    return stream.getvalue()


def a_square(side, at=4, shape=(40, 40)):
    pixels = np.zeros(shape, dtype=np.uint8)
    pixels[at : at + side, at : at + side] = 1
    return pixels


def examinations(folder, unknown=()):
    """Ten examinations of two views, one mass seen on both; images that are ``unknown`` state no spacing."""
    cases, lesions, files, coco = [], [], {}, {"images": [], "annotations": [], "categories": []}
    coco["categories"].append({"id": 1, "name": "mass"})
    marks = []
    for n in range(10):
        images = [f"i/{n}_{view}.dcm" for view in VIEWS]
        cases.append(f"c{n},p{n},{';'.join(images)}")
        for place, (image, view) in enumerate(zip(images, VIEWS, strict=True)):
            facts = {} if (n, view) in unknown else {"ImagerPixelSpacing": [0.5, 0.5]}
            (folder / "set/i").mkdir(parents=True, exist_ok=True)
            made = an_image(np.zeros((40, 40), dtype=np.uint16), SOPInstanceUID=f"1.2.5.{n + 1}.{place}", **facts)
            saved(made, folder / "set" / image)
            files[f"m/{n}_{view}.png"] = png(a_square(SIDES[n % 2]))
            lesions.append(f"c{n},mass1,mass,{image},m/{n}_{view}.png")
            coco["images"].append({"id": 2 * n + place, "file_name": f"{n}_{view}.dcm", "width": 40, "height": 40})
            if view == "mlo" and n < 8:  # found on one view alone, in eight of ten
                inside = a_square(SIDES[n % 2], at=5).T.ravel()
                edges = np.flatnonzero(np.diff(inside)) + 1
                counts = np.diff(np.concatenate(([0], edges, [inside.size]))).tolist()
                drawn = {"segmentation": {"size": [40, 40], "counts": counts}, "bbox": [5, 5, *[SIDES[n % 2]] * 2]}
                marks.append({"image_id": 2 * n + place, "category_id": 1, "score": 0.9, **drawn})
    a_set(
        folder / "set",
        card=CARD,
        cases=["case_id,patient_id,files", *cases],
        truth=["case_id,finding,value", *(f"c{n},mass,positive" for n in range(10))],
        lesions=["case_id,lesion_id,finding,image,mask_file", *lesions],
        files=files,
    )
    reference_set.lock(folder / "set")
    (folder / "images.json").write_text(json.dumps(coco))
    (folder / "said.json").write_text(json.dumps(marks))
    return folder


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    return examinations(tmp_path_factory.mktemp("mm"), unknown=[(9, "mlo")])


def a_protocol(at, name, **rule):
    options = {"path": "said.json", "images": "images.json", "categories": {"1": "mass"}, "segmentations": "regions"}
    options["no_marks"] = "negative"  # of an image without an entry
    asked = {"name": "masses", "task": "detection", "finding": "mass", "metrics": ["lesion_sensitivity"]}
    protocol = {
        "format": "dmn-bench/protocol/1",
        "id": name,
        "reference_set": "set",
        "candidates": [{"id": "file", "adapter": "coco-results", "options": options}],
        "endpoints": [{**asked, "unit": "case", "lesions": "by_id", "hit_rule": rule}],
        "strata": ["size"],
        "statistics": {"resamples": 200, "minimum_n": {"estimate": 1}},
    }
    (at / f"{name}.yaml").write_text(json.dumps(protocol), encoding="utf-8")
    return at / f"{name}.yaml"


def test_masks_of_lesions_on_several_views_are_found_by_regions_and_cut_by_their_size_in_mm(at):
    path = a_protocol(at, "regions", iou_at_least=0.5, iou_of="region")
    found = evaluate(path, RunOptions(run_dir=at / "run"), catalogue=build_catalogue()).results
    by_level = {
        (row.stratum or {}).get("size"): (row.numerator, row.denominator)
        for row in found.estimates
        if (row.metric, row.analysis) == ("lesion_sensitivity", "intention_to_diagnose")
    }
    # a square of 3 mm moved by half a mm in both directions: 25 of 47 pixels; all of 12 mm overlap more
    assert by_level[None] == (8, 10)
    assert (by_level["<5"], by_level[">=10"]) == ((4, 5), (4, 5))
    [table] = [table for table in found.tables if table.name == "marks"]
    assert dict(zip(table.rows, table.counts, strict=True))["by_ImagerPixelSpacing"][0] == 10


def test_a_lesion_whose_image_states_no_spacing_is_not_recorded_and_the_check_says_so(at):
    found = load_set(at / "set", build_catalogue())
    assert {row.lesion.spacing_source for row in found.lesions} == {"ImagerPixelSpacing", None}
    assert found.lesions[-1].lesion.strata == {"size": NOT_RECORDED}
    keys = {problem.key for problem in check(at / "set", READERS).warnings}
    assert "lesions.stratum_not_everywhere" in keys


def test_a_distance_in_mm_without_a_spacing_is_refused_before_the_run(at):
    with pytest.raises(ProtocolError) as caught:
        prepare(a_protocol(at, "mm", distance_mm_at_most=2), catalogue=build_catalogue())
    [problem] = [one for one in caught.value.problems if one.key.startswith("planned.lesions_unfit")]
    assert (problem.facts["n"], problem.facts["case"]) == (1, "c9")


def test_where_every_image_states_a_spacing_the_distance_is_measured_by_it(tmp_path):
    examinations(tmp_path)
    shares = []
    for limit in (0.8, 0.6):  # every mark lies 0.707 mm from its lesion
        path = a_protocol(tmp_path, f"mm{int(10 * limit)}", distance_mm_at_most=limit)
        found = evaluate(path, RunOptions(run_dir=tmp_path / f"{limit}"), catalogue=build_catalogue()).results
        shares += [row.numerator for row in found.estimates if row.stratum is None and row.analysis != "evaluable"][:1]
    assert shares == [8, 0]
