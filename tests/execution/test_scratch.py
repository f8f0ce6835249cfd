import fcntl
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from dmn_bench.execution import scratch
from dmn_bench.execution.scratch import scratch_folder

HOLDER = """
import sys, time
from dmn_bench.execution.scratch import scratch_folder

with scratch_folder() as folder:
    (folder / "image-1.dcm").write_bytes(b"copy")
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield tmp_path
    tempfile.tempdir = None


def folders(temporary):
    return sorted(path.name for path in temporary.iterdir())


def test_the_folder_is_gone_at_the_end_whatever_happened(temporary):
    with scratch_folder() as folder:
        (folder / "a").mkdir()
        assert folder.parent == temporary
    assert folders(temporary) == []
    with pytest.raises(KeyError), scratch_folder():
        raise KeyError
    assert folders(temporary) == []


def test_what_a_killed_run_left_is_removed_by_the_next_and_that_of_a_living_one_is_not(temporary):
    environment = {**os.environ, "TMPDIR": str(temporary)}
    holders = [
        subprocess.Popen([sys.executable, "-c", HOLDER], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    try:
        living, killed = (Path(holder.stdout.readline().strip()) for holder in holders)
        holders[1].send_signal(signal.SIGKILL)
        holders[1].wait()
        assert killed.exists()
        with scratch_folder():
            assert not killed.exists()
            assert (living / "image-1.dcm").exists()
    finally:
        for holder in holders:
            holder.kill()
            holder.wait()
            holder.stdout.close()


def test_what_looks_alike_and_has_no_lock_is_left_alone(temporary):
    (temporary / "dmn-bench-notes").mkdir()
    with scratch_folder():
        pass
    assert folders(temporary) == ["dmn-bench-notes"]


def test_a_run_that_sweeps_while_another_begins_does_not_take_its_folder(temporary, monkeypatch):
    take, swept = fcntl.flock, []

    def flock(stream, how):
        if how & fcntl.LOCK_EX and not swept:  # the file of the lock is there, and nobody has it yet
            swept.append(Path(stream.name).parent)
            scratch.sweep(temporary)
        take(stream, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    with scratch_folder() as folder:
        assert not swept[0].exists()
        (folder / "image-1.dcm").write_bytes(b"copy")
        scratch.sweep(temporary)
        assert (folder / "image-1.dcm").exists()
    assert folders(temporary) == []


def test_a_folder_that_was_taken_since_somebody_looked_is_not_swept(temporary, monkeypatch):
    monkeypatch.setattr(scratch, "is_held", lambda lock: False)  # so it was a moment ago
    with scratch_folder() as folder:
        scratch.sweep(temporary)
        assert folder.exists()
