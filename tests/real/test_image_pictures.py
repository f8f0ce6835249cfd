"""Pictures of errors in real images: radiographs, a chest CT with four readers, and every DICOM file of the zoo."""

import csv
import json
import math
import shutil

import numpy as np
import pytest

from dmn_bench.errors import InputFileError, MachineError
from dmn_bench.inputs.dicom_grey import VOLUME_MODALITIES
from dmn_bench.inputs.dicom_image import DicomImageReader
from dmn_bench.pictures import paper
from dmn_bench.pictures.grey_range import Stated, grey_range
from dmn_bench.pictures.image_marks import STYLES
from dmn_bench.pictures.image_thumb import Scene, thumb
from tests.pictures.test_image_thumb import lines, panels
from tests.shared_data import shared_data

from .running import built, run

BLUE, ORANGE = STYLES["reference"].line, STYLES["device"].line


def figures(record, kind):
    return [one for one in record["results"]["figures"] if one["error"]["kind"] == kind]


def svg_of(folder, protocol, figure):
    text = (folder / f"out-{protocol}" / figure["path"]).read_text(encoding="utf-8")
    assert paper.is_drawing(text)
    return text


@pytest.fixture(scope="module")
def fractures(tmp_path_factory):
    """(folder, record): boxes of FracAtlas against boxes that were jittered."""
    source, folder = shared_data("imaging/fracture_fracatlas"), tmp_path_factory.mktemp("fractures")
    built("fracatlas", source, folder / "set")
    said = json.loads((source / "detector_example" / "detections_coco.json").read_text(encoding="utf-8"))
    images = json.loads((source / "detector_example" / "gt_coco.json").read_text(encoding="utf-8"))["images"]
    with (folder / "set" / "cases.csv").open(encoding="utf-8") as stream:
        known = {row["case_id"] for row in csv.DictReader(stream)}
    names = {one["id"]: name for one in images if (name := one["file_name"].rpartition(".")[0]) in known}
    rows = [[names[one["image_id"]], one["score"], *one["bbox"]] for one in said if one["image_id"] in names]
    rows += [[name, "", "", "", "", ""] for name in names.values() if name not in {row[0] for row in rows}]
    with (folder / "boxes.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["case_id", "score", "x", "y", "width", "height"], *rows])
    protocol = {
        "format": "dmn-bench/protocol/1",
        "id": "fractures",
        "reference_set": "set",
        "candidates": [
            {
                "id": "boxes",
                "adapter": "predictions",
                "options": {"path": "boxes.csv", "finding": "fracture"},
                "operating_points": {"fracture": {"score_at_least": 0.5}},
            }
        ],
        "endpoints": [
            {
                "name": "lesion",
                "task": "detection",
                "finding": "fracture",
                "unit": "lesion",
                "hit_rule": {"iou_at_least": 0.5},
                "metrics": ["failure_rate"],
            }
        ],
        "statistics": {"resamples": 200, "seed": 7},
    }
    return folder, run(protocol, folder)


def box_of(row):
    """The box of a row of lesions.csv, or the one around its outline."""
    if row.get("x"):
        return [float(row[name]) for name in ("x", "y", "width", "height")]
    numbers = [float(one) for one in row["outline"].split()]
    xs, ys = numbers[::2], numbers[1::2]
    return [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]


def test_missed_fractures_are_the_largest_boxes_that_no_mark_reached(fractures):
    folder, record = fractures
    shown = figures(record, "missed_lesion")
    with (folder / "set" / "lesions.csv").open(encoding="utf-8") as stream:
        boxes = {(row["case_id"], row["lesion_id"]): row for row in csv.DictReader(stream)}
    for figure in shown:
        row = boxes[figure["error"]["case_id"], figure["error"]["about"]]
        assert figure["error"]["view"]["box"] == pytest.approx(box_of(row), abs=0.01)
    assert [one["error"]["in_case"] for one in shown] == sorted(
        (one["error"]["in_case"] for one in shown), reverse=True
    )
    assert len(shown) == 3
    assert record["results"]["figures_left_out"] == {}


def test_the_pixels_of_a_picture_are_those_of_the_radiograph(fractures):
    pillow = pytest.importorskip("PIL.Image")
    folder, record = fractures
    figure = figures(record, "missed_lesion")[0]
    with pillow.open(folder / "set" / "files" / f"{figure['error']['case_id']}.jpg") as picture:
        whole = np.asarray(picture)
    whole = whole[..., 0] if whole.ndim == 3 else whole
    x, y, width, height = figure["error"]["view"]["box"]
    (_, part), _ = panels(svg_of(folder, "fractures", figure))
    side = math.ceil(max(3 * width, 3 * height, 0.12 * max(whole.shape), 48))
    assert part.shape == (min(side, whole.shape[0]), min(side, whole.shape[1]))
    found = [
        (row, column)
        for row in range(whole.shape[0] - part.shape[0] + 1)
        for column in range(whole.shape[1] - part.shape[1] + 1)
        if np.array_equal(whole[row, column : column + part.shape[1]], part[0])
        and np.array_equal(whole[row : row + part.shape[0], column : column + part.shape[1]], part)
    ]
    assert len(found) == 1
    assert found[0][0] <= y
    assert y + height <= found[0][0] + part.shape[0]
    assert found[0][1] <= x
    assert x + width <= found[0][1] + part.shape[1]


@pytest.fixture(scope="module")
def nodules(tmp_path_factory):
    """(folder, record): spheres in mm and a DICOM segmentation against LIDC's readers."""
    source, folder = shared_data("imaging/ct_lidc"), tmp_path_factory.mktemp("nodules")
    segmented = shared_data("imaging/ai_outputs/ct_LIDC-IDRI-0001/seg_binary.dcm")
    pytest.importorskip("highdicom")
    built("lidc", source, folder / "set")
    (folder / "seg").mkdir()
    shutil.copy(segmented, folder / "seg")
    rows = [
        "case_id,finding,score,x_mm,y_mm,z_mm,diameter_mm",
        "LIDC-IDRI-0001,nodule,0.31,50.9,87.0,-116.0,18",
        "LIDC-IDRI-0001,nodule,0.62,20.0,60.0,-110.0,9",
        "LIDC-IDRI-0002,nodule,0.2,20,20,-85,7",
    ]
    (folder / "spheres.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    protocol = {
        "format": "dmn-bench/protocol/1",
        "id": "nodules",
        "reference_set": "set",
        "candidates": [
            {
                "id": "spheres",
                "adapter": "predictions",
                "options": {"path": "spheres.csv"},
                "operating_points": {"nodule": {"score_at_least": 0.5}},
            },
            {
                "id": "seg",
                "adapter": "dicom-results",
                "options": {"folder": "seg", "dicom": {"structures": {"Nodule": "nodule"}}},
                "operating_points": {"nodule": {"score_at_least": 0.5}},
            },
        ],
        "endpoints": [
            {
                "name": "lesion",
                "task": "detection",
                "finding": "nodule",
                "unit": "lesion",
                "hit_rule": {"centre_in_region": True},
                "candidates": ["spheres"],
                "metrics": ["failure_rate"],
            },
            {
                "name": "contour",
                "task": "segmentation",
                "structures": ["nodule"],
                "candidates": ["seg"],
                "metrics": ["dice"],
            },
        ],
        "statistics": {"resamples": 200, "seed": 7},
    }
    return folder, run(protocol, folder)


def test_a_nodule_in_mm_is_shown_in_the_lung_window_on_the_slice_nearest_to_it(nodules):
    folder, record = nodules
    (figure,) = figures(record, "missed_lesion")
    view = figure["error"]["view"]
    assert (view["frame"], view["window"], view["low"], view["high"]) == (8, "lung", -1350, 150)
    assert (view["spacing_mm"], view["spacing_source"]) == ([0.703125, 0.703125], "PixelSpacing")
    (_, part), _ = panels(svg_of(folder, "nodules", figure))
    rows, columns = part.shape
    middle = part[rows // 2 - 3 : rows // 2 + 3, columns // 2 - 3 : columns // 2 + 3]
    assert middle.mean() > 200, "soft tissue in the middle of the reference, in lung as dark as air"
    assert len(lines(svg_of(folder, "nodules", figure), BLUE)) == 1


def test_a_delineated_nodule_is_shown_with_both_outlines(nodules):
    folder, record = nodules
    (figure,) = figures(record, "poor_overlap")
    assert figure["error"]["view"]["window"] == "lung"
    assert 0.5 < float(figure["error"]["answer"]) < 1
    text = svg_of(folder, "nodules", figure)
    assert len(lines(text, BLUE)) == len(lines(text, ORANGE)) == 1
    assert min(len(one) for one in (*lines(text, BLUE), *lines(text, ORANGE))) > 20


@pytest.mark.slow
def test_whatever_a_dicom_file_holds_there_is_a_drawing():
    reader, drawn = DicomImageReader(), 0
    for path in sorted(shared_data("imaging/dicom_zoo").rglob("*")):
        if not path.is_file() or not reader.recognises(path):
            continue
        try:
            (image, *_), _, _ = reader.read(path)
        except (InputFileError, MachineError):
            continue
        plane = image.pixels if image.n_frames == 1 else image.pixels[0]
        bits = None if image.modality in VOLUME_MODALITIES else image.bits_stored
        grey = grey_range(plane, Stated(modality=image.modality, bits=bits), "")
        scene = Scene(plane=plane, grey=grey, box=(1, 1, 4, 4), has_corners=True, spacing_mm=image.spacing_mm)
        assert paper.is_drawing(thumb(scene, title="t", description="d").svg), path.name
        drawn += 1
    assert drawn > 30
