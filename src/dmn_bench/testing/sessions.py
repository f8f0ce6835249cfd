"""One child asked about cases in a given order, as a run asks: supervised, sealed, one attempt each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..execution.crew import LocalCrew
from ..execution.launcher import ExecutionSettings
from ..execution.outcome import Outcome
from ..execution.questions import Load, Questions
from ..hookspecs import ChildProgram
from ..vocabulary import Answer, Case

RAISED, TIMED_OUT = "raised ", "timed out "
ENDED = ("died with signal", "exited with code", "closed its channel")
BROKE = ("broke the wire protocol", "answered with more than")


@dataclass(frozen=True, kw_only=True)
class Session:
    """What became of every case of one session, by case id, in the order asked."""

    outcomes: Mapping[str, Outcome]
    isolation: tuple[str, ...]

    def answer(self, case_id: str) -> Answer:
        """The answer to a case; a case of the session always has one."""
        return self.outcomes[case_id].asked.answer


def ask_in_order(program: ChildProgram, cases: Sequence[Case], load: Load, settings: ExecutionSettings) -> Session:
    """Ask one fresh child about the cases, in this order; a child that fails is replaced and the next case asked.

    Raises CandidateError when the model cannot be loaded, MachineError when no child can be started as asked.
    """
    once = replace(settings, attempts=1)
    crew = LocalCrew(Questions(program=program, load=load, settings=once), 1)
    found: dict[str, Outcome] = {}
    try:
        for batch in crew.outcomes(cases):
            found.update({outcome.asked.answer.case_id: outcome for outcome in batch})
    finally:
        left = crew.call_off()
    found.update({outcome.asked.answer.case_id: outcome for outcome in left})
    return Session(outcomes={case.case_id: found[case.case_id] for case in cases}, isolation=crew.isolation)


def again(cases: Sequence[Case], word: str) -> list[Case]:
    """The same cases under further ids, so that one session can ask about them twice."""
    return [replace(case, case_id=f"{case.case_id} ({word})") for case in cases]


def how_it_failed(answer: Answer) -> str:
    """What kind of failure a failed answer is: "raised", "hung", "ended", "protocol", "invalid", or "said" by itself.

    >>> how_it_failed(Answer(case_id="c", status="failed", reason="raised ValueError: no image"))
    'raised'
    """
    reason = answer.reason
    kinds: Mapping[str, Callable[[str], bool]] = {
        "raised": lambda text: text.startswith(RAISED),
        "hung": lambda text: text.startswith(TIMED_OUT),
        "ended": lambda text: text.startswith(ENDED),
        "protocol": lambda text: text.startswith(BROKE),
    }
    default = "invalid" if ": expected " in reason and ", found " in reason else "said"
    return next((kind for kind, holds in kinds.items() if holds(reason)), default)
