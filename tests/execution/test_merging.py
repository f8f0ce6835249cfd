import json

import pytest

from dmn_bench.errors import MachineError, ProtocolError
from dmn_bench.execution.ledger import Ledger
from dmn_bench.execution.ledger_view import read_ledger
from dmn_bench.execution.merging import merge_ledgers
from dmn_bench.execution.outcome import FailedAttempt, Outcome
from dmn_bench.vocabulary import Answer, AskedAnswer, FindingAnswer

ASKED = "a" * 64


def outcome(case_id, *, score=0.5, status="answered", seconds=0.25, tries=0):
    findings = {"fracture": FindingAnswer(score=score)} if status == "answered" else {}
    answer = Answer(case_id=case_id, status=status, findings=findings, reason="" if findings else "why")
    failed = tuple(FailedAttempt(case_id, attempt, "died", "words") for attempt in range(1, tries + 1))
    asked = AskedAnswer(answer=answer, attempt=tries + 1, seconds=seconds)
    return Outcome(asked=asked, failed_attempts=failed, decoders=("raster 1.0",), load_seconds=(1.5,) * (1 + tries))


def part(folder, *outcomes, asked=ASKED):
    """The folder of a part with one ledger."""
    with Ledger(folder / "answers" / f"{asked}.sqlite", asked) as ledger:
        ledger.keep(outcomes)
    return folder


def content(into, asked=ASKED):
    with Ledger(into / f"{asked}.sqlite", asked) as ledger:
        return (
            ledger.answers(),
            ledger.failed_attempts(),
            ledger.load_seconds(),
            ledger.decoders(),
            ledger.begun(),
        )


def test_parts_are_joined_with_all_that_belongs_to_them(tmp_path):
    one = part(tmp_path / "1", outcome("c0"), outcome("c2", tries=1))
    two = part(tmp_path / "2", outcome("c1", status="failed", tries=2))
    summary = merge_ledgers([one, two], tmp_path / "all")
    (merged,) = summary.ledgers
    assert (merged.n_answers, [(p.n_answers, p.n_new) for p in merged.parts]) == (3, [(2, 2), (1, 1)])
    answers, attempts, loads, decoders, _ = content(tmp_path / "all")
    assert answers == {
        "c0": outcome("c0").asked,
        "c1": outcome("c1", status="failed", tries=2).asked,
        "c2": outcome("c2", tries=1).asked,
    }
    assert [each[:2] for each in attempts] == [("c1", 1), ("c1", 2), ("c2", 1)]
    assert loads == (1.5,) * 6
    assert decoders == ("raster 1.0",)


def test_merging_again_or_in_steps_changes_nothing(tmp_path):
    parts = [
        part(
            tmp_path / str(k),
            *(outcome(f"c{i}", tries=i % 2) for i in range(k, 9, 3)),
            outcome("x", status="unreadable"),
        )
        for k in range(3)
    ]
    merge_ledgers(parts, tmp_path / "at-once")
    for each in parts:
        merge_ledgers([each], tmp_path / "in-steps")
    first = content(tmp_path / "at-once")
    again = merge_ledgers([*parts, parts[0], tmp_path / "at-once"], tmp_path / "at-once")
    assert content(tmp_path / "at-once") == first == content(tmp_path / "in-steps")
    assert [p.n_new for p in again.ledgers[0].parts] == [0, 0, 0]


def test_a_case_answered_alike_in_two_parts_is_kept_once_with_the_tries_of_the_one_kept(tmp_path):
    one = part(tmp_path / "1", outcome("c0", seconds=0.1, tries=1))
    two = part(tmp_path / "2", outcome("c0", seconds=0.2, tries=2))
    merge_ledgers([one, two], tmp_path / "all")
    answers, attempts, *_ = content(tmp_path / "all")
    assert answers["c0"].seconds == 0.1
    assert [each.attempt for each in attempts] == [1]


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_a_case_that_could_not_be_read_gives_way_to_an_answer(tmp_path, order):
    part(tmp_path / "1", outcome("c0", status="unreadable"))
    part(tmp_path / "2", outcome("c0"))
    merge_ledgers([tmp_path / str(k) for k in order], tmp_path / "all")
    assert content(tmp_path / "all")[0]["c0"] == outcome("c0").asked


def test_two_answers_to_one_case_are_refused_and_nothing_is_written(tmp_path):
    one = part(tmp_path / "1", *(outcome(f"c{i:02}") for i in range(30)))
    two = part(tmp_path / "2", *(outcome(f"c{i:02}", score=0.9) for i in range(30)))
    other = part(tmp_path / "3", outcome("c0"), asked="b" * 64)
    with pytest.raises(ProtocolError) as caught:
        merge_ledgers([other, one, two], tmp_path / "all")
    (problem,) = caught.value.problems
    assert problem.key == "execution.merge_contradiction"
    assert problem.facts["n"] == 30
    assert "c19" in problem.facts["found"]
    assert "c20" not in problem.facts["found"]
    assert str(one) in problem.facts["found"]
    assert str(two) in problem.facts["found"]
    assert not (tmp_path / "all").exists()


def test_what_is_there_already_may_contradict_too_and_stays(tmp_path):
    merge_ledgers([part(tmp_path / "1", outcome("c0"))], tmp_path / "all")
    before = content(tmp_path / "all")
    with pytest.raises(ProtocolError) as caught:
        merge_ledgers([part(tmp_path / "2", outcome("c1"), outcome("c0", score=0.9))], tmp_path / "all")
    assert str(tmp_path / "all") in caught.value.problems[0].facts["found"]
    assert content(tmp_path / "all") == before


def test_a_damaged_part_is_refused_with_what_to_do(tmp_path):
    one = part(tmp_path / "1", *(outcome(f"c{i}") for i in range(500)))
    two = part(tmp_path / "2", outcome("d"))
    path = one / "answers" / f"{ASKED}.sqlite"
    raw = path.read_bytes()
    for changed in (raw.replace(b"0.5", b"0.6", 1), raw[:9000], raw[:5000] + bytes(5000) + raw[10000:], b"", raw[100:]):
        path.write_bytes(changed)
        with pytest.raises(MachineError) as caught:
            merge_ledgers([two, one], tmp_path / "all")
        assert [(p.key, p.where) for p in caught.value.problems] == [("execution.merge_part_damaged", str(path))]
        assert not (tmp_path / "all").exists()
    with Ledger(path, ASKED):  # as resuming that part does
        pass
    merge_ledgers([two, one], tmp_path / "all")
    assert list(content(tmp_path / "all")[0]) == ["d"]


def test_every_part_without_answers_is_told_at_once(tmp_path):
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
    with pytest.raises(ProtocolError) as caught:
        merge_ledgers([tmp_path / "1", part(tmp_path / "3", outcome("c0")), tmp_path / "2"], tmp_path / "all")
    assert [(p.key, p.where) for p in caught.value.problems] == [
        ("execution.merge_no_ledger", str(tmp_path / name)) for name in ("1", "2")
    ]


def test_the_ledgers_that_a_note_names_are_found(tmp_path):
    part(tmp_path / "elsewhere", outcome("c0"))
    ledger = tmp_path / "elsewhere" / "answers" / f"{ASKED}.sqlite"
    run = tmp_path / "run"
    run.mkdir()
    noted = [{"id": "live", "ledger": str(ledger), "n_cases": 2}, {"id": "file", "ledger": None, "n_cases": 2}]
    note = {"format": "dmn-bench/run/1", "protocol": "p", "started": "s", "shard": "1/2", "candidates": noted}
    (run / "run.json").write_text(json.dumps(note))
    merge_ledgers([run], tmp_path / "all")
    assert list(content(tmp_path / "all")[0]) == ["c0"]


def test_the_oldest_beginning_is_kept(tmp_path):
    one, two = (tmp_path / "1" / "answers" / f"{ASKED}.sqlite", tmp_path / "2" / "answers" / f"{ASKED}.sqlite")
    for path, begun in ((one, "2001-01-01T00:00:00+00:00"), (two, "2000-01-01T00:00:00+00:00")):
        with Ledger(path, ASKED) as ledger, ledger.writing():
            ledger.make_older(begun)
    merge_ledgers([tmp_path / "1", tmp_path / "2"], tmp_path / "all")
    assert content(tmp_path / "all")[-1] == "2000-01-01T00:00:00+00:00"


def test_a_target_at_work_is_refused(tmp_path):
    one = part(tmp_path / "1", outcome("c0"))
    with Ledger(tmp_path / "all" / f"{ASKED}.sqlite", ASKED), pytest.raises(MachineError) as caught:
        merge_ledgers([one], tmp_path / "all")
    assert caught.value.problems[0].key == "execution.ledger_busy"


def test_a_part_is_left_as_it_was(tmp_path):
    one = part(tmp_path / "1", outcome("c0"))
    before = {p.name: p.read_bytes() for p in (one / "answers").iterdir()}
    merge_ledgers([one], tmp_path / "all")
    assert {p.name: p.read_bytes() for p in (one / "answers").iterdir()} == before
    assert read_ledger(one / "answers" / f"{ASKED}.sqlite").n_done == 1
