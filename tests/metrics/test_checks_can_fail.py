"""The conformance checks find what they are there for: each broken part fails the check that names its fault."""

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from dmn_bench.metrics.classification import Sensitivity
from dmn_bench.metrics.ranking import RocArea
from dmn_bench.tasks.classification import Classification
from dmn_bench.testing import MetricChecks, TaskChecks
from dmn_bench.vocabulary import Columns, Interval

from ..tasks.factories import FINDING, a_case, a_unit, scored
from .examples import classified


def metric_checks(part):
    class Checks(MetricChecks):
        def metric(self):
            return part

        def judgements(self):
            return classified()

    return Checks()


def task_checks(part):
    class Checks(TaskChecks):
        def task(self):
            return part

        def units(self):
            views = (a_case("c1", "p1"), a_case("c2", "p1"))
            return [a_unit("u1", cases=views), *(a_unit(f"u{n}", "negative") for n in range(2, 6))]

        def answer(self, case):
            return scored(case.case_id, 0.1 * ord(case.case_id[1]) % 7, "positive")

    return Checks()


class ForOtherTasks(Sensitivity):
    tasks: ClassVar[tuple[str, ...]] = ("beats",)


class WithGaps(Sensitivity):
    def columns(self, judgements):
        found = super().columns(judgements)
        return Columns(sums={name: np.where(column > 0, column, np.nan) for name, column in found.sums.items()})


class OfTheFirstRow(Sensitivity):
    def columns(self, judgements):
        found = super().columns(judgements)
        first = np.arange(len(judgements.row_units)) == 0
        return Columns(
            sums={"numerator": found.sums["numerator"] * (1 + first), "denominator": found.sums["denominator"]}
        )

    def value(self, totals):
        return np.full(np.shape(totals.sums["numerator"]), float(totals.sums["numerator"][0]) / 100)


class ZeroForNothing(Sensitivity):
    def value(self, totals):
        return np.nan_to_num(super().value(totals))


class SumsAndNotShares(Sensitivity):
    def value(self, totals):
        return totals.sums["numerator"] / 1000


class OffTheValue(Sensitivity):
    def interval(self, columns, patients, *, clustered, confidence):
        return Interval(0.0, 0.01, "guess")


class WithoutOwnCounts(RocArea):
    def columns(self, judgements):
        return dataclasses.replace(super().columns(judgements), own_n=("denominator",))


@pytest.mark.parametrize(
    ("part", "check"),
    [
        (ForOtherTasks(), "test_it_understands_these_judgements"),
        (WithGaps(), "test_columns_have_one_number_for_each_row"),
        (WithoutOwnCounts(), "test_columns_have_one_number_for_each_row"),
        (OfTheFirstRow(), "test_value_takes_many_weightings_at_once"),
        (ZeroForNothing(), "test_nothing_counted_gives_no_number"),
        (SumsAndNotShares(), "test_every_row_twice_gives_the_same"),
        (OffTheValue(), "test_intervals_hold_the_value"),
        (OffTheValue(), "test_no_rows_have_no_interval"),
    ],
)
def test_a_broken_metric_is_found(part, check):
    with pytest.raises(AssertionError):
        getattr(metric_checks(part), check)()


@dataclass(frozen=True, kw_only=True)
class Broken(Classification):
    fault: str

    def judge(self, units, answers, context):
        if self.fault == "forgets the unanswered":
            units = [
                unit
                for unit in units
                if all(answers.get(c.case_id) and answers[c.case_id].status == "answered" for c in unit.cases)
            ]
        if self.fault == "pairs by position":
            cases = [case.case_id for unit in units for case in unit.cases]
            answers = dict(zip(cases, answers.values(), strict=False))
        found = super().judge(units, answers, context)
        if self.fault == "leaves gaps":
            return dataclasses.replace(found, columns={**found.columns, "call": found.columns["call"] * np.nan})
        if self.fault == "loses the status":
            table = dataclasses.replace(found.units, statuses=("answered",) * len(units))
            return dataclasses.replace(found, units=table)
        return found


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("forgets the unanswered", "test_every_unit_is_in_the_table_once"),
        ("pairs by position", "test_answers_are_joined_by_id_and_not_by_position"),
        ("leaves gaps", "test_rows_are_numbers_that_point_at_units"),
        ("loses the status", "test_it_is_total_over_every_kind_of_answer"),
    ],
)
def test_a_broken_task_is_found(fault, check):
    with pytest.raises(AssertionError):
        getattr(task_checks(Broken(finding=FINDING, fault=fault)), check)()
    getattr(task_checks(Broken(finding=FINDING, fault="none")), check)()
