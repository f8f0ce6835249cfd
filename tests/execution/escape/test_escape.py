"""A hostile candidate under each tier: what it reaches is what docs/security.md says, neither more nor less."""

import contextlib
import ctypes
import os
import platform
import re
import signal
import socket
import tempfile
import threading
import time
from pathlib import Path
from threading import Event
from unittest import mock

import pytest

from dmn_bench.execution import isolation_order
from dmn_bench.execution.isolation import MOST_TIER, machine, tier_of
from dmn_bench.execution.launcher import ExecutionSettings, isolation_in_force
from dmn_bench.execution.wire import ChildError
from dmn_bench.execution.worker import Child
from dmn_bench.hookspecs import ChildProgram
from dmn_bench.vocabulary import Request

from ..kit import stop_serving
from .table import ALONE, BLOCKED, EVERYTHING, REFUSED_BY_SOME, ROWS

HOSTILE = Path(__file__).parent / "hostile"
ROOT = Path(__file__).parents[3]
VARIABLE = "DMN_BENCH_TEST_SECRET"
TIERS = (0, 1, 2)
KEPT = ctypes.create_string_buffer(b"secret!")  # memory of this process to look for
MIB = 1 << 20


def needs(tier):
    """Skip where this machine does not have a tier, saying why."""
    if machine().tier < tier:
        pytest.skip(f"this machine has no tier {tier}: {machine().why_not.get(tier, 'its parts are missing')}")


class World:
    """Everything worth reaching, on the machine of the harness."""

    def __init__(self, folder, *, most=8, patience=2.0):
        self.folder = folder
        self.scratch = folder / "scratch"
        self.mark = f"dmn-bench-mark-{os.getpid()}-{time.monotonic_ns()}"
        self.name = f"d{os.getpid()}-{time.monotonic_ns() % 10**6}"  # of a process: 15 characters at most
        self.open = []
        names = {
            "truth": "set/truth.csv",
            "spare": "set/spare.csv",
            "doomed": "set/doomed.csv",
            "movable": "set/movable.csv",
            "record": "runs/first/record.json",
            "answers": "runs/answers/other.sqlite",
            "home": "home/.ssh/id",
            "other_candidate": "other/weights.bin",
            "other_child": "scratch/child-other/state",
        }
        for path in names.values():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text("secret")
        (folder / "outside").mkdir()
        self.package = folder / "package"
        self.package.mkdir()
        (self.package / "hostile.py").write_bytes((HOSTILE / "hostile.py").read_bytes())
        tcp, udp = self.listening(socket.SOCK_STREAM), self.listening(socket.SOCK_DGRAM)
        unix = socket.socket(socket.AF_UNIX)
        unix.bind(str(folder / "service"))
        abstract = socket.socket(socket.AF_UNIX)
        abstract.bind("\0" + self.mark)
        for listener in (unix, abstract):
            listener.listen()
            self.serve(listener, answering)
        self.kept, self.free_port = a_kept_port()
        self.segment = 0x5EC0 + os.getpid() % 60_000
        self.options = {
            **{name: str(folder / path) for name, path in names.items()},
            "tcp": tcp,
            "udp": udp,
            "unix": str(folder / "service"),
            "abstract": self.mark,
            "free_port": self.free_port,
            "outside": str(folder / "outside"),
            "mark": self.mark,
            "name": self.name,
            "patience": patience,
            "segment": self.segment,
            "harness": os.getpid(),
            "harness_code": str(ROOT / "src/dmn_bench/errors.py"),
            "address": ctypes.addressof(KEPT),
            "variable": VARIABLE,
            "most": most,
        }

    def listening(self, kind):
        listener = socket.socket(socket.AF_INET, kind)
        listener.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            listener.listen()
        self.serve(listener, answering if kind == socket.SOCK_STREAM else echoing)
        return listener.getsockname()[1]

    def serve(self, listener, how):
        self.open.append((listener, threading.Thread(target=how, args=(listener,), daemon=True)))
        self.open[-1][1].start()

    def program(self):
        return ChildProgram(
            entry="hostile:Hostile", import_paths=(self.package,), options=self.options, readable=(self.package,)
        )

    def child(self, **settings):
        self.scratch.mkdir(exist_ok=True)
        settings = ExecutionSettings(**{"seconds_per_case": 120, **settings})
        child = Child(self.program(), settings, folder=self.scratch, stop=Event())
        child.load()
        return child

    def close(self):
        for listener, thread in self.open:
            stop_serving(listener, thread)
        self.kept.close()
        for folder in ("/tmp", "/dev/shm"):
            Path(folder, self.mark).unlink(missing_ok=True)


def answering(listener):
    while True:
        try:
            line, _ = listener.accept()
        except OSError:
            return
        with line, contextlib.suppress(OSError):
            line.settimeout(60)
            line.sendall(b"secret")
            line.recv(10)  # to hang up on somebody about to speak would look like a refusal


def echoing(listener):
    while True:
        try:
            _, caller = listener.recvfrom(1000)
            if caller is None:  # it was shut down
                return
            listener.sendto(b"secret", caller)
        except OSError:
            return


def a_kept_port():
    """A socket that keeps a port for whoever is told its number, and that number: nobody else is given it."""
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind(("127.0.0.1", 0))
    return kept, kept.getsockname()[1]


def calling(port, stop):
    """Try to connect until told to stop."""
    while not stop.wait(0.05):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
                line.sendall(b"hello")
        except OSError:
            continue


def outcomes(tier):
    """What became of every attempt of one child."""
    with (
        tempfile.TemporaryDirectory(dir=Path.cwd()) as made,
        mock.patch.dict(os.environ, {MOST_TIER: str(tier), VARIABLE: "secret"}),
    ):
        world = World(Path(made).resolve(), patience=60.0 if tier == 0 else 2.0)  # where nobody may answer, it runs out
        segment = ctypes.CDLL(None).shmget(world.segment, 4096, 0o1666)
        stop = Event()
        caller = threading.Thread(target=calling, args=(world.free_port, stop))
        caller.start()
        previous = signal.signal(signal.SIGWINCH, signal.SIG_IGN)
        child = world.child()
        try:
            requests = world.scratch / "requests"
            (requests / "one").mkdir(parents=True)
            (requests / "one" / "copy.dcm").write_text("a copy")
            found = {}
            for name in ROWS:
                request = Request(request_id=f"{name}-1", files=(str(requests / "one" / "copy.dcm"),))
                found[name] = child.ask(request).answer
            for name, folder in (("write_in_tmp", "/tmp"), ("write_in_shared_memory", "/dev/shm")):
                if "got" in found[name] and not Path(folder, world.mark).exists():
                    found[name] = {"refused": "it was a folder of its own"}
            return found
        finally:
            stop.set()
            caller.join()
            child.close()
            signal.signal(signal.SIGWINCH, previous)
            ctypes.CDLL(None).shmctl(segment, 0, None)
            world.close()


@pytest.fixture(scope="module")
def tried():
    """Outcomes by tier, each tried once when first asked for."""
    found = {}

    def of(tier):
        if tier not in found:
            found[tier] = outcomes(tier)
        return found[tier]

    return of


@pytest.mark.parametrize("tier", TIERS)
def test_every_attempt_comes_to_what_the_table_says(tier, tried):
    needs(tier)
    found = tried(tier)
    expected = {name: ways[tier] == BLOCKED for name, (_, ways) in ROWS.items()}
    refused = {name: "refused" in answer for name, answer in found.items()}
    if tier == 0:
        expected.update({name: refused[name] for name in REFUSED_BY_SOME})
    assert refused == expected, found


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path, most=700)
    yield made
    made.close()


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("name", sorted(ALONE))
def test_what_takes_everything_is_stopped(tier, name, world, monkeypatch):
    needs(tier)
    if name == "fork_bomb" and os.geteuid() == 0 and machine().groups is None:
        pytest.skip("run as root, and without control groups of processes")
    if name == "foreign_call" and platform.machine() != "x86_64":
        pytest.skip("only x86-64 has this other way to call the system")
    monkeypatch.setenv(MOST_TIER, str(tier))
    monkeypatch.setattr(isolation_order, "MAX_FOLDER_BYTES", 30 * MIB)
    child = world.child(memory_mb=2048 if name == "take_memory" else None)
    try:
        answer = child.ask(Request(request_id=f"{name}-1")).answer
    except ChildError as error:
        answer = {"died": error.reason}
    finally:
        child.close()
    blocked = ALONE[name][1][tier] == BLOCKED
    assert HOLDS[name](answer, world) == blocked, answer


def has_ended(name):
    """Whether no process has this name."""
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                if (process / "comm").read_text().strip() == name:
                    return False
            except OSError:
                continue
    return True


HOLDS = {
    "fork_bomb": lambda answer, world: "BlockingIOError" in answer.get("refused", ""),
    "take_memory": lambda answer, world: "MemoryError" in answer.get("refused", ""),
    "flood": lambda answer, world: answer.get("got") == "flooded",  # all of it went by, and nothing grew
    "huge_file": lambda answer, world: "got" not in answer,
    "fill_folder": lambda answer, world: f"signal {int(signal.SIGXFSZ)}" in answer.get("died", ""),
    "leave_daemon": lambda answer, world: answer.get("got") == "left" and has_ended(world.name),
    "foreign_call": lambda answer, world: f"signal {int(signal.SIGSYS)}" in answer.get("died", ""),
}


@pytest.mark.parametrize("tier", TIERS)
def test_the_report_names_the_tier_that_was_tried(tier, world, monkeypatch):
    needs(tier)
    monkeypatch.setenv(MOST_TIER, str(tier))
    words = isolation_in_force(world.program(), ExecutionSettings())
    assert tier_of(words) == tier
    assert ("network_not_blocked" in words) == (tier == 0)


def test_the_documentation_prints_this_table():
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    printed = re.findall(r"^\| (.+?) \| (\*\*possible\*\*|blocked) \| (\S+) \| (\S+) \|$", text, re.MULTILINE)
    assert printed == [(sentence, *ways) for sentence, ways in EVERYTHING.values()]
