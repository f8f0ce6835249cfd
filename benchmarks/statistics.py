"""How fast the statistics are beside other programs, and whether they agree: a Markdown table, in processor seconds.

python benchmarks/statistics.py [--quick | --full]

Each job and its rivals run in this one process (R in a child), one after the other, on one core. A rival that is not
installed has a row that says so. Slow ones do fewer resamples; their time is scaled up and the row says so. A slow
result is a result: the exit code is 0 whatever the times.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.update({name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")})
# Not this folder: its statistics.py would be found before the standard library's.
sys.path[0] = str(Path(__file__).resolve().parents[1])

import argparse  # noqa: E402
import platform  # noqa: E402
import resource  # noqa: E402
import subprocess  # noqa: E402
from collections.abc import Callable  # noqa: E402
from dataclasses import dataclass, field  # noqa: E402
from importlib import metadata  # noqa: E402
from time import process_time  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402

from benchmarks import rivals  # noqa: E402
from benchmarks.rivals import SEED, largest  # noqa: E402
from dmn_bench.statistics.localisation import sensitivities_at  # noqa: E402
from dmn_bench.statistics.paired_roc import paired_roc_areas  # noqa: E402
from dmn_bench.statistics.resampling import resample  # noqa: E402
from dmn_bench.statistics.roc import RankedArea  # noqa: E402
from dmn_bench.vocabulary import Columns  # noqa: E402

OURS = "dmn-bench"
RATES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)  # false positives per scan, as LUNA16 has them
TIMED = 3  # times a quick contestant runs; the best counts
SLOW = 5.0  # seconds from which one run is enough


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How large the jobs are."""

    cases: int = 20_000
    patients: int = 10_000
    strata: int = 12
    resamples: int = 2_000
    slow_resamples: int = 20
    paired_cases: int = 200_000
    scans: int = 1_000
    scan_resamples: int = 10_000
    scan_rival_resamples: int = 200


QUICK = Sizes(
    cases=4_000,
    patients=2_000,
    resamples=500,
    slow_resamples=3,
    paired_cases=20_000,
    scan_resamples=1_000,
    scan_rival_resamples=20,
)


@dataclass
class Table:
    """The rows of one job; ratios are to our own time."""

    job: str
    text: str
    rows: list[tuple[str, str, float | None, str, str]] = field(default_factory=list)

    def run(self, contestant: str, package: str, work: Callable[[], tuple[Any, str]], *, share: float = 1.0) -> Any:
        """Times the work, which returns its result and a remark on agreement; did it a ``share`` of the job?"""
        try:
            version = metadata.version(package) if package else ""
            seconds, (found, remark) = timed(work)
        except ImportError:
            self.rows.append((contestant, "not installed", None, "", ""))
            return None
        except Exception as error:  # a rival may fail in any way, and that is what its row says
            self.rows.append((contestant, "", None, f"failed: {type(error).__name__}", ""))
            return None
        self.add(contestant, version, seconds / share, remark, "" if share == 1.0 else f"× {1 / share:g}")
        return found

    def add(self, contestant: str, version: str, seconds: float | None, remark: str, scaled: str = "") -> None:
        """A row measured elsewhere."""
        self.rows.append((contestant, version, seconds, remark, scaled))

    def printed(self) -> None:
        """To standard output, as lines of a Markdown table."""
        ours = next((seconds for name, _, seconds, _, _ in self.rows if name.startswith(OURS)), None)
        for name, version, seconds, remark, scaled in self.rows:
            ratio = "" if seconds is None or not ours else f"{seconds / ours:.3g}"
            time = "" if seconds is None else f"{seconds:.3g}"
            print(f"| {self.job} | {name} | {version} | {time} | {ratio} | {remark} | {scaled} |")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds of the best of a few runs, and the result of the last."""
    best = np.inf
    for _ in range(TIMED):
        start = process_time()
        found = work()
        best = min(best, process_time() - start)
        if best > SLOW:
            break
    return float(best), found


# ------------------------------------------------------------------------------------------- bootstrap by stratum


@dataclass(frozen=True, kw_only=True)
class Cases:
    """Cases of patients, in strata, with a score and a call."""

    patients: np.ndarray
    positive: np.ndarray
    scores: np.ndarray
    called: np.ndarray
    stratum: np.ndarray
    groups: list[np.ndarray]

    @classmethod
    def of(cls, n: int, n_patients: int, n_strata: int) -> Cases:
        rng = np.random.default_rng(SEED)
        patients = np.concatenate((np.arange(n_patients), rng.integers(0, n_patients, n - n_patients)))
        positive = rng.random(n) < 0.2
        scores = rng.normal(size=n) + 1.5 * positive
        stratum = rng.integers(0, n_strata, n)
        groups = [np.arange(n), *(np.flatnonzero(stratum == level) for level in range(n_strata))]
        return cls(
            patients=patients, positive=positive, scores=scores, called=scores > 1, stratum=stratum, groups=groups
        )

    def intervals(self, resamples: int, method: Any = "bca") -> list[list[Any]]:
        positive, negative = self.positive.astype(float), (~self.positive).astype(float)
        ranked = Columns(sums={}, ranked={"positive": positive, "negative": negative}, scores=self.scores)
        found = Columns(sums={"numerator": positive * self.called, "denominator": positive})
        cleared = Columns(sums={"numerator": negative * ~self.called, "denominator": negative})
        metrics = [(ranked, RankedArea("positive", "negative")), (found, ratio), (cleared, ratio)]
        plan: dict[str, Any] = {"patients": self.patients, "groups": self.groups, "resamples": resamples}
        return resample(metrics, seed=SEED, method=method, **plan)


def ratio(totals: Any) -> np.ndarray:
    return totals.sums["numerator"] / totals.sums["denominator"]


def by_stratum(sizes: Sizes) -> Table:
    cases = Cases.of(sizes.cases, sizes.patients, sizes.strata)
    table = Table(
        "bootstrap",
        f"{sizes.resamples:,} resamples of {sizes.patients:,} patients: AUC, Se, Sp of {sizes.cases:,} cases, "
        f"whole and {sizes.strata} strata",
    )
    few = sizes.slow_resamples
    ours = table.run(OURS, "dmn-bench", lambda: (cases.intervals(sizes.resamples), "BCa limits up to 2,000 patients"))
    table.run("NumPy, draws alone, one generator", "numpy", lambda: plain_draws(sizes))
    table.run("NumPy, draws alone, a stream for each resample", "numpy", lambda: streams(sizes))
    ends = cases.intervals(few, "percentile")  # of few resamples these are the smallest and the largest
    share = few / sizes.resamples
    table.run("scikit-learn loop", "scikit-learn", lambda: rivals.sklearn_loop(cases, few, ends), share=share)
    table.run("fairlearn MetricFrame", "fairlearn", lambda: rivals.fairlearn_frame(cases, few, ours), share=share)
    return table


def plain_draws(sizes: Sizes) -> tuple[None, str]:
    rng = np.random.default_rng(SEED)
    for _ in range(0, sizes.resamples, 100):
        rng.integers(0, sizes.patients, size=(100, sizes.patients))
    return None, ""


def streams(sizes: Sizes) -> tuple[None, str]:
    for number in range(sizes.resamples):
        stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(SEED, spawn_key=(number,))))
        stream.integers(0, sizes.patients, size=sizes.patients)
    return None, ""


# ------------------------------------------------------------------------------------------------- paired DeLong


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Two candidates on the same cases."""

    positive: np.ndarray
    first: np.ndarray
    second: np.ndarray

    @classmethod
    def of(cls, n: int) -> Pairs:
        rng = np.random.default_rng(SEED)
        positive = rng.random(n) < 0.3
        common = rng.normal(size=n) + positive
        return cls(positive=positive, first=common + 0.5 * rng.normal(size=n), second=common + 0.6 * rng.normal(size=n))


def paired(sizes: Sizes) -> Table:
    data = Pairs.of(sizes.paired_cases)
    table = Table("DeLong", f"two areas on the same {sizes.paired_cases:,} cases, their difference and its test")
    ours = table.run(
        OURS, "dmn-bench", lambda: (paired_roc_areas(data.first, data.second, data.positive), "test and limits")
    )
    areas, z = np.array([ours.area_a, ours.area_b]), abs(ours.z)

    def against(found_areas: Any, found_z: float) -> tuple[None, str]:
        return None, f"areas by {largest(found_areas, areas):.1g}, z by {abs(abs(found_z) - z):.1g}"

    table.run("pauc", "pauc", lambda: against(*rivals.pauc_test(data)))
    table.run("confidenceinterval (fastDeLong)", "confidenceinterval", lambda: against(*rivals.fast_delong(data)))
    table.run("MLstatkit", "MLstatkit", lambda: against(*rivals.mlstatkit_test(data)))
    small = Pairs.of(min(20_000, sizes.paired_cases))
    linear = len(small.positive) / len(data.positive)
    table.run("pystatsbio (on 20,000)", "pystatsbio", lambda: (None, rivals.pystatsbio_test(small)), share=linear)
    table.add(*rivals.proc_test(data, areas, z))
    return table


# ---------------------------------------------------------------------------------------------------------- FROC


@dataclass(frozen=True, kw_only=True)
class Scans:
    """Rows: a lesion (with the score of its best mark, or −inf) or a false positive; then one row for each scan."""

    n: int
    scan: np.ndarray
    is_lesion: np.ndarray
    scores: np.ndarray

    @classmethod
    def of(cls, n: int) -> Scans:
        rng = np.random.default_rng(SEED)
        lesion_scan = np.repeat(np.arange(n), rng.poisson(1.0, n))
        alarm_scan = np.repeat(np.arange(n), rng.poisson(5.0, n))
        lesion_scores = np.where(rng.random(len(lesion_scan)) < 0.9, rng.beta(4, 2, len(lesion_scan)), -np.inf)
        return cls(
            n=n,
            scan=np.concatenate((lesion_scan, alarm_scan)),
            is_lesion=np.arange(len(lesion_scan) + len(alarm_scan)) < len(lesion_scan),
            scores=np.concatenate((lesion_scores, rng.beta(1.5, 4, len(alarm_scan)))),
        )

    def interval(self, resamples: int, method: Any = "bca") -> Any:
        marked = np.isfinite(self.scores)
        none = np.zeros(self.n)
        columns = Columns(
            sums={
                "lesions": np.concatenate((self.is_lesion.astype(float), none)),
                "images": np.concatenate((np.zeros(len(self.scan)), np.ones(self.n))),
            },
            ranked={
                "hits": np.concatenate(((self.is_lesion & marked).astype(float), none)),
                "false_positives": np.concatenate(((~self.is_lesion).astype(float), none)),
            },
            scores=np.concatenate((np.where(marked, self.scores, 0.0), none)),
        )
        patients = np.concatenate((self.scan, np.arange(self.n)))
        groups = [np.arange(len(patients))]
        plan: dict[str, Any] = {"patients": patients, "groups": groups, "resamples": resamples, "seed": SEED}
        return resample([(columns, seven_points)], method=method, **plan)[0][0]


def seven_points(totals: Any) -> np.ndarray:
    """Mean sensitivity at the seven rates."""
    hits, alarms = totals.ranked["hits"], totals.ranked["false_positives"]
    found = sensitivities_at(hits, alarms, totals.sums["lesions"], totals.sums["images"], RATES, interpolation="linear")
    return found.mean(axis=0)


def free_response(sizes: Sizes) -> Table:
    scans = Scans.of(sizes.scans)
    marks = int(np.isfinite(scans.scores).sum())
    table = Table("FROC", f"bootstrap of {sizes.scans:,} scans with {marks:,} marks")
    table.run(
        f"{OURS}, seven-point score, {sizes.scan_resamples:,} resamples",
        "dmn-bench",
        lambda: (scans.interval(sizes.scan_resamples), "BCa limits up to 2,000 patients"),
    )
    few = sizes.scan_rival_resamples
    limits = scans.interval(few, "percentile")
    table.run(f"loop as LUNA16's, {few} resamples", "numpy", lambda: rivals.luna_loop(scans, few, limits, RATES))
    table.run(f"picai_eval, AUROC and AP, {few} resamples", "picai_eval", lambda: rivals.picai_bootstrap(scans, few))
    return table


# ------------------------------------------------------------------------------------------------------ one million


def one_million() -> None:
    """In a process of its own, so that its memory is its own."""
    cases = Cases.of(1_000_000, 500_000, 20)
    before = process_time()
    cases.intervals(2_000)
    print(f"{process_time() - before:.1f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f}")


def memory() -> Table:
    table = Table("million", "2,000 resamples of 500,000 patients: AUC, Se, Sp of 1,000,000 cases, whole and 20 strata")
    command = [sys.executable, str(Path(__file__).resolve()), "--million"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, gibibytes = done.stdout.split()
    table.add(OURS, metadata.version("dmn-bench"), float(seconds), f"at most {gibibytes} GiB of memory in use")
    sizes = Sizes(cases=1_000_000, patients=500_000, strata=20)
    table.run("NumPy, draws alone, one generator", "numpy", lambda: plain_draws(sizes))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small jobs, to see that it runs")
    parser.add_argument("--full", action="store_true", help="also a million cases")
    parser.add_argument("--million", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.million:
        one_million()
        return
    sizes = QUICK if asked.quick else Sizes()
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, SciPy {metadata.version('scipy')}, one core\n")
    tables = [job(sizes) for job in (by_stratum, paired, free_response)]
    if asked.full:
        tables.append(memory())
    for table in tables:
        print(f"- {table.job}: {table.text}")
    print("\n| job | contestant | version | CPU s | × ours | agreement with ours | scaled |")
    print("|---|---|---|---:|---:|---|---|")
    for table in tables:
        table.printed()


if __name__ == "__main__":
    main()
