"""Masks on cases of several images: each image is judged as a case of its own, intervals are by patient."""

import dataclasses
import io
import json

import numpy as np
import pytest
from PIL import Image

from dmn_bench import reference_set
from dmn_bench.catalogue import build_catalogue
from dmn_bench.curation.check import check
from dmn_bench.harness import RunOptions, evaluate
from dmn_bench.harness.regions import RegionError, Regions
from dmn_bench.reference_set.case_images import images_of
from dmn_bench.vocabulary import Answer, Mask

from ..inputs.factories import an_image, saved
from ..inputs.mask_factories import READERS
from ..inputs.result_factories import a_segment, a_segmentation
from ..set_factory import a_set, problems_of

CARD = """\
format: dmn-bench/reference-set/1
id: views
version: 1.0.0
title: {en: Views}
modality: MG
findings: [{name: breast}, {name: mass}]
sampling: consecutive
reference_standard: {method: drawn}
strata: {sex: {column: sex}}
data_protection: {route: not_applicable}
"""
N = 12
VIEWS = {"cc": ((20, 16), [0.1, 0.2]), "mlo": ((24, 18), [0.05, 0.05])}  # rows and columns, spacing between them
STRUCTURES = ("breast", "mass")
SILENT, OTHER_SIZE = (3, "mlo", "mass"), (4, "cc", "breast")
METRICS = ["dice", {"name": "dice", "summary": "worst_decile"}, "hd95", "volume_error", "volume_bias"]
METRICS.append({"name": "acceptable_share", "measure": "dice", "limit": 0.8})


def region(n, view, structure, device=False):
    rows, columns = VIEWS[view][0]
    inside = np.zeros((rows, columns), dtype=np.uint8)
    if structure == "mass" and n % 3 == 0 and view == "cc":
        return inside  # looked for, and not seen on this view
    top = 2 + (n % 2 if device else 0)
    width = {"breast": 12, "mass": 5}[structure] - (n % 4 if device else 0)
    inside[top : top + 6 + n % 3, 2 : 2 + width] = 1
    return inside


def png(inside):
    stream = io.BytesIO()
    Image.fromarray(inside * 255).save(stream, format="PNG")
    return stream.getvalue()


def name(n, view):
    return f"p{n:02}_{view}"


def the_set(folder, *, apart):
    """The same images and masks: two views as one case of each patient, or as two."""
    cases, masks, files = [], [], {}
    for n in range(N):
        images = [f"images/{name(n, view)}.dcm" for view in VIEWS]
        if not apart:
            cases.append(f"p{n:02},p{n:02},{';'.join(images)},F")
        for image, view in zip(images, VIEWS, strict=True):
            (rows, columns), spacing = VIEWS[view]
            facts = {"PixelSpacing": spacing, "SOPInstanceUID": f"1.2.9.{n + 1}.{len(view)}"}
            (folder / "images").mkdir(parents=True, exist_ok=True)
            saved(an_image(np.zeros((rows, columns), dtype=np.uint16), **facts), folder / image)
            case_id = name(n, view) if apart else f"p{n:02}"
            if apart:
                cases.append(f"{case_id},p{n:02},{image},F")
            for structure in STRUCTURES:
                file = f"masks/{name(n, view)}_{structure}.png"
                files[file] = png(region(n, view, structure))
                masks.append(f"{case_id},{structure},{file},{'' if apart else image}")
    a_set(
        folder,
        card=CARD,
        cases=["case_id,patient_id,files,sex", *cases],
        truth=["case_id,finding,value"],
        files=files,
        masks=["case_id,structure,file,image", *masks],
    )
    reference_set.lock(folder)


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    folder = tmp_path_factory.mktemp("views")
    the_set(folder / "views", apart=False)
    the_set(folder / "apart", apart=True)
    (folder / "said").mkdir()
    for n in range(N):
        for view in VIEWS:
            for structure in STRUCTURES:
                drawn = region(n, view, structure, device=True)
                drawn = drawn[:-1] if (n, view, structure) == OTHER_SIZE else drawn
                if (n, view, structure) != SILENT:
                    (folder / f"said/{name(n, view)}-{structure}.png").write_bytes(png(drawn))
    return folder


def results(at, which, pattern):
    asked = {"task": "segmentation", "unit": "case", "metrics": METRICS}
    protocol = {
        "format": "dmn-bench/protocol/1",
        "id": which,
        "reference_set": which,
        "candidates": [{"id": "file", "adapter": "mask-files", "options": {"folder": "said", "pattern": pattern}}],
        "endpoints": [{"name": "said", **asked}, {"name": "lists", "unmentioned": "empty", **asked}],
        "statistics": {"resamples": 200, "minimum_n": {"estimate": 5}},
    }
    (at / f"{which}.yaml").write_text(json.dumps(protocol), encoding="utf-8")
    options = RunOptions(run_dir=at / f"run-{which}")
    return evaluate(at / f"{which}.yaml", options, catalogue=build_catalogue()).results


@pytest.fixture(scope="module")
def both(at):
    return results(at, "views", "{image}-{structure}.png"), results(at, "apart", "{case_id}-{structure}.png")


def rows(found):
    """The estimates of each structure; without the counts of units, which are images here and patients there."""
    kept = ("endpoint", "metric", "analysis", "stratum", "value", "low", "high", "numerator", "denominator", "own_n")
    kept += ("n_patients", "method", "reason")
    return [{key: row.model_dump().get(key) for key in kept} for row in found.estimates if row.stratum is not None]


def test_views_as_images_of_one_case_and_as_cases_of_their_own_give_the_same_figures(both):
    views, apart = map(rows, both)
    assert views == apart
    assert {row["stratum"]["structure"] for row in views} == set(STRUCTURES)
    assert {row["n_patients"] for row in views if row["value"] is not None} == {N}


def test_the_list_of_errors_says_on_which_image_they_are(both):
    views, apart = ([row for row in found.errors if row.endpoint == "said"] for found in both)
    assert len(views) == len(apart) > 5
    of_views = {(f"{row.unit_id}_{list(VIEWS)[row.place.image - 1]}", row.kind, row.reason) for row in views}
    assert of_views == {(row.unit_id, row.kind, row.reason) for row in apart}
    assert ("p03_mlo", "unanswered", "mass") in of_views


def dice(n, view, structure):
    if (n, view, structure) in (SILENT, OTHER_SIZE):
        return 0.0
    one, other = (region(n, view, structure, device=side) for side in (False, True))
    whole = int(one.sum()) + int(other.sum())
    return 2 * int((one & other).sum()) / whole if whole else 1.0


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("endpoint", ["said", "lists"])
def test_every_image_counts_once_and_one_that_was_not_delivered_is_the_worst(both, structure, endpoint):
    """Whatever a list that leaves a structure out means: its file is missing, or of another size."""
    values = sorted(dice(n, view, structure) for n in range(N) for view in VIEWS)
    [row] = [
        row
        for row in both[0].estimates
        if (row.endpoint, row.metric, row.analysis) == (endpoint, "acceptable_share", "intention_to_diagnose")
        and (row.stratum or {}) == {"structure": structure}
    ]
    assert (row.numerator, row.denominator) == (sum(value >= 0.8 for value in values), 2 * N)
    assert values[0] == 0.0


def test_the_check_of_a_set_opens_the_masks_of_every_image(at):
    found = check(at / "views", READERS)
    assert not found.errors
    assert {problem.key for problem in found.warnings} >= {"masks.empty"}


@pytest.fixture
def small(tmp_path):
    """One case of two images of 4 x 6 pixels."""
    for place in (1, 2):
        image = an_image(np.zeros((4, 6), dtype=np.uint16), SOPInstanceUID=f"1.2.3.1.{place}", PixelSpacing=[1, 1])
        saved(image, tmp_path / f"files/v{place}.dcm")
    a_set(
        tmp_path,
        card=CARD,
        cases=("case_id,patient_id,files,sex", "c1,p1,files/v1.dcm;files/v2.dcm,F"),
        truth=("case_id,finding,value",),
    )
    return tmp_path


HEAD = "case_id,structure,file,image"
MASK = np.array([[0, 1, 1, 0, 0, 0], [0, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]], dtype=np.uint8)


def with_masks(folder, *rows):
    (folder / "masks").mkdir(exist_ok=True)
    (folder / "masks/a.png").write_bytes(png(MASK))
    (folder / "masks.csv").write_text("\n".join((HEAD, *rows)) + "\n")
    return reference_set.load(folder)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["c1,mass,masks/a.png,"], "masks.needs_image"),
        (["c1,mass,masks/a.png,files/v3.dcm"], "masks.image_unknown_nearest"),
        (["c1,mass,masks/a.png,\u00e9"], "masks.image_unknown"),
        (["c1,mass,masks/a.png,files/v1.dcm"] * 2, "masks.doubled_row"),
        (["c1,mass,masks/a.png,files/v1.dcm", "c1,mass,files/v1.dcm,files/v2.dcm"], "masks.is_an_image"),
    ],
)
def test_a_row_names_one_image_of_its_case_once(small, rows, expected):
    keys = [key for _, key in problems_of(lambda: with_masks(small, *rows))]
    assert keys == [expected]


def test_the_only_image_of_a_case_may_be_named_and_is_no_second_row(small):
    (small / "cases.csv").write_text("case_id,patient_id,files,sex\nc1,p1,files/v1.dcm,F\n")
    assert with_masks(small, "c1,mass,masks/a.png,files/v1.dcm").masks[0].image == ""
    both = ("c1,mass,masks/a.png,files/v1.dcm", "c1,mass,masks/a.png,")
    assert [key for _, key in problems_of(lambda: with_masks(small, *both))] == ["masks.doubled_row"]


def parts(found):
    [case] = found.cases
    return images_of(case)


def a_mask(**place):
    return Mask(structure="mass", rows=4, columns=6, runs=(1, 2, 4, 2, 15), **place)


def answer(*masks):
    return Answer(case_id="c1", status="answered", masks=masks)


def test_a_mask_belongs_to_the_image_or_the_instance_that_it_names(small):
    found = with_masks(small, *(f"c1,mass,masks/a.png,files/v{place}.dcm" for place in (1, 2)))
    regions, (first, second) = Regions(found, READERS), parts(found)
    for place in ({"image": "files/v2.dcm"}, {"instance": "1.2.3.1.2"}):
        assert regions.answered_region(first, answer(a_mask(**place)), "mass") is None
        assert np.array_equal(regions.answered_region(second, answer(a_mask(**place)), "mass")[0], MASK > 0)
    assert not regions.answered_region(first, answer(), "mass").any()  # looked at everything, and found none
    for place, words in (
        ({}, "which of 2 images"),
        ({"image": "x"}, "none of the case"),
        ({"instance": "1.2"}, "none"),
    ):
        with pytest.raises(RegionError, match=words):
            regions.answered_region(first, answer(a_mask(**place)), "mass")


def test_an_object_delineates_a_structure_on_each_image_that_it_names(small):
    labels = [a_segment(1, "mass"), a_segment(2, "breast")]
    frames = np.stack([MASK, np.flipud(MASK), MASK])
    saved(a_segmentation(frames, [1, 1, 2], ["1.2.3.1.1", "1.2.3.1.2", "1.2.3.1.1"], labels=labels), small / "seg.dcm")
    rows = [f"c1,{name},seg.dcm,files/v{place}.dcm" for name in STRUCTURES for place in (1, 2)]
    found = with_masks(small, *rows)
    regions, (first, second) = Regions(found, READERS), parts(found)
    assert np.array_equal(regions.reference_region(first, "mass")[0], MASK > 0)
    assert np.array_equal(regions.reference_region(second, "mass")[0], np.flipud(MASK) > 0)
    assert not regions.reference_region(second, "breast").any()  # the object is about this image, and draws none there
    only_first = a_segmentation(MASK[None], [1], ["1.2.3.1.1"], labels=labels[:1])
    saved(only_first, small / "seg.dcm")
    found = with_masks(small, "c1,mass,seg.dcm,files/v2.dcm")
    errors = check(small, READERS).errors
    assert [problem.key for problem in errors] == ["masks.other_image"]


def test_a_mask_of_another_size_than_its_image_is_found_by_the_check(small):
    with_masks(small, "c1,mass,masks/b.png,files/v2.dcm")
    (small / "masks/b.png").write_bytes(png(MASK[:3]))
    assert [problem.key for problem in check(small, READERS).errors] == ["masks.other_size"]


def test_a_case_keeps_its_id_in_each_of_its_images(small):
    found = with_masks(small)
    [case] = found.cases
    assert [dataclasses.replace(one, files=case.files) for one in images_of(case)] == [case, case]
