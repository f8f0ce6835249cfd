"""What must hold of any whole run, whatever the set and the answers: tried on many tiny ones."""

import math
import random

import pytest

from . import tiny
from .tiny import GRADED, MARKED, answered, case

SEEDS = range(4)
EXAMPLES = [(seed, n) for seed, n in zip(SEEDS, (9, 14, 20, 24), strict=True)]


@pytest.fixture
def run(tmp_path):
    """Runs in folders of their own."""
    numbers = iter(range(1000))
    return lambda *args, **more: tiny.run(tmp_path / str(next(numbers)), *args, **more)


def generated(seed, n, share_answered=0.85):
    """(cases, answers): exams of one or two views, patients of one or two exams, some answers lacking."""
    rng = random.Random(seed)
    cases, answers = [], []
    for i in range(n):
        truth, patient = rng.choice(["positive", "negative"]), f"p{i // 2 if i % 3 else i}x"
        sex = ["F", "M", ""][i // 2 % 3]
        for v in range(rng.choice([1, 1, 2])):
            cases.append(case(f"c{i}v{v}", patient, truth, exam=f"e{i}", sex=sex))
            score = min(1, max(0, rng.gauss(0.62 if truth == "positive" else 0.38, 0.2)))
            if rng.random() < share_answered:
                answers.append(answered(f"c{i}v{v}", round(score, 2)))
    return cases, answers


def near(a, b):
    return a == b or (isinstance(a, float) and isinstance(b, float) and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12))


def width(row):
    return math.log(row["high"] / row["low"]) if row["scale"] == "ratio" else row["high"] - row["low"]


def same(first, second):
    a, b = tiny.by_key(first), tiny.by_key(second)
    return a.keys() == b.keys() and all(near(a[key][f], b[key][f]) for key in a for f in a[key])


@pytest.mark.parametrize(("seed", "n"), EXAMPLES)
def test_the_order_of_rows_changes_no_closed_form_number(run, seed, n):
    cases, answers = generated(seed, n)
    first = run(cases, answers)
    rng = random.Random(seed)
    rng.shuffle(cases)
    rng.shuffle(answers)
    assert same(first, run(cases, answers))


@pytest.mark.parametrize("rename", [lambda i: f"zz-{i[::-1]}", lambda i: f"é中{i}", lambda i: f"{{0}}<b>{i}</b>"])
def test_other_ids_of_cases_change_no_number(run, rename):
    cases, answers = generated(5, 14)
    renamed = [{**row, "case_id": rename(row["case_id"])} for row in cases]
    assert same(run(cases, answers), run(renamed, [{**a, "case_id": rename(a["case_id"])} for a in answers]))


def test_ids_that_a_spreadsheet_would_merge_stay_apart(run):
    scores = {"001": 0.9, "1": 0.1, "01": 0.8, "1.0": 0.2}
    cases = [case(i, f"p{i}", "positive" if score > 0.5 else "negative") for i, score in scores.items()]
    found = run(cases, [answered(i, score) for i, score in scores.items()])
    assert [tiny.value(found, m) for m in ("sensitivity", "specificity", "auc")] == [1, 1, 1]


@pytest.mark.parametrize(("seed", "n"), EXAMPLES)
def test_a_lost_answer_never_raises_sensitivity_or_specificity(run, seed, n):
    cases, answers = generated(seed, n, share_answered=1.0)
    before = run(cases, answers)
    for lost in range(0, len(answers), 3):
        after = run(cases, answers[:lost] + answers[lost + 1 :])
        for metric in ("sensitivity", "specificity", "accuracy"):
            pair = tiny.value(before, metric), tiny.value(after, metric)
            assert None in pair or pair[1] <= pair[0]


@pytest.mark.parametrize(("seed", "n"), EXAMPLES)
def test_a_further_right_answer_never_lowers_anything(run, seed, n):
    cases, answers = generated(seed, n, share_answered=0.7)
    before, have = run(cases, answers), {a["case_id"] for a in answers}
    for one in [c for c in cases if c["case_id"] not in have][:3]:
        after = run(cases, [*answers, answered(one["case_id"], 1.0 if one["truth"] == "positive" else 0.0)])
        for metric in ("sensitivity", "specificity", "auc", "accuracy"):
            pair = tiny.value(before, metric), tiny.value(after, metric)
            assert None in pair or pair[1] >= pair[0]


@pytest.mark.parametrize(("seed", "n"), EXAMPLES)
def test_every_patient_twice_narrows_every_interval(run, seed, n):
    """Likelihood ratios with an empty cell are left out: the ½ in it stays ½ however many patients there are."""
    cases, answers = generated(seed, n)
    twice = [{**c, **{k: c[k] + "x" for k in ("case_id", "patient_id", "exam_id")}} for c in cases]
    name = lambda e: (str(e["stratum"]), e["metric"], e["analysis"])  # noqa: E731
    first = {name(e): e for e in run(cases, answers)["estimates"]}
    second = run([*cases, *twice], [*answers, *({**a, "case_id": a["case_id"] + "x"} for a in answers)])
    compared = 0
    for e in second["estimates"]:
        old = first[name(e)]
        if old["value"] is not None and "half-added" not in old["method"]:
            compared += 1
            assert width(e) <= width(old) + 1e-9
            assert near(e["value"], old["value"])
    assert compared


@pytest.mark.parametrize(("seed", "n"), EXAMPLES)
def test_levels_of_a_field_share_out_the_units(run, seed, n):
    cases, answers = generated(seed, n)
    rows = run(cases, answers)["estimates"]
    for whole in (r for r in rows if r["stratum"] is None and r["denominator"] is not None):
        parts = [r for r in rows if r["stratum"] and all(r[f] == whole[f] for f in ("metric", "analysis"))]
        for field in ("numerator", "denominator", "n_units", "n_unanswered", "n_positive", "n_negative"):
            assert sum(part[field] for part in parts) == whole[field]


@pytest.mark.parametrize(("seed", "n"), EXAMPLES)
def test_intention_to_diagnose_is_never_kinder_than_the_evaluable_cases(run, seed, n):
    found = run(*generated(seed, n))
    for metric in ("sensitivity", "specificity"):
        pair = tiny.value(found, metric), tiny.value(found, metric, "evaluable")
        assert None in pair or pair[0] <= pair[1]


def six(truth=("negative", "positive")):
    return [case(f"c{i}", f"p{i}", truth[i % len(truth)]) for i in range(6)]


EDGES = {
    "nothing answered": (six(), []),
    "one class": (six(("positive",)), [answered(f"c{i}", i / 5) for i in range(6)]),
    "no positives": (six(("negative",)), [answered(f"c{i}", i / 5) for i in range(6)]),
    "one patient": ([{**c, "patient_id": "p"} for c in six()], [answered(f"c{i}", i / 5) for i in range(6)]),
    "one case": ([case("c", "p", "positive")], [answered("c", 0.9)]),
    "every score tied": (six(), [answered(f"c{i}", 0.5) for i in range(6)]),
    "every answer failed": (six(), [{**answered(f"c{i}", ""), "status": "failed"} for i in range(6)]),
    "every answer a doubt": (six(), [{"case_id": f"c{i}", "finding": "f", "label": "d"} for i in range(6)]),
    "enormous scores": (six(), [answered(f"c{i}", 1e308 if i % 2 else -1e308) for i in range(6)]),
    "neighbouring doubles": (six(), [answered(f"c{i}", repr(math.nextafter(0.5, i % 2))) for i in range(6)]),
    "nan and infinity": (
        six(),
        [answered(f"c{i}", s) for i, s in enumerate(["nan", "inf", "-inf", "1e999", 0.1, 0.9])],
    ),
    "no truth at all": (six((None,)), [answered(f"c{i}", 0.5) for i in range(6)]),
    "undecided truth": (six(("indeterminate", "unverified")), [answered(f"c{i}", 0.5) for i in range(6)]),
}


@pytest.mark.parametrize("edge", EDGES)
def test_every_edge_has_a_number_with_limits_or_a_reason(run, edge):
    for row in run(*EDGES[edge])["estimates"]:
        if row["not_estimable"] is None:
            assert row["low"] <= row["value"] <= row["high"]
            assert row["high"] > row["low"]
        else:
            assert row["value"] is row["low"] is row["high"] is None


def test_nothing_answered_is_a_failure_and_not_an_absence(run):
    found = run(*EDGES["nothing answered"])
    assert [tiny.value(found, m) for m in ("sensitivity", "specificity", "auc", "accuracy")] == [0, 0, 0, 0]
    assert tiny.value(found, "sensitivity", "evaluable") is None


def test_neighbouring_doubles_are_not_a_tie(run):
    assert tiny.value(run(*EDGES["neighbouring doubles"]), "auc") == 1


def test_unmarked_and_unanswered_lesions_are_missed(run):
    cases = [case(f"c{i}", f"p{i}", "positive" if i < 5 else "negative") for i in range(10)]
    found = run(cases, [], endpoint={**MARKED, "no_marks": "failed"}, lesions=[lesion(f"c{i}") for i in range(5)])
    rows = [e for e in found["estimates"] if e["analysis"] == "intention_to_diagnose" and e["stratum"] is None]
    assert {e["value"] for e in rows} <= {0.0, None}


def test_four_thousand_marks_on_one_image_are_one_hit_and_the_rest_alarms(run):
    cases = [case("a", "a", "positive"), case("b", "b", "negative")]
    marks = [mark("a", 0.5, 10)] + [mark("b", i / 4000, 40 + i) for i in range(4000)]
    [table] = run(cases, marks, endpoint=MARKED, lesions=[lesion("a")])["tables"]
    counts = dict(zip(table["rows"], table["counts"], strict=True))
    assert (counts["lesion"], counts["false_positive"]) == ([1.0, 1.0], [4000.0, 2000.0])


def lesion(case_id):
    return {"case_id": case_id, "lesion_id": 1, "finding": "f", "x": 10, "y": 10, "width": 10, "height": 10}


def mark(case_id, score, x):
    return {"case_id": case_id, "finding": "f", "x": x, "y": 10, "width": 10, "height": 10, "score": score}


def test_grades_off_the_scale_cost_one_case(run):
    cases = [case("a", "a", "2"), case("b", "b", "0"), case("c", "c", "4")]
    answers = [{"case_id": i, "finding": "f", "grade": g} for i, g in (("a", 7), ("b", 0), ("c", "nan"))]
    errors = run(cases, answers, endpoint=GRADED)["errors"]
    assert [(e["unit_id"], e["kind"]) for e in errors] == [("a", "unanswered"), ("c", "unanswered")]
