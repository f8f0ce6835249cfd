"""One connection for each question: what a server says twice is heard once."""

import contextlib
import json
import socket
import threading

import numpy as np
import pytest

from tests.patience import PATIENCE

from . import http_kit
from .http_kit import a_request, a_runner, an_image, served

SCORES = (0.11, 0.22, 0.33)


def test_a_reply_that_arrives_twice_is_not_taken_for_the_answer_to_the_next_case(monkeypatch):
    asked = iter(range(10))
    is_asked_again, has_come_late = threading.Event(), threading.Event()

    def talk(handler):
        handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        number = next(asked)

        def reply():
            body = json.dumps({"result": {"p": SCORES[number]}}).encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            handler.wfile.write(head.encode() + body)
            handler.wfile.flush()

        if number:
            is_asked_again.set()
            has_come_late.wait(PATIENCE)  # the late one arrives while this one is asked
        reply()
        if not number:
            is_asked_again.wait(PATIENCE)
            with contextlib.suppress(OSError):  # nobody listens any more
                reply()
            has_come_late.set()

    monkeypatch.setattr(http_kit._Handler, "do_POST", talk)
    with served(None) as server:
        said = {"findings": {"fracture": {"score": "/result/p"}}, "score_unit": "fraction"}
        image = {"path": "/a", "body": {"image": "$image.base64_png"}}
        runner = a_runner(url=server.url, form="json", request=image, response=said)
        picture = an_image(np.arange(16, dtype=np.uint8).reshape(4, 4))
        found = [runner.answer(a_request(picture))["findings"]["fracture"]["score"] for _ in SCORES]
    assert found == list(SCORES)


def test_a_server_that_is_off_does_not_load_and_says_where_nobody_answers():
    said = {"findings": {"fracture": {"score": "/p"}}, "score_unit": "fraction"}
    request = {"path": "/a", "body": {"image": "$image.base64_png"}}
    with socket.socket() as off:
        off.bind(("127.0.0.1", 0))  # and nobody listens there, nor may
        at = f"127.0.0.1:{off.getsockname()[1]}"
        with pytest.raises(RuntimeError, match=f"nobody answers at {at}"):
            a_runner(url=f"http://{at}", form="json", request=request, response=said, seconds_to_be_ready=0.1)
