"""A protocol says exactly what is run: typing slips, dangling names and silent changes are errors with a place."""

import json

import pytest

from dmn_bench.errors import ProtocolError
from dmn_bench.protocol import check_lock, lock_path, read_lock, read_protocol, write_amendment, write_lock
from dmn_bench.wordings import LANGUAGES, say_problem

SET = "0" * 64
GOOD = """\
format: dmn-bench/protocol/1
id: wrist
reference_set: ../sets/wrist
candidates:
  - {id: vendor-a, package: ../plugins/a, operating_points: {fracture: {score_at_least: 0.5, doubt_from: 0.3}}}
  - {id: vendor-b, adapter: predictions, options: {path: b.csv}, labels: {positive: ["1"]}}
endpoints:
  - {name: exam, task: classification, finding: fracture, unit: exam, combine: highest, metrics: [sensitivity, auc]}
  - name: lesion
    task: detection
    finding: fracture
    unit: lesion
    hit_rule: {iou_at_least: 0.2}
    candidates: [vendor-a]
    metrics: [{name: lesion_sensitivity, at_false_positives_per_image: 0.5}]
strata: [sex, [sex, age]]
acceptance:
  - {id: se, candidate: "*", endpoint: exam, metric: sensitivity, at_least: 0.85}
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "wrist.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def problems(path):
    with pytest.raises(ProtocolError) as caught:
        read_protocol(path)
    for problem in caught.value.problems:
        for language in LANGUAGES:
            assert say_problem(problem, language)
    return caught.value.problems


def test_a_protocol_keeps_options_of_tasks_and_metrics(written):
    protocol = read_protocol(written(GOOD))
    exam, lesion = protocol.endpoints
    assert exam.task_options == {"finding": "fracture", "combine": "highest"}
    assert (exam.counted_unit, lesion.counted_unit) == ("exam", "case")
    assert lesion.metrics[0].options == {"at_false_positives_per_image": 0.5}
    assert protocol.acceptance[0].direction == "at_least"
    assert protocol.as_used_complete["failed"] == "wrong"


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (("strata:", "stratta:"), 16),
        (("score_at_least: 0.5", "score_at_least: high"), 5),
        (("doubt_from: 0.3", "doubt_from: 0.7"), 5),
        (("package: ../plugins/a, ", "package: ../plugins/a, adapter: onnx, "), 5),
        (("endpoint: exam, metric", "endpoint: exams, metric"), 18),
        (('candidate: "*"', "candidate: vendor-c"), 18),
        (("candidates: [vendor-a]", "candidates: [vendor-x]"), 14),
        (("id: vendor-b", "id: vendor-a"), 6),
        (("at_least: 0.85", "at_least: 0.85, at_most: 0.9"), 18),
        (("unit: exam", "unit: examen"), 8),
        (("strata: [sex", "strata: [.nan, sex"), 16),
    ],
)
def test_a_slip_is_found_at_its_line(written, change, line):
    text = GOOD.replace(*change)
    assert text != GOOD
    found = problems(written(text))
    assert any(problem.where.split(":")[1] == str(line) for problem in found), [p.where for p in found]


def test_all_slips_are_shown_together(written):
    text = GOOD.replace("score_at_least: 0.5", "score_at_least: high").replace("strata:", "stratta:")
    assert len(problems(written(text))) == 2


@pytest.mark.parametrize("text", ["", "[]", "format: x", "\x00", "a: &x [*x]", "format: dmn-bench/protocol/2\n"])
def test_what_is_no_protocol_is_refused(written, text):
    assert problems(written(text))


def test_comments_and_layout_do_not_change_the_hash_and_a_number_does(written):
    plain = read_protocol(written(GOOD)).sha256
    assert read_protocol(written("# why\n" + GOOD.replace("strata: [sex", "strata: [ sex"))).sha256 == plain
    assert read_protocol(written(GOOD.replace("0.85", "0.86"))).sha256 != plain


def test_a_locked_protocol_cannot_change_without_a_numbered_amendment(written):
    path = written(GOOD)
    write_lock(read_protocol(path), path, reference_set_sha256=SET, now="2026-01-01T00:00:00+00:00")
    assert check_lock(read_protocol(path), path, reference_set_sha256=SET).locked_at.startswith("2026-01-01")
    with pytest.raises(ProtocolError, match="locked_already"):
        write_lock(read_protocol(path), path, reference_set_sha256=SET, now="2026-01-02T00:00:00+00:00")
    path.write_text(GOOD.replace("0.85", "0.80"), encoding="utf-8")
    changed = read_protocol(path)
    with pytest.raises(ProtocolError, match="changed_since_lock"):
        check_lock(changed, path, reference_set_sha256=SET)
    with pytest.raises(ProtocolError, match="no_reason"):
        write_amendment(changed, path, reference_set_sha256=SET, reason=" ", now="2026-01-03T00:00:00+00:00")
    write_amendment(changed, path, reference_set_sha256=SET, reason="goal of the ward", now="2026-01-03T00:00:00+00:00")
    lock = check_lock(changed, path, reference_set_sha256=SET)
    assert [(a.number, a.reason) for a in lock.amendments] == [(1, "goal of the ward")]
    with pytest.raises(ProtocolError, match="nothing_changed"):
        write_amendment(changed, path, reference_set_sha256=SET, reason="again", now="2026-01-04T00:00:00+00:00")


def test_another_set_than_the_locked_one_is_refused_until_it_is_amended(written):
    path = written(GOOD)
    write_lock(read_protocol(path), path, reference_set_sha256=SET, now="2026-01-01T00:00:00+00:00")
    other = "1" * 64
    with pytest.raises(ProtocolError, match="set_changed_since_lock"):
        check_lock(read_protocol(path), path, reference_set_sha256=other)
    write_amendment(
        read_protocol(path),
        path,
        reference_set_sha256=other,
        reason="a label corrected",
        now="2026-01-02T00:00:00+00:00",
    )
    assert len(check_lock(read_protocol(path), path, reference_set_sha256=other).amendments) == 1


def test_an_unlocked_protocol_has_nothing_to_amend(written):
    path = written(GOOD)
    assert read_lock(path) is None
    with pytest.raises(ProtocolError, match="not_locked"):
        write_amendment(
            read_protocol(path), path, reference_set_sha256=SET, reason="why", now="2026-01-01T00:00:00+00:00"
        )


@pytest.mark.parametrize("content", ["", "{}", "\xff", json.dumps({"format": "dmn-bench/protocol-lock/9"})])
def test_a_damaged_lock_is_an_error_and_not_an_absence(written, content):
    path = written(GOOD)
    lock_path(path).write_text(content, encoding="latin-1")
    with pytest.raises(ProtocolError, match="bad_lock"):
        check_lock(read_protocol(path), path, reference_set_sha256=SET)


def test_other_reference_rules_change_the_protocol_and_their_absence_does_not(written):
    plain = read_protocol(written(GOOD))
    assert "reference_rules" not in plain.model_dump(exclude_defaults=True)
    with_rules = read_protocol(written(GOOD + "reference_rules: [{rule: union}, {rule: at_least, at_least: 3}]\n"))
    assert [rule.name for rule in with_rules.reference_rules] == ["union", "at_least 3"]
    assert with_rules.sha256 != plain.sha256
    assert read_protocol(written(GOOD + "reference_rules: []\n")).sha256 == plain.sha256


@pytest.mark.parametrize(
    ("rules", "key"),
    [
        ("[{rule: union}, {rule: union}]", "protocol.doubled"),
        ("[{rule: at_least}]", "consensus.at_least"),
        ("[{rule: union, at_least: 2}]", "consensus.at_least"),
        ("[{rule: best}]", "files"),
    ],
)
def test_a_reference_rule_that_cannot_be_is_refused(written, rules, key):
    with pytest.raises(ProtocolError, match=key):
        read_protocol(written(GOOD + f"reference_rules: {rules}\n"))
