"""Which cases go to a cluster together, and what becomes of those whose worker was lost: no network, no clock."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..vocabulary import Answer, AskedAnswer, Case
from .outcome import FailedAttempt, Outcome

BATCH_SECONDS = 1.0  # of work in a batch: handing one over costs some ten milliseconds
CASES_AT_MOST = 256
GROWTH = 2  # from one batch to the next, at most
LEAST_SECONDS = 0.2  # of work in a batch towards the end
WEIGHT_OF_NEW = 0.5  # of the last batch in the running mean of seconds per case
BATCHES_PER_THREAD = 2  # in flight: one at work, one that waits beside it
LOST_REASON = "the worker was lost while it had this case"


@dataclass(frozen=True, kw_only=True, eq=False)
class Portion:
    """Cases for one batch. ``first_attempt``: above 1 where a worker was lost with its only case."""

    cases: tuple[Case, ...]
    first_attempt: int = 1

    @property
    def is_alone(self) -> bool:
        """Whether a worker that dies with it dies of it."""
        return self.first_attempt > 1


class Waiting:
    """The cases that wait for a worker.

    Portions start at one case and grow to BATCH_SECONDS of work as seconds per case become known; towards the end they
    shrink again, so that no worker waits for another. A case that was with a worker that died is put again alone, so
    that a case that kills workers costs itself and no other.
    """

    def __init__(self, cases: Sequence[Case], *, attempts: int) -> None:
        """``attempts``: tries of a case before it is failed, at least one of them alone."""
        self._fresh = deque(cases)
        self._alone: deque[Case] = deque()
        self._attempts = attempts
        self._losses: dict[str, int] = {}
        self._size = 1
        self._seconds: float | None = None

    def __len__(self) -> int:
        return len(self._fresh) + len(self._alone)

    def next(self, threads: int, *, weigh: Callable[[Case], int], at_most: int) -> Portion | None:
        """The next portion for a cluster of ``threads``; None when no case waits.

        Its cases weigh ``at_most`` together, unless one alone weighs more.
        """
        if self._alone:
            case = self._alone.popleft()
            return Portion(cases=(case,), first_attempt=self._losses[case.case_id] + 1)
        taken: list[Case] = []
        weight = 0
        fair = -(-len(self._fresh) // (BATCHES_PER_THREAD * max(1, threads)))
        least = int(LEAST_SECONDS / self._seconds) if self._seconds else 1
        for _ in range(min(self._size, max(fair, least), len(self._fresh))):
            weight += weigh(self._fresh[0])
            if taken and weight > at_most:
                break
            taken.append(self._fresh.popleft())
        return Portion(cases=tuple(taken)) if taken else None

    def answered(self, portion: Portion, outcomes: Sequence[Outcome], seconds: float) -> list[Outcome]:
        """The outcomes of a portion, with the tries that were lost before; its wall time sets the size of the next."""
        if len(outcomes) == len(portion.cases):
            each = seconds / len(outcomes)
            known = each if self._seconds is None else self._seconds
            self._seconds = WEIGHT_OF_NEW * each + (1 - WEIGHT_OF_NEW) * known
            wanted = int(BATCH_SECONDS / self._seconds) if self._seconds > 0 else CASES_AT_MOST
            self._size = max(1, min(wanted, GROWTH * self._size, CASES_AT_MOST))
        return [self._with_losses(outcome) for outcome in outcomes]

    def put_back(self, portion: Portion) -> None:
        """A portion that nobody has begun, or whose answer was lost later: its cases wait again as they did."""
        if portion.is_alone:
            self._alone.extend(portion.cases)
        else:
            self._fresh.extend(portion.cases)

    def lost(self, portion: Portion) -> list[Outcome]:
        """A worker was lost with this portion: the outcome of a case that has used up its tries; others wait again."""
        ended = []
        for case in portion.cases:
            losses = self._losses[case.case_id] = self._losses.get(case.case_id, 0) + 1
            if not portion.is_alone or losses < self._attempts:
                self._alone.append(case)
                continue
            reason = f"its worker died {losses} times"
            answer = Answer(case_id=case.case_id, status="failed", reason=reason)
            ended.append(self._with_losses(Outcome(asked=AskedAnswer(answer=answer, attempt=losses))))
        return ended

    def _with_losses(self, outcome: Outcome) -> Outcome:
        case_id = outcome.asked.answer.case_id
        lost = tuple(
            FailedAttempt(case_id, attempt, LOST_REASON, "") for attempt in range(1, self._losses.get(case_id, 0) + 1)
        )
        return dataclasses.replace(outcome, failed_attempts=lost + outcome.failed_attempts) if lost else outcome
