"""What the wire costs: a call with almost nothing in it, and radiographs of 15 MB, beside other ways to hand them over.

Every contestant asks a process of its own for one number of an array, one request at a time, and gets a dictionary
back. They take turns; what is printed is the median of all calls, and the smallest.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
TINY, RADIOGRAPH = (8, 9), (3000, 2500)  # rows, columns of 16 bits: 144 bytes and 15 MB
VENDOR = """
class Middle:
    def __init__(self, options):
        pass

    def answer(self, request):
        pixels = request["images"][0]["pixels"]
        number = int(pixels[pixels.shape[0] // 2, pixels.shape[1] // 2])
        return {"status": "answered", "findings": {"finding": {"score": number}}}
"""
Ask = Callable[[np.ndarray], float]


@dataclass(frozen=True, kw_only=True)
class Job:
    """So many calls with an array of a shape in one turn; ``batch`` arrays in one message."""

    name: str
    shape: tuple[int, int]
    calls: int


def middle(pixels: np.ndarray) -> dict[str, Any]:
    """What every contestant's process answers."""
    number = int(pixels[pixels.shape[0] // 2, pixels.shape[1] // 2])
    return {"status": "answered", "findings": {"finding": {"score": number}}}


def score(answer: dict[str, Any]) -> float:
    """The number in an answer."""
    return float(answer["findings"]["finding"]["score"])


# ------------------------------------------------------------------------------------------------- the contestants


@contextmanager
def wire(folder: Path) -> Iterator[Ask]:
    """Ours: the sealed child, its warden, the deadline, every check of the answer."""
    from dmn_bench.adapters.answer_reading import read_answer
    from dmn_bench.vocabulary import Image, Origin, Request

    with _child(folder, batch=1) as child:
        origin = Origin(case_id="c", images={"image-1": "a.png"}, sop_instance_uids={})

        def ask(pixels: np.ndarray) -> float:
            image = Image(name="image-1", pixels=pixels, photometric="grey", bits_stored=16)
            reply = child.ask(Request(request_id=os.urandom(8).hex(), images=(image,)))
            return read_answer(reply.answer, "c", origin).findings["finding"].score or 0.0

        yield ask


@contextmanager
def _child(folder: Path, *, batch: int) -> Iterator[Any]:
    from dmn_bench.execution.launcher import ExecutionSettings
    from dmn_bench.execution.worker import Child
    from dmn_bench.hookspecs import ChildProgram

    (folder / "middle.py").write_text(VENDOR, encoding="utf-8")
    program = ChildProgram(entry="middle:Middle", import_paths=(folder,), options={}, batch=batch)
    child = Child(program, ExecutionSettings(), folder=folder, stop=threading.Event())
    try:
        child.load()
        yield child
    finally:
        child.close()


@contextmanager
def pipe(_: Path) -> Iterator[Ask]:
    """multiprocessing.Pipe: the array pickled into a socket pair."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve_pipe, args=(there,), daemon=True)
    process.start()
    there.close()

    def ask(pixels: np.ndarray) -> float:
        here.send({"pixels": pixels})
        return score(here.recv())

    try:
        yield ask
    finally:
        here.close()
        process.join()


def serve_pipe(there: Any) -> None:
    """The other end of ``pipe``."""
    try:
        while True:
            there.send(middle(there.recv()["pixels"]))
    except EOFError:
        return


@contextmanager
def http_binary(_: Path) -> Iterator[Ask]:
    """http.server and http.client over one connection that stays open, the pixels as they are in the body."""
    with _process("--serve-http") as process:
        port = int(process.stdout.readline())
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.connect()
        connection.sock.setsockopt(6, 1, 1)  # TCP_NODELAY

        def ask(pixels: np.ndarray) -> float:
            headers = {"Shape": json.dumps(pixels.shape), "Content-Type": "application/octet-stream"}
            connection.request("POST", "/", body=pixels.data.cast("B"), headers=headers)
            return score(json.loads(connection.getresponse().read()))

        yield ask
        connection.close()


def serve_http() -> None:
    """The other end of ``http_binary``; its port is printed first."""
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            raw = np.empty(int(self.headers["Content-Length"]), np.uint8)
            self.rfile.readinto(raw.data)
            body = json.dumps(middle(raw.view("<u2").reshape(json.loads(self.headers["Shape"])))).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


@contextmanager
def npy_file(folder: Path) -> Iterator[Ask]:
    """A .npy file in a folder, its name over a pipe, mapped into memory by the other process; removed after."""
    path = folder / "request.npy"
    with _process("--serve-files") as process:

        def ask(pixels: np.ndarray) -> float:
            np.save(path, pixels)
            process.stdin.write(f"{path}\n".encode())
            process.stdin.flush()
            found = score(json.loads(process.stdout.readline()))
            path.unlink()
            return found

        yield ask


@contextmanager
def npy_in_memory(_: Path) -> Iterator[Ask]:
    """The same on a file system in memory."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name, npy_file(Path(name)) as ask:
        yield ask


def serve_files() -> None:
    """The other end of ``npy_file``: every page is touched, as a model would."""
    for line in sys.stdin:
        pixels = np.load(line.strip(), mmap_mode="r")
        pixels.max()
        print(json.dumps(middle(pixels)), flush=True)


@contextmanager
def json_lines(_: Path) -> Iterator[Ask]:
    """Pixels as base64 within a line of JSON over pipes: what many a service does."""
    import base64

    with _process("--serve-lines") as process:

        def ask(pixels: np.ndarray) -> float:
            line = {"shape": pixels.shape, "pixels": base64.b64encode(pixels.data.cast("B")).decode()}
            process.stdin.write(json.dumps(line).encode() + b"\n")
            process.stdin.flush()
            return score(json.loads(process.stdout.readline()))

        yield ask


def serve_lines() -> None:
    """The other end of ``json_lines``."""
    import base64

    for line in sys.stdin:
        said = json.loads(line)
        pixels = np.frombuffer(base64.b64decode(said["pixels"]), "<u2").reshape(said["shape"])
        print(json.dumps(middle(pixels)), flush=True)


@contextmanager
def _process(flag: str) -> Iterator[Any]:
    command = [sys.executable, str(Path(__file__).resolve()), flag]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


@contextmanager
def copies(_: Path) -> Iterator[Ask]:
    """No process at all: the array is copied twice within memory, as through a pipe."""

    def ask(pixels: np.ndarray) -> float:
        return score(middle(pixels.copy().copy()))

    yield ask


CONTESTANTS: dict[str, Callable[[Path], Any]] = {
    "dmn-bench, sealed child": wire,
    "multiprocessing.Pipe, pickle": pipe,
    "http.server, binary body": http_binary,
    ".npy on disk, mapped": npy_file,
    ".npy in memory, mapped": npy_in_memory,
    "base64 in JSON lines": json_lines,
    "(two copies in memory)": copies,
}


# ------------------------------------------------------------------------------------------------------ measuring


def measured(job: Job, turns: int) -> dict[str, list[float]]:
    """Seconds of every call of every contestant, in turns; a first call is not counted."""
    rng = np.random.default_rng(1)
    arrays = [rng.integers(0, 4096, job.shape, dtype=np.uint16) for _ in range(2)]
    seconds: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        asks = {who: stack.enter_context(make(Path(name))) for who, make in CONTESTANTS.items()}
        for turn in range(turns + 1):
            for who, ask in asks.items():
                for call in range(job.calls if turn else 1):
                    pixels = arrays[call % 2]
                    start = time.perf_counter()
                    found = ask(pixels)
                    took = time.perf_counter() - start
                    if found != score(middle(pixels)):
                        raise SystemExit(f"{who} answered {found}")
                    if turn:
                        seconds[who].append(took)
    return seconds


def batched(sizes: tuple[int, ...], calls: int) -> dict[int, float]:
    """Median seconds per case of the tiny call, by cases in one message."""
    from dmn_bench.vocabulary import Image, Request

    found = {}
    image = Image(name="image-1", pixels=np.ones(TINY, np.uint16), photometric="grey", bits_stored=16)
    with tempfile.TemporaryDirectory() as name, _child(Path(name), batch=max(sizes)) as child:
        for size in sizes:
            took = []
            for call in range(calls // size + 1):
                requests = [Request(request_id=f"{size}-{call}-{i}", images=(image,)) for i in range(size)]
                start = time.perf_counter()
                replies = child.ask_together(requests)
                took.append((time.perf_counter() - start) / size)
                if len(replies.found) != size:
                    raise SystemExit(f"{len(replies.found)} answers to {size} requests")
            found[size] = np.median(took[1:] or took)
    return found


def table(job: Job, seconds: dict[str, list[float]]) -> str:
    """Rows by contestant: milliseconds, what passes in a second, ratio to ours."""
    n_bytes = int(np.prod(job.shape)) * 2
    ours = np.median(next(iter(seconds.values())))
    lines = ["| way | ms/call, median | smallest | MB/s | × dmn-bench |", "|---|---:|---:|---:|---:|"]
    for who, took in seconds.items():
        middle_ms = 1e3 * np.median(took)
        rate = n_bytes / 1e3 / middle_ms
        lines.append(
            f"| {who} | {middle_ms:.3f} | {1e3 * min(took):.3f} | {rate:,.0f} | {middle_ms / 1e3 / ours:.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few calls, to see that it runs")
    serving = {"--serve-http": serve_http, "--serve-files": serve_files, "--serve-lines": serve_lines}
    if len(sys.argv) == 2 and sys.argv[1] in serving:
        serving[sys.argv[1]]()
        return
    quick = parser.parse_args().quick
    jobs = [
        Job(name="144 bytes", shape=TINY, calls=20 if quick else 400),
        Job(name="radiographs of 15 MB (3,000 × 2,500 pixels of 16 bits)", shape=RADIOGRAPH, calls=3 if quick else 20),
    ]
    for job in jobs:
        turns = 2 if quick else 5
        print(f"\n#### {job.name}: {job.calls} calls in each of {turns} turns\n")
        print(table(job, measured(job, turns)))
    print("\n#### 144 bytes, several cases in one message\n\n| cases in a message | ms/case, median |\n|---:|---:|")
    for size, took in batched((1, 4, 16, 64), 200 if quick else 2_000).items():
        print(f"| {size} | {1e3 * took:.3f} |")
    print(f"\nPython {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
