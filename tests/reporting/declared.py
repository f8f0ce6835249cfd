"""What people wrote down for the fake record: a device, a card, a protocol, a composition."""

from dmn_bench.record import AgreementRow, CompositionRow

ITD = "intention_to_diagnose"
A, B = "vendor-a", "vendor-b"


def device(name="Acme Detect"):
    """A declared device, incomplete as they are."""
    return {
        "format": "dmn-bench/device/1",
        "identity": {
            "manufacturer": {"value": "Acme SAS", "source": "label"},
            "trade_name": {"value": name, "source": "label"},
            "version": {"value": "2.1.0", "source": "label"},
            "ce_class": {"value": "IIa", "source": "letter of 3 March"},
            "udi_di": None,
        },
        "intended_use": {
            "purpose": "Help to find fractures on radiographs of adults.",
            "ifu_page": "12",
            "operating_point": {"value": "0.5", "source": "IFU p. 14"},
        },
        "claims": [
            {
                "metric": "sensitivity",
                "finding": "fracture",
                "value": 0.93,
                "low": 0.9,
                "high": 0.95,
                "confidence": 0.95,
                "population": "adults",
                "source": "IFU p. 20",
            }
        ],
        "training_data": {"data_sets": {"value": "12,000 radiographs, 3 countries", "source": "letter"}},
        "needs": {
            "gpu": False,
            "hosts": [],
            "inputs": {"value": "DX, CR; at least 1,500 pixels", "source": "IFU p. 6"},
        },
    }


CARD = {
    "format": "dmn-bench/reference-set/1",
    "id": "wrist-demo",
    "version": "1.0.0",
    "title": {"en": "Wrist radiographs", "fr": "Radiographies du poignet"},
    "modality": "DX",
    "findings": [{"name": "fracture", "code": "SCT:125605004"}],
    "sampling": "enriched",
    "local_prevalence": [
        {"finding": "fracture", "value": 0.18, "low": 0.12, "high": 0.25, "source": "activity report"}
    ],
    "reference_standard": {"method": "consensus", "rule": "majority", "readers": 3, "blinded_to_device": True},
    "strata": {
        "sex": {"column": "sex"},
        "age": {"column": "age_years", "edges": [18, 40, 65]},
        "manufacturer": {"dicom": "Manufacturer"},
    },
    "public": False,
    "data_protection": {"route": "etude_interne", "register_ref": "R-12", "decided_by": "DPO", "date": "2026-01-10"},
    "reidentification_review": {"date": "2026-01-15", "method": "three criteria", "next_due": "2027-01-15"},
}


def content():
    """The protocol as data."""
    return {
        "format": "dmn-bench/protocol/1",
        "id": "wrist-demo",
        "purpose": {
            "need": "Night shifts without a radiologist.",
            "intended_use": "Aid to the emergency physician, adults.",
            "comparator": "Reading by the emergency physician.",
            "decided_by": "Imaging committee",
        },
        "reference_set": "../reference_sets/wrist-demo",
        "candidates": [
            {
                "id": A,
                "role": "device",
                "package": "../plugins/a",
                "operating_points": {"fracture": {"score_at_least": 0.5, "doubt_from": 0.3, "source": "IFU p. 14"}},
            },
            {"id": B, "role": "device", "adapter": "predictions", "options": {"path": "b.csv"}},
        ],
        "endpoints": [
            {
                "name": "exam",
                "task": "classification",
                "finding": "fracture",
                "unit": "exam",
                "combine": "highest",
                "metrics": [{"name": "sensitivity"}, {"name": "specificity"}, {"name": "auc"}, {"name": "ppv_local"}],
            },
            {
                "name": "lesion",
                "task": "detection",
                "finding": "fracture",
                "unit": "lesion",
                "hit_rule": {"iou_at_least": 0.2},
                "metrics": [{"name": "lesion_sensitivity", "at_false_positives_per_image": [0.125, 0.5, 1]}],
            },
            {
                "name": "grade",
                "task": "grading",
                "finding": "dr",
                "unit": "eye",
                "metrics": [{"name": "kappa_quadratic"}],
            },
            {"name": "beats", "task": "beats", "unit": "record", "metrics": [{"name": "qrs_sensitivity"}]},
        ],
        "primary": ITD,
        "as_used": {
            "indeterminate": "positive",
            "abstained": "positive",
            "rejected_input": "apart",
            "failed": "wrong",
            "not_sent": "apart",
            "unreadable": "apart",
        },
        "strata": ["sex", "age", "manufacturer", ["sex", "age"]],
        "pictures": {"per_kind": 3},
        "statistics": {
            "confidence": 0.95,
            "resamples": 2000,
            "seed": 20261121,
            "multiplicity": "holm",
            "minimum_n": {"estimate": 10, "imprecise_below": 30},
        },
        "acceptance": [
            {
                "id": "sensitivity",
                "candidate": "*",
                "endpoint": "exam",
                "metric": {"name": "sensitivity"},
                "at_least": 0.85,
                "at_most": None,
                "each_level_of": None,
            }
        ],
        "execution": {"attempts": 2, "seconds_per_case": 60.0, "threads": 1, "isolation": "at-least-1", "network": []},
        "plan": {},
    }


def composition():
    """Who is in the set."""

    def row(field, level, n, patients, positive):
        return CompositionRow(
            field=field,
            level=level,
            n_cases=n,
            n_patients=patients,
            references={"fracture": {"positive": positive, "negative": n - positive}},
        )

    return [
        row("", "", 600, 300, 208),
        row("sex", "F", 300, 150, 104),
        row("sex", "M", 300, 150, 104),
        row("age", "<18", 0, 0, 0),
        row("age", "[18, 40)", 114, 57, 14),
        row("age", "[40, 65)", 186, 93, 36),
        row("age", ">=65", 276, 138, 140),
        row("age", "not recorded", 24, 12, 18),
    ]


def agreement():
    """Three readers of one finding: one coefficient that is there and one that is not."""
    facts = {
        "finding": "fracture",
        "level": "nominal",
        "n_readers": 3,
        "n_cases": 596,
        "n_patients": 298,
        "n_left_out": 4,
        "observed_agreement": 0.957,
        "prevalence": 0.35,
    }
    known = {"value": 0.914, "low": 0.872, "high": 0.951, "confidence": 0.95, "method": "gwet-linearised-t"}
    return [
        AgreementRow(coefficient="fleiss_kappa", **facts, **known),
        AgreementRow(coefficient="krippendorff_alpha", **facts, not_estimable="too_many_invalid_resamples"),
    ]
