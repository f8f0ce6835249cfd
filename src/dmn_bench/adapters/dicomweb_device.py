"""Adapter ``dicomweb``: a device behind DICOMweb, or one that works on what lies in an archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import ClassVar

from ..errors import CandidateError, Problem, collect
from ..hookspecs import ChildProgram, FileAdapter, LiveAdapter, hookimpl
from .dicom_rules import DicomRules
from .http_address import address_of
from .pacs_options import CompleteWhen, range_problems, rules_as_json, stray_options
from .web_checks import web_problems

RUNNER = "dmn_bench.adapters.dicomweb_runner:DicomWebRunner"
SOURCE_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class DicomWebDevice:
    """Sends each case as one study by STOW-RS, and asks for results by QIDO-RS until they are there."""

    name: ClassVar[str] = "dicomweb"
    receives: ClassVar[str] = "dicom"

    url: str  # of the DICOMweb service that takes the study: https://host/dicom-web
    results_url: str | None = None  # of the one that has the results; null: the same
    build: str = ""  # what runs there, as the vendor names it: part of what is asked
    token_variable: str = ""  # name of the environment variable with the bearer token, of both
    ca_file: str = ""  # PEM of the authority that signed the certificates; "": those of the system
    allow_unencrypted: bool = False  # http:// to another machine: anyone on the way can read and change the images
    poll_seconds: float = 2.0  # from one question to the next
    modalities: tuple[str, ...] = ()  # of the objects that are fetched, as SR or SEG; (): all that we did not send
    whole_archive: bool = False  # look beyond the study that was sent: into studies that are new since
    complete_when: CompleteWhen = field(default_factory=CompleteWhen)  # all that there is to come has come
    seconds_to_answer: float | None = None  # for one case; null: the time for a case
    seconds_to_respond: float = 30.0  # to connect, and between two pieces of a reply
    most_objects: int = 1000  # that are taken for one case
    most_mb: int = 1024  # MiB of one object
    dicom: DicomRules = field(default_factory=DicomRules)  # how the objects are read

    def program(self, base: Path, entry_options: Mapping[str, object]) -> ChildProgram:
        """Our own client under our own interpreter; see ``LiveAdapter.program``."""
        collect(self._problems(base, entry_options), CandidateError)
        ca_file = self._ca_file(base)
        options = {**asdict(self), "dicom": rules_as_json(self.dicom), "ca_file": str(ca_file or "")}
        addresses = [address_of(url) for url in (self.url, self.results_url or self.url)]
        return ChildProgram(
            entry=RUNNER,
            import_paths=(SOURCE_ROOT,),
            options=options,
            readable=() if ca_file is None else (ca_file,),
            where="elsewhere",
            hosts=tuple(dict.fromkeys(address.host_and_port for address in addresses if address is not None)),
            environment=(self.token_variable,) if self.token_variable else (),
        )

    def identity(self, base: Path) -> Mapping[str, str]:
        """No file: a device is what its options declare, which are part of the hash of what is asked as they are."""
        return {}

    def _ca_file(self, base: Path) -> Path | None:
        return (base / Path(self.ca_file).expanduser()).absolute() if self.ca_file else None

    def _problems(self, base: Path, entry_options: Mapping[str, object]) -> list[Problem]:
        where = str(base)
        problems = stray_options(entry_options, where)
        for url in dict.fromkeys((self.url, self.results_url or self.url)):
            problems += web_problems(url, self.token_variable, self.allow_unencrypted, where)
        problems += range_problems(
            where,
            poll_seconds=(self.poll_seconds, 0.05, 3600),
            seconds_to_answer=(self.seconds_to_answer, 0.01, 86400),
            seconds_to_respond=(self.seconds_to_respond, 0.01, 3600),
            most_objects=(self.most_objects, 1, 100_000),
            most_mb=(self.most_mb, 1, 4096),
        )
        ca_file = self._ca_file(base)
        if ca_file is not None and not ca_file.is_file():
            problems.append(
                Problem(key="pacs.no_file", where=where, facts={"option": "ca_file", "found": self.ca_file})
            )
        if self.whole_archive and not self.modalities:
            problems.append(Problem(key="pacs.needed", where=where, facts={"option": "modalities"}))
        return problems


@hookimpl
def register_adapters() -> list[type[LiveAdapter] | type[FileAdapter]]:
    """The adapter for DICOMweb."""
    return [DicomWebDevice]  # type: ignore[list-item]  # it receives DICOM, whatever the options
