"""Heads of detectors as exporters write them, made into marks; the expected ones are reckoned by hand."""

import numpy as np
import pytest

from dmn_bench.adapters.answer_reading import read_answer
from dmn_bench.adapters.onnx_description import Boxes, ImageInput, Output
from dmn_bench.adapters.onnx_input import image_planes
from dmn_bench.adapters.onnx_marks import marks_of
from dmn_bench.adapters.onnx_model import OnnxModel
from dmn_bench.adapters.onnx_output import read_outputs
from dmn_bench.errors import CandidateError
from dmn_bench.vocabulary import Origin
from dmn_bench.wordings import LANGUAGES, say_problem

from .kit import problem_keys
from .test_onnx_masks import SAME, save

BOXES = [[0, 0, 10, 10], [1, 0, 10, 10], [20, 20, 4, 4], [0, 0, 10, 10]]  # xywh: the second overlaps 9/11 of the first

YOLO = Boxes(columns=("box1", "box2", "box3", "box4", "classes"), findings={1: "a"}, layout="rows")


def a_plane(rows=40, columns=40, **described):
    request = {"images": [{"name": "image-1", "pixels": np.zeros((rows, columns), np.uint8)}]}
    (plane,) = image_planes(request, ImageInput(channels="grey", **described))
    return plane


def marks(outputs, boxes, *, activation="none", plane=None, finding=None):
    described = Output(kind="marks", boxes=boxes, activation=activation, finding=finding)
    found = marks_of({name: np.asarray(value) for name, value in outputs.items()}, described, plane or a_plane())
    return [(mark["finding"], mark["x"], mark["y"], round(mark["score"], 6)) for mark in found]


def test_scores_of_every_class_give_the_best_one_that_has_a_finding():
    """As of DETR: boxes of the image by their centre, logits [1, boxes, classes + 1], the last of them "nothing"."""
    boxes = Boxes(
        boxes="b", scores="s", form="cxcywh", unit="normalised", findings={0: "a", 1: "b"}, score_at_least=0.25
    )
    outputs = {"b": [[[0.5, 0.5, 0.5, 0.25], [0.25, 0.25, 0.5, 0.5]]], "s": [[[0.0, 1.0, 1.0], [0.0, 0.0, 9.0]]]}
    e = np.e
    assert marks(outputs, boxes, activation="softmax") == [("b", 10.0, 15.0, round(e / (1 + 2 * e), 6))]


@pytest.mark.parametrize("shape", [(2,), (1, 2), (2, 1), (1, 2, 1)])
def test_a_score_for_each_box_is_one_whatever_the_axes(shape):
    outputs = {"b": [BOXES[:2]], "s": np.reshape([0.0, 2.0], shape), "c": [[3, 3]]}
    boxes = Boxes(boxes="b", scores="s", classes="c", form="xywh", findings={3: "a"})
    assert marks(outputs, boxes) == [("a", 0.0, 0.0, 0.0), ("a", 1.0, 0.0, 2.0)]
    logistic = [score for *_, score in marks(outputs, boxes, activation="sigmoid")]
    assert logistic == pytest.approx([0.5, 1 / (1 + np.exp(-2))], abs=1e-6)


@pytest.mark.parametrize("layout", ["rows", "columns"])
def test_a_table_with_a_score_for_each_class_is_read_by_rows_or_columns(layout):
    """As of YOLO: [1, boxes, 4 + classes], in later versions turned."""
    table = np.array([[5, 5, 10, 10, 0.1, 0.7], [6, 5, 10, 10, 0.6, 0.2]])
    boxes = Boxes(
        columns=("box1", "box2", "box3", "box4", "classes"), form="cxcywh", findings={0: "a", 1: "b"}, layout=layout
    )
    values = table if layout == "rows" else table.T
    expected = [("b", 0.0, 0.0, 0.7), ("a", 1.0, 0.0, 0.6)]
    assert marks({"y": values[np.newaxis]}, boxes) == expected
    assert marks({"y": values}, boxes) == expected


def test_a_score_beside_scores_of_classes_is_multiplied():
    table = [[[5, 5, 10, 10, 0.5, 0.2, 0.8]]]
    boxes = Boxes(
        columns=("box1", "box2", "box3", "box4", "score", "classes"), form="cxcywh", findings={0: "a", 1: "b"}
    )
    assert marks({"y": table}, boxes) == [("b", 0.0, 0.0, 0.4)]


def test_doubles_go_only_where_that_is_declared_and_within_a_finding():
    scores, classes = [0.5, 0.9, 0.4, 0.8], [0, 0, 0, 1]
    outputs = {"b": BOXES, "s": scores, "c": classes}
    rule = {"boxes": "b", "scores": "s", "classes": "c", "form": "xywh", "findings": {0: "a", 1: "b"}}
    assert len(marks(outputs, Boxes(**rule))) == 4
    kept = [("a", 1.0, 0.0, 0.9), ("a", 20.0, 20.0, 0.4), ("b", 0.0, 0.0, 0.8)]
    assert marks(outputs, Boxes(**rule, overlap_at_most=0.5)) == kept
    assert len(marks(outputs, Boxes(**rule, overlap_at_most=9 / 11))) == 4  # at most, not below
    assert len(marks(outputs, Boxes(**rule, overlap_at_most=0.81))) == 3


def test_of_doubles_with_one_score_the_first_stays_and_empty_boxes_never_overlap():
    outputs = {"b": [[0, 0, 10, 10], [0, 0, 10, 10], [5, 5, 0, 0], [5, 5, 0, 0]], "s": [0.5] * 4}
    boxes = Boxes(boxes="b", scores="s", form="xywh", overlap_at_most=0.0)
    assert [place for _, *place, _ in marks(outputs, boxes, finding="a")] == [[0.0, 0.0], [5.0, 5.0], [5.0, 5.0]]


@pytest.mark.parametrize("fit", ["stretch", "pad", "crop"])
def test_a_box_around_what_the_model_sees_lies_around_it_on_the_image(fit):
    """A white square on the image is found on the model's input, and its box comes back."""
    pixels = np.zeros((60, 100), np.uint8)
    pixels[20:40, 45:60] = 255
    request = {"images": [{"name": "image-1", "pixels": pixels}]}
    (plane,) = image_planes(request, ImageInput(channels="grey", size=(120, 120), fit=fit, resize="nearest"))
    rows, columns = np.nonzero(plane.tensor[0, :, :, 0])
    seen = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    (mark,) = marks_of({"b": np.array([seen])}, Output(kind="marks", finding="a", boxes=Boxes(boxes="b")), plane)
    found = [mark[key] for key in ("x", "y", "width", "height")]
    assert found == pytest.approx([45, 20, 15, 20], abs=0.5)


@pytest.mark.parametrize(
    ("outputs", "boxes", "message"),
    [
        ({"b": BOXES, "s": np.zeros((3, 2))}, Boxes(boxes="b", scores="s", findings={0: "a"}), "4 boxes, and scores"),
        ({"b": BOXES, "s": np.zeros((4, 2))}, Boxes(boxes="b", scores="s", findings={2: "a"}), "scores of 2 classes"),
        ({"b": BOXES, "s": np.zeros((4, 2))}, Boxes(boxes="b", scores="s"), "scores of 2 classes"),
        ({"b": BOXES, "s": np.zeros(3)}, Boxes(boxes="b", scores="s"), r"4 boxes, and s of shape \[3\]"),
        ({"b": BOXES, "c": np.zeros(3)}, Boxes(boxes="b", classes="c"), r"4 boxes, and c of shape \[3\]"),
        ({"b": np.zeros((1, 4, 3))}, Boxes(boxes="b"), "declared are 4 columns of boxes in layout rows: 3"),
        ({"b": np.zeros((1, 3, 4))}, Boxes(boxes="b", layout="columns"), "declared are 4 columns"),
        ({"b": np.zeros((2, 3, 4))}, Boxes(boxes="b"), "no table of the boxes of one image"),
        ({"b": BOXES, "s": np.zeros((2, 2, 4))}, Boxes(boxes="b", scores="s"), "no table"),
        ({"b": BOXES, "s": np.zeros((2, 4))}, Boxes(boxes="b", scores="s", findings={0: "a"}), "and scores of shape"),
        ({"y": np.zeros((2, 5))}, Boxes(findings={0: "a"}), "declared are 6 columns"),
        ({"y": np.zeros((1, 6, 12))}, Boxes(findings={0: "a"}), "layout rows: 12"),  # columns, and 72 numbers
        ({"y": np.zeros((2, 3, 6))}, Boxes(findings={0: "a"}), "no table of the boxes of one image"),
        ({"y": [[0, 0, 1, 1, 0.5, 0.5]]}, Boxes(findings={0: "a"}), "the class number is 0.5"),
        ({"y": np.zeros((2, 5))}, Boxes(findings={0: "a"}, layout="columns"), "declared are 6 columns"),
        (
            {"y": np.zeros((2, 6, 3))},
            Boxes(columns=("box1", "box2", "box3", "box4", "classes"), findings={0: "a"}),
            "no table of the boxes of one image",
        ),
        (
            {"b": np.zeros((20_001, 4)), "s": np.ones(20_001)},
            Boxes(boxes="b", scores="s", overlap_at_most=0.5),
            "declare score_at_least",
        ),
        (
            {"b": [[0, 0, 1, 1]], "s": [1.0], "c": [np.nan]},
            Boxes(boxes="b", scores="s", classes="c", findings={0: "a"}),
            "class number is nan",
        ),
    ],
)
def test_boxes_that_are_not_as_declared_are_the_models_failure(outputs, boxes, message):
    with pytest.raises(ValueError, match=message):
        marks(outputs, boxes, finding="a")


@pytest.mark.parametrize("part", ["score", "box"])
def test_what_is_no_number_is_refused_as_an_answer(part):
    values = {"b": np.array([[0.0, 0.0, 1.0, 1.0]]), "s": np.array([0.5])}
    values["s" if part == "score" else "b"].flat[0] = np.nan
    described = Output(kind="marks", finding="a", boxes=Boxes(boxes="b", scores="s", overlap_at_most=0.5))
    raw = {"status": "answered", **read_outputs(values, [described], a_plane())}
    origin = Origin(case_id="c", images={"image-1": "a.png"}, sop_instance_uids={}, image_sizes={"a.png": (40, 40)})
    assert "finite" in read_answer(raw, "c", origin).reason


@pytest.mark.parametrize(
    ("boxes", "activation", "key"),
    [
        (Boxes(columns=("box1", "box2", "box3"), findings={0: "a"}), "none", "columns"),
        (Boxes(columns=("box1", "box2", "box3", "box4", "box4"), findings={0: "a"}), "none", "columns"),
        (
            Boxes(columns=("box1", "box2", "box3", "box4", "class", "classes"), findings={0: "a"}, layout="rows"),
            "none",
            "columns",
        ),
        (Boxes(columns=YOLO.columns, layout="rows"), "none", "classes_need_findings"),
        (Boxes(boxes="b", scores="s"), "softmax", "classes_need_findings"),
        (Boxes(findings={0: "a"}, overlap_at_most=1.5), "none", "share"),
        (Boxes(findings={0: "a"}, overlap_at_most=float("nan")), "none", "share"),
        (Boxes(findings={0: "a"}, score_at_least=float("nan")), "none", "finite"),
    ],
)
def test_a_description_of_boxes_that_cannot_work_is_told_before_anything_runs(tmp_path, boxes, activation, key):
    (tmp_path / "m.onnx").write_bytes(b"")
    output = Output(kind="marks", finding="a", boxes=boxes, activation=activation)
    with pytest.raises(CandidateError) as caught:
        OnnxModel(model="m.onnx", input=ImageInput(), output=output).program(tmp_path, {})
    assert problem_keys(caught) == {f"onnx_places.{key}"}
    assert all(say_problem(problem, language) for problem in caught.value.problems for language in LANGUAGES)


@pytest.mark.parametrize("layout", ["rows", "columns"])
def test_boxes_and_scores_of_classes_follow_the_layout(layout):
    places, scores = np.array(BOXES[:3]), np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.3]])
    turned = (lambda values: values) if layout == "rows" else np.transpose
    boxes = Boxes(boxes="b", scores="s", form="xywh", findings={0: "a", 1: "b"}, layout=layout)
    expected = [("a", 0.0, 0.0, 0.9), ("b", 1.0, 0.0, 0.8), ("a", 20.0, 20.0, 0.6)]
    assert marks({"b": turned(places)[np.newaxis], "s": turned(scores)[np.newaxis]}, boxes) == expected


@pytest.mark.parametrize("shape", [(1, 2, 1, 4), (1, 2, 4), (1, 1, 2, 4), (2, 4)])
def test_axes_of_one_row_beside_boxes_of_one_image_are_nothing(shape):
    outputs = {"b": np.reshape(BOXES[:2], shape), "s": [[0.5, 0.25]]}
    found = marks(outputs, Boxes(boxes="b", scores="s", form="xywh"), finding="a")
    assert found == [("a", 0.0, 0.0, 0.5), ("a", 1.0, 0.0, 0.25)]


@pytest.mark.parametrize("shape", [(6,), (1, 6), (1, 1, 6), (1, 1, 1, 6)])
def test_a_single_box_may_have_any_axes_of_one_row_before_it_and_none_has_no_marks(shape):
    boxes = Boxes(form="xywh", findings={0: "a"})
    assert marks({"y": np.reshape([3, 4, 5, 6, 0.5, 0], shape)}, boxes) == [("a", 3.0, 4.0, 0.5)]
    assert marks({"y": np.zeros((*shape[:-2], 0, *shape[1:][-1:]))}, boxes) == []


@pytest.mark.parametrize(
    ("shape", "boxes", "keys"),
    [
        ((1, 5, 8400), Boxes(columns=("box1", "box2", "box3", "box4", "score")), {"box_columns"}),
        ((1, 5, 8400), Boxes(columns=("box1", "box2", "box3", "box4", "score"), layout="columns"), set()),
        ((1, 84, 8400), YOLO, set()),  # as many classes as that are possible
        ((1, 84, 8400), Boxes(columns=YOLO.columns, findings={1: "a"}), {"layout_of_classes"}),
        ((1, 99, 1, 4), Boxes(boxes="y"), set()),
        ((2, 99, 1, 4), Boxes(boxes="y"), {"several_images"}),
        ((1, 84, 5), YOLO, {"box_classes"}),
        ((1, 5, 84), Boxes(columns=YOLO.columns, findings={1: "a"}, layout="columns"), {"box_classes"}),
        ((1, 4, 99), Boxes(boxes="y"), {"box_columns"}),
        ((1, 4, 99), Boxes(boxes="y", layout="columns"), set()),
        ((8, 99, 4), Boxes(boxes="y"), {"several_images"}),
        (("batch", "boxes", 4), Boxes(boxes="y"), set()),
        (("batch", "boxes", "columns"), Boxes(), set()),
        (("boxes", 7), Boxes(), {"box_columns"}),
        ((6,), Boxes(), set()),
        (None, Boxes(), set()),
    ],
)
def test_what_the_file_contradicts_of_boxes_is_told_before_anything_runs(tmp_path, shape, boxes, keys):
    save(tmp_path / "m.onnx", SAME, shape=shape)
    output = Output(kind="marks", finding="a", boxes=boxes)
    adapter = OnnxModel(model="m.onnx", input=ImageInput(), output=output)
    if not keys:
        assert adapter.program(tmp_path, {}).options["outputs"]
        return
    with pytest.raises(CandidateError) as caught:
        adapter.program(tmp_path, {})
    assert problem_keys(caught) == {f"onnx_places.{key}" for key in keys}
    assert all(say_problem(problem, language) for problem in caught.value.problems for language in LANGUAGES)
