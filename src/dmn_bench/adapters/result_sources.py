"""Where results of a device come from: our own port, or an archive that is asked again and again."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from ..errors import Problem
from ..inputs.dicom_intake import Received
from ..inputs.dicom_network import Node, StorageServer
from ..inputs.dicomweb import DicomWeb

EARLIER_STUDIES = 2  # looked at once more after each request


class Place(NamedTuple):
    """Where an archive has an object."""

    study: str
    series: str
    instance: str


@dataclass(kw_only=True)
class Listening:
    """Results that the device sends to our port."""

    server: StorageServer
    _seen: int = 0

    def leftovers(self) -> Sequence[Received]:
        """See ``Source.leftovers``."""
        return self.next(0.0)

    def late(self) -> Sequence[Received]:
        """See ``Source.late``."""
        return self.next(0.0)

    def begin(self, study_uid: str, instance_uids: Sequence[str]) -> None:
        """See ``Source.begin``."""
        self.server.intake.begin()

    def next(self, seconds: float) -> Sequence[Received]:
        """See ``Source.next``."""
        self.server.wait(self._seen, seconds)
        received = self.server.received
        found, self._seen = received[self._seen :], len(received)
        return found

    def problems(self) -> Sequence[Problem]:
        """What the port refused."""
        return self.server.problems


class Archive(Protocol):
    """An archive that can be asked."""

    def studies(self, modality: str) -> set[str]:
        """UIDs of the studies that hold an object of a modality."""
        ...

    def objects(self, study_uid: str, modalities: Sequence[str]) -> Iterator[Place]:
        """Objects of a study; of these modalities, where any is named."""
        ...

    def fetch(self, place: Place) -> Sequence[Received]:
        """Have one object."""
        ...


@dataclass(kw_only=True)
class Polling:
    """Results that lie in an archive: in the study that was sent, or wherever they are new.

    ``whole_archive``: studies that were not there when the request began are looked at too, for devices that put their
    results into studies of their own; ``modalities`` says which objects are fetched then.
    """

    archive: Archive
    poll_seconds: float
    modalities: Sequence[str] = ()
    whole_archive: bool = False
    _study: str = ""
    _fetched: set[str] = field(default_factory=set)
    _earlier: deque[tuple[str, set[str]]] = field(default_factory=lambda: deque(maxlen=EARLIER_STUDIES))
    _before: set[str] = field(default_factory=set)
    _asked: float = 0.0

    def leftovers(self) -> Sequence[Received]:
        """None: an archive keeps what nobody fetches."""
        return ()

    def begin(self, study_uid: str, instance_uids: Sequence[str]) -> None:
        """Note what is there before; see ``Source.begin``."""
        if self._study:
            self._earlier.append((self._study, self._fetched))
        self._study, self._fetched = study_uid, set(instance_uids)
        self._before = self._studies() if self.whole_archive else set()

    def next(self, seconds: float) -> Sequence[Received]:
        """See ``Source.next``; asks no more often than every ``poll_seconds``."""
        wait = self._asked + self.poll_seconds - time.monotonic()
        if wait > 0:
            time.sleep(min(wait, seconds))
            if wait > seconds:
                return []
        self._asked = time.monotonic()
        new = self._studies() - self._before - {self._study, ""} if self.whole_archive else set()
        return [each for study in [self._study, *sorted(new)] for each in self._new_in(study, self._fetched)]

    def late(self) -> Sequence[Received]:
        """What is new in the studies that were sent shortly before; see ``Source.late``."""
        return [each for study, fetched in self._earlier for each in self._new_in(study, fetched)]

    def _new_in(self, study: str, fetched: set[str]) -> list[Received]:
        """Objects of a study beside those fetched, which they then belong to."""
        found: list[Received] = []
        for place in self.archive.objects(study, self.modalities):
            if place.instance not in fetched:
                found += self.archive.fetch(place)
                fetched.add(place.instance)
        return found

    def problems(self) -> Sequence[Problem]:
        """None: what goes wrong is raised."""
        return ()

    def _studies(self) -> set[str]:
        return {study for modality in self.modalities for study in self.archive.studies(modality)}


@dataclass(frozen=True, kw_only=True)
class NodeArchive:
    """An archive asked by C-FIND, which sends to our port by C-MOVE."""

    node: Node
    server: StorageServer

    def studies(self, modality: str) -> set[str]:
        """See ``Archive.studies``."""
        found = self.node.find({"ModalitiesInStudy": modality, "StudyInstanceUID": ""})
        return {each.get("StudyInstanceUID", "") for each in found}

    def objects(self, study_uid: str, modalities: Sequence[str]) -> Iterator[Place]:
        """See ``Archive.objects``."""
        query = {"StudyInstanceUID": study_uid, "SeriesInstanceUID": "", "Modality": ""}
        for series in self.node.find(query, "SERIES"):
            uid = series.get("SeriesInstanceUID", "")
            if not uid or (modalities and series.get("Modality") not in modalities):
                continue
            within = {"StudyInstanceUID": study_uid, "SeriesInstanceUID": uid, "SOPInstanceUID": ""}
            for each in self.node.find(within, "IMAGE"):
                yield Place(study_uid, uid, each.get("SOPInstanceUID", ""))

    def fetch(self, place: Place) -> Sequence[Received]:
        """See ``Archive.fetch``."""
        n_before = len(self.server.received)
        self.node.move(place.study, self.server.ae_title, series_uid=place.series, instance_uid=place.instance)
        return [each for each in self.server.received[n_before:] if each.sop_instance_uid == place.instance]


@dataclass(frozen=True, kw_only=True)
class WebArchive:
    """An archive asked by QIDO-RS and read by WADO-RS."""

    web: DicomWeb
    folder: Path

    def studies(self, modality: str) -> set[str]:
        """See ``Archive.studies``."""
        return {each.get("StudyInstanceUID", "") for each in self.web.find_studies({"ModalitiesInStudy": modality})}

    def objects(self, study_uid: str, modalities: Sequence[str]) -> Iterator[Place]:
        """See ``Archive.objects``."""
        for each in self.web.find_instances(study_uid):
            if not modalities or each.get("Modality") in modalities:
                yield Place(study_uid, each.get("SeriesInstanceUID", ""), each.get("SOPInstanceUID", ""))

    def fetch(self, place: Place) -> Sequence[Received]:
        """See ``Archive.fetch``."""
        return [self.web.retrieve_instance(place.study, place.series, place.instance, self.folder)]
