"""IDRiD with the ONNX model, and answers of files: beside scikit-learn's figures, the model's and counts by hand."""

import json

import pytest

from tests.shared_data import shared_data

from .running import answers, attempted, built, estimate, flow, protocol_of, rows_of, run, write_rows

GRADES = [0, 1, 2, 3, 4]
ENDPOINTS = [
    {
        "name": "grade",
        "task": "grading",
        "finding": "dr",
        "unit": "case",
        "scale": "icdr",
        "positive_when": ">= 2",
        "metrics": [
            "kappa_quadratic",
            "kappa_linear",
            "kappa",
            {"name": "grade_sensitivity", "grade": GRADES},
            "exact_agreement",
            "within_one_grade",
            "mean_grade_error",
            "sensitivity",
            "specificity",
            "auc",
            "gradability",
        ],
    },
    {
        "name": "sight_threatening",
        "task": "grading",
        "finding": "dr",
        "unit": "case",
        "scale": "icdr",
        "positive_when": ">= 3",
        "metrics": ["sensitivity", "specificity"],
    },
]


@pytest.fixture(scope="module")
def idrid(tmp_path_factory):
    """(folder, the set) of the 32 pictures."""
    folder = tmp_path_factory.mktemp("idrid-grades")
    return folder, built("idrid", shared_data("imaging/fundus_idrid"), folder / "set")


@pytest.fixture(scope="module")
def truth(idrid):
    """Finding -> case -> grade."""
    found = {"dr": {}, "dme_risk": {}}
    for row in rows_of(idrid[1] / "truth.csv"):
        if row["finding"] in found:
            found[row["finding"]][row["case_id"]] = int(row["value"])
    return found


@pytest.fixture(scope="module")
def expected():
    """Grade of each picture as ONNX Runtime gave it, by case."""
    rows = rows_of(shared_data("imaging/models") / "expected_dr_grade_mnv2.csv")
    scores = {row["image"].removesuffix(".jpg"): [float(row[f"out{grade}"]) for grade in GRADES] for row in rows}
    return {name: values.index(max(values)) for name, values in scores.items()}


@pytest.fixture(scope="module")
def record(idrid):
    """The run of the model over the pictures."""
    folder, reference_set = idrid
    models = shared_data("imaging/models")
    protocol = protocol_of("idrid", shared_data("imaging/fundus_idrid"), reference_set, models)
    return run({**protocol, "id": "idrid-grades", "endpoints": ENDPOINTS}, folder)


def test_the_program_gives_every_picture_the_grade_of_onnx_runtime(idrid, record, expected):
    said = answers(idrid[0], "idrid-grades", "dr-grade-mnv2")
    assert {name: answer["grades"]["dr"]["grade"] for name, answer in said.items()} == expected
    assert len(expected) == 32


def test_the_figures_of_grades_are_those_of_scikit_learn_and_of_the_model(record, truth, expected):
    from sklearn.metrics import accuracy_score, cohen_kappa_score, mean_absolute_error, recall_score

    names = sorted(expected)
    reference, answer = [truth["dr"][name] for name in names], [expected[name] for name in names]
    for metric, weights in (("kappa_quadratic", "quadratic"), ("kappa_linear", "linear"), ("kappa", None)):
        found = estimate(record, "grade", metric)
        assert found["value"] == pytest.approx(
            cohen_kappa_score(reference, answer, labels=GRADES, weights=weights), abs=1e-12
        )
        assert found["low"] < found["value"] < found["high"]
    published = json.loads((shared_data("imaging/models") / "expected_metrics.json").read_text(encoding="utf-8"))
    of_model = published["dr_grade_mnv2"]
    assert estimate(record, "grade", "kappa_quadratic")["value"] == pytest.approx(of_model["qwk"], abs=1e-12)
    assert estimate(record, "grade", "auc")["value"] == pytest.approx(of_model["referable_auc"], abs=1e-12)
    assert estimate(record, "grade", "sensitivity")["value"] == pytest.approx(of_model["referable_sens"], abs=1e-12)
    assert estimate(record, "grade", "specificity")["value"] == pytest.approx(of_model["referable_spec"], abs=1e-12)
    assert estimate(record, "grade", "exact_agreement")["value"] == accuracy_score(reference, answer) == 18 / 32
    error = mean_absolute_error(reference, answer)
    assert estimate(record, "grade", "mean_grade_error")["value"] == pytest.approx(error, abs=1e-12)
    recalls = recall_score(reference, answer, labels=GRADES, average=None, zero_division=0)
    for grade, recall in zip(GRADES, recalls, strict=True):
        found = estimate(record, "grade", "grade_sensitivity", parameters={"grade": grade})
        assert found["denominator"] == reference.count(grade)
        assert found["numerator"] == pytest.approx(recall * reference.count(grade))
    assert estimate(record, "grade", "gradability")["numerator"] == 32


def test_the_cut_at_severe_is_counted_from_the_same_grades(record, truth, expected):
    severe = {name for name, grade in truth["dr"].items() if grade >= 3}
    called = {name for name, grade in expected.items() if grade >= 3}
    found = estimate(record, "sight_threatening", "sensitivity")
    assert (found["numerator"], found["denominator"]) == (len(severe & called), len(severe))
    found = estimate(record, "sight_threatening", "specificity")
    healthy = set(expected) - severe
    assert (found["numerator"], found["denominator"]) == (len(healthy - called), len(healthy))


def test_the_matrix_of_grades_is_a_count_of_pairs(record, truth, expected):
    [table] = [t for t in record["results"]["tables"] if (t["name"], t["endpoint"]) == ("grades", "grade")]
    counted = [[sum(truth["dr"][n] == r and expected[n] == a for n in expected) for a in GRADES] for r in GRADES]
    assert [row[:5] for row in table["counts"]] == counted
    assert sum(map(sum, table["counts"])) == 32


def vendor(folder, rows, **more):
    """A candidate whose answers are rows of a file."""
    path = write_rows(folder / f"{more.get('id', 'vendor')}.csv", rows)
    return {"id": "vendor", "role": "device", "adapter": "predictions", "options": {"path": str(path)}, **more}


def asked(idrid, name, rows, endpoints, **more):
    """(exit code, record) of a run over answers from a file."""
    folder, reference_set = idrid
    protocol = protocol_of("idrid", shared_data("imaging/fundus_idrid"), reference_set, shared_data("imaging/models"))
    candidate = vendor(folder, rows, id=name)
    return attempted({**protocol, "id": name, "candidates": [candidate], "endpoints": endpoints, **more}, folder)


def test_retinopathy_or_oedema_refers_and_the_two_are_counted_together(idrid, truth, expected):
    """The model says nothing of oedema: here the set's own oedema grades, one off in every third picture, answer."""
    oedema = {name: (grade if n % 3 else (grade + 1) % 3) for n, (name, grade) in enumerate(truth["dme_risk"].items())}
    rows = [
        {"case_id": name, "finding": finding, "grade": str(grade)}
        for name in expected
        for finding, grade in (("dr", expected[name]), ("dme_risk", oedema[name]))
    ]
    endpoint = {
        "name": "referable",
        "task": "referral",
        "unit": "case",
        "positive_when": {"dr": ">= 2", "dme_risk": ">= 2"},
        "scales": {"dr": "icdr", "dme_risk": "dme_risk"},
        "metrics": ["sensitivity", "specificity", "failure_rate"],
    }
    code, found = asked(idrid, "referral", rows, [endpoint])
    assert code == 0
    sick = {name for name in expected if truth["dr"][name] >= 2 or truth["dme_risk"][name] >= 2}
    called = {name for name in expected if expected[name] >= 2 or oedema[name] >= 2}
    row = estimate(found, "referable", "sensitivity")
    assert (row["numerator"], row["denominator"]) == (len(sick & called), len(sick))
    row = estimate(found, "referable", "specificity")
    assert (row["numerator"], row["denominator"]) == (32 - len(sick | called), 32 - len(sick))


def test_a_declined_eye_is_wrong_first_and_referred_as_used(idrid, truth, expected):
    declined = [name for name in sorted(expected) if truth["dr"][name] >= 2][:3]
    declined += [name for name in sorted(expected) if truth["dr"][name] == 0][:2]
    rows = [
        {
            "case_id": name,
            "finding": "dr",
            "grade": "" if name in declined else str(truth["dr"][name]),
            "status": status,
        }
        for name in expected
        for status in ("abstained" if name in declined else "answered",)
    ]
    code, found = asked(idrid, "declined", rows, ENDPOINTS, as_used={"abstained": "positive"})
    assert code == 0
    n_sick, n_healthy = 21, 11
    as_used = {"analysis": "as_used"}
    assert estimate(found, "grade", "sensitivity")["numerator"] == n_sick - 3
    assert estimate(found, "grade", "specificity")["numerator"] == n_healthy - 2
    assert estimate(found, "grade", "sensitivity", **as_used)["numerator"] == n_sick
    assert estimate(found, "grade", "specificity", **as_used)["numerator"] == n_healthy - 2
    assert estimate(found, "grade", "exact_agreement", **as_used)["numerator"] == 32 - 5
    assert estimate(found, "grade", "gradability")["numerator"] == 32 - 5
    evaluable = estimate(found, "grade", "exact_agreement", analysis="evaluable")
    assert (evaluable["numerator"], evaluable["denominator"]) == (27, 27)
    # A kappa of 1 has no interval that could be believed, and no number is printed without one.
    assert estimate(found, "grade", "kappa_quadratic", analysis="evaluable")["not_estimable"] == "degenerate"
    assert flow(found, "grade", "abstained") == 5


def test_a_grade_that_the_scale_has_not_is_refused_at_its_place(idrid, expected, capsys):
    rows = [{"case_id": name, "finding": "dr", "grade": "1"} for name in expected]
    endpoint = {**ENDPOINTS[0], "metrics": [{"name": "grade_sensitivity", "grade": [1, 5]}]}
    code, found = asked(idrid, "grade-five", rows, [endpoint])
    assert (code, found) == (2, {})
    assert "5" in capsys.readouterr().err


def test_an_eye_that_is_said_to_be_the_other_one_has_failed(idrid, expected, tmp_path):
    """A set with sides: one row of the file names the other eye."""
    from dmn_bench.reference_set import lock

    folder = tmp_path / "sided"
    folder.mkdir()
    source = idrid[1]
    cases = rows_of(source / "cases.csv")
    for n, case in enumerate(cases):
        case |= {"laterality": "LR"[n % 2], "patient_id": f"p{n // 2}", "files": ""}
    write_rows(folder / "cases.csv", cases)
    (folder / "truth.csv").write_bytes((source / "truth.csv").read_bytes())
    (folder / "reference_set.yaml").write_bytes((source / "reference_set.yaml").read_bytes())
    lock(folder)
    rows = [
        {"case_id": case["case_id"], "finding": "dr", "grade": str(expected[case["case_id"]]), "laterality": side}
        for n, case in enumerate(cases)
        for side in ("OS" if n == 1 else {"L": "left", "R": "OD"}[case["laterality"]],)
    ]
    endpoints = [{**ENDPOINTS[0], "unit": "eye"}, {**ENDPOINTS[0], "name": "patient", "unit": "patient"}]
    code, found = asked((tmp_path, folder), "sides", rows, endpoints)
    assert code == 0
    assert flow(found, "grade", "failed") == 1
    assert flow(found, "grade", "eligible") == 32
    assert flow(found, "patient", "eligible") == 16
    said = answers(tmp_path, "sides", "sides")[cases[1]["case_id"]]
    assert said["reason"].startswith("invalid output: laterality L of a case that is R")
    stated = rows_of(folder / "truth.csv")
    grades = {row["case_id"]: int(row["value"]) for row in stated if row["finding"] == "dr"}
    pairs = [(cases[2 * n]["case_id"], cases[2 * n + 1]["case_id"]) for n in range(16)]
    n_sick = sum(max(grades[left], grades[right]) >= 2 for left, right in pairs)
    assert estimate(found, "patient", "sensitivity")["denominator"] == n_sick
