"""Grades that a device tells by their place alone: listed, or refused before anybody is asked."""

import dataclasses
import json

import pytest

from dmn_bench import reference_set
from dmn_bench.adapters.numbered_grades import NumberedGrades
from dmn_bench.adapters.onnx_shapes import output_shapes
from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import CandidateError, ProtocolError
from dmn_bench.harness import RunOptions, evaluate
from dmn_bench.harness.planned_grades import on_its_scales
from dmn_bench.harness.planning import prepare
from dmn_bench.reporting.phrases import Phrases
from dmn_bench.reporting.reasons import own_reason
from dmn_bench.vocabulary import Answer, GradeAnswer
from dmn_bench.wordings import LANGUAGES, say_problem

from ..recount.tiny import as_csv

CARD = """\
format: dmn-bench/reference-set/1
id: breasts
version: 1.0.0
title: {en: Breasts}
modality: MG
findings: [{name: birads}, {name: density}]
sampling: consecutive
reference_standard: {method: drawn}
data_protection: {route: not_applicable}
"""
BIRADS = (1, 2, 3, 4, 5)
COLUMNS = [f"p{n}" for n in range(5)]


def endpoint(**changes):
    asked = {"name": "grade", "task": "grading", "finding": "birads", "unit": "case", "positive_when": ">= 4"}
    return {**asked, "grades": list(BIRADS), "metrics": ["exact_agreement", "sensitivity", "auc"], **changes}


def referral(**scales):
    return {
        "name": "refer",
        "task": "referral",
        "unit": "case",
        "scales": scales,
        "positive_when": dict.fromkeys(scales, ">= 3"),
        "metrics": ["sensitivity"],
    }


def protocol_in(folder, endpoints, **options):
    """A set in which the device gives every case the grade of the reference, as the place of its highest score."""
    root = folder / "set"
    root.mkdir()
    (root / "reference_set.yaml").write_text(CARD, encoding="utf-8")
    names = [f"c{n}" for n in range(10)]
    grades = [BIRADS[n % 5] for n in range(10)]
    cases = [{"case_id": name, "patient_id": name, "files": ""} for name in names]
    truth = [
        {"case_id": name, "finding": finding, "value": str(grade)}
        for name, grade in zip(names, grades, strict=True)
        for finding in ("birads", "density")
    ]
    said = [
        {"case_id": name, **{column: float(place == BIRADS.index(grade)) for place, column in enumerate(COLUMNS)}}
        for name, grade in zip(names, grades, strict=True)
    ]
    (root / "cases.csv").write_text(as_csv(cases, ["case_id", "patient_id", "files"]), encoding="utf-8")
    (root / "truth.csv").write_text(as_csv(truth, ["case_id", "finding", "value"]), encoding="utf-8")
    (folder / "answers.csv").write_text(as_csv(said, ["case_id", *COLUMNS]), encoding="utf-8")
    reference_set.lock(root)
    asked = {"path": "answers.csv", "finding": "birads", "grade_scores": COLUMNS, **options}
    written = {
        "format": "dmn-bench/protocol/1",
        "id": "breasts",
        "reference_set": "set",
        "candidates": [{"id": "file", "adapter": "predictions", "options": asked}],
        "endpoints": endpoints,
        "statistics": {"resamples": 200, "minimum_n": {"estimate": 1}},
    }
    path = folder / "breasts.yaml"
    path.write_text(json.dumps(written, indent=1), encoding="utf-8")
    return path


def problems_of(path):
    with pytest.raises(CandidateError) as caught:
        prepare(path, catalogue=build_catalogue())
    return [(problem.key, problem.facts["option"], problem.facts["scale"]) for problem in caught.value.problems]


def test_listed_grades_are_judged_as_such(tmp_path):
    path = protocol_in(tmp_path, [endpoint()], grades=list(BIRADS))
    found = evaluate(path, RunOptions(run_dir=tmp_path / "run"), catalogue=build_catalogue()).results
    values = {row.metric: row.value for row in found.estimates if row.analysis == "intention_to_diagnose"}
    assert values == {"exact_agreement": 1.0, "sensitivity": 1.0, "auc": 1.0}


@pytest.mark.parametrize("grades", [BIRADS, (0, 1, 2, 4, 5), (0, 1, 2, 3), (0, 1, 2, 3, 4, 5)])
def test_a_scale_that_is_not_0_to_4_needs_the_list(tmp_path, grades):
    path = protocol_in(tmp_path, [endpoint(grades=list(grades), positive_when=">= 2")])
    assert problems_of(path) == [("protocol.grades_unlisted_of", "grades", ", ".join(map(str, grades)))]


def test_places_from_0_are_the_scale_from_0(tmp_path):
    path = protocol_in(tmp_path, [endpoint(grades=[0, 1, 2, 3, 4], positive_when=">= 2")])
    prepare(path, catalogue=build_catalogue())


def test_every_endpoint_on_the_finding_is_looked_at_and_no_other(tmp_path):
    steps = [0, 1, 2, 3, 4]
    others = [
        endpoint(name="from_0", grades=steps),
        referral(birads=list(BIRADS), density=[1, 2, 3]),
        endpoint(name="density", finding="density", grades=[1, 2, 3], positive_when=">= 2"),
    ]
    assert problems_of(protocol_in(tmp_path, others)) == [("protocol.grades_unlisted_of", "grades", "1, 2, 3, 4, 5")]


def test_a_file_that_names_its_findings_is_held_to_every_scale(tmp_path):
    asked = [endpoint(), endpoint(name="density", finding="density", grades=[1, 2, 3], positive_when=">= 2")]
    found = problems_of(protocol_in(tmp_path, asked, finding=None))
    assert [scale for _, _, scale in found] == ["1, 2, 3, 4, 5", "1, 2, 3"]


def test_a_listed_grade_is_one_of_the_scale(tmp_path):
    path = protocol_in(tmp_path, [endpoint()], grades=[0, 1, 2, 3, 4])
    assert problems_of(path) == [("protocol.listed_grades_off_scale", "grades", "1, 2, 3, 4, 5")]


def test_levels_of_another_scale_are_held_to_that_scale(tmp_path):
    mapped = endpoint(grades=None, scale="icdr", answer_scale="etdrs", positive_when=">= 2")
    found = problems_of(protocol_in(tmp_path, [mapped]))
    assert [scale.split(", ")[0] for _, _, scale in found] == ["10"]


@pytest.mark.parametrize(("own", "keys"), [("birads", []), ("density", ["protocol.grades_unlisted"])])
def test_the_devices_word_for_a_finding_is_translated(tmp_path, own, keys):
    """An ONNX output whose number of elements nobody knows yet."""
    output = {"kind": "grade", "finding": "LEVEL"}
    path = protocol_in(
        tmp_path,
        [
            endpoint(grades=[0, 1, 2]),
            endpoint(name="density", finding="density", grades=[1, 2, 3], positive_when=">= 2"),
        ],
    )
    written = json.loads(path.read_text(encoding="utf-8"))
    (tmp_path / "m.onnx").write_bytes(b"")
    options = {"model": "m.onnx", "input": {}, "output": output}
    written["candidates"] = [{"id": "model", "adapter": "onnx", "options": options, "findings": {"LEVEL": own}}]
    written["endpoints"][0]["positive_when"] = ">= 1"
    path.write_text(json.dumps(written), encoding="utf-8")
    with pytest.raises((CandidateError, ProtocolError)) as caught:
        prepare(path, catalogue=build_catalogue())
    found = [problem.key for problem in caught.value.problems if problem.key != "protocol.no_files_to_send"]
    assert found == keys


def an_onnx_file(path, *shapes):
    """A model with one output of each shape, whatever it gives: it is never run."""
    onnx = pytest.importorskip("onnx")
    outputs = [
        onnx.helper.make_tensor_value_info(f"y{n}", onnx.TensorProto.FLOAT, shape) for n, shape in enumerate(shapes)
    ]
    asked = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["n", 3, None, None])
    nodes = [onnx.helper.make_node("Identity", ["x"], [each.name]) for each in outputs]
    graph = onnx.helper.make_graph(nodes, "toy", [asked], outputs)
    onnx.save(onnx.helper.make_model(graph), path)


def of_onnx(folder, shapes, output, **scale):
    """The problems of an ONNX candidate whose outputs have these shapes."""
    path = protocol_in(folder, [endpoint(**scale)])
    an_onnx_file(folder / "m.onnx", *shapes)
    content = json.loads(path.read_text(encoding="utf-8"))
    described = {"kind": "grade", "finding": "birads", **output}
    options = {"model": "m.onnx", "input": {}, "output": described}
    content["candidates"] = [{"id": "model", "adapter": "onnx", "options": options}]
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises((CandidateError, ProtocolError)) as caught:
        prepare(path, catalogue=build_catalogue())
    keys = {problem.key for problem in caught.value.problems}
    assert "protocol.no_files_to_send" in keys  # the set of these tests has no pictures
    return [problem for problem in caught.value.problems if problem.key != "protocol.no_files_to_send"]


FIVE = {"grades": [0, 1, 2, 3, 4], "positive_when": ">= 2"}


@pytest.mark.parametrize(
    ("shapes", "output", "found"),
    [
        ([("n", 5)], {}, None),
        ([(1, 3)], {}, 3),
        ([("n", 3)], {}, 3),
        ([(3,)], {}, 3),
        ([(1, 1, 6)], {}, 6),
        ([("n", 5), ("n", 3)], {"name": "y1"}, 3),
        ([("n", "k")], {}, None),
        ([None], {}, None),
        ([("n", 1)], {"pick": "value"}, None),
    ],
)
def test_the_values_of_an_output_are_counted_in_the_onnx_file(tmp_path, shapes, output, found):
    problems = of_onnx(tmp_path, shapes, output, **FIVE)
    assert [(p.key, p.facts["n"], p.facts["most"]) for p in problems] == (
        [] if found is None else [("planned.grades_of_output", found, 5)]
    )


@pytest.mark.parametrize(("listed", "keys"), [([1, 2, 3], []), ([1, 2, 3, 4], ["planned.listed_grades_of_output"])])
def test_listed_grades_are_counted_too(tmp_path, listed, keys):
    problems = of_onnx(tmp_path, [("n", 3)], {"grades": listed})
    assert [problem.key for problem in problems] == keys
    assert all(say_problem(problem, language) for problem in problems for language in LANGUAGES)


@pytest.mark.parametrize("cut", [0, 1, 7, 40])
def test_a_damaged_onnx_file_declares_nothing(tmp_path, cut):
    an_onnx_file(tmp_path / "m.onnx", ("n", 5))
    whole = (tmp_path / "m.onnx").read_bytes()
    assert output_shapes(tmp_path / "m.onnx") == {"y0": (None, 5)}
    (tmp_path / "m.onnx").write_bytes(whole[:cut])
    assert output_shapes(tmp_path / "m.onnx") == {}
    (tmp_path / "m.onnx").write_bytes(bytes([*whole[:cut], 0xFF, *whole[cut:]]))
    assert len(output_shapes(tmp_path / "m.onnx")) <= 1


def test_another_number_of_values_than_grades_is_a_failure_with_its_reason(tmp_path):
    """Where the shape is dynamic: what comes tells, and the place of the highest value is no grade."""
    path = protocol_in(tmp_path, [endpoint(**FIVE)])
    prepared = prepare(path, catalogue=build_catalogue())
    numbered = type("Numbered", (), {"numbered_grades": (NumberedGrades("output.grades", "birads"),)})()
    candidate = dataclasses.replace(prepared.candidates[0], adapter=numbered)
    short = Answer(case_id="c0", status="answered", grades={"birads": GradeAnswer(grade=2, scores=(0.1, 0.2, 0.7))})
    found = on_its_scales(short, candidate, prepared.endpoints)
    assert (found.status, found.reason) == ("failed", "3 values for 5 grades")
    assert own_reason(found.reason, Phrases("fr")) == "le modèle donne 3 valeurs, et l’échelle compte 5 grades"
    whole = dataclasses.replace(short, grades={"birads": GradeAnswer(grade=2, scores=(0, 0, 1, 0, 0))})
    listed = dataclasses.replace(
        candidate, adapter=type("Listed", (), {"numbered_grades": (NumberedGrades("grades", "birads", (1, 2, 3)),)})()
    )
    assert on_its_scales(whole, candidate, prepared.endpoints) == whole
    assert on_its_scales(short, listed, prepared.endpoints) == short
