"""Real ONNX models give, by options alone, the scores that ONNX Runtime gave outside of dmn-bench."""

import csv

import numpy as np
import pytest
from PIL import Image as Picture

from dmn_bench.adapters.onnx_description import ImageInput, Output
from dmn_bench.adapters.onnx_model import OnnxModel
from dmn_bench.execution.asking import ask
from dmn_bench.execution.crew import LocalCrew
from dmn_bench.execution.launcher import ExecutionSettings
from dmn_bench.execution.ledger import Ledger
from dmn_bench.execution.questions import Questions
from dmn_bench.vocabulary import Case, Image, Origin, Request
from tests.shared_data import shared_data

SCORE = Output(kind="score", finding="a")
THREE = Output(kind="scores", findings={"normal": 0, "covid": 1, "viral": 2})


@pytest.mark.parametrize(
    ("model", "folder", "output", "at_most"),
    [
        ("fracture_mnv2", "fracture_fracatlas", SCORE, 200),
        ("cxr_nodule_mnv2", "cxr_nih", SCORE, 200),
        ("cxr_covid_pneumonia_tm", "cxr_nih", THREE, 200),
        ("dr_grade_mnv2", "fundus_idrid", Output(kind="grade", finding="dr"), 8),
    ],
)
def test_scores_equal_those_computed_elsewhere(tmp_path, model, folder, output, at_most):
    models, images = shared_data("imaging/models"), shared_data(f"imaging/{folder}")
    with (models / f"expected_{model}.csv").open() as stream:
        rows = [row for row in csv.DictReader(stream) if not row["out0"].startswith("ERROR")][:at_most]
    expected = {row.pop("image"): [float(value) for value in row.values()] for row in rows}
    paths = {path.name: path for path in images.rglob("*") if path.name in expected}

    def load(case, _):
        with Picture.open(paths[case.case_id]) as picture:
            pixels = np.asarray(picture.convert("RGB"))
        request = Request(request_id="r", images=(Image(name="image-1", pixels=pixels, photometric="rgb"),))
        return request, Origin(case_id=case.case_id, images={"image-1": "a"}, sop_instance_uids={})

    adapter = OnnxModel(model=f"{model}.onnx", input=ImageInput(size=(224, 224), mean=127.5, std=127.5), output=output)
    cases = [
        Case(case_id=name, patient_id=name, exam_id=name, laterality="", files=(name,), strata={}) for name in expected
    ]
    with Ledger(tmp_path / "ledger", "h") as ledger:
        questions = Questions(program=adapter.program(models, {}), load=load, settings=ExecutionSettings())
        ask(cases, engine=LocalCrew(questions, 2), ledger=ledger, on_answer=lambda _: None)
        found = {name: asked.answer for name, asked in ledger.answers().items()}
    assert len(found) == len(expected) >= 8
    for name, outputs in expected.items():
        answer = found[name]
        said = answer.grades["dr"].scores if answer.grades else [each.score for each in answer.findings.values()]
        assert said == pytest.approx(outputs, abs=1e-4)
        if answer.grades:
            assert answer.grades["dr"].grade == int(np.argmax(outputs))
