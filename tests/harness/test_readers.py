"""Readers beside the device and results under other rules, by hand and against whole runs of another card."""

import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.harness import RunOptions, evaluate
from dmn_bench.reference_set import lock

from ..set_factory import a_set

N_CASES = 48
READERS = ("r1", "r2", "r3")
P, N, D = "positive", "negative", "indeterminate"
PROTOCOL = """\
format: dmn-bench/protocol/1
id: readers
reference_set: set
candidates:
  - id: device
    adapter: predictions
    options: {{path: answers.csv}}
    labels: {{positive: [positive], negative: [negative]}}
endpoints:
  - {{name: call, task: classification, finding: f, metrics: [sensitivity, specificity, auc, failure_rate]}}
  - {{name: marks, task: detection, finding: f, hit_rule: {{iou_at_least: 0.2}}, candidates: [boxes],
     metrics: [lesion_sensitivity, false_positives_per_image, wafroc]}}
statistics: {{resamples: 200, seed: 3}}
acceptance:
  - {{id: se, candidate: device, endpoint: call, metric: sensitivity, at_least: 0.5}}
{more}"""
BOXES = """\
  - {id: boxes, adapter: predictions, options: {path: boxes.csv}}
endpoints:"""


def said(case, reader):
    """r1 errs in every eighth case, r2 in every sixth and doubts in one; r3 is right, and reads two cases in three."""
    truth = P if case % 2 else N
    wrong = {"r1": case % 8 == 3, "r2": case % 6 == 0, "r3": False}[reader]
    if (case, reader) == (5, "r2"):
        return D
    return {P: N, N: P}[truth] if wrong else truth


def reads(case, reader):
    return reader != "r3" or case % 3 > 0


def device(case):
    return None if case in (1, 2) else (P if case % 2 else N) if case % 5 else P


def lesions(case):
    """Every reader draws at (10, 10) what he calls positive, a little apart; r3 alone draws a second in case 7."""
    for at, reader in enumerate(READERS):
        if reads(case, reader) and said(case, reader) == P:
            yield f"c{case:02},1,f,{10 + at},10,20,20,{reader}"
    if case == 7:
        yield f"c{case:02},2,f,70,70,8,8,r3"


def write(folder, *, rule="{rule: majority}", rules=""):
    cases = [f"c{case:02},p{case // 2},c{case:02},,c{case:02}.png" for case in range(N_CASES)]
    readings = [f"c{c:02},{r},f,{said(c, r)}" for c in range(N_CASES) for r in READERS if reads(c, r)]
    card = f"""\
format: dmn-bench/reference-set/1
id: readers
version: 1.0.0
title: {{en: Readers}}
modality: DX
findings: [{{name: f}}]
sampling: consecutive
reference_standard: {{method: reading, readers: 3, blinded_to_device: true, consensus: {rule}}}
data_protection: {{route: not_applicable}}
"""
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
        "3a7e9b550000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
    )
    a_set(
        folder / "set",
        card=card,
        cases=["case_id,patient_id,exam_id,laterality,files", *cases],
        truth=["case_id,finding,value", *(f"c{c:02},f,{said(c, 'r3')}" for c in range(N_CASES))],
        readings=["case_id,reader_id,finding,value", *readings],
        lesions=[
            "case_id,lesion_id,finding,x,y,width,height,reader",
            *(line for case in range(N_CASES) for line in lesions(case)),
        ],
        files={f"c{case:02}.png": png for case in range(N_CASES)},
    )
    answers = [f"c{c:02},f,{device(c)}" for c in range(N_CASES) if device(c)]
    (folder / "answers.csv").write_text("\n".join(["case_id,finding,label", *answers]) + "\n", encoding="utf-8")
    marks = [f"c{c:02},f,10,10,20,20,0.9" if c % 2 else f"c{c:02},f,,,,," for c in range(N_CASES)]
    (folder / "boxes.csv").write_text(
        "\n".join(["case_id,finding,x,y,width,height,score", *marks]) + "\n", encoding="utf-8"
    )
    path = folder / "readers.yaml"
    more = f"reference_rules: {rules}\n" if rules else ""
    path.write_text(PROTOCOL.format(more=more).replace("endpoints:", BOXES, 1), encoding="utf-8")
    lock(folder / "set")
    return path


def evaluated(path):
    return evaluate(path, RunOptions(run_dir=path.parent / "run"), catalogue=build_catalogue()).results


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    rules = "[{rule: union}, {rule: at_least, at_least: 3}, {rule: adjudicated}, {rule: staple}]"
    return evaluated(write(tmp_path_factory.mktemp("readers"), rules=rules))


def others(case, reader):
    """What the other readers of a case agree on."""
    read = [said(case, one) for one in READERS if one != reader and reads(case, one)]
    return next((value for value in (P, N) if read.count(value) > len(read) / 2), None)


@pytest.mark.parametrize("reader", READERS)
def test_each_reader_and_the_device_are_scored_on_the_same_cases_against_the_others(results, reader):
    read = [case for case in range(N_CASES) if reads(case, reader)]
    for candidate, answer in (("", lambda case: said(case, reader)), ("device", device)):
        for metric, value in (("sensitivity", P), ("specificity", N)):
            [row] = [
                row
                for row in results.readers
                if (row.endpoint, row.candidate, row.reader, row.estimate.metric) == ("call", candidate, reader, metric)
            ]
            kept = [case for case in read if others(case, reader) == value]
            assert row.estimate.denominator == len(kept)
            assert row.estimate.numerator == sum(answer(case) == value for case in kept)  # silence is wrong
            assert row.n_units == sum(others(case, reader) is not None for case in read)
            assert (row.rule, row.n_others, row.against) == ("majority", 2, "")


def test_the_difference_is_that_of_the_two_values_and_lies_in_its_interval(results):
    own = {(row.reader, row.estimate.metric): row.estimate.value for row in results.readers if not row.candidate}
    beside = [row for row in results.readers if row.candidate and row.difference is not None]
    assert len(beside) >= 6
    for row in beside:
        assert row.difference == pytest.approx(row.estimate.value - own[row.reader, row.estimate.metric], abs=1e-9)
        assert row.low <= row.difference <= row.high


def test_readers_give_no_scores_and_no_figures_that_need_them(results):
    assert {row.estimate.metric for row in results.readers if row.endpoint == "call"} == {"sensitivity", "specificity"}
    marks = {row.estimate.metric for row in results.readers if row.endpoint == "marks"}
    assert marks == {"lesion_sensitivity", "false_positives_per_image"}


def test_lesions_of_a_reader_are_marks_on_those_that_the_others_agree_on(results):
    [row] = [
        row
        for row in results.readers
        if (row.endpoint, row.reader, row.candidate, row.estimate.metric) == ("marks", "r1", "", "lesion_sensitivity")
    ]
    agreed = [case for case in range(N_CASES) if others(case, "r1") == P]
    assert row.estimate.denominator == len(agreed)
    assert row.estimate.numerator == sum(said(case, "r1") == P for case in agreed)


@pytest.mark.parametrize("rule", [("union", None), ("at_least", 3), ("adjudicated", None)])
def test_another_rule_gives_what_a_set_with_that_rule_gives(results, rule, tmp_path):
    name, k = rule
    if name == "adjudicated":
        card = "{rule: adjudicated}"
    else:
        card = f"{{rule: {name}}}" if k is None else f"{{rule: {name}, at_least: {k}}}"
    rows = [row for row in results.reference_rules if (row.rule, row.at_least) == rule]
    if name == "adjudicated":
        [absent] = [row for row in rows if row.endpoint == "marks"]
        assert absent.not_applicable == "no_agreed_reference"  # several readers drew, and none for all
        whole = [row for row in rows if row.endpoint == "call"]
        assert {row.estimate.metric: row.estimate.n_positive for row in whole}["sensitivity"] == N_CASES // 2
        return
    whole = evaluated(write(tmp_path, rule=card))
    expected = [
        row.model_dump()
        for row in whole.estimates
        if row.analysis == "intention_to_diagnose" and row.stratum is None and row.metric != "failure_rate"
    ]
    assert [row.estimate.model_dump() for row in rows] == expected


def test_the_rule_of_the_run_comes_first_and_is_the_result_itself(results):
    own = [row for row in results.reference_rules if row.is_of_run]
    assert {(row.rule, row.n_changed, row.n_without) for row in own} == {("majority", 0, 0)}
    main = [
        row for row in results.estimates if row.analysis == "intention_to_diagnose" and row.metric != "failure_rate"
    ]
    assert [row.estimate for row in own] == main
    assert results.reference_rules[0].is_of_run


def test_a_rule_of_masks_says_nothing_of_labels_and_verdicts_are_not_touched(results, tmp_path):
    staple = [row for row in results.reference_rules if row.rule == "staple"]
    assert {row.not_applicable for row in staple} == {"masks_only"}
    plain = evaluated(write(tmp_path))
    assert plain.reference_rules == []
    assert plain.acceptance == results.acceptance
    assert plain.readers == results.readers


def test_cases_whose_value_or_number_of_lesions_changes_are_counted(results):
    rows = [row for row in results.reference_rules if (row.endpoint, row.rule) == ("call", "union")]
    changed = 0
    for case in range(N_CASES):
        read = [said(case, reader) for reader in READERS if reads(case, reader)]
        majority = next((value for value in (P, N) if read.count(value) > len(read) / 2), D)
        union = P if P in read else D if D in read else N
        changed += (majority, majority == P) != (union, (P in read) + (case == 7))
    assert {row.n_changed for row in rows} == {changed}
