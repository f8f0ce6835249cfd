"""Result files of a product, in three forms: every value equals what was put in."""

import json

import pytest

from dmn_bench.adapters.fhir_results import FhirResults
from dmn_bench.adapters.json_results import JsonResults
from dmn_bench.adapters.predictions import Predictions

from ..adapters.kit import keys
from ..shared_data import shared_data

FOLDER = "vendorG_fhir_json_csv"
TABLE = {"path": f"{FOLDER}/results_semicolon_decimalcomma.csv", "delimiter": ";", "decimal": ",", "finding": "nodule"}
PLACES = {
    "path": f"{FOLDER}/results.json",
    "finding": "nodule",
    "score_at": "score",
    "marks_at": "findings",
    "mark_finding_at": "label",
    "mark_score_at": "score",
    "box_at": ("bbox.x1", "bbox.y1", "bbox.x2", "bbox.y2"),
    "boxes": "xyxy",
}
BY_IMAGE, BY_STUDY = {"is": "sop_instance_uid"}, {"is": "study_instance_uid"}
ADAPTERS = {
    "fhir": FhirResults(path=f"{FOLDER}/bundle.json", codes={"http://snomed.info/sct|27925004": "nodule"}),
    "json, images": JsonResults(**PLACES, id_at="instance", id=BY_IMAGE),
    "json, studies": JsonResults(**PLACES, id_at="study", id=BY_STUDY),
    "table, images": Predictions(
        **TABLE, columns={"score": "nodule_score"}, id={"column": "SOPInstanceUID", **BY_IMAGE}
    ),
    "table, studies": Predictions(
        **TABLE, columns={"score": "nodule_score"}, id={"column": "StudyInstanceUID", **BY_STUDY}
    ),
}


@pytest.mark.parametrize("name", ADAPTERS)
def test_every_value_is_the_one_that_was_put_in(name):
    base = shared_data("imaging/ai_outputs")
    expected = {
        case: said for case, said in json.loads((base / "expected.json").read_text()).items() if "study_uid" in said
    }
    assert len(expected) == 8
    cases = [
        keys(
            case,
            files=(said["image"],),
            uids={said["sop_instance_uid"]: said["image"]},
            studies=(said["study_uid"],),
            sizes={said["image"]: (1024, 1024)},
        )
        for case, said in expected.items()
    ]
    for asked in ADAPTERS[name].answers(cases, base):
        said = expected[asked.answer.case_id]
        assert asked.answer.status == "answered"
        assert asked.answer.findings["nodule"].score == said["image_level_probability"]
        if name == "fhir":
            assert asked.answer.marks is None
        else:
            marks = [[mark.x, mark.y, mark.width, mark.height, mark.score] for mark in asked.answer.marks]
            assert marks == [pytest.approx(box, abs=1e-9) for box in said["boxes_xywh_prob"]]
