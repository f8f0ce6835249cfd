"""The made-up inputs of a fresh package, and the model that ships as a file, are what they are said to be."""

import numpy as np
import pytest

from dmn_bench.inputs.dicom_image import DicomImageReader
from dmn_bench.inputs.raster import RasterReader
from dmn_bench.inputs.wfdb_record import WfdbReader
from dmn_bench.testing.template import COLUMNS, ROWS, SAMPLING_HZ, TEMPLATES, Wanted, new_package


def test_the_pictures_are_grey_small_and_different(tmp_path):
    new_package(tmp_path, Wanted(adapter="python"))
    seen = [RasterReader().read(path)[0][0].pixels for path in sorted((tmp_path / "cases").glob("*.png"))]
    assert [(picture.shape, picture.dtype) for picture in seen] == [((ROWS, COLUMNS), np.uint8)] * 3
    assert len({picture.tobytes() for picture in seen}) == 3


def test_the_recordings_are_sound_and_hold_a_beat_of_one_millivolt_a_second(tmp_path):
    new_package(tmp_path, Wanted(adapter="python", task="beats"))
    for path in sorted((tmp_path / "cases").glob("*.hea")):
        assert tuple(WfdbReader().problems(path)) == ()
        _, signals, _ = WfdbReader().read(path)
        assert signals.sampling_hz == SAMPLING_HZ
        assert signals.samples.max() == pytest.approx(1.0)
        assert signals.samples.min() == 0.0


def test_the_model_is_the_mean_of_a_picture_of_any_size():
    onnx = pytest.importorskip("onnx", reason="the package onnx is not installed")
    model = onnx.load(TEMPLATES / "model.onnx")
    onnx.checker.check_model(model, full_check=True)
    assert [node.op_type for node in model.graph.node] == ["GlobalAveragePool", "Flatten"]
    import onnxruntime

    session = onnxruntime.InferenceSession(TEMPLATES / "model.onnx", providers=["CPUExecutionProvider"])
    picture = np.random.default_rng(1).random((1, 1, 7, 11), dtype=np.float32)
    (found,) = session.run(None, {"picture": picture})
    assert found.shape == (1, 1)
    assert found[0, 0] == pytest.approx(picture.mean(), abs=1e-6)


def test_the_radiographs_are_sound_and_hold_the_pictures(tmp_path):
    new_package(tmp_path / "dicom", Wanted(adapter="dicom-node"))
    new_package(tmp_path / "png", Wanted(adapter="python"))
    uids = set()
    for path in sorted((tmp_path / "dicom" / "cases").iterdir()):
        assert tuple(DicomImageReader().problems(path)) == ()
        (image,), _, _ = DicomImageReader().read(path)
        (picture,), _, _ = RasterReader().read(tmp_path / "png" / "cases" / f"{path.stem}.png")
        assert np.corrcoef(image.pixels.ravel(), picture.pixels.ravel())[0, 1] == pytest.approx(1.0)
        uids.add(DicomImageReader().header(path)["SOPInstanceUID"])
    assert len(uids) == 3


def test_the_model_of_masks_gives_its_picture_back():
    onnx = pytest.importorskip("onnx", reason="the package onnx is not installed")
    model = onnx.load(TEMPLATES / "model_masks.onnx")
    onnx.checker.check_model(model, full_check=True)
    assert [node.op_type for node in model.graph.node] == ["Identity"]


def test_a_folder_that_exists_and_is_empty_is_filled(tmp_path):
    names = new_package(tmp_path, Wanted(adapter="onnx"))
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()} == set(names)
