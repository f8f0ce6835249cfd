"""A child that speaks the protocol badly on purpose: whatever it sends is a failure with a reason."""

import json
import struct
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from dmn_bench.execution.wire import ChildError, Line, StoppedError, request_message
from dmn_bench.vocabulary import Image, Request, Signals

from .kit import PATIENT_SECONDS, until


@pytest.fixture
def line_to():
    started = []

    def start(script, stop=None):
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        line = Line(process, stop or threading.Event())
        started.append((process, line))
        return line

    yield start
    for process, line in started:
        process.kill()
        process.wait()
        line.close()


def sends(raw):
    return f"import os, time; os.write(1, {raw!r}); time.sleep(600)"


def framed(header, buffers=b""):
    data = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack(">I", len(data)) + data + buffers


def soon():
    return time.monotonic() + PATIENT_SECONDS


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xff\xff\xff",
        framed(b"nonsense"),
        framed(b"[" * 100_000),
        framed(b"\xff\xfe"),
        framed([1, 2]),
        framed("text"),
        framed({"buffers": 5}),
        framed({"buffers": [{"bytes": 2**60, "dtype": "<u2", "shape": [2**59]}]}),
        framed({"buffers": [{"bytes": -4, "dtype": "<u2", "shape": [2]}]}),
        framed({"buffers": [{"bytes": 4, "dtype": "O", "shape": [1]}]}, b"\0" * 4),
        framed({"buffers": [{"bytes": 4, "dtype": "<U1", "shape": [1]}]}, b"\0" * 4),
        framed({"buffers": [{"bytes": 4, "dtype": "no", "shape": [1]}]}, b"\0" * 4),
        framed({"buffers": [{"bytes": 4, "dtype": "<u2", "shape": [3]}]}, b"\0" * 4),
        framed({"buffers": [{"bytes": 4, "dtype": "<u2", "shape": [-1]}]}, b"\0" * 4),
        framed({"buffers": [{"bytes": 4}]}, b"\0" * 4),
        framed(b'{"buffers": [{"bytes": Infinity, "dtype": "<u2", "shape": [1]}]}'),
        framed(b'{"buffers": [{"bytes": 2, "dtype": "<u2", "shape": [Infinity]}]}', b"\0" * 2),
        framed({"buffers": [{"bytes": 2, "dtype": "<u2", "shape": [10**400]}]}, b"\0" * 2),
        framed({"buffers": [{"bytes": 4, "dtype": ["<u2"], "shape": [2]}]}, b"\0" * 4),
        framed({"buffers": [{"bytes": 4, "dtype": "(2,)<u2", "shape": [1]}]}, b"\0" * 4),
        framed({"buffers": [{"bytes": 4, "dtype": "i4,(", "shape": [1]}]}, b"\0" * 4),
        framed(b'{"message": "answer", "message": "ready"}'),
        framed(b'{"answer": {"findings": {"a": {"score": 1, "score": 0}}}}'),
        framed({"a": {"$buffer": 0}}),
        framed({"a": {"$buffer": "x"}}),
        framed({"a": {"$buffer": -1}, "buffers": [{"bytes": 2, "dtype": "<u2", "shape": [1]}]}, b"\0" * 2),
    ],
)
def test_a_frame_that_is_none_is_a_failure(line_to, raw):
    with pytest.raises(ChildError):
        line_to(sends(raw)).receive(soon())


def test_a_negative_length_hides_no_large_one(line_to):
    lengths = [{"bytes": size, "dtype": "<u2", "shape": [0]} for size in (2**40, -(2**40))]
    with pytest.raises(ChildError, match="negative length"):
        line_to(sends(framed({"buffers": lengths}))).receive(soon())


@pytest.mark.parametrize("text", ["half \ud800", "\x1b[2Jgone", "x" * 100_000, "a\x00b"])
def test_an_error_of_a_child_is_fit_to_be_kept_and_shown(text):
    error = ChildError(f"raised {text}", text)
    for kept in (error.reason, error.details, str(error)):
        assert kept.encode("utf-8").decode("utf-8").isprintable()
    assert len(error.reason) <= 2000
    assert len(error.details) <= 20_000


def test_what_a_child_prints_is_fit_to_be_kept(line_to):
    line = line_to("import os, time; os.write(2, b'\\xff\\x1b[1m 10%\\r100%\\n'); os.write(1, b'0'); time.sleep(600)")
    assert until(lambda: line.stderr_tail().endswith("100%\n"))
    with pytest.raises(TimeoutError):
        line.receive(time.monotonic() + 0.3)
    assert line.stderr_tail() == "��[1m 10%\n100%\n"


def test_a_frame_that_never_ends_is_a_timeout(line_to):
    line = line_to(sends(b"\x00\x00\x00\x09{}"))
    with pytest.raises(TimeoutError):
        line.receive(time.monotonic() + 0.3)


def test_a_child_that_does_not_listen_is_a_timeout(line_to):
    line = line_to("import time; time.sleep(600)")
    with pytest.raises(TimeoutError):
        line.send({"pixels": np.zeros(10_000_000, np.uint8)}, time.monotonic() + 0.3)


def test_waiting_can_be_called_off(line_to):
    stop = threading.Event()
    line = line_to("import time; time.sleep(600)", stop)
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(StoppedError):
        line.receive(soon())


def test_a_flood_on_standard_error_blocks_nothing_and_its_end_is_kept(line_to):
    script = (
        "import os, sys\n"
        "for _ in range(300): sys.stderr.write('x' * 10_000)\n"
        "sys.stderr.write('the end'); sys.stderr.flush()\n"
        f"os.write(1, {framed({'message': 'ready'})!r})\n"
        "import time; time.sleep(600)"
    )
    line = line_to(script)
    assert line.receive(soon()) == {"message": "ready"}
    printed = line.stderr_tail()
    assert printed.endswith("the end")
    assert len(printed) == 20_000


def test_a_dead_child_is_told_by_its_signal(line_to):
    line = line_to("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(ChildError, match="died with signal 9"):
        line.receive(soon())


def test_an_answer_sent_just_before_death_is_heard(line_to):
    line = line_to(f"import os; os.write(1, {framed({'message': 'answer'})!r}); os._exit(0)")
    line._process.wait(PATIENT_SECONDS)
    assert line.receive(soon()) == {"message": "answer"}


def test_a_request_carries_the_image_and_nothing_of_the_set():
    image = Image(name="image-1", pixels=np.zeros((2, 3), np.uint8), photometric="grey", spacing_mm=(0.1, 0.2))
    message = request_message(Request(request_id="r", images=(image,)))
    assert set(message) == {"request_id", "images"}
    assert message["images"][0]["spacing_mm"] == (0.1, 0.2)
    signals = Signals(samples=np.zeros((5, 2)), sampling_hz=500.0, leads=("I", "II"))
    message = request_message(Request(request_id="r", signals=signals))
    assert (message["sampling_hz"], message["leads"]) == (500.0, ["I", "II"])
