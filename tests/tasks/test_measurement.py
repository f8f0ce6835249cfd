"""Measured values against stated ones: units, tolerance, non-answers, angles, several cases."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.errors import ProtocolError, ReferenceSetError
from dmn_bench.tasks.measured_units import factor, is_known
from dmn_bench.tasks.measurement import MeasuredQuantity
from dmn_bench.testing import TaskChecks
from dmn_bench.vocabulary import STATUSES, Answer, Measurement

from .factories import EVALUABLE, ITD, a_case, a_unit, by_case, column, context, treating, unanswered

QT = MeasuredQuantity(finding="qt_interval", unit_of_values="ms", tolerance=20, critical=60)


class TestMeasurementConforms(TaskChecks):
    def task(self):
        return QT

    def units(self):
        two = a_unit("u1", "400", cases=(a_case("c1", "p1"), a_case("c2", "p1")))
        return [two, *(a_unit(f"u{n}", str(390 + 10 * n)) for n in range(2, 9))]

    def answer(self, case):
        return measured(case.case_id, 400.0)


def measured(case_id, value, unit="ms", name="qt_interval"):
    return Answer(case_id=case_id, status="answered", measurements={name: Measurement(value=value, unit=unit)})


def judged(task, *pairs, analysis=ITD):
    """``pairs``: the stated value and the answer, or a function that makes it of the case's id."""
    units = [a_unit(f"u{n}", str(stated)) for n, (stated, _) in enumerate(pairs)]
    answers = [make(f"u{n}-case") for n, (_, make) in enumerate(pairs)]
    return task.judge(units, by_case(*answers), context(units, analysis))


def value(number, unit="ms", name="qt_interval"):
    return lambda case_id: measured(case_id, number, unit, name)


def test_differences_are_measured_minus_stated_and_judged_by_the_limits():
    found = judged(QT, (400, value(410)), (400, value(380)), (400, value(379)), (400, value(470)))
    assert column(found, "difference") == [10, -20, -21, 70]
    assert column(found, "within") == [1, 1, 0, 0]
    assert column(found, "is_critical") == [0, 0, 0, 1]
    assert found.units.references == ("stated",) * 4
    assert found.unit == "ms"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("bpm", "/min"),
        ("beats/min", "/min"),
        ("{beats}/min", "/min"),
        ("\u00b5V", "uV"),
        ("\u03bcV", "uV"),
        ("°", "deg"),
    ],
)
def test_everyday_spellings_of_a_unit_are_that_unit(written, code):
    assert factor(written, code) == factor(code, written) == 1.0
    assert is_known(written)


@pytest.mark.parametrize("written", ["Bq", "m/s", "min-1", "b", "M", "MS", "mv", ""])
def test_what_may_mean_something_else_is_no_spelling(written):
    assert factor(written, "ms") is factor(written, "mV") is factor(written, "/min") is None


def test_a_value_in_another_unit_is_converted_and_one_of_another_kind_fails():
    found = judged(QT, (400, value(0.41, "s")), (400, value(400, "")), (400, value(400, "mV")), (1, value(1, "cun")))
    assert found.units.statuses == ("answered", "answered", "failed", "failed")
    assert column(found, "measured")[:2] == [410, 400]
    assert found.units.reasons[2] == "unit mV where ms was expected"


def test_a_non_answer_is_charged_as_outside_and_critical_and_has_no_difference():
    lost = judged(QT, (400, value(400)), (400, lambda case: unanswered(case, "abstained")))
    assert column(lost, "has_value") == [1, 0]
    assert column(lost, "within") == [1, 0]
    assert column(lost, "is_critical") == [0, 1]
    assert column(lost, "difference") == [0, 0]
    for analysis in (EVALUABLE, treating("positive")):
        apart = judged(QT, (400, value(400)), (400, lambda case: unanswered(case, "abstained")), analysis=analysis)
        assert column(apart, "has_value") == [1]


@pytest.mark.parametrize("status", [status for status in STATUSES if status != "answered"])
def test_every_state_keeps_its_unit_in_the_flow(status):
    found = judged(QT, (400, lambda case: unanswered(case, status)))
    assert found.units.statuses == (status,)
    assert len(found.row_units) == (status not in ("not_sent", "unreadable"))


def test_a_value_beyond_all_numbers_in_the_unit_of_the_endpoint_fails():
    found = judged(QT, (400, value(1.7e308, "s")), (400, value(1e308)))
    assert found.units.statuses == ("failed", "answered")
    assert column(found, "within") == [0, 0]


def test_silence_on_the_quantity_is_a_failure():
    found = judged(QT, (400, value(1, name="pr_interval")), (400, value(math.inf)))
    assert found.units.reasons == ("no such measurement", "score not finite")


def test_the_device_may_call_the_quantity_otherwise():
    task = MeasuredQuantity(finding="qt_interval", unit_of_values="ms", measurement="QT")
    assert column(judged(task, (400, value(404, name="QT"))), "difference") == [4]


def test_angles_are_compared_the_short_way_round():
    axis = MeasuredQuantity(finding="axis", unit_of_values="deg", tolerance=10)
    found = judged(
        axis, (179, value(-179, "deg", "axis")), (-90, value(270, "deg", "axis")), (0, value(180, "", "axis"))
    )
    assert column(found, "difference") == [2, 0, 180]


@given(st.floats(-720, 720), st.floats(-720, 720))
def test_an_angle_is_never_more_than_half_a_turn_away(stated, said):
    axis = MeasuredQuantity(finding="axis", unit_of_values="deg")
    [difference] = column(judged(axis, (stated, value(said, "deg", "axis"))), "difference")
    assert -180 <= difference <= 180
    assert math.isclose(math.cos(math.radians(difference)), math.cos(math.radians(said - stated)), abs_tol=1e-9)


def test_the_tolerance_may_grow_with_the_value():
    task = MeasuredQuantity(finding="qt_interval", unit_of_values="ms", tolerance=10, tolerance_percent=5)
    found = judged(task, (100, value(110)), (100, value(111)), (400, value(420)), (400, value(421)))
    assert column(found, "within") == [1, 0, 1, 0]


@pytest.mark.parametrize(("combine", "expected"), [("mean", 20), ("highest", 30), ("lowest", 10)])
def test_several_cases_make_one_value(combine, expected):
    task = MeasuredQuantity(finding="qt_interval", unit_of_values="ms", combine=combine)
    unit = a_unit("u", "0", cases=[a_case(f"c{n}", "p") for n in range(3)])
    answers = by_case(*(measured(f"c{n}", 10.0 * (n + 1)) for n in range(3)))
    assert column(task.judge([unit], answers, context([unit])), "measured") == [expected]
    lost = {**answers, "c1": unanswered("c1", "abstained")}
    assert task.judge([unit], lost, context([unit])).units.statuses == ("abstained",)


def test_the_mean_of_angles_is_that_of_their_directions():
    axis = MeasuredQuantity(finding="axis", unit_of_values="deg", tolerance=1)
    unit = a_unit("u", "180", cases=[a_case(f"c{n}", "p") for n in range(2)])
    answers = by_case(measured("c0", 179, "deg", "axis"), measured("c1", -179, "deg", "axis"))
    assert column(axis.judge([unit], answers, context([unit])), "within") == [1]
    with pytest.raises(ProtocolError):
        MeasuredQuantity(finding="axis", unit_of_values="deg", combine="highest")


@pytest.mark.parametrize(("stated", "said"), [(1.0, 1.1), (0.3, 0.2), (0.7, 0.8), (2.3, 2.2), (100.1, 100.2)])
def test_a_difference_that_is_the_limit_in_decimals_is_within_and_not_critical(stated, said):
    task = MeasuredQuantity(finding="qt_interval", unit_of_values="s", tolerance=0.1, critical=0.1)
    found = judged(task, (stated, value(said, "s")))
    assert (column(found, "within"), column(found, "is_critical")) == ([1], [0])


def test_references_that_are_set_apart_stay_in_the_flow_and_words_are_refused():
    units = [a_unit("u1", "unverified"), a_unit("u2", None), a_unit("u3", "12.5")]
    answers = by_case(*(measured(f"{unit.unit_id}-case", 13) for unit in units))
    found = QT.judge(units, answers, context(units))
    assert found.units.references == ("unverified", "missing", "stated")
    assert column(found, "difference") == [0.5]
    with pytest.raises(ReferenceSetError) as caught:
        QT.judge([a_unit("u4", "positive"), a_unit("u5", "nan")], {}, context([a_unit("u4"), a_unit("u5")]))
    assert [problem.where for problem in caught.value.problems] == ["u4", "u5"]


def test_impossible_limits_are_refused_together():
    with pytest.raises(ProtocolError) as caught:
        MeasuredQuantity(finding="f", unit_of_values="ms", tolerance=-1, tolerance_percent=0)
    assert len(caught.value.problems) == 2
    with pytest.raises(ProtocolError):
        MeasuredQuantity(finding="f", unit_of_values="ms", tolerance=20, critical=10)


def test_errors_are_listed_with_the_largest_difference_first():
    found = judged(QT, (400, value(430)), (400, value(500)), (400, value(401)), (400, unanswered))
    assert [(error.kind, error.answer) for error in QT.errors(found)] == [
        ("unanswered", "failed"),
        ("critical_error", "500"),
        ("outside_tolerance", "430"),
    ]
    [table] = QT.tables(found)
    assert dict(zip(table.columns, table.counts[0], strict=True)) == {
        "within": 1,
        "outside": 1,
        "critical": 1,
        "not_given": 1,
    }


def test_nothing_at_all_is_judged_without_a_row():
    found = QT.judge([], {}, context([]))
    assert len(found.row_units) == 0
    assert QT.curves(found) == ()


def test_factors_go_both_ways():
    assert factor("min", "s") == 60
    assert factor("ms", "s") == pytest.approx(1e-3)
    assert factor("{beats}/min", "/min") == 1
    assert factor("%", "1") == pytest.approx(0.01)
    assert factor("rad", "deg") == pytest.approx(180 / math.pi)
