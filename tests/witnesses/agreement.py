"""Makes agreement.json: needs krippendorff 0.9, irrCAC 0.4.4, pingouin 0.6.1 and pandas, none of them for the tests.

Run in an environment of its own: ``python tests/witnesses/agreement.py``.
"""

import json
from pathlib import Path

import krippendorff
import numpy as np
import pandas as pd
import pingouin
from irrCAC.raw import CAC

rng = np.random.default_rng(7)
truth = rng.integers(0, 4, 40)
ratings = [
    [int(np.clip(t + rng.choice([-1, 0, 0, 0, 1]), 0, 3)) if rng.random() > 0.2 else -1 for _ in range(4)]
    for t in truth
]
readings = np.where(np.array(ratings) < 0, np.nan, ratings)
found = {"ratings": ratings, "alpha": {}}
for level in ("nominal", "ordinal", "interval"):
    found["alpha"][level] = float(krippendorff.alpha(reliability_data=readings.T, level_of_measurement=level))
table = CAC(pd.DataFrame(readings), digits=12)
for name, estimate in (("fleiss", table.fleiss), ("ac1", table.gwet), ("pabak", table.bp)):
    row = estimate()["est"]
    found[name] = {
        "value": float(row["coefficient_value"]),
        "se": float(row["se"]),
        "low": float(row["confidence_interval"][0]),
        "high": float(row["confidence_interval"][1]),
        "pa": float(row["pa"]),
        "pe": float(row["pe"]),
    }
measured = np.round(rng.normal(0, 2, 25)[:, None] + rng.normal(0, 0.7, 3)[None, :] + rng.normal(0, 1, (25, 3)), 3)
long = pd.DataFrame(
    [(unit, reader, value) for unit, row in enumerate(measured) for reader, value in enumerate(row)],
    columns=["unit", "reader", "value"],
)
by_type = pingouin.intraclass_corr(long, "unit", "reader", "value").set_index("Type").loc["ICC(A,1)"]
found["measured"] = measured.tolist()
found["icc"] = {"value": float(by_type["ICC"]), "interval": list(map(float, by_type["CI95"])), "places": 2}
lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(value)}" for key, value in found.items())
Path(__file__).with_suffix(".json").write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
