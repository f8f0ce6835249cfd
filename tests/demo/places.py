"""Where the shipped sets, packages and protocols lie."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SETS = ROOT / "reference_sets"
PLUGINS = ROOT / "plugins"
