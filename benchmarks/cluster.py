"""What the scheduling of a cluster costs: cases of 20 ms on two workers, beside two local processes and the ideal."""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from dmn_bench.catalogue import build_catalogue
from dmn_bench.execution.asking import Engine, ask
from dmn_bench.execution.cluster import Assignment, DaskCluster
from dmn_bench.execution.crew import LocalCrew
from dmn_bench.execution.launcher import ExecutionSettings
from dmn_bench.execution.ledger import Ledger
from dmn_bench.execution.loading import loader
from dmn_bench.execution.questions import Questions
from dmn_bench.harness.planning import prepare
from dmn_bench.reference_set import lock

WORKERS = 2
SECONDS = 0.020  # of a case
CARD = """\
format: dmn-bench/reference-set/1
id: cluster
version: 1.0.0
title: {en: Made by a benchmark, fr: Fabriqué par un essai de performance}
modality: DX
findings: [{name: square}]
sampling: consecutive
reference_standard: {method: drawn}
data_protection: {route: not_applicable}
"""
PROTOCOL = """\
format: dmn-bench/protocol/1
id: cluster
reference_set: set
candidates:
  - {id: sleeper, package: candidate}
endpoints:
  - {name: case, task: classification, finding: square, unit: case, metrics: [auc]}
"""
MANIFEST = """\
format: dmn-bench/candidate/1
id: sleeper
adapter: python
entry: sleeper:Sleeper
receives: {image: array}
options: {seconds: SECONDS}
"""
CANDIDATE = """\
import time


class Sleeper:
    def __init__(self, options):
        self.seconds = options["seconds"]

    def answer(self, request):
        time.sleep(self.seconds)
        return {"status": "answered", "findings": {"square": {"score": float(request["images"][0]["pixels"].max())}}}
"""


def main() -> None:
    """Ask, measure, print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--milliseconds", type=float, default=SECONDS * 1000, help="of a case")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder, seconds = Path(made), asked.milliseconds / 1000
        protocol = write(folder, asked.cases, seconds)
        ideal = asked.cases * seconds / WORKERS
        print(f"{asked.cases} cases of {asked.milliseconds:g} ms, {WORKERS} workers, ideal {ideal:.1f} s\n")
        print(
            "| engine | wall s | over two local processes | driver CPU ms/case | scheduler CPU ms/case | % of a case |"
        )
        print("|---|---|---|---|---|---|")
        local = report(
            "local processes", measured(local_crew(protocol), protocol, folder / "local"), asked.cases, seconds
        )
        with cluster(folder / "cluster") as (address, scheduler):
            measured(dask(protocol, address), protocol, folder / "warm", n=2 * WORKERS)  # imports on the workers
            for name, sends in (("cluster, shared folder", False), ("cluster, files sent", True)):
                found = measured(dask(protocol, address, sends), protocol, folder / name, scheduler=scheduler)
                report(name, found, asked.cases, seconds, local)
            start = processor_seconds(scheduler)
            time.sleep(5)
            idle = (processor_seconds(scheduler) - start) / 5
    print(f"\nThe scheduler takes {idle * 1000:.0f} ms of each second when nothing is asked.")


def report(name: str, found: tuple[float, float, float], n: int, seconds: float, local: float | None = None) -> float:
    """One row; the wall seconds."""
    wall, driver, scheduler = found
    share = (driver + scheduler) / (n * seconds)
    over = "—" if local is None else f"{(wall / local - 1) * 100:+.1f} %"
    each = [f"{value / n * 1000:.3f}" for value in (driver, scheduler)]
    print(f"| {name} | {wall:.2f} | {over} | {each[0]} | {each[1]} | {share * 100:.2f} |", flush=True)
    return wall


def measured(
    engine: Engine, protocol: Path, folder: Path, *, scheduler: int | None = None, n: int | None = None
) -> tuple[float, float, float]:
    """Wall seconds, processor seconds of this process and of the scheduler, for the cases of the set."""
    cases = prepare(protocol, catalogue=build_catalogue()).reference_set.cases[:n]
    with Ledger(folder / "ledger.sqlite", "asked") as ledger:
        before = time.monotonic(), time.process_time(), processor_seconds(scheduler)
        summary = ask(cases, engine=engine, ledger=ledger, on_answer=lambda answer: None)
        after = time.monotonic(), time.process_time(), processor_seconds(scheduler)
        answered = sum(status == "answered" for status in ledger.statuses().values())
    if answered != len(cases) or summary.n_failed_attempts:
        sys.exit(f"{answered} of {len(cases)} answered")
    wall, driver, of_scheduler = (b - a for a, b in zip(before, after, strict=True))
    return wall, driver, of_scheduler


def processor_seconds(process: int | None) -> float:
    """User and system time of another process."""
    if process is None:
        return 0.0
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def local_crew(protocol: Path) -> LocalCrew:
    """Two processes of this machine."""
    prepared = prepare(protocol, catalogue=build_catalogue())
    candidate = prepared.candidates[0]
    load = loader(prepared.reference_set.root, receives="array", readers=prepared.readers)
    program = candidate.adapter.program(candidate.base, {})
    return LocalCrew(Questions(program=program, load=load, settings=ExecutionSettings()), WORKERS)


def dask(protocol: Path, address: str, sends: bool = False) -> DaskCluster:
    """The workers of a scheduler."""
    prepared = prepare(protocol, catalogue=build_catalogue())
    candidate, root = prepared.candidates[0], prepared.reference_set.root
    assignment = Assignment(
        adapter=candidate.adapter_name,
        options=candidate.options,
        candidate_folder=candidate.base,
        candidate_files=candidate.files,
        set_folder=root,
        set_files=json.loads((root / "LOCK.json").read_text())["files"],
        readers=prepared.readers,
        settings=ExecutionSettings(),
    )
    return DaskCluster(address, assignment, send_files=sends)


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, int]]:
    """Address and process of a scheduler with two workers of one thread, each a process."""
    folder.mkdir()
    described = folder / "scheduler.json"
    dask_of_ours = [sys.executable, "-m", "dask"]
    words = ("scheduler", "--no-dashboard", "--host", "tcp://127.0.0.1", "--port", "0", "--scheduler-file", described)
    with (folder / "log").open("wb") as log:
        started = {"stdout": log, "stderr": log, "start_new_session": True, "cwd": folder}
        processes = [subprocess.Popen([*dask_of_ours, *map(str, words)], **started)]
        try:
            while not described.exists() or not described.read_text():
                time.sleep(0.05)
            address = json.loads(described.read_text())["address"]
            for _ in range(WORKERS):
                words = ("worker", address, "--nthreads", "1", "--no-dashboard", "--local-directory", folder)
                processes.append(subprocess.Popen([*dask_of_ours, *map(str, words)], **started))
            yield address, processes[0].pid
        finally:
            for process in reversed(processes):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def write(folder: Path, n: int, seconds: float) -> Path:
    """A set of n small pictures, a candidate that sleeps, and their protocol."""
    files, package = folder / "set" / "files", folder / "candidate"
    files.mkdir(parents=True)
    package.mkdir()
    with (
        (folder / "set" / "cases.csv").open("w", newline="") as cases,
        (folder / "set" / "truth.csv").open("w") as truth,
    ):
        rows = csv.writer(cases)
        rows.writerow(("case_id", "patient_id", "exam_id", "laterality", "files"))
        truth.write("case_id,finding,value\n")
        for number in range(n):
            pixels = np.full((32, 32), number % 256, np.uint8)
            pixels[0, :4] = np.frombuffer(number.to_bytes(4, "little"), np.uint8)
            Image.fromarray(pixels).save(files / f"{number}.png")
            rows.writerow((f"c{number}", "", "", "", f"files/{number}.png"))
            truth.write(f"c{number},square,{'positive' if number % 2 else 'negative'}\n")
    (folder / "set" / "reference_set.yaml").write_text(CARD)
    lock(folder / "set")
    (package / "candidate.yaml").write_text(MANIFEST.replace("SECONDS", str(seconds)))
    (package / "sleeper.py").write_text(CANDIDATE)
    path = folder / "protocol.yaml"
    path.write_text(PROTOCOL)
    return path


if __name__ == "__main__":
    main()
