import os
import signal
import subprocess
import sys
from pathlib import Path

from dmn_bench.execution.ledger import Ledger

from .kit import Run, until

PARENT = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.execution.kit import Run

class Slowly(list):
    def append(self, asked):
        print(asked.answer.case_id, flush=True)

run = Run(Path({folder!r}), "Hangs", n=800, options={{"at": 600}}, heard=Slowly())
run.settings = {{"seconds_per_case": 300}}
run.ask()
"""


def test_a_run_killed_outright_goes_on_where_it_stopped(tmp_path):
    root = str(Path(__file__).parents[2])
    script = PARENT.format(root=root, folder=str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        try:
            heard = [parent.stdout.readline().strip() for _ in range(100)]
            children = _children_of(parent.pid)
        finally:
            os.kill(parent.pid, signal.SIGKILL)
        heard += parent.stdout.read().split()
    assert children
    assert until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))
    with Ledger(tmp_path / "ledger.sqlite", "asked") as ledger:
        kept = set(ledger.statuses())
        ledger.seal()
    assert set(heard) <= kept  # what was told is on the disk
    again = Run(tmp_path, "Good", n=800)
    summary = again.ask()
    assert summary.n_kept == len(kept)
    assert again.scores() == {i: float(i) for i in range(800)}


def _children_of(pid):
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) == pid:
                    found.append(int(entry.name))
            except OSError:
                continue
    return found
