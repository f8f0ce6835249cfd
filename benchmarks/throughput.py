"""Cases per second of the whole command beside a bare loop and the model alone; growth with cases; where time goes.

python benchmarks/throughput.py [--quick | --full]

Everything is made on the spot: radiographs, electrocardiograms, and models of a stated time per case on this machine.
Every contestant is a process of its own on stated processors with one thread for its model; the bare loop and ours take
turns, and ratios are taken within each turn. A slow result is a result; only scores that differ, which would make the
comparison void, give the exit code 1.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # installed packages come compiled: ours may be too
# Not this folder: its statistics.py would be found before the standard library's.
sys.path[0] = str(Path(__file__).resolve().parents[1])

import argparse  # noqa: E402
import json  # noqa: E402
import platform  # noqa: E402
import shutil  # noqa: E402
import tempfile  # noqa: E402
from collections.abc import Sequence  # noqa: E402
from dataclasses import dataclass, field  # noqa: E402
from importlib import metadata  # noqa: E402
from statistics import median  # noqa: E402

from benchmarks import throughput_parts as parts  # noqa: E402
from benchmarks.processes import Finished, finished  # noqa: E402
from benchmarks.throughput_sets import Modality, Model, make_files, make_model, make_protocol, make_set  # noqa: E402

BARE = Path(__file__).with_name("bare_loop.py")
FEW = 4  # cases of a run that is nearly all start and end
DIFFERENT = 1e-6  # scores that differ by so much were not made from the same input
PACKAGES = ("dmn-bench", "numpy", "onnxruntime", "pydicom", "pillow", "wfdb")


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How large the jobs are. ``jobs``: modality, milliseconds of the model, cases."""

    files: int = 100
    repeats: int = 3
    jobs: tuple[tuple[Modality, float, int], ...] = (("images", 50, 600), ("ecg", 3, 600), ("ecg", 20, 300))
    growth: tuple[int, ...] = (100, 300, 1_000)


QUICK = Sizes(files=12, repeats=1, jobs=(("images", 50, 30), ("ecg", 3, 40), ("ecg", 20, 40)), growth=(20, 80))
FULL = Sizes(
    files=300,
    repeats=5,
    jobs=(("images", 50, 1_000), ("ecg", 3, 3_000), ("ecg", 20, 1_500)),
    growth=(100, 1_000, 10_000),
)


@dataclass(kw_only=True)
class Contestant:
    """One way to do a job, and how its turns went."""

    name: str
    processors: Sequence[int]
    workers: int = 0  # 0: not ours
    options: tuple[str, ...] = ()
    all: list[Finished] = field(default_factory=list)  # turns on every case
    few: list[Finished] = field(default_factory=list)  # and on a few
    loops: list[float] = field(default_factory=list)  # seconds of the loop alone, where the contestant is one


@dataclass(frozen=True, kw_only=True)
class Job:
    """A set, a model, and a few cases of that set, in one folder."""

    folder: Path
    modality: Modality
    model: Model
    n_cases: int

    @classmethod
    def made(cls, folder: Path, modality: Modality, files: list[Path], *, milliseconds: float, n_cases: int) -> Job:
        folder.mkdir()
        model = make_model(folder / "model.onnx", modality, files[:8], milliseconds=milliseconds)
        for name, n in (("all", n_cases), ("few", FEW)):
            make_set(folder / name, modality, files, n)
            make_protocol(folder / f"{name}.yaml", folder / name, model.path, modality)
        return cls(folder=folder, modality=modality, model=model, n_cases=n_cases)

    def turn(self, contestant: Contestant, which: str) -> float:
        """One turn of a contestant; the largest difference of its scores from the bare loop's, 0 where it has none."""
        out = self.folder / f"bare-{which}.json"
        turns = contestant.all if which == "all" else contestant.few
        if contestant.workers:
            done, scores = self.ours(which, contestant.processors, contestant.workers)
            bare = json.loads(out.read_text(encoding="utf-8"))
            turns.append(done)
            return max(abs(scores[case_id] - bare[case_id]) for case_id in bare)
        command = [sys.executable, str(BARE), self.modality, str(self.model.path), str(self.folder / which)]
        done = finished([*command, str(out), *contestant.options], contestant.processors)
        turns.append(done)
        if which == "all":
            contestant.loops.append(float(done.printed))
        return 0.0

    def ours(
        self, which: str, processors: Sequence[int], workers: int, *, watch: bool = False, again: bool = False
    ) -> tuple[Finished, dict[str, float]]:
        """A whole run, asking every case anew; ``again``: with the answers of the last run, so that none is asked."""
        run, answers = self.folder / "run", self.folder / "answers"
        shutil.rmtree(run, ignore_errors=True)
        if not again:
            shutil.rmtree(answers, ignore_errors=True)
        command = [sys.executable, "-m", "dmn_bench", "run", str(self.folder / f"{which}.yaml"), "--out", str(run)]
        command += ["--answers", str(answers), "--workers", str(workers)]
        done = finished(command, processors, watch=watch)
        lines = (run / "answers.model.jsonl").read_text(encoding="utf-8").splitlines()
        answered = [json.loads(line) for line in lines]
        return done, {each["case_id"]: each["findings"]["abnormal"]["score"] for each in answered}


# ------------------------------------------------------------------------------------------------------- the contest


def contest(job: Job, repeats: int, processors: Sequence[int]) -> float:
    """Turns of every contestant, printed; the largest difference of scores."""
    one, two = processors[:1], processors[:2]
    bare = Contestant(name="(a) bare loop", processors=one)
    alone = Contestant(name="(b) model alone, data in memory", processors=one, options=("--in-memory", "32"))
    ours = [
        Contestant(name="dmn-bench, 1 worker", processors=one, workers=1),
        Contestant(name="dmn-bench, 1 worker", processors=two, workers=1),
        Contestant(name="dmn-bench, 2 workers", processors=two, workers=2),
    ]
    largest = 0.0
    everybody = [bare, alone, *ours]
    for each in everybody:  # files, libraries and bytecode into memory
        job.turn(each, "few")
        each.few.clear()
    for _ in range(repeats):
        for each in everybody:
            largest = max(largest, job.turn(each, "few"), job.turn(each, "all"))
    title = "radiographs" if job.modality == "images" else "electrocardiograms"
    print(f"\n### {job.n_cases:,} {title}, a model of {job.model.milliseconds:.1f} ms\n")
    print(
        f"{job.model.layers} convolutions of one size; {repeats} turns each; scores differ by at most {largest:.1g}.\n"
    )
    print(
        "| contestant | processors | wall s, min | median | cases/s | × (a) | CPU ms/case | ms/further case | × (a) |"
    )
    print("|---|---|---:|---:|---:|---|---:|---:|---|")
    for each in everybody:
        print(_row(each, bare, job.n_cases))
    return largest


def _row(each: Contestant, bare: Contestant, n: int) -> str:
    if "--in-memory" in each.options:
        walls, further = each.loops, [1_000 * seconds / n for seconds in each.loops]
        cpu = ""
    else:
        walls, further = [turn.wall for turn in each.all], _further(each, n)
        cpu = f"{1_000 * median(turn.cpu for turn in each.all) / n:.1f}"
    whole = [ours.wall / wall for ours, wall in zip(bare.all, walls, strict=True)]
    inside = [ours / mine for ours, mine in zip(_further(bare, n), further, strict=True)]
    speed = f"{n / median(walls):.2f} | {_spread(whole)}"
    where = ",".join(map(str, each.processors))
    return (
        f"| {each.name} | {where} | {min(walls):.2f} | {median(walls):.2f} | {speed} | {cpu} "
        f"| {median(further):.2f} | {_spread(inside)} |"
    )


def _further(each: Contestant, n: int) -> list[float]:
    """Milliseconds of each case beyond the first few, turn by turn: without start and end."""
    return [1_000 * (all_.wall - few.wall) / (n - FEW) for all_, few in zip(each.all, each.few, strict=True)]


def _spread(ratios: Sequence[float]) -> str:
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


# --------------------------------------------------------------------------------------------- growth and its parts


@dataclass(kw_only=True)
class Growth:
    """Runs of one kind of set, by number of cases; with the answers there already, ``again``."""

    n: list[int] = field(default_factory=list)
    runs: list[Finished] = field(default_factory=list)
    again: list[Finished] = field(default_factory=list)
    parts: dict[str, float] = field(default_factory=dict)


def growth(folder: Path, files: dict[Modality, list[Path]], sizes: Sizes, processors: Sequence[int]) -> None:
    """Runs with a model that does nothing, on one processor so that nothing is hidden behind anything else."""
    print("\n### Growth, with a model that does nothing, 1 worker on one processor\n")
    print("| set | cases | wall s | wall ms/case | CPU ms/case | again, CPU s | harness, peak MiB | child, peak MiB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    found: dict[str, Growth] = {}
    for modality, pool in files.items():
        grown = found[modality] = Growth()
        for n in sizes.growth:
            job = Job.made(folder / f"growth-{modality}-{n}", modality, pool, milliseconds=0, n_cases=n)
            done, _ = job.ours("all", processors[:1], 1, watch=True)
            again, _ = job.ours("all", processors[:1], 1, again=True)
            grown.n.append(n)
            grown.runs.append(done)
            grown.again.append(again)
            print(
                f"| {modality} | {n:,} | {done.wall:.2f} | {1_000 * done.wall / n:.2f} | {1_000 * done.cpu / n:.2f} "
                f"| {again.cpu:.2f} | {done.peak_mib:.0f} | {done.children_peak_mib:.0f} |"
            )
            if not grown.parts and n >= min(100, max(sizes.growth)):
                grown.parts = parts.measured(job.folder, processors[0])
            shutil.rmtree(job.folder)
    print('\n"Again": with all answers there, so that no case is asked; the set is still read, hashed and scored.\n')
    print("CPU time is about `fixed + marginal × cases` (least squares of relative errors); parts measured alone.\n")
    print("| set | part | fixed CPU s | CPU ms/case |")
    print("|---|---|---:|---:|")
    for modality, grown in found.items():
        print("\n".join(f"| {modality} | {row} |" for row in _shares(grown)))


def _shares(grown: Growth) -> list[str]:
    fixed, marginal = _line(grown.n, [run.cpu for run in grown.runs])
    fixed_again, marginal_again = _line(grown.n, [run.cpu for run in grown.again])
    hashing, *asking = grown.parts.items()
    rows = [f"all | {fixed:.2f} | {1_000 * marginal:.2f}"]
    rows.append(f"again: read the set, hash, score, report | {fixed_again:.2f} | {1_000 * marginal_again:.2f}")
    rows.append(f"of it {hashing[0]} | | {hashing[1]:.2f}")
    rows += [f"{name} | | {value:.2f}" for name, value in asking]
    rest = 1_000 * (marginal - marginal_again) - sum(value for _, value in asking)
    return [*rows, f"supervise, and what is in no other part | {fixed - fixed_again:.2f} | {rest:.2f}"]


def _line(n: Sequence[int], seconds: Sequence[float]) -> tuple[float, float]:
    """(fixed, marginal) seconds: the line with the least squares of errors relative to the time."""
    import numpy as np

    cases, taken = np.array(n, dtype=float), np.array(seconds)
    (fixed, marginal), *_ = np.linalg.lstsq(np.stack([1 / taken, cases / taken], axis=1), np.ones(len(n)), rcond=None)
    return float(fixed), float(marginal)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small jobs, to see that it runs (under a minute)")
    parser.add_argument("--full", action="store_true", help="larger jobs, and growth to 10 000 cases")
    parser.add_argument("--only", choices=("contest", "growth"), help="half of it")
    asked = parser.parse_args()
    sizes = QUICK if asked.quick else FULL if asked.full else Sizes()
    processors = sorted(os.sched_getaffinity(0))
    load = ", ".join(f"{each:.2f}" for each in os.getloadavg())
    print(f"Python {platform.python_version()}, " + ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES))
    print(f"{len(processors)} processors; load averages when it began: {load}")
    with tempfile.TemporaryDirectory(prefix="throughput-") as name:
        folder = Path(name)
        files: dict[Modality, list[Path]] = {
            modality: make_files(folder / modality, modality, sizes.files) for modality in ("images", "ecg")
        }
        largest = 0.0
        if asked.only != "growth":
            for place, (modality, milliseconds, n_cases) in enumerate(sizes.jobs):
                pool = files[modality]
                job = Job.made(folder / f"{place}", modality, pool, milliseconds=milliseconds, n_cases=n_cases)
                largest = max(largest, contest(job, sizes.repeats, processors))
        if asked.only != "contest":
            growth(folder, files, sizes, processors)
    if not largest < DIFFERENT:
        print(f"\nVOID: scores differ by {largest:.3g}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
