"""Lesions that several readers drew as pictures, or in other terms than each other."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from dmn_bench.catalogue import build_catalogue
from dmn_bench.curation.check import check
from dmn_bench.curation.lesion_readers import lesion_agreement
from dmn_bench.errors import ReferenceSetError
from dmn_bench.harness.other_reference import Focus, why_not
from dmn_bench.harness.set_loading import load_set
from dmn_bench.harness.unit_references import units_of
from dmn_bench.inputs.header_index import HeaderIndex
from dmn_bench.inputs.raster import RasterReader
from dmn_bench.protocol import Endpoint
from dmn_bench.reference_set import ConsensusRule, load, under_rule

from .set_factory import a_set, card_with, problems_of, worded

CASES = ("case_id,patient_id,files,sex,age_years", "c1,p1,files/c1.png,F,40", "c2,p2,files/c2.png;files/d2.png,F,40")
MAJORITY = "{method: consensus, consensus: {rule: majority}}"
COLUMNS = "case_id,lesion_id,finding,reader,image,mask_file,outline,x,y,width,height,x_mm,y_mm,z_mm,diameter_mm"
BOX = {"x": 5, "y": 5, "width": 10, "height": 5}
SPHERE = {"x_mm": 5, "y_mm": 5, "z_mm": 5, "diameter_mm": 9}
OUTLINE = {"outline": "5 5 15 5 15 10 5 10"}
UID = "1.2.3.4"


def picture(left=5, size=(20, 30)):
    inside = np.zeros(size, dtype=np.uint8)
    inside[5:10, left : left + 10] = 255
    stream = io.BytesIO()
    Image.fromarray(inside).save(stream, "PNG")
    return stream.getvalue()


def row(reader, case="c1", lesion="l", **place):
    own = {"case_id": case, "lesion_id": lesion, "finding": "fracture", "reader": reader, **place}
    return ",".join(str(own.get(name, "")) for name in COLUMNS.split(","))


def folder_of(folder, *rows, standard=MAJORITY, **pictures):
    blank = {f"files/{name}.png": picture() for name in ("c1", "c2", "d2")}
    files = {**blank, **{f"masks/{name}.png": content for name, content in pictures.items()}}
    card = card_with(reference_standard=standard, lesion_strata="{size: {from: area_px, edges: [40]}}")
    return a_set(
        folder, card=card, cases=CASES, truth=("case_id,finding,value",), lesions=(COLUMNS, *rows), files=files
    )


def loaded(folder):
    return load_set(folder, build_catalogue())


def pictured(*readers):
    return [row(reader, mask_file=f"masks/{reader}.png") for reader in readers]


def test_readers_who_drew_the_same_picture_agree_as_those_who_drew_its_outline_do(tmp_path):
    masks = loaded(folder_of(tmp_path / "masks", *pictured("r1", "r2", "r3"), r1=picture(), r2=picture(), r3=picture()))
    outlines = loaded(folder_of(tmp_path / "outlines", *(row(f"r{n}", **OUTLINE) for n in (1, 2, 3))))
    for found in (masks, outlines):
        ((lesion,),) = ([one.lesion for one in found.lesions],)
        assert (lesion.ignore, lesion.x, lesion.y, lesion.width, lesion.height) == (False, 5, 5, 10, 5)
        assert lesion.strata["size"] == ">=40"
        assert [(one.subject, one.value) for one in found.truth] == [("c1", "positive"), ("c2", "negative")]
        assert lesion_agreement(found, "fracture").share == 1


def test_readers_who_drew_pictures_of_other_places_do_not_agree(tmp_path):
    found = loaded(folder_of(tmp_path, *pictured("r1", "r2", "r3"), r1=picture(), r2=picture(6), r3=picture(18)))
    assert [(one.lesion.ignore, one.lesion.x) for one in found.lesions] == [(False, 5.0), (True, 18.0)]
    union = under_rule(found, ConsensusRule(rule="union"))
    assert [one.lesion.ignore for one in union.lesions] == [False, False]
    left_out = under_rule(found, ConsensusRule(rule="majority"), without="r1")
    assert [(one.value) for one in left_out.truth] == ["negative", "negative"]


def test_the_picture_of_the_agreed_lesion_stays_the_one_of_its_image(tmp_path):
    folder = folder_of(tmp_path, *pictured("r1", "r2", "r3"), r1=picture(), r2=picture(6), r3=picture(7))
    found = loaded(folder)
    asked = {"name": "e", "task": "detection", "finding": "fracture", "unit": "case", "metrics": ["lesion_sensitivity"]}
    entry = Endpoint.model_validate(asked)
    one = next(unit for unit in units_of(found, entry, HeaderIndex(folder, (RasterReader(),), {})) if unit.lesions)
    ((lesion,),) = one.lesions.values()
    assert (lesion.mask.rows, lesion.mask.columns, sum(lesion.mask.runs[1::2])) == (20, 30, 50)


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (None, "lesions.mask_file_missing"),
        (b"no picture", "lesions.mask_file_unreadable"),
        (picture(size=(21, 30)), "lesions.mask_file_size"),
        (picture(left=40), "lesions.mask_file_empty"),
    ],
)
def test_a_reader_s_picture_that_is_no_mask_of_its_image_is_refused_when_the_set_is_loaded(tmp_path, content, key):
    others = {"r1": picture(), "r3": picture()}
    folder = folder_of(tmp_path, *pictured("r1", "r2", "r3"), **others, **({"r2": content} if content else {}))
    assert problems_of(lambda: loaded(folder)) == [("lesions.csv:3", key)]
    assert ("lesions.csv:3", key) in worded(check(folder, (RasterReader(),)).errors)


def test_pictures_that_nobody_opened_are_refused_and_not_taken_for_disagreement(tmp_path):
    folder = folder_of(tmp_path, *pictured("r1", "r2"), r1=picture(), r2=picture())
    assert problems_of(lambda: load(folder)) == [("lesions.csv:2", "lesions.readers_picture")]
    alone = folder_of(tmp_path / "alone", *pictured("r1"), r1=picture(), standard="{method: consensus}")
    assert len(load(alone).lesions) == 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (BOX, SPHERE, "lesions.readers_units"),
        (SPHERE, OUTLINE, "lesions.readers_units"),
        ({**BOX, "image": "files/c1.png"}, {**BOX, "image": UID}, "lesions.readers_images"),
        ({**BOX, "image": "files/c1.png"}, BOX, None),
        (BOX, {**BOX, "image": UID}, None),
        ({**BOX, **SPHERE}, BOX, None),
        ({**BOX, **SPHERE}, SPHERE, None),
        ({**SPHERE, "image": UID}, {**SPHERE, "image": "files/c1.png"}, None),
    ],
)
@pytest.mark.parametrize("standard", [MAJORITY, "{method: reading}"])
def test_readers_whose_lesions_can_never_be_the_same_are_refused(tmp_path, one, other, expected, standard):
    rows = [row("r1", **one), row("r2", **other), *([row("consensus", **BOX)] if "consensus" not in standard else [])]
    folder = folder_of(tmp_path, *rows, standard=standard)
    expecting = [] if expected is None else [("lesions.csv:2", expected), ("lesions.csv:3", expected)]
    assert problems_of(lambda: load(folder)) == expecting
    found = [problem for problem in worded(check(folder, (RasterReader(),)).errors) if "readers_" in problem[1]]
    assert found == expecting


def test_a_reader_who_drew_in_both_terms_is_compared_lesion_by_lesion(tmp_path):
    rows = [row("r1", lesion="a", **BOX), row("r1", lesion="b", **SPHERE), row("r2", lesion="a", **BOX)]
    with pytest.raises(ReferenceSetError) as refused:
        load(folder_of(tmp_path, *rows))
    assert worded(refused.value.problems) == [("lesions.csv:3", "lesions.readers_units")]
    rows.append(row("r2", lesion="b", **SPHERE))
    assert [one.lesion.ignore for one in load(folder_of(tmp_path / "both", *rows)).lesions] == [False, False]


def drawn(reader, case="c1", finding="fracture", lesion="l", **place):
    return row(reader, case=case, lesion=lesion, finding=finding, **(place or BOX))


def stated(folder, *rows, truth, standard="{method: adjudicated}", findings="[{name: fracture}, {name: cyst}]"):
    card = card_with(reference_standard=standard, findings=findings)
    files = {f"files/{name}.png": picture() for name in ("c1", "c2", "d2")}
    return a_set(folder, card=card, cases=CASES, truth=truth, lesions=(COLUMNS, *rows), files=files)


POSITIVE = ("case_id,finding,value", "c1,fracture,positive", "c2,fracture,positive")


def focus_on(finding):
    """What ``why_not`` looks at of an endpoint of detection."""
    entry, task = SimpleNamespace(finding=finding), SimpleNamespace(name="detection")
    return Focus(SimpleNamespace(entry=entry, task=task), None)


def test_a_positive_that_readers_drew_and_nobody_adjudicated_is_refused_where_others_are_adjudicated(tmp_path):
    rows = (drawn("r1"), drawn("r2"), drawn("r1", "c2"), drawn("r2", "c2"), drawn("consensus", "c2"))
    folder = stated(tmp_path / "a", *rows, truth=POSITIVE)
    assert problems_of(lambda: load(folder)) == [("lesions.csv:2", "lesions.left_open")]
    assert ("lesions.csv:2", "lesions.left_open") in worded(check(folder, (RasterReader(),)).errors)
    whole = load(stated(tmp_path / "b", *rows, drawn("", "c1"), truth=POSITIVE))
    assert [(one.case_id, one.reader) for one in whole.lesions] == [("c2", "consensus"), ("c1", "")]
    rejected = (POSITIVE[0], "c1,fracture,negative", POSITIVE[2])
    assert len(load(stated(tmp_path / "c", *rows, truth=rejected)).lesions) == 1
    above = ("case_id,exam_id,patient_id,finding,value", ",,p1,fracture,positive", ",,p2,fracture,positive")
    assert problems_of(lambda: load(stated(tmp_path / "d", *rows, truth=above))) == [
        ("lesions.csv:2", "lesions.left_open")
    ]
    computed = load(stated(tmp_path / "e", *rows, truth=POSITIVE, standard=MAJORITY))
    assert [one.lesion.ignore for one in computed.lesions if one.case_id == "c1"] == [False]
    rule = ConsensusRule(rule="adjudicated")
    assert why_not(computed, rule, focus_on("fracture")) == "no_agreed_reference"


def test_what_one_finding_has_adjudicated_does_not_take_the_lesions_of_another(tmp_path):
    rows = (drawn("consensus"), drawn("r1"), drawn("r1", finding="cyst", lesion="k"))
    truth = ("case_id,finding,value", "c1,fracture,positive", "c1,cyst,positive", "c2,fracture,negative")
    loaded_set = load(stated(tmp_path, *rows, truth=truth))
    assert [(one.lesion.finding, one.reader) for one in loaded_set.lesions] == [
        ("fracture", "consensus"), ("cyst", "r1"),
    ]  # fmt: skip
    assert [one.reader for one in loaded_set.lesion_readings] == ["r1"]


def test_a_case_with_an_adjudicated_lesion_alone_has_no_reference_made_of_readers(tmp_path):
    rows = (drawn("r1"), drawn("r2"), drawn("consensus", "c2"))
    found = load(stated(tmp_path, *rows, truth=POSITIVE[:1], standard=MAJORITY))
    assert [(one.subject, one.value) for one in found.truth] == [("c1", "positive")]
    assert [one.case_id for one in found.lesions] == ["c1"]


@pytest.mark.parametrize(
    ("other", "overlap", "agreed_on"),
    [
        ({"x": 14, "y": 9, "width": 10, "height": 5}, "", 2),  # they share one pixel of 99
        ({"x": 5, "y": 5, "width": 1, "height": 1}, "", 2),  # 1 of 50
        ({"x": 13, "y": 5, "width": 10, "height": 5}, "", 1),  # 10 of 90
        ({"x": 13, "y": 5, "width": 10, "height": 5}, ", same_from_overlap: 0.12", 2),
        ({"x": 14, "y": 9, "width": 10, "height": 5}, ", same_from_overlap: 0.01", 1),
        ({"x": 14, "y": 9, "width": 10, "height": 5}, ", same_within_px: 10", 1),
        ({"x": 14, "y": 9}, "", 1),  # a point inside
    ],
)
def test_lesions_that_hardly_overlap_are_not_made_one(tmp_path, other, overlap, agreed_on):
    standard = f"{{method: m, consensus: {{rule: union{overlap}}}}}"
    found = load(folder_of(tmp_path, row("r1", **BOX), row("r2", **other), standard=standard))
    assert len(found.lesions) == agreed_on
    assert len(under_rule(found, ConsensusRule(rule="majority")).lesions) == agreed_on


@pytest.mark.parametrize("wrong", ["0", "1.1", "-1"])
def test_an_overlap_is_a_share(tmp_path, wrong):
    standard = f"{{method: m, consensus: {{rule: union, same_from_overlap: {wrong}}}}}"
    assert problems_of(lambda: load(folder_of(tmp_path, row("r1", **BOX), standard=standard)))


@pytest.mark.parametrize(("measure", "warned"), [("equivalent_diameter_mm", True), ("area_px", False)])
def test_a_stratum_that_no_lesion_can_be_measured_for_is_told(tmp_path, measure, warned):
    card = card_with(lesion_strata=f"{{size: {{from: {measure}, edges: [6]}}}}")
    files = {f"files/{name}.png": picture() for name in ("c1", "c2", "d2")}
    folder = a_set(tmp_path, card=card, cases=CASES, truth=POSITIVE, lesions=(COLUMNS, row("", **BOX)), files=files)
    told = worded(check(folder, (RasterReader(),)).warnings)
    assert (("reference_set.yaml: lesion_strata: size", "lesions.stratum_unmeasured") in told) is warned


@pytest.mark.parametrize(
    ("cases", "n"),
    [
        (("case_id,patient_id,files,sex,age_years", "c1,p1,,F,40", "c2,,,F,40"), 1),
        (("case_id,patient_id,files,sex,age_years", "c1,,,F,40", "c2,,,F,40"), 2),
        (("case_id,patient_id,files,sex,age_years", "c1,p1,,F,40", "c2,p1,,F,40"), None),
    ],
)
def test_cases_without_a_patient_are_told_where_it_can_still_be_mended(tmp_path, cases, n):
    found = check(a_set(tmp_path, cases=cases, truth=POSITIVE), (RasterReader(),)).warnings
    told = [problem for problem in found if problem.key == "refset.patients_unknown"]
    assert [(problem.where, dict(problem.facts)) for problem in told] == (
        [] if n is None else [("cases.csv", {"n": n, "cases": 2})]
    )
    assert len(worded(told)) == len(told)
