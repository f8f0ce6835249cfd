"""What each part of asking costs for one case, measured alone: hash, decode, prepare, transport, commit."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, cast

from benchmarks.processes import finished

ROOT = Path(__file__).resolve().parents[1]
BATCH = 8  # answers in one commit of the ledger


def measured(folder: Path, processor: int) -> dict[str, float]:
    """Milliseconds per case of each part, for the set and the model in the folder of a job, in a process of its own."""
    program = "import sys; sys.path.insert(0, sys.argv[1]); from benchmarks import throughput_parts as p; p.main()"
    return cast(
        "dict[str, float]",
        json.loads(finished([sys.executable, "-c", program, str(ROOT), str(folder)], [processor]).printed),
    )


def main() -> None:
    print(json.dumps(parts(Path(sys.argv[2]))))


def parts(folder: Path) -> dict[str, float]:
    from dmn_bench.catalogue import build_catalogue
    from dmn_bench.execution.launcher import ExecutionSettings
    from dmn_bench.execution.ledger import Ledger
    from dmn_bench.execution.outcome import Outcome
    from dmn_bench.execution.validation import read_answer
    from dmn_bench.execution.worker import Child
    from dmn_bench.harness import prepare
    from dmn_bench.inputs.requests import load_case
    from dmn_bench.reference_set import verify
    from dmn_bench.vocabulary import AskedAnswer

    prepared = prepare(folder / "all.yaml", catalogue=build_catalogue())
    root, cases, candidate = prepared.reference_set.root, prepared.reference_set.cases, prepared.candidates[0]
    adapter = cast("Any", candidate.adapter)
    n = len(cases)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)

        def load(case: Any) -> Any:
            return load_case(
                case, root, receives="array", readers=prepared.readers, request_id=case.case_id, scratch=scratch
            )

        load(cases[0])  # imports the reader's libraries
        seconds = {"hash, before and after": 2 * timed(lambda: verify(root))}
        seconds["read and decode"] = timed(lambda: each(load, cases))
        child = Child(adapter.program(candidate.base, {}), ExecutionSettings(), folder=scratch, stop=threading.Event())
        child.load()
        requests = [load(case) for case in cases[:50]]
        child.ask(requests[0][0])
        replies: list[Any] = []
        asking = timed(lambda: replies.extend(child.ask(request) for request, _ in requests), times=1)
        child.close()
        inside = sum(reply.seconds for reply in replies)
        seconds["prepare the input, in the child"] = inside * n / len(requests)
        seconds["there and back"] = (asking - inside) * n / len(requests)
        answers = [read_answer(r.answer, c.case_id, o) for r, c, (_, o) in zip(replies, cases, requests, strict=False)]
        outcomes = [Outcome(asked=AskedAnswer(answer=answer, seconds=0.1)) for answer in answers]
        with Ledger(scratch / "ledger.sqlite", "0" * 64) as ledger:
            batches = [outcomes[at : at + BATCH] for at in range(0, len(outcomes), BATCH)]
            commit = timed(lambda: each(ledger.keep, batches), times=1)
        seconds[f"commit, {BATCH} answers at a time"] = commit * n / len(outcomes)
    os.sync()
    return {name: 1_000 * total / n for name, total in seconds.items()}


def each(work: Callable[[Any], object], things: Sequence[Any]) -> None:
    for thing in things:
        work(thing)


def timed(work: Callable[[], object], *, times: int = 2) -> float:
    """Seconds of the best of a few calls."""
    best = float("inf")
    for _ in range(times):
        start = perf_counter()
        work()
        best = min(best, perf_counter() - start)
    return best
