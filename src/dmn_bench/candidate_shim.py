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
                       {"message": "answer", "request_id": …, "answer": {…}, "seconds": …, "cpu_seconds": …,
                        "peak_memory_mb": …}
                       {"message": "error", "where": "load" | "answer", "error": "ValueError: …", "traceback": "…"}

An answer repeats the id of its request, so that it can never be taken for the answer to another one; an error while
answering repeats it too.

A request is {"request_id", "images": [{"name", "pixels", "photometric", "spacing_mm", "spacing_source", "n_frames",
"modality", "view", "laterality", "bits_stored"}]} or {"request_id", "signals", "sampling_hz", "leads"} or
{"request_id", "files": [path, …]}. NaN in an answer is sent as the JSON token NaN and refused by the harness.
"""

import importlib
import json
import os
import struct
import sys
import time
import traceback

MAX_HEADER_BYTES = 64 * 1024 * 1024
MAX_BUFFER_BYTES = 512 * 1024 * 1024
LOWEST_CHANNEL_DESCRIPTOR = 200  # out of the way of code that closes every small descriptor it did not open
ITEM_FORMATS = {"b1": "?", "u1": "B", "i1": "b", "u2": "H", "i2": "h", "u4": "I", "i4": "i", "u8": "Q", "i8": "q"}
ITEM_FORMATS.update({"f4": "f", "f8": "d"})


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
        else:
            raise ValueError("unknown message %r" % (message["message"],))


class Channel:
    """The way back to the harness. Only the process that opened it may speak: a fork of it ends instead."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.process = os.getpid()

    def write(self, data):
        if os.getpid() != self.process:
            os._exit(1)
        return os.write(self.descriptor, data)


def _take_channel():
    """Keep the original stdin and stdout for the protocol; give the vendor's code /dev/null and stderr instead."""
    inlet = os.fdopen(_moved_up(0), "rb", buffering=1 << 20)
    outlet = Channel(_moved_up(1))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False, encoding="utf-8", errors="backslashreplace")
    return inlet, outlet


def _moved_up(descriptor):
    try:
        import fcntl

        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, LOWEST_CHANNEL_DESCRIPTOR)
    except (ImportError, OSError):  # another system, or fewer descriptors allowed
        return os.dup(descriptor)


def _load(message, outlet):
    start = time.perf_counter()
    try:
        sys.path[:0] = message["import_paths"]
        module_name, _, class_name = message["entry"].partition(":")
        candidate = getattr(importlib.import_module(module_name), class_name)(message["options"])
    except BaseException as error:  # sys.exit in a constructor is a failed load too
        _send_error(outlet, {"where": "load"}, error)
        return None
    ready = {"message": "ready", "seconds": time.perf_counter() - start, "numpy": _numpy() is not None}
    write_frame(outlet, dict(ready, peak_memory_mb=_peak_memory_mb()))
    return candidate


def _ask(candidate, request, outlet):
    of_request = {"request_id": request.get("request_id")}
    start, cpu_start = time.perf_counter(), time.process_time()
    try:
        answer = candidate.answer(request)
        reply = dict(of_request, message="answer", answer=answer, seconds=time.perf_counter() - start)
        reply["cpu_seconds"] = time.process_time() - cpu_start
        pieces = _pieces(dict(reply, peak_memory_mb=_peak_memory_mb()))
    except BaseException as error:  # any way a model can fail is a finding, not a crash
        _send_error(outlet, dict(of_request, where="answer"), error)
        return
    _send(outlet, pieces)


def _send_error(outlet, about, error):
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))[-20000:]
    try:
        short = "%s: %s" % (type(error).__name__, error)
    except BaseException:  # an exception may fail to print itself
        short = type(error).__name__
    write_frame(outlet, dict(about, message="error", error=short[:2000], traceback=text))


def _peak_memory_mb():
    """Highest resident memory of this process in MiB.

    On Linux from /proc: ``ru_maxrss`` begins at the size of the process that started this one.
    """
    try:
        with open("/proc/self/status", "rb") as status:
            for line in status:
                if line.startswith(b"VmHWM:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    try:
        import resource
    except ImportError:
        return None
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
    if numpy is not None and not raw:
        return numpy.zeros(described["shape"], dtype=described["dtype"])
    if numpy is not None:
        return numpy.frombuffer(raw, dtype=described["dtype"]).reshape(described["shape"])
    item_format = ITEM_FORMATS[described["dtype"][1:]]
    if not raw:
        return memoryview(raw).cast(item_format)
    return memoryview(raw).cast(item_format, described["shape"])


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

    Raises TypeError if the message holds anything that is neither JSON nor an array of numbers, ValueError if it is
    too large; nothing is sent then.
    """
    _send(stream, _pieces(message))


def _pieces(message):
    """The whole frame as a list of byte views, made before anything is sent."""
    buffers = []
    header = dict(_emptied(message, buffers))
    header["buffers"] = [{"dtype": a.dtype.str, "shape": list(a.shape), "bytes": a.nbytes} for a in buffers]
    data = json.dumps(header).encode("utf-8")
    if len(data) > MAX_HEADER_BYTES:
        raise ValueError("an answer of %d bytes without its arrays, at most %d" % (len(data), MAX_HEADER_BYTES))
    total = sum(array.nbytes for array in buffers)
    if total > MAX_BUFFER_BYTES:
        raise ValueError("arrays of %d bytes in one answer, at most %d" % (total, MAX_BUFFER_BYTES))
    views = [memoryview(array.reshape(-1).view("u1")) for array in buffers if array.size]
    return [memoryview(struct.pack(">I", len(data)) + data), *views]


def _send(stream, pieces):
    for view in pieces:
        while len(view):
            view = view[stream.write(view) :]


def _emptied(value, buffers):
    if isinstance(value, dict):
        if len({str(key) for key in value}) < len(value):
            raise TypeError("two keys of an object are the same when written as text")
        return {str(key): _emptied(item, buffers) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_emptied(item, buffers) for item in value]
    numpy = _numpy() if type(value).__module__.partition(".")[0] == "numpy" else None
    if numpy is None:
        return value
    if isinstance(value, numpy.ma.MaskedArray):
        raise TypeError("a masked array cannot be sent: its mask would be lost")
    if isinstance(value, numpy.generic) or (isinstance(value, numpy.ndarray) and value.ndim == 0):
        return value.item()
    if isinstance(value, numpy.ndarray):
        order = value.dtype.newbyteorder("<")
        if order.kind not in "biuf" or order.itemsize > 8:
            raise TypeError("an array of %s cannot be sent, only of numbers or booleans" % value.dtype)
        buffers.append(numpy.ascontiguousarray(value, dtype=order))
        return {"$buffer": len(buffers) - 1}
    return value


def _serve_and_leave():
    """Leave without waiting for threads or exit handlers that the vendor's code left behind."""
    code = 1
    try:
        code = main()
    except BaseException:
        traceback.print_exc()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    _serve_and_leave()
