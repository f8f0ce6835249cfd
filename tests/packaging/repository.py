"""Where the repository is, and its tasks as a module."""

import importlib.util
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "dmn_bench"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def tasks():
    """tasks.py, which is not part of any package."""
    spec = importlib.util.spec_from_file_location("repository_tasks", ROOT / "tasks.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
