"""A vendor's DICOM node as hospitals meet it: takes images, makes a TID 1500 report of each, sends it somewhere.

Its model: the mean of the pixels over 255. ``quirk`` is how it misbehaves, and for which image (by the order received).
"""

from __future__ import annotations

import contextlib
import socketserver
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid

from dmn_bench.inputs.dicom_server import end_line

from .patience import PATIENCE

MANUFACTURER = "Vendor AI"
CLASSES = ("1.2.840.10008.5.1.4.1.1.1.1", "1.2.840.10008.5.1.4.1.1.88.34")
FRACTURE = ("72704001", "SCT", "Fracture")


def the_score(pixels: np.ndarray) -> float:
    return round(float(pixels.mean()) / 255, 6)


def a_report(image: Dataset, score: float) -> Dataset:
    """A Comprehensive 3D SR with TID 1500: one finding with its probability, about one image."""
    import highdicom as hd
    from highdicom.sr.coding import CodedConcept

    group = hd.sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=hd.sr.TrackingIdentifier(uid=hd.UID(), identifier="finding 1"),
        finding_type=CodedConcept(*FRACTURE),
        measurements=[
            hd.sr.Measurement(
                name=CodedConcept("122157", "DCM", "Probability"),
                value=score,
                unit=CodedConcept("1", "UCUM", "no units"),
            )
        ],
        source_images=[hd.sr.SourceImageForMeasurementGroup(image.SOPClassUID, image.SOPInstanceUID)],
    )
    observer = hd.sr.ObserverContext(
        observer_type=CodedConcept("121007", "DCM", "Device"),
        observer_identifying_attributes=hd.sr.DeviceObserverIdentifyingAttributes(uid=hd.UID()),
    )
    report = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(observer_device_context=observer),
        procedure_reported=CodedConcept("399208008", "SCT", "Plain chest X-ray"),
        imaging_measurements=[group],
    )
    return hd.sr.Comprehensive3DSR(
        evidence=[image],
        content=report[0],
        series_instance_uid=hd.UID(),
        series_number=99,
        sop_instance_uid=hd.UID(),
        instance_number=1,
        manufacturer=MANUFACTURER,
        is_complete=True,
        is_final=True,
    )


@dataclass(kw_only=True)
class VendorNode:
    """An SCP "VENDORAI" at ``port``, which the system chooses; results go ``to`` (host, port, AE title), if any."""

    to: tuple[str, int, str] | None = None
    answer: Callable[[VendorNode, Dataset, int], None] | None = None  # instead of the plain answer
    status: Callable[[int], int] = lambda n: 0  # DIMSE status of the nth image
    accepts: Sequence[str] | None = None  # transfer syntaxes
    title: str = "VENDORAI"
    hangs: bool = False  # it responds to no image until it is shut down
    at_once: bool = False  # its results have come before it says that it has the image
    received: list[Dataset] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    port: int = field(default=0, init=False)
    _is_over: threading.Event = field(default_factory=threading.Event)
    _works: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> VendorNode:
        import pynetdicom
        from pynetdicom import evt

        entity = pynetdicom.AE(ae_title=self.title)
        entity.require_called_aet = True
        for sop_class in CLASSES:
            entity.add_supported_context(sop_class, self.accepts or pynetdicom.ALL_TRANSFER_SYNTAXES)
        entity.add_supported_context("1.2.840.10008.1.1")
        self._server: Any = entity.make_server(("127.0.0.1", 0), evt_handlers=[(evt.EVT_C_STORE, self._take)])
        self.port = self._server.server_address[1]
        self._serving = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._serving.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End when all that was begun is done, so that nothing of it falls into what comes next."""
        self._is_over.set()
        for work in self._works:
            work.join(PATIENCE)
        socketserver.BaseServer.shutdown(self._server)
        self._server.server_close()
        self._serving.join()
        for association in self._server.active_associations:
            if association.is_established:
                association.abort()
            else:
                end_line(association)

    def _take(self, event: Any) -> int:
        if self.hangs:
            self._is_over.wait(PATIENCE)
        dataset = event.dataset
        dataset.file_meta = event.file_meta
        self.received.append(dataset)
        n = len(self.received)
        code = self.status(n)
        if code & 0xF000 in (0, 0xB000):
            work = threading.Thread(target=self._work, args=(dataset, n), daemon=True)
            self._works.append(work)
            work.start()
            if self.at_once:
                work.join(PATIENCE)
        return code

    def _work(self, dataset: Dataset, n: int) -> None:
        try:
            if self.answer is not None:
                self.answer(self, dataset, n)
            else:
                self.send([self.report(dataset)])
        except (RuntimeError, ValueError, OSError) as error:
            self.failures.append(repr(error))

    def report(self, dataset: Dataset) -> Dataset:
        return a_report(dataset, the_score(dataset.pixel_array))

    def send(
        self, objects: Sequence[Dataset], *, our_title: str | None = None, syntax: str = ExplicitVRLittleEndian
    ) -> list[int]:
        """Statuses of a C-STORE of each, over one association."""
        import pynetdicom

        if self.to is None:
            raise ValueError("to whom?")
        host, port, title = self.to
        entity = pynetdicom.AE(ae_title=our_title or self.title)
        entity.connection_timeout = entity.acse_timeout = entity.dimse_timeout = PATIENCE
        for sop_class in {each.SOPClassUID for each in objects}:
            entity.add_requested_context(sop_class, syntax)
        association = entity.associate(host, port, ae_title=title)
        if not association.is_established:
            close(association)
            self.failures.append("no association")
            return []
        statuses = []
        for each in objects:
            each.file_meta.TransferSyntaxUID = syntax
            statuses.append(int(association.send_c_store(each).get("Status", -1)))
        association.release()
        close(association)
        return statuses


def close(association: Any) -> None:
    """Close the line of an association that has ended: the library leaves it open where the peer has gone."""
    association.join(PATIENCE)
    line = association.dul.socket
    if line is not None and line.socket is not None:
        line.socket.close()


def retold(report: Dataset, **changes: object) -> Dataset:
    """A report of the same content as another object."""
    import copy

    other = copy.deepcopy(report)
    other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = generate_uid(prefix=None)
    for keyword, value in changes.items():
        setattr(other, keyword, value)
    return other


def cut_in_the_middle(vendor: VendorNode, report: Dataset) -> None:
    """Open an association, begin to send and abort."""
    import pynetdicom

    host, port, title = vendor.to  # type: ignore[misc]
    entity = pynetdicom.AE(ae_title=vendor.title)
    entity.add_requested_context(report.SOPClassUID, ImplicitVRLittleEndian)
    association = entity.associate(host, port, ae_title=title)
    with contextlib.suppress(Exception):
        association.abort()
        close(association)
