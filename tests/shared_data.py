"""Where the real data lie that some tests use; the product never needs them."""

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("DMN_BENCH_SHARED_DATA") or Path(__file__).parents[2] / "shared" / "data")


def shared_data(relative: str) -> Path:
    """The path below the folder of real data, or a skip that says what is missing."""
    path = FOLDER / relative
    if not path.exists():
        pytest.skip(f"real data not here: {relative} (set DMN_BENCH_SHARED_DATA to their folder)")
    return path
