"""Many statements of one record: which rows they make, what silence means, groups, prevalence and errors."""

import dataclasses

import numpy as np
import pytest

from dmn_bench.errors import ProtocolError, ReferenceSetError
from dmn_bench.metrics.classification import Sensitivity, Specificity
from dmn_bench.metrics.ranking import RocArea
from dmn_bench.metrics.statements import MacroRocArea
from dmn_bench.statistics.resampling import totals
from dmn_bench.tasks.classification import Classification
from dmn_bench.tasks.statements import Statements
from dmn_bench.testing import TaskChecks
from dmn_bench.vocabulary import Answer, FindingAnswer, OperatingPoint

from .factories import EVALUABLE, ITD, a_case, a_unit, by_case, context, treating, unanswered

AF, RBBB, LVH = "atrial_fibrillation", "right_bundle_branch_block", "left_ventricular_hypertrophy"


def said(case_id, status="answered", **findings):
    """Findings by name: a label, a score, or both as a pair."""
    read = {}
    for name, one in findings.items():
        score, label = one if isinstance(one, tuple) else ((None, one) if isinstance(one, str) else (one, None))
        read[name] = FindingAnswer(score=score, label=label)
    return Answer(case_id=case_id, status=status, findings=read)


def stating(truth):
    """What the context hands over: finding -> unit_id -> reference, of {unit_id: {finding: value}}."""
    return lambda finding: {unit: values.get(finding) for unit, values in truth.items()}


def judged(task, truth, answers, analysis=ITD, points=None, findings=(), **more):
    units = [a_unit(name, None, cases=(a_case(name, more.get("patients", {}).get(name)),)) for name in truth]
    given = dataclasses.replace(
        context(units, analysis),
        references=stating(truth),
        operating_points={name: OperatingPoint(score_at_least=at) for name, at in (points or {}).items()},
        findings=findings,
    )
    return task.judge(units, by_case(*answers), given)


def rows(judgements, statement, column):
    kept = [name == statement for name in judgements.row_strata["statement"]]
    return judgements.columns[column][kept].tolist()


def value(metric, judgements):
    return float(metric.value(totals(metric.columns(judgements)))[0])


TRUTH = {
    "r1": {AF: "positive", RBBB: "negative"},
    "r2": {AF: "negative", RBBB: "positive"},
    "r3": {AF: "negative", RBBB: "negative"},
}
BOTH = Statements(statements=(AF, RBBB))


class TestStatementsConform(TaskChecks):
    def task(self):
        return BOTH

    def units(self):
        two = a_unit("u1", None, cases=(a_case("c1", "p1"), a_case("c2", "p1")))
        return [two, *(a_unit(f"u{n}", None) for n in range(2, 8))]

    def answer(self, case):
        return said(case.case_id, **{AF: (0.7, "positive"), RBBB: (0.2, "negative")})

    def context(self, analysis):
        truth = {f"u{n}": {AF: "positive" if n % 2 else "negative", RBBB: "negative"} for n in range(1, 8)}
        return dataclasses.replace(super().context(analysis), references=stating(truth))


def test_a_row_for_each_statement_and_record_and_each_by_its_own_truth():
    answers = [said(name, **{AF: "positive", RBBB: "negative"}) for name in TRUTH]
    found = judged(BOTH, TRUTH, answers)
    assert found.row_strata["statement"] == (AF,) * 3 + (RBBB,) * 3
    assert found.questions == "statement"
    assert found.row_units.tolist() == [0, 1, 2, 0, 1, 2]
    assert rows(found, AF, "reference") == [1, 0, 0]
    assert rows(found, AF, "call") == [1, 1, 1]
    assert rows(found, RBBB, "call") == [0, 0, 0]
    assert found.units.references == ("stated",) * 3


def test_each_statement_has_its_own_operating_point():
    answers = [said(name, **{AF: 0.4, RBBB: 0.4}) for name in TRUTH]
    found = judged(BOTH, TRUTH, answers, points={AF: 0.3, RBBB: 0.5})
    assert rows(found, AF, "call") == [1, 1, 1]
    assert rows(found, RBBB, "call") == [0, 0, 0]


@pytest.mark.parametrize("analysis", [ITD, EVALUABLE, treating("positive"), treating("wrong")])
def test_each_statement_is_judged_as_a_classification_of_its_own(analysis):
    rng = np.random.default_rng(3)
    names = [f"r{n}" for n in range(60)]
    truth = {name: {AF: "positive" if rng.random() < 0.3 else "negative", RBBB: "positive"} for name in names}
    answers = [
        unanswered(name) if n % 9 == 4 else said(name, **{AF: float(rng.random())}) for n, name in enumerate(names)
    ]
    together = judged(Statements(statements=(AF, RBBB)), truth, answers, analysis, {AF: 0.5})
    units = [a_unit(name, truth[name][AF], cases=(a_case(name),)) for name in names]
    alone = Classification(finding=AF).judge(units, by_case(*answers), context(units, analysis, 0.5))
    for column in alone.columns:
        assert rows(together, AF, column) == alone.columns[column].tolist()
    for metric in (Sensitivity(), Specificity(), RocArea()):
        of_rows = [name == AF for name in together.row_strata["statement"]]
        columns = metric.columns(together)
        value = metric.value(totals(columns, np.array([of_rows], dtype=float)))
        assert value.tolist() == pytest.approx(metric.value(totals(metric.columns(alone))).tolist())


def test_a_record_without_an_answer_is_wrong_for_every_statement():
    answers = [said("r1", **{AF: "positive", RBBB: "negative"}), unanswered("r2"), unanswered("r3", "abstained")]
    found = judged(BOTH, TRUTH, answers)
    assert rows(found, AF, "call") == [1, 1, 1]
    assert rows(found, RBBB, "call") == [0, 0, 1]
    assert rows(found, RBBB, "unanswered") == [0, 1, 1]
    assert found.units.statuses == ("answered", "failed", "abstained")


def test_what_is_not_mentioned_has_failed_unless_the_protocol_says_that_it_is_no():
    answers = [said("r1", **{AF: "positive"}), said("r2", **{AF: "negative"}), said("r3", **{AF: "negative"})]
    strict = judged(BOTH, TRUTH, answers)
    assert rows(strict, RBBB, "call") == [1, 0, 1]
    assert rows(strict, RBBB, "unanswered") == [1, 1, 1]
    listing = judged(Statements(statements=(AF, RBBB), unmentioned="negative"), TRUTH, answers)
    assert rows(listing, RBBB, "call") == [0, 0, 0]
    assert rows(listing, RBBB, "unanswered") == [0, 0, 0]


def test_an_answered_record_that_mentions_nothing_is_a_normal_one_only_for_a_device_that_lists():
    answers = [said(name) for name in TRUTH]
    assert judged(BOTH, TRUTH, answers).units.statuses == ("failed",) * 3
    listing = judged(Statements(statements=(AF,), unmentioned="negative"), TRUTH, answers)
    assert listing.units.statuses == ("answered",) * 3
    assert rows(listing, AF, "call") == [0, 0, 0]


def test_a_doubt_is_a_doubt_for_its_statement_alone():
    answers = [said("r1", **{AF: "indeterminate", RBBB: "negative"}), unanswered("r2"), unanswered("r3")]
    found = judged(BOTH, TRUTH, answers, EVALUABLE)
    assert rows(found, AF, "reference") == []
    assert rows(found, RBBB, "call") == [0]


def test_a_group_is_true_as_soon_as_a_member_is_and_called_as_soon_as_one_is_called():
    task = Statements(groups={"CD": (RBBB, AF), "HYP": (LVH,)})
    truth = {name: {**values, LVH: "negative"} for name, values in TRUTH.items()}
    answers = [
        said("r1", **{AF: 0.2, RBBB: 0.9, LVH: 0.1}),
        said("r2", **{AF: 0.2, RBBB: 0.1, LVH: 0.8}),
        said("r3", **{AF: 0.1, RBBB: 0.3, LVH: 0.1}),
    ]
    found = judged(task, truth, answers, points={AF: 0.5, RBBB: 0.5, LVH: 0.5})
    assert rows(found, "CD", "reference") == [1, 1, 0]
    assert rows(found, "CD", "call") == [1, 0, 0]
    assert rows(found, "CD", "score") == [0.9, 0.2, 0.3]
    assert rows(found, "HYP", "call") == [0, 1, 0]


def test_an_answer_that_names_the_group_itself_counts_before_its_members():
    answers = [said(name, **{"CD": "positive", AF: "negative", RBBB: "negative"}) for name in TRUTH]
    found = judged(Statements(groups={"CD": (RBBB, AF)}), TRUTH, answers)
    assert rows(found, "CD", "call") == [1, 1, 1]


def test_a_group_with_a_member_that_nobody_verified_is_true_or_unknown_but_not_false():
    truth = {"r1": {AF: "positive", RBBB: "unverified"}, "r2": {AF: "negative", RBBB: "unverified"}}
    answers = [said(name, **{AF: "negative", RBBB: "negative"}) for name in truth]
    found = judged(Statements(groups={"CD": (AF, RBBB)}), truth, answers)
    assert found.row_units.tolist() == [0]
    assert found.units.references == ("stated", "missing")


def test_without_a_list_every_finding_of_the_set_that_is_yes_or_no_is_judged():
    truth = {name: {**values, "qt_interval": "400"} for name, values in TRUTH.items()}
    answers = [said(name, **{AF: "positive", RBBB: "negative"}) for name in truth]
    found = judged(Statements(), truth, answers, findings=(AF, RBBB, "qt_interval"))
    assert set(found.row_strata["statement"]) == {AF, RBBB}


def test_a_listed_finding_that_is_a_number_is_named():
    truth = {name: {"qt_interval": "400"} for name in TRUTH}
    with pytest.raises(ReferenceSetError) as caught:
        judged(Statements(statements=("qt_interval",)), truth, [])
    assert {problem.key for problem in caught.value.problems} == {"tasks.reference_unknown"}
    assert caught.value.problems[0].where == "r1, qt_interval"


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"statements": (AF, AF)}, "statements.doubled"),
        ({"statements": (AF,), "groups": {AF: (RBBB,)}}, "statements.group_name"),
        ({"groups": {"CD": ()}}, "statements.group_empty"),
    ],
)
def test_options_that_contradict_themselves_are_refused(options, key):
    with pytest.raises(ProtocolError) as caught:
        Statements(**options)
    assert [problem.key for problem in caught.value.problems] == [key]


def test_without_the_references_of_the_set_it_says_so():
    with pytest.raises(ProtocolError) as caught:
        BOTH.judge([a_unit("r1", None)], {}, context([a_unit("r1", None)]))
    assert caught.value.problems[0].key == "statements.no_references"


def test_the_table_shows_every_statement_with_its_prevalence_rare_ones_too():
    truth = {f"r{n}": {AF: "positive" if n < 3 else "negative", RBBB: "negative"} for n in range(10)}
    answers = [said(f"r{n}", **{AF: "positive" if n in (0, 1, 9) else "negative", RBBB: "negative"}) for n in range(9)]
    statements, averaged = BOTH.tables(judged(BOTH, truth, answers))
    assert (statements.name, statements.rows) == ("statements", (AF, RBBB))
    assert dict(zip(statements.columns, statements.counts[0], strict=True)) == {
        "true_positive": 2,
        "false_negative": 1,
        "unanswered_positive": 0,
        "true_negative": 6,
        "false_positive": 0,
        "unanswered_negative": 1,
    }
    assert sum(statements.counts[1][:3]) == 0
    assert dict(zip(averaged.rows, averaged.counts, strict=True)) == {
        "sensitivity": (1, 1),
        "specificity": (2, 0),
        "auc": (0, 2),
    }


def test_errors_name_the_record_and_its_statement():
    answers = [said("r1", **{AF: "negative", RBBB: "positive"}), unanswered("r2"), said("r3", **{AF: "negative"})]
    found = BOTH.errors(judged(BOTH, TRUTH, answers))
    assert [(error.unit_id, error.kind, error.reason) for error in found] == [
        ("r1", "false_negative", AF),
        ("r1", "false_positive", RBBB),
        ("r2", "unanswered", "why"),
    ]


def test_the_first_statement_is_the_one_that_the_set_names():
    task = Statements(statements=(AF, RBBB), primary="first")
    units = [
        a_unit("r1", None, cases=(a_case("r1", first=RBBB),)),
        a_unit("r2", None, cases=(a_case("r2", first="other"),)),
    ]
    truth = {name: {AF: "positive", RBBB: "positive"} for name in ("r1", "r2")}
    answers = by_case(*(said(name, **{AF: "positive", RBBB: "positive"}) for name in truth))
    found = task.judge(units, answers, dataclasses.replace(context(units), references=stating(truth)))
    assert rows(found, AF, "is_primary") == [0, 1]
    assert rows(found, RBBB, "is_primary") == [1, 0]


def test_no_record_makes_no_row():
    found = judged(BOTH, {}, [])
    assert len(found.row_units) == 0
    assert BOTH.tables(found)[0].rows == ()
    assert BOTH.errors(found) == []


def test_a_statement_that_is_never_scored_ranks_worst_where_others_are_scored():
    answers = [said(name, **{AF: 0.9 if name == "r1" else 0.1, RBBB: "negative"}) for name in TRUTH]
    found = judged(BOTH, TRUTH, answers)
    assert rows(found, RBBB, "has_score") == [1, 1, 1]
    assert rows(found, RBBB, "score") == [np.inf, -np.inf, np.inf]
    assert value(MacroRocArea(), found) == (1 + 0) / 2
    unscored = [said(name, **{AF: "negative", RBBB: "negative"}) for name in TRUTH]
    assert not judged(BOTH, TRUTH, unscored).columns["has_score"].any()


def test_a_statement_that_is_never_called_is_wrong_where_others_are_called():
    answers = [said(name, **{AF: "negative", RBBB: 0.5}) for name in TRUTH]
    found = judged(BOTH, TRUTH, answers)
    assert rows(found, RBBB, "has_call") == [1, 1, 1]
    assert rows(found, RBBB, "call") == [1, 0, 1]
    assert not judged(BOTH, TRUTH, [said(name, **{AF: 0.3, RBBB: 0.5}) for name in TRUTH]).columns["has_call"].any()
