"""Conformance checks of metrics and tasks: what every one of them must hold, whatever it measures."""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import numpy as np

from ..hookspecs import ClosedFormMetric, ExactMetric, JudgingContext, LocatedErrors
from ..statistics.resampling import totals
from ..vocabulary import (
    STATUSES,
    Analysis,
    Answer,
    Case,
    Columns,
    Interval,
    Judgements,
    NotEstimable,
    Scale,
    Treatment,
)

if TYPE_CHECKING:
    from ..hookspecs import Metric, Task
    from ..vocabulary import FloatArray, IntArray, Status, Unit

NON_ANSWERS: tuple[Status, ...] = tuple(status for status in STATUSES if status != "answered")


def analysis(treatment: Treatment) -> Analysis:
    """An analysis that treats every non-answer alike."""
    return Analysis(
        name="evaluable" if treatment == "apart" else "as_used", treatment=dict.fromkeys(NON_ANSWERS, treatment)
    )


class MetricChecks:
    """What every metric must hold: subclass it and give ``metric`` and ``judgements``."""

    def metric(self) -> Metric:
        """The metric under check, made with its options."""
        raise NotImplementedError

    def judgements(self) -> Sequence[Judgements]:
        """Judgements it understands, of twenty rows or more, in which its value is defined."""
        raise NotImplementedError

    def test_it_says_what_it_is(self) -> None:
        """Name, tasks, scale and direction are there and known."""
        metric = self.metric()
        _require(bool(metric.name) and metric.name == metric.name.lower(), "a name in lower case is needed")
        _require(bool(metric.tasks), "the names of the tasks it understands are needed")
        _require(metric.scale in _SCALES, f"scale must be one of {_SCALES}")
        _require(metric.better in ("higher", "lower"), "better must be 'higher' or 'lower'")

    def test_it_understands_these_judgements(self) -> None:
        """The judgements come from one of its tasks."""
        for judgements in self.judgements():
            _require(judgements.task in self.metric().tasks, f"{judgements.task} is none of its tasks")

    def test_columns_have_one_number_for_each_row(self) -> None:
        """Every column is as long as the rows, sums and weights finite, scores without NaN, own n among the sums."""
        for judgements, columns in self._cases():
            n_rows = len(judgements.row_units)
            for name, column in {**columns.sums, **columns.ranked}.items():
                _require(np.shape(column) == (n_rows,), f"column {name} must have {n_rows} entries")
                _require(bool(np.isfinite(column).all()), f"column {name} must be finite")
            _require(bool(columns.own_n) and set(columns.own_n) <= set(columns.sums), "own_n must name columns of sums")
            if columns.ranked or columns.scores is not None:
                scores = np.zeros(0) if columns.scores is None else np.asarray(columns.scores)
                _require(scores.shape == (n_rows,), "ranked columns need one score for each row")
                _require(not bool(np.isnan(scores).any()), "scores may be infinite but not NaN")

    def test_columns_leave_the_judgements_alone(self) -> None:
        """Two calls give the same, and nothing in the judgements has changed."""
        for judgements in self.judgements():
            before = copy.deepcopy(judgements)
            first, second = self.metric().columns(judgements), self.metric().columns(judgements)
            _require(_same_columns(first, second), "columns must be the same at every call")
            _require(_same_arrays(before.columns, judgements.columns), "columns of the judgements were changed")

    def test_value_is_defined_and_within_its_scale(self) -> None:
        """On these judgements the value is one finite number; a share lies between 0 and 1."""
        for _, columns in self._cases():
            value = self._value(columns)
            _require(math.isfinite(value), "the value must be finite on these judgements")
            if self.metric().scale == "share":
                _require(0 <= value <= 1, "a share lies between 0 and 1")

    def test_value_takes_many_weightings_at_once(self) -> None:
        """Several weightings give the values that each would give alone."""
        for judgements, columns in self._cases():
            weights = _weightings(len(judgements.row_units))
            together = self.metric().value(totals(columns, weights))
            _require(np.shape(together) == (len(weights),), "value must return one number for each weighting")
            alone = [float(self.metric().value(totals(columns, row[None]))[0]) for row in weights]
            _require(bool(np.allclose(together, alone, equal_nan=True)), "weightings must not see each other")

    def test_order_of_rows_is_irrelevant(self) -> None:
        """Rows in another order give the same value."""
        for judgements, columns in self._cases():
            order = np.arange(len(judgements.row_units))[::-1]
            _require(
                _close(self._value(_rows(columns, order)), self._value(columns)), "the order of rows must not matter"
            )

    def test_every_row_twice_gives_the_same(self) -> None:
        """Doubling all rows changes no share, ratio or agreement."""
        if self.metric().scale not in ("share", "ratio", "agreement"):
            return
        for judgements, columns in self._cases():
            twice = float(self.metric().value(totals(columns, np.full((1, len(judgements.row_units)), 2.0)))[0])
            _require(_close(twice, self._value(columns)), "every row twice must give the same value")

    def test_nothing_counted_gives_no_number(self) -> None:
        """Where all rows weigh nothing the value is NaN: undefined, never 0 or 1."""
        for judgements, columns in self._cases():
            value = self.metric().value(totals(columns, np.zeros((1, len(judgements.row_units)))))
            _require(bool(np.isnan(value).all()), "with nothing counted the value must be NaN")

    def test_intervals_hold_the_value(self) -> None:
        """Closed-form intervals hold the value and are named; the one for verdicts is no narrower."""
        for judgements, columns in self._cases():
            value, patients = self._value(columns), _patients(judgements)
            for clustered in (False, True):
                shown = [
                    interval(columns, patients, clustered=clustered, confidence=0.95) for interval in self._intervals()
                ]
                for found in shown:
                    if isinstance(found, Interval):
                        _require(found.low - 1e-9 <= value <= found.high + 1e-9, f"{found} must hold the value {value}")
                        _require(bool(found.method), "an interval needs the name of its method")
                    else:
                        _require(isinstance(found, NotEstimable), "an interval is an Interval or NotEstimable")

    def test_no_rows_have_no_interval(self) -> None:
        """Without rows a closed-form interval is NotEstimable with a reason, and no error."""
        for judgements, columns in self._cases():
            nothing = np.zeros(0, dtype=np.int64)
            for interval in self._intervals():
                found = interval(
                    _rows(columns, nothing), _patients(judgements)[nothing], clustered=False, confidence=0.95
                )
                _require(isinstance(found, NotEstimable) and bool(found.reason), "no rows must give NotEstimable")

    def _cases(self) -> Iterator[tuple[Judgements, Columns]]:
        for judgements in self.judgements():
            yield judgements, self.metric().columns(judgements)

    def _value(self, columns: Columns) -> float:
        return float(self.metric().value(totals(columns))[0])

    def _intervals(self) -> Sequence[Callable[..., Interval | NotEstimable]]:
        metric = self.metric()
        found: list[Callable[..., Interval | NotEstimable]] = []
        if isinstance(metric, ClosedFormMetric):
            found.append(metric.interval)
        if isinstance(metric, ExactMetric):
            found.append(metric.acceptance_interval)
        return found


class TaskChecks:
    """What every task must hold: subclass it and give ``task``, ``units`` and ``answer``."""

    silence_fails = True
    """Whether an answered case without content has failed; False where it means "nothing found"."""
    answering_states: tuple[Status, ...] = ()
    """States other than ``answered`` that are an answer to the task's question: abstaining says "ungradable"."""

    def task(self) -> Task:
        """The task under check, made with its options."""
        raise NotImplementedError

    def units(self) -> Sequence[Unit]:
        """At least four units of different patients, one of them with two cases, each with a reference that counts."""
        raise NotImplementedError

    def answer(self, case: Case) -> Answer:
        """An answer on a case that the task can judge."""
        raise NotImplementedError

    def context(self, analysis: Analysis) -> JudgingContext:
        """What the task is handed; override it to add an operating point or loaders of annotations."""
        patients = sorted({unit.patient_id for unit in self.units()})
        return JudgingContext(analysis=analysis, patients={name: code for code, name in enumerate(patients)})

    def test_every_unit_is_in_the_table_once(self) -> None:
        """One line for each unit, in their order, whatever became of it."""
        for judgements in self._every_state():
            expected = tuple(unit.unit_id for unit in self.units())
            _require(judgements.units.unit_ids == expected, "the table must hold every unit once, in order")
            for column in (judgements.units.patients, judgements.units.statuses, judgements.units.references):
                _require(len(column) == len(expected), "every column of the unit table has one entry for each unit")

    def test_it_is_total_over_every_kind_of_answer(self) -> None:
        """No state, treatment, empty answer or missing answer is an error; non-answers keep their status."""
        for judgements in self._every_state():
            _require(judgements.task == self.task().name, "judgements carry the name of their task")
        for status in NON_ANSWERS:
            judgements = self._judged(self._all(status), "wrong")
            kept = "answered" if status in self.answering_states else status
            _require(set(judgements.units.statuses) == {kept}, f"the status {status} must be kept")

    def test_answers_that_say_nothing_have_failed(self) -> None:
        """Answered without content, and no answer at all, are failures with a reason."""
        silent = {
            case.case_id: Answer(case_id=case.case_id, status="answered", marks=None) for case in self._all_cases()
        }
        nothing: Mapping[str, Answer] = {}
        for answers in (silent, nothing) if self.silence_fails else (nothing,):
            judgements = self._judged(answers, "wrong")
            _require(set(judgements.units.statuses) == {"failed"}, "silence is a failure")
            _require(all(judgements.units.reasons), "a failure needs a reason")

    def test_set_apart_is_out_of_the_rows_and_in_the_table(self) -> None:
        """A state set apart has no rows; the same state counted wrong has some."""
        _require(not len(self._judged(self._all("failed"), "apart").row_units), "a state set apart must have no row")
        counted = set(self._judged(self._all("failed"), "wrong").row_units.tolist())
        _require(counted == set(range(len(self.units()))), "a state counted wrong must have rows for every unit")

    def test_rows_are_numbers_that_point_at_units(self) -> None:
        """Columns are as long as the rows, without NaN, infinite in ``score`` alone; row_units point into the table."""
        for judgements in self._every_state():
            n_rows = len(judgements.row_units)
            for name, column in judgements.columns.items():
                _require(np.shape(column) == (n_rows,), f"column {name} must have {n_rows} entries")
                _require(not bool(np.isnan(column).any()), f"column {name} must hold no NaN")
                _require(name == "score" or bool(np.isfinite(column).all()), f"column {name} must be finite")
            _require(all(len(levels) == n_rows for levels in judgements.row_strata.values()), "row_strata: one per row")
            _require(
                all(0 <= unit < len(self.units()) for unit in judgements.row_units.tolist()), "rows point at units"
            )

    def test_answers_are_joined_by_id_and_not_by_position(self) -> None:
        """Units in another order, or answers in another order, give every unit the same rows."""
        answers, units = self._answers(), list(self.units())
        expected = _rows_by_unit(self._judged(answers, "wrong"))
        turned = {case_id: answers[case_id] for case_id in [*list(answers)[1:], next(iter(answers))]}
        for judgements in (self._judged(turned, "wrong"), self._judged(answers, "wrong", units[::-1])):
            _require(_rows_by_unit(judgements) == expected, "rows of a unit must not depend on the order")

    def test_doubtful_references_make_no_rows(self) -> None:
        """A unit whose reference is doubtful or unverified stays in the table and out of the rows."""
        for reference in ("indeterminate", "unverified"):
            units = [replace(self.units()[0], reference=reference), *self.units()[1:]]
            judgements = self._judged(self._answers(), "wrong", units)
            _require(judgements.units.references[0] == reference, f"the reference {reference} must be kept")
            _require(0 not in judgements.row_units.tolist(), f"a unit with the reference {reference} must have no row")

    def test_tables_curves_and_errors_can_be_saved(self) -> None:
        """Tables are rectangular and finite, curves have as many x as y, errors name units of the set."""
        known = {unit.unit_id for unit in self.units()}
        for judgements in self._every_state():
            for table in self.task().tables(judgements):
                _require(len(table.counts) == len(table.rows), f"table {table.name}: one line of counts for each row")
                _require(all(len(line) == len(table.columns) for line in table.counts), f"table {table.name} has gaps")
                _require(all(math.isfinite(count) for line in table.counts for count in line), "counts must be finite")
            for curve in self.task().curves(judgements):
                _require(len(curve.x) == len(curve.y) and len(curve.thresholds) in (0, len(curve.x)), "uneven curve")
                _require(all(math.isfinite(value) for value in (*curve.x, *curve.y)), "a curve must be finite")
                _require(all(t is None or math.isfinite(t) for t in curve.thresholds), "thresholds: finite or None")
            for error in self.task().errors(judgements):
                _require(error.unit_id in known, f"{error.unit_id} is no unit")
                _require(error.score is None or math.isfinite(error.score), "the score of an error is finite or None")

    def test_places_of_errors_lie_in_answered_cases_and_do_not_overlap(self) -> None:
        """A task that locates its errors names cases with an answer and stretches that can be drawn side by side."""
        task, known = self.task(), {case.case_id for case in self._all_cases()}
        if not isinstance(task, LocatedErrors):
            return
        for answers in (self._answers(), {}, *(self._all(status) for status in NON_ANSWERS)):
            answered = {case_id for case_id, answer in answers.items() if answer.status == "answered"}
            stretches: dict[tuple[str, str], list[tuple[float, float]]] = {}
            for place in task.places(self.units(), answers, self.context(analysis("wrong"))):
                _require(place.case_id in known & answered, f"{place.case_id} is no case with an answer")
                _require(math.isfinite(place.in_case) and math.isfinite(place.here), "ranks of a place are finite")
                if place.start_s is not None and place.end_s is not None:
                    _require(0 <= place.start_s < place.end_s, "a place begins in the recording and before it ends")
                    inside = all(place.start_s <= at <= place.end_s for at in place.moments_s)
                    _require(inside, "the errors of a place lie in it")
                    stretches.setdefault((place.case_id, place.kind), []).append((place.start_s, place.end_s))
            for spans in stretches.values():
                ordered = sorted(spans)
                apart = all(end <= start for (_, end), (start, _) in itertools.pairwise(ordered))
                _require(apart, "places of a kind in a case must not overlap")

    def test_judging_twice_gives_the_same(self) -> None:
        """No clock, no chance, no memory."""
        first, second = self._judged(self._answers(), "wrong"), self._judged(self._answers(), "wrong")
        _require(_same_arrays(first.columns, second.columns), "judging must be repeatable")

    def _all_cases(self) -> Sequence[Case]:
        return [case for unit in self.units() for case in unit.cases]

    def _answers(self) -> dict[str, Answer]:
        return {case.case_id: self.answer(case) for case in self._all_cases()}

    def _all(self, status: Status) -> dict[str, Answer]:
        return {case.case_id: Answer(case_id=case.case_id, status=status, reason="why") for case in self._all_cases()}

    def _judged(
        self, answers: Mapping[str, Answer], treatment: Treatment, units: Sequence[Unit] | None = None
    ) -> Judgements:
        return self.task().judge(self.units() if units is None else units, answers, self.context(analysis(treatment)))

    def _every_state(self) -> Iterator[Judgements]:
        """Judgements with one case in each state, and with all cases in it, under each treatment."""
        first = self._all_cases()[0].case_id
        for treatment in get_args(Treatment):
            yield self._judged(self._answers(), treatment)
            yield self._judged({}, treatment)
            for status in NON_ANSWERS:
                yield self._judged(self._all(status), treatment)
                kept = replace(self._answers()[first], status=status)  # a non-answer that carries content all the same
                yield self._judged({**self._answers(), first: kept}, treatment)


_SCALES: tuple[str, ...] = get_args(Scale)


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise AssertionError(message)


def _close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def _weightings(n_rows: int) -> FloatArray:
    """Five weightings of whole numbers, every row left out of some and doubled in others."""
    each, row = np.arange(5)[:, None], np.arange(n_rows)[None]
    return np.asarray((row * 7 + each * 3) % 4, dtype=np.float64)


def _patients(judgements: Judgements) -> IntArray:
    return np.asarray(judgements.units.patients[judgements.row_units], dtype=np.int64)


def _rows(columns: Columns, rows: IntArray) -> Columns:
    return replace(
        columns,
        sums={name: column[rows] for name, column in columns.sums.items()},
        ranked={name: column[rows] for name, column in columns.ranked.items()},
        scores=None if columns.scores is None else columns.scores[rows],
    )


def _same_arrays(one: Mapping[str, FloatArray], other: Mapping[str, FloatArray]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


def _same_columns(one: Columns, other: Columns) -> bool:
    first, second = (np.zeros(0) if columns.scores is None else columns.scores for columns in (one, other))
    same = _same_arrays(one.sums, other.sums) and _same_arrays(one.ranked, other.ranked)
    return same and np.array_equal(first, second)


def _rows_by_unit(judgements: Judgements) -> Mapping[str, list[tuple[float, ...]]]:
    """The rows of each unit in a fixed order, with its status."""
    found: dict[str, list[tuple[float, ...]]] = {}
    for row, unit in enumerate(judgements.row_units.tolist()):
        numbers = tuple(float(column[row]) for _, column in sorted(judgements.columns.items()))
        found.setdefault(judgements.units.unit_ids[unit], []).append(numbers)
    return {name: sorted(rows) for name, rows in found.items()}
