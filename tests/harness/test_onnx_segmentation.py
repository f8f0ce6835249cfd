"""An ONNX file whose output is a map of structures, asked about a set and judged: Dice by hand, in plain NumPy."""

import io
import json
import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from dmn_bench import reference_set
from dmn_bench.catalogue import build_catalogue
from dmn_bench.harness import RunOptions, evaluate

from ..set_factory import a_set

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="vendor code runs on Linux only")

ROWS, COLUMNS = 40, 60
CARD = """\
format: dmn-bench/reference-set/1
id: discs
version: 1.0.0
title: {en: Discs}
modality: CR
findings: [{name: disc}, {name: cup}]
sampling: consecutive
reference_standard: {method: drawn}
data_protection: {route: not_applicable}
"""
CANDIDATE = """\
format: dmn-bench/candidate/1
id: unet
adapter: onnx
options:
  model: model.onnx
  input: {channels: grey, layout: nchw, scale: 0.00392156862745098, size: [80, 120], resize: nearest}
  output:
    kind: masks
    masks: {structures: {disc: [1, 2], cup: 2}}
"""
N, TURNED = 8, 3  # cases; the one whose file is turned by its orientation mark


def drawn(n):
    """The levels of one image, 0 to 255: a bright cup in a grey disc."""
    down, right = np.mgrid[:ROWS, :COLUMNS] + 0.5
    from_centre = np.hypot(right - 25 - n, down - 18)
    return np.where(from_centre < 5 + n % 3, 255, np.where(from_centre < 12, 130, 10)).astype(np.uint8)


def reference(n, structure):
    """What the reader drew: one to three pixels further to the left, and no cup in the last case."""
    found = np.roll(drawn(n) > (200 if structure == "cup" else 100), -1 - n % 3, axis=1)
    return found & (n < N - 1 or structure == "disc")


def dice(n, structure):
    ours, theirs = drawn(n) > (200 if structure == "cup" else 100), reference(n, structure)
    return 2 * (ours & theirs).sum() / (ours.sum() + theirs.sum())


def png(pixels):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format="PNG")
    return stream.getvalue()


def turned_jpeg(pixels):
    """A picture stored on its side, with the mark that says so (6: to be turned right by a quarter)."""
    exif = Image.Exif()
    exif[0x0112] = 6
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(np.rot90(pixels))).save(
        stream, format="JPEG", quality=100, subsampling=0, exif=exif
    )
    return stream.getvalue()


def a_model(path):
    """Three classes of x from 0 to 1: background below 0.25, disc about 0.5, cup above 0.75; the highest counts."""
    nodes = [
        helper.make_node("Sub", ["quarter", "x"], ["background"]),
        helper.make_node("Sub", ["x", "three_quarters"], ["cup"]),
        helper.make_node("Sub", ["x", "half"], ["from_half"]),
        helper.make_node("Abs", ["from_half"], ["distance"]),
        helper.make_node("Sub", ["quarter", "distance"], ["disc"]),
        helper.make_node("Concat", ["background", "disc", "cup"], ["y"], axis=1),
    ]
    constants = {"quarter": 0.25, "half": 0.5, "three_quarters": 0.75}
    graph = helper.make_graph(
        nodes,
        "thresholds",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, "rows", "columns"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3, "rows", "columns"])],
        [numpy_helper.from_array(np.float32(value), name) for name, value in constants.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("discs")
    names = {n: f"c{n}.{'jpg' if n == TURNED else 'png'}" for n in range(N)}
    structures = ("disc", "cup")
    files = {names[n]: turned_jpeg(drawn(n)) if n == TURNED else png(drawn(n)) for n in range(N)}
    files |= {f"{s}{n}.png": png(255 * reference(n, s).astype(np.uint8)) for n in range(N) for s in structures}
    a_set(
        folder / "set",
        card=CARD,
        cases=["case_id,patient_id,files", *(f"c{n},p{n},{names[n]}" for n in range(N))],
        truth=["case_id,finding,value"],
        files=files,
        masks=["case_id,structure,file,reader", *(f"c{n},{s},{s}{n}.png," for n in range(N) for s in structures)],
    )
    reference_set.lock(folder / "set")
    (folder / "vendor").mkdir()
    (folder / "vendor" / "candidate.yaml").write_text(CANDIDATE, encoding="utf-8")
    a_model(folder / "vendor" / "model.onnx")
    metrics = [{"name": "dice", "summary": "mean"}, "dice"]
    asked = {"task": "segmentation", "unit": "case", "metrics": metrics, "distances_in": "px"}
    protocol = {
        "format": "dmn-bench/protocol/1",
        "id": "discs",
        "reference_set": "set",
        "candidates": [{"id": "unet", "package": "vendor"}],
        "endpoints": [{"name": name, "structures": [name], **asked} for name in structures],
        "statistics": {"resamples": 200, "minimum_n": {"estimate": 2}},
        "execution": {"seconds_per_case": 60, "isolation": "at-least-0"},
    }
    path = folder / "discs.yaml"
    path.write_text(json.dumps(protocol), encoding="utf-8")
    return evaluate(path, RunOptions(run_dir=folder / "run"), catalogue=build_catalogue()).results


@pytest.mark.parametrize("structure", ["disc", "cup"])
def test_dice_of_an_onnx_file_is_that_of_numpy(results, structure):
    found = {
        row.parameters.get("summary", "median"): row.value
        for row in results.estimates
        if (row.endpoint, row.metric, row.analysis) == (structure, "dice", "intention_to_diagnose")
    }
    expected = [dice(n, structure) for n in range(N)]
    assert found == pytest.approx({"mean": np.mean(expected), "median": np.median(expected)}, abs=1e-12)
    assert 0.6 < np.mean(expected) < 0.95
