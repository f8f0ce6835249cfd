import os
import subprocess
import sys

import pytest

HEAVY = {"numpy", "scipy", "sklearn", "pandas", "wfdb", "pydicom", "onnxruntime", "matplotlib", "pydantic"}
HELP = ("-m", "dmn_bench", "--help")
CPU_SECONDS_AT_MOST = 0.3  # where the bare interpreter takes 0.015 or less, and in that proportion elsewhere
TIMES_BARE_AT_MOST = 20


def cpu_seconds(*words):
    """User and system time of one child, as the kernel counts it."""
    child = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    return usage.ru_utime + usage.ru_stime


def test_help_costs_little_beyond_the_bare_interpreter():
    found = []
    for _ in range(5):  # the machine may have had other things to do
        bare, with_help = cpu_seconds("-c", "pass"), cpu_seconds(*HELP)
        found.append((bare, with_help))
        if with_help - bare < max(CPU_SECONDS_AT_MOST, TIMES_BARE_AT_MOST * bare):
            return
    pytest.fail(f"seconds of the bare interpreter, and with help: {found}")


def test_help_imports_nothing_heavy():
    child = subprocess.run([sys.executable, "-X", "importtime", *HELP], capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in child.stderr.splitlines() if "|" in line}
    assert "dmn_bench" in imported
    assert not imported & HEAVY


def test_help_says_what_the_commands_are():
    child = subprocess.run([sys.executable, *HELP], capture_output=True, text=True, check=True)
    assert "run" in child.stdout
    assert "plugin" in child.stdout
