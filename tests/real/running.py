"""The whole job on real files: a recipe builds the set, the set is locked, the command line runs the protocol."""

import csv
import importlib
import json
import sys
from collections import defaultdict
from pathlib import Path
from types import ModuleType

from ruamel.yaml import YAML

from dmn_bench import cli
from dmn_bench.reference_set import lock

REPOSITORY = Path(__file__).parents[2]
RECIPES = REPOSITORY / "reference_sets" / "recipes"
PRIMARY = "intention_to_diagnose"


def recipe(name: str) -> ModuleType:
    """A recipe, imported as ``python reference_sets/recipes/NAME.py`` would find it."""
    if str(RECIPES) not in sys.path:
        sys.path.insert(0, str(RECIPES))
    return importlib.import_module(name)


def built(name: str, source: Path, target: Path, **options) -> Path:
    """The locked set that a recipe makes of a folder of public files."""
    recipe(name).build(source, target, **options)
    lock(target)
    return target


def protocol_of(name: str, source: Path, target: Path, models: Path | None = None) -> dict:
    """The recipe's own protocol with fewer resamples, for a file beside the set."""
    text = recipe("building").protocol_text(name, target, target.parent, source=source, models=models)
    return {**YAML(typ="safe").load(text), "statistics": {"resamples": 200}}


def run(protocol: dict, folder: Path) -> dict:
    """The record of a run through the command line."""
    code, record = attempted(protocol, folder)
    assert code == 0
    return record


def attempted(protocol: dict, folder: Path) -> tuple[int, dict]:
    """Exit code and record ({} without one) of a run whose protocol and output are named after the protocol's id."""
    path = folder / f"{protocol['id']}.yaml"
    path.write_text(json.dumps(protocol), encoding="utf-8")
    code = cli.call(["--lang", "en", "run", str(path), "--out", str(folder / f"out-{protocol['id']}")])
    record = folder / f"out-{protocol['id']}" / "record.json"
    return code, json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}


def estimate(record: dict, endpoint: str, metric: str, stratum: dict | None = None, **asked) -> dict:
    """The one row of the estimates with these keys; the primary analysis unless another is asked."""
    asked = {"analysis": PRIMARY, "endpoint": endpoint, "metric": metric, "stratum": stratum, **asked}
    found = [row for row in record["results"]["estimates"] if all(row.get(key) == asked[key] for key in asked)]
    assert len(found) == 1, (asked, len(found))
    return found[0]


def flow(record: dict, endpoint: str, state: str, **asked) -> int:
    """How many units of an endpoint are in a state, over all references."""
    rows = [row for row in record["results"]["flow"] if row["endpoint"] == endpoint]
    return sum(row[state] for row in rows if all(row.get(key) == asked[key] for key in asked))


def answers(folder: Path, protocol_id: str, candidate: str) -> dict[str, dict]:
    """What a candidate said in a run, by case."""
    lines = (folder / f"out-{protocol_id}" / f"answers.{candidate}.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["case_id"]: row for row in map(json.loads, lines)}


def rows_of(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


def rank_area(diseased: list[float], healthy: list[float]) -> float:
    """Area under the ROC curve by counting: our own witness, ties counting half."""
    counts: dict[float, list[int]] = defaultdict(lambda: [0, 0])
    for score in diseased:
        counts[score][0] += 1
    for score in healthy:
        counts[score][1] += 1
    below, area = 0, 0.0
    for score in sorted(counts):
        n_diseased, n_healthy = counts[score]
        area += n_diseased * (below + n_healthy / 2)
        below += n_healthy
    return area / (len(diseased) * len(healthy))


def write_rows(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path
