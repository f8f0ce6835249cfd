"""Endpoints of beats and rhythms against the set and the candidates: what cannot be judged, before anybody is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import Fact, InputFileError, Problem
from ..hookspecs import Reader
from ..inputs.annotation_copy import RHYTHMS
from ..inputs.recordings import annotations_of, endings_beside, has_annotations
from ..protocol import Endpoint, Protocol
from ..reference_set import ReferenceSet
from ..tasks.episode_reading import ALSO_CALLED, VENTRICULAR_FIBRILLATION, label_of
from .planned_candidates import Candidate
from .planned_parts import PartMaker

OF_ANNOTATIONS = ("beats", "runs", "episodes", "st_episodes")
"""Tasks whose reference is in annotation files."""
OF_FINDINGS = ("classification", "grading", "referral", "ungradable", "detection", "measurement", "statements")
"""Tasks that beats say nothing of."""
BEATS = "beats"
_ALIASES = frozenset(name for names in ALSO_CALLED.values() for name in names)


@dataclass(kw_only=True)
class AnnotationPlanner(PartMaker):
    """Notes what endpoints ask of annotations that are not there, and of candidates that give none."""

    protocol: Protocol
    reference_set: ReferenceSet
    readers: Sequence[Reader]

    def check(self, candidates: Sequence[Candidate]) -> None:
        """Note every problem; the files are looked at once for all endpoints."""
        for index, entry in enumerate(self.protocol.endpoints):
            if entry.task in OF_FINDINGS:
                self._check_asked(index, entry, candidates)
        of_beats = [(n, entry) for n, entry in enumerate(self.protocol.endpoints) if entry.task in OF_ANNOTATIONS]
        if not of_beats:
            return
        annotator = self.reference_set.card.reference_standard.wfdb_annotator
        facts: dict[str, Fact] = {"task": ", ".join(dict.fromkeys(entry.task for _, entry in of_beats))}
        where = self.where("endpoints", of_beats[0][0], "task")
        if annotator is None:
            self.problems.append(Problem(key="protocol.task_without_annotator", where=where, facts=facts))
        elif not any(self._is_annotated(path, annotator) for path in self._recordings()):
            found = sorted({ending for path in self._recordings() for ending in endings_beside(path)})
            facts |= {"annotator": annotator, "found": ", ".join(found) or "—"}
            self.problems.append(Problem(key="protocol.annotations_nowhere", where=where, facts=facts))
        else:
            for index, entry in of_beats:
                if entry.task == "episodes":
                    self._check_rhythm(index, entry, annotator)

    def _check_asked(self, index: int, entry: Endpoint, candidates: Sequence[Candidate]) -> None:
        """Note a candidate whose files hold beats and that is asked for findings of whole recordings."""
        for candidate in candidates:
            is_asked = entry.candidates is None or candidate.id in entry.candidates
            if is_asked and getattr(candidate.adapter, "gives_only", None) == BEATS:
                facts = {
                    "candidate": candidate.id,
                    "adapter": candidate.adapter_name,
                    "task": entry.task,
                    "known": ", ".join(OF_ANNOTATIONS),
                }
                where = self.where("endpoints", index, "task")
                self.problems.append(Problem(key="protocol.beats_alone", where=where, facts=facts))

    def _check_rhythm(self, index: int, entry: Endpoint, annotator: str) -> None:
        """Note a rhythm that is no code of one, or another spelling of one, and stands in no reference annotation."""
        rhythm = entry.task_options.get("rhythm", ())
        asked = [rhythm] if isinstance(rhythm, str) else rhythm
        labels = {label_of(each): each for each in asked if isinstance(each, str)}
        doubtful = {label for label in labels if label not in RHYTHMS or label in _ALIASES}
        if not doubtful or rhythm == VENTRICULAR_FIBRILLATION:
            return
        there = self._labels_there(annotator)
        for label in sorted(doubtful - there):
            meant = next((name for name, others in ALSO_CALLED.items() if label in others), "")
            facts = {"found": labels[label], "known": ", ".join(sorted(there)) or "—", "nearest": meant}
            key = "protocol.rhythm_nowhere_nearest" if meant else "protocol.rhythm_nowhere"
            where = self.where("endpoints", index, "rhythm")
            self.problems.append(Problem(key=key, where=where, facts=facts))

    def _labels_there(self, annotator: str) -> set[str]:
        """Every label of a rhythm note of the reference."""
        found: set[str] = set()
        for path in self._recordings():
            try:
                beats = annotations_of(path, annotator, self.readers)
            except InputFileError:  # said by the check of the set, and by the run
                continue
            marks = zip(beats.symbols, beats.notes, strict=False)
            found |= {label_of(note) for symbol, note in marks if symbol == "+" and note.startswith("(")}
        return found

    def _is_annotated(self, path: Path, annotator: str) -> bool:
        try:
            return has_annotations(path, annotator, self.readers)
        except InputFileError:  # said by the check of the set, and by the run
            return True

    def _recordings(self) -> Iterator[Path]:
        for case in self.reference_set.cases:
            headers = [name for name in case.files if name.endswith(".hea")]
            for name in (headers or case.files)[:1]:
                yield self.reference_set.root / name
