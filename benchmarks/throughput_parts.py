"""What each part of asking costs for one case, measured alone: hash, decode, prepare, transport, commit."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time
from typing import Any, cast

from benchmarks.processes import below, finished, processor_seconds

ROOT = Path(__file__).resolve().parents[1]
BATCH = 8  # answers in one commit of the ledger
MOST_CASES = 100


def measured(folder: Path, processor: int) -> dict[str, float]:
    """Processor milliseconds per case of each part, for the set and the model of a job, in a process of its own."""
    program = "import sys; sys.path.insert(0, sys.argv[1]); from benchmarks import throughput_parts as p; p.main()"
    return cast(
        "dict[str, float]",
        json.loads(finished([sys.executable, "-c", program, str(ROOT), str(folder)], [processor]).printed),
    )


def main() -> None:
    print(json.dumps(parts(Path(sys.argv[2]))))


def parts(folder: Path) -> dict[str, float]:
    from dmn_bench.adapters.answer_reading import read_answer
    from dmn_bench.catalogue import build_catalogue
    from dmn_bench.execution.launcher import ExecutionSettings
    from dmn_bench.execution.ledger import Ledger
    from dmn_bench.execution.outcome import Outcome
    from dmn_bench.execution.worker import Child
    from dmn_bench.harness import prepare
    from dmn_bench.inputs.requests import load_case
    from dmn_bench.reference_set import verify
    from dmn_bench.vocabulary import AskedAnswer

    prepared = prepare(folder / "all.yaml", catalogue=build_catalogue())
    root, candidate = prepared.reference_set.root, prepared.candidates[0]
    cases = prepared.reference_set.cases[:MOST_CASES]
    adapter = cast("Any", candidate.adapter)
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)

        def load(case: Any) -> Any:
            return load_case(
                case, root, receives="array", readers=prepared.readers, request_id=case.case_id, scratch=scratch
            )

        load(cases[0])  # imports the reader's libraries
        per_set = len(cases) / len(prepared.reference_set.cases)
        seconds["hash, once"] = per_set * worked(lambda: verify(root))
        seconds["read and decode"] = worked(lambda: each(load, cases))
        child = Child(adapter.program(candidate.base, {}), ExecutionSettings(), folder=scratch, stop=threading.Event())
        child.load()
        requests = [load(case) for case in cases]
        child.ask(requests[0][0])
        replies: list[Any] = []

        def ask() -> None:
            replies[:] = [child.ask(request) for request, _ in requests]

        there_and_back = worked(ask)
        child.close()
        inside = sum(reply.cpu_seconds for reply in replies)
        seconds["prepare the input and run the empty model, in the child"] = inside
        seconds["there and back: request and answer"] = there_and_back - inside
        read = [read_answer(r.answer, c.case_id, o) for r, c, (_, o) in zip(replies, cases, requests, strict=True)]
        outcomes = [Outcome(asked=AskedAnswer(answer=answer, seconds=0.1)) for answer in read]
        with Ledger(scratch / "ledger.sqlite", "0" * 64) as ledger:
            batches = [outcomes[at : at + BATCH] for at in range(0, len(outcomes), BATCH)]
            seconds[f"commit, {BATCH} answers at a time"] = worked(lambda: each(ledger.keep, batches), times=1)
    return {name: 1_000 * total / len(cases) for name, total in seconds.items()}


def each(work: Callable[[Any], object], things: Sequence[Any]) -> None:
    for thing in things:
        work(thing)


def worked(work: Callable[[], object], *, times: int = 3) -> float:
    """Processor seconds of this process and of those below it, the best of a few calls."""
    best = float("inf")
    for _ in range(times):
        start = process_time() + sum(map(processor_seconds, below(os.getpid())))
        work()
        best = min(best, process_time() + sum(map(processor_seconds, below(os.getpid()))) - start)
    return best
