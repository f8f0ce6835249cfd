"""The shipped sets are what the generator draws, sound, locked, small, and nobody's data."""

import csv
import io
import json

import numpy as np
import pydicom
import pytest
from generator import (
    cards,
    chests,
    contour_set,
    ecg_set,
    fracture_set,
    fundus_set,
    nodule_set,
    outputs,
    radiographs,
    structure_sets,
    thoraxes,
)
from PIL import Image

from dmn_bench.reference_set import load, verify

from .places import PLUGINS, SETS

NAMES = ("fracture-demo", "nodule-demo", "fundus-demo", "ecg-demo", "contour-demo")
MOST_BYTES = 14_000_000


def rows(name, table):
    with (SETS / name / table).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("name", NAMES)
def test_a_set_is_sound_and_as_locked(name):
    reference_set = load(SETS / name)
    assert verify(reference_set.root) == reference_set.sha256
    assert reference_set.card.id == name


@pytest.mark.parametrize("name", NAMES)
def test_a_card_says_that_its_set_is_synthetic_and_public(name):
    card = load(SETS / name).card
    assert card.public
    assert "synthetic" in card.title["en"]
    assert "synthétiques" in card.title["fr"]
    assert (SETS / name / "reference_set.yaml").read_text(encoding="utf-8") == cards.CARDS[name]


def test_all_sets_together_stay_small():
    assert (
        sum(path.stat().st_size for name in NAMES for path in (SETS / name).rglob("*") if path.is_file()) < MOST_BYTES
    )


@pytest.mark.parametrize("name", NAMES)
def test_some_patients_have_several_units(name):
    cases = rows(name, "cases.csv")
    exams = {(case["patient_id"], case["exam_id"], case["laterality"]) for case in cases}
    assert len({case["patient_id"] for case in cases}) < len(exams)


@pytest.mark.parametrize("name", NAMES)
def test_some_stratum_values_are_not_recorded(name):
    assert any(level == "not recorded" for case in load(SETS / name).cases for level in case.strata.values())


@pytest.mark.parametrize("name", ["fracture-demo", "nodule-demo"])
def test_one_exam_stays_indeterminate(name):
    assert [row["value"] for row in rows(name, "truth.csv")].count("indeterminate") == 1


@pytest.mark.parametrize(("number", "name"), [(0, "e001v1"), (1, "e001v2")])
def test_a_radiograph_is_drawn_again_as_it_was_shipped(number, name):
    drawn = fracture_set.views(fracture_set.exams()[0])[number]
    shipped = pydicom.dcmread(SETS / "fracture-demo" / "files" / f"{name}.dcm")
    assert np.array_equal(shipped.pixel_array, drawn.values)


def test_a_chest_is_drawn_again_as_it_was_shipped():
    exam = nodule_set.exams()[5]
    shipped = pydicom.dcmread(SETS / "nodule-demo" / "files" / f"{exam.exam_id}.dcm")
    assert np.array_equal(shipped.pixel_array, nodule_set.image(exam))


def test_a_slice_and_its_contours_are_drawn_again_as_they_were_shipped(tmp_path):
    one, noise = contour_set.scans()[2], np.random.default_rng([contour_set.scans()[2].seed, 2])
    for number, z_mm in enumerate(thoraxes.planes_mm()):
        drawn = thoraxes.hounsfield(one.thorax, z_mm, noise)
        shipped = pydicom.dcmread(SETS / "contour-demo" / "files" / one.case_id / f"{number + 1:02d}.dcm")
        assert np.array_equal(shipped.pixel_array.astype(int) - 1024, np.clip(drawn, -1024, 3071))
    again = tmp_path / "again.dcm"
    structure_sets.write_structures(again, contour_set.reading(one, "r2"), one.scan, "r2")
    assert again.read_bytes() == (SETS / "contour-demo" / "masks" / f"{one.case_id}.r2.dcm").read_bytes()


def test_a_scan_without_a_tumour_is_one_on_which_nobody_drew_it():
    stated = {row["case_id"]: row["value"] for row in rows("contour-demo", "truth.csv")}
    assert list(stated.values()).count("negative") == 3
    for case_id, value in stated.items():
        for reader in contour_set.READERS:
            drawn = pydicom.dcmread(SETS / "contour-demo" / "masks" / f"{case_id}.{reader}.dcm")
            names = [roi.ROIName for roi in drawn.StructureSetROISequence]
            lines = dict(zip(names, drawn.ROIContourSequence, strict=True))
            assert ("ContourSequence" in lines["tumour"]) == (value == "positive")


def test_an_eye_is_drawn_again_as_it_was_shipped():
    picture = fundus_set.pictures()[3]
    stream = io.BytesIO()
    Image.fromarray(fundus_set.pixels(picture)).save(stream, "JPEG", quality=picture.camera.jpeg_quality, subsampling=0)
    shipped = Image.open(SETS / "fundus-demo" / "files" / f"{picture.case_id}.jpg")
    assert np.array_equal(np.asarray(shipped), np.asarray(Image.open(stream)))


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # wfdb with recent versions of pandas
def test_a_recording_is_drawn_again_as_it_was_shipped():
    import wfdb

    strip = ecg_set.strips()[2]
    samples, beats, codes = ecg_set.recording(strip)
    path = str(SETS / "ecg-demo" / "files" / strip.case_id)
    shipped, annotated = wfdb.rdrecord(path), wfdb.rdann(path, "atr")
    assert np.allclose(shipped.p_signal, samples, atol=0.5 / ecg_set.GAIN + 1e-9)
    assert annotated.sample[1:].tolist() == beats.tolist()
    assert annotated.symbol[1:] == codes


def test_the_same_file_is_written_twice_with_the_same_bytes(tmp_path):
    exam = fracture_set.exams()[0]
    view = fracture_set.views(exam)[0]
    shipped = (SETS / "fracture-demo" / "files" / "e001v1.dcm").read_bytes()
    exposure = fracture_set._exposure(exam, "e001v1", view)
    radiographs.write(tmp_path / "again.dcm", view.values, exposure, exam.device)
    assert (tmp_path / "again.dcm").read_bytes() == shipped


def test_another_seed_draws_other_people():
    ours = {exam.seed for exam in fracture_set.exams()}
    assert not ours & {exam.seed for exam in fracture_set.exams(seed=1)}


def test_the_devices_of_the_radiographs_differ_in_photometry_and_spacing():
    seen = set()
    for path in sorted((SETS / "fracture-demo" / "files").glob("*.dcm")):
        header = pydicom.dcmread(path, stop_before_pixels=True)
        assert header.file_meta.MediaStorageSOPClassUID == header.SOPClassUID
        assert header.PatientName == ""
        assert "ImagerPixelSpacing" in header
        seen.add((header.Manufacturer, header.PhotometricInterpretation, "PixelSpacing" in header))
    assert {("Example Devices A", "MONOCHROME2", False), ("Example Imaging B", "MONOCHROME1", True)} <= seen
    assert "" in {manufacturer for manufacturer, _, _ in seen}


@pytest.mark.parametrize("name", ["fracture-demo", "nodule-demo"])
def test_a_lesion_box_lies_within_its_image(name):
    sizes = {}
    for path in (SETS / name / "files").glob("*.dcm"):
        header = pydicom.dcmread(path, stop_before_pixels=True)
        sizes[path.stem] = (header.Columns, header.Rows)
    lesions = rows(name, "lesions.csv")
    assert len(lesions) > 60
    for row in lesions:
        columns, n_rows = sizes[row["case_id"]]
        x, y, width, height = (float(row[key]) for key in ("x", "y", "width", "height"))
        assert 0 <= x < x + width <= columns + 0.1, row
        assert 0 <= y < y + height <= n_rows + 0.1, row


def test_a_nodule_stands_out_where_its_box_is():
    """A box that misses its nodule would make every device look bad."""
    from dataclasses import replace

    exam = max(nodule_set.exams(), key=lambda one: max((n.diameter_mm for n in one.chest.nodules), default=0))
    nodule = max(exam.chest.nodules, key=lambda one: one.diameter_mm)
    with_it, _ = chests.attenuation(replace(exam.chest, nodules=(nodule,)), np.random.default_rng(0))
    without, _ = chests.attenuation(replace(exam.chest, nodules=()), np.random.default_rng(0))
    x, y, width, height = chests.nodule_box(exam.chest, nodule)
    inside = np.zeros(with_it.shape, dtype=bool)
    inside[round(y) : round(y + height), round(x) : round(x + width)] = True
    difference = with_it - without
    assert difference[inside].sum() > 0.98 * difference.sum() > 0


@pytest.mark.slow
def test_the_vendors_files_are_drawn_again_as_they_were_shipped(tmp_path):
    outputs.write_nodule_outputs(tmp_path / "nodules.csv")
    outputs.write_fracture_outputs(tmp_path / "fractures.csv")
    shipped = PLUGINS / "example-nodule-outputs" / "nodule_results.csv"
    assert (tmp_path / "nodules.csv").read_bytes() == shipped.read_bytes()
    shipped = PLUGINS / "example-fracture-outputs" / "fracture_results.csv"
    assert (tmp_path / "fractures.csv").read_bytes() == shipped.read_bytes()


def test_the_lock_names_every_file_of_a_set():
    lock = json.loads((SETS / "ecg-demo" / "LOCK.json").read_text(encoding="utf-8"))
    there = {
        path.relative_to(SETS / "ecg-demo").as_posix() for path in (SETS / "ecg-demo").rglob("*") if path.is_file()
    }
    assert set(lock["files"]) == there - {"LOCK.json"}
