"""Adapter ``dicom-node``: a device that takes studies by C-STORE and answers with DICOM objects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from ..errors import CandidateError, Problem, collect
from ..hookspecs import ChildProgram, FileAdapter, LiveAdapter, hookimpl
from .dicom_rules import DicomRules
from .http_address import address_of
from .pacs_options import CompleteWhen, TlsFiles, range_problems, rules_as_json, stray_options
from .web_checks import web_problems

RUNNER = "dmn_bench.adapters.dicom_node_runner:DicomNodeRunner"
SOURCE_ROOT = Path(__file__).parents[2]
AE_TITLE = re.compile(r"[\x21-\x5b\x5d-\x7e]([\x20-\x5b\x5d-\x7e]{0,14}[\x21-\x5b\x5d-\x7e])?")  # PS3.5 6.2: AE


@dataclass(frozen=True, kw_only=True)
class ResultsFrom:
    """An archive in which the device's results are found, where the device does not send them to us."""

    kind: Literal["dicom-node", "dicomweb"]  # asked by C-FIND and C-MOVE, or by QIDO-RS and WADO-RS
    host: str = ""  # of a DICOM node
    port: int = 104
    ae_title: str = ""
    url: str = ""  # of a DICOMweb service
    token_variable: str = ""  # name of the environment variable with its bearer token
    ca_file: str = ""  # PEM of the authority that signed its certificate; "": those of the system
    allow_unencrypted: bool = False  # http:// to another machine
    poll_seconds: float = 2.0  # from one question to the next
    modalities: tuple[str, ...] = ()  # of the objects that are fetched, as SR or SEG; (): all that we did not send
    whole_archive: bool = False  # look beyond the study that was sent: into studies that are new since


@dataclass(frozen=True, kw_only=True)
class DicomNode:
    """Sends each case as one study to an AE, and waits for the objects about it. Images leave for that address."""

    name: ClassVar[str] = "dicom-node"
    receives: ClassVar[str] = "dicom"

    host: str  # of the device
    port: int
    ae_title: str  # of the device
    our_ae_title: str = "DMNBENCH"  # the device knows us by it, and sends results to it
    build: str = ""  # what runs there, as the vendor names it: part of what is asked
    listen_port: int | None = None  # at which we take results; not needed where they are read by DICOMweb
    listen_address: str | None = None  # of this machine; null: loopback if the device is there, else every address
    accept_from: tuple[str, ...] = ()  # IP addresses and AE titles that may send; (): the addresses of the peers named
    results_from: ResultsFrom | None = None  # null: the device sends to ``listen_port``
    complete_when: CompleteWhen = field(default_factory=CompleteWhen)  # all that there is to come has come
    seconds_to_answer: float | None = None  # for one case; null: the time for a case
    seconds_to_connect: float = 10.0
    seconds_to_respond: float = 30.0  # to each message, and one more for each megabyte in it
    seconds_to_be_ready: float = 30.0  # at the start: until a C-ECHO is answered; 0: not asked
    most_objects: int = 1000  # that are taken for one case
    most_mb: int = 1024  # MiB of one object
    tls: TlsFiles | None = None  # to the device and from it
    dicom: DicomRules = field(default_factory=DicomRules)  # how the objects are read

    def program(self, base: Path, entry_options: Mapping[str, object]) -> ChildProgram:
        """Our own client under our own interpreter; see ``LiveAdapter.program``."""
        collect(self._problems(base, entry_options), CandidateError)
        files = self._files(base)
        options = {**asdict(self), "dicom": rules_as_json(self.dicom)}
        options["tls"] = {name[4:]: str(path) for name, path in files.items() if name.startswith("tls.")} or None
        if self.results_from is not None and "results_from.ca_file" in files:
            options["results_from"]["ca_file"] = str(files["results_from.ca_file"])
        return ChildProgram(
            entry=RUNNER,
            import_paths=(SOURCE_ROOT,),
            options=options,
            readable=tuple(files.values()),
            where="elsewhere",
            hosts=self._hosts(),
            listens=() if self.listen_port is None else (self.listen_port,),
            environment=self._variables(),
            workers=None if self.listen_port is None else 1,
        )

    def identity(self, base: Path) -> Mapping[str, str]:
        """No file: a device is what its options declare, which are part of the hash of what is asked as they are."""
        return {}

    def _hosts(self) -> tuple[str, ...]:
        hosts = [host_and_port(self.host, self.port)]
        there = self.results_from
        if there is not None and there.kind == "dicom-node":
            hosts.append(host_and_port(there.host, there.port))
        address = address_of(there.url) if there is not None and there.kind == "dicomweb" else None
        if address is not None:
            hosts.append(address.host_and_port)
        return tuple(dict.fromkeys(hosts))

    def _variables(self) -> tuple[str, ...]:
        there = self.results_from
        return (there.token_variable,) if there is not None and there.token_variable else ()

    def _files(self, base: Path) -> dict[str, Path]:
        named = {} if self.tls is None else {f"tls.{name}": path for name, path in asdict(self.tls).items() if path}
        if self.results_from is not None and self.results_from.ca_file:
            named["results_from.ca_file"] = self.results_from.ca_file
        return {name: (base / Path(path).expanduser()).absolute() for name, path in named.items()}

    def _problems(self, base: Path, entry_options: Mapping[str, object]) -> list[Problem]:
        where = str(base)
        problems = stray_options(entry_options, where)
        problems += range_problems(
            where,
            port=(self.port, 1, 65535),
            listen_port=(self.listen_port, 1, 65535),
            seconds_to_answer=(self.seconds_to_answer, 0.01, 86400),
            seconds_to_connect=(self.seconds_to_connect, 0.01, 600),
            seconds_to_respond=(self.seconds_to_respond, 0.01, 3600),
            seconds_to_be_ready=(self.seconds_to_be_ready, 0, 3600),
            most_objects=(self.most_objects, 1, 100_000),
            most_mb=(self.most_mb, 1, 4096),
        )
        titles = {"ae_title": self.ae_title, "our_ae_title": self.our_ae_title}
        needs_port = self.results_from is None or self.results_from.kind == "dicom-node"
        if needs_port and self.listen_port is None:
            problems.append(Problem(key="pacs.no_listen_port", where=where))
        for option, path in self._files(base).items():
            if not path.is_file():
                problems.append(Problem(key="pacs.no_file", where=where, facts={"option": option, "found": str(path)}))
        if self.results_from is not None:
            problems += _archive_problems(self.results_from, where)
            if self.results_from.kind == "dicom-node":
                titles["results_from.ae_title"] = self.results_from.ae_title
        wrong = {option: title for option, title in titles.items() if not AE_TITLE.fullmatch(title)}
        problems += [
            Problem(key="pacs.ae_title", where=where, facts={"option": option, "found": title or "—"})
            for option, title in wrong.items()
        ]
        return problems


def host_and_port(host: str, port: int) -> str:
    """As the protocol grants it: "ai.example:104", "[::1]:104"."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _archive_problems(there: ResultsFrom, where: str) -> list[Problem]:
    problems = range_problems(
        where,
        **{"results_from.poll_seconds": (there.poll_seconds, 0.05, 3600), "results_from.port": (there.port, 1, 65535)},
    )
    if there.kind == "dicom-node" and not there.host:
        problems.append(Problem(key="pacs.needed", where=where, facts={"option": "results_from.host"}))
    if there.kind == "dicomweb":
        problems += web_problems(there.url, there.token_variable, there.allow_unencrypted, where)
    if there.whole_archive and not there.modalities:
        problems.append(Problem(key="pacs.needed", where=where, facts={"option": "results_from.modalities"}))
    return problems


@hookimpl
def register_adapters() -> list[type[LiveAdapter] | type[FileAdapter]]:
    """The adapter for DICOM nodes."""
    return [DicomNode]  # type: ignore[list-item]  # it receives DICOM, whatever the options
