"""A vendor's program for the tests, in plain Python: reads request.json and raw pixels, and behaves as it is told.

Usage: square.py INPUT OUTPUT BEHAVIOUR, where the behaviour shows in the case whose brightest pixel is 13.
"""

import ast
import json
import os
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

ODD = 13


def main():
    source, target, behaviour = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    if (source / "request.json").is_file():
        one(source, target, behaviour)
        return
    lines = []
    for folder in sorted(source.iterdir()):
        if behaviour.startswith("lines"):
            lines += line_of(folder, behaviour)
        else:
            one(folder, target / folder.name, behaviour)
    if lines:
        (target / "answers.jsonl").write_text("\n".join(lines) + "\n")


def one(source, target, behaviour):
    request = json.loads((source / "request.json").read_text(encoding="utf-8"))
    level = brightest(source / request["images"][0]["files"][0])
    answer = {"status": "answered", "findings": {"square": {"score": level / 255}}}
    if level == ODD and behaviour in ODDITIES:
        ODDITIES[behaviour](target, answer, request)
        return
    (target / "answer.json").write_text(json.dumps(answer))


def line_of(folder, behaviour):
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    level = brightest(folder / request["images"][0]["files"][0])
    answer = {"status": "answered", "findings": {"square": {"score": level / 255}}}
    line = json.dumps({"request_id": request["request_id"], **answer})
    if level != ODD:
        return [line]
    return {
        "lines": [line],
        "lines twice": [line, line],
        "lines half": [line[:30]],
        "lines of another": [json.dumps({"request_id": "nobody", **answer})],
        "lines missing": [],
    }[behaviour]


def brightest(path):
    """Of a NumPy file of version 1.0 that holds bytes: nothing but the standard library is needed."""
    data = path.read_bytes()
    (length,) = struct.unpack("<H", data[8:10])
    header = ast.literal_eval(data[10 : 10 + length].decode("latin-1"))
    if header["descr"] != "|u1":
        sys.exit("expected bytes, found " + header["descr"])
    return max(data[10 + length :])


def write(target, answer, name="answer.json"):
    (target / name).write_text(json.dumps(answer))


def exit_with(code, words=""):
    def behave(*_):
        sys.stdout.write("about to end\n")
        if words:
            sys.stderr.write(words + "\n")
        sys.stdout.flush()
        os._exit(code)

    return behave


def many_files(target, *_):
    for i in range(100_000):
        (target / (f"f{i}")).write_bytes(b"")


def leave_processes(target, answer, _):
    write(target, answer)
    code = "import os, time; os.setsid(); print(flush=True); time.sleep(600)"
    left = subprocess.Popen([sys.executable, "-c", code, f"left-behind-by {sys.argv[0]}"], stdout=subprocess.PIPE)
    left.stdout.readline()  # until it is in a session of its own


def disk_full(target, *_):
    with (target / "answer.json").open("wb", buffering=0) as stream:
        while True:
            stream.write(b" " * (1 << 20))


ODDITIES = {
    "crash": lambda *_: os.kill(os.getpid(), signal.SIGSEGV),
    "out of memory": lambda *_: os.kill(os.getpid(), signal.SIGKILL),
    "exit": exit_with(7, "no licence"),
    "exit 3": exit_with(3, "too dark"),
    "hang": lambda *_: time.sleep(600),
    "no output": lambda *_: None,
    "half": lambda target, answer, _: (target / "answer.json").write_text(json.dumps(answer)[:20]),
    "wrong id": lambda target, answer, _: write(target, {"request_id": "another", **answer}),
    "link": lambda target, *_: (target / "answer.json").symlink_to("/etc/hostname"),
    "many files": many_files,
    "disk full": disk_full,
    "leaves processes": leave_processes,
    "flood": lambda target, answer, _: (sys.stdout.write("x" * 20_000_000), write(target, answer)),
}

if __name__ == "__main__":
    main()
