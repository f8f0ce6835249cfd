"""Adapter ``http``: a vendor's server, asked by our own client: Open Inference Protocol, or JSON of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, Literal

from ..errors import CandidateError, MachineError, Problem, collect
from ..hookspecs import ChildProgram, FileAdapter, LiveAdapter, hookimpl
from ..vocabulary import Label
from .http_address import Address, address_of
from .http_checks import json_problems, limit_problems, open_inference_problems, secret_problems
from .http_description import JsonRequest, JsonResponse, Poll
from .json_request import receives
from .numbered_grades import NumberedGrades
from .onnx_description import ImageInput, Output, SignalInput
from .onnx_model import numbered_grades_of

RUNNER = "dmn_bench.adapters.http_runner:HttpRunner"
SOURCE_ROOT = Path(__file__).parents[2]
OPEN_INFERENCE_ONLY = ("model", "version", "input", "signals", "output", "metadata_sha256")
JSON_ONLY = ("request", "response", "poll", "labels", "findings", "ignore_findings")
TLS_FILES = ("ca_file", "client_certificate", "client_key")


@dataclass(frozen=True, kw_only=True)
class HttpDevice:
    """Asks a server that the vendor or the hospital runs. Images leave this machine for the address in ``url``."""

    name: ClassVar[str] = "http"

    url: str  # where the server is: https://ai.example:8443, with a path in front of all others where it has one
    form: Literal["open-inference", "json"]  # Open Inference Protocol v2 (KServe, Triton, MLServer …), or its own JSON
    build: str = ""  # what runs there, as the vendor names it: part of what is asked
    # open-inference
    model: str | None = None  # its name at the server
    version: str | None = None  # of the model; null: the one that the server takes, the same for all cases
    input: ImageInput | None = None  # how an image is prepared, as for ``onnx``; or
    signals: SignalInput | None = None  # how a recording is prepared
    output: Output | tuple[Output, ...] | None = None  # what the outputs mean, as for ``onnx``
    data: Literal["binary", "json"] = "binary"  # how tensors are written
    batch: int = 1  # tensors in one message, at most
    batch_axis: bool = True  # false: the model takes one case without an axis for the batch
    metadata_sha256: str | None = None  # of what the server says of itself; null: not compared
    # json
    request: JsonRequest | None = None  # what is sent
    response: JsonResponse | None = None  # where the answer is in the reply
    poll: Poll | None = None  # how the result is fetched from a server that answers later
    labels: Mapping[Label, tuple[str, ...]] = field(default_factory=dict)  # our label -> the vendor's words
    findings: Mapping[str, str] = field(default_factory=dict)  # the vendor's word in marks -> ours
    ignore_findings: tuple[str, ...] = ()  # the vendor's words in marks that are left out
    # the connection
    allow_unencrypted: bool = False  # http:// to another machine: anyone on the way can read and change the images
    ca_file: str | None = None  # PEM of the authority that signed the server's certificate; null: the public ones
    client_certificate: str | None = None  # PEM by which we are known to the server
    client_key: str | None = None  # its key, where it is another file
    token_variable: str | None = None  # name of the environment variable that holds the token
    token_header: str = "Authorization"  # as "Bearer …"; any other header gets the token alone
    seconds_to_connect: float = 5.0
    seconds_to_be_ready: float = 30.0  # waited at the start for a server that is being loaded
    seconds_to_answer: float | None = None  # for one case with all that is sent again; null: the time for a case
    retries: int = 2  # times that a message is sent again which the server did not take
    resend_after_timeout: bool = False  # true: also one that the server may have worked on; uses ``attempts``
    rejects: tuple[int, ...] = ()  # HTTP statuses by which it says: not this kind of input
    max_answer_mb: int = 64  # MiB of one reply

    @property
    def receives(self) -> str:
        """What the server is sent: decoded arrays, or de-identified copies of files."""
        return "array" if self.request is None else receives(self.request)

    def outputs(self) -> Sequence[Output]:
        """The described outputs, however many."""
        if self.output is None:
            return ()
        return (self.output,) if isinstance(self.output, Output) else self.output

    @property
    def numbered_grades(self) -> Sequence[NumberedGrades]:
        """The grades that the elements of the outputs stand for."""
        return numbered_grades_of(self.outputs())

    def program(self, base: Path, entry_options: Mapping[str, object]) -> ChildProgram:
        """Our own client under our own interpreter; see ``LiveAdapter.program``."""
        if find_spec("requests") is None:
            facts = {"package": "requests", "extra": "http"}
            raise MachineError(Problem(key="http_device.missing_extra", where=self.url, facts=facts))
        address = address_of(self.url)
        collect(self._problems(base, address, entry_options), CandidateError)
        files = {name: str(path) for name, path in self._files(base).items()}
        return ChildProgram(
            entry=RUNNER,
            import_paths=(SOURCE_ROOT,),
            options={**asdict(self), **files},
            readable=tuple(Path(path) for path in files.values()),
            batch=self.batch,
            where="elsewhere",
            hosts=() if address is None else (address.host_and_port,),
            environment=() if self.token_variable is None else (self.token_variable,),
        )

    def identity(self, base: Path) -> Mapping[str, str]:
        """No file: a server is what its options declare, which are part of the hash of what is asked as they are.

        What it says of itself is compared with them whenever the client begins; the network is not asked here.
        """
        return {}

    def _files(self, base: Path) -> dict[str, Path]:
        named = {name: getattr(self, name) for name in TLS_FILES}
        return {name: (base / Path(path).expanduser()).absolute() for name, path in named.items() if path is not None}

    def _problems(self, base: Path, address: Address | None, entry_options: Mapping[str, object]) -> list[Problem]:
        problems = [
            Problem(
                key="http_device.no_further_options", where=self.url, facts={"found": ", ".join(sorted(entry_options))}
            )
        ] * bool(entry_options)
        problems += self._address_problems(base, address)
        problems += [*secret_problems(self), *limit_problems(self)]
        stray = JSON_ONLY if self.form == "open-inference" else OPEN_INFERENCE_ONLY
        problems += [
            Problem(key="http_device.option_of_other_form", where=self.url, facts={"option": name, "form": self.form})
            for name in stray
            if getattr(self, name)
        ]
        return problems + (open_inference_problems(self) if self.form == "open-inference" else json_problems(self))

    def _address_problems(self, base: Path, address: Address | None) -> list[Problem]:
        if address is None:
            return [Problem(key="http_device.url", where=str(base), facts={"found": self.url.rpartition("@")[2]})]
        problems = []
        if not address.is_encrypted and not address.is_this_machine and not self.allow_unencrypted:
            problems.append(Problem(key="http_device.unencrypted", where=self.url, facts={"host": address.host}))
        files = self._files(base)
        if files and not address.is_encrypted:
            facts = {"option": ", ".join(files)}
            problems.append(Problem(key="http_device.certificates_unused", where=self.url, facts=facts))
        if self.client_key is not None and self.client_certificate is None:
            problems.append(Problem(key="http_device.key_alone", where=self.url))
        for name, path in files.items():
            if not path.is_file():
                facts = {"option": name, "found": str(getattr(self, name))}
                problems.append(Problem(key="http_device.no_file", where=str(base), facts=facts))
        return problems


@hookimpl
def register_adapters() -> list[type[LiveAdapter] | type[FileAdapter]]:
    """The adapter for servers."""
    return [HttpDevice]  # type: ignore[list-item]  # receives follows from the request
