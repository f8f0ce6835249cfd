"""The result files of one candidate, read as a run would read them, without opening any truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ..catalogue import Catalogue, Manifest
from ..errors import Problem, ProtocolError
from ..files import unknown_name
from ..hookspecs import FileAdapter
from ..inputs.header_index import HeaderIndex
from ..inputs.hospital_names import with_hospital_names
from ..protocol import CandidateEntry, Protocol, read_protocol
from ..reference_set import load_cases
from ..reference_set.identity import read_identity
from ..vocabulary import STATUSES, Answer, Status
from .gathering import in_words_of_the_set
from .planned_candidates import adapter_options
from .planned_parts import field_names
from .set_loading import format_readers


@dataclass(frozen=True, kw_only=True)
class BlindReading:
    """What the files of a candidate say of the cases of the set, in the set's own names."""

    candidate: str
    adapter: str
    answers: tuple[Answer, ...]

    @property
    def by_status(self) -> Mapping[Status, int]:
        """Status -> number of cases, those that occur, in the order of the vocabulary."""
        counts = Counter(answer.status for answer in self.answers)
        return {status: counts[status] for status in STATUSES if counts[status]}

    @property
    def reasons(self) -> Mapping[tuple[Status, str], int]:
        """(status, reason) -> number of cases, by falling number; an answered case may carry a reason too."""
        counts = Counter((a.status, a.reason) for a in self.answers if a.reason or a.status != "answered")
        return dict(counts.most_common())

    @property
    def by_finding(self) -> Mapping[str, int]:
        """Finding -> cases with a score, label or grade for it."""
        counts = Counter(name for answer in self.answers for name in {*answer.findings, *answer.grades})
        return dict(sorted(counts.items()))

    @property
    def marks_by_finding(self) -> Mapping[str, int]:
        """Finding -> marks of it."""
        return dict(sorted(Counter(mark.finding for answer in self.answers for mark in answer.marks or ()).items()))

    @property
    def by_structure(self) -> Mapping[str, int]:
        """Structure -> cases with a region or contour of it, an empty one included."""
        counts: Counter[str] = Counter()
        for answer in self.answers:
            masks, contours = answer.masks or (), answer.contours or ()
            counts.update({mask.structure for mask in masks} | {contour.structure for contour in contours})
        return dict(sorted(counts.items()))


def read_blind(protocol_path: Path, candidate_id: str, *, catalogue: Catalogue) -> BlindReading:
    """Read the files of a candidate of a protocol. Of the set only its card, cases and images' headers are opened.

    Raises ProtocolError, ReferenceSetError or CandidateError with every problem that a run would stop at.
    """
    catalogue.check_pending()
    protocol = read_protocol(protocol_path)
    entry = _entry(protocol, candidate_id, protocol_path)
    manifest = _manifest(entry, protocol_path, catalogue)
    base = protocol_path.parent if manifest is None else manifest.folder
    name = (entry.adapter if manifest is None else manifest.adapter) or ""
    where = f"{protocol_path.name}: {candidate_id}"
    options = adapter_options(entry, manifest, field_names(catalogue.part("adapter", name, where=where).cls))
    adapter = catalogue.make_at(where, "adapter", name, options)
    if not hasattr(adapter, "answers"):
        raise ProtocolError(Problem(key="answers.check_live", where=where, facts={"found": candidate_id}))
    folder = protocol_path.parent / protocol.reference_set
    _, cases = load_cases(folder)
    identity = read_identity(folder)
    findings = {**({} if manifest is None else manifest.findings), **entry.findings}
    with HeaderIndex(folder, format_readers(catalogue), {}) as headers:
        keys = [
            with_hospital_names(each, identity[each.case.case_id]) if each.case.case_id in identity else each
            for each in headers.keys_of_cases(cases)
        ]
        answers = tuple(
            in_words_of_the_set(each.answer, findings) for each in cast("FileAdapter", adapter).answers(keys, base)
        )
    return BlindReading(candidate=candidate_id, adapter=name, answers=answers)


def _entry(protocol: Protocol, candidate_id: str, path: Path) -> CandidateEntry:
    for entry in protocol.candidates:
        if entry.id == candidate_id:
            return entry
    known = [entry.id for entry in protocol.candidates]
    raise ProtocolError(unknown_name("answers.no_candidate", candidate_id, known, path.name))


def _manifest(entry: CandidateEntry, path: Path, catalogue: Catalogue) -> Manifest | None:
    if entry.package is None:
        return None
    installed = catalogue.candidates()
    return installed.get(entry.package) or catalogue.candidate(path.parent / entry.package)
