"""Writes the demonstration sets: ``python reference_sets/make_demo_sets.py [--out FOLDER] [SET …]``.

The same library versions give the same bytes. Needs dmn-bench itself (for the lock), NumPy, pydicom,
wfdb and Pillow.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from generator import cards, contour_set, ecg_set, fracture_set, fundus_set, nodule_set  # noqa: E402

from dmn_bench.reference_set import lock  # noqa: E402

SETS = {module.SET_ID: module for module in (fracture_set, nodule_set, fundus_set, ecg_set, contour_set)}


def main() -> None:
    """Write each set that was named, all by default, each into a folder of its own."""
    parser = argparse.ArgumentParser(description="Write the demonstration sets.")
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"one or more of {', '.join(SETS)}; all by default")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write into, by default this one")
    asked = parser.parse_args()
    unknown = sorted(set(asked.sets) - set(SETS))
    if unknown:
        parser.error(f"no such set: {', '.join(unknown)}; there are {', '.join(SETS)}")
    for name in asked.sets or SETS:
        root = asked.out / name
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        SETS[name].write(root)
        (root / "reference_set.yaml").write_text(cards.CARDS[name], encoding="utf-8", newline="\n")
        lock(root)


if __name__ == "__main__":
    main()
