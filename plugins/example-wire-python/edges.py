"""Finds how rough an image is: a candidate that speaks the wire protocol of dmn-bench by itself.

Python's standard library alone. What is read here is not imported by dmn-bench: it is started as a program of its own,
and all it has of the world is its standard input and output.
"""

import array
import io
import json
import struct
import sys
import time

ITEMS = {"|u1": "B", "|i1": "b", "<u2": "H", "<i2": "h", "<u4": "I", "<i4": "i", "<f4": "f", "<f8": "d"}


def main() -> None:
    """Serve until ``stop`` or the end of input."""
    inlet, outlet = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever is printed from here on does not end up between the frames
    options = {}
    while True:
        message = receive(inlet)
        if message is None or message["message"] == "stop":
            return
        if message["message"] == "load":
            if message["wire"] != 1:
                send(outlet, {"message": "error", "where": "load", "error": "this program speaks version 1"})
                continue
            options = message["options"]  # a real product reads its weights here, once
            send(outlet, {"message": "ready"})
        elif message["message"] == "ask":
            send(outlet, reply(message["request"], options))
        elif message["message"] == "ask_batch":
            for request in message["requests"]:  # in any order, each as soon as it is known
                send(outlet, reply(request, options))


def reply(request: dict, options: dict) -> dict:
    """The message that answers one request. Whatever goes wrong costs this request and no other."""
    start = time.perf_counter()
    of_request = {"request_id": request["request_id"]}
    try:
        answer = judge(request["images"], options["finding"])
    except Exception as error:
        return dict(of_request, message="error", where="answer", error=f"{type(error).__name__}: {error}")
    return dict(of_request, message="answer", answer=answer, seconds=time.perf_counter() - start)


def judge(images: list, finding: str) -> dict:
    """The score of the roughest image, and a mark at its steepest step."""
    best, marks = 0.0, []
    for image in images:
        values, shape = image["pixels"]
        if len(shape) != 2 or shape[1] < 2:
            return {"status": "rejected_input", "reason": "one grey image with one frame is expected"}
        low, high = min(values), max(values)
        if low == high:
            return {"status": "abstained", "reason": "the image is uniform"}
        total, steepest, place = 0.0, -1.0, 0
        rows, columns = shape
        for row in range(rows):
            for i in range(row * columns, (row + 1) * columns - 1):
                step = abs(values[i + 1] - values[i])
                total += step
                if step > steepest:
                    steepest, place = step, i
        score = total / (rows * (columns - 1)) / (high - low)
        best = max(best, score)
        x, y = place % columns + 1.0, place // columns + 0.5  # between two pixels; (0, 0) is the corner of the first
        marks.append({"finding": finding, "image": image["name"], "x": x, "y": y, "score": score})
    return {"status": "answered", "findings": {finding: {"score": best}}, "marks": marks}


def receive(inlet: io.BufferedIOBase) -> dict | None:
    """One message, None at the end of input. An array becomes (values, shape)."""
    prefix = inlet.read(4)
    if len(prefix) < 4:
        return None
    header = json.loads(inlet.read(struct.unpack(">I", prefix)[0]))
    arrays = []
    for described in header.pop("buffers"):
        values = array.array(ITEMS[described["dtype"]], inlet.read(described["bytes"]))
        if sys.byteorder == "big":
            values.byteswap()
        arrays.append((values, described["shape"]))
    return filled(header, arrays)


def filled(value: object, arrays: list) -> object:
    """The same value with every {"$buffer": index} replaced by the array of that index."""
    if isinstance(value, dict):
        if set(value) == {"$buffer"}:
            return arrays[value["$buffer"]]
        return {key: filled(item, arrays) for key, item in value.items()}
    return [filled(item, arrays) for item in value] if isinstance(value, list) else value


def send(outlet: io.BufferedIOBase, message: dict) -> None:
    """One message; no array is ever sent back here, so there are no buffers."""
    header = json.dumps(message).encode()
    outlet.write(struct.pack(">I", len(header)) + header)
    outlet.flush()


if __name__ == "__main__":
    main()
