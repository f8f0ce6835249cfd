"""A server that breaks, lies, hangs or leads elsewhere: the case fails with a reason, and the next one is answered."""

import base64
import gzip
import json
import socket
import struct
import threading
import time
import urllib.parse

import numpy as np
import pytest
import trustme

from dmn_bench.adapters.http_secret import reply_without, without
from tests.patience import PATIENCE, SHORT, until

from .http_kit import TOO_LATE, a_request, a_runner, an_image, as_json, hang, served, server_context

OPTIONS = {
    "form": "json",
    "request": {"path": "/a", "body": {"image": "$image.base64_png"}},
    "response": {"findings": {"fracture": {"score": "/p"}}, "score_unit": "fraction"},
    "seconds_to_answer": PATIENCE,
    "seconds_to_connect": PATIENCE,
}
CASE = a_request(an_image(np.zeros((4, 4), np.uint8)))
SOUND = b'{"p": 0.5}'
TOKEN = "s3cret-T0ken/with+signs=="


def raw(data, *, then=None):
    """A behaviour that writes these bytes and ends the connection."""

    def write(asked, handler):
        handler.wfile.write(data)
        handler.wfile.flush()
        if then is not None:
            then(handler)

    return write


def head(length, extra=""):
    return f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n{extra}\r\n".encode()


def reset(handler):
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.shutdown(socket.SHUT_RD)
    handler.connection.close()


def drip(handler):
    while True:  # until the client gives up
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def endless(handler):
    while True:
        handler.wfile.write(b" " * (1 << 20))


FAULTS = {
    "a page of HTML": (lambda a, h: (200, {}, b"<html>login</html>"), "no JSON"),
    "an error of the server": (
        lambda a, h: (500, {}, b"\x1b[31mTraceback\nmore"), "HTTP 500 Internal Server Error: \ufffd[31mTraceback",
    ),
    "not found": (lambda a, h: (404, {}, b""), "HTTP 404 Not Found"),
    "a redirect": (lambda a, h: (307, {"Location": "http://elsewhere.invalid/"}, b""), "a redirect to http://elsewhere.invalid/"),
    "half a body": (raw(head(100) + b'{"p": 0'), "in the middle of a reply"),
    "a reset in the middle": (raw(head(10**6) + b'{"p": 0', then=reset), "in the middle of a reply"),
    "a length too short": (raw(head(5) + SOUND), "no JSON"),
    "no HTTP at all": (raw(b"\x00\x01\x02\x03" * 50 + b"\r\n\r\n"), "no HTTP"),
    "a broken chunk": (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}"), "middle of a reply"),
    "a header without end": (raw(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n"), "no HTTP"),
    "a thousand headers": (raw(b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 1000 + b"\r\n"), "no HTTP"),
    "a packed bomb": (
        lambda a, h: (200, {"Content-Encoding": "gzip"}, gzip.compress(b" " * 10**7)), "packed its reply (gzip)",
    ),
    "a huge body": (raw(head(10**10), then=endless), "larger than 1 MiB"),
    "a body without end": (raw(b"HTTP/1.1 200 OK\r\n\r\n", then=endless), "larger than 1 MiB"),
    "a drip": (raw(head(1000), then=drip), "no whole reply within"),
    "a drip of headers": (raw(b"HTTP/1.1 200 OK\r\nX: ", then=drip), "no whole reply within"),
    "a hang": (hang, "no whole reply within"),
    "two results": (lambda a, h: (200, {}, SOUND + SOUND), "Extra data"),
    "one result twice": (lambda a, h: (200, {}, b'{"p": 0.5, "p": 0.6}'), "gives 'p' twice"),
    "no number": (lambda a, h: (200, {}, b'{"p": NaN}'), "NaN is no number"),
    "another scale": (lambda a, h: (200, {}, b'{"p": 87}'), "/p is 87, which is no fraction (0 to 1)"),
    "nothing": (lambda a, h: (204, {}, b""), "no JSON"),
    "closed at once": (lambda a, h: None, "the connection ended before a reply"),
    "reset at once": (lambda a, h: reset(h), "the connection ended before a reply"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_costs_its_case_alone(fault):
    behaviour, reason = FAULTS[fault]
    broken = [behaviour]

    def answer(asked, handler):
        return broken.pop()(asked, handler) if broken else (200, {}, SOUND)

    with served(answer) as server:
        runner = a_runner(url=server.url, max_answer_mb=1, **OPTIONS)
        with pytest.MonkeyPatch.context() as less:
            if reason in TOO_LATE:
                less.setattr(runner._client, "seconds_for_a_case", SHORT)
            first = runner.answer(CASE)
        broken.clear()  # where a machine stood still, it was not even asked
        second = runner.answer(CASE)
    assert first["status"] == "failed"
    assert any(why in first["reason"] for why in (TOO_LATE if reason in TOO_LATE else (reason,)))
    assert "\x1b" not in first["reason"]
    assert second == {"status": "answered", "findings": {"fracture": {"score": 0.5}}}
    assert runner.repeats == []


def test_a_status_that_the_vendor_declared_is_a_refusal_of_the_input():
    with served(lambda asked, handler: (422, {}, b"too dark")) as server:
        answer = a_runner(url=server.url, rejects=[415, 422], **OPTIONS).answer(CASE)
    assert answer == {"status": "rejected_input", "reason": "HTTP 422 Unprocessable Entity: too dark"}


# --------------------------------------------------------------------------------------------------- what is sent again


def first_then(*replies):
    left = list(replies)
    return lambda asked, handler: left.pop(0)(asked, handler) if left else (200, {}, SOUND)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_after_the_time_it_names(status):
    busy = first_then(lambda a, h: (status, {"Retry-After": "1"}, b""))
    with served(busy) as server:
        runner = a_runner(url=server.url, **{**OPTIONS, "retries": 2})
        start = time.monotonic()
        answer = runner.answer(CASE)
    assert answer["status"] == "answered"
    assert time.monotonic() - start >= 1
    assert len(runner.repeats) == 1
    assert runner.repeats[0].startswith(f"HTTP {status}")


def test_a_wait_longer_than_the_time_for_the_case_is_not_begun():
    with served(lambda a, h: (503, {"Retry-After": "3600"}, b"")) as server:
        runner = a_runner(url=server.url, **{**OPTIONS, "retries": 2})
        start = time.monotonic()
        answer = runner.answer(CASE)
    assert time.monotonic() - start < PATIENCE / 2
    assert answer == {
        "status": "failed",
        "reason": "HTTP 503 Service Unavailable; no time is left to ask again in 3600 s",
    }


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_no_message_is_sent_more_often_than_allowed(retries):
    with served(lambda a, h: (503, {"Retry-After": "0"}, b"full")) as server:
        runner = a_runner(url=server.url, **{**OPTIONS, "retries": retries})
        answer = runner.answer(CASE)
    assert len(server.asked) == 1 + retries == 1 + len(runner.repeats)
    assert answer["reason"] == "HTTP 503 Service Unavailable: full"


def test_a_connection_that_ends_before_a_reply_is_tried_again_and_counted_for_its_case_alone():
    with served(first_then(lambda a, h: reset(h))) as server:
        runner = a_runner(url=server.url, **{**OPTIONS, "retries": 1})
        assert runner.answer(CASE)["status"] == "answered"
        assert len(runner.repeats) == 1
        assert runner.answer(CASE)["status"] == "answered"
        assert runner.repeats == []


def test_a_server_that_is_not_there_is_tried_and_then_said_so():
    with served(first_then()) as server:
        runner = a_runner(url=server.url, **{**OPTIONS, "retries": 1})
    answer = runner.answer(CASE)
    assert answer["status"] == "failed"
    assert "no connection" in answer["reason"]
    assert "sent 2 times" in answer["reason"]
    assert "object at" not in answer["reason"]


@pytest.mark.parametrize(("fault", "seconds"), [("a hang", SHORT), ("half a body", PATIENCE)])
def test_what_may_have_been_worked_on_is_not_sent_again(fault, seconds):
    with served(first_then(FAULTS[fault][0])) as server:
        runner = a_runner(url=server.url, **{**OPTIONS, "retries": 5, "seconds_to_answer": seconds})
        assert runner.answer(CASE)["status"] == "failed"  # a second message would be answered
        assert len(server.asked) <= 1


def test_it_is_left_to_the_attempts_of_the_run_where_the_protocol_of_the_vendor_allows_it():
    with served(first_then(FAULTS["a hang"][0])) as server:
        runner = a_runner(url=server.url, **{**OPTIONS, "resend_after_timeout": True, "seconds_to_answer": SHORT})
        with pytest.raises(RuntimeError, match="|".join(TOO_LATE)):
            runner.answer(CASE)


def test_the_time_for_a_case_is_that_of_the_run(monkeypatch):
    monkeypatch.setenv("DMN_BENCH_SECONDS_PER_CASE", "50")
    with served(lambda a, h: (503, {"Retry-After": "49"}, b"")) as server:  # less than that, more than we may use of it
        runner = a_runner(url=server.url, **{**OPTIONS, "retries": 1, "seconds_to_answer": None})
        start = time.monotonic()
        assert runner.answer(CASE)["reason"].endswith("no time is left to ask again in 49 s")
    assert time.monotonic() - start < 40


# -------------------------------------------------------------------------------------------------- secrets and trust


def test_the_token_is_sent_as_declared_and_never_shown(monkeypatch):
    monkeypatch.setenv("VENDOR_TOKEN", TOKEN)
    replies = [
        lambda a, h: as_json({"p": 0.5}),
        lambda a, h: (401, {}, f"bad token {TOKEN}".encode()),
        lambda a, h: as_json({"p": TOKEN}),
        lambda a, h: (302, {"Location": f"https://elsewhere.invalid/?{TOKEN}"}, b""),
        lambda a, h: (503, {"Retry-After": TOKEN}, TOKEN.encode()),
    ]
    for header, expected in (("Authorization", f"Bearer {TOKEN}"), ("X-Api-Key", TOKEN)):
        with served(first_then(*replies)) as server:
            runner = a_runner(url=server.url, token_variable="VENDOR_TOKEN", token_header=header, **OPTIONS)
            answers = [runner.answer(CASE) for _ in replies]
        assert all(asked.headers[header.lower()] == expected for asked in server.asked)
        assert [answer["status"] for answer in answers] == ["answered"] + ["failed"] * 4
        assert TOKEN not in json.dumps(answers)
        assert "(token)" in json.dumps(answers)


@pytest.mark.parametrize("form", [str, urllib.parse.quote_plus, lambda token: token.replace("/", "\\/"), json.dumps])
@pytest.mark.parametrize("before", [0, 150, 190, 195])
def test_no_part_of_the_token_is_left_by_a_cut(monkeypatch, form, before):
    monkeypatch.setenv("VENDOR_TOKEN", TOKEN)
    with served(lambda a, h: (401, {}, b"x" * before + form(TOKEN).encode())) as server:
        answer = a_runner(url=server.url, token_variable="VENDOR_TOKEN", **OPTIONS).answer(CASE)
    assert "s3cre" not in answer["reason"]


CODINGS = {
    "base64 behind a name": lambda token: base64.b64encode(b"user:" + token).decode(),
    "base64 behind Bearer": lambda token: base64.b64encode(b"Bearer " + token).decode(),
    "base64 without padding": lambda token: base64.b64encode(token).decode().rstrip("="),
    "base64 for URLs": lambda token: base64.urlsafe_b64encode(token + b"?>").decode(),
    "hexadecimal": lambda token: token.hex(),
    "URL, twice": lambda token: urllib.parse.quote(urllib.parse.quote(token, safe=""), safe=""),
    "JSON escapes": lambda token: "".join(f"\\u{byte:04x}" for byte in token),
    "HTML": lambda token: token.decode().replace("=", "&#61;").replace("/", "&#x2F;"),
    "capitals": lambda token: token.decode().upper(),
}


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("status", [200, 500])
def test_the_token_is_hidden_in_whatever_coding_a_server_repeats_it(monkeypatch, coding, status):
    monkeypatch.setenv("VENDOR_TOKEN", TOKEN)
    coded = CODINGS[coding](TOKEN.encode())
    with served(lambda a, h: (status, {"X-Echo": coded}, b'{"p": "bad ' + coded.encode() + b'"}')) as server:
        answer = a_runner(url=server.url, token_variable="VENDOR_TOKEN", **OPTIONS).answer(CASE)
    assert answer["status"] == "failed"
    assert coded[-16:] not in str(answer)
    assert "(token)" in str(answer)


def test_what_only_resembles_the_token_stays_and_a_long_reply_is_read_at_once():
    said = {"reason": "no s3cret-T0ken, no token at all", "marks": [1.5, None]}
    assert without(TOKEN, said) == said
    start = time.process_time()
    for body in (b"\\" * 2_000_000, b"%25" * 700_000, b"&#0" * 700_000, b"A" * 2_000_000):
        assert reply_without(TOKEN, body) == body
    assert time.process_time() - start < 20


def test_a_token_that_is_missing_or_none_is_said_without_showing_it(monkeypatch):
    monkeypatch.delenv("VENDOR_TOKEN", raising=False)
    with pytest.raises(Exception, match="VENDOR_TOKEN is not set"):
        a_runner(url="http://127.0.0.1:1", token_variable="VENDOR_TOKEN", **OPTIONS)
    monkeypatch.setenv("VENDOR_TOKEN", "two words\r\nX: 1")
    with pytest.raises(Exception, match="holds characters that no token has") as caught:
        a_runner(url="http://127.0.0.1:1", token_variable="VENDOR_TOKEN", **OPTIONS)
    assert "two words" not in str(caught.value)


def test_nothing_of_the_environment_decides_where_it_goes(monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password mine")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with served(first_then()) as server:
        assert a_runner(url=server.url, **OPTIONS).answer(CASE)["status"] == "answered"
    assert "authorization" not in server.asked[0].headers


def test_cookies_are_not_kept():
    with served(lambda a, h: (200, {"Set-Cookie": "a=b"}, SOUND)) as server:
        runner = a_runner(url=server.url, **OPTIONS)
        runner.answer(CASE)
        runner.answer(CASE)
    assert "cookie" not in server.asked[1].headers


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def test_a_certificate_is_trusted_by_its_authority_and_name_alone(authority, tmp_path):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    with served(first_then(), context=server_context(authority)) as server:
        assert (
            a_runner(url=server.url, ca_file=str(tmp_path / "ca.pem"), **OPTIONS).answer(CASE)["status"] == "answered"
        )
        for ca_file in (str(tmp_path / "other.pem"), None):
            answer = a_runner(url=server.url, ca_file=ca_file, **OPTIONS).answer(CASE)
            assert answer["status"] == "failed"
            assert answer["reason"].startswith("no trusted connection")
        assert len(server.asked) == 1
    with served(first_then(), context=server_context(authority, names=("other.example",))) as server:
        answer = a_runner(url=server.url, ca_file=str(tmp_path / "ca.pem"), **OPTIONS).answer(CASE)
    assert answer["reason"].startswith("no trusted connection")
    assert not server.asked


def test_we_show_a_certificate_where_one_is_asked_for(authority, tmp_path):
    ours = trustme.CA()
    us = ours.issue_cert("dmn-bench.example")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    us.cert_chain_pems[0].write_to_path(tmp_path / "us.pem")
    us.private_key_pem.write_to_path(tmp_path / "us.key")
    options = {**OPTIONS, "ca_file": str(tmp_path / "ca.pem")}
    with served(first_then(), context=server_context(authority, client_authority=ours)) as server:
        shown = {"client_certificate": str(tmp_path / "us.pem"), "client_key": str(tmp_path / "us.key")}
        assert a_runner(url=server.url, **options, **shown).answer(CASE)["status"] == "answered"
        assert a_runner(url=server.url, **options).answer(CASE)["status"] == "failed"
    assert len(server.asked) == 1


@pytest.mark.parametrize("start", [head(1000), b"HTTP/1.1 200 OK\r\nX: ", b""])
def test_a_time_out_leaves_no_thread_behind(start):
    with served(raw(start, then=drip)) as server:
        runner = a_runner(url=server.url, **{**OPTIONS, "seconds_to_answer": SHORT})
        before = set(threading.enumerate())

        def left():
            return [t.name for t in set(threading.enumerate()) - before if "process_request" not in t.name]

        assert runner.answer(CASE)["status"] == "failed"
        until(lambda: not left())
        assert left() == []
