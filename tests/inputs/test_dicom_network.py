"""DICOM peers, both ways: what is sent arrives as it was, what comes is kept safely, every mishap has its words."""

import contextlib
import io
import socket
import sys
import threading
import time

import numpy as np
import pydicom
import pytest
from pydicom.uid import ImplicitVRLittleEndian, RLELossless

from dmn_bench.errors import MachineError
from dmn_bench.inputs import dicom_dimse
from dmn_bench.inputs.dicom_intake import Intake, Limits, RefusedError, is_uid
from dmn_bench.inputs.dicom_network import Node, StorageServer, Tls, _as_text
from dmn_bench.wordings import LANGUAGES, say_problem
from tests.pacs_kit import CuttingLine, an_archive, free_port, keys_of
from tests.patience import PATIENCE, until
from tests.vendor_node import VendorNode

from .factories import an_image, saved

pytest.importorskip("pynetdicom")
DX = "1.2.840.10008.5.1.4.1.1.1.1"
PIXELS = np.arange(48, dtype=np.uint8).reshape(6, 8)


def a_file(folder, name="a", **attributes):
    return saved(an_image(PIXELS, PatientID="1", **attributes), folder / f"{name}.dcm")


def encoded(dataset):
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


@contextlib.contextmanager
def refused(*keys):
    with pytest.raises(MachineError) as raised:
        yield
    assert keys_of(raised) == [f"network.{key}" for key in keys]
    for problem in raised.value.problems:
        for language in LANGUAGES:
            assert say_problem(problem, language)


def to(server, **options):
    peer = {"host": "127.0.0.1", "port": server.port, "ae_title": "DMNBENCH", "our_ae_title": "SENDER"}
    patient = {"seconds_to_connect": PATIENCE, "seconds_to_answer": PATIENCE}
    return Node(**{**peer, **patient, **options})


@pytest.fixture
def ours(tmp_path):
    with StorageServer(ae_title="DMNBENCH", port=0, folder=tmp_path / "in", seconds=PATIENCE) as server:
        yield server


# --------------------------------------------------------------------------------------------- a real archive


def test_a_study_goes_to_an_archive_is_found_there_and_comes_back_as_it_was(tmp_path):
    rle = an_image(PIXELS, PatientID="1", StudyInstanceUID="1.2.3.4", SeriesInstanceUID="1.2.3.4.1")
    rle.compress(RLELossless)
    other = an_image(PIXELS + 1, PatientID="1", StudyInstanceUID="1.2.3.4", SeriesInstanceUID="1.2.3.4.2")
    other.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    paths = [saved(rle, tmp_path / "rle.dcm"), saved(other, tmp_path / "other.dcm")]
    with an_archive(tmp_path) as archive:
        node = Node(host="127.0.0.1", port=archive.port, ae_title="ORTHANC", our_ae_title="OURS")
        node.echo()
        told = []
        sent = node.store(paths, told.append)
        assert (sent.paths, sent.remarks, told) == (tuple(paths), (), paths)
        assert archive.count() == 2
        (study,) = node.find({"StudyInstanceUID": "1.2.3.4", "PatientID": "", "NumberOfStudyRelatedInstances": ""})
        assert (study["PatientID"], study["NumberOfStudyRelatedInstances"]) == ("1", "2")
        series = node.find({"StudyInstanceUID": "1.2.3.4", "SeriesInstanceUID": "", "Modality": ""}, "SERIES")
        assert {each["SeriesInstanceUID"] for each in series} == {"1.2.3.4.1", "1.2.3.4.2"}
        assert node.find({"StudyInstanceUID": "9.9"}) == []
        with StorageServer(
            ae_title="OURS", port=0, folder=tmp_path / "in", accept_from=("127.0.0.1", "ORTHANC")
        ) as ours:
            archive.knows("OURS", ours.port)
            assert node.move("1.2.3.4", "OURS").completed == 2
            assert ours.wait(1, PATIENCE)
            moved = {each.sop_instance_uid: pydicom.dcmread(each.path) for each in ours.received}
            assert ours.problems == ()
        for original in (rle, other):
            copy = moved[original.SOPInstanceUID]
            assert copy.PixelData == original.PixelData
            assert copy.file_meta.TransferSyntaxUID == original.file_meta.TransferSyntaxUID
        (kept,) = node.get("1.2.3.4", tmp_path / "got", classes=[(DX, RLELossless)], series_uid="1.2.3.4.1")
        assert pydicom.dcmread(kept.path).PixelData == rle.PixelData
        with pytest.raises(MachineError):
            node.move("1.2.3.4", "NOBODY")
        with refused("not_a_uid"):
            node.move("../1", "OURS")


# ------------------------------------------------------------------------------------------------ what we send


def test_a_file_goes_byte_for_byte_in_its_own_transfer_syntax(tmp_path, ours):
    path = a_file(tmp_path)
    to(ours).store([path])
    (received,) = ours.received
    meta, data = (pydicom.filereader.read_file_meta_info(path), path.read_bytes())
    start = 128 + 4 + 12 + int(meta.FileMetaInformationGroupLength)
    assert received.path.read_bytes().endswith(data[start:])
    assert received.path == ours.folder / f"{pydicom.dcmread(path).SOPInstanceUID}.dcm"
    assert received.peer == "SENDER@127.0.0.1"


def test_more_classes_and_syntaxes_than_one_association_holds_go_in_several(tmp_path, ours, monkeypatch):
    monkeypatch.setattr("dmn_bench.inputs.dicom_network.MOST_CONTEXTS", 1)
    other = an_image(PIXELS, PatientID="1")
    other.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    assert len(to(ours).store([a_file(tmp_path), saved(other, tmp_path / "b.dcm")]).paths) == 2
    assert len(ours.received) == 2


def test_nobody_there_a_wrong_title_and_a_silent_peer_are_told_apart(tmp_path):
    with refused("cannot_connect"):
        Node(host="127.0.0.1", port=free_port(), ae_title="X").echo()
    with VendorNode() as vendor, refused("rejected_its_title"):
        Node(host="127.0.0.1", port=vendor.port, ae_title="X").echo()
    with StorageServer(ae_title="X", port=0, folder=tmp_path, accept_from=("OTHER",)) as server:
        with refused("rejected_our_title"):
            Node(host="127.0.0.1", port=server.port, ae_title="X").echo()
        until(lambda: server.problems)  # told in the server's thread, after the answer
        assert [problem.key for problem in server.problems] == ["network.we_rejected"]
    with socket.create_server(("127.0.0.1", 0)) as silent, refused("no_association"):
        Node(host="127.0.0.1", port=silent.getsockname()[1], ae_title="X", seconds_to_connect=0.4).echo()


def test_a_refused_file_keeps_no_other_from_being_sent(tmp_path):
    paths = [a_file(tmp_path, name) for name in "abc"]
    statuses = {1: 0xA700, 2: 0xB000, 3: 0x0000}
    with VendorNode(status=statuses.get, answer=lambda *_: None) as vendor:
        node = Node(host="127.0.0.1", port=vendor.port, ae_title="VENDORAI")
        told = []
        with refused("status_out_of_resources"):
            node.store(paths, told.append)
        assert told == paths[1:]


@pytest.mark.parametrize(
    ("status", "key"),
    [
        (0xA900, "status_not_of_its_class"),
        (0xC123, "status_cannot_process"),
        (0x0122, "status_class_not_supported"),
        (0x0124, "status_not_authorised"),
        (0x0111, "status_duplicate"),
        (0x0110, "status_failure"),
    ],
)
def test_every_status_has_its_words(status, key):
    answer = pydicom.Dataset()
    answer.Status, answer.ErrorComment = status, "x\x1b[31m"
    problem = dicom_dimse.status_problem(answer, "A@b")
    assert problem.key == f"network.{key}"
    for language in LANGUAGES:
        assert f"0x{status:04X}" in say_problem(problem, language)
        assert "\x1b" not in say_problem(problem, language)


def test_a_line_that_is_cut_or_a_peer_that_hangs_ends_the_sending(tmp_path):
    large = saved(an_image(np.zeros((900, 900), dtype=np.uint8), PatientID="1"), tmp_path / "large.dcm")
    with VendorNode(answer=lambda *_: None) as vendor, CuttingLine(vendor.port, after_bytes=200_000) as line:
        told, start = [], time.monotonic()
        node = Node(host="127.0.0.1", port=line.port, ae_title="VENDORAI", seconds_to_answer=600)
        with refused("no_answer"):
            node.store([large, a_file(tmp_path)], told.append)
        assert told == []
        assert time.monotonic() - start < PATIENCE
    with VendorNode(hangs=True, answer=lambda *_: None) as vendor:
        start = time.monotonic()
        with refused("no_answer"):
            Node(host="127.0.0.1", port=vendor.port, ae_title="VENDORAI", seconds_to_answer=0.4).store(
                [a_file(tmp_path)]
            )
        assert time.monotonic() - start < PATIENCE / 2  # the device hangs for longer


def test_a_peer_that_takes_nothing_any_more_does_not_hold_us(tmp_path):
    """The library waits for ever where a peer neither reads nor closes."""
    path = saved(an_image(np.zeros((3000, 3000), dtype=np.uint8), PatientID="1"), tmp_path / "large.dcm")
    with (
        VendorNode(answer=lambda *_: None) as vendor,
        CuttingLine(vendor.port, after_bytes=100_000, stalls=True) as line,
    ):
        start = time.monotonic()
        node = Node(host="127.0.0.1", port=line.port, ae_title="VENDORAI", seconds_to_answer=0.5)
        with refused("no_answer"):
            node.store([path])
        assert time.monotonic() - start < PATIENCE


# ------------------------------------------------------------------------------------------------ what comes to us


def test_the_same_object_twice_is_one_and_another_under_its_uid_is_noted(tmp_path, ours):
    first = a_file(tmp_path, SOPInstanceUID="1.2.3")
    to(ours).store([first, first])
    assert (len(ours.received), ours.problems) == (1, ())
    to(ours).store([saved(other_under("1.2.3"), tmp_path / "b.dcm")])
    assert len(ours.received) == 1
    assert [problem.key for problem in ours.problems] == ["network.sent_twice_differently"]
    assert pydicom.dcmread(ours.received[0].path).PixelData == PIXELS.tobytes()


def other_under(uid):
    dataset = an_image(PIXELS + 9, PatientID="1", SOPInstanceUID=uid)
    dataset.file_meta.MediaStorageSOPInstanceUID = uid
    return dataset


@pytest.mark.parametrize("uid", ["../../etc/x", "1.2/3", "", "1..2", ".", "\xe9"])
def test_what_is_no_uid_never_becomes_a_file(tmp_path, uid):
    stand_in = "1.2.333333333"
    data = encoded(an_image(PIXELS, SOPInstanceUID=stand_in)).replace(
        stand_in.encode(), uid.encode("latin-1").ljust(len(stand_in), b"\0")
    )
    intake = Intake(tmp_path / "in")
    with pytest.raises(RefusedError):
        intake.keep(data)
    assert [problem.key for problem in intake.problems] == ["network.not_a_uid"]
    assert list(tmp_path.iterdir()) == []


def test_a_uid_is_numbers_and_dots_of_64_characters_at_most():
    assert all(is_uid(text) for text in ("1.2.840.10008", "1" * 64))
    assert not any(is_uid(text) for text in ("", "1.", ".1", "1..2", "1.2\n", "1.a", "1" * 65, "\u0661.2"))


def test_an_object_announced_under_another_uid_is_refused(tmp_path):
    intake = Intake(tmp_path / "in")
    with pytest.raises(RefusedError) as raised:
        intake.keep(encoded(an_image(PIXELS)), announced_uid="1.2.3")
    assert raised.value.status == 0xA900
    with pytest.raises(RefusedError) as raised:
        intake.keep(b"no dicom")
    assert raised.value.status == 0xC000
    assert [problem.key for problem in intake.problems] == ["network.uid_differs", "network.not_dicom"]


def test_only_so_many_and_so_large_objects_are_taken(tmp_path):
    limits = Limits(objects=2, object_bytes=1 << 16)
    with StorageServer(ae_title="DMNBENCH", port=0, folder=tmp_path / "in", limits=limits, seconds=PATIENCE) as server:
        with refused("status_out_of_resources"):
            to(server).store([a_file(tmp_path, name) for name in "abc"])
        assert len(server.received) == 2
        assert [problem.key for problem in server.problems] == ["network.too_many"]
        server.intake.begin()
        assert not any(each.path.exists() for each in server.received)
        large = saved(an_image(np.zeros((1500, 1500), dtype=np.uint8), PatientID="1"), tmp_path / "large.dcm")
        with pytest.raises(MachineError):
            to(server).store([large])
        assert {problem.key for problem in server.problems} >= {"network.too_large"}
        to(server).store([a_file(tmp_path, "d")])
        assert len(server.received) == 3


def test_a_full_disk_is_told_to_the_sender_and_to_us(tmp_path):
    (tmp_path / "in").write_text("a file where a folder should be")
    with StorageServer(ae_title="DMNBENCH", port=0, folder=tmp_path / "in", seconds=PATIENCE) as server:
        with refused("status_out_of_resources"):
            to(server).store([a_file(tmp_path)])
        assert [problem.key for problem in server.problems] == ["files.cannot_write"]


def test_strangers_are_turned_away(tmp_path):
    with StorageServer(ae_title="DMNBENCH", port=0, folder=tmp_path, accept_from=("10.9.8.7",)) as server:
        with pytest.raises(MachineError):
            to(server).echo()
        assert [problem.key for problem in server.problems] == ["network.stranger"]


def test_garbage_half_a_message_and_a_huge_length_harm_nobody_else(tmp_path, ours):
    with contextlib.ExitStack() as lines:
        for data in (
            b"\x00" * 100,
            b"GET / HTTP/1.1\r\n\r\n",
            b"\x01\x00\x00\x00\x00\x50abc",
            b"\x04\x00\xff\xff\xff\xffabc",
        ):
            lines.enter_context(socket.create_connection(("127.0.0.1", ours.port))).sendall(data)
        to(ours).store([a_file(tmp_path)])
        assert len(ours.received) == 1


def test_more_connections_than_are_served_are_closed_and_later_ones_served(tmp_path, ours):
    with contextlib.ExitStack() as lines:

        def crowd():
            for _ in range(40):
                lines.enter_context(socket.create_connection(("127.0.0.1", ours.port)))
            return until(lambda: len(ours._server.active_associations) >= 8, seconds=1.0)

        # one that is just becoming an association is counted twice for a moment: at worst half are taken, never more
        assert until(crowd)
        assert not until(lambda: len(ours._server.active_associations) > 16, seconds=0.5)
    start = time.monotonic()
    assert until(lambda: not ours._server.active_associations)
    assert time.monotonic() - start < PATIENCE / 2  # and not when the time for a request is over
    to(ours).store([a_file(tmp_path)])
    assert len(ours.received) == 1


@pytest.mark.parametrize("said", [b"", b"\x01\x00\x00\x00"])
def test_a_server_ends_whoever_is_connected_and_has_asked_for_nothing(tmp_path, said):
    before = set(threading.enumerate())
    with StorageServer(ae_title="DMNBENCH", port=0, folder=tmp_path, seconds=PATIENCE) as server:
        line = socket.create_connection(("127.0.0.1", server.port))
        line.sendall(said)
        until(lambda: server._server.active_associations)
    with line:
        line.settimeout(PATIENCE)
        assert line.recv(1) == b""
    assert until(lambda: not set(threading.enumerate()) - before, seconds=PATIENCE / 2)


def test_the_port_is_free_again_at_once_and_taken_only_once(tmp_path):
    with StorageServer(ae_title="A", port=free_port(), folder=tmp_path) as first:
        to(first, ae_title="A").echo()
        second = StorageServer(ae_title="A", port=first.port, folder=tmp_path)
        with refused("cannot_listen"):
            second.__enter__()
    with StorageServer(ae_title="A", port=first.port, folder=tmp_path) as again:
        assert again.port == first.port


def test_waiting_ends_with_the_object_or_with_the_time(tmp_path, ours):
    assert not ours.wait(0, 0.05)
    sending = threading.Timer(0.05, lambda: to(ours).store([a_file(tmp_path)]))
    sending.start()
    assert ours.wait(0, PATIENCE)
    sending.join()


# -------------------------------------------------------------------------------------------------------- TLS


@pytest.fixture
def certificates(tmp_path):
    trustme = pytest.importorskip("trustme")
    authority, stranger = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    issued = {}
    for name, issuer in (("ours", authority), ("strange", stranger)):
        certificate = issuer.issue_cert("127.0.0.1")
        certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / f"{name}.pem")
        issued[name] = tmp_path / f"{name}.pem"
    return tmp_path / "ca.pem", issued


def silence(port):
    """A connection to a server that never says a word, and so must keep nobody else waiting."""
    return socket.create_connection(("127.0.0.1", port))


def test_with_tls_both_sides_show_a_certificate_or_nothing_is_taken(tmp_path, certificates):
    ca_file, issued = certificates
    tls = Tls(ca_file=ca_file, certificate=issued["ours"])
    with StorageServer(ae_title="DMNBENCH", port=0, folder=tmp_path / "in", tls=tls) as server, silence(server.port):
        to(server, tls=tls).store([a_file(tmp_path)])
        assert len(server.received) == 1
        for other in (None, Tls(ca_file=ca_file), Tls(ca_file=ca_file, certificate=issued["strange"])):
            with pytest.raises(MachineError):
                to(server, tls=other).store([a_file(tmp_path, "b")])
        assert len(server.received) == 1
    with (
        StorageServer(
            ae_title="DMNBENCH",
            port=0,
            folder=tmp_path / "in2",
            tls=Tls(ca_file=ca_file, certificate=issued["strange"]),
        ) as strange,
        refused("cannot_connect"),
    ):
        to(strange, tls=tls).echo()


# ------------------------------------------------------------------------------------------------------- extras


def test_without_the_extra_its_name_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynetdicom", None)
    dicom_dimse.pynetdicom.cache_clear()
    with refused("missing_extra"):
        Node(host="127.0.0.1", port=1, ae_title="X").echo()
    dicom_dimse.pynetdicom.cache_clear()


def test_answers_to_a_query_are_text_whatever_they_hold():
    answer = pydicom.Dataset()
    answer.PatientName, answer.PatientComments, answer.StudyDescription = "A^B", "", "z" * 60
    answer.ModalitiesInStudy = ["CR", "SR"]
    answer.add_new(0x00091001, "LO", "private")
    expected = {"PatientName": "A^B", "StudyDescription": "z" * 60, "ModalitiesInStudy": "CR\\SR"}
    assert _as_text(answer, "A@b") == expected
