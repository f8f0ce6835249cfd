import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from scipy import ndimage

from dmn_bench.adapters.answer_masks import array_of
from dmn_bench.adapters.answer_reading import read_answer
from dmn_bench.adapters.http_device import HttpDevice
from dmn_bench.adapters.onnx_description import Boxes, ImageInput, Masks, Output, SignalInput
from dmn_bench.adapters.onnx_input import image_planes
from dmn_bench.adapters.onnx_masks import masks_of
from dmn_bench.adapters.onnx_model import OnnxModel
from dmn_bench.adapters.onnx_runner import OnnxRunner
from dmn_bench.adapters.pixel_resize import resized
from dmn_bench.errors import CandidateError
from dmn_bench.vocabulary import Origin
from dmn_bench.wordings import LANGUAGES, say_problem

from .kit import problem_keys


def save(path, nodes, *, constants=(), shape=None):
    """A model with float input x of any shape and output y, of any ``shape`` or one that the file declares."""
    graph = helper.make_graph(
        nodes,
        "toy",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, None)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in dict(constants).items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


SAME = [helper.make_node("Identity", ["x"], ["y"])]
QUARTER = [helper.make_node("AveragePool", ["x"], ["y"], kernel_shape=[4, 4], strides=[4, 4])]
TWO_CLASSES = [
    helper.make_node("Sub", ["one", "x"], ["other"]),
    helper.make_node("Concat", ["other", "x"], ["y"], axis=1),
]
NUMBERS = [helper.make_node("Round", ["x"], ["y"])]
ONE = {"one": np.float32(1)}
GREY = {"channels": "grey", "layout": "nchw", "scale": 1 / 255}
DISC = Masks(structures={"disc": 0}, score_at_least=0.5)


def a_disc(rows, columns, x, y, radius):
    """Levels 0 to 255 of a disc whose centre is at x, y in px from the top left corner of the image; edges are soft."""
    fine = 8
    down, right = (np.mgrid[: rows * fine, : columns * fine] + 0.5) / fine
    inside = (right - x) ** 2 + (down - y) ** 2 <= radius**2
    return np.rint(255 * inside.reshape(rows, fine, columns, fine).mean(axis=(1, 3))).astype(np.uint8)


def answered(folder, pixels, described, output, *, n_frames=1):
    """The answer of the candidate's class, read as the harness reads it; the masks as {(structure, frame): array}."""
    adapter = OnnxModel(model="m.onnx", input=described, output=output)
    options = json.loads(json.dumps(adapter.program(folder, {}).options))  # as they cross the wire
    request = {"request_id": "r", "images": [{"name": "image-1", "pixels": pixels, "n_frames": n_frames}]}
    raw = OnnxRunner(options).answer(request)
    columns, rows = pixels.shape[::-1][:2] if pixels.ndim == 2 or n_frames > 1 else pixels.shape[1::-1]
    origin = Origin(
        case_id="c", images={"image-1": "a.png"}, sop_instance_uids={}, image_sizes={"a.png": (columns, rows)}
    )
    answer = read_answer(raw, "c", origin)
    assert answer.status == "answered", answer.reason
    return {(mask.structure, mask.frame): array_of(mask) for mask in answer.masks}


def centre_of(inside):
    rows, columns = np.nonzero(inside)
    return columns.mean() + 0.5, rows.mean() + 0.5


PLACES = [
    {"size": None},
    {"size": (64, 64)},
    {"size": (128, 96)},
    {"size": (64, 64), "fit": "pad"},
    {"size": (200, 160), "fit": "pad", "pad_value": 255.0},
    {"size": (64, 64), "fit": "crop"},
    {"size": (300, 300), "antialias": False},
]


@pytest.mark.parametrize("placed", PLACES)
@pytest.mark.parametrize("back", ["linear", "nearest"])
@pytest.mark.parametrize("shape", [(96, 160), (160, 96)])
def test_a_disc_comes_back_to_where_it_was(tmp_path, placed, back, shape):
    rows, columns = shape
    x, y, radius = columns / 2 + 9.3, rows / 2 - 7.6, 21.0
    save(tmp_path / "m.onnx", SAME)
    output = Output(kind="masks", masks=Masks(structures={"disc": 0}, score_at_least=0.5, back=back))
    found = answered(tmp_path, a_disc(rows, columns, x, y, radius), ImageInput(**GREY, **placed), output)
    inside = found["disc", None]
    assert inside.shape == shape
    assert centre_of(inside) == pytest.approx((x, y), abs=0.5)
    assert inside.sum() == pytest.approx(np.pi * radius**2, rel=0.05)


def test_an_output_of_a_whole_fraction_of_the_input_comes_back_too(tmp_path):
    save(tmp_path / "m.onnx", QUARTER)
    described = ImageInput(**GREY, size=(128, 128), fit="pad")
    found = answered(tmp_path, a_disc(100, 150, 60.0, 40.0, 25.0), described, Output(kind="masks", masks=DISC))
    assert centre_of(found["disc", None]) == pytest.approx((60.0, 40.0), abs=0.5)
    assert found["disc", None].sum() == pytest.approx(np.pi * 25.0**2, rel=0.03)


def test_what_was_cropped_away_is_outside(tmp_path):
    save(tmp_path / "m.onnx", SAME)
    white = np.full((10, 30), 255, dtype=np.uint8)
    described = ImageInput(**GREY, size=(10, 10), fit="crop")
    inside = answered(tmp_path, white, described, Output(kind="masks", masks=DISC))["disc", None]
    assert np.flatnonzero(inside.all(axis=0)).tolist() == list(range(10, 20))
    assert inside.sum() == 100


def test_what_it_was_padded_with_is_never_looked_at(tmp_path):
    save(tmp_path / "m.onnx", SAME)
    black = np.zeros((7, 30), dtype=np.uint8)
    described = ImageInput(**GREY, size=(64, 64), fit="pad", pad_value=255.0)
    assert not answered(tmp_path, black, described, Output(kind="masks", masks=DISC))["disc", None].any()


@pytest.mark.parametrize("size", [(23, 17), (64, 80), (41, 100)])
def test_values_between_pixels_are_those_of_other_programs(size):
    noise = np.random.default_rng(5).random((1, 1, *size))
    (plane,) = image_planes(
        {"images": [{"name": "i", "pixels": np.zeros((41, 53), np.uint8)}]}, ImageInput(**GREY, size=size)
    )
    described = Output(kind="masks", masks=DISC)
    (mask,) = masks_of({"y": noise}, described, plane)
    ours = _as_array(mask)
    at = np.meshgrid(*((np.arange(n) + 0.5) * m / n - 0.5 for n, m in zip((41, 53), size, strict=True)), indexing="ij")
    by_scipy = ndimage.map_coordinates(noise[0, 0], at, order=1, mode="nearest")
    by_hand = resized(noise[0, 0], 41, 53, "bilinear", antialias=False)
    for witness in (by_scipy, by_hand):
        is_certain = np.abs(witness - 0.5) > 1e-9
        assert np.array_equal(ours[is_certain], (witness >= 0.5)[is_certain])
        assert is_certain.mean() > 0.99


def _as_array(mask):
    if "array" in mask:
        return mask["array"].astype(bool)
    return np.repeat(np.arange(len(mask["runs"])) % 2 == 1, mask["runs"]).reshape(mask["rows"], mask["columns"])


@pytest.mark.parametrize("turned", [np.fliplr, np.flipud, np.transpose, np.rot90])
def test_a_turned_image_has_the_turned_mask(tmp_path, turned):
    save(tmp_path / "m.onnx", SAME)
    upright = a_disc(60, 90, 30.25, 20.75, 12.0)
    output = Output(kind="masks", masks=DISC)
    described = ImageInput(**GREY, size=(120, 120), fit="pad")
    once = answered(tmp_path, upright, described, output)["disc", None]
    assert once.any()
    of_turned = answered(tmp_path, np.ascontiguousarray(turned(upright)), described, output)["disc", None]
    assert np.count_nonzero(of_turned ^ turned(once)) <= 2  # pixels whose value is the threshold but for a rounding


# ---------------------------------------------------------------------------------------------- classes


def test_the_class_with_the_highest_value_counts_and_structures_may_share_classes(tmp_path):
    save(tmp_path / "m.onnx", SAME)
    pixels = np.zeros((2, 3, 3), dtype=np.uint8)
    pixels[0, :, 0] = pixels[1, 0, 1] = pixels[1, 1:, 2] = 9  # a colour for each class: row 0, one pixel, two pixels
    described = ImageInput(layout="nchw")
    masks = Masks(structures={"disc": (1, 2), "cup": 2})
    for activation in ("none", "softmax", "sigmoid"):
        found = answered(tmp_path, pixels, described, Output(kind="masks", activation=activation, masks=masks))
        assert found["disc", None].tolist() == [[False] * 3, [True] * 3]
        assert found["cup", None].tolist() == [[False] * 3, [False, True, True]]


def test_of_equal_values_the_first_class_counts(tmp_path):
    save(tmp_path / "m.onnx", SAME)
    found = answered(
        tmp_path,
        np.zeros((2, 2, 3), np.uint8),
        ImageInput(layout="nchw"),
        Output(kind="masks", masks=Masks(structures={"a": 1, "b": 2})),
    )
    assert not found["a", None].any()
    assert not found["b", None].any()  # looked for, and not found: an empty mask, not none


def test_several_classes_of_a_structure_are_summed_where_a_score_decides(tmp_path):
    save(tmp_path / "m.onnx", SAME)
    pixels = np.array([[[100, 60, 60], [200, 20, 20]]], dtype=np.uint8)
    masks = Masks(structures={"any": (1, 2)}, background=(0,), score_at_least=0.4)
    found = answered(tmp_path, pixels, ImageInput(layout="nchw", scale=1 / 255), Output(kind="masks", masks=masks))
    assert found["any", None].tolist() == [[True, False]]


def test_a_map_of_class_numbers_comes_back_by_the_nearest_pixel(tmp_path):
    save(tmp_path / "m.onnx", NUMBERS)
    pixels = np.repeat(np.repeat(np.array([[0, 1], [2, 1]], np.uint8), 4, axis=0), 6, axis=1)
    described = ImageInput(channels="grey", layout="nchw", levels="as_is", size=(4, 6), resize="nearest")
    output = Output(kind="masks", pick="value", masks=Masks(structures={"a": 1, "b": 2}))
    found = answered(tmp_path, pixels, described, output)
    assert np.array_equal(found["a", None], pixels == 1)
    assert np.array_equal(found["b", None], pixels == 2)


def test_two_channels_of_a_model_that_tells_background_and_structure(tmp_path):
    save(tmp_path / "m.onnx", TWO_CLASSES, constants=ONE)
    pixels = a_disc(50, 50, 20, 30, 10)
    found = answered(tmp_path, pixels, ImageInput(**GREY), Output(kind="masks", masks=Masks(structures={"disc": 1})))
    assert np.array_equal(found["disc", None], pixels / np.float32(255) > 0.5)


@pytest.mark.parametrize(
    ("shape", "pick", "layout"),
    [
        ((1, 1, 4, 6), "argmax", "channels_first"),
        ((1, 4, 6), "argmax", "channels_first"),
        ((1, 4, 6, 1), "argmax", "channels_last"),
        ((4, 6, 1), "argmax", "channels_last"),
        ((1, 1, 4, 6), "value", "channels_first"),
        ((1, 4, 6), "value", "channels_first"),
        ((1, 4, 6, 1), "value", "channels_last"),
        ((4, 6), "value", "channels_last"),
    ],
)
def test_every_arrangement_of_an_output_is_understood(shape, pick, layout):
    values = np.zeros((4, 6))
    values[1:3, 2] = 1
    masks = Masks(structures={"a": 1 if pick == "value" else 0}, layout=layout)
    if pick == "argmax":
        masks = Masks(structures={"a": 0}, layout=layout, score_at_least=1.0)
    (mask,) = masks_of({"y": values.reshape(shape)}, Output(kind="masks", pick=pick, masks=masks), a_plane(4, 6))
    assert np.array_equal(_as_array(mask), values == 1)


def a_plane(rows, columns, **described):
    request = {"images": [{"name": "i", "pixels": np.zeros((rows, columns), np.uint8)}]}
    (plane,) = image_planes(request, ImageInput(channels="grey", **described))
    return plane


# ---------------------------------------------------------------------------------------------- series and volumes


def a_stack():
    stack = np.stack([np.zeros((40, 50), np.uint8), a_disc(40, 50, 20, 15, 8), a_disc(40, 50, 30, 22, 6)])
    return stack, {2: (20, 15), 3: (30, 22)}


@pytest.mark.parametrize("way", ["slices", "volume"])
@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
def test_a_series_is_delineated_slice_by_slice_or_whole(tmp_path, way, layout):
    save(tmp_path / "m.onnx", SAME)
    stack, centres = a_stack()
    more = {"several": "highest"} if way == "slices" else {"volume": True}
    described = ImageInput(**{**GREY, "layout": layout}, size=(64, 64), fit="pad", **more)
    axis = {"nchw": "channels_first", "nhwc": "channels_last"}[layout]
    masks = Masks(structures={"disc": 0}, score_at_least=0.5, layout=axis)
    found = answered(tmp_path, stack, described, Output(kind="masks", masks=masks), n_frames=3)
    assert {frame for _, frame in found} == set(centres)  # of the plane without it nothing is said
    for frame, centre in centres.items():
        assert centre_of(found["disc", frame]) == pytest.approx(centre, abs=0.5)


@pytest.mark.parametrize("way", ["slices", "volume"])
def test_a_structure_on_no_plane_has_one_empty_mask(tmp_path, way):
    save(tmp_path / "m.onnx", SAME)
    more = {"several": "highest"} if way == "slices" else {"volume": True}
    output = Output(kind="masks", masks=DISC)
    found = answered(tmp_path, np.zeros((3, 4, 5), np.uint8), ImageInput(**GREY, **more), output, n_frames=3)
    ((inside),) = found.values()
    assert not inside.any()


def test_a_volume_of_one_plane_and_levels_over_all_planes(tmp_path):
    save(tmp_path / "m.onnx", SAME)
    described = ImageInput(**{**GREY, "levels": "minmax"}, volume=True)
    stack = np.stack([np.full((2, 2), 10.0), np.full((2, 2), 20.0)])
    found = answered(tmp_path, stack, described, Output(kind="masks", masks=DISC), n_frames=2)
    assert list(found) == [("disc", 2)]
    one = answered(
        tmp_path, a_disc(20, 20, 10, 10, 5), ImageInput(**GREY, volume=True), Output(kind="masks", masks=DISC)
    )
    assert centre_of(one["disc", None]) == pytest.approx((10, 10))


def test_several_images_are_no_volume():
    images = [{"name": f"i{n}", "pixels": np.zeros((2, 2), np.uint8)} for n in range(2)]
    with pytest.raises(ValueError, match="2 images"):
        image_planes({"images": images}, ImageInput(volume=True))


# ---------------------------------------------------------------------------------------------- what is refused


def of_value(value):
    values = np.zeros((1, 1, 4, 6))
    values[0, 0, 1, 1] = value
    return values


SCORED = Output(kind="masks", masks=DISC)
NUMBERED = Output(kind="masks", pick="value", masks=Masks(structures={"a": 1}))


@pytest.mark.parametrize(
    ("values", "output", "message"),
    [
        (of_value(np.nan), SCORED, "not finite"),
        (of_value(np.inf), SCORED, "not finite"),
        (of_value(np.nan), NUMBERED, "not finite"),
        (of_value(7), NUMBERED, "holds 7"),
        (of_value(0.5), NUMBERED, r"holds 0\.5"),
        (np.zeros((1, 2, 4, 6)), SCORED, r"\[0\] are declared, the output has 2"),
        (np.zeros((1, 2, 4, 6)), NUMBERED, "no mask of the image"),
        (np.zeros((2, 1, 4, 6)), SCORED, "2 answers to one image"),
        (np.zeros((1, 1, 4, 5)), SCORED, "4 rows and 5 columns"),
        (np.zeros((1, 1, 2, 6)), SCORED, "2 rows and 6 columns"),
        (np.zeros((1, 1, 6, 4)), SCORED, "6 rows and 4 columns"),
        (np.zeros((1, 1, 4, 6, 1)), SCORED, "no mask of the image"),
        (np.zeros(24), SCORED, "no mask of the image"),
        (np.zeros(()), SCORED, "no mask of the image"),
        (np.zeros((1, 1, 0, 0)), SCORED, "no mask of the image"),
        (np.zeros((1, 0, 4, 6)), SCORED, "no mask of the image"),
        (np.array([["a"]]), SCORED, "not of numbers"),
        (np.array([[None]]), SCORED, "not of numbers"),
        (np.broadcast_to(np.float32(0), (1, 1, 1 << 15, 1 << 14)), SCORED, "at most"),
    ],
)
def test_an_output_that_is_no_such_mask_is_the_models_failure(values, output, message):
    with pytest.raises(ValueError, match=message):
        masks_of({"y": values}, output, a_plane(4, 6))


def test_a_volume_has_as_many_planes_as_the_image(tmp_path):
    request = {"images": [{"name": "i", "pixels": np.zeros((3, 4, 6), np.uint8), "n_frames": 3}]}
    (plane,) = image_planes(request, ImageInput(channels="grey", volume=True))
    with pytest.raises(ValueError, match="2 planes, the image 3"):
        masks_of({"y": np.zeros((1, 1, 2, 4, 6))}, SCORED, plane)
    with pytest.raises(ValueError, match="no mask of the image"):
        masks_of({"y": np.zeros((4, 6))}, SCORED, plane)


@pytest.mark.parametrize(
    ("output", "key"),
    [
        (Output(kind="masks"), "adapters.onnx_output_needs"),
        (Output(kind="masks", masks=Masks()), "onnx_places.no_structure"),
        (Output(kind="masks", masks=Masks(structures={"a": ()})), "onnx_places.structure_classes"),
        (Output(kind="masks", masks=Masks(structures={"a": -1})), "onnx_places.structure_classes"),
        (Output(kind="masks", masks=Masks(structures={"a": (0, 1)}, background=(0,))), "onnx_places.structure_classes"),
        (
            Output(kind="masks", pick="value", masks=Masks(structures={"a": 1}, score_at_least=0.5)),
            "onnx_places.numbers_only",
        ),
        (
            Output(kind="masks", pick="value", masks=Masks(structures={"a": 1}, back="linear")),
            "onnx_places.numbers_only",
        ),
        (
            Output(kind="masks", pick="value", activation="sigmoid", masks=Masks(structures={"a": 1})),
            "onnx_places.numbers_only",
        ),
        (Output(kind="masks", masks=Masks(structures={"a": 1}, score_at_least=float("nan"))), "onnx_places.finite"),
        (Output(kind="masks", masks=DISC, boxes=Boxes(findings={0: "x"})), "onnx_places.other_kind"),
        (Output(kind="score", finding="x", masks=DISC), "onnx_places.other_kind"),
    ],
)
def test_a_description_of_masks_that_cannot_work_is_told_before_anything_runs(tmp_path, output, key):
    save(tmp_path / "m.onnx", SAME)
    with pytest.raises(CandidateError) as caught:
        OnnxModel(model="m.onnx", input=ImageInput(), output=output).program(tmp_path, {})
    assert key in problem_keys(caught)
    assert all(say_problem(problem, language) for problem in caught.value.problems for language in LANGUAGES)


def test_masks_are_of_images(tmp_path):
    save(tmp_path / "m.onnx", SAME)
    with pytest.raises(CandidateError) as caught:
        OnnxModel(model="m.onnx", signals=SignalInput(leads=("I",), sampling_hz=1), output=SCORED).program(tmp_path, {})
    assert "onnx_places.needs_image" in problem_keys(caught)
    with pytest.raises(ValueError, match="masks need an image"):
        masks_of({"y": np.zeros(3)}, SCORED, None)


def test_the_words_are_the_same_for_a_server():
    device = HttpDevice(
        form="open-inference", url="https://device.example", model="m", input=ImageInput(), output=SCORED
    )
    assert device.outputs() == (SCORED,)


@pytest.mark.parametrize(
    ("shape", "fields", "keys"),
    [
        ((1, 1, "rows", "columns"), {}, set()),
        (("batch", 1, 8, 8), {}, set()),
        (("rows", "columns", "anything"), {}, set()),
        ((1, 2, 8, 8), {}, {"onnx_places.class_count"}),
        ((1, 8, 8, 2), {"layout": "channels_last"}, {"onnx_places.class_count"}),
        ((1, 8, 8, 1), {"layout": "channels_last"}, set()),
        ((2, 8, 8), {}, {"onnx_places.class_count"}),
        ((1, 1, 5, 8, 8), {}, {"onnx_places.no_mask_shape"}),
        ((1, 5), {}, {"onnx_places.no_mask_shape"}),
        (None, {}, set()),
    ],
)
def test_what_the_file_contradicts_is_told_before_anything_runs(tmp_path, shape, fields, keys):
    save(tmp_path / "m.onnx", SAME, shape=shape)
    output = Output(kind="masks", masks=Masks(structures={"disc": 0}, score_at_least=0.5, **fields))
    adapter = OnnxModel(model="m.onnx", input=ImageInput(), output=output)
    if not keys:
        assert adapter.program(tmp_path, {}).options["outputs"]
        return
    with pytest.raises(CandidateError) as caught:
        adapter.program(tmp_path, {})
    assert problem_keys(caught) == keys
    assert all(say_problem(problem, language) for problem in caught.value.problems for language in LANGUAGES)


def test_an_output_that_the_file_does_not_have_is_told_before_anything_runs(tmp_path):
    save(tmp_path / "m.onnx", SAME)
    for output in (
        Output(kind="masks", name="z", masks=DISC),
        Output(kind="score", name="z", finding="a"),
        Output(kind="marks", finding="a", boxes=Boxes(boxes="y", scores="z")),
    ):
        with pytest.raises(CandidateError) as caught:
            OnnxModel(model="m.onnx", input=ImageInput(), output=output).program(tmp_path, {})
        (problem,) = caught.value.problems
        assert (problem.key, problem.facts) == ("onnx_places.no_such_output", {"found": "z", "known": "y"})
        assert all(say_problem(problem, language) for language in LANGUAGES)
