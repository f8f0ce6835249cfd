"""How time and memory grow with the number of cases, from a hundred to a million: a Markdown table.

python benchmarks/scale.py [--quick | --full] [--cases N ...] [--keep FOLDER]

A synthetic reference set without files and the output file of a made-up vendor are written into a temporary folder;
then every command of dmn-bench runs on them as a process of its own, whose wall time, processor time and largest
memory are taken from the system. A slow result is a result: the exit code is 0 whatever the times.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

QUICK = (100, 1_000, 10_000)
USUAL = (*QUICK, 100_000)
FULL = (*USUAL, 1_000_000)
SEED = 20261121
KIB = 1024

CARD = """\
format: dmn-bench/reference-set/1
id: scale
version: 1.0.0
title: {en: "Synthetic cases without files", fr: "Cas synthétiques sans fichiers"}
modality: DX
findings: [{name: nodule}]
sampling: random
local_prevalence: [{finding: nodule, value: 0.1, low: 0.08, high: 0.12, source: "invented for the benchmark"}]
reference_standard: {method: consensus, rule: majority, readers: 3, blinded_to_device: true}
strata:
  sex: {column: sex, levels: [F, M]}
  age: {column: age_years, edges: [40, 65]}
  manufacturer: {column: manufacturer}
  site: {column: site}
public: true
data_protection: {route: not_applicable}
"""

PROTOCOL = """\
format: dmn-bench/protocol/1
id: scale
purpose:
  need: "Measure how the program grows; no purchase depends on it."
  intended_use: "Second look at frontal chest radiographs of adults."
  comparator: "None."
  decided_by: "The authors of dmn-bench"
reference_set: set
candidates:
  - id: outputs
    role: device
    adapter: predictions
    options: {path: outputs.csv, finding: nodule}
    operating_points: {nodule: {score_at_least: 0.5, doubt_from: 0.49, source: "invented for the benchmark"}}
endpoints:
  - name: exam
    task: classification
    finding: nodule
    unit: exam
    metrics: [sensitivity, specificity, auc, ppv_local, failure_rate]
primary: intention_to_diagnose
as_used: {indeterminate: positive, abstained: positive, rejected_input: apart, failed: wrong, not_sent: apart, unreadable: apart}
strata: [sex, age, manufacturer, site, [sex, age]]
statistics: {confidence: 0.95, resamples: 2000, seed: 20261121, multiplicity: holm, minimum_n: {estimate: 10, imprecise_below: 30}}
acceptance:
  - {id: sensitivity, candidate: "*", endpoint: exam, metric: sensitivity, at_least: 0.80}
execution: {attempts: 1, seconds_per_case: 30, threads: 1, network: []}
"""  # noqa: E501 - a protocol has its statistics on one line


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One command on one number of cases."""

    step: str
    n_cases: int
    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


@dataclass(frozen=True, kw_only=True)
class Written:
    """What a run left behind, in bytes, by kind of file."""

    n_cases: int
    answers: int
    record: int
    largest_report: int


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="up to 10,000 cases")
    parser.add_argument("--full", action="store_true", help="up to 1,000,000 cases")
    parser.add_argument("--cases", type=int, nargs="+", help="these numbers of cases instead")
    parser.add_argument("--keep", type=Path, help="write into this folder and leave everything there")
    asked = parser.parse_args()
    sizes = asked.cases or (QUICK if asked.quick else FULL if asked.full else USUAL)
    measured: list[Measured] = []
    written: list[Written] = []
    with ExitStack() as stack:
        top = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dmn-bench-scale-")))
        for n_cases in sizes:
            folder = top / str(n_cases)
            write_job(folder, n_cases)
            measured += [run_step(step, command, folder, n_cases) for step, command in steps(folder)]
            written.append(sizes_of(folder, n_cases))
    sys.stdout.write(report(measured, written))


def steps(folder: Path) -> Sequence[tuple[str, Sequence[str]]]:
    """The commands in the order in which a user gives them."""
    reference_set, protocol = str(folder / "set"), str(folder / "protocol.yaml")
    return (
        ("refset check", ("refset", "check", reference_set)),
        ("refset lock", ("refset", "lock", reference_set)),
        ("refset describe", ("refset", "describe", reference_set)),
        ("run", ("run", protocol, "--out", str(folder / "run"))),
    )


# -------------------------------------------------------------------------------------------------- synthetic data


def write_job(folder: Path, n_cases: int, seed: int = SEED) -> None:
    """A reference set in ``folder``/set, the vendor's file and the protocol beside it; the same for the same seed."""
    (folder / "set").mkdir(parents=True, exist_ok=True)
    (folder / "set" / "reference_set.yaml").write_text(CARD, encoding="utf-8")
    (folder / "protocol.yaml").write_text(PROTOCOL, encoding="utf-8")
    rng = random.Random(seed)
    with ExitStack() as stack:
        cases, truth, outputs = (
            stack.enter_context((folder / name).open("w", encoding="utf-8"))
            for name in ("set/cases.csv", "set/truth.csv", "outputs.csv")
        )
        cases.write("case_id,patient_id,exam_id,laterality,files,sex,age_years,manufacturer,site\n")
        truth.write("exam_id,finding,value\n")
        outputs.write("case_id,score,status,reason\n")
        for case in _cases(n_cases, rng):
            cases.write(f"{case.row}\n")
            truth.write(f"{case.exam_id},nodule,{case.truth}\n")
            if case.output is not None:
                outputs.write(f"{case.case_id},{case.output}\n")


@dataclass(frozen=True, kw_only=True)
class SyntheticCase:
    """One line of each table."""

    case_id: str
    exam_id: str
    row: str
    truth: str
    output: str | None  # None: the vendor's file has no line for it


def _cases(n_cases: int, rng: random.Random) -> Iterator[SyntheticCase]:
    """Patients with one to three cases, one exam each."""
    patient = left = 0
    sex = age = ""
    for number in range(1, n_cases + 1):
        if not left:
            patient, left = patient + 1, rng.choice((1, 1, 2, 3))
            sex, age = rng.choice("FM"), str(rng.randint(18, 95))
        left -= 1
        case_id, exam_id = f"c{number:07}", f"e{number:07}"
        manufacturer = rng.choice(("Example A", "Example B", "Example C", "Example D", ""))
        site = f"site {rng.randint(1, 8)}"
        diseased = rng.random() < 0.2
        truth = "unverified" if rng.random() < 0.005 else ("positive" if diseased else "negative")
        yield SyntheticCase(
            case_id=case_id,
            exam_id=exam_id,
            row=f"{case_id},p{patient:07},{exam_id},,,{sex},{age},{manufacturer},{site}",
            truth=truth,
            output=_output(rng, diseased=diseased),
        )


def _output(rng: random.Random, *, diseased: bool) -> str | None:
    fate = rng.random()
    if fate < 0.002:
        return None
    if fate < 0.004:
        return ",failed,out of memory"
    if fate < 0.01:
        return ",abstained,image too dark"
    score = min(max(rng.gauss(0.65 if diseased else 0.35, 0.17), 0.0), 1.0)
    return f"{score:.7f},,"


# ------------------------------------------------------------------------------------------------------ measuring


def run_step(step: str, command: Sequence[str], folder: Path, n_cases: int) -> Measured:
    """Run one command of dmn-bench as a process, its output kept in the folder.

    Raises RuntimeError with the end of that output if the command fails.
    """
    log = folder / f"{step.replace(' ', '-')}.log"
    begun = perf_counter()
    with log.open("wb") as stream:
        argv = [sys.executable, "-m", "dmn_bench", *command]
        actions = [(os.POSIX_SPAWN_DUP2, stream.fileno(), 1), (os.POSIX_SPAWN_DUP2, stream.fileno(), 2)]
        process = os.posix_spawn(sys.executable, argv, os.environ, file_actions=actions)
        _, status, used = os.wait4(process, 0)
    wall = perf_counter() - begun
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"dmn-bench {' '.join(command)} failed:\n{log.read_text(encoding='utf-8')[-2000:]}")
    unit = 1 if sys.platform == "darwin" else KIB  # of ru_maxrss
    return Measured(
        step=step,
        n_cases=n_cases,
        wall_seconds=wall,
        cpu_seconds=used.ru_utime + used.ru_stime,
        peak_bytes=used.ru_maxrss * unit,
    )


def sizes_of(folder: Path, n_cases: int) -> Written:
    """The sizes of what the run in ``folder``/run wrote."""
    run = folder / "run"
    reports = [path.stat().st_size for path in run.rglob("*") if path.suffix in (".html", ".xlsx", ".pdf")]
    return Written(
        n_cases=n_cases,
        answers=sum(path.stat().st_size for path in run.glob("answers.*.jsonl")),
        record=(run / "record.json").stat().st_size,
        largest_report=max(reports, default=0),
    )


# ------------------------------------------------------------------------------------------------------ the tables


def report(measured: Sequence[Measured], written: Sequence[Written]) -> str:
    """Both tables as Markdown."""
    lines = [
        f"Python {platform.python_version()}, {os.cpu_count()} processors.",
        "",
        "| command | cases | wall s | CPU s | growth | peak MiB | bytes per case |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for step in dict.fromkeys(each.step for each in measured):
        before: Measured | None = None
        smallest = next(each for each in measured if each.step == step)
        for each in (each for each in measured if each.step == step):
            growth = "" if before is None else f"{each.wall_seconds / before.wall_seconds:.1f}"
            more = each.n_cases - smallest.n_cases
            per_case = f"{(each.peak_bytes - smallest.peak_bytes) / more:,.0f}" if more else ""
            lines.append(
                f"| {step} | {each.n_cases:,} | {each.wall_seconds:.1f} | {each.cpu_seconds:.1f} | {growth} "
                f"| {each.peak_bytes / KIB**2:,.0f} | {per_case} |"
            )
            before = each
    lines += ["", "| cases | answers MiB | record KiB | largest report KiB |", "|---:|---:|---:|---:|"]
    lines += [
        f"| {each.n_cases:,} | {each.answers / KIB**2:,.1f} | {each.record / KIB:,.0f} "
        f"| {each.largest_report / KIB:,.0f} |"
        for each in written
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
