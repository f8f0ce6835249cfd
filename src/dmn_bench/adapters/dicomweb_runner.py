"""The client of a device or archive behind DICOMweb: instantiated by the shim inside the child."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import MachineError
from ..inputs.dicom_intake import Limits
from ..inputs.dicomweb import DicomWeb
from .late_results import Late
from .pacs_options import CompleteWhen, rules_from_json
from .result_collecting import Collector, DeviceError, in_words
from .result_sources import Polling, WebArchive

MIB = 1 << 20


class DicomWebRunner:
    """Answers requests by a device, as ``DicomWebDevice.program`` describes it."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Check the token; nothing is sent. Raises DeviceError if it is missing."""
        web = DicomWeb(
            url=options["url"],
            token_variable=options["token_variable"],
            ca_file=options["ca_file"],
            allow_plain_http=options["allow_unencrypted"],
            seconds=options["seconds_to_respond"],
            limits=Limits(objects=options["most_objects"], object_bytes=options["most_mb"] * MIB),
        )
        try:
            web.check()
        except MachineError as error:
            raise DeviceError(in_words(error.problems)) from error
        results = replace(web, url=options["results_url"] or web.url)
        source = Polling(
            archive=WebArchive(web=results, folder=Path(tempfile.mkdtemp(prefix="results-"))),
            poll_seconds=options["poll_seconds"],
            modalities=options["modalities"],
            whole_archive=options["whole_archive"],
        )
        self.collector = Collector(
            send=web.store,
            source=source,
            complete_when=CompleteWhen(**options["complete_when"]),
            rules=rules_from_json(options["dicom"]),
            seconds=options["seconds_to_answer"],
        )

    @property
    def late_results(self) -> list[Late]:
        """What came since the request before the last that is about none, or about one that is over."""
        return self.collector.late

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """What the device's objects say of the request. Raises DeviceError with the reason why they say nothing."""
        return self.collector.answer(request)
