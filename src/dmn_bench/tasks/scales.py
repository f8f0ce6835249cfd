"""Ordinal scales by name: the grades of each, mildest first. Data only."""

from __future__ import annotations

from collections.abc import Mapping

SCALES: Mapping[str, tuple[int, ...]] = {
    "icdr": (0, 1, 2, 3, 4),  # International Clinical Diabetic Retinopathy severity: none … proliferative
    "dme_risk": (0, 1, 2),  # risk of diabetic macular oedema: none, hard exudates far from the macula, near it
    "birads": (1, 2, 3, 4, 5),  # BI-RADS final assessment: negative … highly suggestive of malignancy
    "kellgren_lawrence": (0, 1, 2, 3, 4),  # radiographic osteoarthritis
}
