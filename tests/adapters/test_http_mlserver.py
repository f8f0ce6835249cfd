"""A server of the Open Inference Protocol that others wrote: MLServer, where DMN_BENCH_MLSERVER or the PATH has it."""

import json
import os
import shutil
import socket
import subprocess

import numpy as np
import pytest

from .http_kit import a_request, a_runner, an_image

MODEL = """\
import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse


class Brightness(MLModel):
    async def load(self):
        return True

    async def predict(self, payload):
        x = NumpyCodec.decode_input(payload.inputs[0])
        share = (x.reshape(len(x), -1).mean(axis=1) / 255).astype(np.float32)[:, None]
        outputs = [NumpyCodec.encode_output("p", share)]
        return InferenceResponse(id=payload.id, model_name=self.name, model_version=self.version, outputs=outputs)
"""
SETTINGS = {
    "name": "wrist",
    "implementation": "brightness.Brightness",
    "parameters": {"version": "v1.2"},
    "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 8, 8, 1]}],
    "outputs": [{"name": "p", "datatype": "FP32", "shape": [-1, 1]}],
}
OPTIONS = {
    "form": "open-inference",
    "model": "wrist",
    "version": "v1.2",
    "input": {"size": [8, 8], "channels": "grey"},
    "output": {"kind": "score", "finding": "fracture"},
}


def free_ports(n):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    program = os.environ.get("DMN_BENCH_MLSERVER") or shutil.which("mlserver")
    if program is None:
        pytest.skip("MLServer is not installed: set DMN_BENCH_MLSERVER to its program")
    folder = tmp_path_factory.mktemp("mlserver")
    http, grpc, metrics = free_ports(3)
    ports = {"http_port": http, "grpc_port": grpc, "metrics_port": metrics}
    settings = {"host": "127.0.0.1", "parallel_workers": 0, "debug": False, **ports}
    (folder / "brightness.py").write_text(MODEL, encoding="utf-8")
    (folder / "model-settings.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([program, "start", str(folder)], cwd=folder, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{http}"
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@pytest.mark.parametrize("batch", [1, 3])
def test_cases_are_answered_by_a_real_server(url, batch):
    runner = a_runner(url=url, data="json", batch=batch, seconds_to_be_ready=60, **OPTIONS)
    levels = [0, 51, 102, 255]
    requests = [a_request(an_image(np.full((8, 8), level, np.uint8)), request_id=f"r{level}") for level in levels]
    answers = runner.answer_batch(requests)
    scores = [answer["findings"]["fracture"]["score"] for answer in answers]
    assert scores == pytest.approx([level / 255 for level in levels])


def test_what_a_real_server_does_not_take_is_said_at_the_start(url):
    for wrong, reason in (
        ({"data": "binary"}, "takes no binary tensors: declare data: json"),
        ({"model": "hip"}, "HTTP 404"),
        ({"version": "v9"}, "HTTP 404"),
        ({"input": {"size": [9, 9], "channels": "grey"}}, "takes shape"),
    ):
        with pytest.raises(RuntimeError, match=reason):
            a_runner(url=url, **{**OPTIONS, "data": "json", "seconds_to_be_ready": 60, **wrong})
