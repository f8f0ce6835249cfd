"""Runs inside the sealed child: imports the vendor's class and speaks the wire protocol. Standard library only.

Wire protocol ``dmn-bench/wire/1``, on the file descriptors that were standard input and output when the child began
(standard input is then closed to the vendor, standard output joined to standard error, so prints corrupt nothing):

    frame  = length of the header as unsigned 32-bit big endian, header as UTF-8 JSON, then the raw buffers in order
    header = {"message": …, "buffers": [{"dtype": "<u2", "shape": [3000, 2500], "bytes": 15000000}, …], …}

Wherever a value is an array the header holds {"$buffer": index}. Arrays are C order, little endian. With NumPy in the
child they become ndarrays; without it, memoryviews cast to the item type, with the shape.

    harness -> child   {"message": "load", "wire": 1, "entry": "module:Class", "import_paths": […], "options": {…}}
                       {"message": "ask", "request": {…}}
                       {"message": "ask_batch", "requests": [{…}, …]}
                       {"message": "stop"}
    child -> harness   {"message": "ready", "seconds": 1.2, "peak_memory_mb": 210.0, "numpy": true,
                        "heartbeat_seconds": 5}
                       {"message": "alive"}
                       {"message": "answer", "request_id": …, "answer": {…}, "seconds": …, "cpu_seconds": …,
                        "peak_memory_mb": …, "repeats": ["HTTP 503", …],
                        "late_results": [[request_id, "same" | "other" | "stray", "SR 1.2.3 from …"], …]}
                       {"message": "error", "where": "load" | "answer", "error": "ValueError: …", "traceback": "…"}

An answer repeats the id of its request, so that it can never be taken for the answer to another one; an error while
answering repeats it too. A batch gets one answer or error for each of its requests, in any order; an error without an
id says that the batch failed as a whole. ``repeats``, where there are any: why something was sent again to a device
elsewhere. ``late_results``, likewise, and of an error too: results of such a device that came when their request was
over, or about none. A child that promises a heartbeat says that it is alive at least that often
while it works.

A request is {"request_id", "images": [{"name", "pixels", "photometric", "spacing_mm", "spacing_source", "n_frames",
"modality", "view", "laterality", "bits_stored"}]} or {"request_id", "signals", "sampling_hz", "leads"} or
{"request_id", "files": [path, …]}. NaN in an answer is sent as the JSON token NaN and refused by the harness.

An answer has ``status`` and any of findings, grades, marks, masks, contours, beats, episodes and measurements. A mark
is {"finding", "image", "frame", "score"} with x and y (px, also width and height, or diameter), outline [[x, y], …] or
mask {"array": [rows, columns] of 0 and 1}, or with x_mm, y_mm and z_mm (also diameter_mm, or size_mm [x, y, z]).

The vendor's class has ``__init__(options)`` and ``answer(request)``, or ``answer_batch(requests)`` which returns a list
of answers in the same order, or both; an exception in place of an answer fails that request alone. It has
``heartbeat_seconds`` if it wants one sent for it while it works.
"""

import importlib
import json
import os
import struct
import sys
import threading
import time
import traceback

WIRE_VERSION = 1
MAX_HEADER_BYTES = 64 * 1024 * 1024
MAX_BUFFER_BYTES = 512 * 1024 * 1024
LOWEST_CHANNEL_DESCRIPTOR = 200  # out of the way of code that closes every small descriptor it did not open
ITEM_FORMATS = {"b1": "?", "u1": "B", "i1": "b", "u2": "H", "i2": "h", "u4": "I", "i4": "i", "u8": "Q", "i8": "q"}
ITEM_FORMATS.update({"f4": "f", "f8": "d"})


def main():
    """Serve until ``stop`` or the end of input; the exit code is 0 unless the protocol itself breaks."""
    inlet, outlet = _take_channel()
    heart = Heart(outlet)
    candidate = None
    while True:
        message = read_frame(inlet)
        if message is None or message["message"] == "stop":
            return 0
        with heart:
            if message["message"] == "load":
                candidate = _load(message, outlet, heart)
            elif message["message"] == "ask":
                _ask(candidate, message["request"], outlet)
            elif message["message"] == "ask_batch":
                _ask_batch(candidate, message["requests"], outlet)
            else:
                raise ValueError("unknown message %r" % (message["message"],))


class Channel:
    """The way back to the harness, one whole frame at a time, whichever thread sends it.

    Only the process that opened it may speak: a fork of it ends instead.
    """

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.process = os.getpid()
        self.turn = threading.Lock()

    def send(self, pieces):
        if os.getpid() != self.process:  # asked before the lock, which a fork may have been born holding
            os._exit(1)
        with self.turn:
            for view in pieces:
                while len(view):
                    view = view[os.write(self.descriptor, view) :]


class Heart:
    """Says that the child is alive while a message is being worked on, twice as often as promised."""

    def __init__(self, outlet):
        self.outlet = outlet
        self.seconds = None
        self.at_work = threading.Event()

    def begin(self, seconds):
        """Beat from now on, if it does not yet; None promises nothing. Raises TypeError if it is no number above 0."""
        if seconds is None or self.seconds is not None:
            return
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds > 0:
            raise TypeError("heartbeat_seconds is a number above 0, found %r" % (seconds,))
        self.seconds = seconds
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()

    def __enter__(self):
        self.at_work.set()

    def __exit__(self, *_):
        self.at_work.clear()

    def _beat(self):
        pieces = frame_of({"message": "alive"})
        while True:
            self.at_work.wait()
            time.sleep(self.seconds / 2)
            if self.at_work.is_set():
                self.outlet.send(pieces)


def _take_channel():
    """Keep the original stdin and stdout for the protocol; give the vendor's code /dev/null and stderr instead."""
    inlet = os.fdopen(_moved_up(0), "rb", buffering=1 << 16)
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


def _load(message, outlet, heart):
    start = time.perf_counter()
    try:
        _refuse_version(message["wire"])
        sys.path[:0] = message["import_paths"]
        module_name, _, class_name = message["entry"].partition(":")
        made_of = getattr(importlib.import_module(module_name), class_name)
        heart.begin(getattr(made_of, "heartbeat_seconds", None))
        candidate = made_of(message["options"])
        heart.begin(getattr(candidate, "heartbeat_seconds", None))
    except BaseException as error:  # sys.exit in a constructor is a failed load too
        _send_error(outlet, {"where": "load"}, error)
        return None
    ready = {"message": "ready", "seconds": time.perf_counter() - start, "numpy": _numpy() is not None}
    if heart.seconds is not None:
        ready["heartbeat_seconds"] = heart.seconds
    outlet.send(frame_of(dict(ready, peak_memory_mb=_peak_memory_mb())))
    return candidate


def _refuse_version(version):
    if version != WIRE_VERSION:
        raise ValueError("asked for version %r of the wire protocol, this child speaks %d" % (version, WIRE_VERSION))


def _ask(candidate, request, outlet):
    of_request = {"request_id": request.get("request_id")}
    watch = _Watch()
    try:
        if hasattr(candidate, "answer"):
            answer = candidate.answer(request)
        else:
            answer = _given(_answers_of(candidate, [request])[0])
        cost = dict(watch.read(1), **dict(_repeats(candidate), **_late_results(candidate)))
        pieces = frame_of(dict(cost, message="answer", answer=answer, **of_request))
    except BaseException as error:  # any way a model can fail is a finding, not a crash
        _send_error(outlet, dict(of_request, where="answer", **_late_results(candidate)), error)
        return
    outlet.send(pieces)


def _ask_batch(candidate, requests, outlet):
    """One answer or error for each request; each takes its share of the time of a batch that is answered as one."""
    if not hasattr(candidate, "answer_batch"):
        for request in requests:
            _ask(candidate, request, outlet)
        return
    ids = [request.get("request_id") for request in requests]
    watch = _Watch()
    try:
        answers = _answers_of(candidate, requests)
    except BaseException as error:
        _send_error(outlet, {"where": "answer"}, error)
        return
    cost = watch.read(len(requests))
    for index, answer in enumerate(answers):
        try:
            more = {} if index else _repeats(candidate)  # of the whole batch, told once
            pieces = frame_of(dict(cost, message="answer", request_id=ids[index], answer=_given(answer), **more))
        except BaseException as error:
            _send_error(outlet, {"where": "answer", "request_id": ids[index]}, error)
        else:
            outlet.send(pieces)


def _given(answer):
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _repeats(candidate):
    """Why a client of a device elsewhere sent something again for its last answer, a text for each time."""
    repeats = getattr(candidate, "repeats", None)
    return {"repeats": [str(reason) for reason in repeats]} if isinstance(repeats, list) and repeats else {}


def _late_results(candidate):
    """What a client of a device elsewhere received that is not about what it was asked last."""
    late = getattr(candidate, "late_results", None)
    if not isinstance(late, list) or not late:
        return {}
    return {"late_results": [[str(part) for part in each] for each in late if isinstance(each, tuple)]}


def _answers_of(candidate, requests):
    answers = candidate.answer_batch(requests)
    if not isinstance(answers, (list, tuple)):
        raise TypeError("answer_batch returns a list of answers, found %s" % type(answers).__name__)
    if len(answers) != len(requests):
        raise ValueError("answer_batch gave %d answers to %d requests" % (len(answers), len(requests)))
    return answers


class _Watch:
    """What answering costs, from the moment this is made."""

    def __init__(self):
        self.start, self.cpu_start = time.perf_counter(), time.process_time()

    def read(self, n):
        """The share of one of ``n`` requests."""
        cost = {"seconds": (time.perf_counter() - self.start) / n}
        cost["cpu_seconds"] = (time.process_time() - self.cpu_start) / n
        return dict(cost, peak_memory_mb=_peak_memory_mb())


def _send_error(outlet, about, error):
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))[-20000:]
    try:
        short = "%s: %s" % (type(error).__name__, error)
    except BaseException:  # an exception may fail to print itself
        short = type(error).__name__
    outlet.send(frame_of(dict(about, message="error", error=short[:2000], traceback=text)))


def _peak_memory_mb():
    """Highest resident memory of this process in MiB.

    On Linux from /proc: ``ru_maxrss`` begins at the size of the process that started this one.
    """
    try:
        with open("/proc/self/status", "rb", buffering=0) as status:
            return int(status.read().partition(b"VmHWM:")[2].split(None, 1)[0]) / 1024
    except (OSError, IndexError):
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
    numpy = _numpy()
    raw = bytearray(described["bytes"]) if numpy is None else numpy.empty(described["bytes"], "u1")
    view, filled = memoryview(raw), 0
    while filled < len(raw):
        count = stream.readinto(view[filled:])
        if not count:
            raise ValueError("stream ended inside a buffer")
        filled += count
    if numpy is not None:
        return raw.view(described["dtype"]).reshape(described["shape"])
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


def frame_of(message):
    """The whole frame of a message as byte views, made before anything is sent.

    ndarrays anywhere inside become raw buffers, NumPy scalars plain numbers. Raises TypeError if the message holds
    anything that is neither JSON nor an array of numbers, ValueError if it is too large.
    """
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


def _emptied(value, buffers):
    if value is None or type(value) in (str, int, float, bool):  # most of a message
        return value
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
