"""DICOMweb: against a real archive, and against servers that lie, redirect, drip and ask for what they must not get."""

import contextlib
import json
import ssl
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pydicom
import pytest
from pydicom.uid import RLELossless

from dmn_bench.errors import MachineError
from dmn_bench.inputs.dicom_intake import Limits
from dmn_bench.inputs.dicomweb import DicomWeb
from dmn_bench.wordings import LANGUAGES, say_problem
from tests.pacs_kit import CuttingLine, an_archive, free_port, keys_of

from .factories import an_image, saved

pytest.importorskip("dicomweb_client")
PIXELS = np.arange(48, dtype=np.uint8).reshape(6, 8)
TOKEN = "s3cret-token"


@contextlib.contextmanager
def refused(*keys):
    with pytest.raises(MachineError) as raised:
        yield
    assert keys_of(raised) == [f"network.{key}" for key in keys]
    for problem in raised.value.problems:
        for language in LANGUAGES:
            assert TOKEN not in say_problem(problem, language)
    assert TOKEN not in str(raised.value)


class Server:
    """Answers every request with ``reply``: (status, headers, body); notes what it was asked."""

    def __init__(self, reply, certificate=None, *, states_length=True):
        self.asked = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append((self.path, dict(self.headers)))
                status, headers, body = reply(self) if callable(reply) else reply
                self.send_response(status)
                length = {"Content-Length": str(len(body))} if states_length else {}
                for name, value in {**length, **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(body)

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.do_GET()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "http" if certificate is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_address[1]}/dicom-web"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


def as_json(body):
    return 200, {"Content-Type": "application/dicom+json"}, json.dumps(body).encode()


def test_a_study_is_stored_found_and_read_in_the_syntax_it_was_stored_in(tmp_path):
    rle = an_image(PIXELS, PatientID="1", StudyInstanceUID="1.2.3.4", SeriesInstanceUID="1.2.3.4.1")
    rle.compress(RLELossless)
    plain = an_image(PIXELS + 1, PatientID="1", PatientName="A^B", StudyInstanceUID="1.2.3.4")
    paths = [saved(rle, tmp_path / "rle.dcm"), saved(plain, tmp_path / "plain.dcm")]
    with an_archive(tmp_path) as archive:
        web = DicomWeb(url=archive.url)
        web.store(paths)
        assert archive.count() == 2
        (study,) = web.find_studies({"StudyInstanceUID": "1.2.3.4"})
        assert (study["PatientID"], study["NumberOfStudyRelatedInstances"]) == ("1", "2")
        assert web.find_studies({"PatientID": "nobody"}) == []
        assert len(web.find_series("1.2.3.4")) == len(web.find_instances("1.2.3.4")) == 2
        kept = {
            each.sop_instance_uid: pydicom.dcmread(each.path) for each in web.retrieve_study("1.2.3.4", tmp_path / "in")
        }
        for original in (rle, plain):
            copy = kept[original.SOPInstanceUID]
            assert copy.PixelData == original.PixelData
            assert copy.file_meta.TransferSyntaxUID == original.file_meta.TransferSyntaxUID
        one = web.retrieve_instance("1.2.3.4", "1.2.3.4.1", rle.SOPInstanceUID, tmp_path / "one")
        assert one.path == tmp_path / "one" / f"{rle.SOPInstanceUID}.dcm"
        assert len(web.retrieve_series("1.2.3.4", "1.2.3.4.1", tmp_path / "series")) == 1
        with refused("web_not_found"):
            web.retrieve_study("1.2.3.5", tmp_path / "none")
        with refused("too_many"):
            replace(web, limits=Limits(objects=1)).retrieve_study("1.2.3.4", tmp_path / "few")
        with refused("answer_too_long"):
            replace(web, limits=Limits(total_bytes=500)).retrieve_study("1.2.3.4", tmp_path / "short")
        large = saved(an_image(np.zeros((1500, 1500), dtype=np.uint8), PatientID="1"), tmp_path / "large.dcm")
        with CuttingLine(int(archive.rest.rpartition(":")[2]), after_bytes=500_000) as line, refused("web_failed"):
            DicomWeb(url=f"http://127.0.0.1:{line.port}/dicom-web").store([large])
        assert archive.count() == 2


@pytest.mark.parametrize("uid", ["", "../1", "1.2/../x", "1?x=1"])
def test_what_is_no_uid_is_never_asked_for(tmp_path, uid):
    with Server(as_json([])) as server, refused("not_a_uid"):
        DicomWeb(url=server.url).retrieve_study(uid, tmp_path)
    assert server.asked == []


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("ftp://archive/x", "bad_url"),
        ("archive/x", "bad_url"),
        ("https://archive/x?token=1", "bad_url"),
        ("https://archive:abc/x", "bad_url"),
        (f"https://user:{TOKEN}@archive/x", "password_in_url"),
        ("http://archive.example/x", "plain_http"),
        ("http://10.0.0.4/x", "plain_http"),
    ],
)
def test_an_address_is_refused_before_anything_is_sent(url, key):
    with refused(key):
        DicomWeb(url=url).find_studies({})


def test_plain_http_to_another_machine_must_be_allowed():
    assert DicomWeb(url="http://10.0.0.4/x", allow_plain_http=True).problems() == []
    assert DicomWeb(url="http://127.0.0.1:80/x").problems() == []
    assert DicomWeb(url="https://archive.example/x").host_and_port == "archive.example:443"


def test_the_token_goes_to_the_service_alone_and_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("PACS_TOKEN", TOKEN)
    with Server(as_json([])) as server:
        assert DicomWeb(url=server.url, token_variable="PACS_TOKEN").find_studies({"PatientID": "1"}) == []
        DicomWeb(url=server.url).find_studies({})
    (path, headers), (_, without) = server.asked
    assert path.startswith("/dicom-web/studies?")
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert "Authorization" not in without
    for wrong in ("", "two words", "line\nbreak"):
        monkeypatch.setenv("PACS_TOKEN", wrong)
        with refused("no_token"):
            DicomWeb(url=server.url, token_variable="PACS_TOKEN").check()


def test_no_redirection_is_followed(monkeypatch):
    monkeypatch.setenv("PACS_TOKEN", TOKEN)
    with Server(as_json([])) as elsewhere:
        with Server((302, {"Location": elsewhere.url}, b"")) as server, refused("redirected"):
            DicomWeb(url=server.url, token_variable="PACS_TOKEN").find_studies({})
        assert elsewhere.asked == []


@pytest.mark.parametrize(
    ("reply", "key"),
    [
        ((401, {}, b"no"), "web_unauthorised"),
        ((403, {}, b"no"), "web_unauthorised"),
        ((404, {}, b"no"), "web_not_found"),
        ((409, {}, b"no"), "web_conflict"),
        ((503, {}, b"busy"), "web_status"),
        ((200, {"Content-Type": "text/html"}, b"<html>login</html>"), "web_nonsense"),
        ((200, {"Content-Type": "application/json"}, b'[{"0020000D": 3}]'), "web_nonsense"),
        ((200, {"Content-Type": "application/json"}, b'["x"]'), "web_nonsense"),
        ((200, {"Content-Length": "100"}, b"[]"), "web_failed"),
    ],
)
def test_what_is_no_answer_is_told_in_words(reply, key):
    with Server(reply) as server, refused(key):
        DicomWeb(url=server.url).find_studies({})


def test_nobody_there_is_told():
    with refused("web_failed"):
        DicomWeb(url=f"http://127.0.0.1:{free_port()}/x").find_studies({})


@pytest.mark.parametrize(
    ("reply", "key"),
    [
        (
            (200, {"Content-Type": "multipart/related; type=application/dicom; boundary=b"}, b"\r\n--b--"),
            "nothing_there",
        ),
        (
            (200, {"Content-Type": "multipart/related; boundary=b"}, b"--b\r\nX: y\r\n\r\nno dicom\r\n--b--\r\n"),
            "web_nonsense",
        ),
        ((200, {"Content-Type": "text/html"}, b"<html>"), "web_nonsense"),
    ],
)
def test_a_study_that_is_none_is_refused(tmp_path, reply, key):
    with Server(reply) as server, refused(key):
        DicomWeb(url=server.url).retrieve_study("1.2", tmp_path)


def test_half_an_object_is_never_taken_for_a_whole_one(tmp_path):
    """A message whose length nobody stated, cut in its pixels: it would be read without complaint."""
    whole = saved(an_image(np.zeros((64, 64), dtype=np.uint8), PatientID="1"), tmp_path / "a.dcm").read_bytes()
    kind = 'multipart/related; type="application/dicom"; boundary="b"'
    body = b"\r\n--b\r\nContent-Type: application/dicom\r\n\r\n" + whole[:-2000]

    def cut(handler):
        handler.close_connection = True
        return 200, {"Content-Type": kind}, body

    with Server(cut, states_length=False) as server, refused("web_failed"):
        DicomWeb(url=server.url).retrieve_study("1.2", tmp_path / "in")
    with Server((200, {"Content-Type": kind}, body[: -len(whole) + 2000] + whole + b"\r\n--b--\r\n")) as server:
        assert len(DicomWeb(url=server.url).retrieve_study("1.2", tmp_path / "in")) == 1


def test_an_object_that_was_not_taken_is_named(tmp_path):
    failed = {
        "00081198": {
            "vr": "SQ",
            "Value": [{"00081155": {"vr": "UI", "Value": ["1.2.3"]}, "00081197": {"vr": "US", "Value": [42752]}}],
        }
    }
    reply = (202, {"Content-Type": "application/dicom+json"}, json.dumps(failed).encode())
    with Server(reply) as server, pytest.raises(MachineError) as raised:
        DicomWeb(url=server.url).store([saved(an_image(PIXELS), tmp_path / "a.dcm")])
    (problem,) = raised.value.problems
    assert (problem.key, dict(problem.facts)) == ("network.not_stored", {"uid": "1.2.3", "status": "0xA700"})


def test_pages_are_read_to_the_end_and_no_page_twice(monkeypatch):
    monkeypatch.setattr("dmn_bench.inputs.dicomweb.MOST_PER_PAGE", 2)
    studies = [{"0020000D": {"vr": "UI", "Value": [f"1.{n}"]}} for n in range(5)]

    def paged(handler):
        offset = int(dict(pair.split("=") for pair in handler.path.partition("?")[2].split("&")).get("offset", 0))
        return as_json(studies[offset : offset + 2])

    with Server(paged) as server:
        found = DicomWeb(url=server.url).find_studies({})
    assert [each["StudyInstanceUID"] for each in found] == [f"1.{n}" for n in range(5)]
    with Server(as_json(studies[:2])) as server:  # an archive that knows no pages
        assert len(DicomWeb(url=server.url).find_studies({})) == 2


def test_values_become_text():
    found = [
        {
            "00100010": {"vr": "PN", "Value": [{"Alphabetic": "A^B"}]},
            "00080061": {"vr": "CS", "Value": ["CR", "SR"]},
            "00080050": {"vr": "SH"},
            "nonsense": {"vr": "SH", "Value": ["x"]},
            "00080096": {"vr": "SQ", "Value": [{}]},
        }
    ]
    with Server(as_json(found)) as server:
        assert DicomWeb(url=server.url).find_studies({}) == [{"PatientName": "A^B", "ModalitiesInStudy": "CR\\SR"}]


def test_certificates_are_checked(tmp_path):
    trustme = pytest.importorskip("trustme")
    authority, stranger = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with Server(as_json([]), authority.issue_cert("127.0.0.1")) as server:
        assert DicomWeb(url=server.url, ca_file=str(tmp_path / "ca.pem")).find_studies({}) == []
        with refused("certificate"):
            DicomWeb(url=server.url).find_studies({})
    with Server(as_json([]), stranger.issue_cert("127.0.0.1")) as server, refused("certificate"):
        DicomWeb(url=server.url, ca_file=str(tmp_path / "ca.pem")).find_studies({})


def test_without_the_extra_its_name_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "dicomweb_client", None)
    with refused("missing_extra"):
        DicomWeb(url="https://archive.example/x").check()
