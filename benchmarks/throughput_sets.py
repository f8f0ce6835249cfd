"""Reference sets, models and protocols of any size for throughput.py: made on the spot, the same for the same seed."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from time import thread_time
from typing import Literal

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from benchmarks.bare_loop import PREPARED, new_session
from dmn_bench.reference_set import lock

SEED = 20261121
LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
IMAGE_SIDE = 512  # px, of the model's input
ECG_HZ, ECG_SAMPLES = 500, 5_000
Modality = Literal["images", "ecg"]

CARD = """\
format: dmn-bench/reference-set/1
id: throughput
version: 1.0.0
title: {{en: "Made by a benchmark", fr: "Fabriqué par un essai de performance"}}
modality: {modality}
findings:
  - {{name: abnormal, title: {{en: Abnormal, fr: Anormal}}}}
sampling: convenience
reference_standard: {{method: known from the generator, readers: 0, blinded_to_device: true}}
strata:
  sex: {{column: sex, levels: [F, M]}}
public: true
data_protection: {{route: not_applicable}}
"""
PROTOCOL = """\
format: dmn-bench/protocol/1
id: throughput
reference_set: {root}
candidates:
  - id: model
    role: device
    adapter: onnx
    options: {{model: {model}, {input}, output: {{kind: score, finding: abnormal}}}}
    operating_points: {{abnormal: {{score_at_least: 0.5, source: benchmark}}}}
endpoints:
  - {{name: case, task: classification, finding: abnormal, unit: case, metrics: [sensitivity, specificity, auc]}}
strata: [sex]
statistics: {{seed: {seed}}}
execution: {{threads: 1, seconds_per_case: 60}}
"""
INPUTS = {
    "images": f"input: {{channels: grey, size: [{IMAGE_SIDE}, {IMAGE_SIDE}], layout: nchw, scale: {1 / 255!r}}}",
    "ecg": f"signals: {{leads: [{', '.join(LEADS)}], sampling_hz: {ECG_HZ}, samples: {ECG_SAMPLES}}}",
}


# ------------------------------------------------------------------------------------------------------------ files


def make_files(folder: Path, modality: Modality, n: int) -> list[Path]:
    """``n`` different radiographs (16 bits allocated, 12 stored, 1.1 to 1.9 megapixels) or electrocardiograms."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(SEED)
    write = _write_radiograph if modality == "images" else _write_ecg
    return [write(folder, number, rng) for number in range(n)]


def _write_radiograph(folder: Path, number: int, rng: np.random.Generator) -> Path:
    from PIL import Image
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

    rows, columns = int(rng.integers(1_100, 1_500)), int(rng.integers(1_000, 1_280))
    shadows = Image.fromarray(rng.uniform(300, 3_700, size=(12, 10)).astype(np.float32))
    grain = rng.integers(-200, 200, size=(rows, columns), dtype=np.int16)
    values = np.clip(np.asarray(shadows.resize((columns, rows), Image.Resampling.BICUBIC)) + grain, 0, 4_095)
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.MediaStorageSOPClassUID = image.SOPClassUID = DigitalXRayImageStorageForPresentation
    image.SOPInstanceUID = generate_uid(prefix="2.25.", entropy_srcs=["throughput", str(number)])
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.StudyInstanceUID = generate_uid(prefix="2.25.", entropy_srcs=["throughput study", str(number)])
    image.SeriesInstanceUID = generate_uid(prefix="2.25.", entropy_srcs=["throughput series", str(number)])
    image.Modality, image.Manufacturer, image.PatientID = "DX", "Example", f"p{number}"
    image.BodyPartExamined, image.ViewPosition, image.ImagerPixelSpacing = "CHEST", "PA", [0.2, 0.2]
    image.Rows, image.Columns, image.SamplesPerPixel = rows, columns, 1
    image.PhotometricInterpretation, image.PixelRepresentation = "MONOCHROME2", 0
    image.BitsAllocated, image.BitsStored, image.HighBit = 16, 12, 11
    image.PixelData = values.astype("<u2").tobytes()
    path = folder / f"x{number:05d}.dcm"
    image.save_as(path, enforce_file_format=True)
    return path


def _write_ecg(folder: Path, number: int, rng: np.random.Generator) -> Path:
    seconds = np.arange(ECG_SAMPLES) / ECG_HZ
    beats = np.exp(-(((seconds % rng.uniform(0.6, 1.2)) - 0.3) ** 2) / 2e-4)
    volts = beats[:, np.newaxis] * rng.normal(0.6, 0.5, len(LEADS)) + rng.normal(0, 0.03, (ECG_SAMPLES, len(LEADS)))
    stored = np.clip(np.rint(volts * 1_000), -32_000, 32_000).astype("<i2")
    name = f"x{number:05d}"
    lines = [f"{name} {len(LEADS)} {ECG_HZ} {ECG_SAMPLES}"]
    for place, lead in enumerate(LEADS):
        total = int(stored[:, place].sum(dtype=np.int64)) % 65_536
        lines.append(f"{name}.dat 16 1000(0)/mV 16 0 {stored[0, place]} {total} 0 {lead}")
    (folder / f"{name}.dat").write_bytes(stored.tobytes())
    path = folder / f"{name}.hea"
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return path


# -------------------------------------------------------------------------------------------------------------- sets


def make_set(root: Path, modality: Modality, files: list[Path], n_cases: int) -> Path:
    """A locked set of ``n_cases`` patients. Beyond the files there are, cases are hard links to the same bytes."""
    (root / "files").mkdir(parents=True)
    rng = np.random.default_rng(SEED)
    (root / "reference_set.yaml").write_text(
        CARD.format(modality="DX" if modality == "images" else "ECG"), encoding="utf-8"
    )
    names = [_linked(root, files[number % len(files)], number) for number in range(n_cases)]
    with (root / "cases.csv").open("w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream)
        out.writerow(("case_id", "patient_id", "files", "sex"))
        out.writerows((f"c{i:06d}", f"p{i:06d}", f"files/{name}", "FM"[i % 2]) for i, name in enumerate(names))
    with (root / "truth.csv").open("w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream)
        out.writerow(("case_id", "finding", "value"))
        positive = rng.random(n_cases) < 0.3
        out.writerows((f"c{i:06d}", "abnormal", "positive" if each else "negative") for i, each in enumerate(positive))
    lock(root)
    return root


def _linked(root: Path, file: Path, number: int) -> str:
    if file.suffix == ".dcm":
        name = f"c{number:06d}.dcm"
        os.link(file, root / "files" / name)
        return name
    folder = root / "files" / f"c{number:06d}"  # a record's own name stands in its header
    folder.mkdir()
    for part in (file, file.with_suffix(".dat")):
        os.link(part, folder / part.name)
    return f"{folder.name}/{file.name}"


def make_protocol(path: Path, root: Path, model: Path, modality: Modality) -> Path:
    """A protocol beside the set that asks the model about every case."""
    text = PROTOCOL.format(root=root, model=model, input=INPUTS[modality], seed=SEED)
    path.write_text(text, encoding="utf-8")
    return path


# ------------------------------------------------------------------------------------------------------------ models


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model and how long it takes for one case, in one thread, in milliseconds."""

    path: Path
    layers: int
    milliseconds: float


def make_model(path: Path, modality: Modality, examples: list[Path], *, milliseconds: float) -> Model:
    """Random convolutions, as many as take about so long here; 0 milliseconds: none at all.

    The last layer is set so that the scores of the examples spread: equal scores would agree whatever was asked.
    """
    tensors = [PREPARED[modality](example) for example in examples]
    layers = 0
    if milliseconds:
        few, many = (_milliseconds(_save(path, modality, n, tensors), tensors[0]) for n in (2, 8))
        layers = max(1, round(2 + (milliseconds - few) / max((many - few) / 6, 1e-3)))
    _save(path, modality, layers, tensors)
    return Model(path=path, layers=layers, milliseconds=_milliseconds(path, tensors[0]))


def _milliseconds(path: Path, tensor: np.ndarray) -> float:
    """Processor time, which other work beside it hardly changes; the session works in this thread."""
    session, times = new_session(path), []
    for _ in range(12):
        start = thread_time()
        session.run(None, {"x": tensor})
        times.append(thread_time() - start)
    return 1_000 * min(times)


def _save(path: Path, modality: Modality, layers: int, tensors: list[np.ndarray]) -> Path:
    """The model with scores around 0.5 and apart: measured with a last layer of 1, then set."""
    build: Callable[..., onnx.ModelProto] = _nothing if layers == 0 else _convolutions
    onnx.save(build(modality, layers, gain=1.0, offset=0.0, last="Identity"), path)
    session = new_session(path)
    values = [float(session.run(None, {"x": tensor})[0].ravel()[0]) for tensor in tensors]
    gain = 1.0 / max(float(np.std(values)), 1e-12)
    onnx.save(build(modality, layers, gain=gain, offset=-gain * float(np.mean(values)), last="Sigmoid"), path)
    return path


def _convolutions(modality: Modality, layers: int, *, gain: float, offset: float, last: str) -> onnx.ModelProto:
    rng = np.random.default_rng(SEED)
    widths = [1, 16, 32] if modality == "images" else [len(LEADS), 32]
    kernel = (3, 3) if modality == "images" else (7,)
    nodes, weights, value = [], [], "x"
    for place, (into, out, stride) in enumerate(_plan(widths, layers)):
        scale = np.sqrt(2 / (into * np.prod(kernel)))
        weights.append(numpy_helper.from_array(_normal(rng, (out, into, *kernel)) * np.float32(scale), f"w{place}"))
        options = {"strides": [stride] * len(kernel), "pads": [k // 2 for k in kernel] * 2}
        nodes.append(helper.make_node("Conv", [value, f"w{place}"], [f"c{place}"], **options))
        nodes.append(helper.make_node("Relu", [f"c{place}"], [f"r{place}"]))
        value = f"r{place}"
    nodes.append(helper.make_node("GlobalAveragePool", [value], ["pooled"]))
    nodes.append(helper.make_node("Flatten", ["pooled"], ["flat"]))
    weights.append(numpy_helper.from_array(_normal(rng, (widths[-1], 1)) * np.float32(gain), "v"))
    return _model(modality, [*nodes, *_ending("flat", offset, last)], [*weights, _bias(offset)])


def _plan(widths: list[int], layers: int) -> Iterator[tuple[int, int, int]]:
    """(channels in, channels out, stride) of each convolution: first smaller, then ``layers`` of one size."""
    yield from ((into, out, 2) for into, out in pairwise(widths))
    yield from ((widths[-1], widths[-1], 1) for _ in range(layers))


def _nothing(modality: Modality, _: int, *, gain: float, offset: float, last: str) -> onnx.ModelProto:
    """The mean of a corner of the input: no work, and still another score for each file."""
    axes = (2, 3) if modality == "images" else (2,)
    integers = {"starts": [0] * len(axes), "ends": [8] * len(axes), "axes": list(axes)}
    weights = [numpy_helper.from_array(np.array(value, dtype=np.int64), name) for name, value in integers.items()]
    nodes = [
        helper.make_node("Slice", ["x", "starts", "ends", "axes"], ["corner"]),
        helper.make_node("ReduceMean", ["corner"], ["mean"], keepdims=0, noop_with_empty_axes=0),
        helper.make_node("Unsqueeze", ["mean", "place"], ["flat"]),
    ]
    weights.append(numpy_helper.from_array(np.array([0, 1], dtype=np.int64), "place"))
    weights.append(numpy_helper.from_array(np.full((1, 1), gain, dtype=np.float32), "v"))
    return _model(modality, [*nodes, *_ending("flat", offset, last)], [*weights, _bias(offset)])


def _ending(value: str, _: float, last: str) -> list[onnx.NodeProto]:
    return [helper.make_node("Gemm", [value, "v", "b"], ["logit"]), helper.make_node(last, ["logit"], ["score"])]


def _bias(offset: float) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array([offset], dtype=np.float32), "b")


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.normal(size=shape).astype(np.float32)


def _model(modality: Modality, nodes: list[onnx.NodeProto], weights: list[onnx.TensorProto]) -> onnx.ModelProto:
    shape = [1, 1, IMAGE_SIDE, IMAGE_SIDE] if modality == "images" else [1, len(LEADS), ECG_SAMPLES]
    into = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    out = helper.make_tensor_value_info("score", TensorProto.FLOAT, [1, 1])
    graph = helper.make_graph(nodes, "throughput", [into], [out], initializer=weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
