"""Trains ``model.onnx`` on fundus pictures drawn for the purpose: ``python train.py [--people N] [--out FILE]``.

The pictures come from the generator of the demonstration sets with another seed, so that no eye of the reference set is
among them, and from cameras A and B only: the handheld camera C is new to the model, as a ward's camera may be to a
real one. Needs NumPy, Pillow, scikit-learn, onnx and ONNX Runtime. The same library versions give the same weights.

The network: fixed filters find small dark and bright spots of three sizes (a spot answers to second derivatives in
every direction, a vessel only across its course), their areas are summed over the field, and a small trained perceptron
makes grades 0 to 4 of the sums.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).resolve().parent
SETS = HERE.parents[1] / "reference_sets"
TRAINING_SEED = 31337  # the reference set has its own
N_PEOPLE = 280
SIDE = 256
SIGMAS_PX = (1.1, 2.0, 3.6)
DIRECTIONS = 6
THRESHOLDS = (0.02, 0.04, 0.07, 0.11)
N_GRADES = 5


def main() -> None:
    """Draw, train, export."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=N_PEOPLE, help="people whose two eyes are drawn")
    parser.add_argument("--out", type=Path, default=HERE / "model.onnx", help="file to write")
    asked = parser.parse_args()
    front = feature_graph()
    session = onnxruntime.InferenceSession(front.SerializeToString(), providers=["CPUExecutionProvider"])
    rows, grades = [], []
    for pixels, grade in pictures(asked.people):
        rows.append(session.run(None, {"picture": prepared(pixels)})[0][0])
        grades.append(grade)
    scaler = StandardScaler().fit(np.array(rows))
    perceptron = MLPClassifier((16,), alpha=0.3, max_iter=3000, random_state=0)
    perceptron.fit(scaler.transform(np.array(rows)), np.array(grades))
    onnx.save(grading_graph(front, scaler, perceptron), asked.out)


def pictures(n_people: int) -> Iterator[tuple[np.ndarray, int]]:
    """(RGB pixels after JPEG, grade) of both eyes of people who are in no reference set."""
    sys.path.insert(0, str(SETS))
    from generator import fundus_set

    for picture in fundus_set.pictures(TRAINING_SEED, n_people, cameras=("A", "B")):
        stream = io.BytesIO()
        Image.fromarray(fundus_set.pixels(picture)).save(
            stream, "JPEG", quality=picture.camera.jpeg_quality, subsampling=0
        )
        yield np.asarray(Image.open(stream)), picture.eye.grade


def prepared(pixels: np.ndarray) -> np.ndarray:
    """What candidate.yaml declares: RGB from 0 to 1, [1, 3, 256, 256]."""
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None].astype(np.float32) / 255)


def feature_graph() -> onnx.ModelProto:
    """The fixed part: picture [1, 3, 256, 256] to sums [1, n]."""
    graph = _Graph()
    grey = graph.conv("picture", np.array([[[[0.30]], [[0.70]], [[0.0]]]]), "grey")
    wide = graph.node("AveragePool", [grey], kernel_shape=[31, 31], pads=[15, 15, 15, 15], strides=[1, 1])
    field = graph.clipped(graph.scaled(wide, 40.0, -6.0))
    relative = graph.node("Div", [graph.node("Sub", [grey, wide]), graph.node("Add", [wide, graph.number(0.05)])])
    inner = graph.node("Mul", [relative, field])
    sums = []
    for sigma in SIGMAS_PX:
        curved = graph.conv(inner, second_derivatives(sigma), f"sigma{sigma}")
        dark = graph.node("ReduceMin", [curved, graph.axes(1)], keepdims=1)
        bright = graph.node("ReduceMin", [graph.node("Neg", [curved]), graph.axes(1)], keepdims=1)
        for spots in (dark, bright):
            for threshold in THRESHOLDS:
                area = graph.clipped(graph.scaled(graph.node("Mul", [spots, field]), 1 / 0.015, -threshold / 0.015))
                sums.append(graph.node("Log", [graph.scaled(graph.mean(area), 3000.0, 1.0)]))
        sums.append(graph.node("Log", [graph.scaled(graph.mean(graph.node("Abs", [curved])), 1000.0, 0.01)]))
    sums.append(graph.mean("picture"))
    joined = graph.node("Concat", sums, axis=1)
    graph.node("Flatten", [joined], "sums", axis=1)
    return graph.model("sums", [1, None])


def second_derivatives(sigma: float) -> np.ndarray:
    """Filters [directions, 1, k, k] that answer 1 for each unit of contrast of a matching dark line."""
    radius = int(np.ceil(3.2 * sigma))
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(float)
    filters = []
    for turn in np.arange(DIRECTIONS) * np.pi / DIRECTIONS:
        u, v = np.cos(turn) * x + np.sin(turn) * y, -np.sin(turn) * x + np.cos(turn) * y
        kernel = (u**2 / sigma**2 - 1) * np.exp(-(u**2 + v**2) / (2 * sigma**2))
        kernel -= kernel.mean()
        filters.append(kernel / np.abs(kernel).sum())
    return np.array(filters)[:, None]


def grading_graph(front: onnx.ModelProto, scaler: StandardScaler, perceptron: MLPClassifier) -> onnx.ModelProto:
    """The whole model: picture to the scores of the five grades, which sum to 1."""
    graph = _Graph(front)
    value = graph.node("Div", [graph.node("Sub", ["sums", graph.row(scaler.mean_)]), graph.row(scaler.scale_)])
    for layer, (weights, bias) in enumerate(zip(perceptron.coefs_, perceptron.intercepts_, strict=True)):
        value = graph.node("Gemm", [value, graph.constant(weights), graph.constant(bias)])
        value = graph.node("Relu", [value]) if layer == 0 else value
    graph.node("Softmax", [value], "grades", axis=1)
    return graph.model("grades", [1, N_GRADES])


class _Graph:
    """Nodes and constants of an ONNX graph under construction; each method returns the name of its result."""

    def __init__(self, start: onnx.ModelProto | None = None) -> None:
        self.nodes = [] if start is None else list(start.graph.node)
        self.constants = [] if start is None else list(start.graph.initializer)

    def node(self, kind: str, inputs: Sequence[str], name: str | None = None, **attributes: object) -> str:
        output = name or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], name=f"make_{output}", **attributes))
        return output

    def constant(self, values: np.ndarray, kind: type = np.float32) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype=kind), name))
        return name

    def number(self, value: float) -> str:
        return self.constant(np.array(value))

    def row(self, values: np.ndarray) -> str:
        return self.constant(np.asarray(values)[None])

    def axes(self, *numbers: int) -> str:
        return self.constant(np.array(numbers), np.int64)

    def conv(self, source: str, filters: np.ndarray, name: str) -> str:
        edge = filters.shape[-1] // 2
        return self.node("Conv", [source, self.constant(filters)], name, pads=[edge] * 4)

    def scaled(self, source: str, factor: float, offset: float) -> str:
        return self.node("Add", [self.node("Mul", [source, self.number(factor)]), self.number(offset)])

    def clipped(self, source: str) -> str:
        return self.node("Clip", [source, self.number(0.0), self.number(1.0)])

    def mean(self, source: str) -> str:
        return self.node("GlobalAveragePool", [source])

    def model(self, output: str, shape: list[int | None]) -> onnx.ModelProto:
        picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, SIDE, SIDE])
        result = helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)
        graph = helper.make_graph(self.nodes, "example-fundus", [picture], [result], self.constants)
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
        onnx.checker.check_model(made)
        return made


if __name__ == "__main__":
    main()
