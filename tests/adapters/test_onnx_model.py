import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from dmn_bench.adapters.answer_reading import read_answer
from dmn_bench.adapters.http_device import HttpDevice
from dmn_bench.adapters.onnx_description import Boxes, ImageInput, Output, SignalInput
from dmn_bench.adapters.onnx_model import OnnxModel, problems_of_output
from dmn_bench.adapters.onnx_runner import OnnxRunner
from dmn_bench.errors import CandidateError
from dmn_bench.vocabulary import Origin

from .kit import problem_keys


def save(path, nodes, outputs, *, shape=None, inputs=("x",), constants=()):
    """A model of float inputs of any shape."""
    graph = helper.make_graph(
        nodes,
        "toy",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in inputs],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in dict(constants).items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)


@pytest.fixture
def echo(tmp_path):
    """A model that gives its input back."""
    save(tmp_path / "m.onnx", [helper.make_node("Identity", ["x"], ["y"])], ["y"])
    return tmp_path


def runner(adapter, base):
    program = adapter.program(base, {})
    return OnnxRunner(json.loads(json.dumps(program.options)))  # as it crosses the wire


def image(pixels, **fields):
    return {"name": "image-1", "pixels": np.asarray(pixels), "photometric": "grey", "n_frames": 1, **fields}


def seen(base, pixels, described, *, n=None, **fields):
    """What the model receives for one image, flattened."""
    n = n or 999
    adapter = OnnxModel(model="m.onnx", input=described, output=Output(kind="scores", findings={"a": 0}))
    tensors = []
    made = runner(adapter, base)
    session_run = made._session.run
    made._session = type(
        "Spy", (), {"run": lambda _, names, feed: tensors.append(feed["x"]) or session_run(names, feed)}
    )()
    answer = made.answer({"request_id": "r", "images": [image(pixels, **fields)]})
    assert answer["status"] == "answered", answer
    return tensors[0]


U8 = np.arange(6, dtype=np.uint8).reshape(2, 3)


def test_channels_and_layout_are_as_declared(echo):
    rgb = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    assert seen(echo, rgb, ImageInput()).shape == (1, 2, 3, 3)
    assert np.array_equal(seen(echo, rgb, ImageInput())[0], rgb)
    assert np.array_equal(seen(echo, rgb, ImageInput(channels="bgr"))[0], rgb[:, :, ::-1])
    assert np.array_equal(seen(echo, rgb, ImageInput(layout="nchw"))[0], np.moveaxis(rgb, 2, 0))
    assert seen(echo, rgb, ImageInput(channels="grey"))[0, 0, 0, 0] == 1.0  # 0.299*0 + 0.587*1 + 0.114*2, rounded
    assert np.array_equal(seen(echo, U8, ImageInput())[0, :, :, 2], U8)
    assert seen(echo, U8, ImageInput(channels="grey")).shape == (1, 2, 3, 1)


def test_the_arithmetic_is_scale_mean_std(echo):
    found = seen(echo, U8, ImageInput(scale=2.0, mean=(1.0, 2.0, 3.0), std=(1.0, 2.0, 4.0)))
    assert found.dtype == np.float32
    assert found[0, 1, 2].tolist() == [9.0, 4.0, 1.75]


def test_levels_become_eight_bits(echo):
    deep = np.array([[0, 2048, 4095]], dtype=np.uint16)
    assert seen(echo, deep, ImageInput(channels="grey"), bits_stored=12).ravel().tolist() == [0, 128, 255]
    assert seen(echo, deep, ImageInput(channels="grey")).ravel().tolist() == [0, 8, 16]
    assert seen(echo, deep, ImageInput(channels="grey", levels="as_is")).ravel().tolist() == [0, 2048, 4095]
    assert seen(echo, deep, ImageInput(channels="grey", levels=(1000, 2048))).ravel().tolist() == [0, 255, 255]
    minmax = np.array([[-5.0, 0.0, 5.0]])
    assert seen(echo, minmax, ImageInput(channels="grey", levels="minmax")).ravel().tolist() == [0, 128, 255]
    assert seen(echo, np.full((1, 2), 7.0), ImageInput(channels="grey", levels="minmax")).ravel().tolist() == [0, 0]


def test_an_image_is_padded_or_cropped_in_the_middle(echo):
    white = np.full((10, 20), 255, dtype=np.uint8)
    padded = seen(echo, white, ImageInput(channels="grey", size=(8, 8), fit="pad", pad_value=7.0))[0, :, :, 0]
    assert padded[:, 0].tolist() == [7.0, 7.0, 255.0, 255.0, 255.0, 255.0, 7.0, 7.0]
    ramp = np.tile(np.arange(20, dtype=np.uint8), (10, 1))
    cropped = seen(echo, ramp, ImageInput(channels="grey", size=(10, 10), fit="crop"))[0, 0, :, 0]
    assert cropped.tolist() == list(range(5, 15))


def score_of(base, output, *, pixels, described=None):
    adapter = OnnxModel(model="m.onnx", input=described or ImageInput(channels="grey"), output=output)
    return runner(adapter, base).answer({"request_id": "r", "images": [image(pixels)]})


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (Output(kind="score", finding="a", index=1), {"findings": {"a": {"score": 2.0}}}),
        (Output(kind="score", finding="a", index=(0, 2)), {"findings": {"a": {"score": 1.0}}}),
        (
            Output(kind="scores", findings={"a": 0, "b": (1, 2)}),
            {"findings": {"a": {"score": 0.0}, "b": {"score": 3.0}}},
        ),
        (Output(kind="grade", finding="dr"), {"grades": {"dr": {"grade": 1, "scores": [0.0, 2.0, 1.0]}}}),
        (
            Output(kind="grade", finding="birads", grades=(1, 2, 4)),
            {"grades": {"birads": {"grade": 2, "scores": [0.0, 2.0, 1.0]}}},
        ),
        (
            Output(kind="label", finding="a", labels={"positive": (1,), "negative": (0, 2)}),
            {"findings": {"a": {"label": "positive"}}},
        ),
    ],
)
def test_outputs_are_read_as_declared(echo, output, expected):
    answer = score_of(echo, output, pixels=np.array([[0, 2, 1]], dtype=np.uint8))
    assert answer == {"status": "answered", **expected}


@pytest.mark.parametrize(("level", "expected"), [(0, {"grade": 1}), (2, {"grade": 4}), (3, "class 3 has no grade")])
def test_a_class_number_stands_for_the_grade_at_its_place(echo, level, expected):
    output = Output(kind="grade", finding="a", pick="value", grades=(1, 2, 4))
    pixels = np.array([[level]], dtype=np.uint8)
    if isinstance(expected, str):
        with pytest.raises(ValueError, match=expected):
            score_of(echo, output, pixels=pixels)
    else:
        assert score_of(echo, output, pixels=pixels)["grades"] == {"a": expected}


@pytest.mark.parametrize(
    "output",
    [
        Output(kind="grade", finding="a", grades=(2, 1)),
        Output(kind="grade", finding="a", grades=(-1, 0)),
        Output(kind="score", finding="a", index=0, grades=(0, 1)),
    ],
)
def test_a_list_of_grades_ascends_and_belongs_to_a_grade(output):
    assert [problem.key for problem in problems_of_output(output, "m.onnx")] == ["adapters.onnx_grades"]


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (Output(kind="grade", finding="a"), [("output.grades", "a", (), None)]),
        (Output(kind="grade", finding="a", grades=(1, 2)), [("output.grades", "a", (1, 2), None)]),
        (Output(kind="grade", finding="a", pick="value"), []),  # the number itself is the grade
        (Output(kind="score", finding="a"), []),
    ],
)
def test_an_adapter_tells_which_grades_it_knows_by_their_place(output, expected):
    assert [tuple(each) for each in OnnxModel(model="m.onnx", output=output).numbered_grades] == expected
    server = HttpDevice(form="open-inference", url="https://device.example", output=output)
    assert [tuple(each) for each in server.numbered_grades] == expected


def test_activations_are_applied_to_the_whole_output(echo):
    pixels = np.array([[0, 2, 1]], dtype=np.uint8)
    softmax = score_of(echo, Output(kind="scores", activation="softmax", findings={"a": 1}), pixels=pixels)
    assert softmax["findings"]["a"]["score"] == pytest.approx(np.exp(2) / (1 + np.exp(1) + np.exp(2)))
    sigmoid = score_of(echo, Output(kind="scores", activation="sigmoid", findings={"a": 1}), pixels=pixels)
    assert sigmoid["findings"]["a"]["score"] == pytest.approx(1 / (1 + np.exp(-2)))
    far = ImageInput(channels="grey", scale=1e6)
    assert score_of(echo, Output(kind="scores", activation="sigmoid", findings={"a": 1}), pixels=pixels, described=far)[
        "findings"
    ]["a"] == {"score": 1.0}


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (Output(kind="score", finding="a"), "3 elements: declare the index"),
        (Output(kind="score", finding="a", index=3), "none at index"),
        (Output(kind="label", finding="a", labels={"positive": (0,)}), "class 1 has no label"),
        (Output(kind="grade", finding="a", pick="value"), "3 elements"),
        (Output(kind="grade", finding="a", grades=(1, 2)), "3 elements, the description lists 2 grades"),
    ],
)
def test_an_output_that_is_not_as_declared_is_the_models_failure(echo, output, message):
    with pytest.raises(ValueError, match=message):
        score_of(echo, output, pixels=np.array([[0, 2, 1]], dtype=np.uint8))


def test_boxes_come_back_in_pixels_of_the_original(tmp_path):
    boxes = np.array([[2, 1, 6, 5, 0.9, 1], [0, 0, 1, 1, 0.1, 1], [0, 0, 1, 1, 0.9, 0]], dtype=np.float32)
    nodes = [helper.make_node("ReduceSum", ["x"], ["s"], keepdims=0), helper.make_node("Mul", ["s", "zero"], ["t"])]
    nodes.append(helper.make_node("Add", ["t", "boxes"], ["y"]))
    save(tmp_path / "m.onnx", nodes, ["y"], constants={"boxes": boxes, "zero": np.float32(0)})
    described = ImageInput(channels="grey", size=(8, 8), fit="pad")
    output = Output(kind="marks", boxes=Boxes(findings={1: "fracture"}, score_at_least=0.5))
    answer = score_of(tmp_path, output, pixels=np.zeros((20, 40), dtype=np.uint8), described=described)
    # 20 rows x 40 columns become 4 x 8, two rows down: one input px is 5 original px
    expected = {"finding": "fracture", "image": "image-1", "x": 10.0, "y": -5.0, "width": 20.0, "height": 20.0}
    (mark,) = answer["marks"]
    assert mark.pop("score") == pytest.approx(0.9)
    assert mark == expected


@pytest.mark.parametrize(("form", "box"), [("xyxy", [2, 2, 4, 6]), ("xywh", [2, 2, 2, 4]), ("cxcywh", [3, 4, 2, 4])])
@pytest.mark.parametrize("unit", ["px", "normalised"])
def test_every_box_form_of_separate_outputs(tmp_path, form, box, unit):
    values = np.array([box], dtype=np.float32) / (8 if unit == "normalised" else 1)
    nodes = [helper.make_node("ReduceSum", ["x"], ["s"], keepdims=0), helper.make_node("Mul", ["s", "zero"], ["t"])]
    nodes += [helper.make_node("Add", ["t", name], [f"out_{name}"]) for name in ("b", "p", "c")]
    constants = {"b": values, "p": np.array([0.5], np.float32), "c": np.array([3], np.float32), "zero": np.float32(0)}
    save(tmp_path / "m.onnx", nodes, ["out_b", "out_p", "out_c"], constants=constants)
    declared = Boxes(boxes="out_b", scores="out_p", classes="out_c", form=form, unit=unit, findings={3: "f"})
    answer = score_of(
        tmp_path,
        Output(kind="marks", boxes=declared),
        pixels=np.zeros((8, 16), dtype=np.uint8),
        described=ImageInput(channels="grey", size=(8, 8)),
    )
    (mark,) = answer["marks"]
    assert [mark[key] for key in ("x", "y", "width", "height")] == pytest.approx([4.0, 2.0, 4.0, 4.0])
    origin = Origin(case_id="c", images={"image-1": "a"}, sop_instance_uids={}, image_sizes={"a": (16, 8)})
    assert read_answer(answer, "c", origin).status == "answered"


def test_several_images_are_refused_or_the_highest_counts(echo):
    request = {"request_id": "r", "images": [image(np.full((1, 1), v, np.uint8), name=f"image-{v}") for v in (1, 9, 4)]}
    for several, expected in (("refuse", "rejected_input"), ("highest", "answered")):
        described = ImageInput(channels="grey", several=several)
        output = Output(kind="score", finding="a")
        answer = runner(OnnxModel(model="m.onnx", input=described, output=output), echo).answer(request)
        assert answer["status"] == expected
    assert answer["findings"]["a"]["score"] == 9.0


def test_frames_count_as_several_images(echo):
    request = {"request_id": "r", "images": [image(np.arange(3, dtype=np.uint8).reshape(3, 1, 1), n_frames=3)]}
    described = ImageInput(channels="grey", several="highest")
    adapter = OnnxModel(model="m.onnx", input=described, output=Output(kind="score", finding="a"))
    assert runner(adapter, echo).answer(request)["findings"]["a"]["score"] == 2.0


# --------------------------------------------------------------------------------------------------- signals


def heard(base, signals, described, *, leads=("I", "II"), hz=100.0):
    n = len(described.leads) * (described.samples or 1)
    output = Output(kind="scores", findings={str(i): i for i in range(n)})
    adapter = OnnxModel(model="m.onnx", signals=described, output=output)
    answer = runner(adapter, base).answer(
        {"request_id": "r", "signals": np.asarray(signals, dtype=float), "sampling_hz": hz, "leads": list(leads)}
    )
    if answer["status"] != "answered":
        return answer
    return [answer["findings"][str(i)]["score"] for i in range(n)]


TWO_LEADS = [[1, 10], [2, 20], [3, 30]]


def test_leads_come_in_the_models_order_and_unit(echo):
    described = SignalInput(leads=("II", "i"), sampling_hz=100, samples=3, units="uV")
    assert heard(echo, TWO_LEADS, described) == [10000, 20000, 30000, 1000, 2000, 3000]
    turned = SignalInput(leads=("II", "I"), sampling_hz=100, samples=3, layout="samples_leads")
    assert heard(echo, TWO_LEADS, turned) == [10, 1, 20, 2, 30, 3]


def test_length_is_cropped_or_padded(echo):
    def lengths(samples, **fields):
        return heard(echo, TWO_LEADS, SignalInput(leads=("I",), sampling_hz=100, samples=samples, **fields))

    assert lengths(2) == [1, 2]
    assert lengths(1, crop="centre") == [2]
    assert lengths(5) == [1, 2, 3, 0, 0]
    assert lengths(5, pad="both") == [0, 1, 2, 3, 0]


def test_the_rate_is_changed_without_moving_the_signal(echo):
    seconds = np.arange(0, 4, 1 / 500)
    wave = np.sin(2 * np.pi * 1.5 * seconds)[:, np.newaxis]
    found = heard(echo, wave, SignalInput(leads=("I",), sampling_hz=400, samples=1600), leads=("I",), hz=500)
    expected = np.sin(2 * np.pi * 1.5 * np.arange(1600) / 400)
    assert np.abs(np.array(found) - expected)[100:-100].max() < 2e-3


def test_normalisation_is_per_lead_or_per_record(echo):
    per_lead = SignalInput(leads=("I", "II"), sampling_hz=100, samples=3, normalise="per_lead")
    assert heard(echo, TWO_LEADS, per_lead) == pytest.approx([-1.2247, 0, 1.2247] * 2, abs=1e-3)
    whole = SignalInput(leads=("I", "II"), sampling_hz=100, samples=3, normalise="per_record")
    assert np.std(heard(echo, TWO_LEADS, whole)) == pytest.approx(1.0)
    flat = SignalInput(leads=("I",), sampling_hz=100, samples=2, normalise="per_lead")
    assert heard(echo, [[5], [5]], flat, leads=("I",)) == [0.0, 0.0]


def test_a_recording_the_model_was_not_made_for_is_rejected(echo):
    described = SignalInput(leads=("V1",), sampling_hz=100)
    assert heard(echo, TWO_LEADS, described) == {"status": "rejected_input", "reason": "the recording has no lead V1"}
    invalid = SignalInput(leads=("I",), sampling_hz=100, samples=2)
    assert heard(echo, [[1], [np.nan]], invalid, leads=("I",))["reason"] == "1 samples are marked invalid"
    zeroed = SignalInput(leads=("I",), sampling_hz=100, samples=2, invalid="zero")
    assert heard(echo, [[1], [np.nan]], zeroed, leads=("I",)) == [1.0, 0.0]
    image_only = OnnxModel(model="m.onnx", input=ImageInput(), output=Output(kind="score", finding="a"))
    assert runner(image_only, echo).answer({"request_id": "r", "signals": []})["status"] == "rejected_input"


# --------------------------------------------------------------------------------------------------- options


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"model": "none.onnx"}, "adapters.onnx_no_model"),
        ({"input": None}, "adapters.onnx_one_input"),
        ({"signals": SignalInput(leads=("I",), sampling_hz=1)}, "adapters.onnx_one_input"),
        ({"input": ImageInput(size=(0, 3))}, "adapters.onnx_size"),
        ({"output": Output(kind="score")}, "adapters.onnx_output_needs"),
        ({"output": Output(kind="marks")}, "adapters.onnx_output_needs"),
        ({"output": Output(kind="marks", boxes=Boxes())}, "adapters.onnx_output_needs"),
        (
            {"output": (Output(kind="grade", finding="a"), Output(kind="label", finding="a"))},
            "adapters.onnx_output_needs",
        ),
    ],
)
def test_options_that_cannot_work_are_told_before_anything_runs(echo, fields, key):
    sound = {"model": "m.onnx", "input": ImageInput(), "output": Output(kind="score", finding="a")}
    with pytest.raises(CandidateError) as caught:
        OnnxModel(**{**sound, **fields}).program(echo, {})
    assert key in problem_keys(caught)


def test_further_options_are_refused(echo):
    adapter = OnnxModel(model="m.onnx", input=ImageInput(), output=Output(kind="score", finding="a"))
    with pytest.raises(CandidateError) as caught:
        adapter.program(echo, {"threshold": 0.5})
    assert problem_keys(caught) == {"adapters.onnx_no_further_options"}
    assert len(adapter.identity(echo)["m.onnx"]) == 64


def test_the_right_input_must_be_named_when_there_are_two(tmp_path):
    save(tmp_path / "m.onnx", [helper.make_node("Add", ["x", "z"], ["y"])], ["y"], inputs=("x", "z"))
    adapter = OnnxModel(model="m.onnx", input=ImageInput(), output=Output(kind="score", finding="a"))
    with pytest.raises(ValueError, match="inputs are x, z"):
        runner(adapter, tmp_path)
