"""Pictures with annotation files become a set: every format, nothing lost without a word, nothing guessed."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image as PillowImage

from dmn_bench.curation.image_annotations import Asked
from dmn_bench.curation.image_meanings import Categories, Meant, read_categories
from dmn_bench.curation.image_options import ImageOptions
from dmn_bench.curation.image_pictures import PictureTable
from dmn_bench.errors import ReferenceSetError
from dmn_bench.inputs.mask_files import open_mask
from dmn_bench.inputs.picture_turns import turned_pixels
from tests.curation.image_kit import (
    COLUMNS,
    ROWS,
    a_root,
    coco,
    drawn,
    imported,
    is_sound,
    keys,
    pixels,
    rows,
    three_pictures,
    truth,
)
from tests.inputs import result_factories as results
from tests.inputs.factories import a_picture, saved
from tests.inputs.mask_factories import a_series, uid
from tests.set_factory import card_with, worded
from tests.shared_data import shared_data

DOUBLE = {"fx": (Meant("fracture", "lesion"), Meant("bone", "structure"))}


@pytest.fixture
def root(tmp_path):
    return a_root(tmp_path / "set")


@pytest.fixture
def pictures(tmp_path):
    return three_pictures(tmp_path / "in")


class TestCoco:
    def test_boxes_and_polygons_become_lesions_by_file_name_and_not_by_id(self, root, pictures, tmp_path):
        polygon = [1, 1, 10, 1, 10, 8]
        file = coco(tmp_path / "a.json", {"bbox": [5, 6, 7.5, 8]}, {"bbox": [1, 1, 9, 7], "segmentation": [polygon]})
        found = imported(root, pictures, file)
        first, second = drawn(root)
        assert [first[key] for key in ("source", "lesion_id", "x", "y", "width", "height")] == [
            "a.png", "100", "5", "6", "7.5", "8",
        ]  # fmt: skip
        assert second["outline"] == "1 1 10 1 10 8"
        assert truth(root) == {"a.png": "positive", "b.png": "negative", "c.png": "unverified"}
        assert (found.n_pictures, found.n_lesions, found.n_unlisted, found.problems) == (3, 2, 1, ())
        assert is_sound(root) == ["refset.patients_unknown"]

    def test_without_a_word_of_the_keeper_nothing_drawn_is_not_nothing_there(self, root, pictures, tmp_path):
        imported(root, pictures, coco(tmp_path / "a.json"), unmentioned="unverified")
        assert set(truth(root).values()) == {"unverified"}

    def test_masks_packed_or_not_become_pictures_of_the_same_pixels(self, root, pictures, tmp_path):
        pycocotools = pytest.importorskip("pycocotools.mask")
        inside = np.zeros((ROWS, COLUMNS), np.uint8)
        inside[3:9, 20:31] = 1
        packed = pycocotools.encode(np.asfortranarray(inside))
        flat = np.concatenate(([0], inside.T.ravel(), [2]))
        counts = np.diff(np.concatenate(([0], np.flatnonzero(np.diff(flat[:-1])), [inside.size]))).tolist()
        segmentation = {"size": [ROWS, COLUMNS], "counts": packed["counts"].decode()}
        plain = {"size": [ROWS, COLUMNS], "counts": counts}
        file = coco(tmp_path / "a.json", {"segmentation": segmentation}, {"segmentation": plain, "category_id": 2})
        both = {"fx": (Meant("fracture", "lesion"),), "cast": (Meant("fracture", "ignore"),)}
        imported(root, pictures, file, categories=Categories(meant=both, is_stated=True))
        for row in drawn(root):
            assert np.array_equal(pixels(root, row["mask_file"]) > 0, inside > 0)
        assert is_sound(root) == ["refset.patients_unknown"]

    def test_a_crowd_is_a_region_to_ignore_and_never_a_negative(self, root, pictures, tmp_path):
        imported(root, pictures, coco(tmp_path / "a.json", {"bbox": [1, 1, 5, 5], "iscrowd": 1}))
        assert drawn(root)[0]["ignore"] == "yes"
        assert truth(root)["a.png"] == "unverified"

    def test_parts_of_one_region_are_one_lesion_and_parts_that_overlap_become_pixels(self, root, pictures, tmp_path):
        apart = [[0, 0, 4, 0, 4, 4], [20, 20, 24, 20, 24, 24]]
        over = [[0, 0, 8, 0, 8, 8, 0, 8], [4, 4, 12, 4, 12, 12, 4, 12]]
        file = coco(tmp_path / "a.json", {"segmentation": apart}, {"segmentation": over, "image_id": 14})
        found = imported(root, pictures, file)
        first, second = drawn(root)
        assert first["outline"]
        assert not first["mask_file"]
        assert pixels(root, second["mask_file"]).sum() == 255 * (64 + 64 - 16)
        assert found.counts["as_pixels"] == 1

    def test_a_structure_is_a_mask_of_all_that_was_drawn_of_it_and_empty_where_looked_for(
        self, root, pictures, tmp_path
    ):
        file = coco(tmp_path / "a.json", {"bbox": [0, 0, 4, 4]}, {"bbox": [2, 2, 4, 4]})
        imported(root, pictures, file, categories=Categories(meant=DOUBLE, is_stated=True))
        sums = {row["case_id"]: pixels(root, row["file"]).sum() // 255 for row in rows(root, "masks")}
        assert sums == {"c000001": 28, "c000002": 0}
        assert "masks.empty" in is_sound(root)

    @pytest.mark.parametrize(
        ("annotation", "key"),
        [
            ({"bbox": [5, 5, 0, 4]}, "annotations.no_area"),
            ({"bbox": [5, 5, -3, 4]}, "annotations.no_area"),
            ({"bbox": [50, 5, 20, 4]}, "annotations.outside"),
            ({"bbox": [5, 5, float("inf"), 4]}, "annotations.not_finite"),
            ({"bbox": [5, 5, 10**400, 4]}, "annotations.not_finite"),
            ({"bbox": [5, 5, 4]}, "annotations.expected_numbers"),
            ({}, "annotations.without_place"),
            ({"segmentation": [[1, 1, 2]]}, "annotations.bad_mask"),
            ({"segmentation": [[1, 1, 2, 2, 3, 3]]}, "annotations.no_area"),
            ({"segmentation": {"size": [ROWS, COLUMNS], "counts": [5]}}, "annotations.bad_mask"),
            ({"segmentation": {"size": [8, 8], "counts": [8, 8, 48]}}, "annotations.mask_size"),
        ],
    )
    def test_what_cannot_be_used_keeps_its_picture_out_and_is_said(self, root, pictures, tmp_path, annotation, key):
        found = imported(root, pictures, coco(tmp_path / "a.json", {"bbox": [1, 1, 2, 2]}, annotation))
        assert set(keys(found)) - {"annotations.without_place"} == {key} - {"annotations.without_place"}
        assert key in keys(found)
        assert (found.n_pictures, found.left_out["unusable"]) == (2, 1)
        assert {row["status"] for row in rows(root, "sampling")} == {"drawn", "excluded"}
        file = coco(tmp_path / "a.json", {"bbox": [1, 1, 2, 2]})  # mended: the same command takes it in
        assert imported(root, pictures, file).n_pictures == 1
        assert is_sound(root) == ["refset.patients_unknown"]

    def test_no_word_of_a_file_reaches_a_terminal_or_a_spreadsheet_as_more_than_a_word(self, root, pictures, tmp_path):
        file = coco(tmp_path / "a.json", {"bbox": [1, 1, 5, 5], "category_id": 2})
        file.write_text(file.read_text().replace('"cast"', '"=cmd()\\u001b[2J"'))
        (name,) = imported(root, pictures, file).unmapped
        assert name.isprintable()
        assert "\n=" not in (tmp_path / "set-import" / "unmapped_categories.csv").read_text()

    def test_the_same_thing_drawn_twice_is_one_and_a_rounding_over_the_edge_is_cut(self, root, pictures, tmp_path):
        box = {"bbox": [50, 5, 10.4, 4]}
        found = imported(root, pictures, coco(tmp_path / "a.json", box, box))
        assert [row["width"] for row in drawn(root)] == ["10"]
        assert (found.counts["twice"], found.counts["cut"]) == (1, 2 - 1)

    def test_a_category_that_nobody_has_mapped_is_listed_and_holds_its_pictures_open(self, root, pictures, tmp_path):
        file = coco(tmp_path / "a.json", {"bbox": [1, 1, 5, 5], "category_id": 2})
        found = imported(root, pictures, file)
        assert found.unmapped == {"cast": (1, 1)}
        assert truth(root)["a.png"] == "unverified"
        assert (tmp_path / "set-import" / "unmapped_categories.csv").read_text().splitlines()[1] == "cast,1,1"

    @pytest.mark.parametrize(
        "text",
        [
            "[" * 100_000,
            '{"images": [], "images": []}',
            "{",
            '{"images": [], "annotations": []}',
            "\ud800".encode("utf-8", "surrogatepass"),
        ],
        ids=["deep", "doubled key", "cut", "no categories", "no text"],
    )  # fmt: skip
    def test_a_hostile_or_damaged_file_enters_nothing(self, root, pictures, tmp_path, text):
        path = tmp_path / "a.json"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(ReferenceSetError) as caught:
            imported(root, pictures, path, asked=Asked(form="coco"))
        assert worded(caught.value.problems)
        assert not (root / "cases.csv").exists()

    def test_an_annotation_of_no_listed_picture_or_category_enters_nothing(self, root, pictures, tmp_path):
        file = coco(
            tmp_path / "a.json", {"bbox": [1, 1, 2, 2], "image_id": 9}, {"bbox": [1, 1, 2, 2], "category_id": 9}
        )
        with pytest.raises(ReferenceSetError) as caught:
            imported(root, pictures, file)
        assert [key for _, key in worded(caught.value.problems)] == [
            "annotations.image_unknown",
            "annotations.category_unknown",
        ]

    def test_names_of_no_picture_are_counted_and_names_of_two_keep_both_out(self, root, pictures, tmp_path):
        for place, name in enumerate(("one", "two"), start=7):
            (pictures / name).mkdir()
            a_picture(pictures / name / "d.png", np.full((ROWS, COLUMNS), place, np.uint8))
            a_picture(pictures / name / "a.png", np.full((ROWS, COLUMNS), 10 + place, np.uint8))
        file = coco(tmp_path / "a.json", names=("a.png", "elsewhere.png", "d.png", "two/a.png"))
        found = imported(root, pictures, file, unlisted="negative")
        assert found.unnamed == ("elsewhere.png",)
        assert keys(found) == ["annotations.name_ambiguous"]
        assert set(truth(root)) == {"a.png", "b.png", "c.png", "one/a.png", "two/a.png"}


class TestOrientation:
    @pytest.fixture
    def turned(self, pictures):
        exif = PillowImage.Exif()
        exif[0x0112] = 6
        a_picture(pictures / "a.jpg", np.zeros((ROWS, COLUMNS), np.uint8), exif=exif)
        (pictures / "a.png").unlink()
        return pictures

    def test_it_is_asked_for_and_never_guessed(self, root, turned, tmp_path):
        file = coco(tmp_path / "a.json", {"bbox": [5, 6, 10, 4]}, names=("a.jpg", "b.png"))
        assert keys(imported(root, turned, file)) == ["annotations.turn_unstated"]

    def test_stored_turns_what_was_drawn_with_the_picture(self, root, turned, tmp_path):
        file = coco(tmp_path / "a.json", {"bbox": [5, 6, 10, 4]}, names=("a.jpg", "b.png"))
        assert keys(imported(root, turned, file, pictures="stored")) == []
        (row,) = drawn(root)
        inside = np.zeros((ROWS, COLUMNS), bool)
        inside[6:10, 5:15] = True
        ys, xs = np.nonzero(turned_pixels(6, inside))
        expected = [xs.min(), ys.min(), xs.max() - xs.min() + 1, ys.max() - ys.min() + 1]
        assert [float(row[key]) for key in ("x", "y", "width", "height")] == expected
        assert pixels(root, f"files/{row['case_id']}.png").shape == (COLUMNS, ROWS)

    def test_upright_leaves_it_and_a_size_of_the_other_side_is_said_to_be_that(self, root, turned, tmp_path):
        file = coco(tmp_path / "a.json", {"bbox": [5, 6, 10, 4]}, names=("a.jpg", "b.png"))
        assert keys(imported(root, turned, file, pictures="upright")) == ["annotations.turned_size"]
        file = coco(tmp_path / "a.json", {"bbox": [5, 6, 10, 4]}, names=("a.jpg",), size=(ROWS, COLUMNS))
        assert keys(imported(root, turned, file, pictures="upright")) == []
        assert [row["x"] for row in drawn(root)] == ["5"]

    def test_a_size_that_is_not_the_pictures_is_refused(self, root, pictures, tmp_path):
        found = imported(root, pictures, coco(tmp_path / "a.json", {"bbox": [1, 1, 2, 2]}, size=(30, 20)))
        assert keys(found) == ["annotations.other_size"]


VOC = """<annotation><filename>{name}</filename><size><width>60</width><height>40</height></size>
<object><name>fx</name><difficult>{difficult}</difficult>
<bndbox><xmin>11</xmin><ymin>5</ymin><xmax>20</xmax><ymax>9</ymax></bndbox></object></annotation>"""


class TestOtherFormats:
    def test_corners_of_pascal_voc_must_be_stated(self, root, pictures, tmp_path):
        (tmp_path / "voc").mkdir()
        (tmp_path / "voc" / "b.xml").write_text(VOC.format(name="b.png", difficult=0))
        with pytest.raises(ReferenceSetError) as caught:
            imported(root, pictures, tmp_path / "voc")
        assert [key for _, key in worded(caught.value.problems)] == ["annotations.corners_unstated"]

    @pytest.mark.parametrize(
        ("corners", "box"),
        [
            ("edges", ["11", "5", "9", "4"]),
            ("pixels-from-0", ["11", "5", "10", "5"]),
            ("pixels-from-1", ["10", "4", "10", "5"]),
        ],
    )
    def test_pascal_voc(self, root, pictures, tmp_path, corners, box):
        (tmp_path / "b.xml").write_text(VOC.format(name="renamed.png", difficult=1))
        imported(root, pictures, tmp_path / "b.xml", asked=Asked(corners=corners))
        (row,) = drawn(root)
        assert [row[key] for key in ("x", "y", "width", "height", "ignore", "source")] == [*box, "yes", "b.png"]

    def test_a_file_that_names_another_picture_than_its_own_name_does_is_said(self, root, pictures, tmp_path):
        (tmp_path / "b.xml").write_text(VOC.format(name="a.png", difficult=0))
        found = imported(root, pictures, tmp_path / "b.xml", asked=Asked(corners="edges"), unlisted="negative")
        assert keys(found) == ["annotations.names_differ"]
        assert set(truth(root)) == {"c.png"}

    @pytest.mark.parametrize(
        "text",
        [
            '<!DOCTYPE a [<!ENTITY b "bbb">]><annotation>&b;</annotation>',
            '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><annotation><filename>&b;</filename></annotation>',
            "<annotation>" + "<a>" * 200 + "</a>" * 200 + "</annotation>",
            "<annotation><filename>b.png",
        ],
        ids=["entities", "external", "deep", "cut"],
    )
    def test_a_hostile_file_says_nothing_of_its_picture_which_stays_out(self, root, pictures, tmp_path, text):
        (tmp_path / "voc").mkdir()
        (tmp_path / "voc" / "a.xml").write_text(VOC.format(name="a.png", difficult=0))
        (tmp_path / "voc" / "b.xml").write_text(text)
        found = imported(root, pictures, tmp_path / "voc", asked=Asked(corners="edges"), unlisted="negative")
        assert keys(found)
        assert truth(root) == {"a.png": "positive", "c.png": "negative"}

    def test_yolo_boxes_and_polygons_in_shares(self, root, pictures, tmp_path):
        labels = tmp_path / "labels"
        labels.mkdir()
        (labels / "classes.txt").write_text("cast\nfx\n")
        (labels / "a.txt").write_text("1 0.5 0.5 0.5 0.25\n1 0 0 0.5 0 0.5 0.5\n")
        (labels / "b.txt").write_text("")
        imported(root, pictures, labels)
        first, second = drawn(root)
        assert [first[key] for key in ("x", "y", "width", "height")] == ["15", "15", "30", "10"]
        assert second["outline"] == "0 0 30 0 30 20"
        assert truth(root) == {"a.png": "positive", "b.png": "negative", "c.png": "unverified"}

    def test_yolo_results_are_no_reference_and_unnamed_classes_are_asked_for(self, root, pictures, tmp_path):
        labels = tmp_path / "labels"
        labels.mkdir()
        (labels / "a.txt").write_text("0 0.5 0.5 0.5 0.25 0.93\n4 0.5 0.5 0.1 0.1\n")
        with pytest.raises(ReferenceSetError, match="names_unstated"):
            imported(root, pictures, labels)
        (tmp_path / "data.yaml").write_text("nc: 1\nnames: {0: fx}\n")
        found = imported(root, pictures, labels)
        assert keys(found) == ["annotations.confidence", "annotations.class_unknown"]

    def test_labelme_shapes(self, root, pictures, tmp_path):
        stream = io.BytesIO()
        PillowImage.fromarray(np.array([[True, False], [True, True]])).save(stream, "PNG")
        shapes = [
            {"label": "fx", "shape_type": "rectangle", "points": [[20, 10], [10, 5]]},
            {"label": "fx", "shape_type": "circle", "points": [[20, 20], [23, 24]]},
            {"label": "fx", "shape_type": "point", "points": [[1, 2]]},
            {"label": "fx", "points": [[0, 0], [4, 0], [4, 4]], "group_id": 1},
            {"label": "fx", "points": [[30, 30], [34, 30], [34, 34]], "group_id": 1},
            {
                "label": "fx",
                "shape_type": "mask",
                "points": [[50, 30], [51, 31]],
                "mask": base64.b64encode(stream.getvalue()).decode(),
            },
        ]
        file = {"imagePath": "..\\x\\a.png", "imageWidth": COLUMNS, "imageHeight": ROWS, "shapes": shapes}
        (tmp_path / "a.json").write_text(json.dumps(file))
        assert keys(imported(root, pictures, tmp_path / "a.json")) == []
        box, circle, point, parts, mask = drawn(root)
        assert [box[key] for key in ("x", "y", "width", "height")] == ["10", "5", "10", "5"]
        assert [circle[key] for key in ("x", "y", "diameter")] == ["20", "20", "10"]
        assert (point["x"], point["width"], len(parts["outline"].split())) == ("1", "", 16)
        ys, xs = np.nonzero(pixels(root, mask["mask_file"]))
        assert list(zip(xs.tolist(), ys.tolist(), strict=True)) == [(50, 30), (50, 31), (51, 31)]
        assert is_sound(root) == ["refset.patients_unknown"]

    def test_cvat_shapes(self, root, pictures, tmp_path):
        text = """<annotations><version>1.1</version><image id="0" name="a.png" width="60" height="40">
        <box label="fx" xtl="1.5" ytl="2" xbr="11.5" ybr="6" occluded="1"><attribute name="side">left</attribute></box>
        <box label="fx" xtl="20" ytl="10" xbr="30" ybr="20" rotation="90"/>
        <polygon label="fx" points="0,0;5,0;5,5"/>
        <mask label="fx" rle="1, 3" left="40" top="20" width="2" height="2"/>
        <tag label="seen"/></image></annotations>"""
        (tmp_path / "a.xml").write_text(text)
        assert keys(imported(root, pictures, tmp_path / "a.xml")) == []
        box, turned, polygon, mask = drawn(root)
        assert [box[key] for key in ("x", "y", "width", "height")] == ["1.5", "2", "10", "4"]
        assert sorted(turned["outline"].split()) == sorted(["30", "10", "30", "20", "20", "20", "20", "10"])
        assert polygon["outline"] == "0 0 5 0 5 5"
        assert pixels(root, mask["mask_file"]).sum() == 3 * 255

    def test_a_line_is_no_region_and_is_said(self, root, pictures, tmp_path):
        line = '<polyline label="fx" points="0,0;5,5"/>'
        image = f'<image name="a.png" width="60" height="40">{line}</image>'
        (tmp_path / "a.xml").write_text(f"<annotations>{image}</annotations>")
        assert keys(imported(root, pictures, tmp_path / "a.xml")) == ["annotations.shape_unknown"]

    def test_tables_as_vindr_has_them_keep_their_readers_under_new_names(self, root, pictures, tmp_path):
        header = "image_id,class_name,rad_id,x_min,y_min,x_max,y_max"
        lines = (header, "a,fx,Dr Dupont,1,2,11,12", "a,No finding,R9,,,,", "b,No finding,R9,,,,")
        (tmp_path / "train.csv").write_text("\n".join(lines))
        meant = {"fx": (Meant("fracture", "lesion"),), "no finding": (Meant("", "nothing"),)}
        asked = Asked(corners="edges")
        categories = Categories(meant=meant, is_stated=True)
        found = imported(root, pictures, tmp_path / "train.csv", asked=asked, categories=categories)
        said = {(row["case_id"], row["reader_id"]): row["value"] for row in rows(root, "readings")}
        assert said == {
            ("c000001", "reader1"): "positive",
            ("c000001", "reader2"): "negative",
            ("c000002", "reader2"): "negative",
        }
        assert [row["reader"] for row in drawn(root)] == ["reader1"]
        assert rows(root, "truth") == []
        assert "Dupont" not in "".join(path.read_text() for path in root.glob("*.csv"))
        assert "reader1,Dr Dupont" in (tmp_path / "set-import" / "readers.csv").read_text()
        assert found.readers == ("reader1", "reader2")

    def test_tables_as_rsna_has_them(self, root, pictures, tmp_path):
        (tmp_path / "t.csv").write_text("patientId,x,y,width,height,Target\na,1,2,5,6,1\nb,,,,,0\n")
        one = Categories(meant={"1": (Meant("fracture", "lesion"),)}, is_stated=True)
        imported(root, pictures, tmp_path / "t.csv", categories=one, unmentioned="unverified")
        assert truth(root) == {"a.png": "positive", "b.png": "negative", "c.png": "unverified"}
        assert [row["height"] for row in drawn(root)] == ["6"]

    def test_tables_of_ones_own_by_their_columns(self, root, pictures, tmp_path):
        (tmp_path / "t.csv").write_text("Cliché;Signe;X0;Y0;L;H\na.png;fx;1;2;5;6\n")
        (tmp_path / "columns.csv").write_text(
            "column,is\nCliché,picture\nSigne,category\nX0,x\nY0,y\nL,width\nH,height\n"
        )
        imported(root, pictures, tmp_path / "t.csv", asked=Asked(columns=tmp_path / "columns.csv"))
        assert [row["width"] for row in drawn(root)] == ["5"]

    def test_several_formats_in_a_folder_are_asked_about(self, root, pictures, tmp_path):
        both = tmp_path / "both"
        both.mkdir()
        coco(both / "a.json", {"bbox": [1, 1, 2, 2]})
        (both / "b.xml").write_text(VOC.format(name="b.png", difficult=0))
        with pytest.raises(ReferenceSetError, match="several_formats"):
            imported(root, pictures, both)
        assert imported(root, pictures, both, asked=Asked(form="coco")).n_lesions == 1


class TestTheSet:
    def test_readers_are_imported_one_after_the_other_and_nothing_twice(self, root, pictures, tmp_path):
        first, second = coco(tmp_path / "1.json", {"bbox": [1, 1, 5, 5]}), coco(tmp_path / "2.json")
        imported(root, pictures, first, reader="dr_a")
        found = imported(root, pictures, second, reader="dr_b")
        assert (found.n_pictures, found.n_known, found.n_added_to) == (0, 3, 2)
        assert imported(root, pictures, first, reader="dr_a").n_added_to == 0
        values = sorted((row["case_id"], row["reader_id"], row["value"]) for row in rows(root, "readings"))
        assert values == [
            ("c000001", "reader1", "positive"),
            ("c000001", "reader2", "negative"),
            ("c000002", "reader1", "negative"),
            ("c000002", "reader2", "negative"),
        ]

    def test_a_table_says_whose_a_picture_is_and_which_are_one_exam(self, root, pictures, tmp_path):
        (tmp_path / "t.csv").write_text(
            "file,patient,exam,laterality,secret\na,H77,E1,L,x\nb.png,H77,E1,R,y\nc,H78,,,z\n"
        )
        table = PictureTable.read(tmp_path / "t.csv", ())
        imported(root, pictures, coco(tmp_path / "a.json"), table=table)
        cases = rows(root, "cases")
        assert [(row["patient_id"], row["laterality"]) for row in cases] == [
            ("p000001", "L"),
            ("p000001", "R"),
            ("p000002", ""),
        ]
        assert cases[0]["exam_id"] == cases[1]["exam_id"] != cases[2]["exam_id"]
        assert "H77" not in (root / "cases.csv").read_text()
        assert is_sound(root) == []

    def test_the_draw_is_of_exams_and_depends_on_the_seed_alone(self, root, pictures, tmp_path):
        found = imported(root, pictures, coco(tmp_path / "a.json"), draw=2, seed=4)
        assert (found.n_pictures, found.left_out["not_drawn"]) == (2, 1)
        again = a_root(tmp_path / "again")
        imported(again, pictures, coco(tmp_path / "a.json"), draw=2, seed=4)
        assert [row["source_file"] for row in rows(again, "identity")] == [
            row["source_file"] for row in rows(root, "identity")
        ]

    def test_unlisted_pictures_are_what_the_keeper_says(self, root, pictures, tmp_path):
        found = imported(root, pictures, coco(tmp_path / "a.json"), unlisted="left-out")
        assert (found.n_pictures, found.left_out["unlisted"]) == (2, 1)
        imported(root, pictures, coco(tmp_path / "a.json"), unlisted="negative")
        assert truth(root)["c.png"] == "negative"

    def test_mappings_are_checked_row_by_row(self, tmp_path):
        (tmp_path / "c.csv").write_text(
            "category,finding,use\nfx,fracture,lesion\nfx,fracture,ignore\nx,nothing,lesion\nx,,draw\ny,fracture,nothing\n"
        )
        with pytest.raises(ReferenceSetError) as caught:
            read_categories(tmp_path / "c.csv", ("fracture",))
        assert [key for _, key in worded(caught.value.problems)] == [
            "annotations.category_twice",
            "annotations.finding_unknown",
            "annotations.use_unknown",
            "annotations.use_without_finding",
        ]


class TestVolumes:
    def options(self, *names):
        meant = {name: (Meant(name, "structure"),) for name in names}
        return ImageOptions(categories=Categories(meant=meant, is_stated=True), unmentioned="negative")

    @pytest.fixture
    def ct(self, tmp_path):
        return a_root(tmp_path / "set", modality="CT")

    def test_a_segmentation_and_a_structure_set_lie_on_the_voxels_they_were_drawn_on(self, ct, tmp_path):
        (tmp_path / "in" / "ct").mkdir(parents=True)
        a_series(tmp_path / "in" / "ct", StudyInstanceUID=results.STUDY, PatientID="H1")
        inside = np.zeros((1, 4, 6), np.uint8)
        inside[0, 1:3, 2:5] = 1
        made = results.a_segmentation(inside, [1], [uid(1)], labels=[results.a_segment(1, "heart")])
        contour = ("CLOSED_PLANAR", [10.5, 22, 6, 11.5, 22, 6, 11.5, 24, 6, 10.5, 24, 6], uid(2))
        drawn_set = results.a_structure_set(("lung", [contour]), ("Spine", [contour]))
        saved(made, tmp_path / "objects" / "seg.dcm")
        saved(drawn_set, tmp_path / "objects" / "rt.dcm")
        found = imported(ct, tmp_path / "in", tmp_path / "objects", self.options("heart", "lung"))
        assert (keys(found), found.unmapped) == ([], {"Spine": (1, 1)})
        assert found.unfound == ()
        masks = {row["structure"]: row["file"] for row in rows(ct, "masks")}
        voxels = {
            name: open_mask(ct / file, file).voxels.astype(bool).sum(axis=(0, 1, 2)) for name, file in masks.items()
        }
        assert voxels == {"heart": 6, "lung": 6}
        assert is_sound(ct) == []

    def test_real_readers_of_lidc_are_those_of_the_recipe(self, ct, tmp_path):
        shared_data("imaging/ct_lidc")
        (tmp_path / "c.csv").write_text(
            "category,finding,use\nnodule,nodule,lesion\nnodule,nodule,structure\nnodule < 3 mm,nodule,ignore\n"
            "non-nodule,,left-out\n"
        )
        card = card_with(strata="{}", modality="CT", findings="[{name: nodule}]")
        (ct / "reference_set.yaml").write_text(
            card.replace(
                "{method: consensus}", "{method: four, readers: 4, consensus: {rule: majority, same_within_mm: 5.0}}"
            )
        )
        source = shared_data("imaging/ct_lidc")
        options = ImageOptions(categories=read_categories(tmp_path / "c.csv", ("nodule",)), unmentioned="negative")
        found = imported(ct, source, source, options)
        assert (found.problems, found.n_lesions, found.n_masks) == ((), 17, 8)
        assert found.readings == {"nodule": {"positive": 6, "negative": 2}}
        voxels = [int(open_mask(ct / row["file"], "").voxels.astype(bool).sum()) for row in rows(ct, "masks")]
        assert voxels == [5905, 4613, 4955, 5498, 0, 0, 1086, 1133]


def test_real_boxes_of_fracatlas_are_those_of_pycocotools(root, tmp_path):
    source = shared_data("imaging/fracture_fracatlas")
    wanted = json.loads((source / "annotations/coco_fracture_masks.json").read_text())
    some = {image["id"]: image["file_name"] for image in wanted["images"][:6]}
    (tmp_path / "in").mkdir()
    for name in some.values():
        (tmp_path / "in" / name).write_bytes((source / "images" / name).read_bytes())
    meant = Categories(meant={"fractured": (Meant("fracture", "lesion"),)}, is_stated=True)
    imported(root, tmp_path / "in", source / "annotations/coco_fracture_masks.json", categories=meant)
    expected = {
        (some[each["image_id"]], str(each["id"])): each["bbox"]
        for each in wanted["annotations"]
        if each["image_id"] in some
    }
    found = {
        (row["source"], row["lesion_id"]): [float(row[key]) for key in ("x", "y", "width", "height")]
        for row in drawn(root)
    }
    assert found == expected
