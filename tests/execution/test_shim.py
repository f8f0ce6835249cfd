import ast
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dmn_bench import candidate_shim
from dmn_bench.candidate_shim import frame_of, read_frame
from dmn_bench.execution import wire

SHIM = Path(candidate_shim.__file__)


def framed(message):
    return b"".join(frame_of(message))


def round_trip(message):
    return read_frame(io.BytesIO(framed(message)))


def test_the_shim_is_python_3_8_and_standard_library_alone():
    tree = ast.parse(SHIM.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add(node.module)
    assert imported - set(sys.stdlib_module_names) == {"numpy"}  # used only where the vendor has it


@pytest.mark.parametrize("dtype", ["bool", "u1", "<u2", ">u2", "<f4", "<f8", "<i8", "<f2"])
def test_arrays_cross_unchanged(dtype):
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)
    found = round_trip({"a": [array, {"b": array[:, ::2]}]})
    assert np.array_equal(found["a"][0], array)
    assert np.array_equal(found["a"][1]["b"], array[:, ::2])
    found["a"][0][:] = 0  # and may be written to


def test_empty_and_scalar_arrays_cross():
    found = round_trip({"empty": np.zeros((0, 3)), "scalar": np.float32(0.5), "point": np.array(7)})
    assert found["empty"].shape == (0, 3)
    assert (found["scalar"], found["point"]) == (0.5, 7)


@pytest.mark.parametrize(
    "value",
    [np.array(["a"]), np.array([object()]), np.ma.masked_array([1], [True]), {1, 2}, b"a", {"a": {1: 0.9, "1": 0.1}}],
)
def test_what_cannot_be_sent_is_refused_before_anything_is(value):
    with pytest.raises(TypeError):
        frame_of({"a": np.zeros(3), "b": value})


@pytest.mark.parametrize("raw", [b"\x00\x00", b"\x00\x00\x00\x05{}", b"\xff\xff\xff\xff", b"\x00\x00\x00\x02[}"])
def test_a_broken_frame_is_an_error(raw):
    with pytest.raises(ValueError, match=r"stream ended|header of|Expecting value"):
        read_frame(io.BytesIO(raw))


def test_both_ends_agree_on_the_limits():
    assert wire.MAX_HEADER_BYTES == candidate_shim.MAX_HEADER_BYTES
    assert wire.MAX_BUFFER_BYTES == candidate_shim.MAX_BUFFER_BYTES


WITHOUT_NUMPY = """
import io, sys
sys.modules["numpy"] = None
sys.path.insert(0, {folder!r})
import candidate_shim
view = candidate_shim.read_frame(sys.stdin.buffer)["a"]
print(view.format, view.shape, view[1, 2])
"""


def test_without_numpy_an_array_is_a_memoryview_of_its_items():
    sent = framed({"a": np.arange(6, dtype="<u2").reshape(2, 3)})
    script = WITHOUT_NUMPY.format(folder=str(SHIM.parent))
    found = subprocess.run([sys.executable, "-I", "-c", script], input=sent, capture_output=True, check=True)
    assert found.stdout.decode().strip() == "H (2, 3) 5"


def test_the_shim_leaves_at_the_end_of_its_input():
    found = subprocess.run([sys.executable, "-I", str(SHIM)], input=b"", capture_output=True, check=False)
    assert (found.returncode, found.stdout) == (0, b"")


def test_an_unknown_message_ends_the_shim():
    sent = framed({"message": "dance"})
    found = subprocess.run([sys.executable, "-I", str(SHIM)], input=sent, capture_output=True, check=False)
    assert found.returncode == 1
    assert b"unknown message" in found.stderr
