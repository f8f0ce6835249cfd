"""The warden alone, under its own interpreter, as the launcher starts it; and a whole run killed or done by others."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from dmn_bench.execution import sealed_start
from dmn_bench.execution.launcher import SEALED_START

from .kit import PATIENT_SECONDS, until

ROOT = Path(__file__).parents[2]
NOBODY = 65534
DAEMONS = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.execution.kit import Run
run = Run(Path({folder!r}), {name!r}, n=2, workers=1, settings={{"seconds_per_case": 300}})
run.ask()
print(run.statuses())
"""


def start(script, **limits):
    order = {"supervisor": os.getpid(), "limits": limits, "command": [sys.executable, "-I", "-c", script]}
    pipe = subprocess.PIPE
    command = [sys.executable, "-I", "-S", "-B", str(SEALED_START), json.dumps(order)]
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("print('here')", 0),
        ("import sys; sys.exit(7)", 7),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", -signal.SIGSEGV),
        ("import os, signal; signal.signal(2, signal.SIG_DFL); os.kill(os.getpid(), 2)", -signal.SIGINT),
        ("import os; os.abort()", -signal.SIGABRT),
    ],
)
def test_a_warden_ends_as_its_vendor_did(script, code):
    with start(script) as process:
        assert process.wait(timeout=PATIENT_SECONDS) == code


def test_a_vendor_leads_a_session_without_blocked_signals_and_within_its_limits():
    script = """
import os, resource, signal
limit = resource.getrlimit(resource.RLIMIT_CORE)
print(os.getsid(0) == os.getpid(), signal.pthread_sigmask(signal.SIG_BLOCK, ()), limit)
print("NoNewPrivs:\\t1" in open("/proc/self/status").read())
"""
    with start(script, RLIMIT_CORE=0) as process:
        assert process.stdout.read() == "True set() (0, 0)\nTrue\n"


def test_a_vendor_that_cannot_be_started_is_told_where_the_supervisor_reads():
    order = {"supervisor": os.getpid(), "limits": {}, "command": ["/nonexistent/python"]}
    command = [sys.executable, "-I", "-S", str(SEALED_START), json.dumps(order)]
    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENT_SECONDS)
    assert found.returncode == 1
    assert "FileNotFoundError" in found.stderr


def test_a_warden_whose_supervisor_is_another_starts_nothing():
    order = {"supervisor": 1, "limits": {}, "command": [sys.executable, "-c", "print('started')"]}
    command = [sys.executable, "-I", "-S", str(SEALED_START), json.dumps(order)]
    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENT_SECONDS)
    assert (found.returncode, found.stdout) == (1, "")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGALRM])
def test_a_warden_is_deaf_to_every_signal_but_one(sent):
    with start("import time; print('here', flush=True); time.sleep(600)") as process:
        assert process.stdout.readline() == "here\n"
        process.send_signal(sent)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENT_SECONDS) == -signal.SIGKILL


def test_a_warden_that_is_killed_takes_its_vendor_along():
    with start("import os, time; print(os.getpid(), flush=True); time.sleep(600)") as process:
        vendor = int(process.stdout.readline())
        process.kill()
    assert ended([vendor])


def test_every_descendant_is_found_and_nobody_else():
    script = "import os, time; os.fork(); os.fork(); print(os.getpid(), flush=True); time.sleep(600)"
    with start(script) as process:
        expected = {int(process.stdout.readline()) for _ in range(4)}
        assert sealed_start.descendants({process.pid}) == expected
        assert expected < sealed_start.descendants({os.getpid()})
        process.terminate()
    assert ended(expected)


def test_nothing_is_left_of_a_run_that_was_killed(tmp_path):
    script = DAEMONS.format(root=str(ROOT), folder=str(tmp_path), name="LeavesDaemonsAndHangs")
    with subprocess.Popen([sys.executable, "-c", script]) as parent:
        daemons = written(tmp_path / "pids")
        # warden, vendor, daemon; for a moment also the process between these two
        assert until(lambda: len(sealed_start.descendants({parent.pid}) | daemons) == 3)
        everything = sealed_start.descendants({parent.pid}) | daemons
        parent.kill()
    assert ended(everything)


@pytest.mark.parametrize("name", ["LeavesDaemons", "KillsItsWarden"])
def test_an_ordinary_user_leaves_nothing_behind_either(name):
    if os.geteuid() != 0:
        pytest.skip("the other tests run as an ordinary user already")
    folder = Path(tempfile.mkdtemp())  # that of pytest is closed to others
    try:
        os.chown(folder, NOBODY, NOBODY)
        script = DAEMONS.format(root=str(ROOT), folder=str(folder), name=name)
        who = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        try:
            subprocess.run([sys.executable, "-B", "-c", "import dmn_bench"], check=True, cwd="/", **who)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("an ordinary user cannot read this interpreter or these sources")
        found = subprocess.run(
            [sys.executable, "-B", "-c", script], capture_output=True, text=True, check=True, cwd="/", **who
        )
        assert found.stdout == ("['answered', 'answered']\n" if name == "LeavesDaemons" else "['failed', 'failed']\n")
        daemons = {int(line) for line in (folder / "pids").read_text().split()}
        assert len(daemons) == (2 if name == "LeavesDaemons" else 4)
        assert ended(daemons)
    finally:
        shutil.rmtree(folder)


def written(path):
    """The process ids in a file, once there are any."""
    assert until(lambda: path.exists() and path.read_text().endswith("\n")), path
    return {int(line) for line in path.read_text().split()}


def ended(processes):
    """Whether all end."""
    return until(lambda: not any(Path(f"/proc/{process}").exists() for process in processes))
