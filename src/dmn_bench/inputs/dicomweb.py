"""Archives that speak DICOMweb: asked for objects (QIDO-RS), read (WADO-RS) and written to (STOW-RS).

No plain HTTP beyond this machine unless allowed, no proxy or password of the environment, no redirection to another
host, a bound on what is read. A token comes from an environment variable and is in no message.
Reference: DICOM PS3.18.
"""

from __future__ import annotations

import contextlib
import io
import ipaddress
import os
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..errors import MachineError, Problem, collect
from ..files import plain_text
from .dicom_file import dicom_faults, parsing
from .dicom_intake import LIMITS, Intake, Limits, Received, RefusedError, uid_problems

if TYPE_CHECKING:
    from dicomweb_client import DICOMwebClient
    from requests import Response, Session

EXTRA = "dicom-net"
LOOPBACK = ("localhost", "127.0.0.1", "::1", "[::1]")
MOST_PER_PAGE = 1000
MOST_ANSWERS = 100_000
MOST_JSON_BYTES = 256 << 20
MOST_VALUE_CHARACTERS = 1024
CHUNK_BYTES = 1 << 20
TAIL_BYTES = 256  # of a message, among which its end must be
ANY_SYNTAX = (("application/dicom", "*"),)  # as it is stored: without this an archive may transcode
_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, kw_only=True)
class DicomWeb:
    """An archive by the address of its DICOMweb service, ``https://host/dicom-web`` say.

    ``token_variable``: name of the environment variable with a bearer token, "" for none. ``ca_file``: certificates in
    PEM to trust instead of those of the system, "" for these. ``allow_plain_http``: images may travel unencrypted to
    another machine. ``seconds``: to connect, and between two pieces of an answer.
    Every method raises MachineError with every problem in words, naming the address.
    """

    url: str
    token_variable: str = ""
    ca_file: str = ""
    allow_plain_http: bool = False
    seconds: float = 30.0
    limits: Limits = LIMITS

    @property
    def host_and_port(self) -> str:
        """``host:port`` of the service, as a protocol grants it."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"

    def problems(self) -> list[Problem]:
        """What is wrong with the address, before anything is sent: its form, plain HTTP, a password in it."""
        try:
            parts = urlsplit(self.url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            return [self._problem("bad_url")]
        if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
            return [self._problem("bad_url")]
        if parts.username or parts.password:
            return [Problem(key="network.password_in_url", where=host)]
        if parts.scheme == "http" and not is_this_machine(host) and not self.allow_plain_http:
            return [self._problem("plain_http")]
        return []

    def check(self) -> None:
        """Whether there is a client, an address and a token; nothing is sent."""
        with self._client():
            pass

    def find_studies(self, filters: Mapping[str, str]) -> list[Mapping[str, str]]:
        """Studies that match, by DICOM keyword, as text. ``filters``: keyword -> value; wildcards: PS3.18 8.3.4."""
        return self._search("search_for_studies", {}, filters)

    def find_series(self, study_uid: str, filters: Mapping[str, str] | None = None) -> list[Mapping[str, str]]:
        """Series of a study."""
        return self._search("search_for_series", {"study_instance_uid": study_uid}, filters or {})

    def find_instances(self, study_uid: str = "", filters: Mapping[str, str] | None = None) -> list[Mapping[str, str]]:
        """Objects of a study, or of all where it is ""."""
        within = {"study_instance_uid": study_uid} if study_uid else {}
        return self._search("search_for_instances", within, filters or {})

    def retrieve_study(self, study_uid: str, folder: Path) -> tuple[Received, ...]:
        """Fetch every object of a study, in the transfer syntax in which it is stored; ``Intake`` says what is kept."""
        return self._retrieve("iter_study", folder, study_uid)

    def retrieve_series(self, study_uid: str, series_uid: str, folder: Path) -> tuple[Received, ...]:
        """Fetch every object of a series."""
        return self._retrieve("iter_series", folder, study_uid, series_uid)

    def retrieve_instance(self, study_uid: str, series_uid: str, instance_uid: str, folder: Path) -> Received:
        """Fetch one object."""
        kept = self._retrieve("retrieve_instance", folder, study_uid, series_uid, instance_uid)
        return next(each for each in kept if each.sop_instance_uid == instance_uid)

    def store(self, paths: Sequence[Path]) -> None:
        """Send files; the archive must take each."""
        from pydicom import dcmread

        datasets = []
        for path in paths:
            with parsing(path, "dicom_unreadable"):
                datasets.append(dcmread(path))
        with self._client() as client, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            said = client.store_instances(datasets)
        failed = [each for each in said.get("FailedSOPSequence") or ()]
        problems = [
            self._problem("not_stored", uid=_shown(each.get("ReferencedSOPInstanceUID")), status=_reason(each))
            for each in failed
        ]
        collect(problems, MachineError)

    def _search(self, method: str, within: Mapping[str, str], filters: Mapping[str, str]) -> list[Mapping[str, str]]:
        self._check_uids(list(within.values()))
        found: list[Mapping[str, str]] = []
        with self._client() as client:
            while True:
                page = getattr(client, method)(
                    **within, search_filters=dict(filters), limit=MOST_PER_PAGE, offset=len(found) or None
                )
                page = [_as_text(each) for each in page]
                fresh = [each for each in page if each not in found[-MOST_PER_PAGE:]]
                found += fresh
                if len(page) < MOST_PER_PAGE or not fresh:  # some archives know no offset and send the first page again
                    return found
                if len(found) > MOST_ANSWERS:
                    raise MachineError(self._problem("too_many_answers", limit=MOST_ANSWERS))

    def _retrieve(self, method: str, folder: Path, *uids: str) -> tuple[Received, ...]:
        self._check_uids(uids)
        intake = Intake(folder, self.limits)
        with self._client() as client, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = getattr(client, method)(*uids, media_types=ANY_SYNTAX)
            for dataset in [found] if method == "retrieve_instance" else found:
                with contextlib.suppress(RefusedError):  # noted by the intake
                    intake.keep(_encoded(dataset), peer=self.host_and_port)
        collect(intake.problems, MachineError)
        if not intake.received:
            raise MachineError(self._problem("nothing_there"))
        return intake.received

    def _check_uids(self, uids: Sequence[str]) -> None:
        collect(self.problems(), MachineError)
        collect(uid_problems(uids, self.host_and_port), MachineError)

    def _problem(self, key: str, **facts: str | int) -> Problem:
        return Problem(key=f"network.{key}", where=plain_text(self.url, 200), facts=facts)

    @contextlib.contextmanager
    def _client(self) -> Iterator[DICOMwebClient]:
        """The client; whatever it or the archive does wrong inside becomes a MachineError."""
        try:
            import requests
            from dicomweb_client import DICOMwebClient
        except ImportError as error:
            facts = {"package": "dicomweb-client", "extra": EXTRA}
            raise MachineError(Problem(key="network.missing_extra", facts=facts)) from error
        collect(self.problems(), MachineError)
        responses: list[Response] = []
        with self._session(responses) as session:
            client = DICOMwebClient(self.url.rstrip("/"), session=session, chunk_size=CHUNK_BYTES, timeout=self.seconds)
            client.set_http_retry_params(retry=False)
            try:
                yield client
            except requests.HTTPError as error:
                refused = self._problem("web_failed", found=type(error).__name__)
                raise MachineError(refused if error.response is None else self._refused(error.response)) from error
            except requests.exceptions.InvalidJSONError as error:
                raise MachineError(self._problem("web_nonsense", found=type(error).__name__)) from error
            except requests.exceptions.SSLError as error:
                raise MachineError(self._problem("certificate")) from error
            except requests.RequestException as error:
                raise MachineError(self._problem("web_failed", found=type(error).__name__)) from error
            except dicom_faults() as error:
                raise MachineError(self._problem("web_nonsense", found=type(error).__name__)) from error
            finally:
                for response in responses:
                    response.close()

    def _session(self, responses: list[Response]) -> Session:
        import requests

        session = requests.Session()
        session.trust_env = False
        session.verify = self.ca_file or True
        session.max_redirects = 0
        if self.token_variable:
            token = os.environ.get(self.token_variable, "")
            if not _TOKEN.fullmatch(token):
                raise MachineError(self._problem("no_token", variable=self.token_variable))
            session.headers["Authorization"] = f"Bearer {token}"

        def received(response: Response, *_: object, **__: object) -> None:
            responses.append(response)
            self._bound(response)

        session.hooks["response"].append(received)
        return session

    def _bound(self, response: Response) -> None:
        """Give an answer an end, and refuse one that leads elsewhere."""
        if response.is_redirect:
            raise MachineError(self._problem("redirected"))
        is_json = "json" in response.headers.get("Content-Type", "")
        most = MOST_JSON_BYTES if is_json else self.limits.total_bytes
        pieces = response.iter_content

        def bounded(chunk_size: int | None = 1, decode_unicode: bool = False) -> Iterator[Any]:
            n_bytes, tail = 0, b""
            for piece in pieces(chunk_size):  # nobody asks for text
                n_bytes += len(piece)
                tail = (tail + piece[-TAIL_BYTES:])[-TAIL_BYTES:]
                if n_bytes > most:
                    raise MachineError(self._problem("answer_too_long", limit=most))
                yield piece
            if end not in tail:  # the library would take half an object for a whole one
                raise MachineError(self._problem("web_failed", found="end of message missing"))

        end = _end_of_message(response.headers.get("Content-Type", ""))
        response.iter_content = bounded  # type: ignore[method-assign]

    def _refused(self, response: Response) -> Problem:
        keys = {401: "web_unauthorised", 403: "web_unauthorised", 404: "web_not_found", 409: "web_conflict"}
        key = keys.get(response.status_code, "web_status")
        return self._problem(key, status=response.status_code)


def _end_of_message(content_type: str) -> bytes:
    """The bytes with which a multipart message ends; none for any other. Reference: RFC 2046 5.1.1."""
    boundary = re.search(r'(?i)^multipart/.*;\s*boundary=("?)([^";]+)\1', content_type)
    return b"" if boundary is None else f"--{boundary.group(2).strip()}--".encode()


def is_this_machine(host: str) -> bool:
    """Whether what is sent to the host stays on this machine.

    >>> is_this_machine("127.0.0.1"), is_this_machine("pacs.example")
    (True, False)
    """
    if host in LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _as_text(found: Mapping[str, Mapping[str, Any]]) -> Mapping[str, str]:
    """One match in DICOM JSON by keyword; sequences and empty values are left out. Reference: PS3.18 F.2."""
    from pydicom.datadict import keyword_for_tag

    texts = {}
    for tag, element in found.items():
        keyword = keyword_for_tag(int(tag, 16)) if re.fullmatch("[0-9A-Fa-f]{8}", tag) else ""
        values = element.get("Value") or ()
        if keyword and element.get("vr") != "SQ":
            said = "\\".join(_one(value) for value in values)
            if said:
                texts[keyword] = plain_text(said, MOST_VALUE_CHARACTERS)
    return texts


def _one(value: object) -> str:
    if isinstance(value, Mapping):  # a person's name
        return str(value.get("Alphabetic", ""))
    return "" if value is None else str(value)


def _encoded(dataset: Any) -> bytes:
    from pydicom.filewriter import dcmwrite

    stream = io.BytesIO()
    dcmwrite(stream, dataset)
    return stream.getvalue()


def _shown(value: object) -> str:
    return plain_text(str(value or "—"), 64)


def _reason(failed: Any) -> str:
    code = failed.get("FailureReason")
    return "—" if code is None else f"0x{int(code):04X}"
