"""lesions.csv: circles, outlines, pictures, boxes in millimetres, and the levels that the card cuts."""

import io
import math

import numpy as np
import pytest
from PIL import Image

from dmn_bench import cli
from dmn_bench.curation.check import check
from dmn_bench.curation.describe_lesions import lesion_counts, lesion_grid
from dmn_bench.errors import ReferenceSetError
from dmn_bench.harness.lesion_masks import with_masks
from dmn_bench.inputs.header_index import HeaderIndex
from dmn_bench.inputs.raster import RasterReader
from dmn_bench.reference_set import load, units
from dmn_bench.reference_set.lesion_sizes import lesion_size
from dmn_bench.vocabulary import NOT_RECORDED, Lesion

from .set_factory import a_set, card_with, problems_of, worded

COLUMNS = (
    "case_id,lesion_id,finding,x,y,width,height,diameter,outline,mask_file,"
    "x_mm,y_mm,z_mm,diameter_mm,width_mm,height_mm,depth_mm,place"
)
PLACES = COLUMNS.split(",")[3:]
CASES = (
    "case_id,patient_id,exam_id,laterality,files,sex,age_years",
    "c1,p1,e1,L,files/a.png,F,40",
    "c2,p1,e1,R,files/b.png,F,40",
)
TRUTH = ("case_id,finding,value", "c1,fracture,positive", "c2,fracture,negative")
SIZE = (40, 30)  # columns and rows
BY_SIZE = card_with(lesion_strata="{size: {from: area_px, edges: [50, 100]}, where: {column: place, levels: [a, b]}}")


def row(case="c1", lesion="l1", **place):
    return ",".join([case, lesion, "fracture", *(str(place.get(name, "")) for name in PLACES)])


def picture(inside, mode="L"):
    stream = io.BytesIO()
    Image.fromarray(np.asarray(inside, dtype=np.uint8) * 255).convert(mode).save(stream, format="PNG")
    return stream.getvalue()


def square(x=5, y=6, width=10, height=8, size=SIZE):
    inside = np.zeros((size[1], size[0]), dtype=np.uint8)
    inside[y : y + height, x : x + width] = 1
    return inside


def a_folder(folder, *rows, card=BY_SIZE, **files):
    content = {"files/a.png": picture(square()), "files/b.png": picture(1 - square())}
    content |= {f"masks/{name}.png": value for name, value in files.items()}
    return a_set(folder, card=card, cases=CASES, truth=TRUTH, lesions=(COLUMNS, *rows), files=content)


def the_lesion(folder, **place):
    (found,) = load(a_folder(folder, row(**place))).lesions
    return found.lesion


TRIANGLE = "5 5 15 5 15.5 25"


def test_every_form_of_place_is_kept(tmp_path):
    circle = the_lesion(tmp_path / "circle", x=10, y=12, diameter=8)
    assert (circle.x, circle.y, circle.diameter, circle.width) == (10.0, 12.0, 8.0, None)
    drawn = the_lesion(tmp_path / "outline", outline=TRIANGLE)
    assert drawn.outline == ((5.0, 5.0), (15.0, 5.0), (15.5, 25.0))
    assert (drawn.x, drawn.y, drawn.width, drawn.height) == (5.0, 5.0, 10.5, 20.0)
    boxed = the_lesion(tmp_path / "boxed", outline=TRIANGLE, x=4, y=5, width=12, height=20)
    assert (boxed.x, boxed.width) == (4.0, 12.0)
    masked = the_lesion(tmp_path / "mask", mask_file="masks/m.png")
    assert (masked.mask_file, masked.x, masked.mask) == ("masks/m.png", None, None)
    cuboid = the_lesion(tmp_path / "mm", x_mm=1, y_mm=2, z_mm=3, width_mm=4, height_mm=5, depth_mm=6)
    assert (cuboid.size_mm, cuboid.diameter_mm) == ((4.0, 5.0, 6.0), None)


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ({"x": 1, "y": 2, "width": 3, "height": 4, "diameter": 5}, "lesions.geometry"),
        ({"diameter": 5}, "lesions.geometry"),
        ({"outline": TRIANGLE, "diameter": 5}, "lesions.geometry"),
        ({"outline": TRIANGLE, "x": 1, "y": 2}, "lesions.geometry"),
        ({"outline": TRIANGLE, "mask_file": "m.png"}, "lesions.geometry"),
        ({"x_mm": 1, "y_mm": 2, "z_mm": 3, "diameter_mm": 4, "width_mm": 1, "height_mm": 1, "depth_mm": 1},
         "lesions.geometry"),
        ({"x_mm": 1, "y_mm": 2, "z_mm": 3, "width_mm": 4}, "lesions.geometry"),
        ({"width_mm": 4, "height_mm": 4, "depth_mm": 4}, "lesions.geometry"),
        ({"x": 1, "y": 2, "diameter": 0}, "refset.not_above_zero"),
        ({"x": 1, "y": 2, "diameter": -3}, "refset.not_above_zero"),
        ({"x": 1, "y": 2, "diameter": "nan"}, "refset.not_a_number"),
        ({"x_mm": 1, "y_mm": 2, "z_mm": 3, "diameter_mm": -1}, "refset.not_above_zero"),
        ({"x_mm": 1, "y_mm": 2, "z_mm": 3, "width_mm": 4, "height_mm": 0, "depth_mm": 4}, "refset.not_above_zero"),
        ({"outline": "1 2 3 4"}, "lesions.outline_points"),
        ({"outline": "1 2 3 4 5"}, "lesions.outline_points"),
        ({"outline": "1 2 3 4 5 6 7"}, "lesions.outline_points"),
        ({"outline": "1 1 2 2 3 3"}, "lesions.outline_empty"),
        ({"outline": "1 1 1 1 1 1"}, "lesions.outline_empty"),
        ({"outline": "1 1 2 x 3 3"}, "lesions.outline_number"),
        ({"outline": "1 1 2 inf 3 3"}, "lesions.outline_number"),
        ({"outline": " ".join(["1 2"] * 10_001)}, "lesions.outline_points"),
        ({"outline": " ".join(["1 2"] * 1_000_000)}, "refset.csv_line_too_long"),
        ({"mask_file": "../m.png"}, "refset.path_outside"),
        ({"mask_file": "m.jpg"}, "lesions.mask_file_kind"),
    ],
)  # fmt: skip
def test_what_is_no_place_is_told_with_its_line(tmp_path, place, key):
    assert ("lesions.csv:2", key) in problems_of(lambda: load(a_folder(tmp_path, row(**place))))


@pytest.mark.parametrize(
    ("place", "sizes"),
    [
        ({"x": 0, "y": 0, "width": 30, "height": 40}, (1200.0, 2 * math.sqrt(1200 / math.pi), 40.0, None, None)),
        ({"x": 9, "y": 9, "diameter": 10}, (25 * math.pi, 10.0, 10.0, None, None)),
        ({"outline": ((0, 0), (4, 0), (4, 3))}, (6.0, 2 * math.sqrt(6 / math.pi), None, None, None)),
        ({"outline": ((4, 3), (4, 0), (0, 0)), "x": 0, "y": 0, "width": 4, "height": 3},
         (6.0, 2 * math.sqrt(6 / math.pi), 4.0, None, None)),
        ({"x": 3, "y": 4}, (None, None, None, None, None)),
        ({"x_mm": 0, "y_mm": 0, "z_mm": 0, "diameter_mm": 7.5}, (None, None, None, 7.5, 7.5)),
        ({"x_mm": 0, "y_mm": 0, "z_mm": 0, "size_mm": (2.0, 3.0, 6.0)},
         (None, None, None, (216 / math.pi) ** (1 / 3), 6.0)),
    ],
)  # fmt: skip
def test_sizes_are_those_of_the_geometry(place, sizes):
    lesion = Lesion(lesion_id="1", finding="f", image=None, frame=None, **place)
    measures = ("area_px", "equivalent_diameter_px", "box_longest_px", "equivalent_diameter_mm", "box_longest_mm")
    for measure, size in zip(measures, sizes, strict=True):
        assert lesion_size(lesion, measure) == (size if size is None else pytest.approx(size)), measure


def test_lesions_are_cut_into_levels_as_the_card_says(tmp_path):
    rows = [
        row(lesion="l1", x=1, y=1, width=5, height=5, place="b"),
        row(lesion="l2", x=1, y=1, width=5, height=10, place="a"),
        row(lesion="l3", outline="0 0 20 0 20 10", place="a"),
        row(lesion="l4", x=1, y=1),
    ]
    loaded = load(a_folder(tmp_path, *rows))
    levels = [(each.lesion.strata["size"], each.lesion.strata["where"]) for each in loaded.lesions]
    assert levels == [("<50", "b"), ("[50, 100)", "a"), (">=100", "a"), (NOT_RECORDED, NOT_RECORDED)]
    assert loaded.lesion_fields == ("size", "where")
    counts = {(each.field, each.level): each.n_lesions for each in lesion_counts(loaded)}
    assert list(counts) == [
        ("", ""),
        *(("size", level) for level in ("<50", "[50, 100)", ">=100", NOT_RECORDED)),
        *(("where", level) for level in ("a", "b", NOT_RECORDED)),
    ]
    assert list(counts.values()) == [4, 1, 1, 1, 1, 2, 1, 1]
    for language in ("en", "fr"):
        assert len(lesion_grid(lesion_counts(loaded), loaded.card, language).rows) == 8


def test_columns_without_a_key_stay_levels_and_numbers_of_a_column_are_cut(tmp_path):
    card = card_with(lesion_strata="{wide: {column: width, edges: [5]}}")
    loaded = load(a_folder(tmp_path, row(x=1, y=1, width=5, height=5, place="b"), card=card))
    assert loaded.lesions[0].lesion.strata == {"wide": ">=5", "place": "b"}
    plain = load(a_folder(tmp_path / "plain", row(x=1, y=1, place="b"), card=card_with()))
    assert plain.lesions[0].lesion.strata == {"place": "b"}


@pytest.mark.parametrize(
    ("strata", "where", "key"),
    [
        ("{size: {column: place, levels: [a]}}", "lesions.csv:2", "refset.stratum_value_unknown"),
        ("{size: {column: place, edges: [1]}}", "lesions.csv:2", "refset.not_a_number"),
        ("{size: {column: plaze}}", "reference_set.yaml: lesion_strata: size", "lesions.column_unknown_nearest"),
        ("{place: {from: area_px, edges: [1]}}", "reference_set.yaml: lesion_strata", "lesions.column_hidden"),
        ("{size: {column: place, from: area_px, edges: [1]}}", "reference_set.yaml:12:17", "lesions.stratum_source"),
        ("{size: {from: area_px}}", "reference_set.yaml:12:17", "lesions.stratum_edges"),
        ("{size: {from: area_px, edges: [2, 1]}}", "reference_set.yaml:12:17", "refset.stratum_edges_ascend"),
        ("{sex: {column: place}}", "reference_set.yaml:1:1", "lesions.stratum_twice"),
    ],
)
def test_a_stratum_of_lesions_that_is_none_is_refused(tmp_path, strata, where, key):
    folder = a_folder(tmp_path, row(x=1, y=1, place="b"), card=card_with(lesion_strata=strata))
    assert (where, key) in problems_of(lambda: load(folder))


def test_a_picture_gives_a_lesion_its_pixels_its_box_and_its_size(tmp_path):
    folder = a_folder(tmp_path, row(mask_file="masks/m.png"), m=picture(square()))
    loaded = load(folder)
    assert loaded.lesions[0].lesion.strata["size"] == NOT_RECORDED
    found = units(loaded, finding="fracture", unit="case")
    (lesion,) = with_masks(found, loaded, HeaderIndex(folder, (RasterReader(),), {}))[0].lesions["c1"]
    assert (lesion.x, lesion.y, lesion.width, lesion.height) == (5.0, 6.0, 10.0, 8.0)
    assert (lesion.mask.rows, lesion.mask.columns, sum(lesion.mask.runs[1::2])) == (30, 40, 80)
    assert lesion.strata["size"] == "[50, 100)"
    assert [(each.level, each.n_lesions) for each in lesion_counts(loaded) if each.field == "size"] == [
        ("[50, 100)", 1)
    ]
    report = check(folder, (RasterReader(),))
    assert worded(report.errors) == []
    assert "masks/m.png" not in [problem.where for problem in report.warnings]


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (None, "lesions.mask_file_missing"),
        (b"no picture", "lesions.mask_file_unreadable"),
        (picture(square())[:60], "lesions.mask_file_unreadable"),
        (picture(square(size=(30, 40))), "lesions.mask_file_size"),
        (picture(square() * 0), "lesions.mask_file_empty"),
    ],
)
def test_a_picture_that_is_no_mask_of_its_image_is_refused_by_check_and_by_the_run(tmp_path, content, key):
    files = {} if content is None else {"m": content}
    folder = a_folder(tmp_path, row(mask_file="masks/m.png"), **files)
    assert ("lesions.csv:2", key) in worded(check(folder, (RasterReader(),)).errors)
    loaded = load(folder)
    found = units(loaded, finding="fracture", unit="case")
    with pytest.raises(ReferenceSetError) as refused:
        with_masks(found, loaded, HeaderIndex(folder, (RasterReader(),), {}))
    assert worded(refused.value.problems) == [("lesions.csv: c1: l1", key)]


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ({"outline": "5 5 41 5 15 25"}, "refset.lesion_outside_image"),
        ({"outline": "5 5 39 5 15 25", "x": 5, "y": 5, "width": 36, "height": 20}, "refset.lesion_outside_image"),
        ({"x": 41, "y": 5, "diameter": 4}, "refset.lesion_outside_image"),
        ({"x": 20, "y": 5, "diameter": 51}, "refset.lesion_outside_image"),
        ({"outline": "5 5 39 5 15 25", "x": 5, "y": 5, "width": 10, "height": 20}, "lesions.box_unlike_region"),
        ({"x": 1, "y": 5, "diameter": 20}, None),
        ({"outline": "5 5 39 5 15 25", "x": 4, "y": 4, "width": 35, "height": 21}, None),
    ],
)
def test_check_knows_where_an_image_ends_and_when_a_box_is_not_that_of_its_region(tmp_path, place, key):
    report = check(a_folder(tmp_path, row(**place)), (RasterReader(),))
    found = worded([*report.errors, *report.warnings])
    of_lesions = [problem for where, problem in found if where == "lesions.csv:2"]
    assert of_lesions == ([] if key is None else [key])


def test_describe_shows_the_lesions_of_a_set(tmp_path, capsys):
    folder = a_folder(tmp_path, row(x=1, y=1, width=5, height=5, place="b"))
    assert cli.call(["--lang", "en", "refset", "describe", str(folder)]) == 0
    assert "<50" in capsys.readouterr().out
