"""Servers on loopback for the tests of the adapter ``http``: one that keeps to the rules, and ways to break them."""

import contextlib
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dmn_bench.adapters.http_device import HttpDevice
from dmn_bench.adapters.http_runner import HttpRunner
from dmn_bench.catalogue.options import build

TRITON = {"FP16": np.float16, "FP32": np.float32, "FP64": np.float64, "UINT8": np.uint8, "INT32": np.int32}
TRITON |= {"INT64": np.int64, "BOOL": np.bool_, "BF16": np.uint16}
TOO_LATE = ("no whole reply within", "no time is left for a further message")  # either, where a machine stood still


class Asked(NamedTuple):
    """What a server was sent."""

    method: str
    path: str
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)


class Server(NamedTuple):
    """A server that runs, and all that it was asked so far."""

    url: str
    port: int
    asked: list


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def serve(self):
        length = int(self.headers.get("Content-Length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, self.path, headers, self.rfile.read(length))
        self.server.asked.append(asked)
        found = self.server.answer(asked, self)
        if found is None:
            self.close_connection = True
            return
        status, extra, body = found
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **extra}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = serve  # noqa: N815 - so they are looked up

    def log_message(self, *_):
        return

    def handle(self):
        with contextlib.suppress(OSError):  # the client went away, as it may
            super().handle()

    def finish(self):
        with contextlib.suppress(OSError, ValueError):
            super().finish()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        return


@contextlib.contextmanager
def served(answer, *, context=None, host="127.0.0.1"):
    """A server on a free port. ``answer(asked, handler)``: (status, headers, body), or None if it wrote by itself."""
    server = _Quiet((host, 0), _Handler)
    server.answer, server.asked = answer, []
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    port = server.server_address[1]
    try:
        yield Server(f"{'http' if context is None else 'https'}://{host}:{port}", port, server.asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def hang(asked, handler):
    """A behaviour: say nothing until the client gives up."""
    handler.connection.recv(1)


def as_json(value, status=200, **headers):
    return status, {"Content-Type": "application/json", **headers}, json.dumps(value).encode()


class OpenInferenceServer:
    """A model behind the Open Inference Protocol v2, with binary tensors, written after its specification.

    ``model``: a mapping of input arrays to a mapping of output arrays. ``inputs`` and ``outputs``: name ->
    (datatype, shape).
    """

    def __init__(self, model, *, inputs, outputs, name="wrist", version="3", is_told=True):
        self.model, self.inputs, self.outputs = model, inputs, outputs
        self.name, self.version, self.is_told = name, version, is_told

    def __call__(self, asked, handler):
        path = asked.path.replace(f"/versions/{self.version}", "")
        if path in ("/v2/health/ready", "/v2/health/live", f"/v2/models/{self.name}/ready"):
            return 200, {}, b""
        if path == "/v2":
            return as_json({"name": "kit", "version": "1.0", "extensions": ["binary_tensor_data"]})
        if path == f"/v2/models/{self.name}":
            return as_json(self.metadata())
        if path == f"/v2/models/{self.name}/infer":
            return self.inferred(asked)
        return as_json({"error": f"unknown {asked.path}"}, 404)

    def metadata(self):
        def told(tensors):
            listed = [{"name": n, "datatype": d, "shape": list(s)} for n, (d, s) in tensors.items()]
            return listed if self.is_told else []

        found = {"name": self.name, "versions": [self.version], "platform": "kit"}
        return {**found, "inputs": told(self.inputs), "outputs": told(self.outputs)}

    def inferred(self, asked):
        length = int(asked.headers.get("inference-header-content-length", len(asked.body)))
        request, raw = json.loads(asked.body[:length]), asked.body[length:]
        arrays = {}
        for tensor in request["inputs"]:
            dtype = TRITON[tensor["datatype"]]
            if "data" in tensor:
                items = np.array(tensor["data"], dtype=dtype)
            else:
                size = tensor["parameters"]["binary_data_size"]
                items, raw = np.frombuffer(raw[:size], dtype=dtype), raw[size:]
            arrays[tensor["name"]] = items.reshape(tensor["shape"])
        if raw:
            return as_json({"error": "bytes too much"}, 400)
        asked_for = {each["name"]: each.get("parameters", {}) for each in request.get("outputs", [])}
        is_binary = request.get("parameters", {}).get("binary_data_output", False)
        listed, pieces = [], []
        for name, array in self.model(arrays).items():
            if asked_for and name not in asked_for:
                continue
            datatype = self.outputs[name][0]
            described = {"name": name, "datatype": datatype, "shape": list(array.shape)}
            if asked_for.get(name, {}).get("binary_data", is_binary):
                data = array.astype(TRITON[datatype]).tobytes()
                described["parameters"] = {"binary_data_size": len(data)}
                pieces.append(data)
            else:
                described["data"] = array.reshape(-1).tolist()
            listed.append(described)
        reply = {"model_name": self.name, "model_version": self.version, "id": request.get("id", ""), "outputs": listed}
        header = json.dumps(reply).encode()
        extra = {"Inference-Header-Content-Length": str(len(header))} if pieces else {}
        return 200, {"Content-Type": "application/octet-stream", **extra}, b"".join((header, *pieces))


def server_context(authority, *, names=("127.0.0.1",), client_authority=None):
    """TLS for a server whose certificate is issued by a trustme authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    if client_authority is not None:
        client_authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def an_image(pixels, name="image-1", **more):
    described = {"name": name, "pixels": pixels, "photometric": "grey" if pixels.ndim == 2 else "rgb", "n_frames": 1}
    return {**described, "modality": "DX", "bits_stored": None, **more}


def a_request(*images, request_id="r1", **more):
    return {"request_id": request_id, "images": list(images), **more}


def a_runner(folder=None, **options):
    """The client as a child begins it: options through JSON, in this process."""
    facts = {"kind": "adapter", "name": "http", "provider": "dmn-bench"}
    device = build(HttpDevice, {"retries": 0, "seconds_to_be_ready": 0.0, **options}, facts=facts)
    program = device.program(folder or Path(), {})
    return HttpRunner(json.loads(json.dumps(program.options)))
