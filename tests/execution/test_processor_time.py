"""A limit of processor time for each case: who uses more is ended, who uses less is asked on and on."""

import textwrap

import pytest

from dmn_bench.adapters.python_package import PythonPackage
from dmn_bench.execution.isolation import machine

from .kit import Run

BUSY = """
import threading, time


class Candidate:
    def __init__(self, options):
        self.seconds = options["seconds"]

    def answer(self, request):
        number = int(request["images"][0]["pixels"].max())
        end = time.process_time() + (60 if number == 2 else self.seconds)
        while time.process_time() < end:
            pass
        return {"status": "answered", "findings": {"fracture": {"score": number / 10}}}
"""


@pytest.mark.parametrize(("tier", "seconds", "at_most"), [(0, 0.05, 0.5), (1, 0.05, 0.5), (2, 0.4, 1.5)])
def test_only_the_case_that_uses_too_much_processor_time_fails(tmp_path, monkeypatch, tier, seconds, at_most):
    """In the last, the cases together use more than one may."""
    if machine().tier < tier:
        pytest.skip(f"this machine has no tier {tier}")
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "busy.py").write_text(textwrap.dedent(BUSY))
    program = PythonPackage(entry="busy:Candidate").program(folder, {"seconds": seconds})
    settings = {"processor_seconds_per_case": at_most, "attempts": 1, "seconds_per_case": 300}
    run = Run(tmp_path, "unused", n=6, workers=1, most_tier=tier, settings=settings)
    monkeypatch.setattr(run, "program", lambda: program)
    summary = run.ask()
    assert run.statuses() == ["answered", "answered", "failed", "answered", "answered", "answered"]
    assert "died with signal 24" in run.answers["c2"].answer.reason
    assert "processor_time_limited" in summary.isolation
