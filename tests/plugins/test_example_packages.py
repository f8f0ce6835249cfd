"""The example packages are complete, and each program does what its tutorial says, on arrays alone."""

import importlib
import sys
import tomllib
import warnings
from pathlib import Path

import numpy as np
import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.catalogue.manifests import load_manifest
from dmn_bench.protocol import read_protocol

ROOT = Path(__file__).resolve().parents[2]
PLUGINS, CONFIGS = ROOT / "plugins", ROOT / "configs"
PACKAGES = (
    "example-fracture",
    "example-ecg",
    "example-fundus-onnx",
    "example-nodule-outputs",
    "example-wire-python",
    "example-wire-node",
)


@pytest.fixture
def program(monkeypatch):
    def load(package, module):
        monkeypatch.syspath_prepend(str(PLUGINS / package))
        monkeypatch.delitem(sys.modules, module, raising=False)
        return importlib.import_module(module)

    return load


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_has_manifest_device_and_tutorial(package):
    manifest = load_manifest(PLUGINS / package)
    assert manifest.id == package
    assert manifest.device.identity.manufacturer.value.startswith("Example Vendor")
    assert (
        "Not for any use on persons" in manifest.device.intended_use.purpose
        or "Demonstrates" in manifest.device.intended_use.purpose
    )
    assert (PLUGINS / package / "README.md").read_text(encoding="utf-8").startswith(f"# {package}")


@pytest.mark.parametrize("protocol", sorted(CONFIGS.glob("*-demo.yaml")), ids=lambda path: path.stem)
def test_a_shipped_protocol_can_be_read(protocol):
    assert read_protocol(protocol).id == protocol.stem


def test_the_vendors_programs_import_nothing_of_dmn_bench():
    for path in PLUGINS.glob("example-*/**/*.py"):
        assert "dmn_bench" not in path.read_text(encoding="utf-8"), path


# ---------------------------------------------------------------------------------------------- the fracture program


def a_bone(line_row=None):
    """A bright upright bar on grey, with a dark line across it at ``line_row``; pixels of 0.5 mm."""
    pixels = np.full((200, 160), 300.0)
    pixels[:, 60:100] = 800.0
    pixels += np.random.default_rng(0).normal(0, 4, pixels.shape)
    if line_row is not None:
        pixels[line_row : line_row + 2, 60:100] -= 250
    return pixels


def asked(module, pixels):
    image = {"name": "image-1", "pixels": pixels, "spacing_mm": (0.5, 0.5)}
    return module.Candidate({"min_score": 0.5}).answer({"request_id": "x", "images": [image]})


def test_a_line_across_bone_is_marked_where_it_is(program):
    answer = asked(program("example-fracture", "example_fracture"), a_bone(line_row=110))
    assert answer["status"] == "answered"
    assert answer["findings"]["fracture"]["score"] > 0.9
    best = max(answer["marks"], key=lambda mark: mark["score"])
    assert best["y"] < 111 < best["y"] + best["height"]
    assert best["x"] < 80 < best["x"] + best["width"]


def test_whole_bone_scores_below_the_operating_point(program):
    answer = asked(program("example-fracture", "example_fracture"), a_bone())
    assert answer["findings"]["fracture"]["score"] < 0.5
    assert answer["marks"] == []


def test_a_uniform_image_is_refused_with_a_reason(program):
    answer = asked(program("example-fracture", "example_fracture"), np.full((200, 160), 7.0))
    assert answer["status"] == "rejected_input"
    assert answer["reason"]


# ------------------------------------------------------------------------------------------------- the beat program


def a_strip(wide_at=None, hz=200.0, seconds=20):
    """A beat each second, narrow, but one wide and early at ``wide_at``."""
    t = np.arange(int(seconds * hz)) / hz
    middles = [0.5 + k for k in range(seconds)]
    lead = sum(np.exp(-0.5 * ((t - m) / 0.012) ** 2) for m in middles if m != wide_at)
    if wide_at is not None:
        lead = lead + 1.3 * np.exp(-0.5 * ((t - wide_at + 0.3) / 0.038) ** 2)
    return lead[:, None] + 0.01 * np.random.default_rng(0).standard_normal((t.size, 1)), middles


def test_every_beat_is_found_within_a_few_milliseconds(program):
    signals, middles = a_strip()
    answer = (
        program("example-ecg", "example_ecg")
        .Candidate({})
        .answer({"signals": signals, "sampling_hz": 200.0, "leads": ["MLII"]})
    )
    found = [beat["sample"] / 200 for beat in answer["beats"]]
    assert len(found) == len(middles)
    assert np.allclose(found, middles, atol=0.015)
    assert {beat["symbol"] for beat in answer["beats"]} == {"N"}


def test_a_wide_early_beat_is_called_ventricular(program):
    signals, _ = a_strip(wide_at=10.5)
    answer = (
        program("example-ecg", "example_ecg")
        .Candidate({})
        .answer({"signals": signals, "sampling_hz": 200.0, "leads": ["MLII"]})
    )
    ventricular = [beat["sample"] / 200 for beat in answer["beats"] if beat["symbol"] == "V"]
    assert ventricular == pytest.approx([10.2], abs=0.03)


def test_a_strip_of_three_seconds_is_refused(program):
    signals, _ = a_strip(seconds=3)
    answer = (
        program("example-ecg", "example_ecg")
        .Candidate({})
        .answer({"signals": signals, "sampling_hz": 200.0, "leads": ["MLII"]})
    )
    assert answer["status"] == "rejected_input"


# ---------------------------------------------------------------------------------------------------- the ONNX model


def test_the_model_gives_five_scores_that_sum_to_one():
    import onnxruntime

    session = onnxruntime.InferenceSession(
        PLUGINS / "example-fundus-onnx" / "model.onnx", providers=["CPUExecutionProvider"]
    )
    picture = np.random.default_rng(0).random((1, 3, 256, 256), dtype=np.float32)
    (grades,) = session.run(["grades"], {"picture": picture})
    assert grades.shape == (1, 5)
    assert grades.sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.slow
def test_the_model_can_be_trained_again_from_its_script(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(PLUGINS / "example-fundus-onnx"))
    monkeypatch.delitem(sys.modules, "train", raising=False)
    with (
        warnings.catch_warnings()
    ):  # a handful of eyes is too few for the optimiser to settle, which is not the question
        warnings.simplefilter("ignore")
        train = importlib.import_module("train")
        monkeypatch.setattr(sys, "argv", ["train.py", "--people", "8", "--out", str(tmp_path / "model.onnx")])
        train.main()
    import onnxruntime

    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    assert session.get_outputs()[0].shape == [1, 5]


# ----------------------------------------------------------------------------------------------------- the extension


def test_the_extension_is_found_in_its_folder_and_brings_its_metric():
    catalogue = build_catalogue(extension_folders=(PLUGINS / "dmn-bench-balanced-accuracy",))
    metric = catalogue.make("metric", "balanced_accuracy")
    assert metric.tasks == ("classification", "grading")


def test_the_extension_declares_one_entry_point():
    said = tomllib.loads((PLUGINS / "dmn-bench-balanced-accuracy" / "pyproject.toml").read_text(encoding="utf-8"))
    assert said["project"]["entry-points"]["dmn_bench"] == {"balanced-accuracy": "dmn_bench_balanced_accuracy"}
