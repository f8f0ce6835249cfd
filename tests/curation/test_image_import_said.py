"""What an import of pictures would lose or guess is refused or said: tags, readers, folders, second imports."""

import base64
import json

import numpy as np
import pytest

from dmn_bench.adapters.picture_png import png_bytes
from dmn_bench.curation.image_annotations import Asked
from dmn_bench.curation.image_meanings import Categories, Meant, read_categories
from dmn_bench.curation.image_pictures import PictureTable
from dmn_bench.errors import InputFileError, ReferenceSetError
from tests.curation.image_kit import (
    COLUMNS,
    PRECISE,
    ROWS,
    a_root,
    coco,
    drawn,
    imported,
    is_sound,
    keys,
    rows,
    three_pictures,
    truth,
)
from tests.inputs.factories import a_picture
from tests.inputs.mask_factories import a_series

VINDR = "image_id,class_name,rad_id,x_min,y_min,x_max,y_max"
FOUND = "column,is\npicture,picture\ncategory,category\nx,x\ny,y\nwidth,width\nheight,height\nfound,found\n"


MASK = base64.b64encode(png_bytes(np.full((2, 2), 255, np.uint8))).decode()


def categories(**meant):
    return Categories(meant={name: (each,) for name, each in meant.items()}, is_stated=True)


BOTH = categories(fx=Meant("fracture", "lesion"), cast=Meant("cast", "lesion"))


@pytest.fixture
def root(tmp_path):
    return a_root(tmp_path / "set")


@pytest.fixture
def pictures(tmp_path):
    return three_pictures(tmp_path / "in")


@pytest.fixture
def two(tmp_path):
    return a_root(tmp_path / "two", findings="[{name: fracture}, {name: cast}]")


class TestTheWholePicture:
    def test_a_tag_of_cvat_is_a_finding_without_a_place(self, root, pictures, tmp_path):
        image = '<image name="{}.png" width="60" height="40">{}</image>'
        tags = (image.format("a", '<tag label="fx"/>'), image.format("b", ""), image.format("c", '<tag label="new"/>'))
        (tmp_path / "a.xml").write_text(f"<annotations>{''.join(tags)}</annotations>")
        found = imported(root, pictures, tmp_path / "a.xml")
        assert truth(root) == {"a.png": "positive", "b.png": "negative", "c.png": "unverified"}
        assert (found.n_lesions, found.unmapped) == (0, {"new": (1, 1)})
        assert is_sound(root) == ["refset.patients_unknown"]

    def test_a_flag_of_labelme_likewise_if_it_is_set(self, root, pictures, tmp_path):
        folder = tmp_path / "labelme"
        folder.mkdir()
        for name, value in (("a", True), ("b", False), ("c", "yes")):
            file = {"imagePath": f"{name}.png", "flags": {"fx": value, "other": None}, "shapes": []}
            (folder / f"{name}.json").write_text(json.dumps(file))
        found = imported(root, pictures, folder)
        assert truth(root) == {"a.png": "positive", "b.png": "negative"}
        assert keys(found) == ["annotations.flag_value"]


class TestLabelme:
    def shapes(self, tmp_path, *shapes):
        file = {"imagePath": "a.png", "shapes": [{"label": "fx", "group_id": 7, **each} for each in shapes]}
        (tmp_path / "a.json").write_text(json.dumps(file))
        return tmp_path / "a.json"

    def test_rectangles_of_a_group_are_one_region_and_circles_of_one_are_refused(self, root, pictures, tmp_path):
        boxes = [{"shape_type": "rectangle", "points": points} for points in ([[0, 0], [4, 4]], [[30, 30], [34, 35]])]
        imported(root, pictures, self.shapes(tmp_path, *boxes))
        (one,) = drawn(root)
        assert one["outline"].startswith("0 0 4 0 4 4 0 4 0 0 30 30")
        other = a_root(tmp_path / "other")
        circle = {"shape_type": "circle", "points": [[20, 20], [23, 24]]}
        found = imported(other, pictures, self.shapes(tmp_path, boxes[0], circle))
        assert (keys(found), found.left_out["unusable"]) == (["annotations.group_shape"], 1)


class TestPlaces:
    @pytest.mark.parametrize(
        ("shape", "key"),
        [
            ({"shape_type": "circle", "points": [[2, 2], [2, 500]]}, "annotations.outside"),
            ({"shape_type": "mask", "points": [[5, 5], [9, 9]], "mask": MASK}, "annotations.bad_mask"),
        ],
        ids=["circle", "mask"],
    )
    def test_a_circle_wider_than_its_picture_and_a_mask_of_another_size_are_refused(
        self, root, pictures, tmp_path, shape, key
    ):
        file = {"imagePath": "a.png", "imageWidth": COLUMNS, "imageHeight": ROWS, "shapes": [{"label": "fx", **shape}]}
        (tmp_path / "a.json").write_text(json.dumps(file))
        assert keys(imported(root, pictures, tmp_path / "a.json")) == [key]

    @pytest.mark.parametrize(
        "region",
        [[[0, 0, 10, 0, 10, 10, 0, 10]], {"size": [ROWS, COLUMNS], "counts": [45, 10, ROWS * COLUMNS - 55]}],
        ids=["outline", "mask"],
    )
    def test_a_box_apart_from_its_own_region_is_refused(self, root, pictures, tmp_path, region):
        file = coco(tmp_path / "a.json", {"bbox": [40, 20, 5, 5], "segmentation": region})
        assert keys(imported(root, pictures, file)) == ["annotations.box_elsewhere"]

    @pytest.mark.parametrize(
        ("drawn", "key"),
        [
            ({"bbox": [1.1, 1.1, 0.3, 0.3]}, "annotations.no_area"),
            ({"bbox": [1, 1, 9, 9], "iscrowd": 1}, "annotations.structure_ignored"),
        ],
    )
    def test_a_structure_is_neither_empty_where_it_was_drawn_nor_a_region_to_ignore(
        self, root, pictures, tmp_path, drawn, key
    ):
        bone = categories(fx=Meant("bone", "structure"))
        assert keys(imported(root, pictures, coco(tmp_path / "a.json", drawn), categories=bone)) == [key]


class TestReaders:
    def test_a_file_that_names_readers_is_not_one_readers(self, root, pictures, tmp_path):
        (tmp_path / "t.csv").write_text(f"{VINDR}\na,fx,R8,1,2,11,12\na,fx,R9,2,2,11,12\n")
        with pytest.raises(ReferenceSetError, match="reader_twice"):
            imported(root, pictures, tmp_path / "t.csv", asked=Asked(corners="edges"), reader="dr_x")

    def test_a_row_without_a_reader_among_others_keeps_its_picture_out(self, root, pictures, tmp_path):
        (tmp_path / "t.csv").write_text(f"{VINDR}\na,fx,R8,1,2,11,12\na,fx,,2,2,11,12\nb,fx,R8,1,2,11,12\n")
        found = imported(root, pictures, tmp_path / "t.csv", asked=Asked(corners="edges"))
        assert keys(found) == ["annotations.reader_unstated"]
        assert [row["source"] for row in drawn(root)] == ["b.png"]

    def test_a_picture_counts_once_for_a_category_that_two_readers_drew_on_it(self, root, pictures, tmp_path):
        (tmp_path / "t.csv").write_text(f"{VINDR}\na,cast,R8,1,2,11,12\na,cast,R9,2,2,11,12\nb,fx,R8,1,2,11,12\n")
        found = imported(root, pictures, tmp_path / "t.csv", asked=Asked(corners="edges"))
        assert found.unmapped == {"cast": (2, 1)}
        assert "cast,2,1" in (tmp_path / "set-import" / "unmapped_categories.csv").read_text()

    def test_the_name_of_a_reader_stays_beside_the_set(self, root, pictures, tmp_path):
        mask = {"segmentation": {"size": [ROWS, COLUMNS], "counts": [45, 10, ROWS * COLUMNS - 55]}}
        found = imported(root, pictures, coco(tmp_path / "a.json", mask), reader="Dr Dupont")
        assert found.readers == ("reader1",)
        assert [row["mask_file"] for row in drawn(root)] == ["masks/c000001.lesion-100.reader1.png"]
        assert "Dupont" not in "".join(path.read_text() for path in root.glob("*.csv"))
        assert "reader1,Dr Dupont" in (tmp_path / "set-import" / "readers.csv").read_text()
        assert imported(root, pictures, coco(tmp_path / "a.json", mask), reader="reader1").readers == ("reader1",)

    def test_a_reader_of_the_set_is_nobody_elses_name(self, root, pictures, tmp_path):
        imported(root, pictures, coco(tmp_path / "a.json"), reader="dr_a")
        (tmp_path / "set-import" / "readers.csv").unlink()  # as of a set whose readers a file has numbered itself
        assert imported(root, pictures, coco(tmp_path / "a.json"), reader="dr_b").readers == ("reader2",)


class TestNames:
    @pytest.fixture
    def folders(self, tmp_path):
        (tmp_path / "all" / "val").mkdir(parents=True)
        for name in ("1", "2"):
            a_picture(tmp_path / "all" / "val" / f"{name}.png", np.zeros((ROWS, COLUMNS), np.uint8))
        return tmp_path / "all"

    def test_a_picture_of_another_folder_is_not_the_one_named(self, root, folders, tmp_path):
        file = coco(tmp_path / "a.json", {"bbox": [1, 1, 5, 5]}, names=("train/1.png", "sets/val/2.jpg"))
        found = imported(root, folders, file, unlisted="negative")
        assert (keys(found), found.left_out["unusable"]) == (["annotations.other_folder"], 1)
        assert (found.n_lesions, truth(root)) == (0, {"val/2.png": "negative"})

    def test_but_it_is_another_one_where_both_are_named(self, root, folders, tmp_path):
        file = coco(tmp_path / "a.json", {"bbox": [1, 1, 5, 5]}, names=("train/1.png", "val/1.png"))
        found = imported(root, folders, file, unlisted="negative")
        assert (keys(found), found.unnamed) == ([], ("train/1.png",))
        assert truth(root) == {"val/1.png": "negative", "val/2.png": "unverified"}  # of train/1.png nobody knows

    @pytest.mark.parametrize("name", ["val/1.png", "../../x/../val/1.png", "C:\\sets\\val\\1.jpg", "1.png", "1"])
    def test_folders_that_agree_as_far_as_both_go_name_it(self, root, folders, tmp_path, name):
        found = imported(root, folders, coco(tmp_path / "a.json", {"bbox": [1, 1, 5, 5]}, names=(name,)))
        assert (keys(found), [row["source"] for row in drawn(root)]) == ([], ["val/1.png"])

    def test_a_table_of_pictures_may_not_mean_another_folder_either(self, root, folders, tmp_path):
        (tmp_path / "t.csv").write_text("file,patient\ntrain/1.png,H1\nval/2.png,H2\n")
        found = imported(root, folders, None, table=PictureTable.read(tmp_path / "t.csv", ()))
        assert keys(found) == ["annotations.table_no_picture"]
        assert found.n_without_patient == 1

    def test_nothing_is_negative_while_something_drawn_has_no_picture(self, root, pictures, tmp_path):
        labels = tmp_path / "labels"
        labels.mkdir()
        (labels / "classes.txt").write_text("fx\n")
        (labels / "a_rf_abc.txt").write_text("0 0.5 0.5 0.2 0.2\n")
        found = imported(root, pictures, labels, unlisted="negative")
        assert set(truth(root).values()) == {"unverified"}
        assert (found.unnamed, found.is_all_placed) == (("a_rf_abc",), False)

    def test_an_empty_line_among_the_names_of_classes_is_refused_and_one_at_the_end_is_not(
        self, root, pictures, tmp_path
    ):
        labels = tmp_path / "labels"
        labels.mkdir()
        (labels / "a.txt").write_text("1 0.5 0.5 0.5 0.25\n")
        (labels / "classes.txt").write_text("fx\n\ncast\n")
        with pytest.raises(InputFileError, match="bad_names"):
            imported(root, pictures, labels)
        (labels / "classes.txt").write_text("cast\nfx\n\n \n")
        imported(root, pictures, labels)
        assert truth(root)["a.png"] == "positive"


class TestContradictions:
    def table(self, tmp_path, *lines):
        (tmp_path / "columns.csv").write_text(FOUND)
        (tmp_path / "t.csv").write_text("\n".join(("picture,category,x,y,width,height,found", *lines)))
        return tmp_path / "t.csv", Asked(columns=tmp_path / "columns.csv")

    @pytest.mark.parametrize("place", [",,,", "3,3,5,5"])
    @pytest.mark.parametrize("turn", [1, -1])
    def test_found_and_not_found_of_one_category_is_a_fault(self, root, pictures, tmp_path, place, turn):
        file, asked = self.table(tmp_path, *("a,fx,,,,,0", f"a,fx,{place},1")[::turn], "b,fx,,,,,0")
        found = imported(root, pictures, file, asked=asked)
        assert keys(found) == ["annotations.nothing_and_drawn"]
        assert truth(root) == {"b.png": "negative", "c.png": "unverified"}

    def test_two_kinds_of_one_finding_of_which_one_is_there_are_none(self, root, pictures, tmp_path):
        file, asked = self.table(tmp_path, "a,old,,,,,0", "a,fx,3,3,5,5,1")
        kinds = categories(fx=Meant("fracture", "lesion"), old=Meant("fracture", "lesion"))
        assert keys(imported(root, pictures, file, asked=asked, categories=kinds)) == []
        assert truth(root)["a.png"] == "positive"

    def test_not_found_of_a_category_that_nobody_mapped_says_nothing_of_others(self, root, pictures, tmp_path):
        file, asked = self.table(tmp_path, "a,cast,,,,,0", "b,,,,,,0")
        found = imported(root, pictures, file, asked=asked, unmentioned="unverified")
        assert truth(root) == {"a.png": "unverified", "b.png": "negative", "c.png": "unverified"}
        assert found.unmapped == {"cast": (1, 1)}

    def test_a_crowd_does_not_swallow_a_lesion_at_its_place(self, root, pictures, tmp_path):
        boxes = [{"bbox": [1, 1, 5, 5], "iscrowd": crowd} for crowd in (1, 0)]
        imported(root, pictures, coco(tmp_path / "a.json", *boxes))
        assert [row["ignore"] for row in drawn(root)] == ["yes", ""]
        assert truth(root)["a.png"] == "positive"


class TestASecondImport:
    def test_what_a_second_file_draws_on_a_picture_of_the_same_reader_is_said(self, two, pictures, tmp_path):
        imported(two, pictures, coco(tmp_path / "a.json", {"bbox": [1, 1, 5, 5]}), categories=BOTH)
        second = coco(tmp_path / "b.json", {"bbox": [9, 9, 5, 5], "category_id": 2})
        found = imported(two, pictures, second, categories=BOTH)
        assert keys(found) == ["annotations.already_drawn"]
        assert found.problems[0].facts == {"n": 3, "case": "c000001"}  # a lesion, and what is true of both findings
        assert len(drawn(two)) == 1

    @pytest.mark.parametrize("unmentioned", ["negative", "unverified"])
    @pytest.mark.parametrize("corrected", [[{"bbox": [1, 1, 5, 6]}], []], ids=["redrawn", "deleted"])
    def test_a_lesion_that_was_corrected_after_an_import_is_said(
        self, root, pictures, tmp_path, corrected, unmentioned
    ):
        first = coco(tmp_path / "a.json", {"bbox": [1, 1, 5, 5]}, {"bbox": [20, 20, 5, 5]})
        imported(root, pictures, first, unmentioned=unmentioned)
        file = coco(tmp_path / "a.json", *corrected, {"bbox": [20, 20, 5, 5]})
        found = imported(root, pictures, file, unmentioned=unmentioned)
        assert keys(found) == ["annotations.already_drawn"]
        assert found.problems[0].facts == {"n": 1, "case": "c000001"}

    def test_the_same_again_is_nothing_new(self, two, pictures, tmp_path):
        mask = {"segmentation": {"size": [ROWS, COLUMNS], "counts": [45, 10, ROWS * COLUMNS - 55]}}
        file = coco(tmp_path / "a.json", {"bbox": [1, 1, 5, 5]}, {"category_id": 2, **mask})
        first = imported(two, pictures, file, categories=BOTH)
        again = imported(two, pictures, file, categories=BOTH)
        assert (keys(first), keys(again), again.counts["stayed"]) == ([], [], 0)
        (two / drawn(two)[1]["mask_file"]).write_bytes(b"another")
        assert keys(imported(two, pictures, file, categories=BOTH)) == ["annotations.already_drawn"]

    def test_only_findings_that_are_asked_for_are_entered(self, two, pictures, tmp_path):
        file = coco(tmp_path / "a.json", {"bbox": [1, 1, 5, 5]}, {"bbox": [9, 9, 5, 5], "category_id": 2})
        imported(two, pictures, file, categories=BOTH, findings=("fracture",))
        assert [row["finding"] for row in drawn(two)] == ["fracture"]
        assert {row["finding"] for row in rows(two, "truth")} == {"fracture"}

    def test_what_stays_of_pictures_that_were_there_is_counted(self, root, pictures, tmp_path):
        file = coco(tmp_path / "a.json", {"bbox": [1, 1, 5, 5]})
        first = imported(root, pictures, file, categories=Categories())
        assert (first.n_unlisted, first.targets, rows(root, "truth")) == (1, (), [])
        (tmp_path / "t.csv").write_text("file,patient\na,H1\n")
        table = PictureTable.read(tmp_path / "t.csv", ())
        found = imported(root, pictures, file, unlisted="negative", table=table)
        assert (found.counts["stayed"], found.counts["table_stayed"], found.n_unlisted) == (1, 1, 0)
        assert set(truth(root)) == {"a.png", "b.png"}

    def test_an_import_that_goes_on_with_its_table_leaves_nothing_out(self, root, pictures, tmp_path):
        (tmp_path / "t.csv").write_text("file,patient,exam,laterality\na,H1,E1,og\nb,H1,E1,OD\n")
        options = {"unlisted": "negative", "table": PictureTable.read(tmp_path / "t.csv", ())}
        imported(root, pictures, coco(tmp_path / "a.json"), **options)
        assert [row["laterality"] for row in rows(root, "cases")] == ["L", "R", ""]
        again = imported(root, pictures, coco(tmp_path / "a.json"), **options)
        assert (again.n_known, again.counts["stayed"], again.counts["table_stayed"]) == (3, 0, 0)


def test_a_picture_that_cannot_be_read_is_not_one_that_no_file_names(root, pictures, tmp_path):
    whole = (pictures / "c.png").read_bytes()
    (pictures / "c.png").write_bytes(whole[: len(whole) - 30])
    found = imported(root, pictures, coco(tmp_path / "a.json"))
    assert (found.n_unlisted, found.left_out["unreadable"]) == (0, 1)
    assert keys(found) == ["annotations.picture_damaged"]


def test_rows_of_categories_that_no_file_has_and_files_that_are_no_pictures_are_named(root, pictures, tmp_path):
    (tmp_path / "c.csv").write_text("category,finding,use\nfx,fracture,\nFractur,fracture,\nCast,,left-out\n")
    (pictures / "notes.txt").write_text("x")
    meant = read_categories(tmp_path / "c.csv", ("fracture",))
    found = imported(root, pictures, coco(tmp_path / "a.json"), categories=meant)
    assert (found.unfound, found.not_images) == (("Fractur",), ("notes.txt",))
    assert PRECISE.categories.unfound(["fx"]) == ()


def test_a_stratum_of_what_copies_no_longer_say_is_named_with_the_column_that_does(tmp_path):
    ct = a_root(tmp_path / "set", modality="CT")
    card = (ct / "reference_set.yaml").read_text()
    (ct / "reference_set.yaml").write_text(card.replace("strata: {}", "strata: {maker: {dicom: Manufacturer}}"))
    (tmp_path / "in" / "ct").mkdir(parents=True)
    a_series(tmp_path / "in" / "ct", Manufacturer="Maker")
    assert imported(ct, tmp_path / "in", None).lost == (("maker", "Manufacturer", "manufacturer"),)
