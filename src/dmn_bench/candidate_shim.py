"""Runs inside the sealed child: imports the vendor's class and speaks the wire protocol. Standard library only.

Wire protocol ``dmn-bench/wire/1``, on the file descriptors that were standard input and output when the child began
(standard input is then closed to the vendor, standard output joined to standard error, so prints corrupt nothing):

    frame  = length of the header as unsigned 32-bit big endian, header as UTF-8 JSON, then the raw buffers in order
    header = {"message": …, "buffers": [{"dtype": "<u2", "shape": [3000, 2500], "bytes": 15000000}, …], …}

Wherever a value is an array the header holds {"$buffer": index}. Arrays are C order, little endian. With NumPy in the
child they become ndarrays; without it, memoryviews cast to the item type, with the shape.

    harness -> child   {"message": "load", "wire": 1, "entry": "module:Class", "import_paths": […], "options": {…}}
                       {"message": "ask", "request": {…}}
                       {"message": "stop"}
    child -> harness   {"message": "ready", "seconds": 1.2, "peak_memory_mb": 210.0, "numpy": true}
                       {"message": "answer", "answer": {…}, "seconds": …, "cpu_seconds": …, "peak_memory_mb": …}
                       {"message": "error", "where": "load" | "answer", "error": "ValueError: …", "traceback": "…"}

A request is {"request_id", "images": [{"name", "pixels", "photometric", "spacing_mm", "spacing_source", "n_frames",
"modality", "view", "laterality", "bits_stored"}]} or {"request_id", "signals", "sampling_hz", "leads"} or
{"request_id", "files": [path, …]}. NaN in an answer is sent as the JSON token NaN and refused by the harness.
"""

import importlib
import json
import os
import resource
import struct
import sys
import time
import traceback

MAX_HEADER_BYTES = 64 * 1024 * 1024


def main():
    """Serve until ``stop`` or the end of input; the exit code is 0 unless the protocol itself breaks."""
    inlet, outlet = _take_channel()
    candidate = None
    while True:
        message = read_frame(inlet)
        if message is None or message["message"] == "stop":
            return 0
        if message["message"] == "load":
            candidate = _load(message, outlet)
        elif message["message"] == "ask":
            _ask(candidate, message["request"], outlet)


def _take_channel():
    """Keep the original stdin and stdout for the protocol; give the vendor's code /dev/null and stderr instead."""
    inlet = os.fdopen(os.dup(0), "rb", buffering=1 << 20)
    outlet = os.fdopen(os.dup(1), "wb", buffering=0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    return inlet, outlet


def _load(message, outlet):
    start = time.perf_counter()
    try:
        sys.path[:0] = message["import_paths"]
        module_name, _, class_name = message["entry"].partition(":")
        candidate = getattr(importlib.import_module(module_name), class_name)(message["options"])
    except Exception as error:
        _send_error(outlet, "load", error)
        return None
    ready = {"message": "ready", "seconds": time.perf_counter() - start, "numpy": _numpy() is not None}
    write_frame(outlet, dict(ready, peak_memory_mb=_peak_memory_mb()))
    return candidate


def _ask(candidate, request, outlet):
    start, cpu_start = time.perf_counter(), time.process_time()
    try:
        answer = candidate.answer(request)
        reply = {"message": "answer", "answer": answer, "seconds": time.perf_counter() - start}
        reply["cpu_seconds"] = time.process_time() - cpu_start
        write_frame(outlet, dict(reply, peak_memory_mb=_peak_memory_mb()))
    except Exception as error:  # any way a model can fail is a finding, not a crash
        _send_error(outlet, "answer", error)


def _send_error(outlet, where, error):
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))[-20_000:]
    short = "%s: %s" % (type(error).__name__, error)
    write_frame(outlet, {"message": "error", "where": where, "error": short[:2000], "traceback": text})


def _peak_memory_mb():
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _numpy():
    try:
        import numpy
    except ImportError:
        return None
    return numpy


def read_frame(stream):
    """One message from a stream, arrays in place; None at the end of input.

    Raises ValueError if the header is longer than 64 MiB or the stream ends inside a frame.
    """
    prefix = stream.read(4)
    if not prefix:
        return None
    (length,) = struct.unpack(">I", _whole(prefix, 4))
    if length > MAX_HEADER_BYTES:
        raise ValueError("frame header of %d bytes, at most %d" % (length, MAX_HEADER_BYTES))
    header = json.loads(_whole(stream.read(length), length).decode("utf-8"))
    arrays = [_array(stream, described) for described in header.pop("buffers", ())]
    return _filled(header, arrays)


def _array(stream, described):
    raw = bytearray(described["bytes"])
    view, filled = memoryview(raw), 0
    while filled < len(raw):
        count = stream.readinto(view[filled:])
        if not count:
            raise ValueError("stream ended inside a buffer")
        filled += count
    numpy = _numpy()
    if numpy is None:
        return memoryview(raw)
    return numpy.frombuffer(raw, dtype=described["dtype"]).reshape(described["shape"])


def _whole(data, length):
    if len(data) < length:
        raise ValueError("stream ended inside a frame")
    return data


def _filled(value, arrays):
    if isinstance(value, dict):
        if set(value) == {"$buffer"}:
            return arrays[value["$buffer"]]
        return {key: _filled(item, arrays) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, arrays) for item in value]
    return value


def write_frame(stream, message):
    """Send one message; ndarrays anywhere inside become raw buffers, NumPy scalars plain numbers.

    Raises TypeError if the message holds anything that is neither JSON nor an array.
    """
    buffers = []
    header = dict(_emptied(message, buffers))
    header["buffers"] = [{"dtype": a.dtype.str, "shape": list(a.shape), "bytes": a.nbytes} for a in buffers]
    data = json.dumps(header).encode("utf-8")
    _send(stream, struct.pack(">I", len(data)) + data)
    for array in buffers:
        _send(stream, memoryview(array.reshape(-1)).cast("B") if array.size else b"")


def _send(stream, data):
    view = memoryview(data)
    while view:
        view = view[stream.write(view) :]
    stream.flush()


def _emptied(value, buffers):
    if isinstance(value, dict):
        return {str(key): _emptied(item, buffers) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_emptied(item, buffers) for item in value]
    numpy = _numpy() if type(value).__module__.partition(".")[0] == "numpy" else None
    if numpy is not None and isinstance(value, numpy.ndarray):
        order = value.dtype.newbyteorder("<")
        if order.hasobject:
            raise TypeError("an array of Python objects cannot be sent")
        buffers.append(numpy.ascontiguousarray(value, dtype=order))
        return {"$buffer": len(buffers) - 1}
    if numpy is not None and isinstance(value, numpy.generic):
        return value.item()
    return value


if __name__ == "__main__":
    sys.exit(main())
