"""The order of steps of a run, once: verify, ask, judge, estimate, decide, record."""

from __future__ import annotations

import contextlib
import datetime
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from .. import record as records
from ..catalogue import Catalogue
from ..curation.describe import composition_rows, describe
from ..errors import MachineError, Problem, ProtocolError
from ..record import Record, Results
from ..vocabulary import Analysis
from .deciding import RuleInput, decide
from .estimating import Judged, estimate_rows
from .gathering import Gathered, Progress, RunOptions, gather, timing
from .heterogeneity import heterogeneity_rows
from .judging import ERRORS_AT_MOST, Judge, analyses
from .planning import Prepared, load_set, prepare
from .surroundings import machine, software

__all__ = ["Prepared", "Progress", "RunOptions", "evaluate", "load_set", "prepare"]

RECORD = "record.json"


def evaluate(
    protocol_path: Path,
    options: RunOptions,
    *,
    catalogue: Catalogue,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Record:
    """Run a protocol and write ``record.json`` and the answers into the folder of the run.

    The same protocol, set, answers and seed give the same ``results``, byte for byte; scoring never asks a device that
    has answered already. ``on_progress`` is called in this thread.

    Raises ProtocolError, ReferenceSetError, CandidateError, ExtensionError, MachineError, or Interrupted (then the
    answers so far are kept and the same call goes on).
    """
    started = _now()
    with _own_folder(options):
        prepared = prepare(protocol_path, catalogue=catalogue)
        gathered = {c.id: gather(c, prepared, options, on_progress) for c in prepared.candidates}
        results = _results(prepared, gathered)
        record = Record(
            run_id=secrets.token_hex(8),
            protocol=_protocol_part(prepared, started),
            reference_set=_reference_set_part(prepared),
            candidates=[
                records.CandidatePart(
                    id=c.id,
                    role=c.entry.role,
                    adapter=c.adapter_name,
                    sha256=c.asked_sha256(prepared.reference_set.sha256, prepared.readers),
                    device=c.device.model_dump(mode="json"),
                    operating_points={
                        name: {"score_at_least": p.score_at_least, "doubt_from": p.doubt_from, "source": p.source}
                        for name, p in c.operating_points.items()
                    },
                    files=dict(c.files),
                )
                for c in prepared.candidates
            ],
            results=results,
            results_sha256=records.results_sha256(results),
            observed=_observed(prepared, gathered, started, catalogue),
        )
        records.write_record(record, options.run_dir / RECORD)
    return record


def _results(prepared: Prepared, gathered: Mapping[str, Gathered]) -> Results:
    """Judge, estimate and decide for every endpoint and candidate, in the order of the protocol."""
    settings, results = prepared.protocol.statistics, Results(banners=_banners(prepared))
    primary: dict[tuple[str, str], tuple[Judged, Judged]] = {}  # as judged, and over every unit
    for endpoint in prepared.endpoints:
        for candidate in (c for c in prepared.candidates if c.id in endpoint.candidates):
            answers = gathered[candidate.id].answers
            judge = Judge(prepared=prepared, endpoint=endpoint, candidate=candidate, answers=answers)
            judge.check_operating_point()
            for analysis in analyses(prepared.protocol, answers):
                judged = judge.judged(analysis)
                rows = estimate_rows(judged, [m for m in endpoint.metrics if not m.counts_every_unit], settings)
                if _is_primary(analysis):
                    everyone = judge.over_every_unit(judged)
                    rows += estimate_rows(everyone, [m for m in endpoint.metrics if m.counts_every_unit], settings)
                    primary[candidate.id, endpoint.entry.name] = (judged, everyone)
                    _describe(judge, judged, results)
                    results.heterogeneity.extend(heterogeneity_rows(judged, rows, prepared.protocol))
                results.estimates.extend(rows)
    for planned in prepared.rules:
        for candidate in prepared.candidates:
            found = primary.get((candidate.id, planned.rule.endpoint))
            if found is not None and planned.rule.candidate in ("*", candidate.id):
                asked = RuleInput(rule=planned.rule, judged=found[planned.plan.counts_every_unit], plan=planned.plan)
                results.acceptance.extend(decide(asked, settings))
    return results


def _is_primary(analysis: Analysis) -> bool:
    return analysis.name == "intention_to_diagnose"


def _describe(judge: Judge, judged: Judged, results: Results) -> None:
    """Flow, tables, curves and errors of the primary analysis."""
    results.flow.extend(judge.flow(judged))
    results.tables.extend(judge.tables(judged))
    results.curves.extend(judge.curves(judged))
    errors = judge.errors(judged)
    results.errors.extend(errors[:ERRORS_AT_MOST])
    if len(errors) > ERRORS_AT_MOST:
        results.errors_left_out[f"{judged.candidate}/{judged.endpoint}"] = len(errors) - ERRORS_AT_MOST


def _banners(prepared: Prepared) -> list[str]:
    """Facts that a reader must see first, as wording keys."""
    card = prepared.reference_set.card
    facts = {
        "public_set": card.public,
        "patients_unknown": not prepared.reference_set.patients_known,
        "not_locked": prepared.lock is None,
        "amended": prepared.lock is not None and bool(prepared.lock.amendments),
        "weak_reference": card.reference_standard.readers is not None and card.reference_standard.readers < 2,
        "not_blinded": card.reference_standard.blinded_to_device is False,
        "enriched": card.sampling == "enriched",
        "convenience": card.sampling == "convenience",
    }
    return [name for name, holds in facts.items() if holds]


def _protocol_part(prepared: Prepared, started: str) -> records.ProtocolPart:
    protocol, lock = prepared.protocol, prepared.lock
    return records.ProtocolPart(
        id=protocol.id,
        sha256=protocol.sha256,
        content=protocol.model_dump(mode="json"),
        locked_at=None if lock is None else lock.locked_at,
        locked_before_answers=None if lock is None else lock.locked_at <= started,
        amendments=[] if lock is None else [a.model_dump(mode="json") for a in lock.amendments],
    )


def _reference_set_part(prepared: Prepared) -> records.ReferenceSetPart:
    loaded = prepared.reference_set
    return records.ReferenceSetPart(
        id=loaded.card.id,
        version=loaded.card.version,
        sha256=loaded.sha256,
        locked=True,
        card=loaded.card.model_dump(mode="json"),
        patients_known=loaded.patients_known,
        n_cases=len(loaded.cases),
        n_exams=len({case.exam_id for case in loaded.cases}),
        n_patients=len(loaded.patient_codes),
        composition=[records.CompositionRow.model_validate(row) for row in composition_rows(describe(loaded))],
        exclusions=dict(loaded.exclusions),
    )


def _observed(
    prepared: Prepared, gathered: Mapping[str, Gathered], started: str, catalogue: Catalogue
) -> records.Observed:
    live = {name: g.summary for name, g in gathered.items() if g.summary is not None}
    return records.Observed(
        started=started,
        finished=_now(),
        operator=os.environ.get("DMN_BENCH_OPERATOR", ""),
        machine=machine(),
        isolation={name: summary.isolation for name, summary in live.items()},
        timing=[timing(name, g) for name, g in gathered.items()],
        attempts=[
            {"candidate": name, "case_id": case_id, "attempt": asked.attempt}
            for name, g in gathered.items()
            for case_id, asked in g.asked.items()
            if asked.attempt > 1
        ],
        decoders=sorted({decoder for summary in live.values() for decoder in summary.decoders}),
        software=software(),
        extensions=[
            {"kind": row.kind, "name": row.name, "provider": row.provider, "version": row.version}
            for row in catalogue.describe()
            if row.provider != "dmn-bench" and row.kind != "candidate"
        ],
    )


@contextlib.contextmanager
def _own_folder(options: RunOptions) -> Iterator[None]:
    """The folder of the run, for this process alone.

    Raises ProtocolError if it holds a finished run; MachineError if another run works in it or it cannot be made.
    """
    import fcntl

    if (options.run_dir / RECORD).exists():
        raise ProtocolError(Problem(key="harness.already_a_run", where=str(options.run_dir)))
    if options.resume and not options.run_dir.is_dir():
        raise ProtocolError(Problem(key="harness.nothing_to_resume", where=str(options.run_dir)))
    try:
        options.run_dir.mkdir(parents=True, exist_ok=True)
        lock = (options.run_dir / ".lock").open("ab")
    except OSError as error:
        facts = {"found": error.strerror or str(error)}
        raise MachineError(Problem(key="files.cannot_write", where=str(options.run_dir), facts=facts)) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MachineError(Problem(key="harness.another_run", where=str(options.run_dir))) from None
        yield
    (options.run_dir / ".lock").unlink(missing_ok=True)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
