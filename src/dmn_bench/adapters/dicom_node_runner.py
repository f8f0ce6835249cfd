"""The client of a DICOM node: instantiated by the shim inside the child, with a port of its own for results."""

from __future__ import annotations

import atexit
import contextlib
import socket
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import MachineError
from ..inputs.dicom_intake import Limits
from ..inputs.dicom_network import Node, StorageServer, Tls
from ..inputs.dicomweb import DicomWeb, is_this_machine
from .late_results import Late
from .pacs_options import CompleteWhen, rules_from_json
from .result_collecting import Collector, DeviceError, Source, in_words, print_line
from .result_sources import Listening, NodeArchive, Polling, WebArchive

MIB = 1 << 20
SECONDS_BETWEEN_ECHOES = 0.5


class DicomNodeRunner:
    """Answers requests by a device, as ``DicomNode.program`` describes it."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Open our port and ask whether the device is there. Raises DeviceError if either fails."""
        self._options = options
        self._limits = Limits(objects=options["most_objects"], object_bytes=options["most_mb"] * MIB)
        self._node = self._peer(options)
        self._closing = contextlib.ExitStack()
        atexit.register(self.close)
        try:
            server = None if options["listen_port"] is None else self._listening()
            self._wait_until_ready()
        except MachineError as error:
            raise DeviceError(in_words(error.problems)) from error
        self.collector = Collector(
            send=self._send,
            source=self._source(server),
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

    def close(self) -> None:
        """Close our port."""
        self._closing.close()

    def _send(self, paths: Sequence[Path]) -> None:
        for remark in self._node.store(paths).remarks:
            print_line(in_words([remark]))

    def _peer(self, described: Mapping[str, Any]) -> Node:
        files = self._options["tls"]
        return Node(
            host=described["host"],
            port=described["port"],
            ae_title=described["ae_title"],
            our_ae_title=self._options["our_ae_title"],
            tls=None if files is None else Tls(**{name: Path(path) for name, path in files.items()}),
            seconds_to_connect=self._options["seconds_to_connect"],
            seconds_to_answer=self._options["seconds_to_respond"],
        )

    def _listening(self) -> StorageServer:
        options, there = self._options, self._options["results_from"]
        peers = [options["host"], *([there["host"]] if there and there["kind"] == "dicom-node" else [])]
        near = all(is_this_machine(peer) for peer in peers)
        server = StorageServer(
            ae_title=options["our_ae_title"],
            port=options["listen_port"],
            folder=Path(tempfile.mkdtemp(prefix="results-")),
            accept_from=options["accept_from"] or addresses_of(peers),
            bind=options["listen_address"] or ("127.0.0.1" if near else "0.0.0.0"),
            tls=self._node.tls,
            limits=self._limits,
            seconds=options["seconds_to_respond"],
        )
        return self._closing.enter_context(server)

    def _source(self, server: StorageServer | None) -> Source:
        there = self._options["results_from"]
        if there is None and server is not None:
            return Listening(server=server)
        if there["kind"] == "dicom-node" and server is not None:
            archive: NodeArchive | WebArchive = NodeArchive(node=self._peer(there), server=server)
        else:
            archive = WebArchive(web=self._web(there), folder=Path(tempfile.mkdtemp(prefix="results-")))
        return Polling(
            archive=archive,
            poll_seconds=there["poll_seconds"],
            modalities=there["modalities"],
            whole_archive=there["whole_archive"],
        )

    def _web(self, there: Mapping[str, Any]) -> DicomWeb:
        return DicomWeb(
            url=there["url"],
            token_variable=there["token_variable"],
            ca_file=there["ca_file"],
            allow_plain_http=there["allow_unencrypted"],
            seconds=self._options["seconds_to_respond"],
            limits=self._limits,
        )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + self._options["seconds_to_be_ready"]
        while time.monotonic() < deadline:
            try:
                self._node.echo()
            except MachineError:
                if time.monotonic() + SECONDS_BETWEEN_ECHOES >= deadline:
                    raise
                time.sleep(SECONDS_BETWEEN_ECHOES)
            else:
                return


def addresses_of(hosts: Sequence[str]) -> list[str]:
    """Every IP address of the hosts. Raises DeviceError for one that has none."""
    found: dict[str, None] = {}
    for host in hosts:
        try:
            found.update(dict.fromkeys(str(entry[4][0]) for entry in socket.getaddrinfo(host, None)))
        except OSError as error:
            raise DeviceError(f"{host} has no address: {error.strerror or error}") from error
    return list(found)
