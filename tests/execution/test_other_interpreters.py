"""A vendor's class may run under another Python than ours, without NumPy."""

import shutil
import subprocess
import sys

import pytest

from .kit import Run

PLAIN = """
class Plain:
    def __init__(self, options):
        self.factor = options["factor"]

    def answer(self, request):
        import sys
        pixels = request["images"][0]["pixels"]
        return {"status": "answered", "reason": "%d.%d" % sys.version_info[:2],
                "findings": {"fracture": {"score": self.factor * float(pixels[1, 2])}}}
"""


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13"])
def test_the_shim_runs_under_old_and_new_pythons(tmp_path, version):
    interpreter = shutil.which(f"python{version}")
    if interpreter is None or subprocess.run([interpreter, "-V"], capture_output=True, check=False).returncode:
        pytest.skip(f"no Python {version} here")
    (tmp_path / "plain.py").write_text(PLAIN)
    run = Run(tmp_path, "", n=3, workers=1)
    program = run.program()
    object.__setattr__(program, "entry", "plain:Plain")
    object.__setattr__(program, "import_paths", (tmp_path,))
    object.__setattr__(program, "options", {"factor": 2})
    object.__setattr__(program, "python", interpreter)
    run.program = lambda: program
    run.ask()
    assert run.scores() == {0: 0.0, 1: 2.0, 2: 4.0}
    assert run.answers["c0"].answer.reason == version


def test_ours_is_the_default(tmp_path):
    (tmp_path / "plain.py").write_text(PLAIN)
    run = Run(tmp_path, "", n=1)
    program = run.program()
    object.__setattr__(program, "entry", "plain:Plain")
    object.__setattr__(program, "import_paths", (tmp_path,))
    object.__setattr__(program, "options", {"factor": 1})
    run.program = lambda: program
    run.ask()
    assert run.answers["c0"].answer.reason == "{}.{}".format(*sys.version_info[:2])
