"""One whole run after another: nothing lost, everything repeatable, no question asked twice."""

import json

import numpy as np
import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import MachineError, ProtocolError, ReferenceSetError
from dmn_bench.execution.isolation import MOST_TIER
from dmn_bench.files import canonical_json
from dmn_bench.harness import RunOptions, evaluate, prepare
from dmn_bench.protocol import write_amendment, write_lock
from dmn_bench.record import read_record
from dmn_bench.reference_set import lock
from dmn_bench.statistics.proportions import proportion_interval

from . import small_run


def evaluated(path, name="run", **options):
    return evaluate(path, RunOptions(run_dir=path.parent / name, **options), catalogue=build_catalogue())


def estimate(record, candidate, metric, analysis="intention_to_diagnose", stratum=None):
    (row,) = [
        row
        for row in record.results.estimates
        if (row.candidate, row.metric, row.analysis, row.stratum) == (candidate, metric, analysis, stratum)
    ]
    return row


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = small_run.write(tmp_path_factory.mktemp("small"))
    return path, evaluated(path)


def test_a_crashing_case_costs_itself_and_is_charged_to_the_device(run):
    _, record = run
    (row,) = [r for r in record.results.flow if r.candidate == "live" and r.reference == "positive"]
    assert (row.included, row.answered, row.failed) == (30, 28, 2)
    assert (estimate(record, "live", "sensitivity").numerator, estimate(record, "live", "sensitivity").denominator) == (
        28,
        30,
    )
    assert estimate(record, "live", "sensitivity", "evaluable").numerator == 28
    assert estimate(record, "live", "sensitivity", "evaluable").denominator == 28


def test_missing_rows_and_doubts_of_a_file_stay_in_the_denominator(run):
    _, record = run
    (row,) = [r for r in record.results.flow if r.candidate == "file" and r.reference == "positive"]
    assert (row.answered, row.indeterminate, row.failed) == (26, 2, 2)
    assert estimate(record, "file", "sensitivity").value == pytest.approx(26 / 30)
    assert estimate(record, "file", "sensitivity", "evaluable").value == 1.0
    assert estimate(record, "file", "sensitivity", "as_used").value == pytest.approx(28 / 30)  # the doubts are recalled


def test_two_exams_of_a_patient_are_a_cluster(run):
    _, record = run
    row = estimate(record, "live", "specificity")
    patients = [p for p in range(30) if not small_run.is_positive(p) for _ in "ab"]
    hits = [float(p != 1) for p in patients]
    expected = proportion_interval(
        np.array(hits), np.ones(30), np.array(patients, dtype=np.int64), clustered=True, confidence=0.95
    )
    assert row.method == "rao-scott-wilson-t"
    assert (row.low, row.high) == (expected.low, expected.high)
    assert row.n_patients == 15


def test_every_eligible_unit_is_counted_once_in_the_flow_and_once_in_a_field(run):
    _, record = run
    for candidate in ("live", "file"):
        rows = [r for r in record.results.flow if r.candidate == candidate]
        assert sum(r.eligible for r in rows) == 60
        for r in rows:
            states = r.answered + r.indeterminate + r.abstained + r.rejected_input + r.failed + r.unreadable
            assert r.sent == states == r.included - r.not_sent
        by_sex = [
            estimate(record, candidate, "failure_rate", stratum={"sex": level}) for level in ("F", "M", "not recorded")
        ]
        assert sum(r.n_units for r in by_sex) == 60
        assert by_sex[2].n_units == 2
        assert by_sex[2].not_estimable == "too_few"


def test_a_level_that_nobody_has_is_a_row(run):
    _, record = run
    old_men = estimate(record, "live", "sensitivity", stratum={"sex": "M", "age": ">=65"})
    assert old_men.n_units >= 0
    levels = {row.stratum["age"] for row in record.results.estimates if row.stratum and set(row.stratum) == {"age"}}
    assert levels == {"<18", "[18, 65)", ">=65"}


def test_the_same_run_gives_the_same_bytes_whatever_the_workers(run):
    path, record = run
    again = evaluated(path, "again", workers=2, answers_dir=path.parent / "other-answers")
    assert canonical_json(again.results.model_dump()) == canonical_json(record.results.model_dump())
    assert again.results_sha256 == record.results_sha256
    assert again.run_id != record.run_id
    assert read_record(path.parent / "again" / "record.json") == again


def test_another_metric_or_limit_never_asks_the_device_again(tmp_path, monkeypatch):
    monkeypatch.setenv(MOST_TIER, "0")
    calls = tmp_path / "calls"
    path = small_run.write(tmp_path, calls=calls)
    evaluated(path, "first")
    asked = len(calls.read_text().splitlines())
    path.write_text(path.read_text().replace("f1]", "accuracy]").replace("at_least: 0.5}", "at_least: 0.6}", 1))
    evaluated(path, "second")
    assert len(calls.read_text().splitlines()) == asked >= 60


def test_a_changed_candidate_is_asked_anew(tmp_path, monkeypatch):
    monkeypatch.setenv(MOST_TIER, "0")
    calls = tmp_path / "calls"
    path = small_run.write(tmp_path, calls=calls)
    evaluated(path, "first")
    asked = len(calls.read_text().splitlines())
    code = tmp_path / "candidate" / "squares_live.py"
    code.write_text(code.read_text() + "\n# another version\n")
    evaluated(path, "second")
    assert len(calls.read_text().splitlines()) == 2 * asked


def test_a_set_that_differs_from_its_lock_is_refused_with_every_difference(tmp_path):
    path = small_run.write(tmp_path)
    cases = tmp_path / "set" / "cases.csv"
    cases.write_text(cases.read_text().replace(",F,", ",M,", 1))
    (tmp_path / "set" / "files" / "c00a.png").unlink()
    with pytest.raises(ReferenceSetError) as caught:
        evaluated(path)
    assert len(caught.value.problems) == 2
    assert not (tmp_path / "run" / "record.json").exists()


def test_a_finished_run_is_never_overwritten(run):
    path, _ = run
    with pytest.raises(ProtocolError, match="already_a_run"):
        evaluated(path)


def test_two_runs_in_one_folder_are_refused(tmp_path):
    import fcntl

    path = small_run.write(tmp_path)
    (tmp_path / "run").mkdir()
    with (tmp_path / "run" / ".lock").open("ab") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        with pytest.raises(MachineError, match="another_run"):
            evaluated(path)


def test_cases_the_site_never_sent_are_not_charged_and_stand_in_a_fourth_analysis(tmp_path):
    path = small_run.write(tmp_path)
    (tmp_path / "not_sent.csv").write_text("case_id,reason\nc00a,archive closed\n", encoding="utf-8")
    path.write_text(path.read_text() + "not_sent: not_sent.csv\n")
    with pytest.raises(ProtocolError, match="not_sent_answered"):
        evaluated(path, "contradiction")
    answers = tmp_path / "answers.csv"
    answers.write_text(answers.read_text().replace("c00a,square,p\n", ""))
    record = evaluated(path)
    primary, charged = (estimate(record, "file", "sensitivity", a) for a in ("intention_to_diagnose", "all_charged"))
    assert (primary.numerator, primary.denominator) == (25, 29)
    assert (charged.numerator, charged.denominator) == (25, 30)


def test_a_case_declared_unsent_that_does_not_exist_is_an_error_at_its_line(tmp_path):
    path = small_run.write(tmp_path)
    (tmp_path / "not_sent.csv").write_text("case_id,reason\nc99z,archive closed\n", encoding="utf-8")
    path.write_text(path.read_text() + "not_sent: not_sent.csv\n")
    with pytest.raises(ProtocolError) as caught:
        evaluated(path)
    assert caught.value.problems[0].where == "not_sent.csv:2"


def test_scores_without_an_operating_point_are_never_cut_by_guess(tmp_path):
    path = small_run.write(tmp_path)
    path.write_text(path.read_text().replace(", operating_points: {square: {score_at_least: 0.5}}", ""))
    with pytest.raises(ProtocolError, match="no_operating_point"):
        evaluated(path)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("finding: square", "finding: sqare"), "unknown_finding_nearest"),
        (("strata: [sex", "strata: [sexe"), "unknown_stratum_nearest"),
        (("metrics: [sensitivity", "metrics: [sensitivty"), "unknown_part"),
        (("metrics: [sensitivity", "metrics: [qrs_sensitivity"), "metric_of_other_task"),
        (("task: classification", "task: clasification"), "unknown_part"),
        (("unit: exam", "unit: exam\n    combin: highest"), "option"),
        (("at_least: 0.5}", "at_least: 0.5, each_level_of: site}"), "level_of_unplanned_field"),
    ],
)
def test_a_protocol_that_does_not_fit_the_set_is_refused_before_anybody_is_asked(tmp_path, change, key):
    path = small_run.write(tmp_path)
    text = path.read_text()
    assert change[0] in text
    path.write_text(
        text.replace(*change, 1) if change[0] != "at_least: 0.5}" else change[1].join(text.rsplit(change[0], 1))
    )
    with pytest.raises(ProtocolError, match=key):
        evaluated(path)
    assert not (tmp_path / "answers").exists()


def test_a_record_that_was_edited_is_refused(run):
    path, _ = run
    text = (path.parent / "run" / "record.json").read_text()
    record = json.loads(text)
    record["results"]["estimates"][0]["value"] = 0.99
    edited = path.parent / "edited.json"
    edited.write_text(json.dumps(record))
    with pytest.raises(ProtocolError, match="record_changed"):
        read_record(edited)


def test_an_enriched_set_prints_no_observed_predictive_value(tmp_path):
    path = small_run.write(tmp_path)
    card = tmp_path / "set" / "reference_set.yaml"
    card.write_text(card.read_text().replace("consecutive", "enriched"))
    (tmp_path / "set" / "LOCK.json").unlink()
    lock(tmp_path / "set")
    record = evaluated(path)
    assert estimate(record, "file", "ppv").not_estimable == "enriched_set"
    assert estimate(record, "file", "ppv_local").value is not None
    assert "enriched" in record.results.banners


def test_the_manifests_own_words_for_findings_are_understood(tmp_path):
    path = small_run.write(tmp_path)
    code = tmp_path / "candidate" / "squares_live.py"
    code.write_text(code.read_text().replace('{"square":', '{"Carre":'))
    manifest = tmp_path / "candidate" / "candidate.yaml"
    manifest.write_text(manifest.read_text() + "findings: {Carre: square}\n")
    assert estimate(evaluated(path), "live", "sensitivity").numerator == 28


def test_labels_that_no_adapter_reads_are_refused(tmp_path):
    path = small_run.write(tmp_path)
    path.write_text(path.read_text().replace("package: candidate,", "package: candidate, labels: {positive: [yes]},"))
    with pytest.raises(ProtocolError, match="labels_unused"):
        evaluated(path)


def test_a_lock_made_after_the_answers_does_not_claim_to_precede_them(tmp_path):
    path = small_run.write(tmp_path)
    unlocked = evaluated(path, "first")
    assert (unlocked.protocol.locked_at, unlocked.protocol.locked_before_answers) == (None, None)
    prepared = prepare(path, catalogue=build_catalogue())
    later = "2099-01-01T00:00:00+00:00"
    write_lock(prepared.protocol, path, reference_set_sha256=prepared.reference_set.sha256, now=later)
    assert evaluated(path, "second").protocol.locked_before_answers is False


def test_a_lock_made_before_the_answers_says_so_until_an_amendment_comes_after_them(tmp_path):
    path = small_run.write(tmp_path)
    prepared = prepare(path, catalogue=build_catalogue())
    set_sha256 = prepared.reference_set.sha256
    write_lock(prepared.protocol, path, reference_set_sha256=set_sha256, now="2020-01-01T00:00:00+00:00")
    assert evaluated(path, "first").protocol.locked_before_answers is True
    path.write_text(path.read_text().replace("at_least: 0.5}", "at_least: 0.4}"))
    changed = prepare(path, catalogue=build_catalogue(), amending=True).protocol
    later = "2099-01-01T00:00:00+00:00"
    write_amendment(changed, path, reference_set_sha256=set_sha256, reason="why", now=later)
    amended = evaluated(path, "second").protocol
    assert (amended.locked_before_answers, len(amended.amendments)) == (False, 1)


def test_a_file_that_cannot_be_read_is_the_harnesss_and_names_no_path_of_the_machine(tmp_path):
    path = small_run.write(tmp_path)
    picture = tmp_path / "set" / "files" / "c00a.png"
    picture.write_bytes(picture.read_bytes()[:40])
    (tmp_path / "set" / "LOCK.json").unlink()
    lock(tmp_path / "set")
    record = evaluated(path)
    (row,) = [r for r in record.results.flow if r.candidate == "live" and r.reference == "positive"]
    assert (row.unreadable, row.failed, row.sent) == (1, 2, 30)
    assert estimate(record, "live", "sensitivity").denominator == 29
    assert estimate(record, "live", "sensitivity", "all_charged").denominator == 30
    assert "unreadable_cases" in record.results.banners
    lines = (tmp_path / "run" / "answers.live.jsonl").read_text(encoding="utf-8").split("\n")
    (unreadable,) = [json.loads(line) for line in lines if "unreadable" in line]
    assert "files/c00a.png" in unreadable["reason"]
    assert str(tmp_path) not in unreadable["reason"]


def with_sampling_weights(path, weight_of):
    cases = path.parent / "set" / "cases.csv"
    header, *rows = cases.read_text().splitlines()
    rows = [f"{row},{weight_of(int(row[1:3]), row[3])}" for row in rows]
    cases.write_text("\n".join([f"{header},sampling_weight", *rows]) + "\n")
    (path.parent / "set" / "LOCK.json").unlink()
    lock(path.parent / "set")


def test_sampling_weights_are_honoured_from_the_set_to_the_record(tmp_path):
    path = small_run.write(tmp_path)
    with_sampling_weights(path, lambda patient, _: 10 if patient == 4 else 1)  # the file has no row for patient 4
    record = evaluated(path)
    row = estimate(record, "file", "sensitivity")
    assert row.value == pytest.approx(26 / (28 + 2 * 10))
    assert (row.numerator, row.denominator, row.is_weighted) == (26, 30, True)
    assert row.low <= row.value <= row.high
    (rule,) = [a for a in record.results.acceptance if a.candidate == "file"]
    assert rule.value == pytest.approx(row.value)
    assert rule.low < row.low
    assert "weighted" in record.results.banners


def test_cases_of_one_unit_with_two_weights_are_refused(tmp_path):
    path = small_run.write(tmp_path)
    path.write_text(path.read_text().replace("unit: exam", "unit: patient"))
    with_sampling_weights(path, lambda _, exam: 2 if exam == "a" else 1)
    with pytest.raises(ProtocolError) as caught:
        evaluated(path)
    assert {problem.key for problem in caught.value.problems} == {"protocol.weights_of_unit"}
    assert len(caught.value.problems) == 30


def test_two_words_for_one_finding_are_two_answers_and_cost_the_case(tmp_path):
    path = small_run.write(tmp_path)
    code = tmp_path / "candidate" / "squares_live.py"
    code.write_text(
        code.read_text().replace('{"square": {"score": level}}', '{"a": {"score": level}, "b": {"score": 0}}')
    )
    path.write_text(
        path.read_text().replace("package: candidate,", "package: candidate, findings: {a: square, b: square},")
    )
    record = evaluated(path)
    (row,) = [r for r in record.results.flow if r.candidate == "live" and r.reference == "positive"]
    assert (row.answered, row.failed) == (0, 30)
