"""The demonstrations that the repository ships, each run once for all tests that look at what came of it."""

import warnings
from pathlib import Path

from .shared_once import made_once

CONFIGS = Path(__file__).parents[1] / "configs"


def demo_run(tmp_path_factory, name):
    """The folder of the run of ``configs/NAME.yaml``; nobody may change what is in it."""
    return made_once(tmp_path_factory, f"run-of-{name}", lambda folder: _run(name, folder)) / "run"


def _run(name, folder):
    from dmn_bench.catalogue import build_catalogue
    from dmn_bench.harness import RunOptions, evaluate

    options = RunOptions(run_dir=folder / "run", answers_dir=folder / "answers", workers=2, resume=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries, not ours: what they warn of differs from version to version
        evaluate(CONFIGS / f"{name}.yaml", options, catalogue=build_catalogue())
