"""Where studies are imported from: a DICOMweb archive or a DICOM node, asked alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..errors import MachineError, Problem, collect
from ..inputs.dicom_network import Node, StorageServer
from ..inputs.dicomweb import DicomWeb

RETURNED = ("StudyInstanceUID", "AccessionNumber", "PatientID", "StudyDate", "StudyDescription", "ModalitiesInStudy")
SECONDS_FOR_THE_LAST = 30.0  # an object that was sent is kept by then

Found = Mapping[str, str]
"""What an archive says of a study, by DICOM keyword."""


class Archive(Protocol):
    """Whoever keeps studies."""

    @property
    def name(self) -> str:
        """As problems and progress name it."""
        ...

    def find(self, filters: Mapping[str, str]) -> Sequence[Found]:
        """Studies that match; ``filters``: DICOM keyword -> value, wildcards and ranges as in PS3.4 C.2.2.2."""
        ...

    def retrieve(self, study_uid: str, folder: Path) -> Sequence[Path]:
        """Every object of a study, as it is stored, in ``folder``. Raises MachineError if one is missing."""
        ...


@dataclass(frozen=True, kw_only=True)
class WebArchive:
    """An archive that speaks DICOMweb."""

    web: DicomWeb

    @property
    def name(self) -> str:
        """Its address."""
        return self.web.url

    def find(self, filters: Mapping[str, str]) -> Sequence[Found]:
        """By QIDO-RS."""
        return self.web.find_studies(filters)

    def retrieve(self, study_uid: str, folder: Path) -> Sequence[Path]:
        """By WADO-RS."""
        return [each.path for each in self.web.retrieve_study(study_uid, folder)]


@dataclass(frozen=True, kw_only=True)
class NodeArchive:
    """An archive that speaks DIMSE and sends by C-MOVE to us: it must know our AE title, address and port."""

    node: Node
    port: int
    bind: str = "127.0.0.1"

    @property
    def name(self) -> str:
        """Its address."""
        return self.node.address

    def find(self, filters: Mapping[str, str]) -> Sequence[Found]:
        """By C-FIND."""
        return self.node.find({**dict.fromkeys(RETURNED, ""), **filters})

    def retrieve(self, study_uid: str, folder: Path) -> Sequence[Path]:
        """By C-MOVE to a server of ours that listens meanwhile."""
        ours = self.node.our_ae_title
        with StorageServer(
            ae_title=ours, port=self.port, folder=folder, accept_from=(self.node.ae_title,), bind=self.bind
        ) as server:
            moved = self.node.move(study_uid, ours)
            server.wait(moved.completed - 1, seconds=SECONDS_FOR_THE_LAST)
            collect(list(server.problems), MachineError)
            received = [each for each in server.received if each.study_instance_uid == study_uid]
        if len(received) < moved.completed or moved.remarks:
            facts: dict[str, str | int] = {"expected": moved.completed, "found": len(received)}
            incomplete = Problem(key="pacs_import.incomplete", where=self.name, facts=facts)
            raise MachineError(*(moved.remarks or (incomplete,)))
        return [each.path for each in received]
