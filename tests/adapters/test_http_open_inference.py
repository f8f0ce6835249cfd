"""A server of the Open Inference Protocol: bodies as another program writes and reads them, and all answers."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.adapters.http_exchange import ServerError
from dmn_bench.adapters.open_inference import fits, read_reply, request_body

from .http_kit import OpenInferenceServer, a_request, a_runner, an_image, served

tritonclient = pytest.importorskip("tritonclient.http", reason="the other program of these tests is not installed")
from tritonclient.utils import np_to_triton_dtype  # noqa: E402 - only where it is installed

INPUT = {"size": [8, 8], "channels": "grey"}
OPTIONS = {
    "form": "open-inference",
    "model": "wrist",
    "input": INPUT,
    "output": {"kind": "score", "finding": "fracture"},
}


def mean_of(arrays):
    x = arrays["x"].astype(np.float64)
    return {"p": (x.reshape(len(x), -1).mean(axis=1) / 255)[:, np.newaxis].astype(np.float32)}


def mean_server(**more):
    told = {"inputs": {"x": ("FP32", (-1, 8, 8, 1))}, "outputs": {"p": ("FP32", (-1, 1))}, **more}
    return OpenInferenceServer(mean_of, **told)


def grey(level, n=8):
    return an_image(np.full((n, n), level, np.uint8))


# ------------------------------------------------------------------------------------------ beside another program


BODIES = [(dtype, True) for dtype in ("float32", "float16", "float64", "uint8")]
BODIES += [(dtype, False) for dtype in ("float32", "float64", "uint8")]  # FP16 has no form in JSON


@pytest.mark.parametrize(("dtype", "is_binary"), BODIES)
def test_a_request_is_what_tritonclient_writes(dtype, is_binary):
    tensor = np.arange(24).reshape(1, 2, 3, 4).astype(dtype)
    theirs = tritonclient.InferInput("x", list(tensor.shape), np_to_triton_dtype(tensor.dtype))
    theirs.set_data_from_numpy(tensor, binary_data=is_binary)
    asked = [tritonclient.InferRequestedOutput("p", binary_data=is_binary)]
    expected, length = tritonclient.InferenceServerClient.generate_request_body([theirs], asked, request_id="r7")
    body, ours = request_body("r7", "x", tensor, np_to_triton_dtype(tensor.dtype), outputs=["p"], binary=is_binary)
    end, their_end = ours or len(body), length or len(expected)
    assert json.loads(body[:end]) == json.loads(expected[:their_end])
    assert body[end:] == expected[their_end:]


@given(
    st.sampled_from(["<f4", "<f8", "<f2", "|u1", "<i4", "<i8"]), st.lists(st.integers(0, 4), max_size=3), st.booleans()
)
def test_a_reply_is_read_as_tritonclient_reads_it(dtype, shape, is_binary):
    array = np.arange(int(np.prod(shape))).reshape(shape).astype(dtype)
    datatype = np_to_triton_dtype(array.dtype)
    described = {"name": "p", "datatype": datatype, "shape": list(array.shape)}
    raw = array.tobytes() if is_binary else b""
    described |= {"parameters": {"binary_data_size": len(raw)}} if is_binary else {"data": array.reshape(-1).tolist()}
    header = json.dumps({"model_name": "m", "model_version": "1", "outputs": [described]}).encode()
    theirs = tritonclient.InferenceServerClient.parse_response_body(header + raw, header_length=len(header)).as_numpy(
        "p"
    )
    ours = read_reply(header + raw, str(len(header))).outputs["p"]
    assert ours.dtype == theirs.dtype
    assert np.array_equal(ours, theirs)


def test_the_server_of_these_tests_answers_another_client():
    with served(mean_server()) as server:
        client = tritonclient.InferenceServerClient(f"127.0.0.1:{server.port}")
        assert client.is_server_ready()
        assert client.is_model_ready("wrist")
        assert client.get_server_metadata()["name"] == "kit"
        assert client.get_model_metadata("wrist")["inputs"][0]["shape"] == [-1, 8, 8, 1]
        sent = tritonclient.InferInput("x", [2, 8, 8, 1], "FP32")
        sent.set_data_from_numpy(np.full((2, 8, 8, 1), 51, np.float32))
        found = client.infer("wrist", [sent], request_id="a").as_numpy("p")
        client.close()
    assert found.tolist() == [[np.float32(0.2)], [np.float32(0.2)]]


# ------------------------------------------------------------------------------------------------ cases and batches


@pytest.mark.parametrize("data", ["binary", "json"])
def test_a_case_is_answered(data):
    with served(mean_server()) as server:
        runner = a_runner(url=server.url, data=data, version="3", **OPTIONS)
        answer = runner.answer(a_request(grey(51)))
    assert answer == {"status": "answered", "findings": {"fracture": {"score": pytest.approx(0.2)}}}
    assert server.asked[-1].path == "/v2/models/wrist/versions/3/infer"
    assert ("inference-header-content-length" in server.asked[-1].headers) == (data == "binary")


@pytest.mark.parametrize("batch", [1, 2, 3, 8])
def test_a_batch_gives_each_request_its_own_answer_and_refusal(batch):
    levels = [0, 51, 102, 255, 10]
    requests = [a_request(grey(level), request_id=f"r{level}") for level in levels]
    requests.insert(2, a_request(request_id="empty"))
    requests.insert(4, a_request(grey(1), grey(2), request_id="two"))
    with served(mean_server()) as server:
        answers = a_runner(url=server.url, batch=batch, **OPTIONS).answer_batch(requests)
        n_messages = sum(asked.path.endswith("/infer") for asked in server.asked)
    assert [answer["status"] for answer in answers].count("rejected_input") == 2
    scores = [answer["findings"]["fracture"]["score"] for answer in answers if "findings" in answer]
    assert scores == pytest.approx([level / 255 for level in levels])
    assert n_messages == -(-len(levels) // batch)


def test_one_case_that_the_server_refuses_in_a_batch_costs_that_case_alone():
    def fragile(arrays):
        if (arrays["x"] == 13).any():
            raise ValueError
        return mean_of(arrays)

    inner = OpenInferenceServer(fragile, inputs={"x": ("FP32", (-1, 8, 8, 1))}, outputs={"p": ("FP32", (-1, 1))})

    def answer(asked, handler):
        try:
            return inner(asked, handler)
        except ValueError:
            return 500, {}, b"out of luck\nand more"

    with served(answer) as server:
        runner = a_runner(url=server.url, batch=4, **OPTIONS)
        answers = runner.answer_batch([a_request(grey(level), request_id=f"r{level}") for level in (0, 13, 26)])
    assert [each["status"] for each in answers] == ["answered", "failed", "answered"]
    assert answers[1]["reason"] == "HTTP 500 Internal Server Error: out of luck"


def test_several_images_give_the_highest_score_where_that_is_declared():
    options = {**OPTIONS, "input": {**INPUT, "several": "highest"}, "batch": 2}
    with served(mean_server()) as server:
        answer = a_runner(url=server.url, **options).answer(a_request(grey(0), grey(51), grey(5)))
    assert answer["findings"]["fracture"]["score"] == pytest.approx(0.2)


def test_a_model_without_an_axis_for_the_batch_gets_one_case_without_it():
    def model(arrays):
        assert arrays["x"].shape == (1, 8, 8)
        return {"p": np.array([0.5], np.float32)}

    server_of = OpenInferenceServer(model, inputs={"x": ("FP32", (1, 8, 8))}, outputs={"p": ("FP32", (1,))})
    options = {**OPTIONS, "input": {**INPUT, "layout": "nchw"}, "batch_axis": False}
    with served(server_of) as server:
        answer = a_runner(url=server.url, **options).answer(a_request(grey(9)))
    assert answer["findings"]["fracture"]["score"] == 0.5


def test_boxes_come_back_in_pixels_of_the_original_image():
    def model(arrays):
        boxes = np.zeros((1, 2, 4), np.float32)
        boxes[0, 0] = 1, 2, 3, 4
        return {"b": boxes, "s": np.array([[0.9, 0.1]], np.float32), "c": np.array([[0, 7]], np.int64)}

    outputs = {"b": ("FP32", (-1, 2, 4)), "s": ("FP32", (-1, 2)), "c": ("INT64", (-1, 2))}
    server_of = OpenInferenceServer(model, inputs={"x": ("FP32", (-1, 8, 8, 1))}, outputs=outputs)
    boxes = {"boxes": "b", "scores": "s", "classes": "c", "findings": {0: "fracture"}}
    options = {**OPTIONS, "output": [{"kind": "marks", "boxes": boxes}]}
    with served(server_of) as server:
        answer = a_runner(url=server.url, **options).answer(a_request(grey(9, n=16)))
    (mark,) = answer["marks"]
    assert (mark["x"], mark["y"], mark["width"], mark["height"]) == (2, 4, 4, 4)


def test_a_recording_is_sent_as_described():
    seen = []

    def model(arrays):
        seen.append(arrays["ecg"])
        return {"p": np.array([[0.25, 0.75]], np.float32)}

    server_of = OpenInferenceServer(model, inputs={"ecg": ("FP32", (-1, 2, 100))}, outputs={"p": ("FP32", (-1, 2))})
    options = {**OPTIONS, "signals": {"leads": ["II", "V1"], "sampling_hz": 100, "samples": 100}}
    del options["input"]
    options["output"] = {"kind": "score", "finding": "af", "index": 1}
    request = {
        "request_id": "r",
        "signals": np.ones((100, 3)) * [1, 2, 3],
        "sampling_hz": 100.0,
        "leads": ["V1", "I", "II"],
    }
    with served(server_of) as server:
        runner = a_runner(url=server.url, **options)
        assert runner.answer(request)["findings"]["af"]["score"] == 0.75
        assert runner.answer({**request, "leads": ["V1", "I", "III"]})["status"] == "rejected_input"
    assert seen[0].shape == (1, 2, 100)
    assert seen[0][0, :, 0].tolist() == [3, 1]


def test_bf16_is_rounded_to_nearest_with_ties_to_even_and_read_back():
    values = np.array([1.0, 1.00390625, 1.01171875, -2.5, 3.1415927], np.float32)
    body, length = request_body("r", "x", values, "BF16", outputs=[], binary=True)
    found = (np.frombuffer(body[length:], "<u2").astype("<u4") << 16).view("<f4")
    assert found.tolist() == [1.0, 1.0, 1.015625, -2.5, 3.140625]
    reply = {"outputs": [{"name": "p", "datatype": "BF16", "shape": [5], "parameters": {"binary_data_size": 10}}]}
    header = json.dumps(reply).encode()
    assert read_reply(header + body[length:], str(len(header))).outputs["p"].tolist() == found.tolist()


def test_a_server_of_half_precision_is_asked_in_it():
    def model(arrays):
        assert arrays["x"].dtype == np.float16
        return {"p": np.array([[0.5]], np.float16)}

    told = {"inputs": {"x": ("FP16", (-1, 8, 8, 1))}, "outputs": {"p": ("FP16", (-1, 1))}}
    with served(OpenInferenceServer(model, **told)) as server:
        options = {**OPTIONS, "input": {**INPUT, "dtype": "float16"}}
        assert a_runner(url=server.url, **options).answer(a_request(grey(1)))["findings"]["fracture"]["score"] == 0.5
        with pytest.raises(RuntimeError, match="no form in JSON"):
            a_runner(url=server.url, **options, data="json")


def test_a_server_that_tells_no_tensors_is_asked_by_the_names_declared():
    with served(mean_server(is_told=False)) as server:
        with pytest.raises(RuntimeError, match="inputs are not told: name one"):
            a_runner(url=server.url, **OPTIONS)
        runner = a_runner(url=server.url, **{**OPTIONS, "input": {**INPUT, "name": "x"}})
        assert runner.answer(a_request(grey(51)))["status"] == "answered"


# ----------------------------------------------------------------------------------- what does not fit at the start


@pytest.mark.parametrize(
    ("told", "options", "reason"),
    [
        ({"name": "hip"}, {}, "HTTP 404"),
        ({"version": "4"}, {"version": "3"}, "HTTP 404"),
        ({"inputs": {"x": ("UINT8", (-1, 8, 8, 1))}}, {}, "takes UINT8, declared dtype float32"),
        ({"inputs": {"x": ("FP32", (-1, 1, 8, 8))}}, {}, r"takes shape \[-1, 1, 8, 8\]"),
        ({"inputs": {"x": ("FP32", (-1, 9, 8, 1))}}, {}, r"takes shape \[-1, 9, 8, 1\]"),
        ({"inputs": {"x": ("FP32", (1, 8, 8, 1))}}, {"batch": 4}, "no batches of 4"),
        ({"inputs": {"x": ("FP32", (1,)), "y": ("FP32", (1,))}}, {}, "inputs are x, y: name one"),
        ({"outputs": {"p": ("BYTES", (-1, 1))}}, {}, "is text"),
        ({}, {"output": {"kind": "score", "finding": "f", "name": "q"}}, "no output q, it has p"),
        ({}, {"metadata_sha256": "0" * 64}, "is not the one declared: sha256 of its metadata is [0-9a-f]{64}"),
    ],
)  # fmt: skip
def test_a_server_that_is_not_as_declared_is_not_asked_anything(told, options, reason):
    with served(mean_server(**told)) as server, pytest.raises(RuntimeError, match=reason):
        a_runner(url=server.url, **{**OPTIONS, **options})
    assert not any(asked.path.endswith("/infer") for asked in server.asked)


def test_the_hash_in_the_message_is_the_one_that_is_then_accepted():
    with served(mean_server()) as server:
        with pytest.raises(RuntimeError) as caught:
            a_runner(url=server.url, **OPTIONS, metadata_sha256="0" * 64)
        found = str(caught.value).partition("metadata is ")[2][:64]
        assert a_runner(url=server.url, **OPTIONS, metadata_sha256=found).answer(a_request(grey(1)))


def test_a_server_without_the_binary_extension_is_not_sent_binary_tensors():
    inner = mean_server()

    def answer(asked, handler):
        if asked.path == "/v2":
            return 200, {}, json.dumps({"name": "plain", "version": "9", "extensions": []}).encode()
        return inner(asked, handler)

    with served(answer) as server:
        with pytest.raises(RuntimeError, match="plain 9 takes no binary tensors: declare data: json"):
            a_runner(url=server.url, **OPTIONS)
        assert a_runner(url=server.url, **OPTIONS, data="json").answer(a_request(grey(1)))["status"] == "answered"


def test_a_server_that_is_still_loading_is_waited_for():
    inner, n = mean_server(), []

    def answer(asked, handler):
        if asked.path == "/v2/health/ready":
            n.append(1)
            return (503, {}, b"") if len(n) < 3 else (200, {}, b"")
        return inner(asked, handler)

    with served(answer) as server:
        assert a_runner(url=server.url, **OPTIONS, seconds_to_be_ready=20)
        n.clear()
        with pytest.raises(RuntimeError, match="the server is not ready: HTTP 503"):
            a_runner(url=server.url, **OPTIONS, seconds_to_be_ready=0)


# ----------------------------------------------------------------------------------------------- replies that lie


def reply(outputs, raw=b"", **more):
    header = json.dumps({"model_name": "wrist", "id": "r1", "outputs": outputs, **more}).encode()
    return header + raw, str(len(header))


P = {"name": "p", "datatype": "FP32", "shape": [1, 1]}
BINARY = {**P, "parameters": {"binary_data_size": 4}}


@pytest.mark.parametrize(
    ("outputs", "raw", "reason"),
    [
        ([{**BINARY, "shape": [1, 2]}], b"abcd", r"1 elements, shape \[1, 2\]"),
        ([BINARY], b"abc", "3 bytes of 4"),
        ([BINARY], b"abcde", "1 bytes follow the outputs"),
        ([{**BINARY, "parameters": {"binary_data_size": 3}}], b"abc", "no whole number of FP32"),
        ([{**BINARY, "parameters": {"binary_data_size": -4}}], b"abcd", "binary_data_size"),
        ([{**BINARY, "shape": [-1, -1]}], b"abcd", "shape: expected a whole number"),
        ([{**BINARY, "shape": [1] * 40}], b"abcd", "40 axes"),
        ([{**BINARY, "datatype": "FP31"}], b"abcd", "datatype FP31"),
        ([BINARY, BINARY], b"abcdabcd", "two outputs"),
        ([{**P, "data": ["0.5"]}], b"", "not all FP32"),
        ([{**P, "data": [[0.5], [0.5, 0.5]]}], b"", "unequal lengths"),
        ([{**P, "data": [True]}], b"", "not all FP32"),
        ([{**P, "data": 0.5}], b"", "expected a list"),
        ([{**P, "datatype": "UINT8", "data": [300]}], b"", "outside UINT8"),
        ([{**P}], b"", "expected a list, found nothing"),
        ({"p": 1}, b"", "outputs: expected a list"),
        (["p"], b"", "an output: expected an object"),
    ],
)  # fmt: skip
def test_a_reply_that_is_not_as_the_protocol_says_is_refused(outputs, raw, reason):
    with pytest.raises(ServerError, match=reason):
        read_reply(*reply(outputs, raw))


@pytest.mark.parametrize("length", ["-1", "9999", "x", "1e3", "٣"])
def test_a_length_of_the_header_that_cannot_be_is_refused(length):
    with pytest.raises(ServerError, match="Inference-Header-Content-Length"):
        read_reply(b"{}", length)


@given(st.binary(max_size=200), st.none() | st.integers(0, 200))
def test_garbage_is_refused_and_nothing_else_happens(body, length):
    with pytest.raises(ServerError):
        read_reply(body, None if length is None else str(length))


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        ({"outputs": [{**P, "data": [1e39]}]}, "1 of 1 elements are not finite"),
        ({"outputs": [{**P, "name": "q", "data": [0.5]}]}, "no output p, it has q"),
        ({"outputs": [{**P, "shape": [1, 2], "data": [0.5, 0.5]}]}, r"shape \[1, 2\], declared \[-1, 1\]"),
        ({"outputs": [{**P, "data": [0.5]}], "id": "another"}, "an answer to another request"),
        ({"outputs": [{**P, "data": [0.5]}], "model_name": "hip"}, "an answer of another model: hip"),
        ({"outputs": [{**P, "datatype": "BYTES", "data": ["x"]}]}, "is text"),
        ({"error": "no memory"}, "the reply has no outputs; error: no memory"),
    ],
)
def test_an_answer_that_is_not_as_declared_fails_its_case_alone(made, reason):
    inner, broken = mean_server(), [True]

    def answer(asked, handler):
        if asked.path.endswith("/infer") and broken.pop() if broken else False:
            return 200, {}, json.dumps({"model_name": "wrist", **made}).encode()
        return inner(asked, handler)

    with served(answer) as server:
        broken.clear()
        runner = a_runner(url=server.url, **OPTIONS)
        broken.append(True)
        first, second = (runner.answer(a_request(grey(51))) for _ in range(2))
    assert first["status"] == "failed"
    assert reason.replace("\\", "") in first["reason"]
    assert second["status"] == "answered"


def test_another_version_in_the_middle_of_a_run_is_noticed():
    inner = mean_server()
    with served(inner) as server:
        runner = a_runner(url=server.url, **OPTIONS)
        assert runner.answer(a_request(grey(1)))["status"] == "answered"
        inner.version = "4"
        assert runner.answer(a_request(grey(1)))["reason"] == "an answer of version 4, the first was of 3"


def test_nan_in_binary_tensors_fails_the_case():
    def answer(asked, handler):
        if not asked.path.endswith("/infer"):
            return mean_server()(asked, handler)
        body, length = reply([BINARY], struct.pack("<f", float("nan")))
        return 200, {"Inference-Header-Content-Length": length}, body

    with served(answer) as server:
        found = a_runner(url=server.url, **OPTIONS).answer(a_request(grey(1)))
    assert found == {"status": "failed", "reason": "output p: 1 of 1 elements are not finite"}


@given(st.lists(st.integers(1, 9), max_size=4))
def test_a_shape_fits_itself_and_any_extents(shape):
    assert fits(shape, shape)
    assert fits(shape, [-1] * len(shape))
    assert not fits(shape, [-1] * (len(shape) + 1))
