"""What is left of the file system: an interpreter anywhere, the candidate's files, never the set or the run."""

import os
import subprocess
import sys
import venv
from pathlib import Path
from threading import Event

import pytest

from dmn_bench.errors import MachineError
from dmn_bench.execution.isolation import MOST_TIER, machine
from dmn_bench.execution.isolation_files import PACKAGE, SHIM, command_of, files_for, is_ours, links_on
from dmn_bench.execution.launcher import ExecutionSettings, start_child
from dmn_bench.execution.worker import Child
from dmn_bench.hookspecs import ChildProgram
from dmn_bench.vocabulary import Request

READER = '''
import os, sys


class Reader:
    def __init__(self, options):
        pass

    def answer(self, request):
        found = {}
        for path in request["files"]:
            try:
                found[path] = os.listdir(path) if os.path.isdir(path) else open(path).read()
            except OSError as error:
                found[path] = None
        return {"found": found, "prefix": sys.prefix}


class Libraries:
    """What numerical libraries do when they start: threads, pools of processes, forks, sockets of pairs."""

    def __init__(self, options):
        pass

    def answer(self, request):
        import multiprocessing
        import socket
        import subprocess
        import tempfile

        import numpy
        import onnxruntime

        numpy.linalg.inv(numpy.eye(300))
        with tempfile.NamedTemporaryFile() as trial:
            trial.write(b"x")
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        child = context.Process(target=send, args=(theirs,))
        child.start()
        heard = ours.recv()
        child.join()
        first, second = socket.socketpair()
        first.send(b"x")
        shell = subprocess.run(["sh", "-c", "cat /proc/cpuinfo | wc -l; uname"], capture_output=True, check=True)
        pooled = None
        try:
            with multiprocessing.get_context("fork").Pool(2) as pool:
                pooled = pool.map(abs, [-1, -2])
        except PermissionError:
            pass
        return {"heard": heard, "pair": second.recv(1).decode(), "shell": shell.stdout.decode(), "pooled": pooled,
                "providers": onnxruntime.get_available_providers()}


def send(line):
    line.send("from a child")
'''


def needs(tier):
    if machine().tier < tier:
        pytest.skip(f"this machine has no tier {tier}: {machine().why_not.get(tier, 'its parts are missing')}")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "reader.py").write_text(READER)
    (tmp_path / "scratch").mkdir()
    return tmp_path


def answer(folder, *paths, off_limits=(), entry="reader:Reader", package="package", python=None):
    package = folder / package
    program = ChildProgram(entry=entry, import_paths=(package,), options={}, readable=(package,), python=python)
    settings = ExecutionSettings(seconds_per_case=60, off_limits=tuple(map(str, off_limits)))
    child = Child(program, settings, folder=folder / "scratch", stop=Event())
    try:
        child.load()
        return child.ask(Request(request_id="r", files=tuple(map(str, paths)))).answer
    finally:
        child.close()


@pytest.fixture(params=[1, 2])
def tier(request, monkeypatch):
    needs(request.param)
    monkeypatch.setenv(MOST_TIER, str(request.param))
    return request.param


def test_a_set_within_the_candidates_own_folder_is_not_read(tier, folder):
    secret = folder / "package" / "set" / "truth.csv"
    secret.parent.mkdir()
    secret.write_text("secret")
    (folder / "package" / "weights.txt").write_text("mine")
    weights = folder / "package" / "weights.txt"
    found = answer(folder, secret, weights, off_limits=(secret.parent,))["found"]
    assert found == {str(secret): None, str(weights): "mine"}


def test_a_candidate_within_the_set_cannot_even_be_loaded(tier, folder):
    """Whatever it names as its own: a link or a folder of the package cannot open the set to it."""
    from dmn_bench.execution.wire import ChildError

    with pytest.raises(ChildError, match=r"ModuleNotFoundError"):
        answer(folder, off_limits=(folder / "package",))


def test_a_link_in_the_package_opens_nothing(tier, folder):
    (folder / "truth.csv").write_text("secret")
    link = folder / "package" / "link.csv"
    link.symlink_to(folder / "truth.csv")
    assert answer(folder, link)["found"] == {str(link): None}


def test_requests_are_read_and_what_lies_beside_them_is_not(tier, folder):
    for name in ("requests", "set-of-a-batch", "child-other"):
        (folder / "scratch" / name).mkdir()
        (folder / "scratch" / name / "file").write_text(name)
    paths = [folder / "scratch" / name / "file" for name in ("requests", "set-of-a-batch", "child-other")]
    assert list(answer(folder, *paths)["found"].values()) == ["requests", None, None]


def test_libraries_work(tier, folder):
    found = answer(folder, entry="reader:Libraries")
    assert (found["heard"], found["pair"]) == ("from a child", "x")
    assert found["shell"].split()[1] == "Linux"
    assert "CPUExecutionProvider" in found["providers"]
    assert found["pooled"] == ([1, 2] if tier == 2 else None)  # locks of processes need shared memory


def test_an_environment_of_its_own_in_a_home_works(tier, folder):
    home = folder / "home" / "someone"
    home.mkdir(parents=True)
    (home / "secret").write_text("secret")
    venv.create(home / "venv", symlinks=True, with_pip=False)
    found = answer(folder, home / "secret", python=str(home / "venv" / "bin" / "python"))
    assert found == {"found": {str(home / "secret"): None}, "prefix": str(home / "venv")}


def test_a_sealed_child_ends_as_the_vendors_process_did_and_leaves_nothing(tier, folder):
    program = ChildProgram(
        entry="sh", command=("sh", "-c", "sleep 600 & setsid sleep 600 & kill -SEGV $$"), import_paths=(), options={}
    )
    (folder / "scratch" / "child").mkdir()
    process = start_child(program, folder / "scratch" / "child", ExecutionSettings())
    with process:
        assert process.wait(timeout=20) == -11
    mark = f"TMPDIR={folder / 'scratch' / 'child'}".encode()
    assert not [p for p in Path("/proc").glob("[0-9]*") if mark in environ(p)]


def environ(process):
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def test_less_than_the_least_tier_does_not_start(folder, monkeypatch):
    monkeypatch.setenv(MOST_TIER, "0")
    program = ChildProgram(entry="sh", command=("sh", "-c", "true"), import_paths=(), options={})
    with pytest.raises(MachineError) as caught:
        start_child(program, folder / "scratch", ExecutionSettings(least_tier=1))
    assert caught.value.problems[0].key == "execution.isolation_too_weak"


def test_a_seal_that_cannot_be_applied_starts_nothing(tier, folder, monkeypatch):
    """An order that the kernel refuses: no vendor's code runs."""
    from dmn_bench.execution import isolation_order

    monkeypatch.setattr(isolation_order, "_texts", lambda paths: [0.5 for _ in paths])
    program = ChildProgram(entry="sh", command=("sh", "-c", f"echo ran > {folder}/ran"), import_paths=(), options={})
    (folder / "scratch" / "child").mkdir()
    process = start_child(program, folder / "scratch" / "child", ExecutionSettings())
    _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert b"Error" in err
    assert not (folder / "ran").exists()


def test_only_named_variables_are_handed_over(folder, monkeypatch, tier):
    monkeypatch.setenv("A_TOKEN", "t0ken")
    monkeypatch.setenv("ANOTHER", "other")
    program = ChildProgram(
        entry="sh",
        command=("sh", "-c", "echo $A_TOKEN:$ANOTHER"),
        import_paths=(),
        options={},
        environment=("A_TOKEN", "ABSENT"),
    )
    (folder / "scratch" / "child").mkdir()
    with start_child(program, folder / "scratch" / "child", ExecutionSettings()) as process:
        assert process.stdout.read() == b"t0ken:\n"


def test_our_package_is_for_runners_of_ours_alone(folder):
    vendor = ChildProgram(entry="reader:Reader", import_paths=(folder / "package",), options={})
    ours = ChildProgram(entry="dmn_bench.adapters.x:Y", import_paths=(PACKAGE.parent,), options={})
    assert (is_ours(vendor), is_ours(ours)) == (False, True)
    place = folder / "scratch" / "child"
    assert PACKAGE in files_for(vendor, place).hidden
    assert SHIM in files_for(vendor, place).named
    assert PACKAGE not in files_for(ours, place).hidden


def test_a_home_is_never_opened_by_an_interpreter_in_it(folder):
    """Of the place of an interpreter only what belongs to Python is left."""
    home = folder / "home"
    (home / "bin").mkdir(parents=True)
    (home / "lib" / "python3.11").mkdir(parents=True)
    (home / "Documents").mkdir()
    (home / "bin" / "python").write_text("")
    program = ChildProgram(entry="a:B", import_paths=(), options={}, python=str(home / "bin" / "python"))
    readable = files_for(program, folder / "scratch" / "child").readable
    assert home / "lib" in readable
    assert home not in readable
    assert home / "Documents" not in readable


def test_commands_are_found_beside_the_candidate_first(folder):
    (folder / "package" / "sh").write_text("#!/bin/sh\n")
    fields = {"entry": "x", "import_paths": (), "options": {}}
    beside = ChildProgram(command=("sh", "-x"), readable=(folder / "package",), **fields)
    assert command_of(beside) == [str(folder / "package" / "sh"), "-x"]
    assert command_of(ChildProgram(command=("sh",), **fields))[0] in ("/usr/local/bin/sh", "/usr/bin/sh", "/bin/sh")
    assert command_of(ChildProgram(command=("/opt/x",), **fields)) == ["/opt/x"]


def test_every_link_on_the_way_is_found(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_text("x")
    (tmp_path / "folder").symlink_to("real")
    (tmp_path / "link").symlink_to(tmp_path / "folder" / "file")
    assert links_on(tmp_path / "link") == {
        tmp_path / "link": str(tmp_path / "folder" / "file"),
        tmp_path / "folder": "real",
    }


@pytest.mark.parametrize("machine_name", ["x86_64", "aarch64"])
@pytest.mark.parametrize("sockets", ["none", "tcp", "internet", "private"])
def test_no_jump_of_a_filter_leaves_it(machine_name, sockets):
    from dmn_bench.execution import seccomp

    lines = seccomp.program(machine_name, sockets=sockets, listens=False, no_truncate=True)
    assert len(lines) < 4096  # what the kernel takes
    for index, (code, jump, otherwise, _) in enumerate(lines):
        if code in (seccomp.EQUAL, seccomp.AT_LEAST, seccomp.ANY_BIT):
            assert index + 1 + max(jump, otherwise) < len(lines)
            assert max(jump, otherwise) < 256
    assert lines[-1] == (seccomp.RETURN, 0, 0, seccomp.ALLOW)


def test_the_warden_needs_nothing_but_the_standard_library():
    place = PACKAGE / "execution"
    for name in ("landlock", "seccomp", "relay"):
        words = [sys.executable, "-I", "-S", "-c", f"import runpy; runpy.run_path({str(place / name)!r} + '.py')"]
        assert subprocess.run(words, check=False, env={**os.environ}).returncode == 0
