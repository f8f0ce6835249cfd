"""A vendor's program in an image for the tests: speaks the wire protocol with the standard library alone.

The behaviour is in the options of the message load; it shows in the case whose brightest pixel is 13.
"""

import json
import os
import signal
import struct
import sys
import time
from pathlib import Path

ODD = 13


def read_frame(stream):
    prefix = stream.read(4)
    if not prefix:
        sys.exit(0)
    header = json.loads(stream.read(struct.unpack(">I", prefix)[0]))
    return header, [stream.read(each["bytes"]) for each in header.pop("buffers")]


def frame(message):
    data = json.dumps({**message, "buffers": []}).encode()
    return struct.pack(">I", len(data)) + data


def send(message):
    write(frame(message))


def level_of(request, buffers):
    if "files" in request:
        path = request["files"][0]
        for source, target in json.loads(os.environ["MOUNTS"]):  # of the stand-in, which mounts nothing
            path = source + path[len(target) :] if path.startswith(target) else path
        return len(Path(path).read_bytes())
    return max(buffers[request["images"][0]["pixels"]["$buffer"]])


def answer(request, level):
    said = {"status": "answered", "findings": {"square": {"score": level / 255}}}
    return {"message": "answer", "request_id": request["request_id"], "answer": said}


def respond(request, buffers, behaviour, kept=[]):  # noqa: B006 - from one request to the next
    level = level_of(request, buffers)
    reply = answer(request, level)
    if level != ODD:
        while kept:
            send(kept.pop())
        send(reply)
        return
    if behaviour == "second answer later":
        kept.append(reply)
    if behaviour in FAULTS:
        FAULTS[behaviour](reply)
    else:
        send(reply)
    if behaviour == "leaves":
        os._exit(0)


def write(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def half(reply):
    write(frame(reply)[:20])
    os._exit(0)


FAULTS = {
    "crash": lambda _: os.kill(os.getpid(), signal.SIGSEGV),
    "out of memory": lambda _: os.kill(os.getpid(), signal.SIGKILL),
    "exit": lambda _: sys.exit(7),
    "hang": lambda _: time.sleep(600),
    "garbage": lambda _: write(b"\xff" * 64),
    "half": half,
    "wrong id": lambda reply: send({**reply, "request_id": "another"}),
    "two answers": lambda reply: write(frame(reply) * 2),
    "error": lambda reply: send({"message": "error", "request_id": reply["request_id"], "error": "no licence"}),
}


def main():
    behaviour = ""
    while True:
        message, buffers = read_frame(sys.stdin.buffer)
        if message["message"] == "load":
            behaviour = message["options"].get("behaviour", "")
            if behaviour == "does not load":
                sys.stderr.write("weights are damaged\n")
                sys.exit(9)
            send({"message": "alive"})
            send({"message": "ready", "seconds": 0.01, "numpy": False})
        elif message["message"] == "ask":
            respond(message["request"], buffers, behaviour)
        elif message["message"] == "ask_batch":
            for request in reversed(message["requests"]):
                respond(request, buffers, behaviour)
        else:
            return


if __name__ == "__main__":
    main()
