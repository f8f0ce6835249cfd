"""The client of a vendor's server: instantiated by the shim inside a child of ours. The only place for HTTP."""

from __future__ import annotations

import contextlib
import email.utils
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit
from weakref import WeakSet

import requests
import urllib3

from ..catalogue.options import build
from .http_device import HttpDevice
from .http_exchange import Message, Reply, ServerError
from .http_secret import reply_without, without
from .json_form import JsonForm
from .open_inference_form import OpenInferenceForm

SECONDS_OF_A_CASE = 60.0  # where the harness does not say
SPARE_SECONDS = 2.0  # of the time for a case, in which we still answer ourselves; at most a tenth of it
FIRST_WAIT_SECONDS = 0.25  # before the same message is sent again; doubled each time
READY_EVERY_SECONDS = 0.5
PIECE_BYTES = 1 << 20
BUSY = (429, 503)

Found = TypeVar("Found")


class HttpRunner:
    """Answers requests by a server, as ``HttpDevice.program`` describes it."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Wait until the server is ready and compare what it says of itself with what was declared."""
        device = build(
            HttpDevice, with_class_numbers(options), facts={"kind": "adapter", "name": "http", "provider": ""}
        )
        if not isinstance(device, HttpDevice):
            raise TypeError(f"options of {type(device).__name__}")
        self._token = _token(device.token_variable)
        self._client = Client(device, self._token)
        self._form: JsonForm | OpenInferenceForm
        with self._hidden(), self._client.time_of(device.seconds_to_be_ready + device.seconds_to_connect):
            if device.form == "json":
                self._client.wait_until_somebody_listens()
                self._form = JsonForm(device, self._client)
            else:
                self._client.wait_until_ready("/v2/health/ready")
                self._form = OpenInferenceForm(device, self._client)

    @property
    def repeats(self) -> list[str]:
        """Why messages were sent again for the last question, once for each time."""
        return [without(self._token, reason) for reason in self._client.repeats]

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The server's answer; what it sent is hidden from nobody but for the token."""
        return self.answer_batch([request])[0]

    def answer_batch(self, requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The server's answers, in the order of the requests."""
        self._client.repeats.clear()
        with self._hidden(), self._client.time_of(self._client.seconds_for_a_case * len(requests)):
            answers = self._form.answers(requests)
        return [without(self._token, answer) for answer in answers]

    @contextlib.contextmanager
    def _hidden(self) -> Any:
        """Errors say nothing of the token, whoever quoted it."""
        try:
            yield
        except Exception as error:  # whatever it was, its text goes into a ledger
            text = without(self._token, f"{error}")
            raise RuntimeError(text if isinstance(error, ServerError) else f"{type(error).__name__}: {text}") from None


class Client:
    """One session with one server: no proxy, no redirect, no cookie, no data of the environment; bounded in all ways.

    Not thread-safe. An ``Exchange``.
    """

    def __init__(self, device: HttpDevice, token: str) -> None:
        self.repeats: list[str] = []
        limit = float(os.environ.get("DMN_BENCH_SECONDS_PER_CASE", SECONDS_OF_A_CASE))
        self.seconds_for_a_case = limit - min(SPARE_SECONDS, limit / 10)
        if device.seconds_to_answer is not None:
            self.seconds_for_a_case = min(self.seconds_for_a_case, device.seconds_to_answer)
        self._device = device
        self._token = token
        self._seconds = self._deadline = 0.0
        self._open_session()

    @contextlib.contextmanager
    def time_of(self, seconds: float) -> Any:
        """The time that all messages inside have together."""
        self._seconds, self._deadline = seconds, time.monotonic() + seconds
        yield

    def seconds_left(self) -> float:
        """See ``Exchange``."""
        return self._deadline - time.monotonic()

    def wait_until_somebody_listens(self) -> None:
        """Connect and say nothing, for a server that has no question about its health. Raises ServerError."""
        parts = urlsplit(self._device.url)
        address = (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        end = time.monotonic() + self._device.seconds_to_be_ready
        while True:
            try:
                socket.create_connection(address, timeout=self._device.seconds_to_connect).close()
            except OSError as error:
                if time.monotonic() + READY_EVERY_SECONDS >= end:
                    raise ServerError(
                        f"nobody answers at {address[0]}:{address[1]} ({error.strerror or error})"
                    ) from None
                time.sleep(READY_EVERY_SECONDS)
            else:
                return

    def wait_until_ready(self, path: str) -> None:
        """Ask until the server says that it is ready. Raises ServerError when the time is over."""
        end = time.monotonic() + self._device.seconds_to_be_ready
        while True:
            try:
                reply = self._once(Message(path=path))
                if reply.is_success:
                    return
                reason = f"the server is not ready: HTTP {reply.status} {reply.phrase}"
            except _Unsent as error:
                reason = str(error)
            if time.monotonic() + READY_EVERY_SECONDS >= end:
                raise ServerError(reason)
            time.sleep(READY_EVERY_SECONDS)

    def __call__(self, message: Message) -> Reply:
        """The reply; what the server never processed, or said that it had no time for, is sent again."""
        wait = FIRST_WAIT_SECONDS
        for left in range(self._device.retries, -1, -1):
            try:
                reply = self._once(message)
                if reply.status not in BUSY or not left:
                    return reply
                asked = _retry_after(reply.headers.get("retry-after"))
                pause, reason = wait if asked is None else asked, f"HTTP {reply.status} {reply.phrase}"
            except _Unsent as error:
                if not left:
                    raise ServerError(f"{error}; sent {1 + self._device.retries} times", is_answered=True) from None
                pause, reason = wait, str(error)
            if pause >= self.seconds_left():
                raise ServerError(f"{reason}; no time is left to ask again in {pause:g} s")
            time.sleep(pause)
            wait *= 2
            self.repeats.append(reason)
        raise ServerError("nothing was sent")

    def _once(self, message: Message) -> Reply:
        """One message and its reply, or ServerError; _Unsent where nothing came back and it may be sent again."""
        seconds = self.seconds_left()
        if seconds <= 0:
            raise ServerError("no time is left for a further message", is_answered=False)
        try:
            reply = _within(seconds, lambda: self._exchanged(message, seconds))
        except (TimeoutError, requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError):
            self._end_connections()
            self._open_session()
            raise ServerError(f"no whole reply within {self._seconds:.1f} s", is_answered=False) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            self._open_session()
            _raise_as_ours(error)
        except ServerError:
            self._open_session()  # what is left of that reply must not be taken for the next one
            raise
        else:
            self._session.close()  # nor a second reply to this message
            return reply

    def _exchanged(self, message: Message, seconds: float) -> Reply:
        device = self._device
        with self._session.request(
            message.method,
            device.url.rstrip("/") + message.path,
            headers={**message.headers, **self._secret_headers()},
            data=message.fields if message.files else message.body,
            files=[(field, (name, content)) for field, name, content in message.files] or None,
            timeout=(min(device.seconds_to_connect, seconds), seconds),
            allow_redirects=False,
            stream=True,
        ) as response:
            coding = response.headers.get("Content-Encoding", "identity")
            if coding.strip().lower() not in ("", "identity"):
                raise ServerError(f"the server packed its reply ({coding[:40]}), which was not asked for")
            body = self._body(response)
            headers = {name.lower(): without(self._token, value) for name, value in response.headers.items()}
            phrase = without(self._token, response.reason or "")
            body = reply_without(self._token, body)  # before it is cut, which would leave a part of the secret
            return Reply(status=response.status_code, phrase=phrase, headers=headers, body=body)

    def _body(self, response: requests.Response) -> bytes:
        most = self._device.max_answer_mb * 1024 * 1024
        data = bytearray()
        while piece := response.raw.read(PIECE_BYTES, decode_content=False):
            data += piece
            if len(data) > most:
                raise ServerError(f"the reply is larger than {self._device.max_answer_mb} MiB (max_answer_mb)")
        return bytes(data)

    def _secret_headers(self) -> dict[str, str]:
        if not self._token:
            return {}
        name = self._device.token_header
        return {name: f"Bearer {self._token}" if name.lower() == "authorization" else self._token}

    def _end_connections(self) -> None:
        """Let go of a server that goes on dripping: whoever still reads from it is told that it has ended."""
        for connection in list(self._opened):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _open_session(self) -> None:
        device = self._device
        self._opened: WeakSet[socket.socket] = WeakSet()
        self._session = requests.Session()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Remembering(self._opened))
        self._session.trust_env = False  # no proxies, no .netrc, no certificates of the environment
        self._session.verify = device.ca_file or True
        if device.client_certificate is not None:
            key = device.client_key
            self._session.cert = device.client_certificate if key is None else (device.client_certificate, key)
        self._session.headers.update({"User-Agent": "dmn-bench", "Accept-Encoding": "identity"})
        self._session.cookies.set_policy(_NO_COOKIES)


class _Remembering(requests.adapters.HTTPAdapter):
    """Opens connections as ever, and keeps note of them, so that they can be ended from outside."""

    def __init__(self, opened: WeakSet[socket.socket]) -> None:
        self._opened = opened
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        pools = {"http": urllib3.HTTPConnectionPool, "https": urllib3.HTTPSConnectionPool}
        self.poolmanager.pool_classes_by_scheme = {name: _kept(pool, self._opened) for name, pool in pools.items()}


def _kept(pool: Any, opened: WeakSet[socket.socket]) -> Any:
    class Connection(pool.ConnectionCls):  # type: ignore[misc]
        def connect(self) -> None:
            super().connect()
            opened.add(self.sock)

    return type(pool.__name__, (pool,), {"ConnectionCls": Connection})


class _Unsent(Exception):
    """Nothing came back, and the message may be sent again."""


class _NoCookies(requests.cookies.cookielib.DefaultCookiePolicy):  # type: ignore[name-defined,misc]
    def set_ok(self, cookie: object, request: object) -> bool:
        return False


_NO_COOKIES = _NoCookies()


def _raise_as_ours(error: Exception) -> NoReturn:
    """The exceptions of requests and urllib3 as what they mean for a case. Raises _Unsent, ServerError."""
    reason = _innermost(error)
    if isinstance(error, requests.exceptions.SSLError):
        raise ServerError(f"no trusted connection: {reason}") from None
    if isinstance(error, requests.ConnectTimeout):
        raise _Unsent("no connection within the time to connect") from None
    if isinstance(reason, urllib3.exceptions.NewConnectionError | ConnectionRefusedError | socket.gaierror):
        raise _Unsent(f"no connection: {_plain(reason)}") from None
    is_before_reply = isinstance(error, requests.ConnectionError)
    if is_before_reply and isinstance(reason, ConnectionError):  # reset, broken pipe, closed without a reply
        raise _Unsent(f"the connection ended before a reply: {_plain(reason)}") from None
    if isinstance(error, urllib3.exceptions.ProtocolError) or isinstance(reason, ConnectionError):
        raise ServerError(f"the connection ended in the middle of a reply: {_plain(reason)}") from None
    raise ServerError(f"the reply is no HTTP: {type(reason).__name__}: {_plain(reason)}") from None


def _innermost(error: BaseException) -> BaseException:
    """The exception that others were made from: urllib3 keeps it as a reason, or among the arguments."""
    for inner in (getattr(error, "reason", None), *error.args):
        if isinstance(inner, BaseException) and inner is not error:
            return _innermost(inner)
    return error


def _plain(error: BaseException) -> str:
    return re.sub(r"<[^>]*>(: )?|0x[0-9a-f]+", "", str(error)) or type(error).__name__


def _within(seconds: float, work: Callable[[], Found]) -> Found:
    """What ``work`` returns or raises; TimeoutError after that time, whatever it waits for."""
    found: list[Found] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            found.append(work())
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError
    if raised:
        raise raised[0]
    return found[0]


def _retry_after(value: str | None) -> float | None:
    """Seconds to wait as the header says: a number, or a date. None where it says nothing that can be read."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value.strip()[:9])
    with contextlib.suppress(ValueError, TypeError):
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    return None


def _token(variable: str | None) -> str:
    """The secret that the variable holds; raises ServerError without showing anything of it."""
    if variable is None:
        return ""
    token = os.environ.get(variable, "").strip()
    if not token:
        raise ServerError(f"the environment variable {variable} is not set: it holds the token for the server")
    if not re.fullmatch("[\x21-\x7e]+", token):
        raise ServerError(f"the environment variable {variable} holds characters that no token has")
    return token


def with_class_numbers(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as they were before they were JSON, which makes a text of the number of a class."""
    outputs = options.get("output") or ()
    listed = [outputs] if isinstance(outputs, Mapping) else outputs
    read = [{**output, **_boxes_of(output)} for output in listed]
    return {**options, "output": read or None}


def _boxes_of(output: Mapping[str, Any]) -> dict[str, Any]:
    boxes = output.get("boxes")
    if not boxes:
        return {}
    findings = {int(number): finding for number, finding in (boxes.get("findings") or {}).items()}
    return {"boxes": {**boxes, "findings": findings}}
