"""The order of steps of a run, once: verify, ask, judge, estimate, decide, record."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Callable
from pathlib import Path

from ..catalogue import Catalogue
from ..errors import Problem, ProtocolError
from ..protocol import read_protocol
from ..record import Record, read_record, results_sha256, write_record
from .gathering import cases_to_ask, gather, gather_part
from .noise_stress import check_noise_stress, noise_rows
from .options import Progress, RunOptions, Shard
from .picturing import draw_errors
from .planning import Prepared, prepare
from .probing import probe_rows
from .recording import banners, candidate_part, observed_part, protocol_part, reference_set_part
from .run_folder import RECORD, own_folder, write_note
from .scoring import check_references, compare_regions, results_of
from .sealing import check_isolation
from .set_loading import OnWork, load_set

__all__ = ["Prepared", "Progress", "RunOptions", "Shard", "ask_part", "evaluate", "finished", "load_set", "prepare"]


def evaluate(
    protocol_path: Path,
    options: RunOptions,
    *,
    catalogue: Catalogue,
    on_progress: Callable[[Progress], None] = lambda _: None,
    on_work: OnWork = lambda *_: None,
) -> Record:
    """Run a protocol and write ``record.json`` and the answers into the folder of the run.

    The same protocol, set, answers and seed give the same ``results``, byte for byte; scoring never asks a device that
    has answered already. ``on_progress`` and ``on_work`` (verifying and reading
    headers) are called in this thread.

    Raises ProtocolError, ReferenceSetError, CandidateError, ExtensionError, MachineError, or Interrupted (then the
    answers so far are kept and the same call goes on).
    """
    started = _now()
    with own_folder(options):
        prepared = prepare(protocol_path, catalogue=catalogue, on_work=on_work)
        check_references(prepared, on_work)
        check_noise_stress(prepared, options)
        if options.scheduler is None:  # its workers look for themselves
            check_isolation(prepared)
        write_note(prepared, options, started, len(cases_to_ask(prepared, options)))
        with prepared.headers:
            gathered = {c.id: gather(c, prepared, options, on_progress) for c in prepared.candidates}
            probes = probe_rows(prepared, gathered, options, on_progress)
            stressed = noise_rows(prepared, gathered, options, on_progress)
        # A candidate may have written to the set while it ran, and some of the truth is read only now.
        prepared.watch.check_all()
        compare_regions(prepared, gathered, on_work)
        results = results_of(prepared, gathered)
        results.probes.extend(probes)
        results.noise_stress.extend(stressed)
        draw_errors(prepared, gathered, results, options.run_dir)
        results.banners.extend(banners(prepared, gathered))
        record = Record(
            run_id=secrets.token_hex(8),
            protocol=protocol_part(prepared, gathered, started),
            reference_set=reference_set_part(prepared),
            candidates=[candidate_part(candidate, prepared) for candidate in prepared.candidates],
            results=results,
            results_sha256=results_sha256(results),
            observed=observed_part(prepared, gathered, started=started, finished=_now(), catalogue=catalogue),
        )
        write_record(record, options.run_dir / RECORD)
        # Read back, so that whoever makes a document now sees just what whoever makes it later will.
        return read_record(options.run_dir / RECORD)


def finished(protocol_path: Path, options: RunOptions) -> Record | None:
    """The record of a run that is to be resumed and needs no more than its documents; None if it has none yet.

    Raises ProtocolError if the record is that of another protocol, or damaged.
    """
    path = options.run_dir / RECORD
    if not (options.resume and path.exists()):
        return None
    record = read_record(path)
    if record.protocol.sha256 != read_protocol(protocol_path).sha256:
        raise ProtocolError(Problem(key="harness.run_of_another_protocol", where=str(options.run_dir)))
    return record


def ask_part(
    protocol_path: Path,
    options: RunOptions,
    *,
    catalogue: Catalogue,
    on_progress: Callable[[Progress], None] = lambda _: None,
    on_work: OnWork = lambda *_: None,
) -> None:
    """Ask the candidates about the cases of ``options.shard`` alone and keep the answers; nothing is scored.

    Raises what ``evaluate`` raises.
    """
    with own_folder(options):
        prepared = prepare(protocol_path, catalogue=catalogue, asking_only=True, on_work=on_work)
        check_references(prepared, on_work)
        if options.scheduler is None:  # its workers look for themselves
            check_isolation(prepared)
        write_note(prepared, options, _now(), len(cases_to_ask(prepared, options)))
        for candidate in prepared.candidates:
            gather_part(candidate, prepared, options, on_progress)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
