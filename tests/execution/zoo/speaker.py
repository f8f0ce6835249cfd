"""Speaks the wire protocol by itself and breaks it at one case, in the way that its first argument names.

``python speaker.py MANNER AT [MARK]``: a case scores the mean of its pixels; the one whose mean is AT is bad. MARK is a file
that the first child makes, for manners of which only the first child is guilty.
"""
# ruff: noqa

import json
import os
import signal
import struct
import sys
import time


def main():
    manner, at = sys.argv[1], float(sys.argv[2])
    manners = Manners(at)
    while True:
        message = receive()
        if message is None:
            return
        while manners.owed:
            send(manners.owed.pop())
        if message["message"] == "stop":
            if manner == "speaks_after_stop":
                send({"message": "answer", "request_id": "x", "answer": {}})
                time.sleep(600)
            return
        if message["message"] == "load":
            if manner == "answers_unasked" and first_time():
                send_all({"message": "ready"}, answer_to("r-77", 1.0))
            elif manner == "prints_first":
                os.write(1, b"Loading weights ...\n")
            else:
                extra = {"heartbeat_seconds": 0.2} if manner in ("falls_silent", "beats_and_hangs") else {}
                send({"message": "ready", **extra})
            continue
        requests = [message["request"]] if message["message"] == "ask" else message["requests"]
        if manner in ("backwards", "at_the_end"):
            in_order = requests[::-1] if manner == "backwards" else requests
            send_all(*(answer_to(r["request_id"], mean(r), seconds=3600) for r in in_order))
            continue
        for request in requests:
            if mean(request) == at and hasattr(manners, manner):
                getattr(manners, manner)(request["request_id"], [r["request_id"] for r in requests])
            else:
                send(answer_to(request["request_id"], mean(request)))


class Manners:
    def __init__(self, at):
        self.at = at
        self.owed = []  # what it says first when it is spoken to again

    def half_a_frame_then_hangs(self, name, names):
        os.write(1, frame(answer_to(name, self.at))[:30])
        time.sleep(600)

    def half_a_frame_then_exits(self, name, names):
        os.write(1, frame(answer_to(name, self.at))[:30])
        os._exit(0)

    def half_a_length(self, name, names):
        os.write(1, b"\0\0")
        os._exit(0)

    def header_too_long(self, name, names):
        os.write(1, b"\x7f\0\0\0")
        time.sleep(600)

    def negative_size(self, name, names):
        send(dict(answer_to(name, self.at), buffers=[{"dtype": "|u1", "shape": [1], "bytes": -1}]))

    def buffers_not_sent(self, name, names):
        send(dict(answer_to(name, self.at), buffers=[{"dtype": "|u1", "shape": [100000000], "bytes": 100000000}]))
        time.sleep(600)

    def two_answers(self, name, names):
        send_all(answer_to(name, self.at), answer_to(name, self.at + 1))

    def two_answers_the_same(self, name, names):
        send_all(answer_to(name, self.at), answer_to(name, self.at))

    def many_answers(self, name, names):
        send_all(*[answer_to(name, self.at)] * 1000)

    def second_answer_later(self, name, names):
        send(answer_to(name, self.at))
        self.owed.append(answer_to(name, self.at + 1))

    def wrong_id(self, name, names):
        send(answer_to("r-1000", self.at))

    def no_id(self, name, names):
        send({"message": "answer", "answer": {"status": "abstained"}})

    def error_without_id(self, name, names):
        send({"message": "error", "where": "answer", "error": "all is lost"})

    def error(self, name, names):
        send({"message": "error", "where": "answer", "request_id": name, "error": "it is lost"})

    def nothing(self, name, names):
        return

    def exits_well(self, name, names):
        os._exit(0)

    def dances(self, name, names):
        send({"message": "dance", "request_id": name})

    def is_ready_again(self, name, names):
        send({"message": "ready"})

    def floods_with_signs_of_life(self, name, names):
        beat = frame({"message": "alive"}) * 1000
        while True:
            os.write(1, beat)

    def no_json(self, name, names):
        os.write(1, b"\0\0\0\x05hello")
        time.sleep(600)

    def not_an_object(self, name, names):
        os.write(1, b"\0\0\0\x02[]")
        time.sleep(600)

    def nan(self, name, names):
        send(answer_to(name, float("nan")))

    def same_key_twice(self, name, names):
        header = json.dumps(answer_to(name, self.at))[:-1] + ', "answer": {"status": "abstained"}}'
        os.write(1, struct.pack(">I", len(header)) + header.encode())

    def deep(self, name, names):
        header = b'{"message":"answer","answer":' + b"[" * 100000 + b"]" * 100000 + b"}"
        os.write(1, struct.pack(">I", len(header)) + header)

    def prints(self, name, names):
        os.write(1, b"Case done.\n")
        send(answer_to(name, self.at))

    def prints_behind(self, name, names):
        os.write(1, frame(answer_to(name, self.at)) + b"Case done.\n")

    def one_byte_behind(self, name, names):
        os.write(1, frame(answer_to(name, self.at)) + b"\0")

    def stops_itself(self, name, names):
        os.kill(os.getpid(), signal.SIGSTOP)

    def falls_silent(self, name, names):
        time.sleep(600)

    def beats_and_hangs(self, name, names):
        while True:
            send({"message": "alive"})
            time.sleep(0.1)


def first_time():
    try:
        os.close(os.open(sys.argv[3], os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def mean(request):
    pixels = request["images"][0]["pixels"]
    return sum(pixels) / len(pixels)


def answer_to(name, score, **more):
    answer = {"status": "answered", "findings": {"fracture": {"score": score}}}
    return {"message": "answer", "request_id": name, "answer": answer, **more}


def frame(message):
    header = json.dumps(message).encode()
    return struct.pack(">I", len(header)) + header


def send(message):
    send_all(message)


def send_all(*messages):
    """In one write, so that whoever reads the first finds the others."""
    os.write(1, b"".join(frame(message) for message in messages))


def receive():
    prefix = sys.stdin.buffer.read(4)
    if len(prefix) < 4:
        return None
    header = json.loads(sys.stdin.buffer.read(struct.unpack(">I", prefix)[0]))
    arrays = [memoryview(sys.stdin.buffer.read(b["bytes"])).cast("H") for b in header.pop("buffers")]
    return filled(header, arrays)


def filled(value, arrays):
    if isinstance(value, dict):
        if set(value) == {"$buffer"}:
            return arrays[value["$buffer"]]
        return {key: filled(item, arrays) for key, item in value.items()}
    return [filled(item, arrays) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
