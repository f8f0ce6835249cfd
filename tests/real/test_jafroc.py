"""Ten readers of a published free-response study as ten files of marks, against the figures of the study's program."""

import json

import pytest

from dmn_bench.reference_set import lock
from tests.shared_data import shared_data

from .running import estimate, rows_of, run, write_rows

CARD = {
    "format": "dmn-bench/reference-set/1",
    "id": "jafroc",
    "version": "1.0.0",
    "title": {"en": "Breast tomosynthesis and mammography, places made up"},
    "modality": "MG",
    "findings": [{"name": "lesion"}],
    "sampling": "enriched",
    "reference_standard": {"method": "as published", "wfdb_annotator": None},
    "public": True,
    "data_protection": {"route": "not_applicable"},
}
FIGURES = {
    "AFROC": ("afroc", {"all_units": False}),
    "wAFROC": ("wafroc", {"all_units": False}),
    "AFROC1": ("afroc", {"all_units": True}),
    "wAFROC1": ("wafroc", {"all_units": True}),
}


@pytest.fixture(scope="module")
def source():
    return shared_data("imaging/metrics_jafroc/dataset01")


@pytest.fixture(scope="module")
def oracle(source):
    return json.loads((source / "oracle.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def record(source, tmp_path_factory):
    """The record of one run: candidate r12 is reader 2 with modality 1. Where marks lie was not published."""
    folder = tmp_path_factory.mktemp("jafroc")
    (folder / "set").mkdir()
    (folder / "set" / "reference_set.yaml").write_text(json.dumps(CARD), encoding="utf-8")
    truth = rows_of(source / "truth.csv")
    cases = [{"case_id": f"c{row['case']}", "patient_id": f"p{row['case']}", "files": ""} for row in truth]
    write_rows(folder / "set" / "cases.csv", cases)
    values = ("negative", "positive")
    stated = [
        {"case_id": f"c{row['case']}", "finding": "lesion", "value": values[row["n_lesions"] != "0"]} for row in truth
    ]
    write_rows(folder / "set" / "truth.csv", stated)
    lesions = [
        {
            "case_id": f"c{row['case']}",
            "lesion_id": lesion,
            "finding": "lesion",
            "x": place(lesion),
            "y": "0",
            "weight": weight,
        }
        for row in truth
        if row["n_lesions"] != "0"
        for lesion, weight in zip(row["lesion_ids"].split("|"), row["lesion_weights"].split("|"), strict=True)
    ]
    write_rows(folder / "set" / "lesions.csv", lesions)
    lock(folder / "set")
    names = [f"r{modality}{reader}" for modality in range(2) for reader in range(5)]
    for name in names:
        write_rows(folder / f"{name}.csv", marks_of(source, name))
    return run(protocol(names), folder)


def place(lesion):
    return str(100 * (int(lesion) + 1))


def marks_of(source, name):
    """Marks on lesions at their place, all others far from any."""
    rows = [row for row in rows_of(source / "marks.csv") if name == f"r{row['modality']}{row['reader']}"]
    return [
        {
            "case": f"c{row['case']}",
            "finding": "lesion",
            "x": place(row["lesion"]) if row["mark_type"] == "LL" else str(5000 + number),
            "y": "0",
            "score": row["rating"],
        }
        for number, row in enumerate(rows)
    ]


def protocol(names):
    columns = {"finding": "finding", "x": "x", "y": "y", "score": "score"}
    return {
        "format": "dmn-bench/protocol/1",
        "id": "jafroc",
        "purpose": {"need": "A technical test.", "intended_use": "Lesions on mammography."},
        "reference_set": "set",
        "candidates": [
            {
                "id": name,
                "role": "device",
                "adapter": "predictions",
                "options": {
                    "path": f"{name}.csv",
                    "id": {"column": "case", "is": "case_id"},
                    "columns": columns,
                    "listed_cases": "all",
                },
            }
            for name in names
        ],
        "endpoints": [
            {
                "name": "lesions",
                "task": "detection",
                "finding": "lesion",
                "unit": "lesion",
                "hit_rule": {"distance_px_at_most": 1},
                "metrics": [
                    *({"name": metric, **options} for metric, options in FIGURES.values()),
                    "lesion_sensitivity",
                    "false_positives_per_image",
                ],
            }
        ],
        "statistics": {"resamples": 200},
    }


@pytest.mark.parametrize("figure", FIGURES)
def test_every_area_of_ten_readers_is_that_of_the_published_program(record, oracle, figure):
    published = oracle["fom"]["golden_rjafroc"].get(figure) or oracle["fom"]["ours_same_code"][figure]
    metric, options = FIGURES[figure]
    for modality, readers in enumerate(published):
        for reader, theirs in enumerate(readers):
            found = estimate(record, "lesions", metric, candidate=f"r{modality}{reader}", parameters=options)
            assert found["value"] == pytest.approx(theirs, abs=1e-12), (modality, reader)
            assert found["low"] < theirs < found["high"]


def test_the_share_of_lesions_marked_at_all_is_that_of_the_published_program(record, oracle):
    for modality, readers in enumerate(oracle["fom"]["golden_rjafroc"]["MaxLLF"]):
        for reader, theirs in enumerate(readers):
            found = estimate(record, "lesions", "lesion_sensitivity", candidate=f"r{modality}{reader}")
            assert found["value"] == pytest.approx(theirs, abs=1e-12)
            assert found["denominator"] == 95
