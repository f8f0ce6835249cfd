"""The parts of a record that say what was run: protocol, set, candidates, surroundings, banners."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping

from .. import record as records
from ..catalogue import Catalogue
from ..curation.describe import composition_rows, describe
from ..curation.describe_lesions import lesion_counts
from ..curation.readers import Chance, agree_little, agreement_rows, reader_agreement
from ..protocol import ProtocolLock
from ..reference_set.under_rule import single_readers
from .gathering import Gathered
from .planned_candidates import Candidate
from .planning import Prepared
from .pre_test import pre_test
from .surroundings import machine, software
from .timing import TimingRules, timing

ATTEMPTS_AT_MOST = 5000  # listed for one candidate; the number of all is beside them


def banners(prepared: Prepared, gathered: Mapping[str, Gathered]) -> list[str]:
    """Facts that a reader must see first, as wording keys."""
    card, standard = prepared.reference_set.card, prepared.reference_set.card.reference_standard
    n_readers = standard.readers if standard.readers is not None else len(single_readers(prepared.reference_set)) or 2
    settings = prepared.protocol.statistics
    facts = {
        "public_set": card.public,
        "patients_unknown": not prepared.reference_set.patients_known,
        "weak_reference": n_readers < 2,
        "reference_from_reports": standard.from_reports,
        "readers_agree_little": agree_little(
            prepared.reference_set, settings.confidence, least_n=settings.minimum_n.estimate
        ),
        "discrepant_resolution": standard.adjudicated_only_disagreements_with_device,
        "not_blinded": card.reference_standard.blinded_to_device is False,
        "enriched": card.sampling == "enriched",
        "unreadable_cases": any(a.status == "unreadable" for g in gathered.values() for a in g.answers.values()),
        "weighted": bool(prepared.reference_set.sampling_weights),
        "convenience": card.sampling == "convenience",
    }
    return [name for name, holds in facts.items() if holds]


def protocol_part(prepared: Prepared, gathered: Mapping[str, Gathered], started: str) -> records.ProtocolPart:
    """The protocol with its lock and amendments; ``started``: when the run began, ISO 8601.

    It was locked before the answers if neither the lock nor an amendment is younger than the oldest of them.
    """
    protocol, lock = prepared.protocol, prepared.lock
    begun = [each.begun for each in gathered.values() if each.begun]
    return records.ProtocolPart(
        id=protocol.id,
        sha256=protocol.sha256,
        content=protocol.model_dump(mode="json"),
        locked_at=None if lock is None else lock.locked_at,
        locked_before_answers=None if lock is None else _last_change(lock) <= min([started, *begun]),
        amendments=[] if lock is None else [a.model_dump(mode="json") for a in lock.amendments],
    )


def _last_change(lock: ProtocolLock) -> str:
    return lock.amendments[-1].at if lock.amendments else lock.locked_at


def reference_set_part(prepared: Prepared) -> records.ReferenceSetPart:
    """The set with its card and composition."""
    loaded, settings = prepared.reference_set, prepared.protocol.statistics
    chance = Chance(resamples=settings.resamples, seed=settings.seed, confidence=settings.confidence)
    found = reader_agreement(loaded, chance)
    agreement = agreement_rows(found, settings.confidence, least_n=settings.minimum_n.estimate)
    composition = describe(loaded)
    return records.ReferenceSetPart(
        id=loaded.card.id,
        version=loaded.card.version,
        sha256=loaded.sha256,
        locked=True,
        card=loaded.card.model_dump(mode="json", by_alias=True),
        patients_known=loaded.patients_known,
        n_cases=len(loaded.cases),
        n_exams=len({case.exam_id for case in loaded.cases}),
        n_patients=len(loaded.patient_codes),
        composition=[records.CompositionRow.model_validate(row) for row in composition_rows(composition)],
        lesions=[records.LesionCountsRow.model_validate(dataclasses.asdict(row)) for row in lesion_counts(loaded)],
        structures={each.structure: each.n_cases for each in composition.structures},
        exclusions=dict(loaded.exclusions),
        sampled_unit=loaded.sampled_unit,
        agreement=[records.AgreementRow.model_validate(row) for row in agreement],
    )


def candidate_part(candidate: Candidate, prepared: Prepared) -> records.CandidatePart:
    """A candidate with what it declares and the hash of how it was asked."""
    return records.CandidatePart(
        id=candidate.id,
        role=candidate.entry.role,
        adapter=candidate.adapter_name,
        sha256=candidate.asked_sha256(prepared.reference_set.sha256, prepared.readers),
        device=candidate.device.model_dump(mode="json"),
        operating_points={
            name: {"score_at_least": point.score_at_least, "doubt_from": point.doubt_from, "source": point.source}
            for name, point in candidate.operating_points.items()
        },
        files=dict(candidate.files),
        pre_test=pre_test(candidate),
        transcribed=_transcribed(candidate),
    )


def _transcribed(candidate: Candidate) -> dict[str, object] | None:
    """How the answers were typed by hand, where the adapter says that they were."""
    said = getattr(candidate.adapter, "transcribed", None)
    return None if said is None else dataclasses.asdict(said)


def observed_part(
    prepared: Prepared, gathered: Mapping[str, Gathered], *, started: str, finished: str, catalogue: Catalogue
) -> records.Observed:
    """What depends on the moment: times, machine, software, protections, repeated attempts."""
    repeated = {
        name: [
            {"candidate": name, "case_id": case_id, "attempt": asked.attempt}
            for case_id, asked in g.asked.items()
            if asked.attempt > 1
        ]
        for name, g in gathered.items()
    }
    live = {name: g.summary for name, g in gathered.items() if g.summary is not None}
    settings = prepared.protocol.statistics
    rules = TimingRules(
        minimum_n=settings.minimum_n.estimate,
        confidence=settings.confidence,
        threads=prepared.protocol.execution.threads,
    )
    return records.Observed(
        started=started,
        finished=finished,
        operator=os.environ.get("DMN_BENCH_OPERATOR", ""),
        machine=machine(),
        isolation={name: list(summary.isolation) for name, summary in live.items()},
        timing=[timing(name, g.asked, g.asking, rules) for name, g in gathered.items() if g.asking is not None],
        attempts=[row for rows in repeated.values() for row in rows[:ATTEMPTS_AT_MOST]],
        n_repeated={name: len(rows) for name, rows in repeated.items() if rows},
        decoders=sorted({decoder for summary in live.values() for decoder in summary.decoders}),
        software=software(),
        extensions=[
            {"kind": row.kind, "name": row.name, "provider": row.provider, "version": row.version}
            for row in catalogue.describe()
            if row.provider != "dmn-bench" and row.kind != "candidate"
        ],
    )
