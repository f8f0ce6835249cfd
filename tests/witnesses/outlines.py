"""Makes outlines.json: needs matplotlib 3.11, not for the tests.

Run in an environment of its own: ``python tests/witnesses/outlines.py``.
"""

import json
from pathlib import Path as File

import numpy as np
from matplotlib.path import Path

rng = np.random.default_rng(5)
size = 40
centres = np.stack(np.meshgrid(np.arange(size) + 0.5, np.arange(size) + 0.5), axis=-1).reshape(-1, 2)
found = []
for corners in (3, 4, 5, 7, 12, 30):
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners))  # around a point, so that no line crosses another
    reach = rng.uniform(4, 25, corners)
    outline = np.stack((20 + reach * np.cos(angles), 20 + reach * np.sin(angles)), axis=1)
    inside = Path(np.vstack((outline, outline[:1])), closed=True).contains_points(centres)
    found.append({"outline": outline.tolist(), "inside": np.flatnonzero(inside).tolist()})
File(__file__).with_suffix(".json").write_text(json.dumps({"size": size, "outlines": found}) + "\n", encoding="utf-8")
