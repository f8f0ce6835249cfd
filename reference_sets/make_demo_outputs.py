"""Writes the vendors' output files of the demonstration: ``python reference_sets/make_demo_outputs.py``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from generator import outputs  # noqa: E402

FILES = {
    "example-fracture-outputs/fracture_results.csv": outputs.write_fracture_outputs,
    "example-nodule-outputs/nodule_results.csv": outputs.write_nodule_outputs,
    "example-contour-outputs/structure_sets": outputs.write_contour_outputs,
}


def main() -> None:
    """Write each file into the folder of its candidate package."""
    parser = argparse.ArgumentParser(description="Write the output files of the demonstration.")
    parser.add_argument("--out", type=Path, default=HERE.parent / "plugins", help="folder of the packages")
    asked = parser.parse_args()
    for name, write in FILES.items():
        write(asked.out / name)


if __name__ == "__main__":
    main()
